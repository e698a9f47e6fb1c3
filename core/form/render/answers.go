package render

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

// AnswerList shows answers read-only.
type AnswerList struct {
	Form    *form.Form
	Answers form.Answers
	// Files names uploaded files; without it they are counted.
	Files form.Files
	// Change returns the URL where an item is changed; nil or "" for no link.
	Change func(path string) string
	// Heading is the level of headings of groups, 2 to 5; 0 means 2.
	Heading int
}

// Answers is a summary list of what was answered: "Nie podano" where nothing
// was, questions that the conditions hide left out.
func Answers(ctx context.Context, a AnswerList) (templ.Component, error) {
	if err := form.Renderable(a.Form); err != nil {
		return nil, err
	}
	s := &summary{AnswerList: a, l: i18n.FromContext(ctx), visible: form.Visible(a.Form, a.Answers)}
	if ids := a.Answers.Files(a.Form); a.Files != nil && len(ids) > 0 {
		var err error
		if s.uploads, err = a.Files.Uploads(ctx, ids); err != nil {
			return nil, err
		}
	}
	if s.Heading < 2 || s.Heading > 5 {
		s.Heading = 2
	}
	s.level(a.Form.Items, a.Answers, "", s.Heading)
	return summaryBlocks(s.blocks), nil
}

// block is a heading with the answers below it.
type block struct {
	heading string
	level   int
	lines   []line
}

type line struct {
	label   string
	text    string
	uploads []form.Upload
	change  string
}

type summary struct {
	AnswerList
	l       i18n.Lang
	visible map[string]bool
	uploads map[string]form.Upload
	blocks  []block
}

func (s *summary) say(t form.Text) string { return show.Nbsp(s.l, t.In(s.l)) }

func (s *summary) add(l line) {
	if len(s.blocks) == 0 {
		s.blocks = append(s.blocks, block{})
	}
	last := &s.blocks[len(s.blocks)-1]
	last.lines = append(last.lines, l)
}

func (s *summary) level(items []*form.Item, a form.Answers, prefix string, level int) {
	for _, it := range items {
		path := prefix + it.ID
		if !s.visible[path] || it.Type == form.TypeNote {
			continue
		}
		switch {
		case it.Repeated():
			s.rows(it, a, path, level)
		case it.Type == form.TypeGroup:
			s.blocks = append(s.blocks, block{heading: s.say(it.Label), level: level})
			s.level(it.Items, a, prefix, min(level+1, 6))
		case it.Type == form.TypeMatrix:
			s.matrix(it, a, path)
		default:
			s.add(line{label: s.say(it.Label), text: Value(s.l, s.Form, it, a[it.ID]), uploads: s.files(it, a), change: s.change(path)})
		}
	}
}

func (s *summary) rows(it *form.Item, a form.Answers, path string, level int) {
	rows := a.Rows(it.ID)
	if len(rows) == 0 {
		s.add(line{label: s.say(it.Label), change: s.change(path)})
	}
	for i, r := range rows {
		s.blocks = append(s.blocks, block{heading: s.say(it.Label) + " " + strconv.Itoa(i+1), level: level})
		s.level(it.Items, r.Answers, path+"["+r.ID+"].", min(level+1, 6))
	}
}

func (s *summary) matrix(it *form.Item, a form.Answers, path string) {
	given, _ := a[it.ID].(map[string]string)
	for _, r := range it.Rows {
		s.add(line{label: s.say(r.Label), text: optionLabel(s.l, s.Form, it, given[r.ID]), change: s.change(path)})
	}
}

func (s *summary) change(path string) string {
	if s.Change == nil {
		return ""
	}
	return s.Change(path)
}

func (s *summary) files(it *form.Item, a form.Answers) []form.Upload {
	if it.Type != form.TypeFile || s.Files == nil {
		return nil
	}
	var out []form.Upload
	for _, id := range a.Strings(it.ID) {
		u, ok := s.uploads[id]
		if !ok {
			u = form.Upload{ID: id, Name: i18n.Text(s.l, "form.file")}
		}
		out = append(out, u)
	}
	return out
}

// Value is one answer as text for a reader of l; "" when unanswered. Matrices
// and repeated groups have no single text.
func Value(l i18n.Lang, f *form.Form, it *form.Item, v any) string {
	switch x := v.(type) {
	case string:
		return textValue(l, f, it, x)
	case bool:
		return i18n.Text(l, map[bool]string{true: "form.yes", false: "form.no"}[x])
	case int64:
		return withUnit(show.Int(l, x), it.Unit.In(l))
	case float64:
		return withUnit(show.Decimal(l, x, -1), it.Unit.In(l))
	case form.Ref:
		if x.Label == "" {
			return i18n.Text(l, "form.ref_gone")
		}
		return x.Label
	case []string:
		if it.Type == form.TypeFile {
			return strconv.Itoa(len(x))
		}
		labels := make([]string, len(x))
		for i, code := range x {
			labels[i] = optionLabel(l, f, it, code)
		}
		return strings.Join(labels, "\n")
	}
	return ""
}

func textValue(l i18n.Lang, f *form.Form, it *form.Item, x string) string {
	switch it.Type {
	case form.TypeChoice:
		return optionLabel(l, f, it, x)
	case form.TypeDate:
		if t, err := time.Parse(time.DateOnly, x); err == nil {
			return show.Date(l, t)
		}
	case form.TypeTime:
		return strings.TrimPrefix(x, "0")
	case form.TypeDateTime:
		if t, err := time.Parse(time.RFC3339, x); err == nil {
			return show.DateTime(l, t)
		}
	}
	return x
}

func withUnit(s, unit string) string {
	if unit == "" {
		return s
	}
	return s + "\u00a0" + unit
}

func optionLabel(l i18n.Lang, f *form.Form, it *form.Item, code string) string {
	for _, o := range f.OptionsOf(it) {
		if o.Code == code {
			return o.Label.In(l)
		}
	}
	return code
}
