package conversation

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/notify"
)

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

var _ Notifier = (*notify.Service)(nil)

// Config is what the service is made of; every field is required.
type Config struct {
	DB     *db.DB
	Access *access.Authorizer
	Audit  *audit.Log
	Clock  clock.Clock
	Notify Notifier
}

// Service runs conversations. Safe for concurrent use.
type Service struct {
	db     *db.DB
	auth   *access.Authorizer
	audit  *audit.Log
	clock  clock.Clock
	notify Notifier
}

// New makes the service; it panics on an incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Notify == nil {
		panic("conversation: incomplete configuration")
	}
	return &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, notify: c.Notify}
}

// act is the frame of a change: one transaction, done once per idempotency key.
func act[R any](ctx context.Context, s *Service, a *access.Actor, operation string, in any, change func(ctx context.Context, tx *db.Tx) (R, error)) (R, error) {
	var out R
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		out, err = idem.Do(ctx, tx, a.Person, operation, in, func() (R, error) { return change(ctx, tx) })
		return err
	})
	return out, err
}

type none struct{}

// own refuses everybody but people with an account.
func (s *Service) own(a *access.Actor) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return s.auth.Require(a, PermOwn, access.Place{})
}

// note writes the audit entry of an act: ids only, never a word.
func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, network uuid.UUID, action string, id uuid.UUID) error {
	return s.audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "conversation", ObjectID: id.String(),
		ScopeKind: string(access.Network), ScopeID: network})
}

func words(f *fault.Fields, path, missing, s string, most int) {
	switch n := utf8.RuneCountInString(s); {
	case strings.TrimSpace(s) == "":
		f.Add(path, missing)
	case n > most:
		f.Add(path, "conversation.text_long", "Max", most, "N", n)
	}
}

// People finds whom the actor may write to in a network: its members; for its
// coordinator also the centre; for the centre its coordinator. text narrows by
// name, at most 50 are found, those in also (already chosen) among them. NotFound
// for a network that is not the actor's.
func (s *Service) People(ctx context.Context, a *access.Actor, network uuid.UUID, text string, also []uuid.UUID) (title string, list []Person, err error) {
	if err := s.own(a); err != nil {
		return "", nil, err
	}
	st, err := standing(ctx, s.db, network, a.Person, s.clock.Now())
	if err != nil {
		return "", nil, err
	}
	if !st.inside() {
		return "", nil, fault.ErrNotFound
	}
	list, err = reachable(ctx, s.db, network, &st, a.Person, text, also, s.clock.Now(), maxFound)
	return st.Title, list, err
}

// Network is a network whose people one may write to.
type Network struct {
	ID    uuid.UUID `json:"id" db:"id"`
	Title string    `json:"title" db:"title"`
}

// Networks lists the open networks in which the actor takes part, at most 50.
func (s *Service) Networks(ctx context.Context, a *access.Actor) ([]Network, error) {
	if err := s.own(a); err != nil {
		return nil, err
	}
	return networksOf(ctx, s.db, a.Person, maxFound)
}

// Begin is a new conversation.
type Begin struct {
	// Network is what the people share.
	Network uuid.UUID   `json:"network_id"`
	People  []uuid.UUID `json:"people"` // without the one who begins
	Title   string      `json:"title"`  // "" is usual between two
	Body    string      `json:"body"`
}

// Start begins a conversation with its first message and tells the others. Two
// people who talk in this network already go on there. Invalid for nobody, too
// many, or somebody whom the actor may not write to; Conflict in a network that
// is over.
func (s *Service) Start(ctx context.Context, a *access.Actor, in Begin) (uuid.UUID, error) {
	if err := s.own(a); err != nil {
		return uuid.Nil, err
	}
	in.Title, in.Body = strings.Join(strings.Fields(in.Title), " "), strings.TrimSpace(in.Body)
	in.People = distinct(in.People, a.Person)
	st, err := standing(ctx, s.db, in.Network, a.Person, s.clock.Now())
	if err != nil {
		return uuid.Nil, err
	}
	if !st.inside() {
		return uuid.Nil, fault.ErrNotFound
	}
	if st.Status != statusOpen {
		return uuid.Nil, fault.New(fault.Conflict, "conversation.over")
	}
	var f fault.Fields
	words(&f, "body", "conversation.body_missing", in.Body, MaxBody)
	if utf8.RuneCountInString(in.Title) > MaxTitle {
		f.Add("title", "conversation.text_long", "Max", MaxTitle, "N", utf8.RuneCountInString(in.Title))
	}
	switch {
	case len(in.People) == 0:
		f.Add("people", "conversation.people_missing")
	case len(in.People) >= MaxPeople:
		f.Add("people", "conversation.people_many", "Max", MaxPeople-1)
	default:
		n, err := countReachable(ctx, s.db, in.Network, &st, in.People, s.clock.Now())
		if err != nil {
			return uuid.Nil, err
		}
		if n != len(in.People) {
			f.Add("people", "conversation.people_wrong")
		}
	}
	if err := f.Err(); err != nil {
		return uuid.Nil, err
	}
	return act(idem.OncePerForm(ctx), s, a, "conversation:start", in, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		return s.start(ctx, tx, a, &in)
	})
}

