package evaluation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/view"
)

func TestPreparing(t *testing.T) {
	t.Parallel()
	w := setup(t, 6)
	ctx := t.Context()
	bank, err := w.s.Bank(ctx, w.lead, w.network, "")
	if err != nil || len(bank) != 5 || len(bank[0].Questions) != 5 || len(bank[1].Questions) != 8 || !bank[4].Questions[0].Open {
		t.Fatalf("%+v, %v", bank, err)
	}
	_, err = w.s.Bank(ctx, w.members[0], w.network, "")
	want(t, err, fault.NotFound, "fault.not_found")
	for key, change := range map[string]func(*evaluation.Plan){
		"evaluation.question_missing": func(p *evaluation.Plan) { p.Questions = nil },
		"evaluation.question_unknown": func(p *evaluation.Plan) { p.Questions = []string{"cele.wiedza", "cele.bogactwo"} },
		"evaluation.closes_past":      func(p *evaluation.Plan) { p.Closes = w.clock.Now() },
		"evaluation.closes_far":       func(p *evaluation.Plan) { p.Closes = w.clock.Now().AddDate(1, 0, 0) },
		"evaluation.title_length":     func(p *evaluation.Plan) { p.Title = "x" },
		"evaluation.tool_unknown":     func(p *evaluation.Plan) { p.Tool = "ore.nic:survey" },
	} {
		p := w.plan()
		change(&p)
		_, err := w.s.Prepare(ctx, w.lead, w.network, p)
		want(t, err, fault.Invalid, key)
	}
	p := w.plan()
	p.Questions = []string{"najcenniejsze"}
	if _, err := w.s.Prepare(ctx, w.lead, w.network, p); fault.As(err) == nil || len(fault.As(err).Fields) != 1 || fault.As(err).Fields[0].Text == "" {
		t.Errorf("the tool's own refusal is lost: %v", err)
	}
	id := w.prepare()
	r := w.get(w.lead, id)
	if r.State != evaluation.Draft || r.Form == nil || r.Form.Item("kiedy") == nil || r.Form.Item("zmiany") != nil || len(r.Form.Item("cele").Rows) != 2 || r.Form.Privacy != "anonymous" {
		t.Errorf("%+v", r)
	}
	_, err = w.s.Get(ctx, w.members[0], id)
	want(t, err, fault.NotFound, "fault.not_found")
	if err := w.s.Edit(ctx, w.lead, id, 1, w.plan()); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.Edit(ctx, w.lead, id, 1, w.plan()), fault.Conflict, "fault.conflict")
	if err := w.s.Discard(ctx, w.lead, id); err != nil {
		t.Fatal(err)
	}
	_, err = w.s.Get(ctx, w.lead, id)
	want(t, err, fault.NotFound, "fault.not_found")

	w.tool.down = true
	_, err = w.s.Prepare(ctx, w.lead, w.network, w.plan())
	want(t, err, fault.Unavailable, "fault.unavailable")
	w.tool.down, w.tool.granted = false, false
	_, err = w.s.Prepare(ctx, w.lead, w.network, w.plan())
	want(t, err, fault.Unavailable, "evaluation.no_tool")
}

// EWA2: anonymity and threshold are confirmed at opening and never change.
func TestOpeningFixesThePromise(t *testing.T) {
	t.Parallel()
	w := setup(t, 6)
	ctx := t.Context()
	id := w.prepare()
	want(t, w.s.Open(ctx, w.lead, id, 1, false), fault.Invalid, "evaluation.confirm")
	want(t, w.s.Open(ctx, w.members[0], id, 1, true), fault.NotFound, "fault.not_found")
	w.engine.refuse = fault.InvalidFields(fault.Field{Text: "Najpierw etap podsumowania."})
	if err := w.s.Open(ctx, w.lead, id, 1, true); !fault.Is(err, fault.Invalid) {
		t.Errorf("the network's type refused, and it was opened: %v", err)
	}
	w.engine.refuse = nil
	if err := w.s.Open(ctx, w.lead, id, 1, true); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(w.engine.asked, "evaluation:open") || !slices.Contains(w.engine.told, "evaluation.opened") {
		t.Errorf("asked %v, told %v", w.engine.asked, w.engine.told)
	}
	r := w.get(w.lead, id)
	if r.State != evaluation.Open || r.Counts.Eligible != 6 || r.Threshold != 5 || r.Me.Listed {
		t.Errorf("%+v", r)
	}
	if told := w.letters.told("evaluation.notify.opened"); len(told) != 6 || slices.Contains(told, w.lead.Person) {
		t.Errorf("told %v", told)
	}
	want(t, w.s.Edit(ctx, w.lead, id, 2, w.plan()), fault.Conflict, "evaluation.opened")
	want(t, w.s.Discard(ctx, w.lead, id), fault.Conflict, "evaluation.opened")
	want(t, w.s.Open(ctx, w.lead, id, 2, true), fault.Conflict, "evaluation.opened")
	for _, set := range []string{"anonymous = false", "threshold = 3", "threshold = 7", "form = '{}'", "state = 'draft'", "design = '{}'"} {
		if _, err := w.db.SQL().ExecContext(ctx, `UPDATE evaluation_round SET `+set+` WHERE id = $1`, id); err == nil {
			t.Errorf("the database let %s pass", set)
		}
	}
	second := w.prepare()
	want(t, w.s.Open(ctx, w.lead, second, 1, true), fault.Conflict, "evaluation.one_open")
}

