package notify_test

import (
	"testing"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/policies"
)

// people of the benchmark, each with three entries that wait.
const digestPeople = 10_000

// BenchmarkDigest queues the digests of 10,000 people with three entries each:
// who is due by their settings, a letter and a job for each, the entries taken
// out of waiting, in transactions of 500 people. Its bare counterpart writes the
// same rows by three statements in one transaction, asking for nobody's settings.
// The letters themselves are written when they are sent, and not measured.
func BenchmarkDigest(b *testing.B) {
	d := dbtest.New(b)
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		b.Fatal(err)
	}
	jobs, err := job.New(job.Config{DB: d, Access: auth})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 7, 5, 0, 0, clock.Warsaw)
	fixed := clock.NewFixed(now)
	s := notify.New(notify.Config{DB: d, Access: auth, Clock: fixed, Jobs: jobs, People: people{}, Sender: &sentBox{more: make(chan struct{}, 1)},
		Audit: audit.New(make([]byte, 32), fixed), Networks: networks{}, Secret: []byte("sixteen bytes or more"), BaseURL: "https://sieci.example"})
	run := func(query string, args ...any) {
		b.Helper()
		if _, err := d.SQL().ExecContext(b.Context(), query, args...); err != nil {
			b.Fatalf("%v in %s", err, query)
		}
	}
	run(`INSERT INTO person (id, email, name, sort_name, state) SELECT md5('p' || i)::uuid, 'k' || i || '@example.org', 'Karol', 'karol', 'active' FROM generate_series(1, $1) i`, digestPeople)
	wait := func() {
		run(`TRUNCATE notification, mail_outbox, river_job CASCADE`)
		run(`INSERT INTO notification (id, person_id, wording, created_at, mailing)
			SELECT gen_random_uuid(), md5('p' || 1 + i % $1)::uuid, '{"pl": {"title": "Nowe"}}', $2, 'waiting' FROM generate_series(1, 3 * $1) i`, digestPeople, now.Add(-20*time.Hour))
		run(`ANALYZE notification`)
	}
	bare := func() error {
		tx, err := d.SQL().BeginTx(b.Context(), nil)
		if err != nil {
			return err
		}
		for _, q := range []string{
			`INSERT INTO mail_outbox (id, person_id, key, once) SELECT gen_random_uuid(), person_id, 'notify.digest', 'digest:2026-11-24' FROM (SELECT DISTINCT person_id FROM notification WHERE mailing = 'waiting') p`,
			`UPDATE notification n SET mailing = 'letter', letter_id = o.id FROM mail_outbox o WHERE o.person_id = n.person_id AND n.mailing = 'waiting'`,
			`INSERT INTO river_job (state, kind, args, max_attempts, queue, priority, metadata) SELECT 'available', 'notify.mail', json_build_object('letter', id), 10, 'default', 1, '{}' FROM mail_outbox`,
		} {
			if _, err := tx.ExecContext(b.Context(), q); err != nil {
				_ = tx.Rollback()
				return err
			}
		}
		return tx.Commit()
	}
	var ours, plain time.Duration
	n := 0
	for b.Loop() {
		wait()
		t := time.Now()
		got, err := s.Digest(b.Context())
		ours += time.Since(t)
		if err != nil || got != digestPeople || written(b, d) != digestPeople {
			b.Fatalf("%d digests, %v", got, err)
		}
		wait()
		t = time.Now()
		if err := bare(); err != nil {
			b.Fatal(err)
		}
		plain += time.Since(t)
		n++
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(n), "ours-ms")
	b.ReportMetric(float64(plain.Milliseconds())/float64(n), "bare-ms")
	b.ReportMetric(float64(plain)/float64(ours), "ratio")
}

// written counts letters that have their job.
func written(b *testing.B, d *db.DB) (n int) {
	b.Helper()
	if err := d.Get(b.Context(), &n, `SELECT count(*) FROM mail_outbox o JOIN river_job j ON j.args ->> 'letter' = CAST(o.id AS text)`); err != nil {
		b.Fatal(err)
	}
	return n
}
