package schedule_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/schedule"
)

func (w *world) todo(a *access.Actor) map[string]schedule.TodoRow {
	w.t.Helper()
	rows, err := gather.Read[schedule.TodoRow](w.t.Context(), w.db, gather.Query{Person: a.Person, Now: w.clock.Now(), Limit: 20}, schedule.TodoPart)
	w.ok(err)
	out := map[string]schedule.TodoRow{}
	for _, r := range rows {
		out[r.Kind] = r
	}
	return out
}

// KOO1: the alarm fires on 19 November; the programme goes to 20 and what became
// of it is kept.
func TestProgramme(t *testing.T) {
	t.Parallel()
	w := setup(t, 20)
	w.clock.Set(at("2026-11-10 12:00"))
	id := w.announced(input("2026-11-26 13:00"))
	if _, ok := w.todo(w.lead)["programme"]; ok {
		t.Error("the programme is due two weeks ahead")
	}
	w.clock.Set(at("2026-11-19 7:59"))
	w.sweep()
	if n := w.letters.count("schedule.notice.programme"); n != 0 {
		t.Errorf("the alarm fired early: %d", n)
	}
	w.clock.Set(at("2026-11-19 8:00"))
	w.sweep()
	w.sweep()
	got := w.letters.told(w.lead.Person, "schedule.notice.programme")
	if len(got) != 1 || !got[0].Mail || !strings.HasSuffix(got[0].Link, "/program") {
		t.Errorf("the alarm: %+v", got)
	}
	if alarm := w.get(w.lead, id).Alarm; alarm == nil || !alarm.Equal(at("2026-11-19 8:00")) {
		t.Errorf("the alarm fired at %v", alarm)
	}
	if r, ok := w.todo(w.lead)["programme"]; !ok || !r.Due.Equal(at("2026-11-19 23:59")) {
		t.Errorf("on the list: %+v", r)
	}
	n, err := w.s.SendProgramme(t.Context(), w.lead, id)
	w.ok(err)
	if n != 20 || w.letters.count("schedule.notice.agenda") != 20 {
		t.Errorf("sent to %d, %d letters", n, w.letters.count("schedule.notice.agenda"))
	}
	if _, ok := w.todo(w.lead)["programme"]; ok {
		t.Error("the programme is still due")
	}
	// What notify would have written.
	m := w.letters.told(w.members[0].Person, "schedule.notice.agenda")[0]
	if !strings.Contains(m.Args["Agenda"].(string), "1. Wymiana doświadczeń, narzędzi i dobrych praktyk (45 min)\n2. ") {
		t.Errorf("the letter's agenda: %q", m.Args["Agenda"])
	}
	for i, state := range []string{"waiting", "sent", "refused"} {
		done := any(nil)
		if state != "waiting" {
			done = time.Now()
		}
		w.exec(`INSERT INTO mail_outbox (id, person_id, key, once, state, done_at) VALUES ($1, $2, 'k', $3, $4, $5)`, uuid.New(), w.members[i].Person, m.Once, state, done)
	}
	for i := range 4 {
		w.exec(`INSERT INTO notification (id, person_id, key, once, created_at, read_at) VALUES ($1, $2, 'k', $3, now(), CASE WHEN $4 THEN now() END)`, uuid.New(), w.members[i].Person, m.Once, i == 1)
	}
	check := func(when string) {
		t.Helper()
		list, err := w.s.Deliveries(t.Context(), w.lead, id)
		w.ok(err)
		states := map[string]int{}
		for _, d := range list {
			states[d.State]++
			if d.ReadAt != nil {
				states["read"]++
			}
		}
		for state, n := range map[string]int{schedule.Queued: 17, schedule.Sent: 1, schedule.Failed: 1, schedule.Listed: 1, "read": 1} {
			if states[state] != n || when == "now" && w.get(w.lead, id).Delivery[state] != n {
				t.Errorf("%s: %v, %v", when, states, w.get(w.lead, id).Delivery)
			}
		}
	}
	check("now")
	w.ok(w.s.SweepDeliveries(t.Context()))
	w.exec(`DELETE FROM mail_outbox`)
	w.exec(`DELETE FROM notification`)
	check("after a month")
	_, err = w.s.Deliveries(t.Context(), w.members[0], id)
	want(t, err, fault.NotFound, "")
	w.clock.Set(at("2026-11-26 13:00"))
	_, err = w.s.SendProgramme(t.Context(), w.lead, id)
	want(t, err, fault.Conflict, "schedule.programme_late")
}

