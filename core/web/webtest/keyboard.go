package webtest

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// maxStops bounds a walk with the Tab key: more is a trap.
const maxStops = 300

// stop is where a press of Tab led: the place in the list of controls, or -1.
type stop struct {
	Index   int     `json:"index"`
	Name    string  `json:"name"`
	Outline float64 `json:"outline"` // CSS pixels
	Covered bool    `json:"covered"`
}

// ExpectKeyboard walks the page with Tab and fails the test, going on with it,
// when a control is not reached, the order is not that of the document, a
// focus ring is thinner than 2 px, or something covers what has the focus.
func (p *Page) ExpectKeyboard() *Page {
	p.t.Helper()
	names := eval[[]string](p, "list controls", finder+".stops()")
	eval[bool](p, "start at the top", "(document.activeElement && document.activeElement.blur(), window.scrollTo(0, 0), true)")
	reached := map[int]bool{}
	last := -1
	for range maxStops {
		p.do("press Tab", chromedp.KeyEvent(kb.Tab))
		s := eval[stop](p, "look at the focus", finder+".focus()")
		if s.Index == last { // the parts of a date are stops of their own
			continue
		}
		if s.Index < 0 || reached[s.Index] {
			break
		}
		reached[s.Index] = true
		if s.Index < last {
			p.t.Errorf("%s: Tab goes back to %s", p.Path(), s.Name)
		}
		last = s.Index
		if s.Outline < 2 {
			p.t.Errorf("%s: the focus on %s is drawn %g px wide", p.Path(), s.Name, s.Outline)
		}
		if s.Covered {
			p.t.Errorf("%s: %s is covered while it has the focus", p.Path(), s.Name)
		}
	}
	for i, n := range names {
		if !reached[i] {
			p.t.Errorf("%s: Tab does not reach %s", p.Path(), n)
		}
	}
	return p
}

// Press sends one key to what has the focus ("\r" is Enter, " " the space bar).
func (p *Page) Press(key string) *Page {
	p.t.Helper()
	if key != "\r" {
		p.do(fmt.Sprintf("press %q", key), chromedp.KeyEvent(key))
		return p
	}
	// KeyEvent sends Enter's character apart from the key: a link would be
	// followed by the one, and the form that it leads to sent by the other.
	p.do("press Enter", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		for _, typ := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			e := input.DispatchKeyEventParams{Type: typ, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13}
			if typ == input.DispatchKeyEventTypeKeyDown {
				e.Text, e.UnmodifiedText = "\r", "\r"
			}
			if _, err := cdp.Call(ctx, tab, input.DispatchKeyEvent, e); err != nil {
				return err
			}
		}
		return nil
	}))
	return p
}

// ForgetCookies takes the tab's cookies away, as the end of a session does.
func (p *Page) ForgetCookies() *Page {
	p.t.Helper()
	p.do("forget cookies", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
	return p
}

// Focus describes what has the focus: its element and name.
func (p *Page) Focus() string {
	p.t.Helper()
	return eval[stop](p, "look at the focus", finder+".focus()").Name
}
