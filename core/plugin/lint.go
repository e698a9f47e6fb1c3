package plugin

import (
	"errors"
	"fmt"
	"slices"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/plugins/sdk"
)

// lint checks that a description makes sense as a whole and fits its manifest;
// single fields were checked when it was read from the wire. All that is wrong
// comes back joined, for the module's author.
func lint(m *bundle.Manifest, d *effect.Description) error {
	l := &linter{d: d, names: map[string]bool{}}
	if d.Module != m.ID || d.Version != m.Version {
		l.bad("it says that it is %s %s, its manifest %s %s", d.Module, d.Version, m.ID, m.Version)
	}
	if d.ContractRevision < 1 || m.Contract.From > sdk.ContractRevision || m.Contract.To < sdk.ContractRevision {
		l.bad("it speaks contract revisions %d to %d, this core %d", m.Contract.From, m.Contract.To, sdk.ContractRevision)
	}
	l.form("configuration", d.Configuration)
	if err := lintConfiguration(d.Configuration); err != nil {
		l.errs = append(l.errs, err)
	}
	for i := range d.RecordKinds {
		l.recordKind(&d.RecordKinds[i])
	}
	for i := range d.NetworkTypes {
		t := &d.NetworkTypes[i]
		l.scopeType("network type "+t.Name, t.Name, t.Stages, t.FoundingForm, t.HomeView, &t.Behaviour)
		if _, ok := t.Behaviour.View(t.PublicView); t.PublicView != "" && !ok {
			l.bad("network type %s: public view %s is not described", t.Name, t.PublicView)
		}
	}
	for i := range d.ProgrammeTypes {
		t := &d.ProgrammeTypes[i]
		l.scopeType("programme type "+t.Name, t.Name, t.Stages, t.FoundingForm, t.HomeView, &t.Behaviour)
	}
	for i := range d.TaskTypes {
		t := &d.TaskTypes[i]
		l.typeName(t.Name)
		l.form("task type "+t.Name, t.Form)
		l.behaviour("task type "+t.Name, &t.Behaviour)
	}
	for i := range d.ToolTypes {
		l.typeName(d.ToolTypes[i].Name)
	}
	seen := map[string]bool{}
	for i := range d.JobKinds {
		k := &d.JobKinds[i]
		if seen[k.Name] {
			l.bad("job kind %s twice", k.Name)
		}
		seen[k.Name] = true
		l.wants("job kind "+k.Name, k.Wants)
	}
	l.roles(m.Roles)
	return errors.Join(l.errs...)
}

type linter struct {
	d     *effect.Description
	names map[string]bool
	errs  []error
}

func (l *linter) bad(format string, args ...any) {
	if len(l.errs) < 50 {
		l.errs = append(l.errs, fmt.Errorf(format, args...))
	}
}

// typeName: types of all sorts share one space of names, since a call names
// only the type.
func (l *linter) typeName(name string) {
	if l.names[name] {
		l.bad("two types named %s", name)
	}
	l.names[name] = true
}

func (l *linter) form(what string, d effect.Document) {
	if d.IsZero() {
		return
	}
	if d.Revision < 1 {
		l.bad("%s: its form has no revision", what)
	}
	if _, err := form.Decode(d.JSON); err != nil {
		l.bad("%s: form: %w", what, err)
	}
}

func (l *linter) recordKind(k *effect.RecordKind) {
	what := "record kind " + k.Name
	n := 0
	for i := range l.d.RecordKinds {
		if l.d.RecordKinds[i].Name == k.Name {
			n++
		}
	}
	if n > 1 {
		l.bad("%s twice", what)
	}
	l.form(what, k.Form)
	fields := map[string]bool{}
	for _, f := range k.IndexFields {
		if fields[f.Name] {
			l.bad("%s: index field %s twice", what, f.Name)
		}
		fields[f.Name] = true
	}
	for _, key := range k.UniqueKeys {
		for _, f := range key {
			if !fields[f] {
				l.bad("%s: unique key of %q, which is no index field", what, f)
			}
		}
	}
}

func (l *linter) scopeType(what, name string, stages []effect.Stage, founding effect.Document, home string, b *effect.Behaviour) {
	l.typeName(name)
	if len(stages) == 0 {
		l.bad("%s: no stages", what)
	}
	seen := map[string]bool{}
	for _, s := range stages {
		if seen[s.Name] {
			l.bad("%s: stage %s twice", what, s.Name)
		}
		seen[s.Name] = true
	}
	l.form(what, founding)
	if _, ok := b.View(home); home != "" && !ok {
		l.bad("%s: home view %s is not described", what, home)
	}
	l.behaviour(what, b)
}

