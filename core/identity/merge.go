package identity

// Two accounts of one person become one. ORE's administrators decide which stays
// (whether two accounts can be joined depends on what their owner does in
// networks everywhere, which a centre is not to learn), or their owner does, having proved to own the other one,
// too. Everything that names the closed account is decided about in one list
// ([Reference]): it moves, or stays as history, or goes. The closed account has
// no password, session or role any more and points to the surviving one; its
// address leads there, so invitations and sign-ins with it arrive.
//
// What can go wrong: rights are laundered (who merges
// could give every role there is); an
// account is taken over (ways to sign in never move: the survivor's own remain);
// a voter votes twice (core/ballot sees to it; while one of the accounts stands
// in an open election there is no merging, for sealed answers name it); two
// merges cross (both rows are locked in one order).

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Mover is how an owning room moves its rows of a closed account (from) to the
// surviving one.
type Mover func(ctx context.Context, tx *db.Tx, from, to uuid.UUID, at time.Time) error

// Merging is what joining two accounts would do.
type Merging struct {
	// Stays survives, Closes is closed and points to it.
	Stays, Closes Account
	// Moves are the things of the closed account that go over, Twice those that
	// both have and one remains of.
	Moves, Twice []Moved
}

// Moved is a number of things of one kind.
type Moved struct {
	Thing Thing `json:"thing"`
	N     int   `json:"n"`
}

// PreviewMerge tells what [Service.MergePeople] would do, and refuses what it
// would refuse. It shows two accounts, and is accounted for as [Service.Person].
func (s *Service) PreviewMerge(ctx context.Context, a *access.Actor, stays, closes uuid.UUID) (Merging, error) {
	m, err := s.mayMerge(ctx, s.DB, a, stays, closes)
	if err != nil {
		return Merging{}, err
	}
	for _, id := range []uuid.UUID{stays, closes} {
		err := s.Audit.Read(ctx, s.DB, audit.Event{Actor: a.Person, Action: "person:read", ObjectKind: "person", ObjectID: id.String(), Fields: []string{"name", "email", "institution"}})
		if err != nil {
			return Merging{}, err
		}
	}
	return m, s.countMerge(ctx, s.DB, &m)
}

// MergePeople joins two accounts of one person. It needs person:merge on the
// platform; the web and the API have the actor confirm who they are. Conflict for
// one's own account, for one that is not in a state to merge, and while one of
// them stands in an open election. NotFound for accounts that are not there.
func (s *Service) MergePeople(ctx context.Context, a *access.Actor, stays, closes uuid.UUID) error {
	return s.once(ctx, a, "person:merge", []uuid.UUID{stays, closes}, func(ctx context.Context, tx *db.Tx) error {
		if err := lockPeople(ctx, tx, stays, closes); err != nil {
			return err
		}
		m, err := s.mayMerge(ctx, tx, a, stays, closes)
		if err != nil {
			return err
		}
		return s.merge(ctx, tx, a, &m)
	})
}

func (s *Service) mayMerge(ctx context.Context, q db.Q, a *access.Actor, stays, closes uuid.UUID) (Merging, error) {
	if err := s.Access.Require(a, PermMerge, access.Place{}); err != nil {
		return Merging{}, err
	}
	m, err := bothAccounts(ctx, q, stays, closes)
	if err != nil {
		return m, err
	}
	if stays == closes {
		return m, fault.New(fault.Conflict, "identity.merge_same")
	}
	if a.Person == stays || a.Person == closes {
		return m, fault.New(fault.Conflict, "identity.merge_self")
	}
	return m, mergeable(ctx, q, &m)
}

func bothAccounts(ctx context.Context, q db.Q, stays, closes uuid.UUID) (m Merging, err error) {
	if m.Stays, err = account(ctx, q, stays); err != nil {
		return m, err
	}
	m.Closes, err = account(ctx, q, closes)
	return m, err
}

// mergeable checks the states of both.
func mergeable(ctx context.Context, q db.Q, m *Merging) error {
	if m.Stays.State != Active || m.Closes.State == Blocked || m.Closes.State == Merged {
		return fault.New(fault.Conflict, "identity.merge_state")
	}
	stands, err := standsForElection(ctx, q, m.Stays.ID, m.Closes.ID)
	if err == nil && stands {
		err = fault.New(fault.Conflict, "identity.merge_election")
	}
	return err
}

// merge does it; the caller has authorised it and locked both.
func (s *Service) merge(ctx context.Context, tx *db.Tx, a *access.Actor, m *Merging) error {
	from, to := m.Closes.ID, m.Stays.ID
	if err := moveLinks(ctx, tx, from, to); err != nil {
		return err
	}
	// The owner's index of sign-in attempts and links goes with the account.
	if err := s.shutOut(ctx, tx, from); err != nil {
		return err
	}
	for _, move := range s.Movers {
		if err := move(ctx, tx, from, to, s.Clock.Now()); err != nil {
			return err
		}
	}
	for _, ref := range s.References {
		if err := moveReference(ctx, tx, ref, from, to); err != nil {
			return err
		}
	}
	if err := closeMerged(ctx, tx, from, to); err != nil {
		return err
	}
	if err := s.write(ctx, tx, a, "person:merge", from, "state", "merged_into"); err != nil {
		return err
	}
	if err := s.write(ctx, tx, a, "person:merge", to, "state"); err != nil {
		return err
	}
	return s.settle(ctx, tx, a, to) // the closed one may have supported the school of the other
}

