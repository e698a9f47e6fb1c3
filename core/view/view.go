package view

import (
	"bytes"
	"encoding/json"
	"reflect"

	"ore.edu.pl/sieci/core/form/declared"
)

// Text is a text by language, or a plain string when the author already chose
// the reader's language; see [declared.Text].
type Text = declared.Text

// Diagnostic is one finding of the linter; see [declared.Diagnostic].
type Diagnostic = declared.Diagnostic

// Ceilings of one view.
const (
	MaxBytes   = 512 << 10
	MaxNodes   = 60
	MaxRows    = 500 // rows of one table page or frame
	MaxColumns = 30
	MaxSeries  = 12
	MaxEntries = 200 // entries of facts, steps, lists, timelines
	MaxTabs    = 10
	MaxActions = 12
	MaxDepth   = 4 // sections in sections
)

// View is one page declared as data.
type View struct {
	// Kind is "view", V the revision of the vocabulary (1).
	Kind  string `json:"kind"`
	V     int    `json:"v"`
	Title Text   `json:"title"`
	Nodes Nodes  `json:"nodes"`
}

// Node is one of the fourteen node types.
type Node interface {
	// NodeType is the name in the vocabulary.
	NodeType() string
	// NodeID names the node for CSV and links; "" when the author gave none.
	NodeID() string
}

// Head is what every node may have. Type is filled in when read or written.
type Head struct {
	Type string `json:"type"`
	ID   string `json:"id,omitempty"`
}

// NodeID returns the id.
func (h Head) NodeID() string { return h.ID }

// Link is a place in the core by route name: {"to":"network","id":"…"}.
type Link struct {
	To string `json:"to"`
	ID string `json:"id,omitempty"`
}

// TextNode is prose in a subset of Markdown: paragraphs, *em*, **strong**,
// lists of "- " or "1. ", and links [words](to:route/id).
type TextNode struct {
	Head
	Text Text `json:"text"`
}

// Facts is a list of labels with values.
type Facts struct {
	Head
	Title Text   `json:"title,omitempty"`
	Items []Fact `json:"items"`
}

// Fact is one label with its value.
type Fact struct {
	Label Text  `json:"label"`
	Value Value `json:"value"`
}

// Stat is one number that matters, with its size of sample, interval and change.
type Stat struct {
	Head
	Label Text    `json:"label"`
	Value Value   `json:"value"`
	Unit  Text    `json:"unit,omitempty"`
	N     *int    `json:"n,omitempty"`
	CI    []Value `json:"ci,omitempty"`
	Delta *Value  `json:"delta,omitempty"`
}

// Column is a column of a table or frame; Type is a value type and the type of
// plain cells; Align is "start" or "end" (the default for numbers).
type Column struct {
	ID    string `json:"id"`
	Label Text   `json:"label"`
	Type  string `json:"type"`
	Unit  Text   `json:"unit,omitempty"`
	Align string `json:"align,omitempty"`
}

// Table has rows of cells in the order of its columns. Total is the number of
// rows of all pages, Page the number of this one from 1, Per rows on a page.
type Table struct {
	Head
	Title   Text      `json:"title"`
	Columns []Column  `json:"columns"`
	Rows    [][]Value `json:"rows"`
	Total   int       `json:"total,omitempty"`
	Page    int       `json:"page,omitempty"`
	Per     int       `json:"per,omitempty"`
	Empty   Text      `json:"empty,omitempty"`
}

// Frame is the data of a chart: the first column names the categories, each
// further column is a series.
type Frame struct {
	Columns []Column  `json:"columns"`
	Rows    [][]Value `json:"rows"`
}

// Chart is drawn as SVG, always with the same frame as a table below. Chart is
// bar, diverging, stacked, line, dot, hist or heat. Alt says what it shows.
type Chart struct {
	Head
	Chart string `json:"chart"`
	Title Text   `json:"title"`
	Alt   Text   `json:"alt"`
	Frame Frame  `json:"frame"`
}

// Progress is a value on the way to a maximum.
type Progress struct {
	Head
	Label Text    `json:"label"`
	Value float64 `json:"value"`
	Max   float64 `json:"max"`
	State string  `json:"state,omitempty"`
}

// Steps is an ordered way with the state of each step: todo, now, done,
// blocked, returned.
type Steps struct {
	Head
	Title Text   `json:"title,omitempty"`
	Items []Step `json:"items"`
}

// Step is one step; To leads to where it is done.
type Step struct {
	Label Text   `json:"label"`
	State string `json:"state"`
	Note  Text   `json:"note,omitempty"`
	To    *Link  `json:"to,omitempty"`
}

// Timeline is what happened when.
type Timeline struct {
	Head
	Title Text    `json:"title,omitempty"`
	Items []Event `json:"items"`
}

// Event is one entry of a timeline; At is a date or datetime value.
type Event struct {
	At    Value `json:"at"`
	Label Text  `json:"label"`
	Text  Text  `json:"text,omitempty"`
	To    *Link `json:"to,omitempty"`
}

// List is things with an optional note and link each.
type List struct {
	Head
	Title Text       `json:"title,omitempty"`
	Items []ListItem `json:"items"`
	Empty Text       `json:"empty,omitempty"`
}

