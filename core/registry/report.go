package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// Report is what an import found and did, in rows of the file.
type Report struct {
	// ID, Register ("terc" or "rspo") and At are set once the import is written.
	ID       uuid.UUID `json:"id"`
	Register string    `json:"register"`
	At       time.Time `json:"at"`
	// Read is the number of rows. Each is one of New, Changed, Closed, Same and
	// Rejected.
	Read     int `json:"read"`
	New      int `json:"new"`
	Changed  int `json:"changed"`
	Same     int `json:"same"`
	Rejected int `json:"rejected"`
	// Closed are institutions that the file closes and the register does not, or
	// that come new and closed, and units that a newer file no longer names: they
	// are kept with their date. What closes because it is missing has no row.
	Closed int `json:"closed"`
	// Missing are things that we hold, open or closed, and the file does not
	// name; they stay as they are.
	Missing int `json:"missing"`
	// Kinds counts the accepted rows by kind.
	Kinds map[string]int `json:"kinds"`
	// Errors say why rows were rejected, Warnings what was let through; at most
	// 100 of each, in the order of the file.
	Errors   []RowNote     `json:"errors"`
	Warnings []RowNote     `json:"warnings"`
	Took     time.Duration `json:"took_ns"`

	// rejected and warned are all the remarks.
	rejected, warned []RowNote
}

// Changes is how much the import changes in the register.
func (r *Report) Changes() int { return r.New + r.Changed + r.Closed }

// RowNote is a remark about one row.
type RowNote struct {
	Line   int        `json:"line"`             // as a text editor counts, the header being line 1
	Column string     `json:"column,omitempty"` // the heading in the file
	Key    string     `json:"key"`              // stable name of the rule, for programs; a catalogue key
	Args   fault.Args `json:"args,omitempty"`
	// Path is "lines[12].regon", for programs.
	Path string `json:"path"`
	// Text is filled by [Report.Localize].
	Text string `json:"text,omitempty"`

	no int // among the remarks of its import
}

// Message is the remark in the language of ctx, without line and column.
func (n *RowNote) Message(ctx context.Context) string {
	if n.Text != "" {
		return n.Text
	}
	return i18n.T(ctx, n.Key, pairs(n.Args)...)
}

// Localize writes every remark out in the language of ctx.
func (r *Report) Localize(ctx context.Context) {
	for i := range r.Errors {
		r.Errors[i].Text = r.Errors[i].Message(ctx)
	}
	for i := range r.Warnings {
		r.Warnings[i].Text = r.Warnings[i].Message(ctx)
	}
}

// maxNotes bounds what a person reads and what travels.
const maxNotes = 100

func (r *Report) reject(t *table, line int, column, key string, args ...any) {
	r.Rejected++
	n := note(t, line, column, key, args)
	r.rejected = append(r.rejected, n)
	if len(r.Errors) < maxNotes {
		r.Errors = append(r.Errors, n)
	}
}

func (r *Report) warn(t *table, line int, column, key string, args ...any) {
	n := note(t, line, column, key, args)
	r.warned = append(r.warned, n)
	if len(r.Warnings) < maxNotes {
		r.Warnings = append(r.Warnings, n)
	}
}

func note(t *table, line int, column, key string, args []any) RowNote {
	m := fault.Args{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	n := RowNote{Line: line, Key: "registry." + key, Args: m, Path: fmt.Sprintf("lines[%d]", line)}
	if column != "" {
		n.Column = t.heading(column)
		n.Path += "." + column
	}
	return n
}

// refused is the error of a file with rejected rows.
func (r *Report) refused() error {
	f := make([]fault.Field, len(r.Errors))
	for i, e := range r.Errors {
		f[i] = fault.Field{Path: e.Path, Key: e.Key, Args: e.Args}
	}
	return &fault.Error{Kind: fault.Invalid, Key: "registry.import_refused", Args: fault.Args{"N": r.Rejected}, Fields: f}
}

func pairs(m fault.Args) []any {
	out := make([]any, 0, 2*len(m))
	for k, v := range m {
		out = append(out, k, v)
	}
	return out
}
