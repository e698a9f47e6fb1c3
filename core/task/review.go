package task

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/idem"
)

var zeroTime time.Time

// Judgement is what a reviewer says about the newest submission.
type Judgement struct {
	Verdict effect.Verdict
	// Remarks and Due are required for a return; Due is the new date.
	Remarks []effect.Remark
	Due     time.Time
	// Note is shown with the decision, at most 4,000 characters.
	Note string
	// Version is that of the task that the reviewer saw.
	Version int64
	Reasons []effect.Acknowledgement
}

// maxRemarks of one decision, by the contract.
const maxRemarks = 100

// Decide accepts, returns or escalates what was handed in. Needs to hold the
// type's reviewer role in the task's scope or above it; escalating may also who
// assigns. A type that declares the command "accept" or "return" is asked.
// Errors: Forbidden also for who would accept work of their own, Invalid with
// fields, [NeedsReason], Conflict when nothing waits or the task is no longer at
// the version.
func (s *Service) Decide(ctx context.Context, a *access.Actor, id uuid.UUID, in Judgement) error {
	t, err := findTask(ctx, s.db, id)
	if err != nil {
		return err
	}
	r, err := s.see(ctx, s.db, a, t)
	if err != nil {
		return err
	}
	if !r.reviewer && !(r.assigner && in.Verdict == effect.Escalated) {
		return fault.New(fault.Forbidden, "fault.forbidden")
	}
	if r.scope.Closed {
		return fault.New(fault.Conflict, "task.scope_closed")
	}
	k, err := s.served(ctx, t.Type)
	if fault.Is(err, fault.NotFound) {
		return effect.Unavailable(ctx, &effect.Description{}, "", err)
	}
	if err != nil {
		return err
	}
	sub, err := s.checkJudgement(ctx, s.db, t, &in)
	if err != nil {
		return err
	}
	if in.Verdict == effect.Accepted {
		if err := s.notOwn(ctx, s.db, a, t, sub); err != nil {
			return err
		}
	}
	raw, err := json.Marshal(map[string]any{"verdict": in.Verdict, "submission": sub, "remarks": in.Remarks})
	if err != nil {
		return err
	}
	decision, err := decisionID(ctx, a, "task.decide")
	if err != nil {
		return err
	}
	command := map[effect.Verdict]string{effect.Accepted: "accept", effect.Returned: "return", effect.Escalated: "escalate"}[in.Verdict]
	c := act{id: decision, command: command, typ: t.Type, kind: k, scope: t.Scope, subject: t.known(), submission: sub,
		input: []any{id, in}, document: effect.Document{JSON: raw, Revision: 1}, reasons: in.Reasons}
	_, err = carry(ctx, s, a, c, func(ctx context.Context, tx *db.Tx, tell *told) (bool, error) {
		return true, s.judge(ctx, tx, a, t, sub, in, effect.HandleID(decision, "decision"), tell)
	})
	return err
}

// notOwn refuses whoever would accept work of their own.
func (s *Service) notOwn(ctx context.Context, q db.Q, a *access.Actor, t *Task, sub uuid.UUID) error {
	authors, err := authorIDs(ctx, q, sub)
	if err != nil {
		return err
	}
	if slices.Contains(authors, a.Person) || t.Assignee == (effect.Assignee{Kind: effect.AssigneePerson, ID: a.Person}) {
		return fault.New(fault.Forbidden, "task.own_work")
	}
	return nil
}

