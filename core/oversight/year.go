package oversight

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule"
)

// Place is a powiat, a voivodeship or the whole in the yearly report.
type Place struct {
	// Code of TERYT: 4 digits for a powiat, 2 for a voivodeship, "" for the whole.
	Code string `json:"code" db:"code"`
	Name string `json:"name" db:"name"`
	// Voivodeship is the name of the powiat's.
	Voivodeship string `json:"voivodeship,omitempty" db:"voivodeship"`
	// Networks that have members from the place; without any such member a network
	// counts where its organisation has its seat.
	Networks int `json:"networks" db:"networks"`
	// Members are people from schools of the place.
	Members int `json:"members" db:"members"`
	// Meetings of these networks that were over, with the minutes of teaching.
	Meetings int `json:"meetings" db:"meetings"`
	Minutes  int `json:"teaching_minutes" db:"minutes"`
	// Participants are people from schools of the place who were at one of them.
	Participants int `json:"participants" db:"participants"`
	// Missing networks by the rule of the programme asked for; nil where it does not
	// hold.
	Missing *int `json:"networks_missing,omitempty" db:"-"`
}

// Hours are the teaching hours.
func (p *Place) Hours() float64 { return float64(p.Minutes) / schedule.TeachingHour }

// Year is the yearly report by powiat.
type Year struct {
	SchoolYear int       `json:"school_year"`
	Day        time.Time `json:"day"`
	// Country: everything; else what the centres of the reader run, in the powiats
	// in which they act.
	Country bool `json:"country"`
	// Powiats of the register of that day, by voivodeship and name, those without networks too;
	// Voivodeships by name.
	Powiats      []Place `json:"powiats"`
	Voivodeships []Place `json:"voivodeships"`
	Whole        Place   `json:"whole"`
	// Kept: counted by a job because of its size, at CountedAt; nil before the first
	// count is finished, and there are no places then. Count is the last one asked for.
	Kept      bool       `json:"kept"`
	CountedAt *time.Time `json:"counted_at,omitempty"`
	Count     *Count     `json:"count,omitempty"`
	// Least networks in each powiat of its territory that the programme asked for by
	// its rule of that day; 0: none is asked for, or the reader does not see all.
	Least int `json:"networks_least,omitempty"`
}

// YearQuery chooses what a report counts. Programme narrows it to one.
type YearQuery struct {
	SchoolYear int
	Day        time.Time // midnight UTC; zero: today
	Programme  uuid.UUID
}

// Year counts a school year as of the end of a day, by the register of that day.
// A network with members from several powiats counts in each of them, and once
// in the voivodeship and in the whole. Needs [PermYear]: held everywhere it counts
// all networks, at centres their networks, in the powiats in which they act, at
// local governments what concerns their schools; a gmina's are in the line of its powiat.
func (s *Service) Year(ctx context.Context, a *access.Actor, q YearQuery) (*Year, error) {
	if !s.c.Access.Anywhere(a, PermYear) {
		return nil, fault.ErrNotFound
	}
	if err := s.complete(&q); err != nil {
		return nil, err
	}
	reach := s.c.Access.Reach(a, PermYear)
	y, err := s.count(ctx, &reach, &q)
	if err != nil {
		return nil, err
	}
	rule, err := s.ruleFor(ctx, &reach, &q)
	if err != nil {
		return nil, err
	}
	if rule != nil && (!y.Kept || y.CountedAt != nil) {
		y.Least = rule.Networks
		y.hold(rule)
	}
	return y, nil
}

// complete fills in what a question leaves open, and refuses days and years that
// cannot be.
func (s *Service) complete(q *YearQuery) error {
	today := s.Today()
	if q.Day.IsZero() {
		q.Day = today
	}
	if q.SchoolYear == 0 {
		q.SchoolYear = clock.SchoolYear(q.Day)
	}
	var bad fault.Fields
	if q.SchoolYear < 2000 || q.SchoolYear > 2100 {
		bad.Add("year", "oversight.year")
	}
	if q.Day.After(today) || q.Day.Year() < 2000 {
		bad.Add("day", "oversight.day")
	}
	return bad.Err()
}

// endOf is when a day ends, or now.
func (s *Service) endOf(day time.Time) time.Time {
	end := endOf(day)
	if now := s.c.Clock.Now(); end.After(now) {
		return now
	}
	return end
}

// count is the report at once, or, of the country with very many networks, as it is kept.
func (s *Service) count(ctx context.Context, r *access.Reach, q *YearQuery) (*Year, error) {
	if r.All && s.jobs != nil {
		many, err := manyNetworks(ctx, s.c.DB, q, s.c.AtOnce)
		if err != nil {
			return nil, err
		}
		if many {
			return s.kept(ctx, q)
		}
	}
	rows, err := yearByPowiat(ctx, s.c.DB, r, q, s.endOf(q.Day))
	if err != nil {
		return nil, err
	}
	y := &Year{SchoolYear: q.SchoolYear, Day: q.Day, Country: r.All, Powiats: []Place{}, Voivodeships: []Place{}}
	y.put(rows)
	return y, nil
}

// put sorts places by what they are.
func (y *Year) put(rows []Place) {
	for _, r := range rows {
		switch len(r.Code) {
		case 0:
			y.Whole = r
		case 2:
			y.Voivodeships = append(y.Voivodeships, r)
		default:
			y.Powiats = append(y.Powiats, r)
		}
	}
}

// ruleFor is the programme asked for when it asks for networks in each powiat and
// the reader's report counts all of them.
func (s *Service) ruleFor(ctx context.Context, r *access.Reach, q *YearQuery) (*ruled, error) {
	if q.Programme == uuid.Nil {
		return nil, nil
	}
	p, err := ruleOf(ctx, s.c.DB, q.Programme, q.Day, q.Day)
	switch {
	case fault.Is(err, fault.NotFound): // of which nothing is counted
		return nil, nil
	case err != nil:
		return nil, err
	case p.Networks == 0 || !r.All && !(p.Centre.Valid && slices.Contains(r.Centres, p.Centre.UUID)):
		return nil, nil
	}
	return p, nil
}

// hold counts what is missing in each powiat of the territory, and adds it up.
func (y *Year) hold(p *ruled) {
	sums := map[string]int{}
	for i := range y.Powiats {
		x := &y.Powiats[i]
		if p.in(x.Code) {
			missing := max(p.Networks-x.Networks, 0)
			x.Missing = &missing
			sums[""] += missing
			sums[x.Code[:2]] += missing
		}
	}
	for i := range y.Voivodeships {
		missing := sums[y.Voivodeships[i].Code]
		y.Voivodeships[i].Missing = &missing
	}
	missing := sums[""]
	y.Whole.Missing = &missing
}