func (s *Service) countMerge(ctx context.Context, q db.Q, m *Merging) error {
	// All in one round trip.
	moves, twice := make([]int, len(s.References)), make([]int, len(s.References))
	var readers []func(ctx context.Context, q db.Q) error
	for i, ref := range s.References {
		if ref.Thing == "" || ref.Rule == Stay || ref.Rule == Shed {
			continue
		}
		readers = append(readers, func(ctx context.Context, q db.Q) (err error) {
			moves[i], twice[i], err = countReference(ctx, q, ref, m.Closes.ID, m.Stays.ID)
			return err
		})
	}
	if err := db.Together(ctx, q, readers...); err != nil {
		return err
	}
	for i, ref := range s.References {
		m.Moves, m.Twice = addMoved(m.Moves, ref.Thing, moves[i]), addMoved(m.Twice, ref.Thing, twice[i])
	}
	return nil
}

func addMoved(list []Moved, thing Thing, n int) []Moved {
	if n == 0 {
		return list
	}
	for i := range list {
		if list[i].Thing == thing {
			list[i].N += n
			return list
		}
	}
	return append(list, Moved{thing, n})
}

// The owner of both accounts proves to own the other one by its password (and
// code); the proof travels sealed, for a few minutes, and is good for nothing but
// merging these two.

const mergePurpose = "merge proof"

type mergeProof struct {
	Person uuid.UUID `json:"p"`
	Other  uuid.UUID `json:"o"`
	Ends   time.Time `json:"e"`
	Mark   string    `json:"m"` // of the other's password
}

// ProveOther checks that the actor owns another account, too, and returns the
// proof for [Service.PreviewOwnMerge]. Errors are those of [Service.SignIn], and
// its throttles; Invalid names code when the other account wants one.
func (s *Service) ProveOther(ctx context.Context, a *access.Actor, in SignInInput) (proof string, err error) {
	if err := s.bySession(a); err != nil {
		return "", err
	}
	p, place, err := s.checkPassword(ctx, &in)
	if err != nil {
		return "", err
	}
	if p.ID == a.Person {
		return "", fault.InvalidFields(fault.Field{Path: "email", Key: "identity.merge_same"})
	}
	if p.Two {
		if err := s.throttleCodes(ctx, &p, place); err != nil {
			return "", err
		}
		if _, err := s.takeCode(ctx, p.ID, place, in.Code); err != nil {
			return "", err
		}
	}
	raw, err := json.Marshal(mergeProof{Person: a.Person, Other: p.ID, Ends: s.Now().Add(stepLife), Mark: s.mark(&p)})
	if err != nil {
		return "", err
	}
	return s.seals.sealText(raw, mergePurpose), nil
}

// ownMerge opens a proof; keepOther closes the account in which the actor is.
func (s *Service) ownMerge(ctx context.Context, q db.Q, a *access.Actor, proof string, keepOther bool) (Merging, error) {
	stale := fault.New(fault.Invalid, "identity.merge_stale")
	if err := s.bySession(a); err != nil {
		return Merging{}, err
	}
	raw, err := s.seals.openText(proof, mergePurpose)
	if err != nil {
		return Merging{}, stale
	}
	var p mergeProof
	if json.Unmarshal(raw, &p) != nil || p.Person != a.Person || !s.Now().Before(p.Ends) {
		return Merging{}, stale
	}
	other, err := credentialsByID(ctx, q, p.Other)
	if err != nil {
		return Merging{}, db.NotFound(err)
	}
	if p.Mark != s.mark(&other) {
		return Merging{}, stale
	}
	stays, closes := a.Person, p.Other
	if keepOther {
		stays, closes = closes, stays
	}
	m, err := bothAccounts(ctx, q, stays, closes)
	if err != nil {
		return m, err
	}
	return m, mergeable(ctx, q, &m)
}

// PreviewOwnMerge is [Service.PreviewMerge] for the owner of both. Invalid when
// the proof is too old.
func (s *Service) PreviewOwnMerge(ctx context.Context, a *access.Actor, proof string, keepOther bool) (Merging, error) {
	m, err := s.ownMerge(ctx, s.DB, a, proof, keepOther)
	if err != nil {
		return Merging{}, err
	}
	return m, s.countMerge(ctx, s.DB, &m)
}

// MergeOwn joins the actor's two accounts; with keepOther the actor's present
// sessions end and they sign in to the other one. Errors as
// [Service.PreviewOwnMerge].
func (s *Service) MergeOwn(ctx context.Context, a *access.Actor, proof string, keepOther bool) error {
	return s.once(ctx, a, "account:merge", []any{proof, keepOther}, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.ownMerge(ctx, tx, a, proof, keepOther)
		if err != nil {
			return err
		}
		if err := lockPeople(ctx, tx, m.Stays.ID, m.Closes.ID); err != nil {
			return err
		}
		if m, err = s.ownMerge(ctx, tx, a, proof, keepOther); err != nil {
			return err
		}
		return s.merge(ctx, tx, a, &m)
	})
}
