package account

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// MergePath joins one's own second account with this one.
const MergePath = "/konto/polacz"

// mergeDoPath takes the decision.
const mergeDoPath = MergePath + "/zatwierdz"

func (p *pages) mergeRoutes() []kit.Route {
	return []kit.Route{
		kit.Get(MergePath, identity.PermSelf, p.mergeForm).WithReauth(),
		kit.Post(MergePath, identity.PermSelf, "proveOtherAccount", p.mergeProve).WithSecrets().WithReauth(),
		kit.Post(mergeDoPath, identity.PermSelf, "mergeOwnAccounts", p.mergeDo).WithSecrets().WithReauth(),
	}
}

// MergeView is what joining two accounts does, for [MergePage].
type MergeView struct {
	Title, Lead   string
	Merging       identity.Merging
	Stays, Closes []ui.Fact
	Action        string
	Hidden        []ui.Hidden
	// Swap leads to the same with the roles of the accounts changed; "" for none.
	Swap   string
	Choose []ui.Option // who stays, where the page asks itself
	Cancel string
	// Problems of the form.
	Problems ui.Problems
}

// things are numbers of things in words: "wpisy: 12".
func things(ctx context.Context, list []identity.Moved) []string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = i18n.T(ctx, "account.merge.thing", "Thing", i18n.T(ctx, "identity.thing."+string(m.Thing)), "N", show.Int(i18n.FromContext(ctx), int64(m.N)))
	}
	return out
}

type mergeFormView struct {
	Email    string
	Problems ui.Problems
}

func (p *pages) mergeForm(c *kit.Ctx) error {
	below(c, "account.merge.title")
	return c.Render(http.StatusOK, mergeFormPage(mergeFormView{}))
}

// mergeProve answers 200 with the preview instead of a redirect: the proof lies
// in no address.
func (p *pages) mergeProve(c *kit.Ctx) error {
	f := c.Form()
	v := mergeFormView{Email: f.Get("email")}
	proof, err := p.Identity.ProveOther(c.Context(), c.Actor(), identity.SignInInput{Email: v.Email, Password: f.Raw("password"), Code: f.Get("code"),
		Address: c.IP(), Agent: c.Request().UserAgent()})
	if err != nil {
		below(c, "account.merge.title")
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return mergeFormPage(v) })
	}
	return p.mergeShow(c, proof)
}

func (p *pages) mergeShow(c *kit.Ctx, proof string) error {
	m, err := p.Identity.PreviewOwnMerge(c.Context(), c.Actor(), proof, false)
	if err != nil {
		below(c, "account.merge.title")
		return c.Retry(err, func(pr ui.Problems) templ.Component { return mergeFormPage(mergeFormView{Problems: pr}) })
	}
	below(c, "account.merge.title")
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Render(http.StatusOK, MergePage(MergeView{Title: c.T("account.merge.title"), Lead: c.T("account.merge.preview"), Merging: m,
		Stays: mergeFacts(c, &m.Stays), Closes: mergeFacts(c, &m.Closes), Action: mergeDoPath, Hidden: []ui.Hidden{{Name: "dowod", Value: proof}},
		Choose: []ui.Option{{Value: "to", Text: m.Stays.Email, Hint: c.T("account.merge.this")}, {Value: "drugie", Text: m.Closes.Email, Hint: c.T("account.merge.other")}},
		Cancel: AccountPath}))
}

func mergeFacts(c *kit.Ctx, a *identity.Account) []ui.Fact {
	return []ui.Fact{{Label: c.T("account.email"), Value: a.Email}, {Label: c.T("account.institution"), Value: a.School.Label(c.Context())}}
}

func (p *pages) mergeDo(c *kit.Ctx) error {
	other := c.Form().Get("zostaje") == "drugie"
	err := p.Identity.MergeOwn(c.Context(), c.Actor(), c.Form().Raw("dowod"), other)
	switch {
	case fault.Is(err, fault.Invalid):
		below(c, "account.merge.title")
		return c.Retry(err, func(pr ui.Problems) templ.Component { return mergeFormPage(mergeFormView{Problems: pr}) })
	case err != nil:
		return err
	case other: // this account is closed, and so is its session
		return c.Redirect(kit.SignInPath, "account.flash.merged_other")
	}
	return c.Redirect(AccountPath, "account.flash.merged")
}
