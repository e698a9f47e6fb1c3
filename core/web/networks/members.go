package networks

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// sub are the pages about members, as a second row of tabs.
type sub struct {
	Sub     []ui.Link
	SubHere string
}

func subOf(c *kit.Ctx, f *frame, here string) sub {
	s := sub{SubHere: f.Path + "/uczestnicy" + here}
	add := func(may bool, key, page string) {
		if may {
			s.Sub = append(s.Sub, ui.Link{Text: c.T(key), Href: f.Path + "/uczestnicy" + page})
		}
	}
	add(true, "networks.members", "")
	if f.Status == network.Draft || f.Status == network.Open { // nobody comes into a network that is over
		add(f.May.Manage, "networks.requests", "/zgloszenia")
		add(f.May.Manage, "networks.waiting", "/lista-rezerwowa")
		add(f.May.Invite, "networks.invite", "/zapros")
	}
	return s
}

type membersView struct {
	frame
	sub
	Title, Lead, None string
	Current           string
	Invites           bool
	Table             ui.Table
	Pages             ui.Pages
	Problems          ui.Problems
}

func (p *pages) members(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	former := c.Query("pokaz") == "byli"
	page, err := p.Networks.Members(c.Context(), c.Actor(), id, former, c.Query("po"), 50)
	if err != nil {
		return err
	}
	v := membersView{frame: p.inside(c, page.Network, c.T("networks.members"), "/uczestnicy"), Title: c.T("networks.members"), None: c.T("networks.members_none"), Invites: !former}
	v.sub = subOf(c, &v.frame, "")
	v.Pages = paging(c, v.Path+"/uczestnicy", page.Next, "pokaz", c.Query("pokaz"))
	v.Table = p.memberTable(c, &v.frame, page.Members, former)
	return c.Render(http.StatusOK, membersPage(v))
}

