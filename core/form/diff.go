package form

import (
	"bytes"
	"maps"
	"slices"
	"strings"
)

// Change is one difference in meaning between two sets of answers.
type Change struct {
	// Path is the item, the row ("dzialania[r3f2]") or the matrix row.
	Path string `json:"path"`
	// Kind is "added", "removed" or "changed".
	Kind   string `json:"kind"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// The kinds of changes.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// Diff compares two sets of answers to the same form in the form's order. Rows
// are matched by id, so a moved row is no change; a reference whose label alone
// differs is none either, nor a row without answers.
func Diff(f *Form, before, after Answers) []Change {
	return diffLevel(flatItems(f.Items), before, after, "")
}

func diffLevel(items []*Item, before, after Answers, prefix string) []Change {
	var out []Change
	for _, it := range items {
		path := prefix + it.ID
		switch it.Type {
		case TypeGroup:
			out = append(out, diffRows(it, before.Rows(it.ID), after.Rows(it.ID), path)...)
		case TypeMatrix:
			a, _ := before[it.ID].(map[string]string)
			b, _ := after[it.ID].(map[string]string)
			for _, row := range it.Rows {
				out = appendChange(out, path+"."+row.ID, a[row.ID], b[row.ID])
			}
		default:
			out = appendChange(out, path, before[it.ID], after[it.ID])
		}
	}
	return out
}

func diffRows(it *Item, before, after []Row, path string) []Change {
	var out []Change
	inner := flatItems(it.Items)
	for _, old := range before {
		if findRow(after, old.ID) == nil && len(old.Answers) > 0 {
			out = append(out, Change{Path: path + "[" + old.ID + "]", Kind: Removed, Before: old})
		}
	}
	for _, row := range after {
		at := path + "[" + row.ID + "]"
		if old := findRow(before, row.ID); old != nil {
			out = append(out, diffLevel(inner, old.Answers, row.Answers, at+".")...)
		} else if len(row.Answers) > 0 {
			out = append(out, Change{Path: at, Kind: Added, After: row})
		}
	}
	return out
}

func appendChange(out []Change, path string, before, after any) []Change {
	switch {
	case empty(before) && empty(after) || same(before, after):
		return out
	case empty(before):
		return append(out, Change{Path: path, Kind: Added, After: after})
	case empty(after):
		return append(out, Change{Path: path, Kind: Removed, Before: before})
	}
	return append(out, Change{Path: path, Kind: Changed, Before: before, After: after})
}

func same(a, b any) bool {
	if x, ok := a.(Ref); ok {
		y, ok := b.(Ref)
		return ok && x.Kind == y.Kind && x.ID == y.ID
	}
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	return bytes.Equal(canonical(a), canonical(b))
}

// Take is s with what lies at the paths (of [Change]s) as it stands in from:
// values of items and matrix rows are replaced, a row of a repeated group comes,
// behind the row that it follows in from, or goes.
func Take(f *Form, s, from State, paths []string) State {
	s = s.clone()
	for _, path := range paths {
		if row, ok := strings.CutSuffix(path, "]"); ok {
			group, id, _ := cutLast(row, '[')
			s.takeRow(from, group, id)
			continue
		}
		if f.ItemAt(path) != nil {
			s.takeUnder(from, func(key string) bool { return key == path || strings.HasPrefix(key, path+".") })
		}
	}
	return s
}

// takeUnder replaces the values and rows whose paths match.
func (s *State) takeUnder(from State, match func(string) bool) {
	maps.DeleteFunc(s.Values, func(k string, _ []string) bool { return match(k) })
	maps.DeleteFunc(s.Rows, func(k string, _ []string) bool { return match(k) })
	for k, v := range from.Values {
		if match(k) {
			s.Values[k] = slices.Clone(v)
		}
	}
	for k, v := range from.Rows {
		if match(k) {
			s.Rows[k] = slices.Clone(v)
		}
	}
}

func (s *State) takeRow(from State, group, id string) {
	s.removeRow(group, id)
	n := slices.Index(from.Rows[group], id)
	if n < 0 {
		return
	}
	at := 0
	if n > 0 {
		if at = slices.Index(s.Rows[group], from.Rows[group][n-1]) + 1; at == 0 {
			at = len(s.Rows[group])
		}
	}
	s.Rows[group] = slices.Insert(s.Rows[group], at, id)
	s.takeUnder(from, func(key string) bool { return strings.HasPrefix(key, group+"["+id+"].") })
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
