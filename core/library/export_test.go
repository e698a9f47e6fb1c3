package library

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
)

// ExplainList is the plan of the statement that List sends.
func (s *Service) ExplainList(t testing.TB, ctx context.Context, a *access.Actor, f Filter) []string {
	t.Helper()
	f.words, f.match = patterns(f.Text), s.search.Match(f.Text)
	reach := s.auth.Reach(a, PermView)
	after, err := readCursor("", f.Order)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	err = s.db.Select(ctx, &out, "EXPLAIN "+lists[listKey{f.Which, f.Order, f.Network != uuid.Nil}], nilID(a.Person), a.SignedIn(), reach.All, pq.Array(reach.Centres), pq.Array(reach.Programmes), pq.Array(reach.Networks),
		f.Kind, f.Licence, pq.Array(nonNil(f.Tags)), f.Product, f.Audience, pq.Array(nonNil(f.words)), f.Network, after.useful, after.id, 21, f.match)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
