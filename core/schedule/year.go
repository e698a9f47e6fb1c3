package schedule

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

// YearMeeting is a meeting of a year's report.
type YearMeeting struct {
	Meeting
	// Attendance counts the register; absent in it are those marked so.
	Attendance map[Presence]int `json:"attendance"`
	// MemberLed are the teaching minutes led by members.
	MemberLed int `json:"member_led_minutes"`
	// Experts led an item: experts of the network and people from outside.
	Experts   []string `json:"experts"`
	Decisions int      `json:"decisions"`
	Actions   int      `json:"actions"`
	Done      int      `json:"actions_done"`
}

// Year is what a network did in meetings in a school year, for its report.
type Year struct {
	Network uuid.UUID `json:"network_id"`
	Title   string    `json:"network"`
	Year    int       `json:"school_year"`
	// Meetings that took place or will, the earliest first, without drafts and
	// cancelled ones; Cancelled counts those.
	Meetings  []YearMeeting  `json:"meetings"`
	ByKind    map[string]int `json:"by_kind"`
	Cancelled int            `json:"cancelled"`
	// Held are the teaching minutes of meetings held or closed, MemberLed the share
	// of them led by members, in per cent.
	Held      int     `json:"held_minutes"`
	MemberLed float64 `json:"member_led_percent"`
	// People with their hours, by name.
	Hours    HoursPage `json:"hours"`
	Findings []Finding `json:"findings"`
}

// Year reports a network's school year (0: the network's own). Needs
// meeting:hours; for who has no role in the network it is accounted for.
func (s *Service) Year(ctx context.Context, a *access.Actor, network uuid.UUID, year int) (*Year, error) {
	n, err := s.within(ctx, a, network, PermHours)
	if err != nil {
		return nil, err
	}
	if year == 0 {
		year = n.NetworkYear
	}
	y := &Year{Network: network, Title: n.NetworkTitle, Year: year, ByKind: map[string]int{}, Hours: HoursPage{Network: network, Title: n.NetworkTitle, Year: year, All: true}}
	var rows []yearRow
	err = db.Together(ctx, s.db, func(ctx context.Context, q db.Q) (err error) {
		rows, err = readYear(ctx, q, network, year)
		return err
	}, func(ctx context.Context, q db.Q) error { return s.readHours(ctx, q, n, &y.Hours, uuid.Nil) })
	if err != nil {
		return nil, err
	}
	var planned []Planned
	led := 0
	for i := range rows {
		r := &rows[i]
		if r.State == Cancelled {
			y.Cancelled++
			continue
		}
		planned = append(planned, Planned{r.Kind, r.Starts})
		if r.State == Draft {
			continue
		}
		m := YearMeeting{Meeting: s.meeting(ctx, &r.meetingRow)}
		if err := r.into(&m); err != nil {
			return nil, err
		}
		y.ByKind[m.Kind]++
		if m.State == Held || m.State == Closed {
			y.Held += m.Minutes
			led += m.MemberLed
		}
		y.Meetings = append(y.Meetings, m)
	}
	if y.Held > 0 {
		y.MemberLed = float64(led) * 100 / float64(y.Held)
	}
	kinds, rule := s.Kinds(ctx, n.qualified())
	y.Findings = Findings(planned, kinds, rule)
	return y, s.look(ctx, a, network, "network.hours:read", "network", network)
}

// yearRow is a meeting with its sums.
type yearRow struct {
	meetingRow
	Attendance []byte `db:"attendance"`
	MemberLed  int    `db:"member_led"`
	Experts    []byte `db:"experts"`
	Decisions  int    `db:"decisions"`
	Actions    int    `db:"actions"`
	Done       int    `db:"done"`
}

func (r *yearRow) into(m *YearMeeting) error {
	m.MemberLed, m.Decisions, m.Actions, m.Done = r.MemberLed, r.Decisions, r.Actions, r.Done
	if err := json.Unmarshal(r.Attendance, &m.Attendance); err != nil {
		return fmt.Errorf("attendance of a meeting: %w", err)
	}
	if err := json.Unmarshal(r.Experts, &m.Experts); err != nil {
		return fmt.Errorf("experts of a meeting: %w", err)
	}
	return nil
}
