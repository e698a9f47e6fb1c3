package main

import (
	"embed"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/texts"
)

//go:embed manifest.json
var manifest []byte

//go:embed texts/*.json forms/*.json
var files embed.FS

var (
	catalogue = texts.Read(files, "texts")
	cardForm  = sdk.ReadForm(files, "forms/card.json")
	noteForm  = sdk.ReadForm(files, "forms/note.json")
)

// Names by which the platform knows the parts of this module. They stay as
// they are: what people wrote is kept under them.
const (
	typeNetwork = "network"

	kindCard = "card"
	kindNote = "note"

	commandFound = "found" // given by the platform when somebody founds a network
	commandNote  = "note"
	commandNext  = "next_stage"

	viewHome = "home"

	stagePreparing = "preparing"
	stageWorking   = "working"
	stageClosed    = "closed"

	roleCoordinator = "coordinator"
	roleParticipant = "participant"
)

// stages are those of a network, in their order.
var stages = []string{stagePreparing, stageWorking, stageClosed}

var onNetwork = []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_NETWORK}

// Describe says what the module is; the answer is the same at every call.
func (Module) Describe() *v1.DescribeResponse {
	id, version := sdk.Identity(manifest)
	return &v1.DescribeResponse{
		ModuleId: id, Version: version, ContractRevision: sdk.ContractRevision,
		NetworkTypes: []*v1.NetworkType{{
			Name: typeNetwork, Title: catalogue.All("type.title"), Function: catalogue.All("type.function"), Description: catalogue.All("type.description"),
			Stages: stageKinds(), FoundingForm: cardForm, UsualSize: 20, HomeView: viewHome, FounderRole: roleCoordinator,
			Behaviour: &v1.Behaviour{
				Commands: []*v1.CommandKind{
					{Name: commandFound, Title: catalogue.All("command.found"), Scopes: onNetwork},
					{Name: commandNote, Title: catalogue.All("command.note"), Scopes: onNetwork, Form: noteForm},
					{Name: commandNext, Title: catalogue.All("command.next"), Scopes: onNetwork, Slices: records(kindNote, 1)},
				},
				Views: []*v1.ViewKind{
					{Name: viewHome, Title: catalogue.All("view.home"), Scopes: onNetwork, Slices: append(records(kindCard, 1), records(kindNote, 50)...)},
				},
			},
		}},
		RecordKinds: []*v1.RecordKind{
			{Name: kindCard, Title: catalogue.All("record.card"), Form: cardForm, Scopes: onNetwork, History: v1.History_HISTORY_VERSIONS, Columns: []string{"pytanie"}},
			{Name: kindNote, Title: catalogue.All("record.note"), Form: noteForm, Scopes: onNetwork, History: v1.History_HISTORY_LATEST, Columns: []string{"data", "proba"}},
		},
	}
}

func stageKinds() []*v1.Stage {
	var out []*v1.Stage
	for _, s := range stages {
		out = append(out, &v1.Stage{Name: s, Title: catalogue.All("stage." + s), Closed: s == stageClosed})
	}
	return out
}

// records asks for the newest records of a kind in this network; they come in a
// slice of the kind's name.
func records(kind string, limit uint32) []*v1.SliceSpec {
	return []*v1.SliceSpec{{
		Name: kind, Source: v1.Source_SOURCE_RECORD, Kind: kind, Selector: v1.Selector_SELECTOR_THIS, Limit: limit,
		Order: []*v1.Order{{Field: "@created", Descending: true}},
	}}
}
