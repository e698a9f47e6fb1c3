package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/effect"
)

// shape is how much there is in the invented scope.
type shape string

// The shapes: nothing at all; a handful; a network of 2,000 people with every
// slice filled to its limit and more behind it.
const (
	emptyShape   shape = "empty"
	typicalShape shape = "typical"
	fullShape    shape = "full"
)

// rows is how many rows there are of a source.
func (s shape) rows(src effect.Source) int {
	switch {
	case s == emptyShape:
		return 0
	case s == typicalShape:
		return 6
	case src == effect.SourceMember:
		return 2000
	case src == effect.SourceIndicator:
		return 50
	}
	return 700
}

// maxSnapshot is what all rows of a snapshot may take, in bytes, as in the engine.
const maxSnapshot = 3 << 20

// world is an invented scope with what lies in it. Everything in it follows from
// the seed.
type world struct {
	s       *suite
	rng     *rand.Rand
	shape   shape
	base    effect.ScopeState
	scopes  []effect.ScopeState
	groups  []effect.Scope
	person  uuid.UUID
	subject uuid.UUID
	tables  map[string][]effect.Row
	// rows are those that were handed out.
	rows map[uuid.UUID]effect.Row
	// cursors are those that were handed out, with the row that comes next.
	cursors map[string]int
	left    int
	// wrong is what the module asked for and may not.
	wrong []string
}

// newWorld invents a scope of the kind in which the type is at the stage.
func (s *suite) newWorld(t *thing, sh shape, kind effect.ScopeKind, stage string) *world {
	w := &world{s: s, rng: s.rng(t.key() + string(sh) + string(kind) + stage), shape: sh, tables: map[string][]effect.Row{},
		rows: map[uuid.UUID]effect.Row{}, cursors: map[string]int{}, left: maxSnapshot}
	w.person, w.subject = newID(w.rng), newID(w.rng)
	home := effect.ScopeState{Scope: effect.Scope{Kind: effect.Network, ID: newID(w.rng)}, Type: effect.Qualify(s.d.Module, t.home), Stage: stage,
		Members: sh.rows(effect.SourceMember)}
	above := effect.ScopeState{Scope: effect.Scope{Kind: effect.Programme, ID: newID(w.rng)}}
	if t.programme {
		home.Scope.Kind = effect.Programme
	} else {
		home.Parent = above.Scope
		w.scopes = append(w.scopes, above)
	}
	w.scopes = append(w.scopes, home)
	for range min(sh.rows(effect.SourceGroup), 40) {
		g := effect.ScopeState{Scope: effect.Scope{Kind: effect.Group, ID: newID(w.rng)}, Kind: t.group, Parent: home.Scope, Members: 4}
		w.groups = append(w.groups, g.Scope)
		w.scopes = append(w.scopes, g)
	}
	w.base = home
	if kind != home.Scope.Kind {
		below := effect.ScopeState{Scope: effect.Scope{Kind: kind, ID: newID(w.rng)}, Parent: home.Scope, Members: 1}
		if kind == effect.Group {
			below.Kind = t.group
			w.groups = append(w.groups, below.Scope)
		}
		w.base = below
		w.scopes = append(w.scopes, below)
	}
	w.handOut(effect.This)
	return w
}

// chosen are the scopes that a selector means.
func (w *world) chosen(sel effect.Selector) []effect.Scope {
	switch sel {
	case effect.MyGroups:
		return w.groups
	case effect.Children:
		return append([]effect.Scope{w.base.Scope}, w.groups...)
	case effect.OfProgramme:
		for i := range w.scopes {
			if w.scopes[i].Scope.Kind == effect.Programme {
				return []effect.Scope{w.scopes[i].Scope}
			}
		}
		return nil
	}
	return []effect.Scope{w.base.Scope}
}

func (w *world) handOut(sel effect.Selector) {
	for _, sc := range w.chosen(sel) {
		for i := range w.scopes {
			if w.scopes[i].Scope == sc {
				w.scopes[i].Writable = true
			}
		}
	}
}

func (w *world) writable(sc effect.Scope) bool {
	return slices.ContainsFunc(w.scopes, func(x effect.ScopeState) bool { return x.Scope == sc && x.Writable })
}

// snapshot is what a call gets before anything was read.
func (w *world) snapshot(t *thing, lang string) *effect.Snapshot {
	out := &effect.Snapshot{Decision: newID(w.rng), Now: today, Zone: clock.Warsaw.String(), Locale: lang, Seed: w.rng.Uint64(), Scope: w.base.Scope,
		Configuration: w.s.form(w.s.d.Configuration).some(w.rng)}
	out.Actor.System = t.role == systemRole
	if !out.Actor.System {
		out.Actor.Person, out.Actor.Roles, out.Actor.Membership = w.person, []string{t.role}, newID(w.rng)
		for _, g := range w.groups {
			out.Actor.Groups = append(out.Actor.Groups, g.ID)
		}
	}
	return out
}

