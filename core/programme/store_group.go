package programme

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/place"
)

type groupRow struct {
	ID          uuid.UUID     `db:"id"`
	Kind        string        `db:"kind"`
	Name        string        `db:"name"`
	Own         uuid.NullUUID `db:"own_programme"` // the parent, when it is a programme
	Network     uuid.NullUUID `db:"network_id"`
	Programme   uuid.NullUUID `db:"programme_id"` // directly or through the network
	Centre      uuid.NullUUID `db:"centre_id"`
	Module      string        `db:"module"`
	Type        string        `db:"type"`
	AboveModule string        `db:"above_module"` // of the programme above the network
	AboveType   string        `db:"above_type"`
	ParentTitle string        `db:"parent_title"`
	Institution uuid.NullUUID `db:"institution_id"`
	Closed      bool          `db:"closed"`
	Members     int           `db:"members"`
	CreatedAt   time.Time     `db:"created_at"`
	Version     int64         `db:"version"`
}

// groupSelect reads groups with their parents at the domain time $1.
const groupSelect = `SELECT g.id, g.kind, g.name, g.programme_id AS own_programme, g.network_id, g.institution_id, g.created_at, g.version,
		coalesce(g.programme_id, n.programme_id) AS programme_id, coalesce(n.centre_id, p.centre_id) AS centre_id,
		coalesce(n.module, p.module, '') AS module, coalesce(n.type, p.type, '') AS type, coalesce(n.title, p.title, '') AS parent_title,
		coalesce(np.module, '') AS above_module, coalesce(np.type, '') AS above_type,
		coalesce(n.status IN ('closed', 'archived'), p.closed_at IS NOT NULL, false) AS closed,
		(SELECT count(DISTINCT m.person_id) FROM group_member m
			WHERE m.group_id = g.id AND m.since <= $1 AND (m.until IS NULL OR m.until > $1)) AS members
	FROM network_group g
	LEFT JOIN network n ON n.id = g.network_id
	LEFT JOIN programme p ON p.id = g.programme_id
	LEFT JOIN programme np ON np.id = n.programme_id`

func (r *groupRow) group() Group {
	g := Group{
		ID: r.ID, Kind: r.Kind, Name: r.Name, ParentTitle: r.ParentTitle, Programme: r.Programme.UUID, Centre: r.Centre.UUID,
		Institution: r.Institution.UUID, Closed: r.Closed, Members: r.Members, CreatedAt: r.CreatedAt, Version: r.Version,
	}
	g.Parent = effect.Scope{Kind: effect.Programme, ID: r.Own.UUID}
	if r.Network.Valid {
		g.Parent = effect.Scope{Kind: effect.Network, ID: r.Network.UUID}
	}
	if r.Module != "" {
		g.Type = effect.Qualify(r.Module, r.Type)
	}
	if r.AboveModule != "" {
		g.programmeType = effect.Qualify(r.AboveModule, r.AboveType)
	}
	return g
}

func findGroup(ctx context.Context, q db.Q, id uuid.UUID, at time.Time) (*Group, error) {
	var r groupRow
	if err := q.Get(ctx, &r, groupSelect+` WHERE g.id = $2`, at, id); err != nil {
		return nil, db.NotFound(err)
	}
	g := r.group()
	return &g, nil
}

func listGroups(ctx context.Context, q db.Q, parent effect.Scope, r *access.Reach, at time.Time, name string, id uuid.UUID, limit int) ([]Group, error) {
	var rows []groupRow
	const may = ` AND ($2 OR g.id = ANY($3) OR g.network_id = ANY($4) OR coalesce(g.programme_id, n.programme_id) = ANY($5)
			OR coalesce(n.centre_id, p.centre_id) = ANY($6))
		AND (g.name, g.id) > ($7, $8) ORDER BY g.name, g.id LIMIT $9`
	args := []any{at, r.All, pq.Array(r.Groups), pq.Array(r.Networks), pq.Array(r.Programmes), pq.Array(r.Centres), name, id, limit}
	var err error
	switch parent.Kind {
	case effect.Programme:
		err = q.Select(ctx, &rows, groupSelect+` WHERE g.programme_id = $10`+may, append(args, parent.ID)...)
	case effect.Network:
		err = q.Select(ctx, &rows, groupSelect+` WHERE g.network_id = $10`+may, append(args, parent.ID)...)
	case "":
		err = q.Select(ctx, &rows, groupSelect+` WHERE true`+may, args...)
	default:
		return nil, fault.ErrNotFound
	}
	return groups(rows), err
}

