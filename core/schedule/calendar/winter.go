package calendar

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

//go:embed winter.csv
var shippedCSV []byte

// Voivodeships are the TERYT codes of the 16 voivodeships.
var Voivodeships = []string{"02", "04", "06", "08", "10", "12", "14", "16", "18", "20", "22", "24", "26", "28", "30", "32"}

// IsVoivodeship reports whether code is the TERYT code of a voivodeship.
func IsVoivodeship(code string) bool { return slices.Contains(Voivodeships, code) }

// Winter is one voivodeship's winter break; Source says who announced it.
type Winter struct {
	Voivodeship string
	Span
	Source string
}

// Year is the calendar year of the break.
func (w Winter) Year() int { return w.From.Year() }

type place struct {
	voivodeship string
	year        int
}

// Calendar answers which days clash. It never changes; build one with [New] or
// take [Shipped].
type Calendar struct {
	winter map[place]Winter
	years  map[int]bool
}

// Source gives the calendar of the moment, with what administrators added.
// Services take it and ask once a request. Safe for concurrent use.
type Source interface {
	// Calendar never fails: when newer data cannot be read, the last known
	// calendar is given.
	Calendar(ctx context.Context) *Calendar
}

var _ Source = (*Calendar)(nil)

// Calendar implements [Source]: a fixed calendar is its own source.
func (c *Calendar) Calendar(context.Context) *Calendar { return c }

// New builds a calendar from winter breaks; of two for the same voivodeship
// and year the later one counts.
func New(breaks []Winter) *Calendar {
	c := &Calendar{winter: make(map[place]Winter, len(breaks)), years: map[int]bool{}}
	for _, b := range breaks {
		c.winter[place{b.Voivodeship, b.Year()}] = b
		c.years[b.Year()] = true
	}
	return c
}

var shipped = New(mustRead(shippedCSV))

// Shipped is the calendar with the winter breaks that come with the program:
// 2026 and 2027.
func Shipped() *Calendar { return shipped }

// Breaks lists the winter breaks of a calendar year by voivodeship.
func (c *Calendar) Breaks(year int) []Winter {
	var out []Winter
	for _, v := range Voivodeships {
		if w, ok := c.winter[place{v, year}]; ok {
			out = append(out, w)
		}
	}
	return out
}

// Winter is the winter break of a voivodeship in a calendar year, if known.
func (c *Calendar) Winter(voivodeship string, year int) (Winter, bool) {
	w, ok := c.winter[place{voivodeship, year}]
	return w, ok
}

// Years are the calendar years of which winter breaks are known, ascending.
func (c *Calendar) Years() []int { return slices.Sorted(maps.Keys(c.years)) }

// All lists every winter break, by year and voivodeship.
func (c *Calendar) All() []Winter {
	var out []Winter
	for _, y := range c.Years() {
		out = append(out, c.Breaks(y)...)
	}
	return out
}

// ErrRow is wrapped by every complaint of [Read] about a line.
var ErrRow = errors.New("row of winter breaks")

// Row is a complaint about one line of a file.
type Row struct {
	Line int
	Key  string // a catalogue key
}

// Error implements error.
func (r *Row) Error() string { return fmt.Sprintf("line %d: %s", r.Line, r.Key) }

// Unwrap makes errors.Is(err, ErrRow) true.
func (r *Row) Unwrap() error { return ErrRow }

// maxBreaks bounds a file: 16 voivodeships in 60 years.
const maxBreaks = 16 * 60

// Read reads a CSV of winter breaks with the header
// voivodeship,from,to,source; days as 2027-01-18. The first wrong line ends the
// reading with a [Row].
func Read(r io.Reader) ([]Winter, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = 4
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if err != nil || head[0] != "voivodeship" || head[1] != "from" || head[2] != "to" || head[3] != "source" {
		return nil, &Row{1, "calendar.winter.header"}
	}
	var out []Winter
	for {
		cells, err := in.Read()
		line, _ := in.FieldPos(0)
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil || len(out) == maxBreaks:
			var p *csv.ParseError
			if errors.As(err, &p) {
				line = p.Line
			}
			return nil, &Row{line, "calendar.winter.row"}
		}
		from, errF := time.Parse(time.DateOnly, cells[1])
		to, errT := time.Parse(time.DateOnly, cells[2])
		if errF != nil || errT != nil {
			return nil, &Row{line, "calendar.winter.dates"}
		}
		w := Winter{cells[0], Span{from, to}, cells[3]}
		if key := w.Check(); key != "" {
			return nil, &Row{line, key}
		}
		out = append(out, w)
	}
}

// The length of a break in days: two weeks by the regulation, three leaves room
// for a change of it, one for a correction in the middle of a winter.
const (
	minBreak = 7
	maxBreak = 21
)

// maxSource is the length of a source in characters, as the table checks it.
const maxSource = 200

// Check gives the catalogue key of what is wrong with the break, or "".
func (w Winter) Check() string {
	switch {
	case !IsVoivodeship(w.Voivodeship):
		return "calendar.winter.voivodeship"
	case w.From.Year() < 2000 || w.From.Year() > 2100 || w.To.Before(w.From):
		return "calendar.winter.dates"
	case w.Days() < minBreak || w.Days() > maxBreak:
		return "calendar.winter.length"
	case w.From.Month() > time.March:
		return "calendar.winter.season"
	case w.Source == "" || len([]rune(w.Source)) > maxSource:
		return "calendar.winter.source"
	}
	return ""
}

func mustRead(raw []byte) []Winter {
	out, err := Read(bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	return out
}
