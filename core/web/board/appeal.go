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

// appealFill is the author's page of a hidden post: the form, or how it stands.
func (p *pages) appealFill(c *kit.Ctx, typed string) func(*board.PostPage, *actView) {
	return func(x *board.PostPage, v *actView) {
		v.Form.Lead = c.T("board.page.appeal_lead")
		if !x.Network.May.View { // after leaving, nothing to go back to
			v.Form.Cancel = ui.Link{Text: c.T("web.nav.mine"), Href: "/moje"}
		}
		if x.Post.May.Appeal {
			v.Form.Submit = c.T("board.page.appeal_do")
			v.Fields = []ui.Input{{Kind: ui.Textarea, Name: "appeal", Label: c.T("board.page.appeal_label"), Value: typed, Max: board.MaxAppeal}}
			return
		}
		if x.Post.State != board.Hidden {
			v.Form.Lead, v.Notes = "", []string{c.T("board.page.appeal_shown")}
			return
		}
		v.Form.Lead = ""
		if x.Post.Hiding.Decision == "" {
			v.Notes = []string{c.T("board.page.appeal_sent_plain")}
		}
		v.Notes = append(v.Notes, labelled(c.T("board.page.appeal_mine"), x.Appeal)...)
		v.Notes = append(v.Notes, labelled(c.T("board.page.appeal_answer"), x.Answer)...)
	}
}

func labelled(label, text string) []string {
	if text == "" {
		return nil
	}
	return []string{label + ": " + text}
}

func (p *pages) appealForm(c *kit.Ctx) error {
	me := c.Actor().Person
	return p.ask(c, "appeal", "/odwolanie", func(x *board.PostPage) bool { return x.Post.AuthorID == me }, p.appealFill(c, ""))
}

func (p *pages) sendAppeal(c *kit.Ctx) error {
	typed := c.Form().Text("appeal")
	x, v, err := p.onePost(c, "appeal")
	if err != nil {
		return err
	}
	if err := p.Board.Appeal(c.Context(), c.Actor(), x.Post.ID, typed); err != nil {
		v.Form.Action += "/odwolanie"
		p.appealFill(c, typed)(x, &v)
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v.Form.Problems = pr
			return actPage(v)
		})
	}
	return c.Redirect(board.PostPath(x.Network.ID, x.Post.ID)+"/odwolanie", "board.flash.appealed")
}

// appeals is the centre's list.
func (p *pages) appeals(c *kit.Ctx) error {
	list, err := p.Board.Appeals(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	var cards []ui.Card
	for i := range list {
		a := &list[i]
		cards = append(cards, ui.Card{Title: a.Title, Href: AppealsPath + "/" + a.ID.String(), Lead: a.NetworkTitle,
			Facts: []ui.Fact{{Label: c.T("board.page.fact_author"), Value: a.Author}, {Label: c.T("board.page.fact_appealed"), Value: at(c.Context(), a.AppealedAt)}}})
	}
	c.Page(c.T("board.page.appeals")).In("/zarzadzanie")
	return c.Render(http.StatusOK, appealsPage(cards))
}

type appealView struct {
	Title    string
	Facts    []ui.Fact
	HTML     markdown.Safe
	Form     *ui.FormView
	Decision ui.Input
	Reason   ui.Input
	Note     string
	Problems ui.Problems
}

func (p *pages) appealView(c *kit.Ctx) (appealView, uuid.UUID, error) {
	id, err := c.UUID("odwolanie")
	if err != nil {
		return appealView{}, id, err
	}
	a, err := p.Board.OneAppeal(c.Context(), c.Actor(), id)
	if err != nil {
		return appealView{}, id, err
	}
	ctx := c.Context()
	v := appealView{Title: c.T("board.page.appeal_case", "Title", a.Title), HTML: a.HTML, Facts: []ui.Fact{
		{Label: c.T("board.page.fact_network"), Value: a.NetworkTitle},
		{Label: c.T("board.page.fact_author"), Value: a.Author}, {Label: c.T("board.page.fact_written"), Value: at(ctx, a.WrittenAt)},
		{Label: c.T("board.page.fact_hidden"), Value: at(ctx, a.HiddenAt)}, {Label: c.T("board.page.fact_by"), Value: a.HiddenBy},
		{Label: c.T("board.page.fact_reason"), Value: a.Reason}, {Label: c.T("board.page.fact_appealed"), Value: at(ctx, a.AppealedAt)},
		{Label: c.T("board.page.fact_appeal"), Value: a.Appeal},
	}}
	if a.Decision != "" {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("board.page.fact_decision"), Value: c.T("board.page.decision_" + a.Decision)}, ui.Fact{Label: c.T("board.page.judge_reason"), Value: a.Answer})
	}
	if a.May {
		v.Form = &ui.FormView{Action: AppealsPath + "/" + id.String(), Submit: c.T("board.page.judge_do"), Cancel: ui.Link{Text: c.T("board.page.cancel"), Href: AppealsPath}}
		v.Decision = ui.Input{Kind: ui.Radios, Name: "decision", Label: c.T("board.page.judge_label"), Options: []ui.Option{
			{Value: "restored", Text: c.T("board.page.judge_restored")}, {Value: "upheld", Text: c.T("board.page.judge_upheld")}}}
		v.Reason = ui.Input{Kind: ui.Textarea, Name: "reason", Label: c.T("board.page.judge_reason"), Hint: c.T("board.page.judge_reason_hint"), Max: board.MaxReason}
	} else if a.Decision == "" {
		v.Note = c.T("board.page.judge_not")
	}
	c.Page(v.Title).In("/zarzadzanie").Crumb(c.T("board.page.appeals"), AppealsPath)
	return v, id, nil
}

func (p *pages) appeal(c *kit.Ctx) error {
	v, _, err := p.appealView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, appealPage(v))
}

func (p *pages) decide(c *kit.Ctx) error {
	v, id, err := p.appealView(c)
	if err != nil {
		return err
	}
	f := c.Form()
	decision, reason := f.Get("decision"), f.Text("reason")
	if decision != "restored" && decision != "upheld" {
		err = fault.InvalidFields(fault.Field{Path: "decision", Key: "board.page.judge_missing"})
	} else {
		err = p.Board.Decide(c.Context(), c.Actor(), id, decision == "restored", reason)
	}
	if err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v.Problems, v.Decision.Value, v.Reason.Value = pr, decision, reason
			return appealPage(v)
		})
	}
	return c.Redirect(AppealsPath, "board.flash.judged")
}
