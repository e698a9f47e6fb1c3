package ui

import (
	"context"
	"strings"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// Problem is one wrong field.
type Problem struct {
	Path string // the form path, equal to the control's name
	Text string
}

// Problems are what is wrong with a form, in the reader's language. The zero
// value is a form without problems.
type Problems struct {
	// Message is about the form as a whole; shown alone when no field is named.
	Message string
	Fields  []Problem
}

// ProblemsOf reads the problems of an error; nil gives none.
func ProblemsOf(ctx context.Context, err error) Problems {
	f := fault.As(err)
	if f == nil {
		return Problems{}
	}
	p := Problems{Message: Message(ctx, f)}
	for _, w := range f.Fields {
		text := w.Text
		if text == "" {
			text = i18n.TextMap(i18n.FromContext(ctx), w.Key, w.Args)
		}
		p.Fields = append(p.Fields, Problem{Path: w.Path, Text: text})
	}
	return p
}

// Message is what a fault says to its reader.
func Message(ctx context.Context, f *fault.Error) string {
	if f.Text != "" {
		return f.Text
	}
	return i18n.TextMap(i18n.FromContext(ctx), f.Key, f.Args)
}

// Any reports whether there is a problem.
func (p Problems) Any() bool { return p.Message != "" || len(p.Fields) > 0 }

// Of is the text for the field at path, or "".
func (p Problems) Of(path string) string {
	for _, f := range p.Fields {
		if f.Path == path {
			return f.Text
		}
	}
	return ""
}

// FieldID is the id of the control at path, the same that core/form/render
// gives: "dzialania[r3f2].od" → "f-dzialania-r3f2-od".
func FieldID(path string) string {
	var b strings.Builder
	b.WriteString("f-")
	for _, r := range path {
		if r == ']' {
			continue
		}
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String(), "-")
}