func groups(rows []groupRow) []Group {
	out := make([]Group, len(rows))
	for i := range rows {
		out[i] = rows[i].group()
	}
	return out
}

// parentState reads a programme or network as the parent of a group; the
// network's row is only read: its owner is core/network.
func parentState(ctx context.Context, q db.Q, s effect.Scope) (effect.ScopeState, error) {
	switch s.Kind {
	case effect.Programme:
		p, err := findProgramme(ctx, q, s.ID)
		if err != nil {
			return effect.ScopeState{}, err
		}
		return effect.ScopeState{Scope: s, Type: p.Type, Stage: p.Stage, Closed: p.Closed, Place: p.place()}, nil
	case effect.Network:
		var r struct {
			Programme uuid.NullUUID `db:"programme_id"`
			Centre    uuid.UUID     `db:"centre_id"`
			Module    string        `db:"module"`
			Type      string        `db:"type"`
			Closed    bool          `db:"closed"`
		}
		err := q.Get(ctx, &r, `SELECT programme_id, centre_id, module, type, status IN ('closed', 'archived') AS closed FROM network WHERE id = $1`, s.ID)
		if err != nil {
			return effect.ScopeState{}, db.NotFound(err)
		}
		return effect.ScopeState{Scope: s, Type: effect.Qualify(r.Module, r.Type), Closed: r.Closed,
			Place: access.Place{Centre: r.Centre, Programme: r.Programme.UUID, Network: s.ID}}, nil
	}
	return effect.ScopeState{}, fault.ErrNotFound
}

func insertGroup(ctx context.Context, tx *db.Tx, id uuid.UUID, in NewGroup, at time.Time) error {
	programme, network := uuid.NullUUID{}, uuid.NullUUID{}
	if in.Parent.Kind == effect.Network {
		network = nullID(in.Parent.ID)
	} else {
		programme = nullID(in.Parent.ID)
	}
	_, err := tx.Exec(ctx, `INSERT INTO network_group (id, programme_id, network_id, kind, name, institution_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, programme, network, in.Kind, in.Name, nullID(in.Institution), at)
	return err
}

func renameGroup(ctx context.Context, tx *db.Tx, id uuid.UUID, name string, version int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE network_group SET name = $3, version = version + 1 WHERE id = $1 AND version = $2`, id, version, name)
}

func moveGroup(ctx context.Context, tx *db.Tx, id uuid.UUID, to effect.Scope, version int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE network_group SET version = version + 1,
			programme_id = CASE WHEN $3 = 'programme' THEN CAST($4 AS uuid) END,
			network_id = CASE WHEN $3 = 'network' THEN CAST($4 AS uuid) END
		WHERE id = $1 AND version = $2`, id, version, string(to.Kind), to.ID)
}

// --- members

func personState(ctx context.Context, q db.Q, id uuid.UUID) (string, error) {
	var state string
	err := q.Get(ctx, &state, `SELECT state FROM person WHERE id = $1`, id)
	if db.IsNoRows(err) {
		return "", nil
	}
	return state, err
}

// activePerson is the confirmed account with the address, or uuid.Nil.
func activePerson(ctx context.Context, q db.Q, email string) (uuid.UUID, error) {
	var id uuid.UUID
	err := q.Get(ctx, &id, `SELECT id FROM person WHERE email = $1 AND state = 'active'`, email)
	if db.IsNoRows(err) {
		return uuid.Nil, nil
	}
	return id, err
}

func listMembers(ctx context.Context, q db.Q, group uuid.UUID, at time.Time) ([]Member, error) {
	var rows []struct {
		ID          uuid.UUID `db:"id"`
		Person      uuid.UUID `db:"person_id"`
		Name        string    `db:"name"`
		Institution string    `db:"institution"`
		place.Where
		Role  access.Role  `db:"role"`
		Since time.Time    `db:"since"`
		Until sql.NullTime `db:"until"`
	}
	err := q.Select(ctx, &rows, `SELECT m.id, m.person_id, p.name, coalesce(i.name, '') AS institution, `+place.Columns+`, m.role, m.since, m.until
		FROM group_member m JOIN person p ON p.id = m.person_id LEFT JOIN institution i ON i.id = p.institution_id `+place.Joins+`
		WHERE m.group_id = $1 AND m.since <= $2 AND (m.until IS NULL OR m.until > $2)
		ORDER BY array_position(ARRAY['head', 'guardian', 'team_member'], m.role), p.sort_name, m.id LIMIT 500`, group, at)
	out := make([]Member, len(rows))
	for i, r := range rows {
		out[i] = Member{ID: r.ID, Person: r.Person, Name: r.Name, Institution: r.Label(ctx, r.Institution), Role: r.Role, Since: r.Since}
		if r.Until.Valid {
			out[i].Until = &rows[i].Until.Time
		}
	}
	return out, err
}

// insertMember returns false when the person has the role there for as long.
func insertMember(ctx context.Context, tx *db.Tx, id, group, person uuid.UUID, role access.Role, from, until time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO group_member (id, group_id, person_id, role, since, until)
		SELECT $1, $2, $3, $4, $5, CAST($6 AS timestamptz)
		WHERE NOT EXISTS (SELECT 1 FROM group_member o WHERE o.group_id = $2 AND o.person_id = $3 AND o.role = $4
			AND o.since <= $5 AND (o.until IS NULL OR o.until >= coalesce(CAST($6 AS timestamptz), 'infinity')))
		ON CONFLICT DO NOTHING`, id, group, person, role, from, nullTime(until))
	return n == 1, err
}

