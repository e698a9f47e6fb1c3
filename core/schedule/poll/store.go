package poll

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
)

var _ = db.Constraint("poll_slot_once", fault.Invalid, "slots", "poll.slot_twice")

// networkRow is a network as its polls need it.
type networkRow struct {
	Network       uuid.UUID     `db:"network_id"`
	NetworkTitle  string        `db:"network_title"`
	Module        string        `db:"module"`
	Type          string        `db:"type"`
	NetworkStatus string        `db:"network_status"`
	SchoolYear    int           `db:"school_year"`
	Centre        uuid.UUID     `db:"centre_id"`
	Programme     uuid.NullUUID `db:"programme_id"`
}

func (n *networkRow) place() access.Place {
	return access.Place{Centre: n.Centre, Programme: n.Programme.UUID, Network: n.Network}
}

func (n *networkRow) qualified() string { return effect.Qualify(n.Module, n.Type) }

func (n *networkRow) network() Network {
	return Network{ID: n.Network, Title: n.NetworkTitle, Status: n.NetworkStatus, Type: n.qualified(), At: n.place()}
}

const networkColumns = `n.id AS network_id, n.title AS network_title, n.module, n.type, n.status AS network_status, n.school_year, n.centre_id, n.programme_id`

func readNetwork(ctx context.Context, q db.Q, id uuid.UUID) (*networkRow, error) {
	var n networkRow
	err := q.Get(ctx, &n, `SELECT `+networkColumns+` FROM network n WHERE n.id = $1`, id)
	return &n, db.NotFound(err)
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
		return conflict("poll.network_draft")
	}
	return conflict("poll.network_over")
}

// asked are the people of a network who are asked: the arguments are SQL
// expressions of its id and of the moment. lead is the role of those who lead it
// and of its experts, ” for the others.
func asked(network, at string) string {
	return `(SELECT r.person_id, coalesce(min(r.role) FILTER (WHERE r.role IN ('coordinator', 'expert')), '') AS lead FROM role_grant r
		WHERE r.scope_kind = 'network' AND r.scope_id = ` + network + ` AND r.role IN ('participant', 'coordinator', 'expert', 'moderator')
			AND r.valid_from <= ` + at + ` AND (r.valid_to IS NULL OR r.valid_to > ` + at + `) GROUP BY r.person_id)`
}

type pollRow struct {
	networkRow
	ID            uuid.UUID     `db:"id"`
	Kind          string        `db:"kind"`
	Title         string        `db:"title"`
	Note          string        `db:"note"`
	State         State         `db:"state"`
	AnswerBy      time.Time     `db:"answer_by"`
	ChosenSlot    uuid.NullUUID `db:"chosen_slot"`
	Meeting       uuid.NullUUID `db:"meeting_id"`
	RemindedAt    sql.NullTime  `db:"reminded_at"`
	Version       int           `db:"version"`
	ChosenStarts  sql.NullTime  `db:"chosen_starts"`
	MeetingStarts sql.NullTime  `db:"meeting_starts"`
	MeetingState  string        `db:"meeting_state"`
	Slots         int           `db:"slots"`
	Asked         int           `db:"asked"`
	Answered      int           `db:"answered"`
	Mine          int           `db:"mine"`
}

func (r *pollRow) poll() Poll {
	p := Poll{ID: r.ID, Network: r.network(), Kind: r.Kind, Title: r.Title, Note: r.Note, State: r.State, AnswerBy: r.AnswerBy.UTC(), Slots: r.Slots,
		Asked: r.Asked, Answered: r.Answered, Mine: r.Mine, MeetingState: r.MeetingState, Version: r.Version}
	if r.ChosenSlot.Valid {
		p.ChosenSlot, p.ChosenStarts = &r.ChosenSlot.UUID, instant(r.ChosenStarts)
	}
	if r.Meeting.Valid {
		p.Meeting, p.MeetingStarts = &r.Meeting.UUID, instant(r.MeetingStarts)
	}
	return p
}

func instant(t sql.NullTime) *time.Time {
	if !t.Valid {
		return nil
	}
	u := t.Time.UTC()
	return &u
}

