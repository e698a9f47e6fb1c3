package network

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/place"
)

// Member is a person in a network's list. Everybody inside sees name, school
// and roles; the fields after Roles are filled for those who manage members.
type Member struct {
	Person uuid.UUID `json:"person_id"`
	Name   string    `json:"name"`
	School string    `json:"school"`
	place.Where
	// Gmina is the code of the kind and the name of the gmina where the school
	// is, of [Service.Members] alone; the texts "registry.unit_<kind>" show both.
	Gmina, GminaKind string   `json:"-"`
	Roles            []string `json:"roles"`

	ID       uuid.UUID  `json:"membership_id,omitzero"`
	State    State      `json:"state,omitempty"`
	JoinedAt *time.Time `json:"joined_at,omitempty"`
	QueuedAt *time.Time `json:"queued_at,omitempty"`
	Until    *time.Time `json:"offered_until,omitempty"`
	EndedAt  *time.Time `json:"ended_at,omitempty"`
	Second   bool       `json:"second_of_school,omitempty"`
	// AccountWaits: they accepted the invitation, their account is yet to be
	// confirmed, and the place is kept until then.
	AccountWaits bool   `json:"account_waits,omitempty"`
	Place        int    `json:"place,omitempty"`
	Message      string `json:"message,omitempty"`
	Note         string `json:"note,omitempty"`
	// SchoolTimes is how many of the same school complex are in the network.
	SchoolTimes int `json:"school_times,omitempty"`
}

// RequestDecision is a coordinator's answer to a request to join.
type RequestDecision struct {
	Accept  bool                     `json:"accept"`
	Note    string                   `json:"note"` // the reason of a refusal
	Reasons []effect.Acknowledgement `json:"reasons"`
}

// MembersPage is a page of people.
type MembersPage struct {
	Network Brief
	Members []Member
	Next    string
}

// Members lists active members by name; with former also those who left or were
// removed, for managers. Needs network.member:list.
func (s *Service) Members(ctx context.Context, a *access.Actor, network uuid.UUID, former bool, cur string, limit int) (MembersPage, error) {
	after, err := readCursor(cur)
	if err != nil {
		return MembersPage{}, err
	}
	limit = pageSize(limit)
	list := func(rows *[]memberLine, states ...State) func(context.Context, db.Q) error {
		names := make([]string, len(states))
		for i, st := range states {
			names[i] = string(st)
		}
		return func(ctx context.Context, q db.Q) (err error) {
			*rows, err = listMembers(ctx, q, network, names, after, s.clock.Now(), limit+1)
			return err
		}
	}
	var h head
	var rows, gone []memberLine
	readers := []func(context.Context, db.Q) error{
		func(ctx context.Context, _ db.Q) (err error) {
			h, err = s.enter(ctx, a, network, PermMembers)
			return err
		},
		list(&rows, Active),
	}
	if former {
		readers = append(readers, list(&gone, Left, Removed))
	}
	if err := db.Together(ctx, s.db, readers...); err != nil {
		return MembersPage{}, err
	}
	p := MembersPage{Network: s.brief(a, &h)}
	if former && p.Network.May.Manage {
		rows = gone
	}
	if len(rows) > limit {
		rows = rows[:limit]
		p.Next = cursor{Text: rows[limit-1].Sort, ID: rows[limit-1].Person}.String()
	}
	p.Members = people(rows, p.Network.May.Manage)
	return p, nil
}

// Requests lists requests to join, oldest first. Needs network.member:manage.
// They are of people who are no members: each page is accounted for, and not
// shown (Unavailable) when it cannot be.
func (s *Service) Requests(ctx context.Context, a *access.Actor, network uuid.UUID, cur string) (MembersPage, error) {
	after := uuid.Nil
	if cur != "" {
		var err error
		if after, err = idCursor(cur); err != nil {
			return MembersPage{}, err
		}
	}
	var h head
	var rows []memberLine
	err := db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) (err error) {
			h, err = s.enter(ctx, a, network, PermManage)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = listRequests(ctx, q, network, after, defaultPage+1)
			return err
		})
	if err == nil {
		err = s.look(ctx, a, network, "network.request:list", len(rows), "name", "school", "message")
	}
	if err != nil {
		return MembersPage{}, err
	}
	p := MembersPage{Network: s.brief(a, &h)}
	if len(rows) > defaultPage {
		rows = rows[:defaultPage]
		p.Next = rows[defaultPage-1].ID.String()
	}
	p.Members = people(rows, true)
	return p, nil
}

