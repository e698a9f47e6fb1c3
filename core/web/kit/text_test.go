package kit

import (
	"bytes"
	"strings"
	"testing"
)

func tied(page string) string {
	var b bytes.Buffer
	tie(&b, []byte(page))
	return b.String()
}

func TestTie(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<p>w sieci i poza nią</p>":                    "<p>w~sieci i~poza nią</p>",
		"<p>a w i o</p>":                               "<p>a~w~i~o</p>",
		"<p>(w sieci) „z nami”</p>":                    "<p>(w~sieci) „z~nami”</p>",
		"<p>Kot z\nnami</p>":                           "<p>Kot z\nnami</p>",
		"<p>lew i żubr</p>":                            "<p>lew i~żubr</p>",
		`<a title="w sieci" href='?q=w x'>w sieci</a>`: `<a title="w sieci" href='?q=w x'>w~sieci</a>`,
		"<textarea>w sieci</textarea> w sieci":         "<textarea>w sieci</textarea> w~sieci",
		"<code>a b</code><pre class=\"x\">w x</pre>":   "<code>a b</code><pre class=\"x\">w x</pre>",
		"<pre><code>a b</code></pre>a b":               "<pre><code>a b</code></pre>a~b",
		"<p>zw sieci, ów x</p>":                        "<p>zw sieci, ów x</p>",
		"<p>a":                                         "<p>a",
		"<p title=\"urwane w x":                        "<p title=\"urwane w x",
		"w ":                                           "w ",
	} {
		if got := strings.ReplaceAll(tied(in), nbsp, "~"); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// Whatever a page holds: only spaces become no-break spaces, and exactly those
// that a reading byte by byte ties.
func FuzzTieKeepsTheText(f *testing.F) {
	f.Add("<p>w sieci</p>")
	f.Add("<textarea>")
	f.Add(`<a title="w > x" data-x="">o i o</a><pre>a b</pre x>i c<code`)
	f.Add("<script src=x>w x</script><i>w </i> a „w x (z y) w~x>\t< u x\">i x")
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := tied(s), slowlyTied(s); want != "" && got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
		if strings.Contains(s, nbsp) {
			return
		}
		if got := strings.ReplaceAll(tied(s), nbsp, " "); got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}

// slowlyTied is tie without its searching: it walks over every byte, those of
// tags included. It is empty for what no page of ours is: with a < within a tag or
// within a verbatim element.
func slowlyTied(page string) string {
	var out strings.Builder
	inTag, quoted, verbatim, tag, text := false, false, "", 0, 0
	for i := range len(page) {
		c := page[i]
		switch {
		case verbatim != "":
			if c != '<' {
				break
			}
			if !strings.HasPrefix(page[i:], "</"+verbatim) {
				return ""
			}
			verbatim, inTag, quoted, tag = "", true, false, i
		case inTag && c == '"':
			quoted = !quoted
		case inTag && c == '>' && !quoted:
			inTag, text = false, i+1
			for _, name := range []string{"textarea", "pre", "code", "script", "style"} {
				if rest, ok := strings.CutPrefix(page[tag+1:i+1], name); ok && (rest[0] == ' ' || rest[0] == '>') {
					verbatim = name
				}
			}
		case inTag && c == '<':
			return ""
		case inTag:
		case c == '<':
			inTag, quoted, tag = true, false, i
		case c == ' ' && i > text && i+1 < len(page) && page[i+1] != '<' && strings.IndexByte("wziouaWZIOUA", page[i-1]) >= 0:
			before := page[text : i-1]
			if before == "" || strings.HasSuffix(before, "„") || strings.HasSuffix(before, nbsp) || strings.IndexByte(" \n\t(", before[len(before)-1]) >= 0 {
				out.WriteString(nbsp)
				continue
			}
		}
		out.WriteByte(c)
	}
	return out.String()
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/moje": "/moje", "/sieci?s=2#x": "/sieci?s=2#x", "/": "/",
		"": "/x", "moje": "/x", "//zly.example": "/x", "/\\zly.example": "/x", "https://zly.example": "/x", "/\t/zly": "/x",
		"/a/../../b": "/x", "/a\r\nSet-Cookie: x": "/x", "javascript:alert(1)": "/x", "/" + strings.Repeat("a", 2001): "/x",
	} {
		if got := LocalPath(in, "/x"); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDispositionKeepsPolishNamesAndNoFolders(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plan.pdf":              `attachment; filename=plan.pdf`,
		"../../etc/passwd":      `attachment; filename=passwd`,
		`C:\Users\a\zażółć.odt`: `attachment; filename*=utf-8''za%C5%BC%C3%B3%C5%82%C4%87.odt`,
		"a\"\r\nb.txt":          `attachment; filename="a\"b.txt"`,
	} {
		if got := disposition(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func BenchmarkTie(b *testing.B) {
	page := []byte(strings.Repeat(`<tr class="w x"><th scope="row"><a href="/osoby/1">Anna Zielińska</a></th><td>Szkoła Podstawowa w Śremie i okolicach</td></tr>`+"\n", 100))
	if got := tied(string(page)); got != slowlyTied(string(page)) || !strings.Contains(got, nbsp) {
		b.Fatalf("tied otherwise: %.300q", got)
	}
	b.SetBytes(int64(len(page)))
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		tie(&out, page)
	}
}
