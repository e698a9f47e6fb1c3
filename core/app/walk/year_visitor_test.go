package walk_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"
	"ore.edu.pl/sieci/core/identity"
)

// visitor is somebody who reads pages and sends their forms over HTTP, as a
// browser without scripts does: for what twenty people do in the same way, and
// for counting how many pages something takes.
type visitor struct {
	w      *world
	t      testing.TB
	name   string
	id     uuid.UUID
	cookie string
	other  map[string]string // further cookies
	pages  int               // loaded so far
	path   string            // of the page shown
	page   *html.Node
	status int
}

// visitor signs a person in; the password is that of all people of a world.
func (w *world) visitor(name, email string, id uuid.UUID) *visitor {
	w.t.Helper()
	in, err := w.Identity.SignIn(w.t.Context(), identity.SignInInput{Email: email, Password: password, Address: "127.0.0.1", Agent: "walk"})
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	return &visitor{w: w, t: w.t, name: name, id: id, cookie: in.Cookie, other: map[string]string{}}
}

// load asks for a page and follows where it leads; what is shown in the end is
// one page loaded.
func (v *visitor) load(method, path string, body url.Values) *visitor {
	v.t.Helper()
	stay := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for hops := 0; ; hops++ {
		if hops > 5 {
			v.t.Fatalf("%s is sent round in circles to %s", v.name, path)
		}
		r, err := http.NewRequestWithContext(v.t.Context(), method, v.w.base+path, strings.NewReader(body.Encode()))
		if err != nil {
			v.t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: v.cookie})
		for name, value := range v.other {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		r.Header.Set("Accept-Language", "pl")
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", v.w.base)
		}
		res, err := stay.Do(r)
		if err != nil {
			v.t.Fatalf("%s: %s: %v", v.name, path, err)
		}
		for _, c := range res.Cookies() {
			if v.other[c.Name] = c.Value; c.MaxAge < 0 || c.Value == "" {
				delete(v.other, c.Name)
			}
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			v.t.Fatal(err)
		}
		if at := res.Header.Get("Location"); res.StatusCode == http.StatusSeeOther {
			method, path, body = http.MethodGet, at, nil
			continue
		}
		v.path, v.status = path, res.StatusCode
		v.pages++
		if v.page, err = html.Parse(strings.NewReader(string(raw))); err != nil {
			v.t.Fatal(err)
		}
		return v
	}
}

func (v *visitor) goTo(path string) *visitor {
	v.t.Helper()
	return v.load(http.MethodGet, path, nil)
}

// follow presses the link with these words, or that begins with them.
func (v *visitor) follow(words string) *visitor {
	v.t.Helper()
	for n := range v.main().Descendants() {
		if n.Data == "a" && strings.HasPrefix(nameOf(n), words) {
			to, _, _ := strings.Cut(attr(n, "href"), "#")
			return v.goTo(to)
		}
	}
	v.t.Fatalf("%s: no link %q on %s:\n%.2000s", v.name, words, v.path, v.text())
	return nil
}

// send presses a button of a form that has the fields of set, filled in so; a
// name that ends in "*" is the first field that begins so.
func (v *visitor) send(button string, set map[string]string) *visitor {
	v.t.Helper()
	if v.press(button, set); v.status != http.StatusOK {
		v.t.Fatalf("%s: %q leads to %s: %d\n%.2000s", v.name, button, v.path, v.status, v.text())
	}
	return v
}

// refused presses a button whose form comes back with something to be put right.
func (v *visitor) refused(button string) *visitor {
	v.t.Helper()
	if v.press(button, nil); v.status != http.StatusUnprocessableEntity {
		v.t.Fatalf("%s: %q leads to %s: %d\n%.2000s", v.name, button, v.path, v.status, v.text())
	}
	return v
}

