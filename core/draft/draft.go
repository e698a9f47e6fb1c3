// Package draft keeps forms that somebody began and will finish later ("Zapisz
// i wróć później"): one per person, form and subject, 90 days from the last
// saving. Two windows that edit the same draft do not overwrite each other: the
// second one to save is told (Conflict) and shows both texts.
//
// Times are real time, like those of sessions: a draft belongs to a person's
// day, not to the domain.
//
// It owns the table draft; only this package writes it.
package draft

import (
	"context"
	"encoding/json"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/job"
)

// Keep is how long a draft is kept after it was saved last.
const Keep = 90 * 24 * time.Hour

// MaxState is the largest state, in bytes of JSON.
const MaxState = 1 << 20

// Key names a draft of the actor: the form, and what it is about ("" when the
// form has no subject), both chosen by the room that shows it.
type Key struct{ Form, Subject string }

// Draft is a form begun.
type Draft struct {
	Key
	// Rev is the revision of the form that State follows.
	Rev     int
	State   json.RawMessage
	Version int
	SavedAt time.Time
}

// Service keeps drafts. Safe for concurrent use.
type Service struct{ db *db.DB }

// New makes the service.
func New(d *db.DB) *Service { return &Service{d} }

// Load reads the actor's own draft; NotFound when there is none.
// Unauthenticated for guests.
func (s *Service) Load(ctx context.Context, a *access.Actor, k Key) (*Draft, error) {
	if err := signed(a); err != nil {
		return nil, err
	}
	return load(ctx, s.db, a.Person, k)
}

// Find reads the actor's own draft about a subject of whichever form whose name
// begins with prefix ("task."), for pages that learn the form only with the
// subject; NotFound when there is none. Unauthenticated for guests.
func (s *Service) Find(ctx context.Context, a *access.Actor, prefix, subject string) (*Draft, error) {
	if err := signed(a); err != nil {
		return nil, err
	}
	return find(ctx, s.db, a.Person, prefix, subject)
}

// Save writes d at its Version (0: there was none) and returns the new one.
// Conflict "draft.stale" when the draft was saved or thrown away elsewhere
// meanwhile; TooLarge above [MaxState].
func (s *Service) Save(ctx context.Context, a *access.Actor, d *Draft) (int, error) {
	if err := signed(a); err != nil {
		return 0, err
	}
	if len(d.State) > MaxState {
		return 0, fault.New(fault.TooLarge, "fault.too_large")
	}
	ok, err := save(ctx, s.db, a.Person, d)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, fault.New(fault.Conflict, "draft.stale")
	}
	return d.Version + 1, nil
}

// Delete throws the actor's draft away; one that is gone is no error.
func (s *Service) Delete(ctx context.Context, a *access.Actor, k Key) error {
	if err := signed(a); err != nil {
		return err
	}
	return remove(ctx, s.db, a.Person, k)
}

// List names the actor's drafts of a form ("": of all forms), the last saved
// first, at most 50, without their states.
func (s *Service) List(ctx context.Context, a *access.Actor, form string) ([]Draft, error) {
	if err := signed(a); err != nil {
		return nil, err
	}
	return list(ctx, s.db, a.Person, form)
}

// Sweep deletes drafts that are older than [Keep], some at a time, and returns
// how many.
func (s *Service) Sweep(ctx context.Context) (int64, error) {
	return sweep(ctx, s.db, time.Now().Add(-Keep))
}

type sweepArgs struct{}

// Kind implements [job.Args].
func (sweepArgs) Kind() string { return "draft.sweep" }

// Jobs registers the daily sweep.
func (s *Service) Jobs(c *job.Client) {
	job.Add(c, job.Options{Title: "draft.job.sweep", Every: 24 * time.Hour}, func(ctx context.Context, _ *job.Job[sweepArgs]) error {
		_, err := s.Sweep(ctx)
		return err
	})
}

func signed(a *access.Actor) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return nil
}