// look accounts for a list of people who are no members of the network, before
// it is handed out; an empty one tells of nobody.
func (s *Service) look(ctx context.Context, a *access.Actor, network uuid.UUID, action string, people int, fields ...string) error {
	if people == 0 || !a.SignedIn() {
		return nil
	}
	return s.audit.Read(ctx, s.db, audit.Event{Actor: a.Person, Action: action, ObjectKind: "network", ObjectID: network.String(),
		ScopeKind: string(access.Network), ScopeID: network, Fields: fields})
}

// WaitingList lists offers and then those who wait, in their order. Needs
// network.member:manage; Invalid for a cursor that this list did not give. It is
// accounted for as [Service.Requests] is.
func (s *Service) WaitingList(ctx context.Context, a *access.Actor, network uuid.UUID, cur string) (MembersPage, error) {
	after, err := readQueueKey(cur)
	if err != nil {
		return MembersPage{}, err
	}
	const page = 50
	var h head
	var rows []memberLine
	err = db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) (err error) {
			h, err = s.enter(ctx, a, network, PermManage)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = listQueue(ctx, q, network, after, page+1)
			return err
		})
	if err == nil {
		err = s.look(ctx, a, network, "network.offer:list", len(rows), "name", "school", "message")
	}
	if err != nil {
		return MembersPage{}, err
	}
	p := MembersPage{Network: s.brief(a, &h)}
	if len(rows) > page {
		rows = rows[:page]
		p.Next = rows[page-1].queueKey()
	}
	p.Members = people(rows, true)
	return p, nil
}

// queueKey is the cursor of the page that begins behind the line.
func (l *memberLine) queueKey() string {
	at := "infinity" // an offer that was not waited for comes after those that were
	if l.QueuedAt != nil {
		at = l.QueuedAt.UTC().Format(time.RFC3339Nano)
	}
	return cursor{Text: strings.Join([]string{string(l.State), strconv.FormatBool(l.Second), at}, " "), ID: l.ID}.String()
}

func readQueueKey(cur string) (queueKey, error) {
	c, err := readCursor(cur)
	if cur == "" || err != nil {
		return queueKey{}, err
	}
	part := strings.Split(c.Text, " ")
	if len(part) != 3 {
		return queueKey{}, badCursor()
	}
	second, err := strconv.ParseBool(part[1])
	if err != nil {
		return queueKey{}, badCursor()
	}
	if _, err := time.Parse(time.RFC3339Nano, part[2]); err != nil && part[2] != "infinity" {
		return queueKey{}, badCursor()
	}
	return queueKey{State: part[0], Second: second, At: part[2], ID: c.ID}, nil
}

func people(rows []memberLine, manages bool) []Member {
	out := make([]Member, len(rows))
	for i := range rows {
		r := &rows[i]
		m := Member{Person: r.Person, Name: r.Name, School: r.School, Where: r.Where, Gmina: r.Gmina, GminaKind: r.GminaKind}
		_ = json.Unmarshal(r.Roles, &m.Roles) // built by the query itself: a JSON array of texts
		if manages {
			m.ID, m.State, m.JoinedAt, m.QueuedAt, m.Until, m.Second = r.ID, r.State, r.JoinedAt, r.QueuedAt, r.Until, r.Second
			m.Place, m.Message, m.Note, m.SchoolTimes = r.Place, r.Message, r.Note, r.SchoolTimes
			m.AccountWaits = r.Account == string(identity.Pending)
			if r.State == Left || r.State == Removed {
				m.EndedAt = &r.ChangedAt
			}
		}
		out[i] = m
	}
	return out
}

