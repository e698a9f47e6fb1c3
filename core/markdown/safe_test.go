package markdown_test

import (
	"encoding/json"
	"html/template"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
	"ore.edu.pl/sieci/core/markdown"
)

var _ templ.Component = markdown.Safe{}

// hostile are texts that somebody wrote into a store or an answer by other ways
// than ours.
var hostile = []string{`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<a href="javascript:alert(1)">x</a>`,
	`<iframe src="https://zly.example"></iframe>`, `<p style="background:url(https://zly.example)">x</p>`, `<svg/onload=alert(1)>`,
	`<p>x</p><p onclick="script()">y</p>`, `<p>x<script`, `<p>x</p><SCRIPT>y</SCRIPT>`, `<p ><img/src=x onerror=script()>`, `</p><style>x</style>`}

func harmless(t *testing.T, from string, s markdown.Safe) {
	t.Helper()
	for _, x := range []string{"script", "onerror", "onload", "iframe", "style", "zly.example"} {
		if strings.Contains(s.String(), x) {
			t.Errorf("%s became %s", from, s)
		}
	}
}

// What was stored comes out as it was rendered; what somebody wrote into the
// store besides does not run.
func TestStoredTextsAreLookedAtAgain(t *testing.T) {
	t.Parallel()
	const src = "# Tytuł\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[dobry](https://example.org/a?b=1&c=2) ![x](/pliki/0190c6a0-0000-7000-8000-000000000000)\n\n> cytat\n\n- [x] zrobione\n\n```\nkod <b>\n```"
	once := markdown.Render(src)
	stored, err := once.Value()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(once)
	if err != nil {
		t.Fatal(err)
	}
	var read, parsed markdown.Safe
	if err := read.Scan([]byte(stored.(string))); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &parsed); err != nil {
		t.Fatal(err)
	}
	if read != once || parsed != once {
		t.Errorf("the text changed:\n%s\n%s\n%s", once, read, parsed)
	}
	for _, bad := range hostile {
		var s markdown.Safe
		if err := s.Scan(bad); err != nil {
			t.Fatal(err)
		}
		harmless(t, bad, s)
		if err := s.UnmarshalText([]byte(bad)); err != nil {
			t.Fatal(err)
		}
		harmless(t, bad, s)
	}
	if err := read.Scan(7); err == nil {
		t.Error("a number became HTML")
	}
}

// Both kinds of templates print it as it is, and nothing else unescaped.
func TestPrinted(t *testing.T) {
	t.Parallel()
	s := markdown.Render("**tak** <b>")
	var b, c strings.Builder
	if err := template.Must(template.New("").Parse(`{{.S.HTML}}|{{.T}}`)).Execute(&b, map[string]any{"S": s, "T": "<b>"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Render(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	const want = "<p><strong>tak</strong> &lt;b&gt;</p>"
	if b.String() != want+"|&lt;b&gt;" || c.String() != want || s.IsZero() || !markdown.Render("").IsZero() {
		t.Errorf("%s\n%s", b.String(), c.String())
	}
}

func TestRelink(t *testing.T) {
	t.Parallel()
	src := "[plik](" + file + ") [sieć](/sieci/1?a=1&b=2) [strona](https://a.pl/?x=1&y=2) <ola@a.pl>\n\n![mapa](" + file + ")\n\n|a|\n|-|\n|`<b>`|"
	got := markdown.Render(src).Relink(func(to string, picture bool) string {
		switch {
		case to == file:
			return "files/mapa.png"
		case strings.HasPrefix(to, "/"):
			return "https://sieci.example" + to
		}
		return to
	}).String()
	for _, want := range []string{`<a href="files/mapa.png">plik</a>`, `<a href="https://sieci.example/sieci/1?a=1&amp;b=2">sieć</a>`, `<a href="https://a.pl/?x=1&amp;y=2" rel="nofollow noopener noreferrer">strona</a>`,
		`href="mailto:ola@a.pl"`, `<img src="files/mapa.png" alt="mapa" loading="lazy">`, `<code>&lt;b&gt;</code>`, `aria-label="a"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
	for _, bad := range []string{"javascript:alert(1)", `x" onerror="alert(1)`, "//zle.example/x", "data:text/html,x", "../../etc/passwd", ""} {
		got := markdown.Render(src).Relink(func(string, bool) string { return bad }).String()
		if strings.Contains(got, "href") || strings.Contains(got, "src=") || strings.Contains(got, "onerror") || !strings.Contains(got, `alt="mapa"`) {
			t.Errorf("%q: %s", bad, got)
		}
	}
	if got := markdown.Render("![mapa](" + file + ")").Relink(func(string, bool) string { return "https://zle.example/x.png" }).String(); strings.Contains(got, "zle") {
		t.Errorf("a picture comes from elsewhere: %s", got)
	}
}

var stored = markdown.Render(sample).String()

// Text that is stored by other ways becomes what the allow-list makes of it,
// however little of it needs changing.
func FuzzScan(f *testing.F) {
	for _, s := range append(hostile, stored, "<p>a</p>", "<p>a<br>b</p>", "a > b", "<", "<>", "</", "<p", "<p>\x00", "&lt;script&gt;", "<!--", "<p><!-- x --></p>", "<![CDATA[x]]>") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var once, twice markdown.Safe
		if err := once.Scan(text); err != nil {
			t.Fatal(err)
		}
		z := html.NewTokenizer(strings.NewReader(once.String()))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			tag := z.Token()
			if !elements[tag.Data] {
				t.Fatalf("%q became %s", text, once)
			}
			for _, a := range tag.Attr {
				if !strings.Contains(attribute[tag.Data], a.Key) {
					t.Fatalf("%q became %s", text, once)
				}
			}
		}
		if err := twice.Scan(once.String()); err != nil || twice != once {
			t.Fatalf("%q became %q, then %q", text, once, twice)
		}
	})
}

// Reading a text that was kept rendered, beside rendering it anew.
func BenchmarkScan(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var s markdown.Safe
		if err := s.Scan(stored); err != nil {
			b.Fatal(err)
		}
	}
}
