package app

import (
	"context"
	"sync/atomic"
	"time"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/web/health"
)

// prober answers /readyz.
type prober struct {
	db      *db.DB
	modules func(ctx context.Context) []health.Module
	// migrated stays true: a schema does not grow older.
	migrated atomic.Bool
}

var _ health.Prober = (*prober)(nil)

// probeTimeout is shorter than the patience of any load balancer.
const probeTimeout = 2 * time.Second

// Probe implements [health.Prober].
func (p *prober) Probe(ctx context.Context) health.State {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	s := health.State{Database: p.db.Ping(ctx) == nil}
	if s.Database && !p.migrated.Load() {
		pending, err := db.Pending(ctx, p.db)
		p.migrated.Store(err == nil && !pending)
	}
	s.Migrations = p.migrated.Load()
	if p.modules != nil {
		s.Modules = p.modules(ctx)
	}
	return s
}
