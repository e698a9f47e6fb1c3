package account

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// below names a page under the account.
func below(c *kit.Ctx, key string) string {
	title := c.T(key)
	c.Page(title).In(AccountPath).Crumb(c.T("account.title"), AccountPath)
	return title
}

func (p *pages) account(c *kit.Ctx) error {
	var me identity.Account
	var before identity.SignInRecord
	if err := c.Together(func(ctx context.Context) (err error) {
		me, err = p.Identity.Me(ctx, c.Actor())
		return err
	}, func(ctx context.Context) (err error) {
		before, err = p.Identity.LastSignIn(ctx, c.Actor())
		return err
	}); err != nil {
		return err
	}
	last := ""
	if !before.At.IsZero() {
		last = show.DateTime(c.Lang(), before.At) + ", " + browserName(c, before.Agent)
	}
	c.Page(c.T("account.title")).In(AccountPath)
	return c.Render(http.StatusOK, accountPage(me, me.Seen(), last, len(p.Identity.ProvidersOffered()) > 0, p.Links))
}

func (p *pages) profile(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	who, err := p.Identity.Profile(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	c.Page(who.Name)
	return c.Render(http.StatusOK, profilePage(who))
}

type profileView struct {
	In       identity.ProfileInput
	Problems ui.Problems
}

func (p *pages) profileForm(c *kit.Ctx) error {
	me, err := p.Identity.Me(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	below(c, "account.profile.title")
	return c.Render(http.StatusOK, profileFormPage(profileView{In: identity.ProfileInput{Name: me.Name, SortName: me.SortName,
		Function: me.Function, About: me.About, Shown: me.Shown, Version: me.Version}}))
}

func (p *pages) updateProfile(c *kit.Ctx) error {
	f := c.Form()
	version, _ := strconv.Atoi(f.Get("version")) // a wrong one is a stale one
	v := profileView{In: identity.ProfileInput{Name: f.Get("name"), SortName: f.Get("sort_name"), Function: f.Get("function"),
		About: f.Text("about"), Shown: f.All("shown"), Version: version}}
	err := p.Identity.UpdateProfile(c.Context(), c.Actor(), v.In)
	if err == nil {
		return c.Redirect(AccountPath, "account.flash.saved")
	}
	below(c, "account.profile.title")
	if fault.Is(err, fault.Conflict) {
		return p.profileConflict(c, v.In)
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return profileFormPage(v) })
}

// profileConflict shows both versions to the second of two editors.
func (p *pages) profileConflict(c *kit.Ctx, mine identity.ProfileInput) error {
	me, err := p.Identity.Me(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	v := ui.ConflictView{Action: AccountPath + "/profil", Cancel: ui.Link{Text: c.T("account.cancel"), Href: AccountPath},
		Hidden: []ui.Hidden{{Name: "version", Value: strconv.Itoa(me.Version)}},
		Fields: []ui.ConflictField{
			{Name: "name", Label: c.T("account.name"), Mine: mine.Name, Theirs: me.Name},
			{Name: "sort_name", Label: c.T("account.sort_name"), Mine: mine.SortName, Theirs: me.SortName},
			{Name: "function", Label: c.T("account.function"), Mine: mine.Function, Theirs: me.Function},
			{Name: "about", Label: c.T("account.about"), Mine: mine.About, Theirs: me.About, Long: true},
		}}
	for _, s := range mine.Shown {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: "shown", Value: s})
	}
	return c.Render(http.StatusConflict, ui.Conflict(v))
}

func (p *pages) password(c *kit.Ctx) error {
	below(c, "account.password.title")
	return c.Render(http.StatusOK, passwordPage(ui.Problems{}))
}

func (p *pages) changePassword(c *kit.Ctx) error {
	if err := p.Identity.ChangePassword(c.Context(), c.Actor(), c.Form().Raw("current"), c.Form().Raw("password")); err != nil {
		below(c, "account.password.title")
		return c.Retry(err, passwordPage)
	}
	return c.Redirect(AccountPath, "account.flash.password_changed")
}

