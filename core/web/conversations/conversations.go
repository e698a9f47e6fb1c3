// Package conversations holds the pages of private conversations: the list, one
// conversation with its messages, beginning one, leaving, and disclosing one
// message to the centre, which judges it on pages of its own.
package conversations

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/conversation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Addresses of this room.
const (
	ListPath    = conversation.ListPath
	ReportsPath = conversation.ReportsPath
	newPath     = ListPath + "/nowa"
)

// Deps are what the pages need; Log may be nil.
type Deps struct {
	Conversations *conversation.Service
	Log           *slog.Logger
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	p := &pages{d}
	return []kit.Route{
		kit.Get(ListPath, conversation.PermOwn, p.list),
		kit.Get(newPath, conversation.PermOwn, p.begin),
		kit.Post(newPath, conversation.PermOwn, "startConversation", p.start),
		kit.Get(ReportsPath, conversation.PermJudge, p.reports),
		kit.Get(ReportsPath+"/:zgloszenie", conversation.PermJudge, p.report),
		kit.Post(ReportsPath+"/:zgloszenie", conversation.PermJudge, "judgeMessage", p.judge),
		kit.Get(ListPath+"/:rozmowa", conversation.PermOwn, p.show),
		kit.Post(ListPath+"/:rozmowa", conversation.PermOwn, "writeMessage", p.write),
		kit.Get(ListPath+"/:rozmowa/opusc", conversation.PermOwn, p.leaveQuestion),
		kit.Post(ListPath+"/:rozmowa/opusc", conversation.PermOwn, "leaveConversation", p.leave),
		kit.Get(ListPath+"/:rozmowa/wiadomosci/:nr/zglos", conversation.PermOwn, p.discloseQuestion),
		kit.Post(ListPath+"/:rozmowa/wiadomosci/:nr/zglos", conversation.PermOwn, "reportMessage", p.disclose),
	}
}

// NewPath is where a conversation with a person of a network begins.
func NewPath(network, person uuid.UUID) string {
	return newPath + "?" + url.Values{"siec": {network.String()}, "osoba": {person.String()}}.Encode()
}

func at(ctx context.Context, t time.Time) string { return show.DateTime(i18n.FromContext(ctx), t) }

type rowView struct{ Title, Href, Network, Last, Unread string }

type listView struct {
	Title string
	Rows  []rowView
	Pages ui.Pages
}

func (p *pages) list(c *kit.Ctx) error {
	list, next, err := p.Conversations.List(c.Context(), c.Actor(), c.Query("po"))
	if err != nil {
		return err
	}
	v := listView{Title: c.T("conversation.page.title")}
	for i := range list {
		x := &list[i]
		r := rowView{Title: titleOf(c, x), Href: conversation.Path(x.ID), Network: c.T("conversation.page.in_network", "Network", x.NetworkTitle),
			Last: c.T("conversation.page.last", "At", at(c.Context(), x.LastAt))}
		if x.Unread > 0 {
			r.Unread = i18n.N(c.Context(), "conversation.page.unread", x.Unread)
		}
		v.Rows = append(v.Rows, r)
	}
	if next != "" {
		v.Pages.Next = ListPath + "?po=" + url.QueryEscape(next)
	}
	if c.Query("po") != "" {
		v.Pages.First = ListPath
	}
	c.Page(v.Title).In("/moje")
	return c.Render(http.StatusOK, listPage(v))
}

// titleOf is what people called a conversation, or who is in it.
func titleOf(c *kit.Ctx, x *conversation.Conversation) string {
	if x.Title != "" {
		return x.Title
	}
	names := make([]string, 0, len(x.People))
	for _, p := range x.People {
		names = append(names, nameOf(c, &p))
	}
	if len(names) == 0 {
		return c.T("conversation.page.with", "Names", c.T("conversation.page.nobody"))
	}
	return c.T("conversation.page.with", "Names", strings.Join(names, ", "))
}

func nameOf(c *kit.Ctx, p *conversation.Person) string {
	if p.Left {
		return c.T("conversation.page.left", "Name", p.Name)
	}
	return p.Name
}

type messageView struct {
	Anchor, Author, At, Stamp, Name string
	Lines                           []string
	Hidden, Mine, New, Reported     bool
	Report                          string
}

type talkView struct {
	Title, Lead                string
	Messages                   []messageView
	Older, Newer, Newest, Here string
	Closed                     string
	Action, Leave              string
	Body                       string
	Problems                   ui.Problems
}

func (p *pages) show(c *kit.Ctx) error {
	v, t, err := p.talk(c)
	if err != nil {
		return err
	}
	if err := c.Render(http.StatusOK, talkPage(v)); err != nil {
		return err
	}
	// The page is out; a mark that could not be written only leaves messages "new".
	if err := p.Conversations.MarkRead(c.Context(), c.Actor(), t); err != nil {
		p.Log.WarnContext(c.Context(), "read mark not kept", slog.String("err", err.Error()))
	}
	return nil
}

