package poll

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

func (in *Input) tidy() {
	in.Title = strings.Join(strings.Fields(in.Title), " ")
	in.Note = strings.TrimSpace(in.Note)
	in.AnswerBy = in.AnswerBy.UTC().Truncate(time.Minute)
	for i := range in.Slots {
		in.Slots[i].Starts, in.Slots[i].Ends = in.Slots[i].Starts.UTC().Truncate(time.Minute), in.Slots[i].Ends.UTC().Truncate(time.Minute)
	}
}

// SlotPath is the path of the n-th slot (from 0) in faults.
func SlotPath(n int) string { return "slots[" + strconv.Itoa(n) + "]" }

// check finds what is wrong with a poll. kept are the ids of slots that are
// there already: they may lie in the past.
func (s *Service) check(ctx context.Context, n *networkRow, in *Input, kept map[uuid.UUID]bool) error {
	var bad fault.Fields
	kinds, _ := s.meetings.Kinds(ctx, n.qualified())
	if !slices.ContainsFunc(kinds, func(k schedule.Kind) bool { return k.Name == in.Kind }) {
		bad.Add("kind", "poll.kind_unknown")
	}
	if l := utf8.RuneCountInString(in.Title); l < MinTitle || l > MaxTitle {
		bad.Add("title", "poll.title_length", "Min", MinTitle, "Max", MaxTitle)
	}
	if utf8.RuneCountInString(in.Note) > MaxNote {
		bad.Add("note", "poll.text_long", "Max", MaxNote)
	}
	if len(in.Slots) < MinSlots || len(in.Slots) > MaxSlots {
		bad.Add("slots", "poll.slots_count", "Min", MinSlots, "Max", MaxSlots)
	}
	s.checkSlots(&bad, n, in, kept)
	if bad.Err() == nil {
		s.checkDate(&bad, in, kept)
	}
	return bad.Err()
}

func (s *Service) checkSlots(bad *fault.Fields, n *networkRow, in *Input, kept map[uuid.UUID]bool) {
	now, seen := s.clock.Now(), map[[2]int64]bool{}
	// A network is of one school year; its people may meet in the summer before
	// and wind up in the autumn after.
	from := time.Date(n.SchoolYear, time.June, 1, 0, 0, 0, 0, time.UTC)
	for i, x := range in.Slots {
		path := SlotPath(i)
		at := [2]int64{x.Starts.Unix(), x.Ends.Unix()}
		switch length := x.Ends.Sub(x.Starts); {
		case length < MinLength || length > MaxLength:
			bad.Add(path, "poll.slot_length")
		case seen[at]:
			bad.Add(path, "poll.slot_twice")
		case x.ID != uuid.Nil && kept[x.ID]:
		case !x.Starts.After(now):
			bad.Add(path, "poll.slot_past")
		case x.Starts.Before(from) || !x.Starts.Before(from.AddDate(1, 7, 0)):
			bad.Add(path, "poll.slot_year")
		}
		seen[at] = true
	}
}

// checkDate wants the date to answer by ahead, and before the first slot that
// is still ahead.
func (s *Service) checkDate(bad *fault.Fields, in *Input, kept map[uuid.UUID]bool) {
	now := s.clock.Now()
	if !in.AnswerBy.After(now) {
		bad.Add("answer_by", "poll.answer_by_past")
		return
	}
	for _, x := range in.Slots {
		if x.Starts.After(now) && in.AnswerBy.After(x.Starts) {
			bad.Add("answer_by", "poll.answer_by_late")
			return
		}
	}
}

// warn refuses slots on days that clash until the coordinator said that they
// are meant; every clash is a field with its words.
func (s *Service) warn(ctx context.Context, network uuid.UUID, in *Input) error {
	if in.Despite {
		return nil
	}
	at := make([]time.Time, len(in.Slots))
	for i := range in.Slots {
		at[i] = in.Slots[i].Starts
	}
	found, err := s.clashes(ctx, s.db, network, at)
	if err != nil {
		return err
	}
	var fields []fault.Field
	for i, list := range found {
		var words []string
		for _, c := range list {
			if c.Kind != calendar.Unannounced {
				words = append(words, c.Text(ctx))
			}
		}
		if len(words) > 0 {
			fields = append(fields, fault.Field{Path: SlotPath(i), Text: strings.Join(words, "; ")})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Key: KeyClash, Fields: fields}
}

// KeyClash is the key of the Invalid fault for slots that clash: the same input
// with Despite goes through.
const KeyClash = "poll.clash"

// Create opens a poll and tells everybody asked. Needs poll:manage.
//
// Errors: NotFound; Invalid with fields named like the input's, slots as
// [SlotPath]; Invalid with [KeyClash]; Conflict in a network that is not open.
func (s *Service) Create(ctx context.Context, a *access.Actor, network uuid.UUID, in Input) (uuid.UUID, error) {
	n, err := s.within(ctx, a, network, PermManage)
	if err != nil {
		return uuid.Nil, err
	}
	in.tidy()
	if err := s.check(ctx, n, &in, nil); err != nil {
		return uuid.Nil, err
	}
	if err := s.warn(ctx, network, &in); err != nil {
		return uuid.Nil, err
	}
	return act(ctx, s, a, "poll:create", []any{network, in}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		id, err := uuid.NewV7()
		if err != nil {
			return uuid.Nil, err
		}
		if err := holdOpen(ctx, tx, network); err != nil {
			return uuid.Nil, err
		}
		if err := insertPoll(ctx, tx, id, network, a.Person, &in, s.clock.Now()); err != nil {
			return uuid.Nil, err
		}
		if err := insertSlots(ctx, tx, id, in.Slots); err != nil {
			return uuid.Nil, err
		}
		r := &pollRow{networkRow: *n, ID: id, Title: in.Title}
		if err := s.note(ctx, tx, a, r, "poll:create", nil); err != nil {
			return uuid.Nil, err
		}
		to, err := askedPeople(ctx, tx, network, s.clock.Now())
		if err != nil {
			return uuid.Nil, err
		}
		to = slices.DeleteFunc(to, func(p uuid.UUID) bool { return p == a.Person })
		return id, s.tell(ctx, tx, r, "poll.notice.new", "poll:"+id.String(), false, map[string]any{"Until": in.AnswerBy}, to...)
	})
}

