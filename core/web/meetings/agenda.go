package meetings

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type agendaPageView struct {
	Title, Lead, Sum string
	Rows             []agendaRow
	Waiting          []waitingRow
	Returned         []actionView
	Form             ui.FormView
	Inputs           []ui.Input
	Back             ui.Link
}

type agendaRow struct {
	itemView
	Up, Down, Edit, Drop string
}

type waitingRow struct{ Title, By, Adopt string }

// itemTyped is an item's form as typed.
type itemTyped struct{ title, minutes, method, leader, leaderName string }

func itemTypedOf(f *kit.Form) itemTyped {
	return itemTyped{f.Get("title"), f.Get("minutes"), f.Get("method"), f.Get("leader"), f.Get("leader_name")}
}

func (t itemTyped) input() schedule.ItemInput {
	minutes := -1 // nothing typed is no number
	if t.minutes != "" {
		minutes = number(t.minutes)
	}
	return schedule.ItemInput{Title: t.title, Minutes: minutes, Method: schedule.Method(t.method), Leader: idOf(t.leader), LeaderName: t.leaderName}
}

func (p *pages) itemInputs(c *kit.Ctx, d *schedule.Detail, t itemTyped) ([]ui.Input, error) {
	people, err := p.Meetings.Candidates(c.Context(), c.Actor(), d.Network)
	if err != nil {
		return nil, err
	}
	leader := ui.Input{Kind: ui.Select, Name: "leader", Label: c.T("meetings.leader"), Hint: c.T("meetings.leader_hint"), Value: t.leader, Optional: true, Empty: c.T("meetings.nobody")}
	for _, x := range people {
		leader.Options = append(leader.Options, ui.Option{Value: x.ID.String(), Text: x.Name})
	}
	method := ui.Input{Kind: ui.Select, Name: "method", Label: c.T("meetings.method"), Value: t.method, Optional: true, Empty: c.T("meetings.method_none")}
	for _, m := range schedule.Methods {
		method.Options = append(method.Options, ui.Option{Value: string(m), Text: c.T("meetings.method." + string(m))})
	}
	return []ui.Input{
		{Name: "title", Label: c.T("meetings.item_title"), Value: t.title},
		{Kind: ui.Number, Name: "minutes", Label: c.T("meetings.item_minutes"), Hint: c.T("meetings.item_minutes_hint"), Value: t.minutes, Size: "short"},
		method, leader,
		{Name: "leader_name", Label: c.T("meetings.leader_name"), Hint: c.T("meetings.leader_name_hint"), Value: t.leaderName, Optional: true},
	}, nil
}

func (p *pages) agendaView(c *kit.Ctx, t itemTyped, pr ui.Problems) (agendaPageView, error) {
	d, err := p.managed(c)
	if err != nil {
		return agendaPageView{}, err
	}
	title, path := c.T("meetings.agenda_edit"), schedule.PathOf(d.ID)
	head(c, d, title)
	a := agendaOf(c, d)
	v := agendaPageView{Title: title, Lead: d.Title, Sum: a.Sum, Returned: a.Returned, Back: ui.Link{Text: c.T("meetings.back_to"), Href: path}}
	for i, it := range a.Items {
		own := path + "/porzadek/" + it.ID
		r := agendaRow{itemView: it, Edit: own, Drop: own + "/usun"}
		if i > 0 {
			r.Up = own + "/przesun"
		}
		if i < len(a.Items)-1 {
			r.Down = own + "/przesun"
		}
		v.Rows = append(v.Rows, r)
	}
	for _, w := range d.Waiting {
		v.Waiting = append(v.Waiting, waitingRow{Title: w.Title, By: w.Leader, Adopt: path + "/porzadek/przyjmij/" + w.ID.String()})
	}
	v.Form = ui.FormView{Action: path + "/porzadek", Submit: c.T("meetings.item_add"), Problems: pr}
	v.Inputs, err = p.itemInputs(c, d, t)
	return v, err
}

func (p *pages) agenda(c *kit.Ctx) error {
	v, err := p.agendaView(c, itemTyped{minutes: strconv.Itoa(schedule.TeachingHour)}, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, agendaPage(v))
}

func (p *pages) addItem(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t := itemTypedOf(c.Form())
	if err = p.Meetings.AddItem(c.Context(), c.Actor(), id, t.input()); err == nil {
		return c.Redirect(schedule.PathOf(id)+"/porzadek", "meetings.flash.item_added")
	}
	return p.retryAgenda(c, err, t)
}

