package access

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/place"
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

// PlacesOfPerson are the places of a person's institution at the domain time at, as
// [PlacesOf] has them: an act on the person is permitted when it is at one of them. One empty
// place for a person without an institution, none for nobody and the erased.
func PlacesOfPerson(ctx context.Context, q db.Q, person uuid.UUID, at time.Time) ([]Place, error) {
	var rows []struct {
		Institution uuid.NullUUID `db:"institution_id"`
		Centre      uuid.NullUUID `db:"centre_id"`
	}
	err := q.Select(ctx, &rows, `SELECT p.institution_id, c.centre_id FROM person p LEFT JOIN institution i ON i.id = p.institution_id
		LEFT JOIN LATERAL (SELECT t.centre_id FROM centre_territory_at($2) t WHERE t.powiat_code = i.powiat_code
			UNION SELECT i.id WHERE i.kind IN ('centre', 'ore')) c ON true
		WHERE p.id = $1 AND p.state <> 'erased' LIMIT 200`, person, at)
	out := make([]Place, len(rows))
	for i, r := range rows {
		out[i] = Place{Institution: r.Institution.UUID, Centre: r.Centre.UUID}
	}
	return out, err
}

// PlacesOf are, at the domain time at, the places of a scope of the platform, centre, institution,
// programme, network or local government: for an institution one for each centre in whose territory it lies
// or which it is. An act is permitted when it is at one of them. Invalid (field
// "scope") when there is no such scope.
func PlacesOf(ctx context.Context, q db.Q, k ScopeKind, scope uuid.UUID, at time.Time) ([]Place, error) {
	wrong := fault.InvalidFields(fault.Field{Path: "scope", Key: "access.scope_unknown"})
	if k == Platform {
		if scope != uuid.Nil {
			return nil, wrong
		}
		return []Place{{}}, nil
	}
	if k == Network {
		return placesOfNetwork(ctx, q, scope)
	}
	var rows []uuid.NullUUID
	var err error
	switch k {
	case Centre:
		err = q.Select(ctx, &rows, `SELECT id FROM institution WHERE id = $1 AND kind IN ('centre', 'ore', 'department')`, scope)
	case Institution:
		err = q.Select(ctx, &rows, `SELECT t.centre_id FROM institution i
			LEFT JOIN centre_territory_at($2) t ON t.powiat_code = i.powiat_code WHERE i.id = $1
			UNION SELECT id FROM institution WHERE id = $1 AND kind IN ('centre', 'ore', 'department') LIMIT 200`, scope, at)
	case Programme:
		err = q.Select(ctx, &rows, `SELECT centre_id FROM programme WHERE id = $1`, scope)
	case LocalGovernment:
		// Its centres are those of its powiat; a voivodeship is nobody's but ORE's.
		err = q.Select(ctx, &rows, `SELECT t.centre_id FROM teryt_unit u LEFT JOIN centre_territory_at($2) t ON t.powiat_code = left(u.code, 4)
			WHERE u.code = $1 AND u.kind <> 'part' LIMIT 200`, UnitCode(scope), at)
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
		case LocalGovernment:
			places[i].Unit = UnitCode(scope)
		}
	}
	return places, nil
}

// placesOfNetwork is the one place of a network.
func placesOfNetwork(ctx context.Context, q db.Q, id uuid.UUID) ([]Place, error) {
	var r struct {
		Centre    uuid.NullUUID `db:"centre_id"`
		Programme uuid.NullUUID `db:"programme_id"`
	}
	err := q.Get(ctx, &r, `SELECT centre_id, programme_id FROM network WHERE id = $1`, id)
	if db.IsNoRows(err) {
		return nil, fault.InvalidFields(fault.Field{Path: "scope", Key: "access.scope_unknown"})
	}
	return []Place{{Network: id, Centre: r.Centre.UUID, Programme: r.Programme.UUID}}, err
}

