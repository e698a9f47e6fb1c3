package search

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

// Pretend makes the index believe that there are so many documents and that
// each of the lexemes is in all of them.
func (x *Index) Pretend(rows float64, lexemes ...string) {
	c := &counts{rows: rows, share: map[string]float64{}, least: 1e-4, read: time.Now().Add(time.Hour)}
	for _, l := range lexemes {
		c.share[l] = 1
	}
	x.counts.Store(c)
}

// OnePage prepares one page of a kind.
func (x *Index) OnePage(ctx context.Context, d *db.DB, k Kind) error {
	_, _, err := x.page(ctx, d, x.source(k))
	return err
}

// Authorizer is what the index decides by.
func (x *Index) Authorizer() *access.Authorizer { return x.auth }

var grammar = regexp.MustCompile(`^[!()&|<>0-9: *]*$`)
var lexeme = regexp.MustCompile(`'[^'\\]+'`)

// Check finds anything in the query for PostgreSQL that is neither a lexeme in
// quotes nor one of the operators that the parser writes.
func (q *Query) Check() error {
	s := lexeme.ReplaceAllString(q.ts(), "")
	if !grammar.MatchString(s) {
		return fmt.Errorf("%q leaves %q", q.ts(), s)
	}
	return nil
}

// SnippetOf is the snippet that the query shows of a text.
func SnippetOf(q *Query, text string) []Piece { return snippet(nil, q, text, snippetSize) }

// Vector is what is stored of a document.
func (x *Index) Vector(d *Doc) string { return vector(x.words, d) }

// ExplainFind is the plan of the statement for posts, and whether it walks.
func (x *Index) ExplainFind(t testing.TB, a *access.Actor, ask Ask) (string, bool) {
	t.Helper()
	q, err := Parse(x.words, ask.Text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x.count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reach := x.auth.Reach(a, x.source(Posts).Perm)
	p := findPart(c, q, Posts, a, &reach, ask.Network != uuid.Nil, 0)
	var lines []string
	network := uuid.NullUUID{UUID: ask.Network, Valid: ask.Network != uuid.Nil}
	err = x.db.Select(t.Context(), &lines, "EXPLAIN WITH asked AS (SELECT $1::uuid, $2::uuid, $3::timestamptz, $4::int) "+p.SQL,
		append([]any{a.Person, network, time.Now(), 21}, p.Args...)...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n"), c.walks(q.plan(c.of))
}