func endMember(ctx context.Context, tx *db.Tx, group, person uuid.UUID, role access.Role, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE group_member SET until = greatest(since, $4), version = version + 1
		WHERE group_id = $1 AND person_id = $2 AND role = $3 AND (until IS NULL OR until > greatest(since, $4))`, group, person, role, at)
}

// ownSupport lists the groups of schools in whose complex the person works and
// which they support, at most 500.
func ownSupport(ctx context.Context, q db.Q, person uuid.UUID, at time.Time) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT m.group_id FROM group_member m JOIN network_group g ON g.id = m.group_id
		JOIN institution i ON i.id = g.institution_id JOIN person p ON p.id = m.person_id
		JOIN institution own ON own.id = p.institution_id AND own.complex_id = i.complex_id
		WHERE m.person_id = $1 AND m.role = 'support_organiser' AND (m.until IS NULL OR m.until > greatest(m.since, $2))
		ORDER BY m.group_id LIMIT 500`, person, at)
	return ids, err
}

// --- invitations

type invitationRow struct {
	ID        uuid.UUID   `db:"id"`
	Group     uuid.UUID   `db:"group_id"`
	GroupName string      `db:"group_name"`
	Email     string      `db:"email"`
	Role      access.Role `db:"role"`
	State     string      `db:"state"`
	CreatedAt time.Time   `db:"created_at"`
	EndsAt    time.Time   `db:"ends_at"`
}

func insertInvitation(ctx context.Context, tx *db.Tx, id, group uuid.UUID, email string, role access.Role, by uuid.UUID, at, ends time.Time) (bool, error) {
	// An open one that has run out makes room for a new one.
	if _, err := tx.Exec(ctx, `UPDATE group_invitation SET state = 'withdrawn', answered_at = $3
		WHERE group_id = $1 AND email = $2 AND state = 'open' AND ends_at <= $3`, group, email, at); err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO group_invitation (id, group_id, email, role, invited_by, created_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, id, group, email, role, nullID(by), at, ends)
	return n == 1, err
}

func groupInvitations(ctx context.Context, q db.Q, group uuid.UUID, at time.Time) ([]Invitation, error) {
	var rows []invitationRow
	err := q.Select(ctx, &rows, `SELECT i.id, i.group_id, g.name AS group_name, i.email, i.role, i.state, i.created_at, i.ends_at
		FROM group_invitation i JOIN network_group g ON g.id = i.group_id
		WHERE i.group_id = $1 AND i.state = 'open' AND i.ends_at > $2 ORDER BY i.id LIMIT 200`, group, at)
	return invitations(rows, true), err
}

// ownInvitations are those that wait for person $1 at $3, without the address.
const (
	invitationsPart = "programme.invitations"
	ownInvitations  = `SELECT i.id, i.group_id AS "group", g.name AS group_name, i.role, i.created_at, i.ends_at
		FROM person p JOIN group_invitation i ON i.email = p.email JOIN network_group g ON g.id = i.group_id
		WHERE p.id = $1 AND i.state = 'open' AND i.ends_at > $3 ORDER BY i.ends_at, i.id LIMIT $4`
)

