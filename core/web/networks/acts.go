package networks

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// get reads the network of the address.
func (p *pages) get(c *kit.Ctx) (*network.Network, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	return p.Networks.Get(c.Context(), c.Actor(), id)
}

// denied answers for an act that is not offered: while the network's type is
// switched off, those who hold the right read that it is.
func (p *pages) denied(c *kit.Ctx, n *network.Network, held bool) error {
	if n.Off && held {
		return p.Networks.Reachable(c.Context(), n)
	}
	return fault.ErrNotFound
}

// question is a page with one question and its button.
type question struct {
	frame
	ui.ConfirmView
	Inputs   []ui.Input
	Warnings []warning
	Aim      string
}

func (p *pages) ask(c *kit.Ctx, n *network.Network, tab string, v ui.ConfirmView) question {
	v.Cancel = ui.Link{Text: c.T("networks.back"), Href: pathOf(n.ID)}
	return question{frame: p.inside(c, n.Brief(), v.Title, tab), ConfirmView: v}
}

func (p *pages) openQuestion(c *kit.Ctx) error {
	n, err := p.get(c)
	if err != nil {
		return err
	}
	if !n.May.Edit {
		return p.denied(c, n, n.Held.Edit)
	}
	return c.Render(http.StatusOK, questionPage(p.ask(c, n, "", ui.ConfirmView{
		Title: c.T("networks.open"), Text: c.T("networks.open_text"), Facts: facts(c.Context(), n), Action: pathOf(n.ID) + "/otworz", Submit: c.T("networks.open"),
	})))
}

func (p *pages) open(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Networks.OpenNetwork(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(pathOf(id), "networks.flash.opened")
}

func (p *pages) editView(c *kit.Ctx, n *network.Network, t typed, version int) settingsView {
	p.inside(c, n.Brief(), c.T("networks.edit"), "")
	return settingsView{
		Title: c.T("networks.edit"), Lead: n.Title, Action: pathOf(n.ID) + "/edytuj", Inputs: p.inputs(c, t, false), Submit: c.T("networks.save"),
		Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.Itoa(version)}}, Cancel: ui.Link{Text: c.T("networks.cancel"), Href: pathOf(n.ID)},
	}
}

func (p *pages) edit(c *kit.Ctx) error {
	n, err := p.get(c)
	if err != nil {
		return err
	}
	if !n.May.Edit {
		return p.denied(c, n, n.Held.Edit)
	}
	return c.Render(http.StatusOK, settingsPage(p.editView(c, n, typedFrom(&n.Settings), n.Version)))
}

// save writes the settings; the second of two editors gets both texts.
func (p *pages) save(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t := typedOf(c.Form())
	version, _ := strconv.Atoi(c.Form().Get("wersja"))
	err = p.Networks.Edit(c.Context(), c.Actor(), id, version, t.settings())
	if err == nil {
		return c.Redirect(pathOf(id), "networks.flash.saved")
	}
	n, e := p.get(c)
	if e != nil {
		return e
	}
	if fault.As(err).Key == "network.stale" {
		p.inside(c, n.Brief(), c.T("networks.edit"), "")
		return c.Render(http.StatusConflict, ui.Conflict(p.conflict(c, n, t)))
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v := p.editView(c, n, t, version)
		v.Problems = pr
		return settingsPage(v)
	})
}

// conflict shows what was typed beside what somebody saved meanwhile.
func (p *pages) conflict(c *kit.Ctx, n *network.Network, mine typed) ui.ConflictView {
	v := p.both(c, mine, typedFrom(&n.Settings), false)
	v.Action, v.Cancel = pathOf(n.ID)+"/edytuj", ui.Link{Text: c.T("networks.conflict_drop"), Href: pathOf(n.ID)}
	v.Hidden = append(v.Hidden, ui.Hidden{Name: "wersja", Value: strconv.Itoa(n.Version)})
	return v
}