// pollSelect reads polls with their counts for the reader $1 at the moment $2.
var pollSelect = `SELECT ` + networkColumns + `, p.id, p.kind, p.title, p.note, p.state, p.answer_by, p.chosen_slot, p.meeting_id, p.reminded_at, p.version,
		c.starts_at AS chosen_starts, m.starts_at AS meeting_starts, coalesce(m.state, '') AS meeting_state,
		(SELECT count(*) FROM poll_slot s WHERE s.poll_id = p.id) AS slots,
		(SELECT count(*) FROM ` + asked("p.network_id", "$2") + ` k) AS asked,
		(SELECT count(DISTINCT x.person_id) FROM poll_answer x JOIN poll_slot s ON s.id = x.slot_id JOIN ` + asked("p.network_id", "$2") + ` k ON k.person_id = x.person_id
			WHERE s.poll_id = p.id) AS answered,
		(SELECT count(*) FROM poll_answer x JOIN poll_slot s ON s.id = x.slot_id WHERE s.poll_id = p.id AND x.person_id = $1) AS mine
	FROM poll p JOIN network n ON n.id = p.network_id LEFT JOIN poll_slot c ON c.id = p.chosen_slot LEFT JOIN meeting m ON m.id = p.meeting_id`

func readPoll(ctx context.Context, q db.Q, id, person uuid.UUID, at time.Time) (*pollRow, error) {
	var r pollRow
	err := q.Get(ctx, &r, pollSelect+` WHERE p.id = $3`, person, at, id)
	return &r, db.NotFound(err)
}

func listPolls(ctx context.Context, q db.Q, network, person uuid.UUID, at time.Time, last uuid.UUID, limit int) ([]pollRow, error) {
	var rows []pollRow
	err := q.Select(ctx, &rows, pollSelect+` WHERE p.network_id = $3 AND p.id < $4 ORDER BY p.id DESC LIMIT $5`, person, at, network, last, limit)
	return rows, err
}

func insertPoll(ctx context.Context, tx *db.Tx, id, network, by uuid.UUID, in *Input, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO poll (id, network_id, kind, title, note, answer_by, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, network, in.Kind, in.Title, in.Note, in.AnswerBy, uuid.NullUUID{UUID: by, Valid: by != uuid.Nil}, at)
	return err
}

// updatePoll also lets the people be reminded anew of a later date.
func updatePoll(ctx context.Context, tx *db.Tx, id uuid.UUID, in *Input) error {
	_, err := tx.Exec(ctx, `UPDATE poll SET kind = $2, title = $3, note = $4, answer_by = $5, version = version + 1,
			reminded_at = CASE WHEN answer_by = $5 THEN reminded_at END, due_told_at = CASE WHEN answer_by = $5 THEN due_told_at END
		WHERE id = $1`, id, in.Kind, in.Title, in.Note, in.AnswerBy)
	return err
}

type slotRow struct {
	ID     uuid.UUID `db:"id"`
	Starts time.Time `db:"starts_at"`
	Ends   time.Time `db:"ends_at"`
}

func findSlot(ctx context.Context, q db.Q, poll, id uuid.UUID) (*slotRow, error) {
	var r slotRow
	if err := q.Get(ctx, &r, `SELECT id, starts_at, ends_at FROM poll_slot WHERE poll_id = $1 AND id = $2`, poll, id); err != nil {
		return nil, db.NotFound(err)
	}
	r.Starts, r.Ends = r.Starts.UTC(), r.Ends.UTC()
	return &r, nil
}

