package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
)

// Asking. A coordinator invites an address, not a person: who reads it, what
// they are called and where they work only its owner can say. So nothing is
// written but a mailed link. Its owner opens it, gives name and institution and
// accepts; that makes the account, and it waits for the school or centre like
// any registration, unless whoever invited may confirm accounts there. What the
// invitation leads into keeps its place meanwhile ([Host]).

// Ask is an invitation by somebody who need not have the right to confirm
// accounts.
type Ask struct {
	Email string
	By    uuid.UUID // who invites; uuid.Nil for the platform itself, which vouches for nobody
	// To is what the invitation leads into, Title what it is called and Path the
	// page where somebody with an account answers it.
	To          uuid.UUID
	Title, Path string
	// Life is how long the link works, in real time; default 14 days.
	Life time.Duration
	// Key and Args are the letter's texts; the letter's link is the invitation.
	Key  string
	Args map[string]any
}

// asked is what waits behind the link.
type asked struct {
	By    uuid.UUID `json:"by"`
	To    uuid.UUID `json:"to"`
	Title string    `json:"title"`
	Path  string    `json:"path"`
}

// Host is what invitations lead into.
type Host interface {
	// Accepted runs in the transaction in which the owner of an invited address
	// makes their account: it keeps a place for them in what they were invited to.
	Accepted(ctx context.Context, tx *db.Tx, person, to uuid.UUID) error
	// Decided runs in the transaction in which an account that waited is
	// confirmed or refused.
	Decided(ctx context.Context, tx *db.Tx, person uuid.UUID) error
}

// Lead names the host; before the service is used.
func (s *Service) Lead(h Host) { s.host = h }

// AskTx invites an address as part of the caller's transaction. told is true
// when a letter with a link went out. It is false when the address has an
// account already: that is person, and the caller tells them in its own way. An
// account that an administrator prepared and nobody has taken up gets a new
// link. The caller has authorised the act and checked the address.
func (s *Service) AskTx(ctx context.Context, tx *db.Tx, in Ask) (person uuid.UUID, told bool, err error) {
	in.Email = TidyEmail(in.Email)
	if in.Life <= 0 {
		in.Life = invitationLife
	}
	p, err := credentials(ctx, tx, in.Email)
	if err != nil && !db.IsNoRows(err) {
		return uuid.Nil, false, err
	}
	to := uuid.NullUUID{}
	switch p.State {
	case Active, Pending, Blocked, Erased:
		return p.ID, false, nil
	case Invited:
		if p.Vouched {
			to = uuid.NullUUID{UUID: p.ID, Valid: true}
		}
	}
	data, err := json.Marshal(asked{By: in.By, To: in.To, Title: in.Title, Path: in.Path})
	if err != nil {
		return uuid.Nil, false, fmt.Errorf("invitation: %w", err)
	}
	token, err := s.link(ctx, tx, purposeInvitation, to, in.Email, data, in.Life)
	if err != nil {
		return uuid.Nil, false, err
	}
	return p.ID, true, s.letter(ctx, tx, in.Email, i18n.Polish, in.Key, InvitationPath+token, in.Args)
}

// Invitation is what the page behind an invitation's link shows.
type Invitation struct {
	Email, Name, InstitutionName string
	// Asks is true when the invited person gives name and institution
	// themselves; false when somebody vouched for them.
	Asks bool
	// Title is what the invitation leads into, Path where somebody who has an
	// account answers it; both empty for the platform itself.
	Title, Path string
	// ByName is who invites; "" where an administrator prepared the account.
	ByName string
	// Known is the state of the account that the address has got meanwhile.
	Known State

	asked
	place inviteeRow // of an invited member of staff
}

// CheckInvitation reads an invitation, changing nothing; NotFound
// (identity.link_spent) when it was used or is too old.
func (s *Service) CheckInvitation(ctx context.Context, token string) (Invitation, error) {
	hash, ok := hashToken(token)
	if !ok {
		return Invitation{}, fault.New(fault.NotFound, "identity.link_spent")
	}
	l, err := readLink(ctx, s.DB, hash, purposeInvitation, s.Now())
	if err != nil {
		return Invitation{}, spent(err)
	}
	return s.invitation(ctx, s.DB, l)
}

