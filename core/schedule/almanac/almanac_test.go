package almanac_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule/almanac"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/policies"
)

func setup(t *testing.T) (*almanac.Service, *db.DB, *access.Actor) {
	t.Helper()
	d := dbtest.New(t)
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	admin := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.OREAdmin, Kind: access.Platform}}}
	if _, err := d.SQL().ExecContext(t.Context(), `INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, 'ore@example.org', 'Administratorka', 'A', 'active')`, admin.Person); err != nil {
		t.Fatal(err)
	}
	return almanac.New(almanac.Config{DB: d, Access: a, Audit: audit.New(make([]byte, 32), c), Clock: c, Log: slog.Default()}), d, admin
}

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func turn(from, to string, voivodeships ...string) almanac.Turn {
	return almanac.Turn{Voivodeships: voivodeships, Span: calendar.Span{From: day(from), To: day(to)}, Source: "MEN, komunikat"}
}

func TestAddedYearIsKnownAtOnce(t *testing.T) {
	t.Parallel()
	s, _, admin := setup(t)
	ctx := t.Context()
	if k := s.Calendar(ctx).Clashes(day("2028-01-20"), "30"); len(k) != 1 || k[0].Kind != calendar.Unannounced {
		t.Fatalf("before: %v", k)
	}
	if err := s.Save(ctx, admin, turn("2028-01-17", "2028-01-30", "30", "14"), ""); err != nil {
		t.Fatal(err)
	}
	if k := s.Calendar(ctx).Clashes(day("2028-01-20"), "30"); len(k) != 1 || k[0].Kind != calendar.WinterBreak {
		t.Errorf("after: %v", k)
	}
	y, err := s.Year(ctx, admin, 2028)
	if err != nil || len(y.Entries) != 2 || len(y.Missing) != 14 || !y.Entries[0].Added || y.Entries[0].SavedBy != "Administratorka" {
		t.Errorf("%+v, %v", y, err)
	}
	if years, _ := s.Years(ctx, admin); len(years) != 3 {
		t.Errorf("years %v", years)
	}
	// Removing gives the shipped dates back, or none.
	if err := s.Remove(ctx, admin, "30", 2028); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(ctx, admin, "30", 2028); !fault.Is(err, fault.NotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if k := s.Calendar(ctx).Clashes(day("2028-01-20"), "30"); len(k) != 1 || k[0].Kind != calendar.Unannounced {
		t.Errorf("after removing: %v", k)
	}
}

func TestEnteredDatesComeBeforeShipped(t *testing.T) {
	t.Parallel()
	s, _, admin := setup(t)
	if err := s.Save(t.Context(), admin, turn("2027-02-01", "2027-02-14", "30"), ""); err != nil {
		t.Fatal(err)
	}
	if w, _ := s.Calendar(t.Context()).Winter("30", 2027); !w.From.Equal(day("2027-02-01")) {
		t.Errorf("%v", w)
	}
}

func TestOtherNodesLearn(t *testing.T) {
	t.Parallel()
	s, d, admin := setup(t)
	other := almanac.New(almanac.Config{DB: d, Access: s.Access, Audit: s.Audit, Clock: s.Clock, Log: slog.Default()})
	if err := s.Save(t.Context(), admin, turn("2028-01-17", "2028-01-30", "30"), ""); err != nil {
		t.Fatal(err)
	}
	if _, ok := other.Calendar(t.Context()).Winter("30", 2028); !ok {
		t.Error("the other node does not know the break")
	}
	before := d.RoundTrips()
	for range 50 {
		other.Calendar(t.Context())
	}
	if n := d.RoundTrips() - before; n != 0 {
		t.Errorf("%d round trips for a calendar in memory", n)
	}
}

func TestWrongTurns(t *testing.T) {
	t.Parallel()
	s, _, admin := setup(t)
	for name, c := range map[string]struct {
		turn  almanac.Turn
		field string
	}{
		"nowhere":      {turn("2028-01-17", "2028-01-30"), "voivodeships"},
		"no such code": {turn("2028-01-17", "2028-01-30", "31"), "voivodeships"},
		"backwards":    {turn("2028-01-30", "2028-01-17", "30"), "from"},
		"too long":     {turn("2028-01-17", "2028-02-17", "30"), "to"},
		"in summer":    {turn("2028-07-03", "2028-07-16", "30"), "from"},
		"no source":    {almanac.Turn{Voivodeships: []string{"30"}, Span: turn("2028-01-17", "2028-01-30").Span}, "source"},
	} {
		err := s.Save(t.Context(), admin, c.turn, "")
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != c.field {
			t.Errorf("%s: %v, want a problem at %s", name, err, c.field)
		}
	}
}

func TestSecondEditorIsTold(t *testing.T) {
	t.Parallel()
	s, _, admin := setup(t)
	y, err := s.Year(t.Context(), admin, 2028)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), admin, turn("2028-01-17", "2028-01-30", "30"), y.Version); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), admin, turn("2028-01-17", "2028-01-30", "14"), y.Version); !fault.Is(err, fault.Conflict) {
		t.Errorf("the second editor: %v", err)
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	s, _, admin := setup(t)
	const head = "voivodeship,from,to,source\n"
	if _, err := s.Import(t.Context(), admin, strings.NewReader(head+"30,2028-01-17,2028-01-30,MEN\n31,2028-01-17,2028-01-30,MEN\n")); !fault.Is(err, fault.Invalid) || !strings.HasPrefix(fault.As(err).Fields[0].Text, "Wiersz 3: ") {
		t.Errorf("a wrong line: %v", err)
	}
	if _, ok := s.Calendar(t.Context()).Winter("30", 2028); ok {
		t.Error("a file with a wrong line was entered in part")
	}
	n, err := s.Import(t.Context(), admin, strings.NewReader(head+"30,2028-01-17,2028-01-30,MEN\n02,2028-02-14,2028-02-27,MEN\n"))
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if w, ok := s.Calendar(t.Context()).Winter("02", 2028); !ok || w.Days() != 14 {
		t.Errorf("%v", w)
	}
}

func TestOnlyAdministrators(t *testing.T) {
	t.Parallel()
	s, _, _ := setup(t)
	teacher := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.Coordinator, Kind: access.Network, Scope: uuid.New()}}}
	if err := s.Save(t.Context(), teacher, turn("2028-01-17", "2028-01-30", "30"), ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("save: %v", err)
	}
	if _, err := s.Year(t.Context(), teacher, 2027); !fault.Is(err, fault.NotFound) {
		t.Errorf("year: %v", err)
	}
}
