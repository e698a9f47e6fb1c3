package meetings

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// typed is a meeting's form as typed, by field names; ways apart, which may be two.
type typed struct {
	values map[string]string
	ways   []string
}

// The fields of the form, in their order: what a meeting is about, and when and
// where it is.
var (
	aboutNames = []string{"kind", "title", "note"}
	whereNames = []string{schedule.FieldDay, schedule.FieldStart, schedule.FieldStartFold, schedule.FieldEnd, schedule.FieldEndFold, schedule.FieldLastDay, "place", "address", "link"}
)

func typedOf(f *kit.Form) typed {
	t := typed{values: map[string]string{}, ways: f.All("ways")}
	for _, n := range append(slices.Clone(aboutNames), whereNames...) {
		t.values[n] = f.Text(n)
	}
	return t
}

// typedFrom is how a meeting stands in the form.
func typedFrom(in schedule.Input) typed {
	w := schedule.WhenOf(in.Starts, in.Ends)
	t := typed{values: map[string]string{"kind": in.Kind, "title": in.Title, "note": in.Note, "place": in.Place, "address": in.Address, "link": in.Link,
		schedule.FieldDay: w.Day, schedule.FieldStart: w.Start, schedule.FieldEnd: w.End, schedule.FieldLastDay: w.LastDay,
		schedule.FieldStartFold: w.StartFold, schedule.FieldEndFold: w.EndFold}}
	for _, way := range in.Ways() {
		t.ways = append(t.ways, string(way))
	}
	return t
}

func (t typed) about() schedule.Input {
	return schedule.Input{Kind: t.values["kind"], Title: t.values["title"], Note: t.values["note"]}
}

func (t typed) where() schedule.Where {
	return schedule.Where{OnSite: slices.Contains(t.ways, string(schedule.OnSite)), Online: slices.Contains(t.ways, string(schedule.Online)),
		Place: t.values["place"], Address: t.values["address"], Link: t.values["link"]}
}

func (t typed) when() schedule.When {
	v := t.values
	return schedule.When{Day: v[schedule.FieldDay], Start: v[schedule.FieldStart], End: v[schedule.FieldEnd], LastDay: v[schedule.FieldLastDay],
		StartFold: v[schedule.FieldStartFold], EndFold: v[schedule.FieldEndFold]}
}

// input reads the whole form; what is wrong with the time is an Invalid fault.
func (t typed) input() (schedule.Input, error) {
	in := t.about()
	in.Where = t.where()
	var err error
	in.Starts, in.Ends, err = t.when().Resolve()
	return in, err
}

func ids(list ...uuid.UUID) []uuid.UUID { return list }

func aboutInputs(c *kit.Ctx, t typed, kinds []schedule.Kind) []ui.Input {
	kind := ui.Input{Kind: ui.Radios, Name: "kind", Label: c.T("meetings.kind"), Value: t.values["kind"]}
	for _, k := range kinds {
		kind.Options = append(kind.Options, ui.Option{Value: k.Name, Text: k.Title})
	}
	return []ui.Input{kind,
		{Name: "title", Label: c.T("meetings.title_label"), Hint: c.T("meetings.title_hint"), Value: t.values["title"]},
		{Kind: ui.Textarea, Name: "note", Label: c.T("meetings.note"), Hint: c.T("meetings.note_hint"), Value: t.values["note"], Optional: true, Max: schedule.MaxNote}}
}

