package board

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/markdown"
)

// post is a row as the reader may see it.
func (s *Service) post(a *access.Actor, r *postRow, now time.Time) (Post, error) {
	p := &r.postHead
	out := Post{
		ID: p.ID, Seq: p.Seq, AuthorID: p.Author, Author: p.AuthorName, AuthorRole: p.AuthorRole, State: p.State,
		CreatedAt: p.CreatedAt, EditedAt: p.EditedAt, AddendumAt: p.AddendumAt, Version: p.Version, May: s.postRights(a, &r.head, p, now),
	}
	if r.Reported {
		out.May.Report = false
	}
	moderates := s.auth.Can(a, PermModerate, r.at())
	if p.State == Hidden {
		out.Hiding = &Hiding{Role: p.HiddenRole, Reason: p.HiddenWhy}
		if p.HiddenAt != nil {
			out.Hiding.At = *p.HiddenAt
		}
		if p.Author != a.Person && !moderates {
			return out, nil
		}
		out.Hiding.Appealed, out.Hiding.Decision = p.AppealedAt != nil, p.Decision
	}
	if p.State == Deleted {
		return out, nil
	}
	out.HTML, out.AddendumHTML = r.HTML, r.AddendumHTML
	if r.HTMLRev != markdown.Revision { // the renderer has changed since it was written
		out.HTML = markdown.Render(p.Body)
		if r.Addendum != "" {
			out.AddendumHTML = markdown.Render(r.Addendum)
		}
	}
	var err error
	out.Files, err = r.files()
	return out, err
}

// postRights are what the actor may do with a post.
func (s *Service) postRights(a *access.Actor, h *head, p *postHead, now time.Time) PostRights {
	can := func(x access.Permission) bool { return s.auth.Can(a, x, h.at()) }
	if !a.SignedIn() || p.State == Deleted {
		return PostRights{}
	}
	mine, writes, moderates := p.Author == a.Person, h.Status == statusOpen && can(PermPost), can(PermModerate)
	if p.State == Hidden {
		return PostRights{Lift: moderates && p.Decision == "", Appeal: mine && p.AppealedAt == nil}
	}
	fresh := now.Before(p.CreatedAt.Add(EditTime))
	return PostRights{
		Quote: writes && !h.Closed, Edit: mine && writes && (fresh || h.Kind == Blog && p.Seq == 1), Delete: mine && writes && fresh,
		Addendum: mine && writes && !fresh && p.AddendumAt == nil && !(h.Kind == Blog && p.Seq == 1),
		Report:   !mine && can(PermView) && !moderates, Hide: moderates && !mine,
	}
}

// PostPage is one post with its thread, for pages about that post.
type PostPage struct {
	Network Network `json:"network"`
	Thread  Thread  `json:"thread"`
	Post    Post    `json:"post"`
	// Appeal and Answer are the author's words to the centre and the centre's to
	// them; shown to the author and to those who moderate.
	Appeal string `json:"appeal,omitempty"`
	Answer string `json:"answer,omitempty"`
}

// Post reads one post with its words. Needs board:view; the author reads a
// hidden post of theirs also after leaving the network, for an appeal.
func (s *Service) Post(ctx context.Context, a *access.Actor, post uuid.UUID) (*PostPage, error) {
	if err := signed(a); err != nil {
		return nil, err
	}
	r, err := onePost(ctx, s.db, a.Person, post)
	if err != nil {
		return nil, err
	}
	own := r.postHead.Author == a.Person && r.postHead.State == Hidden
	if !s.auth.Can(a, PermView, r.at()) && !r.sharedTo(a, r.Seq) && !own || r.head.State == Deleted {
		return nil, fault.ErrNotFound
	}
	out := &PostPage{Network: s.network(a, &r.place), Thread: s.thread(a, &r.threadRow)}
	if out.Post, err = s.post(a, &r, s.clock.Now()); err != nil {
		return nil, err
	}
	if !out.Post.HTML.IsZero() {
		out.Post.Body = r.postHead.Body
	}
	if own || out.Network.May.Moderate {
		out.Appeal, out.Answer = r.Appeal, r.Answer
	}
	return out, nil
}

