package facade

import (
	"reflect"
	"testing"

	"ore.edu.pl/sieci/core/effect"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

func polish(s string) *pluginv1.Text {
	return &pluginv1.Text{ByLanguage: map[string]string{"pl": s}}
}

func describing(change func(*pluginv1.NetworkType)) (*effect.Description, error) {
	t := &pluginv1.NetworkType{Name: "network", Title: polish("Sieć"), Function: polish("Sieci"), Stages: []*pluginv1.Stage{{Name: "start", Title: polish("Początek")}},
		MeetingsLeast: 4, MeetingsMost: 6, MeetingKinds: []*pluginv1.MeetingKind{{Name: "opening", Title: polish("Otwarcie"), First: true,
			Agenda: []*pluginv1.FixedItem{{Title: polish("Poznajmy się"), Minutes: 45}}}, {Name: "end", Title: polish("Zamknięcie"), Last: true}}}
	if change != nil {
		change(t)
	}
	d := &decoder{}
	out := d.description(&pluginv1.DescribeResponse{ModuleId: "test.trial", Version: "1.0.0", NetworkTypes: []*pluginv1.NetworkType{t}})
	return out, d.err
}

// A type's kinds of meeting arrive whole, and absurd ones are refused.
func TestMeetingKinds(t *testing.T) {
	t.Parallel()
	got, err := describing(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := got.NetworkTypes[0]
	want := []effect.MeetingKind{{Name: "opening", Title: effect.Text{"pl": "Otwarcie"}, First: true, Agenda: []effect.FixedItem{{Title: effect.Text{"pl": "Poznajmy się"}, Minutes: 45}}},
		{Name: "end", Title: effect.Text{"pl": "Zamknięcie"}, Last: true}}
	if !reflect.DeepEqual(n.MeetingKinds, want) || n.MeetingsLeast != 4 || n.MeetingsMost != 6 {
		t.Errorf("kinds %+v, %d to %d", n.MeetingKinds, n.MeetingsLeast, n.MeetingsMost)
	}
	for name, change := range map[string]func(*pluginv1.NetworkType){
		"more least than most": func(n *pluginv1.NetworkType) { n.MeetingsLeast = 7 },
		"too many meetings":    func(n *pluginv1.NetworkType) { n.MeetingsMost = 101 },
		"long item":            func(n *pluginv1.NetworkType) { n.MeetingKinds[0].Agenda[0].Minutes = 601 },
		"no name":              func(n *pluginv1.NetworkType) { n.MeetingKinds[1].Name = "" },
		"no title":             func(n *pluginv1.NetworkType) { n.MeetingKinds[1].Title = nil },
		"too many kinds":       func(n *pluginv1.NetworkType) { n.MeetingKinds = make([]*pluginv1.MeetingKind, 11) },
	} {
		if _, err := describing(change); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