// checkJudgement holds the decision against the newest submission, whose id it
// returns, and puts the remarks' quotes where they are.
func (s *Service) checkJudgement(ctx context.Context, q db.Q, t *Task, in *Judgement) (uuid.UUID, error) {
	var bad fault.Fields
	if utf8.RuneCountInString(in.Note) > 4000 {
		bad.Add("note", "task.note_long", "Max", 4000)
	}
	switch in.Verdict {
	case effect.Accepted, effect.Escalated:
	case effect.Returned:
		if len(in.Remarks) == 0 {
			bad.Add("remarks", "task.remarks_missing")
		}
		if !in.Due.After(s.clock.Now()) {
			bad.Add("due", "task.due_past")
		}
	default:
		bad.Add("verdict", "task.verdict")
	}
	if len(in.Remarks) > maxRemarks {
		bad.Add("remarks", "task.remarks_many", "Max", maxRemarks)
	}
	sub, err := latestSubmission(ctx, q, t.ID)
	if db.IsNoRows(err) {
		if in.Verdict == effect.Escalated && bad.Err() == nil {
			return uuid.Nil, nil // three missed dates, nothing handed in
		}
		return uuid.Nil, fault.New(fault.Conflict, "task.nothing_waits")
	}
	if err != nil {
		return uuid.Nil, err
	}
	f, err := s.form(ctx, q, t.Type, sub.FormRev)
	if err != nil {
		return uuid.Nil, err
	}
	answers, _ := form.DecodeAnswers(f, sub.Data)
	for i := range in.Remarks {
		anchor(f, answers, &in.Remarks[i], &bad)
	}
	return sub.ID, bad.Err()
}

// anchor checks a remark: its path is an item of the submission (rows by id),
// its quote stands in the answer. An offset at which the quote does not stand
// is put to where it first does.
func anchor(f *form.Form, a form.Answers, r *effect.Remark, bad *fault.Fields) {
	at := "remarks[" + r.Path + "]"
	r.Text = strings.TrimSpace(r.Text)
	switch n := utf8.RuneCountInString(r.Text); {
	case n == 0:
		bad.Add(at, "task.remark_missing")
	case n > 2000:
		bad.Add(at, "task.remark_long", "Max", 2000)
	}
	if r.Path == "" {
		r.Quote, r.Offset = "", 0
		return
	}
	if len(r.Path) > 200 || f.ItemAt(r.Path) == nil {
		bad.Add(at, "task.remark_path")
		return
	}
	v, answered := a.At(r.Path)
	if strings.Contains(r.Path, "[") && !answered && !rowExists(a, r.Path) {
		bad.Add(at, "task.remark_path")
		return
	}
	if r.Quote == "" {
		r.Offset = 0
		return
	}
	text, _ := v.(string)
	runes := []rune(text)
	quote := []rune(r.Quote)
	if r.Offset >= 0 && r.Offset+len(quote) <= len(runes) && string(runes[r.Offset:r.Offset+len(quote)]) == r.Quote {
		if len(quote) > 500 {
			bad.Add(at, "task.remark_quote")
		}
		return
	}
	first := strings.Index(text, r.Quote)
	if first < 0 || len(quote) > 500 {
		bad.Add(at, "task.remark_quote")
		return
	}
	r.Offset = utf8.RuneCountInString(text[:first])
}

// rowExists reports whether the row in which the path lies is in the answers.
func rowExists(a form.Answers, path string) bool {
	_, ok := a.At(path[:strings.LastIndexByte(path, ']')+1])
	return ok
}

func (s *Service) judge(ctx context.Context, tx *db.Tx, a *access.Actor, t *Task, sub uuid.UUID, in Judgement, id uuid.UUID, tell *told) error {
	now := s.clock.Now()
	from := []State{Submitted, Escalated}
	if in.Verdict == effect.Escalated {
		from = []State{Open, Submitted, Returned}
	}
	if in.Verdict == effect.Returned {
		t.Due = in.Due
	}
	n, err := moveDue(ctx, tx, t.ID, in.Version, from, State(in.Verdict), t.Due, now)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "task.nothing_waits")
	}
	t.State = State(in.Verdict)
	d := &decided{id: id, task: t.ID, submission: sub, verdict: string(in.Verdict), note: strings.TrimSpace(in.Note), by: a.Person, at: now, remarks: in.Remarks}
	if in.Verdict == effect.Returned {
		d.due = in.Due
	}
	if err := insertDecision(ctx, tx, d); err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, t, "task:"+string(in.Verdict), nil, "state", "due", "remarks"); err != nil {
		return err
	}
	tell.add(event(t, "task."+string(in.Verdict), sub))
	return s.tellVerdict(ctx, tx, a, t, sub, string(in.Verdict), id)
}

