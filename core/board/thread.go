package board

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/markdown"
)

// ThreadList is a page of a network's forum.
type ThreadList struct {
	Network Network  `json:"network"`
	Items   []Thread `json:"items"`
	Next    string   `json:"next,omitempty"`
	// Level is what the reader wants to hear of this network.
	Level Level `json:"level"`
}

// Threads lists a network's threads: pinned ones first, then by the last post,
// the newest first; unread only those with something new for the reader. Needs
// board:view. cursor is the Next of the page before.
func (s *Service) Threads(ctx context.Context, a *access.Actor, network uuid.UUID, unread bool, cursor string) (ThreadList, error) {
	after, err := readThreadKey(cursor)
	if err != nil {
		return ThreadList{}, err
	}
	var h place
	var rows []threadRow
	var level Level
	err = db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) (err error) { h, err = s.enter(ctx, a, network, PermView); return err },
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = listThreads(ctx, q, a.Person, network, unread, after, listPage+1)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			level, err = levelOf(ctx, q, a.Person, network)
			return err
		})
	if err != nil {
		return ThreadList{}, err
	}
	out := ThreadList{Network: s.network(a, &h), Level: level}
	if len(rows) > listPage {
		rows = rows[:listPage]
		last := &rows[listPage-1]
		out.Next = threadKey{last.Pinned, last.LastAt, last.ID}.String()
	}
	out.Items = s.threads(a, rows)
	return out, nil
}

// threads are rows as the reader may see them.
func (s *Service) threads(a *access.Actor, rows []threadRow) []Thread {
	out := make([]Thread, len(rows))
	for i := range rows {
		out[i] = s.thread(a, &rows[i])
	}
	return out
}

// leadWords is how many characters of an entry a list shows; the statement
// reads a few more, so that the cut shows.
const leadWords = 280

func (s *Service) thread(a *access.Actor, r *threadRow) Thread {
	t := Thread{
		ID: r.ID, Network: r.Network, Kind: r.Kind, Title: r.Title, State: r.State, Topic: r.Topic.UUID, TopicTitle: r.TopicTitle,
		Author: r.AuthorName, AuthorRole: r.AuthorRole, Mine: a.SignedIn() && r.Author == a.Person, CreatedAt: r.CreatedAt,
		Posts: r.LastSeq, LastAt: r.LastAt, LastAuthor: r.LastAuthor, Pinned: r.Pinned, Closed: r.Closed, Shared: r.SharedAt != nil,
		Lead: markdown.Short(r.Lead, leadWords), Version: r.Version,
	}
	if s.auth.Can(a, PermView, r.at()) {
		t.Unread = max(r.LastSeq-r.Read, 0)
		t.Follow = r.Level == All && r.Follow == nil || r.Follow != nil && *r.Follow
	}
	if r.State == Hidden && !t.Mine && !s.auth.Can(a, PermModerate, r.at()) {
		t.Title, t.Lead = "", ""
	}
	return t
}

// ThreadPage is a page of posts of a thread or of an entry with its comments.
type ThreadPage struct {
	Network Network `json:"network"`
	Thread  Thread  `json:"thread"`
	Posts   []Post  `json:"posts"`
	// Page of Pages, from 1.
	Page  int `json:"page"`
	Pages int `json:"pages"`
}

// Read reads a page of a thread (1 is the oldest), or an entry with a page of
// its comments. It changes nothing; see [Service.MarkRead]. Needs board:view; an
// entry that is shared is read without it, alone. NotFound for a page that is
// not there.
func (s *Service) Read(ctx context.Context, a *access.Actor, thread uuid.UUID, page int) (*ThreadPage, error) {
	if err := signed(a); err != nil {
		return nil, err
	}
	if page < 1 || page > 1_000_000 {
		return nil, fault.ErrNotFound
	}
	rows, err := readThread(ctx, s.db, a.Person, thread, (page-1)*PageSize, PageSize)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.ErrNotFound
	}
	h := &rows[0].head
	if !s.auth.Can(a, PermView, h.at()) {
		if !h.sharedTo(a, 1) || page > 1 {
			return nil, fault.ErrNotFound
		}
		rows = rows[:1]
	}
	out := &ThreadPage{Network: s.network(a, &h.place), Thread: s.thread(a, &rows[0].threadRow), Page: page, Pages: PageOf(h.LastSeq)}
	now := s.clock.Now()
	for i := range rows {
		p, err := s.post(a, &rows[i], now)
		if err != nil {
			return nil, err
		}
		out.Posts = append(out.Posts, p)
	}
	return out, nil
}