// ListItem is one thing of a list.
type ListItem struct {
	Value Value `json:"value"`
	Note  Text  `json:"note,omitempty"`
	To    *Link `json:"to,omitempty"`
}

// Notice is a message: info, ok, warn or error.
type Notice struct {
	Head
	Level string `json:"level"`
	Text  Text   `json:"text"`
}

// Tabs are links to sibling views; the tab without To is the one shown.
type Tabs struct {
	Head
	Label Text  `json:"label"`
	Items []Tab `json:"items"`
}

// Tab is one tab.
type Tab struct {
	Label Text  `json:"label"`
	To    *Link `json:"to,omitempty"`
}

// FormNode puts a form of the module on the page.
type FormNode struct {
	Head
	Form  string `json:"form"`
	Label Text   `json:"label,omitempty"`
}

// Actions are buttons that ask the module to decide.
type Actions struct {
	Head
	Items []Action `json:"items"`
}

// Action is one button. Confirm is a sentence to read first; Danger marks what
// cannot be taken back.
type Action struct {
	ID      string `json:"id"`
	Label   Text   `json:"label"`
	Confirm Text   `json:"confirm,omitempty"`
	Danger  bool   `json:"danger,omitempty"`
}

// Section is a heading with nodes under it.
type Section struct {
	Head
	Title Text  `json:"title"`
	Nodes Nodes `json:"nodes"`
}

// The names of the node types.
func (TextNode) NodeType() string { return "text" }
func (Facts) NodeType() string    { return "facts" }
func (Stat) NodeType() string     { return "stat" }
func (Table) NodeType() string    { return "table" }
func (Chart) NodeType() string    { return "chart" }
func (Progress) NodeType() string { return "progress" }
func (Steps) NodeType() string    { return "steps" }
func (Timeline) NodeType() string { return "timeline" }
func (List) NodeType() string     { return "list" }
func (Notice) NodeType() string   { return "notice" }
func (Tabs) NodeType() string     { return "tabs" }
func (FormNode) NodeType() string { return "form" }
func (Actions) NodeType() string  { return "actions" }
func (Section) NodeType() string  { return "section" }

var nodeTypes = map[string]reflect.Type{}

func init() {
	for _, n := range []Node{
		TextNode{}, Facts{}, Stat{}, Table{}, Chart{}, Progress{}, Steps{}, Timeline{}, List{}, Notice{}, Tabs{},
		FormNode{}, Actions{}, Section{},
	} {
		nodeTypes[n.NodeType()] = reflect.TypeOf(n)
	}
}

// Nodes is a list of nodes of any type. Elements are pointers to the node structs.
type Nodes []slot

// slot holds one node; it exists because JSON chooses the struct by "type".
type slot struct{ Node }

// Of makes a list of nodes, for views written in Go.
func Of(nodes ...Node) Nodes {
	out := make(Nodes, len(nodes))
	for i, n := range nodes {
		out[i] = slot{n}
	}
	return out
}

var _ declared.Union = slot{}

// Variant tells the strict reader which struct a piece of JSON is.
func (slot) Variant(raw json.RawMessage) (reflect.Type, bool) {
	var h struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return nil, false
	}
	t, ok := nodeTypes[h.Type]
	return t, ok
}

// UnmarshalJSON reads the struct that "type" names.
func (s *slot) UnmarshalJSON(raw []byte) error {
	t, ok := s.Variant(raw)
	if !ok {
		return errUnknownType
	}
	v := reflect.New(t)
	if err := json.Unmarshal(raw, v.Interface()); err != nil {
		return err
	}
	s.Node = v.Interface().(Node)
	return nil
}

// MarshalJSON writes the node with its type.
func (s slot) MarshalJSON() ([]byte, error) {
	if s.Node == nil {
		return []byte("null"), nil
	}
	raw, err := json.Marshal(s.Node)
	if err != nil {
		return nil, err
	}
	// A node written in Go may leave Type empty.
	return bytes.Replace(raw, []byte(`{"type":""`), []byte(`{"type":"`+s.NodeType()+`"`), 1), nil
}

// walk calls do for every node, sections before their nodes, with its path.
func (v *View) walk(do func(path string, depth int, n Node)) { v.Nodes.walk("nodes", 1, do) }

func (l Nodes) walk(path string, depth int, do func(string, int, Node)) {
	for i, s := range l {
		at := index(path, i)
		n := deref(s.Node)
		do(at, depth, n)
		if sec, ok := n.(Section); ok && depth <= 2*MaxDepth {
			sec.Nodes.walk(at+".nodes", depth+1, do)
		}
	}
}

// Each calls do for the nodes of the list, as values.
func (l Nodes) Each(do func(Node)) {
	for _, s := range l {
		if n := deref(s.Node); n != nil {
			do(n)
		}
	}
}

// deref returns the node as a value, whether it came as one or as a pointer.
func deref(n Node) Node {
	if n == nil {
		return nil
	}
	v := reflect.ValueOf(n)
	if v.Kind() != reflect.Pointer {
		return n
	}
	if v.IsNil() {
		return nil
	}
	return v.Elem().Interface().(Node)
}
