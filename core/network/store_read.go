package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/place"
)

// leadOf is the coordinator of network n at $3 as columns id and name.
const leadOf = `LATERAL (SELECT g.person_id AS id, o.name FROM role_grant g JOIN person o ON o.id = g.person_id
	WHERE g.scope_kind = 'network' AND g.scope_id = n.id AND g.role = 'coordinator' AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)
	ORDER BY g.valid_from DESC, g.person_id LIMIT 1)`

// networkRow is everything about a network and its reader, read at once.
type networkRow struct {
	head
	Predecessor     uuid.NullUUID `db:"predecessor_id"`
	Successor       uuid.NullUUID `db:"successor_id"`
	SuccessorStatus Status        `db:"successor_status"`
	CreatedAt       time.Time     `db:"created_at"`
	OpenedAt        *time.Time    `db:"opened_at"`
	ClosedAt        *time.Time    `db:"closed_at"`
	CentreName      string        `db:"centre_name"`
	place.Where
	Capacity     *int          `db:"capacity"`
	Taken        int           `db:"taken"`
	Members      int           `db:"members"`
	Lead         uuid.NullUUID `db:"lead_id"`
	LeadName     string        `db:"lead_name"`
	MyState      State         `db:"my_state"`
	MySecond     bool          `db:"my_second"`
	MyUntil      *time.Time    `db:"my_until"`
	MyNote       string        `db:"my_note"`
	MyPlace      int           `db:"my_place"`
	MyRoles      []byte        `db:"my_roles"`
	Invitation   uuid.NullUUID `db:"invitation_id"`
	InvitedAs    string        `db:"invited_as"`
	InvitedUntil *time.Time    `db:"invited_until"`
	InvitedText  string        `db:"invited_text"`
	MyHandover   uuid.NullUUID `db:"my_handover"`
	Matters      []byte        `db:"matters"`
}

// placeInLine is the place in the waiting list of membership m, from 1.
const placeInLine = `(SELECT count(*) + 1 FROM membership w WHERE w.network_id = m.network_id AND w.state = 'waiting'
	AND (w.second_of_school, w.queued_at, w.id) < (m.second_of_school, m.queued_at, m.id))`

// mattersOf is what goes on inside network n, for reader $2 at $3. An agenda item
// that a meeting has taken up (core/schedule) waits no longer.
const mattersOf = `json_build_object(
	'requests', (SELECT count(*) FROM membership x WHERE x.network_id = n.id AND x.state = 'requested'),
	'waiting', (SELECT count(*) FROM membership x WHERE x.network_id = n.id AND x.state = 'waiting'),
	'offered', (SELECT count(*) FROM membership x WHERE x.network_id = n.id AND x.state = 'offered'),
	'handover_to', coalesce((SELECT t.name FROM handover h JOIN person t ON t.id = h.to_id WHERE h.network_id = n.id AND h.state = 'proposed'), ''),
	'proposals', coalesce((SELECT json_agg(json_build_object('id', r.id, 'title', r.title, 'state', r.state, 'until', r.vote_until,
			'voted', EXISTS (SELECT 1 FROM proposal_vote b WHERE b.proposal_id = r.id AND b.person_id = $2)))
		FROM (SELECT id, title, state, vote_until FROM proposal WHERE network_id = n.id AND state IN ('open', 'voting')
			ORDER BY state = 'open', id DESC LIMIT 5) r), '[]'),
	'agenda', coalesce((SELECT json_agg(json_build_object('id', g.id, 'title', g.title, 'minutes', g.minutes, 'proposal_id', g.proposal_id))
		FROM (SELECT w.id, w.title, w.minutes, w.proposal_id FROM agenda_item w WHERE w.network_id = n.id AND NOT EXISTS (SELECT 1
			FROM meeting_item u JOIN meeting um ON um.id = u.meeting_id WHERE u.source_id = w.id AND um.state <> 'cancelled')
			ORDER BY w.id DESC LIMIT 50) g), '[]'))`

// readNetwork reads a network as reader sees it; inside also reads what goes on there.
func readNetwork(ctx context.Context, q db.Q, id, reader uuid.UUID, now time.Time, inside bool) (networkRow, error) {
	var r networkRow
	err := q.Get(ctx, &r, `SELECT `+headColumns+`, n.predecessor_id, z.id AS successor_id, coalesce(z.status, '') AS successor_status,
			n.created_at, n.opened_at, n.closed_at, c.name AS centre_name, `+place.CentreColumns+`, s.capacity, s.taken, s.members, k.id AS lead_id, coalesce(k.name, '') AS lead_name,
			coalesce(m.state, '') AS my_state, coalesce(m.second_of_school, false) AS my_second, m.offered_until AS my_until, coalesce(m.note, '') AS my_note,
			CASE WHEN m.state = 'waiting' THEN `+placeInLine+` ELSE 0 END AS my_place,
			coalesce((SELECT json_agg(DISTINCT g.role) FROM role_grant g WHERE g.person_id = $2 AND g.scope_kind = 'network' AND g.scope_id = n.id
				AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)), '[]') AS my_roles,
			v.id AS invitation_id, coalesce(v.role, '') AS invited_as, v.ends_at AS invited_until, coalesce(v.message, '') AS invited_text,
			(SELECT h.id FROM handover h WHERE h.network_id = n.id AND h.state = 'proposed' AND h.to_id = $2) AS my_handover,
			CASE WHEN $4 THEN `+mattersOf+` END AS matters
		FROM network n JOIN institution c ON c.id = n.centre_id `+place.CentreJoins+` JOIN network_seat s ON s.network_id = n.id
		LEFT JOIN network z ON z.predecessor_id = n.id
		LEFT JOIN `+leadOf+` k ON true
		LEFT JOIN membership m ON m.network_id = n.id AND m.person_id = $2
		LEFT JOIN person p ON p.id = $2 LEFT JOIN institution i ON i.id = p.institution_id
		LEFT JOIN `+invitationFor+` v ON true
		WHERE n.id = $1`, id, reader, now, inside)
	return r, db.NotFound(err)
}

