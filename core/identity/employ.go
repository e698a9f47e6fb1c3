package identity

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/notify"
)

// Settler ends the roles of a person that do not go with where they work now, in
// the transaction of the change, accounts for each, and returns how many.
type Settler func(ctx context.Context, tx *db.Tx, a *access.Actor, person uuid.UUID) (int, error)

// Employment is where somebody works from now on.
type Employment struct{ Person, Institution uuid.UUID }

// Employ says that somebody with an active account works at another institution
// now. Their memberships stay; a role that only somebody from outside may have
// there (a support organiser's) ends, and they are told. It needs person:list
// over the person, NotFound otherwise, and person:confirm over the new
// institution: Invalid names it. Conflict for an account that is not active.
func (s *Service) Employ(ctx context.Context, a *access.Actor, in Employment) error {
	if !s.Access.Anywhere(a, PermConfirm) {
		return s.Access.Require(a, PermConfirm, access.Place{})
	}
	return s.once(ctx, a, "person:employ", in, func(ctx context.Context, tx *db.Tx) error {
		p, err := account(ctx, tx, in.Person)
		if err != nil {
			return err
		}
		if err := s.over(ctx, tx, a, PermList, p.Institution); err != nil {
			return err
		}
		if err := s.mayConfirmAt(ctx, tx, a, in.Institution); err != nil {
			return err
		}
		if p.State != Active {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		n, err := setInstitution(ctx, tx, in.Person, in.Institution)
		if err != nil || n == 0 {
			return err
		}
		if err := s.write(ctx, tx, a, "person:employ", in.Person, "institution"); err != nil {
			return err
		}
		return s.settle(ctx, tx, a, in.Person)
	})
}

// mayConfirmAt checks that the institution is there and within reach.
func (s *Service) mayConfirmAt(ctx context.Context, q db.Q, a *access.Actor, institution uuid.UUID) error {
	wrong := func(key string) error { return fault.InvalidFields(fault.Field{Path: "institution", Key: key}) }
	if institution == uuid.Nil {
		return wrong("identity.institution_missing")
	}
	open, err := institutionOpen(ctx, q, institution)
	if err != nil {
		return err
	}
	if !open {
		return wrong("identity.institution_unknown")
	}
	err = s.over(ctx, q, a, PermConfirm, uuid.NullUUID{UUID: institution, Valid: true})
	if fault.Is(err, fault.NotFound) {
		return wrong("identity.institution_not_yours")
	}
	return err
}

// settle ends what does not go with where the person works now, and tells them.
func (s *Service) settle(ctx context.Context, tx *db.Tx, a *access.Actor, person uuid.UUID) error {
	ended := 0
	for _, end := range s.Settlers {
		n, err := end(ctx, tx, a, person)
		if err != nil {
			return err
		}
		ended += n
	}
	if ended == 0 {
		return nil
	}
	return s.Notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{person}, Key: "identity.mail.support_ended", Link: "/konto/uprawnienia", Mail: true})
}
