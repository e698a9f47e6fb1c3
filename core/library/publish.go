package library

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Publish opens a shared resource to everybody signed in or to everybody. With
// resource:publish at its place it does so at once; with resource:propose it
// asks the centre, which answers by [Service.Decide]. published tells which.
// Conflict when the network is not open or the audience is that wide already.
func (s *Service) Publish(ctx context.Context, a *access.Actor, id uuid.UUID, to Audience) (published bool, err error) {
	if to != Platform && to != Public {
		return false, fault.InvalidFields(fault.Field{Path: "audience", Key: "library.audience_missing"})
	}
	may := func(h *head) bool {
		return h.State == Shared && (s.auth.Can(a, PermPublish, h.place()) || s.auth.Can(a, PermPropose, h.place()))
	}
	return change(ctx, s, a, id, "resource:publish", []any{id, to}, may, func(ctx context.Context, tx *db.Tx, h *head) (bool, error) {
		if err := h.alive(); err != nil {
			return false, err
		}
		if h.Audience == to {
			return false, fault.New(fault.Conflict, "library.published_already")
		}
		if s.auth.Can(a, PermPublish, h.place()) {
			if err := setPublished(ctx, tx, id, to, a.Person, s.clock.Now()); err != nil {
				return false, err
			}
			if err := s.note(ctx, tx, a, h, string(PermPublish), "audience"); err != nil {
				return false, err
			}
			return true, s.tell(ctx, tx, a, h, "library.notice.published", nil, h.CreatedBy)
		}
		if err := setAsked(ctx, tx, id, to, a.Person, s.clock.Now()); err != nil {
			return false, err
		}
		if err := s.note(ctx, tx, a, h, string(PermPropose), "asked_audience"); err != nil {
			return false, err
		}
		admins, err := access.HoldersOf(ctx, tx, access.CentreAdmin, access.Centre, h.Centre, s.clock.Now(), 50)
		if err != nil {
			return false, err
		}
		return false, s.tell(ctx, tx, a, h, "library.notice.asked", nil, admins...)
	})
}

// Decide answers a proposal of publication; a refusal takes a reason. Needs
// resource:publish at its place. Conflict when nothing waits, or a network that
// is over would be published from.
func (s *Service) Decide(ctx context.Context, a *access.Actor, id uuid.UUID, yes bool, reason string) error {
	why := ""
	if !yes {
		var err error
		if why, err = reasonOf(reason); err != nil {
			return err
		}
	}
	may := func(h *head) bool { return h.State == Shared && s.auth.Can(a, PermPublish, h.place()) }
	_, err := change(ctx, s, a, id, "resource:decide", []any{id, yes, why}, may, func(ctx context.Context, tx *db.Tx, h *head) (struct{}, error) {
		if h.Asked == "" {
			return struct{}{}, fault.New(fault.Conflict, "library.nothing_asked")
		}
		if err := h.alive(); err != nil && yes {
			return struct{}{}, err
		}
		var err error
		key := "library.notice.refused"
		if yes {
			key, err = "library.notice.published", setPublished(ctx, tx, id, h.Asked, a.Person, s.clock.Now())
		} else {
			err = setRefused(ctx, tx, id, why, a.Person, s.clock.Now())
		}
		if err != nil {
			return struct{}{}, err
		}
		if err := s.note(ctx, tx, a, h, "resource:decide", "audience"); err != nil {
			return struct{}{}, err
		}
		to := []uuid.UUID{h.CreatedBy}
		if h.AskedBy.UUID != h.CreatedBy {
			to = append(to, h.AskedBy.UUID)
		}
		return struct{}{}, s.tell(ctx, tx, a, h, key, map[string]any{"Reason": why}, to...)
	})
	return err
}

// Withdraw ends a publication with a reason that everybody reads who opens the
// address later. Needs resource:publish or resource:propose at its place; also
// in a network that is over, for a wrong publication must be stopped. Conflict
// when it is not published.
func (s *Service) Withdraw(ctx context.Context, a *access.Actor, id uuid.UUID, reason string) error {
	why, err := reasonOf(reason)
	if err != nil {
		return err
	}
	may := func(h *head) bool {
		return h.State == Shared && (s.auth.Can(a, PermPublish, h.place()) || s.auth.Can(a, PermPropose, h.place()))
	}
	_, err = change(ctx, s, a, id, "resource:withdraw", []any{id, why}, may, func(ctx context.Context, tx *db.Tx, h *head) (struct{}, error) {
		if h.Audience == Network {
			return struct{}{}, fault.New(fault.Conflict, "library.not_published")
		}
		if err := setWithdrawn(ctx, tx, id, why, a.Person, s.clock.Now()); err != nil {
			return struct{}{}, err
		}
		if err := s.note(ctx, tx, a, h, "resource:withdraw", "audience"); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.tell(ctx, tx, a, h, "library.notice.withdrawn", map[string]any{"Reason": why}, h.CreatedBy)
	})
	return err
}
