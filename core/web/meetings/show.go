package meetings

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type showView struct {
	*schedule.Detail
	Path        string
	Tag         string
	Tone        ui.Tone
	When        string
	Facts       []ui.Fact
	Clashes     []string
	Answer      *answerView
	Agenda      agendaView
	Files       []ui.Link
	Actions     []actionView
	Mine        []ui.Link // what the reader may do besides
	Manage      []ui.Link
	Lead        []ui.Fact // numbers for who leads
	NoticeTone  ui.Tone
	NoticeTitle string
	NoticeText  string
	Next        *ui.Link // the step that stands to be done
}

type answerView struct {
	Input    ui.Input
	Problems ui.Problems
	Action   string
	Stale    bool
	Given    bool
}

// agendaView is an agenda for reading.
type agendaView struct {
	Items    []itemView
	Returned []actionView
	Waiting  []string
	Sum      string
}

type itemView struct {
	ID, Title, Detail, Time string
}

type actionView struct {
	Text, Detail string
	Done         bool
	Tick         string // address of the button, "" for who may not
	TickLabel    string
	Value        string
}

func (p *pages) show(c *kit.Ctx) error {
	d, err := p.get(c)
	if err != nil {
		return err
	}
	v, err := p.showView(c, d)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, showPage(v))
}

func (p *pages) showView(c *kit.Ctx, d *schedule.Detail) (showView, error) {
	head(c, d, d.Title)
	ctx, now := c.Context(), p.Clock.Now()
	v := showView{Detail: d, Path: schedule.PathOf(d.ID), When: span(ctx, d.Starts, d.Ends), Agenda: agendaOf(c, d)}
	v.Tag, v.Tone = stateTag(ctx, d.State)
	v.Facts = p.facts(c, d)
	if d.Invited && d.NetworkOpen && d.Going(now) {
		v.Answer = &answerView{Input: answerInput(c, d, string(d.Answer)), Action: v.Path + "/odpowiedz", Stale: d.Stale, Given: d.Answer != ""}
	}
	if d.May.Manage && (d.State == schedule.Draft || d.State == schedule.Announced) && !d.Past(now) {
		list, err := p.Meetings.Clashes(ctx, c.Actor(), d.Network, d.Starts, d.Ends)
		if err != nil {
			return v, err
		}
		v.Clashes = clashTexts(c, list)
	}
	for _, f := range d.Files {
		v.Files = append(v.Files, ui.Link{Text: f.Name + " (" + show.Bytes(c.Lang(), f.Size) + ")", Href: "/pliki/" + f.ID.String()})
	}
	for i := range d.Outcome.Actions {
		v.Actions = append(v.Actions, action(c, d, &d.Outcome.Actions[i]))
	}
	p.links(c, d, &v)
	p.notice(c, d, &v)
	return v, nil
}

func (p *pages) facts(c *kit.Ctx, d *schedule.Detail) []ui.Fact {
	ctx := c.Context()
	out := []ui.Fact{{Label: c.T("meetings.when"), Value: span(ctx, d.Starts, d.Ends)}, {Label: c.T("meetings.kind"), Value: d.KindTitle},
		{Label: c.T("meetings.place"), Value: placeLine(c, d.Place, d.OnSite, d.Online)}}
	switch {
	case d.Address != "":
		out = append(out, ui.Fact{Label: c.T("meetings.address"), Body: paragraphs(d.Address)})
	case d.OnSite && d.Answer == schedule.OnSite && !d.May.Manage:
		out = append(out, ui.Fact{Label: c.T("meetings.address"), Value: c.T("meetings.later")})
	}
	switch {
	case d.Link != "":
		out = append(out, ui.Fact{Label: c.T("meetings.link"), Body: outside(d.Link)})
	case d.Online && d.Answer == schedule.Online:
		out = append(out, ui.Fact{Label: c.T("meetings.link"), Value: c.T("meetings.later")})
	}
	if f := p.door(c, d); f != nil {
		out = append(out, *f)
	}
	out = append(out, ui.Fact{Label: c.T("meetings.hours"), Value: hoursText(ctx, d.Minutes)})
	if d.Note != "" {
		out = append(out, ui.Fact{Label: c.T("meetings.note"), Body: paragraphs(d.Note)})
	}
	if d.Presence != "" {
		out = append(out, ui.Fact{Label: c.T("meetings.my_presence"), Value: c.T("meetings.presence." + string(d.Presence))})
	}
	return out
}

