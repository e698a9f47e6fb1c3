package schedule_test

import (
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

func TestDraftsAreSeenByWhoPreparesThem(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	id := w.create(input("2026-12-10 13:00"))
	_, err := w.s.Get(t.Context(), w.members[0], id)
	want(t, err, fault.NotFound, "")
	_, err = w.s.Create(t.Context(), w.members[0], w.network, input("2026-12-10 13:00"))
	want(t, err, fault.NotFound, "")
	p, err := w.s.List(t.Context(), w.members[0], w.network, 0, "", 0)
	w.ok(err)
	if len(p.Items) != 0 {
		t.Errorf("a participant lists %d drafts", len(p.Items))
	}
	w.ok(w.s.Announce(t.Context(), w.lead, id))
	if n := len(w.letters.told(w.members[0].Person, "schedule.notice.invited")); n != 1 || !w.letters.sent[0].Mail {
		t.Errorf("invited %d times", n)
	}
	if n := len(w.letters.told(w.lead.Person, "schedule.notice.invited")); n != 0 {
		t.Errorf("who leads was invited %d times", n)
	}
	want(t, w.s.Announce(t.Context(), w.lead, id), fault.Conflict, "schedule.no_draft")
	want(t, w.s.Drop(t.Context(), w.lead, id), fault.Conflict, "schedule.no_draft")
	other := w.create(input("2026-12-11 13:00"))
	w.ok(w.s.Drop(t.Context(), w.lead, other))
	_, err = w.s.Get(t.Context(), w.lead, other)
	want(t, err, fault.NotFound, "")
}

func TestInputIsChecked(t *testing.T) {
	t.Parallel()
	w := setup(t, 0)
	in := input("2026-12-10 13:00")
	in.Kind, in.Title, in.Link, in.Ends = "party", "x", "javascript:alert(1)", in.Starts
	_, err := w.s.Create(t.Context(), w.lead, w.network, in)
	for _, key := range []string{"schedule.kind_unknown", "schedule.title_length", "schedule.link_wrong", "schedule.end_before"} {
		want(t, err, fault.Invalid, key)
	}
	_, err = w.s.Create(t.Context(), w.lead, w.network, input("2029-12-10 13:00"))
	want(t, err, fault.Invalid, "schedule.other_year")
	in = input("2026-12-10 13:00")
	in.Where = schedule.Where{}
	id := w.create(in)
	want(t, w.s.Announce(t.Context(), w.lead, id), fault.Invalid, "schedule.way_missing")
	in.OnSite = true
	w.ok(w.s.Edit(t.Context(), w.lead, id, 1, in, ""))
	want(t, w.s.Announce(t.Context(), w.lead, id), fault.Invalid, "schedule.place_missing")
}

// The night without 2:30 and the night with two of them (28 March and 31 October 2027).
func TestWhen(t *testing.T) {
	t.Parallel()
	_, _, err := schedule.When{Day: "2027-03-28", Start: "2:30", End: "5:00"}.Resolve()
	want(t, err, fault.Invalid, "calendar.local.skipped")
	if f := fault.As(err).Fields; len(f) != 1 || f[0].Path != schedule.FieldStart {
		t.Errorf("the sentence stands at %v", f)
	}
	_, _, err = schedule.When{Day: "2027-10-31", Start: "2:30", End: "5:00"}.Resolve()
	want(t, err, fault.Invalid, "calendar.local.doubled")
	if f := fault.As(err).Fields; len(f) != 1 || f[0].Path != schedule.FieldStartFold {
		t.Errorf("the question stands at %v", f)
	}
	w := schedule.When{Day: "2027-10-31", Start: "02:30", End: "05:00"}
	var got []time.Time
	for _, w.StartFold = range []string{calendar.First, calendar.Second} {
		starts, ends, err := w.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		if back := schedule.WhenOf(starts, ends); back != w {
			t.Errorf("%+v comes back as %+v", w, back)
		}
		got = append(got, starts)
	}
	if got[1].Sub(got[0]) != time.Hour {
		t.Errorf("the two hours are %v", got)
	}
	_, _, err = schedule.When{Day: "jutro", Start: "25:00", End: "x"}.Resolve()
	if f := fault.As(err).Fields; len(f) != 3 {
		t.Errorf("three wrong fields are told by %v", f)
	}
}

// Moving tells everybody at once, raises the sequence, keeps answers but marks
// them, and drops those with a way that is gone.
func TestMove(t *testing.T) {
	t.Parallel()
	w := setup(t, 3)
	id := w.announced(input("2026-12-10 13:00"))
	for i, way := range []schedule.Way{schedule.OnSite, schedule.Online, schedule.No} {
		w.ok(w.s.Answer(t.Context(), w.members[i], id, way))
	}
	in := input("2026-12-17 13:00")
	in.Online, in.Link = false, ""
	v := w.get(w.lead, id).Version
	w.ok(w.s.Edit(t.Context(), w.lead, id, v, in, "Sala była zajęta."))
	if err := w.s.Edit(t.Context(), w.lead, id, v, in, ""); !errors.Is(err, schedule.ErrStale) {
		t.Errorf("the second editor: %v", err)
	}
	for _, m := range w.members {
		got := w.letters.told(m.Person, "schedule.notice.moved")
		if len(got) != 1 || !got[0].Mail || got[0].Args["Message"] != "Sala była zajęta." {
			t.Errorf("told of the move: %+v", got)
		}
	}
	c := w.get(w.lead, id).Counts
	if *c != (schedule.Counts{Invited: 3, OnSite: 1, No: 1, Stale: 2}) || c.Silent() != 1 {
		t.Errorf("answers after the move: %+v", *c)
	}
	if d := w.get(w.members[0], id); d.Answer != schedule.OnSite || !d.Stale {
		t.Errorf("an answer before the move: %s, %v", d.Answer, d.Stale)
	}
	events, err := w.s.FeedEvents(t.Context(), w.members[0].Person, today, today.AddDate(1, 0, 0))
	w.ok(err)
	if len(events) != 1 || events[0].Sequence != 1 || !events[0].Starts.Equal(at("2026-12-17 13:00")) || !strings.Contains(events[0].Place, "Szkolna") || events[0].Link != "" {
		t.Errorf("the feed after the move: %+v", events)
	}
	in.Starts, in.Ends = today.Add(-48*time.Hour), today.Add(-46*time.Hour)
	want(t, w.s.Edit(t.Context(), w.lead, id, v+1, in, ""), fault.Invalid, "schedule.in_past")
	// A new title alone writes to nobody, but calendars learn it.
	in = input("2026-12-17 13:00")
	in.Online, in.Link, in.Title = false, "", "Inny tytuł"
	before := len(w.letters.sent)
	w.ok(w.s.Edit(t.Context(), w.lead, id, v+1, in, ""))
	if events, err = w.s.FeedEvents(t.Context(), w.members[0].Person, today, today.AddDate(1, 0, 0)); err != nil || events[0].Sequence != 2 || len(w.letters.sent) != before {
		t.Errorf("a new title: %+v, %d letters, %v", events, len(w.letters.sent)-before, err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	id := w.announced(input("2026-12-10 13:00"))
	w.ok(w.s.Answer(t.Context(), w.members[1], id, schedule.No))
	want(t, w.s.Cancel(t.Context(), w.lead, id, " "), fault.Invalid, "schedule.reason_missing")
	w.ok(w.s.Cancel(t.Context(), w.lead, id, "Choroba prowadzącej"))
	if n := w.letters.count("schedule.notice.cancelled"); n != 2 {
		t.Errorf("told %d of 2", n)
	}
	for i := range w.members {
		events, err := w.s.FeedEvents(t.Context(), w.members[i].Person, today, today.AddDate(1, 0, 0))
		w.ok(err)
		if len(events) != 1 || !events[0].Cancelled || events[0].Sequence != 1 {
			t.Errorf("the feed after cancelling: %+v", events)
		}
	}
	want(t, w.s.Answer(t.Context(), w.members[0], id, schedule.OnSite), fault.Conflict, "schedule.answers_over")
	want(t, w.s.Cancel(t.Context(), w.lead, id, "znowu"), fault.Conflict, "schedule.meeting_closed")
	w.clock.Set(at("2026-12-09 12:00"))
	w.sweep()
	if n := w.letters.count("schedule.notice.day1"); n != 0 {
		t.Errorf("%d reminders of a cancelled meeting", n)
	}
}

// NAU4: each learns the address or the link of the way they chose.
func TestAnswerShowsItsWay(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	id := w.announced(input("2026-11-26 13:00"))
	anna, jan := w.members[0], w.members[1]
	if d := w.get(anna, id); d.Address != "" || d.Link != "" || !d.Invited || d.Place == "" {
		t.Errorf("before an answer: %q %q", d.Address, d.Link)
	}
	w.ok(w.s.Answer(t.Context(), anna, id, schedule.OnSite))
	w.ok(w.s.Answer(t.Context(), jan, id, schedule.Online))
	if d := w.get(anna, id); d.Address == "" || d.Link != "" {
		t.Errorf("on site: %q %q", d.Address, d.Link)
	}
	if d := w.get(jan, id); d.Address != "" || d.Link == "" {
		t.Errorf("online: %q %q", d.Address, d.Link)
	}
	if c := w.get(w.lead, id).Counts; *c != (schedule.Counts{Invited: 2, OnSite: 1, Online: 1}) {
		t.Errorf("counts %+v", *c)
	}
	if d := w.get(anna, id); d.Counts != nil {
		t.Error("a participant sees the counts")
	}
	want(t, w.s.Answer(t.Context(), w.lead, id, schedule.OnSite), fault.NotFound, "")
	in := input("2026-12-20 13:00")
	in.Online = false
	id = w.announced(in)
	want(t, w.s.Answer(t.Context(), anna, id, schedule.Online), fault.Invalid, "schedule.answer_missing")
	w.clock.Set(at("2026-12-20 13:00"))
	want(t, w.s.Answer(t.Context(), anna, id, schedule.OnSite), fault.Conflict, "schedule.answers_over")
}

// Two hundred people answer at once, some twice: no error, no lost answer.
func TestTwoHundredAnswersAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t, 200)
	id := w.announced(input("2026-12-10 13:00"))
	var wg sync.WaitGroup
	ways := []schedule.Way{schedule.OnSite, schedule.Online, schedule.No}
	for i, m := range w.members {
		wg.Go(func() {
			if err := w.s.Answer(t.Context(), m, id, ways[i%3]); err != nil {
				t.Errorf("answer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if c := w.get(w.lead, id).Counts; *c != (schedule.Counts{Invited: 200, OnSite: 67, Online: 67, No: 66}) {
		t.Errorf("counts %+v", *c)
	}
}

// KOO4: a session of 90 minutes and one of 45 led by a member.
func TestAgenda(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	id := w.create(input("2026-11-26 13:00"))
	if items := w.get(w.lead, id).Items; len(items) != 3 || !items[0].Fixed {
		t.Errorf("a working meeting begins with %+v", items)
	}
	w.clear(id)
	w.ok(w.s.AddItem(t.Context(), w.lead, id, schedule.ItemInput{Title: "Warsztat", Minutes: 90, Method: schedule.Workshop}))
	w.ok(w.s.AddItem(t.Context(), w.lead, id, schedule.ItemInput{Title: "Moja lekcja", Minutes: 45, Leader: w.members[0].Person}))
	d := w.get(w.lead, id)
	if d.Hours() != 3 || math.Round(d.MemberLed) != 33 || !d.Items[1].MemberLed {
		t.Errorf("%v hours, %v%% led by members", d.Hours(), d.MemberLed)
	}
	w.ok(w.s.AddItem(t.Context(), w.lead, id, schedule.ItemInput{Title: "Przerwa", Minutes: 15, Method: schedule.Break}))
	w.ok(w.s.AddItem(t.Context(), w.lead, id, schedule.ItemInput{Title: "Zakończenie", Minutes: 0, Leader: w.lead.Person}))
	w.ok(w.s.AddItem(t.Context(), w.lead, id, schedule.ItemInput{Title: "Ekspert", Minutes: 0, LeaderName: "dr Ewa Ekspercka"}))
	if d = w.get(w.lead, id); d.Hours() != 3 || d.Items[3].MemberLed || !d.Items[4].Expert {
		t.Errorf("a break counts: %v hours; the coordinator is a member: %v", d.Hours(), d.Items[3].MemberLed)
	}
	w.ok(w.s.MoveItem(t.Context(), w.lead, id, d.Items[1].ID, true))
	w.ok(w.s.MoveItem(t.Context(), w.lead, id, d.Items[1].ID, true))
	w.ok(w.s.MoveItem(t.Context(), w.lead, id, d.Items[4].ID, false))
	if got := w.get(w.lead, id).Items; got[0].ID != d.Items[1].ID || got[1].ID != d.Items[0].ID || got[4].ID != d.Items[4].ID {
		t.Errorf("after moving: %+v", got)
	}
	it := w.get(w.lead, id).Items[0]
	in := schedule.ItemInput{Title: "Moja lekcja otwarta", Minutes: 60, Leader: w.members[0].Person}
	w.ok(w.s.EditItem(t.Context(), w.lead, id, it.ID, it.Version, in))
	if err := w.s.EditItem(t.Context(), w.lead, id, it.ID, it.Version, in); !errors.Is(err, schedule.ErrStale) {
		t.Errorf("the second editor: %v", err)
	}
	want(t, w.s.AddItem(t.Context(), w.lead, id, schedule.ItemInput{Title: "", Minutes: 700, Leader: uuid.New(), LeaderName: "x"}), fault.Invalid, "schedule.leader_twice")
	want(t, w.s.AddItem(t.Context(), w.lead, id, schedule.ItemInput{Title: "x", Leader: uuid.New()}), fault.Invalid, "schedule.leader_unknown")
}

// KOO9: an adopted proposal waits at the top of the next meeting and becomes an
// item in one step, once; it waits again when its meeting is cancelled.
func TestAdoptedProposals(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	waiting := uuid.New()
	w.exec(`INSERT INTO agenda_item (id, network_id, title, leader_id, created_at) VALUES ($1, $2, 'Ocena koleżeńska', $3, now())`, waiting, w.network, w.members[0].Person)
	next, later := w.announced(input("2026-11-26 13:00")), w.announced(input("2027-01-14 13:00"))
	if d := w.get(w.lead, next); len(d.Waiting) != 1 || d.Waiting[0].Title != "Ocena koleżeńska" || d.Waiting[0].Leader != w.members[0].Name {
		t.Errorf("on the next meeting: %+v", d.Waiting)
	}
	if d := w.get(w.lead, later); len(d.Waiting) != 0 {
		t.Errorf("on a later meeting: %+v", d.Waiting)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	adopted := 0
	for range 4 {
		wg.Go(func() {
			if err := w.s.Adopt(t.Context(), w.lead, next, waiting, 0); err == nil {
				mu.Lock()
				adopted++
				mu.Unlock()
			} else if !fault.Is(err, fault.NotFound) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	d := w.get(w.lead, next)
	if last := d.Items[len(d.Items)-1]; adopted != 1 || len(d.Waiting) != 0 || last.Title != "Ocena koleżeńska" || last.Minutes != 45 || !last.MemberLed {
		t.Errorf("adopted %d times: %+v", adopted, last)
	}
	w.ok(w.s.Cancel(t.Context(), w.lead, next, "Śnieg"))
	if d := w.get(w.lead, later); len(d.Waiting) != 1 {
		t.Errorf("after cancelling: %+v", d.Waiting)
	}
}

// A closed network takes no changes.
func TestClosedNetwork(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	id := w.announced(input("2026-12-10 13:00"))
	w.exec(`UPDATE network SET status = 'closed', closed_at = now() WHERE id = $1`, w.network)
	ctx := t.Context()
	for name, err := range map[string]error{
		"create": func() error { _, err := w.s.Create(ctx, w.lead, w.network, input("2026-12-20 13:00")); return err }(),
		"edit":   w.s.Edit(ctx, w.lead, id, w.get(w.lead, id).Version, input("2026-12-11 13:00"), ""),
		"cancel": w.s.Cancel(ctx, w.lead, id, "x"), "answer": w.s.Answer(ctx, w.members[0], id, schedule.OnSite),
		"item": w.s.AddItem(ctx, w.lead, id, schedule.ItemInput{Title: "x", Minutes: 1}),
	} {
		if !fault.Is(err, fault.Conflict) || fault.As(err).Key != "schedule.network_over" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.s.SendProgramme(ctx, w.lead, id); !fault.Is(err, fault.Conflict) {
		t.Errorf("programme: %v", err)
	}
	if d := w.get(w.members[0], id); d.Title != "Spotkanie robocze" {
		t.Errorf("it is read as %q", d.Title)
	}
}

// The list: the next one first, then what is to come, then what is over, the
// latest first, page by page.
func TestList(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	w.clock.Set(at("2026-09-02 8:00"))
	var ids []uuid.UUID
	for _, day := range []string{"2026-10-08 13:00", "2026-11-26 13:00", "2027-01-14 13:00", "2026-09-10 13:00", "2027-06-10 13:00"} {
		ids = append(ids, w.announced(input(day)))
	}
	w.clock.Set(today)
	w.sweep()
	var got []uuid.UUID
	after := ""
	for {
		p, err := w.s.List(t.Context(), w.members[0], w.network, 0, after, 2)
		w.ok(err)
		for _, m := range p.Items {
			got = append(got, m.ID)
		}
		if after = p.Next; after == "" {
			break
		}
	}
	for i, n := range []int{1, 2, 4, 0, 3} {
		if i >= len(got) || got[i] != ids[n] {
			t.Fatalf("listed %v of %v", got, ids)
		}
	}
	if d := w.get(w.lead, ids[0]); d.State != schedule.Held {
		t.Errorf("a meeting that is over is %s", d.State)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	kinds := []schedule.Kind{{Name: "organisational", Title: "O", First: true}, {Name: "working"}, {Name: "summary", Title: "P", Last: true}}
	r := schedule.Rule{Least: 3, Most: 5}
	year := func(list ...string) []schedule.Planned {
		var out []schedule.Planned
		for i, k := range list {
			out = append(out, schedule.Planned{Kind: k, Starts: today.AddDate(0, i, 0)})
		}
		return out
	}
	o, k, s := "organisational", "working", "summary"
	for name, c := range map[string]struct {
		year []schedule.Planned
		want string
	}{
		"whole": {year(o, k, s), ""}, "none": {nil, "few!"}, "two": {year(o, s), "few!"}, "six": {year(o, k, k, k, k, s), "many"},
		"begins wrong": {year(k, k, s), "first!"}, "ends wrong": {year(o, k, k), "last!"}, "only one": {year(o), "few!"},
	} {
		got := ""
		for _, f := range schedule.Findings(c.year, kinds, r) {
			got += f.Code
			if f.Hard {
				got += "!"
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Modules propose and change meetings and see them.
func TestEffects(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	scope := effect.Scope{Kind: effect.Network, ID: w.network}
	ctx := access.With(t.Context(), w.lead)
	decide := func(e effect.Effect) error {
		w.module.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
			return &effect.Answer{Effects: []effect.Item{{Handle: "m", Effect: e}}}, nil
		}
		_, err := w.engine.Decide(ctx, &effect.Request{ID: uuid.New(), Type: "test.trial:net", Scope: scope, Input: effect.Command{Name: "act"}})
		return err
	}
	w.ok(decide(&effect.MeetingPropose{Scope: scope, MeetingKind: "summary", Title: "Podsumowanie", Starts: at("2027-06-10 13:00"), Minutes: 135, Place: "Leszno",
		Agenda: []effect.AgendaItem{{Title: "Ewaluacja", Minutes: 90, Leader: w.members[0].Person}}}))
	p, err := w.s.List(t.Context(), w.lead, w.network, 0, "", 0)
	w.ok(err)
	id := p.Items[0].ID
	d := w.get(w.lead, id)
	if d.State != schedule.Draft || d.Kind != "summary" || d.Minutes != 90 || !d.Items[0].MemberLed || d.Place != "Leszno" {
		t.Errorf("proposed: %+v", d)
	}
	w.ok(w.s.Announce(t.Context(), w.lead, id))
	version := int64(w.get(w.lead, id).Version)
	w.ok(decide(&effect.MeetingChange{Scope: scope, Meeting: id, Version: version, Starts: at("2027-06-11 13:00"), Reason: "Egzaminy"}))
	if got := w.letters.told(w.members[0].Person, "schedule.notice.moved"); len(got) != 1 || got[0].Args["Message"] != "Egzaminy" {
		t.Errorf("told of the module's change: %+v", got)
	}
	if err := decide(&effect.MeetingChange{Scope: scope, Meeting: id, Version: version, Minutes: 60}); !fault.Is(err, fault.Conflict) {
		t.Errorf("an old version: %v", err)
	}
	if err := decide(&effect.MeetingChange{Scope: scope, Meeting: id, Cancelled: true}); !fault.Is(err, fault.Invalid) {
		t.Errorf("cancelled without a reason: %v", err)
	}
	r, err := w.s.Reader().ReadSlice(t.Context(), w.db, &effect.SliceRequest{Module: "test.trial", Source: effect.SourceMeeting, Scopes: []effect.Scope{scope}, Limit: 10,
		Filters: []effect.Filter{{Field: effect.FieldState, Op: effect.Equal, Value: "announced"}}, Order: []effect.Order{{Field: effect.FieldDue}}})
	w.ok(err)
	if len(r.Rows) != 1 || r.Rows[0].ID != id || !strings.Contains(string(r.Rows[0].Data), `"starts":"2027-06-11T11:00:00Z"`) || !strings.Contains(string(r.Rows[0].Data), `"minutes":90`) {
		t.Errorf("a module sees %+v", r.Rows)
	}
	w.ok(decide(&effect.MeetingChange{Scope: scope, Meeting: id, Cancelled: true, Reason: "Brak sali"}))
	if d := w.get(w.lead, id); d.State != schedule.Cancelled || d.Reason != "Brak sali" {
		t.Errorf("cancelled by the module: %s %q", d.State, d.Reason)
	}
	foreign := effect.Scope{Kind: effect.Network, ID: w.newNetwork()}
	if err := decide(&effect.MeetingPropose{Scope: foreign, MeetingKind: "working", Title: "Obce", Starts: at("2027-06-10 13:00"), Minutes: 60}); err == nil {
		t.Error("a meeting elsewhere was proposed")
	}
}

// Holidays and breaks are shown for the voivodeships of the network's schools.
func TestClashes(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	w.exec(`INSERT INTO teryt_unit (code, kind, name, name_folded, as_of) VALUES ('30', 'voivodeship', 'wielkopolskie', 'w', '2026-01-01'), ('3013', 'powiat', 'leszczyński', 'l', '2026-01-01'),
		('02', 'voivodeship', 'dolnośląskie', 'd', '2026-01-01'), ('0204', 'powiat', 'górowski', 'g', '2026-01-01')`)
	for i, code := range []string{"3013", "0204"} {
		school := uuid.New()
		w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, 'school', 'SP', 'sp', $1, $2)`, school, code)
		w.exec(`UPDATE membership SET institution_id = $1 WHERE person_id = $2`, school, w.members[i].Person)
	}
	text := func(day string) string {
		t.Helper()
		s := at(day + " 13:00")
		list, err := w.s.Clashes(i18n.With(t.Context(), i18n.Polish), w.lead, w.network, s, s.Add(time.Hour))
		w.ok(err)
		out := ""
		for _, c := range list {
			out += c.Text(i18n.With(t.Context(), i18n.Polish)) + "; "
		}
		return out
	}
	if got := text("2026-12-24"); !strings.Contains(got, "Wigilia") {
		t.Errorf("Christmas Eve: %s", got)
	}
	if got := text("2027-02-18"); !strings.Contains(got, "wielkopolskie") || strings.Contains(got, "dolnośląskie") {
		t.Errorf("18 February 2027: %s", got)
	}
	if got := text("2027-01-20"); !strings.Contains(got, "dolnośląskie") {
		t.Errorf("20 January 2027: %s", got)
	}
	if got := text("2027-03-11"); got != "" {
		t.Errorf("11 March 2027: %s", got)
	}
}
