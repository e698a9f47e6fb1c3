package network

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/place"
)

// cardRow is a line of a list of networks.
type cardRow struct {
	ID         uuid.UUID `db:"id" json:"id"`
	Module     string    `db:"module" json:"module"`
	Type       string    `db:"type" json:"type"`
	Title      string    `db:"title" json:"title"`
	Aim        string    `db:"aim" json:"aim"`
	SchoolYear int       `db:"school_year" json:"school_year"`
	Status     Status    `db:"status" json:"status"`
	Join       JoinMode  `db:"join_mode" json:"join_mode"`
	Centre     uuid.UUID `db:"centre_id" json:"centre_id"`
	CentreName string    `db:"centre_name" json:"centre_name"`
	place.Where
	Capacity *int   `db:"capacity" json:"capacity"`
	Taken    int    `db:"taken" json:"taken"`
	Members  int    `db:"members" json:"members"`
	LeadName string `db:"lead_name" json:"lead_name"`
	MyState  State  `db:"my_state" json:"my_state"`
	MyPlace  int    `db:"my_place" json:"my_place"`
	MyRole   string `db:"my_role" json:"my_role"`
	Invited  bool   `db:"invited" json:"invited"`
}

// statement grows by constant conditions: the texts are few (one per set of
// filters in use), so each is prepared once.
type statement struct {
	where strings.Builder
	args  []any
}

// and adds a condition; "?" in it is the place of v.
func (s *statement) and(condition string, v any) {
	s.args = append(s.args, v)
	s.where.WriteString(" AND ")
	s.where.WriteString(strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(s.args))))
}

// listNetworks reads a page of cards in the order of titles. The page is cut
// first, from an index; names and the reader's own part are joined to it.
// $1 is the reader, $2 the limit, $3 now.
func listNetworks(ctx context.Context, q db.Q, f *Filter, reach access.Reach, after cursor, reader uuid.UUID, now time.Time, limit int) ([]cardRow, error) {
	var s statement
	s.args = []any{nilID(reader), limit, now}
	f.where(&s, reach)
	if after.ID != uuid.Nil {
		s.args = append(s.args, after.Text, after.ID)
		n := len(s.args)
		s.where.WriteString(" AND (x.title, x.id) > (CAST($" + strconv.Itoa(n-1) + ` AS text) COLLATE "pl-x-icu", $` + strconv.Itoa(n) + ")")
	}
	out := make([]cardRow, 0, limit)
	err := q.Select(ctx, &out, `SELECT n.id, n.module, n.type, n.title, left(n.aim, 600) AS aim, n.school_year, n.status, n.join_mode, n.centre_id,
			c.name AS centre_name, `+place.CentreColumns+`, s.capacity, s.taken, s.members, coalesce(k.name, '') AS lead_name, `+mineColumns+`
		FROM (SELECT x.id, x.module, x.type, x.title, x.aim, x.school_year, x.status, x.join_mode, x.centre_id FROM network x
			WHERE true`+s.where.String()+` ORDER BY x.title, x.id LIMIT $2) n
		`+cardJoins+` `+place.CentreJoins+` ORDER BY n.title, n.id`, s.args...)
	return out, err
}

const mineColumns = `coalesce(m.state, '') AS my_state,
	CASE WHEN m.state = 'waiting' THEN ` + placeInLine + ` ELSE 0 END AS my_place,
	coalesce((SELECT g.role FROM role_grant g WHERE g.person_id = $1 AND g.scope_kind = 'network' AND g.scope_id = n.id
		AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3) AND g.role <> 'evaluator' ORDER BY g.role = 'coordinator' DESC, g.role LIMIT 1), '') AS my_role,
	EXISTS (SELECT 1 FROM network_invitation v WHERE v.network_id = n.id AND v.withdrawn_at IS NULL AND v.ends_at > $3 AND v.person_id = $1
		UNION ALL SELECT 1 FROM network_invitation v WHERE v.network_id = n.id AND v.withdrawn_at IS NULL AND v.ends_at > $3 AND v.email <> '' AND v.email = p.email
		UNION ALL SELECT 1 FROM network_invitation v WHERE v.network_id = n.id AND v.withdrawn_at IS NULL AND v.ends_at > $3
			AND v.institution_id IN (p.institution_id, i.complex_id)) AS invited`

