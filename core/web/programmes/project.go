package programmes

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// countries are those from which partners come: the programmes of the European
// Union, their associated countries and the neighbours.
var countries = strings.Fields("PL AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MD MK MT NL NO PT RO RS SE SI SK TR UA US")

func country(l i18n.Lang, code string) string {
	r, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	namer := display.Polish.Regions()
	if l == i18n.English {
		namer = display.English.Regions()
	}
	return namer.Name(r)
}

func money(l i18n.Lang, grosze int64) string { return show.Money(l, float64(grosze)/100) }

// grosze reads an amount in złoty, "2 800 000,50"; empty is 0.
func grosze(raw string) (int64, bool) {
	raw = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(strings.TrimSuffix(strings.TrimSpace(raw), "zł"))
	if raw == "" {
		return 0, true
	}
	whole, part, found := strings.Cut(strings.Replace(raw, ".", ",", 1), ",")
	if found && (len(part) == 0 || len(part) > 2) || len(whole) > 10 || strings.Trim(whole+part, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return n, err == nil
}

// typed is an amount as it stands in a control.
func typed(grosze int64) string {
	if grosze == 0 {
		return ""
	}
	s := strconv.FormatInt(grosze/100, 10)
	if rest := grosze % 100; rest != 0 {
		s += "," + strconv.Itoa(int(rest/10)) + strconv.Itoa(int(rest%10))
	}
	return s
}

type badgeView struct{ Name, Notice string }

type cardView struct {
	Title, Lead string
	Facts       []ui.Fact
	Badges      []badgeView
	Partners    ui.Table
	Rules       ui.Table
	Links       []ui.Link
	Edit        []ui.Link
}

func (p *pages) card(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	x, err := p.Programmes.Card(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	l, path := c.Lang(), programmePath(id)
	v := cardView{Title: x.Title, Facts: []ui.Fact{{Label: c.T("programme.page.code"), Value: x.Code}}}
	if when := period(c.Context(), x.Starts, x.Ends); when != "" {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("programme.page.when"), Value: when})
	}
	if x.Project.Value > 0 {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("programme.project.value"), Value: money(l, x.Project.Value)})
	}
	if x.Project.Own > 0 {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("programme.project.own"), Value: money(l, x.Project.Own)})
	}
	for _, b := range x.Project.Badges {
		v.Badges = append(v.Badges, badgeView{c.T("programme.badge." + b), c.T("programme.badge." + b + ".notice")})
	}
	v.Partners = partnerTable(c, x.Project.Partners, "")
	v.Rules = p.ruleTable(c, x.Rules)
	crumbs := c.Page(x.Title)
	if c.May(programme.View) {
		crumbs.In("/programy").Crumb(c.T("programme.page.title"), "/programy")
	}
	place := x.Run()
	if c.MayAt(programme.View, place.Place()) {
		v.Links = append(v.Links, ui.Link{Text: c.T("programme.project.whole"), Href: path})
	}
	if edit, _ := p.Programmes.MayEdit(c.Actor(), &x.Programme); edit {
		v.Edit = []ui.Link{{Text: c.T("programme.project.edit"), Href: path + "/projekt/edytuj"}, {Text: c.T("programme.partner.title"), Href: path + "/partnerzy"},
			{Text: c.T("programme.rule.edit"), Href: path + "/zasady/zmien"}}
	}
	return c.Render(http.StatusOK, cardPage(v))
}

func (p *pages) editableCard(c *kit.Ctx) (*programme.Card, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	x, err := p.Programmes.Card(c.Context(), c.Actor(), id)
	if err != nil {
		return nil, err
	}
	if edit, _ := p.Programmes.MayEdit(c.Actor(), &x.Programme); !edit {
		return nil, fault.ErrNotFound
	}
	return x, nil
}

func (p *pages) inCard(c *kit.Ctx, x *programme.Card, title string) {
	c.Page(title).In("/programy").Crumb(c.T("programme.page.title"), "/programy").Crumb(x.Title, programmePath(x.ID)+"/projekt")
}

