package ui

import (
	"cmp"
	"strings"

	"github.com/a-h/templ"
)

// Tone colours a tag or a notice; the meaning is always in the text as well.
type Tone string

// The tones.
const (
	Neutral Tone = "neutral"
	Info    Tone = "info"
	Good    Tone = "ok"
	Warn    Tone = "warn"
	Bad     Tone = "error"
)

// Hidden is a hidden input.
type Hidden struct{ Name, Value string }

// Fact is one row of a summary list. Value is shown unless Body is set.
type Fact struct {
	Label, Value string
	Body         templ.Component
	// Change is the address where it is changed; ChangeWhat names it for people
	// who hear the link alone ("Zmień temat").
	Change, ChangeWhat string
}

// Card is one thing in a list of things, its title a link.
type Card struct {
	Title, Href string
	Tag         string // status in words, "" for none
	Tone        Tone
	Lead        string
	Facts       []Fact
	// Footer is extra content, for example a form with one button.
	Footer templ.Component
	// Level is the heading's level; default 2.
	Level int
}

// Column is a column of a table.
type Column struct {
	Label string
	// Number aligns to the end.
	Number bool
}

// Cell is text, or a component.
type Cell struct {
	Text, Href string
	Body       templ.Component
}

// Table is a table in a region that scrolls by itself on narrow screens.
type Table struct {
	// Caption names the table; required.
	Caption string
	// HideCaption keeps it for screen readers only, under a heading that says the same.
	HideCaption bool
	Columns     []Column
	Rows        [][]Cell
	// RowHeader is the column that names a row; -1 for none.
	RowHeader int
}

// Step is one of a process's steps.
type Step struct {
	Label, Href, Detail string
	// State is done, current, next or blocked.
	State StepState
}

// StepState is how far a step is.
type StepState string

// The states of a step.
const (
	StepDone    StepState = "done"
	StepCurrent StepState = "current"
	StepNext    StepState = "next"
	StepBlocked StepState = "blocked"
)

// TaskRow is one row of a task list: the whole row is one link.
type TaskRow struct {
	Title, Href, Hint string
	Status            string // at most three words; shown plain when Done
	Tone              Tone
	Done              bool
}

// Pages moves through a list by keyset: Next is the address of the next page
// ("" on the last), First that of the first ("" on the first page itself).
type Pages struct{ First, Next string }

// FormView is a page that is one form.
type FormView struct {
	// Title is the h1; Lead a sentence below it.
	Title, Lead string
	Action      string
	Problems    Problems
	// Submit names the act: "Załóż sieć", never "OK".
	Submit string
	Danger bool
	// Cancel leads back; empty Text hides it.
	Cancel Link
	// Upload sends files.
	Upload bool
	Hidden []Hidden
}

// ConfirmView asks before an act that cannot be taken back.
type ConfirmView struct {
	Title, Text    string
	Facts          []Fact
	Action, Submit string
	Danger         bool
	Cancel         Link
	Hidden         []Hidden
	Problems       Problems
}

// ConflictField is one field whose saved value changed while a person edited it.
type ConflictField struct {
	Name, Label  string
	Mine, Theirs string
	// Long edits in a textarea.
	Long bool
}

// ConflictView shows both texts; the form below starts with Mine and carries
// the newer version in Hidden.
type ConflictView struct {
	// Who and when of the other change, in words; may be empty.
	Note   string
	Fields []ConflictField
	Action string
	Hidden []Hidden
	Cancel Link
}

// InputKind is the kind of a control.
type InputKind string

// The kinds of control.
const (
	Text       InputKind = "text"
	Email      InputKind = "email"
	Password   InputKind = "password"
	Tel        InputKind = "tel"
	Number     InputKind = "number" // digits on a phone's keyboard; never a spinner
	Search     InputKind = "search"
	Textarea   InputKind = "textarea"
	Select     InputKind = "select"
	Checkbox   InputKind = "checkbox"   // one box: Label stands beside it, Value is sent when ticked
	Checkboxes InputKind = "checkboxes" // several of Options
	Radios     InputKind = "radios"     // one of Options
	File       InputKind = "file"
	Date       InputKind = "date"
	Time       InputKind = "time"
)

// Option is a choice.
type Option struct{ Value, Text, Hint string }

// Input is one control with its label, hint and error.
type Input struct {
	Kind              InputKind // default Text
	Name, Label, Hint string
	// Value is what stands in it (for Checkbox: what is sent; see Checked).
	Value string
	// Values are the ticked Options of Checkboxes.
	Values  []string
	Checked bool
	Options []Option
	// Optional adds "(nieobowiązkowe)" to the label: fields are required unless they say so.
	Optional bool
	// Max is the number of characters allowed; 0 for no limit in the control.
	Max int
	// Rows of a Textarea; default 5.
	Rows int
	// Size is short, medium or "" for the full width of the column.
	Size                            string
	Autocomplete, InputMode, Accept string
	// Empty is the first option of a Select, with no value; "" for none.
	Empty string
}

func (in *Input) id() string { return FieldID(in.Name) }

// describedBy joins the ids of hint and error.
func (in *Input) describedBy(problem string) string {
	var ids []string
	if in.Hint != "" {
		ids = append(ids, in.id()+"-hint")
	}
	if problem != "" {
		ids = append(ids, in.id()+"-error")
	}
	return strings.Join(ids, " ")
}

func (in *Input) kind() InputKind {
	if in.Kind == "" {
		return Text
	}
	return in.Kind
}

// optionID gives the first option the field's own id, so that the error
// summary leads to it.
func (in *Input) optionID(i int) string {
	if i == 0 {
		return in.id()
	}
	return in.id() + "-" + string(rune('a'+i%26)) + strings.Repeat("x", i/26)
}

func (in *Input) chosen(v string) bool {
	if in.Kind == Checkboxes {
		for _, have := range in.Values {
			if have == v {
				return true
			}
		}
		return false
	}
	return in.Value == v
}

// attr is an attribute of a control.
type attr struct{ name, value string }

// attrs are the attributes of a control, in the order of their names.
func (in *Input) attrs(problem string) []attr {
	list := make([]attr, 0, 12)
	add := func(name, value string) {
		if value != "" {
			list = append(list, attr{name, value})
		}
	}
	kind, typ, mode, spell, capitals := in.kind(), "", in.InputMode, "", ""
	switch kind {
	case Textarea, Select:
		mode = ""
	case Number:
		typ, mode = "text", cmp.Or(mode, "numeric")
	case Password, Email:
		typ, spell, capitals = string(kind), "false", "none"
	default:
		typ = string(kind)
	}
	if kind == File {
		add("accept", in.Accept)
		mode = ""
	}
	add("aria-describedby", in.describedBy(problem))
	if problem != "" {
		add("aria-invalid", "true")
	}
	add("autocapitalize", capitals)
	add("autocomplete", in.Autocomplete)
	if in.Size != "" {
		add("class", "size-"+in.Size)
	}
	add("id", in.id())
	if kind != Password {
		add("inputmode", mode)
	}
	add("name", in.Name)
	add("spellcheck", spell)
	add("type", typ)
	switch kind {
	case Textarea, Select, File, Password: // a password is never sent back
	default:
		list = append(list, attr{"value", in.Value})
	}
	return list
}
