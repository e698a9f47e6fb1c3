package library

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
)

type planRow struct {
	Network   uuid.UUID     `db:"id"`
	Title     string        `db:"title"`
	Status    string        `db:"status"`
	Centre    uuid.UUID     `db:"centre_id"`
	Programme uuid.NullUUID `db:"programme_id"`
	Steps     []byte        `db:"steps"`
	Products  []byte        `db:"products"`
}

func (r *planRow) place() access.Place {
	return access.Place{Centre: r.Centre, Programme: r.Programme.UUID, Network: r.Network}
}

const productSQL = `SELECT r.id, r.title, r.kind, r.licence, r.audience, r.useful, (SELECT count(*) FROM resource_use u WHERE u.resource_id = r.id) AS uses
	FROM resource r WHERE r.network_id = $1 AND r.product AND r.state = 'shared' ORDER BY r.id LIMIT `

func readPlan(ctx context.Context, q db.Q, network uuid.UUID) (*planRow, error) {
	var r planRow
	err := q.Get(ctx, &r, `SELECT n.id, n.title, n.status, n.centre_id, n.programme_id,
			coalesce((SELECT json_agg(d) FROM (SELECT d.id, d.resource_id, coalesce(r.title, '') AS resource, d.what, d.audience, d.way, to_char(d.due, 'YYYY-MM-DD"T00:00:00Z"') AS due,
					d.who, d.state, d.outcome, to_char(d.done_on, 'YYYY-MM-DD"T00:00:00Z"') AS done_on, d.version
				FROM dissemination d LEFT JOIN resource r ON r.id = d.resource_id WHERE d.network_id = n.id ORDER BY d.due, d.id LIMIT 100) d), '[]') AS steps,
			coalesce((SELECT json_agg(x) FROM (`+productSQL+`200) x), '[]') AS products
		FROM network n WHERE n.id = $1`, network)
	return &r, db.NotFound(err)
}

func (r *planRow) plan() (*Plan, error) {
	p := &Plan{Network: r.Network, Title: r.Title, Open: r.Status == "open"}
	var rows []struct {
		Step
		Resource *uuid.UUID `json:"resource_id"`
		DoneOn   *time.Time `json:"done_on"`
	}
	if err := json.Unmarshal(r.Steps, &rows); err != nil {
		return nil, err
	}
	p.Steps = make([]Step, len(rows))
	for i, x := range rows {
		p.Steps[i] = x.Step
		if x.Resource != nil {
			p.Steps[i].Resource = *x.Resource
		}
		if x.DoneOn != nil {
			p.Steps[i].DoneOn = *x.DoneOn
		}
	}
	return p, json.Unmarshal(r.Products, &p.Products)
}

func productsOf(ctx context.Context, q db.Q, network uuid.UUID, limit int) ([]Product, error) {
	var out []Product
	err := q.Select(ctx, &out, productSQL+`$2`, network, limit)
	return out, err
}

func hasPlan(ctx context.Context, q db.Q, network uuid.UUID) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM dissemination WHERE network_id = $1 AND state <> 'dropped')`, network)
	return ok, err
}

// fits is true for no resource and for one of the plan's own network.
const fits = `(CAST($3 AS uuid) IS NULL OR EXISTS (SELECT 1 FROM resource r WHERE r.id = $3 AND r.network_id = $2 AND r.state = 'shared'))`

// insertStep reports false for a resource that is not the network's, or a full plan.
func insertStep(ctx context.Context, tx *db.Tx, id, network uuid.UUID, in *StepInput, by uuid.UUID, at time.Time, most int) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO dissemination (id, network_id, resource_id, what, audience, way, due, who, created_by, created_at)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE `+fits+` AND (SELECT count(*) FROM dissemination WHERE network_id = $2) < $11`,
		id, network, nilID(in.Resource), in.What, in.Audience, in.Way, day(in.Due), in.Who, by, at, most)
	return n == 1, err
}

func lockStep(ctx context.Context, tx *db.Tx, network, id uuid.UUID) (int, error) {
	var version int
	err := tx.Get(ctx, &version, `SELECT version FROM dissemination WHERE id = $1 AND network_id = $2 FOR UPDATE`, id, network)
	return version, db.NotFound(err)
}

func updateStep(ctx context.Context, tx *db.Tx, network, id uuid.UUID, in *StepInput) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE dissemination SET resource_id = $3, what = $4, audience = $5, way = $6, due = $7, who = $8, version = version + 1
		WHERE id = $1 AND network_id = $2 AND `+fits, id, network, nilID(in.Resource), in.What, in.Audience, in.Way, day(in.Due), in.Who)
	return n == 1, err
}

func setStep(ctx context.Context, tx *db.Tx, id uuid.UUID, state StepState, outcome string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE dissemination SET state = $2, outcome = $3, done_on = CASE WHEN $2 = 'done' THEN CAST($4 AS date) END, version = version + 1 WHERE id = $1`,
		id, state, outcome, now.In(clock.Warsaw).Format(time.DateOnly))
	return err
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func nilID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
