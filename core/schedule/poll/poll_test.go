package poll_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/poll"
)

const (
	yes   = poll.Yes
	maybe = poll.Maybe
	no    = poll.No
)

func TestFromProposalToMeeting(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	if n, mail := w.letters.told(w.anna.Person, "poll.notice.new"); n != 1 || mail {
		t.Errorf("told %d times, by letter %v", n, mail)
	}
	if n, _ := w.letters.told(w.coordinator.Person, "poll.notice.new"); n != 0 {
		t.Error("who made the poll is told of it")
	}
	if d.Asked != 4 || d.Answered != 0 || d.Best() != nil || d.Why != "" {
		t.Errorf("before answers: %+v", d.Poll)
	}
	w.answer(w.anna, d, yes, no, maybe)
	w.answer(w.jan, d, yes, "", yes)
	w.answer(w.expert, d, no, yes, yes)
	d = w.get(w.anna, d.ID)
	if d.Answered != 3 || d.Mine != 3 || d.Options[2].Yes != 2 || d.Options[2].Maybe != 1 || d.Options[1].Mine != no {
		t.Errorf("after answers: %+v", d)
	}
	// The first has as many as the others need, but the expert cannot come.
	if best := d.Best(); best == nil || best.ID != d.Options[2].ID || d.Options[0].Place != 3 || !slices.Equal(d.Options[0].Key, []string{"Igor Ekspert"}) {
		t.Errorf("best %+v, first %+v", best, d.Options[0])
	}
	if len(d.People) != 4 || d.People[0].Name != "Anna Lis" || d.People[0].Answers[d.Options[2].ID] != maybe {
		t.Errorf("people %+v", d.People)
	}
	meeting := w.choose(d, 2)
	in := w.meetings.inputs[0]
	if in.Kind != schedule.Working || in.Title != "Spotkanie w marcu" || !in.Starts.Equal(three[2].Starts) || !in.Ends.Equal(three[2].Ends) || in.Place != "SP 4, Leszno" {
		t.Errorf("the meeting: %+v", in)
	}
	if !slices.Equal(w.meetings.announced, []uuid.UUID{meeting}) {
		t.Errorf("announced %v", w.meetings.announced)
	}
	d = w.get(w.jan, d.ID)
	if d.State != poll.Chosen || *d.Meeting != meeting || !d.ChosenStarts.Equal(three[2].Starts) || !d.AtRisk(w.clock.Now()) {
		t.Errorf("chosen: %+v", d.Poll)
	}
	if n, _ := w.letters.told(w.jan.Person, "poll.notice.chosen"); n != 1 {
		t.Errorf("told of the date %d times", n)
	}
	want(t, w.s.Answer(t.Context(), w.anna, d.ID, map[uuid.UUID]poll.Answer{d.Options[0].ID: yes}, ""), fault.Conflict, "poll.answers_over")
}

func TestAnswersChangeUntilClosed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	w.answer(w.anna, d, yes)
	w.clock.Set(d.AnswerBy.Add(time.Hour)) // late answers count
	w.answer(w.anna, d, no)
	if err := w.s.Answer(t.Context(), w.anna, d.ID, map[uuid.UUID]poll.Answer{d.Options[1].ID: yes}, no); err != nil {
		t.Fatal(err)
	}
	d = w.get(w.anna, d.ID)
	if d.Options[0].Mine != no || d.Options[1].Mine != yes || d.Options[2].Mine != no || !d.Late(w.clock.Now()) {
		t.Errorf("%+v", d.Options)
	}
	if err := w.s.Close(t.Context(), w.coordinator, d.ID); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.Answer(t.Context(), w.anna, d.ID, nil, yes), fault.Conflict, "poll.answers_over")
	if err := w.s.Reopen(t.Context(), w.coordinator, d.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Answer(t.Context(), w.anna, d.ID, map[uuid.UUID]poll.Answer{d.Options[2].ID: maybe}, ""); err != nil {
		t.Error(err)
	}
}

