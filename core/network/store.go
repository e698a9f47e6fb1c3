package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/place"
)

var (
	_ = db.Constraint("network_one_successor", fault.Conflict, "", "network.successor_exists")
	_ = db.Constraint("network_title", fault.Invalid, "title", "network.title_length")
	_ = db.Constraint("network_seat_taken", fault.Conflict, "", "network.full")
	_ = db.Constraint("handover_one_open", fault.Conflict, "", "network.handover_open")
)

// head is the part of a network that decides acts.
type head struct {
	ID            uuid.UUID     `db:"id"`
	Module        string        `db:"module"`
	Type          string        `db:"type"`
	Programme     uuid.NullUUID `db:"programme_id"`
	Centre        uuid.UUID     `db:"centre_id"`
	Title         string        `db:"title"`
	Aim           string        `db:"aim"`
	SchoolYear    int           `db:"school_year"`
	Status        Status        `db:"status"`
	Stage         string        `db:"stage"`
	Join          JoinMode      `db:"join_mode"`
	OnePerSchool  bool          `db:"one_per_school"`
	PriorityUntil *time.Time    `db:"priority_until"`
	Version       int           `db:"version"`
}

const headColumns = `n.id, n.module, n.type, n.programme_id, n.centre_id, n.title, n.aim, n.school_year, n.status, n.stage,
	n.join_mode, n.one_per_school, n.priority_until, n.version`

func readHead(ctx context.Context, q db.Q, id uuid.UUID) (head, error) {
	var h head
	err := q.Get(ctx, &h, `SELECT `+headColumns+` FROM network n WHERE n.id = $1`, id)
	return h, db.NotFound(err)
}

func lockHead(ctx context.Context, tx *db.Tx, id uuid.UUID) (head, error) {
	var h head
	err := tx.Get(ctx, &h, `SELECT `+headColumns+` FROM network n WHERE n.id = $1 FOR NO KEY UPDATE`, id)
	return h, db.NotFound(err)
}

// priority reports whether seconds of a school still wait at the time.
func (h *head) priority(now time.Time) bool {
	return h.OnePerSchool && (h.PriorityUntil == nil || h.PriorityUntil.After(now))
}

// settings are the head's as people set them.
func (h *head) settings(capacity *int) Settings {
	s := Settings{Title: h.Title, Aim: h.Aim, SchoolYear: h.SchoolYear, Join: h.Join, OnePerSchool: h.OnePerSchool}
	if capacity != nil {
		s.Capacity = *capacity
	}
	if h.PriorityUntil != nil {
		s.PriorityUntil = *h.PriorityUntil
	}
	return s
}

// seats is the locked counter of a network.
type seats struct {
	Capacity *int `db:"capacity"`
	Taken    int  `db:"taken"`
	Members  int  `db:"members"`
}

// free is the number of seats left; a very large number without a limit.
func (s *seats) free() int {
	if s.Capacity == nil {
		return MaxCapacity - s.Taken
	}
	return *s.Capacity - s.Taken
}

// lockSeats takes the lock under which memberships of the network change.
// Statements that follow see everything that earlier holders committed.
func lockSeats(ctx context.Context, tx *db.Tx, id uuid.UUID) (seats, error) {
	var s seats
	err := tx.Get(ctx, &s, `SELECT capacity, taken, members FROM network_seat WHERE network_id = $1 FOR UPDATE`, id)
	return s, db.NotFound(err)
}

// add changes the counters of a locked network.
func (s *seats) add(ctx context.Context, tx *db.Tx, id uuid.UUID, taken, members int) error {
	if taken == 0 && members == 0 {
		return nil
	}
	s.Taken, s.Members = s.Taken+taken, s.Members+members
	_, err := tx.Exec(ctx, `UPDATE network_seat SET taken = $2, members = $3 WHERE network_id = $1`, id, s.Taken, s.Members)
	return err
}

// newNetwork is a network to be inserted.
type newNetwork struct {
	ID, Centre, FoundedBy  uuid.UUID
	Programme, Predecessor uuid.NullUUID
	Module, Type, Stage    string
	Status                 Status
	Settings               Settings
	Folded                 string
	At                     time.Time
}

