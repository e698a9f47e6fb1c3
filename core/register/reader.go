// Package register lets modules read the register of schools: which open
// institutions teach what on a day, how many teach each vocation, and on which
// days the register learned something. It is the whole country's, whatever the
// scope that asks; whether a module may read it at all is its capability
// [effect.CapRegister]. It owns no table: the registers are core/registry's,
// and are read through its functions of a day.
package register

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/registry"
)

// The kinds of rows ([effect.RegisterKinds]).
const (
	kindSchool   = "school"
	kindVocation = "vocation"
	kindDay      = "day"
)

// Reader reads the register for modules; plugins/proto/SOURCES.md lists its
// rows and fields. Safe for concurrent use.
type Reader struct {
	Registry *registry.Service
	Key      keyset.Key
}

var _ effect.SliceReader = Reader{}

// ReadSlice implements [effect.SliceReader].
func (r Reader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	if !req.AsOf.Valid() || req.ComparedWith != "" && !req.ComparedWith.Valid() {
		return nil, keyset.Invalid("as_of", "keyset.value")
	}
	switch req.Kind {
	case kindSchool:
		return r.schools(ctx, q, req)
	case kindVocation:
		return r.vocations(ctx, q, req)
	case kindDay:
		return r.days(ctx, q, req)
	}
	return nil, keyset.Invalid("kind", "keyset.field")
}

// LockVersions implements [effect.SliceReader]: an institution may be depended
// on, what is counted over many may not.
func (r Reader) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	return r.Registry.HoldVersions(ctx, tx, ids)
}

// take splits off the filter that equals a text in a field that the statement
// itself needs, and returns the request without it. The value stays in the
// request's kind, so that a cursor belongs to it.
func take(req *effect.SliceRequest, field string) (value string, rest *effect.SliceRequest, err error) {
	i := slices.IndexFunc(req.Filters, func(f effect.Filter) bool { return f.Field == field })
	if i < 0 {
		return "", req, nil
	}
	f := req.Filters[i]
	value, ok := f.Value.(string)
	if f.Op != effect.Equal || !ok || value == "" {
		return "", nil, keyset.Invalid("filters["+strconv.Itoa(i)+"]", "keyset.value")
	}
	out := *req
	out.Kind = req.Kind + "/" + value
	out.Filters = slices.Delete(slices.Clone(req.Filters), i, i+1)
	return value, &out, nil
}

// schoolRow is an institution with what it teaches.
type schoolRow struct {
	ID              uuid.UUID          `db:"id" json:"-"`
	Version         int64              `db:"version" json:"-"`
	Folded          string             `db:"name_folded" json:"-"`
	RSPO            int                `db:"rspo" json:"rspo"`
	Name            string             `db:"name" json:"name"`
	Town            string             `db:"town" json:"town"`
	Type            string             `db:"type_name" json:"type"`
	Voivodeship     string             `db:"voivodeship" json:"voivodeship"`
	VoivodeshipName string             `db:"voivodeship_name" json:"voivodeship_name"`
	Powiat          string             `db:"powiat" json:"powiat"`
	Vocations       registry.Vocations `db:"vocations" json:"vocations"`
}

var schoolTerms = keyset.Map(map[string]keyset.Term[schoolRow]{
	effect.FieldID: keyset.ID("i.id", func(r *schoolRow) uuid.UUID { return r.ID }),
	"voivodeship":  keyset.Text("coalesce(left(i.powiat_code, 2), '')", func(r *schoolRow) string { return r.Voivodeship }),
	"powiat":       keyset.Text("coalesce(i.powiat_code, '')", func(r *schoolRow) string { return r.Powiat }),
	"name":         keyset.Text("i.name_folded", func(r *schoolRow) string { return r.Folded }),
})