// Revisions lists what a post said before, the newest first. Needs
// board:moderate; for who has no role in the network it is accounted for.
func (s *Service) Revisions(ctx context.Context, a *access.Actor, post uuid.UUID) ([]Revision, error) {
	h, _, err := s.post1(ctx, a, post, PermModerate)
	if err != nil {
		return nil, err
	}
	list, err := revisions(ctx, s.db, post)
	if err == nil && len(list) > 0 {
		err = s.look(ctx, a, h.Network, "board_post", post.String())
	}
	return list, err
}

// post1 reads a post for an act that needs p in its network.
func (s *Service) post1(ctx context.Context, a *access.Actor, post uuid.UUID, p access.Permission) (head, postHead, error) {
	if err := signed(a); err != nil {
		return head{}, postHead{}, err
	}
	h, r, err := readPost(ctx, s.db, post)
	if err != nil {
		return h, r, err
	}
	if err := s.auth.Require(a, p, h.at()); err != nil {
		return h, r, err
	}
	if h.State == Deleted {
		return h, r, fault.ErrNotFound
	}
	return h, r, nil
}

// Reply adds a post to a thread, or a comment to an entry, tells the followers
// who have read what was there, and returns its id. Needs board:post. Conflict
// when the thread is closed or the network over, and for a form that published
// other words before ([idem.OncePerForm]).
func (s *Service) Reply(ctx context.Context, a *access.Actor, thread uuid.UUID, body string, files []Attachment) (uuid.UUID, error) {
	h, err := s.thread1(ctx, a, thread, PermPost)
	if err != nil {
		return uuid.Nil, err
	}
	if err := h.going(); err != nil {
		return uuid.Nil, err
	}
	if h.Closed {
		return uuid.Nil, fault.New(fault.Conflict, "board.closed")
	}
	body = strings.TrimSpace(body)
	var f fault.Fields
	checkWords(&f, "body", "board.body_missing", body, MaxBody)
	if err := s.checkFiles(ctx, a, &f, Forum, files); err != nil {
		return uuid.Nil, err
	}
	if err := f.Err(); err != nil {
		return uuid.Nil, err
	}
	w := render(body)
	return act(idem.OncePerForm(ctx), s, a, "board:reply", []any{thread, body, prints(files)}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		return s.reply(ctx, tx, a, &h, w, files)
	})
}

func (s *Service) reply(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, w words, files []Attachment) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return id, err
	}
	now := s.clock.Now()
	seq, err := nextSeq(ctx, tx, h.ID, a.Person, now)
	if err != nil {
		return id, err
	}
	if seq == 0 {
		return id, fault.New(fault.Conflict, "board.closed")
	}
	if err := insertPost(ctx, tx, h, id, seq, a.Person, s.roleOf(a, &h.place), w, markdown.Revision, now); err != nil {
		return id, err
	}
	if err := s.attach(ctx, tx, a, h, id, files); err != nil {
		return id, err
	}
	if err := s.link(ctx, tx, a, h, w); err != nil {
		return id, err
	}
	if err := markWritten(ctx, tx, a.Person, h.ID, seq); err != nil {
		return id, err
	}
	if err := s.note(ctx, tx, a, h.Network, "board:reply", "board_post", id); err != nil {
		return id, err
	}
	to, err := toTellOfPost(ctx, tx, h.ID, h.Network, a.Person, seq)
	if err != nil || h.State == Hidden {
		return id, err
	}
	return id, s.tell(ctx, tx, h, "board.notice.reply_"+string(h.Kind), PostPath(h.Network, id), false, "", nil, to...)
}

