package form

import (
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// Document is a form with answers as the API gives it: every text in the
// reader's language, the paths that conditions show, and what is wrong.
type Document struct {
	Form    *Form     `json:"form"`
	Sum     string    `json:"sha256"`
	Answers Answers   `json:"answers"`
	Visible []string  `json:"visible"`
	Errors  []Problem `json:"errors,omitempty"`
}

// Problem is one wrong field in a [Document].
type Problem struct {
	Path    string `json:"path"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// NewDocument makes the API's view of a form. A form that this core cannot
// render is [Renderable]'s error.
func NewDocument(l i18n.Lang, f *Form, a Answers, errs []fault.Field) (*Document, error) {
	if err := Renderable(f); err != nil {
		return nil, err
	}
	if a == nil {
		a = Answers{}
	}
	d := &Document{Form: f.In(l), Sum: f.Sum(), Answers: a, Visible: sortedKeys(Visible(f, a))}
	for _, e := range errs {
		d.Errors = append(d.Errors, Problem{Path: e.Path, Code: e.Key, Message: Message(l, e)})
	}
	return d, nil
}

// Message is the sentence of a wrong field in l.
func Message(l i18n.Lang, e fault.Field) string {
	if e.Text != "" {
		return e.Text
	}
	return i18n.TextMap(l, e.Key, e.Args)
}

// Renderable tells whether this core can show the form; ranks, and matrices
// inside repeated groups, are fault.Unavailable with their path.
func Renderable(f *Form) error {
	for _, n := range f.index().order {
		if n.item.Type == TypeRank || n.item.Type == TypeMatrix && n.home != "" {
			e := fault.New(fault.Unavailable, "form.not_available")
			e.Fields = []fault.Field{{Path: n.item.ID, Key: "form.not_available"}}
			return e
		}
	}
	return nil
}

// In returns a copy of the form whose texts are plain strings in l.
func (f *Form) In(l i18n.Lang) *Form {
	out := &Form{
		Kind: f.Kind, V: f.V, ID: f.ID, Rev: f.Rev, Title: one(f.Title, l), Privacy: f.Privacy, Paged: f.Paged,
		Items: itemsIn(f.Items, l), Scales: f.Scales,
	}
	if len(f.Lists) > 0 {
		out.Lists = map[string][]Option{}
		for name, list := range f.Lists {
			out.Lists[name] = optionsIn(list, l)
		}
	}
	for _, c := range f.Checks {
		c.Msg = one(c.Msg, l)
		out.Checks = append(out.Checks, c)
	}
	return out
}

func one(t Text, l i18n.Lang) Text {
	if len(t) == 0 {
		return nil
	}
	return Text{"": t.In(l)}
}

func optionsIn(list []Option, l i18n.Lang) []Option {
	var out []Option
	for _, o := range list {
		o.Label = one(o.Label, l)
		out = append(out, o)
	}
	return out
}

func itemsIn(items []*Item, l i18n.Lang) []*Item {
	var out []*Item
	for _, it := range items {
		c := *it
		c.Label, c.Hint, c.Unit, c.Low, c.High = one(it.Label, l), one(it.Hint, l), one(it.Unit, l), one(it.Low, l), one(it.High, l)
		c.Options, c.Items, c.Rows = optionsIn(it.Options, l), itemsIn(it.Items, l), nil
		for _, r := range it.Rows {
			r.Label = one(r.Label, l)
			c.Rows = append(c.Rows, r)
		}
		out = append(out, &c)
	}
	return out
}
