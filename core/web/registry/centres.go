package registry

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type centresView struct {
	Cards []ui.Card
	Pages ui.Pages
	// MayAdd is true for those who act on the whole platform.
	MayAdd bool
	// Day is the day asked for, On says it in words.
	Day, On string
}

func (p *pages) centres(c *kit.Ctx) error {
	on, err := asked(c)
	if err != nil {
		return err
	}
	list, next, err := p.Registry.CentresAsOf(c.Context(), c.Actor(), on, c.Query("po"), 0)
	if err != nil {
		return err
	}
	v := centresView{MayAdd: c.May(places.PermEdit), Day: c.Query(dayParam)}
	if !on.IsZero() {
		v.On = c.T("registry.as_of", "Day", show.Date(c.Lang(), on))
	}
	for i := range list {
		v.Cards = append(v.Cards, ui.Card{Title: list[i].Name, Href: centrePath(list[i].ID), Lead: list[i].Place(c.Context())})
	}
	if next != "" {
		v.Pages.Next = here(CentresPath, c.Queries(), next)
	}
	if c.Query("po") != "" {
		v.Pages.First = here(CentresPath, c.Queries(), "")
	}
	c.Page(c.T("registry.centres_title")).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie")
	return c.Render(http.StatusOK, centresPage(v))
}

func centrePath(id uuid.UUID) string { return CentresPath + "/" + id.String() }

func centreHead(c *kit.Ctx, title string) *ui.Page {
	return c.Page(title).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie").Crumb(c.T("registry.centres_title"), CentresPath)
}

type centreView struct {
	places.CentreDetail
	Facts []ui.Fact
	// Day is the day asked for, On says it in words; History tells how the
	// territory changed and will.
	Day, On string
	History ui.Table
	Links   []ui.Link
	MayEdit bool
}

func (p *pages) centre(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	on, err := asked(c)
	if err != nil {
		return err
	}
	d, err := p.Registry.CentreOn(c.Context(), c.Actor(), id, on)
	if err != nil {
		return err
	}
	v := centreView{CentreDetail: d, MayEdit: c.May(places.PermEdit), Day: c.Query(dayParam), History: tenureTable(c, d.Tenures)}
	if !on.IsZero() {
		v.On = c.T("registry.as_of", "Day", show.Date(c.Lang(), on))
	}
	v.Facts = []ui.Fact{
		{Label: c.T("registry.kind"), Value: d.Kind.Title(c.Context())},
		{Label: c.T("registry.place"), Value: d.Place(c.Context())},
		{Label: c.T("registry.email"), Value: d.Email},
	}
	for _, l := range centreLinks {
		if c.May(l.perm) {
			v.Links = append(v.Links, ui.Link{Text: c.T(l.key), Href: l.href})
		}
	}
	centreHead(c, d.Name)
	return c.Render(http.StatusOK, centrePage(v))
}

func tenureTable(c *kit.Ctx, list []places.Tenure) ui.Table {
	t := ui.Table{Caption: c.T("registry.territory_changes"), HideCaption: true, RowHeader: 0, Columns: []ui.Column{
		{Label: c.T("registry.powiat")}, {Label: c.T("registry.territory_from")}, {Label: c.T("registry.territory_to")}}}
	for i := range list {
		x := &list[i]
		from, to := c.T("registry.territory_always"), c.T("registry.territory_open")
		if x.ActsFrom != nil {
			from = show.Date(c.Lang(), *x.ActsFrom)
		}
		if x.ActsTo != nil { // the last day on which it acts
			to = show.Date(c.Lang(), x.ActsTo.AddDate(0, 0, -1))
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: x.Label(c.Context())}, {Text: from}, {Text: to}})
	}
	return t
}

// territoryGroup is the powiats of one voivodeship.
type territoryGroup struct {
	Voivodeship string
	Powiats     []places.Unit
	Chosen      int
}

type territoryView struct {
	Title, Action string
	Centre        *places.CentreDetail // nil while founding
	In            places.NewInstitution
	Chosen        map[string]bool
	From, Reason  string
	Groups        []territoryGroup
	Problems      ui.Problems
	Cancel        ui.Link
}

