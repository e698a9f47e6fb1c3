// Package consents holds the pages on which people sign the contract of their
// network and decide about photos, each apart; the list of both for those who
// lead; and everybody's own consents under their account.
package consents

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/consent"
	"ore.edu.pl/sieci/core/fault"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Tab is the page below a network's address; OwnPath lists everybody's own
// consents.
const (
	Tab     = "/kontrakt"
	OwnPath = "/konto/zgody"
)

// Deps are what the pages need.
type Deps struct{ Consents *consent.Service }

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	own := "/sieci/:id" + Tab
	return []kit.Route{
		kit.Get(own, consent.PermView, p.show),
		kit.Post(own, consent.PermGive, "signContract", p.sign),
		kit.Post(own+"/zdjecia", consent.PermGive, "decideImageConsent", p.decide),
		kit.Get(own+"/osoby", consent.PermList, p.people),
		kit.Get(OwnPath, kit.SignedIn, p.mine),
		kit.Post(OwnPath+"/:id", kit.SignedIn, "withdrawImageConsent", p.withdraw),
	}
}

type view struct {
	*consent.Mine
	Path    string
	Words   templ.Component // the contract
	Signed  string          // a sentence; "" while it waits
	Image   string
	Problem string
}

func (p *pages) read(c *kit.Ctx) (view, error) {
	id, err := c.UUID("id")
	if err != nil {
		return view{}, err
	}
	m, err := p.Consents.Mine(c.Context(), c.Actor(), id)
	if err != nil {
		return view{}, err
	}
	n := &m.Network
	c.InNetwork(n.ID, n.Title, c.T("consent.title"), n.Place, Tab)
	v := view{Mine: m, Path: consent.Path(n.ID)}
	if m.Contract != nil {
		if v.Words, err = formrender.Answers(c.Context(), formrender.AnswerList{Form: m.Contract.Form, Answers: m.Contract.Answers}); err != nil {
			return view{}, err
		}
	}
	if m.Current() {
		v.Signed = c.T("consent.signed", "Date", day(c.Context(), m.Signed))
	}
	v.Image = imageState(c.Context(), m.Image)
	return v, nil
}

func day(ctx context.Context, s *consent.Signature) string {
	return show.Date(i18n.FromContext(ctx), s.At.In(clock.Warsaw))
}

// imageState says in a sentence what somebody decided about photos.
func imageState(ctx context.Context, d *consent.Decision) string {
	if d == nil {
		return i18n.T(ctx, "consent.image.none")
	}
	on := show.Date(i18n.FromContext(ctx), d.At.In(clock.Warsaw))
	if d.Granted {
		return i18n.T(ctx, "consent.image.yes", "Date", on, "Wording", d.Wording)
	}
	return i18n.T(ctx, "consent.image.no", "Date", on)
}

func (p *pages) show(c *kit.Ctx) error {
	v, err := p.read(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page(v))
}

func (p *pages) sign(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(c.Form().Get("wersja"), 10, 64)
	if err != nil {
		version = 0 // no version has it: the page is shown again
	}
	err = p.Consents.Sign(c.Context(), c.Actor(), id, version)
	if f := fault.As(err); err != nil && f.Kind == fault.Conflict && f.Key == "consent.changed" {
		v, e := p.read(c)
		if e != nil {
			return e
		}
		v.Problem = c.T("consent.changed")
		return c.Render(http.StatusConflict, page(v))
	}
	if err != nil {
		return err
	}
	return c.Redirect(consent.Path(id), "consent.flash.signed")
}

func (p *pages) decide(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	act, flash := p.Consents.Refuse, "consent.flash.no"
	if c.Form().Get("zgoda") == "tak" {
		act, flash = p.Consents.Allow, "consent.flash.yes"
	}
	if err := act(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(consent.Path(id), flash)
}

type peopleView struct {
	Path  string
	Table ui.Table
	Pages ui.Pages
}

func (p *pages) people(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	page, err := p.Consents.People(c.Context(), c.Actor(), id, c.Query("po"), 50)
	if err != nil {
		return err
	}
	n := &page.Network
	c.InNetwork(n.ID, n.Title, c.T("consent.people"), n.Place, Tab).Crumb(c.T("consent.title"), consent.Path(n.ID))
	v := peopleView{Path: consent.Path(n.ID) + "/osoby", Table: ui.Table{Caption: c.T("consent.people"), HideCaption: true,
		Columns: []ui.Column{{Label: c.T("networks.name")}, {Label: c.T("consent.contract")}, {Label: c.T("consent.image")}, {Label: c.T("networks.school")}}}}
	for i := range page.People {
		x := &page.People[i]
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: x.Name}, {Text: contractState(c.Context(), page.Contract, x.Signed)}, {Text: imageState(c.Context(), x.Image)}, {Text: x.Label(c.Context(), x.School)}})
	}
	if page.Next != "" {
		v.Pages.Next = v.Path + "?po=" + url.QueryEscape(page.Next)
	}
	if c.Query("po") != "" {
		v.Pages.First = v.Path
	}
	return c.Render(http.StatusOK, peoplePage(v))
}

// contractState says how somebody stands with the contract.
func contractState(ctx context.Context, c *consent.Contract, s *consent.Signature) string {
	switch {
	case c == nil:
		return i18n.T(ctx, "consent.no_contract_yet")
	case s == nil:
		return i18n.T(ctx, "consent.unsigned")
	case s.Version != c.Version:
		return i18n.T(ctx, "consent.signed_earlier", "Date", day(ctx, s))
	}
	return i18n.T(ctx, "consent.signed", "Date", day(ctx, s))
}

type ownView struct{ Rows []ownRow }

type ownRow struct {
	ID          uuid.UUID
	Title, Text string
	Granted     bool
}

func (p *pages) mine(c *kit.Ctx) error {
	list, err := p.Consents.Own(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	var v ownView
	for i := range list {
		v.Rows = append(v.Rows, ownRow{list[i].Network, list[i].Title, imageState(c.Context(), &list[i].Decision), list[i].Granted})
	}
	c.Page(c.T("consent.own")).In("/konto").Crumb(c.T("web.nav.account"), "/konto")
	return c.Render(http.StatusOK, ownPage(v))
}

func (p *pages) withdraw(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Consents.Refuse(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(OwnPath, "consent.flash.no")
}
