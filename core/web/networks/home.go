package networks

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type homeView struct {
	frame
	N      *network.Network
	Tag    string
	Tone   ui.Tone
	Facts  []ui.Fact
	Invite *door
	Manage []ui.Link
	Module moduleView
	Todo   []ui.TaskRow
	Panels []templ.Component
	// Partial means that some panels could not be read.
	Partial bool
}

// manageTitle names the links: those of who leads the network, or of anybody.
func (v homeView) manageTitle() string {
	if v.N.May.Edit {
		return "networks.manage"
	}
	return "networks.more"
}

// door is what the page says and offers about coming in.
type door struct {
	Tone              ui.Tone
	Title, Text       string
	Submit, Href      string // a link that looks like a button
	Second, SecondRef string
}

// home shows a network: its preview to guests and strangers, more to those inside.
func (p *pages) home(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	panels, beside := p.askPanels(c.Actor(), id)
	n, err := p.Networks.Get(c.Context(), c.Actor(), id, beside)
	if err != nil {
		return err
	}
	v := homeView{frame: p.inside(c, n.Brief(), n.Title, ""), N: n}
	v.Tag, v.Tone = statusTag(c.Context(), n.Status)
	v.Facts = facts(c.Context(), n)
	v.Invite = doorOf(c, n)
	if n.May.View {
		v.Manage = append(manageLinks(c, n), c.AsideOf(n.ID, n.Place())...)
		v.Todo = matters(c.Context(), n)
		v.Panels, v.Partial = panels.show(c, n.Brief())
		if _, t := p.Networks.ModuleOf(n); t != nil && t.HomeView != "" && !n.Off {
			v.Module = p.moduleView(c, n, t.HomeView)
		}
	} else if name := p.Networks.PublicView(n); name != "" {
		v.Module = p.moduleView(c, n, name)
	}
	return c.Render(http.StatusOK, homePage(v))
}

func facts(ctx context.Context, n *network.Network) []ui.Fact {
	list := []ui.Fact{
		{Label: i18n.T(ctx, "networks.coordinator"), Value: n.CoordinatorName},
		{Label: i18n.T(ctx, "networks.centre"), Value: n.CentrePlace.Label(ctx, n.CentreName)},
		{Label: i18n.T(ctx, "networks.seats_label"), Value: seats(ctx, n.Taken, n.Capacity)},
		{Label: i18n.T(ctx, "networks.year"), Value: show.SchoolYear(n.SchoolYear)},
		{Label: i18n.T(ctx, "networks.type"), Value: n.TypeTitle},
		{Label: i18n.T(ctx, "networks.stage"), Value: n.StageTitle},
	}
	going := n.Status == network.Draft || n.Status == network.Open // nobody comes into one that is over
	if going {
		list = append(list, ui.Fact{Label: i18n.T(ctx, "networks.join"), Value: i18n.T(ctx, "networks.join."+string(n.Join))})
	}
	if going && n.OnePerSchool {
		list = append(list, ui.Fact{Label: i18n.T(ctx, "networks.first_label"), Value: firstRule(ctx, n.PriorityUntil)})
	}
	if len(n.Me.Roles) > 0 {
		list = append(list, ui.Fact{Label: i18n.T(ctx, "networks.my_role"), Value: roleNames(ctx, n.Me.Roles)})
	}
	if n.Predecessor != nil {
		list = append(list, ui.Fact{Label: i18n.T(ctx, "networks.predecessor"), Body: link(pathOf(*n.Predecessor), i18n.T(ctx, "networks.predecessor_link"))})
	}
	if n.Successor != nil {
		list = append(list, ui.Fact{Label: i18n.T(ctx, "networks.successor"), Body: link(pathOf(*n.Successor), i18n.T(ctx, "networks.successor_link"))})
	}
	return list
}

// firstRule is the rule of one person a school, in a sentence.
func firstRule(ctx context.Context, until time.Time) string {
	if until.IsZero() {
		return i18n.T(ctx, "networks.first_always")
	}
	last := until.Add(-1)
	return i18n.T(ctx, "networks.first_until", "Until", on(ctx, &last))
}