func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d, other := w.make(three...), w.make(three...)
	want(t, w.s.Answer(t.Context(), w.anna, d.ID, nil, ""), fault.Invalid, "poll.answer_missing")
	want(t, w.s.Answer(t.Context(), w.anna, d.ID, map[uuid.UUID]poll.Answer{d.Options[0].ID: "może"}, ""), fault.Invalid, "poll.answer_unknown")
	want(t, w.s.Answer(t.Context(), w.anna, d.ID, map[uuid.UUID]poll.Answer{d.Options[0].ID: yes, other.Options[0].ID: yes}, ""), fault.Invalid, "poll.slot_gone")
	if got := w.get(w.anna, d.ID); got.Mine != 0 {
		t.Errorf("a refused answer was kept: %+v", got.Options)
	}
	want(t, w.s.Answer(t.Context(), w.stranger, d.ID, nil, yes), fault.NotFound, "fault.not_found")
	want(t, w.s.Answer(t.Context(), &access.Actor{}, d.ID, nil, yes), fault.Unauthenticated, "fault.unauthenticated")
}

func TestWrongPolls(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for name, c := range map[string]struct {
		change func(in *poll.Input)
		key    string
	}{
		"one date":         {func(in *poll.Input) { in.Slots = in.Slots[:1] }, "poll.slots_count"},
		"too many":         {func(in *poll.Input) { in.Slots = slices.Repeat(in.Slots, 7) }, "poll.slots_count"},
		"twice":            {func(in *poll.Input) { in.Slots[1] = in.Slots[0] }, "poll.slot_twice"},
		"past":             {func(in *poll.Input) { in.Slots[0] = slot("2026-11-23 16:00", 90) }, "poll.slot_past"},
		"another year":     {func(in *poll.Input) { in.Slots[0] = slot("2028-03-09 16:00", 90) }, "poll.slot_year"},
		"too short":        {func(in *poll.Input) { in.Slots[0].Ends = in.Slots[0].Starts }, "poll.slot_length"},
		"no title":         {func(in *poll.Input) { in.Title = " a " }, "poll.title_length"},
		"no such kind":     {func(in *poll.Input) { in.Kind = "party" }, "poll.kind_unknown"},
		"answers too late": {func(in *poll.Input) { in.AnswerBy = slot("2027-03-09 17:00", 15).Starts }, "poll.answer_by_late"},
		"answers in past":  {func(in *poll.Input) { in.AnswerBy = slot("2026-11-23 17:00", 15).Starts }, "poll.answer_by_past"},
	} {
		in := input(slices.Clone(three)...)
		c.change(&in)
		_, err := w.s.Create(t.Context(), w.coordinator, w.network, in)
		if f := fault.As(err); f == nil {
			t.Errorf("%s: no error", name)
		} else {
			want(t, err, fault.Invalid, c.key)
		}
	}
	_, err := w.s.Create(t.Context(), w.anna, w.network, input(three...))
	want(t, err, fault.NotFound, "fault.not_found")
}

// Dates that clash are proposed only when the coordinator says so, and the
// clash is shown to everybody.
func TestClashesAreShown(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := input(slot("2027-01-21 16:00", 90), slot("2027-02-18 16:00", 90), slot("2027-03-11 16:00", 90))
	_, err := w.s.Create(t.Context(), w.coordinator, w.network, in)
	want(t, err, fault.Invalid, poll.KeyClash)
	f := fault.As(err)
	if len(f.Fields) != 2 || !strings.Contains(f.Fields[0].Text, "dolnośląskie") || !strings.Contains(f.Fields[1].Text, "wielkopolskie") {
		t.Errorf("%v", err)
	}
	in.Despite = true
	id, err := w.s.Create(t.Context(), w.coordinator, w.network, in)
	if err != nil {
		t.Fatal(err)
	}
	d := w.get(w.anna, id)
	if len(d.Options[0].Clashes) != 1 || len(d.Options[1].Clashes) != 1 || len(d.Options[2].Clashes) != 0 {
		t.Errorf("%+v", d.Options)
	}
	// Equal answers: the date without a clash is before earlier ones.
	w.answer(w.anna, d, yes, yes, yes)
	d = w.get(w.anna, id)
	if d.Options[2].Place != 1 || d.Why != poll.ByClashes {
		t.Errorf("best %+v because of %s", d.Best(), d.Why)
	}
}

