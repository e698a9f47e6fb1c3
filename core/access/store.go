package access

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

// Row is a grant to be written. Times are of the domain clock: a role belongs
// to the life of networks and programmes, so it begins and ends with their
// stages and moves with the demonstration's clock. Sessions and tokens, which
// decide who somebody is, keep real time.
type Row struct {
	Person uuid.UUID
	Role   Role
	Kind   ScopeKind
	Scope  uuid.UUID // uuid.Nil for the platform
	From   time.Time // required
	To     time.Time // zero: until taken
	By     uuid.UUID // who gave it; uuid.Nil when the system did
	// InsteadOf is whom the person stands in for; To is set then.
	InsteadOf uuid.UUID
}

// Give writes a grant in the caller's transaction; giving what is already in
// force for at least as long changes nothing, so it may be repeated; one without
// end that is still to come begins earlier. The caller has authorised the act
// and audits it. An unknown person is a foreign-key error.
func Give(ctx context.Context, tx *db.Tx, g Row) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from, valid_to, given_by, instead_of)
		SELECT $1, $2, $3, $4, CAST($5 AS uuid), CAST($6 AS timestamptz), CAST($7 AS timestamptz), $8, $9
		WHERE NOT EXISTS (SELECT 1 FROM role_grant o
			WHERE o.person_id = $2 AND o.role = $3 AND o.scope_kind = $4 AND o.scope_id IS NOT DISTINCT FROM CAST($5 AS uuid)
			  AND o.valid_from <= CAST($6 AS timestamptz)
			  AND (o.valid_to IS NULL OR o.valid_to >= coalesce(CAST($7 AS timestamptz), 'infinity')))
		ON CONFLICT (person_id, role, scope_kind, coalesce(scope_id, '00000000-0000-0000-0000-000000000000')) WHERE valid_to IS NULL
		DO UPDATE SET valid_from = least(role_grant.valid_from, excluded.valid_from)`,
		id, g.Person, g.Role, g.Kind, nullID(g.Scope), g.From, nullTime(g.To), nullID(g.By), nullID(g.InsteadOf))
	return err
}

// Take ends the grant at the domain time at, in the caller's transaction; a
// grant that is not in force is left alone. Other roles of the person stay.
func Take(ctx context.Context, tx *db.Tx, person uuid.UUID, role Role, kind ScopeKind, scope uuid.UUID, at time.Time) error {
	_, err := take(ctx, tx, person, role, kind, scope, at)
	return err
}

func take(ctx context.Context, tx *db.Tx, person uuid.UUID, role Role, kind ScopeKind, scope uuid.UUID, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE role_grant SET valid_to = greatest(valid_from, CAST($5 AS timestamptz))
		WHERE person_id = $1 AND role = $2 AND scope_kind = $3 AND scope_id IS NOT DISTINCT FROM CAST($4 AS uuid)
		  AND (valid_to IS NULL OR valid_to > greatest(valid_from, CAST($5 AS timestamptz)))`, person, role, kind, nullID(scope), at)
}

