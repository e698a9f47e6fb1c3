// Package db opens PostgreSQL and gives the two things that contexts use: [Q],
// which reads and writes with lazily prepared statements, and transactions that
// are repeated on serialization failures and deadlocks. It owns no table but
// the migration bookkeeping. sqlx and lib/pq stay inside this package and each
// context's store.go.
package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/fault"
)

// Q reads and writes; both [*DB] and [*Tx] are one. Every query text is
// prepared once per pool and reused (one round trip a call). Query texts must
// be constants of the program: they are kept for the life of the process.
type Q interface {
	// Get scans one row into dest; sql.ErrNoRows when there is none.
	Get(ctx context.Context, dest any, query string, args ...any) error
	// Select scans all rows into the slice dest.
	Select(ctx context.Context, dest any, query string, args ...any) error
	// Exec returns the number of rows affected.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
}

// Config says which database and how many connections.
type Config struct {
	// DSN is a lib/pq connection string; sslmode is mandatory unless the host is a socket folder.
	DSN string
	// MaxConns is the size of the pool; default 20.
	MaxConns int
	// StatementTimeout ends a statement on the server a little before its
	// context does (a cancelled lib/pq query closes its connection); default 14 s.
	StatementTimeout time.Duration
}

// DB is a pool. Safe for concurrent use.
type DB struct {
	x       *sqlx.DB
	dsn     string
	mu      sync.RWMutex
	stmts   map[string]*sqlx.Stmt
	joined  map[string]struct{} // texts of stmts that Together made
	watch   atomic.Pointer[func(texts []string)]
	queries atomic.Int64
}

// Tx is a transaction in progress. Not safe for concurrent use.
type Tx struct {
	tx    *sqlx.Tx
	db    *DB
	after []func()
	late  []late // see Later
	// fresh are query texts that the pool had not prepared yet.
	fresh map[string]*sqlx.Stmt
	// texts are those of all statements, kept while somebody watches.
	texts []string
}

var (
	_ Q = (*DB)(nil)
	_ Q = (*Tx)(nil)
)

// Open connects and pings. The caller closes.
func Open(ctx context.Context, c Config) (*DB, error) {
	c.MaxConns = cmp.Or(c.MaxConns, 20)
	c.StatementTimeout = cmp.Or(c.StatementTimeout, 14*time.Second)
	dsn, err := withOptions(c)
	if err != nil {
		return nil, err
	}
	x, err := sqlx.Open("postgres", dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	x.SetMaxOpenConns(c.MaxConns)
	x.SetMaxIdleConns(c.MaxConns)
	x.SetConnMaxIdleTime(5 * time.Minute)
	if err := x.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach database: %w", err), x.Close())
	}
	return &DB{x: x, dsn: c.DSN, stmts: map[string]*sqlx.Stmt{}}, nil
}

// DSN is the connection string as given to [Open]; it may hold a password.
func (d *DB) DSN() string { return d.dsn }

// Close closes the pool.
func (d *DB) Close() error { return d.x.Close() }

// SQL is the pool for libraries that want database/sql (goose, River).
func (d *DB) SQL() *sql.DB { return d.x.DB }

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.x.PingContext(ctx) }

// RoundTrips is the number of statements sent by this pool so far; tests
// compare it before and after a request.
func (d *DB) RoundTrips() int64 { return d.queries.Load() }

// Prepared is the number of distinct statements prepared so far.
func (d *DB) Prepared() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.stmts)
}

func (d *DB) known(query string) (*sqlx.Stmt, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	s, ok := d.stmts[query]
	return s, ok
}

// prepareTimeout bounds the wait for a connection to prepare on.
const prepareTimeout = 10 * time.Second

func (d *DB) stmt(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if s, ok := d.known(query); ok {
		return s, nil
	}
	// One visitor's leaving must not spoil the statement for the others.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), prepareTimeout)
	defer cancel()
	s, err := d.x.PreparexContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return d.adopt(query, s), nil
}

// adopt keeps a statement for the pool, or returns the one that somebody else
// was faster to prepare.
func (d *DB) adopt(query string, s *sqlx.Stmt) *sqlx.Stmt {
	d.mu.Lock()
	defer d.mu.Unlock()
	if old, ok := d.stmts[query]; ok {
		// Closing waits for the connection on which s was prepared, and that one
		// may wait for a row that belongs to a transaction which waits for mu.
		go func() { _ = s.Close() }()
		return old
	}
	d.stmts[query] = s
	return s
}

// Get implements [Q].
func (d *DB) Get(ctx context.Context, dest any, query string, args ...any) error {
	if l := laneOf(ctx, d); l != nil {
		return l.Get(ctx, dest, query, args...)
	}
	count(ctx, &d.queries)
	s, err := d.stmt(ctx, query)
	if err != nil {
		return translate(err)
	}
	return translate(getInto(ctx, s, dest, query, args))
}

// Select implements [Q].
func (d *DB) Select(ctx context.Context, dest any, query string, args ...any) error {
	if l := laneOf(ctx, d); l != nil {
		return l.Select(ctx, dest, query, args...)
	}
	count(ctx, &d.queries)
	s, err := d.stmt(ctx, query)
	if err != nil {
		return translate(err)
	}
	return translate(selectInto(ctx, s, dest, query, args))
}