// door leads into the meeting's online room, or says when it opens; nil for who
// does not take part online.
func (p *pages) door(c *kit.Ctx, d *schedule.Detail) *ui.Fact {
	if p.Entrance == nil {
		return nil
	}
	x := p.Entrance.Door(d)
	if !x.Offered {
		return nil
	}
	f := &ui.Fact{Label: c.T("meetings.room"), Value: c.T("meetings.room_from", "From", at(c.Context(), &x.From))}
	if x.Open {
		f.Body = inside(schedule.PathOf(d.ID)+"/pokoj", c.T("meetings.room_enter"))
	}
	return f
}

func answerInput(c *kit.Ctx, d *schedule.Detail, value string) ui.Input {
	in := ui.Input{Kind: ui.Radios, Name: "answer", Label: c.T("meetings.answer_question"), Value: value}
	w := schedule.Where{OnSite: d.OnSite, Online: d.Online}
	for _, way := range append(w.Ways(), schedule.No) {
		in.Options = append(in.Options, ui.Option{Value: string(way), Text: c.T("meetings.answer." + string(way))})
	}
	return in
}

func agendaOf(c *kit.Ctx, d *schedule.Detail) agendaView {
	ctx := c.Context()
	v := agendaView{Sum: c.T("meetings.agenda_sum", "Hours", hoursText(ctx, d.Minutes), "Share", show.Percent(c.Lang(), d.MemberLed, 0))}
	for i := range d.Items {
		it := &d.Items[i]
		x := itemView{ID: it.ID.String(), Title: it.Title, Time: c.T("meetings.minutes_n", "Count", it.Minutes)}
		if it.Method != "" {
			x.Detail = c.T("meetings.method." + string(it.Method))
		}
		if it.Leader != "" {
			x.Detail = joined(x.Detail, c.T("meetings.led_by", "Name", it.Leader))
		}
		if it.MemberLed {
			x.Detail = joined(x.Detail, c.T("meetings.member_led"))
		}
		v.Items = append(v.Items, x)
	}
	for i := range d.Returned {
		v.Returned = append(v.Returned, action(c, d, &d.Returned[i]))
	}
	for _, w := range d.Waiting {
		v.Waiting = append(v.Waiting, c.T("meetings.waiting_item", "Title", w.Title, "Name", w.Leader))
	}
	return v
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + " · " + b
}

// action is an action item; its owner and who keeps the minutes may tick it.
func action(c *kit.Ctx, d *schedule.Detail, x *schedule.Action) actionView {
	v := actionView{Text: x.Text, Detail: c.T("meetings.owner_is", "Name", x.Owner), Done: x.DoneAt != nil}
	if x.Due != "" {
		v.Detail = joined(v.Detail, c.T("meetings.due", "Due", on(c.Context(), x.Due)))
	}
	if v.Done {
		v.Detail = joined(v.Detail, c.T("meetings.done_at", "At", at(c.Context(), x.DoneAt)))
	}
	if d.NetworkOpen && (x.OwnerID == c.Actor().Person || d.May.Register) {
		v.Tick = schedule.PathOf(d.ID) + "/ustalenia/" + x.ID.String()
		v.TickLabel, v.Value = c.T("meetings.tick"), "1"
		if v.Done {
			v.TickLabel, v.Value = c.T("meetings.untick"), "0"
		}
	}
	return v
}

// links are the further pages of the meeting that the reader may open.
func (p *pages) links(c *kit.Ctx, d *schedule.Detail, v *showView) {
	now := p.Clock.Now()
	add := func(to *[]ui.Link, may bool, key, page string) {
		if may {
			*to = append(*to, ui.Link{Text: c.T(key), Href: v.Path + page})
		}
	}
	if d.Invited && d.CheckIn && !d.Presence.Present() && now.Before(d.Starts.Add(-checkInAhead)) {
		add(&v.Mine, true, "meetings.check_in", "/obecnosc")
	}
	// Those whose calendar has it: who is invited and comes, and who leads.
	if d.State != schedule.Draft && (d.Invited || d.May.Register) && d.Answer != schedule.No {
		add(&v.Mine, c.Link("/spotkania/:id/kalendarz.ics") != "", "meetings.ics", "/kalendarz.ics")
	}
	open, over := d.NetworkOpen && d.State != schedule.Cancelled, d.State == schedule.Closed
	coming := d.State == schedule.Draft || d.State == schedule.Announced
	begun := !now.Before(d.Starts) && (d.State == schedule.Announced || d.State == schedule.Held)
	m := &v.Manage
	add(m, d.May.Manage && open && !over, "meetings.edit", "/edytuj")
	add(m, d.May.Manage && open && d.State == schedule.Announced, "meetings.move", "/przenies")
	add(m, d.May.Manage && open && !over, "meetings.agenda_edit", "/porzadek")
	add(m, d.May.Manage && d.State == schedule.Announced, "meetings.programme", "/program")
	add(m, d.May.Manage && open, "meetings.materials_edit", "/materialy")
	add(m, d.May.Register && d.State != schedule.Draft && d.State != schedule.Cancelled, "meetings.sheet", "/arkusz")
	add(m, d.May.Register && d.CheckIn, "meetings.code", "/kod")
	add(m, d.May.Hours && d.State != schedule.Draft && d.State != schedule.Cancelled, "meetings.register", "/lista")
	add(m, d.May.Register && open && begun, "meetings.minutes_edit", "/protokol")
	// Once the meeting is over the notice on top offers this.
	add(m, d.May.Close && open && begun && d.State == schedule.Announced && d.Registered != nil, "meetings.close", "/zamknij")
	add(m, d.May.Manage && open && coming && !begun, "meetings.cancel", "/odwolaj")
	add(m, d.May.Manage && open && d.State == schedule.Draft, "meetings.drop", "/usun")
	if !d.May.Manage {
		return
	}
	if d.Counts != nil && d.State != schedule.Draft {
		v.Lead = append(v.Lead, ui.Fact{Label: c.T("meetings.invited"), Value: strconv.Itoa(d.Counts.Invited)}, ui.Fact{Label: c.T("meetings.answers"), Value: counts(c, d.Counts)})
		if d.Counts.Stale > 0 {
			v.Lead = append(v.Lead, ui.Fact{Label: c.T("meetings.stale_answers"), Value: strconv.Itoa(d.Counts.Stale)})
		}
	}
	if d.State == schedule.Announced || d.Programme != nil {
		v.Lead = append(v.Lead, ui.Fact{Label: c.T("meetings.programme"), Value: programmeText(c, d)})
	}
}

