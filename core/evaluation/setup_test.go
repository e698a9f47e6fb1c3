package evaluation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/plugin/facade"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/survey/survey"
	"ore.edu.pl/sieci/policies"
)

// survey over gRPC, as the host speaks with it, without a process.
type tool struct {
	v1      *facade.V1
	granted bool
	down    bool
	// view, when set, takes the place of the tool's own.
	view json.RawMessage
}

func (t *tool) Info() evaluation.ToolInfo {
	return evaluation.ToolInfo{Type: survey.ID + ":" + survey.Tool, Title: effect.Text{"pl": "Ankieta ewaluacyjna sieci"}, Passes: 1, Answers: true, Granted: t.granted, Enabled: true}
}

func (t *tool) up() error {
	if t.down {
		return fault.New(fault.Unavailable, "fault.unavailable")
	}
	return nil
}

func (t *tool) Instruments(ctx context.Context, lang string) ([]evaluation.Instrument, error) {
	if err := t.up(); err != nil {
		return nil, err
	}
	return t.v1.Instruments(ctx, survey.Tool, lang)
}

func (t *tool) Check(ctx context.Context, lang string, d json.RawMessage) (*evaluation.Checked, error) {
	if err := t.up(); err != nil {
		return nil, err
	}
	return t.v1.Check(ctx, survey.Tool, lang, d)
}

func (t *tool) Score(ctx context.Context, a *evaluation.ScoreAsk) ([]byte, error) {
	if err := t.up(); err != nil {
		return nil, err
	}
	return t.v1.Score(ctx, survey.Tool, a)
}

func (t *tool) Combine(ctx context.Context, a *evaluation.CombineAsk) (*evaluation.Combined, error) {
	c, err := t.v1.Combine(ctx, survey.Tool, a)
	if err == nil && a.Final && t.view != nil {
		c.View = t.view
	}
	return c, err
}

func (t *tool) Tool(typ string) (evaluation.Tool, error) {
	if typ != t.Info().Type {
		return nil, fault.ErrNotFound
	}
	return t, nil
}

func (t *tool) Tools() []evaluation.Tool { return []evaluation.Tool{t} }

func connect(t testing.TB) *facade.V1 {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	v1.RegisterEvaluationToolServer(server, survey.Module{})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:///module", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return facade.NewV1(survey.ID, &sdk.Client{Tool: v1.NewEvaluationToolClient(conn)})
}

// engine notes what it is asked and told; refuse makes the guard say no.
type engine struct {
	mu     sync.Mutex
	refuse error
	asked  []string
	told   []string
}

func (e *engine) Guard(_ context.Context, r *effect.GuardRequest) (*effect.GuardOutcome, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, r.Command)
	return &effect.GuardOutcome{}, e.refuse
}

func (*engine) Confirm(context.Context, *db.Tx, *effect.GuardOutcome) error { return nil }

func (e *engine) Emit(_ context.Context, _ *db.Tx, list ...effect.Emission) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, x := range list {
		e.told = append(e.told, x.Name)
	}
	return nil
}

// letters keeps what would be told.
type letters struct {
	mu   sync.Mutex
	sent []notify.Message
}

func (l *letters) Send(_ context.Context, _ *db.Tx, m notify.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, m)
	return nil
}

// told lists who was told under a key.
func (l *letters) told(key string) []uuid.UUID {
	var out []uuid.UUID
	for _, m := range l.sent {
		if m.Key == key {
			out = append(out, m.To...)
		}
	}
	return out
}

type world struct {
	t       *testing.T
	db      *db.DB
	clock   *clock.Fixed
	s       *evaluation.Service
	tool    *tool
	engine  *engine
	letters *letters
	network uuid.UUID
	lead    *access.Actor
	members []*access.Actor
	// stranger has an account and nothing to do with the network.
	stranger *access.Actor
}

