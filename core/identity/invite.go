package identity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
)

// Invite is a person whom somebody with person:confirm or person:import vouches
// for: their account needs no confirmation. Others invite by [Ask].
type Invite struct {
	Email, Name string
	Institution uuid.UUID // uuid.Nil when unknown
	Function    string
	Lang        i18n.Lang // default Polish
	// Key and Args are the letter's texts; default "identity.mail.invitation".
	// The letter's link is the invitation.
	Key  string
	Args map[string]any
}

// InviteTx finds or makes the account of an address, as part of the caller's
// transaction. A new one is Invited, and a letter with a single-use link (14
// days) goes out; an existing one in any state is left as it is and fresh is
// false: the caller tells that person in its own way. The caller has
// authorised the act; a is for the account of changes. Invalid names email or
// name.
func (s *Service) InviteTx(ctx context.Context, tx *db.Tx, a *access.Actor, in Invite) (id uuid.UUID, fresh bool, err error) {
	in.Email, in.Name, in.Function = TidyEmail(in.Email), TidyName(in.Name), TidyName(in.Function)
	if in.Lang == "" {
		in.Lang = i18n.Polish
	}
	if in.Key == "" {
		in.Key = "identity.mail.invitation"
	}
	var f fault.Fields
	checkEmail(&f, "email", in.Email)
	checkName(&f, "name", in.Name)
	checkLength(&f, "function", in.Function, MaxFunction)
	if err := f.Err(); err != nil {
		return uuid.Nil, false, err
	}
	if id, err = uuid.NewV7(); err != nil {
		return uuid.Nil, false, err
	}
	fresh, err = insertPerson(ctx, tx, personRow{ID: id, Email: in.Email, Name: in.Name, State: Invited,
		Institution: uuid.NullUUID{UUID: in.Institution, Valid: in.Institution != uuid.Nil}, Function: in.Function, Lang: in.Lang}, nil, s.Now())
	if err != nil {
		return uuid.Nil, false, err
	}
	if !fresh {
		p, err := credentials(ctx, tx, in.Email)
		return p.ID, false, err
	}
	if err := s.write(ctx, tx, a, "person:invite", id, "email", "name", "institution", "function"); err != nil {
		return uuid.Nil, false, err
	}
	return id, true, s.sendInvitation(ctx, tx, id, in)
}

func (s *Service) sendInvitation(ctx context.Context, tx *db.Tx, id uuid.UUID, in Invite) error {
	token, err := s.invitationLink(ctx, tx, id, in.Email)
	if err != nil {
		return err
	}
	return s.letter(ctx, tx, in.Email, in.Lang, in.Key, InvitationPath+token, in.Args)
}

func (s *Service) invitationLink(ctx context.Context, tx *db.Tx, id uuid.UUID, email string) (string, error) {
	return s.link(ctx, tx, purposeInvitation, uuid.NullUUID{UUID: id, Valid: true}, email, nil, invitationLife)
}

// Invite is InviteTx for one person, by whoever may confirm accounts at that
// institution; an institution is required then. fresh is false when the address
// has an account already. Invalid names the wrong field, also an institution
// outside the actor's reach.
func (s *Service) Invite(ctx context.Context, a *access.Actor, in Invite) (id uuid.UUID, fresh bool, err error) {
	if !s.Access.Anywhere(a, PermConfirm) {
		return uuid.Nil, false, s.Access.Require(a, PermConfirm, access.Place{})
	}
	if err := s.mayConfirmAt(ctx, s.DB, a, in.Institution); err != nil {
		return uuid.Nil, false, err
	}
	type result struct {
		ID    uuid.UUID
		Fresh bool
	}
	var r result
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err = idem.Do(ctx, tx, a.Person, "person:invite", in, func() (result, error) {
			id, fresh, err := s.InviteTx(ctx, tx, a, in)
			return result{id, fresh}, err
		})
		return err
	})
	return r.ID, r.Fresh, err
}

// InviteAgain mails a new link to somebody who has not taken up the first;
// older links stop working. It needs person:confirm over the person's
// institution; Conflict when the account is no longer Invited.
func (s *Service) InviteAgain(ctx context.Context, a *access.Actor, person uuid.UUID) error {
	return s.once(ctx, a, "person:invite_again", person, func(ctx context.Context, tx *db.Tx) error {
		p, err := account(ctx, tx, person)
		if err != nil {
			return err
		}
		if err := s.over(ctx, tx, a, PermConfirm, p.Institution); err != nil {
			return err
		}
		if p.State != Invited {
			return fault.New(fault.Conflict, "identity.not_invited")
		}
		if err := closeLinks(ctx, tx, person, purposeInvitation, s.Now()); err != nil {
			return err
		}
		if err := s.write(ctx, tx, a, "person:invite", person); err != nil {
			return err
		}
		return s.sendInvitation(ctx, tx, person, Invite{Email: p.Email, Lang: p.Lang, Key: "identity.mail.invitation"})
	})
}

// NewPerson is an account made without a letter.
type NewPerson struct {
	Email, Name, Password string
	Institution           uuid.UUID
	Function, About       string
	Shown                 []string
	Lang                  i18n.Lang
}

