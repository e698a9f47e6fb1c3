// Package dbtest gives every test a real, empty, migrated database of its own,
// cloned from a template that is made once per schema.
package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver of the administrative connection
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/cluster"
	"ore.edu.pl/sieci/core/db/dbtest/env"
	"ore.edu.pl/sieci/migrations"
)

// Env names the server that tests use; unset, a private cluster is started.
const Env = env.Name

// New returns a pool on a fresh database with the current schema; both are
// gone when the test ends.
func New(t testing.TB) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{DSN: NewDSN(t), MaxConns: 10})
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// NewDSN is New for tests that start whole servers: the address of the fresh database.
func NewDSN(t testing.TB) string {
	t.Helper()
	base := server(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	admin, err := sql.Open("postgres", base)
	if err != nil {
		t.Fatalf("reach test server: %v", err)
	}
	defer admin.Close()
	tmpl := template(ctx, t, admin, base)
	name := fmt.Sprintf("t_%d_%08x", os.Getpid(), rand.Uint32())
	if _, err := admin.ExecContext(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", name, tmpl)); err != nil {
		t.Fatalf("create test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		c, err := sql.Open("postgres", base)
		if err != nil {
			t.Errorf("reach test server: %v", err)
			return
		}
		defer c.Close()
		if _, err := c.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	return withDatabase(base, name)
}

// template returns the name of the migrated template of this schema, making it
// when it is missing; packages testing at once wait on an advisory lock.
func template(ctx context.Context, t testing.TB, admin *sql.DB, base string) string {
	t.Helper()
	name := "sieci_t_" + schemaHash(t)
	conn, err := admin.Conn(ctx)
	if err != nil {
		t.Fatalf("reach test server: %v", err)
	}
	defer conn.Close()
	const lockID = 7_402_115 // any number that only this package uses
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", lockID); err != nil {
		t.Fatalf("lock template: %v", err)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", lockID) }()
	var ready bool
	if err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate)", name).Scan(&ready); err != nil {
		t.Fatalf("look for template: %v", err)
	}
	if ready {
		return name
	}
	if _, err := conn.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		t.Fatalf("drop half-made template: %v", err)
	}
	if _, err := conn.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		t.Fatalf("create template: %v", err)
	}
	d, err := db.Open(ctx, db.Config{DSN: withDatabase(base, name), MaxConns: 3})
	if err != nil {
		t.Fatalf("open template: %v", err)
	}
	if _, err := db.Migrate(ctx, d); err != nil {
		t.Fatalf("migrate template: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatalf("close template: %v", err)
	}
	if _, err := conn.ExecContext(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true"); err != nil {
		t.Fatalf("mark template: %v", err)
	}
	return name
}

func schemaHash(t testing.TB) string {
	t.Helper()
	h := sha256.New()
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		b, err := fs.ReadFile(migrations.Files, n)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(h, "%s %d\n", n, len(b))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func withDatabase(dsn, name string) string {
	var out []string
	for _, f := range strings.Fields(dsn) {
		if !strings.HasPrefix(f, "dbname=") {
			out = append(out, f)
		}
	}
	return strings.Join(append(out, "dbname="+name), " ")
}

var (
	private    *cluster.Cluster
	privateErr error
	once       sync.Once
)

// server is the address of the server that tests use. The private cluster has
// no end of its own: it dies with this process, by the kernel's hand, and its
// folder is swept by the next one.
func server(t testing.TB) string {
	t.Helper()
	if dsn := os.Getenv(Env); dsn != "" {
		return dsn
	}
	once.Do(func() { private, privateErr = cluster.Temporary(context.Background()) })
	if privateErr != nil {
		t.Fatalf("start a private PostgreSQL for tests: %v", privateErr)
	}
	return private.AdminDSN()
}
