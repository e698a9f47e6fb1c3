package schedule

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// tidy puts texts into the form in which they are kept.
func (in *Input) tidy() {
	line := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	in.Title, in.Place, in.Link = line(in.Title), line(in.Place), strings.TrimSpace(in.Link)
	in.Note, in.Address = strings.TrimSpace(in.Note), strings.TrimSpace(in.Address)
	in.Starts, in.Ends = in.Starts.UTC().Truncate(time.Minute), in.Ends.UTC().Truncate(time.Minute)
}

// check finds what is wrong with a meeting of the network; public ones must say
// how to take part.
func (s *Service) check(ctx context.Context, n *networkRow, in *Input, public bool) error {
	var bad fault.Fields
	if _, ok := s.kindOf(ctx, n.qualified(), in.Kind); !ok {
		bad.Add("kind", "schedule.kind_unknown")
	}
	if l := utf8.RuneCountInString(in.Title); l < MinTitle || l > MaxTitle {
		bad.Add("title", "schedule.title_length", "Min", MinTitle, "Max", MaxTitle)
	}
	long := func(path, s string, most int) {
		if utf8.RuneCountInString(s) > most {
			bad.Add(path, "schedule.text_long", "Max", most)
		}
	}
	long("note", in.Note, MaxNote)
	long("place", in.Place, MaxPlace)
	long("address", in.Address, MaxAddress)
	checkTime(&bad, n, in)
	if in.Link != "" && !webLink(in.Link) {
		bad.Add("link", "schedule.link_wrong")
	}
	if public {
		if len(in.Ways()) == 0 {
			bad.Add("ways", "schedule.way_missing")
		}
		if in.OnSite && in.Place == "" {
			bad.Add("place", "schedule.place_missing")
		}
	}
	return bad.Err()
}

// CheckRest finds what is wrong with everything but the time, which could not be
// read: so a form tells all at once. Needs meeting:manage; nil when all is well.
func (s *Service) CheckRest(ctx context.Context, a *access.Actor, network uuid.UUID, in Input) error {
	n, err := s.within(ctx, a, network, PermManage)
	if err != nil {
		return err
	}
	in.Starts = time.Date(n.NetworkYear, time.October, 1, 12, 0, 0, 0, time.UTC)
	in.Ends = in.Starts.Add(time.Hour)
	in.tidy()
	return s.check(ctx, n, &in, false)
}

func checkTime(bad *fault.Fields, n *networkRow, in *Input) {
	switch length := in.Ends.Sub(in.Starts); {
	case length <= 0:
		bad.Add(FieldEnd, "schedule.end_before")
	case length < MinLength:
		bad.Add(FieldEnd, "schedule.too_short")
	case length > MaxLength:
		bad.Add(FieldEnd, "schedule.too_long")
	}
	// A network is of one school year; its people may meet in the summer before
	// and wind up in the autumn after.
	from := time.Date(n.NetworkYear, time.June, 1, 0, 0, 0, 0, time.UTC)
	if in.Starts.Before(from) || !in.Starts.Before(from.AddDate(1, 7, 0)) {
		bad.Add(FieldDay, "schedule.other_year")
	}
}

// webLink reports whether s is an address of a web page.
func webLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && utf8.RuneCountInString(s) <= MaxLink && !strings.ContainsAny(s, " \t\r\n")
}

// Create plans a meeting as a draft, which only those who manage meetings see;
// its agenda begins with the fixed items of its kind. Needs meeting:manage.
//
// Errors: NotFound; Invalid with fields named like the input's; Conflict in a
// network that is not open.
func (s *Service) Create(ctx context.Context, a *access.Actor, network uuid.UUID, in Input) (uuid.UUID, error) {
	n, err := s.within(ctx, a, network, PermManage)
	if err != nil {
		return uuid.Nil, err
	}
	in.tidy()
	if err := s.check(ctx, n, &in, false); err != nil {
		return uuid.Nil, err
	}
	return act(ctx, s, a, "meeting:create", []any{network, in}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		id, err := uuid.NewV7()
		if err != nil {
			return uuid.Nil, err
		}
		if err := holdOpen(ctx, tx, network); err != nil {
			return uuid.Nil, err
		}
		kind, _ := s.kindOf(ctx, n.qualified(), in.Kind)
		var items []newItem
		for _, f := range kind.Fixed {
			items = append(items, newItem{Title: f.Title, Minutes: f.Minutes, Fixed: true})
		}
		return id, s.create(ctx, tx, a, n, id, &in, items)
	})
}

func (s *Service) create(ctx context.Context, tx *db.Tx, a *access.Actor, n *networkRow, id uuid.UUID, in *Input, items []newItem) error {
	if err := insertMeeting(ctx, tx, id, n.Network, a.Person, in, s.clock.Now()); err != nil {
		return err
	}
	if err := insertItems(ctx, tx, id, items); err != nil {
		return err
	}
	return s.note(ctx, tx, a, &meetingRow{networkRow: *n, ID: id}, "meeting:create", "kind", "title", "starts")
}

