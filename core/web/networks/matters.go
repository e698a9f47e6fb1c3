package networks

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type proposalView struct {
	ID, Title, Body, By, Tag, Result string
	Tone                             ui.Tone
	Vote, Open, Withdraw, Mine       string
	Day, Hour                        string
}

type proposalsView struct {
	frame
	Title                 string
	Items                 []proposalView
	Choices               []ui.Option
	Pages                 ui.Pages
	Problems              ui.Problems
	TitleTyped, BodyTyped string
}

func (p *pages) proposalsView(c *kit.Ctx) (proposalsView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return proposalsView{}, err
	}
	page, err := p.Networks.Proposals(c.Context(), c.Actor(), id, c.Query("po"))
	if err != nil {
		return proposalsView{}, err
	}
	v := proposalsView{frame: p.inside(c, page.Network, c.T("networks.proposals"), "/propozycje"), Title: c.T("networks.proposals")}
	v.Pages = paging(c, v.Here, page.Next)
	for _, x := range network.Choices {
		v.Choices = append(v.Choices, ui.Option{Value: string(x), Text: c.T("networks.choice." + string(x))})
	}
	for i := range page.Items {
		v.Items = append(v.Items, p.proposalView(c, &v.frame, &page.Items[i]))
	}
	return v, nil
}

func (p *pages) proposalView(c *kit.Ctx, f *frame, r *network.Proposal) proposalView {
	own := f.Here + "/" + r.ID.String()
	v := proposalView{ID: r.ID.String(), Title: r.Title, Body: r.Body, Mine: string(r.MyVote), Tag: c.T("networks.proposal." + r.State), Tone: ui.Neutral}
	v.By = c.T("networks.proposed_by", "Name", r.Author, "Date", on(c.Context(), &r.CreatedAt))
	going := f.Status == network.Open
	switch r.State {
	case "voting":
		v.Tone, v.Result = ui.Warn, c.T("networks.vote_until", "Until", at(c.Context(), r.Until))
		if r.Over {
			v.Tag, v.Result = c.T("networks.vote_counting"), votes(c, r)
		} else if f.May.Vote && going {
			v.Vote = own + "/glos"
		}
	case "adopted", "rejected":
		if v.Result = votes(c, r); r.State == "adopted" {
			v.Tone = ui.Good
		}
	case "open":
		v.Tone = ui.Info
		if f.May.Decide && going {
			v.Open = own + "/glosowanie"
			v.Day, v.Hour = p.Clock.Now().In(clock.Warsaw).AddDate(0, 0, 7).Format(time.DateOnly), "20:00"
		}
		if going && (r.Mine || f.May.Decide) {
			v.Withdraw = own + "/wycofaj"
		}
	}
	return v
}

func votes(c *kit.Ctx, r *network.Proposal) string {
	return c.T("networks.votes", "Yes", r.Yes, "No", r.No, "Abstain", r.Abstain)
}

func (p *pages) proposals(c *kit.Ctx) error {
	v, err := p.proposalsView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, proposalsPage(v))
}

// retryProposals shows the page again with what was typed.
func (p *pages) retryProposals(c *kit.Ctx, err error, change func(*proposalsView)) error {
	v, e := p.proposalsView(c)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Problems = pr
		change(&v)
		return proposalsPage(v)
	})
}

func (p *pages) propose(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	title, body := c.Form().Get("title"), c.Form().Text("body")
	if _, err := p.Networks.Propose(c.Context(), c.Actor(), id, title, body); err != nil {
		return p.retryProposals(c, err, func(v *proposalsView) { v.TitleTyped, v.BodyTyped = title, body })
	}
	return c.Redirect(pathOf(id)+"/propozycje", "networks.flash.proposed")
}

// onProposal runs an act on the proposal of the address.
func (p *pages) onProposal(c *kit.Ctx, flash, field string, do func(id, proposal uuid.UUID) error, change func(*proposalView)) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	proposal, err := c.UUID("propozycja")
	if err != nil {
		return err
	}
	if err = do(id, proposal); err == nil {
		return c.Redirect(pathOf(id)+"/propozycje", flash)
	}
	return p.retryProposals(c, renamed(err, field, field+"-"+proposal.String()), func(v *proposalsView) {
		for i := range v.Items {
			if v.Items[i].ID == proposal.String() {
				change(&v.Items[i])
			}
		}
	})
}

func (p *pages) openVote(c *kit.Ctx) error {
	name := c.Param("propozycja")
	day, hour := c.Form().Get("until-"+name), c.Form().Get("hour-"+name)
	return p.onProposal(c, "networks.flash.vote_open", "until", func(id, proposal uuid.UUID) error {
		d, okDay := form.ParseDate(day)
		h, m, okHour := form.ParseTime(hour)
		if !okDay || !okHour {
			return fault.InvalidFields(fault.Field{Path: "until", Key: "networks.bad_time"})
		}
		until := time.Date(d.Year(), d.Month(), d.Day(), h, m, 0, 0, clock.Warsaw)
		return p.Networks.OpenVote(c.Context(), c.Actor(), id, proposal, until.UTC())
	}, func(v *proposalView) { v.Day, v.Hour = day, hour })
}

