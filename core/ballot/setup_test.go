package ballot_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
)

type world struct {
	t   *testing.T
	db  *db.DB
	box *ballot.Box
}

func setup(t *testing.T) *world {
	t.Helper()
	d := dbtest.New(t)
	return &world{t: t, db: d, box: ballot.New(ballot.Config{DB: d, Key: make([]byte, 32)})}
}

func (w *world) people(n int) []uuid.UUID {
	w.t.Helper()
	out := make([]uuid.UUID, n)
	for i := range out {
		out[i] = uuid.New()
		if _, err := w.db.SQL().ExecContext(w.t.Context(), `INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, $3, $3, 'active')`,
			out[i], out[i].String()+"@example.org", fmt.Sprintf("Osoba %d", i)); err != nil {
			w.t.Fatal(err)
		}
	}
	return out
}

func (w *world) open(people []uuid.UUID) (id uuid.UUID) {
	w.t.Helper()
	w.tx(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = w.box.Open(ctx, tx, people)
		return err
	})
	return id
}

func (w *world) close(id uuid.UUID) (n ballot.Counts) {
	w.t.Helper()
	w.tx(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = w.box.Close(ctx, tx, id)
		return err
	})
	return n
}

func (w *world) tx(f func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) issue(id, person uuid.UUID) ballot.Code {
	w.t.Helper()
	c, err := w.box.Issue(w.t.Context(), id, person, ballot.NewNonce())
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) cast(c ballot.Code, payload string) {
	w.t.Helper()
	if err := w.box.Cast(w.t.Context(), c, []byte(payload)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) counts(id uuid.UUID) ballot.Counts {
	w.t.Helper()
	n, err := w.box.Counts(w.t.Context(), w.db, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return n[id]
}

func want(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.As(err); err == nil || f.Kind != kind || f.Key != key {
		t.Errorf("got %v, want %s %s", err, kind, key)
	}
}
