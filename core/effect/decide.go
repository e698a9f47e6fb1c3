package effect

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Decide takes a decision: it reads the slices, asks the module outside any
// transaction, checks the answer and applies all of it or nothing. When rows
// that the answer rests on changed meanwhile, it reads and asks again, at most
// three times.
//
// A command needs CommandPermission(module, command) in the scope, and each
// effect its Kind.Permission(module) in the effect's scope.
//
// Errors: NotFound for unknown types and scopes and for commands not permitted;
// Invalid with fields for answers to the command's form and for diagnostics
// (the outcome then says which warnings need a reason); Unavailable while the
// module is down; Conflict when the races were lost; Forbidden for effects that
// the module or the actor may not bring about; Internal for answers that break
// the contract. The outcome is never nil when diagnostics refused the act.
func (e *Engine) Decide(ctx context.Context, req *Request) (*Outcome, error) {
	t, err := e.find(ctx, req.Type)
	if err != nil {
		return nil, err
	}
	mine := *req
	mine.Acknowledged = given(req.Acknowledged)
	req = &mine
	c := &deciding{e: e, t: t, req: req, id: req.ID, actor: access.From(ctx)}
	if req.Founding != nil {
		c.actor = founder(c.actor, founderRole(t), req.Scope)
	}
	if _, byPerson := req.Input.(Command); !byPerson {
		c.actor = systemActor(t.info.ID)
		ctx = i18n.With(access.With(ctx, c.actor), i18n.Polish)
	}
	if err := c.prepare(ctx); err != nil {
		return nil, err
	}
	if req.ID != uuid.Nil {
		if o, err := e.repeated(ctx, e.db, c.id, c.digest); o != nil || err != nil {
			return o, err
		}
	}
	for range maxAttempts {
		o, err := c.once(ctx)
		if !errors.Is(err, ErrStale) {
			return o, err
		}
	}
	return nil, fault.New(fault.Conflict, "fault.conflict")
}

func founderRole(t *target) string {
	if n, ok := t.info.Description.NetworkType(t.local); ok {
		return n.FounderRole
	}
	return string(access.Lead)
}

// deciding is one request on its way.
type deciding struct {
	e      *Engine
	t      *target
	req    *Request
	id     uuid.UUID
	actor  *access.Actor
	digest []byte
	wants  Wants
	input  Input
	depth  int
	silent bool // nothing to ask: a founding that the type leaves to the core
}

// prepare finds what the description says of the input and checks its form.
func (c *deciding) prepare(ctx context.Context) error {
	if c.id == uuid.Nil {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		c.id = id
	}
	d, b := c.t.info.Description, c.t.behaviour
	c.input = c.req.Input
	switch in := c.req.Input.(type) {
	case Command:
		if err := c.prepareCommand(ctx, in); err != nil {
			return err
		}
	case EventInput:
		k, ok := b.Event(in.Name)
		if !ok {
			return errNotFound
		}
		c.wants, c.depth = k.Wants, in.Depth+1
	case TimerInput:
		k, ok := b.Timer(in.Name)
		if !ok {
			return errNotFound
		}
		c.wants = k.Wants
	case JobPage:
		k, ok := d.JobKind(in.Name)
		if !ok {
			return errNotFound
		}
		c.wants, c.depth = k.Wants, in.Depth
	default:
		return fmt.Errorf("effect: unknown input %T", c.req.Input)
	}
	raw, err := json.Marshal(struct {
		Type  string
		Scope Scope
		Name  string
		Input Input
		// Somebody else with the same id is another request: the outcome is not theirs.
		Person uuid.UUID
		System string
	}{c.req.Type, c.req.Scope, c.req.Input.InputName(), c.req.Input, c.actor.Person, c.actor.System})
	if err != nil {
		return fmt.Errorf("digest of input: %w", err)
	}
	sum := sha256.Sum256(raw)
	c.digest = sum[:]
	return nil
}

// founding is the command that every network and programme type knows.
const founding = "found"

