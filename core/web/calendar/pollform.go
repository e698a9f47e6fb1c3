package calendar

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// openRows are the rows of dates that the form shows at once; the others wait
// behind "more dates".
const openRows = 6

// row is one date as typed.
type row struct {
	Day, Start, End, Fold, ID string
}

func (r *row) empty() bool { return r.Day == "" }

// typedPoll is a form of a poll as typed.
type typedPoll struct {
	Kind, Title, Note, AnswerBy string
	Despite                     bool
	Version                     int
	Rows                        []row
}

// readPoll reads the form; the page of a conflict sends the dates as lines.
func readPoll(f *kit.Form) typedPoll {
	t := typedPoll{Kind: f.Get("rodzaj"), Title: f.Get("tytul"), Note: f.Text("uwagi"), AnswerBy: f.Get("do-kiedy"), Despite: f.Has("mimo")}
	t.Version, _ = strconv.Atoi(f.Get("wersja"))
	if f.Has("terminy") {
		for line := range strings.SplitSeq(f.Text("terminy"), "\n") {
			day, at, _ := strings.Cut(strings.TrimSpace(line), " ")
			start, end, _ := strings.Cut(strings.ReplaceAll(at, "–", "-"), "-")
			t.Rows = append(t.Rows, row{Day: day, Start: strings.TrimSpace(start), End: strings.TrimSpace(end)})
		}
	} else {
		for i := range poll.MaxSlots {
			n := strconv.Itoa(i)
			t.Rows = append(t.Rows, row{Day: f.Get("dzien-" + n), Start: f.Get("od-" + n), End: f.Get("do-" + n), Fold: f.Get("zegar-" + n), ID: f.Get("id-" + n)})
		}
	}
	// Dates without hours are at the hours of the first one.
	for i := range t.Rows {
		if r := &t.Rows[i]; i > 0 && !r.empty() && r.Start == "" && r.End == "" {
			r.Start, r.End = t.Rows[0].Start, t.Rows[0].End
		}
	}
	return t
}

// typedOf is how a poll stands in the form.
func typedOf(d *poll.Detail) typedPoll {
	t := typedPoll{Kind: d.Kind, Title: d.Title, Note: d.Note, AnswerBy: d.AnswerBy.In(clock.Warsaw).Format(time.DateOnly), Version: d.Version}
	for _, s := range d.Options {
		w := schedule.WhenOf(s.Starts, s.Ends)
		t.Rows = append(t.Rows, row{Day: w.Day, Start: w.Start, End: w.End, Fold: w.StartFold, ID: s.ID.String()})
	}
	return t
}

// lines are the dates as text, for a conflict page.
func (t *typedPoll) lines() string {
	var out []string
	for _, r := range t.Rows {
		if !r.empty() {
			out = append(out, r.Day+" "+r.Start+"-"+r.End)
		}
	}
	return strings.Join(out, "\n")
}

// input turns what was typed into the service's words. index says which row a
// slot came from, for problems.
func (t *typedPoll) input() (in poll.Input, index []int, err error) {
	in = poll.Input{Kind: t.Kind, Title: t.Title, Note: t.Note, Despite: t.Despite}
	var bad fault.Fields
	if day, ok := form.ParseDate(t.AnswerBy); ok {
		in.AnswerBy = time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 0, 0, clock.Warsaw).UTC()
	} else {
		bad.Add("do-kiedy", calendar.WrongDate)
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		if r.empty() {
			continue
		}
		starts, ends, err := (schedule.When{Day: r.Day, Start: r.Start, End: r.End, StartFold: r.Fold, EndFold: r.Fold}).Resolve()
		if err != nil {
			bad = append(bad, rowProblems(i, err)...)
			continue
		}
		id, _ := uuid.Parse(r.ID)
		in.Slots = append(in.Slots, poll.Span{ID: id, Starts: starts, Ends: ends})
		index = append(index, i)
	}
	return in, index, bad.Err()
}

// rowProblems are the problems of one row under the names of its controls.
func rowProblems(i int, err error) []fault.Field {
	n := strconv.Itoa(i)
	names := map[string]string{schedule.FieldDay: "dzien-" + n, schedule.FieldStart: "od-" + n, schedule.FieldEnd: "do-" + n,
		schedule.FieldStartFold: "zegar-" + n, schedule.FieldEndFold: "zegar-" + n}
	var out []fault.Field
	for _, f := range fault.As(err).Fields {
		f.Path = names[f.Path]
		if len(out) == 0 || out[len(out)-1].Path != f.Path {
			out = append(out, f)
		}
	}
	return out
}

