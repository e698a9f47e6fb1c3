package library

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

func (p *pages) versionPage(c *kit.Ctx, r *library.Resource, t typed, pr ui.Problems) (templ.Component, error) {
	at, no := pathOf(r.ID), r.Latest().No+1
	v := formView{FormView: ui.FormView{Title: c.T("library.new_version"), Lead: c.T("library.form.version_lead", "No", no), Action: at + "/nowa-wersja",
		Submit: c.T("library.form.version_submit"), Problems: pr, Cancel: link(at, c.T("library.form.cancel"))}}
	v.First = []ui.Input{{Kind: ui.Textarea, Rows: 2, Name: "note", Label: c.T("library.form.version_note"), Value: t.texts["note"], Max: library.MaxNote}}
	c.Page(v.Title).In(listPath).Crumb(c.T("library.title"), listPath).Crumb(r.Title, at)
	if err := p.contentControls(c, &t, &v); err != nil {
		return nil, err
	}
	return formPage(v), nil
}

func (p *pages) versionForm(c *kit.Ctx) error {
	r, err := p.editable(c)
	if err != nil {
		return err
	}
	if r.State != library.Shared {
		return fault.ErrNotFound
	}
	page, err := p.versionPage(c, r, typed{texts: map[string]string{"link": r.Latest().Link}}, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

func (p *pages) addVersion(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t := typedOf(c.Form())
	bad, err := p.upload(c, &t)
	if err != nil {
		return err
	}
	if err = bad.Err(); err == nil {
		_, err = p.Library.AddVersion(c.Context(), c.Actor(), id, t.contents())
	}
	if err == nil {
		return c.Redirect(pathOf(id), "library.flash.version")
	}
	r, e := p.editable(c)
	if e != nil {
		return e
	}
	return p.again(c, renamed(err, t.names), func(pr ui.Problems) (templ.Component, error) { return p.versionPage(c, r, t, pr) })
}

// publicationView is the page on which publication is asked for, decided and ended.
type publicationView struct {
	Title, Lead          string
	Notes                []note
	Publish              *ui.FormView
	To                   ui.Input
	Decide, Withdraw     *ui.FormView
	DecideReason, Reason ui.Input
	Problems             ui.Problems
	None                 string
}

func (p *pages) publicationPage(c *kit.Ctx, r *library.Resource, pr ui.Problems) templ.Component {
	at, f := pathOf(r.ID), c.Form()
	v := publicationView{Title: c.T("library.publish"), Lead: r.Title, Problems: pr}
	back := link(at, c.T("library.form.cancel"))
	if (r.May.Propose || r.May.Publish && r.NetworkOpen) && r.Asked == "" {
		v.Publish = &ui.FormView{Action: at + "/publikacja", Submit: c.T("library.publish_ask"), Lead: c.T("library.publish_lead.ask"), Cancel: back}
		if r.May.Publish {
			v.Publish.Submit, v.Publish.Lead = c.T("library.publish_do"), c.T("library.publish_lead.do")
		}
		v.To = ui.Input{Kind: ui.Radios, Name: "audience", Label: c.T("library.publish_to"), Value: f.Get("audience")}
		for _, x := range []library.Audience{library.Platform, library.Public} {
			if x != r.Audience {
				v.To.Options = append(v.To.Options, ui.Option{Value: string(x), Text: c.T("library.audience." + string(x)), Hint: c.T("library.audience_hint." + string(x))})
			}
		}
	}
	if r.Asked != "" {
		v.Notes = append(v.Notes, note{Tone: ui.Info, Text: c.T("library.decide_text", "Audience", lower(c.T("library.audience."+string(r.Asked))))})
		if r.May.Publish {
			v.Decide = &ui.FormView{Action: at + "/publikacja/decyzja"}
			v.DecideReason = ui.Input{Kind: ui.Textarea, Rows: 2, Name: "reason", Label: c.T("library.decide_reason"), Hint: c.T("library.decide_reason_hint"), Value: f.Text("reason"), Optional: true}
		}
	}
	if r.May.Withdraw {
		v.Withdraw = &ui.FormView{Action: at + "/publikacja/wycofaj", Submit: c.T("library.withdraw"), Danger: true}
		v.Reason = ui.Input{Kind: ui.Textarea, Rows: 2, Name: "why", Label: c.T("library.withdraw_reason"), Hint: c.T("library.withdraw_hint"), Value: f.Text("why")}
	}
	if v.Publish == nil && v.Decide == nil && v.Withdraw == nil && r.Asked == "" {
		v.None = c.T("library.publish_none")
	}
	c.Page(v.Title).In(listPath).Crumb(c.T("library.title"), listPath).Crumb(r.Title, at)
	return publicationPage(v)
}

// concerned reads the resource for somebody who has a say in its publication.
func (p *pages) concerned(c *kit.Ctx) (*library.Resource, error) {
	r, err := p.get(c)
	if err != nil {
		return nil, err
	}
	if !r.May.Propose && !r.May.Publish && !r.May.Withdraw {
		return nil, fault.ErrNotFound
	}
	return r, nil
}

func (p *pages) publication(c *kit.Ctx) error {
	r, err := p.concerned(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.publicationPage(c, r, ui.Problems{}))
}

// answered ends an act on publication: err may be corrected on the page.
func (p *pages) answered(c *kit.Ctx, err error, flash string) error {
	if err == nil {
		id, err := c.UUID("id")
		if err != nil {
			return err
		}
		return c.Redirect(pathOf(id), flash)
	}
	r, e := p.concerned(c)
	if e != nil {
		return err
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { return p.publicationPage(c, r, pr) })
}

func (p *pages) publish(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	done, err := p.Library.Publish(c.Context(), c.Actor(), id, library.Audience(c.Form().Get("audience")))
	if done {
		return p.answered(c, err, "library.flash.published")
	}
	return p.answered(c, err, "library.flash.asked")
}

func (p *pages) decide(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	yes := c.Form().Get("decyzja") == "tak"
	err = p.Library.Decide(c.Context(), c.Actor(), id, yes, c.Form().Text("reason"))
	if yes {
		return p.answered(c, err, "library.flash.published")
	}
	return p.answered(c, err, "library.flash.refused")
}

func (p *pages) withdraw(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	err = p.Library.Withdraw(c.Context(), c.Actor(), id, c.Form().Text("why"))
	return p.answered(c, renamed(err, func(path string) string {
		if path == "reason" {
			return "why"
		}
		return path
	}), "library.flash.withdrawn")
}

func (p *pages) usePage(c *kit.Ctx, r *library.Resource, pr ui.Problems) (templ.Component, error) {
	list, err := p.Library.Shelves(c.Context(), c.Actor())
	if err != nil {
		return nil, err
	}
	at := pathOf(r.ID)
	v := formView{FormView: ui.FormView{Title: c.T("library.use"), Lead: r.Title, Action: at + "/uzyj", Submit: c.T("library.use"), Problems: pr, Cancel: link(at, c.T("library.form.cancel"))}}
	c.Page(v.Title).In(listPath).Crumb(c.T("library.title"), listPath).Crumb(r.Title, at)
	to := ui.Input{Kind: ui.Select, Name: "network", Label: c.T("library.use_where"), Value: c.Form().Get("network"), Empty: c.T("library.form.choose")}
	for _, n := range list {
		used := slices.ContainsFunc(r.Uses, func(u library.Use) bool { return u.Kind == "network" && u.Network == n.ID })
		if n.ID != r.Network && !used {
			to.Options = append(to.Options, ui.Option{Value: n.ID.String(), Text: n.Title})
		}
	}
	if len(to.Options) == 0 {
		v.None = c.T("library.use_none")
		return formPage(v), nil
	}
	v.Lead = c.T("library.use_lead")
	v.First = []ui.Input{to, {Kind: ui.Textarea, Rows: 2, Name: "note", Label: c.T("library.use_note"), Value: c.Form().Text("note"), Optional: true, Max: 500}}
	return formPage(v), nil
}

func (p *pages) useForm(c *kit.Ctx) error {
	r, err := p.get(c)
	if err != nil {
		return err
	}
	if !r.May.Use {
		return fault.ErrNotFound
	}
	page, err := p.usePage(c, r, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

func (p *pages) use(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	network := uuidOf(c.Form().Get("network"))
	if network.Version() == 0 {
		err = fault.InvalidFields(fault.Field{Path: "network", Key: "library.form.place_missing"})
	} else {
		err = p.Library.Use(c.Context(), c.Actor(), id, network, c.Form().Text("note"))
	}
	if err == nil {
		return c.Redirect(pathOf(id), "library.flash.used")
	}
	r, e := p.get(c)
	if e != nil {
		return e
	}
	return p.again(c, err, func(pr ui.Problems) (templ.Component, error) { return p.usePage(c, r, pr) })
}

func (p *pages) unuse(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	network, err := c.UUID("siec")
	if err != nil {
		return err
	}
	if err := p.Library.Unuse(c.Context(), c.Actor(), id, network); err != nil {
		return err
	}
	return c.Redirect(pathOf(id), "library.flash.unused")
}

func (p *pages) removePage(c *kit.Ctx, r *library.Resource, pr ui.Problems) templ.Component {
	at := pathOf(r.ID)
	v := ui.ConfirmView{Title: c.T("library.remove"), Text: c.T("library.remove_text"), Action: at + "/usun", Submit: c.T("library.remove"), Danger: true,
		Facts: []ui.Fact{{Label: c.T("library.form.title"), Value: r.Title}}, Cancel: link(at, c.T("library.form.cancel")), Problems: pr}
	var fields []templ.Component
	if r.State == library.Draft {
		v.Title, v.Text, v.Submit = c.T("library.form.discard"), c.T("library.discard_text"), c.T("library.form.discard")
	} else {
		fields = append(fields, ui.Field(ui.Input{Kind: ui.Textarea, Rows: 2, Name: "reason", Label: c.T("library.remove_reason"), Value: c.Form().Text("reason")}, pr))
	}
	c.Page(v.Title).In(listPath).Crumb(c.T("library.title"), listPath).Crumb(r.Title, at)
	return ui.With(ui.ConfirmPage(v), fields...)
}

func (p *pages) removeQuestion(c *kit.Ctx) error {
	r, err := p.editable(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.removePage(c, r, ui.Problems{}))
}

func (p *pages) remove(c *kit.Ctx) error {
	r, err := p.editable(c)
	if err != nil {
		return err
	}
	if err := p.Library.Remove(c.Context(), c.Actor(), r.ID, c.Form().Text("reason")); err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component { return p.removePage(c, r, pr) })
	}
	if r.State == library.Draft {
		return c.Redirect(listPath+"?zakres=moje", "library.flash.discarded")
	}
	return c.Redirect(pathOf(r.ID), "library.flash.removed")
}

func (p *pages) restore(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Library.Restore(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(pathOf(id), "library.flash.restored")
}