func (c *deciding) prepareCommand(ctx context.Context, in Command) error {
	k, ok := c.t.behaviour.Command(in.Name)
	doc := Document{}
	switch {
	case ok:
		doc, c.wants = k.Form, k.Wants
		if len(k.Scopes) > 0 && !slices.Contains(k.Scopes, c.req.Scope.Kind) {
			return errNotFound
		}
		if k.NeedsSubject && in.Subject == uuid.Nil {
			return errNotFound
		}
	case in.Name == founding && c.req.Founding != nil:
		c.silent = true
	default:
		return errNotFound
	}
	if in.Name == founding {
		if c.req.Founding == nil {
			return errNotFound
		}
		doc = c.t.foundingForm()
	}
	if c.req.Checked {
		c.input = in
		return nil
	}
	answers, err := c.e.answers(ctx, c.t.info.ID, c.req.Scope, doc, in.Input)
	if err != nil {
		return err
	}
	in.Input = answers
	c.input = in
	return nil
}

func (t *target) foundingForm() Document {
	if n, ok := t.info.Description.NetworkType(t.local); ok {
		return n.FoundingForm
	}
	if p, ok := t.info.Description.ProgrammeType(t.local); ok {
		return p.FoundingForm
	}
	return Document{}
}

// answers checks answers against a form of the module, and that what they point
// to is there; without a form there are none.
func (e *Engine) answers(ctx context.Context, module string, scope Scope, doc, in Document) (Document, error) {
	if doc.IsZero() {
		return Document{}, nil
	}
	f, err := e.forms.get(doc)
	if err != nil {
		return Document{}, BadAnswer("form of the module: %w", err)
	}
	raw := in.JSON
	if len(raw) == 0 {
		raw = json.RawMessage("{}")
	}
	a, bad := form.DecodeAnswers(f, raw)
	res := form.Validate(i18n.FromContext(ctx), f, a, form.Final, bad)
	lost, err := e.Refer(ctx, module, scope, f, res.Answers)
	if err != nil {
		return Document{}, err
	}
	if err := append(res.Errors, lost...).Err(); err != nil {
		return Document{}, err
	}
	return Document{JSON: res.Answers.Canonical(), Revision: doc.Revision}, nil
}

// Refer looks whether everything is there, and open to the context's actor, that
// answers to a form of the module point to; what is not becomes fields. Labels
// are set to what the things are called now, whatever was sent.
func (e *Engine) Refer(ctx context.Context, module string, scope Scope, f *form.Form, a form.Answers) (fault.Fields, error) {
	if e.references == nil {
		return nil, nil
	}
	return form.ResolveRefs(ctx, f, a, e.references.For(module, scope))
}

// Weigh asks what stands against a command now, before anybody gives it: the
// module decides as in [Engine.Decide] and is told that it is a dry run; nothing
// of its answer is applied. Of the diagnostics, errors will refuse the command,
// warnings will ask for a reason, infos say what is in order. It only reads.
//
// Needs what the command needs; errors as of Decide, except that diagnostics are
// no error here.
func (e *Engine) Weigh(ctx context.Context, req *Request) ([]Diagnostic, error) {
	t, err := e.find(ctx, req.Type)
	if err != nil {
		return nil, err
	}
	mine := *req
	mine.DryRun = true
	c := &deciding{e: e, t: t, req: &mine, actor: access.From(ctx)}
	if err := c.prepare(ctx); err != nil {
		return nil, err
	}
	a, err := c.ask(ctx)
	if err != nil {
		return nil, err
	}
	return a.answer.Diagnostics, checkDiagnostics(a.answer.Diagnostics)
}

// asked is what a module answered, and what the answer rests on.
type asked struct {
	run    *run
	answer *Answer
	held   []RowVersion
	none   *SliceSpec
}

// ask reads what the input wants and has the module decide.
func (c *deciding) ask(ctx context.Context) (*asked, error) {
	cmd, byPerson := c.input.(Command)
	r, err := c.e.newRun(ctx, c.t, c.actor, c.req.Scope, c.req.Founding, c.id, ahead{wants: c.wants, subject: cmd.Subject})
	if err != nil {
		return nil, err
	}
	if byPerson {
		if c.req.Founding == nil && !c.req.Checked {
			if err := c.e.access.Require(c.actor, CommandPermission(c.t.info.ID, cmd.Name), r.base.Place); err != nil {
				return nil, err
			}
		}
	}
	r.snap.DryRun, r.snap.Acknowledged = c.req.DryRun, c.req.Acknowledged
	out := &asked{run: r, answer: &Answer{}}
	if c.silent {
		return out, nil
	}
	return out, r.converse(ctx, c.wants, func(ctx context.Context) (*Need, error) {
		var err error
		if out.held, out.none, err = c.filled(r); err != nil {
			return nil, err
		}
		out.answer, err = c.t.module.Decide(ctx, &Ask{Type: c.t.local, Input: c.input, Snapshot: r.snap})
		if err != nil {
			return nil, err
		}
		if hasError(out.answer.Diagnostics) {
			return nil, nil
		}
		return out.answer.Need, nil
	})
}

