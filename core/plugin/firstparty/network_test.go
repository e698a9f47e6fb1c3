package firstparty_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/view"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
	"ore.edu.pl/sieci/policies"
)

// module is thematic behind the facade, with the rights its manifest asks for.
type module struct {
	*facade.V1
	info effect.Info
}

func (m *module) Info() *effect.Info { return &m.info }

type modules struct{ m *module }

func (x modules) Module(typ string) (effect.Module, error) {
	if id, _, ok := effect.Split(typ); ok {
		return x.ByID(id)
	}
	return nil, fault.ErrNotFound
}

func (x modules) ByID(id string) (effect.Module, error) {
	if id != x.m.info.ID {
		return nil, fault.ErrNotFound
	}
	return x.m, nil
}

func (x modules) Enabled() []effect.Module { return []effect.Module{x.m} }

// outbox keeps what modules send and swallows what the core does.
type outbox struct {
	mu   sync.Mutex
	sent []*effect.Notify
}

func (o *outbox) Send(context.Context, *db.Tx, notify.Message) error { return nil }

func (o *outbox) Check(context.Context, db.Q, *effect.Decision, effect.Effect) error { return nil }

func (o *outbox) Apply(_ context.Context, _ *db.Tx, _ *effect.Decision, e effect.Effect, _ uuid.UUID) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, e.(*effect.Notify))
	return nil
}

// to is how many messages went to holders of the role.
func (o *outbox) to(role string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, m := range o.sent {
		if m.Role == role {
			n++
		}
	}
	return n
}

type noAccounts struct{}

func (noAccounts) Seen(context.Context, db.Q, *access.Actor, string) (uuid.UUID, bool, error) {
	return uuid.Nil, false, nil
}

func (noAccounts) MayOffer(context.Context, *access.Actor) error { return nil }

func (noAccounts) AskTx(context.Context, *db.Tx, identity.Ask) (uuid.UUID, bool, error) {
	return uuid.Nil, false, errors.New("nobody is invited by address here")
}

// noRows is a source without rows.
type noRows struct{}

func (noRows) ReadSlice(context.Context, db.Q, *effect.SliceRequest) (*effect.SliceResult, error) {
	return &effect.SliceResult{}, nil
}

func (noRows) LockVersions(context.Context, *db.Tx, []uuid.UUID) (map[uuid.UUID]int64, error) {
	return nil, nil
}

type world struct {
	t      *testing.T
	db     *db.DB
	clock  *clock.Fixed
	auth   *access.Authorizer
	log    *audit.Log
	engine *effect.Engine
	net    *network.Service
	outbox *outbox
	centre uuid.UUID
	n      int
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), clock: clock.NewFixed(time.Date(2026, 9, 28, 9, 0, 0, 0, time.UTC)), outbox: &outbox{}}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	mods := moduleWithRights(t, auth)
	key := make([]byte, 32)
	log := audit.New(key, w.clock)
	w.auth, w.log = auth, log
	w.engine = effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: log, Access: auth, Modules: mods})
	w.net = network.New(network.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Modules: mods, Engine: w.engine, Notify: w.outbox, Accounts: noAccounts{}, CursorKey: key})
	w.net.Register(w.engine)
	w.engine.RegisterApplier(w.net.Applier(), w.net.Applier().SharedKinds()...)
	w.engine.RegisterReader(w.net.MemberReader(), effect.SourceMember)
	for _, s := range []effect.Source{effect.SourceMeeting, effect.SourceTask, effect.SourceEvaluation, effect.SourceDissemination} {
		w.engine.RegisterReader(noRows{}, s)
	}
	w.engine.RegisterApplier(w.outbox, effect.KindNotify)
	records := record.New(record.Config{DB: w.db, Clock: w.clock, Audit: log, Access: auth, Scopes: w.engine, CursorKey: key})
	w.engine.RegisterApplier(records.Applier(), effect.KindRecordPut, effect.KindRecordRevise, effect.KindRecordClose)
	w.engine.RegisterReader(records.Reader(), effect.SourceRecord)
	if err := w.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return records.Declare(ctx, tx, mods.m.info.Description)
	}); err != nil {
		t.Fatal(err)
	}
	w.centre = w.institution("centre", uuid.Nil)
	return w
}

