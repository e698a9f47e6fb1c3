package meetings

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type minutesView struct {
	ui.FormView
	Text      ui.Input
	Decisions []decisionRow
	Actions   []actionRow
	Tell      string
}

type decisionRow struct {
	ID    string
	Input ui.Input
}

type actionRow struct {
	ID, IDName       string
	Legend, Hint     string
	Text, Owner, Due ui.Input
}

// Empty rows that the form has beside those there are.
const (
	newDecisions = 3
	newActions   = 5
)

// minutesTyped reads the form; rows go by number until one is missing.
func minutesTyped(f *kit.Form) schedule.MinutesInput {
	version, _ := strconv.Atoi(f.Get("wersja"))
	in := schedule.MinutesInput{Version: version, Text: f.Text("text"), Tell: f.Has("powiadom")}
	for i := range schedule.MaxRows + newDecisions {
		at := "decisions[" + strconv.Itoa(i) + "]"
		if !f.Has(at + ".text") {
			break
		}
		in.Decisions = append(in.Decisions, schedule.Decision{ID: idOf(f.Get(at + ".id")), Text: f.Text(at + ".text")})
	}
	for i := range schedule.MaxRows + newActions {
		at := "actions[" + strconv.Itoa(i) + "]"
		if !f.Has(at + ".text") {
			break
		}
		in.Actions = append(in.Actions, schedule.ActionInput{ID: idOf(f.Get(at + ".id")), Text: f.Text(at + ".text"), Owner: idOf(f.Get(at + ".owner")), Due: f.Get(at + ".due")})
	}
	return in
}

// minutesFrom is how the minutes stand in the form, with empty rows behind.
func minutesFrom(m *schedule.Minutes) schedule.MinutesInput {
	in := schedule.MinutesInput{Version: m.Version, Text: m.Text, Decisions: append([]schedule.Decision{}, m.Decisions...)}
	for _, a := range m.Actions {
		in.Actions = append(in.Actions, schedule.ActionInput{ID: a.ID, Text: a.Text, Owner: a.OwnerID, Due: a.Due})
	}
	in.Decisions = append(in.Decisions, make([]schedule.Decision, newDecisions)...)
	in.Actions = append(in.Actions, make([]schedule.ActionInput, newActions)...)
	return in
}

func (p *pages) minutesView(c *kit.Ctx, d *schedule.Detail, in schedule.MinutesInput, pr ui.Problems) (minutesView, error) {
	title, path := c.T("meetings.minutes_edit"), schedule.PathOf(d.ID)
	head(c, d, title)
	v := minutesView{FormView: ui.FormView{Title: title, Lead: d.Title + ", " + span(c.Context(), d.Starts, d.Ends), Action: path + "/protokol", Problems: pr,
		Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.Itoa(in.Version)}}, Submit: c.T("meetings.save"), Cancel: ui.Link{Text: c.T("meetings.back"), Href: path}}, Tell: c.T("meetings.save_tell")}
	people, err := p.Meetings.Candidates(c.Context(), c.Actor(), d.Network)
	if err != nil {
		return v, err
	}
	options := make([]ui.Option, len(people))
	for i, x := range people {
		options[i] = ui.Option{Value: x.ID.String(), Text: x.Name}
	}
	v.Text = ui.Input{Kind: ui.Textarea, Name: "text", Label: c.T("meetings.minutes_text"), Hint: c.T("meetings.minutes_text_hint"), Value: in.Text, Optional: true, Rows: 8}
	for i, x := range in.Decisions {
		at := "decisions[" + strconv.Itoa(i) + "]"
		v.Decisions = append(v.Decisions, decisionRow{ID: idText(x.ID), Input: ui.Input{Kind: ui.Textarea, Name: at + ".text", Label: c.T("meetings.decision_n", "Count", i+1), Value: x.Text, Rows: 2, Optional: true}})
	}
	for i, x := range in.Actions {
		at := "actions[" + strconv.Itoa(i) + "]"
		r := actionRow{ID: idText(x.ID), IDName: at + ".id", Legend: c.T("meetings.action_n", "Count", i+1),
			Text:  ui.Input{Name: at + ".text", Label: c.T("meetings.action_text"), Value: x.Text, Optional: true},
			Owner: ui.Input{Kind: ui.Select, Name: at + ".owner", Label: c.T("meetings.action_owner"), Value: idText(x.Owner), Options: options, Empty: c.T("meetings.choose"), Optional: true},
			Due:   ui.Input{Kind: ui.Date, Name: at + ".due", Label: c.T("meetings.action_due"), Value: x.Due, Optional: true, Size: "medium"}}
		v.Actions = append(v.Actions, r)
	}
	return v, nil
}

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// registered is get for a page that keeps the minutes: not found for others.
func (p *pages) registered(c *kit.Ctx) (*schedule.Detail, error) {
	d, err := p.get(c)
	if err == nil && !d.May.Register {
		err = fault.ErrNotFound
	}
	return d, err
}

