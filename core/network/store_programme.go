package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/place"
)

var (
	_ = db.Constraint("programme_network_one_request", fault.Conflict, "", "network.programme_asked")
	_ = db.Constraint("programme_network_one", fault.Conflict, "", "network.programme_has")
)

// programmeOptions are the programmes that a network of the centre can enter in one
// of the school years from first to last, or that one of them.
func programmeOptions(ctx context.Context, q db.Q, centre, only uuid.UUID, day time.Time, first, last int) ([]ProgrammeOption, error) {
	out := []ProgrammeOption{}
	err := q.Select(ctx, &out, `SELECT p.id, p.code, p.title, p.open_to_networks AS open FROM programme p
		WHERE p.closed_at IS NULL AND (CAST($2 AS uuid) IS NULL OR p.id = $2)
		  AND (p.ends_on IS NULL OR p.ends_on >= greatest(CAST($3 AS date), make_date($4, 9, 1)))
		  AND (p.starts_on IS NULL OR p.starts_on <= make_date($5 + 1, 8, 31))
		  AND (p.centre_id IS NULL OR p.centre_id = $1 OR p.centre_id IN (SELECT t.centre_id FROM institution i
			JOIN centre_territory_on(CAST($3 AS date)) t ON t.powiat_code = i.powiat_code WHERE i.id = $1))
		ORDER BY p.title, p.id LIMIT 100`, centre, nilID(only), day.Format(time.DateOnly), first, last)
	return out, err
}

// programmeCentre is the centre of a programme, null when it is of none; NotFound
// for no programme.
func programmeCentre(ctx context.Context, q db.Q, id uuid.UUID) (uuid.NullUUID, error) {
	var c uuid.NullUUID
	err := q.Get(ctx, &c, `SELECT centre_id FROM programme WHERE id = $1`, id)
	return c, db.NotFound(err)
}

// newTie is a request, or an entry without one.
type newTie struct {
	ID, Network, Programme, By uuid.UUID
	State                      TieState
	Note                       string
	At                         time.Time
}

func insertTie(ctx context.Context, tx *db.Tx, t *newTie) error {
	_, err := tx.Exec(ctx, `INSERT INTO programme_network (id, network_id, programme_id, state, note, asked_by, asked_at, decided_by, decided_at, joined_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $4 = 'in' THEN CAST($6 AS uuid) END, CASE WHEN $4 = 'in' THEN CAST($7 AS timestamptz) END, CASE WHEN $4 = 'in' THEN CAST($7 AS timestamptz) END)`,
		t.ID, t.Network, t.Programme, t.State, t.Note, nilID(t.By), t.At)
	return err
}

// hasRequest reports whether a request of the network waits for an answer.
func hasRequest(ctx context.Context, q db.Q, network uuid.UUID) (waits bool, err error) {
	err = q.Get(ctx, &waits, `SELECT EXISTS (SELECT 1 FROM programme_network WHERE network_id = $1 AND state = 'asked')`, network)
	return waits, err
}

// setProgramme is what every question about now reads; the caller holds the network.
func setProgramme(ctx context.Context, tx *db.Tx, network uuid.UUID, into uuid.NullUUID, since *time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE network SET programme_id = $2, programme_since = $3 WHERE id = $1`, network, into, since)
	return err
}

// endRequest answers the request of a network, or that one of its requests, and
// names the programme. Conflict when it does not wait any more.
func endRequest(ctx context.Context, tx *db.Tx, network, request uuid.UUID, to TieState, reason string, by uuid.UUID, at time.Time) (uuid.UUID, error) {
	var into uuid.UUID
	err := tx.Get(ctx, &into, `UPDATE programme_network SET state = $3, reason = $4, decided_by = $5, decided_at = $6, joined_at = CASE WHEN $3 = 'in' THEN CAST($6 AS timestamptz) END
		WHERE network_id = $1 AND state = 'asked' AND (CAST($2 AS uuid) IS NULL OR id = $2) RETURNING programme_id`, network, nilID(request), string(to), reason, nilID(by), at)
	if db.IsNoRows(err) {
		return into, fault.New(fault.Conflict, "network.programme_answered")
	}
	return into, err
}

// wasTied reports whether a network was ever in a programme.
func wasTied(ctx context.Context, q db.Q, network, programme uuid.UUID) (was bool, err error) {
	err = q.Get(ctx, &was, `SELECT EXISTS (SELECT 1 FROM programme_network WHERE network_id = $1 AND programme_id = $2 AND joined_at IS NOT NULL)`, network, programme)
	return was, err
}

// endTie takes a network out of its programme and names that.
func endTie(ctx context.Context, tx *db.Tx, network uuid.UUID, reason string, by uuid.UUID, at time.Time) (string, error) {
	var name string
	err := tx.Get(ctx, &name, `UPDATE programme_network y SET state = 'left', reason = $2, left_by = $3, left_at = greatest(y.joined_at, $4)
		FROM programme p WHERE p.id = y.programme_id AND y.network_id = $1 AND y.state = 'in' RETURNING p.title`, network, reason, nilID(by), at)
	if db.IsNoRows(err) {
		return "", fault.New(fault.Conflict, "network.programme_none")
	}
	return name, err
}

// tieRow is a tie with who asked.
type tieRow struct {
	Tie
	AskedBy uuid.NullUUID `db:"asked_by"`
}

const tieColumns = `y.id, y.network_id, n.title, c.name AS centre, ` + place.CentreColumns + `, y.programme_id, p.title AS programme, y.state, y.note, y.reason, y.asked_at, y.decided_at, y.joined_at, y.left_at`

const tieTables = ` FROM programme_network y JOIN network n ON n.id = y.network_id JOIN institution c ON c.id = n.centre_id ` + place.CentreJoins + ` JOIN programme p ON p.id = y.programme_id `

func tieByID(ctx context.Context, q db.Q, id uuid.UUID) (*tieRow, error) {
	var t tieRow
	err := q.Get(ctx, &t, `SELECT `+tieColumns+`, y.asked_by`+tieTables+`WHERE y.id = $1`, id)
	return &t, db.NotFound(err)
}

// tiesOf is the history of a network, the newest first.
func tiesOf(ctx context.Context, q db.Q, network uuid.UUID) ([]Tie, error) {
	out := []Tie{}
	err := q.Select(ctx, &out, `SELECT `+tieColumns+tieTables+`WHERE y.network_id = $1 ORDER BY y.asked_at DESC, y.id DESC LIMIT 100`, network)
	return out, err
}

// requestsOf are those that a programme has not answered.
func requestsOf(ctx context.Context, q db.Q, programme uuid.UUID) ([]Tie, error) {
	out := []Tie{}
	err := q.Select(ctx, &out, `SELECT `+tieColumns+tieTables+`WHERE y.programme_id = $1 AND y.state = 'asked' ORDER BY y.asked_at, y.id LIMIT 100`, programme)
	return out, err
}

// networksIn are those that were in a programme at a moment, by title.
func networksIn(ctx context.Context, q db.Q, programme uuid.UUID, at time.Time, drafts bool, title string, id uuid.UUID, limit int) ([]Tie, error) {
	out := []Tie{}
	err := q.Select(ctx, &out, `SELECT `+tieColumns+tieTables+`WHERE y.programme_id = $1 AND y.joined_at <= $2 AND (y.left_at IS NULL OR y.left_at > $2)
		AND ($3 OR n.status <> 'draft') AND (n.title, n.id) > ($4, $5) ORDER BY n.title, n.id LIMIT $6`, programme, at, drafts, title, id, limit)
	return out, err
}
