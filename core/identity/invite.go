package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/notify"
)

// Inviting the staff of an institution. Whoever may confirm accounts there
// invites an address and vouches for it; what they get and see is an invitation
// with what they typed, whether the address has an account elsewhere or none:
// the answer, the letter, the list, sending again, inviting twice are the same,
// so nobody learns by an address who else is on the platform. An account within
// the inviter's own reach is theirs to see and is named instead.
//
// The letter's link leads who has no account to a page where they choose a
// password; the account is made there and then, active. Who has one signs in and
// takes the invitation up ([Service.AnswerOffer]): they work there from then on.
// Declining is told to nobody: the invitation goes on waiting in the inviter's
// list until it ends.
//
// Lists of people (import.go) make the same invitations, many at once.

// Status is what whoever invited sees of an invitation.
type Status string

// The statuses of an invitation.
const (
	StatusUnsent    Status = "unsent" // of a list whose letters were not sent
	StatusWaiting   Status = "waiting"
	StatusAccepted  Status = "accepted"
	StatusWithdrawn Status = "withdrawn"
	StatusExpired   Status = "expired"
)

const (
	// unsentLife is how long an invitation waits for its letter.
	unsentLife = 180 * 24 * time.Hour
	// keepInvitations is how long what became of an invitation can be looked at.
	keepInvitations = 90 * 24 * time.Hour
	// maxOffers is how many invitations somebody sees at once.
	maxOffers = 50
)

// OffersPath is the page on which somebody with an account answers invitations.
const OffersPath = "/konto/zaproszenia"

var (
	// Invitations by one person: the staff of a large school, one by one.
	limitInviter = limit{"invite.account", 100, time.Hour, time.Hour}
	// Letters of invitation to one mailbox, whoever sends them.
	limitInvited = limit{"invite.box", 5, 24 * time.Hour, 24 * time.Hour}
	// Offers of an office to addresses that the offering person knows no account of.
	limitOffer = limit{"invite.offer", 20, time.Hour, time.Hour}
)

// Invite is a person whom somebody with person:confirm vouches for. Others
// invite by [Ask].
type Invite struct {
	Email, Name string
	Institution uuid.UUID
	Function    string
}

// Sent is what an act of inviting led to: one of the two is set.
type Sent struct {
	Invitation uuid.UUID
	// Known is the account, within the actor's reach, that the address has
	// already; nothing was sent.
	Known uuid.UUID
}

// Invitee is an invitation as those see it who may invite at the institution.
type Invitee struct {
	ID                    uuid.UUID
	Email, Name, Function string // as typed
	Institution           uuid.UUID
	School                string // the institution's name and place
	Status                Status
	At                    time.Time
	Sent                  *time.Time // the last letter; nil before the first
	Until                 time.Time  // when it ends, or ended
}

// Invite invites one person by whoever may confirm accounts at the institution;
// inviting an address there again renews the invitation. Invalid names the wrong
// field, also an institution outside the actor's reach; TooMany after many
// invitations in an hour.
func (s *Service) Invite(ctx context.Context, a *access.Actor, in Invite) (Sent, error) {
	if !s.Access.Anywhere(a, PermConfirm) {
		return Sent{}, s.Access.Require(a, PermConfirm, access.Place{})
	}
	if err := s.mayConfirmAt(ctx, s.DB, a, in.Institution); err != nil {
		return Sent{}, err
	}
	in.Email, in.Name, in.Function = TidyEmail(in.Email), TidyName(in.Name), TidyName(in.Function)
	var f fault.Fields
	checkEmail(&f, "email", in.Email)
	checkName(&f, "name", in.Name)
	checkLength(&f, "function", in.Function, MaxFunction)
	if err := f.Err(); err != nil {
		return Sent{}, err
	}
	defer s.level(ctx, time.Now())
	letter, err := s.throttleInvitation(ctx, a, in.Email)
	if err != nil {
		return Sent{}, err
	}
	var out Sent
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		out, err = idem.Do(ctx, tx, a.Person, "person:invite", in, func() (Sent, error) { return s.invite(ctx, tx, a, in, letter) })
		return err
	})
	return out, err
}

