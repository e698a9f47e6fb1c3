package task

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Handing is what somebody hands in.
type Handing struct {
	// Version is that of the task when the form was opened: the second of two
	// people of a team who hand in at once gets a Conflict and both texts.
	Version int64
	FormRev int
	// Answers as JSON ([form.DecodeAnswers]) at FormRev.
	Answers json.RawMessage
	// Files are further uploads beside those of file items.
	Files []uuid.UUID
	// Authors of a shared submission; who hands in is always one.
	Authors []uuid.UUID
	Reasons []effect.Acknowledgement
}

// Submit hands a task in. Needs to be its assignee (in a group: head or team
// member). For a task of everybody in a network it makes the actor's own part.
// Errors: Invalid with fields named like the form's items, [NeedsReason],
// Conflict when it is not the assignee's turn, when the task is no longer at
// the version, or in a closed scope, Unavailable while a module that must be
// asked is down.
func (s *Service) Submit(ctx context.Context, a *access.Actor, id uuid.UUID, in Handing) (*Receipt, error) {
	t, err := findTask(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	r, err := s.see(ctx, s.db, a, t)
	if err != nil {
		return nil, err
	}
	if !r.assignee {
		return nil, fault.New(fault.Forbidden, "fault.forbidden")
	}
	k, err := s.served(ctx, t.Type)
	if fault.Is(err, fault.NotFound) {
		return nil, effect.Unavailable(ctx, &effect.Description{}, "", err)
	}
	if err != nil {
		return nil, err
	}
	h, err := s.checkHanding(ctx, t, k, a, in)
	if err != nil {
		return nil, err
	}
	if r.scope.Closed {
		return nil, fault.New(fault.Conflict, "task.scope_closed")
	}
	decision, err := decisionID(ctx, a, "task.submit")
	if err != nil {
		return nil, err
	}
	h.id = effect.HandleID(decision, "submission")
	h.part = effect.HandleID(decision, "part")
	c := act{id: decision, command: "submit", typ: t.Type, kind: k, scope: t.Scope, subject: t.known(), submission: h.id,
		input: []any{id, in}, document: effect.Document{JSON: h.data, Revision: in.FormRev}, reasons: in.Reasons}
	out, err := carry(ctx, s, a, c, func(ctx context.Context, tx *db.Tx, tell *told) (Receipt, error) {
		return s.submit(ctx, tx, a, t, k, in.Version, h, tell)
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// handing is a checked [Handing].
type handing struct {
	id, part uuid.UUID
	rev      int
	data     []byte
	files    []uuid.UUID
	authors  []uuid.UUID
}

func (s *Service) checkHanding(ctx context.Context, t *Task, k *effect.TaskType, a *access.Actor, in Handing) (*handing, error) {
	f, err := s.form(ctx, s.db, t.Type, in.FormRev)
	if fault.Is(err, fault.NotFound) || in.FormRev != k.Form.Revision {
		return nil, fault.New(fault.Conflict, "task.form_moved")
	}
	if err != nil {
		return nil, err
	}
	answers, wrong := form.DecodeAnswers(f, in.Answers)
	res := form.Validate(i18n.FromContext(ctx), f, answers, form.Final, wrong)
	bad := res.Errors
	module, _, _ := effect.Split(t.Type)
	lost, err := s.engine.Refer(access.With(ctx, a), module, t.Scope, f, res.Answers)
	if err != nil {
		return nil, err
	}
	bad = append(bad, lost...)
	h := &handing{rev: in.FormRev, data: res.Answers.Canonical(), authors: []uuid.UUID{a.Person}}
	for _, id := range res.Answers.Files(f) {
		u, err := uuid.Parse(id)
		if err != nil {
			bad.Add("files", "task.unknown_file")
			continue
		}
		h.files = append(h.files, u)
	}
	h.files = append(h.files, in.Files...)
	slices.SortFunc(h.files, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	h.files = slices.Compact(h.files)
	if len(in.Files) > 0 && len(h.files) > k.MaxFiles {
		bad.Add("files", "task.files_many", "N", k.MaxFiles)
	}
	if err := s.checkAuthors(ctx, t, k, a, in.Authors, h, &bad); err != nil {
		return nil, err
	}
	return h, bad.Err()
}

// checkAuthors: the authors of a shared submission belong to the group or network.
func (s *Service) checkAuthors(ctx context.Context, t *Task, k *effect.TaskType, a *access.Actor, authors []uuid.UUID, h *handing, bad *fault.Fields) error {
	if !k.SharedSubmission || t.Assignee.Kind == effect.AssigneePerson {
		return nil
	}
	for _, p := range authors {
		if p == a.Person || slices.Contains(h.authors, p) {
			continue
		}
		ok, err := isMember(ctx, s.db, effect.Scope{Kind: effect.ScopeKind(t.Assignee.Kind), ID: t.Assignee.ID}, p, s.clock.Now())
		if err != nil {
			return err
		}
		if !ok || len(h.authors) >= 100 {
			bad.Add("authors", "task.author")
			return nil
		}
		h.authors = append(h.authors, p)
	}
	return nil
}

func (s *Service) submit(ctx context.Context, tx *db.Tx, a *access.Actor, t *Task, k *effect.TaskType, version int64, h *handing, tell *told) (Receipt, error) {
	now := s.clock.Now()
	of := t
	if t.Each {
		part, err := s.part(ctx, tx, t, a.Person, h.part)
		if err != nil {
			return Receipt{}, err
		}
		of, version = part, part.Version
	}
	next := Submitted
	if k.ReviewerRole == "" {
		next = Accepted
	}
	n, err := moveState(ctx, tx, of.ID, version, []State{Open, Returned}, next, now)
	if err != nil {
		return Receipt{}, err
	}
	if n == 0 {
		return Receipt{}, fault.New(fault.Conflict, "task.not_yours_now")
	}
	of.State = next
	no, err := insertSubmission(ctx, tx, of.ID, h, a.Person, now)
	if err != nil {
		return Receipt{}, err
	}
	if len(h.files) > 0 {
		o := file.Object{Kind: FileKind, ID: h.id, ScopeKind: string(of.Scope.Kind), ScopeID: of.Scope.ID}
		files, err := s.freshFiles(ctx, tx, of.ID, h)
		if err != nil {
			return Receipt{}, err
		}
		if err := s.files.Attach(ctx, tx, a, files, o); err != nil {
			return Receipt{}, err
		}
	}
	if err := s.note(ctx, tx, a, of, "task:submit", h.data, "submission"); err != nil {
		return Receipt{}, err
	}
	tell.add(event(of, "task.submitted", h.id))
	if next == Accepted {
		if err := insertDecision(ctx, tx, &decided{task: of.ID, submission: h.id, verdict: "accepted", at: now}); err != nil {
			return Receipt{}, err
		}
		tell.add(event(of, "task.accepted", h.id))
	} else if err := s.tellReviewers(ctx, tx, a, of, k, h.id); err != nil {
		return Receipt{}, err
	}
	return Receipt{Task: of.ID, Submission: h.id, No: no, At: now, State: next}, nil
}

// freshFiles are the files not yet attached to an earlier submission of the
// task: those stay where they are and are cited by the answers.
func (s *Service) freshFiles(ctx context.Context, tx *db.Tx, task uuid.UUID, h *handing) ([]uuid.UUID, error) {
	ids, err := submissionIDs(ctx, tx, task)
	if err != nil {
		return nil, err
	}
	had, err := s.files.Of(ctx, tx, FileKind, ids...)
	if err != nil {
		return nil, err
	}
	var out []uuid.UUID
	for _, id := range h.files {
		known := false
		for _, list := range had {
			known = known || slices.ContainsFunc(list, func(f file.File) bool { return f.ID == id })
		}
		if !known {
			out = append(out, id)
		}
	}
	return out, nil
}

// part is the person's own part of a task of everybody, made when it is missing.
func (s *Service) part(ctx context.Context, tx *db.Tx, t *Task, person, id uuid.UUID) (*Task, error) {
	now := s.clock.Now()
	p := *t
	p.ID, p.Parent, p.Each, p.Version, p.State = id, t.ID, false, 1, Open
	p.Assignee = effect.Assignee{Kind: effect.AssigneePerson, ID: person}
	p.CreatedAt, p.ChangedAt = now, now
	if open, err := holdOpen(ctx, tx, t.ID); err != nil {
		return nil, err
	} else if !open {
		return nil, fault.New(fault.Conflict, "task.not_yours_now")
	}
	if err := insertTask(ctx, tx, &p, uuid.Nil); err != nil {
		return nil, err
	}
	return lockPart(ctx, tx, t.ID, person)
}

// tellReviewers tells who accepts or returns: the role's holders in the task's
// scope, else those in the scopes above.
func (s *Service) tellReviewers(ctx context.Context, tx *db.Tx, a *access.Actor, t *Task, k *effect.TaskType, submission uuid.UUID) error {
	st, err := s.engine.State(ctx, tx, t.Scope)
	if err != nil {
		return err
	}
	role := reviewerRole(t.Type, k.ReviewerRole)
	for _, at := range []struct {
		kind access.ScopeKind
		id   uuid.UUID
	}{{access.Group, st.Place.Group}, {access.Network, st.Place.Network}, {access.Programme, st.Place.Programme}} {
		if at.id == uuid.Nil {
			continue
		}
		to, err := access.HoldersOf(ctx, tx, role, at.kind, at.id, s.clock.Now(), 50)
		if err != nil {
			return err
		}
		if len(to) > 0 {
			without := *t
			without.Due = zeroTime
			return s.tell(ctx, tx, a, &without, to, "task.notify.submitted", submission.String())
		}
	}
	return nil
}
