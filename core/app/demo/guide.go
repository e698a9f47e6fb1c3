package demo

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
)

// Guide is what is told to whoever tries the demonstration.
type Guide struct {
	Base     string // address of the platform
	Clock    string // the domain time, for people
	Accounts []Account
	// Others are addresses of the other participants of N1: enough people to
	// answer what it will be asked.
	Others []string
	// Steps are what can be lived through by moving the clock, in its order.
	Steps    []string
	Networks []Place
	// Tools are the development pages; none elsewhere.
	Tools []Place
}

// Account is somebody to sign in as; all have [Password].
type Account struct{ Email, Name, Who, Try string }

// Place is a page worth seeing.
type Place struct{ Title, URL, What string }

// Read makes the guide to a complete demonstration, in the language of ctx. The
// networks are those that everybody sees.
func Read(ctx context.Context, a *app.App) (*Guide, error) {
	g := &Guide{Base: a.Config.BaseURL, Clock: show.DateTime(i18n.FromContext(ctx), a.Clock.Now())}
	names := map[string]string{admin: administrator.name, pending: unconfirmed.name, free: last.name}
	for _, p := range cast {
		names[p.key] = p.name
	}
	for _, key := range accounts {
		g.Accounts = append(g.Accounts, Account{Email: key + domain, Name: names[key], Who: i18n.T(ctx, "demo.who."+key), Try: i18n.T(ctx, "demo.try."+key)})
	}
	for _, key := range n1People {
		if !slices.Contains(accounts, key) {
			g.Others = append(g.Others, key+domain)
		}
	}
	for _, key := range steps {
		g.Steps = append(g.Steps, i18n.T(ctx, "demo.step."+key))
	}
	for _, x := range []struct {
		s    *spec
		what string
	}{{n1, "n1"}, {wideOpen, "open"}, {closedDoors, "invitation"}, {full, "full"}, {finished, "finished"}} {
		id, err := idOf(ctx, a, x.s.title)
		if err != nil {
			return nil, err
		}
		if id != uuid.Nil {
			g.Networks = append(g.Networks, Place{x.s.title, g.Base + "/sieci/" + id.String(), i18n.T(ctx, "demo.network."+x.what)})
		}
	}
	if a.Config.Dev {
		g.Tools = append(g.Tools, Place{URL: g.Base + "/deweloper/zegar", What: i18n.T(ctx, "demo.tool.clock")})
		if a.Mailbox != nil {
			g.Tools = append(g.Tools, Place{URL: g.Base + "/deweloper/poczta", What: i18n.T(ctx, "demo.tool.mail")})
		}
	}
	return g, nil
}

// steps are the keys of what lies ahead of N1.
var steps = []string{"november", "december", "march", "may", "june", "end"}

// idOf finds a network by its title in the list that everybody sees.
func idOf(ctx context.Context, a *app.App, title string) (uuid.UUID, error) {
	cards, _, err := a.Networks.List(ctx, &access.Actor{}, network.Filter{Text: title, Limit: 100})
	if err != nil {
		return uuid.Nil, err
	}
	for i := range cards {
		if cards[i].Title == title {
			return cards[i].ID, nil
		}
	}
	return uuid.Nil, nil
}

// Text is the guide as lines for a terminal.
func (g *Guide) Text(ctx context.Context) string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	line(i18n.T(ctx, "demo.ready", "Base", g.Base, "Clock", g.Clock))
	line(i18n.T(ctx, "demo.password", "Password", Password))
	line("", i18n.T(ctx, "demo.warning"))
	line()
	line(i18n.T(ctx, "demo.accounts"))
	for _, a := range g.Accounts {
		line("  ", a.Email, " – ", a.Name, ", ", a.Who)
		line("      ", a.Try)
	}
	line()
	line(i18n.T(ctx, "demo.others"))
	line("  ", strings.Join(g.Others, ", "))
	line()
	line(i18n.T(ctx, "demo.networks"))
	for _, n := range g.Networks {
		line("  ", n.Title, " – ", n.What)
		line("      ", n.URL)
	}
	if len(g.Tools) > 0 {
		line()
		line(i18n.T(ctx, "demo.tools"))
	}
	for _, t := range g.Tools {
		line("  ", t.URL, " – ", t.What)
	}
	if len(g.Tools) > 0 {
		line()
		line(i18n.T(ctx, "demo.steps"))
		for _, s := range g.Steps {
			line("  ", s)
		}
	}
	return b.String()
}