func (p *pages) minutesForm(c *kit.Ctx) error {
	d, err := p.registered(c)
	if err != nil {
		return err
	}
	v, err := p.minutesView(c, d, minutesFrom(&d.Outcome), ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, minutesPage(v))
}

func (p *pages) saveMinutes(c *kit.Ctx) error {
	d, err := p.registered(c)
	if err != nil {
		return err
	}
	in := minutesTyped(c.Form())
	err = p.Meetings.SaveMinutes(c.Context(), c.Actor(), d.ID, in)
	if err == nil {
		if in.Tell {
			return c.Redirect(schedule.PathOf(d.ID), "meetings.flash.minutes_told")
		}
		return c.Redirect(schedule.PathOf(d.ID)+"/protokol", "meetings.flash.minutes")
	}
	if fault.As(err).Key == fault.As(schedule.ErrStale).Key {
		return p.minutesConflict(c, d, in)
	}
	var failed error
	answer := c.Retry(err, func(pr ui.Problems) templ.Component {
		v, e := p.minutesView(c, d, in, pr)
		if failed = e; e != nil {
			return templ.NopComponent
		}
		return minutesPage(v)
	})
	return errors.Join(failed, answer)
}

// minutesConflict shows both texts of every row that differs. Rows are told apart
// by their ids: those that somebody added meanwhile stay as they are, this
// person's own new ones follow.
func (p *pages) minutesConflict(c *kit.Ctx, d *schedule.Detail, mine schedule.MinutesInput) error {
	path := schedule.PathOf(d.ID)
	theirs := minutesFrom(&d.Outcome)
	theirs.Decisions, theirs.Actions = theirs.Decisions[:len(d.Outcome.Decisions)], theirs.Actions[:len(d.Outcome.Actions)]
	both := ui.ConflictView{Action: path + "/protokol", Cancel: ui.Link{Text: c.T("meetings.conflict_drop"), Href: path + "/protokol"},
		Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.Itoa(theirs.Version)}}}
	field := func(name, label, mine, theirs string) {
		if mine == theirs {
			both.Hidden = append(both.Hidden, ui.Hidden{Name: name, Value: mine})
			return
		}
		both.Fields = append(both.Fields, ui.ConflictField{Name: name, Label: label, Mine: mine, Theirs: theirs, Long: true})
	}
	hidden := func(name, value string) { both.Hidden = append(both.Hidden, ui.Hidden{Name: name, Value: value}) }
	field("text", c.T("meetings.minutes_text"), mine.Text, theirs.Text)
	n := 0
	for _, x := range theirs.Decisions {
		at := "decisions[" + strconv.Itoa(n) + "]"
		text := x.Text
		for _, m := range mine.Decisions {
			if m.ID == x.ID {
				text = m.Text
			}
		}
		hidden(at+".id", x.ID.String())
		field(at+".text", c.T("meetings.decision_n", "Count", n+1), text, x.Text)
		n++
	}
	for _, m := range mine.Decisions {
		if m.ID == uuid.Nil && m.Text != "" {
			hidden("decisions["+strconv.Itoa(n)+"].text", m.Text)
			n++
		}
	}
	p.actionsConflict(c, mine, theirs, field, hidden)
	return c.ConflictPage(both)
}

