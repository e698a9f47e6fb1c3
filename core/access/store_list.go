package access

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

type grantRow struct {
	Person uuid.UUID     `db:"person_id"`
	Role   Role          `db:"role"`
	Kind   ScopeKind     `db:"scope_kind"`
	Scope  uuid.NullUUID `db:"scope_id"`
}

func grantByID(ctx context.Context, q db.Q, id uuid.UUID) (grantRow, error) {
	var g grantRow
	err := q.Get(ctx, &g, `SELECT person_id, role, scope_kind, scope_id FROM role_grant WHERE id = $1`, id)
	return g, db.NotFound(err)
}

// lockHolders lists who holds a role on the platform and keeps others from
// taking it from them until the transaction ends.
func lockHolders(ctx context.Context, tx *db.Tx, r Role, at time.Time) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := tx.Select(ctx, &ids, `SELECT g.person_id FROM role_grant g
		WHERE g.scope_kind = 'platform' AND g.scope_id IS NULL AND g.role = $1
		  AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)
		ORDER BY g.id LIMIT 1000 FOR UPDATE`, r, at)
	return ids, err
}

// personState reads the state of the account and keeps it until the
// transaction ends, so that nobody is given a role while being blocked.
func personState(ctx context.Context, tx *db.Tx, id uuid.UUID) (string, error) {
	var state string
	err := tx.Get(ctx, &state, `SELECT state FROM person WHERE id = $1 FOR SHARE`, id)
	if db.IsNoRows(err) {
		return "", fault.InvalidFields(fault.Field{Path: "person", Key: "access.person_not_active"})
	}
	return state, err
}

// PlacesOf are the places of a scope of the platform, centre, institution or
// programme: for an institution one for each centre in whose territory it lies
// or which it is. An act is permitted when it is at one of them. Invalid (field
// "scope") when there is no such scope.
func PlacesOf(ctx context.Context, q db.Q, k ScopeKind, scope uuid.UUID) ([]Place, error) {
	wrong := fault.InvalidFields(fault.Field{Path: "scope", Key: "access.scope_unknown"})
	if k == Platform {
		if scope != uuid.Nil {
			return nil, wrong
		}
		return []Place{{}}, nil
	}
	var rows []uuid.NullUUID
	var err error
	switch k {
	case Centre:
		err = q.Select(ctx, &rows, `SELECT id FROM institution WHERE id = $1 AND kind IN ('centre', 'ore')`, scope)
	case Institution:
		err = q.Select(ctx, &rows, `SELECT t.centre_id FROM institution i
			LEFT JOIN centre_territory t ON t.powiat_code = i.powiat_code WHERE i.id = $1
			UNION SELECT id FROM institution WHERE id = $1 AND kind IN ('centre', 'ore') LIMIT 200`, scope)
	case Programme:
		err = q.Select(ctx, &rows, `SELECT centre_id FROM programme WHERE id = $1`, scope)
	default:
		return nil, wrong
	}
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, wrong
	}
	places := make([]Place, len(rows))
	for i, r := range rows {
		places[i].Centre = r.UUID
		switch k {
		case Institution:
			places[i].Institution = scope
		case Programme:
			places[i].Programme = scope
		}
	}
	return places, nil
}

func listRoles(ctx context.Context, q db.Q, r Reach, f RoleQuery, before uuid.UUID, at time.Time) ([]Held, error) {
	var rows []Held
	err := q.Select(ctx, &rows, `SELECT g.id, g.person_id, p.name AS person_name, g.role, g.scope_kind, g.scope_id,
			coalesce(i.name, pr.title, n.title, ng.name, '') AS scope_name, g.valid_from, g.valid_to
		FROM role_grant g
		JOIN person p ON p.id = g.person_id
		LEFT JOIN institution i ON g.scope_kind IN ('centre', 'institution') AND i.id = g.scope_id
		LEFT JOIN programme pr ON g.scope_kind = 'programme' AND pr.id = g.scope_id
		LEFT JOIN network n ON g.scope_kind = 'network' AND n.id = g.scope_id
		LEFT JOIN network_group ng ON g.scope_kind = 'group' AND ng.id = g.scope_id
		WHERE g.id < $1 AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)
		  AND ($3 OR g.scope_kind = 'centre' AND g.scope_id = ANY($4)
			OR g.scope_kind = 'institution' AND (g.scope_id = ANY($5) OR i.powiat_code IN
				(SELECT t.powiat_code FROM centre_territory t WHERE t.centre_id = ANY($4)))
			OR g.scope_kind = 'programme' AND (g.scope_id = ANY($6) OR pr.centre_id = ANY($4))
			OR g.scope_kind = 'network' AND (g.scope_id = ANY($7) OR n.centre_id = ANY($4)))
		  AND ($8 OR g.person_id = $9) AND ($10 = '' OR g.role = $10) AND ($11 = '' OR g.scope_kind = $11)
		ORDER BY g.id DESC LIMIT $12`,
		before, at, r.All, pq.Array(r.Centres), pq.Array(r.Institutions), pq.Array(r.Programmes), pq.Array(r.Networks),
		f.Person == uuid.Nil, f.Person, f.Role, f.Kind, f.Limit+1)
	return rows, err
}