const cardJoins = `JOIN institution c ON c.id = n.centre_id JOIN network_seat s ON s.network_id = n.id
	LEFT JOIN ` + leadOf + ` k ON true
	LEFT JOIN membership m ON m.network_id = n.id AND m.person_id = $1
	LEFT JOIN person p ON p.id = $1 LEFT JOIN institution i ON i.id = p.institution_id`

// where writes the filter's conditions over network x.
func (f *Filter) where(s *statement, reach access.Reach) {
	switch {
	case f.Managed && !reach.All:
		s.args = append(s.args, pq.Array(reach.Centres), pq.Array(reach.Programmes), pq.Array(reach.Networks))
		n := len(s.args)
		s.where.WriteString(" AND (x.centre_id = ANY ($" + strconv.Itoa(n-2) + ") OR x.programme_id = ANY ($" + strconv.Itoa(n-1) + ") OR x.id = ANY ($" + strconv.Itoa(n) + "))")
		fallthrough
	case f.Managed:
		if f.Status != "" {
			s.and("x.status = ?", f.Status)
		}
	case f.Status == "":
		s.where.WriteString(" AND x.status <> 'draft'")
	default:
		s.and("x.status = ?", f.Status)
		s.where.WriteString(" AND x.status <> 'draft'")
	}
	for _, w := range f.words {
		s.and("x.title_folded LIKE ?", w)
	}
	if f.Centre != uuid.Nil {
		s.and("x.centre_id = ?", f.Centre)
	}
	if f.Powiat != "" {
		s.and(`x.centre_id IN (SELECT t.centre_id FROM centre_territory_at($3) t WHERE t.powiat_code = ?
			UNION SELECT y.id FROM institution y WHERE y.powiat_code = ? AND y.kind IN ('centre', 'library', 'counselling', 'local_government', 'ore', 'department'))`, f.Powiat)
	}
	if f.Voivodeship != "" {
		s.and(`x.centre_id IN (SELECT y.id FROM institution y WHERE y.powiat_code LIKE ? AND y.kind IN ('centre', 'library', 'counselling', 'local_government', 'ore', 'department')
			UNION SELECT t.centre_id FROM centre_territory_at($3) t WHERE t.powiat_code LIKE ?)`, f.Voivodeship+"%")
	}
	if f.Join != "" {
		s.and("x.join_mode = ?", f.Join)
	}
	if f.Type != "" {
		s.and("x.module || ':' || x.type = ?", f.Type)
	}
	if f.SchoolYear != 0 {
		s.and("x.school_year = ?", f.SchoolYear)
	}
}

// listMine reads the networks that person $1 is in or on the way into, those
// that go on first. Which they are is found before anything is joined: of more
// than eight tables PostgreSQL would take the first ones first.
const (
	minePart = "network.mine"
	listMine = `SELECT n.id, n.module, n.type, n.title, left(n.aim, 600) AS aim, n.school_year, n.status, n.join_mode, n.centre_id,
			c.name AS centre_name, ` + place.CentreColumns + `, s.capacity, s.taken, s.members, coalesce(k.name, '') AS lead_name, ` + mineColumns + `
		FROM (SELECT x.id, x.module, x.type, x.title, x.aim, x.school_year, x.status, x.join_mode, x.centre_id FROM membership o JOIN network x ON x.id = o.network_id
			WHERE o.person_id = $1 AND o.state IN ('active', 'offered', 'waiting', 'requested')
			ORDER BY x.status IN ('closed', 'archived'), x.school_year DESC, x.title, x.id LIMIT $5) n
		` + cardJoins + ` ` + place.CentreJoins + ` ORDER BY n.status IN ('closed', 'archived'), n.school_year DESC, n.title, n.id`
)

