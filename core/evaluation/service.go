package evaluation

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
)

// Engine asks guards and tells modules what happened; *effect.Engine is one.
type Engine interface {
	Guard(ctx context.Context, r *effect.GuardRequest) (*effect.GuardOutcome, error)
	Confirm(ctx context.Context, tx *db.Tx, o *effect.GuardOutcome) error
	Emit(ctx context.Context, tx *db.Tx, list ...effect.Emission) error
}

// Notifier tells people things in the transaction of what happened.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

var (
	_ Engine   = (*effect.Engine)(nil)
	_ Notifier = (*notify.Service)(nil)
)

// Config of a [Service]; every field is required.
type Config struct {
	DB      *db.DB
	Access  *access.Authorizer
	Audit   *audit.Log
	Clock   clock.Clock
	Tools   Tools
	Engine  Engine
	Notify  Notifier
	Ballots *ballot.Box
	// CursorKey signs cursors of slices; at least 32 bytes, the same on every node.
	CursorKey keyset.Key
}

// Service runs evaluations. Safe for concurrent use.
type Service struct {
	db      *db.DB
	auth    *access.Authorizer
	audit   *audit.Log
	clock   clock.Clock
	tools   Tools
	engine  Engine
	notify  Notifier
	ballots *ballot.Box
	key     keyset.Key
	jobs    *job.Client // nil until [Service.Jobs]
}

// New makes the service; it panics on an incomplete configuration. Register its
// parts with the engine by [Service.Register] and its work for machines by
// [Service.Jobs].
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Tools == nil || c.Engine == nil || c.Notify == nil || c.Ballots == nil || len(c.CursorKey) < 32 {
		panic("evaluation: incomplete configuration")
	}
	return &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, tools: c.Tools, engine: c.Engine, notify: c.Notify, ballots: c.Ballots, key: c.CursorKey}
}

// act is the frame of a change: one transaction, done once per idempotency key.
// Neither taking a code nor answering goes through it: they leave no key.
func act[R any](ctx context.Context, s *Service, a *access.Actor, operation string, in any, change func(ctx context.Context, tx *db.Tx) (R, error)) (R, error) {
	var out R
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		out, err = idem.Do(ctx, tx, a.Person, operation, in, func() (R, error) { return change(ctx, tx) })
		return err
	})
	return out, err
}

// rights fills in what the reader may do. Whoever is on the list of an open
// round sees it, also when they have left the network since.
func (s *Service) rights(a *access.Actor, r *Round) {
	inside := s.auth.Can(a, PermView, r.place)
	r.May = Rights{
		View:    inside && (r.State != Draft || s.auth.Can(a, PermManage, r.place)) || r.Me.Listed,
		Manage:  s.auth.Can(a, PermManage, r.place) && r.alive == nil,
		Answer:  r.State == Open && r.Me.Listed && !r.Me.Issued && r.alive == nil,
		Results: r.State == Closed && s.auth.Can(a, PermResults, r.place),
	}
}

// Get reads a round. NotFound to whoever neither sees the evaluations of its
// network (evaluation:view; for drafts evaluation:manage) nor may answer.
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID) (*Round, error) {
	r, err := findRound(ctx, s.db, id, a.Person)
	if err != nil {
		return nil, err
	}
	if s.rights(a, r); !r.May.View {
		return nil, fault.ErrNotFound
	}
	if r.State == Draft && r.Form == nil {
		t, err := s.tool(ctx, r.Tool)
		if err != nil {
			return r, nil // the page says that the tool is away
		}
		list, err := instrumentsOf(ctx, t)
		if err == nil {
			r.Form, err = compose(list, r.Title, r.Questions)
		}
		if err != nil && !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Invalid) {
			return nil, err
		}
	}
	return r, nil
}

// maxRounds is how many rounds of a network are listed: some a year.
const maxRounds = 50

// Listing is the evaluations of a network.
type Listing struct {
	Network uuid.UUID
	Title   string
	Place   access.Place
	// Rounds, the newest first; drafts only for those who may manage.
	Rounds []*Round
	// MayPrepare means that the reader may prepare a round here now.
	MayPrepare bool
}

