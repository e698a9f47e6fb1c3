package country_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/app/country"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
)

func TestParseScale(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]country.Scale{"1": {1, 1}, "1/20": {1, 20}} {
		if got, err := country.ParseScale(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2", "1/0", "x", "1/20/3", "1/1001"} {
		if _, err := country.ParseScale(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A small country: valid registers, everything connected, indexes and keys as
// they were; a run that was cut short leaves nothing that hinders the next, and
// the same seed makes the same country.
func TestCountry(t *testing.T) {
	t.Parallel()
	var sums [2]string
	for k := range sums {
		w := open(t)
		before := w.text(schema)
		if k == 0 {
			w.cutShort()
		}
		n, err := country.Make(t.Context(), w.App, country.Scale{Of: 1, Parts: 250}, 7, func(string, int) {})
		if err != nil {
			t.Fatal(err)
		}
		if n.People != 2800 || n.Networks != 140 || n.Grants < 140*60 || n.Posts != 140*20 || n.Meetings != 140*4 || n.Institutions < 150 {
			t.Errorf("%+v", n)
		}
		if _, err := country.Make(t.Context(), w.App, country.Scale{Of: 1, Parts: 250}, 7, func(string, int) {}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second country in the same place: %v", err)
		}
		if after := w.text(schema); after != before {
			t.Errorf("indexes and keys were\n%s\nand are\n%s", before, after)
		}
		sums[k] = w.text(`SELECT concat((SELECT md5(string_agg(name || email || id || state, '' ORDER BY id)) FROM person), (SELECT md5(string_agg(title || id, '' ORDER BY id)) FROM network),
			(SELECT md5(string_agg(name || regon, '' ORDER BY rspo)) FROM institution), (SELECT md5(string_agg(id::text || presence, '' ORDER BY id)) FROM meeting_attendance),
			(SELECT md5(string_agg(id::text || body, '' ORDER BY id)) FROM board_post), (SELECT md5(string_agg(id::text || role, '' ORDER BY id)) FROM role_grant WHERE scope_kind = 'network'))`)
		if wrong := w.text(`SELECT count(*) FROM network_seat s WHERE s.members <> (SELECT count(*) FROM membership m WHERE m.network_id = s.network_id AND m.state = 'active')
			OR s.taken <> (SELECT count(*) FROM membership m WHERE m.network_id = s.network_id AND m.seat)`); wrong != "0" {
			t.Errorf("%s networks with wrong numbers of seats", wrong)
		}
		w.search()
	}
	if sums[0] != sums[1] {
		t.Errorf("two countries of one seed differ: %q", sums)
	}
}

// schema are the indexes and constraints of the tables.
const schema = `SELECT string_agg(x, E'\n' ORDER BY x) FROM (SELECT indexdef AS x FROM pg_indexes WHERE schemaname = 'public'
	UNION ALL SELECT conrelid::regclass || conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace) s`

type world struct {
	*app.App
	t *testing.T
}

func open(t *testing.T) *world {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{DatabaseURL: dbtest.NewDSN(t), Data: t.TempDir(), Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1", Plugins: t.TempDir()},
		slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return &world{a, t}
}

func (w *world) text(query string) (out string) {
	w.t.Helper()
	if err := w.DB.SQL().QueryRowContext(w.t.Context(), query).Scan(&out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// cutShort stops a run in its middle.
func (w *world) cutShort() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	_, err := country.Make(ctx, w.App, country.Scale{Of: 1, Parts: 250}, 7, func(what string, _ int) {
		if what == "posts" {
			cancel()
		}
	})
	if err == nil {
		w.t.Fatal("a run that was stopped came to its end")
	}
	if left := w.text(`SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM network) + (SELECT count(*) FROM role_grant)`); left != "0" {
		w.t.Errorf("%s rows are left of a run that was cut short", left)
	}
	if _, err := country.Make(w.t.Context(), w.App, country.Scale{Of: 1, Parts: 200}, 7, func(string, int) {}); !fault.Is(err, fault.Conflict) {
		w.t.Errorf("begun again with another scale: %v", err)
	}
}

// search lets the rooms write what is found anew, and finds the same.
func (w *world) search() {
	w.t.Helper()
	const docs = `SELECT md5(string_agg(concat_ws('|', kind, id, network_id, centre_id, audience, path, title, keywords, body, at, words, revision), '' ORDER BY kind, id)) FROM search_doc`
	before := w.text(docs)
	if _, err := w.DB.SQL().ExecContext(w.t.Context(), `DELETE FROM search_progress`); err != nil {
		w.t.Fatal(err)
	}
	if done, err := w.Search.Reindex(w.t.Context(), w.DB, time.Now().Add(time.Minute)); err != nil || !done {
		w.t.Fatal(done, err)
	}
	if after := w.text(docs); after != before {
		w.t.Error("the rooms write other documents for the search")
	}
}
