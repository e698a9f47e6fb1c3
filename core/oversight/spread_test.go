package oversight_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/oversight"
)

func (w *world) programme(code string, centre any, networks int) uuid.UUID {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO programme (id, code, title, centre_id) VALUES ($1, $2, $2, $3)`, id, code, centre)
	w.exec(`INSERT INTO programme_rule (id, programme_id, valid_from, networks_least, meetings_least, meetings_most, set_at) VALUES ($1, $2, '2025-09-01', $3, 3, 5, now())`, uuid.New(), id, networks)
	return id
}

func (w *world) spread(a *access.Actor, id uuid.UUID) (*oversight.Spread, map[string]oversight.Area) {
	w.t.Helper()
	x, err := w.s.Spread(w.t.Context(), a, id, 2026, time.Time{})
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]oversight.Area{}
	for _, p := range x.Powiats {
		out[p.Code] = p
	}
	return x, out
}

// A rule of two networks in each powiat is judged in the powiats of the
// programme's centre: by members, else by the seat; amber while a new network can
// still hold its three meetings, red from the day after.
func TestNetworksInEachPowiat(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.programme("EFS-1", w.centre, 2)
	both := w.network("Oba powiaty", "net", w.centre, p)
	w.member(both, w.institution("school", "3013"), "2026-09-15")
	w.member(both, w.institution("school", "3063"), "2026-09-15")
	w.network("Bez uczestników", "net", w.centre, p) // counts at the centre's seat, 3013
	left := w.network("Odeszli", "net", w.centre, p)
	w.exec(`UPDATE membership SET state = 'left', ended_at = '2026-10-01' WHERE person_id = $1`, w.member(left, w.institution("school", "3063"), "2026-09-15"))
	w.exec(`UPDATE network SET status = 'draft' WHERE id = $1`, w.network("Szkic", "net", w.centre, p))
	w.network("Poza programem", "net", w.centre, nil)
	x, got := w.spread(w.admin, p)
	if len(got) != 2 || x.Least != 2 || x.Missing != 1 || x.Lights[oversight.Green] != 1 || x.Lights[oversight.Amber] != 1 {
		t.Fatalf("%+v", x)
	}
	if a := got["3013"]; a.Networks != 3 || a.Light != oversight.Green || a.Last != nil || a.Voivodeship != "wielkopolskie" {
		t.Errorf("%+v", a)
	}
	// As of 30 September the network that people left had its member still.
	then, err := w.s.Spread(t.Context(), w.admin, p, 2026, on("2026-09-30"))
	if err != nil || then.Missing != 0 || then.Lights[oversight.Green] != 2 {
		t.Errorf("as of 30 September: %+v, %v", then, err)
	}
	// Three meetings back from 25 June 2027, two weeks apart: 25 June, 11 June, 28 May.
	if a := got["3063"]; a.Networks != 1 || a.Missing != 1 || a.Light != oversight.Amber || day(a.Last) != "2027-05-28" {
		t.Errorf("%+v, last %s", a, day(a.Last))
	}
	w.clock.Set(time.Date(2027, 5, 28, 9, 0, 0, 0, time.UTC))
	if _, got = w.spread(w.ore, p); got["3063"].Light != oversight.Amber {
		t.Errorf("on the last day: %+v", got["3063"])
	}
	w.clock.Set(time.Date(2027, 5, 29, 9, 0, 0, 0, time.UTC))
	if _, got = w.spread(w.ore, p); got["3063"].Light != oversight.Red || got["3013"].Light != oversight.Green {
		t.Errorf("on the day after: %+v", got)
	}
	// The programme's own end comes first.
	w.clock.Set(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	w.exec(`UPDATE programme SET starts_on = '2025-09-01', ends_on = '2026-12-31' WHERE id = $1`, p)
	if _, got = w.spread(w.ore, p); day(got["3063"].Last) != "2026-12-31" {
		t.Errorf("last possible day %s behind the programme's end", day(got["3063"].Last))
	}
	// A later rule holds from its day.
	w.exec(`INSERT INTO programme_rule (id, programme_id, valid_from, networks_least, meetings_least, meetings_most, set_at) VALUES ($1, $2, '2026-11-25', 4, 3, 5, now())`, uuid.New(), p)
	if x, _ = w.spread(w.ore, p); x.Least != 2 {
		t.Errorf("tomorrow's rule holds today: %+v", x)
	}
	w.clock.Set(time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC))
	if x, got = w.spread(w.ore, p); x.Least != 4 || x.Missing != 4 || got["3013"].Missing != 1 {
		t.Errorf("%+v", x)
	}
}

// A centre sees its own programmes; of another's it learns not even that they
// are. A programme of no centre covers the country.
func TestWhoSeesTheSpread(t *testing.T) {
	t.Parallel()
	w := setup(t)
	own, foreign, national, free := w.programme("A-1", w.centre, 1), w.programme("B-1", w.other, 1), w.programme("C-1", nil, 1), w.programme("D-1", w.centre, 0)
	for _, id := range []uuid.UUID{foreign, national, uuid.New()} {
		if _, err := w.s.Spread(t.Context(), w.admin, id, 2026, time.Time{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
	lead := w.person(access.Grant{Role: access.Lead, Kind: access.Programme, Scope: foreign})
	for _, c := range []struct {
		who  *access.Actor
		want []string
	}{{w.admin, []string{"A-1"}}, {lead, []string{"B-1"}}, {w.ore, []string{"A-1", "B-1", "C-1"}}} {
		var got []string
		for after, first := "", true; first || after != ""; first = false {
			l, err := w.s.Askings(t.Context(), c.who, after, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range l.Items {
				got = append(got, a.Code)
			}
			after = l.Next
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
	if _, err := w.s.Askings(t.Context(), w.person(), "", 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody without a role: %v", err)
	}
	if x, got := w.spread(w.ore, national); len(got) != 3 || x.Missing != 3 {
		t.Errorf("%+v", x)
	}
	if x, got := w.spread(w.admin, free); x.Least != 0 || x.Missing != 0 || got["3013"].Light != "" {
		t.Errorf("without a rule: %+v", x)
	}
	if x, _ := w.spread(w.admin, own); x.Missing != 2 {
		t.Errorf("%+v", x)
	}
}

// The yearly report of one programme says what its rule still asks for, to who
// sees all of its networks.
func TestYearSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, national := w.programme("EFS-2", w.centre, 2), w.programme("EFS-3", nil, 2)
	w.network("Jedna", "net", w.centre, p)
	for _, who := range []*access.Actor{w.admin, w.ore} {
		y, err := w.s.Year(t.Context(), who, oversight.YearQuery{SchoolYear: 2026, Programme: p})
		if err != nil {
			t.Fatal(err)
		}
		if y.Least != 2 || y.Whole.Missing == nil || *y.Whole.Missing != 3 {
			t.Fatalf("%+v", y)
		}
		for _, x := range y.Powiats {
			want, in := map[string]int{"3013": 1, "3063": 2}[x.Code]
			if (x.Missing != nil) != in || in && *x.Missing != want {
				t.Errorf("%+v", x)
			}
		}
		rows := y.Sheet("pl")
		if last := len(rows[0]) - 1; rows[0][last] != "Brakujące sieci" || rows[1][last] != 3 {
			t.Errorf("%v", rows[:2])
		}
	}
	// From 1 November the centre acts in one powiat less: reports as of October are
	// as they were.
	w.exec(`UPDATE centre_territory SET valid_to = '2026-11-01' WHERE powiat_code = '3063'`)
	for day, want := range map[string]int{"2026-10-31": 3, "2026-11-01": 1} {
		y, err := w.s.Year(t.Context(), w.admin, oversight.YearQuery{SchoolYear: 2026, Programme: p, Day: on(day)})
		if err != nil || y.Whole.Missing == nil || *y.Whole.Missing != want || len(y.Powiats) != (want+1)/2 {
			t.Errorf("as of %s: %+v, %v", day, y, err)
		}
		if x, err := w.s.Spread(t.Context(), w.admin, p, 2026, on(day)); err != nil || x.Missing != want || len(x.Powiats) != (want+1)/2 {
			t.Errorf("as of %s: %+v, %v", day, x, err)
		}
	}
	if y, err := w.s.Year(t.Context(), w.admin, oversight.YearQuery{SchoolYear: 2026, Programme: national}); err != nil || y.Least != 0 || y.Whole.Missing != nil {
		t.Errorf("a centre learns of a programme of no centre: %+v, %v", y, err)
	}
	if y, err := w.s.Year(t.Context(), w.ore, oversight.YearQuery{SchoolYear: 2026}); err != nil || y.Least != 0 || len(y.Sheet("pl")[0]) != 8 {
		t.Errorf("%+v, %v", y, err)
	}
}

// A light is looked for among so many networks at a time; no network is left out
// or comes twice.
func TestLightsAreWalked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, status, created_at, opened_at)
		SELECT gen_random_uuid(), 'test.trial', 'net', $1, 'Sieć ' || (i % 50), 'x', 2026, 'open', '2026-09-10', '2026-09-10' FROM generate_series(1, 4100) i`, w.centre)
	w.exec(`INSERT INTO meeting (id, network_id, kind, title, state, school_year, starts_at, ends_at, onsite, online, created_at, updated_at, announced_at, closed_at)
		SELECT gen_random_uuid(), n.id, 'working', 'Spotkanie', 'closed', 2026, '2026-10-01', '2026-10-02', true, false, now(), now(), now(), now()
		FROM (SELECT id, row_number() OVER (ORDER BY title DESC, id) AS no FROM network) n, generate_series(1, 3) WHERE n.no <= 3`)
	for _, who := range []*access.Actor{w.ore, w.admin} {
		seen, looked, pages, after := map[uuid.UUID]bool{}, 0, 0, ""
		for pages == 0 || after != "" {
			l, err := w.s.Paces(t.Context(), who, oversight.PaceQuery{Year: 2026, Light: oversight.Green}, after, 2)
			if err != nil || pages > 10 {
				t.Fatal(err, pages)
			}
			for _, p := range l.Items {
				if seen[p.ID] || p.Light != oversight.Green {
					t.Errorf("%+v", p)
				}
				seen[p.ID] = true
			}
			looked += l.Looked
			after = l.Next
			pages++
		}
		if len(seen) != 3 || looked != 4000 || pages != 4 {
			t.Errorf("%d green networks on %d pages, %d looked at", len(seen), pages, looked)
		}
	}
}

