package programme

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

// Groups reads groups for modules: those that lie in one of the scopes, and the
// scopes that are groups themselves. A row's scope is the group, so a slice
// asked for as writable hands the groups out. Index fields: "name".
type Groups struct{ s *Service }

var _ effect.SliceReader = Groups{}

// GroupReader is what core/effect registers for [effect.SourceGroup].
func (s *Service) GroupReader() Groups { return Groups{s} }

var groupTerms = keyset.Map(map[string]keyset.Term[groupRow]{
	effect.FieldID: keyset.ID("g.id", func(r *groupRow) uuid.UUID { return r.ID }),
	effect.FieldScope: keyset.ID("coalesce(g.network_id, g.programme_id)", func(r *groupRow) uuid.UUID {
		if r.Network.Valid {
			return r.Network.UUID
		}
		return r.Own.UUID
	}),
	effect.FieldCreated: keyset.Instant("g.created_at", func(r *groupRow) *time.Time { return &r.CreatedAt }),
	"name":              keyset.Text("g.name", func(r *groupRow) string { return r.Name }),
})

// ReadSlice implements [effect.SliceReader].
func (r Groups) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	var st keyset.Statement
	st.Param(req.Now, "timestamptz") // $1 of groupSelect
	scopes := st.Scopes(req.Scopes)
	st.Add(groupSelect, " WHERE (g.id = ANY(", scopes, ") OR g.network_id = ANY(", scopes, ") OR g.programme_id = ANY(", scopes, "))")
	if req.Kind != "" {
		st.Add(" AND g.kind = ", st.Param(req.Kind, "text"))
	}
	page := keyset.Page[groupRow]{Request: req, Terms: groupTerms, IDExpr: "g.id", ID: func(r *groupRow) uuid.UUID { return r.ID }, Key: r.s.key}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next}
	for i := range rows {
		g := rows[i].group()
		data, err := json.Marshal(map[string]any{"kind": g.Kind, "name": g.Name, "members": g.Members, "parent": g.Parent})
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, effect.Row{ID: g.ID, Version: g.Version, Scope: g.Scope(), Data: data, Revision: 1,
			Index: map[string]effect.Value{"name": g.Name}})
	}
	return out, nil
}

type idVersion struct {
	ID      uuid.UUID `db:"id"`
	Version int64     `db:"version"`
}

func versions(rows []idVersion) map[uuid.UUID]int64 {
	out := make(map[uuid.UUID]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out
}

// LockVersions implements [effect.SliceReader].
func (Groups) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []idVersion
	err := tx.Select(ctx, &rows, `SELECT id, version FROM network_group WHERE id = ANY($1) ORDER BY id LIMIT 10000 FOR SHARE`, db.Array(ids))
	return versions(rows), err
}

// Indicators reads the indicators of programmes for modules. Index fields:
// "name", "target", "achieved" (read only).
type Indicators struct{ s *Service }

var _ effect.SliceReader = Indicators{}

// IndicatorReader is what core/effect registers for [effect.SourceIndicator].
func (s *Service) IndicatorReader() Indicators { return Indicators{s} }

var indicatorTerms = keyset.Map(map[string]keyset.Term[indicatorRow]{
	effect.FieldID:    keyset.ID("i.id", func(r *indicatorRow) uuid.UUID { return r.ID }),
	effect.FieldScope: keyset.ID("i.programme_id", func(r *indicatorRow) uuid.UUID { return r.Programme }),
	"name":            keyset.Text("i.code", func(r *indicatorRow) string { return r.Code }),
})

// ReadSlice implements [effect.SliceReader].
func (r Indicators) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	var st keyset.Statement
	st.Add("SELECT ", indicatorColumns, " FROM indicator i WHERE i.programme_id = ANY(", st.Scopes(req.Scopes), ")")
	if req.Kind != "" {
		st.Add(" AND i.code = ", st.Param(req.Kind, "text"))
	}
	page := keyset.Page[indicatorRow]{Request: req, Terms: indicatorTerms, IDExpr: "i.id", ID: func(r *indicatorRow) uuid.UUID { return r.ID }, Key: r.s.key}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next}
	for i := range rows {
		w := &rows[i]
		data, err := json.Marshal(map[string]any{"name": w.Code, "target": w.Target, "achieved": w.Achieved})
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, effect.Row{
			ID: w.ID, Version: w.Version, Scope: effect.Scope{Kind: effect.Programme, ID: w.Programme}, Data: data, Revision: 1,
			Index: map[string]effect.Value{"name": w.Code, "target": w.Target, "achieved": w.Achieved},
		})
	}
	return out, nil
}

// LockVersions implements [effect.SliceReader].
func (Indicators) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []idVersion
	err := tx.Select(ctx, &rows, `SELECT id, version FROM indicator WHERE id = ANY($1) ORDER BY id LIMIT 10000 FOR SHARE`, db.Array(ids))
	return versions(rows), err
}

