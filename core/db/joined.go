package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"
	"github.com/jmoiron/sqlx/reflectx"
)

// maxJoined is how many joined statements a pool keeps prepared. The program's
// own pages make some dozens; a module that asks for ever new sets of slices
// must not fill the memory of both servers: beyond the bound questions go one by one.
const maxJoined = 500

// pooled is a [Q] on which several questions can be sent as one statement.
type pooled interface {
	Q
	pool() *DB
	rows(ctx context.Context, query string, args []any) (*sqlx.Rows, error)
}

func (d *DB) pool() *DB { return d }

func (d *DB) rows(ctx context.Context, query string, args []any) (*sqlx.Rows, error) {
	count(ctx, &d.queries)
	s, err := d.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryxContext(ctx, args...)
}

func (t *Tx) pool() *DB { return t.db }

func (t *Tx) rows(ctx context.Context, query string, args []any) (*sqlx.Rows, error) {
	count(ctx, &t.db.queries)
	s, err := t.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryxContext(ctx, args...)
}

// keepsJoined reports whether the joined statement may be prepared and kept.
func (d *DB) keepsJoined(text string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.joined[text]; !ok {
		if len(d.joined) >= maxJoined {
			return false
		}
		if d.joined == nil {
			d.joined = map[string]struct{}{}
		}
		d.joined[text] = struct{}{}
	}
	return true
}

// mark is how the columns begin that stand before those of a question: "#0", "#1".
const mark = "#"

// join writes the questions as one statement. A row of question i carries i,
// its own columns, and NULL in the columns of the others: the joins ON false
// give these NULLs their types, PostgreSQL plans them as nothing. Each question
// stays a query of its own, with its own order and limit.
func join(list []*question) (string, []any) {
	var b strings.Builder
	var args []any
	for i, a := range list {
		if i == 0 {
			b.WriteString("WITH")
		} else {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " q%d AS MATERIALIZED (", i)
		b.WriteString(Renumber(a.query, 0, len(args)))
		b.WriteString(")\n")
		args = append(args, a.args...)
	}
	for i := range list {
		if i > 0 {
			b.WriteString("UNION ALL ")
		}
		fmt.Fprintf(&b, "SELECT %d AS question", i)
		for k := range list {
			fmt.Fprintf(&b, `, false AS "%s%d", q%d.*`, mark, k, k)
		}
		fmt.Fprintf(&b, " FROM q%d", i)
		for k := range list {
			if k != i {
				fmt.Fprintf(&b, " LEFT JOIN q%d ON false", k)
			}
		}
		b.WriteString("\n")
	}
	return b.String(), args
}

// ask sends the questions as one statement and returns each one's error.
func ask(ctx context.Context, p pooled, text string, args []any, list []*question) []error {
	errs := make([]error, len(list))
	targets := make([]target, len(list))
	err := func() error {
		rows, err := p.rows(ctx, text, args)
		if err != nil {
			return err
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		end := len(names)
		for i := len(list) - 1; i >= 0; i-- {
			begin := end
			for names[begin-1] != mark+strconv.Itoa(i) {
				begin--
			}
			targets[i], errs[i] = newTarget(p.pool().x.Mapper, list[i], names[begin:end], begin)
			end = begin - 1
		}
		return scan(rows, len(names), targets, errs)
	}()
	for i := range list {
		switch {
		case err != nil:
			errs[i] = translate(err)
		case errs[i] == nil && list[i].one && !targets[i].found:
			errs[i] = sql.ErrNoRows
		}
	}
	return errs
}

// sink takes a column that the row's question does not have.
type sink struct{}

// Scan implements sql.Scanner.
func (sink) Scan(any) error { return nil }

func scan(rows *sqlx.Rows, width int, targets []target, errs []error) error {
	var i int
	into := make([]any, width)
	for k := range into {
		into[k] = sink{}
	}
	for rows.Next() {
		into[0] = &i
		if err := rows.Scan(into...); err != nil {
			return err
		}
		into[0] = sink{}
		if errs[i] == nil {
			errs[i] = targets[i].scan(rows, into)
		}
	}
	return rows.Err()
}

// target is where the rows of a question go, by the rules of sqlx.
type target struct {
	dest  reflect.Value // what the caller's pointer points to
	one   bool
	found bool
	row   reflect.Type // of a row, never a pointer
	point bool         // the caller wants pointers to rows
	first int          // column of the statement
	plan  *plan        // nil when the row is a single value
	cells []cell
}

func newTarget(m *reflectx.Mapper, q *question, columns []string, first int) (target, error) {
	v := reflect.ValueOf(q.dest)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return target{}, errors.New("db: rows go to a pointer")
	}
	t := target{dest: v.Elem(), one: q.one, first: first}
	if t.row = t.dest.Type(); !q.one {
		if t.row.Kind() != reflect.Slice {
			return t, fmt.Errorf("db: rows go to a slice, not to %s", t.row)
		}
		t.row = t.row.Elem()
	}
	if t.point = t.row.Kind() == reflect.Pointer; t.point {
		t.row = t.row.Elem()
	}
	if single(m, t.row) {
		if len(columns) != 1 {
			return t, fmt.Errorf("db: %d columns for one %s", len(columns), t.row)
		}
		return t, nil
	}
	key := planKey{t.row, q.query}
	if p, ok := plans.Load(key); ok {
		t.plan = p.(*plan)
	} else {
		var err error
		if t.plan, err = keep(m, key, columns); err != nil {
			return t, err
		}
	}
	t.cells = make([]cell, len(columns))
	return t, nil
}

var scanner = reflect.TypeFor[sql.Scanner]()

// single reports whether a column is scanned into t as a whole.
func single(m *reflectx.Mapper, t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(scanner) || t.Kind() != reflect.Struct || len(m.TypeMap(t).Index) == 0
}

// scan reads the current row; into lends the places of all columns.
func (t *target) scan(rows *sqlx.Rows, into []any) error {
	if t.one && t.found {
		return nil
	}
	row := reflect.New(t.row)
	own := into[t.first : t.first+max(1, len(t.cells))]
	if t.plan == nil {
		own[0] = row.Interface()
	} else {
		t.plan.aim(row.Elem(), t.cells, own)
	}
	err := rows.Scan(into...)
	for k := range own {
		own[k] = sink{}
	}
	if err != nil {
		return err
	}
	t.found = true
	if !t.point {
		row = row.Elem()
	}
	if t.one {
		t.dest.Set(row)
	} else {
		t.dest.Set(reflect.Append(t.dest, row))
	}
	return nil
}

var parameter = regexp.MustCompile(`\$[0-9]+`)

// renumbered is a text whose parameters above keep are moved by places.
type renumbered struct {
	query    string
	keep, by int
}

var texts sync.Map // renumbered → string; as few as there are statements

// Renumber moves the parameters of a query behind those of others: $n becomes
// $(n+by) for n above keep. A dollar sign with digits is a parameter wherever it
// stands. Like all query texts, query must be one of few.
func Renumber(query string, keep, by int) string {
	if by == 0 {
		return query
	}
	key := renumbered{query, keep, by}
	if s, ok := texts.Load(key); ok {
		return s.(string)
	}
	s := parameter.ReplaceAllStringFunc(query, func(p string) string {
		n, err := strconv.Atoi(p[1:])
		if err != nil || n <= keep {
			return p
		}
		return "$" + strconv.Itoa(n+by)
	})
	texts.Store(key, s)
	return s
}
