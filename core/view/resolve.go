package view

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

// Names knows people and places, through the eyes of the reader in ctx.
type Names interface {
	// Names returns what the things of a kind (person, school, jst) are called,
	// by id, in one query. Ids that the reader may not see are left out.
	Names(ctx context.Context, kind string, ids []string) (map[string]Name, error)
}

// Name is what a thing is called and where its page is; To may be nil.
type Name struct {
	Label string
	To    *Link
}

// Links turns route names into URLs of the core.
type Links interface {
	// Route returns the URL of a named route; ok is false when there is no such
	// route or it is not for views. Whether the reader may open it is decided
	// when they do.
	Route(to, id string) (url string, ok bool)
}

// Resolved is a view with the names its reader may see, ready to render.
type Resolved struct {
	View  *View
	Lang  i18n.Lang
	names map[string]map[string]Name
	links Links
}

// Resolve asks names for everything that v mentions, one call per kind. A
// nil names leaves people "uczestnik" and places unnamed; a nil links leaves
// links as words.
func Resolve(ctx context.Context, v *View, names Names, links Links) (*Resolved, error) {
	r := &Resolved{View: v, Lang: i18n.FromContext(ctx), names: map[string]map[string]Name{}, links: links}
	want := map[string]map[string]bool{}
	v.eachValue(func(x Value) {
		switch x.T {
		case TPerson, TSchool, TJST:
			if id := x.str(); id != "" {
				if want[x.T] == nil {
					want[x.T] = map[string]bool{}
				}
				want[x.T][id] = true
			}
		}
	})
	if names == nil {
		return r, nil
	}
	for _, kind := range []string{TPerson, TSchool, TJST} {
		ids := make([]string, 0, len(want[kind]))
		for id := range want[kind] {
			ids = append(ids, id)
		}
		if len(ids) == 0 {
			continue
		}
		sort.Strings(ids)
		found, err := names.Names(ctx, kind, ids)
		if err != nil {
			return nil, err
		}
		r.names[kind] = found
	}
	return r, nil
}

// eachValue calls do for every value of the view, with its type filled in.
func (v *View) eachValue(do func(Value)) {
	grid := func(columns []Column, rows [][]Value) {
		for _, row := range rows {
			for j, x := range row {
				if j < len(columns) {
					do(x.typed(columns[j].Type))
				}
			}
		}
	}
	v.walk(func(_ string, _ int, n Node) {
		switch x := n.(type) {
		case Facts:
			for _, f := range x.Items {
				do(f.Value.typed(""))
			}
		case Stat:
			do(x.Value.typed(""))
		case Table:
			grid(x.Columns, x.Rows)
		case Chart:
			grid(x.Frame.Columns, x.Frame.Rows)
		case List:
			for _, it := range x.Items {
				do(it.Value.typed(""))
			}
		}
	})
}

// Text is a text for the reader.
func (r *Resolved) Text(t Text) string { return t.In(r.Lang) }

// URL is the address of a link; false when it leads nowhere.
func (r *Resolved) URL(to *Link) (string, bool) {
	if to == nil || r.links == nil {
		return "", false
	}
	return r.links.Route(to.To, to.ID)
}

// Shown is a value ready to print.
type Shown struct {
	Text string
	// URL is set for links within the core and for ext; Host only for ext.
	URL  string
	Host string
	// DateTime is the machine-readable form of dates and times.
	DateTime string
	// Hidden is set for a person or place that the reader may not see.
	Hidden bool
}

// Show formats a value for the reader; column is the type of plain scalars.
func (r *Resolved) Show(v Value, column string) Shown {
	v = v.typed(column)
	s := r.format(v)
	if v.T != TExt && !s.Hidden {
		if url, ok := r.URL(v.To); ok {
			s.URL = url
		}
	}
	return s
}

func (r *Resolved) format(v Value) Shown {
	if v.none() {
		return Shown{}
	}
	l, s := r.Lang, v.str()
	n, _ := v.Number()
	switch v.T {
	case TInt:
		return Shown{Text: show.Int(l, int64(n))}
	case TDec:
		return Shown{Text: show.Decimal(l, n, 2)}
	case TPct:
		return Shown{Text: show.Percent(l, n, 1)}
	case TMoney:
		return Shown{Text: show.Money(l, n)}
	case TDur:
		return Shown{Text: show.TeachingHours(l, int(n))}
	case TBool:
		return Shown{Text: i18n.Text(l, map[bool]string{true: "view.yes", false: "view.no"}[v.V == true])}
	case TDate, TDateTime, TTime, TDates:
		return r.when(v)
	case TPerson, TSchool, TJST:
		return r.named(v.T, s)
	case TEnum:
		if len(v.L) > 0 {
			return Shown{Text: v.L.In(l)}
		}
	case TExt:
		host, ok := extHost(s)
		if !ok {
			return Shown{}
		}
		words := v.L.In(l)
		if words == "" {
			words = host
		}
		return Shown{Text: words, URL: s, Host: host}
	}
	return Shown{Text: s}
}

func (r *Resolved) when(v Value) Shown {
	s := v.str()
	switch v.T {
	case TDate:
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return Shown{Text: show.Date(r.Lang, t), DateTime: s}
		}
	case TDateTime:
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return Shown{Text: show.DateTime(r.Lang, t), DateTime: t.UTC().Format(time.RFC3339)}
		}
	case TTime:
		return Shown{Text: strings.TrimPrefix(s, "0"), DateTime: s}
	case TDates:
		if from, to, ok := v.days(); ok {
			return Shown{Text: show.DateRange(r.Lang, from, to)}
		}
	}
	return Shown{}
}

// named is a person or place; one that the reader may not see has a general
// word, and its id goes nowhere.
func (r *Resolved) named(kind, id string) Shown {
	n, ok := r.names[kind][id]
	if !ok {
		key := map[string]string{TPerson: "view.person_hidden", TSchool: "view.school_hidden", TJST: "view.jst_hidden"}[kind]
		return Shown{Text: i18n.Text(r.Lang, key), Hidden: true}
	}
	s := Shown{Text: n.Label}
	if url, ok := r.URL(n.To); ok {
		s.URL = url
	}
	return s
}

// Pages is how many pages a table has; 1 when it does not say.
func (t Table) Pages() int {
	per := t.Per
	if per <= 0 {
		per = max(len(t.Rows), 1)
	}
	return max((t.Total+per-1)/per, 1)
}

// End reports whether a column stands at the end of the line: numbers do.
func (c Column) End() bool {
	if c.Align != "" {
		return c.Align == "end"
	}
	switch c.Type {
	case TInt, TDec, TPct, TMoney, TDur:
		return true
	}
	return false
}

// Heading is the column's label with its unit.
func (r *Resolved) Heading(c Column) string {
	s := r.Text(c.Label)
	if u := r.Text(c.Unit); u != "" {
		s += " (" + u + ")"
	}
	return s
}

// nodeKey: see KeyOf.
func nodeKey(n Node, place int) string {
	if id := n.NodeID(); id != "" {
		return id
	}
	return "n" + strconv.Itoa(place)
}

// KeyOf is the name by which a node's data is exported: its id, or "n" and its
// place among the nodes of the view, counted from 1 in reading order.
func (r *Resolved) KeyOf(n Node, place int) string { return nodeKey(n, place) }
