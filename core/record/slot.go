package record

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/effect"
)

// slot is the column in which an index field lies.
type slot struct {
	Column string           `json:"column"`
	Type   effect.FieldType `json:"type"`
	// Dead fields are no longer declared; their column may be taken.
	Dead bool `json:"dead,omitempty"`
}

// numeric reports whether the column is one of n1–n8.
func (s slot) numeric() bool { return s.Column[0] == 'n' }

// maxFields is the contract's limit of index fields of a kind.
const maxFields = 8

// columns of each class, in the order in which they are given out.
var (
	numberColumns = []string{"n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8"}
	textColumns   = []string{"t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8"}
)

func columnsFor(t effect.FieldType) []string {
	switch t {
	case effect.FieldText, effect.FieldRef:
		return textColumns
	case effect.FieldInteger, effect.FieldNumber, effect.FieldBoolean, effect.FieldDate, effect.FieldInstant:
		return numberColumns
	}
	return nil
}

// assign gives every declared field a column. Fields that stay keep theirs; a
// field whose type changed is a new one. emptied lists columns taken from dead
// fields: their old values must be wiped.
func assign(old map[string]slot, fields []effect.IndexField) (next map[string]slot, emptied []string, err error) {
	next = map[string]slot{}
	used := map[string]bool{}
	for _, f := range fields {
		if s, ok := old[f.Name]; ok && s.Type == f.Type {
			s.Dead = false
			next[f.Name], used[s.Column] = s, true
		}
	}
	var dead []string
	for _, name := range sortedNames(old) {
		if s := old[name]; !used[s.Column] {
			dead = append(dead, name)
		}
	}
	taken := map[string]bool{}
	for _, f := range fields {
		if _, ok := next[f.Name]; ok {
			continue
		}
		column := ""
		for _, c := range columnsFor(f.Type) {
			if !used[c] && !slices.ContainsFunc(dead, func(d string) bool { return old[d].Column == c }) {
				column = c
				break
			}
		}
		if column == "" { // only columns of dead fields are left
			for _, d := range dead {
				if c := old[d].Column; !used[c] && slices.Contains(columnsFor(f.Type), c) {
					column, taken[c] = c, true
					emptied = append(emptied, c)
					break
				}
			}
		}
		if column == "" {
			return nil, nil, fmt.Errorf("record: no column for field %q of type %q", f.Name, f.Type)
		}
		used[column] = true
		next[f.Name] = slot{Column: column, Type: f.Type}
	}
	for _, d := range dead {
		if _, again := next[d]; !again && !taken[old[d].Column] {
			s := old[d]
			s.Dead = true
			next[d] = s
		}
	}
	return next, emptied, nil
}

func sortedNames[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// kind is a declared kind with its columns.
type kind struct {
	effect.RecordKind
	module string
	slots  map[string]slot
}

// field finds the column of a live index field.
func (k *kind) field(name string) (slot, bool) {
	s, ok := k.slots[name]
	return s, ok && !s.Dead
}

// keyName is the stable name of a unique key: its fields.
func keyName(fields []string) string { return strings.Join(fields, ",") }

// keyValue is the value of a unique key for the index; ok is false when a field
// has no value: such records are not bound by the key.
func keyValue(fields []string, index map[string]string) (string, bool) {
	parts := make([]string, len(fields))
	for i, f := range fields {
		v, has := index[f]
		if !has {
			return "", false
		}
		parts[i] = v
	}
	raw, err := json.Marshal(parts)
	return string(raw), err == nil
}