func TestEditing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	w.answer(w.anna, d, yes, yes, yes)
	in := input(poll.Span{ID: d.Options[0].ID, Starts: three[0].Starts, Ends: three[0].Ends}, poll.Span{ID: d.Options[1].ID, Starts: three[1].Starts.Add(time.Hour), Ends: three[1].Ends.Add(time.Hour)})
	if err := w.s.Edit(t.Context(), w.coordinator, d.ID, d.Version, in); err != nil {
		t.Fatal(err)
	}
	got := w.get(w.anna, d.ID)
	if len(got.Options) != 2 || got.Options[0].Mine != yes || got.Options[1].Mine != "" {
		t.Errorf("a moved date kept its answers, or a kept one lost them: %+v", got.Options)
	}
	if n, _ := w.letters.told(w.anna.Person, "poll.notice.slots"); n != 1 {
		t.Errorf("told of new dates %d times", n)
	}
	want(t, w.s.Edit(t.Context(), w.coordinator, d.ID, d.Version, in), fault.Conflict, "poll.stale")
}

func TestSecondChoiceIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	ctx := idem.With(t.Context(), "formularz-pierwszy")
	choice := poll.Choice{Slot: d.Options[0].ID}
	first, err := w.s.Choose(ctx, w.coordinator, d.ID, d.Version, choice)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.s.Choose(ctx, w.coordinator, d.ID, d.Version, choice)
	if err != nil || again != first {
		t.Errorf("the form sent twice: %v, %v", again, err)
	}
	_, err = w.s.Choose(t.Context(), w.coordinator, d.ID, d.Version, poll.Choice{Slot: d.Options[1].ID})
	want(t, err, fault.Conflict, "poll.chosen_before")
	var n int
	if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM meeting`); err != nil || n != 1 {
		t.Errorf("%d meetings, %v", n, err)
	}
	// The draft is dropped: another date can be chosen.
	w.exec(`DELETE FROM meeting`)
	d = w.get(w.coordinator, d.ID)
	if second, err := w.s.Choose(t.Context(), w.coordinator, d.ID, d.Version, poll.Choice{Slot: d.Options[1].ID}); err != nil || second == first {
		t.Errorf("after the draft was dropped: %v, %v", second, err)
	}
}

// Of several windows that choose at once one wins, and no meeting is left over.
func TestChoicesAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	var group sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		group.Go(func() {
			_, errs[i] = w.s.Choose(t.Context(), w.coordinator, d.ID, d.Version, poll.Choice{Slot: d.Options[i%3].ID})
		})
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !fault.Is(err, fault.Conflict) {
			t.Errorf("%v", err)
		}
	}
	var n int
	if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM meeting`); err != nil || n != 1 || won == 0 {
		t.Errorf("%d meetings, %d won, %v", n, won, err)
	}
}

func TestRefusedMeetingLeavesThePollOpen(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	w.meetings.refuse = fault.New(fault.Conflict, "schedule.network_over")
	_, err := w.s.Choose(t.Context(), w.coordinator, d.ID, d.Version, poll.Choice{Slot: d.Options[0].ID})
	want(t, err, fault.Conflict, "schedule.network_over")
	_, err = w.s.Choose(t.Context(), w.coordinator, d.ID, d.Version, poll.Choice{Slot: d.Options[0].ID, Announce: true})
	want(t, err, fault.Invalid, "schedule.way_missing")
	if got := w.get(w.coordinator, d.ID); got.State != poll.Open {
		t.Errorf("%+v", got.Poll)
	}
}