var projectNames = map[string]string{"value": "wartosc", "own": "wklad", "badges": "oznaczenia"}

func (p *pages) projectPage(c *kit.Ctx, x *programme.Card, value, own string, badges []string, public bool, pr ui.Problems) templ.Component {
	path := programmePath(x.ID) + "/projekt"
	in := ui.Input{Kind: ui.Checkboxes, Name: "oznaczenia", Label: c.T("programme.project.badges"), Hint: c.T("programme.project.badges_hint"), Values: badges, Optional: true}
	for _, b := range programme.Badges {
		in.Options = append(in.Options, ui.Option{Value: b, Text: c.T("programme.badge." + b)})
	}
	p.inCard(c, x, c.T("programme.project.edit"))
	return formPage(formView{
		FormView: ui.FormView{Title: c.T("programme.project.edit"), Lead: c.T("programme.project.edit_lead"), Action: path + "/edytuj", Submit: c.T("programme.project.save"), Problems: pr,
			Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path}, Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.FormatInt(x.Project.Version, 10)}}},
		Inputs: []ui.Input{
			{Name: "wartosc", Label: c.T("programme.project.value_label"), Hint: c.T("programme.project.money_hint"), Value: value, Optional: true, Size: "medium", InputMode: "decimal"},
			{Name: "wklad", Label: c.T("programme.project.own_label"), Value: own, Optional: true, Size: "medium", InputMode: "decimal"},
			in,
			{Kind: ui.Checkbox, Name: "publiczny", Label: c.T("programme.project.public"), Hint: c.T("programme.project.public_hint"), Checked: public},
		},
	})
}

func (p *pages) projectForm(c *kit.Ctx) error {
	x, err := p.editableCard(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.projectPage(c, x, typed(x.Project.Value), typed(x.Project.Own), x.Project.Badges, x.Project.Public, ui.Problems{}))
}

// badgesOf reads the badges ticked, or, on the page for the second of two
// editors, written with commas between.
func badgesOf(c *kit.Ctx) []string {
	all := c.Form().All("oznaczenia")
	out := []string{}
	for _, raw := range strings.Split(strings.Join(all, ","), ",") {
		raw = strings.TrimSpace(raw)
		if raw == "" {
			continue
		}
		at := slices.IndexFunc(programme.Badges, func(b string) bool { return b == raw || strings.EqualFold(c.T("programme.badge."+b), raw) })
		if at >= 0 {
			raw = programme.Badges[at]
		}
		out = append(out, raw)
	}
	slices.Sort(out)
	return out
}

func badgeNames(c *kit.Ctx, list []string) string {
	var out []string
	for _, b := range list {
		out = append(out, c.T("programme.badge."+b))
	}
	return strings.Join(out, ", ")
}

