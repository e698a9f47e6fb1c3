package record

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
)

// Reader reads records for modules.
type Reader struct{ s *Service }

var (
	_ effect.SliceReader = Reader{}
	_ effect.Aggregator  = Reader{}
)

// Reader is what core/effect registers for [effect.SourceRecord].
func (s *Service) Reader() Reader { return Reader{s} }

// ReadSlice implements [effect.SliceReader]. Without a kind only built-in
// fields can be used. "@due" is no field of records. An unknown kind has no rows.
func (r Reader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	if len(req.Scopes) == 0 {
		return nil, fault.New(fault.Invalid, "record.bad_slice")
	}
	k, err := r.kind(ctx, q, req.Module, req.Kind, req.Filters, orderFields(req.Order))
	if err != nil {
		return nil, err
	}
	if req.Kind != "" && k == nil {
		return &effect.SliceResult{}, nil
	}
	var st keyset.Statement
	st.Add("SELECT ", rowColumns)
	from(&st, req.Module, req.Kind, req.Scopes)
	page := keyset.Page[row]{Request: req, Terms: k.term, IDExpr: "r.id", ID: func(r *row) uuid.UUID { return r.ID }, Key: r.s.key}
	rows, next, err := page.Read(ctx, q, &st, func(sql string) error { return r.s.shapes.admit(req.Module, sql) })
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next, Rows: make([]effect.Row, len(rows))}
	for i := range rows {
		own := k
		if own == nil {
			var err error
			if own, err = r.s.kind(ctx, q, req.Module, rows[i].Kind); err != nil {
				return nil, err
			}
		}
		out.Rows[i] = own.row(&rows[i])
	}
	return out, nil
}

func (k *kind) row(r *row) effect.Row {
	out := effect.Row{
		ID: r.ID, Version: r.Version, Scope: r.scope(), Data: r.Data, Revision: r.FormRev,
		Index: map[string]effect.Value{},
	}
	for name, c := range k.slots {
		if v := *r.at(c.Column); v != nil && !c.Dead {
			out.Index[name] = decode(c.Type, *v)
		}
	}
	if r.Person.Valid {
		out.Index[effect.FieldPerson] = r.Person.UUID
	}
	return out
}

// kind finds the kind that a request names; nil when it names none, or one
// that was never declared.
func (r Reader) kind(ctx context.Context, q db.Q, module, name string, filters []effect.Filter, fields []string) (*kind, error) {
	if name == "" {
		return nil, nil
	}
	for _, f := range filters {
		fields = append(fields, f.Field)
	}
	k, err := r.s.kind(ctx, q, module, name, fields...)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return k, err
}

func orderFields(order []effect.Order) []string {
	out := make([]string, len(order))
	for i, o := range order {
		out[i] = o.Field
	}
	return out
}

// LockVersions implements [effect.SliceReader].
func (Reader) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	return lockVersions(ctx, tx, ids)
}
