package modules

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type keysView struct {
	Cards  []ui.Card
	MayAdd bool
}

func (p *pages) keys(c *kit.Ctx) error {
	list, err := p.Modules.Keys(c.Context())
	if err != nil {
		return err
	}
	v := keysView{MayAdd: c.May(plugin.PermKeyManage)}
	for i := range list {
		v.Cards = append(v.Cards, p.keyCard(c, &list[i]))
	}
	inCatalogue(c, c.T("modules.keys.title"))
	return c.Render(http.StatusOK, keysPage(v))
}

func (p *pages) keyCard(c *kit.Ctx, k *plugin.Key) ui.Card {
	state := k.State(p.Modules.Now())
	tones := map[plugin.KeyState]ui.Tone{plugin.KeyGood: ui.Good, plugin.KeyEarly: ui.Info, plugin.KeyExpired: ui.Warn, plugin.KeyRevoked: ui.Bad}
	card := ui.Card{Title: k.Name, Tag: c.T("modules.keys.state." + string(state)), Tone: tones[state], Facts: keyFacts(c, k)}
	if state != plugin.KeyRevoked && c.May(plugin.PermKeyManage) {
		card.Footer = ui.LinkButton(KeysPath+"/"+k.ID+"/uniewaznij", c.T("modules.keys.revoke_one", "Key", k.ID), true)
	}
	return card
}

func keyFacts(c *kit.Ctx, k *plugin.Key) []ui.Fact {
	out := []ui.Fact{
		{Label: c.T("modules.keys.owner"), Value: owner(c, k)},
		{Label: c.T("modules.keys.namespace"), Value: k.Namespace},
		{Label: c.T("modules.keys.id"), Value: k.ID},
		{Label: c.T("modules.keys.valid"), Value: show.DateRange(c.Lang(), k.From, k.To)},
	}
	if k.RevokedAt != nil {
		out = append(out, ui.Fact{Label: c.T("modules.keys.revoked"), Value: show.DateTime(c.Lang(), *k.RevokedAt) + ". " + k.Reason})
	}
	if len(k.Running) > 0 {
		out = append(out, ui.Fact{Label: c.T("modules.keys.running"), Value: strings.Join(k.Running, ", ")})
	}
	return out
}

func (p *pages) keyForm(c *kit.Ctx) error { return p.keyPage(c, nil) }

// keyPage is the form for a new key; err is what was wrong with it.
func (p *pages) keyPage(c *kit.Ctx, err error) error {
	centre, e := p.centreInput(c.Context(), c)
	if e != nil {
		return e
	}
	centre.Label, centre.Hint, centre.Empty, centre.Optional = c.T("modules.keys.owner"), c.T("modules.keys.owner_hint"), c.T("modules.ore"), true
	f := c.Form()
	inputs := []ui.Input{
		{Name: "nazwa", Label: c.T("modules.keys.name"), Hint: c.T("modules.keys.name_hint"), Value: f.Get("nazwa"), Max: 200},
		centre,
		{Name: "przestrzen", Label: c.T("modules.keys.namespace"), Hint: c.T("modules.keys.namespace_hint"), Value: f.Get("przestrzen"), Max: 31, Size: "medium"},
		{Kind: ui.Date, Name: "od", Label: c.T("modules.keys.from"), Value: f.Get("od"), Size: "short"},
		{Kind: ui.Date, Name: "do", Label: c.T("modules.keys.to"), Hint: c.T("modules.keys.to_hint"), Value: f.Get("do"), Size: "short"},
		{Kind: ui.Textarea, Name: "klucz", Label: c.T("modules.keys.public"), Hint: c.T("modules.keys.public_hint"), Value: f.Text("klucz"), Rows: 4},
	}
	page := func(pr ui.Problems) templ.Component {
		pr = named(pr)
		parts := make([]templ.Component, len(inputs))
		for i := range inputs {
			parts[i] = ui.Field(inputs[i], pr)
		}
		return ui.With(ui.FormPage(ui.FormView{Title: c.T("modules.keys.add"), Lead: c.T("modules.keys.add_lead"), Action: KeysPath + "/dodaj", Problems: pr,
			Submit: c.T("modules.keys.add"), Cancel: ui.Link{Text: c.T("modules.back"), Href: KeysPath}}), parts...)
	}
	inCatalogue(c, c.T("modules.keys.add"), ui.Link{Text: c.T("modules.keys.title"), Href: KeysPath})
	if err != nil {
		return c.Retry(err, page)
	}
	return c.Render(http.StatusOK, page(ui.Problems{}))
}

func (p *pages) addKey(c *kit.Ctx) error {
	f := c.Form()
	in := plugin.KeyInput{Public: f.Text("klucz"), Namespace: strings.TrimSuffix(f.Get("przestrzen"), "."), Centre: chosen(c), Name: f.Get("nazwa")}
	in.From, in.To = day(f.Get("od")), day(f.Get("do"))
	if _, err := p.Modules.AddKey(c.Context(), in); err != nil {
		return p.keyPage(c, err)
	}
	return c.Redirect(KeysPath, "modules.flash.key_added")
}

// day is the day typed; zero for none, which the service refuses.
func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (p *pages) oneKey(c *kit.Ctx) (plugin.Key, error) {
	list, err := p.Modules.Keys(c.Context())
	if err != nil {
		return plugin.Key{}, err
	}
	for _, k := range list {
		if k.ID == c.Param("klucz") && k.RevokedAt == nil {
			return k, nil
		}
	}
	return plugin.Key{}, fault.ErrNotFound
}

func (p *pages) revokeQuestion(c *kit.Ctx) error { return p.revokePage(c, nil) }

func (p *pages) revokePage(c *kit.Ctx, err error) error {
	k, e := p.oneKey(c)
	if e != nil {
		return e
	}
	title := c.T("modules.keys.revoke_title", "Name", k.Name)
	page := func(pr ui.Problems) templ.Component {
		pr = named(pr)
		return ui.With(ui.ConfirmPage(ui.ConfirmView{Title: title, Text: c.T("modules.keys.revoke_text"), Facts: keyFacts(c, &k), Problems: pr,
			Action: KeysPath + "/" + k.ID + "/uniewaznij", Submit: c.T("modules.keys.revoke"), Danger: true, Cancel: ui.Link{Text: c.T("modules.back"), Href: KeysPath}}),
			ui.Field(ui.Input{Name: "powod", Label: c.T("modules.keys.reason"), Hint: c.T("modules.keys.reason_hint"), Value: c.Form().Get("powod"), Max: 500}, pr))
	}
	inCatalogue(c, title, ui.Link{Text: c.T("modules.keys.title"), Href: KeysPath})
	if err != nil {
		return c.Retry(err, page)
	}
	return c.Render(http.StatusOK, page(ui.Problems{}))
}

func (p *pages) revoke(c *kit.Ctx) error {
	if err := p.Modules.RevokeKey(c.Context(), c.Param("klucz"), c.Form().Get("powod")); err != nil {
		return p.revokePage(c, err)
	}
	return c.Redirect(KeysPath, "modules.flash.key_revoked")
}
