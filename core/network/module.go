package network

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/idem"
)

// ReasonError is a refusal that a reason overcomes: the module warns ("a fourth
// teacher of the same school complex"). It unwraps to a fault.Invalid whose
// fields are "reason.<code>"; show the warnings, ask for reasons, and repeat
// the act with them.
type ReasonError struct{ Warnings []effect.Diagnostic }

// Error is for logs.
func (e *ReasonError) Error() string { return "network: a reason is needed: " + e.Unwrap().Error() }

// Unwrap returns the fault that web and API translate.
func (e *ReasonError) Unwrap() error {
	f := &fault.Error{Kind: fault.Invalid, Key: "network.reason_needed"}
	for _, d := range e.Warnings {
		f.Fields = append(f.Fields, fault.Field{Path: ReasonPath(d), Text: d.Text})
	}
	return f
}

// ReasonPath is the name of the field in which a reason for the warning is given.
func ReasonPath(d effect.Diagnostic) string {
	if d.Path == "" {
		return "reason." + d.Code
	}
	return "reason." + d.Code + "." + d.Path
}

// FormPrefix marks the fields of a module's form among the core's own.
const FormPrefix = "form."

// decide asks the module and tells its refusals apart: warnings that a reason
// overcomes become a [ReasonError], fields of its form get their prefix.
func (s *Service) decide(ctx context.Context, a *access.Actor, r *effect.Request) (*effect.Outcome, error) {
	o, err := s.engine.Decide(access.With(ctx, a), r)
	if err == nil {
		return o, nil
	}
	if o != nil && o.Refused && !hasErrors(o.Diagnostics) {
		return o, &ReasonError{Warnings: o.Unacknowledged(r.Acknowledged)}
	}
	return o, prefixed(err)
}

func hasErrors(list []effect.Diagnostic) bool {
	for _, d := range list {
		if d.Severity == effect.SeverityError {
			return true
		}
	}
	return false
}

