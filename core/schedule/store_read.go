package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
)

var errSignIn error = fault.New(fault.Unauthenticated, "fault.unauthenticated")

// detailRow is what a meeting's page shows beside the meeting.
type detailRow struct {
	Invited     bool
	Answer      Way
	AnswerMoved int
	Presence    Presence
	Next        bool
	Items       []Item
	Returned    []Action
	Waiting     []Waiting
	Minutes     Minutes
	Counts      Counts
	Delivery    map[string]int
}

// countsOf are the answers to meeting m at $2 (with $1 its network).
const countsOf = `(SELECT json_build_object('invited', count(*), 'onsite', count(*) FILTER (WHERE r.answer = 'onsite'), 'online', count(*) FILTER (WHERE r.answer = 'online'),
		'no', count(*) FILTER (WHERE r.answer = 'no'), 'before_move', count(*) FILTER (WHERE r.moved <> m.moved))
	FROM membership x LEFT JOIN meeting_answer r ON r.meeting_id = m.id AND r.person_id = x.person_id
	WHERE x.network_id = m.network_id AND x.state = 'active' AND ` + notLeading + `)`

// notLeading: member x does not lead network x.network_id at $3.
const notLeading = `NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = x.person_id AND g.scope_kind = 'network' AND g.scope_id = x.network_id
	AND g.role = 'coordinator' AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3))`

// nextOf: no other meeting of the network comes before meeting m, which is not over.
const nextOf = `(m.state IN ('draft', 'announced') AND m.ends_at > $3 AND NOT EXISTS (SELECT 1 FROM meeting o WHERE o.network_id = m.network_id
	AND o.state IN ('draft', 'announced') AND o.ends_at > $3 AND (o.starts_at, o.id) < (m.starts_at, m.id)))`

// readDetail reads a meeting for person $2 at $3 by one statement.
func readDetail(ctx context.Context, q db.Q, id, person uuid.UUID, now time.Time) (*meetingRow, *detailRow, error) {
	var r struct {
		meetingRow
		Invited     bool     `db:"invited"`
		Answer      Way      `db:"answer"`
		AnswerMoved int      `db:"answer_moved"`
		Presence    Presence `db:"presence"`
		Next        bool     `db:"next"`
		Lists       []byte   `db:"lists"`
	}
	err := q.Get(ctx, &r, `SELECT `+meetingColumns+`,
			EXISTS (SELECT 1 FROM membership x WHERE x.network_id = m.network_id AND x.state = 'active' AND x.person_id = $2 AND `+notLeading+`) AS invited,
			coalesce(a.answer, '') AS answer, coalesce(a.moved, 0) AS answer_moved, coalesce(t.presence, '') AS presence, `+nextOf+` AS next,
			json_build_object(
				'items', coalesce((SELECT json_agg(v ORDER BY v.position) FROM (SELECT `+itemColumns+` FROM meeting_item i WHERE i.meeting_id = m.id LIMIT 60) v), '[]'),
				'returned', coalesce((SELECT json_agg(v ORDER BY nullif(v.due, '') NULLS LAST, v.id) FROM (SELECT `+actionColumns+` FROM action_item k JOIN meeting e ON e.id = k.meeting_id
					WHERE k.network_id = m.network_id AND k.done_at IS NULL AND e.starts_at < m.starts_at AND e.id <> m.id ORDER BY k.due_on NULLS LAST, k.id LIMIT 50) v), '[]'),
				'waiting', coalesce((SELECT json_agg(v ORDER BY v.id) FROM (SELECT g.id, g.title, g.minutes, coalesce((SELECT p.name FROM person p WHERE p.id = g.leader_id), '') AS leader
					FROM agenda_item g WHERE g.network_id = m.network_id AND `+waits+` ORDER BY g.id LIMIT 50) v), '[]'),
				'decisions', coalesce((SELECT json_agg(json_build_object('id', c.id, 'text', c.text) ORDER BY c.position) FROM meeting_decision c WHERE c.meeting_id = m.id), '[]'),
				'actions', coalesce((SELECT json_agg(v ORDER BY v.position) FROM (SELECT k.position, `+actionColumns+` FROM action_item k WHERE k.meeting_id = m.id) v), '[]'),
				'counts', `+countsOf+`,
				'delivery', (SELECT json_object_agg(z.state, z.n) FROM (
					SELECT y.state, count(*) AS n FROM (SELECT `+become+` AS state FROM meeting_delivery d`+deliveryJoin+` WHERE d.meeting_id = m.id AND d.no = m.programme_no) y GROUP BY y.state
					UNION ALL SELECT 'read', count(*) FROM meeting_delivery d`+deliveryJoin+` WHERE d.meeting_id = m.id AND d.no = m.programme_no AND coalesce(l.read_at, d.read_at) IS NOT NULL) z)
			) AS lists
		`+meetingFrom+`
		LEFT JOIN meeting_answer a ON a.meeting_id = m.id AND a.person_id = $2
		LEFT JOIN meeting_attendance t ON t.meeting_id = m.id AND t.person_id = $2
		WHERE m.id = $1`, id, nilID(person), now)
	if err != nil {
		return nil, nil, db.NotFound(err)
	}
	var lists struct {
		Items     []Item         `json:"items"`
		Returned  []Action       `json:"returned"`
		Waiting   []Waiting      `json:"waiting"`
		Decisions []Decision     `json:"decisions"`
		Actions   []Action       `json:"actions"`
		Counts    Counts         `json:"counts"`
		Delivery  map[string]int `json:"delivery"`
	}
	if err := json.Unmarshal(r.Lists, &lists); err != nil {
		return nil, nil, fmt.Errorf("lists of a meeting: %w", err)
	}
	d := &detailRow{Invited: r.Invited, Answer: r.Answer, AnswerMoved: r.AnswerMoved, Presence: r.Presence, Next: r.Next, Items: lists.Items, Returned: lists.Returned,
		Waiting: lists.Waiting, Minutes: Minutes{Decisions: lists.Decisions, Actions: lists.Actions}, Counts: lists.Counts, Delivery: lists.Delivery}
	return &r.meetingRow, d, nil
}

