package schedule

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/place"
)

// Hours are one person's part in a network's meetings of a school year, in
// minutes of teaching.
type Hours struct {
	Person
	School string `json:"school" db:"school"`
	place.Where
	// Attended counts meetings with presence, Missed those marked absent or
	// excused.
	Attended int `json:"attended" db:"attended"`
	Missed   int `json:"missed" db:"missed"`
	// Minutes of teaching attended; Open are those of meetings without a register
	// yet: what can still be gained.
	Minutes int `json:"minutes" db:"minutes"`
	Open    int `json:"open_minutes" db:"open"`
	// MissedMinutes are those of meetings missed.
	MissedMinutes int `json:"missed_minutes" db:"missed_minutes"`
	// Passed: the share that the rule asks for is reached. Lost: it cannot be
	// reached any more.
	Passed bool `json:"passed"`
	Lost   bool `json:"lost"`
}

// Best is what the person can still have at the end of the year, in minutes.
func (h *Hours) Best() int { return h.Minutes + h.Open }

// HoursPage is who was there how long in a school year.
type HoursPage struct {
	Network uuid.UUID `json:"network_id"`
	Title   string    `json:"network"`
	Year    int       `json:"school_year"`
	// Planned are the teaching minutes of all meetings of the year that were not
	// cancelled, Percent the share of them that the centre's rule asks for.
	Planned int     `json:"planned_minutes"`
	Percent int     `json:"percent"`
	People  []Hours `json:"people"` // by name; for members their own line alone
	All     bool    `json:"all"`    // everybody's, for those who may see them
	// At is where permissions of the network are asked.
	At access.Place `json:"-"`
}

// Hours sums the teaching hours of a network's school year (0: its own): everybody's for
// whoever has meeting:hours there, the actor's own for members (meeting:view).
// Reading everybody's from outside the network is accounted for.
func (s *Service) Hours(ctx context.Context, a *access.Actor, network uuid.UUID, year int) (*HoursPage, error) {
	n, err := s.within(ctx, a, network, PermView)
	if err != nil {
		return nil, err
	}
	if year == 0 {
		year = n.NetworkYear
	}
	p := &HoursPage{Network: network, Title: n.NetworkTitle, Year: year, At: n.place(), All: s.auth.Can(a, PermHours, n.place())}
	only := a.Person
	if p.All {
		only = uuid.Nil
	}
	if err := s.readHours(ctx, s.db, n, p, only); err != nil {
		return nil, err
	}
	if !p.All {
		return p, nil
	}
	return p, s.look(ctx, a, network, "network.hours:read", "network", network)
}

// readHours fills a page; only narrows it to one person unless uuid.Nil.
func (s *Service) readHours(ctx context.Context, q db.Q, n *networkRow, p *HoursPage, only uuid.UUID) error {
	rows, err := listHours(ctx, q, n, p.Year, only, s.clock.Now())
	if err != nil {
		return err
	}
	p.People = make([]Hours, 0, len(rows))
	for i := range rows {
		p.Planned, p.Percent = rows[i].Planned, rows[i].Percent
		if rows[i].ID == uuid.Nil {
			continue // the line that carries the sums when nobody is listed
		}
		h := rows[i].Hours
		h.judge(p.Planned, p.Percent)
		p.People = append(p.People, h)
	}
	return nil
}

func (h *Hours) judge(planned, percent int) {
	need := planned * percent
	h.Passed = planned > 0 && h.Minutes*100 >= need
	h.Lost = planned > 0 && h.Best()*100 < need
}

// tellUnreachable tells those who missed the meeting, and for whom the rule is
// now out of reach, that it is and what they can still get: once a person, school
// year and network (scenario NAU9).
func (s *Service) tellUnreachable(ctx context.Context, tx *db.Tx, m *meetingRow) error {
	p := &HoursPage{Year: m.SchoolYear}
	if err := s.readHours(ctx, tx, &m.networkRow, p, uuid.Nil); err != nil {
		return err
	}
	missing, err := missingAt(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	for i := range p.People {
		h := &p.People[i]
		if !h.Lost || h.Missed < 2 || !missing[h.ID] {
			continue
		}
		msg := notify.Message{To: []uuid.UUID{h.ID}, Wording: map[i18n.Lang]notify.Wording{}, Link: "/sieci/" + m.Network.String() + "/godziny", Network: m.Network,
			Once: "meeting.hours:" + m.Network.String() + ":" + itoa(m.SchoolYear)}
		for _, l := range i18n.Langs {
			msg.Wording[l] = notify.Wording{
				Title: i18n.Text(l, "schedule.notice.hours.title", "Network", m.NetworkTitle),
				Text: i18n.Text(l, "schedule.notice.hours.text", "Network", m.NetworkTitle, "Missed", h.Missed, "MissedHours", show.TeachingHours(l, h.MissedMinutes),
					"Planned", show.TeachingHours(l, p.Planned), "Percent", p.Percent, "Best", show.TeachingHours(l, h.Best())),
				Action: i18n.Text(l, "schedule.notice.hours.action"),
			}
		}
		if err := s.notify.Send(ctx, tx, msg); err != nil {
			return err
		}
	}
	return nil
}
