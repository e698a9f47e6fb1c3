package kit

import (
	"net/http"
	"net/url"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/ui"
)

// Faults of acts that wait for the person to prove more; the API names them in
// the type of its problem.
const (
	// KeyReauth: confirm who you are first.
	KeyReauth = "web.reauth"
	// KeyConfined: set up a second step first.
	KeyConfined = "web.confined"
)

// confine answers people whose role demands a second step and who have none.
func (s *Server) confine(c *Ctx) error {
	if c.Request().Method == http.MethodGet && s.has(http.MethodGet, SecondFactorPath) {
		return c.e.Redirect(http.StatusSeeOther, SecondFactorPath)
	}
	return fault.New(fault.Forbidden, KeyConfined)
}

// askConfirm answers an act before which people confirm who they are. The form
// is kept as by a sign-in page: [Ctx.AfterConfirm] goes on with it.
func (s *Server) askConfirm(c *Ctx) error {
	ask, ok := s.table[address{http.MethodGet, ConfirmPath}]
	if !ok {
		return fault.New(fault.Forbidden, KeyReauth)
	}
	r := c.Request()
	if r.Method != http.MethodPost {
		next := url.Values{"dalej": {r.URL.RequestURI()}}
		return c.e.Redirect(http.StatusSeeOther, ConfirmPath+"?"+next.Encode())
	}
	c.pending = &Pending{Next: LocalPath(r.URL.RequestURI(), "/moje")}
	switch {
	case len(c.form.Files) > 0 && s.has(http.MethodGet, c.route.Path):
		// Files are not kept: the form is begun again.
	case !c.route.Secret:
		c.pending.Fields = keep(c.form)
	}
	c.form, c.route, c.status = &Form{Values: url.Values{}}, &ask, http.StatusForbidden
	return ask.Handler(c)
}

// AfterConfirm answers somebody who has confirmed who they are (after
// [Ctx.SetSession]): 303 to where they were going, or the page that sends the
// waiting form.
func (c *Ctx) AfterConfirm() error {
	p := c.Pending()
	if !p.Post() {
		return c.Redirect(p.Next, "")
	}
	c.page = ui.Page{Title: c.T("web.confirmed.title")}
	return c.Render(http.StatusOK, ui.Resend(c.page.Title, c.T("web.confirmed.lead"), p.Next, p.Fields))
}