func myInvitations(ctx context.Context, q db.Q, person uuid.UUID, at time.Time, limit int) ([]Invitation, error) {
	var rows []invitationRow
	err := q.Select(ctx, &rows, `SELECT i.id, i.group_id, g.name AS group_name, i.email, i.role, i.state, i.created_at, i.ends_at
		FROM person p JOIN group_invitation i ON i.email = p.email JOIN network_group g ON g.id = i.group_id
		WHERE p.id = $1 AND i.state = 'open' AND i.ends_at > $2 ORDER BY i.ends_at, i.id LIMIT $3`, person, at, limit)
	return invitations(rows, false), err
}

func invitations(rows []invitationRow, withEmail bool) []Invitation {
	out := make([]Invitation, len(rows))
	for i, r := range rows {
		out[i] = Invitation{ID: r.ID, Group: r.Group, GroupName: r.GroupName, Role: r.Role, CreatedAt: r.CreatedAt, EndsAt: r.EndsAt}
		if withEmail {
			out[i].Email = r.Email
		}
	}
	return out
}

func lockInvitation(ctx context.Context, tx *db.Tx, id, person uuid.UUID) (invitationRow, error) {
	var r invitationRow
	err := tx.Get(ctx, &r, `SELECT i.id, i.group_id, '' AS group_name, i.email, i.role, i.state, i.created_at, i.ends_at
		FROM group_invitation i JOIN person p ON p.email = i.email WHERE i.id = $1 AND p.id = $2 FOR UPDATE OF i`, id, person)
	return r, db.NotFound(err)
}

func answerInvitation(ctx context.Context, tx *db.Tx, id uuid.UUID, state string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE group_invitation SET state = $2, answered_at = $3 WHERE id = $1`, id, state, at)
	return err
}

// openInvitation locks an open invitation of the group; false when there is none.
func openInvitation(ctx context.Context, tx *db.Tx, group, id uuid.UUID) (bool, error) {
	var found bool
	err := tx.Get(ctx, &found, `SELECT true FROM group_invitation WHERE id = $1 AND group_id = $2 AND state = 'open' FOR UPDATE`, id, group)
	if db.IsNoRows(err) {
		return false, nil
	}
	return found, err
}

func addressOf(ctx context.Context, q db.Q, person uuid.UUID) (string, error) {
	var email string
	err := q.Get(ctx, &email, `SELECT email FROM person WHERE id = $1`, person)
	if db.IsNoRows(err) {
		return "", fault.InvalidFields(fault.Field{Path: "person", Key: "programme.person_not_active"})
	}
	return email, err
}

// memberNames are the names of those people who are in a group that the reach covers.
func memberNames(ctx context.Context, q db.Q, r *access.Reach, people []uuid.UUID) (map[uuid.UUID]string, error) {
	var rows []struct {
		ID   uuid.UUID `db:"id"`
		Name string    `db:"name"`
	}
	err := q.Select(ctx, &rows, `SELECT DISTINCT x.id, x.name FROM person x JOIN group_member m ON m.person_id = x.id JOIN network_group g ON g.id = m.group_id
			LEFT JOIN network n ON n.id = g.network_id LEFT JOIN programme p ON p.id = g.programme_id
		WHERE x.id = ANY($1) AND ($2 OR g.id = ANY($3) OR g.network_id = ANY($4) OR coalesce(g.programme_id, n.programme_id) = ANY($5)
			OR coalesce(n.centre_id, p.centre_id) = ANY($6)) LIMIT 1000`,
		pq.Array(people), r.All, pq.Array(r.Groups), pq.Array(r.Networks), pq.Array(r.Programmes), pq.Array(r.Centres))
	out := make(map[uuid.UUID]string, len(rows))
	for _, x := range rows {
		out[x.ID] = x.Name
	}
	return out, err
}

// listParents are the places in a programme where a group can lie.
func listParents(ctx context.Context, q db.Q, programme uuid.UUID) ([]Parent, error) {
	var rows []struct {
		Kind  string    `db:"kind"`
		ID    uuid.UUID `db:"id"`
		Title string    `db:"title"`
	}
	err := q.Select(ctx, &rows, `SELECT 'programme' AS kind, id, title FROM programme WHERE id = $1
		UNION ALL (SELECT 'network', id, title FROM network WHERE programme_id = $1 AND status IN ('draft', 'open') ORDER BY title, id LIMIT 200)`, programme)
	out := make([]Parent, len(rows))
	for i, r := range rows {
		out[i] = Parent{effect.Scope{Kind: effect.ScopeKind(r.Kind), ID: r.ID}, r.Title}
	}
	return out, err
}