// doorOf is what the reader can do about coming in; nil for members.
func doorOf(c *kit.Ctx, n *network.Network) *door {
	ctx, path := c.Context(), pathOf(n.ID)
	d := n.Door()
	if d == network.DoorMember {
		return nil
	}
	text := func(args ...any) string { return c.T("networks.in."+string(d)+".text", args...) }
	out := &door{Tone: ui.Info, Title: c.T("networks.in." + string(d) + ".title")}
	action := func(key, page string) { out.Submit, out.Href = c.T(key), path+page }
	switch d {
	case network.DoorDraft:
		if n.May.Edit {
			action("networks.open", "/otworz")
		}
		out.Tone, out.Text = ui.Warn, text()
	case network.DoorOffered:
		action("networks.answer_offer", "/zaproszenie")
		out.Tone, out.Text = ui.Warn, text("Until", at(ctx, n.Me.Until))
	case network.DoorInvited:
		action("networks.answer_invitation", "/zaproszenie")
		out.Tone, out.Text = ui.Warn, text("Until", at(ctx, n.Me.InvitedUntil))
	case network.DoorWaiting:
		out.Text, out.Second, out.SecondRef = text("Place", n.Me.Place), c.T("networks.leave_queue"), path+"/rezygnacja"
		if n.Me.Second { // there may be free places, for others
			out.Title, out.Text = c.T("networks.in.waiting.second_title"), c.T("networks.in.waiting.second", "Place", n.Me.Place)
		}
	case network.DoorRequested:
		out.Text, out.Second, out.SecondRef = text(), c.T("networks.leave_request"), path+"/rezygnacja"
	case network.DoorOpen, network.DoorQueue, network.DoorRequest:
		action("networks.do."+string(d), "/dolacz")
		out.Text = text()
		if !c.Actor().SignedIn() {
			out.Text += " " + c.T("networks.sign_in_first")
		}
	default:
		out.Tone, out.Text = ui.Neutral, text()
	}
	if n.Me.State == network.Refused || n.Me.State == network.Removed {
		out.Text += " " + c.T("networks.in.note", "Note", n.Me.Note)
	}
	return out
}

// manageLinks are the pages of those who lead a network.
func manageLinks(c *kit.Ctx, n *network.Network) []ui.Link {
	path := pathOf(n.ID)
	var out []ui.Link
	add := func(may bool, key, page string, args ...any) {
		if may {
			out = append(out, ui.Link{Text: c.T(key, args...), Href: path + page})
		}
	}
	going := n.Status == network.Draft || n.Status == network.Open
	add(going && n.May.Edit, "networks.edit", "/edytuj")
	add(going && n.May.Edit, "networks.programme.title", "/program")
	add(going && n.May.Invite, "networks.invite", "/uczestnicy/zapros")
	if n.Matters != nil && n.Status == network.Open {
		add(n.May.Manage, "networks.requests_n", "/uczestnicy/zgloszenia", "Count", n.Matters.Requests)
		add(n.May.Manage, "networks.waiting_n", "/uczestnicy/lista-rezerwowa", "Count", n.Matters.Waiting+n.Matters.Offered)
	}
	add(going && (n.May.Handover || n.May.HandoverByHand || n.Me.Handover != nil), "networks.handover", "/przekazanie")
	add(n.Status != network.Draft && n.May.Renew && n.Successor == nil, "networks.renew", "/nastepny-rok")
	add(n.Me.State == network.Active && n.May.Leave && n.Status == network.Open, "networks.leave", "/rezygnacja")
	return out
}

// matters are the open things of a network as a list of tasks.
func matters(ctx context.Context, n *network.Network) []ui.TaskRow {
	var out []ui.TaskRow
	path := pathOf(n.ID)
	if n.Me.Handover != nil {
		out = append(out, ui.TaskRow{Title: i18n.T(ctx, "networks.handover_for_me"), Href: path + "/przekazanie", Status: i18n.T(ctx, "networks.to_answer"), Tone: ui.Warn})
	}
	if !n.May.Proposals {
		return out
	}
	for _, r := range n.Matters.Proposals {
		row := ui.TaskRow{Title: r.Title, Href: path + "/propozycje", Status: i18n.T(ctx, "networks.proposal."+r.State), Tone: ui.Info}
		if r.State == "voting" {
			row.Hint = i18n.T(ctx, "networks.vote_until", "Until", at(ctx, r.Until))
			if row.Tone = ui.Warn; r.Voted {
				row.Status, row.Done = i18n.T(ctx, "networks.voted"), true
			}
		}
		out = append(out, row)
	}
	return out
}

func link(href, text string) templ.Component { return linkTo(href, text) }
