package programme

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
)

// Scopes tells the engine about programmes and groups.
type Scopes struct{ s *Service }

var (
	_ effect.ScopeReader      = Scopes{}
	_ effect.Ancestry         = Scopes{}
	_ effect.MembershipFinder = Scopes{}
)

// Scopes is what core/effect registers for [effect.Programme] and [effect.Group].
func (s *Service) Scopes() Scopes { return Scopes{s} }

// States implements [effect.ScopeReader]. Ids of programmes and of groups may
// be mixed.
func (r Scopes) States(ctx context.Context, q db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	var groups []groupRow
	var rest []effect.ScopeState
	err := db.Together(ctx, q,
		func(ctx context.Context, q db.Q) error {
			return q.Select(ctx, &groups, groupSelect+` WHERE g.id = ANY($2) LIMIT 5000`, r.s.clock.Now(), db.Array(ids))
		},
		func(ctx context.Context, q db.Q) (err error) {
			rest, err = r.programmes(ctx, q, `p.id = ANY($1)`, db.Array(ids))
			return err
		})
	out := make([]effect.ScopeState, len(groups), len(groups)+len(rest))
	for i := range groups {
		out[i] = groups[i].state()
	}
	return append(out, rest...), err
}

// Above implements [effect.Ancestry]: the programme of a network, group or
// membership of a network.
func (r Scopes) Above(ctx context.Context, q db.Q, scope effect.Scope) ([]effect.ScopeState, error) {
	if scope.Kind == effect.Programme {
		return nil, nil
	}
	return r.programmes(ctx, q, `p.id IN (SELECT n.programme_id FROM network n WHERE n.id = $1
		UNION ALL SELECT coalesce(g.programme_id, n.programme_id) FROM network_group g LEFT JOIN network n ON n.id = g.network_id WHERE g.id = $1
		UNION ALL SELECT n.programme_id FROM membership b JOIN network n ON n.id = b.network_id WHERE b.id = $1)`, scope.ID)
}

// programmes reads those that meet a condition on p and $1.
func (r Scopes) programmes(ctx context.Context, q db.Q, which string, arg any) ([]effect.ScopeState, error) {
	var rows []programmeRow
	if err := q.Select(ctx, &rows, `SELECT `+programmeColumns+`,
		(SELECT count(DISTINCT m.person_id) FROM network_group g LEFT JOIN network n ON n.id = g.network_id
			JOIN group_member m ON m.group_id = g.id AND m.since <= $2 AND (m.until IS NULL OR m.until > $2)
			WHERE coalesce(g.programme_id, n.programme_id) = p.id) AS members
		FROM programme p WHERE `+which+` LIMIT 5000`, arg, r.s.clock.Now()); err != nil {
		return nil, err
	}
	out := make([]effect.ScopeState, len(rows))
	for i := range rows {
		p := rows[i].programme()
		out[i] = effect.ScopeState{
			Scope: effect.Scope{Kind: effect.Programme, ID: p.ID}, Type: p.Type, Stage: p.Stage, Closed: p.Closed,
			Members: rows[i].Members, Place: p.place(),
		}
	}
	return out, nil
}

func (r *groupRow) state() effect.ScopeState {
	g := r.group()
	return effect.ScopeState{Scope: g.Scope(), Kind: g.Kind, Closed: g.Closed, Members: g.Members, Parent: g.Parent, Place: g.Place()}
}

// Below implements [effect.ScopeReader]: the groups in a programme or its
// networks, or in a network.
func (r Scopes) Below(ctx context.Context, q db.Q, parent effect.Scope, limit int) ([]effect.ScopeState, error) {
	var rows []groupRow
	var err error
	switch parent.Kind {
	case effect.Programme:
		err = q.Select(ctx, &rows, groupSelect+` WHERE g.programme_id = $2
			OR g.network_id IN (SELECT x.id FROM network x WHERE x.programme_id = $2) ORDER BY g.id LIMIT $3`, r.s.clock.Now(), parent.ID, limit)
	case effect.Network:
		err = q.Select(ctx, &rows, groupSelect+` WHERE g.network_id = $2 ORDER BY g.id LIMIT $3`, r.s.clock.Now(), parent.ID, limit)
	}
	out := make([]effect.ScopeState, len(rows))
	for i := range rows {
		out[i] = rows[i].state()
	}
	return out, err
}

// MembershipOf implements [effect.MembershipFinder] for groups.
func (r Scopes) MembershipOf(ctx context.Context, q db.Q, scope effect.Scope, person uuid.UUID) (uuid.UUID, error) {
	if scope.Kind != effect.Group {
		return uuid.Nil, nil
	}
	var id uuid.UUID
	err := q.Get(ctx, &id, `SELECT id FROM group_member WHERE group_id = $1 AND person_id = $2
		AND since <= $3 AND (until IS NULL OR until > $3) ORDER BY since, id LIMIT 1`, scope.ID, person, r.s.clock.Now())
	if db.IsNoRows(err) {
		return uuid.Nil, nil
	}
	return id, err
}
