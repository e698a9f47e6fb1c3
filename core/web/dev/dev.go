// Package dev holds the pages that only a development installation has: moving
// the domain clock and reading the mails that were not sent. Its routes are
// added only when the configuration says so.
package dev

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// ClockKeeper moves the domain clock of all nodes; core/app implements it.
type ClockKeeper interface {
	Now() time.Time
	// Move puts the domain clock at t; it goes on from there.
	Move(ctx context.Context, t time.Time) error
}

// Mail is one message that would have been sent.
type Mail struct {
	ID, To, Subject string
	At              time.Time
	Text            string
}

// Mailbox reads the folder into which messages go without an SMTP server.
type Mailbox interface {
	// List returns the newest messages, at most limit, without texts.
	List(ctx context.Context, limit int) ([]Mail, error)
	// Read returns one message; fault.ErrNotFound when there is none.
	Read(ctx context.Context, id string) (Mail, error)
}

// Deps is what the pages need; a nil part leaves its pages out.
type Deps struct {
	Clock ClockKeeper
	Mail  Mailbox
}

// mailLimit is how many messages the list shows.
const mailLimit = 200

// Routes are the pages of this room.
func Routes(d Deps) []kit.Route {
	var out []kit.Route
	if d.Clock != nil {
		out = append(out,
			kit.Get("/deweloper/zegar", kit.Public, d.clock),
			kit.PostPage("/deweloper/zegar", kit.Public, "development only", d.move))
	}
	if d.Mail != nil {
		out = append(out,
			kit.Get("/deweloper/poczta", kit.Public, d.mails),
			kit.Get("/deweloper/poczta/:id", kit.Public, d.mail))
	}
	return out
}

func (d Deps) clock(c *kit.Ctx) error {
	now := d.Clock.Now().In(clock.Warsaw)
	c.Page(c.T("web.dev.clock"))
	return c.Render(http.StatusOK, clockPage(show.DateTime(c.Lang(), now), now.Format(time.DateOnly), now.Format("15:04"), ui.Problems{}))
}

func (d Deps) move(c *kit.Ctx) error {
	f := c.Form()
	t, err := d.target(f)
	if err != nil {
		c.Page(c.T("web.dev.clock"))
		now := show.DateTime(c.Lang(), d.Clock.Now().In(clock.Warsaw))
		return c.Retry(err, func(p ui.Problems) templ.Component {
			return clockPage(now, f.Get("data"), f.Get("godzina"), p)
		})
	}
	if err := d.Clock.Move(c.Context(), t); err != nil {
		return err
	}
	return c.Redirect("/deweloper/zegar", "web.flash.clock_moved")
}

// target is where the form wants the clock: a jump from now, or a date and time.
func (d Deps) target(f *kit.Form) (time.Time, error) {
	switch f.Get("skok") {
	case "dzien":
		return d.Clock.Now().AddDate(0, 0, 1), nil
	case "tydzien":
		return d.Clock.Now().AddDate(0, 0, 7), nil
	case "teraz":
		return time.Now(), nil
	}
	var wrong fault.Fields
	day, err := time.ParseInLocation(time.DateOnly, f.Get("data"), clock.Warsaw)
	if err != nil || day.Year() < 2000 || day.Year() > 2100 {
		wrong.Add("data", "web.dev.bad_date")
	}
	hour, err := time.Parse("15:04", f.Get("godzina"))
	if err != nil {
		wrong.Add("godzina", "web.dev.bad_time")
	}
	if err := wrong.Err(); err != nil {
		return time.Time{}, err
	}
	return time.Date(day.Year(), day.Month(), day.Day(), hour.Hour(), hour.Minute(), 0, 0, clock.Warsaw), nil
}

func (d Deps) mails(c *kit.Ctx) error {
	list, err := d.Mail.List(c.Context(), mailLimit)
	if err != nil {
		return err
	}
	t := ui.Table{
		Caption: c.T("web.dev.mail"), HideCaption: true, RowHeader: -1,
		Columns: []ui.Column{{Label: c.T("web.dev.at")}, {Label: c.T("web.dev.to")}, {Label: c.T("web.dev.subject")}},
	}
	for _, m := range list {
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: show.DateTime(c.Lang(), m.At.In(clock.Warsaw))}, {Text: m.To}, {Text: m.Subject, Href: "/deweloper/poczta/" + m.ID},
		})
	}
	c.Page(c.T("web.dev.mail")).AsWide()
	return c.Render(http.StatusOK, mailsPage(t))
}

func (d Deps) mail(c *kit.Ctx) error {
	m, err := d.Mail.Read(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	c.Page(m.Subject).Crumb(c.T("web.dev.mail"), "/deweloper/poczta")
	return c.Render(http.StatusOK, mailPage(m, show.DateTime(c.Lang(), m.At.In(clock.Warsaw))))
}
