package kit_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
	webkit "ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/policies"
)

var anna = &access.Actor{Person: uuid.MustParse("0193a000-0000-7000-8000-000000000001")}

type people struct{}

func (people) Session(_ context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	if cookie == "anna" {
		return anna, "", nil
	}
	return nil, "", nil
}

func (people) Token(_ context.Context, bearer string) (*access.Actor, error) {
	if bearer == "klucz" {
		return anna, nil
	}
	return nil, nil
}

type (
	networkIn struct {
		Body struct {
			Name  string   `json:"name" minLength:"3" maxLength:"20" doc:"Name of the network."`
			Mode  string   `json:"mode" enum:"open,request,invitation"`
			Mail  string   `json:"mail,omitempty" format:"email"`
			Start string   `json:"start,omitempty" format:"date"`
			Owner string   `json:"owner,omitempty" format:"uuid"`
			Seats int      `json:"seats,omitempty" minimum:"2" maximum:"40"`
			Goals []string `json:"goals,omitempty" maxItems:"2"`
			Rows  []struct {
				From int `json:"od"`
			} `json:"items,omitempty"`
		}
	}
	network struct {
		ID  uuid.UUID `json:"id" doc:"Identifier."`
		Key string    `json:"key"`
	}
	networkOut struct{ Body network }
	oneIn      struct {
		ID uuid.UUID `path:"id"`
	}
	listIn  struct{ kit.PageIn }
	listOut struct{ Body kit.List[network] }
	failIn  struct {
		Kind string `query:"kind"`
	}
)

type server struct {
	t   *testing.T
	web *webkit.Server
	api *kit.API
	url string
}