func (p *pages) retryAgenda(c *kit.Ctx, err error, t itemTyped) error {
	var failed error
	answer := c.Retry(err, func(pr ui.Problems) templ.Component {
		v, e := p.agendaView(c, t, pr)
		if failed = e; e != nil {
			return templ.NopComponent
		}
		return agendaPage(v)
	})
	return errors.Join(failed, answer)
}

func (p *pages) adopt(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	item, err := c.UUID("punkt")
	if err != nil {
		return err
	}
	if err = p.Meetings.Adopt(c.Context(), c.Actor(), id, item, 0); err == nil {
		return c.Redirect(schedule.PathOf(id)+"/porzadek", "meetings.flash.adopted")
	}
	return p.retryAgenda(c, err, itemTyped{})
}

// onItem runs an act on the item of the address.
func (p *pages) onItem(c *kit.Ctx, flash string, do func(d *schedule.Detail, it *schedule.Item) error) error {
	d, it, err := p.item(c)
	if err != nil {
		return err
	}
	if err = do(d, it); err == nil {
		return c.Redirect(schedule.PathOf(d.ID)+"/porzadek", flash)
	}
	return p.retryAgenda(c, err, itemTyped{})
}

func (p *pages) item(c *kit.Ctx) (*schedule.Detail, *schedule.Item, error) {
	d, err := p.managed(c)
	if err != nil {
		return nil, nil, err
	}
	id, err := c.UUID("punkt")
	if err != nil {
		return nil, nil, err
	}
	for i := range d.Items {
		if d.Items[i].ID == id {
			return d, &d.Items[i], nil
		}
	}
	return nil, nil, fault.ErrNotFound
}

func (p *pages) moveItem(c *kit.Ctx) error {
	return p.onItem(c, "meetings.flash.item_moved", func(d *schedule.Detail, it *schedule.Item) error {
		return p.Meetings.MoveItem(c.Context(), c.Actor(), d.ID, it.ID, c.Form().Get("kierunek") == "gora")
	})
}

func (p *pages) dropItem(c *kit.Ctx) error {
	return p.onItem(c, "meetings.flash.item_dropped", func(d *schedule.Detail, it *schedule.Item) error {
		return p.Meetings.DropItem(c.Context(), c.Actor(), d.ID, it.ID)
	})
}

func typedFromItem(it *schedule.Item) itemTyped {
	t := itemTyped{title: it.Title, minutes: strconv.Itoa(it.Minutes), method: string(it.Method)}
	if it.LeaderID != nil {
		t.leader = it.LeaderID.String()
	} else {
		t.leaderName = it.Leader
	}
	return t
}

func (p *pages) itemView(c *kit.Ctx, d *schedule.Detail, it *schedule.Item, t itemTyped, version int, pr ui.Problems) (editView, error) {
	title, path := c.T("meetings.item_edit"), schedule.PathOf(d.ID)+"/porzadek"
	head(c, d, title).Crumb(c.T("meetings.agenda_edit"), path)
	v := editView{FormView: ui.FormView{Title: title, Lead: d.Title, Action: path + "/" + it.ID.String(), Submit: c.T("meetings.save"), Problems: pr,
		Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.Itoa(version)}}, Cancel: ui.Link{Text: c.T("meetings.back"), Href: path}}}
	var err error
	v.Inputs, err = p.itemInputs(c, d, t)
	return v, err
}

func (p *pages) itemForm(c *kit.Ctx) error {
	d, it, err := p.item(c)
	if err != nil {
		return err
	}
	v, err := p.itemView(c, d, it, typedFromItem(it), it.Version, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, editPage(v))
}

func (p *pages) editItem(c *kit.Ctx) error {
	d, it, err := p.item(c)
	if err != nil {
		return err
	}
	t := itemTypedOf(c.Form())
	version, _ := strconv.Atoi(c.Form().Get("wersja"))
	err = p.Meetings.EditItem(c.Context(), c.Actor(), d.ID, it.ID, version, t.input())
	if err == nil {
		return c.Redirect(schedule.PathOf(d.ID)+"/porzadek", "meetings.flash.saved")
	}
	if fault.As(err).Key == fault.As(schedule.ErrStale).Key {
		return p.itemConflict(c, d, it, t)
	}
	return p.again(c, err, nil, func(pr ui.Problems) (editView, error) { return p.itemView(c, d, it, t, version, pr) })
}

