package networks

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type inviteView struct {
	frame
	sub
	Title                       string
	Query                       string
	Chosen, Schools             []ui.Option
	Found                       []registry.Institution
	NothingFound                bool
	Ticked                      []string
	Emails, Message, Days, Rule string
	Role                        ui.Input
	Sent                        ui.Table
	Pages                       ui.Pages
	Problems                    ui.Problems
	Warnings                    []warning
}

// inviteForm finds schools without a script: what was chosen stays in the
// address while more are searched for.
func (p *pages) inviteForm(c *kit.Ctx) error {
	ticked := c.Queries()["szkola"]
	plan, _, err := p.planned(c)
	if err != nil {
		return err
	}
	for _, id := range plan.Schools {
		ticked = append(ticked, id.String())
	}
	v, err := p.inviteView(c, ticked)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, invitePage(v))
}

func (p *pages) inviteView(c *kit.Ctx, ticked []string) (inviteView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return inviteView{}, err
	}
	page, err := p.Networks.Invitations(c.Context(), c.Actor(), id, c.Query("po"))
	if err != nil {
		return inviteView{}, err
	}
	if page.Network.Off {
		return inviteView{}, p.Networks.Refusal(c.Context(), c.Actor(), id)
	}
	v := inviteView{frame: p.inside(c, page.Network, c.T("networks.invite"), "/uczestnicy"), Title: c.T("networks.invite"), Query: c.Query("q"), Days: "14"}
	v.sub = subOf(c, &v.frame, "/zapros")
	v.Pages = paging(c, v.SubHere, page.Next)
	if page.Network.OnePerSchool {
		v.Rule = firstRule(c.Context(), page.Network.PriorityUntil) + " " + c.T("networks.first_hint") + " " + c.T("networks.invite_rule")
	}
	v.Role = ui.Input{Kind: ui.Radios, Name: "role", Label: c.T("networks.invite_role"), Value: string(access.Participant)}
	for _, r := range []access.Role{access.Participant, access.Expert, access.Moderator} {
		v.Role.Options = append(v.Role.Options, ui.Option{Value: string(r), Text: roleName(c.Context(), string(r))})
	}
	if err := p.schools(c, &v, ticked); err != nil {
		return v, err
	}
	v.Sent = sentTable(c, &v.frame, page.Items, p.Clock.Now())
	return v, nil
}

// schools fills in the boxes: those ticked before, and those just found.
func (p *pages) schools(c *kit.Ctx, v *inviteView, ticked []string) error {
	var ids []uuid.UUID
	for _, s := range ticked {
		if id := uuidOf(s); id != uuid.Nil && len(ids) < network.MaxInvited {
			ids = append(ids, id)
		}
	}
	if len(ids) > 0 {
		known, err := p.Registry.Institutions(c.Context(), nil, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if i, ok := known[id]; ok {
				o := ui.Option{Value: id.String(), Text: i.Label(c.Context())}
				v.Chosen, v.Ticked = append(v.Chosen, o), append(v.Ticked, o.Value)
			}
		}
	}
	v.Schools = append(v.Schools, v.Chosen...)
	if v.Query == "" {
		return nil
	}
	found, _, err := p.Registry.Search(c.Context(), registry.SearchQuery{Text: v.Query, Limit: 30})
	if err != nil {
		return err
	}
	v.NothingFound = len(found) == 0
	for i := range found {
		if !has(v.Ticked, found[i].ID.String()) {
			v.Found = append(v.Found, found[i])
			v.Schools = append(v.Schools, ui.Option{Value: found[i].ID.String(), Text: found[i].Label(c.Context())})
		}
	}
	return nil
}

func sentTable(c *kit.Ctx, f *frame, list []network.InvitationLine, now time.Time) ui.Table {
	t := ui.Table{Caption: c.T("networks.invited"), HideCaption: true, Columns: []ui.Column{
		{Label: c.T("networks.whom")}, {Label: c.T("networks.state")}, {Label: c.T("networks.answers"), Number: true}, {Label: c.T("networks.declined"), Number: true}, {Label: c.T("networks.action")},
	}}
	for i := range list {
		l := &list[i]
		state, over := c.T("networks.invited_until", "Until", on(c.Context(), &l.Ends)), !l.Ends.After(now)
		action := ui.Cell{}
		switch {
		case l.Withdrawn != nil:
			state = c.T("networks.withdrawn")
		case l.Sent == nil:
			state = c.T("networks.not_sent")
		}
		if over && l.Withdrawn == nil {
			state = c.T("networks.invited_over", "Until", on(c.Context(), &l.Ends))
		}
		if l.Withdrawn == nil && !over {
			action.Body = withdrawButton(f.Path+"/uczestnicy/zaproszenia/"+l.ID.String()+"/wycofaj", l.Whom)
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: l.Whom}, {Text: state}, {Text: strconv.Itoa(l.Answers)}, {Text: strconv.Itoa(l.Declined)}, action})
	}
	return t
}

func (p *pages) invite(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	f := c.Form()
	ticked := f.All("szkola")
	if f.Has("dobierz") { // keep the ticks and go on searching
		q := ""
		for _, s := range ticked {
			q += "&szkola=" + uuidOf(s).String()
		}
		if q != "" {
			q = "?" + q[1:]
		}
		return c.Redirect(pathOf(id)+"/uczestnicy/zapros"+q, "")
	}
	in := network.Invite{Emails: splitLines(f.Text("emails")), Role: access.Role(f.Get("role")), Message: f.Text("message"), Days: number(f.Get("days")), Reasons: reasons(f)}
	for _, s := range ticked {
		if u := uuidOf(s); u != uuid.Nil {
			in.Schools = append(in.Schools, u)
		}
	}
	_, err = p.Networks.Invite(c.Context(), c.Actor(), id, in)
	if err == nil {
		return c.Redirect(pathOf(id)+"/uczestnicy/zapros", "networks.flash.invited")
	}
	v, e := p.inviteView(c, ticked)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Problems, v.Emails, v.Message, v.Days, v.Role.Value, v.Warnings = pr, f.Text("emails"), in.Message, f.Get("days"), string(in.Role), warningsOf(c, err)
		return invitePage(v)
	})
}

func (p *pages) withdraw(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	v, err := c.UUID("zaproszenie")
	if err != nil {
		return err
	}
	if err := p.Networks.Withdraw(c.Context(), c.Actor(), id, v); err != nil {
		return err
	}
	return c.Redirect(pathOf(id)+"/uczestnicy/zapros", "networks.flash.withdrawn")
}
