package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/policies"
)

type noPost struct{}

func (noPost) Send(context.Context, *db.Tx, notify.Message) error { return nil }

// merging is the accounts with the references of the whole program.
type merging struct {
	t             *testing.T
	d             *db.DB
	s             *identity.Service
	ore, centre   *access.Actor
	a, b          uuid.UUID // two accounts of one person
	both, own     uuid.UUID // networks: of both accounts, of the second alone
	far           uuid.UUID // a network of another centre
	school, wierz uuid.UUID
}

const mergePassword = "cztery koty na dachu"

func setupMerging(t *testing.T) *merging {
	t.Helper()
	m := &merging{t: t, d: dbtest.New(t)}
	at := clock.NewFixed(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	log := audit.New(make([]byte, 32), at)
	m.s = identity.New(identity.Config{DB: m.d, Access: auth, Audit: log, Clock: at, Notify: noPost{}, Secret: make([]byte, 32), Sealing: make([]byte, 32),
		Base: "https://sieci.example", Level: time.Millisecond, References: personReferences(), Movers: personMovers()})
	m.exec(`INSERT INTO teryt_unit (code, kind, name, name_folded, as_of) VALUES ('3013', 'powiat', 'leszczyński', 'leszczynski', '2024-01-01'), ('2609', 'powiat', 'sandomierski', 'sandomierski', '2024-01-01')`)
	institution := func(kind, name, powiat string, rspo int) uuid.UUID {
		id := uuid.Must(uuid.NewV7())
		m.exec(`INSERT INTO institution (id, rspo, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, $2, $3, $4, lower($4), $1, $5)`, id, rspo, kind, name, powiat)
		return id
	}
	m.wierz, m.school = institution("centre", "CDN Wierzbowo", "3013", 1), institution("school", "Szkoła nr 1", "3013", 2)
	farCentre := institution("centre", "CDN Dąbrowa", "2609", 3)
	m.exec(`INSERT INTO centre_territory (centre_id, powiat_code) VALUES ($1, '3013')`, m.wierz)
	m.a, m.b = m.person("anna@example.org"), m.person("a.kowalska@example.org")
	network := func(centre uuid.UUID) uuid.UUID {
		id := uuid.Must(uuid.NewV7())
		m.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, created_at) VALUES ($1, 'ore.thematic', 'thematic', $2, 'Sieć', 'siec', 2026, now())`, id, centre)
		m.exec(`INSERT INTO network_seat (network_id, capacity, taken, members) VALUES ($1, 20, 0, 0)`, id)
		return id
	}
	m.both, m.own, m.far = network(m.wierz), network(m.wierz), network(farCentre)
	m.ore = m.actor("ore@example.org", access.OREAdmin, access.Platform, uuid.Nil)
	m.centre = m.actor("wierzbowo@example.org", access.CentreAdmin, access.Centre, m.wierz)
	return m
}

func (m *merging) exec(q string, args ...any) {
	m.t.Helper()
	if _, err := m.d.Exec(context.Background(), q, args...); err != nil {
		m.t.Fatalf("%s: %v", q, err)
	}
}

func (m *merging) count(q string, args ...any) (n int) {
	m.t.Helper()
	if err := m.d.Get(context.Background(), &n, q, args...); err != nil {
		m.t.Fatalf("%s: %v", q, err)
	}
	return n
}

func (m *merging) want(what string, want int, q string, args ...any) {
	m.t.Helper()
	if got := m.count(q, args...); got != want {
		m.t.Errorf("%s: %d, want %d", what, got, want)
	}
}

func (m *merging) person(email string) uuid.UUID {
	m.t.Helper()
	id, err := m.s.CreateActive(context.Background(), access.Core("test"), identity.NewPerson{Email: email, Name: "Anna Kowalska", Password: mergePassword, Institution: m.school})
	if err != nil {
		m.t.Fatal(err)
	}
	return id
}

func (m *merging) actor(email string, r access.Role, k access.ScopeKind, scope uuid.UUID) *access.Actor {
	m.t.Helper()
	return &access.Actor{Person: m.person(email), Session: uuid.New(), Grants: []access.Grant{{Role: r, Kind: k, Scope: scope}}}
}

func (m *merging) member(network, person uuid.UUID, state, joined string) {
	m.exec(`INSERT INTO membership (id, network_id, person_id, state, institution_id, complex_id, seat, joined_at, ended_at, changed_at)
		VALUES (gen_random_uuid(), $1, $2, $3, $4, $4, true, CAST($5 AS timestamptz), CASE WHEN $3 = 'left' THEN now() END, now())`, network, person, state, m.school, joined)
	if state == "active" {
		m.exec(`UPDATE network_seat SET taken = taken + 1, members = members + 1 WHERE network_id = $1`, network)
		m.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES (gen_random_uuid(), $1, 'participant', 'network', $2, CAST($3 AS timestamptz))`, person, network, joined)
	}
}

