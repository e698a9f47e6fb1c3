package idem_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

type input struct {
	Name  string
	Goals []string
}

type result struct {
	ID   uuid.UUID
	Name string
}

// service is a change as rooms write it: one row a call.
type service struct{ db *db.DB }

func setup(t *testing.T) *service {
	t.Helper()
	d := dbtest.New(t)
	if _, err := d.Exec(t.Context(), `CREATE TABLE thing (id uuid PRIMARY KEY, name text NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	return &service{d}
}

var errRefused = errors.New("refused")

func (s *service) add(ctx context.Context, person uuid.UUID, in input) (r result, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err = idem.Do(ctx, tx, person, "thing:add", in, func() (result, error) {
			if in.Name == "" {
				return result{}, errRefused
			}
			id := uuid.Must(uuid.NewV7())
			_, err := tx.Exec(ctx, `INSERT INTO thing (id, name) VALUES ($1, $2)`, id, in.Name)
			return result{id, in.Name}, err
		})
		return err
	})
	return r, err
}

func (s *service) count(t *testing.T) (n int) {
	t.Helper()
	if err := s.db.Get(t.Context(), &n, `SELECT count(*) FROM thing`); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTwentySubmitsAtOnceChangeOnce(t *testing.T) {
	t.Parallel()
	s, anna := setup(t), uuid.New()
	ctx := idem.With(t.Context(), idem.NewKey())
	in := input{Name: "Łódź-Żółtańce", Goals: []string{"a"}}
	var wg sync.WaitGroup
	results, errs := make([]result, 20), make([]error, 20)
	for i := range results {
		wg.Go(func() { results[i], errs[i] = s.add(ctx, anna, in) })
	}
	wg.Wait()
	for i := range results {
		if errs[i] != nil || results[i] != results[0] || results[i].ID == uuid.Nil {
			t.Errorf("submit %d: %v, %v; the first got %v", i, results[i], errs[i], results[0])
		}
	}
	if n := s.count(t); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestManyFormsSubmittedTwiceEach(t *testing.T) {
	t.Parallel()
	s, anna := setup(t), uuid.New()
	var wg sync.WaitGroup
	for i := range 20 {
		ctx := idem.With(t.Context(), idem.NewKey())
		for range 2 {
			wg.Go(func() {
				if _, err := s.add(ctx, anna, input{Name: fmt.Sprint(i)}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if n := s.count(t); n != 20 {
		t.Errorf("%d rows, want 20", n)
	}
}

func TestRepeatGoesAheadAfterAFailure(t *testing.T) {
	t.Parallel()
	s, anna := setup(t), uuid.New()
	ctx := idem.With(t.Context(), "klucz-formularza")
	if _, err := s.add(ctx, anna, input{}); !errors.Is(err, errRefused) {
		t.Fatalf("got %v", err)
	}
	if _, err := s.add(ctx, anna, input{Name: "poprawione"}); err != nil {
		t.Fatalf("the key stayed claimed by a change that did not happen: %v", err)
	}
	if n := s.count(t); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestKeyBelongsToOneInputAndOnePerson(t *testing.T) {
	t.Parallel()
	s, anna := setup(t), uuid.New()
	ctx := idem.With(t.Context(), "klucz-formularza")
	if _, err := s.add(ctx, anna, input{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.add(ctx, anna, input{Name: "b"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("other input under the same key: %v, want a conflict", err)
	}
	if _, err := s.add(ctx, uuid.Nil, input{Name: "b"}); err != nil {
		t.Errorf("a guest's key equals a person's: %v", err)
	}
	if n := s.count(t); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}

func TestWithoutAKeyEveryCallChanges(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, ctx := range []context.Context{t.Context(), idem.With(t.Context(), "krótki"), idem.With(t.Context(), "ze spacją w środku")} {
		if _, err := s.add(ctx, uuid.Nil, input{Name: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.count(t); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
}

func TestSeenFindsTheResultBeforeCostlyWork(t *testing.T) {
	t.Parallel()
	s, anna := setup(t), uuid.New()
	ctx := idem.With(t.Context(), idem.NewKey())
	in := input{Name: "a"}
	if _, seen, err := idem.Seen[result](ctx, s.db, anna, "thing:add", in); seen || err != nil {
		t.Fatalf("seen before it happened: %v, %v", seen, err)
	}
	want, err := s.add(ctx, anna, in)
	if err != nil {
		t.Fatal(err)
	}
	got, seen, err := idem.Seen[result](ctx, s.db, anna, "thing:add", in)
	if !seen || err != nil || got != want {
		t.Errorf("got %v, %v, %v; want %v", got, seen, err, want)
	}
}

func TestSweepForgetsOldKeys(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, key := range []string{"stary-klucz", "nowy-klucz"} {
		if _, err := s.add(idem.With(t.Context(), key), uuid.Nil, input{Name: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.db.Exec(t.Context(), `UPDATE idempotency_key SET created_at = now() - interval '49 hours' WHERE key = 'stary-klucz'`); err != nil {
		t.Fatal(err)
	}
	if n, err := idem.Sweep(t.Context(), s.db); n != 1 || err != nil {
		t.Errorf("swept %d, %v; want 1", n, err)
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		idem.NewKey(): true, "12345678": true, strings.Repeat("x", 64): true,
		"": false, "1234567": false, strings.Repeat("x", 65): false, "z spacją1": false, "żółty-klucz": false, "tab\tulator": false,
	} {
		if got := idem.Valid(key); got != want {
			t.Errorf("Valid(%q) = %v", key, got)
		}
	}
}

// publish is a change that a form makes once, whatever it says the second time.
func (s *service) publish(ctx context.Context, person uuid.UUID, in input) (result, error) {
	return s.add(idem.OncePerForm(ctx), person, in)
}

// A form sent again with other words is asked about; a repeat gets the first
// result, another form, another act and an API key go ahead.
func TestAFormPublishesOnce(t *testing.T) {
	t.Parallel()
	s, anna, ben := setup(t), uuid.New(), uuid.New()
	first := idem.WithForm(t.Context(), "FORMULARZ", "aaaa")
	got, err := s.publish(first, anna, input{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.publish(first, anna, input{Name: "a"}); err != nil || again != got {
		t.Errorf("a repeat: %v, %v", again, err)
	}
	second := idem.WithForm(t.Context(), "FORMULARZ", "bbbb")
	for range 2 {
		if _, err := s.publish(second, anna, input{Name: "b"}); !fault.Is(err, fault.Conflict) || fault.As(err).Key != "idem.again" {
			t.Errorf("with other words: %v", err)
		}
	}
	if n := s.count(t); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	for name, do := range map[string]func() (result, error){
		"corrects": func() (result, error) { return s.add(second, anna, input{Name: "b"}) },
		"another form": func() (result, error) {
			return s.publish(idem.WithForm(t.Context(), "FORMULARZ2", "bbbb"), anna, input{Name: "b"})
		},
		"another person": func() (result, error) { return s.publish(second, ben, input{Name: "b"}) },
		"a key of the API": func() (result, error) {
			return s.publish(idem.With(t.Context(), "FORMULARZ.cccc"), anna, input{Name: "b"})
		},
		"no key": func() (result, error) { return s.publish(idem.WithForm(t.Context(), "x", ""), anna, input{Name: "b"}) },
	} {
		if _, err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