func setup(t *testing.T, members int) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), engine: &engine{}, letters: &letters{}, network: uuid.New(),
		clock: clock.NewFixed(time.Date(2027, 6, 10, 9, 0, 0, 0, time.UTC))}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w.tool = &tool{v1: connect(t), granted: true}
	key := make([]byte, 32)
	w.s = evaluation.New(evaluation.Config{DB: w.db, Access: auth, Audit: audit.New(key, w.clock), Clock: w.clock, Tools: w.tool, Engine: w.engine, Notify: w.letters,
		Ballots: ballot.New(ballot.Config{DB: w.db, Key: key}), CursorKey: key})
	centre := uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'C', 'c', $1)`, centre)
	w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, created_at, status, opened_at)
		VALUES ($1, 'test.trial', 'net', $2, 'Ocenianie kształtujące', 'ocenianie', 2026, now(), 'open', now())`, w.network, centre)
	w.lead = w.person(access.Coordinator, true)
	for range members {
		w.members = append(w.members, w.person(access.Participant, true))
	}
	w.stranger = w.person(access.Participant, false)
	return w
}

func (w *world) person(role access.Role, inside bool) *access.Actor {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, 'Osoba', 'Osoba', 'active')`, id, id.String()+"@example.org")
	scope := uuid.New()
	if inside {
		scope = w.network
		w.exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at) VALUES (gen_random_uuid(), $1, $2, 'active', now())`, w.network, id)
		w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES ($1, $2, $3, 'network', $4, '2026-09-01')`, uuid.New(), id, role, scope)
	}
	return &access.Actor{Person: id, Grants: []access.Grant{{Role: role, Kind: access.Network, Scope: scope}}}
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

// some are questions of each sort.
var some = []string{"cele.wiedza", "cele.kontakty", "koordynator.atmosfera", "polecenie", "wykorzystanie", "przeszkody", "najcenniejsze"}

func (w *world) plan() evaluation.Plan {
	return evaluation.Plan{Title: "Ankieta na koniec roku", Questions: slices.Clone(some), Closes: w.clock.Now().AddDate(0, 0, 7)}
}

func (w *world) prepare() uuid.UUID {
	w.t.Helper()
	id, err := w.s.Prepare(w.t.Context(), w.lead, w.network, w.plan())
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// open prepares and opens a round.
func (w *world) open() uuid.UUID {
	w.t.Helper()
	id := w.prepare()
	if err := w.s.Open(w.t.Context(), w.lead, id, 1, true); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) code(a *access.Actor, id uuid.UUID) ballot.Code {
	w.t.Helper()
	c, err := w.s.Issue(w.t.Context(), a, id, ballot.NewNonce())
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) cast(c ballot.Code, answers string) {
	w.t.Helper()
	if err := w.s.Cast(w.t.Context(), c, json.RawMessage(answers)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) close(id uuid.UUID) {
	w.t.Helper()
	if err := w.s.Close(w.t.Context(), w.lead, id); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) get(a *access.Actor, id uuid.UUID) *evaluation.Round {
	w.t.Helper()
	r, err := w.s.Get(w.t.Context(), a, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// scored opens a round, has as many members answer as there are answers, closes
// and counts it.
func (w *world) scored(answers ...string) uuid.UUID {
	w.t.Helper()
	id := w.open()
	for i, a := range answers {
		w.cast(w.code(w.members[i], id), a)
	}
	w.close(id)
	if err := w.s.Score(w.t.Context(), id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func answer(goal, contact int, text string) string {
	return fmt.Sprintf(`{"cele":{"wiedza":"%d","kontakty":"%d"},"polecenie":%d,"wykorzystanie":"tak","kiedy":"rok","przeszkody":["czas"],"najcenniejsze":%q}`, goal, contact, goal*2, text)
}

func want(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %s", key)
		return
	}
	f := fault.As(err)
	ok := f.Key == key
	for _, x := range f.Fields {
		ok = ok || x.Key == key
	}
	if f.Kind != kind || !ok {
		t.Errorf("got %v, want %s %s", err, kind, key)
	}
}