// standingOf reads where a person stands after an act.
func standingOf(ctx context.Context, q db.Q, network, person uuid.UUID) (Answered, error) {
	var r struct {
		State State      `db:"state"`
		Until *time.Time `db:"offered_until"`
		Place int        `db:"place"`
	}
	err := q.Get(ctx, &r, `SELECT m.state, m.offered_until, CASE WHEN m.state = 'waiting' THEN `+placeInLine+` ELSE 0 END AS place
		FROM membership m WHERE m.network_id = $1 AND m.person_id = $2`, network, person)
	return Answered{State: r.State, Until: r.Until, Place: r.Place}, db.NotFound(err)
}

// succession is what a successor takes over.
type succession struct {
	Capacity  *int          `db:"capacity"`
	Successor uuid.NullUUID `db:"successor_id"`
	Lead      uuid.NullUUID `db:"lead_id"`
}

func readSuccession(ctx context.Context, q db.Q, network uuid.UUID, now time.Time) (succession, error) {
	var r succession
	err := q.Get(ctx, &r, `SELECT s.capacity, (SELECT z.id FROM network z WHERE z.predecessor_id = n.id) AS successor_id,
			(SELECT g.person_id FROM role_grant g WHERE g.scope_kind = 'network' AND g.scope_id = n.id AND g.role = 'coordinator'
				AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2) ORDER BY g.valid_from DESC LIMIT 1) AS lead_id
		FROM network n JOIN network_seat s ON s.network_id = n.id WHERE n.id = $1`, network, now)
	return r, db.NotFound(err)
}

const todoPart = "network.todo"

// todoOf collects, in one statement, what waits for person $1 at $3; led are the
// networks that they may lead, votes those in which they have a vote.
func todoOf(led, votes []uuid.UUID) gather.Part {
	return gather.Part{Key: todoPart, Args: []any{pq.Array(led), pq.Array(votes)}, SQL: `SELECT t.kind, t.network_id AS network, n.title, t.n, t.due FROM (
			SELECT 'offer' AS kind, m.network_id, 1 AS n, m.offered_until AS due FROM membership m WHERE m.person_id = $1 AND m.state = 'offered' AND m.offered_until > $3
			UNION ALL
			SELECT 'invitation', v.network_id, 1, max(v.ends_at) FROM (
				SELECT network_id, ends_at, created_at FROM network_invitation WHERE person_id = $1 AND withdrawn_at IS NULL AND ends_at > $3
				UNION ALL SELECT v.network_id, v.ends_at, v.created_at FROM person p JOIN network_invitation v ON v.email <> '' AND v.email = p.email
					WHERE p.id = $1 AND v.withdrawn_at IS NULL AND v.ends_at > $3
				UNION ALL SELECT v.network_id, v.ends_at, v.created_at FROM person p JOIN institution i ON i.id = p.institution_id
					JOIN network_invitation v ON v.institution_id IN (p.institution_id, i.complex_id)
					WHERE p.id = $1 AND v.withdrawn_at IS NULL AND v.ends_at > $3) v
				WHERE NOT EXISTS (SELECT 1 FROM membership m WHERE m.person_id = $1 AND m.network_id = v.network_id
					AND (m.state IN ('active', 'waiting', 'offered') OR m.changed_at >= v.created_at AND m.state <> 'requested'))
				GROUP BY v.network_id
			UNION ALL
			SELECT 'handover', h.network_id, 1, NULL FROM handover h WHERE h.to_id = $1 AND h.state = 'proposed'
			UNION ALL
			SELECT 'lead_offer', h.network_id, 1, NULL FROM ` + ownAddress + ` JOIN handover h ON h.to_email = e.email AND h.state = 'proposed' WHERE o.id = $1
			UNION ALL
			SELECT 'requests', m.network_id, count(*), NULL FROM membership m WHERE m.network_id = ANY ($5) AND m.state = 'requested' GROUP BY m.network_id
			UNION ALL
			SELECT 'draft', d.id, 1, NULL FROM network d WHERE d.id = ANY ($5) AND d.status = 'draft'
			UNION ALL
			SELECT 'vote', r.network_id, count(*), min(r.vote_until) FROM membership m JOIN proposal r ON r.network_id = m.network_id
				WHERE m.person_id = $1 AND m.state = 'active' AND m.network_id = ANY ($6) AND r.state = 'voting' AND r.vote_until > $3
					AND NOT EXISTS (SELECT 1 FROM proposal_vote b WHERE b.proposal_id = r.id AND b.person_id = $1)
				GROUP BY r.network_id) t
		JOIN network n ON n.id = t.network_id AND (n.status = 'open' OR t.kind IN ('draft', 'handover', 'lead_offer'))
		ORDER BY t.due NULLS LAST, t.kind, n.title LIMIT $4`}
}
