package registry

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// placeView is what the register says of an institution or a unit on a day,
// and what it said before.
type placeView struct {
	Title, Lead, On string
	Action, Day     string
	Facts           []ui.Fact
	Parts           []part
	History         ui.Table
	Links           []ui.Link
}

// part is a list below a heading.
type part struct {
	ID, Title string
	Items     []string
}

// asked is the day of the address; fault.NotFound for what is no day, because
// no form leads there.
func asked(c *kit.Ctx) (time.Time, error) {
	if c.Query(dayParam) == "" {
		return time.Time{}, nil
	}
	on, ok := form.ParseDate(c.Query(dayParam))
	if !ok {
		return on, fault.InvalidFields(fault.Field{Path: dayParam, Key: "tasks.date"})
	}
	return on, nil
}

func (p *pages) school(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	on, err := asked(c)
	if err != nil {
		return err
	}
	var d places.Details
	var past []places.Details
	ctx := c.Context()
	if d, err = p.Registry.Details(ctx, nil, id, on); err != nil {
		return err
	}
	if past, err = p.Registry.History(ctx, nil, id); err != nil {
		return err
	}
	v := placeView{Title: d.Name, Lead: d.Place(ctx), Action: SchoolsPath + "/" + id.String(), Day: c.Query(dayParam), Facts: schoolFacts(c, &d)}
	if !on.IsZero() {
		v.On = c.T("registry.as_of", "Day", show.Date(c.Lang(), on))
	}
	if len(d.LeadingBodies) > 0 {
		bodies := part{ID: "organ", Title: c.T("registry.leading_bodies")}
		for _, b := range d.LeadingBodies {
			text := b.Type
			if b.Name != "" {
				text = joined(" ", b.Name, c.T("registry.in_brackets", "Text", b.Type))
			}
			bodies.Items = append(bodies.Items, text)
		}
		v.Parts = append(v.Parts, bodies)
	}
	if len(d.Vocations) > 0 {
		vocations := part{ID: "zawody", Title: c.T("registry.vocations")}
		for _, x := range d.Vocations {
			vocations.Items = append(vocations.Items, joined(" ", x.Code, x.Name))
		}
		v.Parts = append(v.Parts, vocations)
	}
	v.Links = p.organisationLinks(c, &d.Institution)
	v.History = historyTable(c)
	for i := range past {
		x := &past[i]
		text := x.Label(ctx)
		if x.ClosedOn != nil {
			text += ", " + c.T("registry.closed_on_day", "Day", show.DateShort(c.Lang(), *x.ClosedOn))
		}
		v.History.Rows = append(v.History.Rows, period(c.Lang(), x.From, x.To, text))
	}
	c.Page(d.Name).Crumb(c.T("registry.browse_title"), PickSchoolPath)
	return c.Render(http.StatusOK, placePage(v))
}

func joined(sep string, parts ...string) string {
	var out []string
	for _, s := range parts {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, sep)
}

func schoolFacts(c *kit.Ctx, d *places.Details) []ui.Fact {
	var out []ui.Fact
	add := func(key, value string) {
		if value != "" {
			out = append(out, ui.Fact{Label: c.T(key), Value: value})
		}
	}
	day := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return show.Date(c.Lang(), *t)
	}
	kind := d.TypeName
	if kind == "" {
		kind = d.Kind.Title(c.Context())
	}
	add("registry.kind", kind)
	if d.RSPO != nil {
		add("registry.rspo", strconv.Itoa(*d.RSPO))
	}
	add("registry.regon", d.REGON)
	add("registry.field_public_status", d.PublicStatus)
	add("registry.field_pupil_category", d.PupilCategory)
	add("registry.address", joined(", ", d.Street, joined(" ", d.Postcode, d.Town)))
	add("registry.place", d.Place(c.Context()))
	add("registry.field_phone", d.Phone)
	add("registry.email", d.Email)
	add("registry.field_website", d.Website)
	add("registry.field_opened_on", day(d.OpenedOn))
	add("registry.field_closed_on", day(d.ClosedOn))
	return out
}

// period is a row of a history.
func period(l i18n.Lang, from time.Time, to *time.Time, text string) []ui.Cell {
	begins := i18n.Text(l, "registry.from_beginning")
	if from.After(places.Beginning) {
		begins = show.DateShort(l, from)
	}
	ends := i18n.Text(l, "registry.until_now")
	if to != nil {
		ends = show.DateShort(l, to.AddDate(0, 0, -1))
	}
	return []ui.Cell{{Text: begins}, {Text: ends}, {Text: text}}
}

func historyTable(c *kit.Ctx) ui.Table {
	return ui.Table{
		Caption: c.T("registry.history_caption"), HideCaption: true, RowHeader: -1,
		Columns: []ui.Column{{Label: c.T("registry.since")}, {Label: c.T("registry.until")}, {Label: c.T("registry.state_then")}},
	}
}

var unitCode = regexp.MustCompile(`^[0-9]{2}([0-9]{2}([0-9]{3})?)?$`)

func (p *pages) unit(c *kit.Ctx) error {
	code := c.Param("code")
	if !unitCode.MatchString(code) {
		return fault.ErrNotFound
	}
	on, err := asked(c)
	if err != nil {
		return err
	}
	day := on
	if on.IsZero() {
		day = p.Registry.Today()
	}
	ctx := c.Context()
	u, err := p.Registry.UnitAsOf(ctx, nil, code, day)
	if err != nil {
		return err
	}
	var past []places.Unit
	var office places.Institution
	var none error // there is no office
	err = c.Together(
		func(ctx context.Context) (err error) { past, err = p.Registry.UnitHistory(ctx, nil, code); return err },
		func(ctx context.Context) error {
			office, none = p.Registry.OfficeOf(ctx, nil, code)
			if fault.Is(none, fault.NotFound) {
				return nil
			}
			return none
		})
	if err != nil {
		return err
	}
	name, place, _ := strings.Cut(u.Label(ctx), ", ")
	v := placeView{Title: name, Lead: place, Action: UnitsPath + "/" + code, Day: c.Query(dayParam)}
	v.Facts = []ui.Fact{{Label: c.T("registry.terc"), Value: u.Code}, {Label: c.T("registry.kind"), Value: c.T("registry.one_" + string(u.Kind))}}
	if u.To != nil && !u.To.After(day) {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("registry.ended"), Value: show.Date(c.Lang(), *u.To)})
	}
	if !on.IsZero() {
		v.On = c.T("registry.as_of", "Day", show.Date(c.Lang(), on))
	}
	switch {
	case none == nil:
		v.Links = []ui.Link{{Text: c.T("registry.to_office", "Name", office.Name), Href: SchoolsPath + "/" + office.ID.String()}}
	case c.May(places.PermEdit) && u.Kind != places.Part:
		v.Links = []ui.Link{{Text: c.T("registry.add_office"), Href: OrganisationsPath + "/nowa?rodzaj=local_government&jst=" + code}}
	}
	v.History = historyTable(c)
	for i := range past {
		x := &past[i]
		v.History.Rows = append(v.History.Rows, period(c.Lang(), x.From, x.To, x.Label(ctx)+", "+x.Code))
	}
	c.Page(name).Crumb(c.T("registry.pick_jst_title"), PickLocalGovernmentPath)
	return c.Render(http.StatusOK, placePage(v))
}