// Two weeks later the expert cannot come: the coordinator knows at once, keeps
// the date, and the reason is logged.
func TestConflictAfterTheChoice(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	w.answer(w.expert, d, no, no, yes)
	w.choose(d, 2)
	w.clock.Advance(14 * 24 * time.Hour)
	for range 2 { // saying it twice changes nothing
		if err := w.s.Raise(t.Context(), w.expert, d.ID, "Egzamin w szkole"); err != nil {
			t.Fatal(err)
		}
	}
	if n, mail := w.letters.told(w.coordinator.Person, "poll.notice.conflict"); n != 1 || !mail {
		t.Errorf("told %d times, by letter %v", n, mail)
	}
	if err := w.s.Raise(t.Context(), w.anna, d.ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Withdraw(t.Context(), w.anna, d.ID); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.Withdraw(t.Context(), w.anna, d.ID), fault.Conflict, "poll.no_conflict")
	d = w.get(w.coordinator, d.ID)
	if len(d.Conflicts) != 1 || d.Conflicts[0].Name != "Igor Ekspert" || d.Conflicts[0].Role != "expert" || d.Conflicts[0].State != "open" || d.Options[2].No != 1 {
		t.Fatalf("%+v %+v", d.Conflicts, d.Options[2])
	}
	todo := w.todos(w.coordinator)
	if len(todo) != 1 || todo[0].What != "conflict" {
		t.Errorf("to do: %+v", todo)
	}
	want(t, w.s.Keep(t.Context(), w.coordinator, d.ID, d.Conflicts[0].ID, ""), fault.Invalid, "poll.reason_length")
	want(t, w.s.Keep(t.Context(), w.anna, d.ID, d.Conflicts[0].ID, "Nie"), fault.NotFound, "fault.not_found")
	if err := w.s.Keep(t.Context(), w.coordinator, d.ID, d.Conflicts[0].ID, "Drugą część poprowadzi Anna"); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.Keep(t.Context(), w.coordinator, d.ID, d.Conflicts[0].ID, "Jeszcze raz"), fault.Conflict, "poll.conflict_settled")
	if n, _ := w.letters.told(w.expert.Person, "poll.notice.kept"); n != 1 {
		t.Errorf("the expert was told %d times", n)
	}
	var logged int
	if err := w.db.Get(t.Context(), &logged, `SELECT count(*) FROM audit_event WHERE action = 'poll:keep' AND actor_id = $1`, w.coordinator.Person); err != nil || logged != 1 {
		t.Errorf("%d entries, %v", logged, err)
	}
	// A meeting that was moved has no conflict with the old date.
	w.exec(`UPDATE meeting SET starts_at = starts_at + interval '7 days', ends_at = ends_at + interval '7 days'`)
	want(t, w.s.Raise(t.Context(), w.jan, d.ID, ""), fault.Conflict, "poll.nothing_ahead")
}

