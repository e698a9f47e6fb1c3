package schedule

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/job"
)

// sweepArgs is the job that sends what is due and marks what is over.
type sweepArgs struct{}

// Kind implements [job.Args].
func (sweepArgs) Kind() string { return "schedule.sweep" }

// deliveryArgs is the job that notes what became of letters.
type deliveryArgs struct{}

// Kind implements [job.Args].
func (deliveryArgs) Kind() string { return "schedule.delivery" }

// Jobs registers the work of machines.
func (s *Service) Jobs(c *job.Client) {
	// Often enough that a person who moves the clock of a demonstration sees it.
	job.Add(c, job.Options{Title: "schedule.job.sweep", Every: 5 * time.Second}, func(ctx context.Context, _ *job.Job[sweepArgs]) error {
		_, err := s.Sweep(ctx)
		return err
	})
	job.Add(c, job.Options{Title: "schedule.job.delivery", Every: time.Minute}, func(ctx context.Context, _ *job.Job[deliveryArgs]) error {
		return s.SweepDeliveries(ctx)
	})
}

// sweepPage bounds one reading of due meetings.
const sweepPage = 200

// Sweep sends what is due before meetings and marks those whose end passed as
// held, by the domain clock; it returns how many meetings it dealt with. May run
// on several nodes at once and any number of times.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	now := s.clock.Now()
	due, err := dueMeetings(ctx, s.db, now, sweepPage)
	if err != nil {
		return 0, err
	}
	over, err := overMeetings(ctx, s.db, now, sweepPage)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, id := range due {
		failed = append(failed, s.sweepOne(ctx, id, s.notices)) // one broken meeting must not hold up the others
	}
	for _, id := range over {
		failed = append(failed, s.sweepOne(ctx, id, s.end))
	}
	return len(due) + len(over), errors.Join(failed...)
}

// sweepOne runs f on a meeting unless another node has it; the next sweep looks
// again.
func (s *Service) sweepOne(ctx context.Context, id uuid.UUID, f func(ctx context.Context, tx *db.Tx, m *meetingRow) error) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		free, err := takeMeeting(ctx, tx, id)
		if err != nil || !free {
			return err
		}
		m, err := readMeeting(ctx, tx, id)
		if err != nil {
			return err
		}
		return f(ctx, tx, m)
	})
}

// notices sends what is due of a locked meeting.
func (s *Service) notices(ctx context.Context, tx *db.Tx, m *meetingRow) error {
	now := s.clock.Now()
	kinds, err := dueNotices(ctx, tx, m.ID, m.Moved, now)
	if err != nil {
		return err
	}
	send := late(kinds, m.Starts, now)
	if m.State != Announced || m.Status != "open" {
		clear(send)
	}
	for _, k := range kinds {
		if send[k] {
			if err := s.remind(ctx, tx, m, k); err != nil {
				return err
			}
		}
		if err := markNotice(ctx, tx, m.ID, k, m.Moved, send[k], now); err != nil {
			return err
		}
	}
	return nil
}

// remind sends one notice. What it says once more after a move is new: the key
// of "once" holds the time it is about.
func (s *Service) remind(ctx context.Context, tx *db.Tx, m *meetingRow, kind string) error {
	now := s.clock.Now()
	x := telling{once: onceKey(kind, m.ID, m.Moved), args: map[string]any{"Place": m.Place}}
	if kind != noticeProgramme {
		to, err := coming(ctx, tx, m.Network, m.ID, now)
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, m, "schedule.notice."+kind, x, to...)
	}
	if err := setAlarm(ctx, tx, m.ID, now); err != nil {
		return err
	}
	if m.ProgrammeAt != nil {
		return nil // it is on its way already
	}
	to, err := leads(ctx, tx, m.Network, now)
	if err != nil {
		return err
	}
	x.page, x.mail = "/program", true
	return s.tell(ctx, tx, m, "schedule.notice.programme", x, to...)
}

// end marks a meeting as held whose end passed.
func (s *Service) end(ctx context.Context, tx *db.Tx, m *meetingRow) error {
	if m.State != Announced || !m.Past(s.clock.Now()) {
		return nil
	}
	if err := setHeld(ctx, tx, m.ID); err != nil {
		return err
	}
	if err := s.note(ctx, tx, access.Core("core"), m, "meeting:hold"); err != nil {
		return err
	}
	m.State = Held
	return s.emit(ctx, tx, m, "meeting.held")
}
