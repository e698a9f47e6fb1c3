package networks

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type listView struct {
	Search  templ.Component
	Cards   []ui.Card
	Pages   ui.Pages
	Found   string // address of founding, "" for those who may not
	Managed bool
	// Other leads from the public list to the managed one and back; "" hides it.
	Other ui.Link
}

func (p *pages) list(c *kit.Ctx) error {
	ctx := c.Context()
	f := network.Filter{
		Text: c.Query("q"), Voivodeship: digits(c.Query("woj"), 2), Powiat: digits(c.Query("powiat"), 4), Join: network.JoinMode(c.Query("dolaczanie")),
		Type: c.Query("rodzaj"), Status: network.Status(c.Query("stan")), SchoolYear: c.QueryInt("rok", 0), Centre: c.QueryUUID("placowka"),
		Managed: c.Query("zakres") == "prowadzone", Cursor: c.Query("po"),
	}
	if !strings.HasPrefix(f.Powiat, f.Voivodeship) || f.Voivodeship == "" { // left from another voivodeship
		f.Powiat = ""
	}
	if !c.Queries().Has("stan") && !f.Managed {
		f.Status = network.Open
	}
	search := kit.Ahead(ctx, p.search(c, f))
	cards, next, err := p.Networks.List(ctx, c.Actor(), f)
	if err != nil {
		return err
	}
	v := listView{Search: search, Cards: cardsOf(ctx, cards, 2), Found: c.Link("/sieci/zaloz"), Managed: f.Managed}
	keep := []string{"q", f.Text, "woj", f.Voivodeship, "powiat", f.Powiat, "dolaczanie", string(f.Join), "rodzaj", f.Type, "rok", c.Query("rok"), "zakres", c.Query("zakres")}
	v.Pages = paging(c, listPath, next, append(keep, "stan", c.Query("stan"))...)
	title := c.T("networks.title")
	switch {
	case f.Managed:
		title, v.Other = c.T("networks.managed"), ui.Link{Text: c.T("networks.all"), Href: listPath}
	case c.May(network.PermEdit):
		v.Other = ui.Link{Text: c.T("networks.managed"), Href: withQuery(listPath, "zakres", "prowadzone")}
	}
	c.Page(title).In(listPath).AsWide()
	return c.Render(http.StatusOK, listPage(title, v))
}

func digits(s string, n int) string {
	if _, err := strconv.Atoi(s); err != nil || len(s) != n {
		return ""
	}
	return s
}

// search makes the list's search form.
func (p *pages) search(c *kit.Ctx, f network.Filter) func(ctx context.Context) (templ.Component, error) {
	lang, year, asked := c.Lang(), c.Query("rok"), c.Queries().Has("q")
	return func(ctx context.Context) (templ.Component, error) {
		controls, err := p.filters(ctx, lang, &f, year)
		return searchForm(controls, f.Managed, asked), err
	}
}

// filters are the controls of the list's search form; chosen is the school year.
func (p *pages) filters(ctx context.Context, lang i18n.Lang, f *network.Filter, chosen string) ([]ui.Input, error) {
	kinds := []registry.UnitKind{registry.Voivodeship}
	if f.Voivodeship != "" { // powiats are offered once their voivodeship is known
		kinds = append(kinds, registry.Powiat, registry.CityPowiat)
	}
	units, err := p.Registry.Units(ctx, "", kinds...)
	if err != nil {
		return nil, err
	}
	w := filterTexts[lang]
	woj := ui.Input{Kind: ui.Select, Name: "woj", Label: w.voivodeship, Value: f.Voivodeship, Empty: w.any, Options: make([]ui.Option, 0, len(units))}
	powiat := ui.Input{Kind: ui.Select, Name: "powiat", Label: w.powiat, Value: f.Powiat, Empty: w.any}
	for _, u := range units {
		switch {
		case u.Kind == registry.Voivodeship:
			woj.Options = append(woj.Options, ui.Option{Value: u.Code, Text: u.Name})
		case strings.HasPrefix(u.Code, f.Voivodeship):
			powiat.Options = append(powiat.Options, ui.Option{Value: u.Code, Text: u.Name})
		}
	}
	join := ui.Input{Kind: ui.Select, Name: "dolaczanie", Label: w.join, Value: string(f.Join), Empty: w.any, Options: w.joins}
	kind := ui.Input{Kind: ui.Select, Name: "rodzaj", Label: w.kind, Value: f.Type, Empty: w.any}
	for _, t := range p.Networks.Types() {
		kind.Options = append(kind.Options, ui.Option{Value: t.Type, Text: t.Of.Title.In(string(lang))})
	}
	state := ui.Input{Kind: ui.Select, Name: "stan", Label: w.state, Value: string(f.Status), Empty: w.any, Options: w.states[1:]}
	if f.Managed {
		state.Options = w.states
	}
	const years = 6 // the next, this, and those before
	year := ui.Input{Kind: ui.Select, Name: "rok", Label: w.year, Value: chosen, Empty: w.any, Options: make([]ui.Option, years)}
	next := clock.SchoolYear(p.Clock.Now()) + 1
	for i := range year.Options {
		y := next - i
		year.Options[i] = ui.Option{Value: strconv.Itoa(y), Text: show.SchoolYear(y)}
	}
	out := make([]ui.Input, 0, 7)
	out = append(out, ui.Input{Kind: ui.Search, Name: "q", Label: w.search, Value: f.Text}, woj)
	if f.Voivodeship != "" {
		out = append(out, powiat)
	}
	return append(out, join, kind, state, year), nil
}

