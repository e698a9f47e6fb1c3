package network

import (
	"context"
	"encoding/json"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
)

// Bounds of invitations.
const (
	// MaxInvited is how many may be invited by one act.
	MaxInvited = 200
	// DefaultInvitation and MaxInvitation are how long an invitation holds.
	DefaultInvitation = 14 * 24 * time.Hour
	MaxInvitation     = 180 * 24 * time.Hour
	// MaxDaily is how many invitations one person may send in 24 hours of domain
	// time: room for the largest network by hand, too little for a mailing list.
	MaxDaily = 400
	// maxTold bounds the teachers of one school who are told of its invitation.
	maxTold = 300
)

// Invite says whom to invite. Exactly one person of each school is expected;
// any confirmed teacher of it may answer.
type Invite struct {
	Schools []uuid.UUID `json:"schools"`
	Emails  []string    `json:"emails"`
	People  []uuid.UUID `json:"people"`
	// Role is participant (the default), expert or moderator; those two take no seat.
	Role    access.Role `json:"role"`
	Message string      `json:"message"`
	// Days until the invitation ends; 0 = 14.
	Days    int                      `json:"days"`
	Reasons []effect.Acknowledgement `json:"reasons"`
}

// Invited counts what an act of inviting did.
type Invited struct {
	New     int `json:"new"`
	Already int `json:"already"`
}

// Invite invites schools, addresses and people. Invitations of a draft are kept
// and sent when it opens. Who was invited already is counted, not asked twice.
// Needs network.member:invite.
//
// Errors: NotFound; Invalid with fields "emails", "schools", "people"…; Conflict
// for a network that is over; [ReasonError] when the module warns of a person.
func (s *Service) Invite(ctx context.Context, a *access.Actor, network uuid.UUID, in Invite) (Invited, error) {
	h, err := s.change(ctx, a, network, PermInvite)
	if err != nil {
		return Invited{}, err
	}
	if err := h.alive(true); err != nil {
		return Invited{}, err
	}
	if err := in.check(); err != nil {
		return Invited{}, err
	}
	invite := func(ctx context.Context, _ confirmer) (Invited, error) {
		return act(ctx, s, a, "network.member:invite", []any{network, in}, func(ctx context.Context, tx *db.Tx) (Invited, error) {
			h, err := lockHead(ctx, tx, network)
			if err != nil {
				return Invited{}, err
			}
			out, err := s.invite(ctx, tx, a, &h, &in)
			if err != nil || h.Status != Open {
				return out, err
			}
			return out, s.sendInvitations(ctx, tx, a, &h)
		})
	}
	if len(in.People) != 1 {
		return invite(ctx, nil)
	}
	// One named person: the module may warn before they are asked. Nothing is
	// confirmed here: the guard is asked again when they answer.
	return guarded(ctx, s, a, &h, in.People[0], in.Role, in.Reasons, invite)
}

func (s *Service) invite(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, in *Invite) (Invited, error) {
	reasons, err := json.Marshal(in.Reasons)
	if err != nil {
		return Invited{}, err
	}
	now := s.clock.Now()
	if err := s.checkDaily(ctx, tx, a, in, now); err != nil {
		return Invited{}, err
	}
	row := invitationRow{Network: h.ID, Role: in.Role, Message: in.Message, Reasons: reasons, By: nilID(a.Person), At: now, Ends: now.AddDate(0, 0, in.Days)}
	var out Invited
	add := func(r invitationRow) error {
		fresh, err := insertInvitation(ctx, tx, &r)
		if err != nil {
			return err
		}
		if !fresh {
			out.Already++
			return nil
		}
		out.New++
		return nil
	}
	for _, id := range in.Schools {
		r := row
		r.School = nilID(id)
		if err := add(r); err != nil {
			return out, err
		}
	}
	for _, e := range in.Emails {
		r := row
		r.Email = e
		if err := add(r); err != nil {
			return out, err
		}
	}
	for _, id := range in.People {
		r := row
		r.Person = nilID(id)
		if err := add(r); err != nil {
			return out, err
		}
	}
	return out, s.note(ctx, tx, a, h.ID, "network.member:invite", "network", h.ID, "schools", "emails", "people")
}