func (v *visitor) press(button string, set map[string]string) {
	v.t.Helper()
	for n := range v.main().Descendants() {
		if n.Data != "button" || nameOf(n) != button {
			continue
		}
		form := n
		for form != nil && form.Data != "form" {
			form = form.Parent
		}
		if form == nil {
			continue
		}
		body := fieldsOf(form)
		for k, x := range set {
			if !v.has(form, k) {
				form = nil
				break
			}
			body.Set(v.full(form, k), x)
		}
		if form == nil {
			continue
		}
		if name := attr(n, "name"); name != "" {
			body.Set(name, attr(n, "value"))
		}
		to := attr(form, "action")
		if to == "" {
			to = v.path
		}
		v.load(http.MethodPost, to, body)
		return
	}
	v.t.Fatalf("%s: no button %q with the fields %v on %s:\n%.3000s", v.name, button, set, v.path, v.text())
}

// full is the name of the form's first field that is so called, or that begins so
// when name ends in "*".
func (v *visitor) full(form *html.Node, name string) string {
	for n := range form.Descendants() {
		if have := attr(n, "name"); have == name || strings.HasSuffix(name, "*") && strings.HasPrefix(have, strings.TrimSuffix(name, "*")) {
			return have
		}
	}
	return ""
}

func (v *visitor) has(form *html.Node, name string) bool { return v.full(form, name) != "" }

// onward turns the pages of a form to its last.
func (v *visitor) onward() *visitor {
	v.t.Helper()
	for n := 0; v.offers("Dalej"); n++ {
		if before := v.text(); n > 10 || before == v.send("Dalej", nil).text() {
			v.t.Fatalf("%s does not come on from %s:\n%.2000s", v.name, v.path, v.text())
		}
	}
	return v
}

// offers reports whether the page has a button or link with these words.
func (v *visitor) offers(words string) bool {
	for n := range v.main().Descendants() {
		if (n.Data == "button" || n.Data == "a") && nameOf(n) == words {
			return true
		}
	}
	return false
}

func (v *visitor) main() *html.Node {
	for n := range v.page.Descendants() {
		if n.Data == "main" {
			return n
		}
	}
	return v.page
}

func (v *visitor) text() string { return textOf(v.main()) }

func (v *visitor) expect(want ...string) *visitor {
	v.t.Helper()
	for _, x := range want {
		if !strings.Contains(v.text(), x) {
			v.t.Fatalf("%s: %q is not on %s (%d):\n%.3000s", v.name, x, v.path, v.status, v.text())
		}
	}
	return v
}

// outline fails the test where the page's headings leave out a level or there is
// not one of the first (NAU6).
func (v *visitor) outline() *visitor {
	v.t.Helper()
	last, first := 0, 0
	for n := range v.page.Descendants() {
		if len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] < '1' || n.Data[1] > '6' {
			continue
		}
		level := int(n.Data[1] - '0')
		if level > last+1 {
			v.t.Errorf("%s: the heading %q jumps from level %d to %d", v.path, textOf(n), last, level)
		}
		if level == 1 {
			first++
		}
		last = level
	}
	if first != 1 {
		v.t.Errorf("%s has %d first headings", v.path, first)
	}
	return v
}

// nameOf is what a button or link is called.
func nameOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// textOf are the words below a node, as a person reads them.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, key string) string {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
	if i < 0 {
		return ""
	}
	return n.Attr[i].Val
}

func given(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// fieldsOf is what a browser would send of the form as it stands.
func fieldsOf(form *html.Node) url.Values {
	out := url.Values{}
	for n := range form.Descendants() {
		name := attr(n, "name")
		if name == "" || n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "textarea":
			out.Add(name, strings.TrimSpace(textOf(n)))
		case "select":
			for o := range n.Descendants() {
				if o.Data == "option" && given(o, "selected") {
					out.Add(name, attr(o, "value"))
				}
			}
		case "input":
			switch attr(n, "type") {
			case "radio", "checkbox":
				if given(n, "checked") {
					out.Add(name, attr(n, "value"))
				}
			case "file", "submit":
			default:
				out.Add(name, attr(n, "value"))
			}
		}
	}
	return out
}
