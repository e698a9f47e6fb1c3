package meetings

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type registerView struct {
	Title, Lead string
	Problems    ui.Problems
	Form        ui.FormView
	Sums        []ui.Fact
	Lines       []lineView
	Choices     []ui.Option
	Guests      []guestView
	May         bool
	Early       bool
	Links       []ui.Link
}

// lineView is a person of the register with its radio buttons.
type lineView struct {
	ID, Name, Detail string
	Value, Was       string
	Problem          string
}

type guestView struct {
	ID                 string
	No                 int
	Name, School       string
	Old                bool
	NamePath, SchoolAt string
}

// newGuests is how many empty rows for visitors a form has.
const newGuests = 3

func presenceName(person uuid.UUID) string { return "presence." + person.String() }

// crumbs names a page of a register.
func (p *pages) crumbs(c *kit.Ctx, r *schedule.Register, title string) {
	c.InNetwork(r.Meeting.Network, r.Meeting.NetworkTitle, title, r.At, Tab).Crumb(r.Meeting.Title, schedule.PathOf(r.Meeting.ID))
}

func (p *pages) registerView(c *kit.Ctx, f *kit.Form, pr ui.Problems) (registerView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return registerView{}, err
	}
	r, err := p.Meetings.Register(c.Context(), c.Actor(), id)
	if err != nil {
		return registerView{}, err
	}
	title, path := c.T("meetings.register"), schedule.PathOf(id)
	p.crumbs(c, r, title)
	v := registerView{Title: title, Lead: r.Meeting.Title + ", " + span(c.Context(), r.Meeting.Starts, r.Meeting.Ends), Problems: pr, May: r.Open,
		Early: r.Meeting.State == schedule.Announced && !r.Open, Links: []ui.Link{{Text: c.T("meetings.back_to"), Href: path}}}
	if c.MayAt(schedule.PermRegister, r.At) {
		v.Links = append(v.Links, ui.Link{Text: c.T("meetings.sheet"), Href: path + "/arkusz"})
	}
	v.Form = ui.FormView{Action: path + "/lista", Submit: c.T("meetings.register_save"), Cancel: ui.Link{Text: c.T("meetings.back"), Href: path}}
	for _, x := range r.Where.Presences() {
		v.Choices = append(v.Choices, ui.Option{Value: string(x), Text: c.T("meetings.presence." + string(x))})
	}
	v.Sums = sums(c, r)
	for i := range r.Lines {
		v.Lines = append(v.Lines, lineOf(c, &r.Lines[i], f, pr))
	}
	v.Guests = guestsOf(r, f)
	return v, nil
}

func sums(c *kit.Ctx, r *schedule.Register) []ui.Fact {
	n := r.Totals()
	var out []ui.Fact
	for _, x := range []schedule.Presence{schedule.PresentOnSite, schedule.PresentOnline, schedule.Guest, schedule.Excused, schedule.Absent} {
		if n[x] > 0 || x == schedule.PresentOnSite {
			out = append(out, ui.Fact{Label: c.T("meetings.presence." + string(x)), Value: strconv.Itoa(n[x])})
		}
	}
	if open := len(r.Lines) - n[schedule.PresentOnSite] - n[schedule.PresentOnline] - n[schedule.Excused] - n[schedule.Absent]; open > 0 {
		out = append(out, ui.Fact{Label: c.T("meetings.presence.none"), Value: strconv.Itoa(open)})
	}
	return out
}

// lineOf is a person's line: as typed when the form was sent.
func lineOf(c *kit.Ctx, l *schedule.Line, f *kit.Form, pr ui.Problems) lineView {
	name := presenceName(l.ID)
	v := lineView{ID: l.ID.String(), Name: l.Name, Detail: l.Label(c.Context(), l.School), Value: string(l.Presence), Was: string(l.Presence), Problem: pr.Of(name)}
	if l.Answer != "" {
		v.Detail = joined(v.Detail, c.T("meetings.answered", "Answer", c.T("meetings.answer."+string(l.Answer))))
	}
	if l.Via == "code" {
		v.Detail = joined(v.Detail, c.T("meetings.by_code"))
	}
	if f != nil {
		v.Value = f.Get(name)
	}
	return v
}