func moduleWithRights(t *testing.T, auth *access.Authorizer) modules {
	t.Helper()
	v1 := connect(t, thematic.Module{}, thematic.ID)
	d, err := v1.Describe(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	b := manifest(t)
	grants := effect.Grants{}
	for _, c := range b.Manifest.Capabilities {
		for _, s := range c.Scopes {
			grants[effect.Capability{Name: c.Name, Scope: s}] = true
		}
	}
	var rules []access.Rule
	for _, r := range b.Manifest.Roles {
		rules = append(rules, rulesOf(r)...)
	}
	if err := auth.SetModule(thematic.ID, rules); err != nil {
		t.Fatal(err)
	}
	return modules{&module{V1: v1, info: effect.Info{ID: d.Module, Version: d.Version, Enabled: true, Description: d, Grants: grants}}}
}

func rulesOf(r bundle.Role) []access.Rule {
	role := access.Role(r.Role)
	if r.Role == "system" {
		role = effect.SystemRole(thematic.ID)
	}
	var out []access.Rule
	for part, names := range map[string][]string{"command": r.Commands, "view": r.Views, "effect": r.Effects} {
		for _, n := range names {
			out = append(out, access.Rule{Role: role, Object: access.ModuleObject(thematic.ID) + "/" + part, Action: n})
		}
	}
	return out
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

// institution adds one; within is its complex, uuid.Nil for itself.
func (w *world) institution(kind string, within uuid.UUID) uuid.UUID {
	w.t.Helper()
	w.n++
	id := uuid.New()
	if within == uuid.Nil {
		within = id
	}
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, $2, $3, $3, $4)`, id, kind, fmt.Sprintf("placowka %d", w.n), within)
	return id
}

func (w *world) person(school uuid.UUID, grants ...access.Grant) *access.Actor {
	w.t.Helper()
	w.n++
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, $3, $3, 'active', $4)`,
		id, id.String()+"@example.org", fmt.Sprintf("Osoba %04d", w.n), uuid.NullUUID{UUID: school, Valid: school != uuid.Nil})
	return &access.Actor{Person: id, Institution: school, Grants: grants}
}