func distinct(list []uuid.UUID, without uuid.UUID) []uuid.UUID {
	seen := map[uuid.UUID]bool{without: true}
	var out []uuid.UUID
	for _, id := range list {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

func (s *Service) start(ctx context.Context, tx *db.Tx, a *access.Actor, in *Begin) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return id, err
	}
	now := s.clock.Now()
	going := uuid.Nil
	if len(in.People) == 1 && in.Title == "" {
		if going, err = between(ctx, tx, in.Network, a.Person, in.People[0]); err != nil {
			return id, err
		}
	}
	if going != uuid.Nil {
		id = going
	} else {
		if err := insert(ctx, tx, id, in, a.Person, now); err != nil {
			return id, err
		}
		if err := s.note(ctx, tx, a, in.Network, "conversation:start", id); err != nil {
			return id, err
		}
	}
	return id, s.say(ctx, tx, a, id, in.Network, in.Body)
}

// say writes a message and tells those who read what was there before.
func (s *Service) say(ctx context.Context, tx *db.Tx, a *access.Actor, id, network uuid.UUID, body string) error {
	now := s.clock.Now()
	seq, err := next(ctx, tx, id, now)
	if err != nil {
		return err
	}
	if seq == 0 {
		return fault.New(fault.Conflict, "conversation.over")
	}
	if err := insertMessage(ctx, tx, id, seq, a.Person, body, now); err != nil {
		return err
	}
	to, err := touch(ctx, tx, id, a.Person, seq, now)
	if err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, network, "conversation:write", id); err != nil || len(to) == 0 {
		return err
	}
	return s.notify.Send(ctx, tx, notify.Message{To: to, Key: "conversation.notice.message", Link: Path(id), Network: network})
}

// Write adds a message. NotFound for those who take no part. Conflict when the
// network is over, the actor has left it, or nobody else is left to read.
func (s *Service) Write(ctx context.Context, a *access.Actor, id uuid.UUID, body string) error {
	if err := s.own(a); err != nil {
		return err
	}
	h, err := readHead(ctx, s.db, id, a.Person, s.clock.Now())
	if err != nil {
		return err
	}
	if err := h.writable(); err != nil {
		return err
	}
	body = strings.TrimSpace(body)
	var f fault.Fields
	words(&f, "body", "conversation.body_missing", body, MaxBody)
	if err := f.Err(); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "conversation:write", []any{id, body}, func(ctx context.Context, tx *db.Tx) (none, error) {
		return none{}, s.say(ctx, tx, a, id, h.Network, body)
	})
	return err
}

func (h *head) writable() error {
	switch {
	case h.Status != statusOpen:
		return fault.New(fault.Conflict, "conversation.over")
	case !h.Inside:
		return fault.New(fault.Conflict, "conversation.not_inside")
	case h.Others == 0:
		return fault.New(fault.Conflict, "conversation.alone")
	}
	return nil
}

// List lists the actor's conversations, the last written in first. cursor is
// the next of the page before.
func (s *Service) List(ctx context.Context, a *access.Actor, cursor string) ([]Conversation, string, error) {
	if err := s.own(a); err != nil {
		return nil, "", err
	}
	after, err := readCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	rows, err := list(ctx, s.db, a.Person, s.clock.Now(), after, listPage+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > listPage {
		rows = rows[:listPage]
		next = cursorOf(&rows[listPage-1])
	}
	out := make([]Conversation, len(rows))
	for i := range rows {
		if out[i], err = rows[i].conversation(); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

// Read reads a page of a conversation, 0 the last one. NotFound for everybody
// who takes no part in it, administrators included, and for a page that is not
// there. It changes nothing; see [Service.MarkRead].
func (s *Service) Read(ctx context.Context, a *access.Actor, id uuid.UUID, page int) (*Page, error) {
	if err := s.own(a); err != nil {
		return nil, err
	}
	h, err := readHead(ctx, s.db, id, a.Person, s.clock.Now())
	if err != nil {
		return nil, err
	}
	out := &Page{Pages: PageOf(h.LastSeq)}
	if out.Page = page; page == 0 {
		out.Page = out.Pages
	}
	if out.Page < 1 || out.Page > out.Pages {
		return nil, fault.ErrNotFound
	}
	if out.Conversation, err = h.conversation(); err != nil {
		return nil, err
	}
	out.List, err = messages(ctx, s.db, id, a.Person, (out.Page-1)*PageSize, PageSize)
	return out, err
}

// MarkRead notes how far the reader has seen; it never moves back.
func (s *Service) MarkRead(ctx context.Context, a *access.Actor, p *Page) error {
	if len(p.List) == 0 || p.Messages-p.Unread >= p.List[len(p.List)-1].Seq {
		return nil
	}
	return markRead(ctx, s.db, p.ID, a.Person, p.List[len(p.List)-1].Seq)
}

// Leave takes the actor out: they read no more and are told nothing. NotFound
// for those who take no part.
func (s *Service) Leave(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if err := s.own(a); err != nil {
		return err
	}
	h, err := readHead(ctx, s.db, id, a.Person, s.clock.Now())
	if err != nil {
		return err
	}
	_, err = act(ctx, s, a, "conversation:leave", id, func(ctx context.Context, tx *db.Tx) (none, error) {
		if err := leave(ctx, tx, id, a.Person, s.clock.Now()); err != nil {
			return none{}, err
		}
		return none{}, s.note(ctx, tx, a, h.Network, "conversation:leave", id)
	})
	return err
}