// programmeText says how far the programme is.
func programmeText(c *kit.Ctx, d *schedule.Detail) string {
	if d.Programme == nil {
		return c.T("meetings.programme_not_sent")
	}
	n := d.Delivery
	return c.T("meetings.programme_sent", "At", at(c.Context(), d.Programme), "Sent", n[schedule.Sent]+n[schedule.Listed], "Queued", n[schedule.Queued], "Failed", n[schedule.Failed], "Read", n["read"])
}

// checkInAhead is how long before a meeting its page asks to check in.
const checkInAhead = 15 * time.Minute

// notice is what stands on top: a cancellation, or the step to be done next.
func (p *pages) notice(c *kit.Ctx, d *schedule.Detail, v *showView) {
	now := p.Clock.Now()
	step := func(tone ui.Tone, key, page string) {
		v.NoticeTone, v.NoticeTitle, v.NoticeText = tone, c.T("meetings.step."+key+".title"), c.T("meetings.step."+key+".text")
		v.Next = &ui.Link{Text: c.T("meetings.step." + key + ".do"), Href: v.Path + page}
	}
	switch {
	case d.State == schedule.Cancelled:
		v.NoticeTone, v.NoticeTitle, v.NoticeText = ui.Bad, c.T("meetings.cancelled"), d.Reason
	case !d.NetworkOpen:
	case d.May.Manage && d.State == schedule.Draft:
		step(ui.Warn, "announce", "/oglos")
	case d.May.Manage && d.Going(now) && d.Alarm != nil && d.Programme == nil:
		step(ui.Warn, "programme", "/program")
	case d.May.Register && d.State == schedule.Held && d.Registered == nil:
		step(ui.Warn, "register", "/lista")
	case d.May.Close && d.State == schedule.Held:
		step(ui.Info, "close", "/zamknij")
	case d.Invited && d.CheckIn && !d.Presence.Present() && !now.Before(d.Starts.Add(-checkInAhead)):
		step(ui.Info, "check_in", "/obecnosc")
	}
}

func (p *pages) answer(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	value := c.Form().Get("answer")
	err = p.Meetings.Answer(c.Context(), c.Actor(), id, schedule.Way(value))
	if err == nil {
		return c.Redirect(schedule.PathOf(id), "meetings.flash.answered")
	}
	d, e := p.get(c)
	if e != nil {
		return e
	}
	v, e := p.showView(c, d)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		if v.Answer == nil {
			v.Answer = &answerView{}
		} else {
			v.Answer.Input.Value = value
		}
		v.Answer.Problems = pr
		return showPage(v)
	})
}

func (p *pages) tick(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	item, err := c.UUID("zadanie")
	if err != nil {
		return err
	}
	done := c.Form().Get("gotowe") == "1"
	if err := p.Meetings.Tick(c.Context(), c.Actor(), item, done); err != nil {
		return err
	}
	flash := "meetings.flash.ticked"
	if !done {
		flash = "meetings.flash.unticked"
	}
	return c.Redirect(schedule.PathOf(id), flash)
}

func answerKey(v *answerView) string {
	if v.Given && !v.Stale {
		return "meetings.answer_change"
	}
	return "meetings.answer_send"
}
