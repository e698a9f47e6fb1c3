package measure_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app/country"
	"ore.edu.pl/sieci/core/db/dbtest"
)

// countryAt is a country of that scale; the whole one may be there already.
func countryAt(b *testing.B, s country.Scale) string {
	b.Helper()
	if dsn := os.Getenv(countryEnv); dsn != "" && s.Parts == 1 {
		return dsn
	}
	dsn := dbtest.NewDSN(b)
	makeCountry(b, dsn, s)
	return dsn
}

// BenchmarkCountry holds the figures of the whole country, which is made once for
// all of them (or named by [countryEnv]), beside smaller ones.
func BenchmarkCountry(b *testing.B) {
	small, all := countryAt(b, country.Scale{Of: 1, Parts: 20}), countryAt(b, country.Scale{Of: 1, Parts: 1})
	b.Run("decision", func(b *testing.B) { decision(b, countryAt(b, country.Scale{Of: 1, Parts: 700}), all) })
	b.Run("hot lists", func(b *testing.B) { hotLists(b, small, all) })
	b.Run("idle memory", func(b *testing.B) { idleMemory(b, small, all) })
	b.Run("plans", func(b *testing.B) {
		for b.Loop() {
			n := settleAt(b, all, "the whole country")
			n.visitAll(true)
			b.ReportMetric(float64(len(n.judged)), "statements")
		}
	})
}

// decision is a decision of access with its lookup, the roles of a
// person read from the database, beside the bare prepared query alone: at 1,000
// people and at 700,000. Goals: ratio at least 0.9, and "growth" (our time in the
// whole country over that in the small one) at most 2.
func decision(b *testing.B, thousand, all string) {
	usualOf := map[int]float64{}
	for _, c := range []struct {
		people int
		dsn    string
	}{{1_000, thousand}, {700_000, all}} {
		b.Run(strconv.Itoa(c.people)+" people", func(b *testing.B) {
			n := settleAt(b, c.dsn, "")
			var who []uuid.UUID
			if err := n.DB.Select(b.Context(), &who, `SELECT person_id FROM role_grant WHERE role = 'participant' ORDER BY id LIMIT 1000`); err != nil {
				b.Fatal(err)
			}
			n.tap.take(b)
			if _, err := access.RolesOf(b.Context(), n.DB, who[0], n.Clock.Now()); err != nil {
				b.Fatal(err)
			}
			var asked []sent
			for len(asked) == 0 || asked[len(asked)-1].how != "run" {
				if _, err := access.RolesOf(b.Context(), n.DB, who[0], n.Clock.Now()); err != nil {
					b.Fatal(err)
				}
				asked = n.tap.take(b)
			}
			a, lookup := start(b, n.config), asked[len(asked)-1]
			x, i, at := newBare(b, n.config, []sent{lookup}), 0, access.Place{Network: n.network, Centre: n.centre}
			mine, _ := beside(b, func() {
				i++
				g, err := access.RolesOf(b.Context(), a.DB, who[i%len(who)], n.Clock.Now())
				if err != nil || len(g) == 0 {
					b.Fatal(len(g), err)
				}
				_ = a.Access.Can(&access.Actor{Person: who[i%len(who)], Grants: g}, "network:view", at)
			}, func() {
				lookup.args[0] = who[i%len(who)].String()
				if err := x.run(b.Context(), nil, lookup); err != nil {
					b.Fatal(err)
				}
			})
			usualOf[c.people] = float64(mine)
			if c.people > 1_000 && usualOf[1_000] > 0 {
				b.ReportMetric(usualOf[c.people]/usualOf[1_000], "growth")
			}
		})
	}
}

// hot are the lists that people open all day, and who does.
var hot = []struct{ name, who, path string }{
	{"networks of a guest", "guest", "/sieci"}, {"networks", "participant", "/sieci"}, {"networks by words", "participant", "/sieci?q=tutoring"}, {"my things", "participant", "/moje"},
	{"a network", "participant", "/sieci/%s"}, {"its people", "coordinator", "/sieci/%s/uczestnicy"}, {"its forum", "participant", "/sieci/%s/forum"}, {"its meetings", "participant", "/sieci/%s/spotkania"},
	{"its resources", "participant", "/sieci/%s/zasoby"}, {"its tasks", "participant", "/sieci/%s/zadania"}, {"resources", "participant", "/zasoby"}, {"notifications", "participant", "/powiadomienia"},
	{"conversations", "participant", "/rozmowy"}, {"first page of an expert in 300 networks", "expert", "/moje"}, {"people of a centre", "centre", "/zarzadzanie/osoby"}, {"lights of a centre", "centre", "/zgodnosc"},
	{"lights of the country", "ore", "/zgodnosc"}, {"institutions", "ore", "/szkoly/wybierz?q=szkola"},
}

