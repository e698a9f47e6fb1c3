package kit_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	webkit "ore.edu.pl/sieci/core/web/kit"
)

type wordsIn struct {
	Q    string `query:"q" json:"q"`
	Body struct {
		Text     string              `json:"text"`
		List     []string            `json:"list,omitempty"`
		Inner    *struct{ A string } `json:"inner,omitempty"`
		Map      map[string]any      `json:"map,omitempty"`
		Document json.RawMessage     `json:"document,omitempty"`
		Secret   string              `json:"secret,omitempty" raw:"true"`
	}
}

type wordsOut struct{ Body wordsIn }

// Texts reach a service as the forms of the pages give them, wherever they lie.
func TestTextsAreTidied(t *testing.T) {
	t.Parallel()
	s := start(t)
	kit.Register(s.api, kit.Op{ID: "say", Method: "POST", Path: "/words", Perm: webkit.Public, Summary: "Says words."},
		func(_ context.Context, in *wordsIn) (*wordsOut, error) { return &wordsOut{*in}, nil })
	dirty := `\u0000 a\u0007\u202e\u2066b\n\tc\u007f \u0065\u0301 `
	const clean = "ab\n\tc é"
	body := strings.ReplaceAll(`{"text":"X","list":["X"],"inner":{"A":"X"},"map":{"X":["X",{"k":"X"}],"n":1.5},"document":{"X":["X",12345678901234567890]},"secret":"X"}`, "X", dirty)
	r := s.ask("POST", "/words?q=a%00b", body, token, key)
	var got wordsOut
	if err := json.Unmarshal([]byte(r.text), &got.Body); r.StatusCode != 200 || err != nil {
		t.Fatalf("%v %d %s", err, r.StatusCode, r.text)
	}
	b := got.Body.Body
	var doc map[string][]any
	if err := json.Unmarshal(b.Document, &doc); err != nil {
		t.Fatal(err)
	}
	list, _ := b.Map[clean].([]any)
	if got.Body.Q != "ab" || b.Text != clean || b.List[0] != clean || b.Inner.A != clean || len(list) != 2 || list[0] != clean ||
		list[1].(map[string]any)["k"] != clean || b.Map["n"] != 1.5 || doc[clean][0] != clean || !strings.Contains(string(b.Document), "12345678901234567890") {
		t.Errorf("%q", r.text)
	}
	if b.Secret != "\x00 a\x07\u202e\u2066b\n\tc\x7f e\u0301 " {
		t.Errorf("the secret became %q", b.Secret)
	}
	// A tidy document stays to the letter: what is twice in it is its reader's to find.
	if r := s.ask("POST", "/words", `{"text":"a","document":{"b":1,"a":2,"a":3}}`, token, key); !strings.Contains(r.text, `{"b":1,"a":2,"a":3}`) {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
}

type askedIn struct {
	RawBody []byte `contentType:"text/csv"`
	Q       string `query:"q"`
}

// Whatever a service says with the input in it, the API says without: in the
// plain sentence where there is one, else in a general one.
func TestServicesEchoNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	kit.Register(s.api, kit.Op{ID: "ask", Method: "POST", Path: "/asked", Perm: webkit.Public, Summary: "Asks."},
		func(_ context.Context, in *askedIn) (*kit.None, error) {
			var f fault.Fields
			f.Add("lines[3].rspo", "registry.row_rspo", "Value", "TAJNE1")
			f.Add("lines[4].rspo", "registry.row_twice", "What", "TAJNE2", "Line", 3)
			f.Add("lines[5].kind", "effect.not_permitted", "Kind", "TAJNE3")
			f.Add("lines[6].q", "effect.not_permitted", "Kind", in.Q)
			f.Add("lines[7].kind", "effect.not_permitted", "Kind", "własne")
			return nil, &fault.Error{Kind: fault.Forbidden, Key: "effect.not_permitted", Args: fault.Args{"Kind": in.Q}, Fields: f}
		})
	r := s.ask("POST", "/asked?q=TAJNE4", "a;TAJNE1\nb;TAJNE2\nc;xTAJNE3x\n", token, key, "Content-Type", "text/csv")
	got := r.problem.Detail
	for _, e := range r.problem.Errors {
		got += "\n" + e.Pointer + " " + e.Detail
	}
	const want = `Nie masz uprawnienia do tej czynności.
#/lines/3/rspo To nie jest numer RSPO (od 1 do 6 cyfr).
#/lines/4/rspo To samo występuje już w wierszu 3.
#/lines/5/kind Wartość ma nieprawidłową postać.
#/lines/6/q Wartość ma nieprawidłową postać.
#/lines/7/kind Nie masz uprawnienia do czynności, którą to spowoduje (własne).`
	if r.StatusCode != 403 || got != want {
		t.Errorf("%d\n%s", r.StatusCode, got)
	}
}