func (s *Service) invite(ctx context.Context, tx *db.Tx, a *access.Actor, in Invite, letter bool) (Sent, error) {
	known, _, err := s.Seen(ctx, tx, a, in.Email)
	if err != nil || known != uuid.Nil {
		return Sent{Known: known}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Sent{}, err
	}
	now := s.Now()
	if err := endExpired(ctx, tx, []string{in.Email}, now); err != nil {
		return Sent{}, err
	}
	id, err = putInvitee(ctx, tx, id, in, a.Person, now, now.Add(invitationLife))
	if err != nil {
		return Sent{}, err
	}
	if err := s.writeInvitee(ctx, tx, a, "person:invite", id, "email", "name", "institution", "function"); err != nil {
		return Sent{}, err
	}
	return Sent{Invitation: id}, s.sendInvitees(ctx, tx, letter, id)
}

// throttleInvitation bounds invitations. Whoever sends too many is told; a
// mailbox that got enough just gets no more.
func (s *Service) throttleInvitation(ctx context.Context, a *access.Actor, email string) (letter bool, err error) {
	if !a.SignedIn() {
		return true, nil
	}
	until, err := s.attempt(ctx, limitInviter, a.Person.String())
	if err != nil {
		return false, err
	}
	if !until.IsZero() {
		return false, s.tooMany(until)
	}
	until, err = s.attempt(ctx, limitInvited, email)
	return until.IsZero(), err
}

// MayOffer counts an office offered to an address that the actor knows no
// account of; TooMany after many in an hour.
func (s *Service) MayOffer(ctx context.Context, a *access.Actor) error {
	if !a.SignedIn() {
		return nil
	}
	until, err := s.attempt(ctx, limitOffer, a.Person.String())
	if err == nil && !until.IsZero() {
		err = s.tooMany(until)
	}
	return err
}

// Seen is the account of an address when the actor may see it: their own, or one
// within their reach of person:list; uuid.Nil for one elsewhere, for none, and for
// one that nobody has taken up. active reports whether it is in use.
func (s *Service) Seen(ctx context.Context, q db.Q, a *access.Actor, email string) (person uuid.UUID, active bool, err error) {
	c, err := credentials(ctx, q, TidyEmail(email))
	if db.IsNoRows(err) || err == nil && (c.State == Invited || c.State == Erased) {
		return uuid.Nil, false, nil
	}
	if err != nil {
		return uuid.Nil, false, err
	}
	if c.ID != a.Person {
		p, err := account(ctx, q, c.ID)
		if err != nil {
			return uuid.Nil, false, err
		}
		switch err := s.over(ctx, q, a, PermList, p.Institution); {
		case fault.Is(err, fault.NotFound), fault.Is(err, fault.Forbidden):
			return uuid.Nil, false, nil
		case err != nil:
			return uuid.Nil, false, err
		}
	}
	return c.ID, c.State == Active, nil
}

// sendInvitees mails the links of invitations; older ones stop working. Somebody
// with an account in use is told there, too. Without letter the mailbox has had
// enough: nothing goes out, and the invitation looks the same.
func (s *Service) sendInvitees(ctx context.Context, tx *db.Tx, letter bool, ids ...uuid.UUID) error {
	now := s.Now()
	if err := markSent(ctx, tx, ids, now, now.Add(invitationLife)); err != nil || !letter {
		return err
	}
	return s.mailInvitees(ctx, tx, now, ids...)
}

func (s *Service) mailInvitees(ctx context.Context, tx *db.Tx, now time.Time, ids ...uuid.UUID) error {
	if err := closeInvitationLinks(ctx, tx, ids, now); err != nil {
		return err
	}
	list, err := inviteesToSend(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i := range list {
		v := &list[i]
		token, hash := newToken()
		if err := insertInvitationLink(ctx, tx, hash, v.ID, v.Email, now, now.Add(invitationLife)); err != nil {
			return err
		}
		args := map[string]any{"Institution": v.label(ctx)}
		if err := s.letter(ctx, tx, v.Email, i18n.Polish, "identity.mail.invitation", InvitationPath+token, args); err != nil {
			return err
		}
		if v.Account.Valid {
			err := s.Notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{v.Account.UUID}, Key: "identity.mail.offer", Args: args, Link: OffersPath})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// writeInvitee audits an act on an invitation.
func (s *Service) writeInvitee(ctx context.Context, tx *db.Tx, a *access.Actor, action string, id uuid.UUID, fields ...string) error {
	return s.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "person_invitation", ObjectID: id.String(), Fields: fields})
}