// List reads the rounds of a network, the newest first, at most 50. Needs
// evaluation:view there; drafts are for those with evaluation:manage.
func (s *Service) List(ctx context.Context, a *access.Actor, network uuid.UUID) (*Listing, error) {
	if !a.SignedIn() && a.System == "" {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	var n networkRow
	var all []*Round
	err := db.Together(ctx, s.db, func(ctx context.Context, q db.Q) (err error) {
		if n, err = findNetwork(ctx, q, network); err != nil {
			return err
		}
		return s.auth.Require(a, PermView, n.place())
	}, func(ctx context.Context, q db.Q) (err error) {
		all, err = listRounds(ctx, q, network, a.Person, maxRounds)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &Listing{Network: network, Title: n.Title, Place: n.place(), Rounds: []*Round{}, MayPrepare: n.alive() == nil && s.auth.Can(a, PermManage, n.place())}
	for _, r := range all {
		if s.rights(a, r); r.May.View {
			out.Rounds = append(out.Rounds, r)
		}
	}
	return out, nil
}

// managed reads a round for an act of who leads its network.
func (s *Service) managed(ctx context.Context, a *access.Actor, id uuid.UUID) (*Round, error) {
	r, err := findRound(ctx, s.db, id, a.Person)
	if err != nil {
		return nil, err
	}
	if s.rights(a, r); !r.May.View {
		return nil, fault.ErrNotFound
	}
	if err := s.auth.Require(a, PermManage, r.place); err != nil {
		return nil, err
	}
	return r, r.alive
}

// Bank lists what can be asked, in the tool's order. Needs evaluation:manage in
// the network; Unavailable while no tool can be asked.
func (s *Service) Bank(ctx context.Context, a *access.Actor, network uuid.UUID, tool string) ([]Section, error) {
	n, err := findNetwork(ctx, s.db, network)
	if err != nil {
		return nil, err
	}
	if err := s.auth.Require(a, PermManage, n.place()); err != nil {
		return nil, err
	}
	t, err := s.tool(ctx, tool)
	if err != nil {
		return nil, err
	}
	list, err := instrumentsOf(ctx, t)
	if err != nil {
		return nil, err
	}
	return sections(list), nil
}

// Prepare keeps a plan as a draft. Needs evaluation:manage in the network.
// Invalid with the fields tool, title, questions and closes; Conflict in a network that
// is a draft or over; Unavailable while no tool can be asked.
func (s *Service) Prepare(ctx context.Context, a *access.Actor, network uuid.UUID, in Plan) (uuid.UUID, error) {
	n, err := findNetwork(ctx, s.db, network)
	if err != nil {
		return uuid.Nil, err
	}
	if err := s.auth.Require(a, PermManage, n.place()); err != nil {
		return uuid.Nil, err
	}
	if err := n.alive(); err != nil {
		return uuid.Nil, err
	}
	if in.Tool != "" {
		if _, err := s.tools.Tool(in.Tool); fault.Is(err, fault.NotFound) {
			return uuid.Nil, fault.InvalidFields(fault.Field{Path: "tool", Key: "evaluation.tool_unknown"})
		}
	}
	asked := in
	if _, err := s.checkPlan(ctx, &in); err != nil {
		return uuid.Nil, err
	}
	return act(ctx, s, a, "evaluation:prepare", []any{network, asked}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		if err := holdNetwork(ctx, tx, network); err != nil {
			return uuid.Nil, err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return uuid.Nil, err
		}
		if err := insertRound(ctx, tx, id, network, &in, a.Person, s.clock.Now()); err != nil {
			return uuid.Nil, err
		}
		return id, s.note(ctx, tx, a, network, id, "evaluation:prepare")
	})
}

// Edit changes a draft at its version. Errors as [Service.Prepare]; Conflict
// "evaluation.opened" for a round that was opened: its questions are fixed, as
// its anonymity is; "fault.conflict" when somebody saved meanwhile.
func (s *Service) Edit(ctx context.Context, a *access.Actor, id uuid.UUID, version int, in Plan) error {
	r, err := s.managed(ctx, a, id)
	if err != nil {
		return err
	}
	if r.State != Draft {
		return fault.New(fault.Conflict, "evaluation.opened")
	}
	in.Tool = r.Tool
	asked := in
	if _, err := s.checkPlan(ctx, &in); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "evaluation:edit", []any{id, version, asked}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		if err := holdNetwork(ctx, tx, r.Network); err != nil {
			return struct{}{}, err
		}
		ok, err := updatePlan(ctx, tx, id, version, &in)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "fault.conflict")
		}
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.note(ctx, tx, a, r.Network, id, "evaluation:edit", "title", "questions", "closes")
	})
	return err
}

// Discard throws a draft away. Needs evaluation:manage.
func (s *Service) Discard(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	r, err := s.managed(ctx, a, id)
	if err != nil {
		return err
	}
	if r.State != Draft {
		return fault.New(fault.Conflict, "evaluation.opened")
	}
	_, err = act(ctx, s, a, "evaluation:discard", id, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		ok, err := deleteDraft(ctx, tx, id)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "evaluation.opened")
		}
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.note(ctx, tx, a, r.Network, id, "evaluation:discard")
	})
	return err
}

// note writes the account of an act on a round. There is none of anybody's
// answer, nor of who took a code.
func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, network, round uuid.UUID, action string, fields ...string) error {
	return s.audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "evaluation", ObjectID: round.String(),
		ScopeKind: string(access.Network), ScopeID: network, Fields: fields})
}

// State tells how far the evaluation of a network is: the newest round that was
// opened. For guards and reports; no permission is checked.
func (s *Service) State(ctx context.Context, q db.Q, network uuid.UUID) (Status, error) {
	return statusOf(ctx, q, network)
}

// planDocument is what is kept of a plan: the questions.
func planDocument(in *Plan) (string, error) {
	raw, err := json.Marshal(map[string]any{"questions": in.Questions})
	return string(raw), err
}

// loadForm reads the questionnaire of an opened round; it was checked then.
func loadForm(document string) (*form.Form, error) { return form.Decode([]byte(document)) }

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
