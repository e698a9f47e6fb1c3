package schedule

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/place"
)

// Presence is how somebody was, or was not, at a meeting.
type Presence string

// The presences; Guest is a visitor written by name.
const (
	PresentOnSite Presence = "onsite"
	PresentOnline Presence = "online"
	Excused       Presence = "excused"
	Absent        Presence = "absent"
	Guest         Presence = "guest"
)

// Presences lists what a register offers for a member of a meeting.
func (w *Where) Presences() []Presence {
	var out []Presence
	if w.OnSite {
		out = append(out, PresentOnSite)
	}
	if w.Online {
		out = append(out, PresentOnline)
	}
	return append(out, Excused, Absent)
}

// Present reports whether hours count.
func (p Presence) Present() bool { return p == PresentOnSite || p == PresentOnline }

func (p Presence) member() bool { return p.Present() || p == Excused || p == Absent }

// MaxGuests bounds the visitors of a meeting.
const MaxGuests = 100

// registerEarly is how long before a meeting its register and check-in open.
const registerEarly = time.Hour

// Line is a person in a register.
type Line struct {
	Person
	School string `json:"school" db:"school"`
	place.Where
	Answer   Way      `json:"answer,omitempty" db:"answer"`
	Presence Presence `json:"presence,omitempty" db:"presence"`
	// Via is "code" for somebody who checked in.
	Via string `json:"via,omitempty" db:"via"`
}

// GuestLine is a visitor in a register.
type GuestLine struct {
	ID     uuid.UUID `json:"id" db:"id"`
	Name   string    `json:"name" db:"guest_name"`
	School string    `json:"school,omitempty" db:"guest_school"`
}

// Register is who was at a meeting.
type Register struct {
	Meeting Meeting     `json:"meeting"`
	Where   Where       `json:"where"`
	Lines   []Line      `json:"lines"` // everybody invited and who was marked before leaving, by name
	Guests  []GuestLine `json:"guests"`
	Items   []Item      `json:"agenda"`
	// SavedAt is when the register was first saved; nil before.
	SavedAt *time.Time `json:"saved_at,omitempty"`
	// Open reports whether the register takes changes now.
	Open bool `json:"open"`
	// At is where permissions of the network are asked.
	At access.Place `json:"-"`
}

// Totals count a register.
func (r *Register) Totals() map[Presence]int {
	out := map[Presence]int{Guest: len(r.Guests)}
	for i := range r.Lines {
		if p := r.Lines[i].Presence; p != "" {
			out[p]++
		}
	}
	return out
}

// Mark is a change in a register: Presence is what counts from now on, Was what
// the page showed. A mark that the editor did not touch is not written, so that
// a check-in meanwhile is not lost.
type Mark struct {
	Person   uuid.UUID `json:"person"`
	Presence Presence  `json:"presence"`
	Was      Presence  `json:"was"`
}

// GuestMark is a visitor: without an ID a new one; with Drop (or an empty name)
// one who was written by mistake.
type GuestMark struct {
	ID     uuid.UUID `json:"id"`
	Name   string    `json:"name"`
	School string    `json:"school"`
	Drop   bool      `json:"drop"`
}

// RegisterInput is a register as an editor leaves it.
type RegisterInput struct {
	Marks  []Mark      `json:"marks"`
	Guests []GuestMark `json:"guests"`
}

// Register reads who is expected and who was there. Needs meeting:register or
// meeting:hours; of people from outside the network it is accounted for.
func (s *Service) Register(ctx context.Context, a *access.Actor, id uuid.UUID) (*Register, error) {
	m, err := s.enter(ctx, a, id, PermHours)
	if err != nil {
		return nil, err
	}
	r := &Register{Meeting: s.meeting(ctx, m), Where: m.where(), At: m.place(), SavedAt: m.RegisterAt, Open: m.registering(s.clock.Now()) && s.auth.Can(a, PermRegister, m.place())}
	if err := readRegister(ctx, s.db, m, s.clock.Now(), r); err != nil {
		return nil, err
	}
	return r, s.look(ctx, a, m.Network, "meeting.attendance:read", "meeting", id)
}

