package network

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/programme"
)

// What who runs a programme does about networks: answers their requests, and reads
// which are in it, were, or ask.

// AnswerRequest accepts or declines the request of a network to enter a
// programme; a refusal has a reason, which the network's coordinator and whoever
// asked are told. Needs programme:edit at the programme. Errors: NotFound;
// Invalid "reason"; Conflict when it was answered or withdrawn meanwhile, or the
// network is over.
func (s *Service) AnswerRequest(ctx context.Context, a *access.Actor, into, request uuid.UUID, accept bool, reason string) error {
	if _, err := s.programmePlace(ctx, a, into, programme.Edit); err != nil {
		return err
	}
	if accept {
		reason = ""
	} else if err := needText("reason", reason, MaxMessage); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "network.programme:answer", []any{into, request, accept, reason}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		t, err := tieByID(ctx, tx, request)
		if err != nil {
			return struct{}{}, err
		}
		if t.Programme != into {
			return struct{}{}, fault.ErrNotFound
		}
		return struct{}{}, s.answer(ctx, tx, a, t, accept, reason)
	})
	return err
}

func (s *Service) answer(ctx context.Context, tx *db.Tx, a *access.Actor, t *tieRow, accept bool, reason string) error {
	h, err := lockHead(ctx, tx, t.Network)
	if err != nil {
		return err
	}
	if accept {
		if err := h.alive(true); err != nil {
			return err
		}
	}
	to, action, key := TieDeclined, "network.programme:decline", "network.notice.programme_declined"
	if accept {
		to, action, key = TieIn, "network.programme:join", "network.notice.programme_joined"
	}
	now := s.clock.Now()
	if _, err := endRequest(ctx, tx, t.Network, t.ID, to, reason, a.Person, now); err != nil {
		return err
	}
	if accept {
		if err := setProgramme(ctx, tx, t.Network, nilID(t.Programme), &now); err != nil {
			return err
		}
	}
	if err := s.noteTie(ctx, tx, a, t.Network, t.Programme, action); err != nil {
		return err
	}
	told, err := s.coordinators(ctx, tx, t.Network)
	if err != nil {
		return err
	}
	if t.AskedBy.Valid && !slices.Contains(told, t.AskedBy.UUID) {
		told = append(told, t.AskedBy.UUID)
	}
	return s.tell(ctx, tx, &h, key, "/program", true, "", map[string]any{"Programme": t.Name, "Reason": reason}, told...)
}

// TieQuery chooses networks of a programme.
type TieQuery struct {
	Programme uuid.UUID
	// Day as of whose end networks are in the programme, midnight UTC; zero: now.
	Day time.Time
}

// TiePage is a page of networks of a programme.
type TiePage struct {
	Items []Tie
	Next  string
	// Requests are those of [Service.ProgrammeRequests], for who may answer them.
	Requests []Tie
}

// OfProgramme lists the networks that are in a programme, or were on a day, by
// title; limit 1–100 (0 = 50). Needs programme:view at its place. Drafts are left
// out for those who do not run the programme. Invalid for a day to come.
func (s *Service) OfProgramme(ctx context.Context, a *access.Actor, in TieQuery, after string, limit int) (TiePage, error) {
	var out TiePage
	at, err := s.programmePlace(ctx, a, in.Programme, programme.View)
	if err != nil {
		return out, err
	}
	moment := s.clock.Now()
	if !in.Day.IsZero() {
		if in.Day.After(s.today()) || in.Day.Year() < 2000 {
			return out, fault.InvalidFields(fault.Field{Path: "day", Key: "network.day"})
		}
		if end := time.Date(in.Day.Year(), in.Day.Month(), in.Day.Day()+1, 0, 0, 0, 0, clock.Warsaw).Add(-time.Microsecond); end.Before(moment) {
			moment = end
		}
	}
	title, id := "", uuid.Nil
	sum := []byte("ties")
	if after != "" {
		c, err := s.cursors.Open(sum, after, 1)
		if err != nil {
			return out, err
		}
		title, id = *c.Values[0], c.ID
	}
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 100)
	edit := s.auth.Can(a, programme.Edit, at)
	err = db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) (err error) {
			out.Items, err = networksIn(ctx, q, in.Programme, moment, edit, title, id, limit+1)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			if edit {
				out.Requests, err = requestsOf(ctx, q, in.Programme)
			}
			return err
		})
	if err != nil || len(out.Items) <= limit {
		return out, err
	}
	last := &out.Items[limit-1]
	out.Items = out.Items[:limit]
	out.Next, err = s.cursors.Seal(sum, keyset.Cursor{Values: []*string{&last.Title}, ID: last.Network})
	return out, err
}

// ProgrammeRequests lists the requests of networks to enter a programme that wait for an
// answer, the oldest first, at most 100. Needs programme:edit at the programme.
func (s *Service) ProgrammeRequests(ctx context.Context, a *access.Actor, into uuid.UUID) ([]Tie, error) {
	if _, err := s.programmePlace(ctx, a, into, programme.Edit); err != nil {
		return nil, err
	}
	return requestsOf(ctx, s.db, into)
}
