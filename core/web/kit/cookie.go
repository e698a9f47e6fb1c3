package kit

import (
	"net/http"
	"time"

	"golang.org/x/text/language"
	"ore.edu.pl/sieci/core/i18n"
)

// Names of cookies, before the prefix.
const (
	sessionCookie  = "sieci"
	languageCookie = "sieci-jezyk"
	flashCookie    = "sieci-komunikat"
	journeyCookie  = "sieci-dostawca"
)

// cookieName adds the prefix that ties a cookie to this host and to a secure
// connection. Browsers treat http on loopback as secure enough for it.
func (s *Server) cookieName(name string) string {
	if s.site.hostCookie {
		return "__Host-" + name
	}
	return name
}

func (s *Server) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie writes a cookie; see newCookie.
func (s *Server) setCookie(w http.ResponseWriter, name, value string, age time.Duration) {
	c := s.newCookie(name, value, age)
	http.SetCookie(w, &c)
}

// newCookie makes a cookie; age 0 means until the browser closes, negative deletes.
func (s *Server) newCookie(name, value string, age time.Duration) http.Cookie {
	c := http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/",
		Secure: s.site.hostCookie, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	switch {
	case age < 0:
		c.MaxAge = -1
	case age > 0:
		c.MaxAge = int(age.Seconds())
	}
	return c
}

// NewSessionCookie is the cookie of a session that was opened over the API; an
// empty value takes the cookie away. Expires is real time.
func (s *Server) NewSessionCookie(value string, expires time.Time) http.Cookie {
	if value == "" {
		return s.newCookie(sessionCookie, "", -1)
	}
	return s.newCookie(sessionCookie, value, time.Until(expires))
}

// SetSession gives the browser the session's cookie until expires (real time).
func (c *Ctx) SetSession(value string, expires time.Time) {
	c.s.setCookie(c.Response(), sessionCookie, value, time.Until(expires))
}

// journeyLife is how long a browser keeps what it carries to another site and back.
const journeyLife = 10 * time.Minute

// Leave sends the browser to another site, an identity provider named in the
// settings, with something sealed that [Ctx.Back] reads when it returns.
func (c *Ctx) Leave(address, kept string) error {
	c.s.setCookie(c.Response(), journeyCookie, kept, journeyLife)
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	return c.e.Redirect(http.StatusSeeOther, address)
}

// Back is what the browser kept since [Ctx.Leave], which it gives away.
func (c *Ctx) Back() string {
	kept := c.s.cookie(c.Request(), journeyCookie)
	c.s.setCookie(c.Response(), journeyCookie, "", -1)
	return kept
}

// SessionCookie is the session cookie of the request, or "".
func (c *Ctx) SessionCookie() string { return c.s.cookie(c.Request(), sessionCookie) }

// ClearSession takes the session's cookie away and has the browser forget the
// pages it keeps, so that "back" on a shared computer shows nothing.
func (c *Ctx) ClearSession() {
	c.s.setCookie(c.Response(), sessionCookie, "", -1)
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
}

var matcher = language.NewMatcher([]language.Tag{language.Polish, language.English})

// language chooses: what the person set, else the cookie, else the browser's
// wish, else Polish.
func (s *Server) language(r *http.Request, chosen i18n.Lang) i18n.Lang {
	if chosen != "" {
		return chosen
	}
	if l, ok := i18n.Parse(s.cookie(r, languageCookie)); ok {
		return l
	}
	accept := r.Header.Get("Accept-Language")
	if accept == "" || len(accept) > 200 {
		return i18n.Polish
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return i18n.Polish
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return i18n.Polish
	}
	return i18n.Langs[i]
}

func (s *Server) switchLanguage(c *Ctx) error {
	l, ok := i18n.Parse(c.Form().Get("jezyk"))
	if !ok {
		l = i18n.Polish
	}
	s.setCookie(c.Response(), languageCookie, string(l), 365*24*time.Hour)
	if k, ok := s.cfg.Authenticator.(LanguageKeeper); ok && c.Actor().SignedIn() {
		if err := k.SetLanguage(c.Context(), c.Actor(), l); err != nil {
			return err
		}
	}
	return c.Redirect(LocalPath(c.Form().Get("dalej"), "/"), "")
}
