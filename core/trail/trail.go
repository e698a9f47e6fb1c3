// Package trail looks after the account of changes that core/audit writes: a
// job seals it, another deletes what is older than the installation keeps, and
// inspectors and ORE administrators search and export it. It owns the file of
// chain heads outside the database, and no table.
package trail

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/job"
)

// Permissions.
const (
	PermList   access.Permission = "audit:list"
	PermExport access.Permission = "audit:export"
)

// Config of a [Service]; all are required but Jobs.
type Config struct {
	DB     *db.DB
	Access *access.Authorizer
	Log    *audit.Log
	Heads  *Heads
	Jobs   *job.Client
	// Keep is how long events are kept, real time (KRI 2024: two years at least).
	Keep time.Duration
	// ExportMost is how many events one part of an export holds; default
	// [ExportMost].
	ExportMost int
}

// Service is the account of changes. Safe for concurrent use.
type Service struct{ c Config }

// New makes the service and registers its jobs.
func New(c Config) *Service {
	c.ExportMost = cmp.Or(c.ExportMost, ExportMost)
	s := &Service{c}
	if c.Jobs != nil {
		job.Add(c.Jobs, job.Options{Title: "trail.job.seal", Every: sealEvery},
			func(ctx context.Context, _ *job.Job[sealArgs]) error { return s.Seal(ctx) })
		job.Add(c.Jobs, job.Options{Title: "trail.job.cut", Every: 24 * time.Hour},
			func(ctx context.Context, _ *job.Job[cutArgs]) error { return s.cut(ctx) })
	}
	return s
}

// sealEvery is how long an event waits for its link at most, besides the
// transactions that run meanwhile.
const sealEvery = time.Minute

type sealArgs struct{}

// Kind implements [job.Args].
func (sealArgs) Kind() string { return "trail.seal" }

type cutArgs struct{}

// Kind implements [job.Args].
func (cutArgs) Kind() string { return "trail.cut" }

// Seal seals what can be sealed and writes the head to the file; also one that
// an earlier run sealed and did not come to write.
func (s *Service) Seal(ctx context.Context) error {
	for {
		head, n, err := s.c.Log.Seal(ctx, s.c.DB)
		if err != nil {
			return err
		}
		if n == 0 {
			if head.Link == 0 {
				return nil
			}
			return s.c.Heads.Ensure(head)
		}
		if err := s.c.Heads.Append(head); err != nil {
			return err
		}
	}
}

func (s *Service) cut(ctx context.Context) error {
	before, total := time.Now().Add(-s.c.Keep), int64(0)
	for {
		n, err := s.c.Log.Cut(ctx, s.c.DB, before)
		if total += n; err != nil || n == 0 {
			if total > 0 {
				slog.InfoContext(ctx, "old account of changes deleted", "events", total, "before", before)
			}
			return err
		}
	}
}

// Verify checks the whole account against the heads in the file. Only for the
// command line, whose user holds the machine.
func (s *Service) Verify(ctx context.Context, step func(done int64)) (*audit.Verdict, error) {
	heads, err := s.c.Heads.Read()
	if err != nil {
		return nil, err
	}
	return s.c.Log.Verify(ctx, s.c.DB, heads, step)
}

// day is the beginning of a day in Warsaw, and of the one after.
func day(t time.Time) (from, to time.Time) {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.Warsaw), time.Date(y, m, d+1, 0, 0, 0, 0, clock.Warsaw)
}
