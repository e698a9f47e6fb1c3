package thematic

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ore.edu.pl/sieci/plugins/sdk"
)

// Kinds of meeting, as the codes of the plan's form.
const (
	organisational = "organizacyjne"
	working        = "robocze"
	summing        = "podsumowujace"
)

// plan is the record of a year's meetings.
type plan struct {
	Year     int       `json:"rok"` // in which the school year begins
	Meetings []meeting `json:"spotkania"`
}

// meeting is one planned meeting.
type meeting struct {
	Row    string   `json:"_row"`
	Kind   string   `json:"rodzaj"`
	Month  string   `json:"miesiac"` // "m01" to "m12"
	Date   string   `json:"data,omitempty"`
	Goals  []string `json:"cele,omitempty"`
	Topic  string   `json:"temat,omitempty"`
	Leader *ref     `json:"prowadzi,omitempty"`
}

type ref struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Label string `json:"label,omitempty"`
}

// day is the set date; false when only a month is planned.
func (m *meeting) day() (time.Time, bool) {
	d, err := time.Parse(time.DateOnly, m.Date)
	return d, err == nil
}

// month is the planned month's number, 1 to 12; 0 when it is missing.
func (m *meeting) month() int {
	n, err := strconv.Atoi(strings.TrimPrefix(m.Month, "m"))
	if err != nil || n < 1 || n > 12 {
		return 0
	}
	return n
}

// about is the set date, or the first day of the planned month.
func (m *meeting) about(year int) time.Time {
	if d, ok := m.day(); ok {
		return d
	}
	if m.month() < 9 {
		year++
	}
	return time.Date(year, time.Month(max(m.month(), 1)), 1, 0, 0, 0, 0, time.UTC)
}

// ordered are the meetings in the order in which they will be held; those of
// one month without dates keep the form's order.
func (p *plan) ordered() []meeting {
	out := slices.Clone(p.Meetings)
	slices.SortStableFunc(out, func(a, b meeting) int {
		x, y := a.about(p.Year), b.about(p.Year)
		if x.Year() == y.Year() && x.Month() == y.Month() && (a.Date == "" || b.Date == "") {
			return 0
		}
		return x.Compare(y)
	})
	return out
}

// scheduled is a meeting as the core knows it.
type scheduled struct {
	Kind   string    `json:"kind"`
	Title  string    `json:"title"`
	State  string    `json:"state"`
	Starts time.Time `json:"starts"`
}

// kindOf are the plan's codes of the core's kinds of meeting.
var kindOf = map[string]string{"organisational": organisational, "working": working, meetingSummary: summing}

