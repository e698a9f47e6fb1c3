// Package oversight holds the pages of those who answer for a territory, a
// programme or the country: whether networks meet as often as their rules ask and
// programmes have as many networks in each powiat,
// the yearly report by powiat as of a day with its sheets, and the minister's
// directions of education policy: which a network works on, and how they are covered.
package oversight

import (
	"net/url"
	"strconv"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/oversight"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Addresses of this room.
const (
	PacePath     = "/zgodnosc"
	YearPath     = "/raport-roczny"
	CoveragePath = "/kierunki"
	SpreadPath   = "/pokrycie"
	// VocabularyPath is where directions of a new school year are entered.
	VocabularyPath = CoveragePath + "/lista"
	// Tab is the page below a network's address.
	Tab = "/kierunki"
)

// Deps are what the pages need.
type Deps struct {
	Oversight *oversight.Service
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get(PacePath, oversight.PermPace, p.paces),
		kit.Get(SpreadPath, oversight.PermPace, p.spread),
		kit.Get(CoveragePath, oversight.PermPace, p.coverage),
		kit.Get(VocabularyPath, oversight.PermDirections, p.vocabulary),
		kit.Post(VocabularyPath, oversight.PermDirections, "addPolicyDirection", p.addDirection),
		kit.Post(VocabularyPath+"/:kod/usun", oversight.PermDirections, "removePolicyDirection", p.removeDirection),
		kit.Get(YearPath, oversight.PermYear, p.year),
		kit.Get(YearPath+".csv", oversight.PermYear, p.csv),
		kit.Get(YearPath+".xlsx", oversight.PermYear, p.xlsx),
		kit.Post(YearPath, oversight.PermYear, "countYearlyReport", p.countYear),
		kit.Post(YearPath+"/:id/przerwij", oversight.PermYear, "cancelYearlyReport", p.stopCount),
		kit.Get("/sieci/:id"+Tab, network.PermEdit, p.tagForm),
		kit.Post("/sieci/:id"+Tab, network.PermEdit, "setNetworkDirections", p.tag),
	}
}

func withQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func frame(c *kit.Ctx, title string) {
	p := c.Page(title).In("/zarzadzanie")
	if c.Link("/zarzadzanie") != "" {
		p.Crumb(c.T("web.nav.manage"), "/zarzadzanie")
	}
}

// years is the choice of a school year.
func (p *pages) years(c *kit.Ctx, chosen int) ui.Input {
	in := ui.Input{Kind: ui.Select, Name: "rok", Label: c.T("oversight.school_year"), Value: strconv.Itoa(chosen), Size: "medium"}
	now := clock.SchoolYear(p.Oversight.Now())
	first := max(now+1, chosen)
	for y := first; y > first-8; y-- {
		in.Options = append(in.Options, ui.Option{Value: strconv.Itoa(y), Text: show.SchoolYear(y)})
	}
	return in
}

func (p *pages) schoolYear(c *kit.Ctx) int {
	return c.QueryInt("rok", clock.SchoolYear(p.Oversight.Now()))
}