// NAU8, EWA4: a code once, an answer once, and counts alone while it runs.
func TestAnswering(t *testing.T) {
	t.Parallel()
	w := setup(t, 6)
	ctx := t.Context()
	id := w.open()
	_, err := w.s.Issue(ctx, w.stranger, id, ballot.NewNonce())
	want(t, err, fault.NotFound, "fault.not_found")
	_, err = w.s.Issue(ctx, w.lead, id, ballot.NewNonce())
	want(t, err, fault.Forbidden, "evaluation.not_listed")

	code := w.code(w.members[0], id)
	_, err = w.s.Issue(ctx, w.members[0], id, ballot.NewNonce())
	want(t, err, fault.Conflict, "ballot.issued")
	sheet, err := w.s.Sheet(ctx, code)
	if err != nil || sheet.Cast || sheet.Closed || sheet.Form.Item("cele") == nil || sheet.Network != "Ocenianie kształtujące" {
		t.Fatalf("%+v, %v", sheet, err)
	}
	state := form.Start(sheet.Form)
	state.Values["najcenniejsze"] = []string{"Rozmowy"}
	if err := w.s.SaveSheet(ctx, code, state); err != nil {
		t.Fatal(err)
	}
	if sheet, err = w.s.Sheet(ctx, code); err != nil || sheet.State.Get("najcenniejsze") != "Rozmowy" {
		t.Errorf("%+v, %v", sheet, err)
	}
	if err := w.s.Cast(ctx, code, json.RawMessage(`{"cele":{"wiedza":"9"}}`)); !fault.Is(err, fault.Invalid) {
		t.Errorf("a wrong answer: %v", err)
	}
	want(t, w.s.Cast(ctx, code, json.RawMessage(`{}`)), fault.Invalid, "evaluation.empty")
	w.cast(code, answer(5, 4, "Rozmowy"))
	want(t, w.s.Cast(ctx, code, json.RawMessage(answer(1, 1, ""))), fault.Conflict, "ballot.cast")
	if sheet, err = w.s.Sheet(ctx, code); err != nil || !sheet.Cast || len(sheet.Hash) != 32 || sheet.Sealed == 0 {
		t.Errorf("%+v, %v", sheet, err)
	}

	r := w.get(w.lead, id)
	if r.Counts.Answers != 1 || r.Counts.Issued != 1 || r.Counts.Eligible != 6 {
		t.Errorf("%+v", r.Counts)
	}
	for _, a := range []*access.Actor{w.lead, w.members[0]} {
		_, err := w.s.Results(ctx, a, id)
		want(t, err, fault.Conflict, "evaluation.not_closed")
	}
	_, err = w.s.Sheet(ctx, ballot.Code(strings.Repeat("A", 40)))
	want(t, err, fault.NotFound, "fault.not_found")

	if err := w.s.Remind(ctx, w.lead, id); err != nil {
		t.Fatal(err)
	}
	if told := w.letters.told("evaluation.notify.reminder"); len(told) != 5 || slices.Contains(told, w.members[0].Person) {
		t.Errorf("reminded %v", told)
	}
	want(t, w.s.Remind(ctx, w.lead, id), fault.Conflict, "evaluation.reminded")

	// Whoever leaves the network keeps their answer to give.
	gone := w.members[1]
	gone.Grants = nil
	if r := w.get(gone, id); !r.May.Answer || r.May.Results {
		t.Errorf("%+v", r.May)
	}
	w.code(gone, id)
}

