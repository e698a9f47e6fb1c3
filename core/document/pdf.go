package document

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Sizes on an A4 page, in millimetres; letters in points.
const (
	marginSide, marginTop, marginFoot = 22.0, 20.0, 22.0
	pageWidth, pageHeight             = 210.0, 297.0
	textWidth                         = pageWidth - 2*marginSide
	cellPad                           = 1.6
	pointMM                           = 0.352778
)

// letter is a size of letters with its line, in points and millimetres.
type letter struct {
	bold bool
	size float64
}

func (l letter) line() float64 { return l.size * pointMM * 1.4 }

var (
	plain  = letter{false, 11}
	strong = letter{true, 11}
	small  = letter{false, 9}
	cell   = letter{false, 10}
	head   = letter{true, 10}
	// Letters of tables so wide that words would be cut with larger ones.
	denseCell = letter{false, 8}
	denseHead = letter{true, 8}
	titles    = map[int]letter{1: {true, 20}, 2: {true, 15}, 3: {true, 12.5}, 4: {true, 11}}
)

// sheet draws a document and remembers its structure. Text is laid out line by
// line, so that no marked piece ever crosses a page.
type sheet struct {
	p    *fpdf.Fpdf
	next map[int]int // the next marked-content id of each page
	doc  *Document
	// cell and head are the letters of the table being drawn.
	cell, head letter
}

// WritePDF writes d as a tagged PDF (PDF/UA-1: headings, paragraphs, lists,
// tables with header cells, language, title; the fonts are inside). made is
// the date that the file bears.
func WritePDF(w io.Writer, d *Document, made time.Time) error {
	s := &sheet{p: fpdf.New("P", "mm", "A4", ""), next: map[int]int{}, doc: d, cell: cell, head: head}
	s.p.SetLang(d.Lang)
	s.p.SetTitle(d.Title, true)
	s.p.SetCreator("Sieci", true)
	s.p.SetCreationDate(made.UTC())
	s.p.SetModificationDate(made.UTC())
	s.p.AddUTF8FontFromBytes("go", "", goregular.TTF)
	s.p.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	s.p.SetMargins(marginSide, marginTop, marginSide)
	s.p.SetAutoPageBreak(false, marginFoot)
	s.p.SetDrawColor(120, 120, 120)
	s.p.SetLineWidth(0.2)
	s.page()
	root := &element{tag: "Document"}
	s.heading(root, 1, d.Title)
	if d.Lead != "" {
		s.text(root.add("P"), small, marginSide, textWidth, d.Lead)
		s.space(2)
	}
	for _, b := range d.Blocks {
		s.block(root, b)
	}
	var raw bytes.Buffer
	if err := s.p.Output(&raw); err != nil {
		return fmt.Errorf("document: draw pdf: %w", err)
	}
	if err := tag(w, raw.Bytes(), root, d); err != nil {
		return fmt.Errorf("document: tag pdf: %w", err)
	}
	return nil
}

// page begins a new page; its foot is decoration for those who listen.
func (s *sheet) page() {
	s.p.AddPage()
	s.artifact(func() {
		s.font(small)
		s.p.SetXY(marginSide, pageHeight-marginFoot+6)
		foot := s.doc.Footer
		if foot != "" {
			foot += "  ·  "
		}
		s.p.CellFormat(textWidth, 5, foot+strconv.Itoa(s.p.PageNo()), "", 0, "R", false, 0, "")
	})
	s.p.SetXY(marginSide, marginTop)
}

// room starts a new page unless h millimetres are left.
func (s *sheet) room(h float64) bool {
	if s.p.GetY()+h <= pageHeight-marginFoot {
		return false
	}
	s.page()
	return true
}

func (s *sheet) space(h float64) { s.p.SetY(s.p.GetY() + h) }

func (s *sheet) font(l letter) {
	style := ""
	if l.bold {
		style = "B"
	}
	s.p.SetFont("go", style, l.size)
}

// mark draws a piece that belongs to e.
func (s *sheet) mark(e *element, draw func()) {
	page := s.p.PageNo()
	id := s.next[page]
	s.next[page]++
	s.p.RawWriteStr(fmt.Sprintf("/%s <</MCID %d>> BDC\n", e.tag, id))
	draw()
	s.p.RawWriteStr("EMC\n")
	e.kids = append(e.kids, kid{page: page, id: id})
}

