package programme

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// Run is a programme or group as the modules that run it see it: a group in a
// network answers to the network's type and to that of the programme above.
type Run struct {
	Scope effect.Scope
	types []string // qualified, the nearest first; empty when no module runs it
	place access.Place
}

// Place is where permissions of the scope are asked.
func (r *Run) Place() access.Place { return r.place }

// Type is the type nearest to the scope, "" when no module runs it.
func (r *Run) Type() string {
	if len(r.types) == 0 {
		return ""
	}
	return r.types[0]
}

func typesOf(list ...string) []string {
	return slices.DeleteFunc(list, func(t string) bool { return t == "" })
}

// Run is the programme for its module.
func (p *Programme) Run() Run {
	return Run{effect.Scope{Kind: effect.Programme, ID: p.ID}, typesOf(p.Type), p.place()}
}

// Run is the group for the modules above it.
func (g *Group) Run() Run {
	return Run{g.Scope(), typesOf(g.Type, g.programmeType), g.Place()}
}

// behaviour is what the module's type answers to, also while it is down.
func (s *Service) behaviour(typ string) (*effect.Info, *effect.Behaviour) {
	m, err := s.modules.Module(typ)
	if err != nil || m.Info().Description == nil {
		return nil, nil
	}
	_, local, _ := effect.Split(typ)
	b, _ := m.Info().Description.Behaviour(local)
	return m.Info(), b
}

// Views lists the modules' views in the scope's menu that the actor may see; of
// two with one name that of the nearer type.
func (s *Service) Views(a *access.Actor, r Run) []effect.ViewKind {
	var out []effect.ViewKind
	for _, typ := range r.types {
		info, b := s.behaviour(typ)
		if b == nil {
			continue
		}
		for _, k := range b.Views {
			if k.InMenu && slices.Contains(k.Scopes, r.Scope.Kind) && s.auth.Can(a, effect.ViewPermission(info.ID, k.Name), r.place) &&
				!slices.ContainsFunc(out, func(o effect.ViewKind) bool { return o.Name == k.Name }) {
				out = append(out, k)
			}
		}
	}
	return out
}

// Commands lists the modules' commands that the actor may give in the scope;
// those of modules that are switched off are left out.
func (s *Service) Commands(a *access.Actor, r Run) []effect.CommandKind { return s.held(a, r, false) }

// Command is one of them, also while its module is down or switched off, so that
// its page can say so; see [Service.Reachable]. NotFound for others.
func (s *Service) Command(a *access.Actor, r Run, name string) (effect.CommandKind, error) {
	for _, off := range []bool{false, true} {
		for _, k := range s.held(a, r, off) {
			if k.Name == name {
				return k, nil
			}
		}
	}
	return effect.CommandKind{}, fault.ErrNotFound
}

// held are the commands for which the actor has the right.
func (s *Service) held(a *access.Actor, r Run, off bool) []effect.CommandKind {
	var out []effect.CommandKind
	for _, typ := range r.types {
		info, b := s.behaviour(typ)
		if b == nil || !info.Enabled && !off {
			continue
		}
		for _, k := range b.Commands {
			if k.Name != "found" && !k.NeedsSubject && slices.Contains(k.Scopes, r.Scope.Kind) && s.auth.Can(a, effect.CommandPermission(info.ID, k.Name), r.place) &&
				!slices.ContainsFunc(out, func(o effect.CommandKind) bool { return o.Name == k.Name }) {
				out = append(out, k)
			}
		}
	}
	return out
}

// typeFor is the nearest type that has what is asked for; the nearest when none has.
func (s *Service) typeFor(r Run, has func(*effect.Behaviour) bool) string {
	for _, typ := range r.types {
		if _, b := s.behaviour(typ); b != nil && has(b) {
			return typ
		}
	}
	return r.Type()
}

// Board is a view over the actor's groups of one programme.
type Board struct {
	Programme uuid.UUID       `json:"programme"`
	Title     string          `json:"title"` // of the programme
	View      effect.ViewKind `json:"-"`
	run       Run
}

// Boards lists the views of programmes, in their menus, over the groups in
// which the actor has the view's permission: a guardian's board. At most those
// of the actor's first 100 groups.
func (s *Service) Boards(ctx context.Context, a *access.Actor) ([]Board, error) {
	mine, err := s.MyGroups(ctx, a, "", 100)
	if err != nil {
		return nil, err
	}
	// A group of each programme, and the programmes themselves.
	var groups []*Group
	for i := range mine.Items {
		g := &mine.Items[i]
		if g.Programme != uuid.Nil && !slices.ContainsFunc(groups, func(o *Group) bool { return o.Programme == g.Programme }) {
			groups = append(groups, g)
		}
	}
	programmes := make([]*Programme, len(groups))
	readers := make([]func(context.Context, db.Q) error, len(groups))
	for i, g := range groups {
		readers[i] = func(ctx context.Context, q db.Q) (err error) {
			programmes[i], err = findProgramme(ctx, q, g.Programme)
			return err
		}
	}
	if err := db.Together(ctx, s.db, readers...); err != nil {
		return nil, err
	}
	var out []Board
	for i := range mine.Items {
		g := &mine.Items[i]
		at := slices.IndexFunc(programmes, func(p *Programme) bool { return p.ID == g.Programme })
		if at < 0 || slices.ContainsFunc(out, func(b Board) bool { return b.Programme == g.Programme }) {
			continue
		}
		p := programmes[at]
		info, b := s.behaviour(p.Type)
		if b == nil {
			continue
		}
		for _, k := range b.Views {
			if k.InMenu && slices.Contains(k.Scopes, effect.Programme) && s.auth.Can(a, effect.ViewPermission(info.ID, k.Name), g.Place()) && ofMyGroups(k.Wants) {
				out = append(out, Board{p.ID, p.Title, k, p.Run()})
			}
		}
	}
	return out, nil
}