// InviteesQuery narrows the list of invitations.
type InviteesQuery struct {
	Import uuid.UUID // of this list of people only; uuid.Nil: all
	After  string    // [InviteesPage].Next of the page before
	Limit  int       // at most 100; default 50
}

// InviteesPage is a part of the list, newest first.
type InviteesPage struct {
	Invitees []Invitee
	Next     string
}

// Invitees lists the invitations to institutions within the actor's reach of
// person:confirm, until some months after their end; NotFound to who has no such
// role. Each page is accounted for as [Service.People] is.
func (s *Service) Invitees(ctx context.Context, a *access.Actor, q InviteesQuery) (InviteesPage, error) {
	if !s.Access.Anywhere(a, PermConfirm) {
		return InviteesPage{}, s.Access.Require(a, PermConfirm, access.Place{})
	}
	before, err := cursor(q.After)
	if err != nil {
		return InviteesPage{}, err
	}
	limit := pageSize(q.Limit)
	rows, err := listInvitees(ctx, s.DB, s.Access.Reach(a, PermConfirm), q.Import, before, limit+1, s.Clock.Now())
	if err != nil {
		return InviteesPage{}, err
	}
	var p InviteesPage
	if len(rows) > limit {
		rows = rows[:limit]
		p.Next = rows[limit-1].ID.String()
	}
	now := s.Now()
	for i := range rows {
		p.Invitees = append(p.Invitees, rows[i].invitee(ctx, now))
	}
	if len(rows) > 0 && a.SignedIn() {
		err = s.Audit.Read(ctx, s.DB, audit.Event{Actor: a.Person, Action: "person:browse", ObjectKind: "person_invitation", Fields: []string{"name", "email", "institution", "function"}})
	}
	if err != nil {
		return InviteesPage{}, err
	}
	return p, nil
}

// InviteAgain mails a new link of an invitation that waits or has run out; older
// links stop working. It needs person:confirm over its institution; NotFound to
// others, Conflict when it was accepted or withdrawn, TooMany as [Service.Invite].
func (s *Service) InviteAgain(ctx context.Context, a *access.Actor, invitation uuid.UUID) error {
	v, err := s.inviteeFor(ctx, s.DB, a, invitation)
	if err != nil {
		return err
	}
	defer s.level(ctx, time.Now())
	letter, err := s.throttleInvitation(ctx, a, v.Email)
	if err != nil {
		return err
	}
	return s.once(ctx, a, "person:invite_again", invitation, func(ctx context.Context, tx *db.Tx) error {
		n, err := reopenInvitee(ctx, tx, invitation, s.Now().Add(invitationLife))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "identity.invitation_over")
		}
		if err := s.writeInvitee(ctx, tx, a, "person:invite", invitation); err != nil {
			return err
		}
		return s.sendInvitees(ctx, tx, letter, invitation)
	})
}

// WithdrawInvitation takes an invitation back: its link stops working and its
// page goes. Needs and errors as [Service.InviteAgain].
func (s *Service) WithdrawInvitation(ctx context.Context, a *access.Actor, invitation uuid.UUID) error {
	return s.once(ctx, a, "person.invitation:withdraw", invitation, func(ctx context.Context, tx *db.Tx) error {
		if _, err := s.inviteeFor(ctx, tx, a, invitation); err != nil {
			return err
		}
		n, err := withdrawInvitee(ctx, tx, invitation, s.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "identity.invitation_over")
		}
		return s.writeInvitee(ctx, tx, a, "person.invitation:withdraw", invitation)
	})
}

// inviteeFor reads an invitation for who may invite at its institution.
func (s *Service) inviteeFor(ctx context.Context, q db.Q, a *access.Actor, id uuid.UUID) (inviteeRow, error) {
	if !s.Access.Anywhere(a, PermConfirm) {
		return inviteeRow{}, s.Access.Require(a, PermConfirm, access.Place{})
	}
	v, err := inviteeOf(ctx, q, id)
	if err != nil {
		return v, err
	}
	return v, s.over(ctx, q, a, PermConfirm, uuid.NullUUID{UUID: v.Institution, Valid: true})
}