// A network that entered the programme in November counts from then on, is held to
// the rule of that day, and stays in the reports of the days on which it was there.
func TestNetworksComeAndGo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.programme("EFS-4", w.centre, 1)
	w.exec(`INSERT INTO programme_rule (id, programme_id, valid_from, networks_least, meetings_least, meetings_most, set_at) VALUES ($1, $2, '2026-11-01', 1, 4, 5, now())`, uuid.New(), p)
	n := w.network("Wędrowna", "net", w.centre, nil)
	w.exec(`INSERT INTO programme_network (network_id, programme_id, state, asked_at, joined_at, left_at) VALUES ($1, $2, 'left', '2026-11-05', '2026-11-05 09:00Z', '2026-11-20 09:00Z')`, n, p)
	for day, want := range map[string]int{"2026-11-04": 0, "2026-11-05": 1, "2026-11-19": 1, "2026-11-20": 0} {
		x, err := w.s.Spread(t.Context(), w.ore, p, 2026, on(day))
		if err != nil {
			t.Fatal(err)
		}
		y, err := w.s.Year(t.Context(), w.ore, oversight.YearQuery{SchoolYear: 2026, Programme: p, Day: on(day)})
		if err != nil {
			t.Fatal(err)
		}
		l, err := w.s.Paces(t.Context(), w.ore, oversight.PaceQuery{Year: 2026, Programme: p, Day: on(day)}, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		if x.Powiats[0].Networks != want || y.Whole.Networks != want || len(l.Items) != want || want > 0 && (l.Items[0].Programme.UUID != p || l.Items[0].Least != 4) {
			t.Errorf("as of %s: %+v; %+v; %+v", day, x.Powiats, y.Whole, l.Items)
		}
	}
	all, err := w.s.Paces(t.Context(), w.ore, oversight.PaceQuery{Year: 2026, Day: on("2026-11-10")}, "", 0)
	if err != nil || len(all.Items) != 1 || all.Items[0].Least != 4 {
		t.Errorf("among all: %+v, %v", all.Items, err)
	}
	lead := w.person(access.Grant{Role: access.Lead, Kind: access.Programme, Scope: p})
	if l, err := w.s.Paces(t.Context(), lead, oversight.PaceQuery{Year: 2026, Programme: p, Day: on("2026-11-10")}, "", 0); err != nil || len(l.Items) != 1 {
		t.Errorf("to the lead: %+v, %v", l.Items, err)
	}
	// Now: it enters again, and the rule of today holds.
	w.exec(`UPDATE network SET programme_id = $2, programme_since = '2026-11-24 08:00Z' WHERE id = $1`, n, p)
	if l, err := w.s.Paces(t.Context(), w.admin, oversight.PaceQuery{Year: 2026, Programme: p}, "", 0); err != nil || len(l.Items) != 1 || l.Items[0].Least != 4 {
		t.Errorf("now: %+v, %v", l.Items, err)
	}
}
