package search

import (
	"context"
	"fmt"
	"regexp"
	"time"

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
