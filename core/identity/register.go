package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
)

// Registration. The form is kept with the link that is mailed to the address
// it names; only who opens that link and presses the button makes the account,
// with the name and password of that very form. So a stranger can neither fill
// the register with other people's addresses nor leave a password behind in an
// account that its owner confirms later. The account then waits until the
// principal, the centre in whose territory the school lies, or ORE confirms
// that the person works there.

// How long mailed links work, in real time.
const (
	confirmLife    = 24 * time.Hour
	resetLife      = time.Hour
	invitationLife = 14 * 24 * time.Hour
)

const (
	purposeConfirm    = "confirm_email"
	purposeReset      = "reset"
	purposeInvitation = "invitation"
)

// Registration is the form.
type Registration struct {
	Email, Name, Password string
	Institution           uuid.UUID
	Function              string // what the person does there; optional
	Lang                  i18n.Lang
	// Address is the client's IP address.
	Address string
}

// registered is what waits behind the link.
type registered struct {
	Name        string    `json:"name"`
	Hash        string    `json:"hash"`
	Institution uuid.UUID `json:"institution"`
	Function    string    `json:"function"`
	Lang        i18n.Lang `json:"lang"`
}

// Register mails a link that makes the account. The answer is the same whether
// the address has an account or not; an owner who has one is told so by the
// letter. Invalid names email, name, password, institution or function;
// TooMany when an address asks too often.
func (s *Service) Register(ctx context.Context, in Registration) error {
	in.Email, in.Name, in.Function = TidyEmail(in.Email), TidyName(in.Name), TidyName(in.Function)
	in.Password = tidyPassword(in.Password)
	var f fault.Fields
	// In the order of the form, as its summary of errors lists them.
	if err := s.checkInstitution(ctx, &f, in.Institution); err != nil {
		return err
	}
	checkName(&f, "name", in.Name)
	checkEmail(&f, "email", in.Email)
	checkLength(&f, "function", in.Function, MaxFunction)
	checkPassword(&f, "password", in.Password, in.Name, in.Email)
	if err := f.Err(); err != nil {
		return err
	}
	began := time.Now()
	defer s.level(ctx, began)
	mail, err := s.throttleMail(ctx, in.Email, in.Address)
	if err != nil || !mail {
		return err
	}
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.register(ctx, tx, in, hash) })
}

func (s *Service) register(ctx context.Context, tx *db.Tx, in Registration, hash string) error {
	p, err := credentials(ctx, tx, in.Email)
	if err != nil && !db.IsNoRows(err) {
		return err
	}
	switch p.State {
	case Active, Pending:
		return s.letter(ctx, tx, in.Email, in.Lang, "identity.mail.exists", forgotPath, nil)
	case Blocked, Erased:
		return nil
	}
	data, err := json.Marshal(registered{in.Name, hash, in.Institution, in.Function, in.Lang})
	if err != nil {
		return fmt.Errorf("registration: %w", err)
	}
	token, err := s.link(ctx, tx, purposeConfirm, uuid.NullUUID{}, in.Email, data, confirmLife)
	if err != nil {
		return err
	}
	return s.letter(ctx, tx, in.Email, in.Lang, "identity.mail.confirm", ConfirmPath+token, nil)
}

// throttleMail bounds letters that strangers can have sent. An address that
// asks too often is told; a mailbox that got enough just gets no more, or the
// answer would tell what others asked for.
func (s *Service) throttleMail(ctx context.Context, email, address string) (send bool, err error) {
	until, err := s.attempt(ctx, limitMailer, neighbourhood(address))
	if err != nil {
		return false, err
	}
	if !until.IsZero() {
		return false, s.tooMany(until)
	}
	until, err = s.attempt(ctx, limitMailbox, email)
	return until.IsZero(), err
}

// letter writes to an address.
func (s *Service) letter(ctx context.Context, tx *db.Tx, email string, l i18n.Lang, key, link string, args map[string]any) error {
	return s.Notify.Send(ctx, tx, notify.Message{Addresses: []notify.Address{{Mail: email, Lang: l}}, Key: key, Args: args, Link: link})
}

// link makes a single-use link and returns its secret.
func (s *Service) link(ctx context.Context, tx *db.Tx, purpose string, person uuid.NullUUID, email string, data []byte, life time.Duration) (string, error) {
	if data == nil {
		data = []byte("{}")
	}
	token, hash := newToken()
	now := s.Now()
	return token, insertLink(ctx, tx, hash, purpose, person, email, data, now, now.Add(life))
}

// spent is what a link that was used, is too old or never was says.
func spent(err error) error {
	if db.IsNoRows(err) {
		return fault.New(fault.NotFound, "identity.link_spent")
	}
	return err
}

