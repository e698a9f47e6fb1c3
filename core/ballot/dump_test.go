package ballot_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/ballot/dump"
	"ore.edu.pl/sieci/core/db"
)

const voters = 200

// crowd are people in the order in which they answer, which has nothing to do
// with their ids, and what each of them writes.
func crowd(w *world) ([]uuid.UUID, []dump.Mark) {
	people := w.people(voters)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	marks := make([]dump.Mark, voters)
	for i := range marks {
		marks[i] = dump.Mark{Texts: []string{fmt.Sprintf("znak-%s-%03d", uuid.NewString()[:8], i)}, Person: people[i]}
	}
	return people, marks
}

// Two hundred people answer in a known order; whoever then takes the whole
// database learns nothing about who answered what: not from the order of rows,
// not from transactions, ids or times, not from what is left in other tables.
func TestDumpDoesNotLinkAnswersToPeople(t *testing.T) {
	t.Parallel()
	w := setup(t)
	people, marks := crowd(w)
	id := w.open(people)
	for i, p := range people {
		c := w.issue(id, p)
		marks[i].Texts = append(marks[i].Texts, string(c))
		if i%3 == 0 {
			if err := w.box.SaveDraft(t.Context(), c, []byte(marks[i].Texts[0]+" szkic")); err != nil {
				t.Fatal(err)
			}
		}
		w.cast(c, marks[i].Texts[0])
	}
	w.close(id)
	r, err := dump.Look(t.Context(), w.db, marks)
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows["ballot_answer"] != voters || len(r.Rows) != 1 {
		t.Errorf("rows that hold answers or codes: %v", r.Rows)
	}
	if r.Tested < 3 {
		t.Errorf("%d features tested", r.Tested)
	}
	for _, f := range r.Findings {
		t.Errorf("tells who answered what: %s", f)
	}
	var left int
	if err := w.db.Get(t.Context(), &left, `SELECT (SELECT count(*) FROM ballot_voter) + (SELECT count(*) FROM ballot_paper) + (SELECT count(*) FROM ballot WHERE secret IS NOT NULL)`); err != nil || left != 0 {
		t.Errorf("%d rows of people, papers and keys are left, %v", left, err)
	}
}

// While the ballot is open, a dump holds no answer and no draft that it could
// join with anybody.
func TestDumpOfAnOpenBallotHoldsNoAnswers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	people, marks := crowd(w)
	id := w.open(people)
	for i, p := range people {
		c := w.issue(id, p)
		if err := w.box.SaveDraft(t.Context(), c, []byte(marks[i].Texts[0])); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			w.cast(c, marks[i].Texts[0])
		}
	}
	r, err := dump.Look(t.Context(), w.db, marks)
	if err != nil || len(r.Rows) != 0 {
		t.Errorf("rows that can be read: %v, %v", r, err)
	}
}

// The same look finds what a careless urn leaves: otherwise the tests above
// would prove nothing.
func TestLookFindsCarelessUrns(t *testing.T) {
	t.Parallel()
	shuffled := func(n int) []int {
		out := rand.New(rand.NewPCG(3, 4)).Perm(n)
		return out
	}
	for name, x := range map[string]struct {
		write func(w *world, id uuid.UUID, people []uuid.UUID, marks []dump.Mark)
		want  string
	}{
		"answers written as they come": {func(w *world, id uuid.UUID, _ []uuid.UUID, marks []dump.Mark) {
			for _, m := range marks {
				w.insert(uuid.New(), id, m.Texts[0])
			}
		}, "position"},
		"one transaction each, in a random order of rows": {func(w *world, id uuid.UUID, _ []uuid.UUID, marks []dump.Mark) {
			at := make([]uuid.UUID, len(marks))
			for _, i := range shuffled(len(marks)) {
				at[i] = uuid.New()
				w.insert(at[i], id, "pusta")
			}
			for i, m := range marks { // pages filled to the last byte would keep the place; the transaction tells
				w.sql(`UPDATE ballot_answer SET payload = $2 WHERE id = $1`, at[i], m.Texts[0])
			}
		}, "xmin"},
		"ids with a time in them": {func(w *world, id uuid.UUID, _ []uuid.UUID, marks []dump.Mark) {
			ids := make([]uuid.UUID, len(marks))
			for i := range ids {
				ids[i] = uuid.Must(uuid.NewV7())
			}
			w.tx(func(ctx context.Context, tx *db.Tx) error {
				for _, i := range shuffled(len(marks)) {
					if _, err := tx.Exec(ctx, `INSERT INTO ballot_answer (id, ballot_id, payload) VALUES ($1, $2, $3)`, ids[i], id, marks[i].Texts[0]); err != nil {
						return err
					}
				}
				return nil
			})
		}, "id as id"},
		"shuffled in batches of ten": {func(w *world, id uuid.UUID, _ []uuid.UUID, marks []dump.Mark) {
			for from := 0; from < len(marks); from += 10 {
				for _, i := range shuffled(10) {
					w.insert(uuid.New(), id, marks[from+i].Texts[0])
				}
			}
		}, "position"},
		"an account of the answer with its digest": {func(w *world, id uuid.UUID, _ []uuid.UUID, marks []dump.Mark) {
			for _, m := range marks {
				w.sql(`INSERT INTO audit_event (domain_at, action, object_kind, object_id, digest, actor_system, request_id, scope_kind, fields)
					VALUES (now(), 'x', 'ballot', 'x', sha256(CAST($1 AS bytea)), 'core', '', '', '{}')`, m.Texts[0])
			}
		}, "position"},
		"the name beside the answer": {func(w *world, id uuid.UUID, people []uuid.UUID, marks []dump.Mark) {
			for i, m := range marks {
				w.insert(uuid.New(), id, m.Texts[0]+" "+people[i].String())
			}
		}, "names the person"},
		"papers that stay": {func(w *world, id uuid.UUID, people []uuid.UUID, marks []dump.Mark) {
			for i, p := range people {
				c := w.issue(id, p)
				marks[i].Texts = append(marks[i].Texts, string(c))
				w.cast(c, m0(marks[i]))
			}
		}, "position"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			people, marks := crowd(w)
			id := w.open(people)
			x.write(w, id, people, marks)
			r, err := dump.Look(t.Context(), w.db, marks)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(r.Findings, func(f dump.Finding) bool { return strings.Contains(f.Feature, x.want) }) {
				t.Errorf("found %v in %v, want %s", r.Findings, r.Rows, x.want)
			}
		})
	}
}

func m0(m dump.Mark) string { return m.Texts[0] }

func (w *world) insert(id, of uuid.UUID, payload string) {
	w.sql(`INSERT INTO ballot_answer (id, ballot_id, payload) VALUES ($1, $2, $3)`, id, of, payload)
}

func (w *world) sql(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}
