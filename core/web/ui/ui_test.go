package ui_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/ui"
)

func TestFieldIDIsThatOfForms(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"nazwa", "dzialania[r3f2].od", "a_b-c", "cele[1]"} {
		if got, want := ui.FieldID(path), render.ID(path); got != want {
			t.Errorf("%s: %s, core/form/render says %s", path, got, want)
		}
	}
}

func TestProblemsSpeakTheReadersLanguage(t *testing.T) {
	t.Parallel()
	var f fault.Fields
	f.Add("nazwa", "web.form.max", "N", 120)
	f = append(f, fault.Field{Path: "opis", Text: "Słowa modułu."})
	p := ui.ProblemsOf(i18n.With(t.Context(), i18n.English), f.Err())
	if p.Of("nazwa") != "At most 120 characters." || p.Of("opis") != "Słowa modułu." || p.Of("inne") != "" || p.Message != "Correct the marked fields and send again." {
		t.Errorf("%+v", p)
	}
	if ui.ProblemsOf(t.Context(), nil).Any() {
		t.Error("no error has problems")
	}
	if p := ui.ProblemsOf(t.Context(), errors.New("tajne szczegóły")); strings.Contains(p.Message, "tajne") || !p.Any() {
		t.Errorf("a foreign error says %q", p.Message)
	}
}

func render1(t *testing.T, in ui.Input, p ui.Problems) string {
	t.Helper()
	var b strings.Builder
	if err := ui.Field(in, p).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFieldNamesItsHintAndError(t *testing.T) {
	t.Parallel()
	wrong := ui.Problems{Fields: []ui.Problem{{Path: "x", Text: "Źle."}}}
	for _, kind := range []ui.InputKind{ui.Text, ui.Email, ui.Password, ui.Number, ui.Textarea, ui.Select, ui.Checkbox, ui.Radios, ui.Checkboxes, ui.File, ui.Date} {
		html := render1(t, ui.Input{Kind: kind, Name: "x", Label: "Etykieta", Hint: "Podpowiedź", Value: `"<b>`, Options: []ui.Option{{Value: "1", Text: "Jeden"}}}, wrong)
		for _, want := range []string{`aria-describedby="f-x-hint f-x-error"`, `id="f-x-hint"`, `id="f-x-error"`, `id="f-x"`, "Źle.", "Etykieta"} {
			if strings.Count(html, want) != 1 {
				t.Errorf("%s: %s stands %d times in %s", kind, want, strings.Count(html, want), html)
			}
		}
		if strings.Contains(html, "<b>") {
			t.Errorf("%s: a value became markup", kind)
		}
		if kind == ui.Password && strings.Contains(html, "value=") {
			t.Error("a password is sent back")
		}
	}
}

func TestTextareaKeepsItsFirstLineBreak(t *testing.T) {
	t.Parallel()
	if html := render1(t, ui.Input{Kind: ui.Textarea, Name: "x", Value: "\na"}, ui.Problems{}); !strings.Contains(html, ">\n\na</textarea>") {
		t.Errorf("%q", html)
	}
}

// What is written by hand is escaped as templ escapes.
func TestByHandEscapesAsTempl(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for r := range rune(0x250) {
		all.WriteRune(r)
	}
	for _, text := range []string{"", "<", `a"b'c<d>e&f`, "&amp;", "Zażółć „gęślą” jaźń\x00", all.String()} {
		var out strings.Builder
		if err := ui.Cards([]ui.Card{{Title: text, Level: 2}}).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if want := `<ul class="cards"><li class="card"><h2>` + templ.EscapeString(text) + "</h2></li></ul>"; out.String() != want {
			t.Errorf("%q becomes %q, want %q", text, out.String(), want)
		}
	}
}
