// Package cluster keeps a private PostgreSQL cluster in a folder, for
// installations without a database server of their own and for tests. It owns
// that folder and no table.
//
// The story. Whoever needs the database (the server, a command beside it, a
// test) calls [Open] on the same folder. The first makes the cluster (initdb
// into a side folder, renamed when whole) and starts postgres; the others join
// the one that runs. Each holds a shared lock on the file "users" for as long
// as it lives; the last to leave stops postgres. Starting and stopping happen
// under an exclusive lock on the file "starting", so two never start at once.
// The kernel drops the locks of a process that is killed, so nothing stale
// stays: a postgres left running by a killed server is found by its
// postmaster.pid and joined, one that was killed itself is started again, by
// whoever opens the folder next or, while the folder is open, within a second
// by any of its users.
//
// Who gets in. The server listens on a unix socket only, in a folder closed to
// everybody but the owner of the cluster, and asks the kernel who connects
// (peer authentication): root when root runs Sieci, the owner otherwise. There
// is no password to keep or to leak. Run by root, postgres drops to the user
// "postgres", never to "nobody", under which modules run.
package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ore.edu.pl/sieci/core/fault"
)

// Config says where the cluster lies.
type Config struct {
	// Dir is the cluster's folder, made when missing; required.
	Dir string
	// Throwaway clusters do not survive a power cut (no fsync) and die with the
	// process that started them: for tests.
	Throwaway bool
	// Wait is how long a start may take, recovery included; default 2 minutes.
	Wait time.Duration
}

// Cluster is an open cluster. Safe for concurrent use.
type Cluster struct {
	c      Config
	owner  owner
	bin    binaries
	socket string
	users  *lock

	mu    sync.Mutex
	child *child // nil when another process started postgres
	stop  context.CancelFunc
	done  chan struct{}
	// remove is a folder that goes with the cluster.
	remove string
}

// Open makes, starts or joins the cluster. What a person can put right comes
// as a fault with a sentence: no PostgreSQL installed, another major version,
// a folder that may not be used. The caller closes.
func Open(ctx context.Context, c Config) (_ *Cluster, err error) {
	c.Wait = cmp.Or(c.Wait, 2*time.Minute)
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return nil, err
	}
	k := &Cluster{c: c, done: make(chan struct{})}
	if k.owner, err = whoOwns(); err != nil {
		return nil, err
	}
	if err := k.owner.prepareDir(c.Dir); err != nil {
		return nil, err
	}
	if k.bin, err = findBinaries(k.data()); err != nil {
		return nil, err
	}
	if k.socket, err = k.owner.socketDir(c.Dir); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	starting, err := lockExclusive(ctx, filepath.Join(c.Dir, "starting"))
	if err != nil {
		return nil, fmt.Errorf("wait for another start: %w", err)
	}
	defer starting.release()
	if k.users, err = lockShared(filepath.Join(c.Dir, "users")); err != nil {
		return nil, err
	}
	if err := k.ensure(ctx); err != nil {
		k.users.release()
		return nil, err
	}
	watch, stop := context.WithCancel(context.Background())
	k.stop = stop
	go k.watch(watch)
	return k, nil
}

// DSN is the connection string of the platform's database.
func (k *Cluster) DSN() string { return k.dsn(database) }

// AdminDSN is the connection string of the database "postgres", for making others.
func (k *Cluster) AdminDSN() string { return k.dsn("postgres") }

const (
	database = "sieci" // and the name of the database user
	port     = 5432    // of the socket's name only
)

func (k *Cluster) dsn(name string) string {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace
	return fmt.Sprintf("host='%s' port=%d user=%s dbname=%s sslmode=disable", quote(k.socket), port, database, name)
}

func (k *Cluster) data() string { return filepath.Join(k.c.Dir, "data") }

// ensure makes postgres run and answer; the caller holds the start lock.
func (k *Cluster) ensure(ctx context.Context) error {
	if err := k.owner.initdb(ctx, k.bin, k.c); err != nil {
		return err
	}
	joined, err := k.join(ctx)
	if err != nil {
		return err
	}
	if !joined {
		if err := k.start(ctx); err != nil {
			return err
		}
	}
	return createDatabase(ctx, k.AdminDSN())
}

// join waits for a postgres that already runs on the data until it answers,
// and reports false when there is none (any more).
func (k *Cluster) join(ctx context.Context) (bool, error) {
	for {
		pid, err := postmaster(k.data())
		if err != nil {
			return false, err
		}
		if pid == 0 {
			return false, k.clearStale(ctx)
		}
		if err := answers(ctx, k.AdminDSN()); err == nil {
			return true, nil
		}
		if err := pause(ctx); err != nil {
			return false, fault.Wrap(err, fault.Unavailable, "app.postgres.stuck", "Pid", pid, "Dir", k.data())
		}
	}
}

func (k *Cluster) start(ctx context.Context) error {
	ch, err := k.owner.start(k.bin, k.c, k.data(), k.socket)
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	for {
		if err := answers(ctx, k.AdminDSN()); err == nil {
			k.mu.Lock()
			k.child = ch
			k.mu.Unlock()
			return nil
		}
		select {
		case <-ch.exited:
			return fault.New(fault.Unavailable, "app.postgres.died", "Line", lastLine(logPath(k.c.Dir)), "Log", logPath(k.c.Dir))
		default:
		}
		if err := pause(ctx); err != nil {
			ch.kill()
			return fault.Wrap(err, fault.Unavailable, "app.postgres.slow", "Log", logPath(k.c.Dir))
		}
	}
}

// watchEvery is how soon a killed postgres is noticed.
const watchEvery = 500 * time.Millisecond

// watch starts postgres again when it is gone while the folder is open.
func (k *Cluster) watch(ctx context.Context) {
	defer close(k.done)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if pid, err := postmaster(k.data()); err == nil && pid != 0 {
			continue
		}
		if err := k.revive(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "postgres is gone and does not start", "dir", k.c.Dir, "err", err)
		}
	}
}

func (k *Cluster) revive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, k.c.Wait)
	defer cancel()
	starting, err := lockExclusive(ctx, filepath.Join(k.c.Dir, "starting"))
	if err != nil {
		return err
	}
	defer starting.release()
	if _, err := os.Stat(k.data()); err != nil {
		return err // somebody removed the data under us: do not make an empty cluster
	}
	slog.WarnContext(ctx, "postgres is gone, starting it again", "dir", k.c.Dir)
	return k.ensure(ctx)
}

// Close leaves the cluster and, when nobody else uses it, stops postgres and
// returns when it has stopped. Closing twice is harmless.
func (k *Cluster) Close() error {
	k.stop()
	<-k.done
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.users == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), k.c.Wait)
	defer cancel()
	starting, err := lockExclusive(ctx, filepath.Join(k.c.Dir, "starting"))
	if err != nil {
		return err
	}
	defer starting.release()
	path := k.users.path
	k.users.release()
	k.users = nil
	last, err := tryExclusive(path)
	if errors.Is(err, errBusy) {
		return nil // another process goes on using it
	}
	if err != nil {
		return err
	}
	defer last.release()
	if err := k.shutDown(ctx); err != nil || k.remove == "" {
		return err
	}
	return os.RemoveAll(k.remove)
}
