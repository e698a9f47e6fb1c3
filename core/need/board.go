package need

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Board reads what the actor's territory needs in a school year (0 = the present
// one): topics by the number of schools, and powiats. powiat (TERC) narrows the
// topics, "" does not. Needs [PermBoard]; a centre and a local government see
// the numbers of their territory, ORE all. NotFound to others.
func (s *Service) Board(ctx context.Context, a *access.Actor, year int, powiat string) (Board, error) {
	if !s.c.Access.Anywhere(a, PermBoard) {
		return Board{}, s.c.Access.Require(a, PermBoard, access.Place{})
	}
	reach := s.c.Access.Reach(a, PermBoard)
	b := Board{SchoolYear: s.year(year)}
	err := db.Together(ctx, s.c.DB,
		func(ctx context.Context, q db.Q) (err error) {
			b.Clusters, err = clusters(ctx, q, &reach, b.SchoolYear, powiat, s.c.Clock.Now())
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			b.Areas, err = areas(ctx, q, &reach, b.SchoolYear, s.c.Clock.Now())
			return err
		})
	return b, err
}

func (s *Service) reach(a *access.Actor) (access.Reach, error) {
	if !s.c.Access.Anywhere(a, PermList) {
		return access.Reach{}, s.c.Access.Require(a, PermList, access.Place{})
	}
	return s.c.Access.Reach(a, PermList), nil
}

func (s *Service) year(y int) int {
	if y == 0 {
		return clock.SchoolYear(s.c.Clock.Now())
	}
	return y
}

// Cluster lists the needs of one topic in the actor's territory, those that no
// network meets first, then by school; limit 1-100 (0 = 50), after is the id of
// the last one of the page before. It returns the id of the next page, "" at the
// end. Needs [PermList]; NotFound for an unknown topic.
func (s *Service) Cluster(ctx context.Context, a *access.Actor, topic string, year int, powiat, after string, limit int) ([]Need, string, error) {
	reach, err := s.reach(a)
	if err != nil {
		return nil, "", err
	}
	if _, ok := s.Topic(topic); !ok {
		return nil, "", fault.ErrNotFound
	}
	last := uuid.Nil
	if after != "" {
		if last, err = uuid.Parse(after); err != nil {
			return nil, "", fault.New(fault.Invalid, "need.bad_cursor")
		}
	}
	if limit <= 0 || limit > 100 {
		limit = 50
	}
	rows, err := needsOf(ctx, s.c.DB, &reach, topic, s.year(year), powiat, last, limit+1, s.c.Clock.Now())
	if err != nil || len(rows) <= limit {
		return rows, "", err
	}
	return rows[:limit], rows[limit-1].ID.String(), nil
}

// Begin takes the first step towards a network: the schools it is to be for.
// centre is the one that founds it. Needs network:found at the centre and
// [PermList] over every school.
//
// Errors: Invalid with fields "schools" (none, more than 200, one outside the
// territory or without the need), "centre" (foreign; named), "topic".
func (s *Service) Begin(ctx context.Context, a *access.Actor, centre uuid.UUID, topic string, year int, schools []uuid.UUID) (uuid.UUID, error) {
	reach, err := s.reach(a)
	if err != nil {
		return uuid.Nil, err
	}
	if !s.c.Access.Can(a, found, access.Place{Centre: centre}) {
		return uuid.Nil, s.c.Access.Outside(ctx, s.c.DB, a, found, "centre", centre, s.c.Clock.Now())
	}
	schools = slices.Clone(schools)
	slices.SortFunc(schools, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	schools = slices.Compact(schools)
	var f fault.Fields
	if _, ok := s.Topic(topic); !ok {
		f.Add("topic", "need.topic_unknown")
	}
	switch {
	case len(schools) == 0:
		f.Add("schools", "need.no_schools")
	case len(schools) > MaxSchools:
		f.Add("schools", "need.many_schools", "Max", MaxSchools)
	}
	if err := f.Err(); err != nil {
		return uuid.Nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	p := Plan{ID: id, Centre: centre, Topic: topic, SchoolYear: s.year(year), Schools: schools}
	return act(ctx, s, a, "need:plan", p.input(), func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		n, err := countOpen(ctx, tx, &reach, &p, s.c.Clock.Now())
		if err != nil {
			return uuid.Nil, err
		}
		if n != len(schools) {
			return uuid.Nil, fault.InvalidFields(fault.Field{Path: "schools", Key: "need.schools_changed"})
		}
		if err := insertPlan(ctx, tx, &p, a.Person, s.c.Clock.Now()); err != nil {
			return uuid.Nil, err
		}
		return id, s.c.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: "need:plan", ObjectKind: "need_plan", ObjectID: id.String(),
			ScopeKind: string(access.Centre), ScopeID: centre})
	})
}

// found is what founding a network needs; core/network owns it.
const found access.Permission = "network:found"

// input is what the plan asks for, without its id: a repeated form is one plan.
func (p Plan) input() Plan {
	p.ID = uuid.Nil
	return p
}

// Plan reads a plan that the actor made. NotFound for others.
func (s *Service) Plan(ctx context.Context, a *access.Actor, id uuid.UUID) (Plan, error) {
	p, by, err := planByID(ctx, s.c.DB, id)
	if err != nil {
		return Plan{}, err
	}
	if by != a.Person || !a.SignedIn() {
		return Plan{}, fault.ErrNotFound
	}
	return p, nil
}

// Claim notes in the founding transaction that the network was founded from the
// plan: the needs of its schools are met by it. The caller has authorised the
// founding. Invalid (field "origin") for an unknown, foreign or used plan, or one
// of another centre.
func (s *Service) Claim(ctx context.Context, tx *db.Tx, a *access.Actor, origin, network, centre uuid.UUID) error {
	ok, err := claim(ctx, tx, origin, network, centre, a.Person)
	if err != nil {
		return err
	}
	if !ok {
		return fault.InvalidFields(fault.Field{Path: "origin", Key: "need.plan_used"})
	}
	return nil
}
