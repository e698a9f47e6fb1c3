package network

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/place"
	"ore.edu.pl/sieci/core/programme"
)

// ProgrammeOption is a programme that a network of a centre can enter: it goes
// on, and it is the centre's own, acts where the centre has its seat, or is of no
// centre and so of the whole country.
type ProgrammeOption struct {
	ID    uuid.UUID `json:"id" db:"id"`
	Code  string    `json:"code" db:"code"`
	Title string    `json:"title" db:"title"`
	// Open: networks enter by themselves; else the programme answers a request.
	Open bool `json:"open" db:"open"`
}

// TieState is where a network stands with a programme.
type TieState string

// The states.
const (
	TieAsked     TieState = "asked"     // the programme has not answered yet
	TieDeclined  TieState = "declined"  // it said no, with a reason
	TieWithdrawn TieState = "withdrawn" // the network took its request back
	TieIn        TieState = "in"
	TieLeft      TieState = "left" // left, with a reason
)

// Tie is what was or is between a network and a programme.
type Tie struct {
	ID      uuid.UUID `json:"id" db:"id"`
	Network uuid.UUID `json:"network_id" db:"network_id"`
	Title   string    `json:"network" db:"title"`
	Centre  string    `json:"centre" db:"centre"`
	place.Where
	Programme uuid.UUID `json:"programme_id" db:"programme_id"`
	Name      string    `json:"programme" db:"programme"`
	State     TieState  `json:"state" db:"state"`
	// Note is what the network wrote when it asked, Reason why it was declined or left.
	Note    string     `json:"note,omitempty" db:"note"`
	Reason  string     `json:"reason,omitempty" db:"reason"`
	AskedAt time.Time  `json:"asked_at" db:"asked_at"`
	Decided *time.Time `json:"decided_at,omitempty" db:"decided_at"`
	Joined  *time.Time `json:"joined_at,omitempty" db:"joined_at"`
	Left    *time.Time `json:"left_at,omitempty" db:"left_at"`
}

// Ties is how a network stands with programmes.
type Ties struct {
	Brief
	// History is the newest first, at most 100: the one in force or asked for too.
	History []Tie `json:"history"`
	// Options are what it can enter; none while it is in one or has asked.
	Options []ProgrammeOption `json:"options"`
}

// Current is the tie in force, nil without.
func (t *Ties) Current() *Tie { return t.in(TieIn) }

// Asked is the request that waits for an answer, nil without.
func (t *Ties) Asked() *Tie { return t.in(TieAsked) }

func (t *Ties) in(state TieState) *Tie {
	if i := slices.IndexFunc(t.History, func(x Tie) bool { return x.State == state }); i >= 0 {
		return &t.History[i]
	}
	return nil
}

// today is the day in Poland by the domain clock, as midnight UTC.
func (s *Service) today() time.Time { return warsawDay(s.clock.Now()) }

func warsawDay(t time.Time) time.Time {
	y, m, d := t.In(clock.Warsaw).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// ProgrammesFor lists the programmes that a network which the actor founds at the
// centre can enter, by title, at most 100. Needs network:found there; NotFound otherwise.
func (s *Service) ProgrammesFor(ctx context.Context, a *access.Actor, centre uuid.UUID) ([]ProgrammeOption, error) {
	if err := s.auth.Require(a, PermFound, access.Place{Centre: centre}); err != nil {
		return nil, err
	}
	year := clock.SchoolYear(s.clock.Now()) // a network is founded for this one or the next
	return programmeOptions(ctx, s.db, centre, uuid.Nil, s.today(), year, year+1)
}

// Programme tells how a network stands with programmes. Needs network:edit.
func (s *Service) Programme(ctx context.Context, a *access.Actor, network uuid.UUID) (*Ties, error) {
	h, err := s.enter(ctx, a, network, PermEdit)
	if err != nil {
		return nil, err
	}
	out := &Ties{Brief: s.brief(a, &h), Options: []ProgrammeOption{}}
	err = db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) (err error) { out.History, err = tiesOf(ctx, q, network); return err },
		func(ctx context.Context, q db.Q) (err error) {
			out.Options, err = programmeOptions(ctx, q, h.Centre, uuid.Nil, s.today(), h.SchoolYear, h.SchoolYear)
			return err
		})
	if err != nil {
		return nil, err
	}
	if out.Current() != nil || out.Asked() != nil || h.alive(true) != nil || out.Off {
		out.Options = []ProgrammeOption{}
	}
	return out, nil
}

