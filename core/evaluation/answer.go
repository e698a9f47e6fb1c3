package evaluation

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Sheet is the questionnaire under a code: what whoever has the code may see.
type Sheet struct {
	Title, Network string
	Form           *form.Form
	// State is what was saved; the beginning when nothing was.
	State form.State
	// Cast means that the answer was given, Closed that the round is over.
	Cast, Closed bool
	// Hash is under what the paper lies, Sealed its size in bytes: all that is
	// kept of an answer until the round is closed.
	Hash   []byte
	Sealed int
}

// Issue gives the actor the code to their questionnaire, once; nonce is the one
// of the form that asked ([ballot.NewNonce]), so that a form sent twice gets the
// same code. Needs evaluation:answer and a place on the list: NotFound for
// others. Conflict "ballot.issued" for who has taken it, "ballot.closed" when the
// round is over. Nothing but "taken" is kept beside the name, not even a time;
// so there is no account of it and no idempotency key.
func (s *Service) Issue(ctx context.Context, a *access.Actor, id uuid.UUID, nonce string) (ballot.Code, error) {
	if err := s.auth.Require(a, PermAnswer, access.Place{}); err != nil {
		return "", err
	}
	r, err := findRound(ctx, s.db, id, a.Person)
	if err != nil {
		return "", err
	}
	if s.rights(a, r); !r.May.View {
		return "", fault.ErrNotFound
	}
	if r.alive != nil {
		return "", r.alive
	}
	switch {
	case r.State == Closed:
		return "", fault.New(fault.Conflict, "ballot.closed")
	case r.State != Open || !r.Me.Listed:
		return "", fault.New(fault.Forbidden, "evaluation.not_listed")
	}
	return s.ballots.Issue(ctx, r.ballot, a.Person, nonce)
}

// Sheet reads the questionnaire under a code. It asks nobody who they are:
// whoever has the code reads and writes. NotFound for a code that was never
// given out.
func (s *Service) Sheet(ctx context.Context, c ballot.Code) (*Sheet, error) {
	p, err := s.ballots.Find(ctx, s.db, c)
	if err != nil {
		return nil, err
	}
	r, err := roundOf(ctx, s.db, p.Ballot)
	if err != nil {
		return nil, err
	}
	out := &Sheet{Title: r.Title, Network: r.NetworkTitle, Form: r.Form, Cast: p.Cast, Closed: p.Closed || r.State != Open, Hash: p.Hash, Sealed: p.Sealed}
	// A draft without a value is one, too: somebody left the first part blank.
	if p.Draft == nil || json.Unmarshal(p.Draft, &out.State) != nil {
		out.State = form.Start(r.Form)
	}
	return out, nil
}

// SaveSheet keeps what is being written under the code, readable with the code
// alone. Conflict when the answer was given or the round is over.
func (s *Service) SaveSheet(ctx context.Context, c ballot.Code, state form.State) error {
	raw, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return s.ballots.SaveDraft(ctx, c, raw)
}

// Cast gives the answer under a code, once, as JSON ([form.DecodeAnswers]).
// Invalid with fields named like the form's items; Conflict "ballot.cast" when it
// was given already, "ballot.closed" when the round is over.
func (s *Service) Cast(ctx context.Context, c ballot.Code, answers json.RawMessage) error {
	sheet, err := s.Sheet(ctx, c)
	if err != nil {
		return err
	}
	switch {
	case sheet.Closed:
		return fault.New(fault.Conflict, "ballot.closed")
	case sheet.Cast:
		return fault.New(fault.Conflict, "ballot.cast")
	}
	given, bad := form.DecodeAnswers(sheet.Form, answers)
	res := form.Validate(i18n.FromContext(ctx), sheet.Form, given, form.Final, bad)
	if err := res.Err(); err != nil {
		return err
	}
	if len(res.Answers) == 0 {
		return fault.New(fault.Invalid, "evaluation.empty")
	}
	return s.ballots.Cast(ctx, c, res.Answers.Canonical())
}
