package webtest

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed find.js
var finder string

// Go opens path on the server.
func (p *Page) Go(path string) *Page {
	p.t.Helper()
	p.navigate("open "+path, chromedp.Navigate(p.base+path))
	return p
}

// Reload asks for the page again.
func (p *Page) Reload() *Page {
	p.t.Helper()
	p.navigate("reload", chromedp.Reload())
	return p
}

// Back goes back in the history, as the browser's button does.
func (p *Page) Back() *Page {
	p.t.Helper()
	p.do("go back", chromedp.NavigateBack())
	return p
}

// Fill types value into the field with this label, replacing what was there.
// where (optional) names words near the field when several have the label.
func (p *Page) Fill(label, value string, where ...string) *Page {
	p.t.Helper()
	e := p.element("control", label, where)
	p.call(e, `function () { this.focus(); if (this.select) this.select(); }`)
	p.do("type into "+label, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if value == "" {
			return nil
		}
		_, err := cdp.Call(ctx, tab, input.InsertText, input.InsertTextParams{Text: value})
		return err
	}))
	// Date and time controls take no inserted text, and an empty value types nothing.
	p.call(e, `function () { if (this.value !== `+quote(value)+` && (this.type === 'date' || this.type === 'time' || `+quote(value)+` === '')) this.value = `+quote(value)+`; }`)
	return p
}

// Value is what stands in the field with this label.
func (p *Page) Value(label string, where ...string) string {
	p.t.Helper()
	return eval[string](p, "read "+label, expression("control", label, where)+".value")
}

// Choose ticks the radio button or box with this label.
func (p *Page) Choose(label string, where ...string) *Page {
	p.t.Helper()
	p.call(p.element("choice", label, where), `function () { if (!this.checked) this.click(); }`)
	return p
}

// Unchoose takes the tick from the box with this label.
func (p *Page) Unchoose(label string, where ...string) *Page {
	p.t.Helper()
	p.call(p.element("choice", label, where), `function () { if (this.checked) this.click(); }`)
	return p
}

// Chosen reports whether the radio button or box is ticked.
func (p *Page) Chosen(label string, where ...string) bool {
	p.t.Helper()
	return eval[bool](p, "read "+label, expression("choice", label, where)+".checked")
}

// Select picks an option of the list with this label.
func (p *Page) Select(label, option string, where ...string) *Page {
	p.t.Helper()
	eval[bool](p, "pick "+option, fmt.Sprintf("(f => { f.pick(f.control(%s, %s), %s); return true })(%s)", quote(label), quote(first(where)), quote(option), finder))
	return p
}

// Attach chooses a file made of content for the upload with this label.
func (p *Page) Attach(label, name string, content []byte, where ...string) *Page {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		p.t.Fatal(err)
	}
	e := p.element("control", label, where)
	p.do("attach "+name, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, ObjectID: e.ObjectID})
		return err
	}))
	return p
}

// Click presses the button or link with this name and waits for the page that
// follows; where (optional) names words near it when several have the name.
func (p *Page) Click(name string, where ...string) *Page {
	p.t.Helper()
	e := p.element("press", name, where)
	stays := eval[bool](p, "look at "+name, "(e => e.tagName === 'SUMMARY' || (e.getAttribute('href') || '').startsWith('#'))("+expression("press", name, where)+")")
	press := p.press(e)
	if stays {
		p.do("press "+name, press)
		return p
	}
	p.navigate("press "+name, press)
	return p
}

// press is a real click of the mouse in the middle of the element.
func (p *Page) press(e *runtime.RemoteObject) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{ObjectID: e.ObjectID}); err != nil {
			return err
		}
		q, err := cdp.Call(ctx, tab, dom.GetContentQuads, dom.GetContentQuadsParams{ObjectID: e.ObjectID})
		if err != nil {
			return err
		}
		if len(q.Quads) == 0 {
			return fmt.Errorf("it has no place on the page")
		}
		b := q.Quads[0]
		_, err = chromedp.MouseClickXY((b[0]+b[4])/2, (b[1]+b[5])/2)(ctx, tab)
		return err
	})
}

// Download fetches what the link with this name leads to, with the tab's cookies.
func (p *Page) Download(name string, where ...string) (body []byte, header http.Header) {
	p.t.Helper()
	href := eval[string](p, "read "+name, expression("press", name, where)+".href")
	res := p.fetch(href)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatalf("download %q: %v", name, err)
	}
	if res.StatusCode != http.StatusOK {
		p.t.Fatalf("download %q: status %d", name, res.StatusCode)
	}
	return body, res.Header
}

