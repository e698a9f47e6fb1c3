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
)

func (s *Service) invitationLink(ctx context.Context, tx *db.Tx, id uuid.UUID, email string) (string, error) {
	return s.link(ctx, tx, purposeInvitation, uuid.NullUUID{UUID: id, Valid: true}, email, nil, invitationLife)
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
