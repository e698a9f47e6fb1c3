package poll

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Answer keeps the actor's answers: those given replace earlier ones, the others
// stay as they are; rest, when it is an answer, is put for slots that have none
// then. Late answers count. Needs poll:answer.
//
// Errors: NotFound; Invalid without any answer or with a slot of another poll;
// Conflict when the poll is not open.
func (s *Service) Answer(ctx context.Context, a *access.Actor, id uuid.UUID, given map[uuid.UUID]Answer, rest Answer) error {
	r, err := s.enter(ctx, a, id, PermAnswer)
	if err != nil {
		return err
	}
	var bad fault.Fields
	for _, x := range given {
		if !x.Valid() {
			bad.Add("answers", "poll.answer_unknown")
			break
		}
	}
	if len(given) == 0 && rest == "" {
		bad.Add("answers", "poll.answer_missing")
	}
	if rest != "" && !rest.Valid() {
		bad.Add("rest", "poll.answer_unknown")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.once(ctx, a, "poll:answer", []any{id, given, rest}, func(ctx context.Context, tx *db.Tx) error {
		state, err := holdPoll(ctx, tx, r.Network, id)
		if err != nil {
			return err
		}
		if state != Open {
			return conflict("poll.answers_over")
		}
		n, err := putAnswers(ctx, tx, id, a.Person, given, s.clock.Now())
		if err != nil {
			return err
		}
		if n != len(given) {
			return fault.InvalidFields(fault.Field{Path: "answers", Key: "poll.slot_gone"})
		}
		if rest != "" {
			if err := putRest(ctx, tx, id, a.Person, rest, s.clock.Now()); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, a, r, "poll:answer", nil)
	})
}

// remindEvery is how often the coordinator may remind people by hand.
const remindEvery = 24 * time.Hour

// Remind tells those who did not answer every slot that their answer is missing;
// it returns how many. Needs poll:manage. Conflict when the poll is not open or a
// reminder went out within a day.
func (s *Service) Remind(ctx context.Context, a *access.Actor, id uuid.UUID) (int, error) {
	r, err := s.enter(ctx, a, id, PermManage)
	if err != nil {
		return 0, err
	}
	return act(ctx, s, a, "poll:remind", id, func(ctx context.Context, tx *db.Tx) (int, error) {
		if err := s.hold(ctx, tx, r, 0); err != nil {
			return 0, err
		}
		if r.State != Open {
			return 0, conflict("poll.not_open")
		}
		if r.RemindedAt.Valid && s.clock.Now().Sub(r.RemindedAt.Time) < remindEvery {
			return 0, conflict("poll.reminded_lately")
		}
		if err := s.note(ctx, tx, a, r, "poll:remind", nil); err != nil {
			return 0, err
		}
		return s.remind(ctx, tx, r, false)
	})
}

// remind tells the silent and keeps when; r is locked.
func (s *Service) remind(ctx context.Context, tx *db.Tx, r *pollRow, urgent bool) (int, error) {
	now := s.clock.Now()
	to, err := silent(ctx, tx, r.ID, r.Network, now)
	if err != nil {
		return 0, err
	}
	if err := setReminded(ctx, tx, r.ID, now); err != nil {
		return 0, err
	}
	return len(to), s.tell(ctx, tx, r, "poll.notice.remind", "", urgent, map[string]any{"Until": r.AnswerBy}, to...)
}
