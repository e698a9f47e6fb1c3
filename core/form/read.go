package form

import (
	"encoding/json"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form/declared"
)

// Forms of the stored values; text order is time order in each.
const (
	dateForm     = "2006-01-02"
	timeForm     = "15:04"
	dateTimeForm = "2006-01-02T15:04:05Z"
)

// maxNumber keeps every number exact in float64 and in other languages' JSON.
const maxNumber = 999_999_999_999_999

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// declaredKey keeps a foreign key from forging a path.
func declaredKey(key string) string {
	if declared.ID(key) {
		return key
	}
	return "?"
}

func stringList(raw any) ([]string, bool) {
	list, ok := raw.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, len(list))
	for i, v := range list {
		if out[i], ok = v.(string); !ok {
			return nil, false
		}
	}
	return out, true
}

// decimalText writes a JSON number without an exponent, so that it is read by
// the same rules as a typed one.
func decimalText(n json.Number) string {
	s := n.String()
	if !strings.ContainsAny(s, "eE") {
		return s
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(v) > maxNumber {
		return s
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// readOne reads a single value from text. It returns nil and adds a field when
// the text is not of the item's type or too long; nil alone when it is blank.
func readOne(it *Item, raw, path string, errs *fault.Fields) any {
	if !utf8.ValidString(raw) {
		errs.Add(path, "form.characters")
		return nil
	}
	raw = Normal(raw, it.Type == TypeLongText)
	if raw == "" {
		return nil
	}
	switch it.Type {
	case TypeText, TypeLongText:
		return readText(it, raw, path, errs)
	case TypeInteger, TypeScale:
		return readInteger(it, raw, path, errs)
	case TypeDecimal:
		return readDecimal(it, raw, path, errs)
	case TypeBool:
		switch raw {
		case "true":
			return true
		case "false":
			return false
		}
	case TypeDate:
		if d, ok := ParseDate(raw); ok {
			return d.Format(dateForm)
		}
		errs.Add(path, "form.date")
		return nil
	case TypeTime:
		if h, m, ok := ParseTime(raw); ok {
			return clockText(h, m)
		}
		errs.Add(path, "form.time")
		return nil
	case TypeDateTime:
		return readDateTime(raw, path, errs)
	}
	errs.Add(path, "form.wrong_type")
	return nil
}

// Normal is text as it is kept: composed characters (macOS sends decomposed
// ones), line feeds only, no white space at the ends; inside one-line text,
// line breaks and tabs become spaces.
func Normal(s string, lines bool) string {
	s = norm.NFC.String(s)
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	if !lines {
		s = strings.Map(func(c rune) rune {
			if c == '\n' || c == '\t' {
				return ' '
			}
			return c
		}, s)
	}
	return strings.TrimSpace(s)
}

func readText(it *Item, s, path string, errs *fault.Fields) any {
	if !declared.CleanText(s, it.Type == TypeLongText) {
		errs.Add(path, "form.characters")
		return nil
	}
	if n, most := utf8.RuneCountInString(s), it.MaxLength(); n > most {
		errs.Add(path, "form.long", "N", n-most, "Max", most)
		return nil
	}
	return s
}

// plainNumber drops what people put into numbers for the eye: spaces of all
// kinds, a typographic minus.
func plainNumber(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return -1
		case c == '−' || c == '–':
			return '-'
		}
		return c
	}, s)
}

func readInteger(it *Item, s, path string, errs *fault.Fields) any {
	s = plainNumber(s)
	n, err := strconv.ParseInt(strings.TrimPrefix(s, "+"), 10, 64)
	if err != nil {
		errs.Add(path, "form.integer")
		return nil
	}
	if n > maxNumber || n < -maxNumber {
		errs.Add(path, "form.number_big")
		return nil
	}
	if it.Type == TypeScale {
		if low, high := it.Bounds(); n < int64(low) || n > int64(high) {
			errs.Add(path, "form.between", "Min", low, "Max", high)
			return nil
		}
	}
	return n
}

func readDecimal(it *Item, s, path string, errs *fault.Fields) any {
	s = plainNumber(s)
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	whole, frac, _ := strings.Cut(strings.TrimLeft(s, "+-"), ".")
	if strings.Trim(whole+frac, "0123456789") != "" || whole == "" {
		errs.Add(path, "form.decimal")
		return nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		errs.Add(path, "form.decimal")
		return nil
	}
	frac = strings.TrimRight(frac, "0")
	switch {
	case len(frac) > it.DecimalPlaces():
		errs.Add(path, "form.decimals", "N", it.DecimalPlaces())
		return nil
	case math.Abs(v) > maxNumber || len(strings.TrimLeft(whole, "0"))+len(frac) > 15:
		errs.Add(path, "form.number_big")
		return nil
	}
	return v + 0 // minus zero becomes zero
}

// readDateTime reads "5.04.2027 9:30", with an optional third word for the
// hour that the end of summer time has twice, or the stored form.
func readDateTime(s, path string, errs *fault.Fields) any {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC().Format(dateTimeForm)
	}
	fold := ""
	if rest, ok := strings.CutSuffix(s, " "+FoldSummer); ok {
		s, fold = rest, FoldSummer
	} else if rest, ok := strings.CutSuffix(s, " "+FoldWinter); ok {
		s, fold = rest, FoldWinter
	}
	cut := strings.LastIndexAny(s, " T")
	if cut < 0 {
		errs.Add(path, "form.datetime")
		return nil
	}
	day, okD := ParseDate(strings.TrimRight(s[:cut], ", "))
	h, m, okT := ParseTime(s[cut+1:])
	if !okD || !okT {
		errs.Add(path, "form.datetime")
		return nil
	}
	t, problem := Local(day, h, m, fold)
	if problem != "" {
		errs.Add(path, problem)
		return nil
	}
	return t.UTC().Format(dateTimeForm)
}

