package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/facade"
)

// sort says how a thing is asked.
type sort string

const (
	aCommand sort = "command"
	anEvent  sort = "event"
	aTimer   sort = "timer"
	aJob     sort = "job"
	aView    sort = "view"
	aGuard   sort = "guard"
)

// systemRole is the role of what nobody asks for: events, timers, jobs.
const systemRole = "system"

// thing is one thing that the module can be asked: a command, a view, …
type thing struct {
	sort   sort
	typ    string // local name of the type that is asked
	name   string
	scopes []effect.ScopeKind
	wants  effect.Wants
	form   effect.Document
	view   *effect.ViewKind
	// home is the type of the network or programme in which it is asked, with its
	// stages and a kind of group.
	home      string
	programme bool
	stages    []string
	group     string
	// role is who asks: one to whom the manifest gives it.
	role string
	// given: the manifest gives it to a role at all.
	given     bool
	behaviour *effect.Behaviour
}

func (t *thing) key() string { return string(t.sort) + " " + t.typ + "." + t.name }

// decides reports whether it is asked by Decide.
func (t *thing) decides() bool { return t.sort != aView && t.sort != aGuard }

// collect lists everything that the description offers.
func (s *suite) collect() {
	d := s.d
	for i := range d.NetworkTypes {
		n := &d.NetworkTypes[i]
		s.under(thing{typ: n.Name, home: n.Name, stages: names(n.Stages), group: groupOf(n.GroupKinds), behaviour: &n.Behaviour, scopes: []effect.ScopeKind{effect.Network}}, n.FoundingForm)
	}
	for i := range d.ProgrammeTypes {
		p := &d.ProgrammeTypes[i]
		s.under(thing{typ: p.Name, home: p.Name, programme: true, stages: names(p.Stages), group: groupOf(p.GroupKinds), behaviour: &p.Behaviour, scopes: []effect.ScopeKind{effect.Programme}}, p.FoundingForm)
	}
	at := thing{stages: []string{""}, scopes: []effect.ScopeKind{effect.Network}}
	if len(d.NetworkTypes) > 0 {
		at.home, at.group = d.NetworkTypes[0].Name, groupOf(d.NetworkTypes[0].GroupKinds)
	} else if len(d.ProgrammeTypes) > 0 {
		at.home, at.group, at.programme = d.ProgrammeTypes[0].Name, groupOf(d.ProgrammeTypes[0].GroupKinds), true
		at.scopes = []effect.ScopeKind{effect.Programme}
	}
	for i := range d.TaskTypes {
		t := at
		t.typ, t.behaviour = d.TaskTypes[i].Name, &d.TaskTypes[i].Behaviour
		s.under(t, effect.Document{})
	}
	for i := range d.JobKinds {
		k := &d.JobKinds[i]
		for _, kind := range k.Scopes {
			t := at
			t.sort, t.name, t.wants, t.scopes, t.role, t.given, t.behaviour = aJob, k.Name, k.Wants, []effect.ScopeKind{kind}, systemRole, true, &effect.Behaviour{}
			if kind == effect.Programme && len(d.ProgrammeTypes) > 0 {
				t.home, t.programme, t.group = d.ProgrammeTypes[0].Name, true, groupOf(d.ProgrammeTypes[0].GroupKinds)
			}
			t.typ = t.home
			if b, ok := d.Behaviour(t.home); ok {
				t.behaviour = b
			}
			s.things = append(s.things, &t)
		}
	}
}

func names(list []effect.Stage) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Name
	}
	return out
}

func groupOf(list []effect.GroupKind) string {
	if len(list) == 0 {
		return ""
	}
	return list[0].Name
}

// under lists what one type answers to; at is where.
func (s *suite) under(at thing, founding effect.Document) {
	b := at.behaviour
	add := func(so sort, name string, w effect.Wants, change func(*thing)) {
		t := at
		t.sort, t.name, t.wants, t.role, t.given = so, name, w, systemRole, true
		if change != nil {
			change(&t)
		}
		s.things = append(s.things, &t)
	}
	for i := range b.Commands {
		k := &b.Commands[i]
		add(aCommand, k.Name, k.Wants, func(t *thing) {
			t.form = k.Form
			if len(k.Scopes) > 0 {
				t.scopes = k.Scopes
			}
			if k.Name == "found" {
				t.form, t.stages = founding, at.stages[:1]
			}
			if task, ok := s.d.TaskType(at.typ); ok && k.Name == "submit" {
				t.form = task.Form
			}
			t.role, t.given = s.mayGive(func(commands, _ []string) bool { return slices.Contains(commands, k.Name) })
		})
	}
	for i := range b.Views {
		k := &b.Views[i]
		add(aView, k.Name, k.Wants, func(t *thing) {
			t.view = k
			if len(k.Scopes) > 0 {
				t.scopes = k.Scopes
			}
			t.role, t.given = s.mayGive(func(_, views []string) bool { return slices.Contains(views, k.Name) })
		})
	}
	for i := range b.Events {
		add(anEvent, b.Events[i].Name, b.Events[i].Wants, nil)
	}
	for i := range b.Timers {
		add(aTimer, b.Timers[i].Name, b.Timers[i].Wants, nil)
	}
	for i := range b.Guards {
		add(aGuard, b.Guards[i].Command, b.Guards[i].Wants, func(t *thing) { t.role = "coordinator" })
	}
}

