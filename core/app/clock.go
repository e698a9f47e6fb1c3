package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
)

// DomainClock is the domain time of all nodes: its offset lies in
// clock_setting and is read again every few seconds. Safe for concurrent use.
type DomainClock struct {
	clock.Shifted
	db *db.DB
	// mu keeps a reading that began before a move from undoing it.
	mu   sync.Mutex
	quit context.CancelFunc
	done chan struct{}
}

var _ clock.Clock = (*DomainClock)(nil)

// follow is how late another node notices that the clock was moved; a
// demonstration on two nodes bears that.
const follow = 2 * time.Second

func openClock(ctx context.Context, d *db.DB) (*DomainClock, error) {
	c := &DomainClock{db: d, done: make(chan struct{})}
	if err := c.read(ctx); err != nil {
		return nil, err
	}
	ctx, c.quit = context.WithCancel(context.WithoutCancel(ctx))
	go c.follow(ctx)
	return c, nil
}

func (c *DomainClock) follow(ctx context.Context) {
	defer close(c.done)
	tick := time.NewTicker(follow)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := c.read(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "the domain clock keeps its last offset", "err", err)
		}
	}
}

func (c *DomainClock) stop() error {
	c.quit()
	<-c.done
	return nil
}

func (c *DomainClock) read(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	us, err := readOffset(ctx, c.db)
	if err == nil {
		c.SetOffset(time.Duration(us) * time.Microsecond)
	}
	return err
}

// Move puts the domain clock of all nodes at t; it goes on from there. Only
// the development page and the demonstration call it.
func (c *DomainClock) Move(ctx context.Context, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	offset := time.Until(t)
	if err := writeOffset(ctx, c.db, offset.Microseconds()); err != nil {
		return err
	}
	c.SetOffset(offset)
	return nil
}