func (s *Service) invitation(ctx context.Context, q db.Q, l linkRow) (Invitation, error) {
	in := Invitation{Email: l.Email}
	if err := json.Unmarshal(l.Data, &in.asked); err != nil {
		return in, fmt.Errorf("invitation: %w", err)
	}
	in.Title, in.Path = in.asked.Title, in.asked.Path
	if l.Invitation.Valid {
		var err error
		if in.place, err = openInvitee(ctx, q, l.Invitation.UUID, s.Now()); err != nil {
			return in, spent(err)
		}
		in.Path = OffersPath
	}
	p, err := credentials(ctx, q, l.Email)
	if err != nil && !db.IsNoRows(err) {
		return in, err
	}
	if p.State == Active || p.State == Pending {
		in.Known = p.State
		return in, nil
	}
	if l.Invitation.Valid {
		in.Name, in.InstitutionName, in.ByName = in.place.Name, in.place.label(ctx), in.place.By
		return in, nil
	}
	if in.Asks = !(p.State == Invited && p.Vouched); in.Asks {
		in.ByName, err = nameOf(ctx, q, in.By)
		return in, err
	}
	a, err := account(ctx, q, p.ID)
	in.Name, in.InstitutionName = a.Name, a.InstitutionName
	return in, err
}

// Acceptance is the form of an invitation's page. Institution and Function are
// taken where the invitation asks for them.
type Acceptance struct {
	Name, Password string
	Institution    uuid.UUID
	Function       string
	Lang           i18n.Lang
	Address, Agent string
}

// Accepted is what an acceptance led to.
type Accepted struct {
	// State of the account: Active, and then its owner is signed in, or Pending.
	State    State
	SignedIn SignedIn
	// To is what the invitation led into; uuid.Nil for the platform itself.
	To uuid.UUID
}

// AcceptInvitation makes the account of an invited address. One that somebody
// vouched for is active; of the others those are whose inviter
// holds person:confirm over the institution that the owner names, the rest waits
// (Pending). Invalid names name, password, institution or function and leaves
// the link usable; NotFound when it was used or is too old, or the address got
// an account meanwhile. Of several at once one gets it.
func (s *Service) AcceptInvitation(ctx context.Context, token string, in Acceptance) (Accepted, error) {
	in.Name, in.Password, in.Function = TidyName(in.Name), tidyPassword(in.Password), TidyName(in.Function)
	inv, err := s.CheckInvitation(ctx, token)
	if err != nil {
		return Accepted{}, err
	}
	var f fault.Fields
	if inv.Asks {
		if err := s.checkInstitution(ctx, &f, in.Institution); err != nil {
			return Accepted{}, err
		}
	}
	checkName(&f, "name", in.Name)
	checkLength(&f, "function", in.Function, MaxFunction)
	checkPassword(&f, "password", in.Password, in.Name, inv.Email)
	if err := f.Err(); err != nil {
		return Accepted{}, err
	}
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return Accepted{}, err
	}
	var out Accepted
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, err := s.use(ctx, tx, token, purposeInvitation)
		if err != nil {
			return err
		}
		inv, err := s.invitation(ctx, tx, l) // it may have changed since the page was read
		if err != nil {
			return err
		}
		out, err = s.accept(ctx, tx, &inv, &in, hash)
		return err
	})
	return out, err
}

func (s *Service) checkInstitution(ctx context.Context, f *fault.Fields, id uuid.UUID) error {
	if id == uuid.Nil {
		f.Add("institution", "identity.institution_missing")
		return nil
	}
	open, err := institutionOpen(ctx, s.DB, id)
	if err == nil && !open {
		f.Add("institution", "identity.institution_unknown")
	}
	return err
}

