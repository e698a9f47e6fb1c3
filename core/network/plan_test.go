package network

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/gather"
)

// planner explains every statement instead of running it.
type planner struct {
	t  *testing.T
	db *db.DB
	// statements is how many were explained since the last look.
	statements int
}

var _ db.Q = (*planner)(nil)

type planNode struct {
	Type     string     `json:"Node Type"`
	Relation string     `json:"Relation Name"`
	Rows     float64    `json:"Actual Rows"`
	Loops    float64    `json:"Actual Loops"`
	Removed  float64    `json:"Rows Removed by Filter"`
	Plans    []planNode `json:"Plans"`
}

// large are the tables of national size; a sequential scan of one of them is
// what the test forbids.
const large = " network network_seat membership role_grant person institution network_invitation "

func (p *planner) look(query string, args []any) error {
	p.statements++
	var raw string
	row := p.db.SQL().QueryRowContext(p.t.Context(), "EXPLAIN (ANALYZE, FORMAT JSON) "+query, args...)
	if err := row.Scan(&raw); err != nil {
		return err
	}
	var plan []struct {
		Plan planNode
	}
	if err := json.Unmarshal([]byte(raw), &plan); err != nil {
		return err
	}
	p.check(&plan[0].Plan, query)
	return nil
}

func (p *planner) check(n *planNode, query string) {
	if n.Type == "Seq Scan" && strings.Contains(large, " "+n.Relation+" ") {
		p.t.Errorf("sequential scan of %s in %s", n.Relation, query)
	}
	if read := (n.Rows + n.Removed) * n.Loops; n.Relation != "" && read > 10_000 {
		p.t.Errorf("%s of %s reads %.0f rows in %s", n.Type, n.Relation, read, query)
	}
	for i := range n.Plans {
		p.check(&n.Plans[i], query)
	}
}

func (p *planner) Get(_ context.Context, _ any, query string, args ...any) error {
	return p.look(query, args)
}

func (p *planner) Select(_ context.Context, _ any, query string, args ...any) error {
	return p.look(query, args)
}

func (p *planner) Exec(_ context.Context, query string, args ...any) (int64, error) {
	return 0, p.look(query, args)
}

// national fills the tables: 300 centres, 40,000 people at 4,000 schools, 10,000
// networks of which a fifth go on, 200,000 memberships with their roles.
const national = `
INSERT INTO teryt_unit (code, kind, name, name_folded, as_of) SELECT lpad(CAST(i AS text), 2, '0'), 'voivodeship', 'W' || i, 'w' || i, '2026-01-01' FROM generate_series(2, 32, 2) i;
INSERT INTO teryt_unit (code, kind, name, name_folded, parent_code, as_of)
	SELECT lpad(CAST(v AS text), 2, '0') || lpad(CAST(p AS text), 2, '0'), 'powiat', 'P' || v || p, 'p' || v || p, lpad(CAST(v AS text), 2, '0'), '2026-01-01'
	FROM generate_series(2, 32, 2) v, generate_series(1, 24) p;
CREATE TEMP TABLE powiat AS SELECT code, row_number() OVER (ORDER BY code) - 1 AS ord FROM teryt_unit WHERE kind = 'powiat';
INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code)
	SELECT CAST(md5('c' || i) AS uuid), CASE WHEN i < 300 THEN 'centre' ELSE 'school' END, 'Placówka ' || i, 'placowka ' || i, CAST(md5('c' || i) AS uuid), p.code
	FROM generate_series(0, 4299) i JOIN powiat p ON p.ord = i % 384;
INSERT INTO centre_territory SELECT CAST(md5('c' || i) AS uuid), p.code FROM generate_series(0, 299) i JOIN powiat p ON p.ord BETWEEN i AND i + 2;
INSERT INTO person (id, email, name, sort_name, state, institution_id)
	SELECT CAST(md5('p' || i) AS uuid), 'p' || i || '@example.org', 'Osoba ' || i, 'Osoba ' || i, 'active', CAST(md5('c' || (300 + i % 4000)) AS uuid)
	FROM generate_series(0, 39999) i;
INSERT INTO network (id, module, type, centre_id, title, title_folded, aim, school_year, status, join_mode, created_at, opened_at, closed_at)
	SELECT CAST(md5('n' || i) AS uuid), 'test.trial', 'network', CAST(md5('c' || i % 300) AS uuid), 'Temat ' || i % 997 || ' w sieci ' || i, 'temat ' || i % 997 || ' w sieci ' || i,
		repeat('cel ', 30), 2017 + i % 10, CASE WHEN i % 10 = 9 THEN 'open' WHEN i % 10 = 8 AND i % 20 = 8 THEN 'draft' ELSE 'closed' END,
		CASE i % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'request' ELSE 'invitation' END, now(), now(), CASE WHEN i % 10 = 9 OR i % 20 = 8 THEN NULL ELSE now() END
	FROM generate_series(0, 9999) i;
INSERT INTO network_seat SELECT CAST(md5('n' || i) AS uuid), 25, 19, 20 FROM generate_series(0, 9999) i;
INSERT INTO membership (id, network_id, person_id, state, institution_id, complex_id, seat, joined_at, queued_at)
	SELECT CAST(md5('m' || n || '.' || k) AS uuid), CAST(md5('n' || n) AS uuid), CAST(md5('p' || (n * 4 + k) % 40000) AS uuid),
		CASE WHEN k < 17 THEN 'active' WHEN k = 17 THEN 'requested' ELSE 'waiting' END, CAST(md5('c' || (300 + (n * 4 + k) % 4000)) AS uuid),
		CAST(md5('c' || (300 + (n * 4 + k) % 4000)) AS uuid), k > 0, now(), now()
	FROM generate_series(0, 9999) n, generate_series(0, 19) k;
INSERT INTO membership (id, network_id, person_id, state, joined_at)
	SELECT gen_random_uuid(), CAST(md5('n9') AS uuid), CAST(md5('p' || i) AS uuid), 'active', now() FROM generate_series(1000, 2999) i;
INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from)
	SELECT gen_random_uuid(), person_id, CASE WHEN seat THEN 'participant' ELSE 'coordinator' END, 'network', network_id, '2020-01-01' FROM membership WHERE state = 'active';
INSERT INTO network_invitation (id, network_id, institution_id, created_at, ends_at)
	SELECT gen_random_uuid(), CAST(md5('n' || i % 10000) AS uuid), CAST(md5('c' || (300 + i % 4000)) AS uuid), now(), '2027-01-01' FROM generate_series(0, 19999) i;
ANALYZE`

