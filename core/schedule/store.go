package schedule

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// networkRow is a network as its meetings need it.
type networkRow struct {
	Network      uuid.UUID     `db:"network_id"`
	NetworkTitle string        `db:"network_title"`
	Module       string        `db:"module"`
	Type         string        `db:"type"`
	Status       string        `db:"network_status"`
	NetworkYear  int           `db:"network_year"`
	Centre       uuid.UUID     `db:"centre_id"`
	Programme    uuid.NullUUID `db:"programme_id"`
}

func (n *networkRow) place() access.Place {
	return access.Place{Centre: n.Centre, Programme: n.Programme.UUID, Network: n.Network}
}

func (n *networkRow) qualified() string { return effect.Qualify(n.Module, n.Type) }

func (n *networkRow) scope() effect.Scope { return effect.Scope{Kind: effect.Network, ID: n.Network} }

const networkColumns = `n.id AS network_id, n.title AS network_title, n.module, n.type, n.status AS network_status, n.school_year AS network_year, n.centre_id, n.programme_id`

func readNetwork(ctx context.Context, q db.Q, id uuid.UUID) (*networkRow, error) {
	var n networkRow
	if err := q.Get(ctx, &n, `SELECT `+networkColumns+` FROM network n WHERE n.id = $1`, id); err != nil {
		return nil, db.NotFound(err)
	}
	return &n, nil
}

// holdOpen holds a network, which must be open, against being closed meanwhile.
func holdOpen(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	var status string
	if err := tx.Get(ctx, &status, `SELECT status FROM network WHERE id = $1 FOR SHARE`, id); err != nil {
		return db.NotFound(err)
	}
	switch status {
	case "open":
		return nil
	case "draft":
		return conflict("schedule.network_draft")
	}
	return conflict("schedule.network_over")
}

// meetingRow is a meeting with its network.
type meetingRow struct {
	networkRow
	ID             uuid.UUID  `db:"id"`
	Kind           string     `db:"kind"`
	Title          string     `db:"title"`
	Note           string     `db:"note"`
	State          State      `db:"state"`
	SchoolYear     int        `db:"school_year"`
	Starts         time.Time  `db:"starts_at"`
	Ends           time.Time  `db:"ends_at"`
	OnSite         bool       `db:"onsite"`
	Online         bool       `db:"online"`
	Place          string     `db:"place"`
	Address        string     `db:"address"`
	Link           string     `db:"link"`
	Reason         string     `db:"reason"`
	MinutesText    string     `db:"minutes"`
	UpdatedAt      time.Time  `db:"updated_at"`
	AnnouncedAt    *time.Time `db:"announced_at"`
	AlarmAt        *time.Time `db:"programme_alarm_at"`
	ProgrammeAt    *time.Time `db:"programme_sent_at"`
	ProgrammeNo    int        `db:"programme_no"`
	RegisterAt     *time.Time `db:"register_at"`
	ClosedAt       *time.Time `db:"closed_at"`
	Sequence       int        `db:"sequence"`
	Moved          int        `db:"moved"`
	Version        int        `db:"version"`
	MinutesVersion int        `db:"minutes_version"`
	// Teaching is in minutes.
	Teaching int `db:"teaching"`
}

// hidden meetings are seen by those who manage them only.
func (m *meetingRow) hidden() bool {
	return m.State == Draft || m.State == Cancelled && m.AnnouncedAt == nil
}

func (m *meetingRow) where() Where {
	return Where{OnSite: m.OnSite, Online: m.Online, Place: m.Place, Address: m.Address, Link: m.Link}
}

// input is the meeting as its form has it.
func (m *meetingRow) input() Input {
	return Input{Kind: m.Kind, Title: m.Title, Note: m.Note, Starts: m.Starts, Ends: m.Ends, Where: m.where()}
}

func (m *meetingRow) going(now time.Time) bool { return m.State == Announced && m.Starts.After(now) }