// filterWords are the words of the search form, the same on every page.
type filterWords struct {
	any, search, voivodeship, powiat, join, kind, state, year string
	joins                                                     []ui.Option
	states                                                    []ui.Option // drafts, for those who manage, come first
}

var filterTexts = func() map[i18n.Lang]*filterWords {
	out := map[i18n.Lang]*filterWords{}
	for _, l := range i18n.Langs {
		text := func(key string) string { return i18n.Text(l, "networks."+key) }
		w := &filterWords{
			any: text("any"), search: text("search"), voivodeship: text("voivodeship"), powiat: text("powiat"), join: text("join"),
			kind: text("type"), state: text("status"), year: text("year"),
		}
		for _, m := range network.JoinModes {
			w.joins = append(w.joins, ui.Option{Value: string(m), Text: text("join." + string(m))})
		}
		for _, s := range []network.Status{network.Draft, network.Open, network.Closed} {
			w.states = append(w.states, ui.Option{Value: string(s), Text: text("status." + string(s))})
		}
		out[l] = w
	}
	return out
}()

func (p *pages) mine(c *kit.Ctx) error {
	cards, err := p.Networks.Mine(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	c.Page(c.T("networks.mine")).In("/moje").Crumb(c.T("web.nav.mine"), "/moje")
	return c.Render(http.StatusOK, minePage(cardsOf(c.Context(), cards, 2), c.Link("/sieci/zaloz")))
}

// shownMine is how many of the person's networks /moje shows.
const shownMine = 6

// Mine is the section of /moje with the person's networks.
type Mine struct{ Networks *network.Service }

// Ask implements the first page's section.
func (m Mine) Ask(a *access.Actor) (gather.Part, bool) { return m.Networks.AskMine(a, shownMine+1) }

// Show implements the first page's section.
func (m Mine) Show(c *kit.Ctx, f gather.Found) (templ.Component, error) {
	cards, err := m.Networks.ReadMine(c.Context(), f)
	if err != nil || len(cards) == 0 {
		return nil, err
	}
	more := ""
	if len(cards) > shownMine {
		cards, more = cards[:shownMine], "/moje/sieci"
	}
	return mineSection(cardsOf(c.Context(), cards, 3), more), nil
}

// cardsOf shows networks as cards with headings of a level.
func cardsOf(ctx context.Context, list []network.Card, level int) []ui.Card {
	out := make([]ui.Card, len(list))
	facts := make([]ui.Fact, 0, 6*len(list)) // of all cards, one after the other
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Label: label, Value: value})
		}
	}
	label := func(key string) string { return i18n.T(ctx, key) }
	coordinator, places, centre, year, kind, role := label("networks.coordinator"), label("networks.seats_label"), label("networks.centre"),
		label("networks.year"), label("networks.type"), label("networks.my_role")
	began, years := 0, "" // of the card before, like its centre
	var at *network.Card
	where := ""
	tags := make(map[network.Door]tag, 8) // most cards have one of a few
	for i := range list {
		n, first := &list[i], len(facts)
		if n.SchoolYear != began {
			began, years = n.SchoolYear, show.SchoolYear(n.SchoolYear)
		}
		add(coordinator, n.Coordinator)
		add(places, seats(ctx, n.Taken, n.Capacity))
		if at == nil || n.Centre != at.Centre || n.CentreName != at.CentreName || n.CentrePlace != at.CentrePlace {
			at, where = n, n.CentrePlace.Label(ctx, n.CentreName)
		}
		add(centre, where)
		add(year, years)
		add(kind, n.TypeTitle)
		if n.Role != "" {
			add(role, roleName(ctx, n.Role))
		}
		card := &out[i]
		*card = ui.Card{Title: n.Title, Href: pathOf(n.ID), Lead: shorten(n.Aim, 220), Level: level, Facts: facts[first:len(facts):len(facts)]}
		t, ok := tags[n.Door]
		if !ok {
			t = doorTag(ctx, n.Door)
			tags[n.Door] = t
		}
		card.Tag, card.Tone = t.text, t.tone
		if n.Door == network.DoorWaiting {
			card.Tag = i18n.T(ctx, "networks.place", "Place", n.Place)
		}
	}
	return out
}

// shorten cuts a text to at most n signs.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut, k := 0, 0
	for i := range s {
		if k == n-1 {
			cut = i
		}
		if k == n {
			return s[:cut] + "…"
		}
		k++
	}
	return s
}

// Todo makes the network's matters items of /moje.
type Todo struct{ Networks *network.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Networks.AskTodo(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	list, err := t.Networks.ReadTodo(f)
	if err != nil {
		return nil, err
	}
	out := make([]kit.TodoItem, len(list))
	for i, m := range list {
		out[i] = kit.TodoItem{Text: i18n.N(ctx, "networks.todo."+m.Kind, m.N), Where: m.Title, Href: pathOf(m.Network) + todoPage[m.Kind], Due: m.Due}
	}
	return out, nil
}

var todoPage = map[string]string{
	"offer": "/zaproszenie", "invitation": "/zaproszenie", "handover": "/przekazanie", "lead_offer": "/koordynator", "requests": "/uczestnicy/zgloszenia", "vote": "/propozycje",
}

// uuidOf reads an id from a form; uuid.Nil for anything else.
func uuidOf(s string) uuid.UUID {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil
	}
	return id
}
