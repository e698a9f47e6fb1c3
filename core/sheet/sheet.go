// Package sheet reads the tables that people hand in: CSV in the encodings of
// Polish offices (UTF-8, UTF-16, Windows-1250) and the first sheet of an XLSX
// file, within ceilings that a hostile file cannot pass. What a heading means is
// the caller's matter, and so is the sentence for what is wrong.
package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	wide "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// What is wrong with a file as a whole. A [Broken] names the line.
var (
	ErrEncoding = errors.New("sheet: neither text nor a sheet that can be read")
	ErrEmpty    = errors.New("sheet: empty")
	ErrLong     = errors.New("sheet: too many rows")
	// ErrUnpacked is a sheet that would unpack to more than [MaxUnpacked].
	ErrUnpacked = errors.New("sheet: unpacks to too much")
)

// Broken is a CSV file whose quotation marks do not pair.
type Broken struct{ Line int }

// Error implements error.
func (b *Broken) Error() string { return fmt.Sprintf("sheet: broken at line %d", b.Line) }

const (
	// MaxUnpacked is how much a packed sheet may unpack to, in bytes: 20,000
	// people are 6 MiB; more costs memory many times over.
	MaxUnpacked = 32 << 20
	// maxColumns bounds what is kept of a row; a sheet may claim 16,384.
	maxColumns = 64
	// maxCell bounds a cell, in bytes; longer ones are cut, and no field of ours
	// takes as much.
	maxCell = 4 << 10
	// maxParts bounds the files in a packed sheet; an office's has some dozens.
	maxParts = 1000
)

// Row is one row with anything in it.
type Row struct {
	// Line is the line of the text, or the row of the sheet, as people count: from 1.
	Line  int
	Cells []string
}

// Read reads the rows of a file that have anything in them, the heading first,
// at most rows of them after it. The errors are those above, or ctx's. Quotation
// marks must pair.
func Read(ctx context.Context, raw []byte, rows int) ([]Row, error) {
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		return readXLSX(ctx, raw, rows)
	}
	text, err := Decode(raw)
	if err != nil {
		return nil, err
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.FieldsPerRecord, c.TrimLeadingSpace = Separator(text), -1, true
	var out []Row
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var p *csv.ParseError
		if errors.As(err, &p) {
			return nil, &Broken{p.StartLine}
		}
		if err != nil {
			return nil, err
		}
		line, _ := c.FieldPos(0)
		if out, err = add(out, line, cells, rows); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, ErrEmpty
	}
	return out, nil
}

// add appends a row that has anything in it.
func add(out []Row, line int, cells []string, rows int) ([]Row, error) {
	if Blank(cells) {
		return out, nil
	}
	if len(out) > rows {
		return nil, ErrLong
	}
	cells = cells[:min(len(cells), maxColumns)]
	for i, s := range cells {
		if len(s) > maxCell {
			cells[i] = strings.ToValidUTF8(s[:maxCell], "")
		}
	}
	return append(out, Row{line, cells}), nil
}

// readXLSX reads the first sheet. The library unpacks into memory, so the sum
// that the file declares is bounded; archive/zip holds the parts to it. A file
// with a password is no zip file and does not come here.
func readXLSX(ctx context.Context, raw []byte, rows int) ([]Row, error) {
	if err := checkPacked(raw); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{RawCellValue: true, UnzipSizeLimit: MaxUnpacked, UnzipXMLSizeLimit: MaxUnpacked})
	if err != nil {
		return nil, ErrEncoding
	}
	defer f.Close()
	names := f.GetSheetList()
	if len(names) == 0 {
		return nil, ErrEmpty
	}
	it, err := f.Rows(names[0])
	if err != nil {
		return nil, ErrEncoding
	}
	defer it.Close()
	var out []Row
	for line := 1; it.Next(); line++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if line > 10*(rows+1) { // a row may claim any number, and the ones before it count
			return nil, ErrLong
		}
		cells, err := it.Columns()
		if err != nil {
			return nil, ErrEncoding
		}
		if out, err = add(out, line, cells, rows); err != nil {
			return nil, err
		}
	}
	if it.Error() != nil {
		return nil, ErrEncoding
	}
	if len(out) == 0 {
		return nil, ErrEmpty
	}
	return out, nil
}

// checkPacked refuses what would unpack to too much.
func checkPacked(raw []byte) error {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return ErrEncoding
	}
	if len(z.File) > maxParts {
		return ErrUnpacked
	}
	left := uint64(MaxUnpacked)
	for _, f := range z.File {
		if f.UncompressedSize64 > left {
			return ErrUnpacked
		}
		left -= f.UncompressedSize64
	}
	return nil
}

// Decode is the text of a file in UTF-8 or UTF-16, with or without a mark, or in
// Windows-1250, in which Polish spreadsheets save.
func Decode(raw []byte) (string, error) {
	if e := utf16Of(raw); e != nil {
		out, err := e.NewDecoder().Bytes(raw)
		if err != nil {
			return "", ErrEncoding
		}
		raw = out
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) || bytes.IndexByte(raw, 0) >= 0 {
		return "", ErrEncoding
	}
	if !utf8.Valid(raw) {
		out, err := charmap.Windows1250.NewDecoder().Bytes(raw)
		if err != nil {
			return "", ErrEncoding
		}
		raw = out
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return "", ErrEmpty
	}
	return string(raw), nil
}

// utf16Of is the encoding of a file in UTF-16, nil for another: told by its
// mark or, without one, by the header, whose letters are mostly ASCII and so
// have a zero for every second byte.
func utf16Of(raw []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return wide.UTF16(wide.LittleEndian, wide.UseBOM)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return wide.UTF16(wide.BigEndian, wide.UseBOM)
	}
	head := raw[:min(len(raw), 200)&^1]
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i&1]++
		}
	}
	switch {
	case zeros[0] == 0 && zeros[1] > len(head)/4:
		return wide.UTF16(wide.LittleEndian, wide.IgnoreBOM)
	case zeros[1] == 0 && zeros[0] > len(head)/4:
		return wide.UTF16(wide.BigEndian, wide.IgnoreBOM)
	}
	return nil
}

// Separator is the one that the header uses most.
func Separator(text string) rune {
	header, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	best, most := ';', 0
	for _, s := range []rune{';', ',', '\t'} {
		if n := strings.Count(header, string(s)); n > most {
			best, most = s, n
		}
	}
	return best
}

// Blank reports whether nothing is in the cells.
func Blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// Clean composes letters, turns white space into single spaces and drops
// control characters.
func Clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, norm.NFC.String(s))
	return strings.Join(strings.Fields(s), " ")
}

// Plain keeps a spreadsheet from taking a text for a formula.
func Plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
