package networks

import (
	"strconv"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// typed is the core's part of a network's form as typed, by field names.
type typed map[string]string

// settingNames are the fields of the core's part, in their order.
var settingNames = []string{"title", "aim", "school_year", "join", "capacity", "one_per_school", "priority_until"}

func typedOf(f *kit.Form) typed {
	t := typed{}
	for _, n := range settingNames {
		t[n] = f.Text(n)
	}
	t["coordinator"], t["origin"], t["programme"] = f.Get("coordinator"), f.Get("origin"), f.Get("programme")
	return t
}

// typedFrom is how settings stand in the form.
func typedFrom(s *network.Settings) typed {
	t := typed{"title": s.Title, "aim": s.Aim, "school_year": strconv.Itoa(s.SchoolYear), "join": string(s.Join), "priority_until": dayOf(s.PriorityUntil)}
	if s.Capacity > 0 {
		t["capacity"] = strconv.Itoa(s.Capacity)
	}
	if s.OnePerSchool {
		t["one_per_school"] = "1"
	}
	return t
}

// settings reads what was typed. A number or day that is none becomes one that
// the service refuses beside its field.
func (t typed) settings() network.Settings {
	year, _ := strconv.Atoi(t["school_year"])
	s := network.Settings{
		Title: t["title"], Aim: t["aim"], SchoolYear: year, Join: network.JoinMode(t["join"]),
		Capacity: number(t["capacity"]), OnePerSchool: t["one_per_school"] != "",
	}
	if end, ok := dayEnd(t["priority_until"]); ok {
		s.PriorityUntil = end
	}
	return s
}

// inputs are the controls of the core's part.
func (p *pages) inputs(c *kit.Ctx, t typed, coordinator bool) []ui.Input {
	year := ui.Input{Kind: ui.Select, Name: "school_year", Label: c.T("networks.year"), Value: t["school_year"], Size: "medium"}
	now := clock.SchoolYear(p.Clock.Now())
	years := []int{now, now + 1}
	if y, err := strconv.Atoi(t["school_year"]); err == nil && y != now && y != now+1 && y > 2000 && y < 2100 {
		years = append([]int{y}, years...)
	}
	for _, y := range years {
		year.Options = append(year.Options, ui.Option{Value: strconv.Itoa(y), Text: show.SchoolYear(y)})
	}
	join := ui.Input{Kind: ui.Radios, Name: "join", Label: c.T("networks.join"), Value: t["join"]}
	for _, m := range network.JoinModes {
		join.Options = append(join.Options, ui.Option{Value: string(m), Text: c.T("networks.join." + string(m)), Hint: c.T("networks.join_hint." + string(m))})
	}
	out := []ui.Input{
		{Name: "title", Label: c.T("networks.title_label"), Hint: c.T("networks.title_hint"), Value: t["title"]},
		{Kind: ui.Textarea, Name: "aim", Label: c.T("networks.aim"), Hint: c.T("networks.aim_hint"), Value: t["aim"], Max: network.MaxAim},
		year, join,
		{Kind: ui.Number, Name: "capacity", Label: c.T("networks.capacity"), Hint: c.T("networks.capacity_hint"), Value: t["capacity"], Size: "short", Optional: true},
		{Kind: ui.Checkbox, Name: "one_per_school", Label: c.T("networks.first"), Hint: c.T("networks.first_hint"), Checked: t["one_per_school"] != "", Optional: true},
		{Kind: ui.Date, Name: "priority_until", Label: c.T("networks.priority"), Hint: c.T("networks.priority_hint"), Value: t["priority_until"], Size: "medium", Optional: true},
	}
	if coordinator {
		out = append(out, ui.Input{Kind: ui.Email, Name: "coordinator", Label: c.T("networks.lead"), Hint: c.T("networks.lead_hint"), Value: t["coordinator"], Optional: true, Autocomplete: "off"})
	}
	return out
}

// subject names what a founding draft is about: the type and the centre.
func subject(typ string, centre uuid.UUID) string { return typ + "@" + centre.String() }

func fromSubject(s string) (string, uuid.UUID) {
	typ, centre, _ := strings.Cut(s, "@")
	return typ, uuidOf(centre)
}
