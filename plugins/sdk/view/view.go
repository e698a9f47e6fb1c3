// Package view builds view documents: the closed vocabulary of what a module
// can show. The platform renders it as accessible HTML, JSON and CSV; a text is
// never markup. Texts are in the language of the request's snapshot.
package view

// View is a page.
type View struct {
	Kind  string `json:"kind"`
	V     int    `json:"v"`
	Title string `json:"title"`
	Nodes []Node `json:"nodes"`
}

// New begins a page.
func New(title string) *View { return &View{Kind: "view", V: 1, Title: title, Nodes: []Node{}} }

// Add appends nodes and returns the page.
func (v *View) Add(nodes ...Node) *View {
	v.Nodes = append(v.Nodes, nodes...)
	return v
}

// Node is one node; the functions of this package make them.
type Node map[string]any

// Value is a typed value; the functions of this package make them.
type Value map[string]any

// Link leads to a place of the platform by the name of its route ("network",
// "task", "view" …) and an id.
type Link struct {
	To string `json:"to"`
	ID string `json:"id,omitempty"`
}

func value(t string, v any) Value { return Value{"t": t, "v": v} }

// Text is plain words.
func Text(s string) Value { return value("text", s) }

// Int is a whole number.
func Int(n int) Value { return value("int", n) }

// Dec is a decimal number.
func Dec(f float64) Value { return value("dec", f) }

// Pct is per cent (57.1).
func Pct(f float64) Value { return value("pct", f) }

// Minutes is a duration, shown in teaching hours of 45 minutes.
func Minutes(n int) Value { return value("dur", n) }

// Date is a day as "2027-04-05".
func Date(day string) Value { return value("date", day) }

// DateTime is an instant in RFC 3339.
func DateTime(at string) Value { return value("datetime", at) }

// Bool is yes or no.
func Bool(b bool) Value { return value("bool", b) }

// Person is a person by id; the platform puts the name for those who may see it.
func Person(id string) Value { return value("person", id) }

// School is an institution by id.
func School(id string) Value { return value("school", id) }

// Enum is a code with its label.
func Enum(code, label string) Value { return Value{"t": "enum", "v": code, "l": label} }

// Cite is the value of a cell of an evaluation's frames: the platform puts the
// number there, or says why it is withheld. In texts of such a view the same is
// written {frame/cell}.
func Cite(frame, cell string) Value { return Value{"cell": frame + "/" + cell} }

// To makes the value a link.
func (v Value) To(l Link) Value {
	v["to"] = l
	return v
}

// Prose is text in a subset of Markdown: paragraphs, *em*, **strong**, lists,
// links [words](to:route/id).
func Prose(text string) Node { return Node{"type": "text", "text": text} }

// Section is a heading with nodes under it.
func Section(title string, nodes ...Node) Node {
	if nodes == nil {
		nodes = []Node{}
	}
	return Node{"type": "section", "title": title, "nodes": nodes}
}

// Fact is a label with a value.
type Fact struct {
	Label string `json:"label"`
	Value Value  `json:"value"`
}

// Facts is a list of labels with values.
func Facts(title string, items ...Fact) Node {
	return titled(Node{"type": "facts", "items": items}, title)
}

// Stat is one number that matters.
func Stat(label string, v Value) Node { return Node{"type": "stat", "label": label, "value": v} }

// Progress is a value on the way to a maximum; state is a few words or "".
func Progress(label string, value, maximum float64, state string) Node {
	n := Node{"type": "progress", "label": label, "value": value, "max": maximum}
	if state != "" {
		n["state"] = state
	}
	return n
}

// Step is one step of a way: state is todo, now, done, blocked or returned.
type Step struct {
	Label string `json:"label"`
	State string `json:"state"`
	Note  string `json:"note,omitempty"`
	To    *Link  `json:"to,omitempty"`
}

// Steps is an ordered way.
func Steps(title string, items ...Step) Node {
	return titled(Node{"type": "steps", "items": items}, title)
}

// Item is one thing of a list.
type Item struct {
	Value Value  `json:"value"`
	Note  string `json:"note,omitempty"`
	To    *Link  `json:"to,omitempty"`
}

// List is things; empty is said when there are none.
func List(title, empty string, items ...Item) Node {
	if items == nil {
		items = []Item{}
	}
	n := titled(Node{"type": "list", "items": items}, title)
	if empty != "" {
		n["empty"] = empty
	}
	return n
}

// Event is one entry of a timeline.
type Event struct {
	At    Value  `json:"at"`
	Label string `json:"label"`
	Text  string `json:"text,omitempty"`
	To    *Link  `json:"to,omitempty"`
}

// Timeline is what happened when.
func Timeline(title string, items ...Event) Node {
	if items == nil {
		items = []Event{}
	}
	return titled(Node{"type": "timeline", "items": items}, title)
}

// Column is a column of a table or frame; Type is a value type ("text", "int",
// "date", "person" …).
type Column struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Type  string `json:"type"`
	Unit  string `json:"unit,omitempty"`
	Align string `json:"align,omitempty"`
}

// Table has rows of cells in the order of its columns; empty is said when there are none.
func Table(id, title, empty string, columns []Column, rows [][]Value) Node {
	if rows == nil {
		rows = [][]Value{}
	}
	n := Node{"type": "table", "id": id, "title": title, "columns": columns, "rows": rows}
	if empty != "" {
		n["empty"] = empty
	}
	return n
}

// Chart is a bar, diverging, stacked, line, dot, hist or heat chart of a frame
// whose first column names the categories; alt says what it shows.
func Chart(id, kind, title, alt string, columns []Column, rows [][]Value) Node {
	return Node{"type": "chart", "id": id, "chart": kind, "title": title, "alt": alt,
		"frame": map[string]any{"columns": columns, "rows": rows}}
}

// Notice is a message: info, ok, warn or error.
func Notice(level, text string) Node { return Node{"type": "notice", "level": level, "text": text} }

// Form puts a form of the module on the page: the name of a command.
func Form(command, label string) Node {
	n := Node{"type": "form", "form": command}
	if label != "" {
		n["label"] = label
	}
	return n
}

// Action is a button that asks the module for the command ID.
type Action struct {
	ID      string `json:"id"`
	Label   string `json:"label"`
	Confirm string `json:"confirm,omitempty"`
	Danger  bool   `json:"danger,omitempty"`
}

// Actions is a row of buttons.
func Actions(items ...Action) Node { return Node{"type": "actions", "items": items} }

// Tab is one tab; the one without a link is shown.
type Tab struct {
	Label string `json:"label"`
	To    *Link  `json:"to,omitempty"`
}

// Tabs are links to sibling views.
func Tabs(label string, items ...Tab) Node {
	return Node{"type": "tabs", "label": label, "items": items}
}

func titled(n Node, title string) Node {
	if title != "" {
		n["title"] = title
	}
	return n
}