func (l *linter) behaviour(what string, b *effect.Behaviour) {
	seen := map[string]bool{}
	once := func(sort, name string) string {
		key := sort + " " + name
		if seen[key] {
			l.bad("%s: %s twice", what, key)
		}
		seen[key] = true
		return what + ": " + key
	}
	for i := range b.Commands {
		at := once("command", b.Commands[i].Name)
		l.form(at, b.Commands[i].Form)
		l.wants(at, b.Commands[i].Wants)
	}
	for i := range b.Views {
		at := once("view", b.Views[i].Name)
		l.parameters(at, b.Views[i].Parameters)
		l.wants(at, b.Views[i].Wants)
	}
	for i := range b.Events {
		l.wants(once("event", b.Events[i].Name), b.Events[i].Wants)
	}
	for i := range b.Timers {
		l.wants(once("timer", b.Timers[i].Name), b.Timers[i].Wants)
	}
	for i := range b.Guards {
		l.wants(once("guard", b.Guards[i].Command), b.Guards[i].Wants)
	}
}

// mostParameters is how many things a view can be asked for.
const mostParameters = 10

// parameters: what a view can be asked for stands in the address of its page, so
// only short answers of one word or choice do.
func (l *linter) parameters(what string, d effect.Document) {
	if d.IsZero() {
		return
	}
	f, err := form.Decode(d.JSON)
	if err != nil {
		l.bad("%s: parameters: %w", what, err)
		return
	}
	if len(f.Items) > mostParameters {
		l.bad("%s: %d parameters, at most %d", what, len(f.Items), mostParameters)
	}
	for _, i := range f.Items {
		switch {
		case i.Type != form.TypeText && i.Type != form.TypeInteger && i.Type != form.TypeDate && i.Type != form.TypeChoice:
			l.bad("%s: parameter %s of type %s", what, i.ID, i.Type)
		case i.ID == "tabela":
			l.bad("%s: the parameter %s is the platform's own", what, i.ID)
		case i.Required || i.When != nil:
			l.bad("%s: parameter %s is required or has a condition", what, i.ID)
		}
	}
}

// wants: slices name kinds that exist and fields that they have.
func (l *linter) wants(what string, w effect.Wants) {
	for _, s := range w.Slices {
		var fields []string
		for _, o := range s.Order {
			fields = append(fields, o.Field)
		}
		l.source(what+": slice "+s.Name, s.Source, s.Kind, s.Filters, fields)
	}
	for _, a := range w.Aggregates {
		fields := slices.Clone(a.By)
		if a.Field != "" {
			fields = append(fields, a.Field)
		}
		l.source(what+": aggregate "+a.Name, a.Source, a.Kind, a.Filters, fields)
	}
}

func (l *linter) source(what string, s effect.Source, kind string, filters []effect.Filter, fields []string) {
	for _, f := range filters {
		fields = append(fields, f.Field)
	}
	switch s {
	case effect.SourceTask:
		if _, ok := l.d.TaskType(kind); kind != "" && !ok {
			l.bad("%s: unknown task type %s", what, kind)
		}
	case effect.SourceRecord:
		k, ok := l.d.RecordKind(kind)
		if !ok {
			l.bad("%s: unknown record kind %q", what, kind)
			return
		}
		for _, f := range fields {
			known := f[0] == '@' || slices.ContainsFunc(k.IndexFields, func(x effect.IndexField) bool { return x.Name == f })
			if !known {
				l.bad("%s: %s has no index field %s", what, kind, f)
			}
		}
	}
}

// roles: the role map names commands and views that exist.
func (l *linter) roles(list []bundle.Role) {
	commands, views := map[string]bool{"found": true}, map[string]bool{}
	add := func(b *effect.Behaviour) {
		for _, c := range b.Commands {
			commands[c.Name] = true
		}
		for _, v := range b.Views {
			views[v.Name] = true
		}
	}
	for i := range l.d.NetworkTypes {
		add(&l.d.NetworkTypes[i].Behaviour)
	}
	for i := range l.d.ProgrammeTypes {
		add(&l.d.ProgrammeTypes[i].Behaviour)
	}
	for i := range l.d.TaskTypes {
		add(&l.d.TaskTypes[i].Behaviour)
	}
	for _, r := range list {
		for _, c := range r.Commands {
			if !commands[c] {
				l.bad("role %s: no command %s", r.Role, c)
			}
		}
		for _, v := range r.Views {
			if !views[v] {
				l.bad("role %s: no view %s", r.Role, v)
			}
		}
	}
}