// Edit changes a meeting at a version. A draft changes quietly. When time or
// place of an announced meeting change, everybody invited is told at once, with
// message (optional) as the coordinator's own words; answers given before stay,
// marked as such, but those with a way no longer offered are dropped. Needs
// meeting:manage.
//
// Errors: NotFound; Invalid; [ErrStale] when somebody saved another version;
// Conflict for a meeting that is closed or cancelled.
func (s *Service) Edit(ctx context.Context, a *access.Actor, id uuid.UUID, version int, in Input, message string) error {
	m, err := s.enter(ctx, a, id, PermManage)
	if err != nil {
		return err
	}
	in.tidy()
	if err := s.check(ctx, &m.networkRow, &in, m.State != Draft); err != nil {
		return err
	}
	if err := s.checkMove(m, &in, message); err != nil {
		return err
	}
	return s.once(ctx, a, "meeting:edit", []any{id, version, in, message}, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if m.Version != version {
			return ErrStale
		}
		return s.edit(ctx, tx, a, m, &in, message)
	})
}

// checkMove refuses times in the past for meetings that people are invited to.
func (s *Service) checkMove(m *meetingRow, in *Input, message string) error {
	var bad fault.Fields
	if m.State == Announced && !in.Starts.Equal(m.Starts) && !in.Starts.After(s.clock.Now()) {
		bad.Add(FieldDay, "schedule.in_past")
	}
	if utf8.RuneCountInString(message) > MaxReason {
		bad.Add("message", "schedule.text_long", "Max", MaxReason)
	}
	return bad.Err()
}

// edit writes a locked meeting and tells what follows.
func (s *Service) edit(ctx context.Context, tx *db.Tx, a *access.Actor, m *meetingRow, in *Input, message string) error {
	if m.State == Closed || m.State == Cancelled {
		return errClosed
	}
	now := s.clock.Now()
	newTime := !in.Starts.Equal(m.Starts) || !in.Ends.Equal(m.Ends)
	newPlace := in.Where != m.where()
	sequence, moved := m.Sequence, m.Moved
	if m.State != Draft && (newTime || newPlace || in.Title != m.Title) {
		sequence++
	}
	if newTime && m.State == Announced {
		moved++
	}
	if err := updateMeeting(ctx, tx, m.ID, in, sequence, moved, now); err != nil {
		return err
	}
	if m.State != Draft { // a draft is seen by those who plan it alone
		if err := s.linked(ctx, tx, a, m.Network, m.ID, in.Title, in.Note); err != nil {
			return err
		}
	}
	if err := s.note(ctx, tx, a, m, "meeting:edit", "kind", "title", "note", "starts", "ends", "place", "address", "link"); err != nil {
		return err
	}
	if m.State != Announced || !newTime && !newPlace {
		return nil
	}
	before := *m
	m, err := readMeeting(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	if newPlace {
		if err := dropAnswers(ctx, tx, m.ID, in.Where); err != nil {
			return err
		}
	}
	if newTime {
		if err := planNotices(ctx, tx, m.ID, m.Moved, plan(m.Starts, now)); err != nil {
			return err
		}
	}
	return s.tellMoved(ctx, tx, &before, m, newTime, message)
}

func (s *Service) tellMoved(ctx context.Context, tx *db.Tx, before, m *meetingRow, newTime bool, message string) error {
	to, err := invited(ctx, tx, m.Network, s.clock.Now())
	if err != nil {
		return err
	}
	key := "schedule.notice.place"
	if newTime {
		key = "schedule.notice.moved"
	}
	if err := s.emit(ctx, tx, m, "meeting.moved"); err != nil {
		return err
	}
	return s.tell(ctx, tx, m, key, telling{mail: true, args: map[string]any{"Before": before.Starts, "Message": strings.TrimSpace(message), "Place": m.Place}}, to...)
}

// Announce invites everybody inside to a draft: they get a letter, may answer,
// and the notices are planned. A meeting that has begun already is entered as
// one that took place, and nobody is written to. Needs meeting:manage.
//
// Errors: NotFound; Invalid while place and way are missing; Conflict when it is
// no draft any more.
func (s *Service) Announce(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	m, err := s.enter(ctx, a, id, PermManage)
	if err != nil {
		return err
	}
	in := m.input()
	if err := s.check(ctx, &m.networkRow, &in, true); err != nil {
		return err
	}
	return s.once(ctx, a, "meeting:announce", id, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if m.State != Draft {
			return conflict("schedule.no_draft")
		}
		// It may have been edited since it was checked.
		in := m.input()
		if err := s.check(ctx, &m.networkRow, &in, true); err != nil {
			return err
		}
		return s.announce(ctx, tx, a, m)
	})
}