// fits refuses roles on institutions of a kind that has them not: a school's
// accounts are its principal's, those of a library or counselling centre an
// administrator's.
func fits(ctx context.Context, q db.Q, r Role, institution uuid.UUID) error {
	if r != InstitutionAdmin {
		return nil
	}
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM institution WHERE id = $1 AND kind IN ('library', 'counselling'))`, institution)
	if err == nil && !ok {
		err = fault.InvalidFields(fault.Field{Path: "scope", Key: "access.role_kind"})
	}
	return err
}

// heldColumns are the fields of [Held] of grant g; heldJoins is where they come from.
const (
	heldColumns = `g.id, g.person_id, p.name AS person_name, g.role, g.scope_kind, g.scope_id,
		coalesce(i.name, pr.title, n.title, ng.name, lu.name || ' (' || lu.code || ')' || coalesce(', ' || lv.name, ''), '') AS scope_name, ` + place.Columns + `, g.valid_from, g.valid_to,
		coalesce(gb.name, '') AS by_name, coalesce(io.name, '') AS instead_of`
	heldJoins = `JOIN person p ON p.id = g.person_id
		LEFT JOIN person gb ON gb.id = g.given_by
		LEFT JOIN person io ON io.id = g.instead_of
		LEFT JOIN institution i ON g.scope_kind IN ('centre', 'institution') AND i.id = g.scope_id ` + place.Joins + `
		LEFT JOIN programme pr ON g.scope_kind = 'programme' AND pr.id = g.scope_id
		LEFT JOIN network n ON g.scope_kind = 'network' AND n.id = g.scope_id
		LEFT JOIN network_group ng ON g.scope_kind = 'group' AND ng.id = g.scope_id
		LEFT JOIN teryt_unit lu ON g.scope_kind = 'local_government' AND lu.code = ` + unitCodeSQL + `
		LEFT JOIN teryt_unit lv ON lv.code = left(lu.code, 2) AND lv.code <> lu.code`
)

// The page of a list of grants is cut first, then names are joined to it: $1 the
// grant before, $2 now, $3 anybody or $4 the person, $5 role, $6 kind of scope
// ("" any), $7 how many. Who sees everything walks the grants from the newest on,
// or those of one role by their index; others see what is at their places.
const (
	rolesWanted = `g.id < $1 AND (g.valid_to IS NULL OR g.valid_to > greatest($2, g.valid_from))
		AND ($3 OR g.person_id = $4) AND ($5 = '' OR g.role = $5) AND ($6 = '' OR g.scope_kind = $6) ORDER BY g.id DESC LIMIT $7`
	rolesOfAll = `SELECT g.id FROM role_grant g WHERE ` + rolesWanted

	// $8 centres with their programmes and networks and the institutions and local
	// governments of their territory, $9 institutions, $10 programmes, $11 networks.
	placesInReach = `SELECT 'centre' AS kind, unnest(CAST($8 AS uuid[])) AS id
		UNION SELECT 'institution', unnest(CAST($9 AS uuid[])) UNION SELECT 'institution', y.id FROM centre_territory_at($2) t JOIN institution y ON y.powiat_code = t.powiat_code WHERE t.centre_id = ANY ($8)
		UNION SELECT 'programme', unnest(CAST($10 AS uuid[])) UNION SELECT 'programme', y.id FROM programme y WHERE y.centre_id = ANY ($8)
		UNION SELECT 'network', unnest(CAST($11 AS uuid[])) UNION SELECT 'network', y.id FROM network y WHERE y.centre_id = ANY ($8)
		UNION SELECT 'local_government', CAST('` + unitPrefix + `' || rpad(u.code, 12, 'f') AS uuid) FROM centre_territory_at($2) t JOIN teryt_unit u ON left(u.code, 4) = t.powiat_code WHERE t.centre_id = ANY ($8)`
	rolesOfPlaces = `SELECT g.id FROM (` + placesInReach + `) here
		CROSS JOIN LATERAL (SELECT g.id FROM role_grant g WHERE g.scope_kind = here.kind AND g.scope_id = here.id AND ` + rolesWanted + `) g ORDER BY g.id DESC LIMIT $7`
)

func listRoles(ctx context.Context, q db.Q, r Reach, f RoleQuery, before uuid.UUID, at time.Time) ([]Held, error) {
	var rows []Held
	page, args := rolesOfAll, []any{before, at, f.Person == uuid.Nil, f.Person, f.Role, f.Kind, f.Limit + 1}
	if !r.All {
		page = rolesOfPlaces
		args = append(args, pq.Array(r.Centres), pq.Array(r.Institutions), pq.Array(r.Programmes), pq.Array(r.Networks))
	}
	err := q.Select(ctx, &rows, `SELECT `+heldColumns+` FROM (`+page+`) f JOIN role_grant g ON g.id = f.id `+heldJoins+` ORDER BY g.id DESC`, args...)
	return rows, err
}

// maxHistory bounds the grants of one person that are explained.
const maxHistory = 500

// historyOf reads the person's grants in force, to come, and ended within 366
// days before the domain time at, the newest first. Grants that were taken
// before they began are left out.
func historyOf(ctx context.Context, q db.Q, person uuid.UUID, at time.Time) ([]Held, error) {
	var rows []Held
	err := q.Select(ctx, &rows, `SELECT `+heldColumns+`
		FROM role_grant g `+heldJoins+`
		WHERE g.person_id = $1 AND (g.valid_to IS NULL OR g.valid_to > $2 AND g.valid_to > g.valid_from)
		ORDER BY g.id DESC LIMIT $3`, person, at.AddDate(0, 0, -366), maxHistory)
	return rows, err
}

// historyWith is [historyOf] of the person who has the grant.
func historyWith(ctx context.Context, q db.Q, grant uuid.UUID, at time.Time) ([]Held, error) {
	var rows []Held
	err := q.Select(ctx, &rows, `SELECT `+heldColumns+`
		FROM role_grant g `+heldJoins+`
		WHERE g.person_id = (SELECT person_id FROM role_grant WHERE id = $1) AND (g.valid_to IS NULL OR g.valid_to > $2 AND g.valid_to > g.valid_from)
		ORDER BY g.id <> $1, g.id DESC LIMIT $3`, grant, at.AddDate(0, 0, -366), maxHistory)
	return rows, err
}

// holds reports whether the person holds the role on the scope itself at the domain time at.
func holds(ctx context.Context, q db.Q, person uuid.UUID, r Role, k ScopeKind, scope uuid.UUID, at time.Time) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM role_grant WHERE person_id = $1 AND role = $2 AND scope_kind = $3
		AND scope_id IS NOT DISTINCT FROM CAST($4 AS uuid) AND valid_from <= $5 AND (valid_to IS NULL OR valid_to > $5))`,
		person, r, k, nullID(scope), at)
	return ok, err
}