// artifact draws what carries no meaning.
func (s *sheet) artifact(draw func()) {
	s.p.RawWriteStr("/Artifact BMC\n")
	draw()
	s.p.RawWriteStr("EMC\n")
}

// lines breaks text to a width; line breaks stay, an overlong word is cut.
func (s *sheet) lines(l letter, width float64, text string) []string {
	s.font(l)
	var out []string
	for _, para := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if strings.TrimSpace(para) == "" {
			out = append(out, "")
			continue
		}
		out = append(out, s.p.SplitText(strings.TrimSpace(para), width)...)
	}
	return out
}

// text puts wrapped text at x, over as many pages as it needs.
func (s *sheet) text(e *element, l letter, x, width float64, text string) {
	for _, line := range s.lines(l, width-2*s.p.GetCellMargin(), text) {
		s.room(l.line())
		s.font(l)
		y := s.p.GetY()
		if line != "" {
			s.p.SetXY(x, y)
			s.mark(e, func() { s.p.CellFormat(width, l.line(), line, "", 0, "L", false, 0, "") })
		}
		s.p.SetXY(marginSide, y+l.line())
	}
}

func (s *sheet) heading(in *element, level int, text string) {
	l := titles[level]
	if level > 1 {
		s.space(3)
	}
	below := 3 * plain.line()
	if level == 2 {
		below = 7 * plain.line() // a heading of the next level may follow
	}
	s.room(l.line() + below) // no heading alone at a page's end
	s.p.Bookmark(text, level-1, -1)
	s.text(in.add("H"+strconv.Itoa(level)), l, marginSide, textWidth, text)
	s.space(1.5)
}

func (s *sheet) block(root *element, b Block) {
	switch b := b.(type) {
	case Heading:
		s.heading(root, min(max(b.Level, 2), 4), b.Text)
	case Paragraph:
		s.text(root.add("P"), plain, marginSide, textWidth, b.Text)
		s.space(2)
	case List:
		s.list(root, b)
	case Facts:
		s.facts(root, b)
	case Table:
		s.table(root, b)
	case Signature:
		s.signature(root, b)
	}
}

func (s *sheet) list(root *element, b List) {
	list := root.add("L")
	for i, item := range b.Items {
		mark := "•"
		if b.Numbered {
			mark = strconv.Itoa(i+1) + "."
		}
		s.room(plain.line())
		s.font(plain)
		li := list.add("LI")
		y := s.p.GetY()
		s.mark(li.add("Lbl"), func() { s.p.CellFormat(8, plain.line(), mark, "", 0, "L", false, 0, "") })
		s.p.SetXY(marginSide, y)
		s.text(li.add("LBody"), plain, marginSide+8, textWidth-8, item)
	}
	s.space(2)
}

func (s *sheet) facts(root *element, b Facts) {
	t := root.add("Table")
	for _, f := range b.Rows {
		s.row(t, []float64{textWidth * 0.36, textWidth * 0.64}, []string{f.Label, f.Value}, nil, rowHead)
	}
	s.space(3)
}

// What a row's cells are.
const (
	rowPlain  = iota // the first cell names the row
	rowHeader        // all cells name columns
	rowHead          // like rowPlain, the first cell in bold
)

func (s *sheet) table(root *element, b Table) {
	if len(b.Rows) == 0 {
		s.text(root.add("P"), plain, marginSide, textWidth, b.Caption+": "+b.Empty)
		s.space(2)
		return
	}
	names, numbers := make([]string, len(b.Columns)), make([]bool, len(b.Columns))
	for i, c := range b.Columns {
		names[i], numbers[i] = c.Title, c.Number
	}
	widths, fits := s.widths(b)
	if !fits {
		s.cell, s.head = denseCell, denseHead
		defer func() { s.cell, s.head = cell, head }()
		widths, _ = s.widths(b)
	}
	_, _, top := s.cells(widths, names, rowHeader)
	_, _, first := s.cells(widths, b.Rows[0], rowPlain)
	t := root.add("Table")
	s.room(strong.line() + 1 + top + min(first, 10*cell.line())) // no header without a row below it
	s.text(t.add("Caption"), strong, marginSide, textWidth, b.Caption)
	s.space(1)
	s.row(t, widths, names, numbers, rowHeader)
	for _, r := range b.Rows {
		if s.row(t, widths, r, numbers, rowPlain) {
			continue
		}
		// The header again on the new page, for the eye only: the structure has it once.
		s.page()
		s.artifact(func() { s.row(&element{}, widths, names, numbers, -rowHeader) })
		s.row(t, widths, r, numbers, rowPlain)
	}
	s.space(3)
}

