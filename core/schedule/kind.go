package schedule

import (
	"context"
	"strconv"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/i18n"
)

// The kinds of the core, used where a network's type names none (requirement 9).
const (
	Organisational = "organisational"
	Working        = "working"
	Summary        = "summary"
)

// Kind is a kind of meeting in a type of network.
type Kind struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Fixed are the items with which the agenda of such a meeting begins.
	Fixed []FixedItem `json:"fixed"`
	// First and Last are what the first and the last meeting of a year must be.
	First bool `json:"first"`
	Last  bool `json:"last"`
}

// FixedItem is an item that belongs to the kind of meeting.
type FixedItem struct {
	Title   string `json:"title"`
	Minutes int    `json:"minutes"`
}

// Rule is how often a network meets in a school year (requirement 6).
type Rule struct{ Least, Most int }

// usual is the rule where a type says nothing.
var usual = Rule{Least: 3, Most: 5}

// fixed are the minutes of the core's fixed items; their titles are in the
// catalogue as schedule.fixed.<kind>.<number>.
var fixed = map[string][]int{
	Organisational: {30, 45, 60},
	Working:        {45, 45, 45},
	Summary:        {45, 45, 45},
}

var coreKinds = []struct {
	name        string
	first, last bool
}{{Organisational, true, false}, {Working, false, false}, {Summary, false, true}}

// Kinds lists the kinds of meeting of a qualified network type in the reader's
// language: those of the type's description, else the core's.
func (s *Service) Kinds(ctx context.Context, typ string) ([]Kind, Rule) {
	if t := s.networkType(typ); t != nil && len(t.MeetingKinds) > 0 {
		return described(string(i18n.FromContext(ctx)), t), rule(t)
	}
	out := make([]Kind, len(coreKinds))
	for i, k := range coreKinds {
		out[i] = Kind{Name: k.name, Title: i18n.T(ctx, "schedule.kind."+k.name), First: k.first, Last: k.last}
		for n, minutes := range fixed[k.name] {
			out[i].Fixed = append(out[i].Fixed, FixedItem{i18n.T(ctx, "schedule.fixed."+k.name+"."+strconv.Itoa(n+1)), minutes})
		}
	}
	return out, usual
}

func described(lang string, t *effect.NetworkType) []Kind {
	out := make([]Kind, len(t.MeetingKinds))
	for i, k := range t.MeetingKinds {
		out[i] = Kind{Name: k.Name, Title: k.Title.In(lang), First: k.First, Last: k.Last}
		for _, a := range k.Agenda {
			out[i].Fixed = append(out[i].Fixed, FixedItem{a.Title.In(lang), a.Minutes})
		}
	}
	return out
}

func rule(t *effect.NetworkType) Rule {
	r := Rule{Least: t.MeetingsLeast, Most: t.MeetingsMost}
	if r == (Rule{}) {
		return usual
	}
	return r
}

// networkType is the stored description of a type, also while its module is
// down; nil when no installed module has it.
func (s *Service) networkType(typ string) *effect.NetworkType {
	m, err := s.modules.Module(typ)
	if err != nil || m.Info().Description == nil {
		return nil
	}
	_, local, _ := effect.Split(typ)
	t, _ := m.Info().Description.NetworkType(local)
	return t
}

// kindOf finds a kind by name; one that the type does not know any more keeps
// its name as title.
func (s *Service) kindOf(ctx context.Context, typ, name string) (Kind, bool) {
	kinds, _ := s.Kinds(ctx, typ)
	for _, k := range kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{Name: name, Title: name}, false
}