func (p *pages) actionsConflict(c *kit.Ctx, mine, theirs schedule.MinutesInput, field func(name, label, mine, theirs string), hidden func(name, value string)) {
	n := 0
	row := func(x schedule.ActionInput) string {
		at := "actions[" + strconv.Itoa(n) + "]"
		n++
		hidden(at+".id", idText(x.ID))
		hidden(at+".owner", idText(x.Owner))
		hidden(at+".due", x.Due)
		return at + ".text"
	}
	for _, x := range theirs.Actions {
		own := x
		for _, m := range mine.Actions {
			if m.ID == x.ID {
				own = m
			}
		}
		name := row(own)
		field(name, c.T("meetings.action_n", "Count", n), own.Text, x.Text)
	}
	for _, m := range mine.Actions {
		if m.ID == uuid.Nil && m.Text != "" {
			hidden(row(m), m.Text)
		}
	}
}

type hoursView struct {
	Title, Lead, Rule string
	Rows              []ui.TaskRow
	Own               []ui.Fact
	OwnTone           ui.Tone
	OwnText           string
	None              string
	Back              ui.Link
	// Note is the attendance note of each person, Own the reader's own; by the href.
	Note string
}

func (p *pages) hours(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	year := c.QueryInt("rok", 0)
	h, err := p.Meetings.Hours(c.Context(), c.Actor(), id, year)
	if err != nil {
		return err
	}
	title := c.T("meetings.hours_title")
	c.InNetwork(id, h.Title, title, h.At, Tab).Crumb(c.T("meetings.title"), listPath(id))
	v := hoursView{Title: title, Lead: c.T("meetings.year", "Year", show.SchoolYear(h.Year)), Back: ui.Link{Text: c.T("meetings.title"), Href: listPath(id)}}
	if h.Planned > 0 {
		v.Rule = c.T("meetings.hours_rule", "Planned", hoursText(c.Context(), h.Planned), "Percent", h.Percent)
	}
	switch {
	case len(h.People) == 0:
		v.None = c.T("meetings.hours_none")
	case h.All:
		v.Rows = hoursRows(c, h)
		for i := range v.Rows {
			v.Rows[i].Href = notePath(id) + "?osoba=" + h.People[i].ID.String()
		}
	default:
		v.Own, v.OwnTone, v.OwnText = ownHours(c, &h.People[0])
		v.Note = notePath(id)
	}
	return c.Render(http.StatusOK, hoursPage(v))
}

// notePath is the page of an attendance note (core/web/reports).
func notePath(network uuid.UUID) string { return kit.NetworkPath + network.String() + "/potwierdzenie" }

// hoursRows are everybody's hours, a line a person.
func hoursRows(c *kit.Ctx, h *schedule.HoursPage) []ui.TaskRow {
	out := make([]ui.TaskRow, len(h.People))
	for i := range h.People {
		x := &h.People[i]
		r := ui.TaskRow{Title: x.Name, Hint: joined(x.Label(c.Context(), x.School), c.T("meetings.hours_line", "Attended", x.Attended, "Missed", x.Missed, "Hours", hoursText(c.Context(), x.Minutes))),
			Status: c.T("meetings.verdict_short.open"), Tone: ui.Info}
		switch {
		case x.Passed:
			r.Status, r.Tone = c.T("meetings.verdict_short.passed"), ui.Good
		case x.Lost:
			r.Status, r.Tone = c.T("meetings.verdict_short.lost"), ui.Warn
			r.Hint = joined(r.Hint, c.T("meetings.hours_still", "Best", hoursText(c.Context(), x.Best())))
		}
		out[i] = r
	}
	return out
}

func verdict(c *kit.Ctx, h *schedule.Hours) string {
	switch {
	case h.Passed:
		return c.T("meetings.verdict.passed")
	case h.Lost:
		return c.T("meetings.verdict.lost", "Best", hoursText(c.Context(), h.Best()))
	}
	return c.T("meetings.verdict.open")
}

func ownHours(c *kit.Ctx, h *schedule.Hours) ([]ui.Fact, ui.Tone, string) {
	facts := []ui.Fact{{Label: c.T("meetings.hours_mine"), Value: hoursText(c.Context(), h.Minutes)}, {Label: c.T("meetings.attended"), Value: strconv.Itoa(h.Attended)},
		{Label: c.T("meetings.missed"), Value: strconv.Itoa(h.Missed)}, {Label: c.T("meetings.hours_best"), Value: hoursText(c.Context(), h.Best())}}
	tone := ui.Info
	switch {
	case h.Passed:
		tone = ui.Good
	case h.Lost:
		tone = ui.Warn
	}
	return facts, tone, verdict(c, h)
}
