package country_test

import (
	"log/slog"
	"testing"

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

// A small country: valid registers, everything connected, made once and twice alike.
func TestCountry(t *testing.T) {
	t.Parallel()
	const parts = 250
	var sums [2]string
	for k := range sums {
		a, err := app.Open(t.Context(), app.Config{DatabaseURL: dbtest.NewDSN(t), Data: t.TempDir(), Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1", Plugins: t.TempDir()},
			slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		n, err := country.Make(t.Context(), a, country.Scale{Of: 1, Parts: parts}, 7, func(string, int) {})
		if err != nil {
			t.Fatal(err)
		}
		if n.People != 2800 || n.Networks != 140 || n.Grants < 140*60 || n.Posts != 140*20 || n.Meetings != 140*4 || n.Institutions < 150 {
			t.Errorf("%+v", n)
		}
		if _, err := country.Make(t.Context(), a, country.Scale{Of: 1, Parts: parts}, 7, func(string, int) {}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second country in the same place: %v", err)
		}
		if err := a.DB.SQL().QueryRowContext(t.Context(), `SELECT (SELECT md5(string_agg(name || email || id, '' ORDER BY id)) FROM person)
			|| (SELECT md5(string_agg(title || id, '' ORDER BY id)) FROM network) || (SELECT md5(string_agg(name || regon, '' ORDER BY rspo)) FROM institution)`).Scan(&sums[k]); err != nil {
			t.Fatal(err)
		}
		var wrong int
		if err := a.DB.SQL().QueryRowContext(t.Context(), `SELECT count(*) FROM network_seat s WHERE s.members <> (SELECT count(*) FROM membership m WHERE m.network_id = s.network_id AND m.state = 'active')
			OR s.taken <> (SELECT count(*) FROM membership m WHERE m.network_id = s.network_id AND m.seat)`).Scan(&wrong); err != nil || wrong != 0 {
			t.Errorf("%d networks with wrong numbers of seats, %v", wrong, err)
		}
	}
	if sums[0] != sums[1] {
		t.Error("two countries of one seed differ")
	}
}
