package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/form/declared"
)

var (
	errUnknownType = errors.New("view: unknown type")
	errValue       = errors.New("view: value of no known shape")
)

// Value types. A cell of a table may be a plain JSON string, number, bool or
// null: its type is then the column's; elsewhere a string is text, a number dec.
const (
	TText     = "text"     // string
	TInt      = "int"      // whole number
	TDec      = "dec"      // number
	TPct      = "pct"      // number of per cent (57.1)
	TMoney    = "money"    // złoty
	TDur      = "dur"      // minutes, shown in teaching hours of 45 minutes
	TDate     = "date"     // "2027-04-05"
	TDates    = "dates"    // ["2027-04-05","2027-04-07"]
	TDateTime = "datetime" // "2027-04-05T07:30:00Z"
	TTime     = "time"     // "09:30"
	TBool     = "bool"
	TPerson   = "person" // id; the core supplies the name
	TSchool   = "school" // id
	TJST      = "jst"    // id
	TEnum     = "enum"   // code, with its label in L
	TExt      = "ext"    // https address, with words in L
)

var valueTypes = map[string]bool{
	TText: true, TInt: true, TDec: true, TPct: true, TMoney: true, TDur: true, TDate: true, TDates: true, TDateTime: true,
	TTime: true, TBool: true, TPerson: true, TSchool: true, TJST: true, TEnum: true, TExt: true,
}

// Value is one typed value: {"t":"date","v":"2027-04-05"}.
type Value struct {
	T string `json:"t"`
	// V is a string, a float64, a bool, a list of two strings (dates), or nil
	// for "no value".
	V any `json:"v"`
	// L is the label of enum and ext.
	L Text `json:"l,omitempty"`
	// To makes the value a link.
	To *Link `json:"to,omitempty"`
}

// valueShape is Value without its methods, for reading.
type valueShape Value

// UnmarshalJSON accepts the object and plain JSON scalars.
func (v *Value) UnmarshalJSON(raw []byte) error {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 0 && raw[0] == '{' {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		return d.Decode((*valueShape)(v))
	}
	*v = Value{}
	if err := json.Unmarshal(raw, &v.V); err != nil {
		return err
	}
	if _, list := v.V.([]any); list {
		return errValue
	}
	return nil
}

// Is the value absent?
func (v Value) none() bool { return v.V == nil || v.V == "" }

// typed gives a plain scalar the type it stands for.
func (v Value) typed(column string) Value {
	if v.T != "" {
		return v
	}
	v.T = column
	if column == "" {
		switch v.V.(type) {
		case float64, int:
			v.T = TDec
		case bool:
			v.T = TBool
		default:
			v.T = TText
		}
	}
	return v
}

// Number returns a number for charts and CSV.
func (v Value) Number() (float64, bool) {
	switch n := v.V.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	}
	return 0, false
}

func (v Value) str() string { s, _ := v.V.(string); return s }

// days returns the two ends of a range of dates.
func (v Value) days() (from, to time.Time, ok bool) {
	var ends []string
	switch l := v.V.(type) {
	case []any:
		for _, x := range l {
			s, _ := x.(string)
			ends = append(ends, s)
		}
	case []string:
		ends = l
	}
	if len(ends) != 2 {
		return from, to, false
	}
	from, err1 := time.Parse(time.DateOnly, ends[0])
	to, err2 := time.Parse(time.DateOnly, ends[1])
	return from, to, err1 == nil && err2 == nil && !to.Before(from)
}

// fits reports whether V has the shape that the type asks for. An absent value
// fits every type.
func (v Value) fits() bool {
	if v.V == nil {
		return true
	}
	n, isNumber := v.Number()
	s, isText := v.V.(string)
	_, isBool := v.V.(bool)
	switch v.T {
	case TInt, TDur:
		return isNumber && n == math.Trunc(n) && math.Abs(n) <= maxNumber
	case TDec, TPct, TMoney:
		return isNumber && !math.IsNaN(n) && math.Abs(n) <= maxNumber
	case TBool:
		return isBool
	case TDates:
		_, _, ok := v.days()
		return ok
	case TDate:
		return isText && parses(time.DateOnly, s)
	case TDateTime:
		return isText && parses(time.RFC3339, s)
	case TTime:
		return isText && parses("15:04", s)
	case TPerson, TSchool, TJST:
		return isText && len(s) <= 100 && declared.CleanText(s, false)
	case TEnum:
		return isText && declared.Code(s)
	case TExt:
		_, ok := extHost(s)
		return isText && ok
	case TText:
		return isText && len(s) <= 4*declared.MaxText && declared.CleanText(s, true)
	}
	return false
}

// maxNumber keeps numbers exact in every reader.
const maxNumber = 999_999_999_999_999

func parses(layout, s string) bool {
	_, err := time.Parse(layout, s)
	return err == nil
}

// extHost checks an outside address: https, a plain host name, no user, no
// port, no characters that a reader could mistake.
func extHost(s string) (string, bool) {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok || len(s) > 500 || strings.Trim(s, urlChars) != "" {
		return "", false
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(l, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return "", false
		}
	}
	return strings.ToLower(host), len(labels) >= 2
}

const urlChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%"