// use takes a link in the transaction; NotFound (identity.link_spent) when it
// cannot be used any more.
func (s *Service) use(ctx context.Context, tx *db.Tx, token, purpose string) (linkRow, error) {
	hash, ok := hashToken(token)
	if !ok {
		return linkRow{}, fault.New(fault.NotFound, "identity.link_spent")
	}
	l, err := useLink(ctx, tx, hash, purpose, s.Now())
	return l, spent(err)
}

// CheckConfirmation tells for whom a confirmation link is, changing nothing;
// NotFound when it was used or is too old.
func (s *Service) CheckConfirmation(ctx context.Context, token string) (email string, err error) {
	return s.checkLink(ctx, token, purposeConfirm)
}

func (s *Service) checkLink(ctx context.Context, token, purpose string) (string, error) {
	hash, ok := hashToken(token)
	if !ok {
		return "", fault.New(fault.NotFound, "identity.link_spent")
	}
	l, err := readLink(ctx, s.DB, hash, purpose, s.Now())
	return l.Email, spent(err)
}

// ConfirmEmail makes the account of a registration and returns its state:
// Pending, or Active for somebody who had been invited to that institution.
// NotFound when the link was used or is too old; Conflict when the address got
// an account meanwhile.
func (s *Service) ConfirmEmail(ctx context.Context, token string) (State, error) {
	var state State
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, err := s.use(ctx, tx, token, purposeConfirm)
		if err != nil {
			return err
		}
		var r registered
		if err := json.Unmarshal(l.Data, &r); err != nil {
			return fmt.Errorf("registration: %w", err)
		}
		_, state, err = s.begin(ctx, tx, l.Email, r, nil)
		return err
	})
	return state, err
}

// begin makes the account of an address whose owner has answered; by is the
// invitation that they answered, nil for a registration.
func (s *Service) begin(ctx context.Context, tx *db.Tx, email string, r registered, by *asked) (uuid.UUID, State, error) {
	now := s.Now()
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, "", err
	}
	if r.Lang == "" {
		r.Lang = i18n.Polish
	}
	row := personRow{ID: id, Email: email, Name: r.Name, Hash: r.Hash, State: Pending,
		Institution: uuid.NullUUID{UUID: r.Institution, Valid: true}, Function: r.Function, Lang: r.Lang}
	fresh, err := insertPerson(ctx, tx, row, &now, now)
	if err != nil {
		return uuid.Nil, "", err
	}
	if !fresh {
		old, err := lockByEmail(ctx, tx, email)
		if err != nil {
			return uuid.Nil, "", err
		}
		row.ID = old.ID
		switch {
		case old.State == Invited && old.Vouched: // an administrator vouched for the address, and its owner answered
			id, err := s.takeUp(ctx, tx, email, r.Name, r.Hash)
			return id, Active, err
		case old.State == Invited, old.State == Refused:
			if err := restart(ctx, tx, row, now); err != nil {
				return uuid.Nil, "", err
			}
		case by != nil:
			return uuid.Nil, "", fault.New(fault.NotFound, "identity.link_spent")
		default:
			return uuid.Nil, "", fault.New(fault.Conflict, "identity.link_spent")
		}
	}
	if err := s.write(ctx, tx, &access.Actor{Person: row.ID}, "account:register", row.ID, "email", "name", "institution", "function"); err != nil {
		return uuid.Nil, "", err
	}
	if by != nil {
		yes, err := s.vouches(ctx, tx, by.By, r.Institution)
		if err != nil {
			return uuid.Nil, "", err
		}
		if yes {
			return row.ID, Active, s.settled(ctx, tx, row.ID, by.By)
		}
	}
	if done, err := s.meetInvitation(ctx, tx, row); err != nil || done {
		return row.ID, Active, err
	}
	return row.ID, Pending, s.tellConfirmers(ctx, tx, row, by)
}

// meetInvitation makes the account of somebody active who registers at the very
// institution to which they were invited: whoever invited vouched for it.
func (s *Service) meetInvitation(ctx context.Context, tx *db.Tx, p personRow) (bool, error) {
	v, err := inviteeAt(ctx, tx, p.Email, p.Institution.UUID, s.Now())
	if db.IsNoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := answerInvitee(ctx, tx, v.ID, "accepted", p.ID, s.Now()); err != nil {
		return false, err
	}
	if err := s.writeInvitee(ctx, tx, &access.Actor{Person: p.ID}, "person.invitation:accept", v.ID); err != nil {
		return false, err
	}
	return true, s.settled(ctx, tx, p.ID, v.Inviter.UUID)
}