// memberLine is a line of the members page.
type memberLine struct {
	ID     uuid.UUID `db:"id"`
	Person uuid.UUID `db:"person_id"`
	Name   string    `db:"name"`
	Sort   string    `db:"sort_name"`
	School string    `db:"school"`
	place.Where
	Gmina       string     `db:"gmina"`
	GminaKind   string     `db:"gmina_kind"`
	State       State      `db:"state"`
	Roles       []byte     `db:"roles"`
	Second      bool       `db:"second_of_school"`
	JoinedAt    *time.Time `db:"joined_at"`
	QueuedAt    *time.Time `db:"queued_at"`
	Until       *time.Time `db:"offered_until"`
	Message     string     `db:"message"`
	Note        string     `db:"note"`
	ChangedAt   time.Time  `db:"changed_at"`
	Place       int        `db:"place"`
	SchoolTimes int        `db:"school_times"`
	Account     string     `db:"account"` // in the waiting list
}

// listMembers reads a page of people in a state, by name.
func listMembers(ctx context.Context, q db.Q, network uuid.UUID, states []string, after cursor, now time.Time, limit int) ([]memberLine, error) {
	var out []memberLine
	err := q.Select(ctx, &out, `SELECT l.id, l.person_id, l.name, l.sort_name, coalesce(i.name, '') AS school, `+place.Columns+`, coalesce(t.name, '') AS gmina, coalesce(t.kind, '') AS gmina_kind, l.state,
			l.second_of_school, l.joined_at, l.queued_at, l.offered_until, l.message, l.note, l.changed_at, 0 AS place, 0 AS school_times,
			coalesce((SELECT json_agg(DISTINCT g.role) FROM role_grant g WHERE g.person_id = l.person_id AND g.scope_kind = 'network' AND g.scope_id = $1
				AND g.valid_from <= $5 AND (g.valid_to IS NULL OR g.valid_to > $5)), '[]') AS roles
		FROM (SELECT m.id, m.person_id, p.name, p.sort_name, m.institution_id, m.state, m.second_of_school, m.joined_at, m.queued_at, m.offered_until,
				m.message, m.note, m.changed_at
			FROM membership m JOIN person p ON p.id = m.person_id
			WHERE m.network_id = $1 AND m.state = ANY ($2) AND (p.sort_name, p.id) > ($3, $4)
			ORDER BY p.sort_name, p.id LIMIT $6) l
		LEFT JOIN institution i ON i.id = l.institution_id `+place.Joins+` LEFT JOIN teryt_unit t ON t.code = i.gmina_code ORDER BY l.sort_name, l.person_id`,
		network, pq.Array(states), after.Text, after.ID, now, limit)
	return out, err
}

// queueKey is where in the order of a waiting list a page begins; zero at its head.
type queueKey struct {
	State  string
	Second bool
	At     string // as PostgreSQL reads a timestamp
	ID     uuid.UUID
}

// listQueue reads the waiting list in its order, offers first. Places are
// counted over the whole list, which the network's size bounds.
func listQueue(ctx context.Context, q db.Q, network uuid.UUID, after queueKey, limit int) ([]memberLine, error) {
	var out []memberLine
	err := q.Select(ctx, &out, `SELECT l.id, l.person_id, p.name, p.sort_name, coalesce(i.name, '') AS school, `+place.Columns+`, l.state,
			l.second_of_school, l.joined_at, l.queued_at, l.offered_until, l.message, l.note, l.changed_at, l.place, 0 AS school_times, CAST('[]' AS json) AS roles,
			p.state AS account
		FROM (SELECT m.id, m.person_id, m.institution_id, m.state, m.second_of_school, m.joined_at, m.queued_at, m.offered_until, m.message, m.note, m.changed_at,
				CASE WHEN m.state = 'waiting' THEN count(*) FILTER (WHERE m.state = 'waiting') OVER (ORDER BY m.state, m.second_of_school, m.queued_at, m.id) ELSE 0 END AS place
			FROM membership m WHERE m.network_id = $1 AND m.state IN ('waiting', 'offered')) l
		JOIN person p ON p.id = l.person_id LEFT JOIN institution i ON i.id = l.institution_id `+place.Joins+`
		WHERE (l.state, l.second_of_school, coalesce(l.queued_at, 'infinity'), l.id) > ($2, $3, CAST($4 AS timestamptz), $5)
		ORDER BY l.state, l.second_of_school, l.queued_at, l.id LIMIT $6`, network, after.State, after.Second, cmp.Or(after.At, "-infinity"), after.ID, limit)
	return out, err
}

