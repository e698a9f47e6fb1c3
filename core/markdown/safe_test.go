package markdown_test

import (
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/markdown"
)

// What was stored comes out as it was rendered; what somebody wrote into the
// store besides does not run.
func TestKept(t *testing.T) {
	t.Parallel()
	const src = "# Tytuł\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[dobry](https://example.org/a?b=1&c=2) ![](/pliki/0190c6a0-0000-7000-8000-000000000000)\n\n> cytat\n\n- [x] zrobione\n\n```\nkod <b>\n```"
	if once, twice := markdown.HTML(src), markdown.Kept(markdown.HTML(src)).String(); once != twice {
		t.Errorf("stored text changed:\n%s\n%s", once, twice)
	}
	if got := markdown.Render(src).String(); got != markdown.HTML(src) {
		t.Error(got)
	}
	for _, bad := range []string{`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<a href="javascript:alert(1)">x</a>`, `<iframe src="https://zly.example"></iframe>`, `<p style="background:url(https://zly.example)">x</p>`} {
		got := markdown.Kept(bad).String()
		for _, x := range []string{"script", "onerror", "iframe", "style", "zly.example"} {
			if strings.Contains(got, x) {
				t.Errorf("%s became %s", bad, got)
			}
		}
	}
}
