package demo

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ore.edu.pl/sieci/core/db"
)

// lockID is any number that only this package uses.
const lockID = 7_402_417

// lockPause is how long a second process waits before it looks again.
const lockPause = 250 * time.Millisecond

// alone runs f while no other process on the database makes the demonstration:
// two would move the one domain clock under each other. The lock is gone with
// its connection, however the process ends.
func alone(ctx context.Context, d *db.DB, f func() error) (err error) {
	c, err := d.SQL().Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	for {
		var got bool
		if err := c.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, lockID).Scan(&got); err != nil {
			return err
		}
		if got {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPause):
		}
	}
	defer func() { err = errors.Join(err, unlock(context.WithoutCancel(ctx), c)) }()
	return f()
}

func unlock(ctx context.Context, c *sql.Conn) error {
	_, err := c.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, lockID)
	return err
}