func (p *pages) vote(c *kit.Ctx) error {
	choice := c.Form().Get("choice-" + c.Param("propozycja"))
	return p.onProposal(c, "networks.flash.voted", "choice", func(id, proposal uuid.UUID) error {
		return p.Networks.Vote(c.Context(), c.Actor(), id, proposal, network.Choice(choice))
	}, func(v *proposalView) { v.Mine = choice })
}

func (p *pages) withdrawProposal(c *kit.Ctx) error {
	return p.onProposal(c, "networks.flash.proposal_withdrawn", "", func(id, proposal uuid.UUID) error {
		return p.Networks.WithdrawProposal(c.Context(), c.Actor(), id, proposal)
	}, func(*proposalView) {})
}

type handoverButton struct {
	Text, Value string
	Second      bool
}

type handoverView struct {
	frame
	Title       string
	H           network.HandoverView
	Facts       []ui.Fact
	Buttons     []handoverButton
	MayPropose  bool
	To          ui.Input
	Note, Email string
	Problems    ui.Problems
}

func (p *pages) handoverView(c *kit.Ctx) (handoverView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return handoverView{}, err
	}
	var h network.HandoverView
	var page network.MembersPage
	err = c.Together(
		func(ctx context.Context) (err error) { h, err = p.Networks.Handover(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			if page, err = p.Networks.Members(ctx, c.Actor(), id, false, "", 100); fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
				return nil // whoever may propose sees them
			}
			return err
		})
	if err != nil {
		return handoverView{}, err
	}
	if h.Network.Off {
		return handoverView{}, p.Networks.Refusal(c.Context(), c.Actor(), id)
	}
	v := handoverView{frame: p.inside(c, h.Network, c.T("networks.handover"), ""), Title: c.T("networks.handover"), H: h}
	add := func(may bool, answer network.HandoverAnswer, second bool) {
		if may {
			v.Buttons = append(v.Buttons, handoverButton{c.T("networks.handover_answer." + string(answer)), string(answer), second})
		}
	}
	if h.Proposed {
		v.Facts = []ui.Fact{{Label: c.T("networks.handover_from"), Value: h.From}, {Label: c.T("networks.handover_to"), Value: h.To}, {Label: c.T("networks.handover_note"), Value: h.Note}}
		add(h.ForMe, network.HandoverAccept, false)
		add(h.ForMe, network.HandoverDecline, true)
		add(!h.ForMe && !h.Offered && v.May.HandoverByHand, network.HandoverConfirm, false)
		add(h.ByMe || v.May.HandoverByHand, network.HandoverWithdraw, true)
		return v, nil
	}
	if v.MayPropose = v.May.Handover; v.MayPropose {
		v.To = ui.Input{Kind: ui.Select, Name: "to", Label: c.T("networks.handover_to"), Value: c.Form().Get("to"), Empty: c.T("networks.choose")}
		for i := range page.Members {
			if m := &page.Members[i]; m.Person != c.Actor().Person {
				v.To.Options = append(v.To.Options, ui.Option{Value: m.Person.String(), Text: m.Name + " – " + school(c.Context(), m)})
			}
		}
	}
	return v, nil
}

func (p *pages) handover(c *kit.Ctx) error {
	v, err := p.handoverView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, handoverPage(v))
}

// onHandover runs an act on the hand-over of a network; do may choose what is
// said then.
func (p *pages) onHandover(c *kit.Ctx, flash *string, do func(id uuid.UUID) error) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err = do(id); err == nil {
		return c.Redirect(pathOf(id), *flash)
	}
	v, e := p.handoverView(c)
	if e != nil {
		return err
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Problems, v.Note, v.Email = pr, c.Form().Text("note"), c.Form().Get("email")
		return handoverPage(v)
	})
}

func (p *pages) proposeHandover(c *kit.Ctx) error {
	flash := "networks.flash.handover_proposed"
	return p.onHandover(c, &flash, func(id uuid.UUID) error {
		_, err := p.Networks.ProposeHandover(c.Context(), c.Actor(), id, uuidOf(c.Form().Get("to")), c.Form().Text("note"))
		return err
	})
}

func (p *pages) answerHandover(c *kit.Ctx) error {
	flash := "networks.flash.handover_answered"
	return p.onHandover(c, &flash, func(id uuid.UUID) error {
		return p.Networks.AnswerHandover(c.Context(), c.Actor(), id, network.HandoverAnswer(c.Form().Get("odpowiedz")))
	})
}

func (p *pages) replaceCoordinator(c *kit.Ctx) error {
	flash := "networks.flash.replaced"
	return p.onHandover(c, &flash, func(id uuid.UUID) error {
		offered, err := p.Networks.ReplaceCoordinator(c.Context(), c.Actor(), id, c.Form().Get("email"))
		if offered {
			flash = "networks.flash.lead_offered"
		}
		return err
	})
}