// Edit replaces the words of the actor's own post within [EditTime] (an entry
// of a blog at any time), and of an opening post the title too ("" leaves it).
// version is the post's as it was read. Conflict "board.stale" when it was
// changed meanwhile, "board.too_late" afterwards.
func (s *Service) Edit(ctx context.Context, a *access.Actor, post uuid.UUID, version int, title, body string) error {
	h, p, err := s.own(ctx, a, post)
	if err != nil {
		return err
	}
	if !(h.Kind == Blog && p.Seq == 1) && !s.clock.Now().Before(p.CreatedAt.Add(EditTime)) {
		return fault.New(fault.Conflict, "board.too_late", "Minutes", int(EditTime.Minutes()))
	}
	title, body = line(title), strings.TrimSpace(body)
	var f fault.Fields
	checkWords(&f, "body", "board.body_missing", body, MaxBody)
	if p.Seq == 1 && title != "" {
		checkTitle(&f, title)
	}
	if err := f.Err(); err != nil {
		return err
	}
	w := render(body)
	_, err = act(ctx, s, a, "board:edit", []any{post, version, title, body}, func(ctx context.Context, tx *db.Tx) (none, error) {
		if _, _, err := lockPost(ctx, tx, post); err != nil {
			return none{}, err
		}
		ok, err := updatePost(ctx, tx, post, version, w, markdown.Revision, s.clock.Now())
		if err != nil {
			return none{}, err
		}
		if !ok {
			return none{}, fault.New(fault.Conflict, "board.stale")
		}
		fields := []string{"body"}
		if p.Seq == 1 && title != "" {
			fields = append(fields, "title")
			if err := setTitle(ctx, tx, h.ID, title); err != nil {
				return none{}, err
			}
		}
		if err := s.link(ctx, tx, a, &h, w); err != nil {
			return none{}, err
		}
		return none{}, s.note(ctx, tx, a, h.Network, "board:edit", "board_post", post, fields...)
	})
	return err
}

// own reads the actor's own post in sight, for a change that needs board:post
// in an open network; somebody else's is not found.
func (s *Service) own(ctx context.Context, a *access.Actor, post uuid.UUID) (head, postHead, error) {
	h, p, err := s.post1(ctx, a, post, PermPost)
	if err != nil {
		return h, p, err
	}
	if p.Author != a.Person || p.State == Deleted {
		return h, p, fault.ErrNotFound
	}
	if p.State == Hidden {
		return h, p, fault.New(fault.Conflict, "board.is_hidden")
	}
	return h, p, h.going()
}

// Delete takes the actor's own post away within [EditTime]: a tombstone stays
// in its place, its words and files go; a thread that nobody answered goes
// whole. gone reports the latter. Conflict "board.too_late" afterwards.
func (s *Service) Delete(ctx context.Context, a *access.Actor, post uuid.UUID) (gone bool, err error) {
	h, p, err := s.own(ctx, a, post)
	if err != nil {
		return false, err
	}
	if !s.clock.Now().Before(p.CreatedAt.Add(EditTime)) {
		return false, fault.New(fault.Conflict, "board.too_late", "Minutes", int(EditTime.Minutes()))
	}
	return act(ctx, s, a, "board:delete", post, func(ctx context.Context, tx *db.Tx) (bool, error) {
		if err := lockThread(ctx, tx, h.ID); err != nil {
			return false, err
		}
		ok, err := deletePost(ctx, tx, post)
		if err != nil {
			return false, err
		}
		if !ok {
			return false, fault.New(fault.Conflict, "board.is_hidden")
		}
		if err := s.files.Detach(ctx, tx, FileKind, post, nil); err != nil {
			return false, err
		}
		gone := false
		if p.Seq == 1 {
			if gone, err = dropThread(ctx, tx, h.ID); err != nil {
				return false, err
			}
		}
		return gone, s.note(ctx, tx, a, h.Network, "board:delete", "board_post", post)
	})
}

