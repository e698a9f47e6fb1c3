package calendar

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule/feed"
	"ore.edu.pl/sieci/core/schedule/ical"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// feedView is the page of one's calendar address.
type feedView struct {
	Active bool
	Since  string
	// Address is shown once, after it was made; Web is the same for programs
	// that subscribe by webcal:.
	Address, Web string
	Problems     ui.Problems
}

func (p *pages) feedPage(c *kit.Ctx, address string, pr ui.Problems) (templ.Component, error) {
	s, err := p.Feed.State(c.Context(), c.Actor())
	if err != nil {
		return nil, err
	}
	v := feedView{Active: s.Active, Address: address, Problems: pr}
	if s.Active {
		v.Since = show.DateTime(c.Lang(), s.Since)
	}
	if _, rest, ok := strings.Cut(address, "://"); ok {
		v.Web = "webcal://" + rest
	}
	c.Page(c.T("calendar.feed.title")).In("/konto").Crumb(c.T("account.title"), "/konto")
	return feedPage(v), nil
}

func (p *pages) feed(c *kit.Ctx) error {
	page, err := p.feedPage(c, "", ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

// renew answers with the page itself: the address exists nowhere else.
func (p *pages) renew(c *kit.Ctx) error {
	address, err := p.Feed.Renew(c.Context(), c.Actor())
	if err != nil {
		var failed error
		answer := c.Retry(err, func(pr ui.Problems) templ.Component {
			page, e := p.feedPage(c, "", pr)
			if failed = e; e != nil {
				return templ.NopComponent
			}
			return page
		})
		if failed != nil {
			return failed
		}
		return answer
	}
	page, err := p.feedPage(c, address, ui.Problems{})
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Render(http.StatusOK, page)
}

func (p *pages) revokeQuestion(c *kit.Ctx) error {
	c.Page(c.T("calendar.feed.revoke")).In("/konto").Crumb(c.T("account.title"), "/konto").Crumb(c.T("calendar.feed.title"), FeedPath)
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("calendar.feed.revoke"), Text: c.T("calendar.feed.revoke_text"),
		Action: FeedPath + "/wycofaj", Submit: c.T("calendar.feed.revoke"), Danger: true, Cancel: ui.Link{Text: c.T("calendar.cancel"), Href: FeedPath}}))
}

func (p *pages) revoke(c *kit.Ctx) error {
	if err := p.Feed.Revoke(c.Context(), c.Actor()); err != nil {
		return err
	}
	return c.Redirect(FeedPath, "calendar.flash.revoked")
}

// subscribed is read by calendar programs, without a session.
func (p *pages) subscribed(c *kit.Ctx) error {
	token, ok := strings.CutSuffix(c.Param("plik"), ".ics")
	if !ok {
		return fault.ErrNotFound
	}
	now := time.Now()
	if !p.visits.let("feed "+token, perFeed, now) || !p.visits.let("wrong "+c.IP(), 0, now) {
		return fault.New(fault.TooMany, "calendar.feed.too_many")
	}
	d, err := p.Feed.Read(c.Context(), token)
	if err != nil {
		if fault.Is(err, fault.NotFound) && !p.visits.let("wrong "+c.IP(), perAddress, now) {
			return fault.New(fault.TooMany, "calendar.feed.too_many")
		}
		return err
	}
	// Programs ask when they like; they may keep a copy but must ask whether it
	// still holds. Nobody on the way may.
	c.Response().Header().Set("Cache-Control", "private, no-cache")
	return send(c, d, "sieci.ics", false)
}

// single is one meeting as a file.
func (p *pages) single(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	d, err := p.Feed.One(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "private, no-cache")
	return send(c, d, "spotkanie.ics", true)
}

// send answers 304 when the program has the same document.
func send(c *kit.Ctx, d feed.Document, name string, save bool) error {
	h := c.Response().Header()
	h.Set("ETag", d.Tag)
	if matches(c.Request().Header.Get("If-None-Match"), d.Tag) {
		c.Response().WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", ical.ContentType)
	if save {
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	_, err := c.Response().Write(d.Body)
	return err
}

// matches compares weakly, as RFC 9110 (13.1.2) wants for If-None-Match.
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}

// Throttling of feeds, per node and in memory: what is lost at a restart is a
// minute's counts. A program reads an hour apart; whoever guesses addresses
// (2^130 of them) is stopped for the noise alone.
const (
	perFeed    = 20 // readings of one address a minute
	perAddress = 60 // wrong addresses a minute from one visitor
	maxVisits  = 50_000
)

// visits counts visits a minute by key.
type visits struct {
	mu     sync.Mutex
	minute int64
	counts map[string]int
}

func newVisits() *visits { return &visits{counts: map[string]int{}} }

// let counts one visit and reports whether it is within most; most 0 only looks
// whether the key is over [perAddress].
func (v *visits) let(key string, most int, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if m := now.Unix() / 60; m != v.minute || len(v.counts) >= maxVisits {
		v.minute = m
		clear(v.counts)
	}
	if most == 0 {
		return v.counts[key] < perAddress
	}
	v.counts[key]++
	return v.counts[key] <= most
}

// enter leads into the online room of a meeting.
func (p *pages) enter(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	link, err := p.Entrance.Enter(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Location", link)
	c.Response().WriteHeader(http.StatusSeeOther)
	return nil
}
