package facade

import (
	"ore.edu.pl/sieci/core/effect"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

func (d *decoder) description(m *pluginv1.DescribeResponse) *effect.Description {
	out := &effect.Description{
		Module: d.text("module_id", m.GetModuleId(), 100), Version: d.text("version", m.GetVersion(), 60), ContractRevision: int(m.GetContractRevision()),
		Configuration: d.document("configuration", m.GetConfiguration(), maxForm),
	}
	for _, n := range []int{len(m.GetNetworkTypes()), len(m.GetProgrammeTypes()), len(m.GetTaskTypes()), len(m.GetToolTypes()), len(m.GetJobKinds()), len(m.GetRoles())} {
		d.most("types, job kinds and roles", n, 20)
	}
	d.most("record kinds", len(m.GetRecordKinds()), 50)
	if d.err != nil {
		return out
	}
	for _, t := range m.GetNetworkTypes() {
		out.NetworkTypes = append(out.NetworkTypes, effect.NetworkType{
			Name: d.name("network type", t.GetName()), Title: d.words(t.GetName(), t.GetTitle(), true), Function: d.words(t.GetName(), t.GetFunction(), true),
			Description: d.words(t.GetName(), t.GetDescription(), false), Stages: d.stages(t.GetStages()), FoundingForm: d.document(t.GetName(), t.GetFoundingForm(), maxForm),
			UsualSize: int(min(t.GetUsualSize(), 100000)), Behaviour: d.behaviour(t.GetName(), t.GetBehaviour()), HomeView: d.maybeName(t.GetName(), t.GetHomeView()),
			PublicView: d.maybeName(t.GetName(), t.GetPublicView()), GroupKinds: d.groupKinds(t.GetGroupKinds()), FounderRole: d.maybeName(t.GetName(), t.GetFounderRole()),
			MeetingKinds: d.meetingKinds(t.GetMeetingKinds()), MeetingsLeast: int(t.GetMeetingsLeast()), MeetingsMost: int(t.GetMeetingsMost()),
		})
		if t.GetMeetingsMost() > 100 || t.GetMeetingsLeast() > t.GetMeetingsMost() {
			d.fail("network type %s: meetings a year", t.GetName())
		}
	}
	for _, t := range m.GetProgrammeTypes() {
		out.ProgrammeTypes = append(out.ProgrammeTypes, d.programmeType(t))
	}
	for _, t := range m.GetTaskTypes() {
		out.TaskTypes = append(out.TaskTypes, d.taskType(t))
	}
	for _, t := range m.GetToolTypes() {
		tool := effect.ToolType{Name: d.name("tool type", t.GetName()), Title: d.words(t.GetName(), t.GetTitle(), true), Function: d.words(t.GetName(), t.GetFunction(), false),
			Passes: int(t.GetPasses()), Answers: t.GetInput() == pluginv1.ToolInput_TOOL_INPUT_ANSWERS}
		if t.GetPasses() < 1 || t.GetPasses() > 4 || t.GetInput() == pluginv1.ToolInput_TOOL_INPUT_UNSPECIFIED {
			d.fail("tool %s: passes or input", t.GetName())
		}
		out.ToolTypes = append(out.ToolTypes, tool)
	}
	for _, k := range m.GetRecordKinds() {
		out.RecordKinds = append(out.RecordKinds, d.recordKind(k))
	}
	for _, k := range m.GetJobKinds() {
		out.JobKinds = append(out.JobKinds, d.jobKind(k))
	}
	for _, r := range m.GetRoles() {
		out.Roles = append(out.Roles, effect.RoleKind{Name: d.name("role", r.GetName()), Title: d.words(r.GetName(), r.GetTitle(), true), Scope: d.scopeKind(r.GetName(), r.GetScope())})
	}
	return out
}

func (d *decoder) most(what string, n, max int) {
	if n > max {
		d.fail("%s: %d, at most %d", what, n, max)
	}
}

func (d *decoder) programmeType(t *pluginv1.ProgrammeType) effect.ProgrammeType {
	out := effect.ProgrammeType{
		Name: d.name("programme type", t.GetName()), Title: d.words(t.GetName(), t.GetTitle(), true), Function: d.words(t.GetName(), t.GetFunction(), true),
		Description: d.words(t.GetName(), t.GetDescription(), false), Stages: d.stages(t.GetStages()), FoundingForm: d.document(t.GetName(), t.GetFoundingForm(), maxForm),
		Behaviour: d.behaviour(t.GetName(), t.GetBehaviour()), HomeView: d.maybeName(t.GetName(), t.GetHomeView()), GroupKinds: d.groupKinds(t.GetGroupKinds()),
	}
	d.most("indicators", len(t.GetIndicators()), 50)
	for _, i := range t.GetIndicators() {
		out.Indicators = append(out.Indicators, effect.Indicator{Name: d.name("indicator", i.GetName()), Title: d.words(i.GetName(), i.GetTitle(), true),
			Unit: d.words(i.GetName(), i.GetUnit(), false), UsualTarget: i.GetUsualTarget()})
	}
	return out
}

func (d *decoder) stages(list []*pluginv1.Stage) []effect.Stage {
	d.most("stages", len(list), 30)
	var out []effect.Stage
	for _, s := range list {
		out = append(out, effect.Stage{Name: d.name("stage", s.GetName()), Title: d.words(s.GetName(), s.GetTitle(), true), Closed: s.GetClosed()})
	}
	return out
}

func (d *decoder) groupKinds(list []*pluginv1.GroupKind) []effect.GroupKind {
	d.most("group kinds", len(list), 10)
	var out []effect.GroupKind
	for _, g := range list {
		k := effect.GroupKind{Name: d.name("group kind", g.GetName()), Title: d.words(g.GetName(), g.GetTitle(), true)}
		d.most("roles of a group", len(g.GetRoles()), 20)
		for _, r := range g.GetRoles() {
			k.Roles = append(k.Roles, d.name("role of a group", r))
		}
		out = append(out, k)
	}
	return out
}

func (d *decoder) meetingKinds(list []*pluginv1.MeetingKind) []effect.MeetingKind {
	d.most("meeting kinds", len(list), 10)
	var out []effect.MeetingKind
	for _, m := range list {
		k := effect.MeetingKind{Name: d.name("meeting kind", m.GetName()), Title: d.words(m.GetName(), m.GetTitle(), true), First: m.GetFirst(), Last: m.GetLast()}
		d.most("fixed items of a meeting", len(m.GetAgenda()), 20)
		for _, a := range m.GetAgenda() {
			if a.GetMinutes() > 600 {
				d.fail("meeting kind %s: minutes of an item", m.GetName())
			}
			k.Agenda = append(k.Agenda, effect.FixedItem{Title: d.words(m.GetName(), a.GetTitle(), true), Minutes: int(min(a.GetMinutes(), 600))})
		}
		out = append(out, k)
	}
	return out
}

var assigneeKinds = map[pluginv1.AssigneeKind]effect.AssigneeKind{
	pluginv1.AssigneeKind_ASSIGNEE_KIND_PERSON:  effect.AssigneePerson,
	pluginv1.AssigneeKind_ASSIGNEE_KIND_GROUP:   effect.AssigneeGroup,
	pluginv1.AssigneeKind_ASSIGNEE_KIND_NETWORK: effect.AssigneeNetwork,
}

func (d *decoder) taskType(t *pluginv1.TaskType) effect.TaskType {
	out := effect.TaskType{
		Name: d.name("task type", t.GetName()), Title: d.words(t.GetName(), t.GetTitle(), true), Function: d.words(t.GetName(), t.GetFunction(), false),
		Form: d.needDocument(t.GetName(), t.GetForm(), maxForm), SharedSubmission: t.GetSharedSubmission(), ReviewerRole: d.maybeName(t.GetName(), t.GetReviewerRole()),
		MaxFiles: int(min(t.GetMaxFiles(), 20)), Behaviour: d.behaviour(t.GetName(), t.GetBehaviour()),
	}
	if len(t.GetAssignees()) == 0 {
		d.fail("task type %s: no assignees", t.GetName())
	}
	for _, a := range t.GetAssignees() {
		k, ok := assigneeKinds[a]
		if !ok {
			d.fail("task type %s: unknown assignee %d", t.GetName(), a)
		}
		out.Assignees = append(out.Assignees, k)
	}
	return out
}

var fieldTypes = map[pluginv1.FieldType]effect.FieldType{
	pluginv1.FieldType_FIELD_TYPE_TEXT:    effect.FieldText,
	pluginv1.FieldType_FIELD_TYPE_INTEGER: effect.FieldInteger,
	pluginv1.FieldType_FIELD_TYPE_NUMBER:  effect.FieldNumber,
	pluginv1.FieldType_FIELD_TYPE_BOOLEAN: effect.FieldBoolean,
	pluginv1.FieldType_FIELD_TYPE_DATE:    effect.FieldDate,
	pluginv1.FieldType_FIELD_TYPE_INSTANT: effect.FieldInstant,
	pluginv1.FieldType_FIELD_TYPE_REF:     effect.FieldRef,
}

func (d *decoder) recordKind(k *pluginv1.RecordKind) effect.RecordKind {
	at := k.GetName()
	out := effect.RecordKind{Name: d.name("record kind", at), Title: d.words(at, k.GetTitle(), true), Form: d.needDocument(at, k.GetForm(), maxForm), Scopes: d.scopeKinds(at, k.GetScopes(), true)}
	d.most(at+": index fields", len(k.GetIndexFields()), 8)
	d.most(at+": unique keys", len(k.GetUniqueKeys()), 3)
	d.most(at+": columns", len(k.GetColumns()), 8)
	for _, f := range k.GetIndexFields() {
		t, ok := fieldTypes[f.GetType()]
		if !ok {
			d.fail("%s.%s: unknown type %d", at, f.GetName(), f.GetType())
		}
		out.IndexFields = append(out.IndexFields, effect.IndexField{Name: d.name(at+" field", f.GetName()), Type: t, Title: d.words(at, f.GetTitle(), false)})
	}
	for _, u := range k.GetUniqueKeys() {
		if len(u.GetFields()) == 0 {
			d.fail("%s: empty unique key", at)
		}
		out.UniqueKeys = append(out.UniqueKeys, u.GetFields())
	}
	d.most(at+": upgrade", len(k.GetUpgrade()), 200)
	for from, to := range k.GetUpgrade() {
		if from == "" || len(from) > 200 || len(to) > 200 {
			d.fail("%s: upgrade of %.50q", at, from)
		}
	}
	out.Upgrade = k.GetUpgrade()
	switch k.GetHistory() {
	case pluginv1.History_HISTORY_LATEST:
		out.History = effect.Latest
	case pluginv1.History_HISTORY_VERSIONS:
		out.History = effect.Versions
	default:
		d.fail("%s: unknown history %d", at, k.GetHistory())
	}
	if p := k.GetPersonal(); p != nil {
		out.Personal = &effect.PersonalData{Purpose: d.words(at, p.GetPurpose(), true), RetentionDays: int(p.GetRetentionDays())}
		if p.GetRetentionDays() == 0 || p.GetRetentionDays() > 36500 {
			d.fail("%s: retention of personal data", at)
		}
	}
	for _, c := range k.GetColumns() {
		out.Columns = append(out.Columns, d.needText(at+" column", c, 200))
	}
	return out
}

func (d *decoder) scopeKinds(what string, list []pluginv1.ScopeKind, required bool) []effect.ScopeKind {
	if required && len(list) == 0 || len(list) > 4 {
		d.fail("%s: scopes", what)
	}
	var out []effect.ScopeKind
	for _, k := range list {
		out = append(out, d.scopeKind(what, k))
	}
	return out
}

func (d *decoder) jobKind(k *pluginv1.JobKind) effect.JobKind {
	at := k.GetName()
	out := effect.JobKind{Name: d.name("job kind", at), Title: d.words(at, k.GetTitle(), true), Scopes: d.scopeKinds(at, k.GetScopes(), true),
		MaxAttempts: int(min(k.GetMaxAttempts(), 20)), Wants: d.wants(at, k)}
	switch w := k.GetWhen().(type) {
	case *pluginv1.JobKind_Cron:
		out.Cron = d.needText(at, w.Cron, 100)
	case *pluginv1.JobKind_AfterEvent:
		out.AfterEvent = d.needText(at, w.AfterEvent, 100)
	case *pluginv1.JobKind_OnDemand:
		out.OnDemand = true
	default:
		d.fail("%s: when does it run?", at)
	}
	return out
}

// wanting is whatever names slices and aggregates.
type wanting interface {
	GetSlices() []*pluginv1.SliceSpec
	GetAggregates() []*pluginv1.AggregateSpec
}

func (d *decoder) wants(what string, w wanting) effect.Wants {
	d.most(what+": slices", len(w.GetSlices())+len(w.GetAggregates()), effect.MaxSlices)
	return effect.Wants{Slices: d.slices(what, w.GetSlices()), Aggregates: d.aggregates(what, w.GetAggregates())}
}

func (d *decoder) behaviour(what string, b *pluginv1.Behaviour) effect.Behaviour {
	var out effect.Behaviour
	for _, n := range []int{len(b.GetCommands()), len(b.GetViews()), len(b.GetEvents()), len(b.GetTimers()), len(b.GetGuards())} {
		d.most(what+": behaviour", n, 60)
	}
	if d.err != nil {
		return out
	}
	for _, k := range b.GetCommands() {
		at := what + "." + k.GetName()
		out.Commands = append(out.Commands, effect.CommandKind{Name: d.name(what+" command", k.GetName()), Title: d.words(at, k.GetTitle(), true), Scopes: d.scopeKinds(at, k.GetScopes(), true),
			Form: d.document(at, k.GetForm(), maxForm), Dangerous: k.GetDangerous(), NeedsSubject: k.GetNeedsSubject(), Wants: d.wants(at, k)})
	}
	for _, k := range b.GetViews() {
		at := what + "." + k.GetName()
		out.Views = append(out.Views, effect.ViewKind{Name: d.name(what+" view", k.GetName()), Title: d.words(at, k.GetTitle(), true), Scopes: d.scopeKinds(at, k.GetScopes(), true),
			InMenu: k.GetInMenu(), Compares: k.GetCompares(), Parameters: d.document(at, k.GetParameters(), maxForm), TablesAsFiles: k.GetTablesAsFiles(), Wants: d.wants(at, k)})
	}
	for _, k := range b.GetEvents() {
		out.Events = append(out.Events, effect.EventInterest{Name: d.needText(what+" event", k.GetName(), 100), Wants: d.wants(what+"."+k.GetName(), k)})
	}
	for _, k := range b.GetTimers() {
		out.Timers = append(out.Timers, effect.TimerKind{Name: d.name(what+" timer", k.GetName()), Title: d.words(what, k.GetTitle(), false), Wants: d.wants(what+"."+k.GetName(), k)})
	}
	for _, k := range b.GetGuards() {
		g := effect.GuardKind{Command: d.needText(what+" guard", k.GetCommand(), 100), Wants: d.wants(what+"."+k.GetCommand(), k)}
		switch k.GetMode() {
		case pluginv1.GuardMode_GUARD_MODE_REQUIRED:
			g.Mode = effect.Required
		case pluginv1.GuardMode_GUARD_MODE_ADVISORY:
			g.Mode = effect.Advisory
		default:
			d.fail("%s: guard %s: unknown mode %d", what, k.GetCommand(), k.GetMode())
		}
		out.Guards = append(out.Guards, g)
	}
	return out
}