// teachingOf are the teaching minutes of meeting m: its agenda without breaks,
// or the whole time while there is no agenda (of a meeting of one day).
const teachingOf = `coalesce((SELECT nullif(sum(i.minutes) FILTER (WHERE i.method <> 'break'), 0) FROM meeting_item i WHERE i.meeting_id = m.id),
	CASE WHEN m.ends_at - m.starts_at <= interval '14 hours' THEN CAST(extract(epoch FROM m.ends_at - m.starts_at) / 60 AS bigint) ELSE 0 END)`

const meetingColumns = networkColumns + `, m.id, m.kind, m.title, m.note, m.state, m.school_year, m.starts_at, m.ends_at, m.onsite, m.online, m.place, m.address, m.link,
	m.reason, m.minutes, m.updated_at, m.announced_at, m.programme_alarm_at, m.programme_sent_at, m.programme_no, m.register_at, m.closed_at,
	m.sequence, m.moved, m.version, m.minutes_version, ` + teachingOf + ` AS teaching`

const meetingFrom = ` FROM meeting m JOIN network n ON n.id = m.network_id`

func readMeeting(ctx context.Context, q db.Q, id uuid.UUID) (*meetingRow, error) {
	var m meetingRow
	if err := q.Get(ctx, &m, `SELECT `+meetingColumns+meetingFrom+` WHERE m.id = $1`, id); err != nil {
		return nil, db.NotFound(err)
	}
	return &m, nil
}

func networkOf(ctx context.Context, q db.Q, meeting uuid.UUID) (uuid.UUID, error) {
	var id uuid.UUID
	err := q.Get(ctx, &id, `SELECT network_id FROM meeting WHERE id = $1`, meeting)
	return id, db.NotFound(err)
}

func lockMeeting(ctx context.Context, tx *db.Tx, id uuid.UUID) (*meetingRow, error) {
	var m meetingRow
	if err := tx.Get(ctx, &m, `SELECT `+meetingColumns+meetingFrom+` WHERE m.id = $1 FOR NO KEY UPDATE OF m`, id); err != nil {
		return nil, db.NotFound(err)
	}
	return &m, nil
}

func insertMeeting(ctx context.Context, tx *db.Tx, id, network, by uuid.UUID, in *Input, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO meeting (id, network_id, kind, title, note, school_year, starts_at, ends_at, onsite, online, place, address, link, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)`,
		id, network, in.Kind, in.Title, in.Note, schoolYear(in.Starts), in.Starts, in.Ends, in.OnSite, in.Online, in.Place, in.Address, in.Link, nilID(by), at)
	return err
}

// updateMeeting writes a locked meeting; sequence and moved count up as told.
func updateMeeting(ctx context.Context, tx *db.Tx, id uuid.UUID, in *Input, sequence, moved int, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE meeting SET kind = $2, title = $3, note = $4, school_year = $5, starts_at = $6, ends_at = $7, onsite = $8, online = $9,
			place = $10, address = $11, link = $12, sequence = $13, moved = $14, updated_at = $15, version = version + 1
		WHERE id = $1`,
		id, in.Kind, in.Title, in.Note, schoolYear(in.Starts), in.Starts, in.Ends, in.OnSite, in.Online, in.Place, in.Address, in.Link, sequence, moved, at)
	return err
}

func setAnnounced(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE meeting SET state = 'announced', announced_at = $2, updated_at = $2, version = version + 1 WHERE id = $1`, id, at)
	return err
}

func setCancelled(ctx context.Context, tx *db.Tx, id uuid.UUID, reason string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE meeting SET state = 'cancelled', cancelled_at = $3, reason = $2, updated_at = $3, sequence = sequence + 1, version = version + 1 WHERE id = $1`, id, reason, at)
	return err
}

func setHeld(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE meeting SET state = 'held', version = version + 1 WHERE id = $1`, id)
	return err
}

func setClosed(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE meeting SET state = 'closed', closed_at = $2, version = version + 1 WHERE id = $1`, id, at)
	return err
}

