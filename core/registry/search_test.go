package registry_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/registry"
)

func names(list []registry.Institution) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Name
	}
	return out
}

func TestSearchWords(t *testing.T) {
	t.Parallel()
	s, _ := withSample(t)
	for text, want := range map[string][]string{
		"swieciechowa":                 {"Szkoła Podstawowa w Święciechowie"},
		"ŚWIĘCIECHOWA szkoła":          {"Szkoła Podstawowa w Święciechowie"},
		norm.NFD.String("żabka"):       {"Przedszkole „Żabka”"},
		"zlotych SADOW":                {"Szkoła Podstawowa im. Złotych Sadów"},
		"100234":                       {"Szkoła Podstawowa nr 2 im. Polskich Olimpijczyków"},
		"sp 2 leszno":                  {"Szkoła Podstawowa nr 2 im. Polskich Olimpijczyków"},
		"lo rydzyna":                   {"Liceum Ogólnokształcące w Rydzynie"},
		"ksiegi lasu":                  {"Szkoła Podstawowa im. Księgi Lasu", "Szkoła Podstawowa im. Księgi Lasu"},
		"ksiegi lasu osieczna":         {"Szkoła Podstawowa im. Księgi Lasu"},
		"gimnazjum":                    nil, // closed in 2019
		"szkoła której nigdzie nie ma": nil,
		"100%_":                        nil,
	} {
		got, next, err := s.Search(t.Context(), registry.SearchQuery{Text: text})
		if text == "100%_" { // not a pattern: finds numbers that hold 100
			if err != nil || len(got) == 0 {
				t.Errorf("%q: %v, %v", text, names(got), err)
			}
			continue
		}
		if err != nil || !slices.Equal(names(got), want) && len(got)+len(want) > 0 || next != "" {
			t.Errorf("%q: %q, %q, %v; want %q", text, names(got), next, err, want)
		}
	}
}

