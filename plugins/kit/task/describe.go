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
	catalogue    = texts.Read(files, "texts")
	foundingForm = sdk.ReadForm(files, "forms/founding.json")
	lessonForm   = sdk.ReadForm(files, "forms/lesson.json")
)

// Names by which the platform knows the parts of this module. They stay as
// they are: what people wrote is kept under them.
const (
	typeNetwork = "network"
	typeLesson  = "lesson"

	commandFound  = "found"  // given by the platform when somebody founds a network
	commandSubmit = "submit" // the platform's own; declared here, so the module is asked
	commandClose  = "close"

	viewHome   = "home"
	sliceTasks = "tasks"

	stageWorking = "working"
	stageClosed  = "closed"

	roleCoordinator = "coordinator"
)

var onNetwork = []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_NETWORK}

// Describe says what the module is; the answer is the same at every call.
//
// A type of task is given out in networks of its own module, so there is a
// small type of network beside it.
func (Module) Describe() *v1.DescribeResponse {
	id, version := sdk.Identity(manifest)
	return &v1.DescribeResponse{
		ModuleId: id, Version: version, ContractRevision: sdk.ContractRevision,
		TaskTypes: []*v1.TaskType{{
			Name: typeLesson, Title: catalogue.All("lesson.title"), Function: catalogue.All("lesson.function"), Form: lessonForm,
			Assignees:    []v1.AssigneeKind{v1.AssigneeKind_ASSIGNEE_KIND_PERSON, v1.AssigneeKind_ASSIGNEE_KIND_NETWORK},
			ReviewerRole: roleCoordinator, MaxFiles: 3,
			// Returning with remarks and accepting are the platform's; the module is
			// asked before something is handed in.
			Behaviour: &v1.Behaviour{Commands: []*v1.CommandKind{{Name: commandSubmit, Title: catalogue.All("command.submit"), Scopes: onNetwork}}},
		}},
		NetworkTypes: []*v1.NetworkType{{
			Name: typeNetwork, Title: catalogue.All("type.title"), Function: catalogue.All("type.function"), Description: catalogue.All("type.description"),
			Stages: []*v1.Stage{
				{Name: stageWorking, Title: catalogue.All("stage.working")},
				{Name: stageClosed, Title: catalogue.All("stage.closed"), Closed: true},
			},
			FoundingForm: foundingForm, UsualSize: 20, HomeView: viewHome, FounderRole: roleCoordinator,
			Behaviour: &v1.Behaviour{
				Commands: []*v1.CommandKind{
					{Name: commandFound, Title: catalogue.All("command.found"), Scopes: onNetwork},
					{Name: commandClose, Title: catalogue.All("command.close"), Scopes: onNetwork, Dangerous: true},
				},
				Views: []*v1.ViewKind{{Name: viewHome, Title: catalogue.All("view.home"), Scopes: onNetwork, Slices: []*v1.SliceSpec{lessons()}}},
			},
		}},
	}
}

// lessons asks for the tasks of this network with what was handed in.
func lessons() *v1.SliceSpec {
	return &v1.SliceSpec{Name: sliceTasks, Source: v1.Source_SOURCE_TASK, Kind: typeLesson, Selector: v1.Selector_SELECTOR_THIS, Limit: 100,
		Order: []*v1.Order{{Field: "@created", Descending: true}}}
}
