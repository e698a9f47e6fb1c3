package db

import (
	"context"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"ore.edu.pl/sieci/migrations"
)

// Migrate brings the schema up to date: River's tables, then ours. Nodes that
// start together wait for each other on a PostgreSQL session lock, so each
// migration runs once. It returns the number of our migrations applied.
func Migrate(ctx context.Context, d *DB) (int, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
	if err != nil {
		return 0, fmt.Errorf("migration lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, d.SQL(), migrations.Files,
		goose.WithSessionLocker(locker),
		goose.WithGoMigrations(goose.NewGoMigration(1, &goose.GoFunc{RunDB: riverUp}, nil)),
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// Pending reports whether the schema is older than this program.
func Pending(ctx context.Context, d *DB) (bool, error) {
	p, err := goose.NewProvider(goose.DialectPostgres, d.SQL(), migrations.Files,
		goose.WithGoMigrations(goose.NewGoMigration(1, &goose.GoFunc{RunDB: riverUp}, nil)),
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return p.HasPending(ctx)
}