// whereInputs are the controls of time and place. The question which of two equal
// hours is meant stands there only in the night that has them.
func whereInputs(c *kit.Ctx, t typed, pr ui.Problems) []ui.Input {
	v := t.values
	out := []ui.Input{{Kind: ui.Date, Name: schedule.FieldDay, Label: c.T("meetings.day"), Hint: c.T("meetings.day_hint"), Value: v[schedule.FieldDay], Size: "medium"},
		{Kind: ui.Time, Name: schedule.FieldStart, Label: c.T("meetings.start"), Hint: c.T("meetings.hour_hint"), Value: v[schedule.FieldStart], Size: "short"}}
	last := v[schedule.FieldLastDay]
	if last == "" {
		last = v[schedule.FieldDay]
	}
	if doubled(v[schedule.FieldDay], v[schedule.FieldStart]) || pr.Of(schedule.FieldStartFold) != "" {
		out = append(out, foldInput(c, schedule.FieldStartFold, "meetings.start_fold", v[schedule.FieldStartFold]))
	}
	out = append(out, ui.Input{Kind: ui.Time, Name: schedule.FieldEnd, Label: c.T("meetings.end"), Hint: c.T("meetings.end_hint"), Value: v[schedule.FieldEnd], Size: "short"})
	if doubled(last, v[schedule.FieldEnd]) || pr.Of(schedule.FieldEndFold) != "" {
		out = append(out, foldInput(c, schedule.FieldEndFold, "meetings.end_fold", v[schedule.FieldEndFold]))
	}
	return append(out,
		ui.Input{Kind: ui.Date, Name: schedule.FieldLastDay, Label: c.T("meetings.last_day"), Hint: c.T("meetings.last_day_hint"), Value: v[schedule.FieldLastDay], Optional: true, Size: "medium"},
		ui.Input{Kind: ui.Checkboxes, Name: "ways", Label: c.T("meetings.ways"), Values: t.ways, Options: []ui.Option{
			{Value: string(schedule.OnSite), Text: c.T("meetings.way.onsite")}, {Value: string(schedule.Online), Text: c.T("meetings.way.online")}}},
		ui.Input{Name: "place", Label: c.T("meetings.place"), Hint: c.T("meetings.place_hint"), Value: v["place"], Optional: true},
		ui.Input{Kind: ui.Textarea, Name: "address", Label: c.T("meetings.address"), Hint: c.T("meetings.address_hint"), Value: v["address"], Optional: true, Rows: 3, Max: schedule.MaxAddress},
		ui.Input{Name: "link", Label: c.T("meetings.link"), Hint: c.T("meetings.link_hint"), Value: v["link"], Optional: true, InputMode: "url"})
}

// doubled reports whether a typed hour falls twice on its day.
func doubled(day, hour string) bool {
	d, okDay := form.ParseDate(day)
	h, m, okHour := form.ParseTime(hour)
	if !okDay || !okHour {
		return false
	}
	_, _, ok := calendar.Both(d, h, m)
	return ok
}

func foldInput(c *kit.Ctx, name, label, value string) ui.Input {
	return ui.Input{Kind: ui.Radios, Name: name, Label: c.T(label), Value: value, Options: []ui.Option{
		{Value: calendar.First, Text: c.T("meetings.fold.first")}, {Value: calendar.Second, Text: c.T("meetings.fold.second")}}}
}

func clashTexts(c *kit.Ctx, list []schedule.Clash) []string {
	var out []string
	for _, x := range list {
		s := x.Text(c.Context())
		if x.People > 0 {
			s += " (" + c.T("meetings.clash_people", "Count", x.People) + ")"
		}
		out = append(out, s)
	}
	return out
}

// clashing looks whether the days chosen clash with something and whether the
// person was shown that already: the hidden field names the days shown.
func (p *pages) clashing(c *kit.Ctx, network uuid.UUID, in *schedule.Input) (texts []string, seen bool, err error) {
	list, err := p.Meetings.Clashes(c.Context(), c.Actor(), network, in.Starts, in.Ends)
	texts = clashTexts(c, list)
	return texts, len(texts) == 0 || c.Form().Get("kolizja") == days(in), err
}

func days(in *schedule.Input) string {
	return calendar.Day(in.Starts).Format(time.DateOnly) + "/" + calendar.Day(in.Ends).Format(time.DateOnly)
}

// editView is a page with the form, or a part of it.
type editView struct {
	ui.FormView
	Inputs  []ui.Input
	Clashes []string
}

func (p *pages) newView(c *kit.Ctx, t typed, pr ui.Problems) (editView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return editView{}, err
	}
	n, kinds, err := p.Meetings.KindsIn(c.Context(), c.Actor(), id)
	if err != nil {
		return editView{}, err
	}
	if !n.May.Manage {
		return editView{}, fault.ErrNotFound
	}
	title := c.T("meetings.new")
	c.InNetwork(id, n.Title, title, n.At, Tab)
	if t.values == nil {
		t = typed{values: map[string]string{}, ways: []string{string(schedule.OnSite)}}
		if len(kinds) == 1 {
			t.values["kind"] = kinds[0].Name
		}
	}
	v := editView{FormView: ui.FormView{Title: title, Lead: n.Title, Action: listPath(id) + "/nowe", Submit: c.T("meetings.save_draft"), Problems: pr,
		Cancel: ui.Link{Text: c.T("meetings.back"), Href: listPath(id)}}}
	v.Inputs = append(aboutInputs(c, t, kinds), whereInputs(c, t, pr)...)
	return v, nil
}