// MarkRead notes that the reader has seen a thread up to a post. It is called
// when a page was shown; a mark never moves back. Needs board:view, which the
// reading before has checked.
func (s *Service) MarkRead(ctx context.Context, a *access.Actor, p *ThreadPage) error {
	if !a.SignedIn() || !p.Network.May.View || len(p.Posts) == 0 {
		return nil
	}
	seq := p.Posts[len(p.Posts)-1].Seq
	if p.Thread.Posts-p.Thread.Unread >= seq {
		return nil
	}
	return markRead(ctx, s.db, a.Person, p.Thread.ID, seq)
}

// MarkAllRead notes that the reader has seen everything of a network's forum
// and blogs. Needs board:view.
func (s *Service) MarkAllRead(ctx context.Context, a *access.Actor, network uuid.UUID) error {
	if _, err := s.enter(ctx, a, network, PermView); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "board:read", network, func(ctx context.Context, tx *db.Tx) (none, error) {
		return none{}, markAllRead(ctx, tx, a.Person, network)
	})
	return err
}

// FirstUnread is the number of the first post that the reader has not seen, or
// of the last one when they saw all. Needs board:view.
func (s *Service) FirstUnread(ctx context.Context, a *access.Actor, thread uuid.UUID) (seq int, err error) {
	h, err := s.thread1(ctx, a, thread, PermView)
	if err != nil {
		return 0, err
	}
	read, err := readMark(ctx, s.db, a.Person, thread)
	return min(read+1, h.LastSeq), err
}

// thread1 reads a thread for an act that needs p in its network.
func (s *Service) thread1(ctx context.Context, a *access.Actor, thread uuid.UUID, p access.Permission) (head, error) {
	if err := signed(a); err != nil {
		return head{}, err
	}
	h, err := readHead(ctx, s.db, thread)
	if err != nil {
		return h, err
	}
	if h.State == Deleted {
		return h, fault.ErrNotFound
	}
	return h, s.auth.Require(a, p, h.at())
}

// Start opens a thread in the forum (kind Forum) or puts an entry into a blog
// (kind Blog), tells the members who want to hear of new ones, and returns its
// id. Needs board:post. Invalid for texts out of bounds and files without what
// they need; Conflict in a network that is over, and for a form that published
// other words before ([idem.OncePerForm]).
func (s *Service) Start(ctx context.Context, a *access.Actor, network uuid.UUID, k Kind, in Entry) (uuid.UUID, error) {
	h, err := s.enter(ctx, a, network, PermPost)
	if err != nil {
		return uuid.Nil, err
	}
	if err := h.going(); err != nil {
		return uuid.Nil, err
	}
	in.Title, in.Body, in.NewTopic = line(in.Title), strings.TrimSpace(in.Body), line(in.NewTopic)
	if err := s.checkEntry(ctx, a, network, k, &in); err != nil {
		return uuid.Nil, err
	}
	w := render(in.Body)
	return act(idem.OncePerForm(ctx), s, a, "board:start", []any{network, k, in.Title, in.Body, in.Topic, in.NewTopic, prints(in.Files)}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		return s.start(ctx, tx, a, &h, k, &in, w)
	})
}

func (s *Service) start(ctx context.Context, tx *db.Tx, a *access.Actor, at *place, k Kind, in *Entry, w words) (uuid.UUID, error) {
	id, post, err := twoIDs()
	if err != nil {
		return uuid.Nil, err
	}
	now := s.clock.Now()
	t := head{place: *at, ID: id, Kind: k, Title: in.Title, Author: a.Person, CreatedAt: now, State: Shown}
	if k == Blog {
		if t.Topic, err = s.topic(ctx, tx, a, at.Network, in, now); err != nil {
			return uuid.Nil, err
		}
	}
	if err := insertThread(ctx, tx, &t); err != nil {
		return uuid.Nil, err
	}
	if err := insertPost(ctx, tx, &t, post, 1, a.Person, s.roleOf(a, at), w, markdown.Revision, now); err != nil {
		return uuid.Nil, err
	}
	if err := s.attach(ctx, tx, a, &t, post, in.Files); err != nil {
		return uuid.Nil, err
	}
	if err := s.link(ctx, tx, a, &t, w); err != nil {
		return uuid.Nil, err
	}
	if err := markWritten(ctx, tx, a.Person, id, 1); err != nil {
		return uuid.Nil, err
	}
	if err := s.note(ctx, tx, a, at.Network, "board:start", "board_thread", id); err != nil {
		return uuid.Nil, err
	}
	to, err := toTellOfThread(ctx, tx, id, at.Network, a.Person)
	if err != nil {
		return uuid.Nil, err
	}
	return id, s.tell(ctx, tx, &t, "board.notice.new_"+string(k), ThreadPath(at.Network, k, id), false, "board.thread:"+id.String(), nil, to...)
}