// Members reads the members of groups for modules, beside those of networks:
// core/effect has one reader of members, so this one passes the networks among
// the scopes on. Rows of networks come first; the order holds within each part.
type Members struct {
	s    *Service
	next effect.SliceReader
}

var _ effect.SliceReader = (*Members)(nil)

// MemberReader wraps the reader of network members; nil when there is none.
func (s *Service) MemberReader(next effect.SliceReader) *Members { return &Members{s, next} }

type memberRow struct {
	ID      uuid.UUID      `db:"id"`
	Group   uuid.UUID      `db:"group_id"`
	Person  uuid.UUID      `db:"person_id"`
	Role    access.Role    `db:"role"`
	Roles   db.StringArray `db:"roles"`
	Since   time.Time      `db:"since"`
	Version int64          `db:"version"`
}

var memberTerms = keyset.Map(map[string]keyset.Term[memberRow]{
	effect.FieldID:      keyset.ID("m.id", func(r *memberRow) uuid.UUID { return r.ID }),
	effect.FieldScope:   keyset.ID("m.group_id", func(r *memberRow) uuid.UUID { return r.Group }),
	effect.FieldPerson:  keyset.ID("m.person_id", func(r *memberRow) uuid.UUID { return r.Person }),
	effect.FieldCreated: keyset.Instant("m.since", func(r *memberRow) *time.Time { return &r.Since }),
	effect.FieldState:   keyset.Text("CAST('active' AS text)", func(*memberRow) string { return "active" }),
})

// groupsPart marks cursors of the second part.
const groupsPart = "g."

// ReadSlice implements [effect.SliceReader]. Kind names a role.
func (r *Members) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	var groups, others []effect.Scope
	for _, s := range req.Scopes {
		if s.Kind == effect.Group {
			groups = append(groups, s)
		} else if s.Kind != effect.Programme {
			others = append(others, s)
		}
	}
	out := &effect.SliceResult{}
	rest, inGroups := strings.CutPrefix(req.Cursor, groupsPart)
	if len(others) > 0 && r.next != nil && !inGroups {
		part := *req
		part.Scopes = others
		res, err := r.next.ReadSlice(ctx, q, &part)
		if err != nil || res.Cursor != "" || len(groups) == 0 {
			return res, err
		}
		out = res
	}
	room := req.Limit - len(out.Rows)
	if len(groups) == 0 {
		return out, nil
	}
	if room <= 0 {
		out.Cursor = groupsPart
		return out, nil
	}
	part := *req
	part.Scopes, part.Limit, part.Cursor = groups, room, ""
	if inGroups {
		part.Cursor = rest
	}
	return out, r.read(ctx, q, &part, out)
}

func (r *Members) read(ctx context.Context, q db.Q, req *effect.SliceRequest, out *effect.SliceResult) error {
	var st keyset.Statement
	now := st.Param(req.Now, "timestamptz")
	in := "m.since <= " + now + " AND (m.until IS NULL OR m.until > " + now + ")"
	st.Add("SELECT m.id, m.group_id, m.person_id, m.role, m.since, m.version, ARRAY[m.role] AS roles FROM group_member m WHERE m.group_id = ANY(",
		st.Scopes(req.Scopes), ") AND ", in)
	if req.Kind != "" {
		st.Add(" AND m.role = ", st.Param(req.Kind, "text"))
	}
	page := keyset.Page[memberRow]{Request: req, Terms: memberTerms, IDExpr: "m.id", ID: func(r *memberRow) uuid.UUID { return r.ID }, Key: r.s.key}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return err
	}
	if next != "" {
		out.Cursor = groupsPart + next
	}
	for _, m := range rows {
		data, err := json.Marshal(map[string]any{"person": m.Person, "role": m.Role, "roles": m.Roles, "state": "active", "since": m.Since.UTC()})
		if err != nil {
			return err
		}
		out.Rows = append(out.Rows, effect.Row{ID: m.ID, Version: m.Version, Scope: effect.Scope{Kind: effect.Group, ID: m.Group}, Data: data, Revision: 1})
	}
	return nil
}

// LockVersions implements [effect.SliceReader].
func (r *Members) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []idVersion
	if err := tx.Select(ctx, &rows, `SELECT id, version FROM group_member WHERE id = ANY($1) ORDER BY id LIMIT 10000 FOR SHARE`, db.Array(ids)); err != nil {
		return nil, err
	}
	out := versions(rows)
	if r.next == nil || len(out) == len(ids) {
		return out, nil
	}
	rest, err := r.next.LockVersions(ctx, tx, ids)
	for id, v := range rest {
		out[id] = v
	}
	return out, err
}