// once reads, asks and applies.
func (c *deciding) once(ctx context.Context) (*Outcome, error) {
	a, err := c.ask(ctx)
	if err != nil {
		return nil, err
	}
	answer := a.answer
	if err := c.checkAnswer(answer); err != nil {
		slog.ErrorContext(ctx, "answer refused", "module", c.t.info.ID, "type", c.t.local, "input", c.input.InputName(), "decision", c.id, "err", err)
		return nil, err
	}
	o := &Outcome{Decision: c.id, Diagnostics: answer.Diagnostics, Job: answer.Job}
	if err := refusal(answer.Diagnostics, c.req.Acknowledged); err != nil {
		o.Refused = true
		return o, err
	}
	o.Effects = answer.Effects
	o.Created = map[string]uuid.UUID{}
	for _, it := range answer.Effects {
		o.Created[it.Handle] = HandleID(c.id, it.Handle)
	}
	answer.DependsOn = append(answer.DependsOn, a.held...)
	return c.apply(ctx, a.run, answer, a.none, o)
}

func hasError(list []Diagnostic) bool {
	return slices.ContainsFunc(list, func(d Diagnostic) bool { return d.Severity == SeverityError })
}

// checkAnswer refuses what breaks the contract, before anything is touched.
func (c *deciding) checkAnswer(a *Answer) error {
	if err := checkDiagnostics(a.Diagnostics); err != nil {
		return err
	}
	if len(a.Effects) > MaxEffects {
		return BadAnswer("%d effects, at most %d", len(a.Effects), MaxEffects)
	}
	handles := make(map[string]bool, len(a.Effects))
	for _, it := range a.Effects {
		if !ValidName(it.Handle) || handles[it.Handle] {
			return BadAnswer("handle %q is bad or used twice", it.Handle)
		}
		handles[it.Handle] = true
		if it.Effect == nil {
			return BadAnswer("effect %q has no kind", it.Handle)
		}
		if c.e.appliers[it.Effect.Kind()] == nil {
			return fault.New(fault.Unavailable, "effect.not_served", "What", string(it.Effect.Kind()))
		}
	}
	for _, v := range a.DependsOn {
		if c.e.readers[v.Source] == nil {
			return BadAnswer("depends on unknown source %q", v.Source)
		}
	}
	if _, isJob := c.input.(JobPage); isJob != (a.Job != nil) && !hasError(a.Diagnostics) {
		return BadAnswer("progress of a job: given %t, wanted %t", a.Job != nil, isJob)
	}
	return nil
}

func checkDiagnostics(list []Diagnostic) error {
	if len(list) > maxDiagnostics {
		return BadAnswer("%d diagnostics, at most %d", len(list), maxDiagnostics)
	}
	for _, d := range list {
		switch d.Severity {
		case SeverityInfo, SeverityWarning, SeverityError:
		default:
			return BadAnswer("unknown severity %q", d.Severity)
		}
		if !ValidName(d.Code) || d.Text == "" || len(d.Text) > 4000 || len(d.Path) > 500 {
			return BadAnswer("bad diagnostic %q", d.Code)
		}
	}
	return nil
}

// repeated returns the outcome of a decision that was applied before, or nil.
func (e *Engine) repeated(ctx context.Context, q db.Q, id uuid.UUID, digest []byte) (*Outcome, error) {
	row, err := readDecision(ctx, q, id)
	if err != nil || row == nil {
		return nil, err
	}
	if !slices.Equal(row.Digest, digest) {
		return nil, fault.New(fault.Conflict, "effect.other_request")
	}
	o := &Outcome{}
	if err := json.Unmarshal(row.Outcome, o); err != nil {
		return nil, fmt.Errorf("stored outcome: %w", err)
	}
	o.Applied, o.Repeated = true, true
	return o, nil
}
