package oversight

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
)

// MaxDirections is how many directions one network may name.
const MaxDirections = 5

// Name of the direction in a language, with its school year.
func (d *Direction) Name(l i18n.Lang) string {
	name := d.Polish
	if l == i18n.English {
		name = d.English
	}
	if d.Year != "" {
		name += " (" + d.Year + ")"
	}
	return name
}

// Tagged is a network with the directions that it works on.
type Tagged struct {
	Network uuid.UUID `json:"network_id"`
	Title   string    `json:"network"`
	// SchoolYear of the network: 2026 is 2026/2027.
	SchoolYear int `json:"school_year"`
	// Codes of directions, sorted.
	Codes []string `json:"directions"`
	// Open networks can change them.
	Open bool `json:"open"`
	// At is where permissions of the network are asked.
	At access.Place `json:"-"`
}

// Tagged reads the directions of a network. Needs network:edit there.
func (s *Service) Tagged(ctx context.Context, a *access.Actor, id uuid.UUID) (*Tagged, error) {
	t, err := tagged(ctx, s.c.DB, id)
	if err != nil {
		return nil, err
	}
	return t, s.mayTag(a, t)
}

func (s *Service) mayTag(a *access.Actor, t *Tagged) error {
	if !s.c.Access.Can(a, network.PermEdit, t.At) {
		return fault.ErrNotFound
	}
	return nil
}

// Tag saves which directions a network works on, at most [MaxDirections]; seen
// are those that the editor began with. Needs network:edit there. Errors:
// NotFound; Invalid "directions"; Conflict when somebody changed them meanwhile
// or the network is not open.
func (s *Service) Tag(ctx context.Context, a *access.Actor, id uuid.UUID, codes, seen []string) error {
	codes, seen = sorted(codes), sorted(seen)
	return s.act(ctx, a, "network.directions", []any{id, codes, seen}, func(ctx context.Context, tx *db.Tx) error {
		if err := holdNetwork(ctx, tx, id); err != nil {
			return err
		}
		t, err := tagged(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayTag(a, t); err != nil {
			return err
		}
		if !t.Open {
			return fault.New(fault.Conflict, "oversight.closed")
		}
		known, err := s.directions(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range codes {
			// One that the vocabulary dropped stays where it is.
			if !slices.Contains(t.Codes, c) && !slices.ContainsFunc(known, func(d Direction) bool { return d.Code == c }) {
				return fault.InvalidFields(fault.Field{Path: "directions", Key: "oversight.direction_unknown"})
			}
		}
		if len(codes) > MaxDirections {
			return fault.InvalidFields(fault.Field{Path: "directions", Key: "oversight.directions_many", Args: fault.Args{"Max": MaxDirections}})
		}
		if !slices.Equal(t.Codes, seen) {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		if err := saveTags(ctx, tx, id, codes, a.Person, s.c.Clock.Now()); err != nil {
			return err
		}
		return s.c.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: "network:edit", ObjectKind: "network", ObjectID: id.String(),
			ScopeKind: "network", ScopeID: id, Fields: []string{"directions"}})
	})
}

func sorted(list []string) []string {
	out := []string{}
	for _, c := range list {
		if c = strings.TrimSpace(c); c != "" {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Cover is what networks do about a direction in a school year.
type Cover struct {
	Code     string `json:"direction" db:"direction"`
	Networks int    `json:"networks" db:"networks"`
	// Meetings held by them, Powiats of the schools of their members and, where
	// there are none, of their organisations.
	Meetings int `json:"meetings" db:"meetings"`
	Powiats  int `json:"powiats" db:"powiats"`
}

// Coverage counts what networks of a school year do about each direction, in the
// order of the vocabulary, where the actor has [PermPace]: of the year's own
// directions also those without a network, of other years' those that networks name. It counts as of the end of a day (midnight UTC; zero: now) what
// networks named then, also what they named no more later. NotFound for who has it nowhere; Invalid
// for a year out of bounds and a day to come.
func (s *Service) Coverage(ctx context.Context, a *access.Actor, year int, day time.Time) ([]Cover, error) {
	if !s.c.Access.Anywhere(a, PermPace) {
		return nil, fault.ErrNotFound
	}
	if year < 2000 || year > 2100 {
		return nil, fault.InvalidFields(fault.Field{Path: "year", Key: "oversight.year"})
	}
	_, at, err := s.asOf(day)
	if err != nil {
		return nil, err
	}
	reach := s.c.Access.Reach(a, PermPace)
	var rows []Cover
	var known []Direction
	err = db.Together(ctx, s.c.DB,
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = coverage(ctx, q, &reach, year, at)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) { known, err = s.directions(ctx, q); return err })
	if err != nil {
		return nil, err
	}
	return covers(known, rows, show.SchoolYear(year)), nil
}

// covers puts counts in the order of the vocabulary; what that dropped comes last.
func covers(known []Direction, rows []Cover, year string) []Cover {
	out := make([]Cover, 0, len(known))
	for _, d := range known {
		i := slices.IndexFunc(rows, func(r Cover) bool { return r.Code == d.Code })
		switch {
		case i >= 0:
			out = append(out, rows[i])
		case d.Year == year:
			out = append(out, Cover{Code: d.Code})
		}
	}
	for _, r := range rows {
		if !slices.ContainsFunc(out, func(c Cover) bool { return c.Code == r.Code }) {
			out = append(out, r)
		}
	}
	return out
}

// Now is the moment by the domain clock.
func (s *Service) Now() time.Time { return s.c.Clock.Now() }