func slotIDs(ctx context.Context, q db.Q, poll uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT id FROM poll_slot WHERE poll_id = $1 LIMIT $2`, poll, MaxSlots)
	return ids, err
}

func insertSlots(ctx context.Context, tx *db.Tx, poll uuid.UUID, slots []Span) error {
	var ids, starts, ends []string
	for _, s := range slots {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		ids, starts, ends = append(ids, id.String()), append(starts, s.Starts.Format(time.RFC3339)), append(ends, s.Ends.Format(time.RFC3339))
	}
	_, err := tx.Exec(ctx, `INSERT INTO poll_slot (id, poll_id, starts_at, ends_at)
		SELECT CAST(x.id AS uuid), $1, CAST(x.starts AS timestamptz), CAST(x.ends AS timestamptz)
		FROM unnest(CAST($2 AS text[]), CAST($3 AS text[]), CAST($4 AS text[])) AS x (id, starts, ends)`, poll, pq.Array(ids), pq.Array(starts), pq.Array(ends))
	return err
}

// replaceSlots drops slots that are not among those kept, moves none, and adds
// the new ones; it returns how many were added. A kept slot at another time is a
// new one: answers were given to the old time.
func replaceSlots(ctx context.Context, tx *db.Tx, poll uuid.UUID, slots []Span) (int, error) {
	var have []slotRow
	if err := tx.Select(ctx, &have, `SELECT id, starts_at, ends_at FROM poll_slot WHERE poll_id = $1 LIMIT $2`, poll, MaxSlots); err != nil {
		return 0, err
	}
	same := map[[2]int64]uuid.UUID{}
	for _, h := range have {
		same[[2]int64{h.Starts.Unix(), h.Ends.Unix()}] = h.ID
	}
	var keep []string
	var fresh []Span
	for _, s := range slots {
		if id, ok := same[[2]int64{s.Starts.Unix(), s.Ends.Unix()}]; ok {
			keep = append(keep, id.String())
		} else {
			fresh = append(fresh, s)
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM poll_slot WHERE poll_id = $1 AND NOT id = ANY(CAST($2 AS uuid[]))`, poll, pq.Array(keep)); err != nil {
		return 0, err
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	return len(fresh), insertSlots(ctx, tx, poll, fresh)
}

type lockRow struct {
	State      State         `db:"state"`
	Version    int           `db:"version"`
	ChosenSlot uuid.NullUUID `db:"chosen_slot"`
	Meeting    uuid.NullUUID `db:"meeting_id"`
	RemindedAt sql.NullTime  `db:"reminded_at"`
}

func lockPoll(ctx context.Context, tx *db.Tx, id uuid.UUID) (*lockRow, error) {
	var r lockRow
	err := tx.Get(ctx, &r, `SELECT state, version, chosen_slot, meeting_id, reminded_at FROM poll WHERE id = $1 FOR UPDATE`, id)
	return &r, db.NotFound(err)
}

// holdPoll holds a poll and its open network against being closed meanwhile.
func holdPoll(ctx context.Context, tx *db.Tx, network, id uuid.UUID) (State, error) {
	if err := holdOpen(ctx, tx, network); err != nil {
		return "", err
	}
	var state State
	err := tx.Get(ctx, &state, `SELECT state FROM poll WHERE id = $1 FOR SHARE`, id)
	return state, db.NotFound(err)
}

func setClosed(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE poll SET state = 'closed', closed_at = $2, version = version + 1 WHERE id = $1`, id, at)
	return err
}

func setOpen(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE poll SET state = 'open', closed_at = NULL, version = version + 1 WHERE id = $1`, id)
	return err
}

func setChosen(ctx context.Context, tx *db.Tx, id, slot, meeting uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE poll SET state = 'chosen', chosen_slot = $2, meeting_id = $3, closed_at = $4, version = version + 1 WHERE id = $1`, id, slot, meeting, at)
	return err
}

func setReminded(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE poll SET reminded_at = $2 WHERE id = $1`, id, at)
	return err
}

func setDueTold(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE poll SET due_told_at = $2 WHERE id = $1`, id, at)
	return err
}

// duePolls lists open polls of open networks with something to tell.
func duePolls(ctx context.Context, q db.Q, at time.Time, ahead time.Duration, limit int) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT p.id FROM poll p JOIN network n ON n.id = p.network_id
		WHERE p.state = 'open' AND n.status = 'open' AND p.answer_by <= $2
			AND (p.answer_by <= $1 AND p.due_told_at IS NULL OR p.answer_by > $1 AND p.reminded_at IS NULL)
		ORDER BY p.answer_by, p.id LIMIT $3`, at, at.Add(ahead), limit)
	return ids, err
}

type dueRow struct {
	Reminded bool `db:"reminded"`
	DueTold  bool `db:"due_told"`
}

// lockDue locks an open poll that nobody else is sweeping.
func lockDue(ctx context.Context, tx *db.Tx, id uuid.UUID) (*dueRow, error) {
	var r dueRow
	err := tx.Get(ctx, &r, `SELECT reminded_at IS NOT NULL AS reminded, due_told_at IS NOT NULL AS due_told FROM poll
		WHERE id = $1 AND state = 'open' FOR UPDATE SKIP LOCKED`, id)
	return &r, err
}
