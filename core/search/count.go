package search

import (
	"context"
	"time"
)

// counts is how often words occur in the texts, as PostgreSQL last counted.
type counts struct {
	rows       float64 // documents; 0 when they were never counted
	share      map[string]float64
	least      float64 // share of the rarest word that is in the list
	unfinished bool    // the job is still preparing documents
	read       time.Time
}

// freshCounts is how long counts are used: they change slowly, and autovacuum
// renews them after a tenth of the rows changed.
const (
	freshCounts   = 10 * time.Minute
	freshProgress = 15 * time.Second
)

// Texts are walked from the newest on instead of being ranked when more matches
// than walkFrom are expected (ranking reads every match), or when even the rarest
// word is in more than walkRarest texts (the index then reads that many).
const (
	walkFrom   = 4000
	walkRarest = 100_000
)

func (c *counts) of(lexeme string) float64 {
	if s, ok := c.share[lexeme]; ok {
		return s
	}
	return c.least / 2
}

// walks decides how a query is answered.
func (c *counts) walks(p plan) bool {
	return c.rows*p.expected > walkFrom || c.rows*p.rarest > walkRarest
}

// count gives the counts, read anew now and then by whoever comes first.
func (x *Index) count(ctx context.Context) (*counts, error) {
	fresh := func(c *counts) bool {
		age := time.Since(c.read)
		return age < freshProgress || age < freshCounts && !c.unfinished && c.rows > 0
	}
	c := x.counts.Load()
	if c != nil && fresh(c) {
		return c, nil
	}
	if c != nil && !x.mu.TryLock() {
		return c, nil // somebody else reads them
	}
	if c == nil {
		x.mu.Lock()
	}
	defer x.mu.Unlock()
	if c = x.counts.Load(); c != nil && fresh(c) {
		return c, nil
	}
	c, err := readCounts(ctx, x.db, x.Revision(), len(x.sources))
	if err != nil {
		return nil, err
	}
	c.read = time.Now()
	x.counts.Store(c)
	return c, nil
}

// Recount forgets the counts, so that the next search reads them.
func (x *Index) Recount() { x.counts.Store(nil) }
