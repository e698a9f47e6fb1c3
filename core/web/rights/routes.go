// Package rights holds the pages that explain permissions: one's own roles and
// what they give, why one can or cannot open or do something, and who sees one's
// data. What they say is found by core/access from the rules in force; here it
// is put into words.
package rights

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Addresses of this room.
const (
	Path     = "/konto/uprawnienia"
	WhyPath  = kit.WhyPath
	SeenPath = Path + "/kto-widzi"
)

// Deps are what the pages need.
type Deps struct {
	Roles *access.Service
	Asker *Asker
	Clock clock.Clock
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get(Path, identity.PermSelf, p.own),
		kit.Get(WhyPath, identity.PermSelf, p.why),
		kit.Get(SeenPath, identity.PermSelf, p.seen),
	}
}

// frame names the page and the way back.
func frame(c *kit.Ctx, title string) {
	p := c.Page(title).In("/konto").Crumb(c.T("rights.account"), "/konto")
	if title != c.T("rights.title") {
		p.Crumb(c.T("rights.title"), Path)
	}
}

type ownView struct{ Now, Later, Before []roleCard }

type roleCard struct {
	Title string
	Tag   string
	Tone  ui.Tone
	Facts []ui.Fact
	Gives []string
}

func (p *pages) own(c *kit.Ctx) error {
	list, err := p.Roles.Own(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	var v ownView
	for i := range list {
		card := p.card(c, &list[i], now)
		switch list[i].When(now) {
		case access.InForce:
			v.Now = append(v.Now, card)
		case access.Future:
			v.Later = append(v.Later, card)
		default:
			v.Before = append(v.Before, card)
		}
	}
	frame(c, c.T("rights.title"))
	return c.Render(http.StatusOK, ownPage(v))
}

func (p *pages) card(c *kit.Ctx, h *access.Held, now time.Time) roleCard {
	card := roleCard{Title: RoleName(c.Context(), h.Role)}
	card.Facts = HeldFacts(c, h)
	if h.When(now) == access.Ended {
		return card
	}
	for _, perm := range p.Roles.Authorizer.Permissions() {
		if strings.HasPrefix(string(perm), "module:") || !p.Roles.Authorizer.Allowed(h.Role, perm) {
			continue
		}
		card.Gives = append(card.Gives, Phrase(c.Context(), perm))
	}
	slices.Sort(card.Gives)
	return card
}

// HeldFacts are the place and the period of a grant, whom it stands in for, and
// who gave it.
func HeldFacts(c *kit.Ctx, h *access.Held) []ui.Fact {
	out := []ui.Fact{{Label: c.T("people.roles.where"), Value: Where(c.Context(), h)},
		{Label: c.T("people.roles.from"), Value: show.Date(c.Lang(), h.From)}}
	if h.To != nil {
		out = append(out, ui.Fact{Label: c.T("people.roles.until"), Value: lastDay(c.Context(), h)})
	}
	if h.InsteadOf != "" {
		out = append(out, ui.Fact{Label: c.T("rights.instead_of"), Value: h.InsteadOf})
	}
	if h.ByName != "" {
		out = append(out, ui.Fact{Label: c.T("rights.by"), Value: h.ByName})
	}
	return out
}

type whyView struct {
	Address  string
	Problems ui.Problems
	// Asked: an address was given and understood.
	Asked *Found
	// Verdict is the answer on opening the page, Reasons why.
	Verdict string
	Tone    ui.Tone
	Reasons []string
	Rule    string
	Can     []actGroup
	Cannot  []actGroup
}

// actGroup are acts with one reason.
type actGroup struct {
	Reasons, Acts, Rules []string
}

// grouped adds an act to the group of its reason.
func grouped(list []actGroup, act, rule string, reasons []string) []actGroup {
	i := slices.IndexFunc(list, func(g actGroup) bool { return slices.Equal(g.Reasons, reasons) })
	if i < 0 {
		i, list = len(list), append(list, actGroup{Reasons: reasons})
	}
	list[i].Acts = append(list[i].Acts, act)
	if rule != "" {
		list[i].Rules = append(list[i].Rules, rule)
	}
	return list
}

func (p *pages) why(c *kit.Ctx) error {
	v := whyView{Address: c.Query("adres")}
	status := http.StatusOK
	if _, given := c.Queries()["adres"]; given {
		f, err := p.Asker.Ask(c.Context(), c.Actor(), v.Address)
		switch {
		case fault.Is(err, fault.Invalid):
			status, v.Problems = http.StatusUnprocessableEntity, ui.ProblemsOf(c.Context(), err)
		case err != nil:
			return err
		default:
			v.fill(c, f)
		}
	}
	frame(c, c.T("rights.why.title"))
	c.Page(c.T("rights.why.title")).Wrong = status != http.StatusOK
	return c.Render(status, whyPage(v))
}

// fill puts the answer into words.
func (v *whyView) fill(c *kit.Ctx, f *Found) {
	ctx := c.Context()
	v.Asked = f
	v.Tone = ui.Info
	switch {
	case f.Sight == NoPage:
		v.Verdict = c.T("rights.verdict.no_page")
	case f.Sight == Hidden:
		v.Verdict = c.T("rights.verdict.hidden")
		v.Reasons = []string{c.T("rights.hidden.why")}
		if len(f.Open.Would) > 0 {
			v.Reasons = append(v.Reasons, c.T("rights.hidden.roles", "What", Phrase(ctx, f.Open.Permission), "Roles", roleNames(ctx, f.Open.Would)))
		}
	case f.Sight == Unsure:
		v.Verdict, v.Reasons = c.T("rights.verdict.unsure"), []string{c.T("rights.unsure.why")}
		if len(f.Open.Would) > 0 {
			v.Reasons = append(v.Reasons, c.T("rights.hidden.roles", "What", Phrase(ctx, f.Open.Permission), "Roles", roleNames(ctx, f.Open.Would)))
		}
	case f.Public:
		v.Verdict, v.Tone, v.Reasons = c.T("rights.verdict.yes"), ui.Good, []string{c.T("rights.because.guest")}
	case f.Account:
		v.Verdict, v.Tone, v.Reasons = c.T("rights.verdict.yes"), ui.Good, []string{c.T("rights.because.user")}
	case f.Open.Allowed:
		v.Verdict, v.Tone = c.T("rights.verdict.yes"), ui.Good
		v.Reasons, v.Rule = Reasons(ctx, &f.Open), Rule(&f.Open)
	default:
		v.Verdict, v.Tone = c.T("rights.verdict.no", "What", Phrase(ctx, f.Open.Permission)), ui.Warn
		v.Reasons = Reasons(ctx, &f.Open)
	}
	for i := range f.Acts {
		x := &f.Acts[i]
		if x.Allowed {
			v.Can = grouped(v.Can, Phrase(ctx, x.Permission), Rule(x), Reasons(ctx, x))
		} else {
			v.Cannot = grouped(v.Cannot, Phrase(ctx, x.Permission), "", Reasons(ctx, x))
		}
	}
}

type seenView struct{ Parts []seenPart }

// seenPart are kinds of data that the same people see.
type seenPart struct {
	Titles []string
	Lines  []string
	// More are folded away under their number.
	More []string
}

// seenFirst is how many lines of a kind of data are shown at once.
const seenFirst = 5

func (p *pages) seen(c *kit.Ctx) error {
	list, err := p.Roles.SeenBy(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	var v seenView
	for i := range list {
		title, lines := c.T("access.data."+list[i].Data), SeenLines(c.Context(), &list[i])
		same := slices.IndexFunc(v.Parts, func(p seenPart) bool { return slices.Equal(p.Lines, lines) })
		if same < 0 {
			same, v.Parts = len(v.Parts), append(v.Parts, seenPart{Lines: lines})
		}
		v.Parts[same].Titles = append(v.Parts[same].Titles, title)
	}
	for i := range v.Parts {
		if p := &v.Parts[i]; len(p.Lines) > seenFirst+1 { // folding a single line away would save nothing
			p.Lines, p.More = p.Lines[:seenFirst], p.Lines[seenFirst:]
		}
	}
	frame(c, c.T("rights.seen.title"))
	return c.Render(http.StatusOK, seenPage(v))
}
