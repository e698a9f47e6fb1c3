package registry

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n/show"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// pickView is a search page and what it found.
type pickView struct {
	Title, Lead, Action, Label, Hint string
	Text                             string
	Filters                          []ui.Input
	Hidden                           []ui.Hidden
	// Asked is false until something was searched for.
	Asked    bool
	Found    []ui.Card
	Pages    ui.Pages
	Cancel   ui.Link
	Problems ui.Problems
	// On says of which day the list is, when it is not today's.
	On string
	// Add leads to adding an organisation, Units to the local governments of TERYT.
	Add, Units ui.Link
	// NotThere says what to do when the school is not in the register.
	NotThere string
}

func (p *pages) pickSchool(c *kit.Ctx) error {
	ctx, back := c.Context(), kit.LocalPath(c.Query("powrot"), "")
	pole := field(c.Query("pole"), "instytucja")
	v := pickView{
		Title: c.T("registry.pick_title"), Lead: c.T("registry.pick_lead"), Action: PickSchoolPath,
		Label: c.T("registry.pick_label"), Hint: c.T("registry.pick_hint"), Text: c.Query("q"),
		NotThere: c.T("registry.pick_not_there"),
	}
	if back == "" { // nothing is picked: the list of all organisations
		v.Title, v.Lead = c.T("registry.browse_title"), c.T("registry.browse_lead")
		if c.May(places.PermEdit) {
			v.Add = ui.Link{Text: c.T("registry.organisation_new"), Href: OrganisationsPath + "/nowa"}
		}
	}
	voivodeships, err := p.Registry.Units(ctx, "", places.Voivodeship)
	if err != nil {
		return err
	}
	woj := ui.Input{Kind: ui.Select, Name: "woj", Label: c.T("registry.voivodeship"), Optional: true, Value: c.Query("woj"), Empty: c.T("registry.anywhere")}
	for _, u := range voivodeships {
		woj.Options = append(woj.Options, ui.Option{Value: u.Code, Text: u.Name})
	}
	kind := ui.Input{Kind: ui.Select, Name: "rodzaj", Label: c.T("registry.kind"), Optional: true, Value: c.Query("rodzaj"), Empty: c.T("registry.any_kind")}
	for _, k := range places.Kinds {
		kind.Options = append(kind.Options, ui.Option{Value: string(k), Text: k.Title(ctx)})
	}
	v.Filters = []ui.Input{woj}
	powiat, err := p.powiatFilter(c, woj.Value)
	if err != nil {
		return err
	}
	if len(powiat.Options) > 0 {
		v.Filters = append(v.Filters, powiat)
	}
	v.Filters = append(v.Filters, kind)
	if places.Kind(kind.Value) == places.LocalGovernment {
		v.Units = ui.Link{Text: c.T("registry.to_units"), Href: PickLocalGovernmentPath}
	}
	v.back(c, back, pole)
	on := v.day(c, back)
	if v.Asked = v.Text != "" || woj.Value != "" || kind.Value != "" || !on.IsZero(); v.Asked {
		found, next, err := p.Registry.Search(ctx, places.SearchQuery{
			Text: v.Text, Voivodeship: woj.Value, Powiat: powiat.Value, Kind: places.Kind(kind.Value), After: c.Query("po"), On: on,
		})
		if err != nil {
			return err
		}
		for i := range found {
			href := comeBack(back, pole, found[i].ID.String())
			if href == "" {
				href = SchoolsPath + "/" + found[i].ID.String() + dayQuery(on)
			}
			v.Found = append(v.Found, schoolCard(c, &found[i], href))
		}
		v.page(c, PickSchoolPath, next)
	}
	return v.render(c)
}

// powiatFilter narrows to a powiat of the chosen voivodeship; without one there
// is no choice, because 380 of them are no list to choose from.
func (p *pages) powiatFilter(c *kit.Ctx, voivodeship string) (ui.Input, error) {
	in := ui.Input{Kind: ui.Select, Name: "powiat", Label: c.T("registry.powiat"), Optional: true, Empty: c.T("registry.whole_voivodeship")}
	if !unitCode.MatchString(voivodeship) {
		return in, nil
	}
	list, err := p.Registry.Units(c.Context(), voivodeship, places.Powiat, places.CityPowiat)
	for i := range list {
		in.Options = append(in.Options, ui.Option{Value: list[i].Code, Text: powiatName(c.Lang(), &list[i])})
		if list[i].Code == c.Query("powiat") {
			in.Value = list[i].Code
		}
	}
	return in, err
}

