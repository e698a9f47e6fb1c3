package vocational

import (
	"ore.edu.pl/sieci/plugins/sdk"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

var onNetwork = []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_NETWORK}

// Describe says what the module is. It is the same at every call.
func (Module) Describe() *v1.DescribeResponse {
	stages := []*v1.Stage{{Name: stageWork, Title: both("stage.work")}, {Name: stageClosed, Title: both("stage.closed"), Closed: true}}
	return &v1.DescribeResponse{
		ModuleId: ID, Version: Version, ContractRevision: sdk.ContractRevision,
		NetworkTypes: []*v1.NetworkType{
			{
				Name: typeNetwork, Title: both("type.title"), Function: both("type.function"), Description: both("type.description"),
				Stages: stages, FoundingForm: forms[kindCharter], HomeView: viewHome, FounderRole: roleCoordinator,
				Behaviour: &v1.Behaviour{Commands: networkCommands(), Views: networkViews(), Events: []*v1.EventInterest{{Name: eventLeft}}},
			},
			{
				Name: typeExperts, Title: both("experts.title"), Function: both("experts.function"), Description: both("experts.description"),
				Stages: stages, FoundingForm: forms[kindRegister], HomeView: viewExperts, PublicView: viewPublic, FounderRole: roleCoordinator,
				Behaviour: &v1.Behaviour{Commands: expertCommands(), Views: expertViews()},
			},
		},
		RecordKinds: recordKinds(),
		JobKinds: []*v1.JobKind{{
			Name: jobWatch, Title: both("job.watch"), Scopes: onNetwork,
			When:   &v1.JobKind_Cron{Cron: "30 5 * * *"}, // before work, after the night's imports
			Slices: watchSlices(),
		}},
	}
}

func watchSlices() []*v1.SliceSpec {
	return []*v1.SliceSpec{records(kindWatch, 1), records(kindCharter, 1), records(kindFlag, most), days(1)}
}

func command(name, form string, slices ...*v1.SliceSpec) *v1.CommandKind {
	return &v1.CommandKind{Name: name, Title: both("command." + name), Scopes: onNetwork, Form: forms[form], Slices: slices}
}

func closing() *v1.CommandKind {
	c := command(commandClose, "")
	c.Dangerous = true
	return c
}

func mine() *v1.SliceSpec {
	s := records(kindTeaching, 1, open())
	s.Filters = append(s.Filters, &v1.Filter{Field: "@person", Operator: v1.Operator_OPERATOR_EQUAL, Operand: &v1.Filter_Parameter{Parameter: "actor"}})
	return s
}

func networkCommands() []*v1.CommandKind {
	return []*v1.CommandKind{
		command(commandFound, ""),
		command(commandRenew, "", records(kindCharter, 1), records(kindVocation, mostCopied), records(kindFlag, mostCopied)),
		command(commandTeach, kindTeaching, mine()),
		command(commandNeed, kindNeed),
		command(commandInvite, "invite", members("organisation")),
		command(commandFlag, kindFlag),
		command(commandUnflag, "unflag"),
		command(commandVocation, kindVocation),
		command(commandLook, "", watchSlices()...),
		command(commandCharter, kindCharter, records(kindCharter, 1)),
		closing(),
	}
}

func page(name, ask string, menu bool, slices ...*v1.SliceSpec) *v1.ViewKind {
	return &v1.ViewKind{Name: name, Title: both("view." + name), Scopes: onNetwork, InMenu: menu, Parameters: forms[ask], Slices: slices}
}

func networkViews() []*v1.ViewKind {
	all := []*v1.SliceSpec{records(kindCharter, 1), records(kindVocation, most), records(kindFlag, most), records(kindTeaching, most, open()), members()}
	radar := page(viewRadar, "ask_radar", true, append(all, days(6))...)
	radar.TablesAsFiles = true
	needs := page(viewNeeds, "", true, records(kindNeed, 50))
	needs.Aggregates = []*v1.AggregateSpec{{Name: kindNeed, Source: v1.Source_SOURCE_RECORD, Kind: kindNeed, Selector: v1.Selector_SELECTOR_THIS, By: []string{"branch", "region"}}}
	return []*v1.ViewKind{
		page(viewHome, "", false, records(kindCharter, 1), records(kindFlag, most), records(kindAlert, 5), mine()),
		radar,
		page(viewGroups, "", true, records(kindVocation, most), records(kindTeaching, most, open()), members()),
		needs,
	}
}

func expertCommands() []*v1.CommandKind {
	return []*v1.CommandKind{
		command(commandFound, ""),
		command(commandRenew, ""),
		command(commandCandidate, kindCandidate),
		command(commandAdmit, "admit", records(kindCondition, most)),
		command(commandRemove, "remove"),
		command(commandCondition, kindCondition),
		command(commandRegister, kindRegister, records(kindRegister, 1)),
		closing(),
	}
}

func expertViews() []*v1.ViewKind {
	return []*v1.ViewKind{
		page(viewExperts, "ask_search", true),
		page(viewCard, "ask_card", true, records(kindCondition, most)),
		page(viewConditions, "", true, records(kindCondition, most), records(kindRegister, 1)),
		page(viewPublic, "ask_public", true, records(kindRegister, 1)),
	}
}

func field(name string, t v1.FieldType) *v1.IndexField {
	return &v1.IndexField{Name: name, Type: t, Title: both("index." + name)}
}

func text(name string) *v1.IndexField { return field(name, v1.FieldType_FIELD_TYPE_TEXT) }

func date(name string) *v1.IndexField { return field(name, v1.FieldType_FIELD_TYPE_DATE) }

func recordKinds() []*v1.RecordKind {
	kind := func(name string, columns []string, unique []string, index ...*v1.IndexField) *v1.RecordKind {
		k := &v1.RecordKind{Name: name, Title: both("record." + name), Form: forms[name], Scopes: onNetwork, IndexFields: index, History: v1.History_HISTORY_VERSIONS, Columns: columns}
		if unique != nil {
			k.UniqueKeys = []*v1.UniqueKey{{Fields: unique}}
		}
		return k
	}
	return []*v1.RecordKind{
		kind(kindCharter, []string{"cel"}, nil),
		kind(kindVocation, []string{"kod", "nazwa", "od", "do", "akt"}, []string{"code", "since"}, text("code"), date("since"), date("until")),
		kind(kindFlag, []string{"kod", "od", "do", "podstawa"}, []string{"code", "since"}, text("code"), date("since"), date("until")),
		kind(kindTeaching, []string{}, nil),
		kind(kindNeed, []string{"branza", "region", "potrzeba"}, nil, text("branch"), text("region")),
		kind(kindWatch, []string{"dzien"}, nil, date("day")),
		kind(kindAlert, []string{"kod", "nazwa", "przed", "po", "dzien"}, []string{"code", "day"}, text("code"), date("day")),
		kind(kindRegister, []string{"cel", "podstawa"}, nil),
		kind(kindCondition, []string{"kod", "tresc", "od", "do", "podstawa"}, []string{"code", "since"}, text("code"), date("since"), date("until")),
		kind(kindCandidate, []string{"numer", "region"}, []string{"number"}, text("number"), text("region")),
		kind(kindDecision, []string{"numer", "rodzaj", "decyzja", "dzien", "podstawa"}, []string{"decision"}, text("number"), text("decision"), date("day")),
	}
}
