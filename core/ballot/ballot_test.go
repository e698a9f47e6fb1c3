package ballot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

func TestBallot(t *testing.T) {
	t.Parallel()
	w := setup(t)
	people := w.people(4)
	id := w.open(append(people[:3:3], people[0]))
	if n := w.counts(id); n != (ballot.Counts{Eligible: 3}) {
		t.Errorf("%+v", n)
	}
	ctx := t.Context()
	_, err := w.box.Issue(ctx, id, people[3], ballot.NewNonce())
	want(t, err, fault.NotFound, "fault.not_found")
	_, err = w.box.Issue(ctx, id, people[0], "short")
	want(t, err, fault.Invalid, "ballot.bad_form")

	nonce := ballot.NewNonce()
	code, err := w.box.Issue(ctx, id, people[0], nonce)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.box.Issue(ctx, id, people[0], nonce); err != nil || again != code {
		t.Errorf("the form sent twice gave %q, %v", again, err)
	}
	_, err = w.box.Issue(ctx, id, people[0], ballot.NewNonce())
	want(t, err, fault.Conflict, "ballot.issued")
	if err := w.box.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = w.box.Issue(ctx, id, people[0], nonce)
	want(t, err, fault.Conflict, "ballot.issued")
	if listed, issued, err := w.box.Listed(ctx, w.db, id, people[0]); !listed || !issued || err != nil {
		t.Error(listed, issued, err)
	}
	if listed, _, err := w.box.Listed(ctx, w.db, id, people[3]); listed || err != nil {
		t.Error(listed, err)
	}

	typed, ok := ballot.ParseCode(strings.ToLower(strings.ReplaceAll(code.Grouped(), "-", " ")))
	if !ok || typed != code {
		t.Errorf("%q typed as %q", code, typed)
	}
	if err := w.box.SaveDraft(ctx, code, []byte("połowa")); err != nil {
		t.Fatal(err)
	}
	if p, err := w.box.Find(ctx, w.db, code); err != nil || string(p.Draft) != "połowa" || p.Cast || p.Ballot != id {
		t.Errorf("%+v, %v", p, err)
	}
	forged := ballot.Code(string(code[:39]) + map[bool]string{true: "A", false: "B"}[code[39] != 'A'])
	_, err = w.box.Find(ctx, w.db, forged)
	want(t, err, fault.NotFound, "fault.not_found")
	want(t, w.box.Cast(ctx, forged, []byte("x")), fault.NotFound, "fault.not_found")

	w.cast(code, "całość")
	want(t, w.box.Cast(ctx, code, []byte("inaczej")), fault.Conflict, "ballot.cast")
	want(t, w.box.SaveDraft(ctx, code, []byte("x")), fault.Conflict, "ballot.cast")
	if p, err := w.box.Find(ctx, w.db, code); err != nil || p.Draft != nil || !p.Cast {
		t.Errorf("%+v, %v", p, err)
	}
	late := w.issue(id, people[1])
	if got, err := w.box.Waiting(ctx, w.db, id, uuid.Nil, 10); err != nil || !slices.Equal(got, people[2:3]) {
		t.Errorf("waiting %v, %v", got, err)
	}
	if a, err := w.box.Answers(ctx, w.db, id, uuid.Nil, 10); err != nil || len(a) != 0 {
		t.Errorf("an open ballot shows %v, %v", a, err)
	}
	if n := w.close(id); n != (ballot.Counts{Eligible: 3, Issued: 2, Answers: 1}) || w.counts(id) != n || w.close(id) != n {
		t.Errorf("%+v, then %+v", n, w.counts(id))
	}
	if a, err := w.box.Answers(ctx, w.db, id, uuid.Nil, 10); err != nil || len(a) != 1 || a[0].Payload != "całość" {
		t.Errorf("%v, %v", a, err)
	}
	want(t, w.box.Cast(ctx, late, []byte("x")), fault.Conflict, "ballot.closed")
	_, err = w.box.Issue(ctx, id, people[2], ballot.NewNonce())
	want(t, err, fault.Conflict, "ballot.closed")
	if p, err := w.box.Find(ctx, w.db, code); err != nil || !p.Closed {
		t.Errorf("%+v, %v", p, err)
	}
}

// A paper under another installation's key, or under another hash, does not open.
func TestSealedPapersNeedBothHalvesOfTheKey(t *testing.T) {
	t.Parallel()
	w := setup(t)
	people := w.people(2)
	id := w.open(people)
	w.cast(w.issue(id, people[0]), "tajne słowa")
	var papers int
	if err := w.db.Get(t.Context(), &papers, `SELECT count(*) FROM ballot_paper WHERE position(CAST('tajne' AS bytea) IN sealed) > 0`); err != nil || papers != 0 {
		t.Errorf("%d papers can be read in the database, %v", papers, err)
	}
	other := ballot.New(ballot.Config{DB: w.db, Key: []byte(strings.Repeat("x", 32))})
	if err := w.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := other.Close(ctx, tx, id)
		return err
	}); err == nil {
		t.Error("papers were opened without the installation's key")
	}
	if n := w.counts(id); n.Answers != 1 {
		t.Errorf("the failed closing left %+v", n)
	}
}

// Two hundred people take their codes and answer at once: nothing fails, nothing
// is lost, and each answer is there once.
func TestTwoHundredAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	people := w.people(200)
	id := w.open(people)
	failed := make([]error, len(people))
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() {
			c, err := w.box.Issue(t.Context(), id, p, ballot.NewNonce())
			if err != nil {
				failed[i] = err
				return
			}
			failed[i] = errors.Join(w.box.SaveDraft(t.Context(), c, []byte("szkic")), w.box.Cast(t.Context(), c, fmt.Appendf(nil, "odpowiedź %03d", i)))
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	if n := w.close(id); n != (ballot.Counts{Eligible: 200, Issued: 200, Answers: 200}) {
		t.Fatalf("%+v", n)
	}
	var got []string
	after := uuid.Nil
	for {
		page, err := w.box.Answers(t.Context(), w.db, id, after, 64)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, a := range page {
			got = append(got, a.Payload)
		}
		after = page[len(page)-1].ID
	}
	slices.Sort(got)
	for i := range people {
		if got[i] != fmt.Sprintf("odpowiedź %03d", i) {
			t.Fatalf("answer %d is %q", i, got[i])
		}
	}
}

// Closing while people answer: what was accepted is counted, what came later is refused.
func TestClosingWaitsForThoseWhoAnswer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	people := w.people(60)
	id := w.open(people)
	codes := make([]ballot.Code, len(people))
	for i, p := range people {
		codes[i] = w.issue(id, p)
	}
	accepted := make([]bool, len(people))
	var all sync.WaitGroup
	var n ballot.Counts
	for i, c := range codes {
		all.Go(func() {
			err := w.box.Cast(t.Context(), c, []byte("x"))
			if accepted[i] = err == nil; err != nil {
				want(t, err, fault.Conflict, "ballot.closed")
			}
		})
		if i == len(codes)/2 {
			all.Go(func() { n = w.close(id) })
		}
	}
	all.Wait()
	yes := 0
	for _, a := range accepted {
		if a {
			yes++
		}
	}
	if n.Answers != yes {
		t.Errorf("%d answers were accepted, %d are there", yes, n.Answers)
	}
}
