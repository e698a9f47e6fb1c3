package form

import (
	"bytes"
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
// differs is none either.
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
		if findRow(after, old.ID) == nil {
			out = append(out, Change{Path: path + "[" + old.ID + "]", Kind: Removed, Before: old})
		}
	}
	for _, row := range after {
		at := path + "[" + row.ID + "]"
		if old := findRow(before, row.ID); old != nil {
			out = append(out, diffLevel(inner, old.Answers, row.Answers, at+".")...)
		} else {
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