func twoIDs() (a, b uuid.UUID, err error) {
	if a, err = uuid.NewV7(); err != nil {
		return a, b, err
	}
	b, err = uuid.NewV7()
	return a, b, err
}

// checkEntry says what is wrong with a new thread or entry.
func (s *Service) checkEntry(ctx context.Context, a *access.Actor, network uuid.UUID, k Kind, in *Entry) error {
	var f fault.Fields
	checkTitle(&f, in.Title)
	checkWords(&f, "body", "board.body_missing", in.Body, MaxBody)
	if k == Blog {
		if err := s.checkTopic(ctx, &f, network, in); err != nil {
			return err
		}
	}
	if err := s.checkFiles(ctx, a, &f, k, in.Files); err != nil {
		return err
	}
	return f.Err()
}

// SetFlags keeps a thread at the head of the list (pinned), ends its taking
// replies (closed), or undoes either: both are set as given. Needs board:moderate.
func (s *Service) SetFlags(ctx context.Context, a *access.Actor, thread uuid.UUID, pinned, closed bool) error {
	h, err := s.thread1(ctx, a, thread, PermModerate)
	if err != nil {
		return err
	}
	if err := h.going(); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "board:flags", []any{thread, pinned, closed}, func(ctx context.Context, tx *db.Tx) (none, error) {
		if err := setThreadFlags(ctx, tx, thread, pinned, closed); err != nil {
			return none{}, err
		}
		return none{}, s.note(ctx, tx, a, h.Network, "board:flags", "board_thread", thread, "pinned", "closed")
	})
	return err
}

// Follow says whether the actor wants to hear of new posts in a thread. Needs
// board:view.
func (s *Service) Follow(ctx context.Context, a *access.Actor, thread uuid.UUID, follow bool) error {
	if _, err := s.thread1(ctx, a, thread, PermView); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "board:follow", []any{thread, follow}, func(ctx context.Context, tx *db.Tx) (none, error) {
		return none{}, setFollow(ctx, tx, a.Person, thread, follow)
	})
	return err
}

// SetLevel says what the actor wants to hear of a network's forum and blogs.
// Needs board:view.
func (s *Service) SetLevel(ctx context.Context, a *access.Actor, network uuid.UUID, l Level) error {
	if _, err := s.enter(ctx, a, network, PermView); err != nil {
		return err
	}
	if l != All && l != Threads && l != None {
		return fault.InvalidFields(fault.Field{Path: "level", Key: "board.level_missing"})
	}
	_, err := act(ctx, s, a, "board:level", []any{network, l}, func(ctx context.Context, tx *db.Tx) (none, error) {
		return none{}, setLevel(ctx, tx, a.Person, network, l)
	})
	return err
}

// LevelOf is what the actor wants to hear of a network. Needs board:view.
func (s *Service) LevelOf(ctx context.Context, a *access.Actor, network uuid.UUID) (Network, Level, error) {
	h, err := s.enter(ctx, a, network, PermView)
	if err != nil {
		return Network{}, "", err
	}
	l, err := levelOf(ctx, s.db, a.Person, network)
	return s.network(a, &h), l, err
}

// threadKey is the place in a list after which a page begins.
type threadKey struct {
	Pinned bool
	At     time.Time
	ID     uuid.UUID
}

// farAway is later than every thread.
var farAway = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

func (k threadKey) String() string {
	raw := fmt.Appendf(nil, "%t %d ", k.Pinned, k.At.UnixMicro())
	return base64.RawURLEncoding.EncodeToString(append(raw, k.ID[:]...))
}

func readThreadKey(s string) (threadKey, error) {
	if s == "" {
		return threadKey{true, farAway, uuid.Max}, nil
	}
	var k threadKey
	var at int64
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil && len(raw) > 16 {
		_, err = fmt.Sscanf(string(raw[:len(raw)-16]), "%t %d", &k.Pinned, &at)
	}
	if err != nil || len(raw) <= 16 || at < 0 || at > farAway.UnixMicro() {
		return k, fault.InvalidFields(fault.Field{Path: "cursor", Key: "board.cursor"})
	}
	k.At, k.ID = time.UnixMicro(at).UTC(), uuid.UUID(raw[len(raw)-16:])
	return k, nil
}
