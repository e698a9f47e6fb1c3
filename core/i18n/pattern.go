package i18n

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// pattern is a text whose places are all of the form {{.Name}}, most of the
// catalogue: words and names of places in turns, words first and last. It is
// filled without text/template, which takes some 3 µs and 15 allocations a text.
type pattern []string

// patterns are the forms of one key; nil where there is none, or where the text
// needs text/template.
type patterns [plural.Many + 1]pattern

var place = regexp.MustCompile(`\{\{\.([A-Za-z]+)\}\}`)

// patternOf is nil for no text and for one with other templates than places.
func patternOf(text string) pattern {
	if text == "" {
		return nil
	}
	var p pattern
	done := 0
	for _, m := range place.FindAllStringSubmatchIndex(text, -1) {
		p = append(p, text[done:m[0]], text[m[2]:m[3]])
		done = m[1]
	}
	p = append(p, text[done:])
	for i := 0; i < len(p); i += 2 {
		if strings.Contains(p[i], "{{") {
			return nil
		}
	}
	return p
}

func patternsOf(m *i18n.Message) *patterns {
	return &patterns{
		plural.Other: patternOf(m.Other), plural.Zero: patternOf(m.Zero), plural.One: patternOf(m.One),
		plural.Two: patternOf(m.Two), plural.Few: patternOf(m.Few), plural.Many: patternOf(m.Many),
	}
}

var tags = map[Lang]language.Tag{Polish: language.Polish, English: language.English}

// formOf is the plural form of a whole number.
func formOf(l Lang, n int) plural.Form {
	return plural.Cardinal.MatchPlural(tags[l], max(n, -n), 0, 0, 0, 0)
}

// fill puts args (pairs of name and value) and, with counted, n as N into the
// places. False when a value is missing or is no plain text or whole number:
// text/template then knows what to do.
func (p pattern) fill(args []any, n int, counted bool) (string, bool) {
	switch len(p) {
	case 0:
		return "", false
	case 1:
		return p[0], true
	}
	size := 0
	for i := 0; i < len(p); i += 2 {
		size += len(p[i]) + 16
	}
	b := make([]byte, 0, size)
	for i := 0; i < len(p); i += 2 {
		b = append(b, p[i]...)
		if i+1 == len(p) {
			break
		}
		if counted && p[i+1] == "N" {
			b = strconv.AppendInt(b, int64(n), 10)
			continue
		}
		switch v := valueOf(args, p[i+1]).(type) {
		case string:
			b = append(b, v...)
		case int:
			b = strconv.AppendInt(b, int64(v), 10)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		default:
			return "", false
		}
	}
	return string(b), true
}

// valueOf is the last value of that name, as a map made of the pairs would hold.
func valueOf(args []any, name string) any {
	for i := len(args)&^1 - 2; i >= 0; i -= 2 {
		if args[i] == name {
			return args[i+1]
		}
	}
	return nil
}