// registering reports whether the register takes changes.
func (m *meetingRow) registering(now time.Time) bool {
	return (m.State == Announced || m.State == Held) && !now.Before(m.Starts.Add(-registerEarly)) && m.Status == "open"
}

// SaveRegister writes attendance: members by mark, visitors by name. Whoever
// missed so much that the rule of the centre is out of reach is told, once, and
// what they can still get. Needs meeting:register.
//
// Errors: NotFound; Invalid for unknown people, presences and long names
// ("guests[0].name"); Conflict before the meeting and once it is closed.
func (s *Service) SaveRegister(ctx context.Context, a *access.Actor, id uuid.UUID, in RegisterInput) error {
	m, err := s.enter(ctx, a, id, PermRegister)
	if err != nil {
		return err
	}
	if err := in.check(m.where()); err != nil {
		return err
	}
	return s.once(ctx, a, "meeting:register", []any{id, in}, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if !m.registering(s.clock.Now()) {
			return s.notRegistering(m)
		}
		return s.saveRegister(ctx, tx, a, m, &in)
	})
}

func (s *Service) notRegistering(m *meetingRow) error {
	if m.State == Announced && s.clock.Now().Before(m.Starts) {
		return conflict("schedule.register_early")
	}
	return errClosed
}

func (in *RegisterInput) check(w Where) error {
	var bad fault.Fields
	for i := range in.Marks {
		m := &in.Marks[i]
		if m.Presence != "" && !m.Presence.member() || m.Presence.Present() && !w.Offers(Way(m.Presence)) {
			bad.Add("presence."+m.Person.String(), "schedule.presence_unknown")
		}
	}
	n := 0
	for i := range in.Guests {
		g := &in.Guests[i]
		g.Name, g.School = strings.Join(strings.Fields(g.Name), " "), strings.Join(strings.Fields(g.School), " ")
		at := "guests[" + itoa(i) + "]"
		if g.Name == "" && g.School != "" {
			bad.Add(at+".name", "schedule.guest_name")
		}
		if utf8.RuneCountInString(g.Name) > MaxTitle {
			bad.Add(at+".name", "schedule.text_long", "Max", MaxTitle)
		}
		if utf8.RuneCountInString(g.School) > MaxTitle {
			bad.Add(at+".school", "schedule.text_long", "Max", MaxTitle)
		}
		if g.Name != "" && !g.Drop {
			n++
		}
	}
	if n > MaxGuests {
		bad.Add("guests[0].name", "schedule.guests_many", "Max", MaxGuests)
	}
	return bad.Err()
}

func (s *Service) saveRegister(ctx context.Context, tx *db.Tx, a *access.Actor, m *meetingRow, in *RegisterInput) error {
	now := s.clock.Now()
	var people []uuid.UUID
	var presences []string
	for _, k := range in.Marks {
		if k.Presence == k.Was {
			continue
		}
		if k.Presence == "" {
			if err := deleteMark(ctx, tx, m.ID, k.Person); err != nil {
				return err
			}
			continue
		}
		people, presences = append(people, k.Person), append(presences, string(k.Presence))
	}
	n, err := putMarks(ctx, tx, m, people, presences, a.Person, now)
	if err != nil {
		return err
	}
	if n != int64(len(people)) {
		return fault.InvalidFields(fault.Field{Path: "marks", Key: "schedule.person_unknown"})
	}
	if err := putGuests(ctx, tx, m.ID, in.Guests, a.Person, now); err != nil {
		return err
	}
	if err := setRegister(ctx, tx, m.ID, now); err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, m, "meeting:register"); err != nil {
		return err
	}
	return s.tellUnreachable(ctx, tx, m)
}