func deleteMeeting(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM meeting WHERE id = $1 AND state = 'draft'`, id)
	return err
}

// dropAnswers forgets answers with ways that the meeting no longer offers.
func dropAnswers(ctx context.Context, tx *db.Tx, id uuid.UUID, w Where) error {
	_, err := tx.Exec(ctx, `DELETE FROM meeting_answer WHERE meeting_id = $1 AND (answer = 'onsite' AND NOT $2 OR answer = 'online' AND NOT $3)`, id, w.OnSite, w.Online)
	return err
}

// invitedTo are the active members x of network $1 at $2 who do not lead it.
const invitedTo = ` membership x WHERE x.network_id = $1 AND x.state = 'active' AND NOT EXISTS (SELECT 1 FROM role_grant g
	WHERE g.person_id = x.person_id AND g.scope_kind = 'network' AND g.scope_id = x.network_id AND g.role = 'coordinator'
		AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2))`

// mostInvited bounds how many people one meeting concerns; a network has at
// most 5,000 seats, and people without one.
const mostInvited = 6000

func invited(ctx context.Context, q db.Q, network uuid.UUID, now time.Time) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT x.person_id FROM`+invitedTo+` ORDER BY x.person_id LIMIT $3`, network, now, mostInvited)
	return out, err
}

// coming are those invited who have not said no.
func coming(ctx context.Context, q db.Q, network, meeting uuid.UUID, now time.Time) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT x.person_id FROM`+invitedTo+` AND NOT EXISTS (SELECT 1 FROM meeting_answer r
			WHERE r.meeting_id = $4 AND r.person_id = x.person_id AND r.answer = 'no')
		ORDER BY x.person_id LIMIT $3`, network, now, mostInvited, meeting)
	return out, err
}

func isInvited(ctx context.Context, q db.Q, network, person uuid.UUID, now time.Time) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM`+invitedTo+` AND x.person_id = $3)`, network, now, person)
	return ok, err
}

func leads(ctx context.Context, q db.Q, network uuid.UUID, now time.Time) ([]uuid.UUID, error) {
	return access.HoldersOf(ctx, q, access.Coordinator, access.Network, network, now, 5)
}

// putAnswer writes an answer while the meeting takes answers; false when it
// does not (any more). FOR SHARE lets any number answer at once and makes a move
// or cancellation wait for them.
func putAnswer(ctx context.Context, tx *db.Tx, meeting, person uuid.UUID, w Way, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO meeting_answer (meeting_id, person_id, answer, moved, answered_at)
		SELECT id, $2, $3, moved, $4 FROM meeting
		WHERE id = $1 AND state = 'announced' AND starts_at > $4 AND ($3 = 'no' OR $3 = 'onsite' AND onsite OR $3 = 'online' AND online) FOR SHARE
		ON CONFLICT (meeting_id, person_id) DO UPDATE SET answer = excluded.answer, moved = excluded.moved, answered_at = excluded.answered_at`,
		meeting, person, w, now)
	return n == 1, err
}

// voivodeships are those of the schools of the network's people, the code with
// how many; a person without a school counts nowhere.
func voivodeships(ctx context.Context, q db.Q, network uuid.UUID) (map[string]int, error) {
	var rows []struct {
		Code string `db:"code"`
		N    int    `db:"n"`
	}
	err := q.Select(ctx, &rows, `SELECT left(coalesce(i.gmina_code, i.powiat_code), 2) AS code, count(*) AS n
		FROM membership m JOIN institution i ON i.id = m.institution_id
		WHERE m.network_id = $1 AND m.state = 'active' AND coalesce(i.gmina_code, i.powiat_code) IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 16`, network)
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.Code] = r.N
	}
	return out, err
}

var errClosed error = fault.New(fault.Conflict, "schedule.meeting_closed")