// controls gives a fault of the service the names of the form's controls.
func controls(err error, index []int) error {
	names := map[string]string{"kind": "rodzaj", "title": "tytul", "note": "uwagi", "answer_by": "do-kiedy", "slots": "dzien-0"}
	for slot, i := range index {
		names[poll.SlotPath(slot)] = "dzien-" + strconv.Itoa(i)
	}
	return renamed(err, names)
}

// pollForm is the page on which a poll is made or changed.
type pollForm struct {
	ui.FormView
	Kind, Name, Note, Until ui.Input
	Rows, More              []rowView
	// Despite asks to go on with dates that clash.
	Despite *ui.Input
	Open    bool // the further dates are shown
}

type rowView struct {
	Legend          string
	ID              ui.Hidden
	Day, Start, End ui.Input
	Fold            *ui.Input
}

func pollFormOf(c *kit.Ctx, kinds []schedule.Kind, t typedPoll, err error, pr ui.Problems) pollForm {
	v := pollForm{FormView: ui.FormView{Problems: pr}}
	v.Kind = ui.Input{Kind: ui.Radios, Name: "rodzaj", Label: c.T("poll.kind"), Value: t.Kind}
	for _, k := range kinds {
		v.Kind.Options = append(v.Kind.Options, ui.Option{Value: k.Name, Text: k.Title})
	}
	v.Name = ui.Input{Name: "tytul", Label: c.T("poll.name"), Hint: c.T("poll.name_hint"), Value: t.Title, Max: poll.MaxTitle}
	v.Note = ui.Input{Kind: ui.Textarea, Name: "uwagi", Label: c.T("poll.note"), Value: t.Note, Optional: true, Rows: 3, Max: poll.MaxNote}
	v.Until = ui.Input{Kind: ui.Date, Name: "do-kiedy", Label: c.T("poll.answer_by"), Hint: c.T("poll.answer_by_hint"), Value: t.AnswerBy, Size: "short"}
	for i := range poll.MaxSlots {
		var r row
		if i < len(t.Rows) {
			r = t.Rows[i]
		}
		x := rowOf(c, i, r, pr)
		if i < openRows {
			v.Rows = append(v.Rows, x)
		} else {
			v.More = append(v.More, x)
			v.Open = v.Open || !r.empty()
		}
	}
	if f := fault.As(err); f != nil && f.Key == poll.KeyClash || t.Despite {
		v.Despite = &ui.Input{Kind: ui.Checkbox, Name: "mimo", Label: c.T("poll.despite"), Checked: t.Despite}
	}
	return v
}

func rowOf(c *kit.Ctx, i int, r row, pr ui.Problems) rowView {
	n := strconv.Itoa(i)
	x := rowView{Legend: c.T("poll.date_no", "N", i+1, "Max", poll.MaxSlots), ID: ui.Hidden{Name: "id-" + n, Value: r.ID},
		Day:   ui.Input{Kind: ui.Date, Name: "dzien-" + n, Label: c.T("poll.day"), Value: r.Day, Size: "short"},
		Start: ui.Input{Kind: ui.Time, Name: "od-" + n, Label: c.T("poll.from"), Value: r.Start, Size: "short"},
		End:   ui.Input{Kind: ui.Time, Name: "do-" + n, Label: c.T("poll.to"), Value: r.End, Size: "short"}}
	if r.Fold != "" || pr.Of("zegar-"+n) != "" {
		x.Fold = &ui.Input{Kind: ui.Radios, Name: "zegar-" + n, Label: c.T("poll.fold"), Value: r.Fold, Options: []ui.Option{
			{Value: calendar.First, Text: c.T("poll.fold_first")}, {Value: calendar.Second, Text: c.T("poll.fold_second")}}}
	}
	return x
}

func (p *pages) newPoll(c *kit.Ctx) error { return p.newPollPage(c, http.StatusOK, nil) }

func (p *pages) newPollPage(c *kit.Ctx, status int, failed error) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	kinds, n, err := p.Polls.Kinds(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	title := c.T("poll.new")
	inside(c, n, title)
	t := readPoll(c.Form())
	if failed == nil {
		t = p.blank(kinds)
	}
	page := func(pr ui.Problems) templ.Component {
		v := pollFormOf(c, kinds, t, failed, pr)
		v.FormView.Title, v.Lead, v.Action, v.Submit = title, c.T("poll.new_lead"), "/sieci/"+id.String()+PollsTab+"/nowa", c.T("poll.send")
		v.Cancel = ui.Link{Text: c.T("calendar.cancel"), Href: "/sieci/" + id.String() + PollsTab}
		return pollFormPage(v)
	}
	if failed != nil {
		return c.Retry(failed, page)
	}
	return c.Render(status, page(ui.Problems{}))
}

