package account

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/boombuler/barcode/qr"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Addresses of the second step.
const (
	SecondPath = kit.SecondFactorPath
	setupPath  = SecondPath + "/aplikacja"
	codesPath  = SecondPath + "/kody"
	offPath    = SecondPath + "/wylacz"
	// HistoryPath lists sign-ins.
	HistoryPath = "/konto/logowania"
)

// secondRoutes are open to people whose role demands a second step, up to the
// one that sets it up.
func (p *pages) secondRoutes() []kit.Route {
	return []kit.Route{
		kit.Post(stepPath, identity.PermSignIn, "openSession", p.doStep).WithSecrets(),
		kit.Get(kit.ConfirmPath, identity.PermSelf, p.confirmForm).WhileConfined(),
		kit.Post(kit.ConfirmPath, identity.PermSelf, "confirmIdentity", p.doProve).WithSecrets().WhileConfined(),
		kit.Post(keyProvePath, identity.PermSelf, "confirmByPasskey", p.proveKey).WithSecrets().WhileConfined(),

		kit.Get(SecondPath, identity.PermSelf, p.second).WhileConfined(),
		kit.Post(SecondPath, identity.PermSelf, "beginSecondFactor", p.beginSecond).WithReauth().WhileConfined(),
		kit.Get(setupPath, identity.PermSelf, p.setupForm).WithReauth().WhileConfined(),
		kit.Post(setupPath, identity.PermSelf, "confirmSecondFactor", p.confirmSecond).WithSecrets().WithReauth().WhileConfined(),
		kit.Post(codesPath, identity.PermSelf, "makeRecoveryCodes", p.newCodes).WithReauth(),
		kit.Get(offPath, identity.PermSelf, p.offForm),
		kit.Post(offPath, identity.PermSelf, "removeSecondFactor", p.off).WithReauth(),
		kit.Get(HistoryPath, identity.PermSelf, p.history),
	}
}

// stepPath takes the code after the password.
const stepPath = kit.SignInPath + "/kod"

type stepView struct {
	Step     string
	Hidden   []ui.Hidden
	Problems ui.Problems
}

func (p *pages) askStep(c *kit.Ctx, step string) error {
	c.Page(c.T("account.step.title"))
	return c.Render(http.StatusOK, stepPage(stepView{Step: step, Hidden: c.Pending().Hidden()}))
}

func (p *pages) doStep(c *kit.Ctx) error {
	v := stepView{Step: c.Form().Get("krok"), Hidden: c.Pending().Hidden()}
	in, err := p.Identity.SignInStep(c.Context(), v.Step, c.Form().Get("code"), c.IP(), c.Request().UserAgent())
	if fault.Is(err, fault.Unauthenticated) {
		c.Page(c.T("account.sign_in.title"))
		return c.Retry(fault.New(fault.Invalid, "identity.step_stale"), func(pr ui.Problems) templ.Component { return signInPage(p.signInView(c, "", pr)) })
	}
	if err != nil {
		c.Page(c.T("account.step.title"))
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return stepPage(v) })
	}
	c.SetSession(in.Cookie, in.Expires)
	return c.AfterSignIn()
}

type proveView struct {
	identity.Proofs
	Hidden   []ui.Hidden
	Waiting  bool
	Problems ui.Problems
}

func (p *pages) proveView(c *kit.Ctx) (proveView, error) {
	proofs, err := p.Identity.Proofs(c.Context(), c.Actor())
	c.Page(c.T("account.prove.title")).In(AccountPath)
	return proveView{Proofs: proofs, Hidden: c.Pending().Hidden(), Waiting: c.Pending().Post()}, err
}

func (p *pages) confirmForm(c *kit.Ctx) error {
	v, err := p.proveView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, provePage(v))
}

func (p *pages) doProve(c *kit.Ctx) error {
	in, err := p.Identity.Prove(c.Context(), c.Actor(), identity.Proof{Password: c.Form().Raw("password"), Code: c.Form().Get("code")})
	return p.proved(c, in, err)
}

func (p *pages) proveKey(c *kit.Ctx) error {
	in, err := p.Identity.ProvePasskey(c.Context(), c.Actor(), c.Form().Raw("answer"))
	return p.proved(c, in, err)
}

func (p *pages) proved(c *kit.Ctx, in identity.SignedIn, err error) error {
	if err != nil {
		v, e := p.proveView(c)
		if e != nil {
			return e
		}
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return provePage(v) })
	}
	c.SetSession(in.Cookie, in.Expires)
	return c.AfterConfirm()
}

