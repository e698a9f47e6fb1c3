package render

import (
	"context"
	"maps"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Comparison is two fillings of one form.
type Comparison struct {
	Form          *form.Form
	Before, After form.State
	// Files names uploaded files; without it they are counted.
	Files form.Files
}

// Difference is one place where two fillings say different things, in words;
// "" on the side that says nothing. Path is that of [form.Change] and what
// [form.Take] takes.
type Difference struct{ Path, Label, Before, After string }

// Differences lists them in the form's order, items hidden by conditions left
// out. What was typed and cannot be read is shown as it was typed.
func Differences(ctx context.Context, c Comparison) ([]Difference, error) {
	l := i18n.FromContext(ctx)
	s := &summary{AnswerList: AnswerList{Form: c.Form, Files: c.Files}, l: l}
	before, wrongBefore := read(l, c.Form, c.Before)
	after, wrongAfter := read(l, c.Form, c.After)
	if ids := append(before.Files(c.Form), after.Files(c.Form)...); c.Files != nil && len(ids) > 0 {
		var err error
		if s.uploads, err = c.Files.Uploads(ctx, ids); err != nil {
			return nil, err
		}
	}
	var out []Difference
	seen := map[string]bool{}
	add := func(path string, was, is any) {
		if seen[path] {
			return
		}
		seen[path] = true
		d := Difference{Path: path, Label: labelAt(l, c.Form, c.After, path)}
		if strings.HasSuffix(path, "]") && is == nil { // only the row's own side knows its number
			d.Label = labelAt(l, c.Form, c.Before, path)
		}
		it := c.Form.ItemAt(path)
		if d.Before = wrongBefore[path]; d.Before == "" {
			d.Before = s.words(it, was)
		}
		if d.After = wrongAfter[path]; d.After == "" {
			d.After = s.words(it, is)
		}
		out = append(out, d)
	}
	for _, x := range form.Diff(c.Form, before, after) {
		add(x.Path, x.Before, x.After)
	}
	for _, wrong := range []map[string]string{wrongBefore, wrongAfter} {
		for _, path := range slices.Sorted(maps.Keys(wrong)) {
			if wrongBefore[path] != wrongAfter[path] {
				was, _ := before.At(path)
				is, _ := after.At(path)
				add(path, was, is)
			}
		}
	}
	return out, nil
}

// read is what a filling says, and the raw texts that could not be read.
func read(l i18n.Lang, f *form.Form, s form.State) (form.Answers, map[string]string) {
	a, bad := form.Parse(f, s)
	raw := map[string]string{}
	for _, x := range bad {
		raw[x.Path] = strings.TrimSpace(strings.Join([]string{s.Get(x.Path), s.Get(x.Path + ".date"), s.Get(x.Path + ".time")}, " "))
	}
	return form.Validate(l, f, a, form.Final, bad).Answers, raw
}

// words are one side of a difference: an answer, a choice of a matrix, or a
// whole row, a line for each of its answers.
func (s *summary) words(it *form.Item, v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case form.Row:
		return strings.Join(s.rowLines(it.Items, x.Answers), "\n")
	case []string:
		if it.Type == form.TypeFile && s.Files != nil {
			return strings.Join(s.fileNames(x), "\n")
		}
	case string:
		if it.Type == form.TypeMatrix {
			return optionLabel(s.l, s.Form, it, x)
		}
	}
	return Value(s.l, s.Form, it, v)
}

func (s *summary) fileNames(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		if out[i] = s.uploads[id].Name; out[i] == "" {
			out[i] = i18n.Text(s.l, "form.file")
		}
	}
	return out
}

func (s *summary) rowLines(items []*form.Item, a form.Answers) []string {
	var out []string
	for _, it := range items {
		label := strings.TrimRight(s.say(it.Label), ".:; ")
		switch {
		case it.Repeated():
			for _, r := range a.Rows(it.ID) {
				out = append(out, s.rowLines(it.Items, r.Answers)...)
			}
		case it.Type == form.TypeGroup:
			out = append(out, s.rowLines(it.Items, a)...)
		default:
			if text := s.words(it, a[it.ID]); text != "" {
				out = append(out, label+": "+text)
			}
		}
	}
	return out
}
