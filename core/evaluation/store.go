package evaluation

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
)

var (
	_ = db.Constraint("evaluation_round_one_open", fault.Conflict, "", "evaluation.one_open")
	_ = db.Constraint("evaluation_round_promise", fault.Conflict, "", "evaluation.opened")
)

// networkRow is as much of a network as evaluations need.
type networkRow struct {
	ID        uuid.UUID     `db:"network_id"`
	Title     string        `db:"network_title"`
	Status    string        `db:"network_status"`
	Centre    uuid.UUID     `db:"centre_id"`
	Programme uuid.NullUUID `db:"programme_id"`
}

func (n *networkRow) place() access.Place {
	return access.Place{Centre: n.Centre, Programme: n.Programme.UUID, Network: n.ID}
}

// alive refuses changes in networks that are drafts or over.
func (n *networkRow) alive() error {
	switch n.Status {
	case "open":
		return nil
	case "draft":
		return fault.New(fault.Conflict, "evaluation.network_draft")
	}
	return fault.New(fault.Conflict, "evaluation.network_over")
}

const networkColumns = `n.id AS network_id, n.title AS network_title, n.status AS network_status, n.centre_id, n.programme_id`

func findNetwork(ctx context.Context, q db.Q, id uuid.UUID) (networkRow, error) {
	var r networkRow
	err := q.Get(ctx, &r, `SELECT `+networkColumns+` FROM network n WHERE n.id = $1`, id)
	return r, db.NotFound(err)
}

// holdNetwork keeps the network open until the transaction ends.
func holdNetwork(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	var r networkRow
	if err := tx.Get(ctx, &r, `SELECT `+networkColumns+` FROM network n WHERE n.id = $1 FOR SHARE`, id); err != nil {
		return db.NotFound(err)
	}
	return r.alive()
}

type roundRow struct {
	networkRow
	ID         uuid.UUID      `db:"id"`
	Module     string         `db:"module"`
	Tool       string         `db:"tool"`
	Title      string         `db:"title"`
	Design     []byte         `db:"design"`
	Form       sql.NullString `db:"form"`
	State      string         `db:"state"`
	Threshold  int            `db:"threshold"`
	Ballot     uuid.NullUUID  `db:"ballot_id"`
	CreatedAt  time.Time      `db:"created_at"`
	OpenedAt   *time.Time     `db:"opened_at"`
	ClosesAt   *time.Time     `db:"closes_at"`
	ClosedAt   *time.Time     `db:"closed_at"`
	RemindedAt *time.Time     `db:"reminded_at"`
	Outcome    string         `db:"outcome"`
	Version    int            `db:"version"`
	Eligible   int            `db:"eligible"`
	Issued     int            `db:"issued"`
	Answers    int            `db:"answers"`
	MyIssued   sql.NullBool   `db:"my_issued"`
	Result     sql.NullString `db:"result"`
}

// roundSelect reads rounds with their network, the counts of their ballot, and
// how person $2 stands with them; result is NULL but where it is asked for.
const (
	roundColumns = `SELECT r.id, r.module, r.tool, r.title, r.design, r.form, r.state, r.threshold, r.ballot_id, r.created_at, r.opened_at, r.closes_at,
		r.closed_at, r.reminded_at, r.outcome, r.version, ` + networkColumns + `, coalesce(b.eligible, 0) AS eligible,
		coalesce(b.issued, (SELECT count(*) FROM ballot_voter x WHERE x.ballot_id = b.id AND x.issued)) AS issued,
		coalesce(b.answers, (SELECT count(*) FROM ballot_paper x WHERE x.ballot_id = b.id AND x.sealed IS NOT NULL)) AS answers, v.issued AS my_issued`
	roundFrom = ` FROM evaluation_round r JOIN network n ON n.id = r.network_id LEFT JOIN ballot b ON b.id = r.ballot_id
		LEFT JOIN ballot_voter v ON v.ballot_id = r.ballot_id AND v.person_id = $2`
	roundSelect = roundColumns + `, CAST(NULL AS text) AS result` + roundFrom
)