func (p *pages) newForm(c *kit.Ctx) error {
	t := typed{}
	if day := c.Query("dzien"); day != "" { // from a calendar
		t = typed{values: map[string]string{schedule.FieldDay: day}, ways: []string{string(schedule.OnSite)}}
	}
	v, err := p.newView(c, t, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, editPage(v))
}

func (p *pages) create(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t := typedOf(c.Form())
	in, err := t.input()
	if err != nil {
		err = withOthers(err, p.Meetings.CheckRest(c.Context(), c.Actor(), id, in))
		return p.again(c, err, nil, func(pr ui.Problems) (editView, error) { return p.newView(c, t, pr) })
	}
	clashes, seen, err := p.clashing(c, id, &in)
	if err != nil {
		return err
	}
	if !seen {
		return p.again(c, errClash, &clashAnswer{clashes, &in}, func(pr ui.Problems) (editView, error) { return p.newView(c, t, pr) })
	}
	meeting, err := p.Meetings.Create(c.Context(), c.Actor(), id, in)
	if err != nil {
		return p.again(c, err, &clashAnswer{clashes, &in}, func(pr ui.Problems) (editView, error) { return p.newView(c, t, pr) })
	}
	return c.Redirect(schedule.PathOf(meeting), "meetings.flash.created")
}

// errClash asks to look at a clash and to send the form once more.
var errClash error = fault.New(fault.Invalid, "meetings.clash_sure")

// clashAnswer is what the chosen days clash with.
type clashAnswer struct {
	texts []string
	in    *schedule.Input
}

// withOthers joins the problems of two faults about one form.
func withOthers(err, more error) error {
	var a, b *fault.Error
	if !errors.As(err, &a) || !errors.As(more, &b) || b.Kind != fault.Invalid {
		return err
	}
	out := *a
	out.Fields = append(slices.Clone(b.Fields), a.Fields...)
	return &out
}

// again shows the form with what was typed, what is wrong and what clashes.
func (p *pages) again(c *kit.Ctx, err error, clash *clashAnswer, page func(ui.Problems) (editView, error)) error {
	var failed error
	answer := c.Retry(err, func(pr ui.Problems) templ.Component {
		v, e := page(pr)
		if failed = e; e != nil {
			return templ.NopComponent
		}
		if clash != nil && len(clash.texts) > 0 {
			v.Clashes = clash.texts
			v.Hidden = append(v.Hidden, ui.Hidden{Name: "kolizja", Value: days(clash.in)})
		}
		return editPage(v)
	})
	return errors.Join(failed, answer)
}

// part is which half of a meeting's form a page edits.
type part struct {
	page, title, submit, flash string
	about, where, message      bool
}

func partOf(c *kit.Ctx, d *schedule.Detail, moving bool) part {
	switch {
	case moving:
		return part{page: "/przenies", title: c.T("meetings.move"), submit: c.T("meetings.move_submit"), flash: "meetings.flash.moved", where: true, message: true}
	case d.State == schedule.Announced:
		return part{page: "/edytuj", title: c.T("meetings.edit"), submit: c.T("meetings.save"), flash: "meetings.flash.saved", about: true}
	}
	return part{page: "/edytuj", title: c.T("meetings.edit"), submit: c.T("meetings.save"), flash: "meetings.flash.saved", about: true, where: true}
}

func inputOf(d *schedule.Detail) schedule.Input {
	return schedule.Input{Kind: d.Kind, Title: d.Title, Note: d.Note, Starts: d.Starts, Ends: d.Ends,
		Where: schedule.Where{OnSite: d.OnSite, Online: d.Online, Place: d.Place, Address: d.Address, Link: d.Link}}
}

