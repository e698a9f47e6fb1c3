package render_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/i18n"
)

// What a browser would send for a form as it was rendered is read back as the
// same answers, whatever the form and the answers.
func TestRenderedFormReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := genForm(t)
		if f == nil {
			return
		}
		a := genAnswers(t, f, f.Items)
		want := form.Validate(i18n.Polish, f, a, form.Final, nil).Answers
		shown := form.FromAnswers(f, want)
		got := form.State{}
		for n := range f.Pages() {
			shown.Page = n
			values := browser(t, renderForm(t, f, shown))
			values.Set(form.FieldDo, string(form.Save))
			got, _ = form.Step(i18n.Polish, f, got, values)
		}
		back, errs := form.Parse(f, got)
		if len(errs) > 0 {
			t.Fatalf("cannot be read: %v", errs)
		}
		if w, g := want.Canonical(), back.Canonical(); !bytes.Equal(w, g) {
			t.Fatalf("form %s\nwant %s\ngot  %s", f.Canonical(), w, g)
		}
	})
}

// Of two fillings each difference can be taken over by itself: taking all of
// them gives the other one's answers, taking one leaves the others.
func TestDifferencesAreTaken(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := genForm(t)
		if f == nil {
			return
		}
		final := func() form.State {
			return form.FromAnswers(f, form.Validate(i18n.Polish, f, genAnswers(t, f, f.Items), form.Final, nil).Answers)
		}
		read := func(s form.State) form.Answers { a, _ := form.Parse(f, s); return a }
		theirs, mine := final(), final()
		changes := form.Diff(f, read(theirs), read(mine))
		var all []string
		for _, c := range changes {
			all = append(all, c.Path)
		}
		whole := form.Take(f, mine, theirs, all)
		if left := form.Diff(f, read(theirs), read(whole)); len(left) > 0 {
			t.Fatalf("form %s\nall was taken, left are %+v", f.Canonical(), left)
		}
		if len(all) == 0 {
			return
		}
		one := rapid.IntRange(0, len(all)-1).Draw(t, "one")
		left := form.Diff(f, read(theirs), read(form.Take(f, mine, theirs, all[one:one+1])))
		if len(left) != len(all)-1 {
			t.Fatalf("form %s\n%s was taken of %v, left are %+v", f.Canonical(), all[one], all, left)
		}
	})
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func renderForm(t fataler, f *form.Form, s form.State) string {
	t.Helper()
	c, err := render.HTML(context.Background(), render.Page{Form: f, State: s, Action: "/x", CanSave: true})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// browser returns the successful controls of the form in page, as the HTML
// standard defines them, without its buttons.
func browser(t fataler, page string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	out := url.Values{}
	ids := map[string]bool{}
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				t.Fatal("the id " + id + " occurs twice")
			}
			ids[id] = true
		}
		if n.Type == html.ElementNode {
			control(n, out)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(doc)
	return out
}

