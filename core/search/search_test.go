package search_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/search"
	"ore.edu.pl/sieci/core/search/lemma/lemmatest"
)

func TestInflectedAndWithoutDiacritics(t *testing.T) {
	t.Parallel()
	w := setup(t, lemmatest.Open(t))
	w.put(search.Posts, search.Doc{Title: "A", Body: "Wymiana doświadczeń przed szkoleniami w Łodzi; nauczycielek było 14."})
	w.put(search.Posts, search.Doc{Title: "B", Body: "zajecia dla uczniow, Brzęczyszczykiewicz-Ćwiąkalska prowadzi"})
	w.put(search.Posts, search.Doc{Title: "C", Body: "W sadzie rosną jabłonie. Sąd orzekł inaczej."})
	w.put(search.Posts, search.Doc{Title: "D", Body: "Sad kwitnie."})
	for q, want := range map[string]string{
		"szkolenie": "A", "SZKOLENIE": "A", "szkolenia łódź": "A", "lodz": "A", "nauczycielka": "A", "doswiadczenie": "A",
		"zajęcia uczeń": "B", "brzęczyszczykiewicza": "", "Brzęczyszczykiewicz": "B", "brzeczyszczykiewicz cwiakalska": "B", "cwiakal*": "B",
		"sąd": "C", "sad": "C D", "sadów": "C D", "14": "A", "xyzzy": "", "nauczycielka -łódź": "", "uczeń -łódź": "B",
		`"wymiana doświadczeń"`: "A", `"doświadczeń wymiana"`: "", `„szkolenia w Łodzi”`: "A", "wymiana w Łodzi": "A", "przed-szkoleniami": "A",
	} {
		got := w.find(w.guest, search.Ask{Text: q})
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s finds %v, want %s", q, got, want)
		}
	}
}

func TestWholeWordsWithoutDictionary(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	w.put(search.Posts, search.Doc{Title: "A", Body: "przed szkoleniami w Łodzi"})
	if got := w.find(w.guest, search.Ask{Text: "szkolenie"}); len(got) != 0 {
		t.Errorf("found %v", got)
	}
	for _, q := range []string{"szkoleniami", "lodzi", "szkolen*"} {
		if got := w.find(w.guest, search.Ask{Text: q}); len(got) != 1 {
			t.Errorf("%s finds %v", q, got)
		}
	}
	f, err := w.x.Find(t.Context(), w.guest, search.Ask{Text: "x"})
	if err != nil || !f.WholeWords {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestEachFindsWhatTheySee(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	other := w.newNetwork("Obca")
	for title, d := range map[string]search.Doc{
		"publiczny": {Audience: search.Public}, "zalogowani": {Audience: search.Platform}, "w sieci": {Audience: search.Inside, Network: w.network},
		"w obcej": {Audience: search.Inside, Network: other}, "w placówce": {Audience: search.Inside, Centre: w.centre},
	} {
		d.Title, d.Body = title, "ocenianie"
		w.put(search.Resources, d)
	}
	// A person on the member's network, and one on another.
	for name, n := range map[string]uuid.UUID{"osoba z sieci": w.network, "osoba spoza": other} {
		p := uuid.Must(uuid.NewV7())
		w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, 'A', 'A', 'active')`, p, p.String()+"@example.org")
		w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES ($1, $2, 'participant', 'network', $3, '2026-01-01')`, uuid.New(), p, n)
		w.put(search.People, search.Doc{ID: p, Audience: search.Shared, Title: name, Body: "ocenianie"})
	}
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, 'm@example.org', 'M', 'M', 'active')`, w.member.Person)
	w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES ($1, $2, 'participant', 'network', $3, '2026-01-01')`, uuid.New(), w.member.Person, w.network)
	foreign := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: uuid.New()}}}
	check := func(how string) {
		t.Helper()
		for _, c := range []struct {
			who  string
			a    *access.Actor
			ask  search.Ask
			want []string
		}{
			{"guest", w.guest, search.Ask{}, []string{"publiczny"}},
			{"user", w.user, search.Ask{}, []string{"publiczny", "zalogowani"}},
			{"member", w.member, search.Ask{}, []string{"osoba z sieci", "publiczny", "w sieci", "zalogowani"}},
			{"ore, people", w.ore, search.Ask{Kind: search.People}, []string{}},
			{"another centre", foreign, search.Ask{}, []string{"publiczny", "zalogowani"}},
			{"centre", w.admin, search.Ask{Kind: search.Resources}, []string{"publiczny", "w obcej", "w placówce", "w sieci", "zalogowani"}},
			{"ore", w.ore, search.Ask{Kind: search.Resources}, []string{"publiczny", "w obcej", "w placówce", "w sieci", "zalogowani"}},
			{"member in the network", w.member, search.Ask{Network: w.network}, []string{"w sieci"}},
			{"member elsewhere", w.member, search.Ask{Network: other}, []string{}},
		} {
			c.ask.Text = "ocenianie"
			got := w.find(c.a, c.ask)
			slices.Sort(got)
			if !slices.Equal(got, c.want) && !(how == "walked" && c.who == "centre" && slices.Equal(got, []string{"publiczny", "w obcej", "w sieci", "zalogowani"})) {
				t.Errorf("%s, %s: %v, want %v", how, c.who, got, c.want)
			}
		}
	}
	check("ranked")
	w.x.Pretend(1e6, "~ocenianie")
	check("walked")
}