// widths shares the page between the columns of a table: each has room for its
// longest word, so that none is cut that fits, and the rest goes by the shares.
// It is false when words must be cut.
func (s *sheet) widths(b Table) ([]float64, bool) {
	least, out, settled := make([]float64, len(b.Columns)), make([]float64, len(b.Columns)), make([]bool, len(b.Columns))
	measure := func(i int, l letter, text string) {
		s.font(l)
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' }) {
			// Half a millimetre for the rounding of the breaking of lines.
			least[i] = max(least[i], min(s.p.GetStringWidth(word)+2*cellPad+4*s.p.GetCellMargin()+0.5, textWidth/2))
		}
	}
	needed := 0.0
	for i, c := range b.Columns {
		measure(i, s.head, c.Title)
		for _, r := range b.Rows {
			if i < len(r) {
				measure(i, s.cell, r[i])
			}
		}
		needed += least[i]
	}
	if needed >= textWidth {
		for i := range out {
			out[i] = least[i] * textWidth / needed
		}
		return out, false
	}
	for again := true; again; {
		again = false
		left, shares := textWidth, 0
		for i, c := range b.Columns {
			if settled[i] {
				left -= least[i]
			} else {
				shares += max(c.Share, 1)
			}
		}
		for i, c := range b.Columns {
			if settled[i] {
				out[i] = least[i]
			} else if out[i] = left * float64(max(c.Share, 1)) / float64(shares); out[i] < least[i] {
				settled[i], again = true, true
			}
		}
	}
	return out, true
}

// cells are the broken lines of a row with their letters, and how high it is.
func (s *sheet) cells(widths []float64, texts []string, kind int) (letters []letter, cells [][]string, height float64) {
	letters, cells = make([]letter, len(widths)), make([][]string, len(widths))
	for i, w := range widths {
		letters[i] = s.cell
		if kind == rowHeader || kind == rowHead && i == 0 {
			letters[i] = s.head
		}
		text := ""
		if i < len(texts) {
			text = texts[i]
		}
		cells[i] = s.lines(letters[i], w-2*cellPad-2*s.p.GetCellMargin(), text)
		height = max(height, float64(len(cells[i]))*letters[i].line()+2*cellPad)
	}
	return letters, cells, height
}

// row draws one row of cells; false, and nothing drawn, when it does not fit
// below a row that does. A row higher than a page is cut at its foot.
func (s *sheet) row(t *element, widths []float64, texts []string, numbers []bool, kind int) bool {
	silent := kind < 0 // inside an artifact nothing may be marked
	kind = max(kind, -kind)
	letters, cells, height := s.cells(widths, texts, kind)
	most := pageHeight - marginFoot - marginTop - 2*cell.line()
	height = min(height, most)
	if s.p.GetY()+height > pageHeight-marginFoot {
		if kind == rowPlain {
			return false
		}
		s.page()
	}
	x, y := marginSide, s.p.GetY()
	tr := t.add("TR")
	for i, w := range widths {
		border := func() { s.p.Rect(x, y, w, height, "D") }
		if silent {
			border()
		} else {
			s.artifact(border)
		}
		td := tr.add("TD")
		if kind == rowHeader {
			td.tag, td.scope = "TH", "Column"
		} else if i == 0 {
			td.tag, td.scope = "TH", "Row"
		}
		align := "L"
		if i < len(numbers) && numbers[i] {
			align = "R"
		}
		for n, line := range cells[i] {
			at := y + cellPad + float64(n)*letters[i].line()
			if line == "" || at+letters[i].line() > y+height {
				continue
			}
			s.font(letters[i])
			s.p.SetXY(x+cellPad, at)
			draw := func() { s.p.CellFormat(w-2*cellPad, letters[i].line(), line, "", 0, align, false, 0, "") }
			if silent {
				draw()
			} else {
				s.mark(td, draw)
			}
		}
		x += w
	}
	s.p.SetXY(marginSide, y+height)
	return true
}

func (s *sheet) signature(root *element, b Signature) {
	s.room(26)
	s.space(16)
	y := s.p.GetY()
	s.artifact(func() { s.p.Line(marginSide, y, marginSide+75, y) })
	s.text(root.add("P"), small, marginSide, 90, b.Under)
	s.space(2)
}