// memberTable shows names and schools to participants, more to those who manage;
// members may write to each other.
func (p *pages) memberTable(c *kit.Ctx, f *frame, list []network.Member, former bool) ui.Table {
	t := ui.Table{Caption: c.T("networks.members"), HideCaption: true, Columns: []ui.Column{{Label: c.T("networks.name")}, {Label: c.T("networks.school")}, {Label: c.T("networks.roles")}}}
	if f.May.Manage {
		t.Columns = append(t.Columns, ui.Column{Label: c.T("networks.joined")})
	}
	talks := p.Talk != nil && !former && f.Status == network.Open && inside(c.Actor(), f.ID)
	if talks {
		t.Columns = append(t.Columns, ui.Column{Label: c.T("networks.talk")})
	}
	for i := range list {
		m := &list[i]
		name := ui.Cell{Text: m.Name}
		if f.May.Manage && !former {
			name.Href = f.Path + "/uczestnicy/" + m.Person.String()
		}
		row := []ui.Cell{name, {Text: school(c.Context(), m)}, {Text: roleNames(c.Context(), m.Roles)}}
		if f.May.Manage {
			when := m.JoinedAt
			if former {
				when = m.EndedAt
			}
			row = append(row, ui.Cell{Text: on(c.Context(), when)})
		}
		if talks {
			var cell ui.Cell
			if m.Person != c.Actor().Person {
				cell = ui.Cell{Text: c.T("networks.talk_to", "Name", m.Name), Href: p.Talk(f.ID, m.Person)}
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// inside reports whether the actor has a role in the network itself.
func inside(a *access.Actor, id uuid.UUID) bool {
	return a.On(access.Network, id)
}

func school(ctx context.Context, m *network.Member) string { return m.Label(ctx, m.School) }

type requestView struct {
	ID, Name, Message, Action, Note string
	Facts                           []ui.Fact
	Warnings                        []warning
}

type requestsView struct {
	frame
	sub
	Title    string
	Items    []requestView
	Pages    ui.Pages
	Problems ui.Problems
}

func (p *pages) requestsView(c *kit.Ctx) (requestsView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return requestsView{}, err
	}
	page, err := p.Networks.Requests(c.Context(), c.Actor(), id, c.Query("po"))
	if err != nil {
		return requestsView{}, err
	}
	v := requestsView{frame: p.inside(c, page.Network, c.T("networks.requests"), "/uczestnicy"), Title: c.T("networks.requests")}
	v.sub = subOf(c, &v.frame, "/zgloszenia")
	v.Pages = paging(c, v.SubHere, page.Next)
	for i := range page.Members {
		m := &page.Members[i]
		r := requestView{ID: m.ID.String(), Name: m.Name, Message: m.Message, Action: v.SubHere + "/" + m.ID.String()}
		r.Facts = []ui.Fact{{Label: c.T("networks.school"), Value: school(c.Context(), m)}, {Label: c.T("networks.asked_on"), Value: at(c.Context(), m.QueuedAt)}}
		if m.SchoolTimes > 0 {
			r.Facts = append(r.Facts, ui.Fact{Label: c.T("networks.school_times"), Value: strconv.Itoa(m.SchoolTimes)})
		}
		v.Items = append(v.Items, r)
	}
	return v, nil
}

func (p *pages) requests(c *kit.Ctx) error {
	v, err := p.requestsView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, requestsPage(v))
}

func (p *pages) decideRequest(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	who, err := c.UUID("zgloszenie")
	if err != nil {
		return err
	}
	d := network.RequestDecision{Accept: c.Form().Get("decyzja") == "tak", Note: c.Form().Text("note-" + who.String()), Reasons: reasons(c.Form())}
	_, err = p.Networks.DecideRequest(c.Context(), c.Actor(), id, who, d)
	if err == nil {
		return c.Redirect(pathOf(id)+"/uczestnicy/zgloszenia", "networks.flash.decided")
	}
	v, e := p.requestsView(c)
	if e != nil {
		return e
	}
	return c.Retry(renamed(err, "note", "note-"+who.String()), func(pr ui.Problems) templ.Component {
		v.Problems = pr
		for i := range v.Items {
			if v.Items[i].ID == who.String() {
				v.Items[i].Note, v.Items[i].Warnings = d.Note, warningsOf(c, err)
			}
		}
		return requestsPage(v)
	})
}

// renamed names a field of an error as this page names its control: a page with
// many forms gives each its own names.
func renamed(err error, field, control string) error {
	f := fault.As(err)
	if f.Kind != fault.Invalid {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if x.Path == field {
			x.Path = control
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

func (p *pages) waiting(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	page, err := p.Networks.WaitingList(c.Context(), c.Actor(), id, c.Query("po"))
	if err != nil {
		return err
	}
	v := membersView{frame: p.inside(c, page.Network, c.T("networks.waiting"), "/uczestnicy"), Title: c.T("networks.waiting"), Lead: c.T("networks.waiting_lead"), None: c.T("networks.waiting_none")}
	v.sub = subOf(c, &v.frame, "/lista-rezerwowa")
	v.Pages = paging(c, v.SubHere, page.Next)
	v.Table = ui.Table{Caption: c.T("networks.waiting"), HideCaption: true, RowHeader: 1, Columns: []ui.Column{
		{Label: c.T("networks.place_label"), Number: true}, {Label: c.T("networks.name")}, {Label: c.T("networks.school")}, {Label: c.T("networks.state")}, {Label: c.T("networks.action")},
	}}
	for i := range page.Members {
		m := &page.Members[i]
		row := []ui.Cell{{}, {Text: m.Name}, {Text: school(c.Context(), m)}, {Text: c.T("networks.offered_until", "Until", at(c.Context(), m.Until))}, {}}
		if m.AccountWaits {
			row[3].Text = c.T("networks.account_waits")
		}
		if m.State == network.Waiting {
			key := "networks.waits_since"
			if m.AccountWaits {
				key = "networks.account_waits_line"
			}
			row[0].Text, row[3].Text = strconv.Itoa(m.Place), c.T(key, "Since", at(c.Context(), m.QueuedAt))
			if m.Second {
				row[3].Text += " " + c.T("networks.second")
			}
			row[4].Body = offerButton(v.SubHere+"/"+m.ID.String(), m.Name)
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	return c.Render(http.StatusOK, membersPage(v))
}

func (p *pages) offer(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	m, err := c.UUID("miejsce")
	if err != nil {
		return err
	}
	if err := p.Networks.Offer(c.Context(), c.Actor(), id, m); err != nil {
		return err
	}
	return c.Redirect(pathOf(id)+"/uczestnicy/lista-rezerwowa", "networks.flash.seat_offered")
}

type roleButton struct{ Action, Label, Role string }

type memberView struct {
	frame
	M        network.Member
	Facts    []ui.Fact
	Roles    []roleButton
	Remove   string
	Reason   string
	Problems ui.Problems
}

func (p *pages) memberView(c *kit.Ctx) (memberView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return memberView{}, err
	}
	person, err := c.UUID("osoba")
	if err != nil {
		return memberView{}, err
	}
	b, m, err := p.Networks.OneMember(c.Context(), c.Actor(), id, person)
	if err != nil {
		return memberView{}, err
	}
	v := memberView{frame: p.inside(c, b, m.Name, "/uczestnicy"), M: m, Reason: c.Form().Text("reason")}
	own := v.Path + "/uczestnicy/" + person.String()
	v.Facts = []ui.Fact{
		{Label: c.T("networks.school"), Value: school(c.Context(), &m)}, {Label: c.T("networks.roles"), Value: roleNames(c.Context(), m.Roles)},
		{Label: c.T("networks.joined"), Value: on(c.Context(), m.JoinedAt)},
	}
	leads := has(m.Roles, string(access.Coordinator))
	if b.May.Roles {
		for _, r := range network.Assignable {
			button := roleButton{own + "/rola", c.T("networks.role_give." + string(r)), string(r)}
			if has(m.Roles, string(r)) {
				button = roleButton{own + "/rola/odbierz", c.T("networks.role_take." + string(r)), string(r)}
			}
			v.Roles = append(v.Roles, button)
		}
	}
	if b.May.Manage && !leads {
		v.Remove = own + "/usun"
	}
	return v, nil
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (p *pages) member(c *kit.Ctx) error {
	v, err := p.memberView(c)
	if err != nil {
		return err
	}
	if v.Off {
		return p.Networks.Refusal(c.Context(), c.Actor(), v.ID)
	}
	if !v.May.Manage {
		return fault.ErrNotFound
	}
	return c.Render(http.StatusOK, memberPage(v))
}

// onMember runs an act on the person of the address and goes back to the list.
func (p *pages) onMember(c *kit.Ctx, flash string, do func(id, person uuid.UUID) error) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	person, err := c.UUID("osoba")
	if err != nil {
		return err
	}
	if err = do(id, person); err == nil {
		return c.Redirect(pathOf(id)+"/uczestnicy", flash)
	}
	v, e := p.memberView(c)
	if e != nil {
		return err // the person is gone meanwhile: say what was wrong
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Problems = pr
		return memberPage(v)
	})
}

func (p *pages) assignRole(c *kit.Ctx) error {
	return p.onMember(c, "networks.flash.role", func(id, person uuid.UUID) error {
		return p.Networks.AssignRole(c.Context(), c.Actor(), id, person, access.Role(c.Form().Get("rola")))
	})
}

func (p *pages) revokeRole(c *kit.Ctx) error {
	return p.onMember(c, "networks.flash.role", func(id, person uuid.UUID) error {
		return p.Networks.RevokeRole(c.Context(), c.Actor(), id, person, access.Role(c.Form().Get("rola")))
	})
}

func (p *pages) remove(c *kit.Ctx) error {
	return p.onMember(c, "networks.flash.removed", func(id, person uuid.UUID) error {
		return p.Networks.Remove(c.Context(), c.Actor(), id, person, c.Form().Text("reason"))
	})
}
