package registry

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// OrganisationsPath + "/nowa" adds an organisation that no official register
// describes, OrganisationsPath + "/" + id + "/edytuj" changes one. They are
// found where schools are: [PickSchoolPath].
const OrganisationsPath = "/zarzadzanie/organizacje"

// organisationView is the form of an organisation.
type organisationView struct {
	Title, Lead, Action, Submit string
	// New: kind, country, parent and unit are still to be chosen.
	New    bool
	In     places.NewInstitution
	Abroad bool
	Closed bool
	// Contact: only the address and contacts may be changed.
	Contact  bool
	Kinds    []ui.Option
	Powiats  []ui.Option
	Lands    []ui.Option
	Seats    []ui.Option
	Hidden   []ui.Hidden
	Cancel   ui.Link
	Problems ui.Problems
}

// powiats are the choice of a seat.
func (p *pages) powiats(ctx context.Context, c *kit.Ctx) ([]ui.Option, error) {
	list, err := p.Registry.Units(ctx, "", places.Powiat, places.CityPowiat)
	if err != nil {
		return nil, err
	}
	out := make([]ui.Option, len(list))
	for i := range list {
		out[i] = ui.Option{Value: list[i].Code, Text: powiatName(c.Lang(), &list[i]) + " (" + list[i].Voivodeship + ")"}
	}
	return out, nil
}

func (p *pages) newOrganisationView(c *kit.Ctx) (*organisationView, error) {
	v := &organisationView{New: true, Title: c.T("registry.organisation_new"), Lead: c.T("registry.organisation_lead"), Submit: c.T("registry.organisation_add"),
		Action: OrganisationsPath + "/nowa", Cancel: ui.Link{Text: c.T("registry.back"), Href: PickSchoolPath}}
	for _, k := range places.ByHand {
		v.Kinds = append(v.Kinds, ui.Option{Value: string(k), Text: k.Title(c.Context())})
	}
	for _, code := range places.Countries {
		v.Lands = append(v.Lands, ui.Option{Value: code, Text: places.CountryName(c.Context(), code)})
	}
	slices.SortFunc(v.Lands, func(a, b ui.Option) int { return strings.Compare(a.Text, b.Text) })
	c.Page(v.Title).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie").Crumb(c.T("registry.browse_title"), PickSchoolPath)
	var err error
	if v.Powiats, err = p.powiats(c.Context(), c); err != nil {
		return nil, err
	}
	list, err := p.Registry.Seats(c.Context())
	for i := range list {
		v.Seats = append(v.Seats, ui.Option{Value: list[i].ID.String(), Text: list[i].Label(c.Context())})
	}
	return v, err
}

func (p *pages) newOrganisation(c *kit.Ctx) error {
	v, err := p.newOrganisationView(c)
	if err != nil {
		return err
	}
	v.In = places.NewInstitution{Kind: places.Kind(c.Query("rodzaj")), Country: places.Home, Unit: c.Query("jst")}
	if len(v.In.Unit) >= 4 {
		v.In.Powiat = v.In.Unit[:4]
	}
	return c.Render(http.StatusOK, organisationPage(*v))
}

func (p *pages) createOrganisation(c *kit.Ctx) error {
	f := c.Form()
	in := places.NewInstitution{
		Kind: places.Kind(f.Get("kind")), Name: f.Get("name"), Country: f.Get("country"), Powiat: f.Get("powiat"), Town: f.Get("town"),
		Email: f.Get("email"), Website: f.Get("website"), Unit: f.Get("unit"),
	}
	if id, err := uuid.Parse(f.Get("parent")); err == nil {
		in.Parent = id
	}
	id, err := p.Registry.CreateInstitution(c.Context(), c.Actor(), in)
	if err == nil {
		return c.Redirect(SchoolsPath+"/"+id.String(), "registry.flash.organisation_added")
	}
	v, e := p.newOrganisationView(c)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.In, v.Problems = in, pr
		return organisationPage(*v)
	})
}

