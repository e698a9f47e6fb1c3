package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// EmailPath is the page behind the link that confirms a new address.
const EmailPath = "/konto/email/potwierdz/"

const purposeEmail = "email"

var _ = db.Constraint("person_email_once", fault.Conflict, "email", "identity.email_taken")

// RequestEmail mails a link to a new address of the actor's account, good for a
// day; older links stop working. The answer, and the letter to the present
// address, are the same for an address that has an account: nothing is mailed there. The caller has the actor confirm who they
// are. Invalid names email; TooMany when asked too often.
func (s *Service) RequestEmail(ctx context.Context, a *access.Actor, email, address string) error {
	if err := s.bySession(a); err != nil {
		return err
	}
	email = TidyEmail(email)
	var f fault.Fields
	checkEmail(&f, "email", email)
	if err := f.Err(); err != nil {
		return err
	}
	me, err := credentialsByID(ctx, s.DB, a.Person)
	if err != nil {
		return db.NotFound(err)
	}
	if me.Email == email {
		return fault.InvalidFields(fault.Field{Path: "email", Key: "identity.email_same"})
	}
	began := time.Now()
	defer s.level(ctx, began)
	mail, err := s.throttleMail(ctx, email, address)
	if err != nil || !mail {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := credentials(ctx, tx, email)
		taken := err == nil
		if !taken && !db.IsNoRows(err) {
			return err
		}
		if err := closeLinks(ctx, tx, a.Person, purposeEmail, s.Now()); err != nil {
			return err
		}
		if err := s.write(ctx, tx, a, "account:email_request", a.Person); err != nil {
			return err
		}
		if err := s.letter(ctx, tx, me.Email, i18n.FromContext(ctx), "identity.mail.email_asked", accountPath, nil); err != nil || taken {
			return err // taken: its owner is not to be bothered
		}
		token, err := s.link(ctx, tx, purposeEmail, uuid.NullUUID{UUID: a.Person, Valid: true}, email, nil, confirmLife)
		if err != nil {
			return err
		}
		return s.letter(ctx, tx, email, i18n.FromContext(ctx), "identity.mail.email_new", EmailPath+token, nil)
	})
}

// CheckEmail tells which address a link confirms, changing nothing; NotFound
// when it was used or is too old.
func (s *Service) CheckEmail(ctx context.Context, token string) (email string, err error) {
	return s.checkLink(ctx, token, purposeEmail)
}

// ChangeEmail makes the confirmed address the account's own. The actor must be
// the account's owner: whoever only got the letter (an address mistyped, or one
// that an intruder asked for before being shut out) has no account by it. All
// sessions end but the one in which the link is opened, links for a new password
// stop working, and the old address is told. Unauthenticated to who is not signed
// in; NotFound when the link was used, is too old or is somebody else's; Conflict
// when the address got an account meanwhile.
func (s *Service) ChangeEmail(ctx context.Context, a *access.Actor, token string) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, err := s.use(ctx, tx, token, purposeEmail)
		if err != nil {
			return err
		}
		id, now := l.Person.UUID, s.Now()
		switch {
		case !a.SignedIn():
			return fault.New(fault.Unauthenticated, "fault.unauthenticated") // the link is not spent: nothing is written
		case a.Person != id:
			return fault.New(fault.NotFound, "identity.link_spent")
		}
		old, err := credentialsByID(ctx, tx, id)
		if err != nil {
			return db.NotFound(err)
		}
		n, err := setEmail(ctx, tx, id, old.Name, l.Email, now)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "identity.link_spent")
		}
		if _, err := endSessions(ctx, tx, id, uuid.Nil, a.Session, now); err != nil {
			return err
		}
		for _, purpose := range []string{purposeEmail, purposeReset} {
			if err := closeLinks(ctx, tx, id, purpose, now); err != nil {
				return err
			}
		}
		if err := s.write(ctx, tx, &access.Actor{Person: id}, "account:email", id, "email"); err != nil {
			return err
		}
		return s.letter(ctx, tx, old.Email, i18n.FromContext(ctx), "identity.mail.email_changed", accountPath, nil)
	})
}
