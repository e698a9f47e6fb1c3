package board

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/markdown"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// actView is a page about one post: a question or a form above or below it.
type actView struct {
	Form   ui.FormView
	Post   postView
	Fields []ui.Input
	Notes  []string
}

// onePost reads the post of the address and names the page.
func (p *pages) onePost(c *kit.Ctx, key string) (*board.PostPage, actView, error) {
	network, id, err := ids(c, "wpis")
	if err != nil {
		return nil, actView{}, err
	}
	x, err := p.Board.Post(c.Context(), c.Actor(), id)
	if err != nil {
		return nil, actView{}, err
	}
	if x.Network.ID != network {
		return nil, actView{}, fault.ErrNotFound
	}
	title, path := c.T("board.page."+key+"_title"), board.PostPath(network, id)
	back := placeOf(network, x.Thread.Kind, x.Thread.ID, x.Post.Seq)
	page := crumbs(c, x.Network, x.Thread.Kind, title)
	if x.Network.May.View {
		page.Crumb(titleOf(c.Context(), &x.Thread), back)
	}
	v := actView{Post: postOf(c, network, &x.Post, false), Form: ui.FormView{Title: title, Action: path, Cancel: ui.Link{Text: c.T("board.page.cancel"), Href: back}}}
	v.Post.Acts, v.Post.Lift = nil, ""
	return x, v, nil
}

// ask is a page with a form about a post, for those who may do it.
func (p *pages) ask(c *kit.Ctx, key, tail string, may func(*board.PostPage) bool, fill func(*board.PostPage, *actView)) error {
	x, v, err := p.onePost(c, key)
	if err != nil {
		return err
	}
	if !may(x) {
		return fault.ErrNotFound
	}
	v.Form.Action += tail
	fill(x, &v)
	return c.Render(http.StatusOK, actPage(v))
}

// do runs an act on the post of the address; an error that can be put right
// shows the form again.
func (p *pages) do(c *kit.Ctx, key, tail, flash string, act func(post uuid.UUID) error, fill func(*board.PostPage, *actView)) error {
	x, v, err := p.onePost(c, key)
	if err != nil {
		return err
	}
	if err := act(x.Post.ID); err != nil {
		v.Form.Action += tail
		fill(x, &v)
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v.Form.Problems = pr
			return actPage(v)
		})
	}
	return c.Redirect(placeOf(x.Network.ID, x.Thread.Kind, x.Thread.ID, x.Post.Seq), flash)
}

func (p *pages) editFields(c *kit.Ctx, x *board.PostPage, v *actView, title, body, version string) {
	v.Form.Submit, v.Form.Lead = c.T("board.page.edit_save"), c.T("board.page.edit_lead", "Until", at(c.Context(), x.Post.CreatedAt.Add(board.EditTime)))
	if x.Thread.Kind == board.Blog && x.Post.Seq == 1 {
		v.Form.Lead = c.T("board.page.edit_lead_blog")
	}
	v.Form.Hidden = []ui.Hidden{{Name: "version", Value: version}}
	if x.Post.Seq == 1 {
		v.Fields = append(v.Fields, ui.Input{Name: "title", Label: c.T("board.page.title"), Value: title})
	}
	v.Fields = append(v.Fields, ui.Input{Kind: ui.Textarea, Name: "body", Label: c.T("board.page.body"), Hint: c.T("board.page.body_hint"), Value: body, Rows: 12})
	v.Post = postView{} // the words stand in the form
}

func (p *pages) editForm(c *kit.Ctx) error {
	return p.ask(c, "edit", "/edytuj", func(x *board.PostPage) bool { return x.Post.May.Edit }, func(x *board.PostPage, v *actView) {
		p.editFields(c, x, v, x.Thread.Title, x.Post.Body, itoa(x.Post.Version))
	})
}

func (p *pages) edit(c *kit.Ctx) error {
	f := c.Form()
	title, body, version := f.Get("title"), f.Text("body"), f.Get("version")
	x, v, err := p.onePost(c, "edit")
	if err != nil {
		return err
	}
	err = p.Board.Edit(c.Context(), c.Actor(), x.Post.ID, number(version), title, body)
	switch {
	case err == nil:
		return c.Redirect(placeOf(x.Network.ID, x.Thread.Kind, x.Thread.ID, x.Post.Seq), "board.flash.edited")
	case fault.Is(err, fault.Conflict) && fault.As(err).Key == "board.stale":
		return bothTexts(c, x, &v, title, body)
	}
	v.Form.Action += "/edytuj"
	p.editFields(c, x, &v, title, body, version)
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Form.Problems = pr
		return actPage(v)
	})
}

// bothTexts shows what the post says now beside what was typed.
func bothTexts(c *kit.Ctx, x *board.PostPage, v *actView, title, body string) error {
	out := ui.ConflictView{Action: v.Form.Action + "/edytuj", Cancel: v.Form.Cancel, Hidden: []ui.Hidden{{Name: "version", Value: itoa(x.Post.Version)}},
		Fields: []ui.ConflictField{{Name: "body", Label: c.T("board.page.body"), Mine: body, Theirs: x.Post.Body, Long: true}}}
	if x.Post.Seq == 1 {
		out.Fields = append([]ui.ConflictField{{Name: "title", Label: c.T("board.page.title"), Mine: title, Theirs: x.Thread.Title}}, out.Fields...)
	}
	return c.ConflictPage(out)
}