func (p *pages) groups(c *kit.Ctx, v *territoryView) error {
	powiats, err := p.Registry.Units(c.Context(), "", places.Powiat, places.CityPowiat)
	if err != nil {
		return err
	}
	slices.SortStableFunc(powiats, func(a, b places.Unit) int { return strings.Compare(a.Code[:2], b.Code[:2]) })
	for _, u := range powiats {
		if n := len(v.Groups); n == 0 || v.Groups[n-1].Voivodeship != u.Voivodeship {
			v.Groups = append(v.Groups, territoryGroup{Voivodeship: u.Voivodeship})
		}
		g := &v.Groups[len(v.Groups)-1]
		g.Powiats = append(g.Powiats, u)
		if v.Chosen[u.Code] {
			g.Chosen++
		}
	}
	return nil
}

func (p *pages) territory(c *kit.Ctx) error {
	v, err := p.territoryOf(c)
	if err != nil {
		return err
	}
	for _, u := range v.Centre.Territory {
		v.Chosen[u.Code] = true
	}
	if len(v.Centre.Territory) > 0 || len(v.Centre.Tenures) > 0 {
		v.From = p.Registry.Today().Format(time.DateOnly)
	}
	if err := p.groups(c, v); err != nil {
		return err
	}
	return c.Render(http.StatusOK, territoryPage(*v))
}

func (p *pages) territoryOf(c *kit.Ctx) (*territoryView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	d, err := p.Registry.Centre(c.Context(), c.Actor(), id)
	if err != nil {
		return nil, err
	}
	if !c.May(places.PermEdit) {
		return nil, fault.ErrNotFound
	}
	v := &territoryView{
		Title: c.T("registry.territory_title"), Action: centrePath(id) + "/obszar", Centre: &d, Chosen: map[string]bool{},
		Cancel: ui.Link{Text: c.T("registry.back"), Href: centrePath(id)},
	}
	centreHead(c, v.Title).Crumb(d.Name, centrePath(id))
	return v, nil
}

func (p *pages) setTerritory(c *kit.Ctx) error {
	v, err := p.territoryOf(c)
	if err != nil {
		return err
	}
	chosen := c.Form().All("territory")
	v.From, v.Reason = c.Form().Get("from"), c.Form().Text("reason")
	in, err := territoryEdit(chosen, v.From, v.Reason)
	if err != nil {
		return p.territoryRetry(c, err, v, chosen)
	}
	if c.Form().Get("confirmed") == "" {
		// First what it changes, then the saving.
		if _, err = p.Registry.PreviewTerritory(c.Context(), c.Actor(), v.Centre.ID, in); err != nil {
			return p.territoryRetry(c, err, v, chosen)
		}
		q := url.Values{chosenParam: {strings.Join(chosen, ",")}, "od": {v.From}, "powod": {v.Reason}}
		return c.Redirect(v.Action+"/podglad?"+q.Encode(), "")
	}
	err = p.Registry.SetTerritoryFrom(c.Context(), c.Actor(), v.Centre.ID, in)
	if err == nil {
		return c.Redirect(centrePath(v.Centre.ID), "registry.flash.territory")
	}
	return p.territoryRetry(c, err, v, chosen)
}

func (p *pages) territoryRetry(c *kit.Ctx, err error, v *territoryView, chosen []string) error {
	for _, code := range chosen {
		v.Chosen[code] = true
	}
	if e := p.groups(c, v); e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Problems = pr
		return territoryPage(*v)
	})
}

// territoryEdit is what was typed; Invalid for a day that is none.
func territoryEdit(powiats []string, from, reason string) (places.TerritoryEdit, error) {
	in := places.TerritoryEdit{Powiats: powiats, Reason: reason}
	if from == "" {
		return in, nil
	}
	var ok bool
	if in.From, ok = form.ParseDate(from); !ok {
		return in, fault.InvalidFields(fault.Field{Path: "from", Key: "tasks.date"})
	}
	return in, nil
}

// chosenParam holds the codes of the powiats of a preview, apart by commas.
const chosenParam = "powiaty"

// previewView is what a territory would change.
type previewView struct {
	Name, Action string
	// When is the first day in words, Sight that until then nothing changes for people.
	When, Sight string
	Change      places.TerritoryChange
	Table       ui.Table
	Hidden      []ui.Hidden
	Back        ui.Link
}