// listRow is a meeting in a network's list.
type listRow struct {
	meetingRow
	Past        int     `db:"past"`
	Sort        float64 `db:"sort"`
	Answer      Way     `db:"answer"`
	AnswerMoved int     `db:"answer_moved"`
	Invited     int     `db:"n_invited"`
	NOnSite     int     `db:"n_onsite"`
	NOnline     int     `db:"n_online"`
	NNo         int     `db:"n_no"`
	NStale      int     `db:"n_stale"`
	Years       []byte  `db:"years"`
	YearList    []byte  `db:"year_list"`
}

// years and year were made by the query itself.
func (r *listRow) years() (out []int) {
	_ = json.Unmarshal(r.Years, &out)
	return out
}

func (r *listRow) year() (out []Planned) {
	_ = json.Unmarshal(r.YearList, &out)
	return out
}

// listKey is the place behind which a page begins: what is to come sorts by
// time, what is over backwards behind it.
type listKey struct {
	Past int
	Sort float64
	ID   uuid.UUID
}

// listMeetings reads a page of a network's meetings without the network.
func listMeetings(ctx context.Context, q db.Q, network, person uuid.UUID, year int, drafts bool, now time.Time, from listKey, limit int) ([]listRow, error) {
	var out []listRow
	err := q.Select(ctx, &out, `SELECT m.id, m.kind, m.title, m.state, m.reason, m.school_year, m.starts_at, m.ends_at, m.onsite, m.online, m.place, m.programme_sent_at, m.register_at, m.moved, m.version,
			m.announced_at, z.past, z.sort, `+teachingOf+` AS teaching, coalesce(a.answer, '') AS answer, coalesce(a.moved, 0) AS answer_moved,
			c.n_invited, c.n_onsite, c.n_online, c.n_no, c.n_stale,
			(SELECT json_agg(y.school_year ORDER BY y.school_year DESC) FROM (SELECT DISTINCT school_year FROM meeting WHERE network_id = $1) y) AS years,
			(SELECT json_agg(json_build_object('kind', o.kind, 'starts', o.starts_at)) FROM meeting o WHERE o.network_id = $1 AND o.school_year = $4 AND o.state <> 'cancelled') AS year_list
		FROM meeting m LEFT JOIN meeting_answer a ON a.meeting_id = m.id AND a.person_id = $2
		CROSS JOIN LATERAL (SELECT CASE WHEN m.ends_at > $3 AND m.state <> 'cancelled' THEN 0 ELSE 1 END AS past,
			CAST(CASE WHEN m.ends_at > $3 AND m.state <> 'cancelled' THEN extract(epoch FROM m.starts_at) ELSE -extract(epoch FROM m.starts_at) END AS double precision) AS sort) z
		CROSS JOIN LATERAL (SELECT count(*) AS n_invited, count(*) FILTER (WHERE r.answer = 'onsite') AS n_onsite, count(*) FILTER (WHERE r.answer = 'online') AS n_online,
				count(*) FILTER (WHERE r.answer = 'no') AS n_no, count(*) FILTER (WHERE r.moved <> m.moved) AS n_stale
			FROM membership x LEFT JOIN meeting_answer r ON r.meeting_id = m.id AND r.person_id = x.person_id
			WHERE $5 AND x.network_id = $1 AND x.state = 'active' AND `+notLeading+`) c
		WHERE m.network_id = $1 AND m.school_year = $4 AND ($5 OR m.state <> 'draft' AND (m.state <> 'cancelled' OR m.announced_at IS NOT NULL))
			AND (z.past, z.sort, m.id) > ($6, CAST($7 AS double precision), $8)
		ORDER BY z.past, z.sort, m.id LIMIT $9`, network, person, now, year, drafts, from.Past, from.Sort, from.ID, limit)
	return out, err
}

