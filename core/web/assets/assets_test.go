package assets_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/web/assets"
)

func TestSheetIsSmall(t *testing.T) {
	t.Parallel()
	f, ok := assets.Get("app.css")
	if !ok || len(f.Gzip) > 8<<10 {
		t.Errorf("app.css is %d bytes compressed, want at most 8 KiB", len(f.Gzip))
	}
	if !strings.HasPrefix(f.Type, "text/css") {
		t.Errorf("type %q", f.Type)
	}
	if want := "/s/" + f.Hash + "/app.css"; assets.URL("app.css") != want || len(f.Hash) != 12 {
		t.Errorf("address %s", assets.URL("app.css"))
	}
}

// tokens reads "--name: light-dark(#a, #b)" and "--name: #a" of the sheet.
func tokens(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	f, _ := assets.Get("app.css")
	css := string(f.Body)
	css = css[:strings.Index(css, "@layer base {")]
	light, dark = map[string]string{}, map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|(#[0-9a-f]{6}));`).FindAllStringSubmatch(css, -1) {
		if m[4] != "" {
			m[2], m[3] = m[4], m[4]
		}
		light[m[1]], dark[m[1]] = m[2], m[3]
	}
	return light, dark
}

// luminance and contrast are those of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatalf("colour %q: %v", hex, err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestContrast(t *testing.T) {
	t.Parallel()
	light, dark := tokens(t)
	if len(light) < 30 {
		t.Fatalf("only %d colours found", len(light))
	}
	for _, p := range []struct {
		fg, bg string
		least  float64
	}{
		{"text", "bg", 7}, {"text", "surface", 7}, {"text", "raised", 7},
		{"muted", "bg", 4.5}, {"muted", "surface", 4.5}, {"muted", "raised", 4.5},
		{"link", "bg", 4.5}, {"link", "surface", 4.5}, {"link", "raised", 4.5}, {"link", "info-bg", 4.5}, {"text", "info-bg", 7},
		{"on-accent", "accent", 4.5}, {"on-accent", "accent-strong", 4.5}, {"on-error", "error", 4.5}, {"on-error", "error-strong", 4.5},
		{"error", "bg", 4.5}, {"error", "raised", 4.5}, {"warn-fg", "bg", 4.5},
		{"on-band", "band", 7}, {"band-link", "band", 4.5},
		{"info-fg", "info-bg", 4.5}, {"ok-fg", "ok-bg", 4.5}, {"warn-fg", "warn-bg", 4.5}, {"error-fg", "error-bg", 4.5}, {"neutral-fg", "neutral-bg", 4.5},
		// what is not text: edges of controls, focus, series of charts
		{"border", "bg", 3}, {"border", "raised", 3}, {"accent", "bg", 3}, {"accent", "neutral-bg", 3}, {"focus", "bg", 3}, {"focus", "raised", 3},
		{"c1", "bg", 3}, {"c2", "bg", 3}, {"c3", "bg", 3}, {"c4", "bg", 3}, {"c5", "bg", 3}, {"c6", "bg", 3},
	} {
		for scheme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
			if got := contrast(t, colours[p.fg], colours[p.bg]); got < p.least {
				t.Errorf("%s: %s on %s is %.2f, want %.1f", scheme, p.fg, p.bg, got, p.least)
			}
		}
	}
}