// EnterProgramme puts a network into a programme where that is open to networks or
// the actor runs it (programme:edit); else it asks, with a note, and the programme's
// leads are told. Needs network:edit. Returns what came of it, [TieIn] or [TieAsked].
//
// Errors: NotFound; Invalid "programme" for one that it cannot enter; Conflict for
// a network that is in one, has asked, or is over.
func (s *Service) EnterProgramme(ctx context.Context, a *access.Actor, network, into uuid.UUID, note string) (TieState, error) {
	if err := checkText("note", note, MaxMessage); err != nil {
		return "", err
	}
	if _, err := s.change(ctx, a, network, PermEdit); err != nil {
		return "", err
	}
	return act(ctx, s, a, "network.programme:ask", []any{network, into, note}, func(ctx context.Context, tx *db.Tx) (TieState, error) {
		h, err := s.holdFor(ctx, tx, a, network, PermEdit)
		if err != nil {
			return "", err
		}
		return s.enterProgramme(ctx, tx, a, &h, into, note)
	})
}

// holdFor locks a network that is not over for an act that needs p there.
func (s *Service) holdFor(ctx context.Context, tx *db.Tx, a *access.Actor, network uuid.UUID, p access.Permission) (head, error) {
	h, err := lockHead(ctx, tx, network)
	if err != nil {
		return h, err
	}
	if err := s.auth.Require(a, p, h.place()); err != nil {
		return h, err
	}
	return h, h.alive(true)
}

// enterProgramme is [Service.EnterProgramme] for a network that the transaction holds.
func (s *Service) enterProgramme(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, into uuid.UUID, note string) (TieState, error) {
	if h.Programme.Valid {
		return "", fault.New(fault.Conflict, "network.programme_has")
	}
	if waits, err := hasRequest(ctx, tx, h.ID); err != nil {
		return "", err
	} else if waits {
		return "", fault.New(fault.Conflict, "network.programme_asked")
	}
	list, err := programmeOptions(ctx, tx, h.Centre, into, s.today(), h.SchoolYear, h.SchoolYear)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fault.InvalidFields(fault.Field{Path: "programme", Key: "network.programme_unknown"})
	}
	centre, err := programmeCentre(ctx, tx, into)
	if err != nil {
		return "", err
	}
	t := newTie{Network: h.ID, Programme: into, State: TieAsked, Note: note, By: a.Person, At: s.clock.Now()}
	if t.ID, err = uuid.NewV7(); err != nil {
		return "", err
	}
	action := "network.programme:ask"
	if list[0].Open || s.auth.Can(a, programme.Edit, access.Place{Programme: into, Centre: centre.UUID}) {
		t.State, action = TieIn, "network.programme:join"
	}
	if err := insertTie(ctx, tx, &t); err != nil {
		return "", err
	}
	if err := s.noteTie(ctx, tx, a, h.ID, into, action); err != nil {
		return "", err
	}
	if t.State == TieIn {
		return t.State, setProgramme(ctx, tx, h.ID, nilID(into), &t.At)
	}
	leads, err := s.leadsOf(ctx, tx, into)
	if err != nil {
		return "", err
	}
	return t.State, s.tellLeads(ctx, tx, h, into, "network.notice.programme_asked", map[string]any{"Programme": list[0].Title}, leads)
}

// checkProgramme adds to f when a network to be founded cannot enter its programme.
func (s *Service) checkProgramme(ctx context.Context, f *fault.Fields, in *Founding) error {
	if in.Programme == uuid.Nil || in.SchoolYear < 2000 || in.SchoolYear > 2100 { // the year itself is refused
		return nil
	}
	list, err := programmeOptions(ctx, s.db, in.Centre, in.Programme, s.today(), in.SchoolYear, in.SchoolYear)
	if err == nil && len(list) == 0 {
		f.Add("programme", "network.programme_unknown")
	}
	return err
}

// enterAtFounding puts a network into the programme that its founder chose, or asks.
func (s *Service) enterAtFounding(ctx context.Context, tx *db.Tx, a *access.Actor, network, into uuid.UUID) error {
	if into == uuid.Nil {
		return nil
	}
	h, err := lockHead(ctx, tx, network)
	if err != nil {
		return err
	}
	_, err = s.enterProgramme(ctx, tx, a, &h, into, "")
	return err
}

// tellLeads tells those who answer for a programme; the message leads to the page
// of its networks, because the network itself may be out of their sight.
func (s *Service) tellLeads(ctx context.Context, tx *db.Tx, h *head, programme uuid.UUID, key string, args map[string]any, to []uuid.UUID) error {
	if len(to) == 0 {
		return nil
	}
	all := map[string]any{"Title": h.Title}
	maps.Copy(all, args)
	return s.notify.Send(ctx, tx, notify.Message{To: to, Key: key, Args: all, Link: "/programy/" + programme.String() + "/sieci"})
}

// leadsOf are those who answer for a programme: its leads, else ORE's administrators.
func (s *Service) leadsOf(ctx context.Context, q db.Q, id uuid.UUID) ([]uuid.UUID, error) {
	leads, err := access.HoldersOf(ctx, q, access.Lead, access.Programme, id, s.clock.Now(), 20)
	if err != nil || len(leads) > 0 {
		return leads, err
	}
	return access.HoldersOf(ctx, q, access.OREAdmin, access.Platform, uuid.Nil, s.clock.Now(), 20)
}