// blank is a new poll: the working kind of meeting, answers within ten days.
func (p *pages) blank(kinds []schedule.Kind) typedPoll {
	t := typedPoll{AnswerBy: calendar.Day(p.Clock.Now()).AddDate(0, 0, 10).Format(time.DateOnly)}
	for _, k := range kinds {
		if !k.First && !k.Last || len(kinds) == 1 {
			t.Kind = k.Name
		}
	}
	return t
}

func (p *pages) createPoll(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t := readPoll(c.Form())
	in, index, err := t.input()
	if err != nil {
		return p.newPollPage(c, http.StatusOK, err)
	}
	made, err := p.Polls.Create(c.Context(), c.Actor(), id, in)
	if err != nil {
		return p.newPollPage(c, http.StatusOK, controls(err, index))
	}
	return c.Redirect(poll.PathOf(made), "poll.flash.sent")
}

func (p *pages) editPoll(c *kit.Ctx) error { return p.editPollPage(c, nil) }

func (p *pages) editPollPage(c *kit.Ctx, failed error) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	if !d.May.Manage || d.State != poll.Open {
		return fault.ErrNotFound
	}
	kinds := p.Polls.KindsOf(c.Context(), d.Network)
	title := c.T("poll.edit")
	inside(c, d.Network, title).Crumb(d.Title, poll.PathOf(d.ID))
	t := typedOf(d)
	if failed != nil {
		t = readPoll(c.Form())
	}
	page := func(pr ui.Problems) templ.Component {
		v := pollFormOf(c, kinds, t, failed, pr)
		v.FormView.Title, v.Lead, v.Action, v.Submit = title, c.T("poll.edit_lead"), poll.PathOf(d.ID)+"/edytuj", c.T("poll.save")
		v.Hidden = []ui.Hidden{{Name: "wersja", Value: strconv.Itoa(t.Version)}}
		v.Cancel = ui.Link{Text: c.T("calendar.cancel"), Href: poll.PathOf(d.ID)}
		return pollFormPage(v)
	}
	if failed != nil {
		return c.Retry(failed, page)
	}
	return c.Render(http.StatusOK, page(ui.Problems{}))
}

func (p *pages) savePoll(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t := readPoll(c.Form())
	in, index, err := t.input()
	if err != nil {
		return p.editPollPage(c, err)
	}
	switch err := p.Polls.Edit(c.Context(), c.Actor(), id, t.Version, in); {
	case err == nil:
		return c.Redirect(poll.PathOf(id), "poll.flash.saved")
	case errors.Is(err, poll.ErrStale):
		return p.bothPolls(c, t)
	default:
		return p.editPollPage(c, controls(err, index))
	}
}

// bothPolls shows a second editor both versions.
func (p *pages) bothPolls(c *kit.Ctx, mine typedPoll) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	theirs := typedOf(d)
	inside(c, d.Network, c.T("poll.edit"))
	return c.ConflictPage(ui.ConflictView{
		Action: poll.PathOf(d.ID) + "/edytuj", Cancel: ui.Link{Text: c.T("calendar.cancel"), Href: poll.PathOf(d.ID)},
		Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.Itoa(d.Version)}, {Name: "rodzaj", Value: mine.Kind}, {Name: "mimo", Value: "1"}},
		Fields: []ui.ConflictField{
			{Name: "tytul", Label: c.T("poll.name"), Mine: mine.Title, Theirs: theirs.Title},
			{Name: "uwagi", Label: c.T("poll.note"), Mine: mine.Note, Theirs: theirs.Note, Long: true},
			{Name: "do-kiedy", Label: c.T("poll.answer_by"), Mine: mine.AnswerBy, Theirs: theirs.AnswerBy},
			{Name: "terminy", Label: c.T("poll.dates"), Mine: mine.lines(), Theirs: theirs.lines(), Long: true},
		},
	})
}

// chooseView is the one step from a date to a meeting.
type chooseView struct {
	ui.FormView
	Facts    []ui.Fact
	Warnings []string
	Inputs   []ui.Input
}

func (p *pages) chooseForm(c *kit.Ctx) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	id := c.QueryUUID("termin")
	s := d.Option(id)
	if s == nil || !d.May.Manage {
		return fault.ErrNotFound
	}
	return c.Render(http.StatusOK, p.choosePage(c, d, s, poll.Choice{Title: d.Title, Note: d.Note, Where: schedule.Where{OnSite: true}, Announce: true}, ui.Problems{}))
}

