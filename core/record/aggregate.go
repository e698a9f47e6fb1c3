package record

import (
	"context"
	"math"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
)

const (
	// maxCells bounds an aggregate; more groups are a list, not a summary.
	maxCells = 500
	// peopleCell is the smallest cell shown where rows are people's.
	peopleCell = 5
)

type cellRow struct {
	By1    *string         `db:"by1"`
	By2    *string         `db:"by2"`
	N      int64           `db:"n"`
	People bool            `db:"people"`
	Sum    *float64        `db:"total"`
	Quant  db.Float64Array `db:"quantiles"`
}

// ReadAggregate implements [effect.Aggregator]: count, sum and quantiles of an
// index field, by the values of at most two others. A cell of fewer rows than
// MinimumCell has no numbers; where rows are people's (their record has a
// person), fewer than five are never shown. Without By there is one cell, of
// zero rows when nothing matches.
func (r Reader) ReadAggregate(ctx context.Context, q db.Q, req *effect.AggregateRequest) ([]effect.Cell, error) {
	if len(req.Scopes) == 0 || len(req.By) > 2 || len(req.Quantiles) > 9 {
		return nil, fault.New(fault.Invalid, "record.bad_slice")
	}
	k, err := r.kind(ctx, q, req.Module, req.Kind, req.Filters, append([]string{req.Field}, req.By...))
	if err != nil {
		return nil, err
	}
	if k == nil {
		if req.Kind != "" && len(req.By) == 0 {
			return []effect.Cell{{Suppressed: req.MinimumCell > 0}}, nil
		}
		if req.Kind != "" {
			return nil, nil
		}
	}
	st, by, err := aggregateStatement(k, req)
	if err != nil {
		return nil, err
	}
	if err := r.s.shapes.admit(req.Module, st.SQL()); err != nil {
		return nil, err
	}
	var rows []cellRow
	if err := q.Select(ctx, &rows, st.SQL(), st.Args()...); err != nil {
		return nil, err
	}
	cells := make([]effect.Cell, len(rows))
	for i := range rows {
		cells[i] = rows[i].cell(by, req)
	}
	return cells, nil
}

func aggregateStatement(k *kind, req *effect.AggregateRequest) (*keyset.Statement, []slot, error) {
	st := &keyset.Statement{}
	st.Add("SELECT ")
	var by []slot
	group := ""
	for i, name := range req.By {
		c, ok := k.column(name)
		if !ok {
			return nil, nil, fault.InvalidFields(fault.Field{Path: "by", Key: "keyset.field"})
		}
		by = append(by, c)
		expr := "r." + c.Column
		if i > 0 {
			group += ", "
		}
		group += expr
		st.Add("CAST(", expr, " AS text) AS by", string(rune('1'+i)), ", ")
	}
	st.Add("count(*) AS n, coalesce(bool_or(r.person_id IS NOT NULL), false) AS people")
	if req.Field != "" {
		c, ok := k.column(req.Field)
		if !ok || !c.numeric() {
			return nil, nil, fault.InvalidFields(fault.Field{Path: "field", Key: "keyset.field"})
		}
		value := "CAST(r." + c.Column + " AS double precision)"
		st.Add(", sum(", value, ") AS total")
		if len(req.Quantiles) > 0 {
			for _, p := range req.Quantiles {
				if math.IsNaN(p) || p < 0 || p > 1 {
					return nil, nil, fault.InvalidFields(fault.Field{Path: "quantiles", Key: "keyset.value"})
				}
			}
			st.Add(", percentile_cont(", st.Param(db.Array(req.Quantiles), "double precision[]"), ") WITHIN GROUP (ORDER BY ", value, ") AS quantiles")
		}
	}
	from(st, req.Module, req.Kind, req.Scopes)
	if err := keyset.Filter(st, k.term, req.Filters); err != nil {
		return nil, nil, err
	}
	if group != "" {
		st.Add(" GROUP BY ", group, " ORDER BY ", group)
	}
	st.Add(" LIMIT ", st.Param(maxCells, "integer"))
	return st, by, nil
}

// column is field for a kind that may be absent.
func (k *kind) column(name string) (slot, bool) {
	if k == nil {
		return slot{}, false
	}
	return k.field(name)
}

func (c *cellRow) cell(by []slot, req *effect.AggregateRequest) effect.Cell {
	out := effect.Cell{}
	for i, text := range []*string{c.By1, c.By2}[:len(by)] {
		var v effect.Value
		if text != nil {
			v = decode(by[i].Type, *text)
		}
		out.By = append(out.By, v)
	}
	least := int64(req.MinimumCell)
	if c.People {
		least = max(least, peopleCell)
	}
	if c.N < least {
		out.Suppressed = true
		return out
	}
	out.Count = c.N
	if c.Sum != nil {
		out.Sum = *c.Sum
	}
	out.Quantiles = c.Quant
	return out
}
