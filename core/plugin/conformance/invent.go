package conformance

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// polishWords are what people write here: every letter of the language, its
// quotation marks and dash.
var polishWords = []string{
	"Zażółć gęślą jaźń", "Łódź – „Źrebię”", "ŻÓŁĆ I ŁAŃCUCH", "Pchnąć w tę łódź jeża", "Sieć współpracy nauczycieli", "Ćwiczenia śródroczne",
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return h.Sum64()
}

func newID(rng *rand.Rand) uuid.UUID {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(rng.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

// today is when everything happens: a Tuesday morning in the school year.
var today = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// madeForm is a form with answers that fit it.
type madeForm struct {
	form    *form.Form
	answers []effect.Document // none when no valid answers were found
}

// sets is how many different answers to a form are invented; tries is how often,
// for forms whose checks are hard to please.
const sets, tries = 12, 120

// form reads a form of the module once; nil for none or a broken one.
func (s *suite) form(d effect.Document) *madeForm {
	if d.IsZero() {
		return nil
	}
	key := fmt.Sprintf("%d %s", d.Revision, d.JSON)
	if m, ok := s.forms[key]; ok {
		return m
	}
	var m *madeForm
	if f, _ := form.Load(d.JSON); f != nil {
		m = &madeForm{form: f}
		rng := s.rng("form " + key)
		for range tries {
			if len(m.answers) == sets {
				break
			}
			in := &inventor{form: f, rng: rng, day: today.AddDate(0, 0, rng.IntN(60))}
			res := form.Validate(i18n.Polish, f, in.level(f.Items), form.Final, nil)
			if len(res.Errors) == 0 {
				m.answers = append(m.answers, effect.Document{JSON: res.Answers.Canonical(), Revision: d.Revision})
			}
		}
	}
	s.forms[key] = m
	return m
}

// some are answers to a form; an empty object when there are none that fit.
func (m *madeForm) some(rng *rand.Rand) effect.Document {
	if m == nil {
		return effect.Document{}
	}
	if len(m.answers) == 0 {
		return effect.Document{JSON: []byte("{}"), Revision: max(m.form.Rev, 1)}
	}
	return m.answers[rng.IntN(len(m.answers))]
}

// inventor answers one form. Days and numbers grow from question to question:
// most checks want what comes later to be later, or more.
type inventor struct {
	form *form.Form
	rng  *rand.Rand
	day  time.Time
	n    int
}

func (in *inventor) level(items []*form.Item) form.Answers {
	out := form.Answers{}
	for _, it := range items {
		switch {
		case it.Type == form.TypeGroup && it.Repeat == nil:
			for id, v := range in.level(it.Items) {
				out[id] = v
			}
		case it.Repeated():
			least, most := max(it.Repeat.Min, 0), it.Repeat.Max
			if most <= 0 || most > form.MaxRepeat {
				most = form.MaxRepeat
			}
			var rows []form.Row
			for range least + in.rng.IntN(min(most-least, 3)+1) {
				rows = append(rows, form.Row{ID: fmt.Sprintf("r%08x", in.rng.Uint32()), Answers: in.level(it.Items)})
			}
			if len(rows) > 0 {
				out[it.ID] = rows
			}
		case !it.Required && in.rng.IntN(4) == 0: // left out, as people do
		default:
			if v := in.one(it); v != nil {
				out[it.ID] = v
			}
		}
	}
	return out
}

// one is an answer to an item; nil for those that have none.
func (in *inventor) one(it *form.Item) any {
	switch it.Type {
	case form.TypeText, form.TypeLongText:
		return in.text(it.MaxLength())
	case form.TypeInteger, form.TypeDecimal:
		return in.number(it)
	case form.TypeScale:
		low, high := it.Bounds()
		return int64(low + in.rng.IntN(high-low+1))
	case form.TypeBool:
		return in.rng.IntN(4) > 0
	case form.TypeDate:
		in.day = in.day.AddDate(0, 0, 1+in.rng.IntN(20))
		return in.day.Format(time.DateOnly)
	case form.TypeTime:
		in.n++
		return fmt.Sprintf("%02d:%02d", 8+in.n%12, 5*in.rng.IntN(12))
	case form.TypeDateTime:
		in.day = in.day.AddDate(0, 0, 1+in.rng.IntN(20))
		return in.day.Format("2006-01-02T15:04:05Z")
	case form.TypeFile:
		return []string{newID(in.rng).String()}
	case form.TypeRef:
		return form.Ref{Kind: it.Ref, ID: newID(in.rng).String(), Label: polishWords[in.rng.IntN(len(polishWords))]}
	}
	return in.chosen(it)
}

func (in *inventor) chosen(it *form.Item) any {
	options := in.form.OptionsOf(it)
	if len(options) == 0 {
		return nil
	}
	switch it.Type {
	case form.TypeChoice:
		return options[in.rng.IntN(len(options))].Code
	case form.TypeMatrix:
		out := map[string]string{}
		for _, r := range it.Rows {
			out[r.ID] = options[in.rng.IntN(len(options))].Code
		}
		return out
	case form.TypeMulti, form.TypeRank:
		var out []string
		least, most := 1, len(options)
		if it.Min != nil {
			least = max(int(*it.Min), 1)
		}
		if it.Max != nil {
			most = min(int(*it.Max), most)
		}
		n := least + in.rng.IntN(max(most-least, 0)+1)
		for _, i := range in.rng.Perm(len(options)) {
			if o := options[i]; len(out) < n && !o.NA && !o.Refusal {
				out = append(out, o.Code)
			}
		}
		return out
	}
	return nil
}

func (in *inventor) text(most int) string {
	s := polishWords[in.rng.IntN(len(polishWords))]
	for most > 400 && in.rng.IntN(2) == 0 && len(s) < 300 {
		s += ". " + polishWords[in.rng.IntN(len(polishWords))]
	}
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return s
}

func (in *inventor) number(it *form.Item) any {
	low, high := 0.0, 100.0
	if it.Min != nil {
		low, high = *it.Min, *it.Min+100
	}
	if it.Max != nil {
		high = *it.Max
		if it.Min == nil {
			low = min(0, high-100)
		}
	}
	in.n++
	part := min((float64(in.n)+in.rng.Float64())/12, 1)
	if in.rng.IntN(3) == 0 {
		part = in.rng.Float64()
	}
	v := float64(int64(low + part*(high-low)))
	v = min(max(v, low), high)
	if it.Type == form.TypeInteger {
		return int64(v)
	}
	return v
}