// fill runs national on one connection, without the pool's statement timeout.
func fill(t *testing.T, d *db.DB) {
	t.Helper()
	conn, err := d.SQL().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, q := range []string{"SET statement_timeout = 0", national, "RESET statement_timeout"} {
		if _, err := conn.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// At national size no list reads more than its page needs, and a page is one
// statement.
func TestListsAtNationalSize(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	fill(t, d)
	id := func(s string) (out uuid.UUID) {
		if err := d.SQL().QueryRowContext(t.Context(), `SELECT CAST(md5($1) AS uuid)`, s).Scan(&out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	me, now := id("p36"), time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	open, big := id("n19"), id("n9")
	reach := access.Reach{Centres: []uuid.UUID{id("c9")}}
	after := cursor{Text: "Temat 5", ID: uuid.New()}
	list := func(f Filter) func(q db.Q) error {
		f.words = patterns(f.Text)
		return func(q db.Q) error {
			_, err := listNetworks(t.Context(), q, &f, reach, after, me, now, 21)
			return err
		}
	}
	part := func(p gather.Part) func(q db.Q) error {
		return func(q db.Q) error {
			_, err := gather.All(t.Context(), q, gather.Query{Person: me, Scope: open, Now: now, Limit: 10}, p)
			return err
		}
	}
	pages := map[string]func(q db.Q) error{
		"all":         list(Filter{}),
		"open":        list(Filter{Status: Open}),
		"search":      list(Filter{Text: "Temat 345"}),
		"search open": list(Filter{Text: "sieci 999", Status: Open}),
		"centre":      list(Filter{Centre: id("c7")}),
		"powiat":      list(Filter{Powiat: "3012", Status: Open}),
		"voivodeship": list(Filter{Voivodeship: "30", Status: Open}),
		"year, join":  list(Filter{SchoolYear: 2026, Join: JoinRequest}),
		"type":        list(Filter{Type: "test.trial:network", Status: Open}),
		"managed":     list(Filter{Managed: true}),
		"mine":        part(gather.Part{Key: minePart, SQL: listMine, Args: []any{maxMine}}),
		"home":        func(q db.Q) error { _, err := readNetwork(t.Context(), q, open, me, now, true); return err },
		"home, guest": func(q db.Q) error { _, err := readNetwork(t.Context(), q, open, uuid.Nil, now, false); return err },
		"members": func(q db.Q) error {
			_, err := listMembers(t.Context(), q, open, []string{"active"}, cursor{}, now, 21)
			return err
		},
		"2,000": func(q db.Q) error {
			_, err := listMembers(t.Context(), q, big, []string{"active"}, after, now, 21)
			return err
		},
		"requests":     func(q db.Q) error { _, err := listRequests(t.Context(), q, open, uuid.Nil, 21); return err },
		"queue":        func(q db.Q) error { _, err := listQueue(t.Context(), q, open, queueKey{}, 51); return err },
		"invitations":  func(q db.Q) error { _, err := listInvitations(t.Context(), q, open, uuid.Max, 51); return err },
		"proposals":    func(q db.Q) error { _, err := listProposals(t.Context(), q, open, me, uuid.Max, now, 21); return err },
		"to do":        part(todoOf([]uuid.UUID{open}, []uuid.UUID{open})),
		"candidate":    func(q db.Q) error { _, err := readCandidate(t.Context(), q, open, me, now); return err },
		"scope states": func(q db.Q) error { _, err := scopeRows(t.Context(), q, []uuid.UUID{open, big}); return err },
	}
	for name, page := range pages {
		t.Run(name, func(t *testing.T) {
			p := &planner{t: t, db: d}
			if err := page(p); err != nil {
				t.Fatal(err)
			}
			if p.statements != 1 {
				t.Errorf("%d statements", p.statements)
			}
			if err := page(d); err != nil && !db.IsNoRows(err) {
				t.Errorf("for real: %v", err)
			}
		})
	}
}