// mayGive finds the first role of the manifest that holds something.
func (s *suite) mayGive(holds func(commands, views []string) bool) (role string, given bool) {
	for _, r := range s.b.Manifest.Roles {
		if r.Role != systemRole && holds(r.Commands, r.Views) {
			return r.Role, true
		}
	}
	return "coordinator", false
}

// asked is one thing that was asked with what was answered.
type asked struct {
	t     *thing
	w     *world
	stage string
	input effect.Input // of decisions
	snap  *effect.Snapshot
	// reply is *effect.Answer, *effect.RenderAnswer or *effect.GuardAnswer; nil
	// with an error.
	reply  any
	err    error
	rounds int // of need
	took   time.Duration
}

// String names it for authors.
func (a *asked) String() string {
	out := a.t.key() + " (" + string(a.w.shape) + " data"
	if a.stage != "" && len(a.t.stages) > 1 {
		out += ", stage " + a.stage
	}
	return out + ")"
}

// ask invents a world and asks in it, in as many rounds as the module needs
// inside one deadline.
func (s *suite) ask(ctx context.Context, t *thing, sh shape, kind effect.ScopeKind, stage, lang string) *asked {
	w := s.newWorld(t, sh, kind, stage)
	a := &asked{t: t, w: w, stage: stage, snap: w.snapshot(t, lang)}
	w.read(a.snap, t.wants)
	if t.decides() {
		a.input = w.input(t, a.snap)
	}
	v, err := s.module(ctx)
	if err != nil {
		a.err = err
		return a
	}
	within, cancel := context.WithTimeout(ctx, s.c.Call)
	defer cancel()
	start := time.Now()
	for {
		a.reply, a.err = call(within, v, a, a.snap)
		need := needOf(a.reply)
		if a.err != nil || need == nil {
			break
		}
		if a.rounds++; a.rounds > effect.MaxNeeds {
			a.err = fmt.Errorf("%w: after %d rounds it still needs more", errEndless, effect.MaxNeeds)
			break
		}
		next := *a.snap
		next.Round, next.Slices, next.Aggregates = a.rounds, slices.Clone(a.snap.Slices), slices.Clone(a.snap.Aggregates)
		w.read(&next, effect.Wants{Slices: need.Slices, Aggregates: need.Aggregates})
		a.snap = &next
	}
	a.took = time.Since(start)
	s.all = append(s.all, a)
	s.report.Asked++
	s.report.Slowest = max(s.report.Slowest, a.took.Milliseconds())
	if late(a.err) || died(a.err) {
		s.end() // whatever it does, it does no longer
	}
	return a
}

var errEndless = errors.New("need without end")

