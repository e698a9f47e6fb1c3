package notices

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Regions lists the voivodeships, by name, for a choice.
type Regions func(ctx context.Context) ([]ui.Option, error)

type settingsView struct {
	In       notify.Settings
	Regions  []ui.Option
	Problems ui.Problems
}

func (p *pages) settings(c *kit.Ctx) error {
	in, err := p.Notify.Settings(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	v := settingsView{In: in}
	if v.Regions, err = p.Regions(c.Context()); err != nil {
		return err
	}
	settingsTitle(c)
	return c.Render(http.StatusOK, settingsPage(v))
}

func settingsTitle(c *kit.Ctx) {
	c.Page(c.T("notices.settings.title")).In("/konto").Crumb(c.T("account.title"), "/konto")
}

// saveSettings keeps what was typed when something is wrong. Of the networks
// only the frequency is sent; their names are read again.
func (p *pages) saveSettings(c *kit.Ctx) error {
	f := c.Form()
	was, err := p.Notify.Settings(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	in := notify.Settings{Digest: notify.Rhythm(f.Get("digest")), QuietFrom: number(f.Get("quiet_from")), QuietTo: number(f.Get("quiet_to")),
		FreeDays: f.Get("free_days") != "", Region: f.Get("region"), Version: number(f.Get("version"))}
	for _, n := range was.Networks {
		if typed := f.Get("network." + n.ID.String()); typed != "" {
			n.Frequency = notify.Frequency(typed)
		}
		in.Networks = append(in.Networks, n)
	}
	err = p.Notify.SaveSettings(c.Context(), c.Actor(), in)
	if err == nil {
		return c.Redirect("/konto", "notices.flash.saved")
	}
	v := settingsView{In: in}
	if fault.Is(err, fault.Conflict) { // nothing but choices: show the typed ones again, on top of the newer
		v.In.Version = was.Version
	}
	regions, rerr := p.Regions(c.Context())
	if rerr != nil {
		return rerr
	}
	v.Regions = regions
	settingsTitle(c)
	return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return settingsPage(v) })
}

// number of a choice; what is none becomes -1, which the service refuses.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func (v settingsView) hours(from, to int) []ui.Option {
	out := make([]ui.Option, 0, to-from+1)
	for h := from; h <= to; h++ {
		out = append(out, ui.Option{Value: strconv.Itoa(h), Text: strconv.Itoa(h) + ":00"})
	}
	return out
}

// stop asks before it stops letters: links in mails are opened by scanners too.
func (p *pages) stop(c *kit.Ctx) error {
	what, err := p.Notify.Stops(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	c.Page(c.T("notices.stop.title"))
	return c.Render(http.StatusOK, stopPage(what, c.Param("token")))
}

// doStop serves the button of the page and the one-click request of mail
// programs, which send no cookie (RFC 8058).
func (p *pages) doStop(c *kit.Ctx) error {
	what, err := p.Notify.Stop(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	c.Page(c.T("notices.stopped.title"))
	return c.Render(http.StatusOK, stoppedPage(what))
}

func rhythms(ctx context.Context) []ui.Option {
	out := make([]ui.Option, len(notify.Rhythms))
	for i, r := range notify.Rhythms {
		out[i] = ui.Option{Value: string(r), Text: i18n.T(ctx, "notices.rhythm."+string(r))}
	}
	return out
}

func frequencies(ctx context.Context) []ui.Option {
	out := make([]ui.Option, len(notify.Frequencies))
	for i, f := range notify.Frequencies {
		out[i] = ui.Option{Value: string(f), Text: i18n.T(ctx, "notices.frequency."+string(f))}
	}
	return out
}
