package vocational

import (
	"cmp"
	"slices"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// rarity is how many schools teach a vocation, and did before.
type rarity struct {
	Code         string `json:"code"`
	Name         string `json:"name"`
	Schools      int    `json:"schools"`
	Voivodeships int    `json:"voivodeships"`
	Before       *int   `json:"before"`
}

// was is the number before; the same as now where nothing is compared.
func (x *rarity) was() int {
	if x.Before == nil {
		return x.Schools
	}
	return *x.Before
}

// change is the words for the number of schools: "2 → 1 szkoła".
func (x *rarity) change(w words) string {
	if x.was() == x.Schools {
		return w.n("radar.schools", x.Schools)
	}
	return w.n("radar.change", x.Schools, "before", x.was())
}

// rare keeps the vocations that the radar shows: taught in few schools now or
// before, or unique on the day. The rarest come first.
func rare(list []rarity, flags []flag, limit int, day string) []rarity {
	var out []rarity
	seen := map[string]bool{}
	for _, x := range list {
		if seen[x.Code] = true; x.Schools <= limit || x.was() <= limit || flagged(flags, x.Code, day) != nil {
			out = append(out, x)
		}
	}
	for i := range flags { // unique, and taught nowhere
		if f := &flags[i]; within(day, f.Since, f.Until) && !seen[f.Code] {
			seen[f.Code] = true
			out = append(out, rarity{Code: f.Code})
		}
	}
	slices.SortStableFunc(out, func(a, b rarity) int { return cmp.Or(cmp.Compare(a.Schools, b.Schools), cmp.Compare(a.Code, b.Code)) })
	return out
}

// lost are those that fewer schools teach than before, as far as that matters.
func lost(list []rarity, flags []flag, limit int, day string) []rarity {
	var out []rarity
	for _, x := range list {
		if x.Schools < x.was() && (x.Schools <= limit || flagged(flags, x.Code, day) != nil) {
			out = append(out, x)
		}
	}
	return out
}

// reading is which days of the register a page or a look compares.
func reading(days []string, day string) (compared string) {
	for _, d := range days {
		if d <= day {
			return before(d)
		}
	}
	return ""
}

// mostAlerts is how many vocations one look tells of; more at once is another
// classification, not a change of schools.
const mostAlerts = 50

// watch looks whether the register of schools changed since the last look, and
// tells who leads the network which vocations fewer schools teach.
func watch(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	done := func(n int) (*sdk.Answer, error) {
		if r.Job != nil {
			a.Done(uint64(n))
		}
		return a, nil
	}
	days, w := registerDays(r.Snapshot), in(r.GetLocale())
	last, err := read[struct {
		Day string `json:"dzien"`
	}](r.Snapshot, kindWatch)
	if err != nil {
		return nil, err
	}
	if r.Stage() == stageClosed || len(days) == 0 || len(last) > 0 && last[0].Day >= days[0] {
		a.Info("", "unchanged", w.t("look.unchanged"))
		return done(0)
	}
	compared := before(days[0])
	if len(last) > 0 {
		compared = last[0].Day // all that came since, also of several files
	}
	if !r.Has(sliceTaught) {
		a.Need(taught(sliceTaught, days[0], compared))
		return a, nil
	}
	c, err := readCharter(r.Snapshot)
	if err != nil {
		return nil, err
	}
	list, err := read[rarity](r.Snapshot, sliceTaught)
	if err != nil {
		return nil, err
	}
	flags, err := read[flag](r.Snapshot, kindFlag)
	if err != nil {
		return nil, err
	}
	alerts := lost(list, flags, c.Rare, days[0])
	told := alerts[:min(len(alerts), mostAlerts)]
	for i := range told {
		keepAlert(a, r, &told[i], days[0])
	}
	put(a, r.Snapshot, kindWatch, r.Rows(kindWatch), sdk.Doc(map[string]string{"dzien": days[0]}, forms[kindWatch].GetRevision()), map[string]any{"day": dayOf(days[0])})
	if len(alerts) > 0 {
		a.NotifyRole(r.GetScope(), roleCoordinator, both("alert.subject"), letter(told, len(alerts)), viewRadar)
	}
	a.Info("", "looked", w.n("look.alerts", len(alerts)))
	return done(len(alerts))
}

func keepAlert(a *sdk.Answer, r *sdk.Request, x *rarity, day string) {
	a.PutRecord("", r.GetScope(), kindAlert, sdk.Doc(map[string]any{"kod": x.Code, "nazwa": x.Name, "przed": x.was(), "po": x.Schools, "dzien": day}, forms[kindAlert].GetRevision()),
		sdk.Index(map[string]any{"code": x.Code, "day": dayOf(day)}))
}

// letter says what happened, a line a vocation.
func letter(list []rarity, all int) *v1.Text {
	out := &v1.Text{ByLanguage: map[string]string{}}
	for _, w := range []words{"pl", "en"} {
		text := w.t("alert.lead")
		for i := range list {
			text += "\n" + list[i].Name + " (" + list[i].Code + "): " + list[i].change(w)
		}
		if all > len(list) {
			text += "\n" + w.n("alert.more", all-len(list))
		}
		out.ByLanguage[string(w)] = text
	}
	return out
}

// mostInvited is how many schools one command invites: more teach no rare vocation.
const mostInvited = 50

// school is one that teaches.
type school struct {
	Name        string `json:"name"`
	Town        string `json:"town"`
	Voivodeship string `json:"voivodeship"`
}

// presence are the schools of which somebody is in the network.
func presence(s sdk.Snapshot) (map[string]bool, error) {
	list, err := read[struct {
		Organisation string `json:"organisation"`
	}](s, sliceMembers)
	out := map[string]bool{}
	for _, m := range list {
		if m.Organisation != "" {
			out[m.Organisation] = true
		}
	}
	return out, err
}

// invite invites every school of the country that teaches a vocation and from
// which nobody is in the network yet; the school decides who comes.
func invite(r *sdk.Request) (*sdk.Answer, error) {
	a, w := &sdk.Answer{}, in(r.GetLocale())
	var input struct {
		Code    string `json:"kod"`
		Message string `json:"wiadomosc"`
	}
	if err := r.Input(&input); err != nil {
		return nil, err
	}
	if input.Code = sixDigits(a, r, "kod", input.Code); a.Refused() {
		return a, nil
	}
	more := r.More(sliceMembers)
	if !r.Has(sliceSchools) {
		a.Need(schools(input.Code, ""))
	}
	if more != "" {
		next := members("organisation")
		next.Cursor = more
		a.Need(next)
	}
	if !r.Has(sliceSchools) || more != "" {
		return a, nil
	}
	here, err := presence(r.Snapshot)
	if err != nil {
		return nil, err
	}
	all := r.Rows(sliceSchools)
	n := 0
	for _, x := range all {
		if here[x.GetId()] {
			continue
		}
		n++
		a.Effect("", &v1.Effect{Kind: &v1.Effect_MemberInvite{MemberInvite: &v1.MemberInvite{
			Scope: r.GetScope(), Invitee: &v1.MemberInvite_InstitutionId{InstitutionId: x.GetId()}, Message: input.Message,
		}}})
	}
	switch {
	case len(all) == 0:
		a.Error("kod", "nobody", w.t("invite.nobody"))
	case n == 0:
		a.Error("kod", "all_here", w.t("invite.all_here"))
	case n > mostInvited:
		a.Error("kod", "too_many", w.n("invite.too_many", n, "most", mostInvited))
	default:
		a.Info("", "invited", w.n("invite.done", n))
	}
	return a, nil
}
