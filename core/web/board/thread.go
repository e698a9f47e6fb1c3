package board

import (
	"log/slog"
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/markdown"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// postView is a post as a page shows it.
type postView struct {
	Anchor, Number, Author, Role, At, Stamp string
	// Name tells the post apart for those who hear a control alone.
	Name         string
	Href         string
	New          bool
	Text         string // instead of the words: why there are none
	Note         []string
	HTML         markdown.Safe
	AddendumHTML markdown.Safe
	AddendumAt   string
	Edited       string
	Files        []fileView
	Acts         []ui.Link
	Lift         string // where to post
}

type fileView struct {
	Name, Href, Size, Alt, Licence string
	Image                          bool
}

type threadView struct {
	Title, Lead string
	Blog        bool
	Tags        []tag
	Topic       ui.Link
	FirstUnread string
	Posts       []postView
	Pager       pager
	Follow      *toggle
	Flags       []toggle
	Share       *toggle
	Editor      *editorView
	Closed      string // why nobody can answer
	Outside     string // whose entry it is, for readers from other networks
	ToReply     bool
}

// toggle is a button that posts.
type toggle struct {
	Label, Action string
	Hidden        []ui.Hidden
	Hint          string
}

// pager moves between the numbered pages of a thread.
type pager struct {
	Here                      string
	First, Before, Next, Last string
}

func (k kind) thread(c *kit.Ctx) error {
	network, id, err := ids(c, "watek")
	if err != nil {
		return err
	}
	page, err := pageOf(c)
	if err != nil {
		return err
	}
	t, err := k.read(c, network, id, page)
	if err != nil {
		return err
	}
	v := k.threadView(c, t)
	if t.Network.May.Post && !t.Thread.Closed {
		e, err := k.replyEditor(c, network, t.Thread.ID, titleOf(c.Context(), &t.Thread))
		if err != nil {
			return err
		}
		v.Editor = e
	}
	crumbs(c, t.Network, k.k, v.Title)
	if err := c.Render(http.StatusOK, threadPage(v)); err != nil {
		return err
	}
	// The page is out; a mark that could not be written only leaves posts "new".
	if err := k.Board.MarkRead(c.Context(), c.Actor(), t); err != nil {
		k.Log.WarnContext(c.Context(), "read mark not kept", slog.String("err", err.Error()))
	}
	return nil
}

// read reads a page of a thread that lies in the network of the address.
func (k kind) read(c *kit.Ctx, network, id uuid.UUID, page int) (*board.ThreadPage, error) {
	t, err := k.Board.Read(c.Context(), c.Actor(), id, page)
	if err != nil {
		return nil, err
	}
	if t.Network.ID != network || t.Thread.Kind != k.k {
		return nil, fault.ErrNotFound
	}
	return t, nil
}

func (k kind) threadView(c *kit.Ctx, t *board.ThreadPage) threadView {
	ctx, path := c.Context(), board.ThreadPath(t.Network.ID, k.k, t.Thread.ID)
	v := threadView{Title: titleOf(ctx, &t.Thread), Blog: k.k == board.Blog, Tags: tags(c, &t.Thread), Pager: pagerOf(c, t, path)}
	if v.Blog {
		v.Topic = ui.Link{Text: t.Thread.TopicTitle, Href: BlogsPath + "/" + t.Thread.Topic.String()}
		if t.Network.May.View { // who looks in from above has no blogs of their own
			v.Topic.Href = withQuery("/sieci/"+t.Network.ID.String()+"/blog", "temat", t.Thread.Topic.String())
		}
	} else {
		v.Lead = i18n.N(ctx, "board.page.posts", t.Thread.Posts)
	}
	if t.Pages > 1 {
		v.Lead = lead(v.Lead, c.T("board.page.page_of", "Page", t.Page, "Pages", t.Pages))
	}
	seen := t.Thread.Posts - t.Thread.Unread
	if first := t.Posts[0].Seq; t.Thread.Unread > 0 && seen > 0 && (seen+1 != first || t.Page > 1) {
		v.FirstUnread = path + "/nowe"
	}
	for i := range t.Posts {
		v.Posts = append(v.Posts, postOf(c, t.Network.ID, &t.Posts[i], t.Network.May.View && t.Posts[i].Seq > seen))
	}
	if !t.Network.May.View {
		v.Outside = c.T("board.page.entry_outside", "Network", t.Network.Title)
		return v
	}
	k.controls(c, t, path, &v)
	switch {
	case !t.Network.Open:
		v.Closed = c.T("board.page.over")
	case t.Thread.Closed:
		v.Closed = c.T("board.page.thread_closed")
	}
	v.ToReply = v.Closed == "" && t.Network.May.Post && len(t.Posts) > 3
	return v
}

func lead(a, b string) string {
	if a == "" {
		return b
	}
	return a + " · " + b
}

// controls are what may be done with the thread as a whole.
func (k kind) controls(c *kit.Ctx, t *board.ThreadPage, path string, v *threadView) {
	suffix := ""
	if k.k == board.Blog {
		suffix = "_blog"
	}
	follow := toggle{Label: c.T("board.page.follow" + suffix), Action: path + "/obserwuj", Hidden: []ui.Hidden{{Name: "follow", Value: "1"}}}
	if t.Thread.Follow {
		follow.Label, follow.Hidden[0].Value = c.T("board.page.unfollow"+suffix), "0"
	}
	v.Follow = &follow
	if t.Network.May.Moderate && t.Network.Open {
		flag := func(on bool, set, unset string, pinned, closed bool) toggle {
			key := set
			if on {
				key = unset
			}
			return toggle{Label: c.T("board.page." + key), Action: path + "/ustawienia",
				Hidden: []ui.Hidden{{Name: "pinned", Value: strconv.FormatBool(pinned)}, {Name: "closed", Value: strconv.FormatBool(closed)}}}
		}
		x := &t.Thread
		v.Flags = []toggle{flag(x.Pinned, "pin", "unpin", !x.Pinned, x.Closed), flag(x.Closed, "close", "open", x.Pinned, !x.Closed)}
		if v.Blog {
			v.Flags = v.Flags[1:]
		}
	}
	if v.Blog && t.Network.May.Share && t.Thread.State == board.Shown {
		s := toggle{Label: c.T("board.page.share"), Action: path + "/udostepnij", Hidden: []ui.Hidden{{Name: "share", Value: "1"}}, Hint: c.T("board.page.share_hint")}
		if t.Thread.Shared {
			s.Label, s.Hidden[0].Value, s.Hint = c.T("board.page.unshare"), "0", ""
		}
		v.Share = &s
	}
}

func pagerOf(c *kit.Ctx, t *board.ThreadPage, path string) pager {
	if t.Pages < 2 {
		return pager{}
	}
	to := func(n int) string {
		if n == 1 {
			return path
		}
		return path + "?s=" + strconv.Itoa(n)
	}
	p := pager{Here: c.T("board.page.page_of", "Page", t.Page, "Pages", t.Pages)}
	if t.Page > 1 {
		p.Before = to(t.Page - 1)
	}
	if t.Page > 2 {
		p.First = to(1)
	}
	if t.Page < t.Pages {
		p.Next = to(t.Page + 1)
	}
	if t.Page+1 < t.Pages {
		p.Last = to(t.Pages)
	}
	return p
}

// postOf is a post as its page shows it.
func postOf(c *kit.Ctx, network uuid.UUID, p *board.Post, fresh bool) postView {
	ctx := c.Context()
	path := board.PostPath(network, p.ID)
	v := postView{Anchor: anchor(p.Seq), Number: strconv.Itoa(p.Seq), Author: p.Author, Role: roleName(ctx, p.AuthorRole), At: at(ctx, p.CreatedAt),
		Stamp: p.CreatedAt.UTC().Format("2006-01-02T15:04Z"), Href: path, New: fresh && p.AuthorID != c.Actor().Person, HTML: p.HTML, AddendumHTML: p.AddendumHTML}
	v.Name = c.T("board.page.post_name", "N", p.Seq, "Author", p.Author, "At", show.Date(c.Lang(), p.CreatedAt))
	if p.EditedAt != nil && p.State != board.Deleted {
		v.Edited = c.T("board.page.edited", "At", atOf(ctx, p.EditedAt))
	}
	if p.AddendumAt != nil {
		v.AddendumAt = c.T("board.page.addendum", "At", atOf(ctx, p.AddendumAt))
	}
	switch p.State {
	case board.Deleted:
		v.Text = c.T("board.page.deleted")
	case board.Hidden:
		v.Text = c.T("board.page.hidden", "Role", c.T("board.page.role_"+orParticipant(p.Hiding.Role)), "Reason", p.Hiding.Reason)
		if !p.HTML.IsZero() {
			v.Note = hiddenNotes(c, p.Hiding)
		}
	}
	for i := range p.Files {
		v.Files = append(v.Files, fileOf(c, &p.Files[i]))
	}
	v.Acts = acts(c, p, path)
	if p.May.Lift {
		v.Lift = path + "/przywroc"
	}
	return v
}

func orParticipant(role string) string {
	if role == "" {
		return "participant"
	}
	return role
}

func hiddenNotes(c *kit.Ctx, h *board.Hiding) []string {
	out := []string{c.T("board.page.hidden_seen")}
	switch {
	case h.Decision == "upheld":
		out = append(out, c.T("board.page.hidden_upheld"))
	case h.Appealed:
		out = append(out, c.T("board.page.hidden_appealed"))
	}
	return out
}

func fileOf(c *kit.Ctx, f *board.File) fileView {
	v := fileView{Name: f.Name, Href: "/pliki/" + f.ID.String(), Size: show.Bytes(c.Lang(), f.Size), Alt: f.Alt, Image: f.Image()}
	if f.Licence != "" {
		v.Licence = c.T("board.page.licence_is", "Licence", c.T("board.page.licence_"+f.Licence))
	}
	return v
}

// acts are the links below a post, each to a page of its own.
func acts(c *kit.Ctx, p *board.Post, path string) []ui.Link {
	var out []ui.Link
	add := func(may bool, key, href string) {
		if may {
			out = append(out, ui.Link{Text: c.T("board.page." + key), Href: href})
		}
	}
	add(p.May.Quote, "quote", path+"?cytuj=1")
	add(p.May.Edit, "edit", path+"/edytuj")
	add(p.May.Addendum, "add", path+"/uzupelnij")
	add(p.May.Delete, "delete", path+"/usun")
	add(p.May.Report, "report", path+"/zglos")
	add(p.May.Hide, "hide", path+"/ukryj")
	add(p.EditedAt != nil && (p.May.Hide || p.May.Lift), "history", path+"/wersje")
	add(p.State == board.Hidden && p.AuthorID == c.Actor().Person, "appeal", path+"/odwolanie")
	return out
}

// permalink leads to a post on its page, or to a reply that quotes it.
func (p *pages) permalink(c *kit.Ctx) error {
	network, post, err := ids(c, "wpis")
	if err != nil {
		return err
	}
	x, err := p.Board.Post(c.Context(), c.Actor(), post)
	if err != nil {
		return err
	}
	if x.Network.ID != network {
		return fault.ErrNotFound
	}
	if !x.Network.May.View && x.Post.State == board.Hidden { // the author, after leaving
		return c.Redirect(board.PostPath(network, post)+"/odwolanie", "")
	}
	if c.Query("cytuj") != "" {
		return c.Redirect(withQuery(board.ThreadPath(network, x.Thread.Kind, x.Thread.ID)+"/odpowiedz", "cytuj", post.String()), "")
	}
	return c.Redirect(placeOf(network, x.Thread.Kind, x.Thread.ID, x.Post.Seq), "")
}

func (k kind) firstUnread(c *kit.Ctx) error {
	network, id, err := ids(c, "watek")
	if err != nil {
		return err
	}
	seq, err := k.Board.FirstUnread(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	return c.Redirect(placeOf(network, k.k, id, seq), "")
}

// onThread runs an act on the thread of the address and goes back to it.
func (k kind) onThread(c *kit.Ctx, flash string, do func(id uuid.UUID) error) error {
	network, id, err := ids(c, "watek")
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		return err
	}
	return c.Redirect(board.ThreadPath(network, k.k, id), flash)
}

func (k kind) follow(c *kit.Ctx) error {
	on := c.Form().Get("follow") == "1"
	flash := "board.flash.unfollowed"
	if on {
		flash = "board.flash.followed"
	}
	return k.onThread(c, flash, func(id uuid.UUID) error { return k.Board.Follow(c.Context(), c.Actor(), id, on) })
}

func (k kind) setFlags(c *kit.Ctx) error {
	f := c.Form()
	return k.onThread(c, "board.flash.flags", func(id uuid.UUID) error {
		return k.Board.SetFlags(c.Context(), c.Actor(), id, f.Get("pinned") == "true", f.Get("closed") == "true")
	})
}

func (k kind) share(c *kit.Ctx) error {
	on := c.Form().Get("share") == "1"
	flash := "board.flash.unshared"
	if on {
		flash = "board.flash.shared"
	}
	return k.onThread(c, flash, func(id uuid.UUID) error { return k.Board.Share(c.Context(), c.Actor(), id, on) })
}
