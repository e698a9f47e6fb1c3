package network

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

// Scopes tells core/effect about networks and memberships.
type Scopes struct{ s *Service }

// MemberReader reads slices of members of networks.
type MemberReader struct{ s *Service }

// NetworkReader reads slices of networks.
type NetworkReader struct{ s *Service }

var (
	_ effect.ScopeReader      = Scopes{}
	_ effect.Ancestry         = Scopes{}
	_ effect.MembershipFinder = Scopes{}
	_ effect.SliceReader      = MemberReader{}
	_ effect.SliceReader      = NetworkReader{}
)

// Registry takes a context's parts; *effect.Engine is one.
type Registry interface {
	RegisterApplier(a effect.Applier, kinds ...effect.Kind)
	RegisterReader(r effect.SliceReader, s effect.Source)
	RegisterScopes(r effect.ScopeReader, kinds ...effect.ScopeKind)
}

// Register makes the network's own parts known to the engine; call before the
// first decision. The effects of [Applier.SharedKinds] and the members' slices
// also exist for groups and programmes: core/programme registers those and
// passes on what concerns networks, to [Service.Applier] and [Service.MemberReader].
func (s *Service) Register(e Registry) {
	e.RegisterApplier(Applier{s}, Applier{s}.Kinds()...)
	e.RegisterReader(NetworkReader{s}, effect.SourceNetwork)
	e.RegisterScopes(Scopes{s}, effect.Network, effect.Membership)
}

// MemberReader reads the members of networks.
func (s *Service) MemberReader() MemberReader { return MemberReader{s} }

// States implements [effect.ScopeReader].
func (Scopes) States(ctx context.Context, q db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	rows, err := scopeRows(ctx, q, ids)
	return states(rows), err
}

// Below implements [effect.ScopeReader]: the networks of a programme.
// Memberships are not listed: a network may have thousands; members are a slice.
func (Scopes) Below(ctx context.Context, q db.Q, parent effect.Scope, limit int) ([]effect.ScopeState, error) {
	if parent.Kind != effect.Programme {
		return nil, nil
	}
	rows, err := scopeRowsOf(ctx, q, parent.ID, limit)
	return states(rows), err
}

// Above implements [effect.Ancestry]: the network of a group or membership.
func (Scopes) Above(ctx context.Context, q db.Q, scope effect.Scope) ([]effect.ScopeState, error) {
	if scope.Kind != effect.Group && scope.Kind != effect.Membership {
		return nil, nil
	}
	rows, err := scopeRowsAbove(ctx, q, scope.ID)
	return states(rows), err
}

// MembershipOf implements [effect.MembershipFinder] for networks and what lies below.
func (Scopes) MembershipOf(ctx context.Context, q db.Q, scope effect.Scope, person uuid.UUID) (uuid.UUID, error) {
	if scope.Kind == effect.Programme {
		return uuid.Nil, nil
	}
	return activeIn(ctx, q, scope.ID, person)
}

func states(rows []scopeRow) []effect.ScopeState {
	out := make([]effect.ScopeState, len(rows))
	for i := range rows {
		r := &rows[i]
		st := effect.ScopeState{
			Scope: effect.Scope{Kind: effect.Network, ID: r.ID}, Type: effect.Qualify(r.Module, r.Type), Stage: r.Stage,
			Closed: r.Status == Closed || r.Status == Archived, Members: r.Members,
			Place: access.Place{Centre: r.Centre, Programme: r.Programme.UUID, Network: r.ID},
		}
		if r.Programme.Valid {
			st.Parent = effect.Scope{Kind: effect.Programme, ID: r.Programme.UUID}
		}
		if r.Membership.Valid {
			st.Scope = effect.Scope{Kind: effect.Membership, ID: r.Membership.UUID}
			st.Parent = effect.Scope{Kind: effect.Network, ID: r.ID}
			st.Type, st.Stage, st.Members = "", "", 1
		}
		out[i] = st
	}
	return out
}

// personRow is a member as a slice shows them; names never travel.
type personRow struct {
	ID          uuid.UUID       `db:"id"`
	Version     int64           `db:"version"`
	ScopeID     uuid.UUID       `db:"scope_id"`
	Person      uuid.UUID       `db:"person_id"`
	State       string          `db:"state"`
	Since       *time.Time      `db:"since"`
	Roles       json.RawMessage `db:"roles"`
	Groups      json.RawMessage `db:"groups"`
	Institution uuid.NullUUID   `db:"institution_id"`
	Complex     uuid.NullUUID   `db:"complex_id"`
	Territory   *string         `db:"territory"`
}