func (p *pages) partView(c *kit.Ctx, d *schedule.Detail, x part, t typed, message string, version int, pr ui.Problems) (editView, error) {
	head(c, d, x.title)
	path := schedule.PathOf(d.ID)
	v := editView{FormView: ui.FormView{Title: x.title, Lead: d.Title, Action: path + x.page, Submit: x.submit, Problems: pr,
		Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.Itoa(version)}}, Cancel: ui.Link{Text: c.T("meetings.back"), Href: path}}}
	if x.about {
		_, kinds, err := p.Meetings.KindsIn(c.Context(), c.Actor(), d.Network)
		if err != nil {
			return v, err
		}
		v.Inputs = aboutInputs(c, t, kinds)
	}
	if x.where {
		v.Inputs = append(v.Inputs, whereInputs(c, t, pr)...)
	}
	if x.message {
		v.Lead = c.T("meetings.move_lead", "Title", d.Title)
		v.Inputs = append(v.Inputs, ui.Input{Kind: ui.Textarea, Name: "message", Label: c.T("meetings.message"), Hint: c.T("meetings.message_hint"), Value: message, Optional: true, Rows: 3, Max: schedule.MaxReason})
	}
	return v, nil
}

func (p *pages) editForm(c *kit.Ctx) error { return p.partForm(c, false) }
func (p *pages) moveForm(c *kit.Ctx) error { return p.partForm(c, true) }
func (p *pages) edit(c *kit.Ctx) error     { return p.savePart(c, false) }
func (p *pages) move(c *kit.Ctx) error     { return p.savePart(c, true) }

func (p *pages) partForm(c *kit.Ctx, moving bool) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	v, err := p.partView(c, d, partOf(c, d, moving), typedFrom(inputOf(d)), "", d.Version, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, editPage(v))
}

// savePart writes the half of the form that the page showed; the other half stays
// as it is. The second of two editors gets both texts.
func (p *pages) savePart(c *kit.Ctx, moving bool) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	f, x := c.Form(), partOf(c, d, moving)
	t, message := typedOf(f), f.Text("message")
	version, _ := strconv.Atoi(f.Get("wersja"))
	page := func(pr ui.Problems) (editView, error) { return p.partView(c, d, x, t, message, version, pr) }
	in := inputOf(d)
	if x.about {
		a := t.about()
		in.Kind, in.Title, in.Note = a.Kind, a.Title, a.Note
	}
	var clash *clashAnswer
	if x.where {
		in.Where = t.where()
		if in.Starts, in.Ends, err = t.when().Resolve(); err != nil {
			return p.again(c, err, nil, page)
		}
		texts, seen, err := p.clashing(c, d.Network, &in)
		if err != nil {
			return err
		}
		clash = &clashAnswer{texts, &in}
		if !seen && (!in.Starts.Equal(d.Starts) || !in.Ends.Equal(d.Ends)) {
			return p.again(c, errClash, clash, page)
		}
	}
	err = p.Meetings.Edit(c.Context(), c.Actor(), d.ID, version, in, message)
	if err == nil {
		return c.Redirect(schedule.PathOf(d.ID), x.flash)
	}
	if fault.As(err).Key == fault.As(schedule.ErrStale).Key {
		return p.conflict(c, x, t, message)
	}
	return p.again(c, err, clash, page)
}

// conflict shows the fields in which what was typed differs from what somebody
// saved meanwhile; the others go along as they were saved.
func (p *pages) conflict(c *kit.Ctx, x part, mine typed, message string) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	v, err := p.partView(c, d, x, mine, message, d.Version, ui.Problems{})
	if err != nil {
		return err
	}
	theirs := typedFrom(inputOf(d))
	out := ui.ConflictView{Action: v.Action, Cancel: ui.Link{Text: c.T("meetings.conflict_drop"), Href: schedule.PathOf(d.ID)}, Hidden: v.Hidden}
	for _, way := range mine.ways {
		out.Hidden = append(out.Hidden, ui.Hidden{Name: "ways", Value: way})
	}
	for _, in := range v.Inputs {
		switch {
		case in.Name == "ways":
		case in.Name == "message" || mine.values[in.Name] == theirs.values[in.Name]:
			out.Hidden = append(out.Hidden, ui.Hidden{Name: in.Name, Value: in.Value})
		default:
			f := ui.ConflictField{Name: in.Name, Label: in.Label, Mine: mine.values[in.Name], Theirs: theirs.values[in.Name], Long: in.Kind == ui.Textarea}
			for _, o := range in.Options { // choices in words, but sent as they are
				if o.Value == f.Theirs {
					f.Theirs = o.Text + " (" + o.Value + ")"
				}
			}
			out.Fields = append(out.Fields, f)
		}
	}
	return c.ConflictPage(out)
}