func guestsOf(r *schedule.Register, f *kit.Form) []guestView {
	var out []guestView
	add := func(id, name, school string) {
		at := "guests[" + strconv.Itoa(len(out)) + "]"
		out = append(out, guestView{ID: id, No: len(out) + 1, Name: name, School: school, Old: id != "", NamePath: at + ".name", SchoolAt: at + ".school"})
	}
	if f != nil {
		for _, g := range guestsTyped(f) {
			id := ""
			if g.ID != uuid.Nil {
				id = g.ID.String()
			}
			add(id, g.Name, g.School)
		}
		return out
	}
	for _, g := range r.Guests {
		add(g.ID.String(), g.Name, g.School)
	}
	for range newGuests {
		add("", "", "")
	}
	return out
}

// guestsTyped are the rows for visitors as sent.
func guestsTyped(f *kit.Form) []schedule.GuestMark {
	var out []schedule.GuestMark
	for i := range schedule.MaxGuests + newGuests {
		at := "guests[" + strconv.Itoa(i) + "]"
		if !f.Has(at + ".name") {
			break
		}
		out = append(out, schedule.GuestMark{ID: idOf(f.Get(at + ".id")), Name: f.Get(at + ".name"), School: f.Get(at + ".school"), Drop: f.Has(at + ".usun")})
	}
	return out
}

func (p *pages) register(c *kit.Ctx) error {
	v, err := p.registerView(c, nil, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, registerPage(v))
}

func (p *pages) saveRegister(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	f := c.Form()
	in := schedule.RegisterInput{Guests: guestsTyped(f)}
	for name := range f.Values {
		raw, ok := strings.CutPrefix(name, "byla.")
		if person := idOf(raw); ok && person != uuid.Nil {
			in.Marks = append(in.Marks, schedule.Mark{Person: person, Presence: schedule.Presence(f.Get(presenceName(person))), Was: schedule.Presence(f.Get(name))})
		}
	}
	if err = p.Meetings.SaveRegister(c.Context(), c.Actor(), id, in); err == nil {
		return c.Redirect(schedule.PathOf(id)+"/lista", "meetings.flash.register")
	}
	var failed error
	answer := c.Retry(err, func(pr ui.Problems) templ.Component {
		v, e := p.registerView(c, f, pr)
		if failed = e; e != nil {
			return templ.NopComponent
		}
		return registerPage(v)
	})
	return errors.Join(failed, answer)
}

// sheetView is the printed attendance sheet.
type sheetView struct {
	Title, Network string
	Facts          []ui.Fact
	Items          []itemView
	Rows           []sheetRow
	Blank          int
	Codes          []codeRow
	WithCodes      string
	Back           ui.Link
}

type sheetRow struct{ No, Name, Detail string }

type codeRow struct{ Name, Code string }

// blankRows are for visitors.
const blankRows = 4

