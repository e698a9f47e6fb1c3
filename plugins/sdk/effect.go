package sdk

import (
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Doc makes a document of v at the revision of the form that it follows. It
// panics when v cannot be JSON, which is a mistake of the program.
func Doc(v any, revision uint32) *v1.Document {
	if raw, ok := v.(json.RawMessage); ok {
		return &v1.Document{Json: raw, Revision: revision}
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sdk: document: %v", err))
	}
	return &v1.Document{Json: raw, Revision: revision}
}

// PL is a text in Polish and English.
func PL(pl, en string) *v1.Text { return &v1.Text{ByLanguage: map[string]string{"pl": pl, "en": en}} }

// Index makes index fields of Go values: string, int, int64, float64, bool,
// time.Time (an instant), [Day] and [Ref] or [ID] (a reference). nil is no value.
func Index(fields map[string]any) map[string]*v1.Value {
	out := make(map[string]*v1.Value, len(fields))
	for k, f := range fields {
		if v := Val(f); v != nil {
			out[k] = v
		}
	}
	return out
}

// Day is a calendar day as an index value.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// ID is the id of a thing as an index value.
type ID string

// Val makes one typed value; nil for nil.
func Val(f any) *v1.Value {
	switch x := f.(type) {
	case nil:
		return nil
	case string:
		return &v1.Value{Value: &v1.Value_Text{Text: x}}
	case int:
		return &v1.Value{Value: &v1.Value_Integer{Integer: int64(x)}}
	case int64:
		return &v1.Value{Value: &v1.Value_Integer{Integer: x}}
	case float64:
		return &v1.Value{Value: &v1.Value_Number{Number: x}}
	case bool:
		return &v1.Value{Value: &v1.Value_Boolean{Boolean: x}}
	case time.Time:
		return &v1.Value{Value: &v1.Value_Instant{Instant: timestamppb.New(x)}}
	case Day:
		return &v1.Value{Value: &v1.Value_Date{Date: &v1.Date{Year: int32(x.Year), Month: uint32(x.Month), Day: uint32(x.Day)}}}
	case ID:
		return &v1.Value{Value: &v1.Value_Ref{Ref: string(x)}}
	case Ref:
		return &v1.Value{Value: &v1.Value_Ref{Ref: string(x)}}
	}
	panic(fmt.Sprintf("sdk: no index value of type %T", f))
}

// Network names a network; the id may be a [Ref] as a string, as in the functions below.
func Network(id string) *v1.Scope { return scope(v1.ScopeKind_SCOPE_KIND_NETWORK, id) }

// Group names a group.
func Group(id string) *v1.Scope { return scope(v1.ScopeKind_SCOPE_KIND_GROUP, id) }

// Programme names a programme.
func Programme(id string) *v1.Scope { return scope(v1.ScopeKind_SCOPE_KIND_PROGRAMME, id) }

// Membership names a membership.
func Membership(id string) *v1.Scope { return scope(v1.ScopeKind_SCOPE_KIND_MEMBERSHIP, id) }

func scope(k v1.ScopeKind, id string) *v1.Scope { return &v1.Scope{Kind: k, Id: id} }

// PutRecord makes a record of a kind.
func (a *Answer) PutRecord(handle string, at *v1.Scope, kind string, data *v1.Document, index map[string]*v1.Value) Ref {
	return a.Effect(handle, &v1.Effect{Kind: &v1.Effect_RecordPut{RecordPut: &v1.RecordPut{Scope: at, Kind: kind, Data: data, Index: index}}})
}

// ReviseRecord replaces the data and index of the row's record.
func (a *Answer) ReviseRecord(handle string, r Row, data *v1.Document, index map[string]*v1.Value) Ref {
	return a.Effect(handle, &v1.Effect{Kind: &v1.Effect_RecordRevise{RecordRevise: &v1.RecordRevise{
		Scope: r.GetScope(), RecordId: r.GetId(), Version: r.GetVersion(), Data: data, Index: index,
	}}})
}

// CloseRecord makes the row's record final.
func (a *Answer) CloseRecord(handle string, r Row, note string) Ref {
	return a.Effect(handle, &v1.Effect{Kind: &v1.Effect_RecordClose{RecordClose: &v1.RecordClose{
		Scope: r.GetScope(), RecordId: r.GetId(), Version: r.GetVersion(), Note: note,
	}}})
}

// SetStage moves a network or programme to another stage.
func (a *Answer) SetStage(at *v1.Scope, from, to string) Ref {
	return a.Effect("stage", &v1.Effect{Kind: &v1.Effect_StageSet{StageSet: &v1.StageSet{Scope: at, From: from, To: to}}})
}

// NewTask is the content of a task to be made.
type NewTask struct {
	Type, Title, Instructions string
	// Due is when it should be handed in; zero = no date.
	Due time.Time
	// One of them, or none for a task assigned later. Network means everybody.
	Person, Group, Network string
}

// CreateTask makes a task.
func (a *Answer) CreateTask(handle string, at *v1.Scope, t NewTask) Ref {
	c := &v1.TaskCreate{Scope: at, Type: t.Type, Title: t.Title, Instructions: t.Instructions, DueAt: instant(t.Due)}
	switch {
	case t.Person != "":
		c.Assignee = &v1.Assignee{Assignee: &v1.Assignee_PersonId{PersonId: t.Person}}
	case t.Group != "":
		c.Assignee = &v1.Assignee{Assignee: &v1.Assignee_GroupId{GroupId: t.Group}}
	case t.Network != "":
		c.Assignee = &v1.Assignee{Assignee: &v1.Assignee_NetworkId{NetworkId: t.Network}}
	}
	return a.Effect(handle, &v1.Effect{Kind: &v1.Effect_TaskCreate{TaskCreate: c}})
}

// SetTimer asks to be called at a time; the timer of the same name and key in
// the scope is moved.
func (a *Answer) SetTimer(at *v1.Scope, name, key string, when time.Time, data *v1.Document) Ref {
	return a.Effect("", &v1.Effect{Kind: &v1.Effect_TimerSet{TimerSet: &v1.TimerSet{Scope: at, Name: name, Key: key, At: timestamppb.New(when), Data: data}}})
}

// CancelTimer ends a timer.
func (a *Answer) CancelTimer(at *v1.Scope, name, key string) Ref {
	return a.Effect("", &v1.Effect{Kind: &v1.Effect_TimerCancel{TimerCancel: &v1.TimerCancel{Scope: at, Name: name, Key: key}}})
}

// NotifyRole sends a message to all who hold the role in the scope.
func (a *Answer) NotifyRole(at *v1.Scope, role string, subject, body *v1.Text, view string) Ref {
	return a.Effect("", &v1.Effect{Kind: &v1.Effect_Notify{Notify: &v1.Notify{
		Scope: at, To: &v1.Notify_Role{Role: role}, Subject: subject, Body: body, View: view,
	}}})
}

// NotifyPerson sends a message to one person.
func (a *Answer) NotifyPerson(at *v1.Scope, person string, subject, body *v1.Text, view string) Ref {
	return a.Effect("", &v1.Effect{Kind: &v1.Effect_Notify{Notify: &v1.Notify{
		Scope: at, To: &v1.Notify_PersonId{PersonId: person}, Subject: subject, Body: body, View: view,
	}}})
}

// Note adds an entry to the audit log of the scope.
func (a *Answer) Note(at *v1.Scope, code, subject string) Ref {
	return a.Effect("", &v1.Effect{Kind: &v1.Effect_AuditNote{AuditNote: &v1.AuditNote{Scope: at, Code: code, SubjectId: subject}}})
}

func instant(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
