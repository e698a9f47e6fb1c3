package form

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync/atomic"

	"ore.edu.pl/sieci/core/form/declared"
)

// Text is a text by language; see [declared.Text].
type Text = declared.Text

// Diagnostic is one finding of the linter; see [declared.Diagnostic].
type Diagnostic = declared.Diagnostic

// Ceilings of one form. They keep a page usable and a linter fast; a form at
// all of them still renders in milliseconds.
const (
	MaxBytes      = 256 << 10 // the document
	MaxDepth      = 4         // levels of items, groups included
	MaxItems      = 300       // items of all levels
	MaxOptions    = 100       // options of one item or list
	MaxLists      = 50        // named lists and scales
	MaxMatrixRows = 30        // rows of one matrix
	MaxRepeat     = 50        // rows of one repeated group
	MaxChecks     = 100       // checks of one form
	MaxAtoms      = 50        // comparisons in one condition
	MaxAnswer     = 20000     // characters of one long answer
	MaxFiles      = 20        // files of one file item
)

// Type is one of the 17 kinds of items.
type Type string

// The item types. Rank, and a matrix inside a repeated group, are known to the
// linter and to validation but not rendered in this core.
const (
	TypeText     Type = "text"
	TypeLongText Type = "longtext"
	TypeInteger  Type = "integer"
	TypeDecimal  Type = "decimal"
	TypeBool     Type = "bool"
	TypeDate     Type = "date"
	TypeTime     Type = "time"
	TypeDateTime Type = "datetime"
	TypeChoice   Type = "choice"
	TypeMulti    Type = "multi"
	TypeMatrix   Type = "matrix"
	TypeRank     Type = "rank"
	TypeScale    Type = "scale"
	TypeFile     Type = "file"
	TypeRef      Type = "ref"
	TypeGroup    Type = "group"
	TypeNote     Type = "note"
)

// Types lists the item types in the order of the vocabulary.
var Types = []Type{
	TypeText, TypeLongText, TypeInteger, TypeDecimal, TypeBool, TypeDate, TypeTime, TypeDateTime, TypeChoice,
	TypeMulti, TypeMatrix, TypeRank, TypeScale, TypeFile, TypeRef, TypeGroup, TypeNote,
}

// Form is one revision of a form. It is immutable after [Load] and safe for
// concurrent use; do not copy it.
type Form struct {
	// Kind is "form", V the revision of the vocabulary (1).
	Kind string `json:"kind"`
	V    int    `json:"v"`
	// ID names the form within its module, Rev its revision (from 1).
	ID    string `json:"id"`
	Rev   int    `json:"rev"`
	Title Text   `json:"title"`
	// Privacy is "named" (the default), "confidential" or "anonymous".
	Privacy string `json:"privacy,omitempty"`
	// Paged puts each top-level group on a page of its own.
	Paged  bool                `json:"paged,omitempty"`
	Lists  map[string][]Option `json:"lists,omitempty"`
	Items  []*Item             `json:"items"`
	Checks []Check             `json:"checks,omitempty"`
	Scales map[string]Scale    `json:"scales,omitempty"`

	tree atomic.Pointer[tree]
}

// Option is one possible answer of choice, multi, rank and matrix.
type Option struct {
	Code  string `json:"c"`
	Label Text   `json:"l"`
	// NA marks "does not apply", Refusal "I do not want to answer": both count
	// as missing with that reason, and exclude other options of a multi.
	NA      bool `json:"na,omitempty"`
	Refusal bool `json:"refusal,omitempty"`
}

// Item is one question, note or group. Which members a type may have is in the
// linter's table (lint_item.go).
type Item struct {
	ID       string     `json:"id"`
	Type     Type       `json:"type"`
	Label    Text       `json:"label,omitempty"`
	Hint     Text       `json:"hint,omitempty"`
	Required bool       `json:"required,omitempty"`
	When     *Condition `json:"when,omitempty"`
	// Options or List (a name in Form.Lists) for choice, multi, rank, matrix.
	Options []Option `json:"options,omitempty"`
	List    string   `json:"list,omitempty"`
	// Min and Max bound the value of integer, decimal and scale (0–10), the
	// number of chosen options of multi and rank, of files, and the length
	// of texts (Max only; default 200, longtext 2000).
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
	// Decimals is the most decimal places of a decimal (default 2, at most 6).
	Decimals *int `json:"decimals,omitempty"`
	// Unit stands behind a number: "zł", "godz.".
	Unit Text `json:"unit,omitempty"`
	// Low and High name the ends of a scale.
	Low  Text `json:"low,omitempty"`
	High Text `json:"high,omitempty"`
	// Rows and Scale belong to matrix; Scale is a name in Form.Scales.
	Rows  []MatrixRow `json:"rows,omitempty"`
	Scale string      `json:"scale,omitempty"`
	// Ref is the kind of thing a ref points to: "szkola", "osoba", or a record
	// kind of the module.
	Ref string `json:"ref,omitempty"`
	// Items and Repeat belong to group.
	Items  []*Item `json:"items,omitempty"`
	Repeat *Repeat `json:"repeat,omitempty"`
}

