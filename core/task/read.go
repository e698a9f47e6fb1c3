package task

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/idem"
)

// Beside is what a page reads in the same round trips as the task it shows;
// either part may be nil.
type Beside struct {
	// First is read together with the task, Then together with its files: d has
	// the task, the form of today and what was handed in, but no rights yet.
	First func(ctx context.Context) error
	Then  func(ctx context.Context, d *Detail) error
}

// Get returns a task with what the reader may see of it. NotFound to whoever
// neither does, reviews, assigns nor administrates it. Reading others' work from
// outside the network or group is accounted for. Two round trips: what
// hangs on the task's id, then what hangs on the task.
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID, beside ...Beside) (*Detail, error) {
	x := &found{s: s}
	first := []func(context.Context, db.Q) error{
		func(ctx context.Context, q db.Q) (err error) { x.task, err = findTask(ctx, q, id); return err },
		func(ctx context.Context, q db.Q) (err error) { x.rows, err = listSubmissions(ctx, q, id); return err },
		func(ctx context.Context, q db.Q) (err error) { x.authors, err = listAuthors(ctx, q, id); return err },
		func(ctx context.Context, q db.Q) (err error) {
			x.decisions, err = listDecisions(ctx, q, id)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) { x.mine, err = partOf(ctx, q, id, a.Person); return err },
	}
	for _, b := range beside {
		if b.First != nil {
			first = append(first, func(ctx context.Context, _ db.Q) error { return b.First(ctx) })
		}
	}
	if err := db.Together(ctx, s.db, first...); err != nil {
		return nil, err
	}
	t, d := x.task, &Detail{Task: *x.task}
	var err error
	if k, kindErr := s.kind(t.Type); kindErr == nil {
		d.Kind, d.FormRev = k, k.Form.Revision
		if d.Form, err = s.form(ctx, s.db, t.Type, d.FormRev); err != nil {
			return nil, err
		}
	}
	if d.Submissions, err = x.submissions(ctx); err != nil {
		return nil, err
	}
	var r *rights
	var team []Person
	var files map[uuid.UUID][]file.File
	second := []func(context.Context, db.Q) error{
		func(ctx context.Context, q db.Q) (err error) { r, err = s.see(ctx, q, a, t); return err },
		func(ctx context.Context, q db.Q) (err error) {
			files, err = s.files.Of(ctx, q, FileKind, x.ids()...)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) { team, err = s.team(ctx, q, d); return err },
	}
	for _, b := range beside {
		if b.Then != nil {
			second = append(second, func(ctx context.Context, _ db.Q) error { return b.Then(ctx, d) })
		}
	}
	if err := db.Together(ctx, s.db, second...); err != nil {
		return nil, err
	}
	yourTurn := t.State == Open || t.State == Returned
	d.MaySubmit = r.assignee && yourTurn && !r.scope.Closed && d.Kind != nil
	d.MayReview = r.reviewer && (t.State == Submitted || t.State == Escalated) && d.Kind != nil && !d.ownWork(a)
	d.MayAssign = r.assigner
	d.MayReopen = (r.assigner || r.reviewer) && (t.State == Accepted || t.State == Escalated || t.State == Cancelled)
	if d.Off = s.off(ctx, t.Type); d.Off != nil {
		d.MaySubmit, d.MayReview, d.MayAssign, d.MayReopen = false, false, false, false
	}
	switch {
	case !r.content():
		d.Submissions = nil
	case t.Each:
		d.Mine, d.Submissions = x.mine, nil
	default:
		for i := range d.Submissions {
			sub := &d.Submissions[i]
			sub.Files = cited(files, sub.ID, sub.Answers.Files(sub.Form))
		}
		d.Decisions = x.decisions
		if d.MaySubmit {
			d.Team = team
		}
	}
	return d, s.look(ctx, a, d, r.scope.Place)
}

// look accounts for a read of what others handed in by somebody who has no role
// in the network or group, before it is handed out.
func (s *Service) look(ctx context.Context, a *access.Actor, d *Detail, at access.Place) error {
	others := slices.ContainsFunc(d.Submissions, func(sub Submission) bool {
		return !slices.ContainsFunc(sub.Authors, func(p Person) bool { return p.ID == a.Person })
	})
	if !others || !a.SignedIn() || a.OnOneOf(at) {
		return nil
	}
	return s.audit.Read(ctx, s.db, audit.Event{Actor: a.Person, Action: "task:read", ObjectKind: "task", ObjectID: d.ID.String(),
		ScopeKind: string(d.Scope.Kind), ScopeID: d.Scope.ID})
}

