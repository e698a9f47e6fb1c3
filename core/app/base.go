package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/cluster"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/policies"
)

// base is what every service stands on. Everything in it is open.
type base struct {
	Config  Config
	Log     *slog.Logger
	Metrics *prometheus.Registry
	Keys    Keys
	// DB serves requests and commands; JobDB the jobs, so that a flood of
	// either does not starve the other.
	DB, JobDB *db.DB
	Clock     *DomainClock
	Access    *access.Authorizer
	Audit     *audit.Log
	Jobs      *job.Client
	Files     *file.Service
	Sender    notify.Sender
	// Mailbox is where mails lie when no mail server is configured; nil otherwise.
	Mailbox *notify.Folder

	closers []func() error
}

// jobStatement is longer than a request's: sweeps and imports delete in bulk.
const jobStatement = 50 * time.Second

func (b *base) open(ctx context.Context) error {
	var err error
	b.Metrics = prometheus.NewRegistry()
	b.Metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	// 0711: as root, postgres walks through to its own closed folder inside.
	if err := os.MkdirAll(b.Config.Data, 0o711); err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", b.Config.Data)
	}
	if b.Keys, err = loadKeys(b.Config.Data, b.Config.Secret); err != nil {
		return err
	}
	if err := b.openDatabase(ctx); err != nil {
		return err
	}
	if _, err := db.Migrate(ctx, b.DB); err != nil {
		return err
	}
	if b.Clock, err = openClock(ctx, b.DB); err != nil {
		return err
	}
	b.closing(b.Clock.stop)
	if b.Access, err = access.NewAuthorizer(policies.Model, policies.Rules); err != nil {
		return err
	}
	b.Audit = audit.New(b.Keys.Key("audit"), b.Clock)
	if b.Jobs, err = job.New(job.Config{DB: b.JobDB, Access: b.Access, Audit: b.Audit, Metrics: b.Metrics}); err != nil {
		return err
	}
	if err := b.openFiles(); err != nil {
		return err
	}
	return b.openMail()
}

func (b *base) openDatabase(ctx context.Context) error {
	dsn := b.Config.DatabaseURL
	if dsn == "" {
		k, err := cluster.Open(ctx, cluster.Config{Dir: filepath.Join(b.Config.Data, "postgres")})
		if err != nil {
			return err
		}
		b.closing(k.Close)
		dsn = k.DSN()
	}
	for _, p := range []struct {
		into **db.DB
		name string
		cfg  db.Config
	}{
		{&b.DB, "web", db.Config{DSN: dsn}},
		{&b.JobDB, "job", db.Config{DSN: dsn, MaxConns: 12, StatementTimeout: jobStatement}},
	} {
		d, err := db.Open(ctx, p.cfg)
		if fault.Is(err, fault.Invalid) { // the address itself, in a sentence
			return err
		}
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "app.database", "Reason", db.Reason(err))
		}
		b.closing(d.Close)
		*p.into = d
		if err := b.Metrics.Register(collectors.NewDBStatsCollector(d.SQL(), p.name)); err != nil {
			return err
		}
	}
	return nil
}

func (b *base) openFiles() error {
	dir := filepath.Join(b.Config.Data, "files")
	bucket, err := file.OpenFolder(dir)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", dir)
	}
	b.closing(bucket.Close)
	temp := filepath.Join(b.Config.Data, "upload")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", temp)
	}
	b.Files = file.New(file.Config{DB: b.DB, Access: b.Access, Audit: b.Audit, Bucket: bucket, Jobs: b.Jobs, TempDir: temp})
	return nil
}

func (b *base) openMail() error {
	if b.Config.SMTPURL != "" {
		s, err := notify.SMTP(b.Config.SMTPURL)
		b.Sender = s
		return err
	}
	dir := filepath.Join(b.Config.Data, "mail")
	f, err := notify.NewFolder(dir)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", dir)
	}
	b.Sender, b.Mailbox = f, f
	return nil
}

// closing registers what Close does, the last first; register before the next
// step can fail.
func (b *base) closing(f func() error) { b.closers = append(b.closers, f) }

// close is idempotent.
func (b *base) close() error {
	var errs []error
	for _, f := range slices.Backward(b.closers) {
		errs = append(errs, f())
	}
	b.closers = nil
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