// Reminders: once with two servers, for those who come or are silent, again for
// a new time, only the latest after a jump, none late.
func TestReminders(t *testing.T) {
	t.Parallel()
	w := setup(t, 3)
	w.clock.Set(at("2026-11-10 12:00"))
	id := w.announced(input("2026-11-26 13:00"))
	w.ok(w.s.Answer(t.Context(), w.members[0], id, schedule.No))
	both := func() {
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				s := w.s
				if i%2 == 0 {
					s = w.second
				}
				if _, err := s.Sweep(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	w.clock.Set(at("2026-11-23 8:00"))
	both()
	if a, b := w.letters.count("schedule.notice.days3"), w.letters.count("schedule.notice.programme"); a != 2 || b != 1 {
		t.Errorf("three days ahead %d of 2 were reminded, the alarm fired %d times", a, b)
	}
	in := input("2026-12-03 13:00")
	w.ok(w.s.Edit(t.Context(), w.lead, id, w.get(w.lead, id).Version, in, ""))
	w.clock.Set(at("2026-11-26 9:00"))
	both()
	if n := w.letters.count("schedule.notice.day1"); n != 0 {
		t.Errorf("%d reminders of the old time", n)
	}
	// The clock jumps over both: one reminder.
	w.clock.Set(at("2026-12-02 18:00"))
	both()
	if a, b := w.letters.count("schedule.notice.days3"), w.letters.count("schedule.notice.day1"); a != 2 || b != 2 {
		t.Errorf("after the jump: %d and %d", a, b)
	}
	// And over the meeting itself: none, but it is held.
	other := w.announced(input("2027-01-14 13:00"))
	w.clock.Set(at("2027-02-01 9:00"))
	both()
	if a, b := w.letters.count("schedule.notice.days3"), w.letters.count("schedule.notice.day1"); a != 2 || b != 2 {
		t.Errorf("after the meeting: %d and %d", a, b)
	}
	if d := w.get(w.lead, other); d.State != schedule.Held {
		t.Errorf("the meeting is %s", d.State)
	}
	if n := w.number(`SELECT count(*) FROM audit_event WHERE action = 'meeting:hold'`); n != 2 {
		t.Errorf("%d meetings were marked as held", n)
	}
	if n := w.number(`SELECT count(*) FROM meeting_notice WHERE done_at IS NULL`); n != 0 {
		t.Errorf("%d notices are left", n)
	}
	if _, ok := w.todo(w.lead)["register"]; !ok {
		t.Error("nobody is asked for the attendance")
	}
}

// What took place before the network came to the platform is entered quietly.
func TestPastMeeting(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	id := w.announced(input("2026-10-08 13:00"))
	w.sweep()
	if d := w.get(w.members[0], id); d.State != schedule.Held || len(w.letters.sent) != 0 {
		t.Errorf("%s, %d letters", d.State, len(w.letters.sent))
	}
}

// KOO5, the part online: 17 present, 2 guests, 1 excused, 2 absent; codes by
// person and by meeting.
func TestRegisterAndCodes(t *testing.T) {
	t.Parallel()
	w := setup(t, 20)
	id := w.announced(input("2026-11-26 13:00"))
	ctx := t.Context()
	_, err := w.s.Code(ctx, w.lead, id)
	want(t, err, fault.Conflict, "schedule.code_closed")
	want(t, w.s.SaveRegister(ctx, w.lead, id, schedule.RegisterInput{}), fault.Conflict, "schedule.register_early")
	w.clock.Set(at("2026-11-26 12:45"))
	r, err := w.s.Register(ctx, w.lead, id)
	w.ok(err)
	if len(r.Lines) != 20 || !r.Open {
		t.Fatalf("%d lines, open %v", len(r.Lines), r.Open)
	}
	for i := range 8 { // at the coordinator's computer
		p, err := w.s.CheckInFor(ctx, w.lead, id, strings.ToLower(w.s.PersonCode(r, w.members[i].Person)))
		w.ok(err)
		if p.ID != w.members[i].Person {
			t.Errorf("the code of %s checked %s in", w.members[i].Name, p.Name)
		}
	}
	_, err = w.s.CheckInFor(ctx, w.lead, id, w.s.PersonCode(r, w.members[0].Person))
	want(t, err, fault.Conflict, "schedule.code_used")
	for i := 8; i < 12; i++ { // on their own phones, by their own code
		w.ok(w.s.CheckIn(ctx, w.members[i], id, w.s.PersonCode(r, w.members[i].Person), schedule.OnSite))
	}
	want(t, w.s.CheckIn(ctx, w.members[12], id, w.s.PersonCode(r, w.members[13].Person), schedule.OnSite), fault.Invalid, "schedule.code_wrong")
	for i := 12; i < 17; i++ { // by the code on the screen
		c, err := w.second.Code(ctx, w.lead, id)
		w.ok(err)
		w.clock.Advance(4 * time.Minute)
		w.ok(w.s.CheckIn(ctx, w.members[i], id, c.Value[:3]+" "+c.Value[3:], schedule.Online))
	}
	c, err := w.s.Code(ctx, w.lead, id)
	w.ok(err)
	w.clock.Advance(11 * time.Minute)
	want(t, w.s.CheckIn(ctx, w.members[17], id, c.Value, schedule.OnSite), fault.Invalid, "schedule.code_wrong")
	want(t, w.s.CheckIn(ctx, w.members[17], id, "", ""), fault.Invalid, "schedule.code_wrong")
	in := schedule.RegisterInput{Guests: []schedule.GuestMark{{Name: "Gość Pierwszy", School: "SP 5"}, {Name: "Gość Drugi"}, {}},
		Marks: []schedule.Mark{{Person: w.members[17].Person, Presence: schedule.Excused}, {Person: w.members[18].Person, Presence: schedule.Absent}, {Person: w.members[19].Person, Presence: schedule.Absent},
			{Person: w.members[0].Person, Presence: "", Was: ""}}} // the page showed 0 before the check-in
	w.ok(w.s.SaveRegister(ctx, w.lead, id, in))
	r, err = w.s.Register(ctx, w.lead, id)
	w.ok(err)
	n := r.Totals()
	if n[schedule.PresentOnSite]+n[schedule.PresentOnline] != 17 || n[schedule.PresentOnline] != 5 || n[schedule.Guest] != 2 || n[schedule.Excused] != 1 || n[schedule.Absent] != 2 {
		t.Errorf("the register: %v", n)
	}
	want(t, w.s.SaveRegister(ctx, w.lead, id, schedule.RegisterInput{Marks: []schedule.Mark{{Person: uuid.New(), Presence: schedule.Absent}}}), fault.Invalid, "schedule.person_unknown")
	want(t, w.s.SaveRegister(ctx, w.lead, id, schedule.RegisterInput{Guests: []schedule.GuestMark{{School: "SP 1"}}}), fault.Invalid, "schedule.guest_name")
	_, err = w.s.Register(ctx, w.members[0], id)
	want(t, err, fault.NotFound, "")
	if d := w.get(w.members[0], id); d.Presence != schedule.PresentOnSite {
		t.Errorf("own presence: %q", d.Presence)
	}
}

func TestCodesAreThrottled(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	id := w.announced(input("2026-11-26 13:00"))
	w.clock.Set(at("2026-11-26 13:00"))
	for range 5 {
		want(t, w.s.CheckIn(t.Context(), w.members[0], id, "nie ten", schedule.OnSite), fault.Invalid, "schedule.code_wrong")
	}
	r, err := w.s.Register(t.Context(), w.lead, id)
	w.ok(err)
	code := w.s.PersonCode(r, w.members[0].Person)
	want(t, w.s.CheckIn(t.Context(), w.members[0], id, code, schedule.OnSite), fault.TooMany, "schedule.code_tries")
	w.clock.Advance(11 * time.Minute)
	want(t, w.s.CheckIn(t.Context(), w.members[0], id, code, ""), fault.Invalid, "schedule.checkin_way")
	w.ok(w.s.CheckIn(t.Context(), w.members[0], id, code, schedule.Online))
}

// KOO6: decisions and tasks; one notice an owner; open ones come back.
func TestMinutes(t *testing.T) {
	t.Parallel()
	w := setup(t, 3)
	id := w.announced(input("2026-11-26 13:00"))
	next := w.announced(input("2027-01-14 13:00"))
	ctx := t.Context()
	anna, jan := w.members[0], w.members[1]
	in := schedule.MinutesInput{Version: 1, Tell: true, Decisions: []schedule.Decision{{Text: "A"}, {Text: "B"}, {}, {Text: "C"}}, Actions: []schedule.ActionInput{
		{Text: "Scenariusz lekcji", Owner: anna.Person, Due: "2026-12-08"}, {Text: "Ankieta", Owner: jan.Person}, {Text: "Sala", Owner: anna.Person},
		{Text: "Zdjęcia", Owner: jan.Person}, {Text: "Notatka", Owner: w.lead.Person}, {}}}
	want(t, w.s.SaveMinutes(ctx, w.lead, id, in), fault.Conflict, "schedule.register_early")
	w.clock.Set(at("2026-11-26 16:00"))
	w.sweep()
	bad := in
	bad.Actions = []schedule.ActionInput{{Text: "x"}, {Owner: anna.Person}, {Text: "y", Owner: anna.Person, Due: "jutro"}}
	err := w.s.SaveMinutes(ctx, w.lead, id, bad)
	for _, key := range []string{"schedule.action_owner", "schedule.action_text", "calendar.local.date"} {
		want(t, err, fault.Invalid, key)
	}
	bad.Actions = []schedule.ActionInput{{Text: "x", Owner: uuid.New()}}
	want(t, w.s.SaveMinutes(ctx, w.lead, id, bad), fault.Invalid, "schedule.leader_unknown")
	before := len(w.letters.sent)
	w.ok(w.s.SaveMinutes(ctx, w.lead, id, in))
	if got := len(w.letters.sent) - before; got != 3 {
		t.Errorf("%d notices for 3 owners", got)
	}
	for _, m := range w.letters.told(anna.Person, "") {
		if p := m.Wording[i18n.Polish]; !strings.Contains(p.Title, "2 zadania") || !strings.Contains(p.Text, "Scenariusz lekcji (termin: 8 grudnia 2026") || !strings.Contains(p.Text, "– Sala") || m.Mail {
			t.Errorf("Anna reads %+v", p)
		}
	}
	want(t, w.s.SaveMinutes(ctx, w.lead, id, in), fault.Conflict, "schedule.stale")
	_, m, err := w.s.Minutes(ctx, w.members[2], id)
	w.ok(err)
	if len(m.Decisions) != 3 || len(m.Actions) != 5 {
		t.Fatalf("minutes %+v", m)
	}
	if d := w.get(w.members[2], next); len(d.Returned) != 5 || d.Returned[0].Text != "Scenariusz lekcji" {
		t.Errorf("returned: %+v", d.Returned)
	}
	if r := w.todo(anna)["action"]; r.N != 2 || r.ID != id || !r.Due.Equal(at("2026-12-08 23:59")) {
		t.Errorf("Anna's list: %+v", r)
	}
	var annas, jans schedule.Action
	for _, a := range m.Actions {
		switch a.OwnerID {
		case anna.Person:
			annas = a
		case jan.Person:
			jans = a
		}
	}
	want(t, w.s.Tick(ctx, anna, jans.ID, true), fault.NotFound, "")
	w.ok(w.s.Tick(ctx, anna, annas.ID, true))
	w.ok(w.s.Tick(ctx, w.lead, jans.ID, true))
	if d := w.get(w.members[2], next); len(d.Returned) != 3 {
		t.Errorf("%d returned after two were done", len(d.Returned))
	}
	if _, err := w.s.SendProgramme(ctx, w.lead, next); err != nil {
		t.Error(err)
	} else if said := w.letters.told(w.members[2].Person, "schedule.notice.agenda")[0].Args["Returned"].(string); strings.Count(said, "– ") != 3 {
		t.Errorf("the letter returns %q", said)
	}
	w.ok(w.s.Tick(ctx, anna, annas.ID, false))
	// Editing again: rows keep their ids, done stays done, nobody is told twice,
	// a new owner is.
	edit := schedule.MinutesInput{Version: 2, Tell: true, Decisions: m.Decisions[:1]}
	for _, a := range m.Actions {
		edit.Actions = append(edit.Actions, schedule.ActionInput{ID: a.ID, Text: a.Text, Owner: a.OwnerID, Due: a.Due})
	}
	edit.Actions[4].Owner = w.members[2].Person
	before = len(w.letters.sent)
	w.ok(w.s.SaveMinutes(ctx, w.lead, id, edit))
	if got := len(w.letters.sent) - before; got != 1 {
		t.Errorf("%d notices after a new owner", got)
	}
	_, m, err = w.s.Minutes(ctx, w.lead, id)
	w.ok(err)
	done := 0
	for _, a := range m.Actions {
		if a.DoneAt != nil {
			done++
		}
	}
	if done != 1 || len(m.Decisions) != 1 {
		t.Errorf("%d done, %d decisions", done, len(m.Decisions))
	}
}

// NAU9: two of five meetings missed: told once that 75% is out of reach and what
// can still be had.
func TestHours(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	ctx := t.Context()
	w.clock.Set(at("2026-09-02 8:00"))
	var ids []uuid.UUID
	for _, day := range []string{"2026-10-08 13:00", "2026-11-26 13:00", "2027-01-14 13:00", "2027-06-10 13:00"} {
		ids = append(ids, w.announced(input(day)))
	}
	w.create(input("2027-03-11 13:00")) // the date is not yet sure
	w.clock.Set(at("2026-10-08 16:00"))
	w.register(ids[0], schedule.Absent, schedule.PresentOnSite)
	own, err := w.s.Hours(ctx, w.members[0], w.network, 2026)
	w.ok(err)
	if own.Planned != 5*135 || own.Percent != 75 || own.All || len(own.People) != 1 || own.People[0].Lost {
		t.Errorf("after one missed: %+v", own)
	}
	if n := len(w.letters.told(w.members[0].Person, "")); n != 0 {
		t.Errorf("told %d times after the first", n)
	}
	w.clock.Set(at("2026-11-26 16:00"))
	w.register(ids[1], schedule.Excused, schedule.PresentOnline)
	w.register(ids[1], schedule.Absent, schedule.PresentOnline)
	got := w.letters.told(w.members[0].Person, "")
	if len(got) != 1 {
		t.Fatalf("told %d times after the second", len(got))
	}
	text := got[0].Wording[i18n.Polish].Text
	for _, part := range []string{"75%", "6 godzin", "15 godzin", "9 godzin"} {
		if !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), part) {
			t.Errorf("the notice lacks %q: %s", part, text)
		}
	}
	if n := len(w.letters.told(w.members[1].Person, "")); n != 0 {
		t.Errorf("who was there was told %d times", n)
	}
	all, err := w.s.Hours(ctx, w.lead, w.network, 2026)
	w.ok(err)
	if len(all.People) != 2 || !all.People[0].Lost || all.People[0].Best() != 9*45 || all.People[1].Minutes != 6*45 || all.People[1].Passed {
		t.Errorf("the coordinator sees %+v", all.People)
	}
	y, err := w.s.Year(ctx, w.lead, w.network, 0)
	w.ok(err)
	if len(y.Meetings) != 4 || y.Held != 2*135 && y.Held != 0 || y.Meetings[1].Attendance[schedule.PresentOnline] != 1 || len(y.Hours.People) != 2 {
		t.Errorf("the year: %+v", y)
	}
	if _, err := w.s.Year(ctx, w.members[0], w.network, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("a participant reads the report: %v", err)
	}
}

