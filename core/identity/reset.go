package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
)

// RequestReset mails a link for a new password (an hour, single use) to an
// account that is active or waits, and a new invitation to one that was never taken up. The
// answer is the same for every address. Invalid names email; TooMany when an
// address asks too often.
func (s *Service) RequestReset(ctx context.Context, email, address string) error {
	email = TidyEmail(email)
	var f fault.Fields
	checkEmail(&f, "email", email)
	if err := f.Err(); err != nil {
		return err
	}
	began := time.Now()
	defer s.level(ctx, began)
	mail, err := s.throttleMail(ctx, email, address)
	if err != nil || !mail {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := credentials(ctx, tx, email)
		if db.IsNoRows(err) {
			return s.resendLast(ctx, tx, email)
		}
		if err != nil {
			return err
		}
		id := uuid.NullUUID{UUID: p.ID, Valid: true}
		switch p.State {
		case Active, Pending:
			token, err := s.link(ctx, tx, purposeReset, id, email, nil, resetLife)
			if err != nil {
				return err
			}
			return s.Notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{p.ID}, Key: "identity.mail.reset", Link: ResetPath + token, MailOnly: true})
		case Invited:
			return s.sendInvitation(ctx, tx, p.ID, email, i18n.FromContext(ctx))
		}
		return nil
	})
}

// resendLast mails the last invitation of an address without an account again.
func (s *Service) resendLast(ctx context.Context, tx *db.Tx, email string) error {
	id, err := lastInvitee(ctx, tx, email, s.Now())
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.mailInvitees(ctx, tx, s.Now(), id)
}

// sendInvitation mails the link with which the owner of an Invited account, one
// of an administrator of an installation, chooses a password.
func (s *Service) sendInvitation(ctx context.Context, tx *db.Tx, id uuid.UUID, email string, l i18n.Lang) error {
	token, err := s.invitationLink(ctx, tx, id, email)
	if err != nil {
		return err
	}
	return s.letter(ctx, tx, email, l, "identity.mail.account", InvitationPath+token, nil)
}

// CheckReset tells for whom a reset link is, changing nothing; NotFound when it
// was used or is too old.
func (s *Service) CheckReset(ctx context.Context, token string) (email string, err error) {
	return s.checkLink(ctx, token, purposeReset)
}

// Reset sets a new password by a mailed link and ends every session and API
// token of the account: whoever had the old password is out. Invalid names
// password and leaves the link usable; NotFound when it was used or is too old.
func (s *Service) Reset(ctx context.Context, token, password string) error {
	email, err := s.CheckReset(ctx, token)
	if err != nil {
		return err
	}
	hash, err := s.newPassword(ctx, "password", password, email)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, err := s.use(ctx, tx, token, purposeReset)
		if err != nil {
			return err
		}
		id, now := l.Person.UUID, s.Now()
		if err := setPassword(ctx, tx, id, hash); err != nil {
			return err
		}
		if err := s.shutOut(ctx, tx, id); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, id, uuid.Nil, uuid.Nil, now); err != nil {
			return err
		}
		if _, err := revokeTokens(ctx, tx, id, uuid.Nil, now); err != nil {
			return err
		}
		if err := s.write(ctx, tx, &access.Actor{Person: id}, "account:password_reset", id, "password"); err != nil {
			return err
		}
		return s.tellPassword(ctx, tx, id)
	})
}

// shutOut takes away every other way into an account: links to a new password or
// address, passkeys, and accounts at identity providers. Whoever held the account
// may have left one of them behind; its owner adds theirs again.
func (s *Service) shutOut(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	for _, purpose := range []string{purposeReset, purposeEmail} {
		if err := closeLinks(ctx, tx, id, purpose, s.Now()); err != nil {
			return err
		}
	}
	return dropWaysIn(ctx, tx, id)
}

// ChangePassword sets a new password and ends the actor's other sessions; API
// tokens stay. Invalid names current or password; TooMany after five wrong
// guesses of the current one.
func (s *Service) ChangePassword(ctx context.Context, a *access.Actor, current, password string) error {
	if err := s.own(a); err != nil {
		return err
	}
	until, err := s.attempt(ctx, limitChange, a.Person.String())
	if err != nil {
		return err
	}
	if !until.IsZero() {
		return s.tooMany(until)
	}
	p, err := credentialsByID(ctx, s.DB, a.Person)
	if err != nil {
		return db.NotFound(err)
	}
	ok, err := s.hasher.verify(ctx, p.Hash, tidyPassword(current))
	if err != nil {
		return err
	}
	if !ok {
		return fault.InvalidFields(fault.Field{Path: "current", Key: "identity.password_wrong"})
	}
	hash, err := s.newPassword(ctx, "password", password, p.Email, p.Name)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.forgive(ctx, tx, limitChange, a.Person.String()); err != nil {
			return err
		}
		if err := setPassword(ctx, tx, a.Person, hash); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, a.Person, uuid.Nil, a.Session, s.Now()); err != nil {
			return err
		}
		for _, purpose := range []string{purposeReset, purposeEmail} {
			if err := closeLinks(ctx, tx, a.Person, purpose, s.Now()); err != nil {
				return err
			}
		}
		if err := s.write(ctx, tx, a, "account:password", a.Person, "password"); err != nil {
			return err
		}
		return s.tellPassword(ctx, tx, a.Person)
	})
}

func (s *Service) newPassword(ctx context.Context, path, password string, mine ...string) (string, error) {
	password = tidyPassword(password)
	var f fault.Fields
	checkPassword(&f, path, password, mine...)
	if err := f.Err(); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}

// tellPassword lets the owner know, in case it was not them.
func (s *Service) tellPassword(ctx context.Context, tx *db.Tx, person uuid.UUID) error {
	return s.Notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{person}, Key: "identity.mail.password_changed", Link: forgotPath, Mail: true})
}