func TestSearchFiltersAndPages(t *testing.T) {
	t.Parallel()
	s, _ := withSample(t)
	all, next, err := s.Search(t.Context(), registry.SearchQuery{Limit: 100, Closed: true})
	if err != nil || len(all) != 40 || next != "" {
		t.Fatalf("%d of 40, %q, %v", len(all), next, err)
	}
	var paged []registry.Institution
	for after := ""; ; {
		page, next, err := s.Search(t.Context(), registry.SearchQuery{Limit: 7, Closed: true, After: after})
		if err != nil || len(page) > 7 {
			t.Fatal(len(page), err)
		}
		paged = append(paged, page...)
		if after = next; next == "" {
			break
		}
	}
	if !slices.EqualFunc(all, paged, func(a, b registry.Institution) bool { return a.ID == b.ID }) {
		t.Errorf("pages of 7 differ from the whole list: %q", names(paged))
	}
	for _, c := range []struct {
		q    registry.SearchQuery
		want int
	}{
		{registry.SearchQuery{Powiat: "3026", Kind: registry.School}, 7},
		{registry.SearchQuery{Voivodeship: "26", Kind: registry.Centre}, 1},
		{registry.SearchQuery{Voivodeship: "26", Powiat: "3026"}, 0},
	} {
		got, _, err := s.Search(t.Context(), c.q)
		if err != nil || len(got) != c.want {
			t.Errorf("%+v: %d, %v; want %d", c.q, len(got), err, c.want)
		}
	}
	for _, q := range []registry.SearchQuery{{After: "%%%"}, {After: "018f0000-0000-7000-8000-000000000000"}, {Kind: "castle"}} {
		if _, _, err := s.Search(t.Context(), q); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestNamesakesAreToldApart(t *testing.T) {
	t.Parallel()
	s, _ := withSample(t)
	got, _, err := s.Search(t.Context(), registry.SearchQuery{Text: "ksiegi lasu"})
	if err != nil || len(got) != 2 {
		t.Fatal(names(got), err)
	}
	want := []string{
		"Szkoła Podstawowa im. Księgi Lasu, Dolsk, powiat śremski, woj. wielkopolskie",
		"Szkoła Podstawowa im. Księgi Lasu, Osieczna, powiat leszczyński, woj. wielkopolskie",
	}
	for i := range got {
		if l := got[i].Label(t.Context()); l != want[i] {
			t.Errorf("label %q, want %q", l, want[i])
		}
	}
	if i := byRSPO(t, s, 100234); i.Place(t.Context()) != "Leszno, woj. wielkopolskie" {
		t.Errorf("place of a school in a city: %q", i.Place(t.Context()))
	}
}

var scanOfAll = regexp.MustCompile(`"Node Type":"Seq Scan"[^{}]*"Relation Name":"institution(_version)?"`)

// TestSearchPlan proves on 45,000 institutions that words are found by the
// trigram index, that lists follow the index of names, and that both stay quick
// with the plan that PostgreSQL keeps for any words.
func TestSearchPlan(t *testing.T) {
	t.Parallel()
	s, d := withSample(t)
	if _, err := s.ImportRSPO(t.Context(), admin, bytes.NewReader(country(45_000, 1))); err != nil {
		t.Fatal(err)
	}
	if _, err := d.SQL().ExecContext(t.Context(), "VACUUM ANALYZE institution, institution_version"); err != nil {
		t.Fatal(err)
	}
	for text, index := range map[string]string{
		"zolwinska mariacka": "institution_search",
		"leszno jasminowej":  "institution_search",
		"144999":             "institution_search",
		"":                   "institution_page",
	} {
		for _, on := range []bool{false, true} {
			if on {
				index = strings.Replace(index, "institution_", "institution_version_", 1)
			}
			if plan := registry.PlanForTest(t, d, text, on); !strings.Contains(plan, index) || scanOfAll.MatchString(plan) {
				t.Errorf("%q does not use %s: %s", text, index, plan)
			}
		}
	}
	for n, text := range []string{"szkola podstawowa", "szkoła podstawowa nr 7 żeglarzy sandomierz", "144999", "nr 7", "lo", "", "zolwinska",
		"szkola podstawowa", "144999", "nr 7", ""} {
		q := registry.SearchQuery{Text: text}
		if n >= 7 {
			q.On = time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC)
		}
		var best time.Duration
		for range 8 { // more than the five after which PostgreSQL may keep one plan
			start := time.Now()
			if _, _, err := s.Search(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); best == 0 || took < best {
				best = took
			}
		}
		t.Logf("%q on %v: %v", text, q.On, best)
		// About 60 ms at worst on a quiet machine; what would fail is a plan
		// that reads everything for each word.
		if best > 2*time.Second {
			t.Errorf("%q takes %v", text, best)
		}
	}
}

func TestCentres(t *testing.T) {
	t.Parallel()
	s, d := withSample(t)
	ctx := t.Context()
	centre, other, school := byRSPO(t, s, 900101), byRSPO(t, s, 900102), byRSPO(t, s, 100310)
	theirs := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: centre.ID}}}
	if err := s.SetTerritory(ctx, theirs, centre.ID, []string{"3013", "2609"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a centre widens its own territory: %v", err)
	}
	if err := s.SetTerritory(ctx, admin, centre.ID, []string{"3013", "3063", "3026", "3013"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetTerritory(ctx, admin, school.ID, []string{"3013"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("territory of a school: %v", err)
	}
	for _, wrong := range []string{"9999", "30", "3013052", "x"} {
		if err := s.SetTerritory(ctx, admin, centre.ID, []string{wrong}); fieldKeys(err)["territory"] != "registry.powiat_unknown" {
			t.Errorf("powiat %s: %v", wrong, err)
		}
	}
	c, err := s.Centre(ctx, theirs, centre.ID)
	if err != nil || len(c.Territory) != 3 || c.Territory[2].Label(ctx) != "Leszno, miasto na prawach powiatu, woj. wielkopolskie" {
		t.Errorf("%+v, %v", c.Territory, err)
	}
	if _, err := s.Centre(ctx, theirs, other.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("another centre: %v", err)
	}
	if list, _, err := s.Centres(ctx, theirs, "", 0); err != nil || len(list) != 1 || list[0].ID != centre.ID {
		t.Errorf("own centres: %q, %v", names(list), err)
	}
	if list, _, err := s.Centres(ctx, admin, "", 0); err != nil || len(list) != 2 {
		t.Errorf("all centres: %q, %v", names(list), err)
	}
	if ids, err := s.CentresOf(ctx, nil, school.ID); err != nil || !slices.Equal(ids, []uuid.UUID{centre.ID}) {
		t.Errorf("centres of a school: %v, %v", ids, err)
	}
	if n := count(t, d, `SELECT count(*) FROM audit_event WHERE action = 'centre:territory'`); n != 1 {
		t.Errorf("%d audit entries for one change", n)
	}
}

func TestCreateInstitution(t *testing.T) {
	t.Parallel()
	s, _ := withSample(t)
	ctx := t.Context()
	if _, err := s.CreateInstitution(ctx, admin, registry.NewInstitution{Kind: "castle", Powiat: "1", Email: "x", Territory: []string{"3013"}}); len(fieldKeys(err)) != 5 {
		t.Errorf("wrong fields: %v", err)
	}
	in := registry.NewInstitution{Kind: registry.Centre, Name: "  Ośrodek   Łąka ", Powiat: "2609", Town: "Sandomierz", Territory: []string{"2609", "3013"}}
	if _, err := s.CreateInstitution(ctx, &access.Actor{Person: uuid.New()}, in); !fault.Is(err, fault.NotFound) {
		t.Errorf("without permission: %v", err)
	}
	id, err := s.CreateInstitution(ctx, admin, in)
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := s.Search(ctx, registry.SearchQuery{Text: "laka sandomierz", Kind: registry.Centre})
	if err != nil || len(found) != 1 || found[0].ID != id || found[0].Name != "Ośrodek Łąka" || found[0].ComplexID != id {
		t.Errorf("%+v, %v", found, err)
	}
	if c, err := s.Centre(ctx, admin, id); err != nil || len(c.Territory) != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	raw, err := json.Marshal(found[0])
	if err != nil || strings.Contains(string(raw), "folded") {
		t.Errorf("%s, %v", raw, err)
	}
}

// The registers' types of offices are told apart; a territory's change is told
// before it is made, and writes nothing.
func TestTerritoryPreview(t *testing.T) {
	t.Parallel()
	s, d := withSample(t)
	ctx, centre, other := t.Context(), byRSPO(t, s, 900101).ID, byRSPO(t, s, 900102).ID
	for id, codes := range map[uuid.UUID][]string{centre: {"3013", "3026"}, other: {"2609"}} {
		if err := s.SetTerritory(ctx, admin, id, codes); err != nil {
			t.Fatal(err)
		}
	}
	x, err := s.PreviewTerritory(ctx, admin, centre, registry.TerritoryEdit{Powiats: []string{"3013", "2609"}})
	if err != nil || len(x.Powiats) != 2 {
		t.Fatalf("%+v, %v", x, err)
	}
	gain, loss := x.Powiats[0], x.Powiats[1]
	if gain.Code != "2609" || !gain.Added || gain.Schools == 0 || len(gain.Others) != 1 || loss.Code != "3026" || loss.Added || len(loss.Others) != 0 {
		t.Errorf("gain %+v, loss %+v", gain, loss)
	}
	if n := count(t, d, `SELECT count(*) FROM centre_territory`); n != 3 {
		t.Errorf("%d powiats now", n)
	}
	if _, err := s.PreviewTerritory(ctx, admin, centre, registry.TerritoryEdit{Powiats: []string{"9999"}}); fieldKeys(err)["territory"] == "" {
		t.Errorf("an unknown powiat: %v", err)
	}
	theirs := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: centre}}}
	if _, err := s.PreviewTerritory(ctx, theirs, centre, registry.TerritoryEdit{Powiats: nil}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a centre looks at its own widening: %v", err)
	}
}