// noteTie writes down an act between a network and a programme.
func (s *Service) noteTie(ctx context.Context, tx *db.Tx, a *access.Actor, network, programme uuid.UUID, action string) error {
	return s.note(ctx, tx, a, network, action, "programme", programme, "programme")
}

// WithdrawRequest takes back the request of a network to enter a programme. Needs
// network:edit. Conflict when there is none any more.
func (s *Service) WithdrawRequest(ctx context.Context, a *access.Actor, network uuid.UUID) error {
	if _, err := s.enter(ctx, a, network, PermEdit); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "network.programme:withdraw", network, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		h, err := lockHead(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		if err := s.auth.Require(a, PermEdit, h.place()); err != nil {
			return struct{}{}, err
		}
		into, err := endRequest(ctx, tx, network, uuid.Nil, TieWithdrawn, "", a.Person, s.clock.Now())
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.noteTie(ctx, tx, a, network, into, "network.programme:withdraw")
	})
	return err
}

// LeaveProgramme takes a network out of its programme from now on, with a reason;
// what was counted until now stays counted as of the days before. Needs
// network:edit. Errors: NotFound; Invalid without a reason; Conflict when the
// network is in none, or is over.
func (s *Service) LeaveProgramme(ctx context.Context, a *access.Actor, network uuid.UUID, reason string) error {
	if _, err := s.enter(ctx, a, network, PermEdit); err != nil {
		return err
	}
	return s.part(ctx, a, network, uuid.Nil, reason, PermEdit)
}

// Dismiss is [Service.LeaveProgramme] by who runs the programme: needs
// programme:edit there. Conflict when the network is not in it any more, NotFound
// when it never was.
func (s *Service) Dismiss(ctx context.Context, a *access.Actor, from, network uuid.UUID, reason string) error {
	if _, err := s.programmePlace(ctx, a, from, programme.Edit); err != nil {
		return err
	}
	return s.part(ctx, a, network, from, reason, programme.Edit)
}

// part takes a network out of its programme, or out of that one, for somebody who
// has p at the network.
func (s *Service) part(ctx context.Context, a *access.Actor, network, from uuid.UUID, reason string, p access.Permission) error {
	if err := needText("reason", reason, MaxMessage); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "network.programme:leave", []any{network, from, reason}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		h, err := lockHead(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		if !h.Programme.Valid || from != uuid.Nil && h.Programme.UUID != from {
			if was, err := wasTied(ctx, tx, network, from); err != nil || from != uuid.Nil && !was {
				return struct{}{}, cmp.Or(err, fault.ErrNotFound) // never in it, as one that is not there
			}
			return struct{}{}, fault.New(fault.Conflict, "network.programme_none")
		}
		if err := s.auth.Require(a, p, h.place()); err != nil {
			return struct{}{}, err
		}
		if err := h.alive(true); err != nil {
			return struct{}{}, err
		}
		name, err := endTie(ctx, tx, network, reason, a.Person, s.clock.Now())
		if err != nil {
			return struct{}{}, err
		}
		if err := setProgramme(ctx, tx, network, uuid.NullUUID{}, nil); err != nil {
			return struct{}{}, err
		}
		if err := s.noteTie(ctx, tx, a, network, h.Programme.UUID, "network.programme:leave"); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.tellParting(ctx, tx, a, &h, name, reason)
	})
	return err
}

// programmePlace is where a programme lies, for who has p there; NotFound to others.
func (s *Service) programmePlace(ctx context.Context, a *access.Actor, id uuid.UUID, p access.Permission) (access.Place, error) {
	centre, err := programmeCentre(ctx, s.db, id)
	if err != nil {
		return access.Place{}, err
	}
	at := access.Place{Programme: id, Centre: centre.UUID}
	return at, s.auth.Require(a, p, at)
}

// tellParting tells both sides, but not who did it.
func (s *Service) tellParting(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, name, reason string) error {
	leads, err := s.leadsOf(ctx, tx, h.Programme.UUID)
	if err != nil {
		return err
	}
	own, err := s.coordinators(ctx, tx, h.ID)
	if err != nil {
		return err
	}
	me := func(id uuid.UUID) bool { return id == a.Person }
	args := map[string]any{"Programme": name, "Reason": reason}
	own = slices.DeleteFunc(own, me)
	if err := s.tell(ctx, tx, h, "network.notice.programme_left", "/program", false, "", args, own...); err != nil {
		return err
	}
	leads = slices.DeleteFunc(leads, func(id uuid.UUID) bool { return me(id) || slices.Contains(own, id) })
	return s.tellLeads(ctx, tx, h, h.Programme.UUID, "network.notice.programme_left", args, leads)
}