// A sentence that shows a text to correct has a plain one for programs.
func TestPlainSentences(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"network.email_wrong", "registry.row_code", "registry.row_zero_lost", "registry.row_teryt_differs", "registry.row_twice",
		"registry.row_unit_above", "registry.row_rspo", "registry.row_regon", "registry.row_place", "registry.row_parent", "registry.row_parent_unknown"} {
		for _, l := range i18n.Langs {
			shown := i18n.Text(l, key, "Value", "TAJNE", "What", "TAJNE", "Code", "TAJNE", "Address", "TAJNE", "Line", 7)
			plain := i18n.Text(l, key+".plain", "Value", "TAJNE", "What", "TAJNE", "Code", "TAJNE", "Address", "TAJNE", "Line", 7)
			if !i18n.Has(l, key+".plain") || !strings.Contains(shown, "TAJNE") || strings.Contains(plain, "TAJNE") {
				t.Errorf("%s %s: %q, plain %q", l, key, shown, plain)
			}
		}
	}
}

type numbersIn struct {
	Year int `query:"year"`
	Body struct {
		Version int64 `json:"version"`
		Rows    []struct {
			N int `json:"n"`
		} `json:"rows,omitempty"`
		Seats *int `json:"seats,omitempty" maximum:"40"`
	}
}

// No number reaches a service that the database could not hold.
func TestNumbersHaveLimits(t *testing.T) {
	t.Parallel()
	s := start(t)
	kit.Register(s.api, kit.Op{ID: "count", Method: "POST", Path: "/numbers", Perm: webkit.Public, Summary: "Counts."},
		func(context.Context, *numbersIn) (*kit.None, error) { return nil, nil })
	for _, c := range []struct{ query, body, at string }{
		{"?year=2147483647", `{"version":2147483647,"rows":[{"n":0}],"seats":40}`, ""},
		{"?year=2147483648", `{"version":1}`, "year"},
		{"?year=-1", `{"version":1}`, "year"},
		{"", `{"version":99999999999999}`, "#/version"},
		{"", `{"version":-1}`, "#/version"},
		{"", `{"version":1e40}`, "#/version"},
		{"", `{"version":1,"rows":[{"n":1},{"n":2147483648}]}`, "#/rows/1/n"},
		{"", `{"version":1,"seats":41}`, "#/seats"},
		{"", `{"version":1,"seats":-1}`, "#/seats"},
	} {
		r := s.ask("POST", "/numbers"+c.query, c.body, token, key)
		if c.at == "" {
			if r.StatusCode != 204 {
				t.Errorf("%s %s: %d %s", c.query, c.body, r.StatusCode, r.text)
			}
			continue
		}
		if e := r.problem.Errors; r.StatusCode != 422 || len(e) != 1 || e[0].Pointer+e[0].Parameter != c.at {
			t.Errorf("%s %s: %d %s, want %s", c.query, c.body, r.StatusCode, r.text, c.at)
		}
	}
	if r := s.ask("POST", "/numbers", `{"version":99999999999999}`, token, key); !strings.Contains(r.text, "nie większą niż 2147483647.") {
		t.Errorf("%s", r.text)
	}
}

