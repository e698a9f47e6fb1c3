package board

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// row is a thread or an entry in a list.
type row struct {
	Title, Href, Lead, By, Last, Posts string
	Topic                              ui.Link
	Unread                             string // how many, in words; "" for none
	UnreadHref                         string
	Tags                               []tag
}

type tag struct {
	Text string
	Tone ui.Tone
}

type listView struct {
	Title, Lead string
	New         ui.Link // writing; empty for those who may not
	Tabs        []ui.Link
	Here        string
	Topics      []ui.Link
	TopicHere   string
	Rows        []row
	None        string
	NoneText    string
	Pages       ui.Pages
	Over        bool
	ReadAll     string // where to post; "" when nothing is unread
	Level       ui.Input
	LevelPath   string
	Reports     string
}

func (p *pages) threads(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	unread := c.Query("ktore") == "nowe"
	list, err := p.Board.Threads(c.Context(), c.Actor(), id, unread, c.Query("po"))
	if err != nil {
		return err
	}
	path := listPath(id, board.Forum)
	v := listView{Title: c.T("board.page.forum"), Lead: c.T("board.page.forum_lead"), Rows: rows(c, list.Items), Here: withQuery(path, "ktore", c.Query("ktore")),
		Tabs: parts(c, id), None: c.T("board.page.none"), NoneText: c.T("board.page.none_text"), Over: !list.Network.Open,
		Pages: paging(c, path, list.Next, "ktore", c.Query("ktore")), LevelPath: path + "/powiadomienia", Level: levelInput(c, list.Level)}
	if unread {
		v.None, v.NoneText = c.T("board.page.none_new"), ""
	}
	if list.Network.May.Post {
		v.New = ui.Link{Text: c.T("board.page.new_thread"), Href: path + "/nowy"}
	}
	if list.Network.May.Moderate {
		v.Reports = board.ReportsPath(id)
	}
	for i := range list.Items {
		if list.Items[i].Unread > 0 {
			v.ReadAll = path + "/przeczytane"
		}
	}
	crumbs(c, list.Network, board.Forum, v.Title)
	return c.Render(http.StatusOK, listPage(v))
}

func levelInput(c *kit.Ctx, l board.Level) ui.Input {
	in := ui.Input{Kind: ui.Radios, Name: "level", Label: c.T("board.page.level"), Hint: c.T("board.page.level_hint"), Value: string(l)}
	for _, x := range board.Levels {
		in.Options = append(in.Options, ui.Option{Value: string(x), Text: c.T("board.page.level_" + string(x))})
	}
	return in
}

// rows are threads as a list shows them.
func rows(c *kit.Ctx, list []board.Thread) []row {
	ctx := c.Context()
	out := make([]row, len(list))
	for i := range list {
		t := &list[i]
		path := board.ThreadPath(t.Network, t.Kind, t.ID)
		r := row{Title: titleOf(ctx, t), Href: path, Lead: t.Lead, By: c.T("board.page.by", "Author", t.Author, "At", at(ctx, t.CreatedAt))}
		if t.Posts > 1 {
			r.Last = c.T("board.page.last", "Author", t.LastAuthor, "At", at(ctx, t.LastAt))
		}
		if t.Kind == board.Blog {
			r.Topic = ui.Link{Text: t.TopicTitle, Href: BlogsPath + "/" + t.Topic.String()}
			r.Posts = i18n.N(c.Context(), "board.page.comments", t.Posts-1)
		} else {
			r.Posts = i18n.N(c.Context(), "board.page.posts", t.Posts)
		}
		if t.Unread > 0 {
			r.Unread, r.UnreadHref = i18n.N(c.Context(), "board.page.unread", t.Unread), path+"/nowe"
		}
		r.Tags = tags(c, t)
		out[i] = r
	}
	return out
}

func tags(c *kit.Ctx, t *board.Thread) []tag {
	var out []tag
	add := func(on bool, key string, tone ui.Tone) {
		if on {
			out = append(out, tag{c.T("board.page." + key), tone})
		}
	}
	add(t.Pinned, "pinned", ui.Info)
	add(t.Closed, "closed", ui.Neutral)
	add(t.Shared, "shared", ui.Good)
	add(t.State == board.Hidden, "hidden_tag", ui.Warn)
	return out
}