// Up to ten hours everything must be attended.
func TestShortYearNeedsAll(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	w.clock.Set(at("2026-09-02 8:00"))
	first := w.announced(input("2026-10-08 13:00"))
	w.announced(input("2026-11-26 13:00"))
	w.clock.Set(at("2026-10-08 16:00"))
	w.register(first, schedule.Absent)
	p, err := w.s.Hours(t.Context(), w.lead, w.network, 2026)
	w.ok(err)
	if p.Percent != 100 || !p.People[0].Lost {
		t.Errorf("6 hours: %+v", p)
	}
	w.exec(`INSERT INTO attendance_rule (id, centre_id, percent) VALUES ($1, $2, 50)`, uuid.New(), w.centre)
	if p, err = w.s.Hours(t.Context(), w.lead, w.network, 2026); err != nil || p.Percent != 50 || p.People[0].Lost {
		t.Errorf("the centre's own rule: %+v, %v", p, err)
	}
}

// KOO10: the type may forbid closing; while its module is down closing waits.
func TestCloseIsGuarded(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	in := input("2026-11-26 13:00")
	in.Kind = schedule.Summary
	id := w.announced(in)
	ctx := t.Context()
	want(t, w.s.Close(ctx, w.lead, id, nil), fault.Conflict, "schedule.close_early")
	w.clock.Set(at("2026-11-26 16:00"))
	w.sweep()
	want(t, w.s.Close(ctx, w.lead, id, nil), fault.Conflict, "schedule.register_missing")
	w.register(id, schedule.PresentOnSite, schedule.PresentOnline)
	w.ok(w.s.SaveMinutes(ctx, w.lead, id, schedule.MinutesInput{Version: 1, Actions: []schedule.ActionInput{{Text: "Plan", Owner: w.members[0].Person}}}))
	var asked string
	w.module.OnGuard = func(a *effect.GuardAsk) (*effect.GuardAnswer, error) {
		asked = string(a.Arguments.JSON)
		return &effect.GuardAnswer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityError, Code: "evaluation", Text: "Najpierw ewaluacja i plan upowszechniania."}}}, nil
	}
	err := w.s.Close(ctx, w.lead, id, nil)
	if f := fault.As(err); f.Kind != fault.Invalid || !strings.Contains(asked, `"kind":"summary"`) || !strings.Contains(asked, id.String()) {
		t.Errorf("forbidden: %v, asked %s", err, asked)
	}
	w.module.OnGuard = func(*effect.GuardAsk) (*effect.GuardAnswer, error) {
		return nil, fault.New(fault.Unavailable, "fault.unavailable")
	}
	if err := w.s.Close(ctx, w.lead, id, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("module down: %v", err)
	}
	w.module.OnGuard = func(*effect.GuardAsk) (*effect.GuardAnswer, error) {
		return &effect.GuardAnswer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityWarning, Code: "few", Text: "Mało odpowiedzi."}}}, nil
	}
	var need *schedule.NeedsReason
	if err := w.s.Close(ctx, w.lead, id, nil); !asNeeds(err, &need) || need.Warnings[0].Code != "few" {
		t.Errorf("a warning: %v", err)
	}
	w.ok(w.s.Close(ctx, w.lead, id, []effect.Acknowledgement{{Code: "few", Reason: "Ankieta trwa"}}))
	if d := w.get(w.lead, id); d.State != schedule.Closed {
		t.Errorf("closed: %s", d.State)
	}
	if n := len(w.letters.told(w.members[0].Person, "")); n != 1 {
		t.Errorf("the owner was told %d times", n)
	}
	want(t, w.s.Close(ctx, w.lead, id, nil), fault.Conflict, "schedule.meeting_closed")
	want(t, w.s.SaveRegister(ctx, w.lead, id, schedule.RegisterInput{}), fault.Conflict, "schedule.meeting_closed")
	want(t, w.s.SaveMinutes(ctx, w.lead, id, schedule.MinutesInput{Version: 2}), fault.Conflict, "schedule.meeting_closed")
	want(t, w.s.AddItem(ctx, w.lead, id, schedule.ItemInput{Title: "x"}), fault.Conflict, "schedule.meeting_closed")
	_, m, err := w.s.Minutes(ctx, w.members[0], id)
	w.ok(err)
	w.ok(w.s.Tick(ctx, w.members[0], m.Actions[0].ID, true))
	if n := w.number(`SELECT count(*) FROM audit_event WHERE action = 'warning:acknowledge'`); n != 1 {
		t.Errorf("%d reasons in the log", n)
	}
}

func asNeeds(err error, n **schedule.NeedsReason) bool { return errors.As(err, n) }
