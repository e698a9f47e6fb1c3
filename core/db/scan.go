package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/jmoiron/sqlx/reflectx"
)

// Rows of structs are scanned by a plan that is made once for a statement and a
// type: which field takes which column, and how. database/sql finds that out by
// reflection for every value anew (a small int travels as text), which is a
// third of the time of reading a page of a list. What the plan does not know
// goes the usual way; results and errors are those of database/sql.

// way is how a value gets into a field.
type way uint8

const (
	usual way = iota // by database/sql
	asString
	asInt
	asBool
	asID
	asTime
)

// plan says for each column of a statement into which field of a row it goes.
type plan struct {
	paths [][]int
	ways  []way
}

type planKey struct {
	row   reflect.Type
	query string
}

// plans are as few as there are statements.
var plans sync.Map // planKey → *plan

func newPlan(m *reflectx.Mapper, row reflect.Type, columns []string) (*plan, error) {
	p := &plan{paths: m.TraversalsByName(row, columns), ways: make([]way, len(columns))}
	for k, path := range p.paths {
		if len(path) == 0 {
			return nil, fmt.Errorf("db: no field for column %s in %s", columns[k], row)
		}
		p.ways[k] = wayOf(fieldType(row, path))
	}
	return p, nil
}

// fieldType is the type of the field to which the path leads.
func fieldType(t reflect.Type, path []int) reflect.Type {
	for _, i := range path {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		t = t.Field(i).Type
	}
	return t
}

func wayOf(t reflect.Type) way {
	switch t {
	case reflect.TypeFor[uuid.UUID]():
		return asID
	case reflect.TypeFor[time.Time]():
		return asTime
	}
	if reflect.PointerTo(t).Implements(scanner) {
		return usual
	}
	switch t.Kind() {
	case reflect.String:
		return asString
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16, reflect.Int8:
		return asInt
	case reflect.Bool:
		return asBool
	}
	return usual
}

// cell takes one column into one field.
type cell struct {
	way way
	to  reflect.Value
}

// Scan implements sql.Scanner.
func (c *cell) Scan(src any) error {
	switch c.way {
	case asString:
		return c.text(src)
	case asInt:
		return c.number(src)
	case asBool:
		if v, ok := src.(bool); ok {
			c.to.SetBool(v)
			return nil
		}
		var v sql.NullBool
		if err := v.Scan(src); err != nil {
			return err
		}
		c.to.SetBool(v.Bool)
		return null(v.Valid)
	case asID:
		id := c.to.Addr().Interface().(*uuid.UUID)
		if b, ok := src.([]byte); ok && len(b) != len(id) {
			v, err := uuid.ParseBytes(b)
			*id = v
			return err
		}
		return id.Scan(src)
	default:
		if v, ok := src.(time.Time); ok {
			*c.to.Addr().Interface().(*time.Time) = v
			return nil
		}
		var v sql.NullTime
		if err := v.Scan(src); err != nil {
			return err
		}
		*c.to.Addr().Interface().(*time.Time) = v.Time
		return null(v.Valid)
	}
}

func (c *cell) text(src any) error {
	switch v := src.(type) {
	case string:
		c.to.SetString(v)
		return nil
	case []byte:
		c.to.SetString(string(v))
		return nil
	}
	var v sql.NullString
	if err := v.Scan(src); err != nil {
		return err
	}
	c.to.SetString(v.String)
	return null(v.Valid)
}

func (c *cell) number(src any) error {
	n, ok := src.(int64)
	if !ok {
		var v sql.NullInt64
		if err := v.Scan(src); err != nil {
			return err
		}
		if !v.Valid {
			return null(false)
		}
		n = v.Int64
	}
	if c.to.OverflowInt(n) {
		return fmt.Errorf("%d does not fit into %s", n, c.to.Type())
	}
	c.to.SetInt(n)
	return nil
}

func null(valid bool) error {
	if valid {
		return nil
	}
	return errors.New("NULL in a field that cannot hold it")
}

// aim directs the columns at the fields of a row; into and cells are as many as
// the plan's columns.
func (p *plan) aim(row reflect.Value, cells []cell, into []any) {
	for k, path := range p.paths {
		f := row
		if len(path) == 1 {
			f = row.Field(path[0])
		} else {
			f = reflectx.FieldByIndexes(row, path)
		}
		if p.ways[k] == usual {
			into[k] = f.Addr().Interface()
			continue
		}
		cells[k] = cell{way: p.ways[k], to: f}
		into[k] = &cells[k]
	}
}

// structs is the slice of structs to which dest points; false for other
// destinations, which sqlx fills.
func structs(m *reflectx.Mapper, dest any) (reflect.Value, bool) {
	v := reflect.ValueOf(dest)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Slice {
		return reflect.Value{}, false
	}
	v = v.Elem()
	row := v.Type().Elem()
	return v, row.Kind() == reflect.Struct && !single(m, row)
}

// selectInto reads all rows of a statement into dest, a pointer to a slice.
func selectInto(ctx context.Context, s *sqlx.Stmt, dest any, query string, args []any) error {
	list, ok := structs(s.Mapper, dest)
	if !ok {
		return s.SelectContext(ctx, dest, args...)
	}
	rows, err := s.QueryxContext(ctx, args...)
	if err != nil {
		return err
	}
	return collect(s.Mapper, rows, list, query)
}

// getInto reads the first row of a statement into dest; sql.ErrNoRows without one.
func getInto(ctx context.Context, s *sqlx.Stmt, dest any, query string, args []any) error {
	v := reflect.ValueOf(dest)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct || single(s.Mapper, v.Elem().Type()) {
		return s.GetContext(ctx, dest, args...)
	}
	rows, err := s.QueryxContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	p, err := planOf(s.Mapper, rows, v.Elem().Type(), query)
	if err != nil {
		return err
	}
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	into := make([]any, len(p.paths))
	p.aim(v.Elem(), make([]cell, len(p.paths)), into)
	if err := rows.Scan(into...); err != nil {
		return err
	}
	return rows.Close()
}

// collect reads all rows of a statement into the slice; rows are closed.
func collect(m *reflectx.Mapper, rows *sqlx.Rows, list reflect.Value, query string) error {
	defer rows.Close()
	row := list.Type().Elem()
	p, err := planOf(m, rows, row, query)
	if err != nil {
		return err
	}
	cells, into := make([]cell, len(p.paths)), make([]any, len(p.paths))
	list.SetLen(0)
	n := 0
	for rows.Next() {
		if n == list.Cap() {
			list.Grow(1)
		}
		list.SetLen(n + 1)
		at := list.Index(n)
		at.SetZero()
		p.aim(at, cells, into)
		if err := rows.Scan(into...); err != nil {
			return err
		}
		n++
	}
	return rows.Err()
}

func planOf(m *reflectx.Mapper, rows *sqlx.Rows, row reflect.Type, query string) (*plan, error) {
	key := planKey{row, query}
	if p, ok := plans.Load(key); ok {
		return p.(*plan), nil
	}
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	return keep(m, key, columns)
}

func keep(m *reflectx.Mapper, key planKey, columns []string) (*plan, error) {
	p, err := newPlan(m, key.row, columns)
	if err == nil {
		plans.Store(key, p)
	}
	return p, err
}
