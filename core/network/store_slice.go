package network

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

type scopeRow struct {
	ID         uuid.UUID     `db:"id"`
	Module     string        `db:"module"`
	Type       string        `db:"type"`
	Stage      string        `db:"stage"`
	Status     Status        `db:"status"`
	Centre     uuid.UUID     `db:"centre_id"`
	Programme  uuid.NullUUID `db:"programme_id"`
	Members    int           `db:"members"`
	Membership uuid.NullUUID `db:"membership_id"`
}

const scopeColumns = `n.id, n.module, n.type, n.stage, n.status, n.centre_id, n.programme_id, coalesce(s.members, 0) AS members`

// scopeRows reads networks and memberships by id.
func scopeRows(ctx context.Context, q db.Q, ids []uuid.UUID) ([]scopeRow, error) {
	var out []scopeRow
	err := q.Select(ctx, &out, `SELECT `+scopeColumns+`, CAST(NULL AS uuid) AS membership_id
		FROM network n LEFT JOIN network_seat s ON s.network_id = n.id WHERE n.id = ANY ($1)
		UNION ALL
		SELECT `+scopeColumns+`, m.id FROM membership m JOIN network n ON n.id = m.network_id LEFT JOIN network_seat s ON s.network_id = n.id WHERE m.id = ANY ($1)`,
		pq.Array(ids))
	return out, err
}

// networkOf is the network in which a group or membership $1 lies.
const networkOf = `(SELECT g.network_id FROM network_group g WHERE g.id = $1 UNION ALL SELECT b.network_id FROM membership b WHERE b.id = $1)`

// scopeRowsAbove reads the network of a group or membership.
func scopeRowsAbove(ctx context.Context, q db.Q, id uuid.UUID) ([]scopeRow, error) {
	var out []scopeRow
	err := q.Select(ctx, &out, `SELECT `+scopeColumns+`, CAST(NULL AS uuid) AS membership_id
		FROM network n LEFT JOIN network_seat s ON s.network_id = n.id WHERE n.id IN `+networkOf, id)
	return out, err
}

// activeIn finds the active membership of a person in the network, or in that of
// the group or membership, with the id; uuid.Nil when there is none.
func activeIn(ctx context.Context, q db.Q, id, person uuid.UUID) (uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT m.id FROM membership m WHERE m.person_id = $2 AND m.state = 'active'
		AND (m.network_id = $1 OR m.network_id IN `+networkOf+`) LIMIT 1`, id, person)
	if err != nil || len(out) == 0 {
		return uuid.Nil, err
	}
	return out[0], nil
}

func scopeRowsOf(ctx context.Context, q db.Q, programme uuid.UUID, limit int) ([]scopeRow, error) {
	var out []scopeRow
	err := q.Select(ctx, &out, `SELECT `+scopeColumns+`, CAST(NULL AS uuid) AS membership_id
		FROM network n LEFT JOIN network_seat s ON s.network_id = n.id WHERE n.programme_id = $1 ORDER BY n.id LIMIT $2`, programme, limit)
	return out, err
}

// selectPeople begins the statement of a slice of members of networks.
func selectPeople(st *keyset.Statement, req *effect.SliceRequest) {
	now := st.Param(req.Now, "timestamptz")
	st.Add(`SELECT r.id, r.version, r.scope_id, r.person_id, r.state, r.since, r.roles, r.groups, r.institution_id, r.complex_id, r.territory FROM (
		SELECT m.id, CAST(m.version AS bigint) AS version, m.network_id AS scope_id, m.person_id,
			CASE m.state WHEN 'offered' THEN 'waiting' WHEN 'active' THEN 'active' WHEN 'waiting' THEN 'waiting' WHEN 'requested' THEN 'requested' ELSE 'ended' END AS state,
			coalesce(m.joined_at, m.changed_at) AS since,
			coalesce((SELECT json_agg(g.role ORDER BY g.role = 'coordinator' DESC, g.role) FROM role_grant g WHERE g.person_id = m.person_id
				AND g.scope_kind = 'network' AND g.scope_id = m.network_id AND g.role <> 'evaluator' AND g.valid_from <= `, now, ` AND (g.valid_to IS NULL OR g.valid_to > `, now, `)), '[]') AS roles,
			coalesce((SELECT json_agg(DISTINCT gm.group_id) FROM group_member gm JOIN network_group ng ON ng.id = gm.group_id
				WHERE gm.person_id = m.person_id AND ng.network_id = m.network_id), '[]') AS groups,
			m.institution_id, m.complex_id, i.gmina_code AS territory
		FROM membership m LEFT JOIN institution i ON i.id = m.institution_id WHERE m.network_id = ANY (`, st.Scopes(req.Scopes), `)) r WHERE true`)
}

func selectNetworks(st *keyset.Statement, req *effect.SliceRequest) {
	st.Add(`SELECT n.id, CAST(n.version AS bigint) AS version, n.module, n.type, n.title, n.stage, coalesce(s.members, 0) AS members, n.created_at
		FROM network n LEFT JOIN network_seat s ON s.network_id = n.id WHERE n.id = ANY (`, st.Scopes(req.Scopes), `)`)
}

type versionRow struct {
	ID      uuid.UUID `db:"id"`
	Version int64     `db:"version"`
}

func versions(rows []versionRow, err error) (map[uuid.UUID]int64, error) {
	out := make(map[uuid.UUID]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, err
}

func lockMemberships(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []versionRow
	err := tx.Select(ctx, &rows, `SELECT id, CAST(version AS bigint) AS version FROM membership WHERE id = ANY ($1) ORDER BY id FOR SHARE`, pq.Array(ids))
	return versions(rows, err)
}

func lockNetworks(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []versionRow
	err := tx.Select(ctx, &rows, `SELECT id, CAST(version AS bigint) AS version FROM network WHERE id = ANY ($1) ORDER BY id FOR SHARE`, pq.Array(ids))
	return versions(rows, err)
}
