package job

// What happens to the jobs of a node that died. River takes a job over once
// its timeout has long passed (a minute and a half); people wait for some of
// these. So every node holds a PostgreSQL advisory lock under its number for as
// long as it lives: the server drops the lock with the connection, that is at
// once when the process is killed. Each node looks now and then for running
// jobs whose node holds no lock, and what it sees twice in a row it puts back.
// A node that merely lost its connection takes the lock again; should its job
// have been put back meanwhile, it runs twice, which a job must bear anyway.
// A node that cannot see its own lock (a pooler in between) takes nothing.

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// lockClass is the first key of the nodes' advisory locks; any number that
// nothing else in the database uses.
const lockClass = 7_402_001

type node struct {
	number int32
	pool   *sql.DB
	conn   *sql.Conn
	every  time.Duration
	stop   context.CancelFunc
	done   chan struct{}
	// suspects are the dead nodes seen in the last round.
	suspects map[int32]bool
}

func newNode(pool *sql.DB, every time.Duration) *node {
	return &node{number: rand.Int32(), pool: pool, every: every}
}

// id is what River writes into attempted_by: the number first, for the query.
func (n *node) id() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%d@%s", n.number, strings.ReplaceAll(host, "@", ""))
}

// start takes the lock before the first job can run.
func (n *node) start() error {
	ctx, stop := context.WithCancel(context.Background())
	if err := n.hold(ctx); err != nil {
		stop()
		return fmt.Errorf("announce node: %w", err)
	}
	n.stop, n.done = stop, make(chan struct{})
	go n.watch(ctx)
	return nil
}

// leave gives the lock back after the last job has ended.
func (n *node) leave() {
	n.stop()
	<-n.done
	if n.conn != nil {
		// The lock belongs to the session: end it, instead of pooling it.
		_ = n.conn.Raw(func(any) error { return errEndSession })
		_ = n.conn.Close()
		n.conn = nil
	}
}

func (n *node) hold(ctx context.Context) error {
	conn, err := n.pool.Conn(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1, $2)`, lockClass, n.number); err != nil {
		_ = conn.Close()
		return err
	}
	n.conn = conn
	return nil
}

func (n *node) watch(ctx context.Context) {
	defer close(n.done)
	tick := time.NewTicker(n.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := n.round(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "watching the other nodes", "err", err)
			n.suspects = nil
		}
	}
}

func (n *node) round(ctx context.Context) error {
	if n.conn == nil {
		if err := n.hold(ctx); err != nil {
			return err
		}
	}
	dead, err := deadNodes(ctx, n.conn, n.number)
	if err != nil {
		_ = n.conn.Close()
		n.conn = nil
		return err
	}
	now := make(map[int32]bool, len(dead))
	for _, d := range dead {
		if !n.suspects[d] {
			now[d] = true
			continue
		}
		taken, err := takeOver(ctx, n.conn, d)
		if err != nil {
			return err
		}
		slog.WarnContext(ctx, "took over the jobs of a dead node", "node", d, "jobs", taken)
	}
	n.suspects = now
	return nil
}
