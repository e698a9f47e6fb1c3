package identity

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
)

// Offer is an invitation to an institution's staff as the invited person sees it.
type Offer struct {
	ID uuid.UUID
	// School is the institution's name and place, By who invites.
	School, By, Function string
	// Here is true for the institution where they work already.
	Here  bool
	Until time.Time
}

// Offers lists the invitations that wait for the actor's answer, by their address
// and those of accounts merged into theirs; the newest first, at most 50.
func (s *Service) Offers(ctx context.Context, a *access.Actor) ([]Offer, error) {
	if err := s.own(a); err != nil {
		return nil, err
	}
	rows, err := offersTo(ctx, s.DB, a.Person, s.Now(), maxOffers)
	out := make([]Offer, len(rows))
	for i := range rows {
		out[i] = Offer{ID: rows[i].ID, School: rows[i].label(ctx), By: rows[i].By, Function: rows[i].Function, Here: rows[i].Here, Until: rows[i].Ends}
	}
	return out, err
}

// AskOffers is the part of a page that counts [Service.Offers]; false for guests.
func (s *Service) AskOffers(a *access.Actor) (gather.Part, bool) {
	return offersPart(s.Now()), s.own(a) == nil
}

// ReadOffers is the count of [Service.AskOffers].
func (s *Service) ReadOffers(f gather.Found) (int, error) {
	rows, err := gather.Decode[struct{ N int }](f, offersKey)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].N, nil
}

// AnswerOffer takes an invitation up or declines it. Taking it up makes the
// institution the actor's place of work in place of the present one; roles that
// do not go with it end. Declining is told to nobody. NotFound for an
// invitation to another address, and for one that was answered, withdrawn or has
// ended; Conflict when the institution has closed.
func (s *Service) AnswerOffer(ctx context.Context, a *access.Actor, invitation uuid.UUID, accept bool) error {
	if err := s.own(a); err != nil {
		return err
	}
	return s.once(ctx, a, "person.invitation:answer", []any{invitation, accept}, func(ctx context.Context, tx *db.Tx) error {
		v, err := lockOffer(ctx, tx, invitation, a.Person, s.Now())
		if err != nil {
			return err
		}
		if !accept {
			if err := answerInvitee(ctx, tx, invitation, "declined", a.Person, s.Now()); err != nil {
				return err
			}
			return s.writeInvitee(ctx, tx, a, "person.invitation:decline", invitation)
		}
		open, err := institutionOpen(ctx, tx, v.Institution)
		if err != nil {
			return err
		}
		if !open {
			return fault.New(fault.Conflict, "identity.institution_unknown")
		}
		if err := answerInvitee(ctx, tx, invitation, "accepted", a.Person, s.Now()); err != nil {
			return err
		}
		if err := s.writeInvitee(ctx, tx, a, "person.invitation:accept", invitation); err != nil {
			return err
		}
		n, err := setInstitution(ctx, tx, a.Person, v.Institution)
		if err != nil || n == 0 {
			return err
		}
		if err := s.write(ctx, tx, a, "person:employ", a.Person, "institution"); err != nil {
			return err
		}
		return s.settle(ctx, tx, a, a.Person)
	})
}

// takeUpInvitee makes the account of an invited address, active: whoever invited
// may confirm accounts at the institution and vouched for it.
func (s *Service) takeUpInvitee(ctx context.Context, tx *db.Tx, v *inviteeRow, in *Acceptance, hash string) (uuid.UUID, error) {
	now := s.Now()
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	row := personRow{ID: id, Email: v.Email, Name: in.Name, Hash: hash, State: Active,
		Institution: uuid.NullUUID{UUID: v.Institution, Valid: true}, Function: v.Function, Lang: cmp.Or(in.Lang, i18n.Polish)}
	fresh, err := insertPerson(ctx, tx, row, &now, now)
	if err != nil {
		return uuid.Nil, err
	}
	if !fresh { // an account that nobody has taken up, or that was refused
		old, err := lockByEmail(ctx, tx, v.Email)
		if err != nil {
			return uuid.Nil, err
		}
		if old.State != Invited && old.State != Refused {
			return uuid.Nil, fault.New(fault.NotFound, "identity.link_spent")
		}
		row.ID = old.ID
		if err := restart(ctx, tx, row, now); err != nil {
			return uuid.Nil, err
		}
		if err := closeLinks(ctx, tx, row.ID, purposeInvitation, now); err != nil {
			return uuid.Nil, err
		}
	}
	if err := answerInvitee(ctx, tx, v.ID, "accepted", row.ID, now); err != nil {
		return uuid.Nil, spent(err) // withdrawn at this moment
	}
	if err := s.writeInvitee(ctx, tx, &access.Actor{Person: row.ID}, "person.invitation:accept", v.ID); err != nil {
		return uuid.Nil, err
	}
	return row.ID, s.write(ctx, tx, &access.Actor{Person: row.ID}, "account:take_up", row.ID, "email", "name", "institution", "function", "password")
}