// ownWork reports whether the newest submission is the reader's own.
func (d *Detail) ownWork(a *access.Actor) bool {
	last := d.Latest()
	return d.Assignee == (effect.Assignee{Kind: effect.AssigneePerson, ID: a.Person}) ||
		last != nil && slices.ContainsFunc(last.Authors, func(p Person) bool { return p.ID == a.Person })
}

// Handed reports whether the form in ctx was handed in already, when it is sent
// again: somebody pressed the button twice.
func (s *Service) Handed(ctx context.Context, a *access.Actor, d *Detail) (bool, error) {
	if !a.SignedIn() || idem.Key(ctx) == "" {
		return false, nil
	}
	decision, err := decisionID(ctx, a, "task.submit")
	if err != nil {
		return false, err
	}
	id := effect.HandleID(decision, "submission")
	return d.Mine == effect.HandleID(decision, "part") || slices.ContainsFunc(d.Submissions, func(x Submission) bool { return x.ID == id }), nil
}

// team are those who can be named as authors, where a submission is everybody's.
func (s *Service) team(ctx context.Context, q db.Q, d *Detail) ([]Person, error) {
	if d.Kind == nil || !d.Kind.SharedSubmission || d.Each || d.Assignee.Kind == effect.AssigneePerson || d.Assignee.Kind == "" {
		return nil, nil
	}
	return members(ctx, q, effect.Scope{Kind: effect.ScopeKind(d.Assignee.Kind), ID: d.Assignee.ID}, s.clock.Now(), 100)
}

// found is what hangs on a task's id.
type found struct {
	s         *Service
	task      *Task
	rows      []submissionRow
	authors   map[uuid.UUID][]Person
	decisions []Decision
	mine      uuid.UUID
}

func (x *found) ids() []uuid.UUID {
	out := make([]uuid.UUID, len(x.rows))
	for i := range x.rows {
		out[i] = x.rows[i].ID
	}
	return out
}

// submissions are what was handed in, without the files.
func (x *found) submissions(ctx context.Context) ([]Submission, error) {
	var out []Submission
	for _, r := range x.rows {
		f, err := x.s.form(ctx, x.s.db, x.task.Type, r.FormRev)
		if err != nil {
			return nil, err
		}
		answers, _ := form.DecodeAnswers(f, r.Data)
		out = append(out, Submission{ID: r.ID, No: r.No, FormRev: r.FormRev, Form: f, Answers: answers,
			By: Person{r.By, r.ByName}, Authors: x.authors[r.ID], SubmittedAt: r.At})
	}
	return out, nil
}

