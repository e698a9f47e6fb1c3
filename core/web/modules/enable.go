package modules

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// enableView is what a version asks for, before the administrator says yes.
type enableView struct {
	ui.ConfirmView
	Capabilities, Roles ui.Table
	// Optional may be unticked.
	Optional *ui.Input
	// Where and Centre ask for whom; nil when that was said before.
	Where, Centre *ui.Input
	refused       bool // the report says why
	// Detail is the technical text of a refusal.
	Detail string
}

func (p *pages) enableQuestion(c *kit.Ctx) error {
	e, a, err := p.version(c, c.Query("wersja"))
	if err != nil {
		return err
	}
	v, err := p.enabling(c, e, a, granted(e, a))
	if err != nil {
		return err
	}
	if v.refused {
		return c.Redirect(bundlesPath+"/"+a.Bundle.String(), "")
	}
	return c.Render(http.StatusOK, enablePage(v))
}

// version finds a version that could be enabled.
func (p *pages) version(c *kit.Ctx, version string) (plugin.Entry, plugin.Available, error) {
	e, err := p.find(c)
	if err != nil {
		return e, plugin.Available{}, err
	}
	for _, a := range e.Available {
		if a.Version == version {
			return e, a, nil
		}
	}
	return e, plugin.Available{}, fault.ErrNotFound
}

// granted are the optional capabilities that stand ticked: all at first, then
// those that the plugin has.
func granted(e plugin.Entry, a plugin.Available) []string {
	var out []string
	for _, x := range a.Capabilities {
		has := slices.ContainsFunc(e.Grants, func(g effect.Capability) bool { return g.Name == x.Name })
		if x.Optional && (has || e.Version == "") {
			out = append(out, x.Name)
		}
	}
	return out
}

func (p *pages) enabling(c *kit.Ctx, e plugin.Entry, a plugin.Available, ticked []string) (enableView, error) {
	title := text(c, e.Title, e.ID)
	below(c, title, ui.Link{Text: c.T("modules.title"), Href: Path}, ui.Link{Text: title, Href: Path + "/" + e.ID})
	var r *plugin.Report
	var centres ui.Input
	readers := []func(context.Context) error{func(ctx context.Context) (err error) { centres, err = p.centreInput(ctx, c); return err }}
	if a.Bundle != uuid.Nil {
		readers = append(readers, func(ctx context.Context) (err error) { r, err = p.Modules.Report(ctx, a.Bundle); return err })
	}
	if err := c.Together(readers...); err != nil {
		return enableView{}, err
	}
	v := enableView{Capabilities: capabilities(c, a.Capabilities), Roles: roles(c, a.Roles, e.Names)}
	if r != nil {
		v.Capabilities, v.Roles, v.refused = rights(c, r), roles(c, a.Roles, r.Names), r.Refused != nil
	}
	v.ConfirmView = ui.ConfirmView{Title: c.T("modules.enable_title", "Name", title), Text: c.T("modules.enable_text"),
		Facts:  []ui.Fact{{Label: c.T("modules.version"), Value: a.Version}},
		Action: Path + "/" + e.ID + "/wlacz", Hidden: []ui.Hidden{{Name: "wersja", Value: a.Version}, {Name: "opis", Value: a.Manifest}}, Submit: c.T("modules.enable"),
		Cancel: ui.Link{Text: c.T("modules.back"), Href: Path + "/" + e.ID}}
	if a.Current {
		v.Title, v.Submit = c.T("modules.rights_title", "Name", title), c.T("modules.rights_save")
	}
	in := ui.Input{Kind: ui.Checkboxes, Name: "uprawnienie", Label: c.T("modules.optional"), Hint: c.T("modules.optional_hint"), Values: ticked, Optional: true}
	for _, x := range a.Capabilities {
		if x.Optional {
			in.Options = append(in.Options, ui.Option{Value: x.Name, Text: rightName(c, bundle.Capability{Name: x.Name}), Hint: text(c, x.Reason, "")})
		}
	}
	if len(in.Options) > 0 {
		v.Optional = &in
	}
	if e.Version != "" {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("modules.where"), Value: placesText(c, &e)})
		return v, nil
	}
	centres.Hint = c.T("modules.centre_hint")
	v.Where = &ui.Input{Kind: ui.Radios, Name: "gdzie", Label: c.T("modules.where_ask"), Value: cmp.Or(c.Form().Get("gdzie"), everywhere), Options: []ui.Option{
		{Value: everywhere, Text: c.T("modules.where_all"), Hint: c.T("modules.where_all_hint")},
		{Value: "wybrana", Text: c.T("modules.where_one"), Hint: c.T("modules.where_one_hint")}}}
	v.Centre = &centres
	return v, nil
}

// everywhere is the choice of all centres.
const everywhere = "wszedzie"

func (p *pages) enable(c *kit.Ctx) error {
	e, a, err := p.version(c, c.Form().Get("wersja"))
	if err != nil {
		return err
	}
	ticked := c.Form().All("uprawnienie")
	withheld := []string{} // what is not ticked is said, be it nothing
	for _, x := range a.Capabilities {
		if x.Optional && !slices.Contains(ticked, x.Name) {
			withheld = append(withheld, x.Name)
		}
	}
	terms := plugin.Terms{Withheld: withheld, Manifest: c.Form().Get("opis")}
	if e.Version == "" {
		terms.Where = &plugin.Where{Everywhere: c.Form().Get("gdzie") != "wybrana"}
		if id, err := uuid.Parse(c.Form().Get("placowka")); err == nil {
			terms.Where.Centres = []uuid.UUID{id}
		}
	}
	err = p.Modules.EnableOn(c.Context(), e.ID, a.Version, terms)
	if err == nil {
		return c.Redirect(Path+"/"+e.ID, "modules.flash.enabled")
	}
	v, wrong := p.enabling(c, e, a, ticked)
	if wrong != nil {
		return wrong
	}
	var no *plugin.Refusal
	if errors.As(err, &no) {
		v.Problems, v.Detail = ui.Problems{Message: cause(c, string(no.Cause))}, no.Text
		c.Page(v.Title).Wrong = true
		return c.Render(http.StatusUnprocessableEntity, enablePage(v))
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Problems = named(pr)
		return enablePage(v)
	})
}