// TakeAllAt ends, at the domain time at, every role that the person has on that
// scope by belonging to it. An evaluator's was given from outside, to look at it,
// and stays until whoever gave it takes it.
func TakeAllAt(ctx context.Context, tx *db.Tx, person uuid.UUID, kind ScopeKind, scope uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE role_grant SET valid_to = greatest(valid_from, CAST($4 AS timestamptz))
		WHERE person_id = $1 AND scope_kind = $2 AND scope_id IS NOT DISTINCT FROM CAST($3 AS uuid) AND role <> $5
		  AND (valid_to IS NULL OR valid_to > greatest(valid_from, CAST($4 AS timestamptz)))`, person, kind, nullID(scope), at, Evaluator)
	return err
}

// HoldersOf lists who holds role on the scope at the domain time at, ordered by
// id, at most limit (1–5000, the largest network) of them.
func HoldersOf(ctx context.Context, q db.Q, role Role, kind ScopeKind, scope uuid.UUID, at time.Time, limit int) ([]uuid.UUID, error) {
	limit = min(max(limit, 1), 5000)
	var ids []uuid.UUID
	// Two texts, because an index serves "=" but not IS NOT DISTINCT FROM.
	if scope == uuid.Nil {
		return ids, q.Select(ctx, &ids, `SELECT DISTINCT person_id FROM role_grant
			WHERE scope_kind = $1 AND scope_id IS NULL AND role = $2 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to > $3)
			ORDER BY person_id LIMIT $4`, kind, role, at, limit)
	}
	err := q.Select(ctx, &ids, `SELECT DISTINCT person_id FROM role_grant
		WHERE scope_kind = $1 AND scope_id = $2 AND role = $3 AND valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4)
		ORDER BY person_id LIMIT $5`, kind, scope, role, at, limit)
	return ids, err
}

// RolesOf reads the grants of a person in force at the domain time at: the one
// query of a request, by index on the person. Whoever reads the session joins
// the same condition ([GrantsSQL]) and saves the round trip.
func RolesOf(ctx context.Context, q db.Q, person uuid.UUID, at time.Time) ([]Grant, error) {
	var rows []struct {
		Role  Role          `db:"role"`
		Kind  ScopeKind     `db:"scope_kind"`
		Scope uuid.NullUUID `db:"scope_id"`
	}
	err := q.Select(ctx, &rows, `SELECT role, scope_kind, scope_id FROM role_grant
		WHERE person_id = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
		ORDER BY scope_kind, scope_id, role LIMIT $3`, person, at, MaxGrants)
	if err != nil {
		return nil, err
	}
	out := make([]Grant, len(rows))
	for i, r := range rows {
		out[i] = Grant{Role: r.Role, Kind: r.Kind, Scope: r.Scope.UUID}
	}
	return out, nil
}

// MaxGrants bounds the roles read for one request; a person with more (an
// expert in 2,000 teams would have 2,000) loses none in practice.
const MaxGrants = 5000

// GrantsSQL is a scalar subquery for a statement that already has the person in
// scope as column p.id: the grants in force at $1 (domain time), for
// [ParseGrants]: a line for each, role, kind and id of the scope apart by spaces.
// It is read with every request; JSON took twenty times as long to read.
const GrantsSQL = `(SELECT coalesce(string_agg(g.role || ' ' || g.scope_kind || ' ' || coalesce(g.scope_id::text, ''), E'\n'), '')
	FROM (SELECT role, scope_kind, scope_id FROM role_grant
		WHERE person_id = p.id AND valid_from <= $1 AND (valid_to IS NULL OR valid_to > $1) LIMIT 5000) g)`

// ParseGrants reads what [GrantsSQL] gives.
func ParseGrants(text string) ([]Grant, error) {
	if text == "" {
		return nil, nil
	}
	out := make([]Grant, 0, 1+strings.Count(text, "\n"))
	for line := range strings.SplitSeq(text, "\n") {
		role, rest, _ := strings.Cut(line, " ")
		kind, id, ok := strings.Cut(rest, " ")
		if !ok {
			return nil, fmt.Errorf("access: %q is no grant", line)
		}
		g := Grant{Role: Role(role), Kind: ScopeKind(kind)}
		if id != "" {
			var err error
			if g.Scope, err = uuid.Parse(id); err != nil {
				return nil, fmt.Errorf("access: %q is no grant: %w", line, err)
			}
		}
		out = append(out, g)
	}
	return out, nil
}

// ReachArgs are the arrays of a list's WHERE clause, in the order all, centres,
// institutions, programmes, networks, groups.
func (r *Reach) ReachArgs() []any {
	return []any{r.All, pq.Array(r.Centres), pq.Array(r.Institutions), pq.Array(r.Programmes), pq.Array(r.Networks), pq.Array(r.Groups)}
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// mergeGrants gives the roles of one person to another.
func mergeGrants(ctx context.Context, tx *db.Tx, from, to uuid.UUID, at time.Time) error {
	const same = `y.role = x.role AND y.scope_kind = x.scope_kind AND y.scope_id IS NOT DISTINCT FROM x.scope_id AND y.valid_to IS NULL AND x.valid_to IS NULL`
	for _, q := range []string{
		`UPDATE role_grant y SET valid_from = least(y.valid_from, x.valid_from) FROM role_grant x WHERE x.person_id = $1 AND y.person_id = $2 AND ` + same,
		`UPDATE role_grant x SET person_id = $2 WHERE x.person_id = $1 AND x.instead_of IS DISTINCT FROM $2
			AND NOT EXISTS (SELECT 1 FROM role_grant y WHERE y.person_id = $2 AND ` + same + `)`,
		`UPDATE role_grant SET instead_of = $2 WHERE instead_of = $1 AND person_id <> $2`,
	} {
		if _, err := tx.Exec(ctx, q, from, to); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE role_grant SET valid_to = greatest(valid_from, CAST($2 AS timestamptz))
		WHERE person_id = $1 AND (valid_to IS NULL OR valid_to > CAST($2 AS timestamptz))`, from, at)
	if err != nil {
		return err
	}
	// One account stood in for the other: that is over.
	_, err = tx.Exec(ctx, `UPDATE role_grant SET valid_to = greatest(valid_from, CAST($3 AS timestamptz))
		WHERE person_id = $2 AND instead_of = $1 AND valid_to > CAST($3 AS timestamptz)`, from, to, at)
	return err
}