// Exec implements [Q].
func (d *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	count(ctx, &d.queries)
	s, err := d.stmt(ctx, query)
	if err != nil {
		return 0, translate(err)
	}
	n, err := affected(s.ExecContext(ctx, args...))
	if err == nil {
		d.tell([]string{query})
	}
	return n, err
}

// Watch has f told the texts of the statements of every transaction that
// commits, and of every write outside of one: so a test holds all changes of a
// program to a rule. f is called by many at once.
func (d *DB) Watch(f func(texts []string)) { d.watch.Store(&f) }

func (d *DB) tell(texts []string) {
	if f := d.watch.Load(); f != nil && len(texts) > 0 {
		(*f)(texts)
	}
}

// maxTxAttempts bounds the repeats of a transaction that lost a race.
const maxTxAttempts = 5

// Tx runs f in a READ COMMITTED transaction and commits when f returns nil.
// f is run again, up to five times in all, when PostgreSQL reports a
// serialization failure (40001) or a deadlock (40P01): it must have no effect
// outside the transaction. Never call a module or the network inside.
func (d *DB) Tx(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	var err error
	for attempt := range maxTxAttempts {
		if attempt > 0 {
			// A short random pause, so that two losers do not meet again.
			pause := time.Duration(rand.Int64N(int64(10*time.Millisecond) << attempt))
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
		}
		if err = d.once(ctx, f); !retryable(err) {
			return err
		}
	}
	return fault.Wrap(err, fault.Conflict, "fault.conflict")
}

func (d *DB) once(ctx context.Context, f func(ctx context.Context, tx *Tx) error) (err error) {
	x, err := d.x.BeginTxx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	tx := &Tx{tx: x, db: d}
	// Runs last, when the connection is back in the pool.
	defer tx.remember(ctx)
	defer func() {
		if p := recover(); p != nil {
			_ = x.Rollback()
			panic(p)
		}
	}()
	err = f(ctx, tx)
	if err == nil {
		err = tx.finish(ctx)
	}
	if err != nil {
		if rb := x.Rollback(); rb != nil && !errors.Is(rb, sql.ErrTxDone) {
			return errors.Join(err, rb)
		}
		return err
	}
	if err := x.Commit(); err != nil {
		return translate(err)
	}
	d.tell(tx.texts)
	for _, g := range tx.after {
		g()
	}
	return nil
}

// SQL is the transaction for libraries that want database/sql (River).
func (t *Tx) SQL() *sql.Tx { return t.tx.Tx }

// AfterCommit runs f once the transaction has committed; never when it rolls back.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// stmt is the pool's statement bound to this transaction. One that the pool
// does not know yet is prepared on the transaction's own connection: asking the
// pool for a second connection while holding one is how pools lock up.
func (t *Tx) stmt(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if t.db.watch.Load() != nil {
		t.texts = append(t.texts, query)
	}
	if s, ok := t.db.known(query); ok {
		return t.tx.StmtxContext(ctx, s), nil
	}
	if s, ok := t.fresh[query]; ok {
		return s, nil
	}
	s, err := t.tx.PreparexContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if t.fresh == nil {
		t.fresh = map[string]*sqlx.Stmt{}
	}
	t.fresh[query] = s
	return s, nil
}

// remember prepares on the pool, after the transaction, what was new in it.
func (t *Tx) remember(ctx context.Context) {
	for query := range t.fresh {
		// A failure costs the next transaction another try, nothing more.
		_, _ = t.db.stmt(ctx, query)
	}
}

// Get implements [Q].
func (t *Tx) Get(ctx context.Context, dest any, query string, args ...any) error {
	count(ctx, &t.db.queries)
	s, err := t.stmt(ctx, query)
	if err != nil {
		return translate(err)
	}
	return translate(getInto(ctx, s, dest, query, args))
}

// Select implements [Q].
func (t *Tx) Select(ctx context.Context, dest any, query string, args ...any) error {
	count(ctx, &t.db.queries)
	s, err := t.stmt(ctx, query)
	if err != nil {
		return translate(err)
	}
	return translate(selectInto(ctx, s, dest, query, args))
}

// Exec implements [Q].
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	count(ctx, &t.db.queries)
	s, err := t.stmt(ctx, query)
	if err != nil {
		return 0, translate(err)
	}
	return affected(s.ExecContext(ctx, args...))
}

type counterKey struct{}

// WithCounter returns a context in which statements are counted, for tests
// and for the slow-request log.
func WithCounter(ctx context.Context) (context.Context, *atomic.Int64) {
	var n atomic.Int64
	return context.WithValue(ctx, counterKey{}, &n), &n
}

func count(ctx context.Context, total *atomic.Int64) {
	total.Add(1)
	if n, ok := ctx.Value(counterKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
}

func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, translate(err)
	}
	return r.RowsAffected()
}

func retryable(err error) bool {
	var p *pq.Error
	return errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01")
}
