package board

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Hide takes a post out of sight with a reason that its author and everybody
// who could read it see; the words stay. The author is told at once and may
// appeal; open reports on it are answered. Needs board:moderate. Forbidden on
// one's own post; Conflict when it is hidden or deleted already.
func (s *Service) Hide(ctx context.Context, a *access.Actor, post uuid.UUID, reason string) error {
	h, p, err := s.post1(ctx, a, post, PermModerate)
	if err != nil {
		return err
	}
	if p.Author == a.Person {
		return fault.New(fault.Forbidden, "board.own_act")
	}
	reason = strings.TrimSpace(reason)
	var f fault.Fields
	checkWords(&f, "reason", "board.reason_missing", reason, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "board:hide", []any{post, reason}, func(ctx context.Context, tx *db.Tx) (none, error) {
		return none{}, s.hide(ctx, tx, a, &h, &p, reason)
	})
	return err
}

func (s *Service) hide(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, p *postHead, reason string) error {
	if err := lockThread(ctx, tx, h.ID); err != nil {
		return err
	}
	now := s.clock.Now()
	ok, err := setPostState(ctx, tx, p.ID, Shown, Hidden)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Conflict, "board.hidden_already")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if err := insertHiding(ctx, tx, id, p.ID, h.Network, a.Person, s.roleOf(a, &h.place), reason, now); err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, h.Network, "board:hide", "board_post", p.ID); err != nil {
		return err
	}
	reporters, err := closeReports(ctx, tx, p.ID, a.Person, "hidden", now)
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, h, "board.notice.report_hidden", PostPath(h.Network, p.ID), false, "", nil, reporters...); err != nil {
		return err
	}
	return s.tell(ctx, tx, h, "board.notice.hidden", PostPath(h.Network, p.ID)+"/odwolanie", true, "", map[string]any{"Reason": reason}, p.Author)
}

// Lift brings a hidden post back into sight and tells its author. Needs
// board:moderate. Conflict after the centre has upheld the hiding: only an
// appeal changes that.
func (s *Service) Lift(ctx context.Context, a *access.Actor, post uuid.UUID) error {
	h, p, err := s.post1(ctx, a, post, PermModerate)
	if err != nil {
		return err
	}
	switch {
	case p.State != Hidden:
		return fault.New(fault.Conflict, "board.not_hidden")
	case p.Author == a.Person:
		return fault.New(fault.Forbidden, "board.own_act")
	case p.Decision != "":
		return fault.New(fault.Conflict, "board.decided")
	}
	_, err = act(ctx, s, a, "board:lift", post, func(ctx context.Context, tx *db.Tx) (none, error) {
		if err := lockThread(ctx, tx, h.ID); err != nil {
			return none{}, err
		}
		ok, err := liftHiding(ctx, tx, p.Hiding.UUID, s.clock.Now())
		if err != nil {
			return none{}, err
		}
		if !ok {
			return none{}, fault.New(fault.Conflict, "board.decided")
		}
		if _, err := setPostState(ctx, tx, post, Hidden, Shown); err != nil {
			return none{}, err
		}
		if err := s.note(ctx, tx, a, h.Network, "board:lift", "board_post", post); err != nil {
			return none{}, err
		}
		return none{}, s.tell(ctx, tx, &h, "board.notice.lifted", PostPath(h.Network, post), true, "", nil, p.Author)
	})
	return err
}

// Report tells those who moderate that a post breaks the rules. Needs
// board:view. Conflict when the actor reported it already or it is out of sight.
func (s *Service) Report(ctx context.Context, a *access.Actor, post uuid.UUID, reason string) error {
	h, p, err := s.post1(ctx, a, post, PermView)
	if err != nil {
		return err
	}
	if p.Author == a.Person {
		return fault.New(fault.Forbidden, "board.own_act")
	}
	if p.State != Shown {
		return fault.New(fault.Conflict, "board.hidden_already")
	}
	reason = strings.TrimSpace(reason)
	var f fault.Fields
	checkWords(&f, "reason", "board.reason_missing", reason, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "board:report", []any{post, reason}, func(ctx context.Context, tx *db.Tx) (none, error) {
		id, err := uuid.NewV7()
		if err != nil {
			return none{}, err
		}
		if err := insertReport(ctx, tx, id, post, h.Network, a.Person, reason, s.clock.Now()); err != nil {
			return none{}, err
		}
		if err := s.note(ctx, tx, a, h.Network, "board:report", "board_post", post); err != nil {
			return none{}, err
		}
		to, err := s.moderators(ctx, tx, &h.place, p.Author, a.Person)
		if err != nil {
			return none{}, err
		}
		return none{}, s.tell(ctx, tx, &h, "board.notice.reported", ReportsPath(h.Network), true, "board.report:"+post.String(), nil, to...)
	})
	return err
}

