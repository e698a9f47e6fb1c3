package i18n

import (
	"testing"

	"golang.org/x/text/feature/plural"
)

// Every text of the catalogue says the same whether it is filled directly or by
// text/template, for counts of every form.
func TestPatternsSayWhatTemplatesSay(t *testing.T) {
	t.Parallel()
	filled := 0
	for _, l := range Langs {
		for key, p := range simple[l] {
			data := map[string]any{}
			var args []any
			for _, form := range p {
				for i := 1; i < len(form); i += 2 {
					if _, ok := data[form[i]]; !ok {
						var v any = "<" + form[i] + " & ż>"
						if len(data)%2 == 1 {
							v = -17
						}
						data[form[i]] = v
						args = append(args, form[i], v)
					}
				}
			}
			if text, ok := p[plural.Other].fill(args, 0, false); ok {
				filled++
				if want := localize(l, key, nil, data); text != want {
					t.Errorf("%s %s: %q, want %q", l, key, text, want)
				}
			}
			if p[plural.One] == nil {
				continue
			}
			for _, n := range []int{-1, 0, 1, 2, 5, 12, 22, 25, 101, 1002} {
				data["N"] = n
				if got, want := Plural(l, key, n, args...), localize(l, key, n, data); got != want {
					t.Errorf("%s %s, %d: %q, want %q", l, key, n, got, want)
				}
			}
		}
	}
	if filled < 1000 {
		t.Errorf("only %d texts are filled directly", filled)
	}
}

func TestPatternsLeaveTheRestToTemplates(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{{if .A}}x{{end}}", "{{ .A }}", "a {{.A}} {{.B.C}}"} {
		if p := patternOf(text); p != nil {
			t.Errorf("%q: %q", text, p)
		}
	}
	p := patternOf("od {{.A}} do {{.B}}")
	for _, args := range [][]any{nil, {"A", "x"}, {"A", "x", "B", 1.5}, {"A", "x", "B"}} {
		if s, ok := p.fill(args, 0, false); ok {
			t.Errorf("%v: %q", args, s)
		}
	}
	if s, ok := p.fill([]any{"B", int64(2), "A", "x", "A", "y"}, 0, false); s != "od y do 2" || !ok {
		t.Errorf("%q, %v", s, ok)
	}
}