// both are the fields in which two versions of the core's part differ; the
// others go along as they were typed.
func (p *pages) both(c *kit.Ctx, mine, theirs typed, coordinator bool) ui.ConflictView {
	var v ui.ConflictView
	for _, in := range p.inputs(c, mine, coordinator) {
		if mine[in.Name] == theirs[in.Name] {
			v.Hidden = append(v.Hidden, ui.Hidden{Name: in.Name, Value: mine[in.Name]})
			continue
		}
		f := ui.ConflictField{Name: in.Name, Label: in.Label, Mine: mine[in.Name], Theirs: theirs[in.Name], Long: in.Kind == ui.Textarea}
		for _, o := range in.Options { // choices in words, but sent as they are
			if o.Value == f.Theirs {
				f.Theirs = o.Text + " (" + o.Value + ")"
			}
		}
		v.Fields = append(v.Fields, f)
	}
	return v
}

func (p *pages) joinView(c *kit.Ctx, n *network.Network) question {
	d := n.Door()
	q := p.ask(c, n, "", ui.ConfirmView{
		Title: c.T("networks.do." + joinKey(d)), Text: c.T("networks.in." + joinKey(d) + ".text"), Action: pathOf(n.ID) + "/dolacz", Submit: c.T("networks.do." + joinKey(d)),
		Facts: []ui.Fact{
			{Label: c.T("networks.network"), Value: n.Title}, {Label: c.T("networks.coordinator"), Value: n.CoordinatorName},
			{Label: c.T("networks.seats_label"), Value: seats(c.Context(), n.Taken, n.Capacity)}, {Label: c.T("networks.year"), Value: show.SchoolYear(n.SchoolYear)},
		},
	})
	if n.OnePerSchool {
		q.Facts = append(q.Facts, ui.Fact{Label: c.T("networks.first_label"), Value: firstRule(c.Context(), n.PriorityUntil)})
	}
	if d == network.DoorRequest {
		q.Inputs = []ui.Input{{Kind: ui.Textarea, Name: "message", Label: c.T("networks.message"), Hint: c.T("networks.message_hint"), Value: c.Form().Text("message"), Max: network.MaxMessage, Optional: true}}
	}
	return q
}

func joinKey(d network.Door) string {
	switch d {
	case network.DoorQueue, network.DoorRequest:
		return string(d)
	}
	return string(network.DoorOpen)
}

func (p *pages) joinQuestion(c *kit.Ctx) error {
	n, err := p.get(c)
	if err != nil {
		return err
	}
	switch n.Door() {
	case network.DoorInvited, network.DoorOffered:
		return c.Redirect(pathOf(n.ID)+"/zaproszenie", "")
	case network.DoorOpen, network.DoorQueue, network.DoorRequest:
		return c.Render(http.StatusOK, questionPage(p.joinView(c, n)))
	}
	return c.Redirect(pathOf(n.ID), "")
}

// joinFlash says where an answer led.
var joinFlash = map[network.State]string{
	network.Active: "networks.flash.joined", network.Waiting: "networks.flash.waiting", network.Offered: "networks.flash.offered", network.Requested: "networks.flash.requested",
}

func (p *pages) join(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	out, err := p.Networks.Join(c.Context(), c.Actor(), id, network.Entry{Message: c.Form().Text("message"), Reasons: reasons(c.Form())})
	if err == nil {
		return c.Redirect(pathOf(id), joinFlash[out.State])
	}
	n, e := p.get(c)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		q := p.joinView(c, n)
		if d := n.Door(); d == network.DoorInvited || d == network.DoorOffered {
			q = p.invitationView(c, n)
		}
		q.Problems, q.Warnings = pr, warningsOf(c, err)
		return questionPage(q)
	})
}