func ofMyGroups(w effect.Wants) bool {
	for _, s := range w.Slices {
		if s.Selector != effect.MyGroups {
			return false
		}
	}
	for _, s := range w.Aggregates {
		if s.Selector != effect.MyGroups {
			return false
		}
	}
	return true
}

// Board returns the programme of a board for rendering; what may be seen of it
// the engine decides.
func (s *Service) Board(ctx context.Context, a *access.Actor, programme uuid.UUID) (Board, error) {
	if !a.SignedIn() {
		return Board{}, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	p, err := findProgramme(ctx, s.db, programme)
	if err != nil {
		return Board{}, err
	}
	return Board{Programme: p.ID, Title: p.Title, run: p.Run()}, nil
}

// Run is what to render the board with.
func (b *Board) Run() Run { return b.run }

// Render asks the module for a view, unchecked: pass it through core/view. It
// needs the view's own permission. Errors: NotFound for unknown and hidden
// views; Unavailable while the module is down.
func (s *Service) Render(ctx context.Context, a *access.Actor, r Run, view string, params map[string]string) (json.RawMessage, error) {
	typ := s.typeFor(r, func(b *effect.Behaviour) bool { _, ok := b.View(view); return ok })
	if typ == "" {
		return nil, fault.ErrNotFound
	}
	out, err := s.engine.Render(access.With(ctx, a), &effect.RenderRequest{Type: typ, View: view, Scope: r.Scope, Parameters: params})
	if err != nil {
		return nil, err
	}
	return out.View, nil
}

// Action is a command of the module.
type Action struct {
	Command string
	Answers effect.Document
	Reasons []effect.Acknowledgement
	// Version is that of the record that the form was filled from
	// ([Service.Saved]), 0 when there was none; nil = not compared, for callers
	// that read and write in one go.
	Version *int64
}

// NeedsReason is the error of an act that the module lets through only with
// reasons; it wraps an Invalid fault.
type NeedsReason struct {
	Warnings []effect.Diagnostic
	err      error
}

// Error implements error.
func (n *NeedsReason) Error() string { return n.err.Error() }

// Unwrap is the fault to show.
func (n *NeedsReason) Unwrap() error { return n.err }

// Act gives a command to the module in the scope; what the command needs the
// engine checks from the module's role map. Repeating a submission (same
// idempotency key) changes things once. Errors: NotFound; Invalid with the
// module's fields; [NeedsReason]; Unavailable while the module is down; Conflict
// "effect.overtaken" when the record is no longer at the version.
func (s *Service) Act(ctx context.Context, a *access.Actor, r Run, in Action) (*effect.Outcome, error) {
	typ := s.typeOfCommand(r, in.Command)
	if typ == "" {
		return nil, fault.ErrNotFound
	}
	id, err := decisionID(ctx, a, actOperation(r, in.Command))
	if err != nil {
		return nil, err
	}
	o, err := s.engine.Decide(access.With(ctx, a), &effect.Request{
		ID: id, Type: typ, Scope: r.Scope, Acknowledged: in.Reasons, Input: effect.Command{Name: in.Command, Input: in.Answers}, Filled: in.Version,
	})
	if err != nil && o != nil && o.Refused {
		if w := o.Unacknowledged(in.Reasons); len(w) > 0 && !slices.ContainsFunc(o.Diagnostics, func(d effect.Diagnostic) bool { return d.Severity == effect.SeverityError }) {
			return o, &NeedsReason{Warnings: w, err: err}
		}
	}
	return o, err
}

func (s *Service) typeOfCommand(r Run, command string) string {
	return s.typeFor(r, func(b *effect.Behaviour) bool { _, ok := b.Command(command); return ok })
}

func actOperation(r Run, command string) string {
	return "programme.act/" + r.Scope.String() + "/" + command
}

// Acted reports whether the form in ctx already gave the command, when it is
// sent again after its draft is gone: somebody pressed the button twice.
func (s *Service) Acted(ctx context.Context, a *access.Actor, r Run, command string) (bool, error) {
	if !a.SignedIn() || idem.Key(ctx) == "" {
		return false, nil
	}
	id, err := decisionID(ctx, a, actOperation(r, command))
	if err != nil {
		return false, err
	}
	return s.engine.Taken(ctx, id)
}

// Saved is the record that a command edits, for showing the command's form
// filled; nil when there is none yet. Needs the command's own permission. Its
// version goes into the [Action].
func (s *Service) Saved(ctx context.Context, a *access.Actor, r Run, command string) (*effect.Saved, error) {
	typ := s.typeOfCommand(r, command)
	if typ == "" {
		return nil, fault.ErrNotFound
	}
	return s.engine.Prefill(access.With(ctx, a), typ, r.Scope, command, uuid.Nil)
}

// Reachable is nil when the module of the command can be asked now: otherwise
// Unavailable, with a sentence that says whether it is down or switched off.
func (s *Service) Reachable(ctx context.Context, r Run, command string) error {
	return effect.Reachable(ctx, s.modules, s.typeOfCommand(r, command))
}

// Names are the names of those people who are in a group that the actor sees;
// others are left out.
func (s *Service) Names(ctx context.Context, a *access.Actor, people []uuid.UUID) (map[uuid.UUID]string, error) {
	r := s.auth.Reach(a, ViewGroup)
	return memberNames(ctx, s.db, &r, people)
}
