package effect

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
)

// Kind is the kind of an effect and the name of the capability for it.
type Kind string

// The closed catalogue.
const (
	KindRecordPut        Kind = "record.put"
	KindRecordRevise     Kind = "record.revise"
	KindRecordClose      Kind = "record.close"
	KindStageSet         Kind = "stage.set"
	KindMemberInvite     Kind = "member.invite"
	KindMemberAdd        Kind = "member.add"
	KindMemberRemove     Kind = "member.remove"
	KindRoleGrant        Kind = "role.grant"
	KindRoleRevoke       Kind = "role.revoke"
	KindGroupCreate      Kind = "group.create"
	KindGroupMove        Kind = "group.move"
	KindNetworkCreate    Kind = "network.create"
	KindNetworkConvert   Kind = "network.convert"
	KindMeetingPropose   Kind = "meeting.propose"
	KindMeetingChange    Kind = "meeting.change"
	KindTaskCreate       Kind = "task.create"
	KindTaskAssign       Kind = "task.assign"
	KindTaskDecide       Kind = "task.decide"
	KindJobSchedule      Kind = "job.schedule"
	KindJobCancel        Kind = "job.cancel"
	KindTimerSet         Kind = "timer.set"
	KindTimerCancel      Kind = "timer.cancel"
	KindEvaluationOpen   Kind = "evaluation.open"
	KindEvaluationClose  Kind = "evaluation.close"
	KindDocumentSign     Kind = "document.sign"
	KindIndicatorAchieve Kind = "indicator.achieve"
	KindEscalate         Kind = "escalate"
	KindNotify           Kind = "notify"
	KindAuditNote        Kind = "audit.note"
)

// Kinds is the whole catalogue, in the order of the contract.
var Kinds = []Kind{
	KindRecordPut, KindRecordRevise, KindRecordClose, KindStageSet,
	KindMemberInvite, KindMemberAdd, KindMemberRemove, KindRoleGrant, KindRoleRevoke,
	KindGroupCreate, KindGroupMove, KindNetworkCreate, KindNetworkConvert,
	KindMeetingPropose, KindMeetingChange, KindTaskCreate, KindTaskAssign, KindTaskDecide,
	KindJobSchedule, KindJobCancel, KindTimerSet, KindTimerCancel,
	KindEvaluationOpen, KindEvaluationClose, KindDocumentSign, KindIndicatorAchieve,
	KindEscalate, KindNotify, KindAuditNote,
}

// Permission is what the actor must hold in the effect's scope to bring about
// an effect of kind k through the module; roles get it from the module's role map.
func (k Kind) Permission(module string) access.Permission {
	return access.Permission(access.ModuleObject(module) + "/effect:" + string(k))
}

// CommandPermission is what the actor must hold in the scope to give a command.
func CommandPermission(module, command string) access.Permission {
	return access.Permission(access.ModuleObject(module) + "/command:" + command)
}

// ViewPermission is what the actor must hold in the scope to see a view.
func ViewPermission(module, view string) access.Permission {
	return access.Permission(access.ModuleObject(module) + "/view:" + view)
}

// SystemRole is the role of system-for-module: timers, events and jobs of the
// module hold it everywhere the module's types are, and nothing else.
func SystemRole(module string) access.Role { return access.Role("system." + module) }

// Effect is one member of the catalogue: a pointer to one of the structs below.
// Kinds of records, tasks, timers, views and groups are local names of the module.
type Effect interface {
	// Kind is the effect's kind.
	Kind() Kind
	// Target is the scope for which capability and permission are checked.
	Target() Scope
}

// RecordPut makes a record whose id is the effect's id.
type RecordPut struct {
	Scope      Scope
	RecordKind string
	Data       Document
	Index      map[string]Value
	// Person is whose record it is; uuid.Nil = the scope's.
	Person uuid.UUID
}

// RecordRevise replaces data and index of an open record at Version. Version 0
// is for a record made earlier in the same decision.
type RecordRevise struct {
	Scope   Scope
	Record  uuid.UUID
	Version int64
	Data    Document
	Index   map[string]Value
}

// RecordClose makes a record final.
type RecordClose struct {
	Scope   Scope
	Record  uuid.UUID
	Version int64
	Note    string
}

// StageSet moves a network or programme from one stage to another; when it is
// not in From, the applier returns [ErrStale].
type StageSet struct {
	Scope    Scope
	From, To string
}

// MemberInvite invites a person, an address or an institution: exactly one is set.
type MemberInvite struct {
	Scope       Scope
	Person      uuid.UUID
	Email       string
	Institution uuid.UUID
	Role        string
	Message     string
}

// MemberAdd makes a person a member at once. Empty role = participant.
type MemberAdd struct {
	Scope  Scope
	Person uuid.UUID
	Role   string
}

// MemberRemove ends a membership.
type MemberRemove struct {
	Scope  Scope
	Person uuid.UUID
	Reason string
}

// RoleGrant gives a role in the scope; zero times = at once, for ever.
type RoleGrant struct {
	Scope       Scope
	Person      uuid.UUID
	Role        string
	From, Until time.Time
}

// RoleRevoke ends a role in the scope.
type RoleRevoke struct {
	Scope  Scope
	Person uuid.UUID
	Role   string
}

// GroupCreate makes a group in Scope, whose id is the effect's id.
type GroupCreate struct {
	Scope     Scope
	GroupKind string
	Name      string
}

// GroupMove puts the group Scope under another parent of the same programme.
type GroupMove struct{ Scope, To Scope }