func (p *pages) second(c *kit.Ctx) error {
	s, err := p.Identity.SecondFactor(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	below(c, "account.second.title")
	return c.Render(http.StatusOK, secondPage(s, c.Actor().Confined, p.Identity.PasskeysOffered() && c.Actor().Confined))
}

func (p *pages) beginSecond(c *kit.Ctx) error {
	if _, err := p.Identity.BeginSecondFactor(c.Context(), c.Actor()); err != nil {
		return err
	}
	return c.Redirect(setupPath, "")
}

func belowSecond(c *kit.Ctx, key string) {
	below(c, key)
	c.Page(c.T(key)).Crumb(c.T("account.second.title"), SecondPath)
}

type setupView struct {
	Secret   string // in groups, for typing
	QR       qrView
	Problems ui.Problems
}

func (p *pages) setupView(c *kit.Ctx) (setupView, error) {
	s, err := p.Identity.SecondFactorSetup(c.Context(), c.Actor())
	if err != nil {
		return setupView{}, err
	}
	v := setupView{Secret: groups(s.Secret)}
	v.QR, err = qrOf(s.URI)
	return v, err
}

func (p *pages) setupForm(c *kit.Ctx) error {
	v, err := p.setupView(c)
	if fault.Is(err, fault.NotFound) {
		return c.Redirect(SecondPath, "")
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	belowSecond(c, "account.setup.title")
	return c.Render(http.StatusOK, setupPage(v))
}

func (p *pages) confirmSecond(c *kit.Ctx) error {
	codes, in, err := p.Identity.ConfirmSecondFactor(c.Context(), c.Actor(), c.Form().Get("code"))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		return c.Redirect(SecondPath, "")
	}
	if err != nil {
		v, e := p.setupView(c)
		if e != nil {
			return e
		}
		belowSecond(c, "account.setup.title")
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return setupPage(v) })
	}
	c.SetSession(in.Cookie, in.Expires)
	return p.showCodes(c, codes)
}

// showCodes answers 200 instead of a redirect: the codes are shown once and
// must lie in no address, cookie or store.
func (p *pages) showCodes(c *kit.Ctx, codes []string) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	belowSecond(c, "account.codes.title")
	return c.Render(http.StatusOK, codesPage(codes))
}

func (p *pages) newCodes(c *kit.Ctx) error {
	codes, err := p.Identity.NewRecoveryCodes(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	return p.showCodes(c, codes)
}

func (p *pages) offForm(c *kit.Ctx) error {
	s, err := p.Identity.SecondFactor(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	if !s.On {
		return c.Redirect(SecondPath, "")
	}
	belowSecond(c, "account.second_off.title")
	text := c.T("account.second_off.text")
	if s.Required {
		text = c.T("account.second_off.required")
	}
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("account.second_off.title"), Text: text, Action: offPath,
		Submit: c.T("account.second_off.submit"), Danger: true, Cancel: ui.Link{Text: c.T("account.cancel"), Href: SecondPath}}))
}

func (p *pages) off(c *kit.Ctx) error {
	if err := p.Identity.RemoveSecondFactor(c.Context(), c.Actor()); err != nil {
		return err
	}
	return c.Redirect(SecondPath, "account.flash.second_off")
}

func (p *pages) history(c *kit.Ctx) error {
	list, err := p.Identity.SignIns(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	below(c, "account.history.title")
	rows := make([]ui.Card, len(list))
	for i := range list {
		rows[i] = signInCard(c, &list[i])
	}
	return c.Render(http.StatusOK, historyPage(rows))
}

func signInCard(c *kit.Ctx, r *identity.SignInRecord) ui.Card {
	card := ui.Card{Title: show.DateTime(c.Lang(), r.At), Tag: c.T("account.history.done"), Tone: ui.Good, Facts: []ui.Fact{
		{Label: c.T("account.history.how"), Value: c.T("account.how." + r.How)},
		{Label: c.T("account.history.browser"), Value: browserName(c, r.Agent)},
		{Label: c.T("account.sessions.address"), Value: r.Address},
	}}
	if !r.Success {
		card.Tag, card.Tone = c.T("account.history.failed"), ui.Warn
	}
	return card
}

// groups puts a space after every four characters.
func groups(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// qrView is a QR code as one path of an SVG: the key stands in no address that
// a picture would be fetched from.
type qrView struct{ Box, Path string }

// quiet is the margin that readers need, in modules.
const quiet = 4

func qrOf(text string) (qrView, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return qrView{}, err
	}
	size := code.Bounds().Dx()
	var b strings.Builder
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				b.WriteString("M" + itoa(x+quiet) + " " + itoa(y+quiet) + "h1v1h-1z")
			}
		}
	}
	side := itoa(size + 2*quiet)
	return qrView{Box: "0 0 " + side + " " + side, Path: b.String()}, nil
}