func (p *pages) sessions(c *kit.Ctx) error {
	list, err := p.Identity.Sessions(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	below(c, "account.sessions.title")
	var cards []ui.Card
	for i := range list {
		cards = append(cards, sessionCard(c, &list[i]))
	}
	return c.Render(http.StatusOK, sessionsPage(cards, len(list) > 1))
}

func sessionCard(c *kit.Ctx, s *identity.SessionInfo) ui.Card {
	card := ui.Card{Title: browserName(c, s.Agent), Facts: []ui.Fact{
		{Label: c.T("account.sessions.seen"), Value: show.DateTime(c.Lang(), s.SeenAt)},
		{Label: c.T("account.sessions.since"), Value: show.DateTime(c.Lang(), s.CreatedAt)},
		{Label: c.T("account.sessions.address"), Value: s.Address},
	}}
	if s.Current {
		card.Tag, card.Tone = c.T("account.sessions.current"), ui.Good
	} else {
		card.Footer = ui.PostButton(SessionsPath+"/"+s.ID.String()+"/zakoncz", c.T("account.sessions.end"), true, nil)
	}
	return card
}

// browserName is a browser and system in words; enough to know one's own.
func browserName(c *kit.Ctx, agent string) string {
	find := func(names ...string) string {
		for i := 0; i+1 < len(names); i += 2 {
			if strings.Contains(agent, names[i]) {
				return names[i+1]
			}
		}
		return ""
	}
	// The more particular first: Edge also says Chrome, Chrome also says Safari.
	browser := find("Firefox/", "Firefox", "Edg/", "Edge", "OPR/", "Opera", "Chrome/", "Chrome", "Safari/", "Safari")
	system := find("Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS", "macOS", "Linux", "Linux")
	switch {
	case browser == "":
		return c.T("account.sessions.other")
	case system == "":
		return browser
	}
	return browser + ", " + system
}

func (p *pages) endSession(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Identity.EndSession(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(SessionsPath, "account.flash.session_ended")
}

func (p *pages) endOtherSessions(c *kit.Ctx) error {
	if err := p.Identity.EndOtherSessions(c.Context(), c.Actor()); err != nil {
		return err
	}
	return c.Redirect(SessionsPath, "account.flash.sessions_ended")
}

type tokensView struct {
	Cards    []ui.Card
	Label    string
	Days     string
	Acts     bool
	Secret   string // shown once, right after making
	Problems ui.Problems
}

// tokenDays are offered; the service takes any number up to a year.
var tokenDays = []int{30, 90, 365}

func (p *pages) tokens(c *kit.Ctx) error {
	return p.showTokens(c, tokensView{Days: "90"}, nil)
}

func (p *pages) showTokens(c *kit.Ctx, v tokensView, wrong error) error {
	list, err := p.Identity.Tokens(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	for i := range list {
		t := &list[i]
		used := c.T("account.tokens.never")
		if t.UsedAt != nil {
			used = show.DateTime(c.Lang(), *t.UsedAt)
		}
		acts := c.T("account.tokens.acts_no")
		if t.Acts {
			acts = c.T("account.tokens.acts_yes")
		}
		v.Cards = append(v.Cards, ui.Card{Title: t.Label, Level: 3, Facts: []ui.Fact{
			{Label: c.T("account.tokens.ends"), Value: show.DateTime(c.Lang(), t.EndsAt)},
			{Label: c.T("account.tokens.used"), Value: used},
			{Label: c.T("account.tokens.acts_short"), Value: acts},
		}, Footer: ui.PostButton(TokensPath+"/"+t.ID.String()+"/uniewaznij", c.T("account.tokens.revoke", "Label", t.Label), true, nil)})
	}
	below(c, "account.tokens.title")
	if wrong != nil {
		return c.Retry(wrong, func(pr ui.Problems) templ.Component { v.Problems = pr; return tokensPage(v) })
	}
	return c.Render(http.StatusOK, tokensPage(v))
}

// createToken answers 200 with the secret instead of a redirect: it is shown
// once and must lie in no address, cookie or store.
func (p *pages) createToken(c *kit.Ctx) error {
	v := tokensView{Label: c.Form().Get("label"), Days: c.Form().Get("days"), Acts: c.Form().Has("acts")}
	days, _ := strconv.Atoi(v.Days) // a wrong one is refused as 0
	secret, _, err := p.Identity.CreateToken(c.Context(), c.Actor(), identity.TokenInput{Label: v.Label, Days: days, Acts: v.Acts})
	if err != nil {
		return p.showTokens(c, v, err)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return p.showTokens(c, tokensView{Days: "90", Secret: secret}, nil)
}

func (p *pages) revokeToken(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Identity.RevokeToken(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(TokensPath, "account.flash.token_revoked")
}

func (p *pages) language(c *kit.Ctx) error {
	me, err := p.Identity.Me(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	below(c, "account.language.title")
	return c.Render(http.StatusOK, languagePage(me.Lang, ui.Problems{}))
}

func (p *pages) setLanguage(c *kit.Ctx) error {
	l := i18n.Lang(c.Form().Get("lang"))
	if err := p.Identity.SetLanguage(c.Context(), c.Actor(), l); err != nil {
		below(c, "account.language.title")
		return c.Retry(err, func(pr ui.Problems) templ.Component { return languagePage(l, pr) })
	}
	return c.Redirect(AccountPath, "account.flash.saved")
}
