// Package notices is the page of what the platform told a person, /powiadomienia.
package notices

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Path is where the list lies.
const Path = "/powiadomienia"

// Deps are what the pages need.
type Deps struct {
	Notify  *notify.Service
	Regions Regions
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get(Path, notify.Self, p.list),
		kit.Post(Path+"/przeczytane", notify.Self, "markNotificationsRead", p.markRead),
		kit.Get(notify.SettingsPath, notify.Self, p.settings),
		kit.Post(notify.SettingsPath, notify.Self, "saveNotificationSettings", p.saveSettings),
		kit.Get(notify.StopPath+":token", kit.Public, p.stop),
		kit.Post(notify.StopPath+":token", kit.Public, "stopNotifications", p.doStop),
	}
}

// Section leads from the person's first page to the list, with how many are unread.
type Section struct{ Notify *notify.Service }

// Ask implements the first page's section.
func (s Section) Ask(a *access.Actor) (gather.Part, bool) { return s.Notify.AskUnread(a) }

// Show implements the first page's section.
func (s Section) Show(_ *kit.Ctx, f gather.Found) (templ.Component, error) {
	n, err := s.Notify.ReadUnread(f)
	if err != nil {
		return nil, err
	}
	return section(n), nil
}

type listView struct {
	Cards []ui.Card
	Pages ui.Pages
	// Seen is the newest notification shown; uuid.Nil when none is unread.
	Seen uuid.UUID
}

// list shows thirty at a time. Looking changes nothing: marking is a button,
// because links in mails are opened by scanners too.
func (p *pages) list(c *kit.Ctx) error {
	page, err := p.Notify.List(c.Context(), c.Actor(), c.Query("po"), 0)
	if err != nil {
		return err
	}
	var v listView
	for _, n := range page.Items {
		card := ui.Card{Title: n.Title, Href: n.Link, Lead: n.Text, Facts: []ui.Fact{
			{Label: c.T("notices.when"), Value: show.DateTime(i18n.FromContext(c.Context()), n.At)}}}
		if !n.Read {
			card.Tag, card.Tone = c.T("notices.new"), ui.Info
			if v.Seen == uuid.Nil {
				v.Seen = n.ID
			}
		}
		v.Cards = append(v.Cards, card)
	}
	if c.Query("po") != "" {
		v.Pages.First, v.Seen = Path, uuid.Nil
	}
	if page.Next != "" {
		v.Pages.Next = Path + "?po=" + url.QueryEscape(page.Next)
	}
	c.Page(c.T("notices.title")).Nav = "/moje"
	return c.Render(http.StatusOK, listPage(v))
}

func (p *pages) markRead(c *kit.Ctx) error {
	seen, err := uuid.Parse(c.Form().Get("widziane"))
	if err != nil {
		return c.Redirect(Path, "")
	}
	if err := p.Notify.MarkAllRead(c.Context(), c.Actor(), seen); err != nil {
		return err
	}
	return c.Redirect(Path, "notices.flash.read")
}