// Add writes an addendum below the actor's own post once [EditTime] is over.
// Needs board:post. Conflict when there is one already.
func (s *Service) Add(ctx context.Context, a *access.Actor, post uuid.UUID, text string) error {
	h, p, err := s.own(ctx, a, post)
	if err != nil {
		return err
	}
	if s.clock.Now().Before(p.CreatedAt.Add(EditTime)) {
		return fault.New(fault.Conflict, "board.too_early")
	}
	text = strings.TrimSpace(text)
	var f fault.Fields
	checkWords(&f, "body", "board.body_missing", text, MaxAddendum)
	if err := f.Err(); err != nil {
		return err
	}
	w := render(text)
	_, err = act(ctx, s, a, "board:add", []any{post, text}, func(ctx context.Context, tx *db.Tx) (none, error) {
		ok, err := setAddendum(ctx, tx, post, w, s.clock.Now())
		if err != nil {
			return none{}, err
		}
		if !ok {
			return none{}, fault.New(fault.Conflict, "board.added_already")
		}
		return none{}, s.note(ctx, tx, a, h.Network, "board:add", "board_post", post)
	})
	return err
}

// Quote is a post's words as a quote in Markdown with a link to the post, for
// the beginning of a reply; by names the post ("Anna Nowak, 5 kwietnia"). ""
// for a post whose words the actor may not read.
func (p *PostPage) Quote(by string) string {
	if p.Post.Body == "" {
		return ""
	}
	link := "[" + markdown.Text(by) + "](" + PostPath(p.Network.ID, p.Post.ID) + "):"
	return markdown.Quote(link, beginning(markdown.Plain(withoutQuotes(p.Post.Body)), maxQuoted))
}

// maxQuoted is how many characters a quote begins with: a reply answers a
// thought, and the link leads to the rest.
const maxQuoted = 800

// beginning is s up to n characters, by whole lines where there are several.
func beginning(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	head := string([]rune(s)[:n])
	if i := strings.LastIndexByte(head, '\n'); i > 0 {
		return head[:i] + "\n…"
	}
	return markdown.Short(s, n)
}

// withoutQuotes drops quoted lines: a reply quotes words, not quotes of quotes.
func withoutQuotes(body string) string {
	lines := slices.DeleteFunc(strings.Split(body, "\n"), func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), ">") })
	if kept := strings.Join(lines, "\n"); strings.TrimSpace(kept) != "" {
		return kept
	}
	return body
}

// checkFiles says what files lack: a picture its description, a blog's file
// its licence. It reads what they are.
func (s *Service) checkFiles(ctx context.Context, a *access.Actor, f *fault.Fields, k Kind, files []Attachment) error {
	if len(files) > MaxFiles {
		f.Add("file", "board.files_many", "Max", MaxFiles)
		return nil
	}
	for i := range files {
		x := &files[i]
		x.Alt = line(x.Alt)
		got, err := s.files.Get(ctx, a, x.ID)
		if fault.Is(err, fault.NotFound) {
			f.Add("file", "file.gone")
			continue
		}
		if err != nil {
			return err
		}
		switch n := len([]rune(x.Alt)); {
		case image(got.MediaType) && n == 0:
			f.Add("alt-"+x.ID.String(), "board.alt_missing", "Name", got.Name)
		case n > MaxAlt:
			f.Add("alt-"+x.ID.String(), "board.text_long", "Max", MaxAlt, "N", n)
		}
		if k == Blog && !slices.Contains(Licences, x.Licence) {
			f.Add("licence-"+x.ID.String(), "board.licence_missing", "Name", got.Name)
		} else if k == Forum {
			x.Licence = ""
		}
	}
	return nil
}

// prints are files as a repeated submission repeats them: a form sent twice with
// a file uploads it twice, and must still be the same form.
func prints(files []Attachment) []Attachment {
	out := slices.Clone(files)
	for i := range out {
		out[i].ID = uuid.Nil
	}
	return out
}

func (s *Service) attach(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, post uuid.UUID, files []Attachment) error {
	ids := make([]uuid.UUID, len(files))
	for i := range files {
		ids[i] = files[i].ID
		if err := insertFile(ctx, tx, post, i, &files[i]); err != nil {
			return err
		}
	}
	return s.files.Attach(ctx, tx, a, ids, file.Object{Kind: FileKind, ID: post, ScopeKind: string(access.Network), ScopeID: h.Network})
}