func (p *Page) fetch(href string) *http.Response {
	p.t.Helper()
	cookies := p.cookies()
	req, err := http.NewRequestWithContext(p.ctx, http.MethodGet, href, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range cookies {
		req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	return res
}

func (p *Page) cookies() []*network.Cookie {
	p.t.Helper()
	return run(p, "read cookies", func(ctx context.Context, tab *chromedp.Target) ([]*network.Cookie, error) {
		r, err := cdp.Call(ctx, tab, network.GetCookies, network.GetCookiesParams{URLs: []string{p.base + "/"}})
		return r.Cookies, err
	})
}

// Cookies are the names of the tab's cookies for the server, sorted.
func (p *Page) Cookies() []string {
	p.t.Helper()
	var out []string
	for _, c := range p.cookies() {
		out = append(out, c.Name)
	}
	slices.Sort(out)
	return out
}

// Status is the HTTP status of the page shown.
func (p *Page) Status() int { return p.status }

// Path is the address of the page shown, without the server, with its query.
func (p *Page) Path() string {
	p.t.Helper()
	u, err := url.Parse(run(p, "read address", chromedp.Location()))
	if err != nil {
		p.t.Fatal(err)
	}
	return u.RequestURI()
}

// Title is the document's title.
func (p *Page) Title() string {
	p.t.Helper()
	return strings.ReplaceAll(run(p, "read title", chromedp.Title()), nbsp, " ")
}

// Text is what stands in the main part of the page.
func (p *Page) Text() string { p.t.Helper(); return eval[string](p, "read text", finder+".main()") }

// ExpectHeading fails the test unless the h1 reads want.
func (p *Page) ExpectHeading(want string) *Page {
	p.t.Helper()
	if got := eval[string](p, "read heading", finder+".heading()"); got != want {
		p.fail(fmt.Sprintf("heading is %q, want %q", got, want))
	}
	return p
}

// ExpectText fails the test unless each text stands somewhere on the page.
func (p *Page) ExpectText(want ...string) *Page {
	p.t.Helper()
	all := eval[string](p, "read text", finder+".all()")
	for _, w := range want {
		if !strings.Contains(all, w) {
			p.fail(fmt.Sprintf("%q is not on the page", w))
		}
	}
	return p
}

// ExpectNoText fails the test if one of the texts stands on the page.
func (p *Page) ExpectNoText(unwanted ...string) *Page {
	p.t.Helper()
	all := eval[string](p, "read text", finder+".all()")
	for _, w := range unwanted {
		if strings.Contains(all, w) {
			p.fail(fmt.Sprintf("%q is on the page", w))
		}
	}
	return p
}

// ExpectPath fails the test unless the page's address is want.
func (p *Page) ExpectPath(want string) *Page {
	p.t.Helper()
	if got := p.Path(); got != want {
		p.fail(fmt.Sprintf("address is %s, want %s", got, want))
	}
	return p
}

// ExpectStatus fails the test unless the page came with this status.
func (p *Page) ExpectStatus(want int) *Page {
	p.t.Helper()
	if p.status != want {
		p.fail(fmt.Sprintf("status is %d, want %d", p.status, want))
	}
	return p
}

// ExpectFits fails the test where the page is wider than its window, so that one
// would have to scroll sideways to read it.
func (p *Page) ExpectFits() *Page {
	p.t.Helper()
	if over := eval[int](p, "measure the page", "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		p.fail(fmt.Sprintf("the page is %d pixels too wide", over))
	}
	return p
}

const nbsp = "\u00a0"

// fail ends the test with what a person would see.
func (p *Page) fail(why string) {
	p.t.Helper()
	p.t.Fatalf("%s\nat %s, status %d\n%s", why, p.Path(), p.status, p.Text())
}

func (p *Page) navigate(what string, a chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, a)
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	p.status = int(res.Status)
	p.settle(ctx, what)
}

// settle waits until autofocus has found its element, which the browser does
// in the first frame after loading.
func (p *Page) settle(ctx context.Context, what string) {
	p.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`(e => !e || document.activeElement === e)(document.querySelector("[autofocus]"))`))
		if err != nil {
			p.t.Fatalf("%s: wait for the focus: %v", what, err)
		}
		if done {
			return
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("%s: autofocus never came", what)
		case <-tick.C:
		}
	}
}

func (p *Page) do(what string, a chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	run(p, what, a)
}

func run[T any](p *Page, what string, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	return v
}

// eval evaluates JavaScript in the tab; this works with scripts switched off.
func eval[T any](p *Page, what, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		controls, _ := chromedp.Run(ctx, chromedp.Evaluate[[]string](finder+".controls()"))
		text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](finder+".main()"))
		p.t.Fatalf("%s: %v\nat %s, status %d\n%s\ncontrols:\n%s", what, err, p.Path(), p.status, text, strings.Join(controls, "\n"))
	}
	return v
}

func (p *Page) element(kind, label string, where []string) *runtime.RemoteObject {
	p.t.Helper()
	return eval[*runtime.RemoteObject](p, "find "+label, expression(kind, label, where))
}

func (p *Page) call(e *runtime.RemoteObject, f string) {
	p.t.Helper()
	p.do("act on the page", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		r, err := cdp.Call(ctx, tab, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: f, ObjectID: e.ObjectID})
		if err == nil && r.ExceptionDetails != nil {
			err = fmt.Errorf("%s", r.ExceptionDetails.Text)
		}
		return err
	}))
}

func expression(kind, label string, where []string) string {
	return fmt.Sprintf("%s.%s(%s, %s)", finder, kind, quote(label), quote(first(where)))
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}
