package measure_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/labstack/echo/v4"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/network"
)

// beside takes one of each in turns, so that both meet the same machine, and
// reports the usual times and "ratio": how many of ours go into the time in
// which the bare ones go once.
func beside(b *testing.B, ours, bare func()) (ourTime, bareTime time.Duration) {
	b.Helper()
	for range 20 { // connections open, statements prepared
		ours()
		bare()
	}
	var mine, plain []time.Duration
	for b.Loop() {
		t0 := time.Now()
		ours()
		t1 := time.Now()
		bare()
		mine, plain = append(mine, t1.Sub(t0)), append(plain, time.Since(t1))
	}
	ourTime, bareTime = usual(mine), usual(plain)
	b.ReportMetric(float64(ourTime.Microseconds()), "ours-µs")
	b.ReportMetric(float64(bareTime.Microseconds()), "bare-µs")
	b.ReportMetric(float64(bareTime)/float64(ourTime), "ratio")
	return ourTime, bareTime
}

// usual is the mean of the faster half: a machine that does other things adds
// long times by chance, and to whoever computes more than to whoever waits.
func usual(d []time.Duration) time.Duration {
	slices.Sort(d)
	d = d[:(len(d)+1)/2]
	var sum time.Duration
	for _, x := range d {
		sum += x
	}
	return sum / time.Duration(len(d))
}

// bare is a pool with prepared statements and nothing else.
type bare struct {
	b     *testing.B
	db    *sqlx.DB
	stmts map[string]*sqlx.Stmt
}

func newBare(b *testing.B, c app.Config, list []sent) *bare {
	b.Helper()
	d, err := sqlx.Open("postgres", c.DatabaseURL)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	d.SetMaxOpenConns(20)
	d.SetMaxIdleConns(20)
	x := &bare{b: b, db: d, stmts: map[string]*sqlx.Stmt{}}
	for _, s := range list {
		if s.how != "run" || x.stmts[s.sql] != nil {
			continue
		}
		if x.stmts[s.sql], err = d.Preparex(s.sql); err != nil {
			b.Fatal(err)
		}
	}
	return x
}

