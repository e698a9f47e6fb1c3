package evaluation

import (
	"context"
	"encoding/json"

	"ore.edu.pl/sieci/core/effect"
)

// Tools finds evaluation tools; core/plugin implements it. Safe for concurrent use.
type Tools interface {
	// Tool returns the tool of the qualified type ("ore.survey:survey"), also
	// while its module is down or disabled; calls are then fault.Unavailable.
	// One that no installed module has is fault.ErrNotFound.
	Tool(typ string) (Tool, error)
	// Tools lists those of enabled modules, in a stable order.
	Tools() []Tool
}

// ToolInfo is what is known of a tool without asking it.
type ToolInfo struct {
	// Type is qualified.
	Type     string
	Title    effect.Text
	Function effect.Text
	// Passes is how often the tool wants to see the answers, 1 to 4.
	Passes int
	// Answers is true for a tool that wants pages of answers; Granted when its
	// module may have them.
	Answers, Granted bool
	Enabled          bool
}

// Tool counts answers. Calls end with the context's deadline or after 5 seconds
// and return fault.Unavailable while the module is down; they never run inside
// a transaction.
type Tool interface {
	Info() ToolInfo
	// Instruments are the ready sets of questions.
	Instruments(ctx context.Context, lang string) ([]Instrument, error)
	// Check says whether a design is sound and which columns scoring wants.
	Check(ctx context.Context, lang string, design json.RawMessage) (*Checked, error)
	// Score makes an opaque partial of a page.
	Score(ctx context.Context, a *ScoreAsk) ([]byte, error)
	// Combine puts partials together.
	Combine(ctx context.Context, a *CombineAsk) (*Combined, error)
}

// Instrument is a ready set of questions: a form document, unchecked.
type Instrument struct {
	Name  string
	Title effect.Text
	Form  json.RawMessage
}

// Checked is the answer of [Tool.Check].
type Checked struct {
	Diagnostics []effect.Diagnostic
	Columns     []string
}

// ScoreAsk is one page to be scored.
type ScoreAsk struct {
	Pass    int
	Design  json.RawMessage
	Earlier []byte
	Page    *Page
}

// Page is up to [PageRows] answers by column; rows belong together and have no name.
type Page struct {
	Rows    int
	Columns []PageColumn
}

// PageColumn is all answers of a page to one item: Codes with a Dictionary, or
// Numbers. A negative code or NaN says why there is no answer.
type PageColumn struct {
	Path       string
	Codes      []int32
	Dictionary []string
	Numbers    []float64
}

// Codes of answers that are none.
const (
	CodeNotApplicable int32 = -1
	CodeRefused       int32 = -2
	CodeSkipped       int32 = -3
	CodeNotShown      int32 = -4
)

// CombineAsk is partials to be put together.
type CombineAsk struct {
	Pass     int
	Design   json.RawMessage
	Partials [][]byte
	Final    bool
	Lang     string
}

// Combined is a partial, or in the end frames and a view, unchecked.
type Combined struct {
	Partial []byte
	Frames  []Frame
	View    json.RawMessage
}

// Units of cells.
const (
	UnitCount   = "count"
	UnitPercent = "percent"
	UnitPoints  = "points"
)

// Frame is a table of cells.
type Frame struct {
	Name       string      `json:"name"`
	Title      effect.Text `json:"title"`
	Dimensions []string    `json:"dimensions"`
	Cells      []Cell      `json:"cells"`
}

// Cell is one number and the answers it rests on. Withheld cells have neither.
type Cell struct {
	Name  string   `json:"name"`
	At    []string `json:"at"`
	N     int      `json:"n"`
	Value float64  `json:"value"`
	Unit  string   `json:"unit,omitempty"`
	// Withheld says why there is no number; see [Disclose].
	Withheld Reason `json:"withheld,omitempty"`
}