// beginning is before every meeting.
var beginning = listKey{Past: -1}

func (s *Service) listKey(sum []byte, after string) (listKey, error) {
	if after == "" {
		return beginning, nil
	}
	c, err := s.key.Open(sum, after, 1)
	if err != nil {
		return listKey{}, err
	}
	k := listKey{ID: c.ID}
	if _, err := fmt.Sscanf(*c.Values[0], "%d %f", &k.Past, &k.Sort); err != nil {
		return listKey{}, fault.Wrap(err, fault.Invalid, "keyset.cursor")
	}
	return k, nil
}

func (s *Service) nextKey(sum []byte, rows []listRow, limit int) (string, error) {
	if len(rows) <= limit {
		return "", nil
	}
	last := &rows[limit-1]
	text := fmt.Sprintf("%d %f", last.Past, last.Sort)
	return s.key.Seal(sum, keyset.Cursor{Values: []*string{&text}, ID: last.ID})
}

func listPeople(ctx context.Context, q db.Q, network uuid.UUID, limit int) ([]Person, error) {
	var out []Person
	err := q.Select(ctx, &out, `SELECT p.id, p.name FROM membership m JOIN person p ON p.id = m.person_id
		WHERE m.network_id = $1 AND m.state = 'active' ORDER BY p.sort_name, p.id LIMIT $2`, network, limit)
	return out, err
}

// spanRow is a meeting in a person's calendar.
type spanRow struct {
	meetingRow
	Answer      Way        `db:"answer"`
	AnswerMoved int        `db:"answer_moved"`
	AnsweredAt  *time.Time `db:"answered_at"`
	Leads       bool       `db:"leads"`
}

func listSpan(ctx context.Context, q db.Q, person uuid.UUID, from, to, now time.Time, limit int) ([]spanRow, error) {
	var out []spanRow
	err := q.Select(ctx, &out, `SELECT `+meetingColumns+`, coalesce(a.answer, '') AS answer, coalesce(a.moved, 0) AS answer_moved, a.answered_at,
			EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = $1 AND g.scope_kind = 'network' AND g.scope_id = m.network_id AND g.role = 'coordinator'
				AND g.valid_from <= $4 AND (g.valid_to IS NULL OR g.valid_to > $4)) AS leads
		FROM membership k JOIN meeting m ON m.network_id = k.network_id JOIN network n ON n.id = m.network_id
		LEFT JOIN meeting_answer a ON a.meeting_id = m.id AND a.person_id = $1
		WHERE k.person_id = $1 AND k.state = 'active' AND m.ends_at > $2 AND m.starts_at < $3
		ORDER BY m.starts_at, m.id LIMIT $5`, person, from, to, now, limit)
	return out, err
}

// TodoPart is what meetings ask of the person $1 at $3: rows of [TodoRow].
var TodoPart = gather.Part{Key: "schedule.todo", SQL: `SELECT t.kind, t.id, t.title, t.network, t.due, t.n FROM (
		SELECT 'answer' AS kind, m.id, m.title, n.title AS network, m.starts_at AS due, 1 AS n
		FROM membership x JOIN network n ON n.id = x.network_id AND n.status = 'open' JOIN meeting m ON m.network_id = x.network_id AND m.state = 'announced' AND m.starts_at > $3
		WHERE x.person_id = $1 AND x.state = 'active' AND ` + notLeading + `
			AND NOT EXISTS (SELECT 1 FROM meeting_answer a WHERE a.meeting_id = m.id AND a.person_id = $1 AND a.moved = m.moved)
		UNION ALL
		SELECT CASE WHEN m.state = 'held' THEN 'register' ELSE 'programme' END, m.id, m.title, n.title,
			CASE WHEN m.state = 'held' THEN m.ends_at + interval '3 days'
				ELSE (date_trunc('day', m.starts_at AT TIME ZONE 'Europe/Warsaw') - interval '6 days 1 minute') AT TIME ZONE 'Europe/Warsaw' END, 1
		FROM role_grant g JOIN network n ON n.id = g.scope_id AND n.status = 'open' JOIN meeting m ON m.network_id = n.id
		WHERE g.person_id = $1 AND g.scope_kind = 'network' AND g.role = 'coordinator' AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)
			AND (m.state = 'held' AND m.register_at IS NULL
				OR m.state = 'announced' AND m.programme_alarm_at IS NOT NULL AND m.programme_sent_at IS NULL AND m.starts_at > $3)
		UNION ALL
		SELECT 'action', m.id, min(k.text), n.title, min((CAST(k.due_on + 1 AS timestamp) - interval '1 minute') AT TIME ZONE 'Europe/Warsaw'), CAST(count(*) AS integer)
		FROM action_item k JOIN meeting m ON m.id = k.meeting_id JOIN network n ON n.id = m.network_id AND n.status = 'open'
		WHERE k.owner_id = $1 AND k.done_at IS NULL AND m.state <> 'cancelled' GROUP BY m.id, m.title, n.title) t
	ORDER BY t.due NULLS LAST, t.kind, t.id LIMIT $4`}

