// Package declared holds what every document declared as data has in common,
// whether a form or a view: texts in several languages, diagnostics with a
// path, strict reading of JSON, and the characters that no text may contain.
package declared

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// MaxText is the longest single declared text, in characters.
const MaxText = 2000

// maxLanguages bounds the translations of one text.
const maxLanguages = 10

// Text is a text by language ("pl", "en", "uk"). Forms must have Polish. A
// plain JSON string, allowed in views only, is kept under the empty language:
// its author already chose the reader's language.
type Text map[string]string

// PL is a text in Polish and English, for documents written in Go.
func PL(pl, en string) Text { return Text{"pl": pl, "en": en} }

// In is the text for a reader of l; Polish when l is missing, "" when t is empty.
func (t Text) In(l i18n.Lang) string {
	if s, ok := t[string(l)]; ok {
		return s
	}
	if s, ok := t["pl"]; ok {
		return s
	}
	return t[""]
}

// UnmarshalJSON accepts an object by language or a plain string.
func (t *Text) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*t = Text{"": s}
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal(raw, &m); err != nil {
		return err
	}
	*t = m
	return nil
}

// MarshalJSON writes a plain string back as one.
func (t Text) MarshalJSON() ([]byte, error) {
	if s, ok := t[""]; ok && len(t) == 1 {
		return json.Marshal(s)
	}
	return json.Marshal(map[string]string(t))
}

// Diagnostic is one finding about a declared document, for its author.
type Diagnostic struct {
	// Path is where: "items[2].when.all[0].item".
	Path string `json:"path"`
	// Code is stable for programs: "unknown_ref".
	Code string `json:"code"`
	// Key is the catalogue key of the message.
	Key string `json:"key"`
	// Args are the message's values.
	Args fault.Args `json:"args,omitempty"`
	// Warning marks a finding that does not refuse the document.
	Warning bool `json:"warning,omitempty"`
}

// String is the finding in Polish, for logs and command lines.
func (d Diagnostic) String() string {
	return d.Path + ": " + i18n.TextMap(i18n.Polish, d.Key, d.Args)
}

// Report collects diagnostics under one key prefix ("form.lint.").
type Report struct {
	prefix string
	list   []Diagnostic
}

// maxFindings keeps the answer to a hopeless document readable.
const maxFindings = 200

// NewReport starts a report whose message keys begin with prefix.
func NewReport(prefix string) *Report { return &Report{prefix: prefix} }

// Add notes an error; args are pairs of name and value.
func (r *Report) Add(path, code string, args ...any) { r.add(path, code, false, args) }

// Warn notes a finding that does not refuse the document.
func (r *Report) Warn(path, code string, args ...any) { r.add(path, code, true, args) }

func (r *Report) add(path, code string, warning bool, args []any) {
	if len(r.list) >= maxFindings {
		return
	}
	var m fault.Args
	for i := 0; i+1 < len(args); i += 2 {
		if m == nil {
			m = fault.Args{}
		}
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	r.list = append(r.list, Diagnostic{Path: path, Code: code, Key: r.prefix + code, Args: m, Warning: warning})
}

// List returns the findings, errors first, otherwise in the order found.
func (r *Report) List() []Diagnostic {
	out := append([]Diagnostic(nil), r.list...)
	sort.SliceStable(out, func(a, b int) bool { return !out[a].Warning && out[b].Warning })
	return out
}

// Errors reports whether the list has a finding that refuses the document.
func Errors(list []Diagnostic) bool {
	for _, d := range list {
		if !d.Warning {
			return true
		}
	}
	return false
}

// Err turns error findings into an Invalid fault with one field each; nil when
// there is none.
func Err(list []Diagnostic) error {
	var f fault.Fields
	for _, d := range list {
		if !d.Warning {
			f = append(f, fault.Field{Path: d.Path, Key: d.Key, Args: d.Args})
		}
	}
	return f.Err()
}

// CheckText reports what is wrong with t: length, languages, characters, and a
// missing Polish text when polish is set.
func (r *Report) CheckText(path string, t Text, required, polish bool) {
	if len(t) == 0 {
		if required {
			r.Add(path, "text_missing")
		}
		return
	}
	if len(t) > maxLanguages {
		r.Add(path, "text_languages", "Max", maxLanguages)
	}
	if polish && strings.TrimSpace(t["pl"]) == "" {
		r.Add(path, "text_no_polish")
	}
	langs := make([]string, 0, len(t))
	for l := range t {
		langs = append(langs, l)
	}
	sort.Strings(langs)
	for _, l := range langs {
		at := path + "." + l
		if l == "" {
			at = path
		}
		if (polish || l != "") && !langTag(l) {
			r.Add(at, "text_language")
		}
		switch s := t[l]; {
		case utf8.RuneCountInString(s) > MaxText:
			r.Add(at, "text_long", "Max", MaxText)
		case !CleanText(s, true):
			r.Add(at, "text_characters")
		case required && strings.TrimSpace(s) == "" && l != "pl":
			r.Add(at, "text_missing")
		}
	}
}

// langTag accepts "pl", "uk", "en-GB".
func langTag(s string) bool {
	base, region, has := strings.Cut(s, "-")
	if len(base) < 2 || len(base) > 3 || strings.Trim(base, "abcdefghijklmnopqrstuvwxyz") != "" {
		return false
	}
	return !has || len(region) == 2 && strings.Trim(region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// CleanText reports whether s is valid UTF-8 without bidirectional controls
// (which make text read differently from what it is) and without control
// characters; line breaks and tabs pass when lines is set.
func CleanText(s string, lines bool) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		switch {
		case c == '\n' || c == '\t':
			if !lines {
				return false
			}
		case Bidi(c), unicode.IsControl(c), c == '\ufffe', c == '\uffff':
			return false
		}
	}
	return true
}

// Bidi reports whether c is a bidirectional embedding, override or isolate.
func Bidi(c rune) bool { return c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069 }

// ID reports whether s is a name of an item, a row or a node: a lower-case
// letter, then at most 39 letters, digits or underscores. No hyphen, dot or
// bracket, so that paths made of such names cannot be mistaken.
func ID(s string) bool {
	if s == "" || len(s) > 40 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// Name reports whether s is a name with hyphens and dots allowed inside
// ("ankieta-po-spotkaniu", "ore.thematic"), at most 80 characters.
func Name(s string) bool {
	if s == "" || len(s) > 80 {
		return false
	}
	for _, part := range strings.FieldsFunc(s, func(c rune) bool { return c == '-' || c == '.' || c == '_' }) {
		if strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	first, last := s[0], s[len(s)-1]
	return first >= 'a' && first <= 'z' && last != '-' && last != '.' && last != '_'
}

// Code reports whether s may be the code of an option: at most 40 letters,
// digits, dots, hyphens and underscores.
func Code(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}
