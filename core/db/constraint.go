package db

import (
	"database/sql"
	"errors"
	"strings"
	"sync"

	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/fault"
)

// constraints maps the name of a constraint or unique index to what a person
// is told. Contexts fill it from package variables at start-up.
var constraints sync.Map

type constraintMessage struct {
	kind fault.Kind
	path string
	key  string
}

// Constraint declares what a violation of the named constraint means: kind,
// the form field concerned ("" for none) and a catalogue key. Call it while a
// package initialises; declaring a name twice panics.
func Constraint(name string, kind fault.Kind, path, key string) struct{} {
	if _, twice := constraints.LoadOrStore(name, constraintMessage{kind, path, key}); twice {
		panic("db: constraint declared twice: " + name)
	}
	return struct{}{}
}

// unstorable reports whether PostgreSQL refused a value that it cannot hold, so
// that who sent it is told: a number or a date out of range, a character that no
// text may have. Text of a wrong form is input only when it came as a parameter;
// elsewhere it is a statement's own mistake.
func unstorable(p *pq.Error) bool {
	switch p.Code {
	case "22003", "22008", "22021", "22P05": // numeric and datetime out of range, NUL or not UTF-8, \u0000 in jsonb
		return true
	case "22007", "22P02":
		return strings.Contains(p.Where, "parameter $")
	}
	return false
}

// translate turns a declared constraint violation, and a value that cannot be
// stored, into a fault; sql.ErrNoRows and everything else stay as they are.
func translate(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var p *pq.Error
	if !errors.As(err, &p) {
		return err
	}
	if unstorable(p) {
		return fault.Wrap(err, fault.Invalid, "fault.value")
	}
	if p.Constraint == "" {
		return err
	}
	v, ok := constraints.Load(p.Constraint)
	if !ok {
		return err
	}
	m := v.(constraintMessage)
	e := fault.Wrap(err, m.kind, m.key)
	if m.path != "" {
		e.Key = "fault.invalid"
		e.Fields = []fault.Field{{Path: m.path, Key: m.key}}
	}
	return e
}

// NotFound turns sql.ErrNoRows into fault.ErrNotFound and leaves the rest.
func NotFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.ErrNotFound
	}
	return err
}

// IsNoRows reports whether a Get found nothing.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