func (p *pages) editOrganisationView(c *kit.Ctx) (*organisationView, *places.Institution, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, nil, err
	}
	i, err := p.Registry.Institution(c.Context(), nil, id)
	if err != nil {
		return nil, nil, err
	}
	if !c.MayAt(places.PermContact, access.Place{Institution: id}) {
		return nil, nil, fault.ErrNotFound
	}
	v := &organisationView{Contact: !c.May(places.PermEdit), Title: c.T("registry.organisation_edit"), Submit: c.T("registry.save"), Action: OrganisationsPath + "/" + id.String() + "/edytuj",
		Abroad: i.Country != places.Home, Closed: i.ClosedOn != nil, Cancel: ui.Link{Text: c.T("registry.back"), Href: SchoolsPath + "/" + id.String()},
		Hidden: []ui.Hidden{{Name: "version", Value: strconv.Itoa(i.Version)}},
		In:     places.NewInstitution{Kind: i.Kind, Name: i.Name, Powiat: i.PowiatCode, Town: i.Town, Email: i.Email, Website: i.Website, Country: i.Country}}
	if i.RSPO != nil {
		v.Lead = c.T("registry.edit_register")
	}
	if v.Contact {
		v.Lead = cmp.Or(v.Lead, i.Name)
		v.Hidden = append(v.Hidden, ui.Hidden{Name: "name", Value: i.Name}, ui.Hidden{Name: "powiat", Value: i.PowiatCode})
		if v.Closed {
			v.Hidden = append(v.Hidden, ui.Hidden{Name: "closed", Value: "1"})
		}
	} else if v.Powiats, err = p.powiats(c.Context(), c); err != nil {
		return nil, nil, err
	}
	c.Page(v.Title).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie").Crumb(c.T("registry.browse_title"), PickSchoolPath).Crumb(i.Name, SchoolsPath+"/"+id.String())
	return v, &i, nil
}

func (p *pages) editOrganisation(c *kit.Ctx) error {
	v, _, err := p.editOrganisationView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, organisationPage(*v))
}

func (p *pages) updateOrganisation(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	f := c.Form()
	in := places.Edit{Name: f.Get("name"), Powiat: f.Get("powiat"), Town: f.Get("town"), Email: f.Get("email"), Website: f.Get("website"), Closed: f.Get("closed") != ""}
	in.Version, _ = strconv.Atoi(f.Get("version"))
	err = p.Registry.EditInstitution(c.Context(), c.Actor(), id, in)
	if err == nil {
		return c.Redirect(SchoolsPath+"/"+id.String(), "registry.flash.organisation_saved")
	}
	v, now, e := p.editOrganisationView(c)
	if e != nil {
		return e
	}
	if now.RSPO == nil && now.Version != in.Version {
		return c.ConflictPage(p.organisationConflict(c, v, now, &in))
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.In.Name, v.In.Powiat, v.In.Town, v.In.Email, v.In.Website = in.Name, in.Powiat, in.Town, in.Email, in.Website
		v.Closed, v.Problems = in.Closed, pr
		return organisationPage(*v)
	})
}

// organisationConflict shows both texts where somebody saved meanwhile.
func (p *pages) organisationConflict(c *kit.Ctx, v *organisationView, now *places.Institution, mine *places.Edit) ui.ConflictView {
	out := ui.ConflictView{Action: v.Action, Hidden: v.Hidden, Cancel: v.Cancel}
	for _, x := range []struct{ name, label, mine, theirs string }{
		{"name", "registry.name", mine.Name, now.Name}, {"town", "registry.town", mine.Town, now.Town}, {"powiat", "registry.terc", mine.Powiat, now.PowiatCode},
		{"email", "registry.email", mine.Email, now.Email}, {"website", "registry.field_website", mine.Website, now.Website},
	} {
		if x.mine == x.theirs {
			out.Hidden = append(out.Hidden, ui.Hidden{Name: x.name, Value: x.mine})
			continue
		}
		out.Fields = append(out.Fields, ui.ConflictField{Name: x.name, Label: c.T(x.label), Mine: x.mine, Theirs: x.theirs})
	}
	if mine.Closed {
		out.Hidden = append(out.Hidden, ui.Hidden{Name: "closed", Value: "1"})
	}
	return out
}

// organisationLinks lead from the page of an institution to what ORE or its own
// administrator may do with it.
func (p *pages) organisationLinks(c *kit.Ctx, i *places.Institution) []ui.Link {
	var out []ui.Link
	if i.RSPO == nil && c.MayAt(places.PermContact, access.Place{Institution: i.ID}) {
		out = append(out, ui.Link{Text: c.T("registry.organisation_edit"), Href: OrganisationsPath + "/" + i.ID.String() + "/edytuj"})
	}
	if i.UnitCode != "" {
		out = append(out, ui.Link{Text: c.T("registry.to_unit"), Href: UnitsPath + "/" + i.UnitCode})
	}
	return out
}

// seatHint says for whom a powiat is asked.
func seatHint(ctx context.Context, v organisationView) string {
	if v.New {
		return i18n.T(ctx, "registry.seat_hint")
	}
	return ""
}

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}