func (w *world) todos(a *access.Actor) []poll.Todo {
	w.t.Helper()
	part, ok := w.s.AskTodo(a)
	if !ok {
		return nil
	}
	f, err := gather.All(w.t.Context(), w.db, gather.Query{Person: a.Person, Now: w.clock.Now(), Limit: 10}, part)
	if err != nil {
		w.t.Fatal(err)
	}
	list, err := w.s.ReadTodo(f)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func TestRemindersOnceAndInTime(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	w.answer(w.anna, d, yes, yes, no)
	w.answer(w.jan, d, yes)
	sweep := func() {
		t.Helper()
		if _, err := w.s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	count := func(a *access.Actor, key string, want int) {
		t.Helper()
		if n, _ := w.letters.told(a.Person, key); n != want {
			t.Errorf("%s: %s %d times, want %d", a.Name, key, n, want)
		}
	}
	sweep()
	count(w.jan, "poll.notice.remind", 0)
	if todo := w.todos(w.jan); len(todo) != 1 || todo[0].What != "answer" || !todo[0].Due.Equal(d.AnswerBy) {
		t.Errorf("to do: %+v", todo)
	}
	if todo := w.todos(w.anna); len(todo) != 0 {
		t.Errorf("who answered everything has to do: %+v", todo)
	}
	w.clock.Set(d.AnswerBy.Add(-23 * time.Hour))
	sweep()
	sweep()
	count(w.jan, "poll.notice.remind", 1)
	count(w.expert, "poll.notice.remind", 1)
	count(w.anna, "poll.notice.remind", 0)
	_, err := w.s.Remind(t.Context(), w.coordinator, d.ID)
	want(t, err, fault.Conflict, "poll.reminded_lately")
	w.clock.Set(d.AnswerBy)
	sweep()
	sweep()
	count(w.coordinator, "poll.notice.due", 1)
	if todo := w.todos(w.coordinator); len(todo) != 2 || todo[0].What == todo[1].What {
		t.Errorf("the coordinator has to answer and to choose: %+v", todo)
	}
	w.clock.Advance(2 * time.Hour)
	if n, err := w.s.Remind(t.Context(), w.coordinator, d.ID); err != nil || n != 3 {
		t.Errorf("reminded %d, %v", n, err)
	}
}

func TestClosedNetworksAreReadOnly(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	w.exec(`UPDATE network SET status = 'closed', closed_at = now()`)
	ctx := t.Context()
	_, err := w.s.Create(ctx, w.coordinator, w.network, input(three...))
	want(t, err, fault.Conflict, "poll.network_over")
	want(t, w.s.Answer(ctx, w.anna, d.ID, nil, yes), fault.Conflict, "poll.network_over")
	want(t, w.s.Edit(ctx, w.coordinator, d.ID, d.Version, input(three...)), fault.Conflict, "poll.network_over")
	want(t, w.s.Close(ctx, w.coordinator, d.ID), fault.Conflict, "poll.network_over")
	if got := w.get(w.coordinator, d.ID); got.May.Manage || got.May.Answer {
		t.Errorf("rights in a closed network: %+v", got.May)
	}
	if todo := w.todos(w.jan); len(todo) != 0 {
		t.Errorf("a closed network asks: %+v", todo)
	}
}

// Twenty people answer twelve dates at once.
func TestManyAnswersAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var slots []poll.Span
	for i := range 12 {
		slots = append(slots, slot("2027-04-12 08:00", 45))
		slots[i].Starts, slots[i].Ends = slots[i].Starts.Add(time.Duration(i)*time.Hour/2), slots[i].Ends.Add(time.Duration(i)*time.Hour/2)
	}
	d := w.make(slots...)
	people := []*access.Actor{w.anna, w.jan}
	for range 18 {
		people = append(people, w.person("Uczestnik", access.Participant, ""))
	}
	var group sync.WaitGroup
	for i, a := range people {
		group.Go(func() {
			given := map[uuid.UUID]poll.Answer{}
			for j, s := range d.Options {
				given[s.ID] = poll.Answers[(i+j)%3]
			}
			if err := w.s.Answer(t.Context(), a, d.ID, given, ""); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	d = w.get(w.anna, d.ID)
	total := 0
	for _, s := range d.Options {
		total += s.Yes + s.Maybe + s.No
	}
	if total != 240 || d.Answered != 20 {
		t.Errorf("%d answers of %d people", total, d.Answered)
	}
}

func TestPageCostsTwoRoundTrips(t *testing.T) {
	t.Parallel()
	w := setup(t)
	d := w.make(three...)
	w.answer(w.anna, d, yes, no, yes)
	w.get(w.anna, d.ID)
	before := w.db.RoundTrips()
	w.get(w.anna, d.ID)
	if n := w.db.RoundTrips() - before; n != 2 {
		t.Errorf("%d round trips", n)
	}
	list, err := w.s.List(t.Context(), w.anna, w.network, "", 1)
	if err != nil || len(list.Items) != 1 || list.Next != "" || list.May.Manage {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = w.s.List(t.Context(), w.stranger, w.network, "", 1)
	want(t, err, fault.NotFound, "fault.not_found")
}