func control(n *html.Node, out url.Values) {
	name := attr(n, "name")
	switch n.Data {
	case "input":
		switch attr(n, "type") {
		case "radio", "checkbox":
			if has(n, "checked") {
				out.Add(name, attr(n, "value"))
			}
		case "file":
		default:
			out.Add(name, attr(n, "value"))
		}
	case "textarea":
		if n.FirstChild != nil {
			out.Add(name, strings.ReplaceAll(n.FirstChild.Data, "\n", "\r\n"))
		} else {
			out.Add(name, "")
		}
	case "select":
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Data == "option" && has(c, "selected") {
				out.Add(name, attr(c, "value"))
			}
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// genForm makes a form that the linter accepts, of every type that is rendered.
func genForm(t *rapid.T) *form.Form {
	g := &generator{t: t}
	f := &form.Form{
		Kind: "form", V: 1, ID: "x", Rev: 1, Title: text("T"), Paged: rapid.Bool().Draw(t, "paged"),
		Items: g.items(1, ""),
	}
	found := f.Lint()
	for _, d := range found {
		if d.Code != "unreachable" {
			t.Fatalf("the generator made a form that does not pass: %s %s", d, f.Canonical())
		}
	}
	if len(found) > 0 {
		return nil
	}
	return f
}

type generator struct {
	t    *rapid.T
	n    int
	seen []*form.Item
}

func text(s string) form.Text { return form.Text{"pl": s} }

var labels = []string{"Żółw", "<script>alert(1)</script>", `"cudzysłów" & 'inne'`, "</textarea>", "{{.X}}"}

func (g *generator) items(depth int, home string) []*form.Item {
	var out []*form.Item
	mark := len(g.seen)
	for i := rapid.IntRange(1, 4).Draw(g.t, "items"); i > 0; i-- {
		g.n++
		it := &form.Item{ID: fmt.Sprintf("i%d", g.n), Label: text(rapid.SampledFrom(labels).Draw(g.t, "label"))}
		types := []form.Type{
			form.TypeText, form.TypeLongText, form.TypeInteger, form.TypeDecimal, form.TypeBool, form.TypeDate, form.TypeTime,
			form.TypeDateTime, form.TypeChoice, form.TypeMulti, form.TypeScale, form.TypeFile, form.TypeRef, form.TypeNote,
		}
		if home == "" {
			types = append(types, form.TypeMatrix)
		}
		if depth < 3 {
			types = append(types, form.TypeGroup, form.TypeGroup)
		}
		it.Type = rapid.SampledFrom(types).Draw(g.t, "type")
		g.when(it)
		g.details(it, depth, home)
		out = append(out, it)
		g.seen = append(g.seen, it)
	}
	if home != "" {
		g.seen = g.seen[:mark] // rows cannot be named from outside
	}
	return out
}

func (g *generator) when(it *form.Item) {
	var sources []*form.Item
	for _, s := range g.seen {
		if s.Type == form.TypeChoice || s.Type == form.TypeBool {
			sources = append(sources, s)
		}
	}
	if len(sources) == 0 || rapid.IntRange(0, 2).Draw(g.t, "when") > 0 {
		return
	}
	s := rapid.SampledFrom(sources).Draw(g.t, "source")
	it.When = &form.Condition{Item: s.ID, Op: form.OpEqual, Value: "c1"}
	if s.Type == form.TypeBool {
		it.When.Value = true
	}
	if rapid.Bool().Draw(g.t, "not") {
		it.When = &form.Condition{Not: it.When}
	}
}

func (g *generator) details(it *form.Item, depth int, home string) {
	switch it.Type {
	case form.TypeChoice, form.TypeMulti, form.TypeMatrix:
		for i := rapid.IntRange(1, 9).Draw(g.t, "options"); i > 0; i-- {
			it.Options = append(it.Options, form.Option{Code: fmt.Sprintf("c%d", i), Label: text("O")})
		}
		if it.Type == form.TypeMatrix {
			it.Rows = []form.MatrixRow{{ID: "r1", Label: text("R1")}, {ID: "r2", Label: text("R2")}}
		}
	case form.TypeRef:
		it.Ref = "szkola"
	case form.TypeFile:
		three := 3.0
		it.Max = &three
	case form.TypeGroup:
		inner := home
		if rapid.Bool().Draw(g.t, "repeat") {
			it.Repeat = &form.Repeat{Min: rapid.IntRange(0, 1).Draw(g.t, "min"), Max: 3}
			inner = it.ID
		}
		it.Items = g.items(depth+1, inner)
	}
}

func genAnswers(t *rapid.T, f *form.Form, items []*form.Item) form.Answers {
	out := form.Answers{}
	for _, it := range items {
		switch {
		case it.Repeated():
			var rows []form.Row
			for i := rapid.IntRange(it.Repeat.Min, 3).Draw(t, "rows"); i > 0; i-- {
				rows = append(rows, form.Row{ID: fmt.Sprintf("r%d", i), Answers: genAnswers(t, f, it.Items)})
			}
			if len(rows) > 0 {
				out[it.ID] = rows
			}
		case it.Type == form.TypeGroup:
			for k, v := range genAnswers(t, f, it.Items) {
				out[k] = v
			}
		case rapid.IntRange(0, 3).Draw(t, "answered") > 0:
			if v := genValue(t, it); v != nil {
				out[it.ID] = v
			}
		}
	}
	return out
}

func genValue(t *rapid.T, it *form.Item) any {
	codes := func() []string {
		var all []string
		for _, o := range it.Options {
			all = append(all, o.Code)
		}
		return all
	}
	switch it.Type {
	case form.TypeText:
		if s := form.Normal(rapid.SampledFrom(labels).Draw(t, "text"), false); s != "" {
			return s
		}
	case form.TypeLongText:
		if s := form.Normal(rapid.StringMatching(`[ \n<>&"'a-zżó]{0,40}`).Draw(t, "long"), true); s != "" {
			return s
		}
	case form.TypeInteger:
		return rapid.Int64Range(-1e14, 1e14).Draw(t, "int")
	case form.TypeDecimal:
		return float64(rapid.Int64Range(-1e10, 1e10).Draw(t, "dec")) / 100
	case form.TypeBool:
		return rapid.Bool().Draw(t, "bool")
	case form.TypeDate:
		return fmt.Sprintf("20%02d-%02d-%02d", rapid.IntRange(10, 60).Draw(t, "y"), rapid.IntRange(1, 12).Draw(t, "m"), rapid.IntRange(1, 28).Draw(t, "d"))
	case form.TypeTime:
		return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "h"), rapid.IntRange(0, 59).Draw(t, "min"))
	case form.TypeDateTime:
		// Around both changes of the clock as well.
		return rapid.SampledFrom([]string{
			"2027-03-28T00:59:00Z", "2027-03-28T01:00:00Z", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z", "2027-10-31T02:00:00Z", "2026-12-31T23:30:00Z",
		}).Draw(t, "at")
	case form.TypeChoice:
		return rapid.SampledFrom(codes()).Draw(t, "choice")
	case form.TypeMulti:
		var some []string
		for _, c := range codes() {
			if rapid.Bool().Draw(t, "picked") {
				some = append(some, c)
			}
		}
		if len(some) > 0 {
			return some
		}
	case form.TypeMatrix:
		return map[string]string{"r2": rapid.SampledFrom(codes()).Draw(t, "cell")}
	case form.TypeScale:
		return rapid.Int64Range(0, 10).Draw(t, "scale")
	case form.TypeFile:
		return []string{"f1", "f2"}
	case form.TypeRef:
		return form.Ref{Kind: "szkola", ID: "s-1"}
	}
	return nil
}