func (r Reader) schools(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	code, rest, err := take(req, "vocation")
	if err != nil {
		return nil, err
	}
	var st keyset.Statement
	selectSchools(&st, req.AsOf, code)
	page := keyset.Page[schoolRow]{Request: rest, Terms: schoolTerms, IDExpr: "i.id", ID: func(r *schoolRow) uuid.UUID { return r.ID }, Key: r.Key}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next, Rows: make([]effect.Row, len(rows))}
	for i := range rows {
		w := &rows[i]
		raw, err := json.Marshal(w)
		if err != nil {
			return nil, err
		}
		out.Rows[i] = effect.Row{ID: w.ID, Version: w.Version, Scope: req.Scopes[0], Data: raw, Revision: 1,
			Index: map[string]effect.Value{"voivodeship": w.Voivodeship, "powiat": w.Powiat}}
	}
	return out, nil
}

// vocationRow is a vocation with how many institutions teach it. Before is nil
// when nothing is compared.
type vocationRow struct {
	ID           uuid.UUID `db:"id" json:"-"`
	Code         string    `db:"code" json:"code"`
	Name         string    `db:"name" json:"name"`
	Schools      int64     `db:"schools" json:"schools"`
	Voivodeships int64     `db:"voivodeships" json:"voivodeships"`
	Before       *int64    `db:"before" json:"before,omitempty"`
}

// count is a term over a number; of returns nil where there is none.
func count(expr string, of func(*vocationRow) *int64) keyset.Term[vocationRow] {
	return keyset.Term[vocationRow]{Expr: expr, Cast: "bigint",
		Encode: func(v effect.Value) (string, bool) {
			n, ok := v.(int64)
			return strconv.FormatInt(n, 10), ok
		},
		Of: func(r *vocationRow) *string {
			n := of(r)
			if n == nil {
				return nil
			}
			s := strconv.FormatInt(*n, 10)
			return &s
		}}
}

var vocationTerms = keyset.Map(map[string]keyset.Term[vocationRow]{
	effect.FieldID: keyset.ID("r.id", func(r *vocationRow) uuid.UUID { return r.ID }),
	"code":         keyset.Text("r.code", func(r *vocationRow) string { return r.Code }),
	"schools":      count("r.schools", func(r *vocationRow) *int64 { return &r.Schools }),
	"before":       count("r.before", func(r *vocationRow) *int64 { return r.Before }),
})

func (r Reader) vocations(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	voivodeship, rest, err := take(req, "voivodeship")
	if err != nil {
		return nil, err
	}
	var st keyset.Statement
	selectVocations(&st, req.AsOf, req.ComparedWith, voivodeship)
	page := keyset.Page[vocationRow]{Request: rest, Terms: vocationTerms, IDExpr: "r.id", ID: func(r *vocationRow) uuid.UUID { return r.ID }, Key: r.Key}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next, Rows: make([]effect.Row, len(rows))}
	for i := range rows {
		w := &rows[i]
		raw, err := json.Marshal(w)
		if err != nil {
			return nil, err
		}
		index := map[string]effect.Value{"code": w.Code, "schools": w.Schools}
		if w.Before != nil {
			index["before"] = *w.Before
		}
		out.Rows[i] = effect.Row{ID: w.ID, Scope: req.Scopes[0], Data: raw, Revision: 1, Index: index}
	}
	return out, nil
}

// days are those on which a file of the register changed something.
func (r Reader) days(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	if len(req.Filters) > 0 {
		return nil, keyset.Invalid("filters[0]", "keyset.field")
	}
	if len(req.Order) > 0 || req.Cursor != "" {
		return nil, keyset.Invalid("order", "keyset.field")
	}
	list, err := r.Registry.FileDays(ctx, q, registry.RSPO, req.Limit)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Rows: make([]effect.Row, len(list))}
	for i, d := range list {
		day := effect.Date(d.Day.Format(time.DateOnly))
		raw, err := json.Marshal(map[string]any{"day": day, "register": registry.RSPO})
		if err != nil {
			return nil, err
		}
		out.Rows[i] = effect.Row{ID: d.Import, Scope: req.Scopes[0], Data: raw, Revision: 1, Index: map[string]effect.Value{"day": day}}
	}
	return out, nil
}
