package kit

import (
	"net/http"
	"net/url"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/ui"
)

// A form sent after the session ended is not lost: the sign-in page keeps the
// fields as hidden inputs (replay.<name>, within 256 KiB, never files), and
// after signing in a page asks for one more press of a button, which sends them
// where they were going. It asks because another person may have signed in on
// the same computer.

// maxReplay bounds what a sign-in page carries, in bytes of names and values.
const maxReplay = 256 << 10

const replayPrefix = "replay."

// Pending is what waits behind a sign-in page.
type Pending struct {
	// Next is the local address to go to after signing in.
	Next string
	// Fields are the posted fields to send again to Next; empty for a plain visit.
	Fields []ui.Hidden
}

// Post reports whether a form waits to be sent again.
func (p *Pending) Post() bool { return len(p.Fields) > 0 }

// Hidden are the inputs by which a sign-in form carries p along; render them
// with ui.HiddenFields inside the form.
func (p *Pending) Hidden() []ui.Hidden {
	out := []ui.Hidden{{Name: "dalej", Value: p.Next}}
	for _, f := range p.Fields {
		out = append(out, ui.Hidden{Name: replayPrefix + f.Name, Value: f.Value})
	}
	return out
}

// Pending is what waits: the address read from the query of the sign-in page,
// address and form from what that page posted or from the post that met an ended
// session. A form in an address would be one that somebody else wrote: whoever
// follows a stranger's link must not send it with one press. Never nil.
func (c *Ctx) Pending() *Pending {
	if c.pending != nil {
		return c.pending
	}
	p := &Pending{Next: LocalPath(c.Form().Values.Get("dalej"), "/moje")}
	for _, n := range sorted(c.Form().Values) {
		if c.Request().Method != http.MethodPost {
			break
		}
		if len(n) > len(replayPrefix) && n[:len(replayPrefix)] == replayPrefix {
			for _, v := range c.Form().Values[n] {
				p.Fields = append(p.Fields, ui.Hidden{Name: n[len(replayPrefix):], Value: v})
			}
		}
	}
	c.pending = p
	return p
}

// askSignIn answers a guest who asked for something that a person might do.
func (s *Server) askSignIn(c *Ctx) error {
	sign, ok := s.table[address{http.MethodGet, SignInPath}]
	if !ok || c.route != nil && c.route.Path == SignInPath {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	r := c.Request()
	if r.Method != http.MethodPost {
		next := url.Values{"dalej": {r.URL.RequestURI()}}
		return c.e.Redirect(http.StatusSeeOther, SignInPath+"?"+next.Encode())
	}
	if c.form == nil {
		if err := c.readForm(); err != nil {
			return err
		}
		defer c.dropFiles()
	}
	c.pending = &Pending{Next: LocalPath(r.URL.RequestURI(), "/moje")}
	if c.route != nil && !c.route.Secret {
		c.pending.Fields = keep(c.form)
	}
	c.form, c.route, c.status = &Form{Values: url.Values{}}, &sign, http.StatusUnauthorized
	return sign.Handler(c)
}

// keep is what of a form survives; nothing when it is over the ceiling.
func keep(f *Form) []ui.Hidden {
	var out []ui.Hidden
	size := 0
	for _, n := range sorted(f.Values) {
		for _, v := range f.Values[n] {
			size += len(n) + len(v)
			out = append(out, ui.Hidden{Name: n, Value: v})
		}
	}
	if size > maxReplay {
		return nil
	}
	return out
}

// AfterSignIn answers a successful sign-in (after [Ctx.SetSession]): 303 to
// where the person was going, or the page that sends the waiting form.
func (c *Ctx) AfterSignIn() error {
	p := c.Pending()
	if !p.Post() {
		return c.Redirect(p.Next, "")
	}
	c.page = ui.Page{Title: c.T("web.replay.title")}
	return c.Render(http.StatusOK, ui.Replay(p.Next, p.Fields))
}
