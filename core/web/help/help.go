// Package help holds the public pages about the service itself: help for every
// kind of user, privacy, and the accessibility declaration that the law asks
// for. Their facts are [Settings]; they need no database.
package help

import (
	"net/http"
	"strconv"

	"ore.edu.pl/sieci/core/web/kit"
)

// topic is a chapter of the help: texts help.<id>.title and help.<id>.1 … n.
type topic struct {
	ID string
	N  int
}

// topics in the order in which people need them.
var topics = []topic{
	{"konto", 6}, {"dolaczanie", 6}, {"uczestnik", 4}, {"zadania", 5},
	{"zakladanie", 4}, {"prowadzenie", 7}, {"zarzadzanie", 4}, {"obsluga", 4}, {"problemy", 4},
}

func (t topic) title() string { return "help." + t.ID + ".title" }

func (t topic) texts() []string {
	out := make([]string, t.N)
	for i := range out {
		out[i] = "help." + t.ID + "." + strconv.Itoa(i+1)
	}
	return out
}

// Routes are the pages of this room; s must be valid.
func Routes(s Settings) []kit.Route {
	return []kit.Route{
		kit.Get("/pomoc", kit.Public, func(c *kit.Ctx) error {
			c.Page(c.T("help.title")).Updated = date(s.HelpUpdated)
			return c.Render(http.StatusOK, helpPage(s))
		}),
		kit.Get("/prywatnosc", kit.Public, func(c *kit.Ctx) error {
			c.Page(c.T("help.privacy.title")).Updated = date(s.PrivacyUpdated)
			return c.Render(http.StatusOK, privacyPage(s))
		}),
		kit.Get("/deklaracja-dostepnosci", kit.Public, func(c *kit.Ctx) error {
			c.Page(c.T("help.declaration.title")).Updated = date(s.Declaration.Updated)
			return c.Render(http.StatusOK, declarationPage(s))
		}),
	}
}