func (p *pages) choosePage(c *kit.Ctx, d *poll.Detail, s *poll.Slot, in poll.Choice, pr ui.Problems) templ.Component {
	at := poll.PathOf(d.ID)
	inside(c, d.Network, c.T("poll.choose")).Crumb(d.Title, at)
	v := chooseView{FormView: ui.FormView{Title: c.T("poll.choose"), Lead: d.Title, Action: at + "/wybierz", Submit: c.T("poll.make_meeting"), Problems: pr,
		Cancel: ui.Link{Text: c.T("calendar.cancel"), Href: at}, Hidden: []ui.Hidden{{Name: "termin", Value: s.ID.String()}, {Name: "wersja", Value: strconv.Itoa(d.Version)}}}}
	if c.Form().Has("wersja") {
		v.Hidden[1].Value = c.Form().Get("wersja")
	}
	v.Facts = []ui.Fact{{Label: c.T("poll.date"), Value: show.Weekday(c.Lang(), s.Starts) + ", " + show.Date(c.Lang(), s.Starts) + ", " + hours(c.Lang(), s.Starts, s.Ends)},
		{Label: c.T("poll.answers"), Value: c.T("poll.counts", "Yes", s.Yes, "Maybe", s.Maybe, "No", s.No)}}
	v.Warnings = clashWords(c.Context(), s.Clashes)
	if len(s.Key) > 0 {
		v.Warnings = append(v.Warnings, c.T("poll.absent", "Names", strings.Join(s.Key, ", ")))
	}
	var ways []string
	if in.OnSite {
		ways = append(ways, "na-miejscu")
	}
	if in.Online {
		ways = append(ways, "online")
	}
	after := "szkic"
	if in.Announce {
		after = "zapros"
	}
	v.Inputs = []ui.Input{
		{Name: "tytul", Label: c.T("poll.name"), Value: in.Title, Max: schedule.MaxTitle},
		{Kind: ui.Checkboxes, Name: "sposob", Label: c.T("poll.ways"), Values: ways, Options: []ui.Option{{Value: "na-miejscu", Text: c.T("poll.onsite")}, {Value: "online", Text: c.T("poll.online")}}},
		{Name: "miejsce", Label: c.T("poll.place"), Hint: c.T("poll.place_hint"), Value: in.Place, Max: schedule.MaxPlace, Optional: true},
		{Kind: ui.Textarea, Name: "adres", Label: c.T("poll.address"), Hint: c.T("poll.address_hint"), Value: in.Address, Rows: 2, Max: schedule.MaxAddress, Optional: true},
	}
	if !p.Entrance.Room.Own() {
		v.Inputs = append(v.Inputs, ui.Input{Name: "odnosnik", Label: c.T("poll.link"), Hint: c.T("poll.link_hint"), Value: in.Link, Optional: true})
	}
	v.Inputs = append(v.Inputs,
		ui.Input{Kind: ui.Textarea, Name: "uwagi", Label: c.T("poll.meeting_note"), Value: in.Note, Rows: 3, Max: schedule.MaxNote, Optional: true},
		ui.Input{Kind: ui.Radios, Name: "potem", Label: c.T("poll.then"), Value: after, Options: []ui.Option{{Value: "zapros", Text: c.T("poll.then_invite")}, {Value: "szkic", Text: c.T("poll.then_draft")}}})
	return choosePage(v)
}

func (p *pages) choose(c *kit.Ctx) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	f := c.Form()
	id, _ := uuid.Parse(f.Get("termin"))
	s := d.Option(id)
	if s == nil || !d.May.Manage {
		return fault.ErrNotFound
	}
	version, _ := strconv.Atoi(f.Get("wersja"))
	in := poll.Choice{Slot: id, Title: f.Get("tytul"), Note: f.Text("uwagi"), Announce: f.Get("potem") != "szkic",
		Where: schedule.Where{Place: f.Get("miejsce"), Address: f.Text("adres"), Link: f.Get("odnosnik")}}
	for _, way := range f.All("sposob") {
		in.OnSite, in.Online = in.OnSite || way == "na-miejscu", in.Online || way == "online"
	}
	made, err := p.Polls.Choose(c.Context(), c.Actor(), d.ID, version, in)
	if err != nil {
		names := map[string]string{"title": "tytul", "note": "uwagi", "place": "miejsce", "address": "adres", "link": "odnosnik", "ways": "sposob"}
		return c.Retry(renamed(err, names), func(pr ui.Problems) templ.Component { return p.choosePage(c, d, s, in, pr) })
	}
	flash := "poll.flash.meeting_made"
	if in.Announce {
		flash = "poll.flash.meeting_sent"
	}
	return c.Redirect(schedule.PathOf(made), flash)
}