func TestRankingAndPages(t *testing.T) {
	t.Parallel()
	w := setup(t, lemmatest.Open(t))
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 45 {
		w.put(search.Posts, search.Doc{Title: "Wpis " + string(rune('A'+i%26)), Body: "o ewaluacji", At: at.Add(time.Duration(i) * time.Hour)})
	}
	w.put(search.Posts, search.Doc{Title: "Ewaluacja w szkole", Body: "x", At: at.AddDate(-1, 0, 0)})
	f, err := w.x.Find(t.Context(), w.user, search.Ask{Text: "ewaluacja"})
	if err != nil || len(f.Groups) != 1 || len(f.Groups[0].Items) != search.Few || !f.Groups[0].More {
		t.Fatalf("%+v, %v", f, err)
	}
	if got := text(f.Groups[0].Items[0].Title); got != "Ewaluacja w szkole" {
		t.Errorf("a title does not come first: %s", got)
	}
	for _, how := range []string{"ranked", "walked"} {
		seen := map[uuid.UUID]bool{}
		for page := 1; page <= 3; page++ {
			f, err := w.x.Find(t.Context(), w.user, search.Ask{Text: "ewaluacja", Kind: search.Posts, Page: page})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range f.Groups[0].Items {
				seen[r.ID] = true
			}
			if more := page < 3; f.Groups[0].More != more {
				t.Errorf("%s, page %d: more %v", how, page, f.Groups[0].More)
			}
		}
		if len(seen) != 46 {
			t.Errorf("%s: %d results", how, len(seen))
		}
		w.x.Pretend(1e6, "~ewaluacja", "ewaluacja")
	}
	if f, err := w.x.Find(t.Context(), w.user, search.Ask{Text: "ewaluacja", Kind: search.Posts, Page: 1 << 40}); err != nil || len(f.Groups[0].Items) != 0 {
		t.Errorf("far away: %+v, %v", f, err)
	}
}

func TestChangesFollow(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	id := w.put(search.Networks, search.Doc{Title: "Stara nazwa"})
	w.put(search.Networks, search.Doc{ID: id, Title: "Nowa nazwa"})
	if got := w.find(w.guest, search.Ask{Text: "nazwa"}); !slices.Equal(got, []string{"Nowa nazwa"}) {
		t.Errorf("%v", got)
	}
	w.rooms[search.Networks].docs = nil
	w.changed(search.Networks, id)
	if got := w.find(w.guest, search.Ask{Text: "nazwa"}); len(got) != 0 {
		t.Errorf("what is gone is found: %v", got)
	}
}