// MatrixRow is one statement of a matrix. Reverse is for scoring.
type MatrixRow struct {
	ID      string `json:"id"`
	Label   Text   `json:"label"`
	Reverse bool   `json:"reverse,omitempty"`
}

// Repeat bounds the rows of a repeated group; Max 0 means [MaxRepeat].
type Repeat struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// Check is a rule over answers. In names the repeated group whose every row is
// checked; empty for the whole form. A check whose items are unanswered holds.
type Check struct {
	ID     string    `json:"id"`
	In     string    `json:"in,omitempty"`
	Assert Condition `json:"assert"`
	Msg    Text      `json:"msg"`
	// Level is "error" (the default) or "warning".
	Level string `json:"level,omitempty"`
}

// Scale says how an evaluation tool may score a matrix.
type Scale struct {
	Agg         string    `json:"agg"`
	MinAnswered float64   `json:"min_answered,omitempty"`
	Range       []float64 `json:"range"`
}

// Canonical is the one spelling of the form in JSON.
func (f *Form) Canonical() []byte { return canonical(f) }

// Sum is the SHA-256 of the canonical form in hexadecimal; answers are stored
// with form id, revision and this sum.
func (f *Form) Sum() string {
	s := sha256.Sum256(f.Canonical())
	return hex.EncodeToString(s[:])
}

// Item returns the item with id, or nil.
func (f *Form) Item(id string) *Item {
	if n := f.index().node[id]; n != nil {
		return n.item
	}
	return nil
}

// OptionsOf returns the options of an item, its own or those of its list.
func (f *Form) OptionsOf(it *Item) []Option {
	if it.List != "" {
		return f.Lists[it.List]
	}
	return it.Options
}

// Repeated reports whether the item is a group with rows.
func (it *Item) Repeated() bool { return it.Type == TypeGroup && it.Repeat != nil }

// limits returns the bounds of the number of rows.
func (it *Item) limits() (least, most int) {
	most = it.Repeat.Max
	if most <= 0 || most > MaxRepeat {
		most = MaxRepeat
	}
	return max(it.Repeat.Min, 0), most
}

// MaxLength is the greatest length of a text answer, in characters.
func (it *Item) MaxLength() int {
	switch {
	case it.Max != nil && *it.Max >= 1 && *it.Max <= MaxAnswer:
		return int(*it.Max)
	case it.Type == TypeLongText:
		return 2000
	}
	return 200
}

// MaxFilesOf is the greatest number of files of a file item (default 1).
func (it *Item) MaxFilesOf() int {
	if it.Max != nil && *it.Max >= 1 && *it.Max <= MaxFiles {
		return int(*it.Max)
	}
	return 1
}

// Bounds returns the ends of a scale, 0 and 10 unless declared.
func (it *Item) Bounds() (low, high int) {
	low, high = 0, 10
	if it.Min != nil && *it.Min >= 0 && *it.Min <= 10 {
		low = int(*it.Min)
	}
	if it.Max != nil && *it.Max >= 0 && *it.Max <= 10 {
		high = int(*it.Max)
	}
	return low, high
}

// DecimalPlaces is the most decimal places of a decimal.
func (it *Item) DecimalPlaces() int {
	if it.Decimals != nil && *it.Decimals >= 0 && *it.Decimals <= 6 {
		return *it.Decimals
	}
	return 2
}

// tree is what the form's order and nesting imply, computed once.
type tree struct {
	node  map[string]*node
	order []*node
}

type node struct {
	item *Item
	// home is the innermost repeated group around the item; "" at the top.
	home string
	// parent is the group around the item, repeated or not; nil at the top.
	parent *node
	pos    int
	depth  int
	path   string
}

func (f *Form) index() *tree {
	if t := f.tree.Load(); t != nil {
		return t
	}
	t := &tree{node: map[string]*node{}}
	t.add(f.Items, nil, "", 1, "items")
	f.tree.Store(t)
	return t
}

func (t *tree) add(items []*Item, parent *node, home string, depth int, path string) {
	// A document cannot be deeper than the strict reader lets through; a form
	// written in Go could be, and is stopped here.
	if depth > 4*MaxDepth {
		return
	}
	for i, it := range items {
		if it == nil {
			continue
		}
		n := &node{item: it, home: home, parent: parent, pos: len(t.order), depth: depth, path: at(path, i)}
		t.order = append(t.order, n)
		if t.node[it.ID] == nil {
			t.node[it.ID] = n
		}
		inner := home
		if it.Repeated() {
			inner = it.ID
		}
		t.add(it.Items, n, inner, depth+1, n.path+".items")
	}
}

// marshalled types must not escape: texts are data, escaping is for HTML.
func canonical(v any) []byte {
	var b jsonBuffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		// Only values that JSON cannot hold (NaN) get here; validation and
		// lint refuse them, so it is a programmer's error.
		panic("form: " + err.Error())
	}
	return b.trimmed()
}