// listRequests reads a page of requests, oldest first, with how many of the
// same school complex are in.
func listRequests(ctx context.Context, q db.Q, network, after uuid.UUID, limit int) ([]memberLine, error) {
	var out []memberLine
	err := q.Select(ctx, &out, `SELECT l.id, l.person_id, p.name, p.sort_name, coalesce(i.name, '') AS school, `+place.Columns+`, l.state,
			l.second_of_school, l.joined_at, l.queued_at, l.offered_until, l.message, l.note, l.changed_at, 0 AS place, CAST('[]' AS json) AS roles,
			(SELECT count(*) FROM membership o WHERE o.network_id = $1 AND o.complex_id = l.complex_id AND o.state IN ('offered', 'active')) AS school_times
		FROM (SELECT m.id, m.person_id, m.institution_id, m.complex_id, m.state, m.second_of_school, m.joined_at, m.queued_at, m.offered_until, m.message, m.note, m.changed_at
			FROM membership m WHERE m.network_id = $1 AND m.state = 'requested' AND m.id > $2 ORDER BY m.id LIMIT $3) l
		JOIN person p ON p.id = l.person_id LEFT JOIN institution i ON i.id = l.institution_id `+place.Joins+` ORDER BY l.id`, network, after, limit)
	return out, err
}

// oneMember reads an active member; no row for others.
func oneMember(ctx context.Context, q db.Q, network, person uuid.UUID, now time.Time) ([]memberLine, error) {
	var out []memberLine
	err := q.Select(ctx, &out, `SELECT m.id, m.person_id, p.name, p.sort_name, coalesce(i.name, '') AS school, `+place.Columns+`, m.state,
			m.second_of_school, m.joined_at, m.queued_at, m.offered_until, m.message, m.note, m.changed_at, 0 AS place, 0 AS school_times,
			coalesce((SELECT json_agg(DISTINCT g.role) FROM role_grant g WHERE g.person_id = m.person_id AND g.scope_kind = 'network' AND g.scope_id = $1
				AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)), '[]') AS roles
		FROM membership m JOIN person p ON p.id = m.person_id LEFT JOIN institution i ON i.id = m.institution_id `+place.Joins+`
		WHERE m.network_id = $1 AND m.person_id = $2 AND m.state = 'active'`, network, person, now)
	return out, err
}

// someNames reads the names of active members.
func someNames(ctx context.Context, q db.Q, network uuid.UUID, limit int) (map[uuid.UUID]string, error) {
	var rows []nameRow
	err := q.Select(ctx, &rows, `SELECT p.id, p.name FROM membership m JOIN person p ON p.id = m.person_id
		WHERE m.network_id = $1 AND m.state = 'active' ORDER BY m.joined_at LIMIT $2`, network, limit)
	return namesOf(rows), err
}

type nameRow struct {
	ID   uuid.UUID `db:"id"`
	Name string    `db:"name"`
}

func namesOf(rows []nameRow) map[uuid.UUID]string {
	out := make(map[uuid.UUID]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Name
	}
	return out
}

// memberNames reads the names of those who have or had to do with the network.
func memberNames(ctx context.Context, q db.Q, network uuid.UUID, people []uuid.UUID) (map[uuid.UUID]string, error) {
	var rows []nameRow
	err := q.Select(ctx, &rows, `SELECT p.id, p.name FROM person p WHERE p.id = ANY ($2)
		AND EXISTS (SELECT 1 FROM membership m WHERE m.network_id = $1 AND m.person_id = p.id) LIMIT 2000`, network, pq.Array(people))
	return namesOf(rows), err
}