// Which of the two hours is meant when clocks go back.
const (
	FoldSummer = "summer"
	FoldWinter = "winter"
)

// Local is the instant of a day's clock time in Warsaw. When clocks go forward
// the missing hour is refused with "form.datetime_gap"; when they go back and
// fold does not say which hour is meant, the answer is "form.datetime_twice".
func Local(day time.Time, hour, minute int, fold string) (t time.Time, problem string) {
	y, mo, d := day.Date()
	t = time.Date(y, mo, d, hour, minute, 0, 0, clock.Warsaw)
	if t.Hour() != hour || t.Minute() != minute {
		return time.Time{}, "form.datetime_gap"
	}
	first, second := t, t
	if u := t.Add(-time.Hour); u.Hour() == hour && u.Day() == d {
		first = u
	}
	if u := t.Add(time.Hour); u.Hour() == hour && u.Day() == d {
		second = u
	}
	switch {
	case first.Equal(second):
		return t, ""
	case fold == FoldSummer:
		return first, ""
	case fold == FoldWinter:
		return second, ""
	}
	return time.Time{}, "form.datetime_twice"
}

// polishMonths are the stems by which a month typed as a word is known, in
// both cases that people use ("5 kwietnia", "kwiecień").
var polishMonths = []string{"stycz", "lut", "mar", "kwie", "maj", "czerw", "lip", "sierp", "wrze", "paź", "listop", "grud"}

// ParseDate reads "5.04.2027", "05.4.2027 r.", "5/4/2027", "5-4-2027",
// "2027-04-05" and "5 kwietnia 2027". The result is midnight UTC.
func ParseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(s, "r.")), "r"))
	parts := strings.FieldsFunc(s, func(c rune) bool { return c == '.' || c == '/' || c == '-' || unicode.IsSpace(c) })
	if len(parts) != 3 {
		return time.Time{}, false
	}
	if len(parts[0]) == 4 {
		parts[0], parts[2] = parts[2], parts[0]
	}
	y, okY := digits(parts[2], 4, 4)
	m, okM := digits(parts[1], 1, 2)
	d, okD := digits(parts[0], 1, 2)
	if !okM {
		m, okM = monthWord(parts[1])
	}
	if !okY || !okM || !okD || y < 1900 || y > 2200 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == d && int(t.Month()) == m
}

func monthWord(s string) (int, bool) {
	s = strings.ToLower(s)
	for i, stem := range polishMonths {
		if strings.HasPrefix(s, stem) {
			return i + 1, true
		}
	}
	return 0, false
}

func digits(s string, least, most int) (int, bool) {
	if len(s) < least || len(s) > most || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// ParseTime reads "9:30", "09.30" and "9".
func ParseTime(s string) (hour, minute int, ok bool) {
	s = strings.TrimSpace(s)
	hh, mm, has := strings.Cut(strings.Replace(s, ".", ":", 1), ":")
	if !has {
		mm = "00"
	}
	h, okH := digits(hh, 1, 2)
	m, okM := digits(mm, 2, 2)
	return h, m, okH && okM && h < 24 && m < 60
}

func clockText(h, m int) string {
	return string([]byte{'0' + byte(h/10), '0' + byte(h%10), ':', '0' + byte(m/10), '0' + byte(m%10)})
}

func readChoice(f *Form, it *Item, code, path string, errs *fault.Fields) any {
	if code == "" {
		return nil
	}
	for _, o := range f.OptionsOf(it) {
		if o.Code == code {
			return code
		}
	}
	errs.Add(path, "form.option")
	return nil
}

// readMany reads the codes of multi (in the order of the options) and rank (in
// the order given), or file ids.
func readMany(f *Form, it *Item, list []string, path string, errs *fault.Fields) any {
	var out []string
	for _, s := range list {
		switch {
		case s == "" || slices.Contains(out, s):
		case it.Type == TypeFile && !declared.CleanText(s, false), it.Type == TypeFile && len(s) > 100:
			errs.Add(path, "form.wrong_type")
			return nil
		case it.Type == TypeFile || readChoice(f, it, s, path, errs) != nil:
			out = append(out, s)
		default:
			return nil
		}
	}
	if it.Type == TypeMulti && len(out) > 1 {
		position := map[string]int{}
		for i, o := range f.OptionsOf(it) {
			position[o.Code] = i
		}
		sort.Slice(out, func(a, b int) bool { return position[out[a]] < position[out[b]] })
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func readRef(it *Item, id, label, path string, errs *fault.Fields) any {
	if len(id) > 100 || utf8.RuneCountInString(label) > 300 || !declared.CleanText(id, false) || !declared.CleanText(label, false) {
		errs.Add(path, "form.wrong_type")
		return nil
	}
	return Ref{Kind: it.Ref, ID: id, Label: label}
}

func hasMatrixRow(it *Item, id string) bool {
	for _, r := range it.Rows {
		if r.ID == id {
			return true
		}
	}
	return false
}