// talk reads the page of a conversation that the address names.
func (p *pages) talk(c *kit.Ctx) (talkView, *conversation.Page, error) {
	id, err := c.UUID("rozmowa")
	if err != nil {
		return talkView{}, nil, err
	}
	page := 0
	if raw := c.Query("s"); raw != "" {
		if page, err = strconv.Atoi(raw); err != nil || page < 1 {
			return talkView{}, nil, fault.ErrNotFound
		}
	}
	t, err := p.Conversations.Read(c.Context(), c.Actor(), id, page)
	if err != nil {
		return talkView{}, nil, err
	}
	path := conversation.Path(id)
	v := talkView{Title: titleOf(c, &t.Conversation), Lead: c.T("conversation.page.in_network", "Network", t.NetworkTitle), Action: path, Leave: path + "/opusc"}
	if t.Title != "" {
		names := make([]string, len(t.People))
		for i := range t.People {
			names[i] = nameOf(c, &t.People[i])
		}
		v.Lead = strings.Join(names, ", ") + " · " + v.Lead
	}
	for i := range t.List {
		v.Messages = append(v.Messages, messageOf(c, &t.List[i], path, t.Messages-t.Unread))
	}
	if t.Page > 1 {
		v.Older = path + "?s=" + strconv.Itoa(t.Page-1)
	}
	if t.Page < t.Pages {
		v.Newer, v.Newest = path+"?s="+strconv.Itoa(t.Page+1), path
	}
	if t.Pages > 1 {
		v.Here = c.T("conversation.page.page_of", "Page", t.Page, "Pages", t.Pages)
	}
	if !t.Open {
		v.Closed = c.T("conversation.page.over")
		if alone(t.People) {
			v.Closed = c.T("conversation.page.alone")
		}
	}
	c.Page(v.Title).In("/moje").Crumb(c.T("conversation.page.title"), ListPath)
	return v, t, nil
}

func alone(people []conversation.Person) bool {
	for _, p := range people {
		if !p.Left {
			return false
		}
	}
	return true
}

func messageOf(c *kit.Ctx, m *conversation.Message, path string, seen int) messageView {
	n := strconv.Itoa(m.Seq)
	v := messageView{Anchor: "wiadomosc-" + n, Author: m.Author, At: at(c.Context(), m.At), Stamp: m.At.UTC().Format("2006-01-02T15:04Z"), Hidden: m.Hidden, Mine: m.Mine,
		New: !m.Mine && m.Seq > seen, Reported: m.Reported, Name: c.T("conversation.page.message_name", "N", m.Seq, "Author", m.Author, "At", show.Date(c.Lang(), m.At))}
	for _, l := range strings.Split(m.Body, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			v.Lines = append(v.Lines, l)
		}
	}
	if !m.Mine && !m.Hidden && !m.Reported {
		v.Report = path + "/wiadomosci/" + n + "/zglos"
	}
	return v
}

func (p *pages) write(c *kit.Ctx) error {
	id, err := c.UUID("rozmowa")
	if err != nil {
		return err
	}
	body := c.Form().Text("body")
	if err := p.Conversations.Write(c.Context(), c.Actor(), id, body); err != nil {
		v, _, e := p.talk(c)
		if e != nil {
			return e
		}
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v.Problems, v.Body = pr, body
			return talkPage(v)
		})
	}
	return c.Redirect(conversation.Path(id)+"#odpowiedz", "conversation.flash.sent")
}

func (p *pages) leaveQuestion(c *kit.Ctx) error {
	v, _, err := p.talk(c)
	if err != nil {
		return err
	}
	title := c.T("conversation.page.leave_title")
	c.Page(title).Crumb(v.Title, v.Action)
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: title, Text: c.T("conversation.page.leave_text"), Action: v.Leave, Danger: true,
		Submit: c.T("conversation.page.leave_do"), Facts: []ui.Fact{{Label: c.T("conversation.page.title"), Value: v.Title}}, Cancel: ui.Link{Text: c.T("conversation.page.cancel"), Href: v.Action}}))
}

func (p *pages) leave(c *kit.Ctx) error {
	id, err := c.UUID("rozmowa")
	if err != nil {
		return err
	}
	if err := p.Conversations.Leave(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(ListPath, "conversation.flash.left")
}

// Todo tells the start page of new messages and of disclosed ones.
type Todo struct{ Conversations *conversation.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Conversations.AskTodo(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	list, err := t.Conversations.ReadTodo(f)
	out := make([]kit.TodoItem, len(list))
	for i, x := range list {
		if x.Kind == "unread" {
			out[i] = kit.TodoItem{Text: i18n.T(ctx, "conversation.page.todo_unread"), Where: i18n.N(ctx, "conversation.page.unread", x.N), Href: ListPath}
			continue
		}
		out[i] = kit.TodoItem{Text: i18n.T(ctx, "conversation.page.todo_report"), Where: x.Title, Href: ReportsPath + "/" + x.ID.String()}
	}
	return out, err
}