// checkDaily refuses what goes beyond [MaxDaily]. Two acts at the same moment
// may pass it together; the next one does not.
func (s *Service) checkDaily(ctx context.Context, q db.Q, a *access.Actor, in *Invite, now time.Time) error {
	if a.Person == uuid.Nil {
		return nil
	}
	sent, err := countInvitations(ctx, q, a.Person, now.Add(-24*time.Hour))
	if err != nil || sent+len(in.Schools)+len(in.Emails)+len(in.People) <= MaxDaily {
		return err
	}
	var f fault.Fields
	f.Add("emails", "network.invited_today", "Max", MaxDaily, "Left", max(MaxDaily-sent, 0))
	return f.Err()
}

// check tidies an invitation and refuses what cannot be sent.
func (in *Invite) check() error {
	var f fault.Fields
	in.Role = roleOr(in.Role)
	if in.Role != access.Participant && in.Role != access.Expert && in.Role != access.Moderator {
		f.Add("role", "network.role_unknown")
	}
	if in.Days == 0 {
		in.Days = int(DefaultInvitation.Hours() / 24)
	}
	if in.Days < 1 || in.Days > int(MaxInvitation.Hours()/24) {
		f.Add("days", "network.days_wrong", "Max", int(MaxInvitation.Hours()/24))
	}
	if err := checkText("message", in.Message, MaxMessage); err != nil {
		f.Add("message", "network.text_long", "Max", MaxMessage)
	}
	var emails []string
	for i, e := range in.Emails {
		e = strings.ToLower(strings.TrimSpace(e))
		if e == "" {
			continue
		}
		if !isAddress(e) {
			f.Add("emails", "network.email_wrong", "Address", e, "No", i)
			continue
		}
		emails = append(emails, e)
	}
	slices.Sort(emails)
	in.Emails = slices.Compact(emails)
	switch n := len(in.Schools) + len(in.Emails) + len(in.People); {
	case n > MaxInvited:
		f.Add("emails", "network.invited_many", "Max", MaxInvited)
	case n == 0 && len(f) == 0:
		f.Add("emails", "network.invited_none")
	}
	return f.Err()
}

// isAddress reports whether mail can be sent there.
func isAddress(email string) bool {
	p, err := mail.ParseAddress(email)
	return err == nil && p.Address == email && len(email) <= 254
}

func roleOr(r access.Role) access.Role {
	if r == "" {
		return access.Participant
	}
	return r
}

// sendInvitations tells everybody whose invitation was not sent yet, with the
// rule of one person a school where it holds.
func (s *Service) sendInvitations(ctx context.Context, tx *db.Tx, a *access.Actor, h *head) error {
	now := s.clock.Now()
	for {
		rows, err := unsentInvitations(ctx, tx, h.ID, now)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			if err := s.sendInvitation(ctx, tx, a, h, &rows[i]); err != nil {
				return err
			}
		}
	}
}

func (s *Service) sendInvitation(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, r *invitationRow) error {
	once := "network.invitation:" + r.ID.String()
	key := "network.notice.invited"
	if h.OnePerSchool {
		key = "network.notice.invited_first"
	}
	args := map[string]any{"Year": show.SchoolYear(h.SchoolYear), "Until": r.Ends, "Message": r.Message}
	people := []uuid.UUID{r.Person.UUID}
	var err error
	switch {
	case r.School.Valid:
		if people, err = teachersOf(ctx, tx, r.School.UUID); err != nil {
			return err
		}
	case r.Email != "":
		p, told, err := s.accounts.AskTx(ctx, tx, identity.Ask{
			Email: r.Email, By: r.By.UUID, To: h.ID, Title: h.Title, Path: pathOf(h.ID) + "/zaproszenie", Life: r.Ends.Sub(s.clock.Now()),
			Key: "network.mail.invitation", Args: map[string]any{"Title": h.Title, "Until": r.Ends, "Message": r.Message},
		})
		if err != nil || told { // the letter with the link to the new account tells it
			return err
		}
		people = []uuid.UUID{p}
	}
	return s.tell(ctx, tx, h, key, "/zaproszenie", true, once, args, people...)
}

// Withdraw takes an invitation back; answers given stay. Needs
// network.member:invite.
func (s *Service) Withdraw(ctx context.Context, a *access.Actor, network, invitation uuid.UUID) error {
	if _, err := s.change(ctx, a, network, PermInvite); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "network.invitation:withdraw", []any{network, invitation}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		ok, err := withdrawInvitation(ctx, tx, network, invitation, s.clock.Now())
		if err != nil {
			return struct{}{}, err
		}
		if !ok {
			return struct{}{}, fault.ErrNotFound
		}
		return struct{}{}, s.note(ctx, tx, a, network, "network.invitation:withdraw", "invitation", invitation)
	})
	return err
}