func insertNetwork(ctx context.Context, tx *db.Tx, n *newNetwork) error {
	var opened *time.Time
	if n.Status == Open {
		opened = &n.At
	}
	_, err := tx.Exec(ctx, `INSERT INTO network (id, module, type, programme_id, centre_id, title, title_folded, aim, school_year, stage, status,
			join_mode, one_per_school, priority_until, predecessor_id, founded_by, created_at, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		n.ID, n.Module, n.Type, n.Programme, n.Centre, n.Settings.Title, n.Folded, n.Settings.Aim, n.Settings.SchoolYear, n.Stage, n.Status,
		n.Settings.Join, n.Settings.OnePerSchool, timeOrNil(n.Settings.PriorityUntil), n.Predecessor, nilID(n.FoundedBy), n.At, opened)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO network_seat (network_id, capacity) VALUES ($1, nullif($2, 0))`, n.ID, n.Settings.Capacity)
	return err
}

// updateSettings writes at a version; false when it is another one meanwhile.
func updateSettings(ctx context.Context, tx *db.Tx, id uuid.UUID, version int, s *Settings, folded string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE network SET title = $3, title_folded = $4, aim = $5, school_year = $6, join_mode = $7,
			one_per_school = $8, priority_until = $9, version = version + 1
		WHERE id = $1 AND version = $2`,
		id, version, s.Title, folded, s.Aim, s.SchoolYear, s.Join, s.OnePerSchool, timeOrNil(s.PriorityUntil))
	return n == 1, err
}

func setCapacity(ctx context.Context, tx *db.Tx, id uuid.UUID, capacity int) error {
	_, err := tx.Exec(ctx, `UPDATE network_seat SET capacity = nullif($2, 0) WHERE network_id = $1`, id, capacity)
	return err
}

// setOpen turns a draft into an open network; false when it was no draft.
func setOpen(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE network SET status = 'open', opened_at = $2, version = version + 1 WHERE id = $1 AND status = 'draft'`, id, at)
	return n == 1, err
}

// setStage moves the network on; false when it is not in from any more.
func setStage(ctx context.Context, tx *db.Tx, id uuid.UUID, from, to string, closed bool, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE network SET stage = $3, version = version + 1,
			status = CASE WHEN $4 THEN 'closed' ELSE status END,
			closed_at = CASE WHEN $4 THEN CAST($5 AS timestamptz) ELSE closed_at END
		WHERE id = $1 AND stage = $2`, id, from, to, closed, at)
	return n == 1, err
}

// endQueue lets everybody go who was not inside when the network ended.
func endQueue(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE membership SET state = 'expired', offered_until = NULL, ended_at = $2, changed_at = $2, version = version + 1
		WHERE network_id = $1 AND state IN ('requested', 'waiting', 'offered')`, id, at)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE network_seat SET taken = (SELECT count(*) FROM membership WHERE network_id = $1 AND state = 'active' AND seat)
		WHERE network_id = $1`, id)
	return err
}

// centreIs reports whether the institution may run networks: an open centre, or ORE.
func centreIs(ctx context.Context, q db.Q, id uuid.UUID) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM institution WHERE id = $1 AND kind IN ('centre', 'ore', 'library', 'counselling', 'local_government', 'department') AND closed_on IS NULL)`, id)
	return ok, err
}

func centreOf(ctx context.Context, q db.Q, id uuid.UUID) (centreRow, error) {
	var c centreRow
	err := q.Get(ctx, &c, `SELECT i.name, `+place.Columns+` FROM institution i `+place.Joins+` WHERE i.id = $1`, id)
	return c, db.NotFound(err)
}

func foundingCentres(ctx context.Context, q db.Q, reach access.Reach, limit int) ([]CentreOption, error) {
	var out []CentreOption
	if reach.All {
		err := q.Select(ctx, &out, `SELECT i.id, i.name, `+place.Columns+` FROM institution i `+place.Joins+` WHERE i.kind IN ('centre', 'ore', 'department') AND i.closed_on IS NULL ORDER BY i.name_folded, i.id LIMIT $1`, limit)
		return out, err
	}
	err := q.Select(ctx, &out, `SELECT i.id, i.name, `+place.Columns+` FROM institution i `+place.Joins+` WHERE i.id = ANY ($1) AND i.closed_on IS NULL ORDER BY i.name_folded, i.id LIMIT $2`, pq.Array(reach.Centres), limit)
	return out, err
}

// isActive reports whether the account is in use.
func isActive(ctx context.Context, q db.Q, person uuid.UUID) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM person WHERE id = $1 AND state = 'active')`, person)
	return ok, err
}
