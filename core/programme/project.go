package programme

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

const (
	// About is the permission to read what a programme tells everybody.
	About access.Permission = "programme:about"
	// SeeRules, held anywhere, opens the rules and project data of programmes
	// that are not public as well: centres keep to them.
	SeeRules access.Permission = "programme:rules"
)

// Badges are the sources of funding whose notice a programme may show; the
// catalogue has their names and the notices' texts as programme.badge.<code>
// and programme.badge.<code>.notice.
var Badges = []string{"power", "pokl", "popc", "fers", "ferc", "efs", "efsplus", "efrr", "erasmus", "kpo", "budget"}

// MaxGrosze is the largest value of a project: a billion złoty.
const MaxGrosze = 100_000_000_000

const maxPartners = 50

// Project is what a programme is as a project; its period is the programme's.
type Project struct {
	// Value and Own (the leader's own share of it) in grosze; 0 = not given.
	Value int64 `json:"value_grosze"`
	Own   int64 `json:"own_grosze"`
	// Badges of its funding, of [Badges].
	Badges []string `json:"badges"`
	// Public projects are read by everybody.
	Public   bool      `json:"public"`
	Partners []Partner `json:"partners"`
	// Version 0: nothing was saved yet.
	Version int64 `json:"version"`
}

// Partner is an organisation that carries a programme with its leader.
type Partner struct {
	ID   uuid.UUID `json:"id" db:"id"`
	Name string    `json:"name" db:"name"`
	// Country is the code of ISO 3166-1: "PL".
	Country string `json:"country" db:"country"`
	// Share of the value in grosze; 0 = none given.
	Share int64 `json:"share_grosze" db:"share_grosze"`
}

// Card is what a programme tells of itself: project data and rules.
type Card struct {
	Programme
	Project Project `json:"project"`
	// Rules, the newest first; the first that has begun is in force.
	Rules []Rule `json:"rules"`
}

// Card reads a programme's card. Public ones are everybody's ([About]), others
// need [View] or [SeeRules] at the programme's place. Of a programme of no centre
// everybody with [SeeRules] somewhere reads the rules, which hold for all, and
// nothing else. NotFound otherwise.
func (s *Service) Card(ctx context.Context, a *access.Actor, id uuid.UUID) (*Card, error) {
	c := &Card{}
	err := db.Together(ctx, s.db, func(ctx context.Context, q db.Q) error {
		p, err := findProgramme(ctx, q, id)
		if err == nil {
			c.Programme = *p
		}
		return err
	}, func(ctx context.Context, q db.Q) (err error) {
		c.Project, err = projectOf(ctx, q, id)
		return err
	}, func(ctx context.Context, q db.Q) (err error) {
		c.Project.Partners, err = partnersOf(ctx, q, id)
		return err
	}, func(ctx context.Context, q db.Q) (err error) {
		c.Rules, err = rulesOf(ctx, q, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if c.Project.Public || s.auth.Can(a, View, c.place()) || s.auth.Can(a, SeeRules, c.place()) {
		return c, nil
	}
	if c.Centre != uuid.Nil || !s.auth.Anywhere(a, SeeRules) {
		return nil, fault.ErrNotFound
	}
	c.Project, c.Groups, c.Networks = Project{}, 0, 0
	return c, nil
}

// SetProject saves project data, without the partners, at in.Version. Needs
// [Edit] at the programme's place. Conflict when another version was saved.
func (s *Service) SetProject(ctx context.Context, a *access.Actor, id uuid.UUID, in Project) error {
	var bad fault.Fields
	if in.Value < 0 || in.Value > MaxGrosze {
		bad.Add("value", "programme.money")
	}
	if in.Own < 0 || in.Own > MaxGrosze {
		bad.Add("own", "programme.money")
	} else if in.Own > in.Value {
		bad.Add("own", "programme.own_over")
	}
	in.Badges = append([]string{}, slices.Compact(slices.Sorted(slices.Values(in.Badges)))...) // none is an empty list
	if len(in.Badges) > 10 || slices.ContainsFunc(in.Badges, func(b string) bool { return !slices.Contains(Badges, b) }) {
		bad.Add("badges", "programme.badges")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.change(ctx, a, id, "programme.project", in, func(ctx context.Context, tx *db.Tx) error {
		n, err := saveProject(ctx, tx, id, &in, a.Person, s.clock.Now())
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		return err
	}, "value", "own", "badges", "public")
}

// change is the frame of a change of what belongs to a programme: [Edit] at its
// place, written down with the fields.
func (s *Service) change(ctx context.Context, a *access.Actor, id uuid.UUID, operation string, in any, do func(context.Context, *db.Tx) error, fields ...string) error {
	_, err := act(ctx, s, a, operation, []any{id, in}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		p, err := holdProgramme(ctx, tx, id)
		if err != nil {
			return false, err
		}
		if err := s.auth.Require(a, View, p.place()); err != nil {
			return false, err
		}
		if err := s.auth.Require(a, Edit, p.place()); err != nil {
			return false, err
		}
		if err := do(ctx, tx); err != nil {
			return false, err
		}
		return true, s.audit.Write(ctx, tx, audit.Event{
			Actor: a.Person, System: a.System, Action: "programme:edit", ObjectKind: "programme", ObjectID: id.String(),
			ScopeKind: "programme", ScopeID: id, Fields: fields,
		})
	})
	return err
}

// AddPartner adds a partner, at most 50 a programme. Needs [Edit].
func (s *Service) AddPartner(ctx context.Context, a *access.Actor, programme uuid.UUID, in Partner) error {
	var bad fault.Fields
	in.Name, in.Country = strings.Join(strings.Fields(in.Name), " "), strings.ToUpper(strings.TrimSpace(in.Country))
	if n := utf8.RuneCountInString(in.Name); n == 0 || n > 200 {
		bad.Add("name", "programme.partner_name", "Max", 200)
	}
	if len(in.Country) != 2 || strings.Trim(in.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		bad.Add("country", "programme.country")
	}
	if in.Share < 0 || in.Share > MaxGrosze {
		bad.Add("share", "programme.money")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.change(ctx, a, programme, "programme.partner", in, func(ctx context.Context, tx *db.Tx) error {
		list, err := partnersOf(ctx, tx, programme)
		if err != nil {
			return err
		}
		if len(list) >= maxPartners {
			return fault.InvalidFields(fault.Field{Path: "name", Key: "programme.partners_many"})
		}
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		in.ID = id
		return insertPartner(ctx, tx, programme, &in)
	}, "partners")
}

// RemovePartner takes a partner away. Needs [Edit]; NotFound when it is gone.
func (s *Service) RemovePartner(ctx context.Context, a *access.Actor, programme, partner uuid.UUID) error {
	return s.change(ctx, a, programme, "programme.partner_remove", partner, func(ctx context.Context, tx *db.Tx) error {
		n, err := deletePartner(ctx, tx, programme, partner)
		if err == nil && n == 0 {
			return fault.ErrNotFound
		}
		return err
	}, "partners")
}
