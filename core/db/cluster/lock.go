package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lock is a lock on a file that the kernel drops with the process.
type lock struct {
	path string
	file *os.File
}

var errBusy = errors.New("locked by another process")

func tryLock(path string, how int) (*lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	err = unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
	if err == nil {
		return &lock{path, f}, nil
	}
	_ = f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, errBusy
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

func tryExclusive(path string) (*lock, error) { return tryLock(path, unix.LOCK_EX) }

// lockShared fails only when somebody stops the cluster, which needs the start
// lock that the caller holds.
func lockShared(path string) (*lock, error) { return tryLock(path, unix.LOCK_SH) }

// lockExclusive waits until ctx ends.
func lockExclusive(ctx context.Context, path string) (*lock, error) {
	for {
		l, err := tryExclusive(path)
		if !errors.Is(err, errBusy) {
			return l, err
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

func (l *lock) release() { _ = l.file.Close() }

// pause is the step of all waiting here: flock and a starting server give no signal.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(30 * time.Millisecond):
		return nil
	}
}
