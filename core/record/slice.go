package record

import (
	"context"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
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

// maxOrder and maxFilters are the contract's limits of a slice.
const (
	maxOrder   = 3
	maxFilters = 8
)

// ReadSlice implements [effect.SliceReader]. Without a kind only built-in
// fields can be used. "@due" is no field of records. An unknown kind has no rows.
func (r Reader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	if len(req.Scopes) == 0 || len(req.Filters) > maxFilters || len(req.Order) > maxOrder {
		return nil, fault.New(fault.Invalid, "record.bad_slice")
	}
	limit := min(max(req.Limit, 1), effect.MaxSliceRows)
	k, err := r.kind(ctx, q, req.Module, req.Kind, req.Filters, orderFields(req.Order))
	if err != nil {
		return nil, err
	}
	if req.Kind != "" && k == nil {
		return &effect.SliceResult{}, nil
	}
	terms := make([]term, len(req.Order))
	for i, o := range req.Order {
		t, ok := k.term(o.Field)
		if !ok {
			return nil, fault.InvalidFields(fault.Field{Path: at("order", i), Key: "record.unknown_field"})
		}
		terms[i] = t
	}
	var st statement
	st.add("SELECT ", rowColumns, " FROM record r")
	if err := st.where(req.Module, req.Kind, k, req.Scopes, req.Filters); err != nil {
		return nil, err
	}
	sum := sliceSum(req)
	if req.Cursor != "" {
		c, err := r.s.open(sum, req.Cursor, len(terms))
		if err != nil {
			return nil, err
		}
		st.after(terms, req.Order, c)
	}
	st.orderBy(terms, req.Order)
	st.add(" LIMIT ", st.param(limit+1, "integer"))
	if err := r.s.shapes.admit(req.Module, st.text.String()); err != nil {
		return nil, err
	}
	var rows []row
	if err := q.Select(ctx, &rows, st.text.String(), st.args...); err != nil {
		return nil, err
	}
	return r.result(ctx, q, req, k, rows, terms, sum, limit)
}

func (r Reader) result(ctx context.Context, q db.Q, req *effect.SliceRequest, k *kind, rows []row, terms []term, sum []byte, limit int) (*effect.SliceResult, error) {
	out := &effect.SliceResult{}
	if len(rows) > limit {
		rows = rows[:limit]
		last := &rows[limit-1]
		c := cursor{ID: last.ID}
		for _, t := range terms {
			c.Values = append(c.Values, t.of(last))
		}
		var err error
		if out.Cursor, err = r.s.seal(sum, c); err != nil {
			return nil, err
		}
	}
	out.Rows = make([]effect.Row, len(rows))
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

func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