// found founds and opens a network; its founder leads it.
func (w *world) found() (uuid.UUID, *access.Actor) {
	w.t.Helper()
	lead := w.person(uuid.Nil, access.Grant{Role: access.Founder, Kind: access.Centre, Scope: w.centre})
	id, err := w.net.Found(w.t.Context(), lead, network.Founding{
		Type: thematic.ID + ":network", Centre: w.centre, Answers: effect.Document{JSON: []byte(founding), Revision: 1},
		Settings: network.Settings{Title: "Ocenianie kształtujące", Aim: "Uczymy się oceniać", SchoolYear: 2026, Join: network.JoinOpen},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	lead.Grants = append(lead.Grants, access.Grant{Role: access.Coordinator, Kind: access.Network, Scope: id})
	if err := w.net.OpenNetwork(w.t.Context(), lead, id); err != nil {
		w.t.Fatal(err)
	}
	return id, lead
}

// act gives a command to the module and returns its outcome.
func (w *world) act(a *access.Actor, id uuid.UUID, command, answers string, reasons ...effect.Acknowledgement) error {
	w.t.Helper()
	in := network.Action{Command: command, Reasons: reasons}
	if answers != "" {
		in.Answers = effect.Document{JSON: []byte(answers), Revision: 1}
	}
	_, err := w.net.Act(w.t.Context(), a, id, in)
	return err
}

// page renders a view as somebody and holds it against the linter.
func (w *world) page(a *access.Actor, id uuid.UUID, name string) string {
	w.t.Helper()
	n, err := w.net.Get(w.t.Context(), a, id)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := w.net.Render(w.t.Context(), a, n, name, nil)
	if err != nil {
		w.t.Fatalf("view %s: %v", name, err)
	}
	if _, found := view.Load(raw); len(found) > 0 {
		w.t.Errorf("view %s: %v", name, found)
	}
	return string(raw)
}

const yearPlan = `{"rok":2026,"spotkania":[
	{"_row":"r1","rodzaj":"organizacyjne","miesiac":"m10","data":"2026-10-08","cele":["wiedza"]},
	{"_row":"r2","rodzaj":"robocze","miesiac":"m11","data":"2026-11-26"},
	{"_row":"r3","rodzaj":"podsumowujace","miesiac":"m06"}]}`

// TestThematicYear leads a network through its year on the real core.
func TestThematicYear(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.found()
	teacher := w.person(w.institution("school", uuid.Nil))
	if out, err := w.net.Join(t.Context(), teacher, id, network.Entry{}); err != nil || out.State != network.Active {
		t.Fatal(out, err)
	}
	teacher.Grants = append(teacher.Grants, access.Grant{Role: access.Participant, Kind: access.Network, Scope: id})
	for _, v := range []string{"home", "plan", "progress"} {
		w.page(lead, id, v)
	}
	w.page(teacher, id, "home")
	if err := w.act(teacher, id, "plan", yearPlan); !fault.Is(err, fault.NotFound) {
		t.Errorf("a participant plans: %v", err)
	}
	if err := w.act(lead, id, "plan", yearPlan); err != nil {
		t.Fatal(err)
	}
	w.expectSaved(teacher, lead, id)
	var need *network.ReasonError
	if err := w.act(lead, id, "next_stage", ""); !errors.As(err, &need) || need.Warnings[0].Code != "no_contract" {
		t.Fatalf("without a contract: %v", err)
	}
	if err := w.act(lead, id, "contract", `{"zasady":["szacunek"],"data":"2026-10-08"}`); err != nil {
		t.Fatal(err)
	}
	if err := w.act(lead, id, "next_stage", ""); err != nil {
		t.Fatal(err)
	}
	if w.outbox.to("participant") != 1 {
		t.Error("the members were not told of the new stage")
	}

	// A week before the second meeting the coordinator is reminded, once.
	w.clock.Set(time.Date(2026, 11, 19, 7, 1, 0, 0, time.UTC))
	for range 2 {
		if _, err := w.engine.SweepTimers(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// The reminders of October and November and the news of the stage.
	if n := w.outbox.to("coordinator"); n != 3 {
		t.Errorf("%d messages to the coordinator", n)
	}

	w.clock.Set(time.Date(2027, 6, 20, 9, 0, 0, 0, time.UTC))
	if err := w.act(lead, id, "next_stage", ""); err != nil {
		t.Fatal(err)
	}
	if err := w.act(lead, id, "close", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("closed without a summary: %v", err)
	}
	if err := w.act(lead, id, "summary", `{"odpowiedzi":9,"ewaluacja":"Cele osiągnięte","upowszechnianie":"Konferencja powiatowa","kontynuacja":true}`); err != nil {
		t.Fatal(err)
	}
	if err := w.act(lead, id, "close", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("closed without evaluation and dissemination, and without a reason: %v", err)
	}
	if err := w.act(lead, id, "close", "", effect.Acknowledgement{Code: "no_evaluation", Reason: "Ankieta na papierze."},
		effect.Acknowledgement{Code: "no_dissemination", Reason: "Plan jest w podsumowaniu."}); err != nil {
		t.Fatal(err)
	}
	w.page(teacher, id, "home")
}

// expectSaved: the plan's form is shown with what was saved, to who may change it.
func (w *world) expectSaved(teacher, lead *access.Actor, id uuid.UUID) {
	w.t.Helper()
	n, err := w.net.Get(w.t.Context(), lead, id)
	if err != nil {
		w.t.Fatal(err)
	}
	got, err := w.net.Saved(w.t.Context(), lead, n, "plan", uuid.Nil)
	if err != nil || got == nil || got.Row.Version != 2 || !strings.Contains(string(got.Answers.JSON), "2026-11-26") {
		w.t.Errorf("saved plan: %+v, %v", got, err)
	}
	if got, err := w.net.Saved(w.t.Context(), lead, n, "contract", uuid.Nil); err != nil || got != nil {
		w.t.Errorf("contract before there is one: %+v, %v", got, err)
	}
	if _, err := w.net.Saved(w.t.Context(), teacher, n, "plan", uuid.Nil); !fault.Is(err, fault.NotFound) {
		w.t.Errorf("a participant reads the form of the plan: %v", err)
	}
}

// TestThematicGuard is PDN5: the fourth person of one complex needs a reason.
func TestThematicGuard(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, _ := w.found()
	complex := w.institution("complex", uuid.Nil)
	schools := []uuid.UUID{w.institution("school", complex), w.institution("school", complex)}
	for i := range 3 {
		if _, err := w.net.Join(t.Context(), w.person(schools[i%2]), id, network.Entry{}); err != nil {
			t.Fatalf("person %d: %v", i+1, err)
		}
	}
	fourth := w.person(schools[0])
	_, err := w.net.Join(t.Context(), fourth, id, network.Entry{})
	var need *network.ReasonError
	if !errors.As(err, &need) || len(need.Warnings) != 1 || need.Warnings[0].Code != "same_complex" {
		t.Fatalf("fourth of the complex: %v", err)
	}
	out, err := w.net.Join(t.Context(), fourth, id, network.Entry{Reasons: []effect.Acknowledgement{{Code: "same_complex", Reason: "Uczy także w innej szkole."}}})
	if err != nil || out.State != network.Active {
		t.Errorf("with a reason: %+v, %v", out, err)
	}
	if _, err := w.net.Join(t.Context(), w.person(w.institution("school", uuid.Nil)), id, network.Entry{}); err != nil {
		t.Errorf("from another school: %v", err)
	}
}

// TestThematicRenewal: next year's network gets goals and plan without dates.
func TestThematicRenewal(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.found()
	if err := w.act(lead, id, "plan", yearPlan); err != nil {
		t.Fatal(err)
	}
	next, err := w.net.Renew(t.Context(), lead, id)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	if err := w.db.Select(t.Context(), &kinds, `SELECT kind FROM record WHERE scope_id = $1 ORDER BY kind`, next); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(kinds, []string{"charter", "plan"}) {
		t.Errorf("records of the successor: %v", kinds)
	}
	var data string
	if err := w.db.Get(t.Context(), &data, `SELECT data->>'rok' || ' ' || (data->'spotkania'->0->>'miesiac') || coalesce(data->'spotkania'->0->>'data', '') FROM record WHERE scope_id = $1 AND kind = 'plan'`, next); err != nil || data != "2027 m10" {
		t.Errorf("plan of the successor: %q, %v", data, err)
	}
}

// TestThematicDigest runs the weekly job's pages on the real core.
func TestThematicDigest(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.found()
	if err := w.act(lead, id, "plan", `{"rok":2026,"spotkania":[{"_row":"r1","rodzaj":"organizacyjne","miesiac":"m10"},{"_row":"r2","rodzaj":"podsumowujace","miesiac":"m06"}]}`); err != nil {
		t.Fatal(err)
	}
	o, err := w.engine.Decide(t.Context(), &effect.Request{
		ID: uuid.New(), Type: thematic.ID + ":network", Scope: effect.Scope{Kind: effect.Network, ID: id},
		Input: effect.JobPage{Job: uuid.New(), Name: "digest", Attempt: 1},
	})
	if err != nil || o.Job == nil || !o.Job.Done {
		t.Fatalf("%+v, %v", o, err)
	}
	if w.outbox.to("coordinator") != 1 {
		t.Error("the coordinator was not told that the next meeting has no date")
	}
}
