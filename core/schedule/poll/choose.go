package poll

import (
	"context"
	"errors"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/schedule"
)

// Choice is the slot taken and what the meeting needs besides.
type Choice struct {
	Slot uuid.UUID `json:"slot"`
	// Title of the meeting; "" takes the poll's.
	Title string `json:"title"`
	Note  string `json:"note"`
	schedule.Where
	// Announce also invites everybody at once.
	Announce bool `json:"announce"`
}

// Choose takes a slot and makes a meeting of it: a draft, or announced at once.
// Everybody asked is told which date was taken. Needs poll:manage and
// meeting:manage.
//
// The meeting is made first, under a key of the poll at its version, and then
// tied to the poll: whoever sends the form again, or another coordinator with
// the same choice, gets the same meeting; another choice meanwhile is a Conflict.
//
// Errors: NotFound; Invalid with the fields of a meeting; [ErrStale]; Conflict
// when a date was chosen before or the network is not open.
func (s *Service) Choose(ctx context.Context, a *access.Actor, id uuid.UUID, version int, in Choice) (uuid.UUID, error) {
	r, err := s.enter(ctx, a, id, PermManage)
	if err != nil {
		return uuid.Nil, err
	}
	if done, err := s.chosenBefore(ctx, a, r, version, &in); done != uuid.Nil || err != nil {
		return done, err
	}
	slot, err := findSlot(ctx, s.db, id, in.Slot)
	if err != nil {
		return uuid.Nil, err
	}
	if !slot.Starts.After(s.clock.Now()) {
		return uuid.Nil, conflict("poll.slot_over")
	}
	if err := in.check(); err != nil {
		return uuid.Nil, err
	}
	meeting := schedule.Input{Kind: r.Kind, Title: in.Title, Note: in.Note, Starts: slot.Starts, Ends: slot.Ends, Where: in.Where}
	if meeting.Title == "" {
		meeting.Title = r.Title
	}
	key := "poll." + id.String() + "." + strconv.Itoa(version)
	made, err := s.meetings.Create(idem.With(ctx, key), a, r.Network, meeting)
	if err != nil {
		return uuid.Nil, err
	}
	if err := s.tie(ctx, a, r, version, &in, slot, made); err != nil {
		// Nobody should find a meeting that no choice led to.
		return uuid.Nil, errors.Join(err, s.meetings.Drop(idem.With(ctx, "poll-d."+made.String()), a, made))
	}
	if !in.Announce {
		return made, nil
	}
	return made, s.meetings.Announce(idem.With(ctx, "poll-a."+made.String()), a, made)
}

// chosenBefore is the meeting of an earlier submission of the same choice.
func (s *Service) chosenBefore(ctx context.Context, a *access.Actor, r *pollRow, version int, in *Choice) (uuid.UUID, error) {
	made, seen, err := idem.Seen[uuid.UUID](ctx, s.db, a.Person, "poll:choose", []any{r.ID, version, *in})
	switch {
	case err != nil || seen:
		return made, err
	case r.State == Chosen && r.Meeting.Valid:
		return uuid.Nil, conflict("poll.chosen_before")
	case r.Version != version:
		return uuid.Nil, ErrStale
	}
	return uuid.Nil, nil
}

// check wants what an invitation needs before anything is made.
func (in *Choice) check() error {
	var bad fault.Fields
	if in.Announce && len(in.Ways()) == 0 {
		bad.Add("ways", "schedule.way_missing")
	}
	if in.Announce && in.OnSite && in.Place == "" {
		bad.Add("place", "schedule.place_missing")
	}
	return bad.Err()
}

// tie marks the poll as decided.
func (s *Service) tie(ctx context.Context, a *access.Actor, r *pollRow, version int, in *Choice, slot *slotRow, made uuid.UUID) error {
	_, err := act(ctx, s, a, "poll:choose", []any{r.ID, version, *in}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		if err := s.hold(ctx, tx, r, 0); err != nil {
			return uuid.Nil, err
		}
		if r.State == Chosen && r.Meeting.UUID == made {
			return made, nil // another coordinator chose the same
		}
		if r.Version != version {
			return uuid.Nil, ErrStale
		}
		again := r.State == Chosen
		if err := setChosen(ctx, tx, r.ID, slot.ID, made, s.clock.Now()); err != nil {
			return uuid.Nil, err
		}
		if err := s.note(ctx, tx, a, r, "poll:choose", nil, "chosen_slot", "meeting"); err != nil || again {
			return made, err
		}
		to, err := askedPeople(ctx, tx, r.Network, s.clock.Now())
		if err != nil {
			return uuid.Nil, err
		}
		return made, s.tell(ctx, tx, r, "poll.notice.chosen", "poll-chosen:"+r.ID.String(), false, map[string]any{"Starts": slot.Starts}, to...)
	})
	return err
}

