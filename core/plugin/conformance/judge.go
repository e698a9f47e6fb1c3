package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

func object(data map[string]any) effect.Document {
	raw, err := json.Marshal(data)
	if err != nil {
		return effect.Document{JSON: []byte("{}"), Revision: 1}
	}
	return effect.Document{JSON: raw, Revision: 1}
}

// holds reports whether the manifest asks for the capability on the kind of scope.
func (s *suite) holds(name string, kind effect.ScopeKind) bool {
	for _, c := range s.b.Manifest.Capabilities {
		if c.Name == name && slices.Contains(c.Scopes, kind) {
			return true
		}
	}
	return false
}

// roleHolds reports whether the role map lets the role bring the effect about.
func (s *suite) roleHolds(role string, k effect.Kind) bool {
	for _, r := range s.b.Manifest.Roles {
		if r.Role == role && slices.Contains(r.Effects, string(k)) {
			return true
		}
	}
	return false
}

// judged is one answer whose effects are held against what the engine and the
// owners of the effects will hold them against.
type judged struct {
	s *suite
	a *asked
	f *found
	// made are scopes and rows that earlier effects of the answer make.
	made    map[uuid.UUID]bool
	records map[uuid.UUID]string // kinds of records made
}

// judge looks at all effects of an answer.
func (s *suite) judge(f *found, a *asked) {
	answer, ok := a.reply.(*effect.Answer)
	if !ok {
		return
	}
	j := &judged{s: s, a: a, f: f, made: map[uuid.UUID]bool{}, records: map[uuid.UUID]string{}}
	if c, ok := a.input.(effect.Command); ok && c.Name == "renew" {
		// Next year's network: the core makes it before the decision's effects.
		j.made[effect.HandleID(a.snap.Decision, "successor")] = true
	}
	for _, v := range answer.DependsOn {
		if _, known := a.w.rows[v.ID]; !known {
			j.bad("", "it depends on a row that it was not given: %s", v.ID)
		}
	}
	for _, it := range answer.Effects {
		if it.Effect == nil {
			continue
		}
		j.effect(it)
		id := effect.HandleID(a.snap.Decision, it.Handle)
		j.made[id] = true
		if c, ok := it.Effect.(*effect.NetworkConvert); ok {
			for _, t := range c.Targets {
				j.made[t.ID] = true
			}
		}
		if p, ok := it.Effect.(*effect.RecordPut); ok {
			j.records[id] = p.RecordKind
		}
	}
	if _, job := a.input.(effect.JobPage); job != (answer.Job != nil) && answer.Need == nil && len(answer.Diagnostics) == 0 {
		j.bad("", "progress of a job: given %t, wanted %t", answer.Job != nil, job)
	}
}

func (j *judged) bad(handle, format string, args ...any) {
	if handle != "" {
		handle = "effect " + handle + ": "
	}
	j.f.bad("%s: %s%s", j.a, handle, fmt.Sprintf(format, args...))
}

func (j *judged) effect(it effect.Item) {
	kind, at := it.Effect.Kind(), it.Effect.Target()
	if !j.s.holds(string(kind), at.Kind) {
		j.bad(it.Handle, "%s on a %s is not among the capabilities of the manifest", kind, at.Kind)
	} else if j.a.t.given && !j.s.roleHolds(j.a.t.role, kind) {
		j.bad(it.Handle, "the role map lets %q ask for it, but gives that role no %s", j.a.t.role, kind)
	}
	if !j.a.w.writable(at) && !j.made[at.ID] && at.Kind != effect.Membership {
		j.bad(it.Handle, "%s was not handed out as writable", at)
	}
	j.refers(it)
	d := j.s.d
	switch e := it.Effect.(type) {
	case *effect.RecordPut:
		j.put(it.Handle, e)
	case *effect.RecordRevise:
		if kind := j.kindOf(e.Record); kind != nil {
			j.data(it.Handle, kind, e.Data, e.Index)
		}
	case *effect.StageSet:
		for _, name := range []string{e.From, e.To} {
			if len(j.a.t.stages) > 0 && !slices.Contains(j.a.t.stages, name) && j.a.w.base.Scope == e.Scope {
				j.bad(it.Handle, "the type has no stage %q", name)
			}
		}
	case *effect.TaskCreate:
		if t, ok := d.TaskType(e.Type); !ok {
			j.bad(it.Handle, "there is no task type %q", e.Type)
		} else if e.Assignee.Kind != "" && !slices.Contains(t.Assignees, e.Assignee.Kind) {
			j.bad(it.Handle, "tasks %q are not for a %s", e.Type, e.Assignee.Kind)
		}
	case *effect.JobSchedule:
		if _, ok := d.JobKind(e.JobKind); !ok {
			j.bad(it.Handle, "there is no job kind %q", e.JobKind)
		}
	case *effect.TimerSet:
		if _, ok := j.a.t.behaviour.Timer(e.Name); !ok {
			j.bad(it.Handle, "the type has no timer %q", e.Name)
		}
	case *effect.Notify:
		if _, ok := j.a.t.behaviour.View(e.View); e.View != "" && !ok {
			j.bad(it.Handle, "the type has no view %q", e.View)
		}
	case *effect.NetworkCreate:
		if _, ok := d.NetworkType(e.Type); !ok {
			j.bad(it.Handle, "there is no network type %q", e.Type)
		}
	}
}

