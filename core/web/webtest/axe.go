package webtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// AxeEnv names the file axe.min.js; unset, .cache/axe/axe.min.js of the
// checkout is used, where make deps puts it.
const AxeEnv = "SIECI_AXE"

// rules are the tags that axe checks: WCAG 2.2 A and AA (target size included)
// and best practice.
const rules = `["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]`

// Violation is one rule that a page breaks.
type Violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"` // the markup of the first elements concerned
}

func axeSource(t testing.TB) string {
	t.Helper()
	file := os.Getenv(AxeEnv)
	if file == "" {
		dir, err := root()
		if err != nil {
			t.Fatal(err)
		}
		file = filepath.Join(dir, ".cache", "axe", "axe.min.js")
	}
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("axe-core is missing: run make deps, or set %s: %v", AxeEnv, err)
	}
	return string(src)
}

// undecided are the reasons for which axe leaves a rule open that a person looked
// into, as "rule reason". Every other open result counts as a violation: what
// nobody can decide, nobody has decided.
var undecided = map[string]string{
	"color-contrast elmPartiallyObscured": "cells of a wide table scrolled partly out of its region; other cells of the same colours are decided",
	"color-contrast shortTextContent":     "one sign, a number in a table; longer cells of the same colours are decided",
	"color-contrast pseudoContent":        "the state of a step, whose number is a pseudo-element beside it, not behind it; muted text is decided elsewhere",
}

// Axe runs axe-core on the page shown and returns what it breaks and what it
// leaves open without one of the reasons in undecided, together with what sticks
// out sideways (reflow). The tab must be opened with [WithScripts]: axe hangs
// where scripts are off.
func (p *Page) Axe() []Violation {
	p.t.Helper()
	run(p, "load axe", chromedp.Evaluate[chromedp.Void](axeSource(p.t)+";0"))
	raw := run(p, "run axe", chromedp.Evaluate[string](`axe.run(document, {runOnly: {type: "tag", values: `+rules+`}, resultTypes: ["violations", "incomplete"]})
		.then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html + " — " + n.failureSummary)}))
			.concat(r.incomplete.flatMap(v => v.nodes.map(n => ({id: v.id, help: v.help, nodes: [n.html],
				open: [...n.any, ...n.all, ...n.none].map(c => v.id + " " + ((c.data && c.data.messageKey) || c.id))}))))))`,
		chromedp.EvalAwaitPromise))
	var all []struct {
		Violation
		Open []string `json:"open"` // the reasons, for a result left open
	}
	if err := json.Unmarshal([]byte(raw), &all); err != nil {
		p.t.Fatalf("read axe: %v", err)
	}
	var out []Violation
	for _, v := range all {
		if len(v.Open) > 0 {
			if !slices.ContainsFunc(v.Open, func(r string) bool { _, known := undecided[r]; return !known }) {
				continue
			}
			v.Help += " (left open: " + strings.Join(v.Open, ", ") + ")"
		}
		out = append(out, v.Violation)
	}
	if px := eval[int](p, "measure", finder+".overflow()"); px > 0 {
		out = append(out, Violation{ID: "reflow", Help: fmt.Sprintf("the page is %d px wider than the screen", px)})
	}
	return out
}

// ExpectAccessible fails the test, going on with it, when the page shown
// breaks a rule.
func (p *Page) ExpectAccessible() *Page {
	p.t.Helper()
	for _, v := range p.Axe() {
		p.t.Errorf("%s: %s: %s\n\t%s", p.Path(), v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
	return p
}

// Screenshot writes the whole page as PNG.
func (p *Page) Screenshot(file string) *Page {
	p.t.Helper()
	png := run(p, "take a picture", chromedp.FullScreenshot(100))
	if err := os.WriteFile(file, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// View is a screen on which pages are checked.
type View struct {
	Name    string
	Options []Option
}

// Views are the screens on which a test run checks pages: a narrow light one
// and a wide dark one, or [AllViews] when SIECI_TEST_A11Y is "full", as make
// a11y sets it.
var Views = views(os.Getenv("SIECI_TEST_A11Y"))

func views(extent string) []View {
	if extent == "full" {
		return AllViews
	}
	return []View{AllViews[0], AllViews[3]}
}

// AllViews is the whole matrix of widths and schemes.
var AllViews = []View{
	{"320-light", []Option{Size(320, 640), WithScripts()}},
	{"320-dark", []Option{Size(320, 640), Dark(), WithScripts()}},
	{"1280-light", []Option{Size(1280, 900), WithScripts()}},
	{"1280-dark", []Option{Size(1280, 900), Dark(), WithScripts()}},
}