func (p *pages) sheet(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	r, err := p.Meetings.Register(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	m, path := &r.Meeting, schedule.PathOf(id)
	p.crumbs(c, r, c.T("meetings.sheet"))
	v := sheetView{Title: c.T("meetings.sheet_title"), Network: m.NetworkTitle, Blank: blankRows, Back: ui.Link{Text: c.T("meetings.back_to"), Href: path},
		Facts: []ui.Fact{{Label: c.T("meetings.meeting"), Value: m.Title + " (" + m.KindTitle + ")"}, {Label: c.T("meetings.when"), Value: span(c.Context(), m.Starts, m.Ends)},
			{Label: c.T("meetings.place"), Value: placeLine(c, m.Place, m.OnSite, m.Online)}, {Label: c.T("meetings.hours"), Value: hoursText(c.Context(), m.Minutes)}}}
	v.Items = agendaOf(c, &schedule.Detail{Meeting: *m, Items: r.Items}).Items
	for i := range r.Lines {
		l := &r.Lines[i]
		// What somebody answered is not for a sheet that goes round the room.
		v.Rows = append(v.Rows, sheetRow{No: strconv.Itoa(i + 1), Name: l.Name, Detail: l.Label(c.Context(), l.School)})
	}
	v.WithCodes = withQuery(path+"/arkusz", "kody", "1")
	if c.Query("kody") == "1" {
		v.WithCodes = ""
		for i := range r.Lines {
			v.Codes = append(v.Codes, codeRow{r.Lines[i].Name, p.Meetings.PersonCode(r, r.Lines[i].ID)})
		}
	}
	return c.Render(http.StatusOK, sheetPage(v))
}

type codeView struct {
	Title, Lead string
	Code, Until string
	Form        ui.FormView
	Input       ui.Input
	Last        string // whose presence was just noted
	Back        ui.Link
	Here        string
}

func (p *pages) codeView(c *kit.Ctx, typed string, pr ui.Problems) (codeView, error) {
	d, err := p.get(c)
	if err != nil {
		return codeView{}, err
	}
	if !d.May.Register {
		return codeView{}, fault.ErrNotFound
	}
	title, path := c.T("meetings.code"), schedule.PathOf(d.ID)
	head(c, d, title)
	v := codeView{Title: title, Lead: d.Title, Back: ui.Link{Text: c.T("meetings.back_to"), Href: path}, Here: path + "/kod",
		Input: ui.Input{Name: "code", Label: c.T("meetings.person_code"), Hint: c.T("meetings.person_code_hint"), Value: typed, Size: "medium", Autocomplete: "off"}}
	v.Form = ui.FormView{Action: path + "/kod", Submit: c.T("meetings.note_presence"), Problems: pr}
	code, err := p.Meetings.Code(c.Context(), c.Actor(), d.ID)
	if fault.Is(err, fault.Conflict) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Code, v.Until = code.Value[:3]+" "+code.Value[3:], show.Time(c.Lang(), code.Until)
	return v, nil
}

func (p *pages) code(c *kit.Ctx) error {
	v, err := p.codeView(c, "", ui.Problems{})
	if err != nil {
		return err
	}
	if v.Code != "" {
		// The page on the screen of the room shows the code of the moment by itself.
		c.Response().Header().Set("Refresh", "60")
	}
	return c.Render(http.StatusOK, codePage(v))
}

func (p *pages) checkInFor(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	typed := c.Form().Get("code")
	if _, err = p.Meetings.CheckInFor(c.Context(), c.Actor(), id, typed); err == nil {
		return c.Redirect(schedule.PathOf(id)+"/kod", "meetings.flash.checked_in")
	}
	return p.retryCode(c, err, typed)
}

func (p *pages) retryCode(c *kit.Ctx, err error, typed string) error {
	var failed error
	answer := c.Retry(err, func(pr ui.Problems) templ.Component {
		v, e := p.codeView(c, typed, pr)
		if failed = e; e != nil {
			return templ.NopComponent
		}
		return codePage(v)
	})
	return errors.Join(failed, answer)
}

func (p *pages) checkInView(c *kit.Ctx, d *schedule.Detail, code, way string, pr ui.Problems) editView {
	title, path := c.T("meetings.check_in"), schedule.PathOf(d.ID)
	head(c, d, title)
	v := editView{FormView: ui.FormView{Title: title, Lead: d.Title, Action: path + "/obecnosc", Submit: c.T("meetings.check_in_do"), Problems: pr, Cancel: ui.Link{Text: c.T("meetings.back"), Href: path}}}
	v.Inputs = []ui.Input{{Name: "code", Label: c.T("meetings.code_label"), Hint: c.T("meetings.code_hint"), Value: code, Size: "medium", Autocomplete: "one-time-code", InputMode: "text"}}
	w := schedule.Where{OnSite: d.OnSite, Online: d.Online}
	if ways := w.Ways(); len(ways) > 1 {
		in := ui.Input{Kind: ui.Radios, Name: "way", Label: c.T("meetings.check_in_way"), Value: way}
		for _, x := range ways {
			in.Options = append(in.Options, ui.Option{Value: string(x), Text: c.T("meetings.presence." + string(x))})
		}
		v.Inputs = append(v.Inputs, in)
	}
	return v
}

func (p *pages) checkInForm(c *kit.Ctx) error {
	d, err := p.get(c)
	if err != nil {
		return err
	}
	if !d.May.Answer || !d.Invited {
		return fault.ErrNotFound
	}
	way := string(d.Answer)
	if d.Answer == schedule.No {
		way = ""
	}
	return c.Render(http.StatusOK, editPage(p.checkInView(c, d, "", way, ui.Problems{})))
}

func (p *pages) checkIn(c *kit.Ctx) error {
	d, err := p.get(c)
	if err != nil {
		return err
	}
	code, way := c.Form().Get("code"), c.Form().Get("way")
	if err = p.Meetings.CheckIn(c.Context(), c.Actor(), d.ID, code, schedule.Way(way)); err == nil {
		return c.Redirect(schedule.PathOf(d.ID), "meetings.flash.checked_in")
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { return editPage(p.checkInView(c, d, code, way, pr)) })
}

// lineID is the id of a radio button; the first has the field's own, so that the
// summary of errors leads to it.
func lineID(person string, i int) string {
	id := ui.FieldID("presence." + person)
	if i == 0 {
		return id
	}
	return id + "-" + strconv.Itoa(i)
}
