package form_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/form/declared"
)

// FuzzLint: whatever the bytes, the linter answers; what it accepts has a
// canonical spelling that it accepts again, and can be started, parsed and
// validated.
func FuzzLint(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add(tiny(when(`{"any":[{"not":{"item":"a","op":"answered"}},{"item":"n","op":"in","value":[1,2]}]}`)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, list := form.Load(raw)
		if a == nil {
			if !declared.Errors(list) {
				t.Fatal("refused without a reason")
			}
			return
		}
		b, list := form.Load(a.Canonical())
		if b == nil || b.Sum() != a.Sum() {
			t.Fatalf("the canonical spelling is refused or differs: %v\n%s", list, a.Canonical())
		}
		answers, bad := form.Parse(a, form.Start(a))
		form.Validate(pl, a, answers, form.Final, bad)
		form.Step(pl, a, form.Start(a), post("_do", "submit"))
	})
}

// FuzzCondition: evaluation is total, and negation turns every outcome around.
func FuzzCondition(f *testing.F) {
	const items = itemA + "," + itemN + "," + itemD + `,{"id":"m","type":"multi","label":{"pl":"M"},"options":[{"c":"x","l":{"pl":"X"}}]}` +
		`,{"id":"t","type":"matrix","label":{"pl":"T"},"options":[{"c":"1","l":{"pl":"X"}}],"rows":[{"id":"r","label":{"pl":"R"}}]}` +
		`,{"id":"g","type":"group","label":{"pl":"G"},"repeat":{"min":0,"max":3},"items":[{"id":"s","type":"text","label":{"pl":"S"}}]}` +
		`,{"id":"w","type":"ref","ref":"szkola","label":{"pl":"W"}},{"id":"b","type":"bool","label":{"pl":"B"}}`
	fm := load(f, items)
	f.Add(`{"all":[{"item":"a","op":"=","value":"t"},{"item":"t.r","op":"in","value":["1"]}]}`, `{"a":"t","t":{"r":"1"}}`)
	f.Add(`{"any":[{"item":"n","op":"<","item2":"n"},{"item":"d","op":">=","value":"2027-01-01"}]}`, `{"n":3,"d":"2027-04-05","m":["x"]}`)
	f.Add(`{"not":{"item":"g","op":"answered","value":false}}`, `{"g":[{"_row":"r","s":"x"}],"w":{"id":"1"},"b":true}`)
	f.Fuzz(func(t *testing.T, cond, answers string) {
		var c form.Condition
		if json.Unmarshal([]byte(cond), &c) != nil {
			return
		}
		a, _ := form.DecodeAnswers(fm, []byte(answers))
		got := c.Eval(fm, a)
		if got != form.True && got != form.False && got != form.Unknown {
			t.Fatalf("outcome %d", got)
		}
		if n := (&form.Condition{Not: &c}).Eval(fm, a); n != -got && !deep(&c, 0) {
			t.Fatalf("not %d is %d", got, n)
		}
		back, errs := form.DecodeAnswers(fm, a.Canonical())
		if len(errs) > 0 || string(back.Canonical()) != string(a.Canonical()) {
			t.Fatalf("answers change by being written and read: %s", a.Canonical())
		}
	})
}

// deep reports whether c is nested near the depth at which evaluation stops.
func deep(c *form.Condition, depth int) bool {
	if depth > 60 {
		return true
	}
	for i := range c.All {
		if deep(&c.All[i], depth+1) {
			return true
		}
	}
	for i := range c.Any {
		if deep(&c.Any[i], depth+1) {
			return true
		}
	}
	return c.Not != nil && deep(c.Not, depth+1)
}

func BenchmarkLint(b *testing.B) {
	raw, err := os.ReadFile("testdata/diagnoza-sieci.json")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if f, _ := form.Load(raw); f == nil {
			b.Fatal("refused")
		}
	}
}

func BenchmarkCondition(b *testing.B) {
	f := reference(b, "ankieta-po-spotkaniu")
	a := decode(b, f, `{"byl":"t","polecenie":3,"ocena":{"o1":"5"}}`)
	c := f.Item("brak").When
	b.ReportAllocs()
	for b.Loop() {
		if c.Eval(f, a) != form.True {
			b.Fatal("not true")
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	f := reference(b, "plan-wspomagania")
	a := decode(b, f, `{"szkola":{"id":"1"},"obszar":"ocenianie","diagnoza":"D","cel":[{"_row":"r1","opis":"C"}],
	 "dzialania":[{"_row":"ra","nazwa":"N","od":"2027-04-05","do":"2027-04-07","zdalnie":true}]}`)
	b.ReportAllocs()
	for b.Loop() {
		if r := form.Validate(pl, f, a, form.Final, nil); len(r.Errors) > 0 {
			b.Fatal(keys(r.Errors))
		}
	}
}