func (p *pages) setProject(c *kit.Ctx) error {
	x, err := p.editableCard(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := programme.Project{Badges: badgesOf(c), Public: f.Get("publiczny") != "" && f.Get("publiczny") != c.T("programme.no")}
	in.Version, _ = strconv.ParseInt(f.Get("wersja"), 10, 64)
	var bad fault.Fields
	var ok bool
	if in.Value, ok = grosze(f.Get("wartosc")); !ok {
		bad.Add("wartosc", "programme.money")
	}
	if in.Own, ok = grosze(f.Get("wklad")); !ok {
		bad.Add("wklad", "programme.money")
	}
	if err = bad.Err(); err == nil {
		err = p.Programmes.SetProject(c.Context(), c.Actor(), x.ID, in)
	}
	switch {
	case err == nil:
		return c.Redirect(programmePath(x.ID)+"/projekt", "programme.flash.saved")
	case fault.Is(err, fault.Conflict):
		return p.projectConflict(c, x, &in)
	}
	return c.Retry(renamed(err, projectNames), func(pr ui.Problems) templ.Component {
		return p.projectPage(c, x, f.Get("wartosc"), f.Get("wklad"), in.Badges, in.Public, pr)
	})
}

func (p *pages) projectConflict(c *kit.Ctx, x *programme.Card, mine *programme.Project) error {
	path := programmePath(x.ID) + "/projekt"
	p.inCard(c, x, c.T("programme.project.edit"))
	v := ui.ConflictView{Action: path + "/edytuj", Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.FormatInt(x.Project.Version, 10)}},
		Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path}}
	yes := func(b bool) string {
		if b {
			return c.T("programme.yes")
		}
		return c.T("programme.no")
	}
	theirs := x.Project
	for _, field := range []ui.ConflictField{
		{Name: "wartosc", Label: c.T("programme.project.value_label"), Mine: c.Form().Get("wartosc"), Theirs: typed(theirs.Value)},
		{Name: "wklad", Label: c.T("programme.project.own_label"), Mine: c.Form().Get("wklad"), Theirs: typed(theirs.Own)},
		{Name: "oznaczenia", Label: c.T("programme.project.badges"), Mine: badgeNames(c, mine.Badges), Theirs: badgeNames(c, theirs.Badges)},
		{Name: "publiczny", Label: c.T("programme.project.public"), Mine: yes(mine.Public), Theirs: yes(theirs.Public)},
	} {
		if field.Mine == field.Theirs {
			v.Hidden = append(v.Hidden, ui.Hidden{Name: field.Name, Value: field.Mine})
			continue
		}
		v.Fields = append(v.Fields, field)
	}
	return c.ConflictPage(v)
}

