package identity

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// CreatePending makes an account as a registration does whose letter was
// answered: it waits until the school or centre confirms it, and they are told.
// For demonstrations, which have no mailbox to answer from; About and Shown are
// not taken. An account that the address already has is left as it is. It needs
// person:import on the platform. Invalid names the wrong field.
func (s *Service) CreatePending(ctx context.Context, a *access.Actor, in NewPerson) error {
	if err := s.Access.Require(a, PermImport, access.Place{}); err != nil {
		return err
	}
	in.Email, in.Name, in.Password, in.Function = TidyEmail(in.Email), TidyName(in.Name), tidyPassword(in.Password), TidyName(in.Function)
	var f fault.Fields
	checkEmail(&f, "email", in.Email)
	checkName(&f, "name", in.Name)
	checkPassword(&f, "password", in.Password, in.Name, in.Email)
	checkLength(&f, "function", in.Function, MaxFunction)
	if in.Institution == uuid.Nil {
		f.Add("institution", "identity.institution_missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	if in.Lang == "" {
		in.Lang = i18n.Polish
	}
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := credentials(ctx, tx, in.Email); !db.IsNoRows(err) {
			return err
		}
		_, _, err := s.begin(ctx, tx, in.Email, registered{in.Name, hash, in.Institution, in.Function, in.Lang}, nil)
		return err
	})
}
