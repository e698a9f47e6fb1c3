package draft

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

type row struct {
	Form    string    `db:"form"`
	Subject string    `db:"subject"`
	Rev     int       `db:"rev"`
	State   []byte    `db:"state"`
	Version int       `db:"version"`
	SavedAt time.Time `db:"saved_at"`
}

func (r *row) draft() Draft {
	return Draft{Key: Key{r.Form, r.Subject}, Rev: r.Rev, State: r.State, Version: r.Version, SavedAt: r.SavedAt}
}

func load(ctx context.Context, q db.Q, person uuid.UUID, k Key) (*Draft, error) {
	var r row
	err := q.Get(ctx, &r, `SELECT form, subject, rev, state, version, saved_at FROM draft
		WHERE person_id = $1 AND form = $2 AND subject = $3`, person, k.Form, k.Subject)
	if err != nil {
		return nil, db.NotFound(err)
	}
	d := r.draft()
	return &d, nil
}

func find(ctx context.Context, q db.Q, person uuid.UUID, prefix, subject string) (*Draft, error) {
	var r row
	err := q.Get(ctx, &r, `SELECT form, subject, rev, state, version, saved_at FROM draft
		WHERE person_id = $1 AND subject = $2 AND starts_with(form, $3) ORDER BY saved_at DESC LIMIT 1`, person, subject, prefix)
	if err != nil {
		return nil, db.NotFound(err)
	}
	d := r.draft()
	return &d, nil
}

func save(ctx context.Context, q db.Q, person uuid.UUID, d *Draft) (bool, error) {
	if d.Version == 0 {
		id, err := uuid.NewV7()
		if err != nil {
			return false, err
		}
		n, err := q.Exec(ctx, `INSERT INTO draft (id, person_id, form, subject, rev, state) VALUES ($1, $2, $3, $4, $5, CAST($6 AS jsonb))
			ON CONFLICT ON CONSTRAINT draft_one DO NOTHING`, id, person, d.Form, d.Subject, d.Rev, string(d.State))
		return n == 1, err
	}
	n, err := q.Exec(ctx, `UPDATE draft SET rev = $4, state = CAST($5 AS jsonb), version = version + 1, saved_at = now()
		WHERE person_id = $1 AND form = $2 AND subject = $3 AND version = $6`, person, d.Form, d.Subject, d.Rev, string(d.State), d.Version)
	return n == 1, err
}

func remove(ctx context.Context, q db.Q, person uuid.UUID, k Key) error {
	_, err := q.Exec(ctx, `DELETE FROM draft WHERE person_id = $1 AND form = $2 AND subject = $3`, person, k.Form, k.Subject)
	return err
}

func list(ctx context.Context, q db.Q, person uuid.UUID, form string) ([]Draft, error) {
	var rows []row
	err := q.Select(ctx, &rows, `SELECT form, subject, rev, version, saved_at FROM draft
		WHERE person_id = $1 AND ($2 = '' OR form = $2) ORDER BY saved_at DESC, id LIMIT 50`, person, form)
	out := make([]Draft, len(rows))
	for i := range rows {
		out[i] = rows[i].draft()
	}
	return out, err
}

func sweep(ctx context.Context, q db.Q, before time.Time) (int64, error) {
	return q.Exec(ctx, `DELETE FROM draft WHERE id IN (SELECT id FROM draft WHERE saved_at < $1 ORDER BY saved_at LIMIT 10000)`, before)
}
