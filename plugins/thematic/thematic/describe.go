package thematic

import (
	"ore.edu.pl/sieci/plugins/sdk"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

var onNetwork = []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_NETWORK}

// Describe says what the module is. It is the same at every call.
func (Module) Describe() *v1.DescribeResponse {
	return &v1.DescribeResponse{
		ModuleId: ID, Version: Version, ContractRevision: sdk.ContractRevision, Configuration: forms[formSettings],
		NetworkTypes: []*v1.NetworkType{{
			Name: typeNetwork, Title: both("type.title"), Function: both("type.function"), Description: both("type.description"),
			Stages: stageKinds(), FoundingForm: forms[kindCharter], UsualSize: usualSize, HomeView: viewHome, FounderRole: roleCoordinator,
			Behaviour: &v1.Behaviour{
				Commands: commandKinds(), Views: viewKinds(), Guards: guardKinds(),
				Timers: []*v1.TimerKind{{Name: timerMeeting, Title: both("timer.meeting_soon"), Slices: records(kindPlan)}},
			},
		}},
		TaskTypes: []*v1.TaskType{{
			Name: typeObservation, Title: both("observation.title"), Function: both("observation.function"), Form: forms[typeObservation],
			Assignees:    []v1.AssigneeKind{v1.AssigneeKind_ASSIGNEE_KIND_PERSON, v1.AssigneeKind_ASSIGNEE_KIND_NETWORK},
			ReviewerRole: roleCoordinator, MaxFiles: 3, Behaviour: &v1.Behaviour{},
		}},
		RecordKinds: recordKinds(),
		JobKinds: []*v1.JobKind{{
			Name: jobDigest, Title: both("job.digest"), Scopes: onNetwork,
			When:   &v1.JobKind_Cron{Cron: "0 7 * * 1"}, // Monday morning, before the first lesson
			Slices: append(records(kindPlan), tasksSlice(), meetingsSlice()),
		}},
	}
}

func stageKinds() []*v1.Stage {
	out := make([]*v1.Stage, 0, len(stages))
	for _, s := range stages {
		out = append(out, &v1.Stage{Name: s, Title: both("stage." + s), Closed: s == stageClosed})
	}
	return out
}

func tasksSlice() *v1.SliceSpec {
	return &v1.SliceSpec{Name: sliceTasks, Source: v1.Source_SOURCE_TASK, Selector: v1.Selector_SELECTOR_THIS, Limit: 200,
		Order: []*v1.Order{{Field: "@created", Descending: true}}}
}

// meetingsSlice are the meetings with their dates.
func meetingsSlice() *v1.SliceSpec {
	return &v1.SliceSpec{Name: sliceMeetings, Source: v1.Source_SOURCE_MEETING, Selector: v1.Selector_SELECTOR_THIS, Limit: 50, Order: []*v1.Order{{Field: "@due"}}}
}

func command(name string, form *v1.Document, slices ...*v1.SliceSpec) *v1.CommandKind {
	return &v1.CommandKind{Name: name, Title: both("command." + name), Scopes: onNetwork, Form: form, Slices: slices}
}

func commandKinds() []*v1.CommandKind {
	closing := command(commandClose, nil, append(append(records(kindPlan, kindContract, kindSummary), tasksSlice()), endSlices()...)...)
	closing.Dangerous = true
	return []*v1.CommandKind{
		command(commandFound, nil),
		command(commandRenew, nil, records(kindCharter, kindPlan)...),
		command(commandPlan, forms[kindPlan], records(kindPlan)...),
		command(commandCharter, forms[kindCharter], records(kindCharter)...),
		command(commandContract, forms[kindContract], records(kindContract)...),
		command(commandSummary, forms[kindSummary], records(kindSummary)...),
		command(commandNext, nil, append(records(kindPlan, kindContract), meetingsSlice())...),
		closing,
	}
}

func viewKinds() []*v1.ViewKind {
	kind := func(name string, menu bool, slices ...*v1.SliceSpec) *v1.ViewKind {
		return &v1.ViewKind{Name: name, Title: both("view." + name), Scopes: onNetwork, InMenu: menu, Slices: slices}
	}
	everything := append(append(records(kindCharter, kindPlan, kindContract, kindSummary), tasksSlice(), meetingsSlice(), membersSlice(500, "", "complex")), endSlices()...)
	return []*v1.ViewKind{
		kind(viewHome, false, append(records(kindCharter, kindPlan), tasksSlice(), meetingsSlice())...),
		kind(viewPlan, true, append(records(kindCharter, kindPlan), meetingsSlice())...),
		kind(viewProgress, true, everything...),
	}
}

func guardKinds() []*v1.GuardKind {
	return []*v1.GuardKind{
		{Command: guardMember, Mode: v1.GuardMode_GUARD_MODE_ADVISORY, Slices: []*v1.SliceSpec{membersSlice(500, "", "complex")}},
		{Command: guardMeeting, Mode: v1.GuardMode_GUARD_MODE_REQUIRED, Slices: endSlices()},
		{Command: guardEvaluation, Mode: v1.GuardMode_GUARD_MODE_REQUIRED},
	}
}

func recordKinds() []*v1.RecordKind {
	kind := func(name string, columns []string, index ...*v1.IndexField) *v1.RecordKind {
		return &v1.RecordKind{
			Name: name, Title: both("record." + name), Form: forms[name], Scopes: onNetwork, IndexFields: index,
			History: v1.History_HISTORY_VERSIONS, Columns: columns,
		}
	}
	field := func(name string, t v1.FieldType) *v1.IndexField {
		return &v1.IndexField{Name: name, Type: t, Title: both("index." + name)}
	}
	plan := kind(kindPlan, []string{"rok"}, field("year", v1.FieldType_FIELD_TYPE_INTEGER),
		field("meetings", v1.FieldType_FIELD_TYPE_INTEGER), field("next", v1.FieldType_FIELD_TYPE_DATE))
	plan.UniqueKeys = []*v1.UniqueKey{{Fields: []string{"year"}}}
	return []*v1.RecordKind{
		kind(kindCharter, []string{"obszar", "potrzeba"}, field("area", v1.FieldType_FIELD_TYPE_TEXT)),
		plan,
		kind(kindContract, []string{"data"}),
		kind(kindSummary, []string{"kontynuacja"}),
	}
}