var personTerms = keyset.Map(map[string]keyset.Term[personRow]{
	effect.FieldID:      keyset.ID("r.id", func(r *personRow) uuid.UUID { return r.ID }),
	effect.FieldScope:   keyset.ID("r.scope_id", func(r *personRow) uuid.UUID { return r.ScopeID }),
	effect.FieldPerson:  keyset.ID("r.person_id", func(r *personRow) uuid.UUID { return r.Person }),
	effect.FieldState:   keyset.Text("r.state", func(r *personRow) string { return r.State }),
	effect.FieldCreated: keyset.Instant("r.since", func(r *personRow) *time.Time { return r.Since }),
})

// ReadSlice implements [effect.SliceReader].
func (m MemberReader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	var st keyset.Statement
	selectPeople(&st, req)
	page := keyset.Page[personRow]{Request: req, Terms: personTerms, IDExpr: "r.id", ID: func(r *personRow) uuid.UUID { return r.ID }, Key: m.s.cursors}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next, Rows: make([]effect.Row, len(rows))}
	for i := range rows {
		if out.Rows[i], err = personSlice(&rows[i], req.Attributes); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// LockVersions implements [effect.SliceReader].
func (MemberReader) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	return lockMemberships(ctx, tx, ids)
}

func personSlice(r *personRow, attributes []string) (effect.Row, error) {
	var roles []string
	if err := json.Unmarshal(r.Roles, &roles); err != nil {
		return effect.Row{}, err
	}
	data := map[string]any{"person": r.Person, "roles": roles, "role": "", "state": r.State, "since": r.Since}
	if len(roles) > 0 {
		data["role"] = roles[0]
	}
	for _, a := range attributes {
		switch a {
		case "group":
			data["groups"] = r.Groups
		case "organisation":
			data["organisation"] = r.Institution
		case "complex":
			data["complex"] = r.Complex
		case "territory":
			data["territory"] = r.Territory
		}
	}
	raw, err := json.Marshal(data)
	return effect.Row{
		ID: r.ID, Version: r.Version, Scope: effect.Scope{Kind: effect.Network, ID: r.ScopeID}, Data: raw, Revision: 1,
		Index: map[string]effect.Value{effect.FieldPerson: r.Person, effect.FieldState: r.State},
	}, err
}

// networkSliceRow is a network as a slice shows it.
type networkSliceRow struct {
	ID        uuid.UUID `db:"id"`
	Version   int64     `db:"version"`
	Module    string    `db:"module"`
	Type      string    `db:"type"`
	Title     string    `db:"title"`
	Stage     string    `db:"stage"`
	Members   int       `db:"members"`
	CreatedAt time.Time `db:"created_at"`
}

var networkTerms = keyset.Map(map[string]keyset.Term[networkSliceRow]{
	effect.FieldID:      keyset.ID("n.id", func(r *networkSliceRow) uuid.UUID { return r.ID }),
	effect.FieldScope:   keyset.ID("n.id", func(r *networkSliceRow) uuid.UUID { return r.ID }),
	effect.FieldState:   keyset.Text("n.stage", func(r *networkSliceRow) string { return r.Stage }),
	effect.FieldCreated: keyset.Instant("n.created_at", func(r *networkSliceRow) *time.Time { return &r.CreatedAt }),
})

// ReadSlice implements [effect.SliceReader].
func (m NetworkReader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	var st keyset.Statement
	selectNetworks(&st, req)
	page := keyset.Page[networkSliceRow]{Request: req, Terms: networkTerms, IDExpr: "n.id", ID: func(r *networkSliceRow) uuid.UUID { return r.ID }, Key: m.s.cursors}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next, Rows: make([]effect.Row, len(rows))}
	for i := range rows {
		r := &rows[i]
		raw, err := json.Marshal(map[string]any{"type": effect.Qualify(r.Module, r.Type), "name": r.Title, "stage": r.Stage, "members": r.Members})
		if err != nil {
			return nil, err
		}
		out.Rows[i] = effect.Row{ID: r.ID, Version: r.Version, Scope: effect.Scope{Kind: effect.Network, ID: r.ID}, Data: raw, Revision: 1,
			Index: map[string]effect.Value{effect.FieldState: r.Stage}}
	}
	return out, nil
}

// LockVersions implements [effect.SliceReader].
func (NetworkReader) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	return lockNetworks(ctx, tx, ids)
}
