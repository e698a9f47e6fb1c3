package task

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// Choices are what the form of a new task offers.
type Choices struct {
	Where Where
	Kinds []Kind
	// People are all members, by name, as long as they fit into a list to choose
	// from; Many says that they do not: then they are found by [Service.FindMembers].
	People []Person
	Many   bool
	// Groups are those in the scope, at most 200.
	Groups []Person
}

// Bounds of what a form offers and a search shows.
const (
	listedPeople = 100
	foundPeople  = 30
)

// Choices reads what can be assigned in a scope, and to whom. Needs [Assign]
// there.
func (s *Service) Choices(ctx context.Context, a *access.Actor, scope effect.Scope) (Choices, error) {
	st, err := s.assignable(ctx, s.db, a, scope)
	if err != nil {
		return Choices{}, err
	}
	c := Choices{Where: Where{Scope: scope, Place: st.Place}}
	err = db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) (err error) { c.Kinds, err = s.kindsIn(ctx, q, st); return err },
		func(ctx context.Context, q db.Q) (err error) {
			c.Where.Title, err = scopeTitle(ctx, q, scope.ID)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			c.Groups, err = groupsIn(ctx, q, scope, 200)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			c.People, err = members(ctx, q, scope, s.clock.Now(), listedPeople+1)
			return err
		})
	if c.Many = len(c.People) > listedPeople; c.Many {
		c.People = nil
	}
	return c, err
}

// FoundMembers are those of a scope whose names hold the words that were asked for.
type FoundMembers struct {
	Where  Where
	People []Person
	// More: there are others; other words find them.
	More bool
}

// FindMembers lists members of a network or group by words of their names (with
// or without diacritics), at most 30. Needs [Assign] there.
func (s *Service) FindMembers(ctx context.Context, a *access.Actor, scope effect.Scope, text string) (FoundMembers, error) {
	st, err := s.assignable(ctx, s.db, a, scope)
	if err != nil {
		return FoundMembers{}, err
	}
	patterns := []string{"%"}
	for _, w := range fold.Words(text) {
		if len(patterns) > 5 {
			break
		}
		patterns = append(patterns, "%"+w+"%")
	}
	f := FoundMembers{Where: Where{Scope: scope, Place: st.Place}}
	err = db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) (err error) {
			f.People, err = findMembers(ctx, q, scope, patterns, s.clock.Now(), foundPeople+1)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			f.Where.Title, err = scopeTitle(ctx, q, scope.ID)
			return err
		})
	if f.More = len(f.People) > foundPeople; f.More {
		f.People = f.People[:foundPeople]
	}
	return f, err
}

// Member is one of those who can be given a task in a network or group, by id;
// NotFound for others. Needs [Assign] there.
func (s *Service) Member(ctx context.Context, a *access.Actor, scope effect.Scope, person uuid.UUID) (Person, error) {
	if _, err := s.assignable(ctx, s.db, a, scope); err != nil {
		return Person{}, err
	}
	ok, err := isMember(ctx, s.db, scope, person, s.clock.Now())
	if err != nil {
		return Person{}, err
	}
	if !ok {
		return Person{}, fault.ErrNotFound
	}
	return personByID(ctx, s.db, person)
}