// settle gives planned meetings the dates, and topics where the plan names none,
// of those that were announced: months are planned here, dates set in the
// calendar, and nobody should write a date twice. A meeting belongs to the
// planned one of its kind in its month, or else to the first one left.
func (p *plan) settle(s sdk.Snapshot) error {
	var list []scheduled
	from, to := time.Date(p.Year, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(p.Year+1, 9, 1, 0, 0, 0, 0, time.UTC)
	for _, r := range s.Rows(sliceMeetings) {
		var x scheduled
		if err := r.Decode(&x); err != nil {
			return err
		}
		x.Starts = dayOf(x.Starts.In(s.Time().Location()))
		if x.State != "draft" && x.State != "cancelled" && !x.Starts.Before(from) && x.Starts.Before(to) {
			list = append(list, x)
		}
	}
	taken := make([]bool, len(p.Meetings))
	give := func(x *scheduled, fits func(*meeting) bool) bool {
		for i := range p.Meetings {
			m := &p.Meetings[i]
			if taken[i] || m.Kind != kindOf[x.Kind] || !fits(m) {
				continue
			}
			taken[i] = true
			m.Date, m.Month, m.Topic = x.Starts.Format(time.DateOnly), fmt.Sprintf("m%02d", int(x.Starts.Month())), cmp.Or(m.Topic, x.Title)
			return true
		}
		return false
	}
	rest := list[:0:0]
	for i := range list {
		if !give(&list[i], func(m *meeting) bool { return m.month() == int(list[i].Starts.Month()) }) {
			rest = append(rest, list[i])
		}
	}
	for i := range rest {
		give(&rest[i], func(*meeting) bool { return true })
	}
	return nil
}

// next is the first meeting that has not been held yet at the time now.
func (p *plan) next(now time.Time) (meeting, bool) {
	for _, m := range p.ordered() {
		end := m.about(p.Year)
		if m.Date == "" {
			end = end.AddDate(0, 1, -1) // any day of the month
		}
		if dayOf(now).Compare(end) <= 0 {
			return m, true
		}
	}
	return meeting{}, false
}

// dayOf is the calendar day of t in t's zone, as midnight UTC.
func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// problem is something wrong with a plan: path and key of its text.
type problem struct {
	path, code string
	args       []any
}

// problems are mistakes that no plan may have, whatever the stage.
func (p *plan) problems() []problem {
	var out []problem
	from, to := time.Date(p.Year, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(p.Year+1, 8, 31, 0, 0, 0, 0, time.UTC)
	for _, m := range p.Meetings {
		d, ok := m.day()
		switch at := "spotkania[" + m.Row + "].data"; {
		case !ok:
		case d.Before(from) || d.After(to):
			out = append(out, problem{at, "date_outside", []any{"year", schoolYear(p.Year)}})
		case m.month() != 0 && int(d.Month()) != m.month():
			out = append(out, problem{at, "date_month", nil})
		}
	}
	order := p.ordered()
	for i, m := range order {
		at := "spotkania[" + m.Row + "].rodzaj"
		switch {
		case m.Kind == organisational && i != 0:
			out = append(out, problem{at, "organisational_first", nil})
		case m.Kind == summing && i != len(order)-1:
			out = append(out, problem{at, "summary_last", nil})
		}
	}
	return out
}

// gaps are what a plan still lacks to be one of a network: they do not forbid
// saving it, but the working stage does not begin with them.
func (p *plan) gaps() []problem {
	var out []problem
	order := p.ordered()
	if len(order) < leastYearly {
		out = append(out, problem{"", "few_meetings", []any{"n", len(order), "least", leastYearly}})
	}
	if len(order) == 0 || order[0].Kind != organisational {
		out = append(out, problem{"", "no_organisational", nil})
	}
	if len(order) == 0 || order[len(order)-1].Kind != summing {
		out = append(out, problem{"", "no_summary", nil})
	}
	return out
}

// template is a draft of n meetings for the school year: the organisational one
// in October, or as soon as a network can meet that is founded later, the
// summary in June, working ones spread between.
func template(year, n int, now time.Time) plan {
	p := plan{Year: year}
	// October to June are nine months, numbered 0 to 8.
	first := 0
	if october := time.Date(year, time.October, 1, 0, 0, 0, 0, time.UTC); dayOf(now).After(october) {
		soon := dayOf(now).AddDate(0, 0, 14) // people want to know two weeks before
		first = min((soon.Year()-year)*12+int(soon.Month()-time.October), 8)
	}
	for i := range n {
		at := first + (i*(8-first)+(n-1)/2)/max(n-1, 1)
		m := meeting{Row: "r" + strconv.Itoa(i+1), Kind: working, Month: fmt.Sprintf("m%02d", (9+at)%12+1)}
		switch i {
		case 0:
			m.Kind, m.Goals = organisational, []string{"kontakty"}
		case n - 1:
			m.Kind, m.Goals = summing, []string{"wiedza"}
		}
		p.Meetings = append(p.Meetings, m)
	}
	return p
}

// schoolYear is "2026/2027".
func schoolYear(began int) string { return fmt.Sprintf("%d/%d", began, began+1) }

// plannedYear is the school year for which a network founded now is meant: from
// June on, the one that begins in September.
func plannedYear(s sdk.Snapshot) int {
	t := s.Time()
	if t.Month() >= time.June && t.Month() < time.September {
		return t.Year()
	}
	return s.SchoolYear()
}

// reminderLead is how long before a meeting the coordinator is told to send its
// programme: the coordinator's duty "a week before".
const reminderLead = 7

// remindAt is eight in the morning a week before the meeting.
func remindAt(d time.Time, zone *time.Location) time.Time {
	y, m, day := d.AddDate(0, 0, -reminderLead).Date()
	return time.Date(y, m, day, 8, 0, 0, 0, zone)
}

// setReminders moves the reminders from the old plan's meetings to the new one's.
func setReminders(a *sdk.Answer, r *sdk.Request, before *plan, after *plan) {
	scope := r.GetScope()
	keep := map[string]bool{}
	now := r.Time()
	for _, m := range after.Meetings {
		d, ok := m.day()
		if !ok {
			continue
		}
		if at := remindAt(d, now.Location()); at.After(now) {
			keep[m.Row] = true
			a.SetTimer(scope, timerMeeting, m.Row, at, sdk.Doc(reminder{m.Row, m.Date}, 1))
		}
	}
	if before == nil {
		return
	}
	gone := []string{}
	for _, m := range before.Meetings {
		if _, had := m.day(); had && !keep[m.Row] {
			gone = append(gone, m.Row)
		}
	}
	slices.SortFunc(gone, cmp.Compare[string])
	for _, row := range slices.Compact(gone) {
		a.CancelTimer(scope, timerMeeting, row)
	}
}

// reminder is the data of the timer.
type reminder struct {
	Row  string `json:"row"`
	Date string `json:"date"`
}

func remindOfMeeting(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var due reminder
	if err := r.Input(&due); err != nil {
		return nil, err
	}
	p, _, err := readPlan(r.Snapshot)
	if err != nil || p == nil {
		return a, err
	}
	for _, m := range p.Meetings {
		// A meeting that moved meanwhile has a timer of its own.
		if m.Row == due.Row && m.Date == due.Date && r.Stage() != stageClosed {
			a.NotifyRole(r.GetScope(), roleCoordinator, both("reminder.subject"), onDay("reminder.body", m.Date), viewPlan)
		}
	}
	return a, nil
}
