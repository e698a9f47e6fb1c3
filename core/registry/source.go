package registry

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/sheet"
)

// Ceilings of an imported file. The whole register of schools is about 30 MiB.
const (
	MaxFile  = 64 << 20 // bytes
	maxLines = 200_000
	maxName  = 400 // characters, as the table checks
	maxField = 200
)

// record is one line of a file: its cells and the number of the line, as a
// text editor counts.
type record struct {
	line  int
	cells []string
}

// table is a file that was read and whose columns were recognised.
type table struct {
	layout
	// changes is true for a file of changes of units, instead of all units.
	changes bool
	records []record
}

// readAll reads a file up to the ceiling.
func readAll(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > MaxFile {
		return nil, fault.New(fault.TooLarge, "registry.file_large", "Max", MaxFile>>20)
	}
	return raw, nil
}

// readTable reads a whole CSV: separated by semicolons, commas or tabs, in
// UTF-8 or UTF-16 with or without a mark, or in Windows-1250, as Polish offices
// publish.
func readTable(raw []byte, kind string) (*table, error) {
	text, err := decode(raw)
	if err != nil {
		return nil, err
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comma = sheet.Separator(text)
	c.FieldsPerRecord = -1
	c.LazyQuotes = true // the register writes ="0012" and stray quotes in names
	c.ReuseRecord = false
	header, err := c.Read()
	if err != nil {
		return nil, fileFault("registry.file_empty")
	}
	t := &table{}
	if kind == TERC && slices.ContainsFunc(header, func(h string) bool { return heading(h) == "typkorekty" }) {
		kind, t.changes = "terc_changes", true
	}
	if t.layout, err = findLayout(kind, header); err != nil {
		return nil, err
	}
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "registry.file_broken")
		}
		line, _ := c.FieldPos(0)
		if len(t.records) == maxLines {
			return nil, fault.New(fault.TooLarge, "registry.file_long", "Max", maxLines)
		}
		if !sheet.Blank(cells) {
			t.records = append(t.records, record{line, cells})
		}
	}
}

func fileFault(key string) error { return fault.InvalidFields(fault.Field{Path: "file", Key: key}) }

// decode tells what is wrong with a file in this room's words.
func decode(raw []byte) (string, error) {
	text, err := sheet.Decode(raw)
	switch {
	case errors.Is(err, sheet.ErrEmpty):
		return "", fileFault("registry.file_empty")
	case err != nil:
		return "", fileFault("registry.file_not_csv")
	}
	return text, nil
}

// raw is the text of a column as the file has it; "" when the file lacks it.
func (t *table) raw(r record, column string) string {
	i, ok := t.at[column]
	if !ok || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// list is a column that holds several things: one a line, or apart by
// semicolons or bars, which part nothing inside a quoted name (Fundacja „Dom;
// Szkoła”). Empty ones stay, so that columns keep step.
func (t *table) list(r record, column string) []string {
	text := t.raw(r, column)
	if clean(text) == "" {
		return nil
	}
	out := parts(text)
	for i := range out {
		out[i] = clean(out[i])
	}
	return out
}

// parts splits a list; a quotation mark that nothing closes before the next line
// is one more character.
func parts(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		start := 0
		for i := 0; i < len(line); {
			r, size := utf8.DecodeRuneInString(line[i:])
			if ends := closing[r]; ends != "" {
				if n := strings.IndexAny(line[i+size:], ends); n >= 0 {
					_, last := utf8.DecodeRuneInString(line[i+size+n:])
					i += size + n + last
					continue
				}
			}
			if r == ';' || r == '|' {
				out, start = append(out, line[start:i]), i+size
			}
			i += size
		}
		out = append(out, line[start:])
	}
	return out
}

// closing are the marks that end a quotation, by the one that begins it.
var closing = map[rune]string{'„': "”“\"", '“': "”", '«': "»", '"': "\""}

// cell is the cleaned text of a column; "" when the file lacks it.
func (t *table) cell(r record, column string) string {
	s := clean(t.raw(r, column))
	// A formula that keeps leading zeros in spreadsheets: ="0201".
	if strings.HasPrefix(s, `="`) && strings.HasSuffix(s, `"`) && len(s) >= 3 {
		s = strings.TrimSpace(s[2 : len(s)-1])
	}
	return s
}

// heading is the column's name as this file has it, for messages.
func (t *table) heading(column string) string {
	if i, ok := t.at[column]; ok {
		return clean(t.title[i])
	}
	for _, columns := range columnTables {
		if c, ok := columns[column]; ok {
			return c.Names[0]
		}
	}
	return column
}

func clean(s string) string { return sheet.Clean(s) }

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

var addressShape = regexp.MustCompile(`^[^\s@<>"]{1,64}@[^\s@<>"]+\.[^\s@<>".]{2,}$`)

// address reports whether s looks like one e-mail address.
func address(s string) bool { return len(s) <= 254 && addressShape.MatchString(s) }