func (p *pages) invitationView(c *kit.Ctx, n *network.Network) question {
	key, until := "networks.answer_invitation", n.Me.InvitedUntil
	submit := c.T("networks.accept_invitation")
	if n.Door() == network.DoorOffered {
		key, until, submit = "networks.answer_offer", n.Me.Until, c.T("networks.accept_offer")
	}
	q := p.joinView(c, n)
	q.ConfirmView.Title, q.Text, q.Submit = c.T(key), c.T("networks.answer_until", "Until", at(c.Context(), until)), submit
	c.Page(q.ConfirmView.Title) // joinView has named the way here
	q.Cancel = ui.Link{Text: c.T("networks.decline"), Href: pathOf(n.ID) + "/rezygnacja"}
	q.Inputs, q.Aim = nil, n.Aim
	if n.Me.InvitedAs != "" && n.Me.InvitedAs != "participant" {
		q.Facts = append(q.Facts, ui.Fact{Label: c.T("networks.invited_as"), Value: roleName(c.Context(), n.Me.InvitedAs)})
	}
	if n.Me.InvitedText != "" && n.Door() == network.DoorInvited {
		q.Facts = append(q.Facts, ui.Fact{Label: c.T("networks.invited_text"), Value: n.Me.InvitedText})
	}
	return q
}

func (p *pages) invitation(c *kit.Ctx) error {
	n, err := p.get(c)
	if err != nil {
		return err
	}
	if d := n.Door(); d != network.DoorInvited && d != network.DoorOffered {
		return c.Redirect(pathOf(n.ID), "")
	}
	return c.Render(http.StatusOK, questionPage(p.invitationView(c, n)))
}

func (p *pages) leaveView(c *kit.Ctx, n *network.Network) question {
	kind := string(n.Door())
	switch n.Door() {
	case network.DoorMember, network.DoorOffered, network.DoorInvited, network.DoorWaiting, network.DoorRequested:
	default:
		kind = string(network.DoorMember)
	}
	return p.ask(c, n, "", ui.ConfirmView{
		Title: c.T("networks.out." + kind + ".title"), Text: c.T("networks.out." + kind + ".text"), Action: pathOf(n.ID) + "/rezygnacja",
		Submit: c.T("networks.out." + kind + ".do"), Danger: true,
	})
}

func (p *pages) leaveQuestion(c *kit.Ctx) error {
	n, err := p.get(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, questionPage(p.leaveView(c, n)))
}

func (p *pages) leave(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	out, err := p.Networks.Leave(c.Context(), c.Actor(), id)
	if err == nil {
		flash := "networks.flash.declined"
		if out.State == network.Left {
			flash = "networks.flash.left"
		}
		return c.Redirect(pathOf(id), flash)
	}
	n, e := p.get(c)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		q := p.leaveView(c, n)
		q.Problems = pr
		return questionPage(q)
	})
}

func (p *pages) renewView(c *kit.Ctx, n *network.Network) question {
	return p.ask(c, n, "", ui.ConfirmView{
		Title: c.T("networks.renew"), Text: c.T("networks.renew_text", "Year", show.SchoolYear(n.SchoolYear+1), "Count", strconv.Itoa(n.Members)),
		Action: pathOf(n.ID) + "/nastepny-rok", Submit: c.T("networks.renew_do"),
	})
}

func (p *pages) renewQuestion(c *kit.Ctx) error {
	n, err := p.get(c)
	if err != nil {
		return err
	}
	if !n.May.Renew {
		return p.denied(c, n, n.Held.Renew)
	}
	if n.Successor != nil {
		return c.Redirect(pathOf(*n.Successor), "")
	}
	return c.Render(http.StatusOK, questionPage(p.renewView(c, n)))
}

func (p *pages) renew(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	next, err := p.Networks.Renew(c.Context(), c.Actor(), id)
	if err == nil {
		return c.Redirect(pathOf(next), "networks.flash.renewed")
	}
	n, e := p.get(c)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		q := p.renewView(c, n)
		q.Problems = pr
		return questionPage(q)
	})
}

// splitLines are the addresses of a text: one a line, or divided by commas,
// semicolons or spaces.
func splitLines(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == ',' || r == ';' || r == ' ' || r == '\t' })
}