func (s *Service) announce(ctx context.Context, tx *db.Tx, a *access.Actor, m *meetingRow) error {
	now := s.clock.Now()
	if err := setAnnounced(ctx, tx, m.ID, now); err != nil {
		return err
	}
	if err := s.linked(ctx, tx, a, m.Network, m.ID, m.Title, m.Note); err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, m, "meeting:announce", "starts"); err != nil {
		return err
	}
	if err := s.emit(ctx, tx, m, "meeting.announced"); err != nil {
		return err
	}
	if !m.Starts.After(now) {
		return nil
	}
	if err := planNotices(ctx, tx, m.ID, m.Moved, plan(m.Starts, now)); err != nil {
		return err
	}
	to, err := invited(ctx, tx, m.Network, now)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, m, "schedule.notice.invited", telling{mail: true, args: map[string]any{"Place": m.Place}}, to...)
}

// Cancel calls a meeting off with a reason; everybody invited is told at once. A
// draft that nobody was invited to is only marked. Needs meeting:manage.
//
// Errors: NotFound; Invalid without a reason; Conflict for a meeting that was
// held, is closed or cancelled.
func (s *Service) Cancel(ctx context.Context, a *access.Actor, id uuid.UUID, reason string) error {
	if _, err := s.enter(ctx, a, id, PermManage); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if err := checkReason(reason); err != nil {
		return err
	}
	return s.once(ctx, a, "meeting:cancel", []any{id, reason}, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.cancel(ctx, tx, a, m, reason)
	})
}

func checkReason(reason string) error {
	var bad fault.Fields
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		bad.Add("reason", "schedule.reason_missing")
	case n > MaxReason:
		bad.Add("reason", "schedule.text_long", "Max", MaxReason)
	}
	return bad.Err()
}

func (s *Service) cancel(ctx context.Context, tx *db.Tx, a *access.Actor, m *meetingRow, reason string) error {
	if m.State != Draft && m.State != Announced {
		return errClosed
	}
	if err := setCancelled(ctx, tx, m.ID, reason, s.clock.Now()); err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, m, "meeting:cancel", "reason"); err != nil {
		return err
	}
	if err := dropNotices(ctx, tx, m.ID); err != nil {
		return err
	}
	if m.State == Draft {
		return nil
	}
	if err := s.emit(ctx, tx, m, "meeting.cancelled"); err != nil {
		return err
	}
	if m.Past(s.clock.Now()) {
		return nil
	}
	to, err := invited(ctx, tx, m.Network, s.clock.Now())
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, m, "schedule.notice.cancelled", telling{mail: true, args: map[string]any{"Reason": reason}}, to...)
}

// Past reports whether the meeting is over at the time.
func (m *meetingRow) Past(now time.Time) bool { return !m.Ends.After(now) }

// Drop deletes a draft that nobody was invited to. Needs meeting:manage.
// Conflict when it is no draft any more.
func (s *Service) Drop(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if _, err := s.enter(ctx, a, id, PermManage); err != nil {
		return err
	}
	return s.once(ctx, a, "meeting:drop", id, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if m.State != Draft {
			return conflict("schedule.no_draft")
		}
		if err := s.files.Detach(ctx, tx, FileKind, id, nil); err != nil {
			return err
		}
		if err := s.note(ctx, tx, a, m, "meeting:drop", "title"); err != nil {
			return err
		}
		return deleteMeeting(ctx, tx, id)
	})
}

// Clash is a reason why a day suits some people badly.
type Clash struct {
	calendar.Clash
	// People is how many of the network's people it concerns; 0: all, or unknown.
	People int
}

// Clashes lists what the days of a meeting clash with, for the voivodeships in
// which the network's people work, the heaviest first. Needs meeting:view.
func (s *Service) Clashes(ctx context.Context, a *access.Actor, network uuid.UUID, starts, ends time.Time) ([]Clash, error) {
	var where map[string]int
	err := db.Together(ctx, s.db, func(ctx context.Context, _ db.Q) error {
		_, err := s.within(ctx, a, network, PermView)
		return err
	}, func(ctx context.Context, q db.Q) (err error) {
		where, err = voivodeships(ctx, q, network)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.clashes(ctx, where, starts, ends)
}

// clashDays bounds how many days of one meeting are looked at.
const clashDays = 11

// clashes looks at the days for members in voivodeships, with how many are in each.
func (s *Service) clashes(ctx context.Context, where map[string]int, starts, ends time.Time) ([]Clash, error) {
	codes := make([]string, 0, len(where))
	for c := range where {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	cal, seen := s.days.Calendar(ctx), map[string]bool{}
	var out []Clash
	for day, n := calendar.Day(starts), 0; !day.After(calendar.Day(ends)) && n < clashDays; day, n = day.AddDate(0, 0, 1), n+1 {
		for _, c := range cal.Clashes(day, codes...) {
			id := c.Key + c.Span.From.Format(time.DateOnly) + strings.Join(c.Voivodeships, ",")
			if seen[id] {
				continue
			}
			seen[id] = true
			k := Clash{Clash: c}
			for _, v := range c.Voivodeships {
				k.People += where[v]
			}
			out = append(out, k)
		}
	}
	return out, nil
}