func (p *pages) previewTerritory(c *kit.Ctx) error {
	t, err := p.territoryOf(c)
	if err != nil {
		return err
	}
	var chosen []string
	if q := c.Query(chosenParam); q != "" {
		chosen = strings.Split(q, ",")
	}
	in, err := territoryEdit(chosen, c.Query("od"), c.Query("powod"))
	if err != nil {
		return err
	}
	x, err := p.Registry.PreviewTerritory(c.Context(), c.Actor(), t.Centre.ID, in)
	if err != nil {
		return err
	}
	v := previewView{Name: t.Centre.Label(c.Context()), Action: t.Action, Change: x, Back: ui.Link{Text: c.T("registry.preview_back"), Href: t.Action},
		Hidden: []ui.Hidden{{Name: "confirmed", Value: "1"}, {Name: "from", Value: c.Query("od")}, {Name: "reason", Value: in.Reason}}}
	if !in.From.IsZero() {
		v.When = c.T("registry.preview_from", "Day", show.Date(c.Lang(), x.From))
	}
	if x.From.After(p.Registry.Today()) {
		v.Sight = c.T("registry.preview_sight", "Day", show.Date(c.Lang(), x.From))
	}
	for _, code := range chosen {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: "territory", Value: code})
	}
	v.Table = ui.Table{Caption: c.T("registry.preview_caption"), HideCaption: true, RowHeader: 0, Columns: []ui.Column{
		{Label: c.T("registry.powiat")}, {Label: c.T("registry.preview_what")}, {Label: c.T("registry.preview_schools"), Number: true},
		{Label: c.T("registry.preview_people"), Number: true}, {Label: c.T("registry.preview_others")}}}
	for i := range x.Powiats {
		g := &x.Powiats[i]
		what := c.T("registry.preview_loses")
		if g.Added {
			what = c.T("registry.preview_gains")
		}
		others := strings.Join(g.Others, ", ")
		if others == "" {
			others = c.T("registry.preview_nobody")
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: g.Label(c.Context())}, {Text: what}, {Text: strconv.Itoa(g.Schools)}, {Text: strconv.Itoa(g.People)}, {Text: others}})
	}
	centreHead(c, c.T("registry.preview_territory")).Crumb(t.Centre.Name, centrePath(t.Centre.ID))
	return c.Render(http.StatusOK, previewPage(v))
}

func newCentreView(c *kit.Ctx) *territoryView {
	v := &territoryView{
		Title: c.T("registry.new_title"), Action: CentresPath + "/nowa", Chosen: map[string]bool{},
		Cancel: ui.Link{Text: c.T("registry.back"), Href: CentresPath},
	}
	v.In.Kind = places.Centre
	centreHead(c, v.Title)
	return v
}

func (p *pages) newCentre(c *kit.Ctx) error {
	if !c.May(places.PermEdit) {
		return fault.ErrNotFound
	}
	v := newCentreView(c)
	if err := p.groups(c, v); err != nil {
		return err
	}
	return c.Render(http.StatusOK, territoryPage(*v))
}

func (p *pages) createCentre(c *kit.Ctx) error {
	f, v := c.Form(), newCentreView(c)
	v.In = places.NewInstitution{
		Kind: places.Centre, Name: f.Get("name"), Powiat: f.Get("powiat"), Town: f.Get("town"), Email: f.Get("email"),
		Territory: f.All("territory"),
	}
	id, err := p.Registry.CreateInstitution(c.Context(), c.Actor(), v.In)
	if err == nil {
		return c.Redirect(centrePath(id), "registry.flash.created")
	}
	return p.territoryRetry(c, err, v, v.In.Territory)
}

func powiatOptions(l i18n.Lang, groups []territoryGroup) []ui.Option {
	var out []ui.Option
	for _, g := range groups {
		for i := range g.Powiats {
			out = append(out, ui.Option{Value: g.Powiats[i].Code, Text: powiatName(l, &g.Powiats[i]) + " (" + g.Voivodeship + ")"})
		}
	}
	return out
}

// powiatName is the unit without its voivodeship, which stands above it.
func powiatName(l i18n.Lang, u *places.Unit) string {
	return i18n.Text(l, "registry.unit_"+string(u.Kind), "Name", u.Name)
}