// Raise says that the actor cannot come on the chosen date any more; those who
// lead the network learn it at once, by letter when the actor is one of its
// experts or leads it too. Needs poll:answer.
//
// Errors: NotFound; Invalid for a long note; Conflict when no meeting lies ahead
// at the chosen time. Raising twice changes nothing.
func (s *Service) Raise(ctx context.Context, a *access.Actor, id uuid.UUID, note string) error {
	r, err := s.enter(ctx, a, id, PermAnswer)
	if err != nil {
		return err
	}
	if len([]rune(note)) > MaxReason {
		return fault.InvalidFields(fault.Field{Path: "note", Key: "poll.text_long", Args: fault.Args{"Max": MaxReason}})
	}
	return s.once(ctx, a, "poll:raise", []any{id, note}, func(ctx context.Context, tx *db.Tx) error {
		p, err := s.atRisk(ctx, tx, r, a)
		if err != nil {
			return err
		}
		fresh, err := raiseConflict(ctx, tx, id, a.Person, note, s.clock.Now())
		if err != nil || !fresh {
			return err
		}
		if _, err := putAnswers(ctx, tx, id, a.Person, map[uuid.UUID]Answer{*p.ChosenSlot: No}, s.clock.Now()); err != nil {
			return err
		}
		if err := s.note(ctx, tx, a, r, "poll:raise", nil); err != nil {
			return err
		}
		leads, err := s.coordinators(ctx, tx, r.Network)
		if err != nil {
			return err
		}
		key := a.Has(access.Expert, access.Network, r.Network) || a.Has(access.Coordinator, access.Network, r.Network)
		return s.tell(ctx, tx, r, "poll.notice.conflict", "", key, map[string]any{"Name": a.Name, "Starts": *p.ChosenStarts}, leads...)
	})
}

// atRisk locks the poll and wants its meeting ahead at the chosen time.
func (s *Service) atRisk(ctx context.Context, tx *db.Tx, r *pollRow, a *access.Actor) (Poll, error) {
	if err := s.hold(ctx, tx, r, 0); err != nil {
		return Poll{}, err
	}
	now, err := readPoll(ctx, tx, r.ID, a.Person, s.clock.Now())
	if err != nil {
		return Poll{}, err
	}
	p := now.poll()
	if !p.AtRisk(s.clock.Now()) {
		return Poll{}, conflict("poll.nothing_ahead")
	}
	return p, nil
}

// Withdraw takes the actor's own open conflict back: the date suits again. Needs
// poll:answer. Conflict when there is none.
func (s *Service) Withdraw(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	r, err := s.enter(ctx, a, id, PermAnswer)
	if err != nil {
		return err
	}
	return s.once(ctx, a, "poll:withdraw", id, func(ctx context.Context, tx *db.Tx) error {
		p, err := s.atRisk(ctx, tx, r, a)
		if err != nil {
			return err
		}
		n, err := withdrawConflict(ctx, tx, id, a.Person, s.clock.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return conflict("poll.no_conflict")
		}
		if _, err := putAnswers(ctx, tx, id, a.Person, map[uuid.UUID]Answer{*p.ChosenSlot: Yes}, s.clock.Now()); err != nil {
			return err
		}
		return s.note(ctx, tx, a, r, "poll:withdraw", nil)
	})
}

// Keep settles a conflict by keeping the date, with the reason why; who raised it
// is told. The reason is digested in the audit trail. Needs poll:manage.
//
// Errors: NotFound; Invalid without a reason; Conflict when it was settled before.
func (s *Service) Keep(ctx context.Context, a *access.Actor, id, conflictID uuid.UUID, reason string) error {
	r, err := s.enter(ctx, a, id, PermManage)
	if err != nil {
		return err
	}
	if n := len([]rune(reason)); n == 0 || n > MaxReason {
		return fault.InvalidFields(fault.Field{Path: "reason", Key: "poll.reason_length", Args: fault.Args{"Max": MaxReason}})
	}
	return s.once(ctx, a, "poll:keep", []any{id, conflictID, reason}, func(ctx context.Context, tx *db.Tx) error {
		if err := s.hold(ctx, tx, r, 0); err != nil {
			return err
		}
		person, err := keepConflict(ctx, tx, id, conflictID, a.Person, reason, s.clock.Now())
		if db.IsNoRows(err) {
			return conflict("poll.conflict_settled")
		}
		if err != nil {
			return err
		}
		if err := s.note(ctx, tx, a, r, "poll:keep", []byte(reason), "reason"); err != nil {
			return err
		}
		return s.tell(ctx, tx, r, "poll.notice.kept", "", false, map[string]any{"Reason": reason}, person)
	})
}
