package need

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// Config of the service; every field is required.
type Config struct {
	DB     *db.DB
	Access *access.Authorizer
	Audit  *audit.Log
	Clock  clock.Clock
	// Topics is the vocabulary, in the order of lists.
	Topics []Topic
}

// Service keeps needs. Safe for concurrent use.
type Service struct{ c Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }

// Topics is the vocabulary, in the order of lists; read-only.
func (s *Service) Topics() []Topic { return s.c.Topics }

// Topic finds an entry of the vocabulary by its code.
func (s *Service) Topic(code string) (Topic, bool) {
	i := slices.IndexFunc(s.c.Topics, func(t Topic) bool { return t.Code == code })
	if i < 0 {
		return Topic{}, false
	}
	return s.c.Topics[i], true
}

// Schools lists the institutions for which the actor may report by a role on
// them (principals): the ids of their grants. Centres choose a school of their
// territory by searching.
func (s *Service) Schools(a *access.Actor) []uuid.UUID {
	return s.c.Access.Reach(a, PermReport).Institutions
}

// Own lists the needs of the schools that the actor speaks for, the newest
// school year first, at most 100. NotFound to who reports nowhere.
func (s *Service) Own(ctx context.Context, a *access.Actor) ([]Need, error) {
	if !s.c.Access.Anywhere(a, PermReport) {
		return nil, s.c.Access.Require(a, PermReport, access.Place{})
	}
	return ownNeeds(ctx, s.c.DB, s.Schools(a))
}

// One reads a need. Needs [PermReport] at its school or [PermList] there.
func (s *Service) One(ctx context.Context, a *access.Actor, id uuid.UUID) (Need, error) {
	n, err := needByID(ctx, s.c.DB, id)
	if err != nil {
		return n, err
	}
	return n, s.at(ctx, s.c.DB, a, n.Institution, PermReport, PermList)
}

// at requires one of the permissions at one of the school's places.
func (s *Service) at(ctx context.Context, q db.Q, a *access.Actor, school uuid.UUID, perms ...access.Permission) error {
	places, err := access.PlacesOf(ctx, q, access.Institution, school, s.c.Clock.Now())
	if fault.Is(err, fault.Invalid) {
		return fault.ErrNotFound
	}
	if err != nil {
		return err
	}
	for _, p := range perms {
		for _, at := range places {
			if s.c.Access.Can(a, p, at) {
				return nil
			}
		}
	}
	return s.c.Access.Require(a, perms[0], access.Place{Institution: school})
}

// Report reports what a school needs. Needs [PermReport] at the school; a school
// outside one's territory is refused by name (field "institution").
//
// Errors: Invalid with fields institution, topic, schoolYear, note, people;
// Conflict "need.already" when the school reported the topic for that year.
func (s *Service) Report(ctx context.Context, a *access.Actor, in Input) (uuid.UUID, error) {
	if err := s.mayReport(ctx, a, in.Institution); err != nil {
		return uuid.Nil, err
	}
	if err := s.check(&in); err != nil {
		return uuid.Nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	return act(ctx, s, a, "need:report", in, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		fresh, err := insertNeed(ctx, tx, id, &in, a.Person, s.c.Clock.Now())
		if err != nil {
			return uuid.Nil, err
		}
		if !fresh {
			return uuid.Nil, fault.New(fault.Conflict, "need.already")
		}
		return id, s.note(ctx, tx, a, "need:report", id, in.Institution)
	})
}

func (s *Service) mayReport(ctx context.Context, a *access.Actor, school uuid.UUID) error {
	if !s.c.Access.Anywhere(a, PermReport) {
		return s.c.Access.Require(a, PermReport, access.Place{})
	}
	err := s.at(ctx, s.c.DB, a, school, PermReport)
	if fault.Is(err, fault.NotFound) {
		return s.c.Access.Outside(ctx, s.c.DB, a, PermReport, "institution", school, s.c.Clock.Now())
	}
	return err
}

func (s *Service) check(in *Input) error {
	var f fault.Fields
	now := clock.SchoolYear(s.c.Clock.Now())
	if in.SchoolYear == 0 {
		in.SchoolYear = now
	}
	in.Note = strings.TrimSpace(in.Note)
	if _, ok := s.Topic(in.Topic); !ok {
		f.Add("topic", "need.topic_unknown")
	}
	if in.SchoolYear != now && in.SchoolYear != now+1 {
		f.Add("schoolYear", "need.year")
	}
	if utf8.RuneCountInString(in.Note) > MaxNote {
		f.Add("note", "need.note_long")
	}
	if in.People < 1 || in.People > MaxPeople {
		f.Add("people", "need.people")
	}
	return f.Err()
}

// Change changes note and people of a need that no network meets yet. Needs
// [PermReport] at the school; Conflict when somebody changed it meanwhile
// (version) or a network was founded for it.
func (s *Service) Change(ctx context.Context, a *access.Actor, id uuid.UUID, in Input) error {
	n, err := s.mine(ctx, a, id)
	if err != nil {
		return err
	}
	in.Institution, in.Topic, in.SchoolYear = n.Institution, n.Topic, n.SchoolYear
	var f fault.Fields
	if in.Note = strings.TrimSpace(in.Note); utf8.RuneCountInString(in.Note) > MaxNote {
		f.Add("note", "need.note_long")
	}
	if in.People < 1 || in.People > MaxPeople {
		f.Add("people", "need.people")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.once(ctx, a, "need:change", []any{id, in}, func(ctx context.Context, tx *db.Tx) error {
		changed, err := updateNeed(ctx, tx, id, &in)
		if err != nil {
			return err
		}
		if !changed {
			return fault.New(fault.Conflict, "need.changed")
		}
		return s.note(ctx, tx, a, "need:change", id, n.Institution)
	})
}

// Withdraw takes a need back that no network meets yet. Needs [PermReport] at
// the school; Conflict once a network was founded for it. Twice is once.
func (s *Service) Withdraw(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	n, err := s.mine(ctx, a, id)
	if err != nil {
		return err
	}
	return s.once(ctx, a, "need:withdraw", id, func(ctx context.Context, tx *db.Tx) error {
		gone, err := deleteNeed(ctx, tx, id)
		if err != nil {
			return err
		}
		if !gone {
			return fault.New(fault.Conflict, "need.met")
		}
		return s.note(ctx, tx, a, "need:withdraw", id, n.Institution)
	})
}

func (s *Service) mine(ctx context.Context, a *access.Actor, id uuid.UUID) (Need, error) {
	n, err := needByID(ctx, s.c.DB, id)
	if err != nil {
		return n, err
	}
	return n, s.at(ctx, s.c.DB, a, n.Institution, PermReport)
}

func (s *Service) once(ctx context.Context, a *access.Actor, operation string, in any, f func(ctx context.Context, tx *db.Tx) error) error {
	_, err := act(ctx, s, a, operation, in, func(ctx context.Context, tx *db.Tx) (struct{}, error) { return struct{}{}, f(ctx, tx) })
	return err
}

// act is the frame of a change: one transaction, done once per idempotency key.
func act[R any](ctx context.Context, s *Service, a *access.Actor, operation string, in any, f func(ctx context.Context, tx *db.Tx) (R, error)) (R, error) {
	var out R
	err := s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = idem.Do(ctx, tx, a.Person, operation, in, func() (R, error) { return f(ctx, tx) })
		return err
	})
	return out, err
}

func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, action string, id, school uuid.UUID) error {
	return s.c.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "need", ObjectID: id.String(),
		ScopeKind: string(access.Institution), ScopeID: school})
}