// most of the database's time that a hot list may take, usually and at the worst.
const (
	mostUsual = time.Millisecond
	mostWorst = 5 * time.Millisecond
)

// hotLists is what hot lists cost the database, their statements sent
// as prepared, in a twentieth of the country and in all of it, in turns. Goals:
// the whole country costs at most twice as much, half of the lists' readings take
// at most 1 ms, 99 of 100 at most 5 ms.
func hotLists(b *testing.B, small, all string) {
	places := []*nation{settleAt(b, small, "small"), settleAt(b, all, "all")}
	for _, h := range hot {
		b.Run(h.name, func(b *testing.B) {
			var ask [2]func()
			for k, n := range places {
				path := h.path
				if strings.Contains(path, "%s") {
					path = fmt.Sprintf(path, n.network)
				}
				list := n.askedBy(b, h.who, path)
				x := newBare(b, n.config, list)
				ask[k] = func() {
					for _, s := range list {
						if err := x.run(b.Context(), nil, s); err != nil {
							b.Fatal(err)
						}
					}
				}
				for range 20 {
					ask[k]()
				}
			}
			var took [2][]time.Duration
			for b.Loop() {
				for k := range ask {
					t := time.Now()
					ask[k]()
					took[k] = append(took[k], time.Since(t))
				}
			}
			for k := range took {
				slices.Sort(took[k])
			}
			p50, p99 := took[1][len(took[1])/2], took[1][len(took[1])*99/100]
			growth := float64(p50) / float64(took[0][len(took[0])/2])
			b.ReportMetric(float64(p50.Microseconds()), "p50-µs")
			b.ReportMetric(float64(p99.Microseconds()), "p99-µs")
			b.ReportMetric(growth, "growth")
			if growth > 2 && p50 > mostUsual/4 || p50 > mostUsual || p99 > mostWorst {
				b.Errorf("over its goal: p50 %v, p99 %v, growth %.2f", p50, p99, growth)
			}
		})
	}
}

// askedBy is what a page asks of the database, everything prepared.
func (n *nation) askedBy(b *testing.B, who, path string) (list []sent) {
	b.Helper()
	for ok := false; !ok; ok = !slices.ContainsFunc(list, func(s sent) bool { return s.how != "run" }) {
		if res := get(b, n.Handler, path, n.cookies[who]); res.Code != http.StatusOK {
			b.Fatalf("%s as %s: %d", path, who, res.Code)
		}
		list = n.tap.take(b)
	}
	return list
}

// idleMemory is how much memory a server takes that nobody uses, with a
// twentieth of the country and with all of it. Goal: as much, "growth" at most 1.1.
func idleMemory(b *testing.B, small, all string) {
	binary := filepath.Join(b.TempDir(), "sieci")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "ore.edu.pl/sieci/cmd/sieci").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for b.Loop() {
		var kib [2]float64
		for k, dsn := range []string{small, all} {
			kib[k] = idle(b, binary, dsn)
		}
		b.ReportMetric(kib[0]/1024, "MiB/small")
		b.ReportMetric(kib[1]/1024, "MiB/all")
		b.ReportMetric(kib[1]/kib[0], "growth")
		if kib[1] > 1.1*kib[0] {
			b.Errorf("an idle server takes %.0f KiB with the whole country and %.0f with a twentieth", kib[1], kib[0])
		}
	}
}

// idle starts a server on a database, waits until its jobs have nothing left to
// do, and reads the memory it holds.
func idle(b *testing.B, binary, dsn string) float64 {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
	defer cancel()
	addr := freeAddress(b)
	cmd := exec.CommandContext(ctx, binary, "serve")
	cmd.Env = append(os.Environ(), "SIECI_DATABASE_URL="+dsn, "SIECI_DATA="+b.TempDir(), "SIECI_ADDR="+addr, "SIECI_BASE_URL=http://"+addr, "SIECI_SECRET="+strings.Repeat("measured", 5))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { cancel(); _ = cmd.Wait() }()
	d, err := sql.Open("postgres", dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for quiet := 0; quiet < 30; { // seconds without a job at work or an event to seal
		select {
		case <-ctx.Done():
			b.Fatal("the server does not come to rest")
		case <-tick.C:
		}
		var busy bool
		if err := d.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM river_job WHERE state = 'running') OR NOT EXISTS (SELECT 1 FROM audit_link)
			OR (SELECT count(*) FROM audit_event) > (SELECT count(*) FROM audit_link) + 100`).Scan(&busy); err != nil {
			b.Fatal(err)
		}
		if quiet++; busy {
			quiet = 0
		}
	}
	return residentKiB(b, cmd.Process.Pid)
}

func residentKiB(b *testing.B, pid int) float64 {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseFloat(strings.Fields(v)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

// freeAddress is one that nothing listens on.
func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
