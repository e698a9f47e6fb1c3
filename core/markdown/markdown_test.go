package markdown_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/markdown"
)

const file = "/pliki/0198a1b2-0000-7000-8000-000000000001"

func TestHTML(t *testing.T) {
	t.Parallel()
	const out = ` rel="nofollow noopener noreferrer"`
	for src, want := range map[string]string{
		"":                                         "",
		"Dzień dobry":                              "<p>Dzień dobry</p>",
		"jeden\ndwa":                               "<p>jeden<br>\ndwa</p>",
		"**tak** _nie_ ~~może~~":                   "<p><strong>tak</strong> <em>nie</em> <del>może</del></p>",
		"# A\n### B\n## C\n# D":                    "<h3>A</h3>\n<h4>B</h4>\n<h4>C</h4>\n<h3>D</h3>",
		"###### A\n# B":                            "<h3>A</h3>\n<h3>B</h3>",
		"#\n\ntekst":                               "<p>tekst</p>",
		"1. a\n2. b":                               "<ol>\n<li>a</li>\n<li>b</li>\n</ol>",
		"3. a":                                     "<ol start=\"3\">\n<li>a</li>\n</ol>",
		"> słowa":                                  "<blockquote>\n<p>słowa</p>\n</blockquote>",
		"<b>x</b> a < b & c":                       "<p>&lt;b&gt;x&lt;/b&gt; a &lt; b &amp; c</p>",
		"<script>alert(1)</script>":                "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
		"[ORE](https://ore.edu.pl)":                `<p><a href="https://ore.edu.pl"` + out + `>ORE</a></p>`,
		"[ORE](www.ore.edu.pl/x)":                  `<p><a href="https://www.ore.edu.pl/x"` + out + `>ORE</a></p>`,
		"[tu](/sieci/1)":                           `<p><a href="/sieci/1">tu</a></p>`,
		"[](https://ore.edu.pl)":                   `<p><a href="https://ore.edu.pl"` + out + `>https://ore.edu.pl</a></p>`,
		"[a](javascript:alert(1))":                 "<p>a</p>",
		"[a](//zle.example)":                       "<p>a</p>",
		"[a](data:text/html,x)":                    "<p>a</p>",
		"<javascript:alert(1)>":                    "<p>javascript:alert(1)</p>",
		"https://ore.edu.pl":                       `<p><a href="https://ore.edu.pl"` + out + `>https://ore.edu.pl</a></p>`,
		"![mapa](https://zle.example/x.png)":       `<p><a href="https://zle.example/x.png"` + out + `>mapa</a></p>`,
		"![mapa](" + file + ")":                    `<p><img src="` + file + `" alt="mapa" loading="lazy"></p>`,
		"![](" + file + ")":                        `<p><a href="` + file + `">` + file + `</a></p>`,
		"[![x](https://a.pl/b.png)](https://c.pl)": `<p><a href="https://c.pl"` + out + `>x</a></p>`,
		"|a|b|\n|-|:-:|\n|1|2|":                    "<div class=\"table-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"a, b\">\n<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n</div>",
	} {
		if got := markdown.Render(src).String(); got != want {
			t.Errorf("%q\n got %q\nwant %q", src, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	src := "# Scenariusz\n\nLekcja **pierwsza**: [opis](https://ore.edu.pl), a\\*b &amp; c.\n\n- jeden\n- dwa\n\n> cytat\n\n|x|y|\n|-|-|\n|1|2|\n\n```\nkod <b>\n```\n"
	want := "Scenariusz\nLekcja pierwsza: opis, a*b & c.\njeden\ndwa\ncytat\nx y\n1 2\nkod <b>"
	if got := markdown.Plain(src); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := markdown.Excerpt("Zażółć **gęślą** jaźń i jeszcze trochę", 20); got != "Zażółć gęślą jaźń i…" {
		t.Errorf("excerpt %q", got)
	}
}

func TestQuoteKeepsWordsPlain(t *testing.T) {
	t.Parallel()
	words := "# nie *nagłówek* [x](y)\n- ani <b>lista</b>"
	q := markdown.Quote("[Anna](/sieci/1):", words)
	if got := markdown.Plain(q); got != "Anna:\n"+words {
		t.Errorf("%q reads %q", q, got)
	}
	if got := markdown.Render(q + "odpowiedź").String(); !strings.HasPrefix(got, "<blockquote>") || !strings.HasSuffix(got, "</blockquote>\n<p>odpowiedź</p>") {
		t.Errorf("quote renders %q", got)
	}
}

// What a page of marks costs stays far below what a request may take.
func TestHostileTextsAreCheap(t *testing.T) {
	t.Parallel()
	n := markdown.Max
	for name, src := range map[string]string{
		"quotes": strings.Repeat(">", n), "spaced quotes": strings.Repeat("> ", n/2), "lists": strings.Repeat("- ", n/2), "numbers": strings.Repeat("1. ", n/3),
		"brackets": strings.Repeat("[", n), "pairs": strings.Repeat("[]", n/2), "stars": strings.Repeat("*a ", n/3), "both": strings.Repeat("*_", n/2), "ticks": strings.Repeat("`a", n/2),
		"table": "|" + strings.Repeat("a|", 500) + "\n|" + strings.Repeat("-|", 500) + "\n" + strings.Repeat("|", n-3000), "links": strings.Repeat("[a](", n/4),
		"deep lines": strings.Repeat(strings.Repeat("> - ", 20)+"a\n", n/82), "refs": strings.Repeat("[a]: x\n", n/7), "mail": strings.Repeat("a@", n/2), "ampersands": strings.Repeat("&#", n/2),
		"indent": strings.Repeat(" ", n-1) + "a", "images": strings.Repeat("![", n/2), "lt": strings.Repeat("<", n), "tildes": strings.Repeat("~~a", n/3), "www": strings.Repeat("www.", n/4),
	} {
		start := time.Now()
		check(t, src)
		markdown.Plain(src)
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}

var (
	addresses = regexp.MustCompile(`(?i)^(https?://|mailto:|/[^/\\])|^/$`)
	attribute = map[string]string{"a": "href rel", "img": "src alt loading", "div": "class tabindex role aria-label", "ol": "start"}
	elements  = map[string]bool{"p": true, "br": true, "hr": true, "h3": true, "h4": true, "h5": true, "h6": true, "ul": true, "ol": true, "li": true, "blockquote": true,
		"em": true, "strong": true, "del": true, "code": true, "pre": true, "table": true, "thead": true, "tbody": true, "tr": true, "th": true, "td": true, "a": true, "img": true, "div": true}
	void = regexp.MustCompile(`<(br|hr|img)((?:\s[^<>]*?)?)/?>`)
)

// check holds the output of src against what a page may carry.
func check(t testing.TB, src string) {
	t.Helper()
	got := markdown.Render(src).String()
	d := xml.NewDecoder(strings.NewReader("<x>" + void.ReplaceAllString(got, "<$1$2/>") + "</x>"))
	d.Entity = xml.HTMLEntity
	level := 2
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			if strings.Contains(err.Error(), "illegal character") || strings.Contains(err.Error(), "invalid UTF-8") {
				return // XML forbids some characters that HTML takes; the tags are looked at by other inputs
			}
			t.Fatalf("not well-formed: %v\n%q\n%q", err, src, got)
		}
		e, ok := tok.(xml.StartElement)
		if !ok || e.Name.Local == "x" {
			continue
		}
		name := e.Name.Local
		if !elements[name] {
			t.Fatalf("element %s\n%q\n%q", name, src, got)
		}
		for _, a := range e.Attr {
			if !strings.Contains(attribute[name], a.Name.Local) || strings.HasPrefix(a.Name.Local, "on") {
				t.Fatalf("attribute %s of %s\n%q\n%q", a.Name.Local, name, src, got)
			}
			if a.Name.Local == "href" && !addresses.MatchString(a.Value) || a.Name.Local == "src" && !strings.HasPrefix(a.Value, "/pliki/") {
				t.Fatalf("address %q\n%q\n%q", a.Value, src, got)
			}
		}
		if len(name) == 2 && name[0] == 'h' && name != "hr" {
			l := int(name[1] - '0')
			if l > level+1 {
				t.Fatalf("heading %d after %d\n%q\n%q", l, level, src, got)
			}
			level = l
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{"# a\n### b", "[a](javascript:alert(1))", "<img src=x onerror=alert(1)>", "![a](" + file + ")", "|a|\n|-|\n|<b>|", "> > - 1. a\n\n    kod",
		"[a]: javascript:x\n[a]", "<https://a.pl>", "&#106;avascript:x", "[a](&#106;avascript:x)", "`<script>`", "a\x00b", "[x](<//a.b>)", "[x](/\\a)", "~~~html\n<b>\n~~~", "* * *", "[![a](b)](c.pl)", "# [](x.pl)", "Zażółć gęślą jaźń"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		check(t, src)
		if p := markdown.Plain(src); strings.Contains(p, "\x00") {
			t.Fatalf("%q", p)
		}
	})
}

var sample = strings.Repeat("Na lekcji **wychowawczej** pracowaliśmy w parach: każda para dostała [kartę](https://ore.edu.pl/karta). Uczniowie oceniali się wzajemnie według kryteriów.\n\n- kryterium pierwsze\n- kryterium drugie\n\n> Czy to działa w klasie ósmej?\n\n", 3)

func BenchmarkHTML(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		markdown.Render(sample)
	}
}