// tellVerdict tells those who handed in, or everybody whose turn it is.
func (s *Service) tellVerdict(ctx context.Context, tx *db.Tx, a *access.Actor, t *Task, sub uuid.UUID, verdict string, once uuid.UUID) error {
	to := *t
	if verdict != string(Returned) && verdict != "reopened" { // these two come with a new date
		to.Due = zeroTime
	}
	key := "task.notify." + verdict
	if t.Assignee.Kind == effect.AssigneeGroup || sub == uuid.Nil {
		return s.tellAssignees(ctx, tx, a, &to, key, once.String())
	}
	authors, err := authorIDs(ctx, tx, sub)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, a, &to, authors, key, once.String())
}

// Reopen gives an accepted, escalated or cancelled task back to its assignee
// with a new date. Needs the reviewer role or [Assign]. Conflict when the task
// is no longer at the version or not ended.
func (s *Service) Reopen(ctx context.Context, a *access.Actor, id uuid.UUID, due time.Time, note string, version int64) error {
	if !due.After(s.clock.Now()) {
		return fault.InvalidFields(fault.Field{Path: "due", Key: "task.due_past"})
	}
	return s.end(ctx, a, id, version, []State{Accepted, Escalated, Cancelled}, "reopened", due, note)
}

// Cancel ends a task that is no longer wanted, with its parts. Needs [Assign].
// Conflict when the task is no longer at the version or has ended.
func (s *Service) Cancel(ctx context.Context, a *access.Actor, id uuid.UUID, note string, version int64) error {
	return s.end(ctx, a, id, version, []State{Open, Submitted, Returned, Escalated}, "cancelled", zeroTime, note)
}

func (s *Service) end(ctx context.Context, a *access.Actor, id uuid.UUID, version int64, from []State, verdict string, due time.Time, note string) error {
	if utf8.RuneCountInString(note) > 4000 {
		return fault.InvalidFields(fault.Field{Path: "note", Key: "task.note_long", Args: fault.Args{"Max": 4000}})
	}
	t, err := findTask(ctx, s.db, id)
	if err != nil {
		return err
	}
	r, err := s.see(ctx, s.db, a, t)
	if err != nil {
		return err
	}
	if err := s.off(ctx, t.Type); err != nil {
		return err
	}
	if !r.assigner && !(r.reviewer && verdict == "reopened") {
		return fault.New(fault.Forbidden, "fault.forbidden")
	}
	if r.scope.Closed {
		return fault.New(fault.Conflict, "task.scope_closed")
	}
	return s.once(ctx, a, "task."+verdict, []any{id, version, due, note}, func(ctx context.Context, tx *db.Tx) error {
		now := s.clock.Now()
		to := Cancelled
		if verdict == "reopened" {
			to, t.Due = Open, due
		}
		n, err := moveDue(ctx, tx, id, version, from, to, t.Due, now)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "task.not_now")
		}
		if to == Cancelled && t.Each {
			if err := cancelParts(ctx, tx, id, now); err != nil {
				return err
			}
		}
		d, err := uuid.NewV7()
		if err != nil {
			return err
		}
		if err := insertDecision(ctx, tx, &decided{id: d, task: id, verdict: verdict, note: strings.TrimSpace(note), due: due, by: a.Person, at: now}); err != nil {
			return err
		}
		if err := s.note(ctx, tx, a, t, "task:"+verdict, nil, "state", "due"); err != nil {
			return err
		}
		return s.tellVerdict(ctx, tx, a, t, uuid.Nil, verdict, d)
	})
}

// once runs a change in one transaction, once per idempotency key.
func (s *Service) once(ctx context.Context, a *access.Actor, operation string, in any, change func(ctx context.Context, tx *db.Tx) error) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, operation, in, func() (bool, error) { return true, change(ctx, tx) })
		return err
	})
}
