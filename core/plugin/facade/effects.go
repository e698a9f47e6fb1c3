package facade

import (
	"net/mail"
	"strings"

	"ore.edu.pl/sieci/core/effect"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

func (d *decoder) effects(list []*pluginv1.Effect) []effect.Item {
	d.handles = make(map[string]bool, len(list))
	out := make([]effect.Item, 0, len(list))
	for _, m := range list {
		if d.err != nil {
			return nil
		}
		h := d.name("effect handle", m.GetHandle())
		if d.handles[h] {
			d.fail("effect %s: handle used twice", h)
		}
		// Read before the handle is known: an effect cannot refer to itself.
		e := d.effect(h, m)
		d.handles[h] = true
		out = append(out, effect.Item{Handle: h, Effect: e})
	}
	return out
}

func (d *decoder) effect(h string, m *pluginv1.Effect) effect.Effect {
	switch k := m.GetKind().(type) {
	case *pluginv1.Effect_RecordPut:
		return d.recordPut(h, k.RecordPut)
	case *pluginv1.Effect_RecordRevise:
		e := k.RecordRevise
		return &effect.RecordRevise{Scope: d.scope(h, e.GetScope()), Record: d.needID(h, e.GetRecordId()), Version: d.version(h, e.GetVersion()),
			Data: d.needDocument(h, e.GetData(), maxAnswers), Index: d.index(h, e.GetIndex())}
	case *pluginv1.Effect_RecordClose:
		e := k.RecordClose
		return &effect.RecordClose{Scope: d.scope(h, e.GetScope()), Record: d.needID(h, e.GetRecordId()), Version: d.version(h, e.GetVersion()), Note: d.text(h, e.GetNote(), 500)}
	case *pluginv1.Effect_StageSet:
		e := k.StageSet
		return &effect.StageSet{Scope: d.scope(h, e.GetScope()), From: d.name(h, e.GetFrom()), To: d.name(h, e.GetTo())}
	case *pluginv1.Effect_MemberInvite, *pluginv1.Effect_MemberAdd, *pluginv1.Effect_MemberRemove,
		*pluginv1.Effect_RoleGrant, *pluginv1.Effect_RoleRevoke:
		return d.people(h, m)
	case *pluginv1.Effect_GroupCreate, *pluginv1.Effect_GroupMove, *pluginv1.Effect_NetworkCreate, *pluginv1.Effect_NetworkConvert:
		return d.structure(h, m)
	case *pluginv1.Effect_MeetingPropose, *pluginv1.Effect_MeetingChange:
		return d.meeting(h, m)
	case *pluginv1.Effect_TaskCreate, *pluginv1.Effect_TaskAssign, *pluginv1.Effect_TaskDecide:
		return d.task(h, m)
	case *pluginv1.Effect_JobSchedule, *pluginv1.Effect_JobCancel, *pluginv1.Effect_TimerSet, *pluginv1.Effect_TimerCancel:
		return d.machine(h, m)
	default:
		return d.rest(h, m)
	}
}

func (d *decoder) version(what string, v int64) int64 {
	if v < 0 {
		d.fail("%s: version %d", what, v)
	}
	return v
}

func (d *decoder) recordPut(h string, e *pluginv1.RecordPut) effect.Effect {
	return &effect.RecordPut{Scope: d.scope(h, e.GetScope()), RecordKind: d.name(h, e.GetKind()), Data: d.needDocument(h, e.GetData(), maxAnswers),
		Index: d.index(h, e.GetIndex()), Person: d.id(h, e.GetPersonId())}
}

func (d *decoder) people(h string, m *pluginv1.Effect) effect.Effect {
	switch k := m.GetKind().(type) {
	case *pluginv1.Effect_MemberInvite:
		e := k.MemberInvite
		out := &effect.MemberInvite{Scope: d.scope(h, e.GetScope()), Role: d.maybeName(h, e.GetRole()), Message: d.text(h, e.GetMessage(), 1000)}
		switch w := e.GetInvitee().(type) {
		case *pluginv1.MemberInvite_PersonId:
			out.Person = d.needID(h, w.PersonId)
		case *pluginv1.MemberInvite_Email:
			out.Email = d.email(h, w.Email)
		case *pluginv1.MemberInvite_InstitutionId:
			out.Institution = d.needID(h, w.InstitutionId)
		default:
			d.fail("%s: nobody is invited", h)
		}
		return out
	case *pluginv1.Effect_MemberAdd:
		e := k.MemberAdd
		return &effect.MemberAdd{Scope: d.scope(h, e.GetScope()), Person: d.needID(h, e.GetPersonId()), Role: d.maybeName(h, e.GetRole())}
	case *pluginv1.Effect_MemberRemove:
		e := k.MemberRemove
		return &effect.MemberRemove{Scope: d.scope(h, e.GetScope()), Person: d.needID(h, e.GetPersonId()), Reason: d.needText(h, e.GetReason(), 500)}
	case *pluginv1.Effect_RoleGrant:
		e := k.RoleGrant
		return &effect.RoleGrant{Scope: d.scope(h, e.GetScope()), Person: d.needID(h, e.GetPersonId()), Role: d.name(h, e.GetRole()),
			From: d.time(h, e.GetFrom()), Until: d.time(h, e.GetUntil())}
	case *pluginv1.Effect_RoleRevoke:
		e := k.RoleRevoke
		return &effect.RoleRevoke{Scope: d.scope(h, e.GetScope()), Person: d.needID(h, e.GetPersonId()), Role: d.name(h, e.GetRole())}
	}
	return nil
}

func (d *decoder) email(what, s string) string {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || strings.ContainsAny(s, "\r\n") {
		d.fail("%s: no e-mail address", what)
	}
	return d.text(what, s, 254)
}

func (d *decoder) structure(h string, m *pluginv1.Effect) effect.Effect {
	switch k := m.GetKind().(type) {
	case *pluginv1.Effect_GroupCreate:
		e := k.GroupCreate
		return &effect.GroupCreate{Scope: d.scope(h, e.GetScope()), GroupKind: d.name(h, e.GetKind()), Name: d.needText(h, e.GetName(), 200)}
	case *pluginv1.Effect_GroupMove:
		e := k.GroupMove
		return &effect.GroupMove{Scope: d.scope(h, e.GetScope()), To: d.scope(h, e.GetTo())}
	case *pluginv1.Effect_NetworkCreate:
		e := k.NetworkCreate
		return &effect.NetworkCreate{Scope: d.scope(h, e.GetScope()), Type: d.name(h, e.GetType()), Name: d.needText(h, e.GetName(), 200),
			Founding: d.document(h, e.GetFounding(), maxAnswers), Coordinator: d.id(h, e.GetCoordinatorId())}
	case *pluginv1.Effect_NetworkConvert:
		return d.convert(h, k.NetworkConvert)
	}
	return nil
}

func (d *decoder) convert(h string, e *pluginv1.NetworkConvert) effect.Effect {
	out := &effect.NetworkConvert{Scope: d.scope(h, e.GetScope())}
	if n, t := len(e.GetSources()), len(e.GetTargets()); n == 0 || n > 50 || t == 0 || t > 50 ||
		len(e.GetGroups()) > 5000 || len(e.GetRoles()) > 100 || len(e.GetRecords()) > 100 {
		d.fail("%s: too few or too many parts of a conversion", h)
		return out
	}
	keys := map[string]bool{}
	for _, t := range e.GetTargets() {
		key := d.name(h, t.GetKey())
		if keys[key] {
			d.fail("%s: target %s twice", h, key)
		}
		keys[key] = true
		d.handles[h+"."+key] = true
		out.Targets = append(out.Targets, effect.ConvertTarget{ID: effect.HandleID(d.decision, h+"."+key), Key: key, Type: d.name(h, t.GetType()),
			Name: d.needText(h, t.GetName(), 200), Founding: d.document(h, t.GetFounding(), maxAnswers)})
	}
	target := func(key string, required bool) string {
		if key == "" && !required {
			return ""
		}
		if !keys[key] {
			d.fail("%s: no target %.80q", h, key)
		}
		return key
	}
	for _, s := range e.GetSources() {
		out.Sources = append(out.Sources, effect.ConvertSource{Network: d.needID(h, s.GetNetworkId()), Version: d.version(h, s.GetVersion())})
	}
	for _, g := range e.GetGroups() {
		out.Groups = append(out.Groups, effect.GroupAssignment{Group: d.needID(h, g.GetGroupId()), Target: target(g.GetTarget(), true)})
	}
	for _, r := range e.GetRoles() {
		out.Roles = append(out.Roles, effect.RoleMapping{From: d.name(h, r.GetFrom()), To: d.maybeName(h, r.GetTo()),
			Source: d.id(h, r.GetSourceNetworkId()), Target: target(r.GetTarget(), false)})
	}
	for _, r := range e.GetRecords() {
		out.Records = append(out.Records, effect.RecordMapping{FromKind: d.name(h, r.GetFromKind()), ToKind: d.maybeName(h, r.GetToKind()), Target: target(r.GetTarget(), false)})
	}
	return out
}

// maxMinutes is ten days.
const maxMinutes = 10 * 24 * 60

func (d *decoder) meeting(h string, m *pluginv1.Effect) effect.Effect {
	switch k := m.GetKind().(type) {
	case *pluginv1.Effect_MeetingPropose:
		e := k.MeetingPropose
		if e.GetMinutes() < 15 || e.GetMinutes() > maxMinutes || len(e.GetAgenda()) > 50 {
			d.fail("%s: length or agenda of the meeting", h)
		}
		out := &effect.MeetingPropose{Scope: d.scope(h, e.GetScope()), MeetingKind: d.name(h, e.GetKind()), Title: d.text(h, e.GetTitle(), 200),
			Starts: d.needTime(h, e.GetStartsAt()), Minutes: int(e.GetMinutes()), Place: d.text(h, e.GetPlace(), 500)}
		for _, a := range e.GetAgenda() {
			out.Agenda = append(out.Agenda, effect.AgendaItem{Title: d.needText(h, a.GetTitle(), 200), Minutes: int(min(a.GetMinutes(), maxMinutes)), Leader: d.id(h, a.GetLeaderId())})
		}
		return out
	case *pluginv1.Effect_MeetingChange:
		e := k.MeetingChange
		if e.GetMinutes() != 0 && e.GetMinutes() < 15 || e.GetMinutes() > maxMinutes {
			d.fail("%s: length of the meeting", h)
		}
		return &effect.MeetingChange{Scope: d.scope(h, e.GetScope()), Meeting: d.needID(h, e.GetMeetingId()), Version: d.version(h, e.GetVersion()),
			Starts: d.time(h, e.GetStartsAt()), Minutes: int(e.GetMinutes()), Place: d.text(h, e.GetPlace(), 500), Cancelled: e.GetCancelled(), Reason: d.text(h, e.GetReason(), 500)}
	}
	return nil
}

func (d *decoder) assignee(h string, a *pluginv1.Assignee, required bool) effect.Assignee {
	switch w := a.GetAssignee().(type) {
	case *pluginv1.Assignee_PersonId:
		return effect.Assignee{Kind: effect.AssigneePerson, ID: d.needID(h, w.PersonId)}
	case *pluginv1.Assignee_GroupId:
		return effect.Assignee{Kind: effect.AssigneeGroup, ID: d.needID(h, w.GroupId)}
	case *pluginv1.Assignee_NetworkId:
		return effect.Assignee{Kind: effect.AssigneeNetwork, ID: d.needID(h, w.NetworkId)}
	}
	if required {
		d.fail("%s: no assignee", h)
	}
	return effect.Assignee{}
}

var verdicts = map[pluginv1.TaskVerdict]effect.Verdict{
	pluginv1.TaskVerdict_TASK_VERDICT_ACCEPTED:  effect.Accepted,
	pluginv1.TaskVerdict_TASK_VERDICT_RETURNED:  effect.Returned,
	pluginv1.TaskVerdict_TASK_VERDICT_ESCALATED: effect.Escalated,
}

func (d *decoder) task(h string, m *pluginv1.Effect) effect.Effect {
	switch k := m.GetKind().(type) {
	case *pluginv1.Effect_TaskCreate:
		e := k.TaskCreate
		return &effect.TaskCreate{Scope: d.scope(h, e.GetScope()), Type: d.name(h, e.GetType()), Title: d.needText(h, e.GetTitle(), 200),
			Instructions: d.text(h, e.GetInstructions(), 4000), Assignee: d.assignee(h, e.GetAssignee(), false), Due: d.time(h, e.GetDueAt())}
	case *pluginv1.Effect_TaskAssign:
		e := k.TaskAssign
		return &effect.TaskAssign{Scope: d.scope(h, e.GetScope()), Task: d.needID(h, e.GetTaskId()), Version: d.version(h, e.GetVersion()),
			Assignee: d.assignee(h, e.GetAssignee(), true), Due: d.time(h, e.GetDueAt())}
	case *pluginv1.Effect_TaskDecide:
		e := k.TaskDecide
		out := &effect.TaskDecide{Scope: d.scope(h, e.GetScope()), Task: d.needID(h, e.GetTaskId()), Version: d.version(h, e.GetVersion()),
			Submission: d.id(h, e.GetSubmissionId()), Verdict: verdicts[e.GetVerdict()], Due: d.time(h, e.GetDueAt())}
		if len(e.GetRemarks()) > 100 || out.Verdict == "" ||
			out.Verdict == effect.Returned && (len(e.GetRemarks()) == 0 || out.Due.IsZero()) {
			d.fail("%s: unknown verdict, or a return without remarks and a date", h)
			return out
		}
		for _, r := range e.GetRemarks() {
			out.Remarks = append(out.Remarks, effect.Remark{Path: d.text(h, r.GetPath(), 200), Quote: d.text(h, r.GetQuote(), 500),
				Offset: int(min(r.GetOffset(), maxAnswers)), Text: d.needText(h, r.GetText(), 2000)})
		}
		return out
	}
	return nil
}

func (d *decoder) machine(h string, m *pluginv1.Effect) effect.Effect {
	switch k := m.GetKind().(type) {
	case *pluginv1.Effect_JobSchedule:
		e := k.JobSchedule
		return &effect.JobSchedule{Scope: d.scope(h, e.GetScope()), JobKind: d.name(h, e.GetKind()), Input: d.document(h, e.GetInput(), 64<<10), At: d.time(h, e.GetAt())}
	case *pluginv1.Effect_JobCancel:
		e := k.JobCancel
		return &effect.JobCancel{Scope: d.scope(h, e.GetScope()), Job: d.needID(h, e.GetJobId())}
	case *pluginv1.Effect_TimerSet:
		e := k.TimerSet
		return &effect.TimerSet{Scope: d.scope(h, e.GetScope()), Name: d.name(h, e.GetName()), Key: d.text(h, e.GetKey(), 100),
			At: d.needTime(h, e.GetAt()), Data: d.document(h, e.GetData(), 16<<10)}
	case *pluginv1.Effect_TimerCancel:
		e := k.TimerCancel
		return &effect.TimerCancel{Scope: d.scope(h, e.GetScope()), Name: d.name(h, e.GetName()), Key: d.text(h, e.GetKey(), 100)}
	}
	return nil
}

func (d *decoder) rest(h string, m *pluginv1.Effect) effect.Effect {
	switch k := m.GetKind().(type) {
	case *pluginv1.Effect_EvaluationOpen:
		e := k.EvaluationOpen
		return &effect.EvaluationOpen{Scope: d.scope(h, e.GetScope()), Tool: d.needText(h, e.GetTool(), 130), Design: d.needDocument(h, e.GetDesign(), maxForm), Closes: d.time(h, e.GetClosesAt())}
	case *pluginv1.Effect_EvaluationClose:
		e := k.EvaluationClose
		return &effect.EvaluationClose{Scope: d.scope(h, e.GetScope()), Round: d.needID(h, e.GetRoundId())}
	case *pluginv1.Effect_DocumentSign:
		e := k.DocumentSign
		out := &effect.DocumentSign{Scope: d.scope(h, e.GetScope()), Record: d.needID(h, e.GetRecordId()), Version: d.version(h, e.GetVersion()), Statement: d.words(h, e.GetStatement(), true)}
		if n := len(e.GetSignerIds()); n == 0 || n > 20 {
			d.fail("%s: %d signers", h, n)
			return out
		}
		for _, s := range e.GetSignerIds() {
			out.Signers = append(out.Signers, d.needID(h, s))
		}
		return out
	case *pluginv1.Effect_IndicatorAchieve:
		e := k.IndicatorAchieve
		if e.GetAmount() <= 0 {
			d.fail("%s: amount %d", h, e.GetAmount())
		}
		return &effect.IndicatorAchieve{Scope: d.scope(h, e.GetScope()), Indicator: d.name(h, e.GetIndicator()), Amount: e.GetAmount(),
			Evidence: d.needID(h, e.GetEvidenceId()), Group: d.id(h, e.GetGroupId())}
	case *pluginv1.Effect_Escalate:
		e := k.Escalate
		return &effect.Escalate{Scope: d.scope(h, e.GetScope()), ToRole: d.name(h, e.GetToRole()), Subject: d.id(h, e.GetSubjectId()), Text: d.needText(h, e.GetText(), 2000)}
	case *pluginv1.Effect_Notify:
		return d.notify(h, k.Notify)
	case *pluginv1.Effect_AuditNote:
		e := k.AuditNote
		return &effect.AuditNote{Scope: d.scope(h, e.GetScope()), Code: d.name(h, e.GetCode()), Subject: d.id(h, e.GetSubjectId())}
	}
	d.fail("effect %s: unknown kind", h)
	return nil
}

func (d *decoder) notify(h string, e *pluginv1.Notify) effect.Effect {
	out := &effect.Notify{Scope: d.scope(h, e.GetScope()), Subject: d.words(h, e.GetSubject(), true), Body: d.words(h, e.GetBody(), true), View: d.maybeName(h, e.GetView())}
	for _, s := range out.Subject {
		if strings.ContainsAny(s, "\r\n") {
			d.fail("%s: subject of more than one line", h)
		}
	}
	switch w := e.GetTo().(type) {
	case *pluginv1.Notify_PersonId:
		out.Person = d.needID(h, w.PersonId)
	case *pluginv1.Notify_Role:
		out.Role = d.name(h, w.Role)
	case *pluginv1.Notify_GroupId:
		out.Group = d.needID(h, w.GroupId)
	default:
		d.fail("%s: nobody is told", h)
	}
	return out
}