// refers looks whether rows that an effect changes were handed out, or made by it.
func (j *judged) refers(it effect.Item) {
	var row uuid.UUID
	var version int64
	switch e := it.Effect.(type) {
	case *effect.RecordRevise:
		row, version = e.Record, e.Version
	case *effect.RecordClose:
		row, version = e.Record, e.Version
	case *effect.TaskAssign:
		row, version = e.Task, e.Version
	case *effect.TaskDecide:
		row, version = e.Task, e.Version
	case *effect.MeetingChange:
		row, version = e.Meeting, e.Version
	default:
		return
	}
	have, known := j.a.w.rows[row]
	switch {
	case !known && !j.made[row] && row != j.a.w.subject:
		j.bad(it.Handle, "it changes a row that it was not given: %s", row)
	case known && have.Version != version:
		j.bad(it.Handle, "it changes version %d of a row that it was given at version %d", version, have.Version)
	}
}

func (j *judged) put(handle string, e *effect.RecordPut) {
	k, ok := j.s.d.RecordKind(e.RecordKind)
	if !ok {
		j.bad(handle, "there is no record kind %q", e.RecordKind)
		return
	}
	if !slices.Contains(k.Scopes, e.Scope.Kind) {
		j.bad(handle, "records %q do not lie on a %s", k.Name, e.Scope.Kind)
	}
	j.data(handle, k, e.Data, e.Index)
}

// kindOf is the kind of a record that was handed out or made; nil when it cannot
// be told.
func (j *judged) kindOf(id uuid.UUID) *effect.RecordKind {
	name := j.records[id]
	for i := range j.a.snap.Slices {
		for _, r := range j.a.snap.Slices[i].Rows {
			if r.ID == id && name == "" {
				name = j.a.w.kindOfSlice(j.a.t, j.a.snap.Slices[i].Name)
			}
		}
	}
	k, ok := j.s.d.RecordKind(name)
	if !ok {
		return nil
	}
	return k
}

// kindOfSlice is the record kind that a declared slice reads; "" for one that
// the module asked for later.
func (w *world) kindOfSlice(t *thing, name string) string {
	for i := range t.wants.Slices {
		if t.wants.Slices[i].Name == name {
			return t.wants.Slices[i].Kind
		}
	}
	return ""
}

// data holds a record against its form and its index.
func (j *judged) data(handle string, k *effect.RecordKind, doc effect.Document, index map[string]effect.Value) {
	m := j.s.form(k.Form)
	if m == nil {
		return
	}
	if doc.Revision != k.Form.Revision {
		j.bad(handle, "the record follows revision %d of the form of %q, the description has %d", doc.Revision, k.Name, k.Form.Revision)
	}
	answers, wrong := form.DecodeAnswers(m.form, doc.JSON)
	for _, e := range form.Validate(i18n.English, m.form, answers, form.Final, wrong).Errors {
		j.bad(handle, "the record does not fit the form of %q: %s: %s", k.Name, e.Path, form.Message(i18n.English, e))
	}
	for name, v := range index {
		i := slices.IndexFunc(k.IndexFields, func(x effect.IndexField) bool { return x.Name == name })
		if i < 0 {
			j.bad(handle, "%q has no index field %q", k.Name, name)
			continue
		}
		if v != nil && !typed(k.IndexFields[i].Type, v) {
			j.bad(handle, "index field %q of %q is %s, not %T", name, k.Name, k.IndexFields[i].Type, v)
		}
	}
}

func typed(t effect.FieldType, v effect.Value) (ok bool) {
	switch t {
	case effect.FieldText:
		_, ok = v.(string)
	case effect.FieldInteger:
		_, ok = v.(int64)
	case effect.FieldNumber:
		_, ok = v.(float64)
	case effect.FieldBoolean:
		_, ok = v.(bool)
	case effect.FieldDate:
		_, ok = v.(effect.Date)
	case effect.FieldInstant:
		_, ok = v.(time.Time)
	case effect.FieldRef:
		_, ok = v.(uuid.UUID)
	}
	return ok
}