func schoolCard(c *kit.Ctx, i *places.Institution, href string) ui.Card {
	card := ui.Card{Title: i.Name, Href: href, Lead: i.Place(c.Context())}
	kind := i.TypeName
	if kind == "" {
		kind = i.Kind.Title(c.Context())
	}
	card.Facts = append(card.Facts, ui.Fact{Label: c.T("registry.kind"), Value: kind})
	if i.Street != "" {
		card.Facts = append(card.Facts, ui.Fact{Label: c.T("registry.street"), Value: i.Street})
	}
	if i.RSPO != nil {
		card.Facts = append(card.Facts, ui.Fact{Label: c.T("registry.rspo"), Value: strconv.Itoa(*i.RSPO)})
	}
	return card
}

func (p *pages) pickLocalGovernment(c *kit.Ctx) error {
	ctx, back := c.Context(), kit.LocalPath(c.Query("powrot"), "")
	pole := field(c.Query("pole"), "jst")
	v := pickView{
		Title: c.T("registry.pick_jst_title"), Action: PickLocalGovernmentPath,
		Label: c.T("registry.pick_jst_label"), Hint: c.T("registry.pick_jst_hint"), Text: c.Query("q"),
	}
	v.back(c, back, pole)
	on := v.day(c, back)
	if v.Asked = v.Text != "" || !on.IsZero(); v.Asked {
		day := on
		if day.IsZero() {
			day = p.Registry.Today()
		}
		found, next, err := p.Registry.LocalGovernmentsAsOf(ctx, day, v.Text, c.Query("po"), 0)
		if err != nil {
			return err
		}
		for i := range found {
			name, place, _ := strings.Cut(found[i].Label(ctx), ", ")
			href := comeBack(back, pole, found[i].Code)
			if href == "" {
				href = UnitsPath + "/" + found[i].Code + dayQuery(on)
			}
			v.Found = append(v.Found, ui.Card{
				Title: name, Href: href, Lead: place,
				Facts: []ui.Fact{{Label: c.T("registry.terc"), Value: found[i].Code}},
			})
		}
		v.page(c, PickLocalGovernmentPath, next)
	}
	return v.render(c)
}

// dayParam asks a list or a page for the state of a day.
const dayParam = "na-dzien"

// day is the day that a visitor asks for; the zero day is today. Who picks a
// place for a form picks from today's. A wrong day is said beside its field.
func (v *pickView) day(c *kit.Ctx, back string) time.Time {
	if back != "" {
		return time.Time{}
	}
	in := ui.Input{Kind: ui.Date, Name: dayParam, Label: c.T("registry.on"), Hint: c.T("registry.on_hint"), Optional: true, Value: c.Query(dayParam)}
	v.Filters = append(v.Filters, in)
	if in.Value == "" {
		return time.Time{}
	}
	on, ok := form.ParseDate(in.Value)
	if !ok {
		v.Problems = ui.Problems{Message: c.T("fault.invalid"), Fields: []ui.Problem{{Path: dayParam, Text: c.T("tasks.date")}}}
		return time.Time{}
	}
	v.On = c.T("registry.as_of", "Day", show.Date(c.Lang(), on))
	return on
}

func dayQuery(on time.Time) string {
	if on.IsZero() {
		return ""
	}
	return "?" + dayParam + "=" + on.Format(time.DateOnly)
}

// back keeps the way home in the search form and under "cancel".
func (v *pickView) back(c *kit.Ctx, back, pole string) {
	if back == "" {
		return
	}
	v.Hidden = []ui.Hidden{{Name: "powrot", Value: back}, {Name: "pole", Value: pole}}
	v.Cancel = ui.Link{Text: c.T("registry.pick_cancel"), Href: back}
}

func (v *pickView) render(c *kit.Ctx) error {
	status := http.StatusOK
	if v.Problems.Any() {
		status = http.StatusUnprocessableEntity
	}
	c.Page(v.Title).Wrong = v.Problems.Any()
	return c.Render(status, pickPage(*v))
}

func (v *pickView) page(c *kit.Ctx, path, next string) {
	if next != "" {
		v.Pages.Next = here(path, c.Queries(), next)
	}
	if c.Query("po") != "" {
		v.Pages.First = here(path, c.Queries(), "")
	}
}