func (s *Service) rolesWith(p access.Permission) []string {
	var out []string
	for _, r := range s.Access.Roles() {
		if s.Access.Allowed(r, p) {
			out = append(out, string(r))
		}
	}
	return out
}

// WaitingPage is a part of the list of accounts to confirm, the oldest first.
type WaitingPage struct {
	People []Account
	Next   string // cursor of the next page, "" on the last
}

// Waiting lists accounts that the actor may confirm; NotFound to who may none.
// It is accounted for as [Service.People] is.
func (s *Service) Waiting(ctx context.Context, a *access.Actor, after string, limit int) (WaitingPage, error) {
	if !s.Access.Anywhere(a, PermConfirm) {
		return WaitingPage{}, s.Access.Require(a, PermConfirm, access.Place{})
	}
	from, err := cursor(after)
	if err != nil {
		return WaitingPage{}, err
	}
	limit = pageSize(limit)
	people, err := listWaiting(ctx, s.DB, s.Access.Reach(a, PermConfirm), from, limit+1, s.Clock.Now())
	if err != nil {
		return WaitingPage{}, err
	}
	var p WaitingPage
	p.People, p.Next = page(people, limit)
	if err := s.browsed(ctx, a, p.People, uuid.Nil); err != nil {
		return WaitingPage{}, err
	}
	return p, nil
}

// AskWaiting is the part of a page that counts the accounts that the actor may
// confirm; false for who may none.
func (s *Service) AskWaiting(a *access.Actor) (gather.Part, bool) {
	if !s.Access.Anywhere(a, PermConfirm) {
		return gather.Part{}, false
	}
	return waitingOf(s.Access.Reach(a, PermConfirm), s.Clock.Now()), true
}

// ReadWaiting is the count of [Service.AskWaiting], up to 100.
func (s *Service) ReadWaiting(f gather.Found) (int, error) {
	rows, err := gather.Decode[struct{ N int }](f, waitingPart)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].N, nil
}

// CountWaiting is [Service.AskWaiting] for a page that needs nothing else; 0
// for who may confirm none.
func (s *Service) CountWaiting(ctx context.Context, a *access.Actor) (int, error) {
	p, ok := s.AskWaiting(a)
	if !ok {
		return 0, nil
	}
	f, err := gather.All(ctx, s.DB, gather.Query{Person: a.Person}, p)
	if err != nil {
		return 0, err
	}
	return s.ReadWaiting(f)
}

// Bounds of a reason for refusing, in characters.
const (
	MinReason = 3
	MaxReason = 500
)

// Confirm makes a waiting account active and tells its owner. It needs
// person:confirm at the institution or a centre in whose territory that lies;
// NotFound to others, Conflict when somebody decided before.
func (s *Service) Confirm(ctx context.Context, a *access.Actor, person uuid.UUID) error {
	return s.decide(ctx, a, person, Active, "")
}

// Refuse ends a waiting account with a reason that its owner is told; they may
// register again. Permissions as [Service.Confirm]; Invalid names reason.
func (s *Service) Refuse(ctx context.Context, a *access.Actor, person uuid.UUID, reason string) error {
	reason = strings.TrimSpace(reason)
	var f fault.Fields
	if n := utf8.RuneCountInString(reason); n < MinReason {
		f.Add("reason", "identity.reason_missing")
	} else if n > MaxReason {
		f.Add("reason", "identity.too_long", "Max", MaxReason)
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.decide(ctx, a, person, Refused, reason)
}

func (s *Service) decide(ctx context.Context, a *access.Actor, person uuid.UUID, to State, reason string) error {
	return s.once(ctx, a, "person:decide", []any{person, to, reason}, func(ctx context.Context, tx *db.Tx) error {
		p, err := account(ctx, tx, person)
		if err != nil {
			return err
		}
		if err := s.over(ctx, tx, a, PermConfirm, p.Institution); err != nil {
			return err
		}
		n, err := decide(ctx, tx, person, to, a.Person, s.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "identity.decided")
		}
		m := notify.Message{To: []uuid.UUID{person}, Key: "identity.mail.confirmed", Link: accountPath, Mail: true}
		action := "person:confirm"
		if to == Refused {
			m = notify.Message{To: []uuid.UUID{person}, Key: "identity.mail.refused", Args: map[string]any{"Reason": reason}, MailOnly: true}
			action = "person:refuse"
		}
		if err := s.write(ctx, tx, a, action, person, "state"); err != nil {
			return err
		}
		if s.host != nil {
			if err := s.host.Decided(ctx, tx, person); err != nil {
				return err
			}
		}
		return s.Notify.Send(ctx, tx, m)
	})
}

func checkLength(f *fault.Fields, path, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		f.Add(path, "identity.too_long", "Max", most)
	}
}