// call asks once.
func call(ctx context.Context, v *facade.V1, a *asked, snap *effect.Snapshot) (any, error) {
	switch a.t.sort {
	case aView:
		r, err := v.Render(ctx, &effect.RenderAsk{Type: a.t.typ, View: a.t.name, Subject: a.w.subject, Snapshot: snap})
		if err != nil {
			return nil, err
		}
		return r, nil
	case aGuard:
		r, err := v.Guard(ctx, &effect.GuardAsk{Type: a.t.typ, Command: a.t.name, Arguments: a.w.arguments(a.t.name), Snapshot: snap})
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	r, err := v.Decide(ctx, &effect.Ask{Type: a.t.typ, Input: a.input, Snapshot: snap})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// again asks the same once more, after a change to the snapshot.
func (s *suite) again(ctx context.Context, v *facade.V1, a *asked, change func(*effect.Snapshot)) (any, error) {
	snap := *a.snap
	if change != nil {
		change(&snap)
	}
	within, cancel := context.WithTimeout(ctx, s.c.Call)
	defer cancel()
	s.report.Asked++
	return call(within, v, a, &snap)
}

func needOf(reply any) *effect.Need {
	switch r := reply.(type) {
	case *effect.Answer:
		if slices.ContainsFunc(r.Diagnostics, func(d effect.Diagnostic) bool { return d.Severity == effect.SeverityError }) {
			return nil
		}
		return r.Need
	case *effect.RenderAnswer:
		return r.Need
	case *effect.GuardAnswer:
		return r.Need
	}
	return nil
}

func diagnosticsOf(reply any) []effect.Diagnostic {
	switch r := reply.(type) {
	case *effect.Answer:
		return r.Diagnostics
	case *effect.RenderAnswer:
		return r.Diagnostics
	case *effect.GuardAnswer:
		return r.Diagnostics
	}
	return nil
}

// input is what the decision is about.
func (w *world) input(t *thing, snap *effect.Snapshot) effect.Input {
	switch t.sort {
	case anEvent:
		return effect.EventInput{ID: newID(w.rng), Name: t.name, At: today, Data: w.event(t.name), Scope: w.base.Scope}
	case aTimer:
		return effect.TimerInput{ID: newID(w.rng), Name: t.name, Key: newID(w.rng).String(), Due: today, Data: effect.Document{JSON: []byte("{}"), Revision: 1}}
	case aJob:
		return effect.JobPage{Job: newID(w.rng), Name: t.name, Attempt: 1}
	}
	for i := range snap.Slices {
		if src := snap.Slices[i].Source; (src == effect.SourceRecord || src == effect.SourceTask) && len(snap.Slices[i].Rows) > 0 {
			w.subject = snap.Slices[i].Rows[0].ID
			break
		}
	}
	return effect.Command{Name: t.name, Input: w.s.form(t.form).some(w.rng), Subject: w.subject}
}

// event is the object that comes with an event (plugins/proto/SOURCES.md).
func (w *world) event(name string) effect.Document {
	id := func() uuid.UUID { return newID(w.rng) }
	topic, _, _ := strings.Cut(name, ".")
	var data map[string]any
	switch topic {
	case "network", "stage":
		data = map[string]any{"from": "", "to": w.base.Stage}
	case "member":
		data = map[string]any{"person": id(), "membership": id(), "role": "participant"}
	case "record":
		kind := ""
		if len(w.s.d.RecordKinds) > 0 {
			kind = w.s.d.RecordKinds[0].Name
		}
		data = map[string]any{"record": id(), "kind": kind, "version": 1}
	case "task":
		typ := ""
		if len(w.s.d.TaskTypes) > 0 {
			typ = w.s.d.TaskTypes[0].Name
		}
		data = map[string]any{"task": id(), "type": typ, "submission": id()}
	case "group":
		data = map[string]any{"group": id(), "kind": w.base.Kind}
	case "indicator":
		data = map[string]any{"indicator": "plans", "achieved": 3, "target": 7}
	case "meeting":
		data = map[string]any{"meeting": id(), "kind": "working", "starts": today.AddDate(0, 0, 14)}
	default:
		data = map[string]any{"round": id(), "tool": "ore.survey:survey", "invited": 20, "answered": 12}
	}
	return object(data)
}

// arguments are those of a guarded act.
func (w *world) arguments(command string) effect.Document {
	rng := w.s.rng("arguments " + command)
	id := func() uuid.UUID { return newID(rng) }
	switch topic, _, _ := strings.Cut(command, ":"); topic {
	case "network.member":
		return object(map[string]any{"person": id(), "role": "participant"})
	case "network.stage":
		return object(map[string]any{"from": w.base.Stage, "to": w.base.Stage})
	case "task":
		return object(map[string]any{"task": id(), "submission": id()})
	case "meeting":
		return object(map[string]any{"meeting": id(), "kind": "summary", "starts": today})
	}
	return object(map[string]any{"round": id(), "tool": "ore.survey:survey"})
}

// How a call failed, as the platform tells them apart.

func late(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || statusOf(err) == codes.DeadlineExceeded
}

func died(err error) bool { return errors.Is(err, facade.ErrDied) }

// refused is an answer that breaks the contract.
func refused(err error) bool {
	var known *fault.Error
	return errors.As(err, &known) && known.Kind == fault.Internal || statusOf(err) == codes.ResourceExhausted
}

func statusOf(err error) codes.Code {
	var s interface{ GRPCStatus() *status.Status }
	if errors.As(err, &s) {
		return s.GRPCStatus().Code()
	}
	return codes.OK
}