// ReportsPath is the page of a network's reported posts.
func ReportsPath(network uuid.UUID) string { return pathOf(network) + "/forum/zgloszenia" }

// moderators are those who judge a report: coordinator and moderators of the
// network, without the people concerned; when nobody is left, the centre.
func (s *Service) moderators(ctx context.Context, tx *db.Tx, h *place, except ...uuid.UUID) ([]uuid.UUID, error) {
	var out []uuid.UUID
	for _, r := range []access.Role{access.Coordinator, access.Moderator} {
		list, err := access.HoldersOf(ctx, tx, r, access.Network, h.Network, s.clock.Now(), 20)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	out = without(out, except...)
	if len(out) > 0 {
		return out, nil
	}
	return s.judges(ctx, tx, h, except...)
}

// judges are those who decide at the centre, or at ORE when the centre has
// nobody but the people concerned.
func (s *Service) judges(ctx context.Context, tx *db.Tx, h *place, except ...uuid.UUID) ([]uuid.UUID, error) {
	list, err := access.HoldersOf(ctx, tx, access.CentreAdmin, access.Centre, h.Centre, s.clock.Now(), 20)
	if err != nil {
		return nil, err
	}
	if list = without(list, except...); len(list) > 0 {
		return list, nil
	}
	list, err = access.HoldersOf(ctx, tx, access.OREAdmin, access.Platform, uuid.Nil, s.clock.Now(), 20)
	return without(list, except...), err
}

// without is list sorted, each person once, without some.
func without(list []uuid.UUID, except ...uuid.UUID) []uuid.UUID {
	list = slices.DeleteFunc(list, func(id uuid.UUID) bool { return slices.Contains(except, id) })
	slices.SortFunc(list, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(list)
}

// Reported is a post with the open reports on it.
type Reported struct {
	Post    uuid.UUID `json:"post_id"`
	Thread  uuid.UUID `json:"thread_id"`
	Kind    Kind      `json:"kind"`
	Title   string    `json:"title"`
	Author  string    `json:"author"`
	At      time.Time `json:"at"`
	Words   string    `json:"words"`
	Reasons []string  `json:"reasons"`
	// First is when it was reported first.
	First time.Time `json:"reported_at"`
	// Mine: the actor's own post, judged by somebody else.
	Mine bool `json:"mine"`
}

// Reports lists reported posts that nobody has judged yet, the first reported
// first, at most 50. Needs board:moderate; for who has no role in the network it
// is accounted for.
func (s *Service) Reports(ctx context.Context, a *access.Actor, network uuid.UUID) (Network, []Reported, error) {
	h, err := s.enter(ctx, a, network, PermModerate)
	if err != nil {
		return Network{}, nil, err
	}
	rows, err := openReports(ctx, s.db, network)
	out := make([]Reported, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i] = Reported{Post: r.Post, Thread: r.Thread, Kind: r.Kind, Title: r.Title, Author: r.AuthorName, At: r.At, Words: r.Words,
			Reasons: r.Reasons, First: r.First, Mine: r.Author == a.Person}
	}
	if err == nil && len(out) > 0 {
		err = s.look(ctx, a, network, "network", network.String())
	}
	return s.network(a, &h), out, err
}

// Keep answers the open reports on a post: it stays in sight. Those who
// reported are told. Needs board:moderate. Forbidden on one's own post;
// Conflict when no report is open.
func (s *Service) Keep(ctx context.Context, a *access.Actor, post uuid.UUID) error {
	h, p, err := s.post1(ctx, a, post, PermModerate)
	if err != nil {
		return err
	}
	if p.Author == a.Person {
		return fault.New(fault.Forbidden, "board.own_act")
	}
	_, err = act(ctx, s, a, "board:keep", post, func(ctx context.Context, tx *db.Tx) (none, error) {
		reporters, err := closeReports(ctx, tx, post, a.Person, "kept", s.clock.Now())
		if err != nil {
			return none{}, err
		}
		if len(reporters) == 0 {
			return none{}, fault.New(fault.Conflict, "board.no_report")
		}
		if err := s.note(ctx, tx, a, h.Network, "board:keep", "board_post", post); err != nil {
			return none{}, err
		}
		return none{}, s.tell(ctx, tx, &h, "board.notice.report_kept", PostPath(h.Network, post), false, "", nil, reporters...)
	})
	return err
}