func (p *pages) itemConflict(c *kit.Ctx, d *schedule.Detail, it *schedule.Item, mine itemTyped) error {
	v, err := p.itemView(c, d, it, mine, it.Version, ui.Problems{})
	if err != nil {
		return err
	}
	theirs := typedFromItem(it)
	saved := map[string]string{"title": theirs.title, "minutes": theirs.minutes, "method": theirs.method, "leader": theirs.leader, "leader_name": theirs.leaderName}
	out := ui.ConflictView{Action: v.Action, Cancel: ui.Link{Text: c.T("meetings.conflict_drop"), Href: schedule.PathOf(d.ID) + "/porzadek"}, Hidden: v.Hidden}
	for _, in := range v.Inputs {
		if in.Value == saved[in.Name] || in.Kind == ui.Select { // choices go along as this person made them
			out.Hidden = append(out.Hidden, ui.Hidden{Name: in.Name, Value: in.Value})
			continue
		}
		out.Fields = append(out.Fields, ui.ConflictField{Name: in.Name, Label: in.Label, Mine: in.Value, Theirs: saved[in.Name]})
	}
	return c.ConflictPage(out)
}

type programmeView struct {
	ui.ConfirmView
	Agenda agendaView
	May    bool
	Table  *ui.Table
	Back   ui.Link
}

func (p *pages) programmeView(c *kit.Ctx, pr ui.Problems) (programmeView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return programmeView{}, err
	}
	var d *schedule.Detail
	var list []schedule.Delivery
	if err := c.Together(func(ctx context.Context) (err error) {
		if d, err = p.Meetings.Get(ctx, c.Actor(), id); err == nil && !d.May.Manage {
			err = fault.ErrNotFound
		}
		return err
	}, func(ctx context.Context) (err error) {
		list, err = p.Meetings.Deliveries(ctx, c.Actor(), id)
		return err
	}); err != nil {
		return programmeView{}, err
	}
	title, path := c.T("meetings.programme"), schedule.PathOf(d.ID)
	head(c, d, title)
	v := programmeView{Agenda: agendaOf(c, d), May: d.NetworkOpen && d.Going(p.Clock.Now()), Back: ui.Link{Text: c.T("meetings.back_to"), Href: path}}
	v.ConfirmView = ui.ConfirmView{Title: title, Text: d.Title, Action: path + "/program", Submit: c.T("meetings.programme_send"), Problems: pr, Cancel: ui.Link{Text: c.T("meetings.agenda_edit"), Href: path + "/porzadek"},
		Facts: []ui.Fact{{Label: c.T("meetings.when"), Value: span(c.Context(), d.Starts, d.Ends)}, {Label: c.T("meetings.programme"), Value: programmeText(c, d)}}}
	if d.Alarm != nil {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("meetings.alarm"), Value: at(c.Context(), d.Alarm)})
	}
	if d.Programme != nil {
		v.Submit = c.T("meetings.programme_again")
	}
	if d.Counts != nil {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("meetings.will_get"), Value: strconv.Itoa(d.Counts.Invited)})
	}
	if len(list) == 0 {
		return v, nil
	}
	t := ui.Table{Caption: c.T("meetings.deliveries"), HideCaption: true, Columns: []ui.Column{{Label: c.T("meetings.person")}, {Label: c.T("meetings.delivery")}, {Label: c.T("meetings.read_at")}}}
	for _, x := range list {
		t.Rows = append(t.Rows, []ui.Cell{{Text: x.Name}, {Text: c.T("meetings.delivery." + x.State)}, {Text: readText(c, &x)}})
	}
	v.Table = &t
	return v, nil
}

func readText(c *kit.Ctx, d *schedule.Delivery) string {
	if d.ReadAt == nil {
		return c.T("meetings.not_read")
	}
	return show.DateTime(c.Lang(), *d.ReadAt)
}

func (p *pages) programme(c *kit.Ctx) error {
	v, err := p.programmeView(c, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, programmePage(v))
}

func (p *pages) sendProgramme(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if _, err = p.Meetings.SendProgramme(c.Context(), c.Actor(), id); err == nil {
		return c.Redirect(schedule.PathOf(id)+"/program", "meetings.flash.programme_sent")
	}
	var failed error
	answer := c.Retry(err, func(pr ui.Problems) templ.Component {
		v, e := p.programmeView(c, pr)
		if failed = e; e != nil {
			return templ.NopComponent
		}
		return programmePage(v)
	})
	return errors.Join(failed, answer)
}