// OneMember is an active member for pages about one person: removing, roles,
// handing over. Needs network.member:list; NotFound for others.
func (s *Service) OneMember(ctx context.Context, a *access.Actor, network, person uuid.UUID) (Brief, Member, error) {
	h, err := s.enter(ctx, a, network, PermMembers)
	if err != nil {
		return Brief{}, Member{}, err
	}
	rows, err := oneMember(ctx, s.db, network, person, s.clock.Now())
	if err != nil {
		return Brief{}, Member{}, err
	}
	if len(rows) == 0 {
		return Brief{}, Member{}, fault.ErrNotFound
	}
	b := s.brief(a, &h)
	return b, people(rows, b.May.Manage)[0], nil
}

// InvitationLine is an invitation as those who invite see it.
type InvitationLine struct {
	ID uuid.UUID `json:"id"`
	// Whom is the school's name with where it is, the person's name, or the address.
	Whom string `json:"whom"`
	// Kind is school, email or person.
	Kind      string     `json:"kind"`
	Role      string     `json:"role"`
	CreatedAt time.Time  `json:"created_at"`
	Ends      time.Time  `json:"ends_at"`
	Sent      *time.Time `json:"sent_at,omitempty"`
	Withdrawn *time.Time `json:"withdrawn_at,omitempty"`
	// Answers is how many came through it, Declined how many said no.
	Answers  int `json:"answers"`
	Declined int `json:"declined"`
}

// InvitationsPage is a page of invitations.
type InvitationsPage struct {
	Network Brief
	Items   []InvitationLine
	Next    string
}

// Invitations lists a network's invitations with how they were answered. Needs
// network.member:invite. It tells whom the network asked, and is accounted for
// as [Service.Requests] is.
func (s *Service) Invitations(ctx context.Context, a *access.Actor, network uuid.UUID, cur string) (InvitationsPage, error) {
	before, err := idCursor(cur)
	if err != nil {
		return InvitationsPage{}, err
	}
	const page = 50
	var h head
	var rows []invitationLine
	err = db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) (err error) {
			h, err = s.enter(ctx, a, network, PermInvite)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = listInvitations(ctx, q, network, before, page+1)
			return err
		})
	if err == nil {
		err = s.look(ctx, a, network, "network.invitation:list", len(rows), "name", "email", "school")
	}
	if err != nil {
		return InvitationsPage{}, err
	}
	p := InvitationsPage{Network: s.brief(a, &h), Items: make([]InvitationLine, min(len(rows), page))}
	if len(rows) > page {
		rows = rows[:page]
		p.Next = rows[page-1].ID.String()
	}
	for i, r := range rows {
		l := InvitationLine{ID: r.ID, Whom: r.Email, Kind: "email", Role: r.Role, CreatedAt: r.At, Ends: r.Ends, Sent: r.Sent, Withdrawn: r.Withdrawn, Answers: r.Answers, Declined: r.Declined}
		switch {
		case r.School != nil:
			l.Whom, l.Kind = r.Label(ctx, *r.School), "school"
		case r.Person != nil:
			l.Whom, l.Kind = *r.Person, "person"
		}
		p.Items[i] = l
	}
	return p, nil
}

// namesAtHand is how many names [Service.NamesAtHand] reads: all of any network
// that its own people know, and a page's worth of a mass one.
const namesAtHand = 200

// NamesAtHand reads names that a view of the network will probably mention, to
// be read beside something else: those of its members, at most 200. Names are
// for whoever may list the members; none for others.
func (s *Service) NamesAtHand(ctx context.Context, q db.Q, b Brief) (map[uuid.UUID]string, error) {
	if !b.May.Members {
		return nil, nil
	}
	return someNames(ctx, q, b.ID, namesAtHand)
}

// Names tells the names of people of a network to somebody who may list its
// members (network.member:list); others are left out.
func (s *Service) Names(ctx context.Context, a *access.Actor, b Brief, people []uuid.UUID) (map[uuid.UUID]string, error) {
	if !b.May.Members {
		return nil, nil
	}
	return memberNames(ctx, s.db, b.ID, people)
}