// CreateActive makes an active account with a password, for demonstrations and
// for installations without mail; an account that the address already has is
// returned unchanged. It needs person:import on the platform. Invalid names
// the wrong field; common passwords are refused here as well.
func (s *Service) CreateActive(ctx context.Context, a *access.Actor, in NewPerson) (uuid.UUID, error) {
	if err := s.Access.Require(a, PermImport, access.Place{}); err != nil {
		return uuid.Nil, err
	}
	in.Email, in.Name, in.Password = TidyEmail(in.Email), TidyName(in.Name), tidyPassword(in.Password)
	var f fault.Fields
	checkEmail(&f, "email", in.Email)
	checkName(&f, "name", in.Name)
	checkPassword(&f, "password", in.Password, in.Name, in.Email)
	checkLength(&f, "function", in.Function, MaxFunction)
	checkLength(&f, "about", in.About, MaxAbout)
	if err := f.Err(); err != nil {
		return uuid.Nil, err
	}
	if p, err := credentials(ctx, s.DB, in.Email); err == nil {
		return p.ID, nil
	} else if !db.IsNoRows(err) {
		return uuid.Nil, err
	}
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err = s.createActive(ctx, tx, a, in, hash)
		return err
	})
	return id, err
}

func (s *Service) createActive(ctx context.Context, tx *db.Tx, a *access.Actor, in NewPerson, hash string) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	if in.Lang == "" {
		in.Lang = i18n.Polish
	}
	now := s.Now()
	fresh, err := insertPerson(ctx, tx, personRow{ID: id, Email: in.Email, Name: in.Name, Hash: hash, State: Active,
		Institution: uuid.NullUUID{UUID: in.Institution, Valid: in.Institution != uuid.Nil}, Function: in.Function, Lang: in.Lang}, &now, now)
	if err != nil {
		return uuid.Nil, err
	}
	if !fresh {
		p, err := credentials(ctx, tx, in.Email)
		return p.ID, err
	}
	if in.About != "" || len(in.Shown) > 0 {
		if _, err := updateProfile(ctx, tx, id, in.Email, ProfileInput{Name: in.Name, SortName: SortName(in.Name), Function: in.Function,
			About: in.About, Shown: tidyShown(in.Shown), Version: 1}); err != nil {
			return uuid.Nil, err
		}
	}
	return id, s.write(ctx, tx, a, "person:create", id, "email", "name", "institution", "function", "password")
}

// FirstAdmin asks for an administrator of the platform.
type FirstAdmin struct {
	Email, Name string
	// Password, when given, makes the account usable at once; otherwise the
	// returned link does.
	Password string
	// Force makes another one where there is one already: the way back in when
	// nobody can sign in any more.
	Force bool
}

// CreateFirstAdmin makes the first administrator of an empty installation and
// returns the path of a single-use link (14 days) where they choose their
// password, or "" when one was given or the account is active already. For the
// command line: no permission is checked. Conflict when there is an
// administrator and Force is not set; Invalid names the wrong field.
func (s *Service) CreateFirstAdmin(ctx context.Context, in FirstAdmin) (link string, err error) {
	in.Email, in.Name, in.Password = TidyEmail(in.Email), TidyName(in.Name), tidyPassword(in.Password)
	var f fault.Fields
	checkEmail(&f, "email", in.Email)
	checkName(&f, "name", in.Name)
	hash := ""
	if in.Password != "" {
		checkPassword(&f, "password", in.Password, in.Name, in.Email)
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	if in.Password != "" {
		if hash, err = s.hasher.hash(ctx, in.Password); err != nil {
			return "", err
		}
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		link, err = s.firstAdmin(ctx, tx, in, hash)
		return err
	})
	return link, err
}

func (s *Service) firstAdmin(ctx context.Context, tx *db.Tx, in FirstAdmin, hash string) (string, error) {
	if err := lockAdmins(ctx, tx); err != nil {
		return "", err
	}
	at := s.Clock.Now()
	have, err := access.HoldersOf(ctx, tx, access.OREAdmin, access.Platform, uuid.Nil, at, 1)
	if err != nil {
		return "", err
	}
	if len(have) > 0 && !in.Force {
		return "", fault.New(fault.Conflict, "identity.have_admin")
	}
	cli := access.Core("cli")
	id, err := s.adminAccount(ctx, tx, cli, in, hash)
	if err != nil {
		return "", err
	}
	if err := access.Give(ctx, tx, access.Row{Person: id, Role: access.OREAdmin, Kind: access.Platform, From: at}); err != nil {
		return "", err
	}
	if err := s.write(ctx, tx, cli, "role:grant", id, "role.ore_admin"); err != nil {
		return "", err
	}
	p, err := credentialsByID(ctx, tx, id)
	if err != nil || p.State == Active {
		return "", err
	}
	if p.State != Invited {
		return "", errors.New("identity: this address has an account that is not active; use another")
	}
	if err := closeLinks(ctx, tx, id, purposeInvitation, s.Now()); err != nil {
		return "", err
	}
	token, err := s.invitationLink(ctx, tx, id, in.Email)
	return InvitationPath + token, err
}

// adminAccount finds or makes the account; a given password is set in any case.
func (s *Service) adminAccount(ctx context.Context, tx *db.Tx, cli *access.Actor, in FirstAdmin, hash string) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	state, now := Invited, s.Now()
	var confirmed *time.Time
	if hash != "" {
		state, confirmed = Active, &now
	}
	fresh, err := insertPerson(ctx, tx, personRow{ID: id, Email: in.Email, Name: in.Name, Hash: hash, State: state, Lang: i18n.Polish}, confirmed, now)
	if err != nil {
		return uuid.Nil, err
	}
	if fresh {
		return id, s.write(ctx, tx, cli, "person:create", id, "email", "name")
	}
	p, err := lockByEmail(ctx, tx, in.Email)
	if err != nil || hash == "" {
		return p.ID, err
	}
	if p.State == Invited {
		_, err = takeUp(ctx, tx, p.ID, in.Name, in.Email, hash, now)
	} else {
		err = setPassword(ctx, tx, p.ID, hash)
	}
	if err != nil {
		return uuid.Nil, err
	}
	return p.ID, s.write(ctx, tx, cli, "account:password", p.ID, "password")
}