func start(t *testing.T) *server {
	t.Helper()
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w, err := webkit.New(webkit.Config{BaseURL: "http://localhost:8080", Authorizer: auth, Authenticator: people{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	a := kit.New(w, auth)
	kit.Register(a, kit.Op{ID: "foundNetwork", Method: "POST", Path: "/networks", Perm: webkit.SignedIn, Summary: "Founds a network.", Status: 201},
		func(ctx context.Context, in *networkIn) (*networkOut, error) {
			return &networkOut{network{anna.Person, idem.Key(ctx)}}, nil
		})
	kit.Register(a, kit.Op{ID: "getNetwork", Method: "GET", Path: "/networks/{id}", Perm: webkit.Public, Summary: "Reads a network."},
		func(_ context.Context, in *oneIn) (*networkOut, error) { return &networkOut{network{ID: in.ID}}, nil })
	kit.Register(a, kit.Op{ID: "listNetworks", Method: "GET", Path: "/networks", Perm: webkit.Public, Summary: "Lists networks."},
		func(_ context.Context, in *listIn) (*listOut, error) {
			if in.Limit != 50 {
				return nil, fault.ErrNotFound
			}
			return &listOut{kit.Page[network](nil, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "enableModule", Method: "POST", Path: "/modules", Perm: "module:enable", Summary: "Enables a module."},
		func(context.Context, *kit.None) (*kit.None, error) { return nil, nil })
	kit.Register(a, kit.Op{ID: "listSeats", Method: "GET", Path: "/seats", Perm: "network:list", Summary: "Lists seats."}, seats)
	kit.Register(a, kit.Op{ID: "fail", Method: "GET", Path: "/fail", Perm: webkit.Public, Summary: "Fails."}, fail)
	h := httptest.NewServer(w)
	t.Cleanup(h.Close)
	return &server{t, w, a, h.URL + kit.Base}
}

// seats refuses where to begin in the ways of the services.
func seats(_ context.Context, in *listIn) (*listOut, error) {
	switch in.After {
	case "field":
		return nil, fault.InvalidFields(fault.Field{Path: "cursor", Key: "network.cursor"})
	case "bare":
		return nil, fault.New(fault.Invalid, "identity.bad_cursor")
	}
	return &listOut{kit.Page[network](nil, "")}, nil
}

func fail(_ context.Context, in *failIn) (*kit.None, error) {
	switch in.Kind {
	case "panic":
		panic("tajne")
	case "internal":
		return nil, errors.New("tajne")
	case "down":
		return nil, fault.New(fault.Unavailable, "fault.unavailable")
	case "conflict":
		return nil, fault.New(fault.Conflict, "fault.conflict")
	case "fields":
		var f fault.Fields
		f.Add("items[2].od", "web.not_given")
		f.Add("a/b~c", "web.not_given")
		return nil, f.Err()
	}
	return nil, fault.ErrNotFound
}

type answer struct {
	*http.Response
	text    string
	problem kit.Problem
}

func (s *server) ask(method, path, body string, change ...string) *answer {
	s.t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, r)
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(change); i += 2 {
		req.Header.Set(change[i], change[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := &answer{Response: res, text: string(raw)}
	if res.Header.Get("Content-Type") == "application/problem+json" {
		if err := json.Unmarshal(raw, &a.problem); err != nil {
			s.t.Fatal(err)
		}
	}
	return a
}

const (
	token = "Authorization"
	key   = "Bearer klucz"
)

func TestOperation(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := s.ask("POST", "/networks", `{"name":"Sieć","mode":"open"}`, token, key, "Idempotency-Key", "klucz-programu")
	if r.StatusCode != 201 || r.text != `{"id":"0193a000-0000-7000-8000-000000000001","key":"klucz-programu"}`+"\n" {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
	if r := s.ask("POST", "/networks", `{"name":"Sieć","mode":"open"}`, "Cookie", "__Host-sieci=anna"); r.StatusCode != 201 {
		t.Errorf("by session: %d %s", r.StatusCode, r.text)
	}
	if r := s.ask("POST", "/networks", `{"name":"Sieć","mode":"open"}`, "Cookie", "__Host-sieci=anna", "Sec-Fetch-Site", "cross-site"); r.StatusCode != 403 || r.problem.Kind != "forbidden" {
		t.Errorf("from another site: %d", r.StatusCode)
	}
	if r := s.ask("GET", "/networks", ""); r.StatusCode != 200 || r.text != `{"items":[]}`+"\n" {
		t.Errorf("list: %d %s", r.StatusCode, r.text)
	}
}

func TestPermissionComesBeforeInput(t *testing.T) {
	t.Parallel()
	s := start(t)
	if r := s.ask("POST", "/networks", `zły`); r.StatusCode != 401 || r.Header.Get("WWW-Authenticate") != "Bearer" || r.problem.Kind != "unauthenticated" {
		t.Errorf("guest: %d %s", r.StatusCode, r.text)
	}
	if r := s.ask("POST", "/modules", ""); r.StatusCode != 401 {
		t.Errorf("guest: %d", r.StatusCode)
	}
	if r := s.ask("POST", "/modules", "", token, key); r.StatusCode != 404 || r.problem.Kind != "not_found" {
		t.Errorf("without permission: %d %s", r.StatusCode, r.text)
	}
	if r := s.ask("GET", "/networks", "", token, "Bearer stary"); r.StatusCode != 401 || r.problem.Kind != "unauthenticated" {
		t.Errorf("unknown token: %d %s", r.StatusCode, r.text)
	}
}

func TestInputIsExplainedAndNeverRepeated(t *testing.T) {
	t.Parallel()
	s := start(t)
	body := `{"name":"x","mode":"TAJNE1","mail":"TAJNE2","start":"TAJNE3","owner":"TAJNE4","seats":99,"goals":["TAJNE5","b","c"],"items":[{"od":1},{"od":"TAJNE6"},{}],"TAJNE7":1}`
	r := s.ask("POST", "/networks", body, token, key)
	if r.StatusCode != 422 || r.problem.Kind != "invalid" || r.problem.Detail != "Popraw wskazane pola i wyślij ponownie." || r.problem.RequestID == "" {
		t.Fatalf("%d %s", r.StatusCode, r.text)
	}
	want := map[string]string{
		"#/name":       "Tekst jest za krótki; najmniejsza liczba znaków: 3.",
		"#/mode":       "Podaj jedną z wartości: open · request · invitation.",
		"#/mail":       "Wartość ma nieprawidłową postać.",
		"#/start":      "Podaj datę w postaci rrrr-mm-dd.",
		"#/owner":      "Wartość ma nieprawidłową postać.",
		"#/seats":      "Podaj liczbę nie większą niż 40.",
		"#/goals":      "Za dużo elementów; największa liczba: 2.",
		"#/items/1/od": "Podaj liczbę całkowitą.",
		"#/items/2/od": "To pole jest wymagane.",
	}
	got := map[string]string{}
	for _, e := range r.problem.Errors {
		got[e.Pointer] = e.Detail
	}
	for p, text := range want {
		if got[p] != text {
			t.Errorf("%s: %q, want %q", p, got[p], text)
		}
	}
	// The name of an unknown field is input too, but it is the pointer; values are not.
	if text := strings.ReplaceAll(r.text, "#/TAJNE7", ""); strings.Contains(text, "TAJNE") {
		t.Errorf("input is repeated: %s", r.text)
	}
	en := s.ask("POST", "/networks", `{"name":"x","mode":"open"}`, token, key, "Accept-Language", "en")
	if len(en.problem.Errors) != 1 || en.problem.Errors[0].Detail != "The text is too short; the least number of characters: 3." {
		t.Errorf("in English: %s", en.text)
	}
}

func TestEveryFailureIsAProblemDocument(t *testing.T) {
	t.Parallel()
	s := start(t)
	big := `{"name":"` + strings.Repeat("x", 2<<20) + `"}`
	for name, c := range map[string]struct {
		r      *answer
		status int
		kind   string
	}{
		"no such route":     {s.ask("GET", "/brak", ""), 404, "not_found"},
		"no such method":    {s.ask("DELETE", "/networks", ""), 405, "method_not_allowed"},
		"api root":          {s.ask("GET", "", ""), 404, "not_found"},
		"broken JSON":       {s.ask("POST", "/networks", `{"name":"TAJNE`, token, key), 400, "invalid"},
		"no body":           {s.ask("POST", "/networks", "", token, key), 400, "invalid"},
		"another type":      {s.ask("POST", "/networks", "TAJNE", token, key, "Content-Type", "text/plain"), 415, "invalid"},
		"too large":         {s.ask("POST", "/networks", big, token, key), 413, "too_large"},
		"bad id":            {s.ask("GET", "/networks/TAJNE", ""), 404, "not_found"},
		"unknown parameter": {s.ask("GET", "/networks?inny=1", ""), 422, "invalid"},
		"limit":             {s.ask("GET", "/networks?limit=101", ""), 422, "invalid"},
		"key":               {s.ask("POST", "/networks", `{}`, token, key, "Idempotency-Key", "x"), 422, "invalid"},
		"panic":             {s.ask("GET", "/fail?kind=panic", ""), 500, "internal"},
		"internal":          {s.ask("GET", "/fail?kind=internal", ""), 500, "internal"},
		"down":              {s.ask("GET", "/fail?kind=down", ""), 503, "unavailable"},
		"conflict":          {s.ask("GET", "/fail?kind=conflict", ""), 409, "conflict"},
		"fields":            {s.ask("GET", "/fail?kind=fields", ""), 422, "invalid"},
	} {
		p := c.r.problem
		if c.r.StatusCode != c.status || p.Status != c.status || p.Kind != c.kind || p.Detail == "" || p.Title == "" || p.RequestID != c.r.Header.Get("X-Request-Id") {
			t.Errorf("%s: %d, want %d %s: %s", name, c.r.StatusCode, c.status, c.kind, c.r.text)
		}
		if strings.Contains(c.r.text, "TAJNE") || strings.Contains(c.r.text, "tajne\"") {
			t.Errorf("%s repeats input or tells secrets: %s", name, c.r.text)
		}
		if (c.status == 503) != (c.r.Header.Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", name, c.r.Header.Get("Retry-After"))
		}
	}
	for range 5 { // huma finds them in the order of a map
		var names []string
		for _, e := range s.ask("GET", "/networks?zeta=1&alfa=1&mi=1&beta=1", "").problem.Errors {
			names = append(names, e.Parameter)
		}
		if got := strings.Join(names, " "); got != "alfa beta mi zeta" {
			t.Errorf("unknown parameters: %s", got)
		}
	}
	f := s.ask("GET", "/fail?kind=fields", "").problem.Errors
	if len(f) != 2 || f[0].Pointer != "#/items/2/od" || f[1].Pointer != "#/a~1b~0c" {
		t.Errorf("pointers %v", f)
	}
	if e := s.ask("GET", "/networks?limit=101", "").problem.Errors; len(e) != 1 || e[0].Parameter != "limit" || e[0].Pointer != "" {
		t.Errorf("parameter %v", e)
	}
}

func TestDocumentAndItsPage(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := s.ask("GET", "/openapi.json", "")
	var doc struct {
		OpenAPI string
		Servers []struct{ URL string }
		Paths   map[string]map[string]struct {
			OperationID string              `json:"operationId"`
			Permission  string              `json:"x-permission"`
			Security    []map[string]any    `json:"security"`
			Responses   map[string]struct{} `json:"responses"`
			Parameters  []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal([]byte(r.text), &doc); err != nil {
		t.Fatal(err)
	}
	op := doc.Paths["/networks"]["post"]
	if doc.OpenAPI != "3.1.0" || len(doc.Servers) != 1 || doc.Servers[0].URL != kit.Base || op.OperationID != "foundNetwork" || op.Permission != "account:self" || len(op.Security) != 2 {
		t.Errorf("document: %+v", doc)
	}
	// Who may come without an account: the public and what the policy gives to
	// guests; every change takes the key.
	for path, item := range doc.Paths {
		for method, op := range item {
			open := op.Permission == string(webkit.Public) || op.Permission == "network:list"
			if slices.ContainsFunc(op.Security, func(s map[string]any) bool { return len(s) == 0 }) != open || len(op.Security) < 2 {
				t.Errorf("%s %s (%s): security %v", method, path, op.Permission, op.Security)
			}
			keyed := slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.Name == "Idempotency-Key" && p.In == "header" })
			if keyed != (method != "get") {
				t.Errorf("%s %s: parameters %v", method, path, op.Parameters)
			}
		}
	}
	if list := s.ask("GET", "/docs", "").text; !strings.Contains(list, `href="/api/v1/docs/networks#foundNetwork"`) || strings.Contains(list, "<script") {
		t.Errorf("the list of operations: %s", list)
	}
	if r := s.ask("GET", "/docs/brak", ""); r.StatusCode != 404 {
		t.Errorf("a chapter that is not there: %d", r.StatusCode)
	}
	page := s.ask("GET", "/docs/networks", "")
	for _, want := range []string{"POST /api/v1/networks", "account:self", "Name of the network.", "length ≤ 20", "items[].od", "open | request | invitation", "items[].id"} {
		if !strings.Contains(page.text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page.text, "<script") || page.Header.Get("Content-Security-Policy") == "" {
		t.Error("the page has a script, or no policy")
	}
}

func TestActionsOfPagesAreOperations(t *testing.T) {
	t.Parallel()
	s := start(t)
	pages := []webkit.Route{
		webkit.Post("/sieci", webkit.SignedIn, "foundNetwork", nil),
		webkit.Post("/a", webkit.Public, "foundNetwork", nil),
		webkit.Post("/b", webkit.SignedIn, "brak", nil),
		webkit.PostPage("/c", webkit.SignedIn, "only here", nil),
		webkit.Get("/d", webkit.Public, nil),
	}
	got := kit.Mismatches(pages, s.api.Ops())
	if len(got) != 2 || !strings.Contains(got[0], "POST /a") || !strings.Contains(got[1], `"brak"`) {
		t.Errorf("%q", got)
	}
}

func TestEveryRouteIsInATable(t *testing.T) {
	t.Parallel()
	s := start(t)
	if stray := s.web.Stray(); len(stray) > 0 {
		t.Errorf("stray routes %v", stray)
	}
	var ids []string
	for _, op := range s.api.Ops() {
		ids = append(ids, op.ID)
	}
	if !slices.Equal(ids, []string{"foundNetwork", "getNetwork", "listNetworks", "enableModule", "listSeats", "fail"}) {
		t.Errorf("operations %v", ids)
	}
}

// TestCatalogue keeps a text for every code of the validator and every kind.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		for _, l := range i18n.Langs {
			if !i18n.Has(l, "api.title."+k.String()) {
				t.Errorf("%s: no title for %s", l, k)
			}
		}
	}
}