// read adds what is asked for to the snapshot, as the engine does.
func (w *world) read(snap *effect.Snapshot, wants effect.Wants) {
	for i := range wants.Slices {
		w.slice(snap, &wants.Slices[i])
	}
	for i := range wants.Aggregates {
		a := &wants.Aggregates[i]
		snap.Aggregates = slices.DeleteFunc(snap.Aggregates, func(x effect.AggregateSlice) bool { return x.Name == a.Name })
		snap.Aggregates = append(snap.Aggregates, effect.AggregateSlice{Name: a.Name, Cells: w.cells(a)})
	}
	snap.Scopes = slices.SortedFunc(slices.Values(w.scopes), func(a, b effect.ScopeState) int {
		return cmp.Or(strings.Compare(string(a.Scope.Kind), string(b.Scope.Kind)), slices.Compare(a.Scope.ID[:], b.Scope.ID[:]))
	})
}

func (w *world) slice(snap *effect.Snapshot, spec *effect.SliceSpec) {
	if spec.Writable {
		w.handOut(spec.Selector)
	}
	key := fmt.Sprint(spec.Name, spec.Source, spec.Kind, spec.Selector, spec.Filters, spec.Order)
	table, ok := w.tables[key]
	if !ok {
		table = w.table(spec)
		w.tables[key] = table
	}
	from := 0
	if spec.Cursor != "" {
		if from, ok = w.cursors[key+spec.Cursor]; !ok {
			w.wrong = append(w.wrong, fmt.Sprintf("slice %s: the cursor %.40q was not given for it", spec.Name, spec.Cursor))
			return
		}
	}
	var page []effect.Row
	next := from
	for ; next < len(table) && len(page) < cmp.Or(spec.Limit, effect.DefaultSliceRows); next++ {
		size := 100 + len(table[next].Data) + 40*len(table[next].Index)
		if w.left < size {
			break
		}
		w.left -= size
		page = append(page, table[next])
		w.rows[table[next].ID] = table[next]
	}
	res := effect.SliceResult{Rows: page}
	if next < len(table) {
		res.Cursor = fmt.Sprintf("c%016x", w.rng.Uint64())
		w.cursors[key+res.Cursor] = next
	}
	for i := range snap.Slices {
		if have := &snap.Slices[i]; have.Name == spec.Name {
			if spec.Cursor != "" {
				res.Rows = append(slices.Clone(have.Rows), res.Rows...)
			}
			have.SliceResult = res
			return
		}
	}
	snap.Slices = append(snap.Slices, effect.Slice{Name: spec.Name, Source: spec.Source, SliceResult: res})
}

// table invents all rows of a slice.
func (w *world) table(spec *effect.SliceSpec) []effect.Row {
	scopes := w.chosen(spec.Selector)
	n := w.shape.rows(spec.Source)
	if len(scopes) == 0 {
		n = 0
	}
	kind, _ := w.s.d.RecordKind(spec.Kind)
	n = min(n, w.most(spec, kind, len(scopes)))
	out := make([]effect.Row, 0, n)
	for i := range n {
		r := effect.Row{ID: newID(w.rng), Version: 1 + w.rng.Int64N(5), Scope: scopes[i%len(scopes)], Revision: 1, Index: map[string]effect.Value{}}
		if spec.Source == effect.SourceRecord {
			w.record(&r, kind)
		} else {
			r.Data = w.own(&r, spec, i)
		}
		w.fit(&r, spec)
		out = append(out, r)
	}
	w.order(out, spec)
	return out
}

// most is how many rows can hold together: one of an id, and for a kind with a
// unique key one for each value of it in a scope.
func (w *world) most(spec *effect.SliceSpec, kind *effect.RecordKind, scopes int) int {
	pinned := map[string]bool{}
	for _, f := range spec.Filters {
		if f.Op == effect.Equal {
			pinned[f.Field] = true
		}
	}
	if pinned[effect.FieldID] {
		return 1
	}
	if spec.Source == effect.SourceMember && pinned[effect.FieldPerson] {
		return scopes
	}
	if kind == nil {
		return 1 << 30
	}
	most := 1 << 30
	for _, key := range kind.UniqueKeys {
		values := 1
		for _, name := range key {
			i := slices.IndexFunc(kind.IndexFields, func(f effect.IndexField) bool { return f.Name == name })
			switch {
			case pinned[name] || i < 0:
			case kind.IndexFields[i].Type == effect.FieldBoolean:
				values *= 2
			default:
				values = 1 << 20
			}
		}
		most = min(most, values*scopes)
	}
	return most
}