func (p *pages) deleteFill(c *kit.Ctx) func(*board.PostPage, *actView) {
	return func(_ *board.PostPage, v *actView) {
		v.Form.Lead, v.Form.Submit, v.Form.Danger = c.T("board.page.delete_text"), c.T("board.page.delete_do"), true
	}
}

func (p *pages) deleteQuestion(c *kit.Ctx) error {
	return p.ask(c, "delete", "/usun", func(x *board.PostPage) bool { return x.Post.May.Delete }, p.deleteFill(c))
}

func (p *pages) delete(c *kit.Ctx) error {
	x, v, err := p.onePost(c, "delete")
	if err != nil {
		return err
	}
	gone, err := p.Board.Delete(c.Context(), c.Actor(), x.Post.ID)
	if err != nil {
		v.Form.Action += "/usun"
		p.deleteFill(c)(x, &v)
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v.Form.Problems = pr
			return actPage(v)
		})
	}
	to := placeOf(x.Network.ID, x.Thread.Kind, x.Thread.ID, x.Post.Seq)
	if gone {
		to = listPath(x.Network.ID, x.Thread.Kind)
	}
	return c.Redirect(to, "board.flash.deleted")
}

func (p *pages) addFill(c *kit.Ctx, typed string) func(*board.PostPage, *actView) {
	return func(_ *board.PostPage, v *actView) {
		v.Form.Lead, v.Form.Submit = c.T("board.page.add_lead"), c.T("board.page.add_do")
		v.Fields = []ui.Input{{Kind: ui.Textarea, Name: "body", Label: c.T("board.page.add_label"), Value: typed, Max: board.MaxAddendum}}
	}
}

func (p *pages) addForm(c *kit.Ctx) error {
	return p.ask(c, "add", "/uzupelnij", func(x *board.PostPage) bool { return x.Post.May.Addendum }, p.addFill(c, ""))
}

func (p *pages) add(c *kit.Ctx) error {
	typed := c.Form().Text("body")
	return p.do(c, "add", "/uzupelnij", "board.flash.added", func(post uuid.UUID) error {
		return p.Board.Add(c.Context(), c.Actor(), post, typed)
	}, p.addFill(c, typed))
}

func (p *pages) reasonFill(c *kit.Ctx, key, typed string, danger bool) func(*board.PostPage, *actView) {
	return func(_ *board.PostPage, v *actView) {
		v.Form.Lead, v.Form.Submit, v.Form.Danger = c.T("board.page."+key+"_text"), c.T("board.page."+key+"_do"), danger
		in := ui.Input{Kind: ui.Textarea, Name: "reason", Label: c.T("board.page." + key + "_reason"), Value: typed, Max: board.MaxReason}
		if key == "hide" {
			in.Hint = c.T("board.page.hide_reason_hint")
		}
		v.Fields = []ui.Input{in}
	}
}

func (p *pages) hideQuestion(c *kit.Ctx) error {
	return p.ask(c, "hide", "/ukryj", func(x *board.PostPage) bool { return x.Post.May.Hide }, p.reasonFill(c, "hide", "", true))
}

func (p *pages) hide(c *kit.Ctx) error {
	typed := c.Form().Text("reason")
	return p.do(c, "hide", "/ukryj", "board.flash.hidden", func(post uuid.UUID) error {
		return p.Board.Hide(c.Context(), c.Actor(), post, typed)
	}, p.reasonFill(c, "hide", typed, true))
}

func (p *pages) lift(c *kit.Ctx) error {
	return p.do(c, "hide", "/przywroc", "board.flash.lifted", func(post uuid.UUID) error {
		return p.Board.Lift(c.Context(), c.Actor(), post)
	}, func(_ *board.PostPage, v *actView) { v.Form.Submit = c.T("board.page.lift") })
}

func (p *pages) reportQuestion(c *kit.Ctx) error {
	return p.ask(c, "report", "/zglos", func(x *board.PostPage) bool { return x.Post.May.Report }, p.reasonFill(c, "report", "", false))
}

func (p *pages) report(c *kit.Ctx) error {
	typed := c.Form().Text("reason")
	return p.do(c, "report", "/zglos", "board.flash.reported", func(post uuid.UUID) error {
		return p.Board.Report(c.Context(), c.Actor(), post, typed)
	}, p.reasonFill(c, "report", typed, false))
}

type historyView struct {
	Title, Lead string
	Versions    []versionView
	Back        ui.Link
}

type versionView struct {
	Title string
	HTML  markdown.Safe
}

func (p *pages) history(c *kit.Ctx) error {
	x, v, err := p.onePost(c, "history")
	if err != nil {
		return err
	}
	list, err := p.Board.Revisions(c.Context(), c.Actor(), x.Post.ID)
	if err != nil {
		return err
	}
	out := historyView{Title: v.Form.Title, Lead: c.T("board.page.history_lead"), Back: ui.Link{Text: c.T("board.page.see_post"), Href: v.Form.Cancel.Href}}
	for _, r := range list {
		out.Versions = append(out.Versions, versionView{Title: c.T("board.page.history_version", "N", r.Version, "At", at(c.Context(), r.ReplacedAt)), HTML: p.Board.Preview(r.Body)})
	}
	return c.Render(http.StatusOK, historyPage(out))
}
