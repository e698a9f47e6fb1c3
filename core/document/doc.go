// Package document turns what is to be printed or handed in (the report of a
// network, an attendance note) into files that people can read whatever they
// use: ODT for those who edit, tagged PDF for those who print or listen. The
// same [Document] is shown as a page by core/web/ui, so that all three say the
// same. Owns no table and knows nothing of what documents are about.
package document

// Document is text with a structure. Texts are plain, in the language Lang.
type Document struct {
	// Title is the first heading and the title of the file.
	Title string
	// Lead stands under the title, smaller; may be empty.
	Lead string
	// Lang is "pl" or "en".
	Lang string
	// Footer stands at the foot of each page before the page's number.
	Footer string
	Blocks []Block
}

// Block is a piece of a document: [Heading], [Paragraph], [List], [Facts],
// [Table] or [Signature].
type Block interface{ block() }

// Heading of a part; Level is 2, 3 or 4 (the title is 1).
type Heading struct {
	Level int
	Text  string
}

// Paragraph of text; line breaks stay.
type Paragraph struct{ Text string }

// List of items, numbered or with dots.
type List struct {
	Numbered bool
	Items    []string
}

// Facts are labels with values.
type Facts struct{ Rows []Fact }

// Fact is a label with its value.
type Fact struct{ Label, Value string }

// Table has a header row, which is repeated on each page; the first cell of a
// row names it. Numbers says which columns align to the right.
type Table struct {
	// Caption says what the table shows; required, people who listen hear it first.
	Caption string
	Columns []Column
	Rows    [][]string
	// Empty is said instead of a table without rows.
	Empty string
}

// Column of a table.
type Column struct {
	Title  string
	Number bool
	// Share of the width; 0 counts as 1.
	Share int
}

// Signature is a line to sign on, with what is written under it.
type Signature struct{ Under string }

func (Heading) block()   {}
func (Paragraph) block() {}
func (List) block()      {}
func (Facts) block()     {}
func (Table) block()     {}
func (Signature) block() {}

// Media types of the files.
const (
	PDFType = "application/pdf"
	ODTType = "application/vnd.oasis.opendocument.text"
)