func (s *Service) accept(ctx context.Context, tx *db.Tx, inv *Invitation, in *Acceptance, hash string) (Accepted, error) {
	out := Accepted{State: Active, To: inv.To}
	var person uuid.UUID
	var err error
	switch {
	case inv.Known != "":
		err = fault.New(fault.NotFound, "identity.link_spent")
	case inv.place.ID != uuid.Nil:
		person, err = s.takeUpInvitee(ctx, tx, &inv.place, in, hash)
	case inv.Asks:
		person, out.State, err = s.begin(ctx, tx, inv.Email, registered{Name: in.Name, Hash: hash, Institution: in.Institution,
			Function: in.Function, Lang: in.Lang}, &inv.asked)
	default:
		person, err = s.takeUp(ctx, tx, inv.Email, in.Name, hash)
	}
	if err != nil {
		return out, err
	}
	if s.host != nil && inv.To != uuid.Nil {
		if err := s.host.Accepted(ctx, tx, person, inv.To); err != nil {
			return out, err
		}
	}
	if out.State == Active {
		out.SignedIn, err = s.open(ctx, tx, person, HowInvitation, neighbourhood(in.Address), in.Agent)
	}
	return out, err
}

// takeUp makes the account active that an administrator prepared.
func (s *Service) takeUp(ctx context.Context, tx *db.Tx, email, name, hash string) (uuid.UUID, error) {
	p, err := lockByEmail(ctx, tx, email)
	if err != nil {
		return uuid.Nil, spent(err)
	}
	n, err := takeUp(ctx, tx, p.ID, name, email, hash, s.Now())
	if err != nil {
		return uuid.Nil, err
	}
	if n == 0 {
		return uuid.Nil, fault.New(fault.NotFound, "identity.link_spent")
	}
	if err := closeLinks(ctx, tx, p.ID, purposeInvitation, s.Now()); err != nil {
		return uuid.Nil, err
	}
	return p.ID, s.write(ctx, tx, &access.Actor{Person: p.ID}, "account:take_up", p.ID, "name", "password")
}

// vouches reports whether the person may confirm accounts at the institution now.
func (s *Service) vouches(ctx context.Context, q db.Q, person, institution uuid.UUID) (bool, error) {
	if person == uuid.Nil {
		return false, nil
	}
	p, err := credentialsByID(ctx, q, person)
	if err != nil || p.State != Active {
		return false, err
	}
	grants, err := access.RolesOf(ctx, q, person, s.Clock.Now())
	if err != nil {
		return false, err
	}
	err = s.over(ctx, q, &access.Actor{Person: person, Grants: grants}, PermConfirm, uuid.NullUUID{UUID: institution, Valid: true})
	if k := fault.As(err); k != nil && (k.Kind == fault.NotFound || k.Kind == fault.Forbidden) {
		return false, nil
	}
	return err == nil, err
}

// settled makes a waiting account active in the name of who vouches for it;
// uuid.Nil for the command line.
func (s *Service) settled(ctx context.Context, tx *db.Tx, person, by uuid.UUID) error {
	if _, err := decide(ctx, tx, person, Active, by, s.Now()); err != nil {
		return err
	}
	a := &access.Actor{Person: by}
	if by == uuid.Nil { // invited at the command line
		a = access.Core("cli")
	}
	return s.write(ctx, tx, a, "person:confirm", person, "state")
}

// tellConfirmers puts the new account before those who may confirm it, with
// what it was invited to.
func (s *Service) tellConfirmers(ctx context.Context, tx *db.Tx, p personRow, to *asked) error {
	who, err := confirmers(ctx, tx, p.Institution.UUID, s.rolesWith(PermConfirm), s.Clock.Now())
	if err != nil || len(who) == 0 {
		return err
	}
	m := notify.Message{To: who, Key: "identity.mail.waiting", Args: map[string]any{"Name": p.Name}, Link: waitingPath}
	if to != nil && to.Title != "" {
		m.Key, m.Args["Title"] = "identity.mail.waiting_invited", to.Title
		if m.Args["By"], err = nameOf(ctx, tx, to.By); err != nil {
			return err
		}
	}
	return s.Notify.Send(ctx, tx, m)
}