// NetworkCreate makes a network in the programme Scope.
type NetworkCreate struct {
	Scope       Scope
	Type        string // local name
	Name        string
	Founding    Document
	Coordinator uuid.UUID
}

// NetworkConvert replaces networks of the programme Scope by successors.
type NetworkConvert struct {
	Scope   Scope
	Sources []ConvertSource
	Targets []ConvertTarget
	Groups  []GroupAssignment
	Roles   []RoleMapping
	Records []RecordMapping
}

// ConvertSource is a network that ends.
type ConvertSource struct {
	Network uuid.UUID
	Version int64
}

// ConvertTarget is a network that begins; its id is HandleID(decision, handle+"."+Key).
type ConvertTarget struct {
	ID       uuid.UUID
	Key      string
	Type     string
	Name     string
	Founding Document
}

// GroupAssignment says where a group goes.
type GroupAssignment struct {
	Group  uuid.UUID
	Target string
}

// RoleMapping says what becomes of a role held on sources.
type RoleMapping struct {
	From, To string
	Source   uuid.UUID
	Target   string
}

// RecordMapping says what becomes of records of a kind.
type RecordMapping struct{ FromKind, ToKind, Target string }

// MeetingPropose makes a meeting whose id is the effect's id.
type MeetingPropose struct {
	Scope       Scope
	MeetingKind string
	Title       string
	Starts      time.Time
	Minutes     int
	Place       string
	Agenda      []AgendaItem
}

// AgendaItem is a fixed item of a meeting's agenda.
type AgendaItem struct {
	Title   string
	Minutes int
	Leader  uuid.UUID
}

// MeetingChange changes or cancels a meeting; zero fields stay as they are.
type MeetingChange struct {
	Scope     Scope
	Meeting   uuid.UUID
	Version   int64
	Starts    time.Time
	Minutes   int
	Place     string
	Cancelled bool
	Reason    string
}

// AssigneeKind says whose a task is.
type AssigneeKind string

// The kinds of assignee.
const (
	AssigneePerson  AssigneeKind = "person"
	AssigneeGroup   AssigneeKind = "group"
	AssigneeNetwork AssigneeKind = "network"
)

// Assignee is whose a task is; the zero value means nobody's yet.
type Assignee struct {
	Kind AssigneeKind
	ID   uuid.UUID
}

// TaskCreate makes a task whose id is the effect's id.
type TaskCreate struct {
	Scope        Scope
	Type         string // local name
	Title        string
	Instructions string
	Assignee     Assignee
	Due          time.Time
}

// TaskAssign gives a task to somebody (else), with a date.
type TaskAssign struct {
	Scope    Scope
	Task     uuid.UUID
	Version  int64
	Assignee Assignee
	Due      time.Time
}

// Verdict is how a submission is judged.
type Verdict string

// The verdicts.
const (
	Accepted  Verdict = "accepted"
	Returned  Verdict = "returned"
	Escalated Verdict = "escalated"
)

// TaskDecide judges a submission.
type TaskDecide struct {
	Scope      Scope
	Task       uuid.UUID
	Version    int64
	Submission uuid.UUID
	Verdict    Verdict
	Remarks    []Remark
	Due        time.Time
}

// Remark anchors to a place of a submission.
type Remark struct {
	Path   string `json:"path,omitempty"`
	Quote  string `json:"quote,omitempty"`
	Offset int    `json:"offset,omitempty"` // Unicode code points
	Text   string `json:"text"`
}

// JobSchedule runs a job kind once; the job's id is the effect's id.
type JobSchedule struct {
	Scope   Scope
	JobKind string
	Input   Document
	At      time.Time // zero = at once
}

// JobCancel cancels a job.
type JobCancel struct {
	Scope Scope
	Job   uuid.UUID
}

// TimerSet sets or moves the timer (Scope, Name, Key).
type TimerSet struct {
	Scope Scope
	Name  string
	Key   string
	At    time.Time
	Data  Document
}

// TimerCancel ends a timer; one that does not exist is no error.
type TimerCancel struct {
	Scope     Scope
	Name, Key string
}

// EvaluationOpen opens an evaluation round.
type EvaluationOpen struct {
	Scope  Scope
	Tool   string // qualified
	Design Document
	Closes time.Time
}

// EvaluationClose closes an evaluation round.
type EvaluationClose struct {
	Scope Scope
	Round uuid.UUID
}

// DocumentSign asks people to sign a version of a record.
type DocumentSign struct {
	Scope     Scope
	Record    uuid.UUID
	Version   int64
	Signers   []uuid.UUID
	Statement Text
}

// IndicatorAchieve counts towards an indicator of the programme Scope; the
// evidence counts once.
type IndicatorAchieve struct {
	Scope     Scope
	Indicator string
	Amount    int64
	Evidence  uuid.UUID
	Group     uuid.UUID
}

// Escalate tells those above and those concerned at the same time.
type Escalate struct {
	Scope   Scope
	ToRole  string
	Subject uuid.UUID
	Text    string
}

// Notify sends a message to a person, the holders of a role in the scope, or
// the members of a group: exactly one is set.
type Notify struct {
	Scope   Scope
	Person  uuid.UUID
	Role    string
	Group   uuid.UUID
	Subject Text
	Body    Text
	View    string
}

// AuditNote adds an entry to the audit log of the scope.
type AuditNote struct {
	Scope   Scope
	Code    string
	Subject uuid.UUID
}

// Text is a sentence for people by language; "pl" is always there.
type Text map[string]string

// In is the text in the language, or in Polish.
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	return t["pl"]
}
