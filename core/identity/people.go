package identity

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// PeopleQuery narrows the list of people; zero fields do not.
type PeopleQuery struct {
	Text        string // words of name or address, with or without diacritics
	State       State
	Institution uuid.UUID
	After       string // [PeoplePage].Next of the page before
	Limit       int    // at most 100; default 50
}

// PeoplePage is a part of the list, by name.
type PeoplePage struct {
	People []Account
	Next   string
}

// People lists accounts within the actor's reach of person:list: a principal
// sees those of the school, a centre those of its territory. NotFound to who
// has no such role. Each page of others' accounts is accounted for, and not
// shown (Unavailable) when it cannot be.
func (s *Service) People(ctx context.Context, a *access.Actor, q PeopleQuery) (PeoplePage, error) {
	if !s.Access.Anywhere(a, PermList) {
		return PeoplePage{}, s.Access.Require(a, PermList, access.Place{})
	}
	after, err := cursor(q.After)
	if err != nil {
		return PeoplePage{}, err
	}
	q.Limit = pageSize(q.Limit)
	people, err := listPeople(ctx, s.DB, s.Access.Reach(a, PermList), q, patterns(q.Text), after, s.Clock.Now())
	if err != nil {
		return PeoplePage{}, err
	}
	var p PeoplePage
	p.People, p.Next = page(people, q.Limit)
	if err := s.browsed(ctx, a, p.People, q.Institution); err != nil {
		return PeoplePage{}, err
	}
	return p, nil
}

// browsed accounts for a list of other people's accounts, once for the page of
// it: it shows addresses, functions and states, more than a list of members.
// Unavailable when it cannot be; the caller then shows nothing.
func (s *Service) browsed(ctx context.Context, a *access.Actor, list []Account, institution uuid.UUID) error {
	if !a.SignedIn() || !slices.ContainsFunc(list, func(p Account) bool { return p.ID != a.Person }) {
		return nil
	}
	e := audit.Event{Actor: a.Person, Action: "person:browse", ObjectKind: "person", Fields: []string{"name", "email", "institution", "function", "state"}}
	if institution != uuid.Nil {
		e.ScopeKind, e.ScopeID = string(access.Institution), institution
	}
	return s.Audit.Read(ctx, s.DB, e)
}

// Person reads one account for administration; NotFound outside the reach of
// person:list. Reading somebody else's is accounted for, and fails (Unavailable)
// when it cannot be.
func (s *Service) Person(ctx context.Context, a *access.Actor, id uuid.UUID) (Account, error) {
	if !s.Access.Anywhere(a, PermList) {
		return Account{}, s.Access.Require(a, PermList, access.Place{})
	}
	var p Account
	var of []access.Place
	err := db.Together(ctx, s.DB,
		func(ctx context.Context, q db.Q) (err error) { p, err = account(ctx, q, id); return err },
		func(ctx context.Context, q db.Q) (err error) {
			of, err = access.PlacesOfPerson(ctx, q, id, s.Clock.Now())
			return err
		})
	if err != nil {
		return Account{}, err
	}
	if !slices.ContainsFunc(of, func(at access.Place) bool { return s.Access.Can(a, PermList, at) }) {
		return Account{}, fault.ErrNotFound
	}
	if !a.SignedIn() || a.Person == id {
		return p, nil
	}
	err = s.Audit.Read(ctx, s.DB, audit.Event{Actor: a.Person, Action: "person:read", ObjectKind: "person", ObjectID: id.String(),
		Fields: []string{"name", "email", "institution", "function", "state"}})
	if err != nil {
		return Account{}, err
	}
	return p, nil
}

// Block shuts an account: its sessions and tokens end at once. It needs
// person:block over the person's institution; Conflict for one's own account
// and for one that is not active.
func (s *Service) Block(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if id == a.Person {
		return fault.New(fault.Conflict, "identity.block_self")
	}
	return s.move(ctx, a, id, Active, Blocked, "person:block")
}

// Unblock opens a blocked account again; its owner signs in anew.
func (s *Service) Unblock(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.move(ctx, a, id, Blocked, Active, "person:unblock")
}

func (s *Service) move(ctx context.Context, a *access.Actor, id uuid.UUID, from, to State, action string) error {
	return s.once(ctx, a, action, id, func(ctx context.Context, tx *db.Tx) error {
		p, err := account(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.over(ctx, tx, a, PermBlock, p.Institution); err != nil {
			return err
		}
		n, err := setState(ctx, tx, id, from, to)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		if to == Blocked {
			for _, purpose := range []string{purposeReset, purposeEmail} {
				if err := closeLinks(ctx, tx, id, purpose, s.Now()); err != nil {
					return err
				}
			}
			if _, err := endSessions(ctx, tx, id, uuid.Nil, uuid.Nil, s.Now()); err != nil {
				return err
			}
			if _, err := revokeTokens(ctx, tx, id, uuid.Nil, s.Now()); err != nil {
				return err
			}
		}
		return s.write(ctx, tx, a, action, id, "state")
	})
}

// patterns are LIKE patterns of the words looked for; "%" for none.
func patterns(text string) []string {
	out := []string{"%"}
	for i, w := range fold.Words(text) {
		if i == 8 {
			break
		}
		out = append(out, "%"+w+"%")
	}
	return out
}

func pageSize(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 100)
}

// cursor reads the id of the last row of the page before.
func cursor(after string) (uuid.UUID, error) {
	if after == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(after)
	if err != nil {
		return uuid.Nil, fault.New(fault.Invalid, "identity.bad_cursor")
	}
	return id, nil
}

// page cuts the row that only tells that there are more.
func page(people []Account, limit int) ([]Account, string) {
	if len(people) <= limit {
		return people, ""
	}
	return people[:limit], people[limit-1].ID.String()
}