// Edit changes an open poll at a version: slots that are kept keep their answers,
// those left out go with theirs, and people are told when slots were added.
// Needs poll:manage. Errors as of [Service.Create]; [ErrStale] when somebody
// saved another version; Conflict when the poll is not open.
func (s *Service) Edit(ctx context.Context, a *access.Actor, id uuid.UUID, version int, in Input) error {
	r, err := s.enter(ctx, a, id, PermManage)
	if err != nil {
		return err
	}
	in.tidy()
	have, err := slotIDs(ctx, s.db, id)
	if err != nil {
		return err
	}
	kept := map[uuid.UUID]bool{}
	for _, x := range have {
		kept[x] = true
	}
	for i := range in.Slots {
		if !kept[in.Slots[i].ID] {
			in.Slots[i].ID = uuid.Nil
		}
	}
	if err := s.check(ctx, &r.networkRow, &in, kept); err != nil {
		return err
	}
	if err := s.warn(ctx, r.Network, &in); err != nil {
		return err
	}
	return s.once(ctx, a, "poll:edit", []any{id, version, in}, func(ctx context.Context, tx *db.Tx) error {
		if err := s.hold(ctx, tx, r, version); err != nil {
			return err
		}
		if r.State != Open {
			return conflict("poll.not_open")
		}
		if err := updatePoll(ctx, tx, id, &in); err != nil {
			return err
		}
		added, err := replaceSlots(ctx, tx, id, in.Slots)
		if err != nil {
			return err
		}
		if err := s.note(ctx, tx, a, r, "poll:edit", nil, "kind", "title", "note", "answer_by", "slots"); err != nil || added == 0 {
			return err
		}
		to, err := askedPeople(ctx, tx, r.Network, s.clock.Now())
		if err != nil {
			return err
		}
		to = slices.DeleteFunc(to, func(p uuid.UUID) bool { return p == a.Person })
		return s.tell(ctx, tx, r, "poll.notice.slots", "", false, map[string]any{"Until": in.AnswerBy}, to...)
	})
}

// hold locks the poll beside its open network and reads its state anew; version
// 0 does not compare.
func (s *Service) hold(ctx context.Context, tx *db.Tx, r *pollRow, version int) error {
	if err := holdOpen(ctx, tx, r.Network); err != nil {
		return err
	}
	now, err := lockPoll(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	if version != 0 && now.Version != version {
		return ErrStale
	}
	r.State, r.Version, r.ChosenSlot, r.Meeting, r.RemindedAt = now.State, now.Version, now.ChosenSlot, now.Meeting, now.RemindedAt
	return nil
}

// Close ends a poll without a choice; answers stay readable. Needs poll:manage.
// Conflict when it is not open.
func (s *Service) Close(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.turn(ctx, a, id, "poll:close", func(ctx context.Context, tx *db.Tx, r *pollRow) error {
		if r.State != Open {
			return conflict("poll.not_open")
		}
		return setClosed(ctx, tx, id, s.clock.Now())
	})
}

// Reopen takes answers again for a poll that was closed without a choice. Needs
// poll:manage. Conflict otherwise.
func (s *Service) Reopen(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.turn(ctx, a, id, "poll:reopen", func(ctx context.Context, tx *db.Tx, r *pollRow) error {
		if r.State != Closed {
			return conflict("poll.not_closed")
		}
		return setOpen(ctx, tx, id)
	})
}

func (s *Service) turn(ctx context.Context, a *access.Actor, id uuid.UUID, operation string, change func(context.Context, *db.Tx, *pollRow) error) error {
	r, err := s.enter(ctx, a, id, PermManage)
	if err != nil {
		return err
	}
	return s.once(ctx, a, operation, id, func(ctx context.Context, tx *db.Tx) error {
		if err := s.hold(ctx, tx, r, 0); err != nil {
			return err
		}
		if err := change(ctx, tx, r); err != nil {
			return err
		}
		return s.note(ctx, tx, a, r, operation, nil)
	})
}
