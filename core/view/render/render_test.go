package render_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/view"
	"ore.edu.pl/sieci/core/view/render"
)

var update = flag.Bool("update", false, "write the golden files anew")

type ports struct{}

func (ports) Names(context.Context, string, []string) (map[string]view.Name, error) {
	return map[string]view.Name{"p-1": {Label: "Anna Żak"}}, nil
}

func (ports) Route(to, id string) (string, bool) { return "/" + to + "/" + id, to != "nowhere" }

func board(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("../testdata/board.json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func show(t testing.TB, l i18n.Lang, raw []byte) string {
	t.Helper()
	ctx := i18n.With(context.Background(), l)
	v, list := view.Load(raw)
	if v == nil {
		t.Fatal(list)
	}
	r, err := view.Resolve(ctx, v, ports{}, ports{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := render.HTML(ctx, r, render.Options{
		Action: func(id string) (render.Target, bool) {
			return render.Target{URL: "/do", Hidden: []formrender.Hidden{{Name: "_key", Value: "k1"}}}, id != "secret"
		},
		Form: func(context.Context, string) (templ.Component, error) { return templ.Raw("<p>form</p>"), nil },
		Page: func(node string, page int) string { return "?t=" + node + "&s=" + strconv.Itoa(page) },
		CSV:  func(node string) string { return "/csv/" + node },
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGoldenBoard(t *testing.T) {
	t.Parallel()
	got := strings.ReplaceAll(show(t, i18n.Polish, board(t)), "><", ">\n<") + "\n"
	path := filepath.Join("testdata", "board.html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
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

func TestBoardSaysOnlyWhatItsReaderMaySee(t *testing.T) {
	t.Parallel()
	got := show(t, i18n.Polish, board(t))
	for _, want := range []string{">uczestnik<", "Anna Żak", "(www.ore.edu.pl)", "5–7 kwietnia 2027 r.", "21 godzin dydaktycznych", "&lt;b&gt;nie znacznik", `<a href="/plan/p1">plan</a>`, "Strona 1 z 4"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, not := range []string{"p-hidden", "Niedozwolone", "style=", "<script"} {
		if strings.Contains(got, not) {
			t.Errorf("the page has %s", not)
		}
	}
}

// Every chart kind is drawn within its picture and carries its data as a table.
func TestCharts(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"bar", "diverging", "stacked", "line", "dot", "hist", "heat"} {
		for name, rows := range map[string]string{
			"three": `["A",1,2.5,0],["B",null,3,4],["C",7,0,1]`,
			"none":  ``,
			"zero":  `["A",0,0,0]`,
			"empty": `["A",null,null,null]`,
		} {
			raw := `{"kind":"view","v":1,"title":"X","nodes":[{"type":"chart","chart":"` + kind + `","title":"T","alt":"Opis","frame":{"columns":[
			 {"id":"k","label":"K","type":"text"},{"id":"a","label":"SA","type":"dec"},{"id":"b","label":"SB","type":"dec"},{"id":"c","label":"SC","type":"dec"}],"rows":[` + rows + `]}}]}`
			page := show(t, i18n.Polish, []byte(raw))
			if name != "none" && (!strings.Contains(page, "<desc id=\"c-n1-desc\">Opis</desc>") || !strings.Contains(page, "<title id=\"c-n1-title\">T</title>")) {
				t.Errorf("%s/%s: no title or description", kind, name)
			}
			if !strings.Contains(page, "<table>") || strings.Contains(page, "NaN") || strings.Contains(page, "Inf") {
				t.Errorf("%s/%s: %s", kind, name, page)
			}
			inside(t, kind+"/"+name, page)
		}
	}
}

// inside checks that rectangles and circles lie within the picture.
func inside(t *testing.T, name, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var width, height float64
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		a := map[string]float64{}
		for _, x := range n.Attr {
			if x.Key == "viewBox" {
				f := strings.Fields(x.Val)
				width, _ = strconv.ParseFloat(f[2], 64)
				height, _ = strconv.ParseFloat(f[3], 64)
			}
			a[x.Key], _ = strconv.ParseFloat(x.Val, 64)
		}
		switch n.Data {
		case "rect":
			if a["x"] < -0.1 || a["y"] < -0.1 || a["x"]+a["width"] > width+0.2 || a["y"]+a["height"] > height+0.2 || a["width"] < 0 {
				t.Errorf("%s: a bar outside the picture: %v of %v×%v", name, a, width, height)
			}
		case "circle":
			if a["cx"] < 0 || a["cy"] < 0 || a["cx"] > width || a["cy"] > height {
				t.Errorf("%s: a dot outside the picture: %v", name, a)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(doc)
}

func BenchmarkRender(b *testing.B) {
	raw := board(b)
	b.ReportAllocs()
	for b.Loop() {
		show(b, i18n.Polish, raw)
	}
}