// TodoRow is one thing that a person should do about meetings.
type TodoRow struct {
	Kind    string     `json:"kind"` // answer, programme, register, action
	ID      uuid.UUID  `json:"id"`   // of the meeting
	Title   string     `json:"title"`
	Network string     `json:"network"`
	Due     *time.Time `json:"due"`
	N       int        `json:"n"`
}

// NextPart is the next meeting of network $2 for reader $1 at $3, announced and
// not over: at most one row of [NextRow].
var NextPart = gather.Part{Key: "schedule.next", SQL: `SELECT m.id, m.title, m.kind, m.starts_at, m.ends_at, m.place, m.onsite, m.online, coalesce(a.answer, '') AS answer,
		coalesce(a.moved = m.moved, false) AS fresh, n.module, n.type,
		EXISTS (SELECT 1 FROM membership x WHERE x.network_id = $2 AND x.person_id = $1 AND x.state = 'active' AND ` + notLeading + `) AS invited
	FROM meeting m JOIN network n ON n.id = m.network_id LEFT JOIN meeting_answer a ON a.meeting_id = m.id AND a.person_id = $1
	WHERE m.network_id = $2 AND m.state = 'announced' AND m.ends_at > $3 ORDER BY m.starts_at, m.id LIMIT 1`}

// NextRow is a network's next meeting in short.
type NextRow struct {
	ID      uuid.UUID `json:"id"`
	Title   string    `json:"title"`
	Kind    string    `json:"kind"`
	Starts  time.Time `json:"starts_at"`
	Ends    time.Time `json:"ends_at"`
	Place   string    `json:"place"`
	OnSite  bool      `json:"onsite"`
	Online  bool      `json:"online"`
	Answer  Way       `json:"answer"`
	Fresh   bool      `json:"fresh"` // answered for the present time
	Invited bool      `json:"invited"`
	Module  string    `json:"module"`
	Type    string    `json:"type"`
	// KindTitle is filled by [Service.ReadNext].
	KindTitle string `json:"-"`
}

// mostYear bounds the meetings of one network's school year.
const mostYear = 300

func readYear(ctx context.Context, q db.Q, network uuid.UUID, year int) ([]yearRow, error) {
	var out []yearRow
	err := q.Select(ctx, &out, `SELECT `+meetingColumns+`,
			coalesce((SELECT json_object_agg(t.presence, t.n) FROM (SELECT presence, count(*) AS n FROM meeting_attendance WHERE meeting_id = m.id GROUP BY presence) t), '{}') AS attendance,
			coalesce((SELECT sum(i.minutes) FROM meeting_item i WHERE i.meeting_id = m.id AND i.member_led AND i.method <> 'break'), 0) AS member_led,
			coalesce((SELECT json_agg(DISTINCT coalesce(p.name, i.leader_name)) FROM meeting_item i LEFT JOIN person p ON p.id = i.leader_id WHERE i.meeting_id = m.id AND i.expert), '[]') AS experts,
			(SELECT count(*) FROM meeting_decision c WHERE c.meeting_id = m.id) AS decisions,
			(SELECT count(*) FROM action_item k WHERE k.meeting_id = m.id) AS actions,
			(SELECT count(*) FROM action_item k WHERE k.meeting_id = m.id AND k.done_at IS NOT NULL) AS done
		`+meetingFrom+` WHERE m.network_id = $1 AND m.school_year = $2 ORDER BY m.starts_at, m.id LIMIT $3`, network, year, mostYear)
	return out, err
}