func (r *roundRow) round() (*Round, error) {
	out := &Round{
		ID: r.ID, Network: r.networkRow.ID, NetworkTitle: r.networkRow.Title, Tool: effect.Qualify(r.Module, r.Tool), Title: r.Title, State: State(r.State),
		Threshold: r.Threshold, CreatedAt: r.CreatedAt, OpenedAt: r.OpenedAt, ClosesAt: r.ClosesAt, ClosedAt: r.ClosedAt, RemindedAt: r.RemindedAt,
		Outcome: Outcome(r.Outcome), Counts: ballot.Counts{Eligible: r.Eligible, Issued: r.Issued, Answers: r.Answers}, Version: r.Version,
		Me: Standing{Listed: r.MyIssued.Valid, Issued: r.MyIssued.Bool}, ballot: r.Ballot.UUID, place: r.place(), alive: r.alive(),
	}
	var d struct{ Questions []string }
	if err := json.Unmarshal(r.Design, &d); err != nil {
		return nil, fmt.Errorf("design of evaluation %s: %w", r.ID, err)
	}
	out.Questions = d.Questions
	if r.Form.Valid {
		f, err := loadForm(r.Form.String)
		if err != nil {
			return nil, fmt.Errorf("questionnaire of evaluation %s: %w", r.ID, err)
		}
		out.Form = f
	}
	return out, nil
}

func findRound(ctx context.Context, q db.Q, id, person uuid.UUID) (*Round, error) {
	var r roundRow
	if err := q.Get(ctx, &r, roundSelect+` WHERE r.id = $1`, id, nullID(person)); err != nil {
		return nil, db.NotFound(err)
	}
	return r.round()
}

// findResult is findRound with what was found.
func findResult(ctx context.Context, q db.Q, id, person uuid.UUID) (*Round, []byte, error) {
	var r roundRow
	if err := q.Get(ctx, &r, roundColumns+`, r.result`+roundFrom+` WHERE r.id = $1`, id, nullID(person)); err != nil {
		return nil, nil, db.NotFound(err)
	}
	out, err := r.round()
	return out, []byte(r.Result.String), err
}

// roundOf is the round of a ballot, for whoever has a code and no name.
func roundOf(ctx context.Context, q db.Q, of uuid.UUID) (*Round, error) {
	var r roundRow
	if err := q.Get(ctx, &r, roundSelect+` WHERE r.ballot_id = $1`, of, uuid.NullUUID{}); err != nil {
		return nil, db.NotFound(err)
	}
	return r.round()
}

func listRounds(ctx context.Context, q db.Q, network, person uuid.UUID, limit int) ([]*Round, error) {
	var rows []roundRow
	if err := q.Select(ctx, &rows, roundSelect+` WHERE r.network_id = $1 ORDER BY r.id DESC LIMIT $3`, network, nullID(person), limit); err != nil {
		return nil, err
	}
	out := make([]*Round, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].round(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func insertRound(ctx context.Context, tx *db.Tx, id, network uuid.UUID, in *Plan, by uuid.UUID, at time.Time) error {
	d, err := planDocument(in)
	if err != nil {
		return err
	}
	module, local, _ := effect.Split(in.Tool)
	_, err = tx.Exec(ctx, `INSERT INTO evaluation_round (id, network_id, module, tool, title, design, closes_at, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, CAST($6 AS jsonb), $7, $8, $9)`, id, network, module, local, in.Title, d, nullTime(in.Closes), nullID(by), at)
	return err
}

func updatePlan(ctx context.Context, tx *db.Tx, id uuid.UUID, version int, in *Plan) (bool, error) {
	d, err := planDocument(in)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `UPDATE evaluation_round SET title = $3, design = CAST($4 AS jsonb), closes_at = $5, version = version + 1
		WHERE id = $1 AND version = $2 AND state = 'draft'`, id, version, in.Title, d, nullTime(in.Closes))
	return n == 1, err
}

func deleteDraft(ctx context.Context, tx *db.Tx, id uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM evaluation_round WHERE id = $1 AND state = 'draft'`, id)
	return n == 1, err
}

func updateOpened(ctx context.Context, tx *db.Tx, id uuid.UUID, version int, box uuid.UUID, form string, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE evaluation_round SET state = 'open', ballot_id = $3, form = $4, opened_at = $5, version = version + 1
		WHERE id = $1 AND version = $2 AND state = 'draft'`, id, version, box, form, at)
	return n == 1, err
}