func (p *pages) markAllRead(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Board.MarkAllRead(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(listPath(id, board.Forum), "board.flash.read")
}

func (p *pages) setLevel(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Board.SetLevel(c.Context(), c.Actor(), id, board.Level(c.Form().Get("level"))); err != nil {
		return err
	}
	return c.Redirect(listPath(id, board.Forum), "board.flash.level")
}

// entries are the blog of one network.
func (p *pages) entries(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	topic := c.QueryUUID("temat")
	list, err := p.Board.Entries(c.Context(), c.Actor(), id, topic, c.Query("po"))
	if err != nil {
		return err
	}
	path := listPath(id, board.Blog)
	v := listView{Title: c.T("board.page.blog"), Lead: c.T("board.page.blog_lead"), Rows: rows(c, list.Items), Over: !list.Network.Open, Tabs: parts(c, id), Here: path,
		None: c.T("board.page.none_blog"), NoneText: c.T("board.page.none_blog_text"), Pages: paging(c, path, list.Next, "temat", c.Query("temat"))}
	if len(list.Topics) > 0 {
		v.Topics = []ui.Link{{Text: c.T("board.page.topic_all"), Href: path}}
		for _, t := range list.Topics {
			v.Topics = append(v.Topics, ui.Link{Text: t.Title, Href: path + "?temat=" + t.ID.String()})
		}
		v.TopicHere = withQuery(path, "temat", c.Query("temat"))
	}
	if list.Network.May.Post {
		v.New = ui.Link{Text: c.T("board.page.new_entry"), Href: withQuery(path+"/nowy", "temat", c.Query("temat"))}
	}
	crumbs(c, list.Network, board.Blog, v.Title)
	return c.Render(http.StatusOK, listPage(v))
}

// blogs are the entries that the reader may see anywhere.
func (p *pages) blogs(c *kit.Ctx) error {
	list, err := p.Board.Blogs(c.Context(), c.Actor(), c.Query("po"))
	if err != nil {
		return err
	}
	v := listView{Title: c.T("board.page.blogs"), Lead: c.T("board.page.blogs_lead"), Rows: rows(c, list.Items), None: c.T("board.page.none_blog"),
		Pages: paging(c, BlogsPath, list.Next)}
	for _, t := range list.Topics {
		v.Topics = append(v.Topics, ui.Link{Text: t.Title, Href: BlogsPath + "/" + t.ID.String()})
	}
	c.Page(v.Title).In("/sieci")
	return c.Render(http.StatusOK, listPage(v))
}

func (p *pages) blogOf(c *kit.Ctx) error {
	id, err := c.UUID("temat")
	if err != nil {
		return err
	}
	list, err := p.Board.BlogOf(c.Context(), c.Actor(), id, c.Query("po"))
	if err != nil {
		return err
	}
	v := listView{Title: list.Topic.Title, Lead: list.Topic.NetworkIs, Rows: rows(c, list.Items), Pages: paging(c, BlogsPath+"/"+id.String(), list.Next)}
	c.Page(v.Title).In("/sieci").Crumb(c.T("board.page.blogs"), BlogsPath)
	return c.Render(http.StatusOK, listPage(v))
}

type reportView struct {
	Title, By, Words, Since string
	Reasons                 []string
	See, Hide, Keep         string
	Mine                    bool
}

func (p *pages) reports(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	return p.showReports(c, id, nil)
}

// showReports is the page of reports; with an error it says why an act failed.
func (p *pages) showReports(c *kit.Ctx, id uuid.UUID, failed error) error {
	n, list, err := p.Board.Reports(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	ctx := c.Context()
	var items []reportView
	for i := range list {
		r := &list[i]
		path := board.PostPath(id, r.Post)
		items = append(items, reportView{Title: r.Title, By: c.T("board.page.by", "Author", r.Author, "At", at(ctx, r.At)), Words: r.Words,
			Since: c.T("board.page.reported_at", "At", at(ctx, r.First)), Reasons: r.Reasons, See: path, Hide: path + "/ukryj", Keep: path + "/pozostaw", Mine: r.Mine})
	}
	title := c.T("board.page.reports")
	crumbs(c, n, board.Forum, title)
	if failed == nil {
		return c.Render(http.StatusOK, reportsPage(title, items, ui.Problems{}))
	}
	return c.Retry(failed, func(pr ui.Problems) templ.Component { return reportsPage(title, items, pr) })
}

// keep answers reports: the post stays.
func (p *pages) keep(c *kit.Ctx) error {
	network, post, err := ids(c, "wpis")
	if err != nil {
		return err
	}
	if err := p.inNetwork(c, network, post); err != nil {
		return err
	}
	if err := p.Board.Keep(c.Context(), c.Actor(), post); err != nil {
		return p.showReports(c, network, err)
	}
	return c.Redirect(board.ReportsPath(network), "board.flash.kept")
}

// inNetwork makes sure that the address names the post's own network.
func (p *pages) inNetwork(c *kit.Ctx, network, post uuid.UUID) error {
	x, err := p.Board.Post(c.Context(), c.Actor(), post)
	if err == nil && x.Network.ID != network {
		err = fault.ErrNotFound
	}
	return err
}
