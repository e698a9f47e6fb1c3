package main

import (
	"encoding/json"
	"fmt"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

const noteForm = `{"kind":"form","v":1,"id":"note","rev":1,"title":{"pl":"Notatka"},"items":[{"id":"text","type":"text","label":{"pl":"Treść"},"required":true}]}`

// settingsForm asks otherwise from version 1.1.0 on.
func settingsForm() *v1.Document {
	rev, most, more := uint32(1), "100", ""
	if version == "1.1.0" {
		rev, most, more = 2, "10", `,{"id":"more","type":"text","label":{"pl":"Coś jeszcze"}}`
	}
	return sdk.Doc(json.RawMessage(fmt.Sprintf(`{"kind":"form","v":1,"id":"settings","rev":%d,"title":{"pl":"Ustawienia"},
		"items":[{"id":"limit","type":"integer","label":{"pl":"Limit"},"min":1,"max":%s,"required":true}%s]}`, rev, most, more)), rev)
}

// Describe is well behaved: with a bad description nothing else could be tried.
func (module) Describe() *v1.DescribeResponse {
	network := []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_NETWORK}
	b := &v1.Behaviour{}
	for _, name := range commands {
		b.Commands = append(b.Commands, &v1.CommandKind{Name: name, Title: sdk.PL(name, name), Scopes: network})
	}
	for _, name := range []string{"home", "huge", "deep", "markup", "bidi", "script"} {
		b.Views = append(b.Views, &v1.ViewKind{Name: name, Title: sdk.PL(name, name), Scopes: network})
	}
	return &v1.DescribeResponse{
		ModuleId: id, Version: version, Configuration: settingsForm(),
		NetworkTypes: []*v1.NetworkType{{
			Name: "network", Title: sdk.PL("Sieć próbna "+id, "Trial network"), Function: sdk.PL("Sieci próbne", "Trial networks"),
			Stages:    []*v1.Stage{{Name: "work", Title: sdk.PL("Praca", "Work")}},
			Behaviour: b,
		}},
		RecordKinds: []*v1.RecordKind{{
			Name: "note", Title: sdk.PL("Notatka", "Note"), Form: sdk.Doc(json.RawMessage(noteForm), 1),
			Scopes: network, History: v1.History_HISTORY_LATEST,
		}},
	}
}
