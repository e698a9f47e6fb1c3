package view_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"testing"

	"ore.edu.pl/sieci/core/form/declared"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/view"
)

// FuzzView: whatever the bytes, the linter answers; what it accepts can be
// resolved and exported, and its own spelling is accepted again.
func FuzzView(f *testing.F) {
	raw, err := os.ReadFile("testdata/board.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(wrap(`{"type":"facts","items":[{"label":"L","value":{"t":"ext","v":"https://a.pl/x"}}]}`))
	f.Add(wrap(`{"type":"chart","chart":"heat","title":"T","alt":"A","frame":{"columns":[{"id":"k","label":"K","type":"text"},{"id":"a","label":"A","type":"dec"}],"rows":[["x",1],["y",null]]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, list := view.Load(raw)
		if v == nil {
			if !declared.Errors(list) {
				t.Fatal("refused without a reason")
			}
			return
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if w, list := view.Load(again); w == nil && len(again) <= view.MaxBytes {
			t.Fatalf("the view's own spelling is refused: %v\n%s", list, again)
		}
		r, err := view.Resolve(i18n.With(context.Background(), i18n.Polish), v, names{map[string][]string{}}, links{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := view.NewDocument(r); err != nil {
			t.Fatal(err)
		}
		for _, key := range v.Tables() {
			var b bytes.Buffer
			if err := view.WriteCSV(&b, r, key); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkLint(b *testing.B) {
	raw, err := os.ReadFile("testdata/board.json")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if v, _ := view.Load(raw); v == nil {
			b.Fatal("refused")
		}
	}
}