func partnerTable(c *kit.Ctx, list []programme.Partner, remove string) ui.Table {
	t := ui.Table{Caption: c.T("programme.partner.title"), HideCaption: true, Columns: []ui.Column{{Label: c.T("programme.partner.name")}, {Label: c.T("programme.partner.country")},
		{Label: c.T("programme.partner.share"), Number: true}}}
	if remove != "" {
		t.Columns = append(t.Columns, ui.Column{Label: c.T("programme.page.act")})
	}
	for _, x := range list {
		share := c.T("programme.partner.no_share")
		if x.Share > 0 {
			share = money(c.Lang(), x.Share)
		}
		row := []ui.Cell{{Text: x.Name}, {Text: country(c.Lang(), x.Country)}, {Text: share}}
		if remove != "" {
			row = append(row, ui.Cell{Body: removeThing(remove+"/"+x.ID.String()+"/usun", c.T("programme.partner.remove"), x.Name)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (p *pages) partnersPage(c *kit.Ctx, x *programme.Card, name, place, share string, pr ui.Problems) templ.Component {
	path := programmePath(x.ID) + "/partnerzy"
	in := ui.Input{Kind: ui.Select, Name: "kraj", Label: c.T("programme.partner.country"), Value: place, Size: "medium"}
	for _, code := range countries {
		in.Options = append(in.Options, ui.Option{Value: code, Text: country(c.Lang(), code)})
	}
	p.inCard(c, x, c.T("programme.partner.title"))
	return partnersPage(partnersView{Title: c.T("programme.partner.title"), Table: partnerTable(c, x.Project.Partners, path), Problems: pr,
		Form: ui.FormView{Action: path, Submit: c.T("programme.partner.add"), Cancel: ui.Link{Text: c.T("programme.page.back"), Href: programmePath(x.ID) + "/projekt"}},
		Inputs: []ui.Input{{Name: "nazwa", Label: c.T("programme.partner.name"), Value: name, Max: 200}, in,
			{Name: "wklad", Label: c.T("programme.partner.share_label"), Hint: c.T("programme.project.money_hint"), Value: share, Optional: true, Size: "medium", InputMode: "decimal"}}})
}

type partnersView struct {
	Title    string
	Table    ui.Table
	Problems ui.Problems
	Form     ui.FormView
	Inputs   []ui.Input
}

func (p *pages) partners(c *kit.Ctx) error {
	x, err := p.editableCard(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.partnersPage(c, x, "", "PL", "", ui.Problems{}))
}

func (p *pages) addPartner(c *kit.Ctx) error {
	x, err := p.editableCard(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := programme.Partner{Name: f.Get("nazwa"), Country: f.Get("kraj")}
	var ok bool
	if in.Share, ok = grosze(f.Get("wklad")); !ok {
		err = fault.InvalidFields(fault.Field{Path: "wklad", Key: "programme.money"})
	} else {
		err = p.Programmes.AddPartner(c.Context(), c.Actor(), x.ID, in)
	}
	if err == nil {
		return c.Redirect(programmePath(x.ID)+"/partnerzy", "programme.flash.saved")
	}
	return c.Retry(renamed(err, map[string]string{"name": "nazwa", "country": "kraj", "share": "wklad"}), func(pr ui.Problems) templ.Component {
		return p.partnersPage(c, x, f.Get("nazwa"), f.Get("kraj"), f.Get("wklad"), pr)
	})
}

func (p *pages) removePartner(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	partner, err := c.UUID("partner")
	if err != nil {
		return err
	}
	if err := p.Programmes.RemovePartner(c.Context(), c.Actor(), id, partner); err != nil {
		return err
	}
	return c.Redirect(programmePath(id)+"/partnerzy", "programme.flash.saved")
}

// today is the day in Poland, as midnight UTC.
func (p *pages) today() time.Time {
	y, m, d := p.Clock.Now().In(clock.Warsaw).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (p *pages) ruleTable(c *kit.Ctx, rules []programme.Rule) ui.Table {
	t := ui.Table{Caption: c.T("programme.rule.title"), HideCaption: true, Columns: []ui.Column{{Label: c.T("programme.rule.from")}, {Label: c.T("programme.rule.networks")},
		{Label: c.T("programme.rule.meetings")}, {Label: c.T("programme.rule.state")}}}
	now, any := programme.InForce(rules, p.today())
	for _, r := range rules {
		state := c.T("programme.rule.was")
		switch {
		case r.From.After(p.today()):
			state = c.T("programme.rule.will")
		case any && r.ID == now.ID:
			state = c.T("programme.rule.now")
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: day(c.Context(), r.From)}, {Text: networksWord(c, r.Networks)}, {Text: meetingsWord(c, r.MeetingsLeast, r.MeetingsMost)}, {Text: state}})
	}
	return t
}

func networksWord(c *kit.Ctx, n int) string {
	if n == 0 {
		return c.T("programme.rule.none")
	}
	return c.T("programme.rule.networks_least", "N", n)
}

func meetingsWord(c *kit.Ctx, least, most int) string {
	return c.T("programme.rule.meetings_span", "Least", least, "Most", most)
}

func (p *pages) rulePage(c *kit.Ctx, x *programme.Card, value func(string) string, last uuid.UUID, pr ui.Problems) templ.Component {
	path := programmePath(x.ID)
	p.inCard(c, x, c.T("programme.rule.edit"))
	return formPage(formView{
		FormView: ui.FormView{Title: c.T("programme.rule.edit"), Lead: c.T("programme.rule.lead"), Action: path + "/zasady/zmien", Submit: c.T("programme.rule.save"), Problems: pr,
			Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path + "/projekt"}, Hidden: []ui.Hidden{{Name: "ostatnia", Value: last.String()}}},
		Inputs: []ui.Input{
			{Kind: ui.Date, Name: "od", Label: c.T("programme.rule.from"), Hint: c.T("programme.rule.from_hint"), Value: value("od"), Size: "short"},
			{Kind: ui.Number, Name: "sieci", Label: c.T("programme.rule.networks_label"), Hint: c.T("programme.rule.networks_hint"), Value: value("sieci"), Size: "short"},
			{Kind: ui.Number, Name: "najmniej", Label: c.T("programme.rule.least_label"), Value: value("najmniej"), Size: "short"},
			{Kind: ui.Number, Name: "najwiecej", Label: c.T("programme.rule.most_label"), Value: value("najwiecej"), Size: "short"},
		},
	})
}

func newest(x *programme.Card) (programme.Rule, uuid.UUID) {
	if len(x.Rules) == 0 {
		return programme.UsualRule, uuid.Nil
	}
	return x.Rules[0], x.Rules[0].ID
}

func (p *pages) ruleForm(c *kit.Ctx) error {
	x, err := p.editableCard(c)
	if err != nil {
		return err
	}
	r, last := newest(x)
	values := map[string]string{"od": dateText(p.today()), "sieci": strconv.Itoa(r.Networks), "najmniej": strconv.Itoa(r.MeetingsLeast), "najwiecej": strconv.Itoa(r.MeetingsMost)}
	return c.Render(http.StatusOK, p.rulePage(c, x, func(k string) string { return values[k] }, last, ui.Problems{}))
}

func count(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return -1 // refused beside its field
	}
	return n
}

func (p *pages) setRule(c *kit.Ctx) error {
	x, err := p.editableCard(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := programme.Rule{Networks: count(f.Get("sieci")), MeetingsLeast: count(f.Get("najmniej")), MeetingsMost: count(f.Get("najwiecej"))}
	last, _ := uuid.Parse(f.Get("ostatnia"))
	if in.From, err = dateOf(c, "od"); err == nil {
		err = p.Programmes.SetRule(c.Context(), c.Actor(), x.ID, in, last)
	}
	switch {
	case err == nil:
		return c.Redirect(programmePath(x.ID)+"/projekt", "programme.flash.saved")
	case fault.Is(err, fault.Conflict):
		return p.ruleConflict(c, x)
	}
	return c.Retry(renamed(err, map[string]string{"from": "od", "networks_least": "sieci", "meetings_least": "najmniej", "meetings_most": "najwiecej"}), func(pr ui.Problems) templ.Component {
		return p.rulePage(c, x, f.Get, last, pr)
	})
}

func (p *pages) ruleConflict(c *kit.Ctx, x *programme.Card) error {
	path, f := programmePath(x.ID), c.Form()
	r, last := newest(x)
	p.inCard(c, x, c.T("programme.rule.edit"))
	v := ui.ConflictView{Action: path + "/zasady/zmien", Hidden: []ui.Hidden{{Name: "ostatnia", Value: last.String()}}, Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path + "/projekt"}}
	for _, field := range []ui.ConflictField{
		{Name: "od", Label: c.T("programme.rule.from"), Theirs: dateText(r.From)},
		{Name: "sieci", Label: c.T("programme.rule.networks_label"), Theirs: strconv.Itoa(r.Networks)},
		{Name: "najmniej", Label: c.T("programme.rule.least_label"), Theirs: strconv.Itoa(r.MeetingsLeast)},
		{Name: "najwiecej", Label: c.T("programme.rule.most_label"), Theirs: strconv.Itoa(r.MeetingsMost)},
	} {
		if field.Mine = f.Get(field.Name); field.Mine == field.Theirs {
			v.Hidden = append(v.Hidden, ui.Hidden{Name: field.Name, Value: field.Mine})
			continue
		}
		v.Fields = append(v.Fields, field)
	}
	return c.ConflictPage(v)
}

// ruling lists the rules in force of all programmes.
func (p *pages) ruling(c *kit.Ctx) error {
	list, err := p.Programmes.Ruling(c.Context(), c.Actor(), c.Query("po"), 0)
	if err != nil {
		return err
	}
	v := listView{Title: c.T("programme.rule.all"), Lead: c.T("programme.rule.all_lead"), None: c.T("programme.rule.all_none"), Pages: paging(c, "/programy/zasady", list.Next)}
	for i := range list.Items {
		x := &list.Items[i]
		v.Cards = append(v.Cards, ui.Card{Title: x.Title, Href: programmePath(x.Programme) + "/projekt", Facts: []ui.Fact{
			{Label: c.T("programme.rule.networks"), Value: networksWord(c, x.Networks)},
			{Label: c.T("programme.rule.meetings"), Value: meetingsWord(c, x.MeetingsLeast, x.MeetingsMost)},
			{Label: c.T("programme.rule.from"), Value: day(c.Context(), x.From)}}})
	}
	c.Page(v.Title).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie")
	return c.Render(http.StatusOK, listPage(v))
}