// Neither taking a code nor answering leaves an account or a key with a time.
func TestAnsweringLeavesNoAccount(t *testing.T) {
	t.Parallel()
	w := setup(t, 3)
	id := w.open()
	count := func() (n int) {
		t.Helper()
		if err := w.db.Get(t.Context(), &n, `SELECT (SELECT count(*) FROM audit_event) + (SELECT count(*) FROM idempotency_key) + (SELECT count(*) FROM draft)`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	for _, m := range w.members {
		w.cast(w.code(m, id), answer(3, 3, "x"))
	}
	if after := count(); after != before {
		t.Errorf("%d rows of accounts before, %d after", before, after)
	}
}

// EWA5: four answers show nothing; the round says how many there are.
func TestTooFewAnswers(t *testing.T) {
	t.Parallel()
	w := setup(t, 6)
	id := w.scored(answer(1, 2, "a"), answer(2, 2, "b"), answer(3, 2, "c"), answer(4, 2, "d"))
	res, err := w.s.Results(t.Context(), w.lead, id)
	if err != nil || res.View != nil || res.Round.Outcome != evaluation.Few || res.Round.Counts.Answers != 4 {
		t.Errorf("%+v, %v", res, err)
	}
	var kept int
	if err := w.db.Get(t.Context(), &kept, `SELECT count(*) FROM evaluation_round WHERE result IS NOT NULL`); err != nil || kept != 0 {
		t.Errorf("%d results are kept, %v", kept, err)
	}
	if _, err := w.s.Results(t.Context(), w.stranger, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
}

// page is a view as text, for looking at.
func page(t *testing.T, v *view.View) string {
	t.Helper()
	r, err := view.Resolve(t.Context(), v, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := view.NewDocument(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestResults(t *testing.T) {
	t.Parallel()
	w := setup(t, 14)
	var given []string
	for i := range 12 {
		given = append(given, answer(i%3+3, 5, fmt.Sprintf("najcenniejsze %d", i)))
	}
	id := w.scored(given...)
	res, err := w.s.Results(t.Context(), w.members[13], id)
	if err != nil || res.View == nil {
		t.Fatalf("%+v, %v", res, err)
	}
	doc := page(t, res.View)
	for _, s := range []string{"Cele sieci", "dzielić się wiedzą i umiejętnościami", `"text":"33%"`, "56%–76%", "Odpowiedzi własnymi słowami", "najcenniejsze 11"} {
		if !strings.Contains(doc, s) {
			t.Errorf("the results lack %q", s)
		}
	}
	if strings.Contains(doc, "koordynator.atmosfera") || !strings.Contains(doc, "Odpowiedziało za mało osób, by pokazać wyniki.") {
		t.Error("a question that nobody answered shows a number, or a chart of nothing")
	}
	english, err := w.s.Results(i18n.With(t.Context(), i18n.English), w.lead, id)
	if err != nil || english.View.Title.In(i18n.English) != "Results of the survey" {
		t.Errorf("%+v, %v", english, err)
	}
	if st, err := w.s.State(t.Context(), w.db, w.network); err != nil || st.Round != id || st.State != evaluation.Closed || st.Outcome != evaluation.Ready || st.Answered != 12 || st.Invited != 14 {
		t.Errorf("%+v, %v", st, err)
	}
}

// Open answers are shown from ten on, and not in the order of other questions.
func TestOpenAnswersNeedTen(t *testing.T) {
	t.Parallel()
	w := setup(t, 12)
	var given []string
	for i := range 9 {
		given = append(given, answer(i%5+1, i%4+1, fmt.Sprintf("zdanie %d", i)))
	}
	id := w.scored(given...)
	res, err := w.s.Results(t.Context(), w.lead, id)
	if err != nil {
		t.Fatal(err)
	}
	if doc := page(t, res.View); strings.Contains(doc, "zdanie") || !strings.Contains(doc, "Mniej niż 10 odpowiedzi") {
		t.Error("nine open answers are shown")
	}
	var kept string
	if err := w.db.Get(t.Context(), &kept, `SELECT result FROM evaluation_round WHERE id = $1`, id); err != nil || strings.Contains(kept, "zdanie") {
		t.Errorf("withheld words are kept with the results, %v", err)
	}
}

// A view with numbers of its own is refused; the round can be counted again.
func TestTypedNumbersAreRefused(t *testing.T) {
	t.Parallel()
	good := `{"kind":"view","v":1,"title":"Wyniki","nodes":[{"type":"facts","items":[{"label":"Zgoda","value":{"cell":"shares/cele__kontakty__3"}}]},{"type":"text","text":"Zgadza się {measures/cele__wiedza__top} z {measures/cele__wiedza__n}."}]}`
	for name, bad := range map[string]string{
		"a number":        `{"kind":"view","v":1,"title":"W","nodes":[{"type":"stat","label":"Zgoda","value":{"t":"pct","v":71}}]}`,
		"a number of n":   `{"kind":"view","v":1,"title":"W","nodes":[{"type":"stat","label":"Zgoda","n":7,"value":{"cell":"measures/cele__wiedza__top"}}]}`,
		"digits in words": `{"kind":"view","v":1,"title":"W","nodes":[{"type":"text","text":"Zgodziło się 7 osób."}]}`,
		"other digits":    `{"kind":"view","v":1,"title":"W","nodes":[{"type":"text","text":"Zgodziło się ٧ osób."}]}`,
		"digits in a row": `{"kind":"view","v":1,"title":"W","nodes":[{"type":"list","items":[{"value":{"t":"text","v":"12"}}]}]}`,
		"unknown cell":    `{"kind":"view","v":1,"title":"W","nodes":[{"type":"stat","label":"Zgoda","value":{"cell":"measures/inne"}}]}`,
		"cell and more":   `{"kind":"view","v":1,"title":"W","nodes":[{"type":"stat","label":"Zgoda","value":{"cell":"measures/cele__wiedza__top","v":"x"}}]}`,
		"no view":         `{"kind":"form","v":1}`,
		"an enum's code":  `{"kind":"view","v":1,"title":"W","nodes":[{"type":"stat","label":"Zgoda","value":{"t":"enum","v":"n7","l":"siedem"}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t, 5)
			id := w.open()
			for i, m := range w.members {
				w.cast(w.code(m, id), answer(i%2+4, 3, "x"))
			}
			w.close(id)
			w.tool.view = json.RawMessage(bad)
			err := w.s.Score(t.Context(), id)
			if !fault.Is(err, fault.Internal) {
				t.Errorf("passed: %v", err)
			}
			want(t, w.s.Recount(t.Context(), w.lead, id), fault.Unavailable, "evaluation.not_counted")
			w.tool.view = json.RawMessage(good)
			if err := w.s.Recount(t.Context(), w.lead, id); err != nil {
				t.Fatal(err)
			}
			res, err := w.s.Results(t.Context(), w.lead, id)
			if err != nil {
				t.Fatal(err)
			}
			if doc := page(t, res.View); !strings.Contains(doc, "co najmniej 90%") {
				t.Errorf("all five say the same, and the page says %s", doc)
			}
		})
	}
}

// A network that is over or not yet open takes no changes; its open round still
// closes at its date.
func TestNetworkThatIsOver(t *testing.T) {
	t.Parallel()
	w := setup(t, 6)
	ctx := t.Context()
	id := w.open()
	code := w.code(w.members[0], id)
	w.exec(`UPDATE network SET status = 'closed', closed_at = now() WHERE id = $1`, w.network)
	_, err := w.s.Prepare(ctx, w.lead, w.network, w.plan())
	want(t, err, fault.Conflict, "evaluation.network_over")
	_, err = w.s.Issue(ctx, w.members[1], id, ballot.NewNonce())
	want(t, err, fault.Conflict, "evaluation.network_over")
	want(t, w.s.Close(ctx, w.lead, id), fault.Conflict, "evaluation.network_over")
	want(t, w.s.Remind(ctx, w.lead, id), fault.Conflict, "evaluation.network_over")
	w.cast(code, answer(1, 1, "x")) // whoever has the code was promised the date
	w.clock.Set(w.clock.Now().AddDate(0, 0, 8))
	if n, err := w.s.Sweep(ctx); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if r := w.get(w.lead, id); r.State != evaluation.Closed || r.Outcome != evaluation.Few || r.Counts.Answers != 1 {
		t.Errorf("%+v", r)
	}
	if n, err := w.s.Sweep(ctx); err != nil || n != 0 {
		t.Errorf("again %d, %v", n, err)
	}
	if !slices.Contains(w.letters.told("evaluation.notify.closed"), w.lead.Person) {
		t.Error("the coordinator was not told")
	}
}

// Two hundred members answer at once: nothing fails and nothing is lost.
func TestTwoHundredAnswerAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t, 200)
	id := w.open()
	failed := make([]error, len(w.members))
	var all sync.WaitGroup
	for i, m := range w.members {
		all.Go(func() {
			c, err := w.s.Issue(t.Context(), m, id, ballot.NewNonce())
			if err == nil {
				err = w.s.Cast(t.Context(), c, json.RawMessage(answer(i%5+1, i%5+1, "słowo")))
			}
			failed[i] = err
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	w.close(id)
	if err := w.s.Score(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	res, err := w.s.Results(t.Context(), w.lead, id)
	if err != nil || res.Round.Counts.Answers != 200 {
		t.Fatalf("%+v, %v", res, err)
	}
	doc := page(t, res.View)
	for _, s := range []string{`"text":"20%"`, "wszyscy", `"text":"200"`} {
		if !strings.Contains(doc, s) {
			t.Errorf("the results lack %s", s)
		}
	}
}

// Modules open and close rounds by effects and read them as slices.
func TestEffectsAndSlices(t *testing.T) {
	t.Parallel()
	w := setup(t, 6)
	ctx := t.Context()
	parts := &parts{appliers: map[effect.Kind]effect.Applier{}}
	w.s.Register(parts)
	scope := effect.Scope{Kind: effect.Network, ID: w.network}
	d := &effect.Decision{Actor: w.lead, Now: w.clock.Now()}
	open := &effect.EvaluationOpen{Scope: scope, Tool: "ore.survey:survey", Closes: w.clock.Now().AddDate(0, 0, 3),
		Design: effect.Document{JSON: json.RawMessage(`{"questions":["cele.wiedza"]}`), Revision: 1}}
	apply := func(e effect.Effect, id uuid.UUID) error {
		a := parts.appliers[e.Kind()]
		if err := a.Check(ctx, w.db, d, e); err != nil {
			return err
		}
		return w.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.Apply(ctx, tx, d, e, id) })
	}
	for key, bad := range map[string]*effect.EvaluationOpen{
		"evaluation.effect_scope":     {Scope: effect.Scope{Kind: effect.Group, ID: w.network}},
		"evaluation.no_tool":          {Scope: scope, Tool: "ore.survey:other"},
		"evaluation.question_missing": {Scope: scope, Tool: open.Tool, Closes: open.Closes, Design: effect.Document{JSON: json.RawMessage(`{}`)}},
		"evaluation.closes_past":      {Scope: scope, Tool: open.Tool, Design: open.Design},
	} {
		want(t, apply(bad, uuid.New()), fault.Invalid, key)
	}
	id := uuid.New()
	if err := apply(open, id); err != nil {
		t.Fatal(err)
	}
	if r := w.get(w.lead, id); r.State != evaluation.Draft || r.Title != "Ankieta ewaluacyjna sieci" {
		t.Errorf("%+v", r)
	}
	read := func() *effect.SliceResult {
		t.Helper()
		res, err := parts.reader.ReadSlice(ctx, w.db, &effect.SliceRequest{Scopes: []effect.Scope{scope}, Limit: 10, Now: w.clock.Now()})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	if n := len(read().Rows); n != 0 {
		t.Errorf("%d rows of drafts", n)
	}
	if err := w.s.Open(ctx, w.lead, id, 1, true); err != nil {
		t.Fatal(err)
	}
	w.cast(w.code(w.members[0], id), `{"cele":{"wiedza":"4"}}`)
	rows := read().Rows
	var data struct {
		State             string
		Invited, Answered int
	}
	if len(rows) != 1 || json.Unmarshal(rows[0].Data, &data) != nil || data.State != "open" || data.Invited != 6 || data.Answered != 1 {
		t.Errorf("%+v, %+v", rows, data)
	}
	if err := apply(&effect.EvaluationClose{Scope: scope, Round: id}, uuid.New()); err != nil {
		t.Fatal(err)
	}
	if err := apply(&effect.EvaluationClose{Scope: scope, Round: id}, uuid.New()); !errors.Is(err, effect.ErrStale) {
		t.Errorf("closed twice: %v", err)
	}
	if r := w.get(w.lead, id); r.State != evaluation.Closed {
		t.Errorf("%+v", r)
	}
}

type parts struct {
	appliers map[effect.Kind]effect.Applier
	reader   effect.SliceReader
}

func (p *parts) RegisterApplier(a effect.Applier, kinds ...effect.Kind) {
	for _, k := range kinds {
		p.appliers[k] = a
	}
}

func (p *parts) RegisterReader(r effect.SliceReader, _ effect.Source) { p.reader = r }