func (w *world) record(r *effect.Row, kind *effect.RecordKind) {
	r.Data = json.RawMessage("{}")
	if kind == nil {
		return
	}
	doc := w.s.form(kind.Form).some(w.rng)
	r.Data, r.Revision = doc.JSON, max(kind.Form.Revision, 1)
	if len(r.Data) == 0 {
		r.Data = json.RawMessage("{}")
	}
	for _, f := range kind.IndexFields {
		r.Index[f.Name] = w.value(f.Type)
	}
}

func (w *world) value(t effect.FieldType) effect.Value {
	switch t {
	case effect.FieldInteger:
		return w.rng.Int64N(1000)
	case effect.FieldNumber:
		return float64(w.rng.IntN(1000)) / 4
	case effect.FieldBoolean:
		return w.rng.IntN(2) == 0
	case effect.FieldDate:
		return effect.Date(w.day().Format(time.DateOnly))
	case effect.FieldInstant:
		return w.day()
	case effect.FieldRef:
		return newID(w.rng)
	}
	return polishWords[w.rng.IntN(len(polishWords))] + " " + fmt.Sprint(w.rng.IntN(100000))
}

// day is within half a year of today.
func (w *world) day() time.Time { return today.AddDate(0, 0, w.rng.IntN(360)-180) }

// fit makes the row one that the slice's filters let through, as far as they say
// which: one that they would not is never shown to a module.
func (w *world) fit(r *effect.Row, spec *effect.SliceSpec) {
	for _, f := range spec.Filters {
		if f.Op != effect.Equal && f.Op != effect.LessOrEqual && f.Op != effect.GreaterOrEqual {
			continue
		}
		v := f.Value
		switch f.Param {
		case "actor":
			v = w.person
		case "membership", "subject":
			v = w.subject
		case "now":
			v = today
		case "today":
			v = effect.Date(today.Format(time.DateOnly))
		}
		switch id, isID := v.(uuid.UUID); {
		case f.Field == effect.FieldID && isID:
			r.ID = id
		case strings.HasPrefix(f.Field, "@"):
			w.state(r, f.Field, v)
		default:
			r.Index[f.Field] = v
		}
	}
}

// state writes a built-in field into the data of the core's own rows.
func (w *world) state(r *effect.Row, field string, v effect.Value) {
	name := map[string]string{effect.FieldState: "state", effect.FieldPerson: "person"}[field]
	var data map[string]any
	if name == "" || json.Unmarshal(r.Data, &data) != nil {
		return
	}
	if _, has := data[name]; !has {
		return
	}
	data[name] = v
	if raw, err := json.Marshal(data); err == nil {
		r.Data = raw
	}
}

// order sorts by index fields; what is built in stays in the order of ids.
func (w *world) order(rows []effect.Row, spec *effect.SliceSpec) {
	slices.SortStableFunc(rows, func(a, b effect.Row) int {
		for _, o := range spec.Order {
			c := compare(a.Index[o.Field], b.Index[o.Field])
			if o.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
}

func compare(a, b effect.Value) int {
	switch x := a.(type) {
	case int64:
		y, _ := b.(int64)
		return cmp.Compare(x, y)
	case float64:
		y, _ := b.(float64)
		return cmp.Compare(x, y)
	case time.Time:
		y, _ := b.(time.Time)
		return x.Compare(y)
	case nil:
		return 0
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func (w *world) cells(a *effect.AggregateSpec) []effect.Cell {
	n := map[shape]int{emptyShape: 0, typicalShape: 4, fullShape: 100}[w.shape]
	if len(a.By) == 0 {
		n = 1
	}
	kind, _ := w.s.d.RecordKind(a.Kind)
	out := make([]effect.Cell, n)
	for i := range out {
		c := &out[i]
		for _, name := range a.By {
			typ := effect.FieldText
			if kind != nil {
				for _, f := range kind.IndexFields {
					if f.Name == name {
						typ = f.Type
					}
				}
			}
			c.By = append(c.By, w.value(typ))
		}
		if w.shape == emptyShape { // nothing is less than any minimum
			c.Suppressed = a.MinimumCell > 0
			continue
		}
		if c.Suppressed = i%4 == 3; c.Suppressed {
			continue
		}
		c.Count = 1 + w.rng.Int64N(500)
		if a.Field != "" {
			c.Sum = float64(c.Count) * 3.5
			for range a.Quantiles {
				c.Quantiles = append(c.Quantiles, 3.5)
			}
		}
	}
	return out
}
