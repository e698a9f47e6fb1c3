package registry

import (
	"strconv"
	"strings"

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
	Asked  bool
	Found  []ui.Card
	Pages  ui.Pages
	Cancel ui.Link
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
	v.Filters = []ui.Input{woj, kind}
	v.back(c, back, pole)
	if v.Asked = v.Text != "" || woj.Value != "" || kind.Value != ""; v.Asked {
		found, next, err := p.Registry.Search(ctx, places.SearchQuery{
			Text: v.Text, Voivodeship: woj.Value, Kind: places.Kind(kind.Value), After: c.Query("po"),
		})
		if err != nil {
			return err
		}
		for i := range found {
			v.Found = append(v.Found, schoolCard(c, &found[i], comeBack(back, pole, found[i].ID.String())))
		}
		v.page(c, PickSchoolPath, next)
	}
	c.Page(v.Title)
	return c.Render(200, pickPage(v))
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
	if v.Asked = v.Text != ""; v.Asked {
		found, next, err := p.Registry.LocalGovernments(ctx, v.Text, c.Query("po"), 0)
		if err != nil {
			return err
		}
		for i := range found {
			name, place, _ := strings.Cut(found[i].Label(ctx), ", ")
			v.Found = append(v.Found, ui.Card{
				Title: name, Href: comeBack(back, pole, found[i].Code), Lead: place,
				Facts: []ui.Fact{{Label: c.T("registry.terc"), Value: found[i].Code}},
			})
		}
		v.page(c, PickLocalGovernmentPath, next)
	}
	c.Page(v.Title)
	return c.Render(200, pickPage(v))
}

// back keeps the way home in the search form and under "cancel".
func (v *pickView) back(c *kit.Ctx, back, pole string) {
	if back == "" {
		return
	}
	v.Hidden = []ui.Hidden{{Name: "powrot", Value: back}, {Name: "pole", Value: pole}}
	v.Cancel = ui.Link{Text: c.T("registry.pick_cancel"), Href: back}
}

func (v *pickView) page(c *kit.Ctx, path, next string) {
	if next != "" {
		v.Pages.Next = here(path, c.Queries(), next)
	}
	if c.Query("po") != "" {
		v.Pages.First = here(path, c.Queries(), "")
	}
}
