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

func FuzzTieKeepsTheText(f *testing.F) {
	f.Add("<p>w sieci</p>")
	f.Add("<textarea>")
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, nbsp) {
			return
		}
		if got := strings.ReplaceAll(tied(s), nbsp, " "); got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
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
	b.SetBytes(int64(len(page)))
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		tie(&out, page)
	}
}
