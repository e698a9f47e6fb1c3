package oversight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/idem"
)

// The minister announces the directions of a school year in the summer before it.
// Those of the years before come with the program; a new year's are entered here,
// and networks can name them at once.

// Bounds of directions that are entered.
const (
	minDirection = 3
	// MaxDirection is the length of a direction, in characters.
	MaxDirection = 300
	// mostOfYear directions of one school year.
	mostOfYear = 30
)

var _ = db.Constraint("policy_direction_once", fault.Invalid, "name", "oversight.direction_twice")

// NewDirection is a direction to be entered.
type NewDirection struct {
	// SchoolYear for which it was announced: the last, the running or the next one.
	SchoolYear int    `json:"school_year"`
	Polish     string `json:"pl"`
	// English may be empty: then the Polish name is shown.
	English string `json:"en"`
}

// Directions is the vocabulary, by school year: what comes with the program, then
// what was entered for the year.
func (s *Service) Directions(ctx context.Context) ([]Direction, error) {
	return s.directions(ctx, s.c.DB)
}

func (s *Service) directions(ctx context.Context, q db.Q) ([]Direction, error) {
	rows, err := enteredDirections(ctx, q)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(s.c.Directions)
	for _, r := range rows {
		if slices.ContainsFunc(out, func(d Direction) bool { return d.Code == r.Code }) {
			continue // it comes with the program now
		}
		if r.English == "" {
			r.English = r.Polish
		}
		out = append(out, Direction{Code: r.Code, Polish: r.Polish, English: r.English, Year: show.SchoolYear(r.SchoolYear), Entered: true})
	}
	slices.SortStableFunc(out, func(a, b Direction) int { return strings.Compare(a.Year, b.Year) })
	return out, nil
}

// Years are those for which directions can be entered: the last school year, the
// running and the next one.
func (s *Service) Years() []int {
	y := clock.SchoolYear(s.c.Clock.Now())
	return []int{y - 1, y, y + 1}
}

// AddDirection enters a direction and returns its code. Needs [PermDirections] on
// the platform. Invalid names wrong fields.
func (s *Service) AddDirection(ctx context.Context, a *access.Actor, in NewDirection) (string, error) {
	if err := s.c.Access.Require(a, PermDirections, access.Place{}); err != nil {
		return "", err
	}
	in.Polish, in.English = strings.Join(strings.Fields(in.Polish), " "), strings.Join(strings.Fields(in.English), " ")
	var bad fault.Fields
	if !slices.Contains(s.Years(), in.SchoolYear) {
		bad.Add("year", "oversight.direction_year")
	}
	if n := utf8.RuneCountInString(in.Polish); n < minDirection || n > MaxDirection {
		bad.Add("name", "oversight.direction_name", "Min", minDirection, "Max", MaxDirection)
	}
	if utf8.RuneCountInString(in.English) > MaxDirection {
		bad.Add("english", "oversight.direction_name", "Min", minDirection, "Max", MaxDirection)
	}
	if err := bad.Err(); err != nil {
		return "", err
	}
	var code string
	err := s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		code, err = idem.Do(ctx, tx, a.Person, "oversight:direction_add", in, func() (string, error) { return s.enter(ctx, tx, a, &in) })
		return err
	})
	return code, err
}

// enter writes a direction under the next free number of its year.
func (s *Service) enter(ctx context.Context, tx *db.Tx, a *access.Actor, in *NewDirection) (string, error) {
	no, err := nextDirection(ctx, tx, in.SchoolYear)
	if err != nil {
		return "", err
	}
	for _, d := range s.c.Directions {
		var n int
		if _, err := fmt.Sscanf(d.Code, fmt.Sprintf("%d-%%d", in.SchoolYear), &n); err == nil {
			no = max(no, n+1)
		}
	}
	if no > mostOfYear {
		return "", fault.InvalidFields(fault.Field{Path: "name", Key: "oversight.directions_full", Args: fault.Args{"Max": mostOfYear}})
	}
	code := fmt.Sprintf("%d-%d", in.SchoolYear, no)
	if err := insertDirection(ctx, tx, code, no, in, a.Person, s.c.Clock.Now()); err != nil {
		return "", err
	}
	return code, s.noteDirection(ctx, tx, a, code, "direction:add")
}

// RemoveDirection takes back one that was entered and that no network names or
// named. Needs [PermDirections]. NotFound for others; Conflict for one in use.
func (s *Service) RemoveDirection(ctx context.Context, a *access.Actor, code string) error {
	if err := s.c.Access.Require(a, PermDirections, access.Place{}); err != nil {
		return err
	}
	return s.act(ctx, a, "oversight:direction_remove", code, func(ctx context.Context, tx *db.Tx) error {
		used, err := lockDirection(ctx, tx, code)
		if err != nil {
			return err
		}
		if used {
			return fault.New(fault.Conflict, "oversight.direction_used")
		}
		if err := deleteDirection(ctx, tx, code); err != nil {
			return err
		}
		return s.noteDirection(ctx, tx, a, code, "direction:remove")
	})
}

func (s *Service) noteDirection(ctx context.Context, tx *db.Tx, a *access.Actor, code, action string) error {
	return s.c.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "direction", ObjectID: code})
}
