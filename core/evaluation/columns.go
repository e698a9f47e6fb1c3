package evaluation

import (
	"encoding/json"
	"math"
	"strconv"

	"ore.edu.pl/sieci/core/form"
)

// column is one column that a questionnaire gives.
type column struct {
	item *form.Item
	// key within the item: a row of a matrix or an option of a multi.
	key string
	// dictionary of codes; nil for numbers.
	dictionary []string
	index      map[string]int32
}

// columnsOf are the columns of a questionnaire by path. Questions answered in
// own words have none: their texts do not travel.
func columnsOf(f *form.Form) map[string]*column {
	out := map[string]*column{}
	var under func(items []*form.Item)
	under = func(items []*form.Item) {
		for _, it := range items {
			codes := answersOf(f, it)
			switch it.Type {
			case form.TypeGroup:
				under(it.Items)
			case form.TypeChoice:
				out[it.ID] = newColumn(it, "", codes)
			case form.TypeBool:
				out[it.ID] = newColumn(it, "", []string{"false", "true"})
			case form.TypeMulti:
				for _, c := range codes {
					out[it.ID+"."+c] = newColumn(it, c, []string{"0", "1"})
				}
			case form.TypeMatrix:
				for _, r := range it.Rows {
					out[it.ID+"."+r.ID] = newColumn(it, r.ID, codes)
				}
			case form.TypeInteger, form.TypeDecimal, form.TypeScale:
				out[it.ID] = newColumn(it, "", nil)
			}
		}
	}
	under(f.Items)
	return out
}

// answersOf are the codes of options that count as answers.
func answersOf(f *form.Form, it *form.Item) []string {
	var out []string
	for _, o := range f.OptionsOf(it) {
		if !o.NA && !o.Refusal {
			out = append(out, o.Code)
		}
	}
	return out
}

func newColumn(it *form.Item, key string, dictionary []string) *column {
	c := &column{item: it, key: key, dictionary: dictionary, index: map[string]int32{}}
	for i, code := range dictionary {
		c.index[code] = int32(i)
	}
	return c
}

// sheet turns stored answers into rows of columns.
type sheet struct {
	form    *form.Form
	paths   []string
	columns []*column
	// reasons are the codes of options that say why there is no answer, by item.
	reasons map[string]map[string]int32
	// conditional is true when not everybody was shown every question.
	conditional bool
}

// newSheet reads the named columns; unknown ones are left out.
func newSheet(f *form.Form, paths []string) *sheet {
	s := &sheet{form: f, reasons: map[string]map[string]int32{}}
	known := columnsOf(f)
	for _, p := range paths {
		if c, ok := known[p]; ok {
			s.paths, s.columns = append(s.paths, p), append(s.columns, c)
		}
	}
	var under func(items []*form.Item)
	under = func(items []*form.Item) {
		for _, it := range items {
			s.conditional = s.conditional || it.When != nil
			s.reasons[it.ID] = map[string]int32{}
			for _, o := range f.OptionsOf(it) {
				if o.NA {
					s.reasons[it.ID][o.Code] = CodeNotApplicable
				}
				if o.Refusal {
					s.reasons[it.ID][o.Code] = CodeRefused
				}
			}
			under(it.Items)
		}
	}
	under(f.Items)
	return s
}

// rowBytes is about how large a row is on the wire.
func (s *sheet) rowBytes() int {
	n := 1
	for _, c := range s.columns {
		if c.dictionary == nil {
			n += 8
		} else {
			n += 2
		}
	}
	return n
}

// page makes a page of stored answers.
func (s *sheet) page(payloads []string) (*Page, error) {
	p := &Page{Rows: len(payloads), Columns: make([]PageColumn, len(s.columns))}
	for i, c := range s.columns {
		p.Columns[i] = PageColumn{Path: s.paths[i], Dictionary: c.dictionary}
		if c.dictionary == nil {
			p.Columns[i].Numbers = make([]float64, len(payloads))
		} else {
			p.Columns[i].Codes = make([]int32, len(payloads))
		}
	}
	for row, raw := range payloads {
		answers, err := stored(raw)
		if err != nil {
			return nil, err
		}
		var shown map[string]bool
		if s.conditional {
			shown = form.Visible(s.form, answers)
		}
		for i, c := range s.columns {
			hidden := shown != nil && !shown[c.item.ID]
			if c.dictionary == nil {
				p.Columns[i].Numbers[row] = c.number(answers)
				continue
			}
			p.Columns[i].Codes[row] = s.code(c, answers, hidden)
		}
	}
	return p, nil
}

// stored reads answers as they were written when they were given: they were
// checked then, so only their types are put back.
func stored(raw string) (form.Answers, error) {
	var m map[string]any
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return nil, err
	}
	for k, v := range m {
		switch v := v.(type) {
		case []any:
			list := make([]string, 0, len(v))
			for _, x := range v {
				if s, ok := x.(string); ok {
					list = append(list, s)
				}
			}
			m[k] = list
		case map[string]any:
			rows := make(map[string]string, len(v))
			for r, x := range v {
				if s, ok := x.(string); ok {
					rows[r] = s
				}
			}
			m[k] = rows
		}
	}
	return m, nil
}

func (c *column) number(a form.Answers) float64 {
	if v, ok := a[c.item.ID].(float64); ok {
		return v
	}
	return math.NaN()
}

func (s *sheet) code(c *column, a form.Answers, hidden bool) int32 {
	none := CodeSkipped
	if hidden {
		none = CodeNotShown
	}
	switch v := a[c.item.ID].(type) {
	case string:
		return s.coded(c, v, none)
	case bool:
		return c.index[strconv.FormatBool(v)]
	case map[string]string:
		return s.coded(c, v[c.key], none)
	case []string:
		out := int32(0)
		for _, x := range v {
			if r, ok := s.reasons[c.item.ID][x]; ok {
				return r
			}
			if x == c.key {
				out = 1
			}
		}
		return out
	}
	return none
}

func (s *sheet) coded(c *column, code string, none int32) int32 {
	if i, ok := c.index[code]; ok {
		return i
	}
	if r, ok := s.reasons[c.item.ID][code]; ok {
		return r
	}
	return none
}
