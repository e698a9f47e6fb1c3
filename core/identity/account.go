package identity

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/registry"
)

// Me reads the actor's own account.
func (s *Service) Me(ctx context.Context, a *access.Actor) (Account, error) {
	if err := s.own(a); err != nil {
		return Account{}, err
	}
	return account(ctx, s.DB, a.Person)
}

// ProfileInput is the form of one's own profile.
type ProfileInput struct {
	Name     string
	SortName string // "" derives it from Name
	Function string
	About    string
	Shown    []string // out of [Showable]; others are ignored
	Version  int      // of the account that was edited
}

// UpdateProfile changes the actor's own profile. Invalid names name, sort_name,
// function or about; Conflict when it was changed since Version.
func (s *Service) UpdateProfile(ctx context.Context, a *access.Actor, in ProfileInput) error {
	if err := s.own(a); err != nil {
		return err
	}
	in.Name, in.SortName, in.Function = TidyName(in.Name), TidyName(in.SortName), TidyName(in.Function)
	in.About, in.Shown = strings.TrimSpace(in.About), tidyShown(in.Shown)
	if in.SortName == "" {
		in.SortName = SortName(in.Name)
	}
	var f fault.Fields
	checkName(&f, "name", in.Name)
	checkName(&f, "sort_name", in.SortName)
	checkLength(&f, "function", in.Function, MaxFunction)
	checkLength(&f, "about", in.About, MaxAbout)
	if err := f.Err(); err != nil {
		return err
	}
	return s.once(ctx, a, "account:profile", in, func(ctx context.Context, tx *db.Tx) error {
		p, err := account(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		n, err := updateProfile(ctx, tx, a.Person, p.Email, in)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		return s.write(ctx, tx, a, "account:profile", a.Person, "name", "sort_name", "function", "about", "shown")
	})
}

// SetLanguage keeps the language that a person switched to. It is a
// preference and is not audited.
func (s *Service) SetLanguage(ctx context.Context, a *access.Actor, l i18n.Lang) error {
	if err := s.own(a); err != nil {
		return err
	}
	if l != i18n.Polish && l != i18n.English {
		return fault.InvalidFields(fault.Field{Path: "lang", Key: "identity.lang_unknown"})
	}
	return setLanguage(ctx, s.DB, a.Person, l)
}

// Profile is what one person sees of another: name and institution, and what
// that person chose to show; the rest is "".
type Profile struct {
	ID                     uuid.UUID
	Name                   string
	InstitutionName        string
	School                 registry.Institution // see [Account]
	Function, About, Email string
}

// Profile shows a person to somebody who shares a network with them, to
// themselves and to administrators over their institution; NotFound to others.
// What it shows beyond name and institution is accounted for, and not shown
// (Unavailable) when it cannot be.
func (s *Service) Profile(ctx context.Context, viewer *access.Actor, person uuid.UUID) (Profile, error) {
	if err := s.Access.Require(viewer, PermProfile, access.Place{}); err != nil {
		return Profile{}, err
	}
	p, err := account(ctx, s.DB, person)
	if err != nil {
		return Profile{}, err
	}
	if p.State != Active {
		return Profile{}, fault.ErrNotFound
	}
	if viewer.Person != person {
		shared, err := shareNetwork(ctx, s.DB, viewer.Person, person, s.Clock.Now())
		if err != nil {
			return Profile{}, err
		}
		if !shared {
			if err := s.over(ctx, s.DB, viewer, PermList, p.Institution); err != nil {
				return Profile{}, err
			}
		}
	}
	seen := p.Seen()
	if fields := seen.beyond(); len(fields) > 0 && viewer.SignedIn() && viewer.Person != person {
		if err := s.Audit.Read(ctx, s.DB, audit.Event{Actor: viewer.Person, Action: "person:look", ObjectKind: "person", ObjectID: person.String(), Fields: fields}); err != nil {
			return Profile{}, err
		}
	}
	return seen, nil
}

// beyond names what the profile shows beyond a list of members: name and school.
func (p *Profile) beyond() []string {
	var out []string
	for _, f := range []struct{ name, value string }{{ShowFunction, p.Function}, {ShowAbout, p.About}, {ShowEmail, p.Email}} {
		if f.value != "" {
			out = append(out, f.name)
		}
	}
	return out
}

// Seen is the part of the account that others see.
func (p *Account) Seen() Profile {
	out := Profile{ID: p.ID, Name: p.Name, InstitutionName: p.InstitutionName, School: p.School}
	for _, f := range p.Shown {
		switch f {
		case ShowFunction:
			out.Function = p.Function
		case ShowAbout:
			out.About = p.About
		case ShowEmail:
			out.Email = p.Email
		}
	}
	return out
}

// Receivers tells notify where to write to people; apart from [Service],
// because that needs notify itself.
type Receivers struct{ DB *db.DB }

var _ notify.People = Receivers{}

// MailReceiver implements notify.People: nobody writes to who was invited (only
// the invitation itself does), is blocked or erased. Who was refused is told so.
func (r Receivers) MailReceiver(ctx context.Context, person uuid.UUID) (notify.Receiver, bool, error) {
	to, err := receiver(ctx, r.DB, person)
	if db.IsNoRows(err) {
		return notify.Receiver{}, false, nil
	}
	return notify.Receiver{Address: to.Email, Lang: i18n.Lang(to.Lang)}, err == nil, err
}