// prefixed puts the form's prefix before fields that are not the core's own.
func prefixed(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if x.Path != "" && !strings.HasPrefix(x.Key, "network.") {
			x.Path = FormPrefix + x.Path
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

// decisionID is the same for repeats under one idempotency key.
func decisionID(ctx context.Context, a *access.Actor, operation string) (uuid.UUID, error) {
	if key := idem.Key(ctx); key != "" {
		return uuid.NewSHA1(a.Person, []byte(operation+"/"+key)), nil
	}
	return uuid.NewV7()
}

// Action is an act of the module on a network.
type Action struct {
	Command string                   `json:"command"`
	Answers effect.Document          `json:"answers"`
	Subject uuid.UUID                `json:"subject"`
	Reasons []effect.Acknowledgement `json:"reasons"`
	// Version is that of the record that the form was filled from
	// ([Service.Saved]), 0 when there was none; nil = not compared, for callers
	// that read and write in one go.
	Version *int64 `json:"version,omitempty"`
}

// Act gives a command to the network's module in the network's scope, for
// example to go to the next stage. Needs network:view here; what the command
// itself needs the engine checks from the module's role map. Repeating a
// submission (same idempotency key) changes things once.
//
// Errors: NotFound; Invalid with the module's fields ("form.<item>");
// [ReasonError]; Unavailable while the module is down; Conflict when the network
// is over, and when people were faster, with the key "effect.overtaken" when the record is no longer at the
// version.
func (s *Service) Act(ctx context.Context, a *access.Actor, network uuid.UUID, in Action) (*effect.Outcome, error) {
	h, err := s.enter(ctx, a, network, PermView)
	if err != nil {
		return nil, err
	}
	id, err := decisionID(ctx, a, "network.act/"+network.String()+"/"+in.Command)
	if err != nil {
		return nil, err
	}
	if err := h.alive(true); err != nil {
		// The command that ended the network may be sent twice.
		if taken, e := s.engine.Taken(ctx, id); e != nil || !taken {
			return nil, cmp.Or(e, err)
		}
	}
	return s.decide(ctx, a, &effect.Request{
		ID: id, Type: h.qualified(), Scope: h.scope(), Acknowledged: in.Reasons,
		Input: effect.Command{Name: in.Command, Input: in.Answers, Subject: in.Subject}, Filled: in.Version,
	})
}

// Weigh says what stands against a command of the network's module that asks for
// no answers, before anybody gives it: errors will refuse it, warnings will ask
// for a reason ([ReasonPath]), infos are in order. Needs what [Service.Act] needs;
// changes nothing.
func (s *Service) Weigh(ctx context.Context, a *access.Actor, n *Network, command string) ([]effect.Diagnostic, error) {
	if !n.May.View {
		return nil, fault.ErrNotFound
	}
	return s.engine.Weigh(access.With(ctx, a), &effect.Request{Type: n.QualifiedType(), Scope: n.Scope(), Input: effect.Command{Name: command}})
}

// Acted reports whether the form in ctx already gave the command, when it is
// sent again after its draft is gone: somebody pressed the button twice.
func (s *Service) Acted(ctx context.Context, a *access.Actor, network uuid.UUID, command string) (bool, error) {
	if !a.SignedIn() || idem.Key(ctx) == "" {
		return false, nil
	}
	id, err := decisionID(ctx, a, "network.act/"+network.String()+"/"+command)
	if err != nil {
		return false, err
	}
	return s.engine.Taken(ctx, id)
}

// Reachable is nil when the network's module can be asked now: otherwise
// Unavailable, with a sentence that says whether it is down or switched off.
func (s *Service) Reachable(ctx context.Context, n *Network) error {
	return effect.Reachable(ctx, s.modules, n.QualifiedType())
}

// PublicView is the view of the network's module that strangers see of an open
// network; "" when there is none, or while the module is switched off.
func (s *Service) PublicView(n *Network) string {
	info, t := s.ModuleOf(n)
	if t == nil || !info.Enabled || n.Status != Open {
		return ""
	}
	return t.PublicView
}

// Asked is the form of what a view of the network's module can be asked for
// ([effect.ViewKind.Parameters]), nil for nothing; files says whether its tables
// may be taken away.
func (s *Service) Asked(n *Network, view string) (f *form.Form, files bool) {
	_, t := s.ModuleOf(n)
	if t == nil {
		return nil, false
	}
	k, ok := t.Behaviour.View(view)
	if !ok || k.Parameters.IsZero() {
		return nil, ok && k.TablesAsFiles
	}
	f, err := form.Decode(k.Parameters.JSON) // checked when the module was enabled
	if err != nil {
		return nil, false
	}
	return f, k.TablesAsFiles
}

// Render asks the network's module for a view, unchecked: pass it through
// core/view. Needs the view's own permission and network:view; for
// [Service.PublicView] that the reader got n is enough.
//
// Errors: NotFound for unknown and hidden views; Unavailable while the module is
// down: show its sentence in the view's place, the page itself goes on. beside
// is what the caller reads in the same round trip; it may not have been called
// when Render fails.
func (s *Service) Render(ctx context.Context, a *access.Actor, n *Network, view string, params map[string]string, beside ...func(ctx context.Context, q db.Q) error) (json.RawMessage, error) {
	if !n.May.View && (view == "" || view != s.PublicView(n)) {
		return nil, fault.ErrNotFound
	}
	r, err := s.engine.Render(access.With(ctx, a), &effect.RenderRequest{Type: n.QualifiedType(), View: view, Scope: n.Scope(), Parameters: params,
		Beside: func(ctx context.Context, q db.Q) error { return db.Together(ctx, q, beside...) }})
	if err != nil {
		return nil, err
	}
	return r.View, nil
}

// Saved is the record that a command of the network's module edits, for showing
// the command's form filled; nil when there is none yet. Needs network:view and
// the command's own permission. Its version goes into the [Action].
func (s *Service) Saved(ctx context.Context, a *access.Actor, n *Network, command string, subject uuid.UUID) (*effect.Saved, error) {
	if !n.May.View {
		return nil, fault.ErrNotFound
	}
	return s.engine.Prefill(access.With(ctx, a), n.QualifiedType(), n.Scope(), command, subject)
}

// ModuleOf is what the core keeps about the type of a network, also while the
// module is down or switched off; nil for a type that is not installed.
func (s *Service) ModuleOf(n *Network) (*effect.Info, *effect.NetworkType) {
	m, err := s.modules.Module(n.QualifiedType())
	if err != nil || m.Info().Description == nil {
		return nil, nil
	}
	t, _ := m.Info().Description.NetworkType(n.Type)
	return m.Info(), t
}

// Commands lists the module's commands that the actor may give on the network,
// in the module's order; none while the module is switched off.
func (s *Service) Commands(a *access.Actor, n *Network) []effect.CommandKind {
	if info, _ := s.ModuleOf(n); info == nil || !info.Enabled {
		return nil
	}
	return s.held(a, n)
}

// Command is one of them, also while the module is down or switched off, so that
// its page can say so; see [Service.Reachable]. NotFound for others.
func (s *Service) Command(a *access.Actor, n *Network, name string) (effect.CommandKind, error) {
	for _, k := range s.held(a, n) {
		if k.Name == name {
			return k, nil
		}
	}
	return effect.CommandKind{}, fault.ErrNotFound
}

// held are the commands for which the actor has the right.
func (s *Service) held(a *access.Actor, n *Network) []effect.CommandKind {
	info, t := s.ModuleOf(n)
	if t == nil {
		return nil
	}
	var out []effect.CommandKind
	for _, k := range t.Behaviour.Commands {
		if k.Name == "found" || k.Name == renewCommand || k.NeedsSubject || !onNetwork(k.Scopes) {
			continue
		}
		if s.auth.Can(a, effect.CommandPermission(info.ID, k.Name), n.place()) {
			out = append(out, k)
		}
	}
	return out
}

// Views lists the module's views in the network's menu that the actor may see.
func (s *Service) Views(a *access.Actor, n *Network) []effect.ViewKind {
	info, t := s.ModuleOf(n)
	if t == nil {
		return nil
	}
	var out []effect.ViewKind
	for _, k := range t.Behaviour.Views {
		if k.InMenu && onNetwork(k.Scopes) && s.auth.Can(a, effect.ViewPermission(info.ID, k.Name), n.place()) {
			out = append(out, k)
		}
	}
	return out
}

func onNetwork(scopes []effect.ScopeKind) bool {
	for _, k := range scopes {
		if k == effect.Network {
			return true
		}
	}
	return len(scopes) == 0
}

func (n *Network) place() access.Place {
	p := access.Place{Centre: n.Centre, Network: n.ID}
	if n.Programme != nil {
		p.Programme = *n.Programme
	}
	return p
}

// Flags lists acts that went on while the module was down and that it had
// something against later, for those with network.member:manage; none for
// others. b is the network as [Service.Get] gave it to the reader.
func (s *Service) Flags(ctx context.Context, q db.Q, b Brief) ([]effect.Flag, error) {
	if !b.May.Manage {
		return nil, nil
	}
	return s.engine.Flags(ctx, q, effect.Scope{Kind: effect.Network, ID: b.ID})
}

// guardTries is how often a guarded act asks again because what the module
// looked at changed. Guards of members are advisory: when people come in faster
// than that, the act goes on and is checked again later; its flags are for a
// person to look at.
const guardTries = 3

// confirmer holds, in the transaction of a guarded act, what the guard's yes
// rests on.
type confirmer func(context.Context, *db.Tx) error

// guarded runs an act with the module's guard of new members: the guard is
// asked outside any transaction, its yes confirmed inside the act's. change
// calls confirm before it writes.
func guarded[R any](ctx context.Context, s *Service, a *access.Actor, h *head, person uuid.UUID, role access.Role, given []effect.Acknowledgement,
	change func(ctx context.Context, confirm confirmer) (R, error)) (R, error) {
	ctx = access.With(ctx, a)
	var zero R
	arguments := memberArguments{Person: person, Role: role}
	if m, err := s.modules.Module(h.qualified()); err == nil && m.Info().Grants.Has("member.complex", effect.Network) {
		if arguments.Complex, err = complexOfPerson(ctx, s.db, person); err != nil {
			return zero, err
		}
	}
	for try := 1; ; try++ {
		o, err := s.engine.Guard(ctx, &effect.GuardRequest{
			Type: h.qualified(), Scope: h.scope(), Command: "network.member:add", Acknowledged: given,
			Arguments: arguments,
		})
		if err != nil {
			if o != nil && o.Refused && !hasErrors(o.Diagnostics) {
				return zero, &ReasonError{Warnings: o.Unacknowledged(given)}
			}
			return zero, err
		}
		last := try == guardTries
		out, err := change(ctx, func(ctx context.Context, tx *db.Tx) error {
			err := s.engine.Confirm(ctx, tx, o)
			if last && errors.Is(err, effect.ErrStale) {
				slog.WarnContext(ctx, "guard not confirmed: members came in faster than it could be asked", "network", h.ID)
				return s.engine.GoOn(ctx, tx, o)
			}
			return err
		})
		if last || !errors.Is(err, effect.ErrStale) {
			return out, err
		}
	}
}

// memberArguments are those of network.member:add (plugins/proto/SOURCES.md).
type memberArguments struct {
	Person uuid.UUID   `json:"person"`
	Role   access.Role `json:"role"`
	// Complex is the person's school complex, which a slice of members cannot
	// tell before they are one; only for modules that may know complexes.
	Complex *uuid.UUID `json:"complex,omitempty"`
}

// emit appends an event for the modules that asked for it.
func (s *Service) emit(ctx context.Context, tx *db.Tx, h *head, name string, data any) error {
	return s.engine.Emit(ctx, tx, effect.Emission{Scope: h.scope(), Name: name, Data: data})
}