func updateReminded(ctx context.Context, tx *db.Tx, id uuid.UUID, at, before time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE evaluation_round SET reminded_at = $2 WHERE id = $1 AND state = 'open' AND (reminded_at IS NULL OR reminded_at <= $3)`, id, at, before)
	return n == 1, err
}

func lockOpen(ctx context.Context, tx *db.Tx, id uuid.UUID) (bool, error) {
	var state string
	err := tx.Get(ctx, &state, `SELECT state FROM evaluation_round WHERE id = $1 FOR UPDATE`, id)
	return state == string(Open), db.NotFound(err)
}

func updateClosed(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time, o Outcome) error {
	_, err := tx.Exec(ctx, `UPDATE evaluation_round SET state = 'closed', closed_at = $2, outcome = $3, version = version + 1 WHERE id = $1`, id, at, string(o))
	return err
}

func saveOutcome(ctx context.Context, tx *db.Tx, id uuid.UUID, o Outcome, result []byte) error {
	_, err := tx.Exec(ctx, `UPDATE evaluation_round SET outcome = $2, result = $3 WHERE id = $1 AND state = 'closed' AND outcome IN ('pending', 'failed')`,
		id, string(o), sql.NullString{String: string(result), Valid: result != nil})
	return err
}

func dueRounds(ctx context.Context, q db.Q, now time.Time, limit int) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT id FROM evaluation_round WHERE state = 'open' AND closes_at <= $1 ORDER BY closes_at LIMIT $2`, now, limit)
	return ids, err
}

func pendingRounds(ctx context.Context, q db.Q, limit int) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT id FROM evaluation_round WHERE outcome = 'pending' ORDER BY id LIMIT $1`, limit)
	return ids, err
}

// maxAnswerers is above the largest network (5,000 seats).
const maxAnswerers = 10_000

// answerers are who is asked: the active members, but for whoever leads the
// network, whose work is among what is evaluated.
func answerers(ctx context.Context, q db.Q, network uuid.UUID, now time.Time) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT m.person_id FROM membership m WHERE m.network_id = $1 AND m.state = 'active'
		AND NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = m.person_id AND g.scope_kind = 'network' AND g.scope_id = $1 AND g.role = 'coordinator'
			AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2))
		ORDER BY m.person_id LIMIT $3`, network, now, maxAnswerers)
	return ids, err
}

func statusOf(ctx context.Context, q db.Q, network uuid.UUID) (Status, error) {
	var r struct {
		ID       uuid.UUID  `db:"id"`
		State    string     `db:"state"`
		Outcome  string     `db:"outcome"`
		Invited  int        `db:"eligible"`
		Answered int        `db:"answers"`
		Opened   *time.Time `db:"opened_at"`
		Closes   *time.Time `db:"closes_at"`
		Closed   *time.Time `db:"closed_at"`
	}
	err := q.Get(ctx, &r, `SELECT r.id, r.state, r.outcome, b.eligible, coalesce(b.answers, (SELECT count(*) FROM ballot_paper x WHERE x.ballot_id = b.id AND x.sealed IS NOT NULL)) AS answers,
			r.opened_at, r.closes_at, r.closed_at
		FROM evaluation_round r JOIN ballot b ON b.id = r.ballot_id WHERE r.network_id = $1 AND r.state <> 'draft' ORDER BY r.opened_at DESC, r.id DESC LIMIT 1`, network)
	if db.IsNoRows(err) {
		return Status{}, nil
	}
	return Status{Round: r.ID, State: State(r.State), Outcome: Outcome(r.Outcome), Invited: r.Invited, Answered: r.Answered, Opened: r.Opened, Closes: r.Closes, Closed: r.Closed}, err
}

// panelPart is what a network's home shows: the newest round that was opened.
func panelPart() gather.Part {
	return gather.Part{Key: "evaluation.panel", SQL: `SELECT r.id, r.title, r.state, r.outcome, r.closes_at, b.eligible,
			coalesce(b.answers, (SELECT count(*) FROM ballot_paper x WHERE x.ballot_id = b.id AND x.sealed IS NOT NULL)) AS answers,
			v.person_id IS NOT NULL AS listed, coalesce(v.issued, false) AS issued
		FROM evaluation_round r JOIN ballot b ON b.id = r.ballot_id LEFT JOIN ballot_voter v ON v.ballot_id = b.id AND v.person_id = $1
		WHERE r.network_id = $2 AND r.state <> 'draft' ORDER BY r.opened_at DESC, r.id DESC LIMIT 1`}
}

// todoPart is which questionnaires wait for the person.
func todoPart() gather.Part {
	return gather.Part{Key: "evaluation.todo", SQL: `SELECT r.id, r.title, n.title AS network, r.closes_at
		FROM ballot_voter v JOIN evaluation_round r ON r.ballot_id = v.ballot_id JOIN network n ON n.id = r.network_id
		WHERE v.person_id = $1 AND NOT v.issued AND r.state = 'open' AND n.status = 'open' ORDER BY r.closes_at, r.id LIMIT $4`}
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

func nullTime(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: !t.IsZero()} }
