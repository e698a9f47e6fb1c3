package programme

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

var (
	_ = db.Constraint("programme_deliverable_once", fault.Invalid, "title", "programme.deliverable_twice")
	_ = db.Constraint("programme_deliverable_item_once", fault.Invalid, "link", "programme.item_twice")
)

func deliverablesOf(ctx context.Context, q db.Q, programme uuid.UUID) ([]Deliverable, error) {
	out := []Deliverable{}
	err := q.Select(ctx, &out, `SELECT d.id, d.title, d.kind, d.target, d.version, (SELECT count(*) FROM programme_deliverable_item i WHERE i.deliverable_id = d.id) AS actual
		FROM programme_deliverable d WHERE d.programme_id = $1 ORDER BY d.title, d.id LIMIT 100`, programme)
	return out, err
}

func insertDeliverable(ctx context.Context, tx *db.Tx, programme uuid.UUID, d *Deliverable) error {
	_, err := tx.Exec(ctx, `INSERT INTO programme_deliverable (id, programme_id, title, kind, target) VALUES ($1, $2, $3, $4, $5)`, d.ID, programme, d.Title, d.Kind, d.Target)
	return err
}

func updateDeliverable(ctx context.Context, tx *db.Tx, programme, id uuid.UUID, target int, version int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE programme_deliverable SET target = $3, version = version + 1 WHERE id = $1 AND programme_id = $2 AND version = $4`, id, programme, target, version)
}

func itemsOf(ctx context.Context, q db.Q, programme, deliverable, after uuid.UUID, limit int) ([]DeliverableItem, error) {
	out := []DeliverableItem{}
	err := q.Select(ctx, &out, `SELECT i.id, i.title, i.link, i.done_on FROM programme_deliverable_item i JOIN programme_deliverable d ON d.id = i.deliverable_id
		WHERE i.deliverable_id = $1 AND d.programme_id = $2 AND (CAST($3 AS uuid) IS NULL OR i.id < $3) ORDER BY i.id DESC LIMIT $4`, deliverable, programme, nullID(after), limit)
	return out, err
}

// insertItem adds 0 rows to a deliverable of another programme.
func insertItem(ctx context.Context, tx *db.Tx, programme, deliverable uuid.UUID, i *DeliverableItem, by uuid.UUID, at time.Time) (int64, error) {
	return tx.Exec(ctx, `INSERT INTO programme_deliverable_item (id, deliverable_id, title, link, done_on, added_by, added_at)
		SELECT $1, d.id, $4, $5, CAST($6 AS date), $7, $8 FROM programme_deliverable d WHERE d.id = $2 AND d.programme_id = $3`,
		i.ID, deliverable, programme, i.Title, i.Link, i.Day.Format(time.DateOnly), nullID(by), at)
}

func deleteItem(ctx context.Context, tx *db.Tx, programme, deliverable, item uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM programme_deliverable_item i USING programme_deliverable d
		WHERE i.id = $1 AND i.deliverable_id = $2 AND d.id = i.deliverable_id AND d.programme_id = $3`, item, deliverable, programme)
}
