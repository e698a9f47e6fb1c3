package kit

import (
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/web/ui"
)

// NetworkTab is one of the pages that a network has, offered on each of them.
type NetworkTab struct {
	Key  string // catalogue key
	Path string // behind the network's address: "/zadania"; "" for its home
	// Perm is asked at the network's place.
	Perm access.Permission
	// Aside: seldom needed; offered on the network's home instead of among the tabs.
	Aside bool
}

// NetworkPath + id is a network's home.
const NetworkPath = "/sieci/"

// SearchPath is where the platform is searched; a field on every page of a
// signed-in person leads there once the page exists.
const SearchPath = "/szukaj"

// InNetwork names a page inside a network: the way back to it, and the tabs
// that the actor may open there. network is its title, title the page's own
// (the same on its home), tab the [NetworkTab.Path] that the page belongs to,
// at the place where permissions of the network are asked.
func (c *Ctx) InNetwork(id uuid.UUID, network, title string, at access.Place, tab string) *ui.Page {
	home := NetworkPath + id.String()
	p := c.Page(title).In("/sieci").Crumb(c.T("web.nav.networks"), "/sieci")
	if title != network || tab != "" {
		p.Crumb(network, home)
	}
	for _, t := range c.s.cfg.NetworkTabs {
		if !t.Aside && c.MayAt(t.Perm, at) {
			p.Tabs = append(p.Tabs, ui.Link{Text: c.T(t.Key), Href: home + t.Path})
		}
	}
	p.TabsLabel, p.TabHere = c.T("web.network_tabs"), home+tab
	return p
}

// AsideOf are the pages of a network that are seldom needed and that the actor
// may open there.
func (c *Ctx) AsideOf(id uuid.UUID, at access.Place) []ui.Link {
	var out []ui.Link
	for _, t := range c.s.cfg.NetworkTabs {
		if t.Aside && c.MayAt(t.Perm, at) {
			out = append(out, ui.Link{Text: c.T(t.Key), Href: NetworkPath + id.String() + t.Path})
		}
	}
	return out
}