// run sends a statement and reads all that comes.
func (x *bare) run(ctx context.Context, tx *sqlx.Tx, s sent) error {
	stmt := x.stmts[s.sql]
	if tx != nil {
		stmt = tx.StmtxContext(ctx, stmt)
	}
	if !strings.HasPrefix(strings.TrimSpace(s.sql), "SELECT") {
		_, err := stmt.ExecContext(ctx, s.args...)
		return err
	}
	rows, err := stmt.QueryxContext(ctx, s.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := rows.SliceScan(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// BenchmarkList is the list of networks for a person signed in, beside bare Echo
// that sends the same prepared statements with the same arguments and answers as
// many bytes, without making anything of the rows; both served by net/http, asked
// over a kept connection. Goal: ratio at least 0.8.
func BenchmarkList(b *testing.B) {
	w := open(b)
	var page []byte
	var list []sent
	for ok := false; !ok; ok = !slices.ContainsFunc(list, func(s sent) bool { return s.how == "prepare" }) { // on each connection once
		page = get(b, w.Handler, "/sieci", w.memberCookie).Body.Bytes()
		list = w.tap.take(b)
	}
	if len(list) == 0 || len(list) > most || len(page) < 10_000 {
		b.Fatalf("%d statements, %d bytes", len(list), len(page))
	}
	a, x, e := start(b, w.config), newBare(b, w.config, list), echo.New()
	e.GET("/sieci", func(c echo.Context) error {
		for _, s := range list {
			if err := x.run(c.Request().Context(), nil, s); err != nil {
				return err
			}
		}
		return c.HTMLBlob(http.StatusOK, page)
	})
	beside(b, fetching(b, a.Handler, "/sieci", w.memberCookie, len(page)), fetching(b, e, "/sieci", w.memberCookie, len(page)))
	b.ReportMetric(float64(len(list)), "statements")
	b.ReportMetric(float64(len(page)), "bytes")
}

// fetching serves h and returns what asks it for path over a connection that
// stays open, and insists on size bytes.
func fetching(b *testing.B, h http.Handler, path, cookie string, size int) func() {
	b.Helper()
	s := httptest.NewServer(h)
	b.Cleanup(s.Close)
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: cookie})
	c := s.Client()
	return func() {
		res, err := c.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || n != int64(size) {
			b.Fatalf("%d with %d bytes, want %d: %v", res.StatusCode, n, size, err)
		}
	}
}

// BenchmarkWrite is a change through its service, under an idempotency key and
// accounted for, beside the statements that are left without these two in one
// transaction. "vote" is the smallest change there is, "propose" one that also
// tells somebody. Goal: ratio at least 0.6.
func BenchmarkWrite(b *testing.B) {
	w := open(b)
	id, member := w.vote(), w.actor(w.member)
	acts := map[string]func(ctx context.Context, s *network.Service) error{
		"vote": func(ctx context.Context, s *network.Service) error {
			return s.Vote(ctx, member, w.first, id, network.Yes)
		},
		"propose": func(ctx context.Context, s *network.Service) error {
			_, err := s.Propose(ctx, member, w.first, "Wspólna lekcja w bibliotece", "Jedna klasa, dwie osoby.")
			return err
		},
	}
	a := start(b, w.config)
	for _, name := range []string{"vote", "propose"} {
		b.Run(name, func(b *testing.B) {
			do := func(s *network.Service) {
				if err := acts[name](idem.With(b.Context(), idem.NewKey()), s); err != nil {
					b.Fatal(err)
				}
			}
			do(w.Networks)
			w.tap.take(b)
			do(w.Networks)
			one := w.tap.take(b)
			do(w.Networks)
			list := without(b, w.tap.take(b))
			x := newBare(b, w.config, list)
			beside(b, func() { do(a.Networks) }, func() {
				if err := x.replay(b.Context(), list, fresh(one, list)); err != nil {
					b.Fatal(err)
				}
			})
			b.ReportMetric(float64(len(list)), "bare-trips")
			b.ReportMetric(float64(len(one)), "ours-trips")
		})
	}
}

// without leaves out what audit and idempotency send.
func without(b *testing.B, list []sent) []sent {
	b.Helper()
	var out []sent
	for _, s := range list {
		if !strings.Contains(s.sql, "idempotency_key") && !strings.Contains(s.sql, "audit_event") {
			out = append(out, s)
		}
	}
	if len(list)-len(out) != 2 { // the key is claimed first; the account and the answer kept for repeats are one
		b.Fatalf("audit and idempotency sent %d statements, want 2\n%s", len(list)-len(out), show(list))
	}
	return out
}

// fresh are ids that the change made, and so makes anew each time: they were
// not in the same change before.
func fresh(before, list []sent) []string {
	old, out := map[string]bool{}, []string{}
	each := func(list []sent, f func(id string)) {
		for _, s := range list {
			for _, v := range s.args {
				for _, id := range anyID.FindAllString(fmt.Sprint(v), -1) {
					f(id)
				}
			}
		}
	}
	each(before, func(id string) { old[id] = true })
	each(list, func(id string) {
		if !old[id] && !slices.Contains(out, id) {
			out = append(out, id)
		}
	})
	return out
}

var begins = regexp.MustCompile(`^BEGIN`)

// replay sends the statements, those between BEGIN and COMMIT in a transaction.
func (x *bare) replay(ctx context.Context, list []sent, ids []string) error {
	var swap []string
	for _, id := range ids {
		v, err := uuid.NewV7()
		if err != nil {
			return err
		}
		swap = append(swap, id, v.String())
	}
	r := strings.NewReplacer(swap...)
	var tx *sqlx.Tx
	var err error
	for _, s := range list {
		switch {
		case begins.MatchString(s.sql):
			tx, err = x.db.BeginTxx(ctx, &sql.TxOptions{})
		case s.sql == "COMMIT":
			err, tx = tx.Commit(), nil
		default:
			args := slices.Clone(s.args)
			for i, v := range args {
				if text, ok := v.(string); ok && len(ids) > 0 {
					args[i] = r.Replace(text)
				}
			}
			s.args = args
			err = x.run(ctx, tx, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