func conflictKey(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Key
	}
	return ""
}

func TestAccountsOfOnePersonAreJoined(t *testing.T) {
	t.Parallel()
	m := setupMerging(t)
	m.member(m.both, m.a, "active", "2026-10-01")
	m.member(m.both, m.b, "active", "2026-09-01")
	m.member(m.own, m.a, "left", "2026-09-01")
	m.member(m.own, m.b, "active", "2026-09-10")
	topic, thread, proposal := uuid.New(), uuid.New(), uuid.New()
	m.exec(`INSERT INTO board_topic (id, network_id, title, created_by, created_at) VALUES ($1, $2, 'Temat', $3, now())`, topic, m.own, m.b)
	m.exec(`INSERT INTO board_thread (id, network_id, kind, topic_id, title, author_id, created_at, last_at, last_author_id) VALUES ($1, $2, 'blog', $3, 'Wątek', $4, now(), now(), $4)`, thread, m.own, topic, m.b)
	m.exec(`INSERT INTO proposal (id, network_id, author_id, title, state, vote_until, created_at) VALUES ($1, $2, $3, 'Wniosek', 'open', now(), now())`, proposal, m.both, m.b)
	m.exec(`INSERT INTO proposal_vote (proposal_id, person_id, choice, at) VALUES ($1, $2, 'yes', now()), ($1, $3, 'no', now())`, proposal, m.a, m.b)
	// Three secret ballots: only the second account answered, both did, neither.
	for i, issued := range [][2]bool{{false, true}, {true, true}, {false, false}} {
		id := uuid.New()
		m.exec(`INSERT INTO ballot (id, slug, state, secret, eligible) VALUES ($1, $2, 'open', '\x00', 2)`, id, []string{"AAAAA", "BBBBB", "CCCCC"}[i])
		m.exec(`INSERT INTO ballot_voter (ballot_id, person_id, issued) VALUES ($1, $2, $4), ($1, $3, $5)`, id, m.a, m.b, issued[0], issued[1])
	}
	m.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES (gen_random_uuid(), $1, 'principal', 'institution', $2, '2026-09-01')`, m.b, m.school)
	// A record and a task of each membership of the second account.
	m.exec(`INSERT INTO record_kind (module, name, definition, slots, declared_at) VALUES ('ore.thematic', 'note', '{}', '{}', now())`)
	for _, n := range []uuid.UUID{m.both, m.own} {
		m.exec(`INSERT INTO record (id, module, kind, scope_kind, scope_id, decision_id, form_rev, data, created_at, changed_at)
			SELECT gen_random_uuid(), 'ore.thematic', 'note', 'membership', id, gen_random_uuid(), 1, '{}', now(), now() FROM membership WHERE network_id = $1 AND person_id = $2`, n, m.b)
		m.exec(`INSERT INTO task (id, module, type, scope_kind, scope_id, title, state, created_at, changed_at)
			SELECT gen_random_uuid(), 'ore.thematic', 'trial', 'membership', id, 'Próba', 'open', now(), now() FROM membership WHERE network_id = $1 AND person_id = $2`, n, m.b)
	}
	// Linked accounts: the first provider has both, the second one only the second account.
	for _, l := range []struct {
		person            uuid.UUID
		provider, subject string
	}{{m.a, "jeden", "a"}, {m.b, "jeden", "b"}, {m.b, "dwa", "b"}} {
		m.exec(`INSERT INTO provider_link (id, person_id, provider, issuer, subject, created_at) VALUES (gen_random_uuid(), $1, $2, 'https://' || $2 || '.example', $3, now())`, l.person, l.provider, l.subject)
	}
	if _, err := m.s.SignIn(t.Context(), identity.SignInInput{Email: "a.kowalska@example.org", Password: mergePassword, Address: "192.0.2.1"}); err != nil {
		t.Fatal(err)
	}

	p, err := m.s.PreviewMerge(t.Context(), m.ore, m.a, m.b)
	if err != nil {
		t.Fatal(err)
	}
	told := map[identity.Thing][2]int{}
	for _, x := range p.Moves {
		told[x.Thing] = [2]int{x.N, told[x.Thing][1]}
	}
	for _, x := range p.Twice {
		told[x.Thing] = [2]int{told[x.Thing][0], x.N}
	}
	for thing, want := range map[identity.Thing][2]int{"membership": {0, 2}, "thread": {1, 0}, "vote": {0, 1}, "proposal": {1, 0}, "role": {2, 1}} {
		if told[thing] != want {
			t.Errorf("preview of %s: %v, want %v", thing, told[thing], want)
		}
	}
	if err := m.s.MergePeople(t.Context(), m.ore, m.a, m.b); err != nil {
		t.Fatal(err)
	}
	m.want("closed", 1, `SELECT count(*) FROM person WHERE id = $1 AND state = 'merged' AND merged_into = $2 AND password_hash = ''`, m.b, m.a)
	m.want("the earlier date", 1, `SELECT count(*) FROM membership WHERE network_id = $1 AND person_id = $2 AND state = 'active' AND joined_at = '2026-09-01'`, m.both, m.a)
	m.want("active again", 1, `SELECT count(*) FROM membership WHERE network_id = $1 AND person_id = $2 AND state = 'active' AND joined_at = '2026-09-10' AND ended_at IS NULL`, m.own, m.a)
	m.want("the closed account is nowhere", 0, `SELECT count(*) FROM membership WHERE person_id = $1 AND state = 'active'`, m.b)
	m.want("seats of both", 1, `SELECT count(*) FROM network_seat WHERE network_id = $1 AND taken = 1 AND members = 1`, m.both)
	m.want("seats of its own", 1, `SELECT count(*) FROM network_seat WHERE network_id = $1 AND taken = 1 AND members = 1`, m.own)
	m.want("roles", 3, `SELECT count(*) FROM role_grant WHERE person_id = $1 AND valid_to IS NULL`, m.a)
	m.want("no roles", 0, `SELECT count(*) FROM role_grant WHERE person_id = $1 AND valid_to IS NULL`, m.b)
	m.want("one vote", 1, `SELECT count(*) FROM proposal_vote WHERE proposal_id = $1`, proposal)
	m.want("its own vote", 1, `SELECT count(*) FROM proposal_vote WHERE person_id = $1 AND choice = 'yes'`, m.a)
	m.want("thread", 1, `SELECT count(*) FROM board_thread WHERE author_id = $1 AND last_author_id = $1`, m.a)
	m.want("no second code", 2, `SELECT count(*) FROM ballot_voter WHERE person_id = $1 AND issued`, m.a)
	m.want("codes given out", 3, `SELECT count(*) FROM ballot_voter WHERE issued`)
	m.want("one right", 3, `SELECT count(*) FROM ballot_voter WHERE person_id = $1`, m.a)
	for _, table := range []string{"record", "task"} {
		m.want(table+"s of both memberships", 2, `SELECT count(*) FROM `+table+` r JOIN membership s ON s.id = r.scope_id WHERE r.scope_kind = 'membership' AND s.person_id = $1 AND s.state = 'active'`, m.a)
	}
	m.want("links to providers", 1, `SELECT count(*) FROM provider_link WHERE person_id = $1 AND provider = 'jeden' AND subject = 'a'`, m.a)
	m.want("the link that came over", 1, `SELECT count(*) FROM provider_link WHERE person_id = $1 AND provider = 'dwa' AND subject = 'b'`, m.a)
	m.want("no other link", 2, `SELECT count(*) FROM provider_link`)
	m.want("sessions", 0, `SELECT count(*) FROM session WHERE person_id = $1`, m.b)
	m.want("told", 2, `SELECT count(*) FROM audit_event WHERE action = 'person:merge'`)
	// The old address leads to the account that stayed, with its password.
	in, err := m.s.SignIn(t.Context(), identity.SignInInput{Email: "a.kowalska@example.org", Password: mergePassword, Address: "192.0.2.1"})
	if err != nil || in.Person != m.a {
		t.Errorf("the old address: %v %v", in.Person, err)
	}
	if err := m.s.MergePeople(t.Context(), m.ore, m.a, m.b); conflictKey(err) != "identity.merge_state" {
		t.Errorf("twice: %v", err)
	}
	if err := m.s.Unblock(t.Context(), m.ore, m.b); err == nil {
		t.Error("a closed account was opened")
	}
}

// Whether two accounts can be joined depends on networks everywhere: a centre is
// answered the same whatever there is.
func TestMergingIsForThePlatform(t *testing.T) {
	t.Parallel()
	m := setupMerging(t)
	for name, err := range map[string]error{
		"a centre":   m.s.MergePeople(t.Context(), m.centre, m.a, m.b),
		"preview":    second(m.s.PreviewMerge(t.Context(), m.centre, m.a, m.b)),
		"no account": m.s.MergePeople(t.Context(), m.ore, m.a, uuid.New()),
		"no right":   m.s.MergePeople(t.Context(), &access.Actor{Person: m.a, Session: uuid.New()}, m.a, m.b),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := m.s.MergePeople(t.Context(), m.ore, m.a, m.ore.Person); conflictKey(err) != "identity.merge_self" {
		t.Errorf("one's own: %v", err)
	}
	m.exec(`UPDATE person SET state = 'blocked' WHERE id = $1`, m.b)
	if err := m.s.MergePeople(t.Context(), m.ore, m.a, m.b); conflictKey(err) != "identity.merge_state" {
		t.Errorf("blocked: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestOwnerJoinsTwoAccounts(t *testing.T) {
	t.Parallel()
	m := setupMerging(t)
	m.member(m.far, m.b, "active", "2026-09-01")
	me, other := &access.Actor{Person: m.a, Session: uuid.New()}, &access.Actor{Person: m.ore.Person, Session: uuid.New()}
	in := identity.SignInInput{Email: "a.kowalska@example.org", Password: "nie to hasło", Address: "192.0.2.1"}
	if _, err := m.s.ProveOther(t.Context(), me, in); conflictKey(err) != "identity.wrong_sign_in" {
		t.Errorf("a wrong password: %v", err)
	}
	in.Password = mergePassword
	proof, err := m.s.ProveOther(t.Context(), me, in)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"somebody else's proof": m.s.MergeOwn(t.Context(), other, proof, false),
		"a made-up proof":       m.s.MergeOwn(t.Context(), me, "x", false),
		"a token":               m.s.MergeOwn(t.Context(), &access.Actor{Person: m.a}, proof, false),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := m.s.MergeOwn(t.Context(), me, proof, true); err != nil {
		t.Fatal(err)
	}
	m.want("the other one stays", 1, `SELECT count(*) FROM person WHERE id = $1 AND state = 'merged' AND merged_into = $2`, m.a, m.b)
	if err := m.s.MergeOwn(t.Context(), me, proof, false); err == nil {
		t.Error("a proof was taken twice")
	}
}
