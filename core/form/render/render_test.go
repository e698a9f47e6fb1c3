package render_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/i18n"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from what is rendered; look at the difference and run with -update:\n%s", path, got)
	}
}

func reference(t testing.TB, name string) *form.Form {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return form.MustLoad(raw)
}

type ports struct{}

func (ports) Label(_ context.Context, _, id string) (string, error) {
	if id == "s-1" {
		return "Szkoła Podstawowa nr 1 w Łodzi", nil
	}
	return "", fault.ErrNotFound
}

func (ports) Uploads(_ context.Context, _ []string) (map[string]form.Upload, error) {
	return map[string]form.Upload{"f1": {ID: "f1", Name: "arkusz <1>.pdf", Size: 123456, URL: "/plik/f1"}}, nil
}

func page(t *testing.T, ctx context.Context, p render.Page) string {
	t.Helper()
	var b strings.Builder
	summary := render.ErrorSummary(render.Problems(ctx, p.Form, p.State, p.Errors))
	if err := summary.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	p.Action, p.Picker, p.Files = "/formularz", ports{}, ports{}
	p.Hidden = []render.Hidden{{Name: "_key", Value: "k1"}}
	c, err := render.HTML(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	// A line for each element is easier to review than one long line.
	return strings.ReplaceAll(b.String(), "><", ">\n<") + "\n"
}

func filled(f *form.Form, pairs ...string) form.State {
	s := form.Start(f)
	for i := 0; i+1 < len(pairs); i += 2 {
		s.Values[pairs[i]] = append(s.Values[pairs[i]], pairs[i+1])
	}
	return s
}

func TestGoldenForms(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	survey := reference(t, "ankieta-po-spotkaniu")
	s, o := form.Step(i18n.Polish, survey, form.Start(survey), map[string][]string{"byl": {"t"}, "ocena.o1": {"5"}, "_shown": {"ocena,polecenie"}, "_do": {"submit"}})
	golden(t, "survey-errors.html", page(t, ctx, render.Page{Form: survey, State: s, Errors: o.Errors}))

	observation := reference(t, "obserwacja-kolezenska")
	s = filled(observation, "kiedy", "jutro", "arkusz", "f1", "u_kogo", "s-1", "wnioski", "a</textarea>\nb")
	_, bad := form.Parse(observation, s)
	golden(t, "observation.html", page(t, ctx, render.Page{Form: observation, State: s, Errors: bad, CanSave: true, Submit: "Wyślij obserwację"}))

	plan := reference(t, "plan-strategiczny-jst")
	s = form.FromAnswers(plan, form.Answers{"cele": []form.Row{{ID: "rg", Answers: form.Answers{"tresc": "Cel", "wskazniki": []form.Row{
		{ID: "ra", Answers: form.Answers{"bazowa": 3.5}}, {ID: "rb", Answers: form.Answers{}},
	}}}}})
	s.Page = 2
	errs := []fault.Field{{Path: "cele[rg].wskazniki[rb].bazowa", Key: "form.required"}}
	golden(t, "plan-page.html", page(t, ctx, render.Page{Form: plan, State: s, Errors: errs}))

	found := reference(t, "zalozenie-sieci")
	s = filled(found, "pierwsze.date", "31.10.2027", "pierwsze.time", "2:30")
	_, bad = form.Parse(found, s)
	golden(t, "found-en.html", page(t, i18n.With(ctx, i18n.English), render.Page{Form: found, State: s, Errors: bad, Revealed: []string{"x"}}))
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	f := reference(t, "plan-wspomagania")
	filled := func(text string) form.State {
		a, errs := form.DecodeAnswers(f, []byte(text))
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return form.FromAnswers(f, a)
	}
	theirs := filled(`{"obszar":"ocenianie","diagnoza":"a","cel":[{"_row":"r1","opis":"C"},{"_row":"r2","opis":"D"}]}`)
	mine := filled(`{"obszar":"uczenie","diagnoza":"a","cel":[{"_row":"r1","opis":"C"},{"_row":"r3","opis":"E"}]}`)
	list, err := render.Differences(context.Background(), render.Comparison{Form: f, Before: theirs, After: mine})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range list {
		got = append(got, strings.Join([]string{d.Path, d.Label, d.Before, d.After}, "|"))
	}
	golden(t, "differences.txt", strings.Join(got, "\n")+"\n")
}

func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	f := reference(t, "plan-wspomagania")
	a, errs := form.DecodeAnswers(f, []byte(`{"szkola":{"id":"1","label":"SP 1"},"obszar":"ocenianie","diagnoza":"a\nb","cel":[{"_row":"r1","opis":"C"}],
	 "dzialania":[{"_row":"ra","nazwa":"N","od":"2027-04-05","do":"2027-04-07","zdalnie":true,"koszt":12345.5}]}`))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	c, err := render.Answers(context.Background(), render.AnswerList{Form: f, Answers: a, Change: func(p string) string { return "/zmien?p=" + p }})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	golden(t, "answers.html", strings.ReplaceAll(b.String(), "><", ">\n<")+"\n")
}

func TestErrorSummaryCounts(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "Popraw 1 błąd", 2: "Popraw 2 błędy", 5: "Popraw 5 błędów", 22: "Popraw 22 błędy"} {
		var b strings.Builder
		if err := render.ErrorSummary(make([]render.Problem, n)).Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), ">"+want+"<") {
			t.Errorf("%d: %s", n, b.String())
		}
	}
	var b strings.Builder
	if err := render.ErrorSummary(nil).Render(context.Background(), &b); err != nil || b.Len() > 0 {
		t.Errorf("no errors, yet %q", b.String())
	}
}

func TestUnavailableTypesAreRefused(t *testing.T) {
	t.Parallel()
	f := form.Must(&form.Form{Kind: "form", V: 1, ID: "x", Rev: 1, Title: text("X"), Items: []*form.Item{
		{ID: "r", Type: form.TypeRank, Label: text("R"), Options: []form.Option{{Code: "a", Label: text("A")}}},
	}})
	if _, err := render.HTML(context.Background(), render.Page{Form: f}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("form: %v", err)
	}
	if _, err := render.Answers(context.Background(), render.AnswerList{Form: f}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("answers: %v", err)
	}
}

func BenchmarkRender(b *testing.B) {
	f := reference(b, "plan-wspomagania")
	s := form.Start(f)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		c, err := render.HTML(ctx, render.Page{Form: f, State: s, Action: "/x"})
		if err != nil {
			b.Fatal(err)
		}
		var w strings.Builder
		if err := c.Render(ctx, &w); err != nil {
			b.Fatal(err)
		}
	}
}