// The job goes on where it stopped, and begins anew with another dictionary.
func TestReindex(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	r := w.rooms[search.Posts]
	for range 450 {
		r.docs = append(r.docs, search.Doc{ID: uuid.Must(uuid.NewV7()), Title: "Szkoleniami", Path: "/x", Audience: search.Public, At: time.Now()})
	}
	if done, err := w.x.Reindex(t.Context(), w.db, time.Now().Add(-time.Second)); err != nil || done {
		t.Fatalf("without time: %v, %v", done, err)
	}
	for page := 1; page <= 2; page++ {
		if err := w.x.OnePage(t.Context(), w.db, search.Posts); err != nil {
			t.Fatal(err)
		}
	}
	p, err := w.x.Progress(t.Context())
	if err != nil || len(p) != 1 || p[0].Docs != 400 || p[0].Done {
		t.Fatalf("%+v, %v", p, err)
	}
	if f, err := w.x.Find(t.Context(), w.guest, search.Ask{Text: "szkoleniami"}); err != nil || !f.Unfinished {
		t.Errorf("%+v, %v", f, err)
	}
	before := w.db.RoundTrips()
	if done, err := w.x.Reindex(t.Context(), w.db, time.Now().Add(time.Minute)); err != nil || !done {
		t.Fatalf("%v, %v", done, err)
	}
	if n := w.db.RoundTrips() - before; n > 40 {
		t.Errorf("it began from the start: %d statements", n)
	}
	if f, err := w.x.Find(t.Context(), w.guest, search.Ask{Text: "szkoleniami", Kind: search.Posts}); err != nil || f.Unfinished || len(f.Groups[0].Items) != search.PageSize {
		t.Errorf("%+v, %v", f, err)
	}
	y := search.New(w.db, w.x.Authorizer(), lemmatest.Open(t))
	y.Register(r.source(search.Posts, "board:view"))
	if done, err := y.Reindex(t.Context(), w.db, time.Now().Add(time.Minute)); err != nil || !done {
		t.Fatalf("%v, %v", done, err)
	}
	if f, err := y.Find(t.Context(), w.guest, search.Ask{Text: "szkolenie", Kind: search.Posts}); err != nil || len(f.Groups[0].Items) != search.PageSize {
		t.Errorf("with the dictionary: %+v, %v", f, err)
	}
}

func TestSnippets(t *testing.T) {
	t.Parallel()
	w := setup(t, lemmatest.Open(t))
	long := strings.Repeat("Zdanie bez znaczenia. ", 40)
	w.put(search.Posts, search.Doc{Title: "Po <b>szkoleniach</b>", Body: long + "Tu mowa o szkoleniach dla <script>nauczycieli</script>. " + long})
	f, err := w.x.Find(t.Context(), w.guest, search.Ask{Text: "szkolenie nauczyciel"})
	if err != nil {
		t.Fatal(err)
	}
	r := f.Groups[0].Items[0]
	if got := marked(r.Title); got != "Po <b>[szkoleniach]</b>" {
		t.Errorf("title %s", got)
	}
	got := marked(r.Snippet)
	if !strings.Contains(got, "[szkoleniach] dla <script>[nauczycieli]</script>") || !strings.HasPrefix(got, "… ") || !strings.HasSuffix(got, " …") || len(got) > 400 {
		t.Errorf("snippet %s", got)
	}
}

func TestNothingToLookFor(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	for q, key := range map[string]string{"": "search.empty", "  ": "search.empty", "-nie": "search.nothing", "w i na": "search.nothing", `""`: "search.nothing", "!&|()": "search.nothing"} {
		_, err := w.x.Find(t.Context(), w.guest, search.Ask{Text: q})
		if f := fault.As(err); err == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Key != key {
			t.Errorf("%q: %v", q, err)
		}
	}
}

// Whatever is typed, PostgreSQL takes the query, and nothing of it is an operator.
func TestHostileQueries(t *testing.T) {
	t.Parallel()
	w := setup(t, lemmatest.Open(t))
	w.put(search.Posts, search.Doc{Title: "Ocenianie", Body: "x"})
	for _, q := range append(hostile, strings.Repeat("a b ", 500), strings.Repeat(`"`, 300), strings.Repeat("ą́", 200)) {
		if _, err := w.x.Find(t.Context(), w.user, search.Ask{Text: "ocenianie " + q}); err != nil {
			t.Errorf("%q: %v", q, err)
		}
	}
}

var hostile = []string{"'); DROP TABLE person; --", `a' | 'b`, `\' \\`, "a:*", "a:A", "!a", "(a", "a)", "<->", "a <-> b", "a & b | c", "\x00", "\xff\xfe", "%_", "~a", "\u202eabc", "$1", "{}", "ǅ ŉ ﬃ İ"}

func FuzzParse(f *testing.F) {
	for _, q := range hostile {
		f.Add(q)
	}
	f.Add(`szkolenie "w Łodzi" -sieć sad*`)
	f.Fuzz(func(t *testing.T, q string) {
		parsed, err := search.Parse(nil, q)
		if err != nil {
			return
		}
		if err := parsed.Check(); err != nil {
			t.Errorf("%q: %v", q, err)
		}
		search.SnippetOf(parsed, q)
	})
}
