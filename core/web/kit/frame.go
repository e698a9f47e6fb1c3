package kit

import (
	"net/http"
	"slices"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/assets"
	"ore.edu.pl/sieci/core/web/ui"
)

// shell fills the frame from the request.
func (c *Ctx) shell(status int) ui.Shell {
	r, a := c.Request(), c.Actor()
	sh := ui.Shell{
		Page: c.page, Lang: c.Lang(), Stylesheet: assets.URL("app.css"), Icon: assets.URL("mark.svg"),
		Here: r.URL.RequestURI(), Development: c.s.cfg.Development, Publisher: c.s.cfg.Publisher,
	}
	if r.Method != http.MethodGet || status >= 400 && status != http.StatusUnprocessableEntity {
		sh.Here = "/"
	}
	if a.SignedIn() {
		sh.Person = a.Name
		if c.route == nil || c.route.Path != SearchPath { // which has a field of its own
			sh.Search = c.s.page(http.MethodGet, SearchPath)
		}
	}
	sh.SignIn, sh.SignOut, sh.Register = c.s.page(http.MethodGet, SignInPath), c.s.page(http.MethodPost, SignOutPath), c.s.page(http.MethodGet, RegisterPath)
	if c.route != nil && c.route.Path == SignInPath {
		sh.SignIn = "" // the page itself offers it
	}
	if c.route != nil && c.route.Unlinked {
		// Whoever is signed in is not shown as signed out; and no form of the
		// frame carries the address to where sessions are read.
		sh.Here, sh.SignIn, sh.Register = "", "", ""
	}
	sh.Declaration = c.s.page(http.MethodGet, "/deklaracja-dostepnosci")
	fixed := c.s.frames()[c.Lang()]
	sh.Footer = fixed.footer
	sh.Nav = make([]ui.NavItem, 0, len(fixed.nav))
	for i := range fixed.nav {
		n := &fixed.nav[i]
		if slices.ContainsFunc(n.AnyOf, func(p access.Permission) bool { return c.s.may(a, p) }) {
			sh.Nav = append(sh.Nav, ui.NavItem{Text: n.Key, Href: n.Path, Current: n.Path == c.page.Nav})
		}
	}
	if key := c.s.cookie(r, flashCookie); key != "" {
		if isFlash(key) {
			sh.Flash = c.T(key)
		}
		c.s.setCookie(c.Response(), flashCookie, "", -1)
	}
	return sh
}

// frame is what the frames of all pages in a language have in common.
type frame struct {
	nav    []NavEntry // with the text as the key
	footer []ui.Link
}

// makeFrames looks up, once all rows are added, what exists of the navigation
// and what it is called.
func (s *Server) makeFrames() map[i18n.Lang]frame {
	out := map[i18n.Lang]frame{}
	for _, l := range i18n.Langs {
		var f frame
		for _, n := range s.cfg.Nav {
			if s.has(http.MethodGet, n.Path) {
				n.Key = i18n.Text(l, n.Key)
				f.nav = append(f.nav, n)
			}
		}
		for _, link := range footerLinks {
			if s.has(http.MethodGet, link.Href) {
				f.footer = append(f.footer, ui.Link{Text: i18n.Text(l, link.Text), Href: link.Href})
			}
		}
		out[l] = f
	}
	return out
}

// footerLinks are the same on every page, in the same order (WCAG 3.2.6).
var footerLinks = []ui.Link{
	{Text: "web.footer.help", Href: "/pomoc"},
	{Text: "web.footer.declaration", Href: "/deklaracja-dostepnosci"},
	{Text: "web.footer.privacy", Href: "/prywatnosc"},
	{Text: "web.footer.api", Href: "/api/v1/docs"},
}

// page is path when such a page exists, else "".
func (s *Server) page(method, path string) string {
	if s.has(method, path) {
		return path
	}
	return ""
}