type fileIn struct {
	Name    string `query:"name" required:"true"`
	Year    int    `query:"year"`
	RawBody []byte `contentType:"application/octet-stream"`
}

// Each refusal says which part of the request it means and why.
func TestRefusalsSayWhichAndWhy(t *testing.T) {
	t.Parallel()
	s := start(t)
	kit.Register(s.api, kit.Op{ID: "send", Method: "POST", Path: "/sent", Perm: webkit.Public, Summary: "Sends.", Upload: true},
		func(context.Context, *fileIn) (*kit.None, error) { return nil, nil })
	big := strings.Repeat("x", 3<<20)
	const file = "application/octet-stream"
	for name, c := range map[string]struct {
		r                 *answer
		status            int
		parameter, detail string
	}{
		"missing":      {s.ask("POST", "/sent", "x", "Content-Type", file), 422, "name", "Ten parametr jest wymagany."},
		"unknown":      {s.ask("POST", "/sent?name=a&nazwa=b", "x", "Content-Type", file), 422, "nazwa", "Nie ma takiego parametru."},
		"no number":    {s.ask("POST", "/sent?name=a&year=x", "x", "Content-Type", file), 422, "year", "Podaj liczbę całkowitą."},
		"empty":        {s.ask("POST", "/sent?name=a", ""), 400, "", "Zapytanie nie ma treści. Wyślij ją."},
		"empty JSON":   {s.ask("POST", "/networks", "", token, key), 400, "", "Zapytanie nie ma treści. Wyślij ją."},
		"broken JSON":  {s.ask("POST", "/networks", "{", token, key), 400, "", "Nie udało się odczytać treści zapytania. Wyślij poprawny dokument JSON."},
		"large JSON":   {s.ask("POST", "/networks", big, token, key), 413, "", "Treść zapytania jest za duża; może mieć najwyżej 1 MB."},
		"large file":   {s.ask("POST", "/sent?name=a", strings.Repeat(big, 9), "Content-Type", file), 413, "", "Treść zapytania jest za duża; może mieć najwyżej 26 MB."},
		"bad page":     {s.ask("GET", "/seats?after=field", ""), 422, "after", ""},
		"bare page":    {s.ask("GET", "/seats?after=bare", ""), 422, "after", ""},
		"wrong method": {s.ask("DELETE", "/networks", ""), 405, "", "Ten adres nie przyjmuje tej metody. Dozwolone wymienia nagłówek Allow."},
	} {
		got, p := c.r.problem.Detail, ""
		if e := c.r.problem.Errors; len(e) == 1 && e[0].Pointer == "" {
			got, p = e[0].Detail, e[0].Parameter
		}
		if c.r.StatusCode != c.status || p != c.parameter || c.detail != "" && got != c.detail || got == "" {
			t.Errorf("%s: %d %s, want %d at %q: %s", name, c.r.StatusCode, c.r.text, c.status, c.parameter, c.detail)
		}
	}
	if r := s.ask("DELETE", "/networks", ""); !strings.Contains(r.Header.Get("Allow"), "POST") || !strings.Contains(r.Header.Get("Allow"), "GET") || r.problem.Title != "Niedozwolona metoda" {
		t.Errorf("Allow: %q, %s", r.Header.Get("Allow"), r.text)
	}
}

// A list without pages says how much it holds, or does not register.
func TestListsWithoutPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	list := func(id string, most int) {
		kit.Register(s.api, kit.Op{ID: id, Method: "GET", Path: "/" + id, Perm: webkit.Public, Summary: "Lists.", Most: most},
			func(context.Context, *kit.None) (*listOut, error) { return &listOut{kit.Page[network](nil, "")}, nil })
	}
	list("some", 20)
	list("all", kit.Whole)
	for path, want := range map[string]string{"some": "At most 20 entries, without pages.", "all": "The list comes whole."} {
		if page := s.ask("GET", "/docs/"+path, "").text; !strings.Contains(page, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a list that says nothing was registered")
		}
	}()
	list("silent", 0)
}