// holdersNamed reads who but the person of in holds the role at the place itself.
func holdersNamed(ctx context.Context, q db.Q, in RoleInput, at time.Time) ([]Held, error) {
	var rows []Held
	err := q.Select(ctx, &rows, `SELECT `+heldColumns+`
		FROM role_grant g `+heldJoins+`
		WHERE g.role = $1 AND g.scope_kind = $2 AND (g.scope_id = $3 OR g.scope_id IS NULL AND CAST($3 AS uuid) IS NULL) AND g.person_id <> $4
		  AND g.valid_from <= $5 AND (g.valid_to IS NULL OR g.valid_to > $5) AND g.instead_of IS NULL
		ORDER BY p.sort_name, g.id LIMIT 50`, in.Role, in.Kind, nullID(in.Scope), in.Person, at)
	return rows, err
}

// areas names a place with its powiats, and the actor's own places with theirs:
// "CDN Wierzbowo: leszczyński (3013), Leszno (3063)". All of it is public. A
// place that does not exist is "".
func areas(ctx context.Context, q db.Q, scope uuid.UUID, own []uuid.UUID, at time.Time) (where, yours string, err error) {
	var rows []struct {
		ID   uuid.UUID `db:"id"`
		Name string    `db:"name"`
		Area string    `db:"area"`
	}
	err = q.Select(ctx, &rows, `SELECT i.id, i.name, coalesce((SELECT string_agg(u.name || ' (' || u.code || ')', ', ' ORDER BY u.code)
			FROM teryt_unit u WHERE u.code IN (SELECT t.powiat_code FROM centre_territory_at($4) t WHERE t.centre_id = i.id
				UNION SELECT i.powiat_code WHERE NOT EXISTS (SELECT 1 FROM centre_territory_at($4) t WHERE t.centre_id = i.id))), '') AS area
		FROM institution i WHERE i.id = $1 OR i.id = ANY ($2)
		UNION ALL SELECT CAST($1 AS uuid), u.name || ' (' || u.code || ')', coalesce((SELECT p.name || ' (' || p.code || ')' FROM teryt_unit p WHERE p.code = left(u.code, 4) AND p.code <> u.code), '')
			FROM teryt_unit u WHERE u.code = nullif($3, '')
		ORDER BY 2, 1 LIMIT 20`, scope, pq.Array(own), UnitCode(scope), at)
	for _, r := range rows {
		text := r.Name
		if r.Area != "" {
			text += ": " + r.Area
		}
		if r.ID == scope {
			where = text
		}
		if slices.Contains(own, r.ID) {
			if yours != "" {
				yours += "; "
			}
			yours += text
		}
	}
	return where, yours, err
}

// WorksAt reports whether the person belongs to the institution or to another
// one of the same complex.
func WorksAt(ctx context.Context, q db.Q, person, institution uuid.UUID) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM person p JOIN institution own ON own.id = p.institution_id
		JOIN institution i ON i.complex_id = own.complex_id WHERE p.id = $1 AND i.id = $2)`, person, institution)
	return ok, err
}

// endOwnSupport ends the support of schools in whose complex the person works,
// also what was still to come, and returns the schools.
func endOwnSupport(ctx context.Context, tx *db.Tx, person uuid.UUID, at time.Time) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := tx.Select(ctx, &ids, `UPDATE role_grant g SET valid_to = greatest(g.valid_from, CAST($2 AS timestamptz))
		FROM person p JOIN institution own ON own.id = p.institution_id JOIN institution i ON i.complex_id = own.complex_id
		WHERE p.id = $1 AND g.person_id = p.id AND g.role = 'support_organiser' AND g.scope_kind = 'institution' AND g.scope_id = i.id
		  AND (g.valid_to IS NULL OR g.valid_to > greatest(g.valid_from, CAST($2 AS timestamptz))) RETURNING g.scope_id`, person, at)
	return ids, err
}