// cited are the files of a submission with those of earlier ones that its
// answers still name: a file belongs to the submission it first came with.
func cited(files map[uuid.UUID][]file.File, submission uuid.UUID, named []string) []file.File {
	out := slices.Clone(files[submission])
	for of, list := range files {
		for _, f := range list {
			if of != submission && slices.Contains(named, f.ID.String()) {
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, func(a, b file.File) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return out
}

// Page is a page of tasks; Next is empty on the last one.
type Page struct {
	Items []Task
	Next  string
	// Where is the place whose tasks they are, and Kinds those that the actor may
	// assign there; in [Service.InScope] only.
	Where Where
	Kinds []Kind
}

// Where is a place that has tasks.
type Where struct {
	Scope effect.Scope
	Title string
	Place access.Place
}

// Which tasks a list shows.
type Which string

// The selections: whose turn it is, and everything.
const (
	Turn    Which = "turn"    // open and returned: something to do
	Waiting Which = "waiting" // submitted and escalated
	Ended   Which = "ended"
	All     Which = "all"
)

func (w Which) states() []State {
	switch w {
	case Turn:
		return []State{Open, Returned}
	case Waiting:
		return []State{Submitted, Escalated}
	case Ended:
		return []State{Accepted, Cancelled}
	}
	return States
}

// farDue stands for "no date" in the order of lists: last.
var farDue = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

func (s *Service) place(sum []byte, after string) (time.Time, uuid.UUID, error) {
	if after == "" {
		return zeroTime, uuid.Nil, nil
	}
	c, err := s.key.Open(sum, after, 1)
	if err != nil {
		return zeroTime, uuid.Nil, err
	}
	at, err := time.Parse(time.RFC3339Nano, *c.Values[0])
	return at, c.ID, err
}

func (s *Service) page(sum []byte, rows []taskRow, limit int) (Page, error) {
	if len(rows) <= limit {
		return Page{Items: tasks(rows)}, nil
	}
	last := &rows[limit-1]
	due := farDue
	if last.Due.Valid {
		due = last.Due.Time.UTC()
	}
	text := due.Format(time.RFC3339Nano)
	next, err := s.key.Seal(sum, keyset.Cursor{Values: []*string{&text}, ID: last.ID})
	return Page{Items: tasks(rows[:limit]), Next: next}, err
}

func pageLimit(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 100)
}

// Mine lists the actor's tasks, those of its groups and of its networks, the
// earliest date first, limit 1–100 (0 = 50). Needs [Own].
func (s *Service) Mine(ctx context.Context, a *access.Actor, which Which, after string, limit int) (Page, error) {
	if err := s.auth.Require(a, Own, access.Place{}); err != nil {
		return Page{}, err
	}
	limit = pageLimit(limit)
	sum := []byte("mine/" + a.Person.String() + "/" + string(which))
	due, id, err := s.place(sum, after)
	if err != nil {
		return Page{}, err
	}
	rows, err := s.mine(ctx, a, which, due, id, limit+1)
	if err != nil {
		return Page{}, err
	}
	return s.page(sum, rows, limit)
}

func (s *Service) mine(ctx context.Context, a *access.Actor, which Which, due time.Time, id uuid.UUID, limit int) ([]taskRow, error) {
	return minePage(ctx, s.db, a.Person, assigneesOf(a), which.states(), s.clock.Now(), due, id, limit)
}

// assigneesOf are those whose tasks are the actor's own: the person, its groups and networks.
func assigneesOf(a *access.Actor) []uuid.UUID {
	ids := []uuid.UUID{a.Person}
	for _, g := range a.Grants {
		if of := (effect.Assignee{Kind: effect.AssigneeKind(g.Kind), ID: g.Scope}); member(a, of) {
			ids = append(ids, g.Scope)
		}
	}
	return ids
}

// InScope lists the tasks of a scope and of the groups in it, the earliest date
// first, limit 1–100 (0 = 50): all for whoever reviews, assigns or
// administrates there, own ones for members. Needs [List] there.
//
// Of a task of everybody, members see their own part as soon as there is one.
// Whoever sees all finds the task itself among [Turn] and [All], and the parts
// among [Waiting] and [Ended]: what waits for a decision or has got it is each
// member's own; [Service.Parts] lists those of one task.
func (s *Service) InScope(ctx context.Context, a *access.Actor, scope effect.Scope, which Which, after string, limit int) (Page, error) {
	st, err := s.engine.State(ctx, s.db, scope)
	if err != nil {
		return Page{}, err
	}
	if err := s.auth.Require(a, List, st.Place); err != nil {
		return Page{}, err
	}
	all := s.auth.Can(a, Review, st.Place) || s.auth.Can(a, Assign, st.Place) || !s.auth.Can(a, Submit, st.Place)
	own := []uuid.UUID{a.Person}
	for _, g := range a.Grants {
		own = append(own, g.Scope)
	}
	limit = pageLimit(limit)
	sum := []byte("scope/" + scope.String() + "/" + string(which))
	due, id, err := s.place(sum, after)
	if err != nil {
		return Page{}, err
	}
	var rows []taskRow
	var kinds []Kind
	where := Where{Scope: scope, Place: st.Place}
	err = db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = scopePage(ctx, q, scoped{
				scope: scope.ID, states: which.states(), all: all, parts: which == Waiting || which == Ended, own: own, person: a.Person,
			}, due, id, limit+1)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			if !st.Closed && s.auth.Can(a, Assign, st.Place) {
				kinds, err = s.kindsIn(ctx, q, st)
			}
			if effect.IsDisabled(err) { // nothing may be assigned, the list is read all the same
				kinds, err = nil, nil
			}
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			where.Title, err = scopeTitle(ctx, q, scope.ID)
			return err
		})
	if err != nil {
		return Page{}, err
	}
	p, err := s.page(sum, rows, limit)
	p.Where, p.Kinds = where, kinds
	return p, err
}

// Parts lists the parts of a task of everybody that members have begun, the
// earliest date first, limit 1–100 (0 = 50). Needs to review or assign there.
func (s *Service) Parts(ctx context.Context, a *access.Actor, id uuid.UUID, which Which, after string, limit int) (Page, error) {
	limit = pageLimit(limit)
	sum := []byte("parts/" + id.String() + "/" + string(which))
	due, last, err := s.place(sum, after)
	if err != nil {
		return Page{}, err
	}
	var rows []taskRow
	err = db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) error {
			t, err := findTask(ctx, q, id)
			if err != nil {
				return err
			}
			r, err := s.see(ctx, q, a, t)
			if err == nil && !r.reviewer && !r.assigner {
				err = fault.New(fault.Forbidden, "fault.forbidden")
			}
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = partsPage(ctx, q, id, which.states(), due, last, limit+1)
			return err
		})
	if err != nil {
		return Page{}, err
	}
	return s.page(sum, rows, limit)
}
