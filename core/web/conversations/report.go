package conversations

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/conversation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type discloseView struct {
	Form    ui.FormView
	Message messageView
	Reason  ui.Input
	Consent ui.Input
}

// discloseView is the question about the message that the address names.
func (p *pages) discloseView(c *kit.Ctx) (discloseView, uuid.UUID, int, error) {
	id, err := c.UUID("rozmowa")
	if err != nil {
		return discloseView{}, id, 0, err
	}
	seq, err := strconv.Atoi(c.Param("nr"))
	if err != nil || seq < 1 || seq > 1_000_000_000 {
		return discloseView{}, id, 0, fault.ErrNotFound
	}
	t, err := p.Conversations.Read(c.Context(), c.Actor(), id, conversation.PageOf(seq))
	if err != nil {
		return discloseView{}, id, seq, err
	}
	i := (seq - 1) % conversation.PageSize
	if i >= len(t.List) || t.List[i].Mine {
		return discloseView{}, id, seq, fault.ErrNotFound
	}
	title, path := c.T("conversation.page.report_title"), conversation.Path(id)
	v := discloseView{Message: messageOf(c, &t.List[i], path, t.Messages), Form: ui.FormView{Title: title, Lead: c.T("conversation.page.report_text"),
		Action: path + "/wiadomosci/" + strconv.Itoa(seq) + "/zglos", Submit: c.T("conversation.page.report_do"), Cancel: ui.Link{Text: c.T("conversation.page.cancel"), Href: path}},
		Reason:  ui.Input{Kind: ui.Textarea, Name: "reason", Label: c.T("conversation.page.report_reason"), Max: conversation.MaxReason},
		Consent: ui.Input{Kind: ui.Checkbox, Name: "consent", Label: c.T("conversation.page.report_consent")}}
	v.Message.Report = ""
	c.Page(title).In("/moje").Crumb(c.T("conversation.page.title"), ListPath).Crumb(titleOf(c, &t.Conversation), path)
	return v, id, seq, nil
}

func (p *pages) discloseQuestion(c *kit.Ctx) error {
	v, _, _, err := p.discloseView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, disclosePage(v))
}

func (p *pages) disclose(c *kit.Ctx) error {
	v, id, seq, err := p.discloseView(c)
	if err != nil {
		return err
	}
	reason, consent := c.Form().Text("reason"), c.Form().Has("consent")
	if err := p.Conversations.Report(c.Context(), c.Actor(), id, seq, reason, consent); err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v.Form.Problems, v.Reason.Value, v.Consent.Checked = pr, reason, consent
			return disclosePage(v)
		})
	}
	return c.Redirect(conversation.Path(id), "conversation.flash.reported")
}

func (p *pages) reports(c *kit.Ctx) error {
	list, err := p.Conversations.Reports(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	var cards []ui.Card
	for i := range list {
		d := &list[i]
		cards = append(cards, ui.Card{Title: c.T("conversation.page.case") + ": " + d.Title, Href: ReportsPath + "/" + d.ID.String(),
			Facts: []ui.Fact{{Label: c.T("conversation.page.fact_reported"), Value: at(c.Context(), d.Reported)}}})
	}
	c.Page(c.T("conversation.page.reports")).In("/zarzadzanie")
	return c.Render(http.StatusOK, reportsPage(cards))
}

type reportView struct {
	Title    string
	Facts    []ui.Fact
	Form     *ui.FormView
	Outcome  ui.Input
	Answer   ui.Input
	Note     string
	Problems ui.Problems
}

func (p *pages) reportView(c *kit.Ctx) (reportView, uuid.UUID, error) {
	id, err := c.UUID("zgloszenie")
	if err != nil {
		return reportView{}, id, err
	}
	d, err := p.Conversations.OneReport(c.Context(), c.Actor(), id)
	if err != nil {
		return reportView{}, id, err
	}
	ctx := c.Context()
	fact := func(key, value string) ui.Fact {
		return ui.Fact{Label: c.T("conversation.page.fact_" + key), Value: value}
	}
	v := reportView{Title: c.T("conversation.page.case"), Facts: []ui.Fact{fact("network", d.Title), fact("author", d.Author), fact("written", at(ctx, d.At)),
		fact("body", d.Body), fact("reporter", d.Reporter), fact("reported", at(ctx, d.Reported)), fact("reason", d.Reason)}}
	switch {
	case d.Outcome != "":
		v.Facts = append(v.Facts, fact("outcome", c.T("conversation.page.outcome_"+d.Outcome)), ui.Fact{Label: c.T("conversation.page.judge_answer"), Value: d.Answer})
	case d.May:
		v.Form = &ui.FormView{Action: ReportsPath + "/" + id.String(), Submit: c.T("conversation.page.judge_do"), Cancel: ui.Link{Text: c.T("conversation.page.cancel"), Href: ReportsPath}}
		v.Outcome = ui.Input{Kind: ui.Radios, Name: "outcome", Label: c.T("conversation.page.judge"),
			Options: []ui.Option{{Value: "hidden", Text: c.T("conversation.page.judge_hide")}, {Value: "kept", Text: c.T("conversation.page.judge_keep")}}}
		v.Answer = ui.Input{Kind: ui.Textarea, Name: "answer", Label: c.T("conversation.page.judge_answer"), Hint: c.T("conversation.page.judge_hint"), Max: conversation.MaxReason}
	default:
		v.Note = c.T("conversation.page.judge_not")
	}
	c.Page(v.Title).In("/zarzadzanie").Crumb(c.T("conversation.page.reports"), ReportsPath)
	return v, id, nil
}

func (p *pages) report(c *kit.Ctx) error {
	v, _, err := p.reportView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, reportPage(v))
}

func (p *pages) judge(c *kit.Ctx) error {
	v, id, err := p.reportView(c)
	if err != nil {
		return err
	}
	outcome, answer := c.Form().Get("outcome"), c.Form().Text("answer")
	if outcome != "hidden" && outcome != "kept" {
		err = fault.InvalidFields(fault.Field{Path: "outcome", Key: "conversation.page.judge_missing"})
	} else {
		err = p.Conversations.Judge(c.Context(), c.Actor(), id, outcome == "hidden", answer)
	}
	if err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v.Problems, v.Outcome.Value, v.Answer.Value = pr, outcome, answer
			return reportPage(v)
		})
	}
	return c.Redirect(ReportsPath, "conversation.flash.judged")
}
