package networks_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
)

// call sends a request as a program does and reads the JSON answer.
func (w *world) call(method, path string, person uuid.UUID, key, body string, out any) int {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+person.String())
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := w.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if out != nil {
		if err := json.NewDecoder(res.Body).Decode(out); err != nil {
			w.t.Fatalf("%s %s: %d, %v", method, path, res.StatusCode, err)
		}
	}
	return res.StatusCode
}

// The same network is founded, filled and led by a program.
func TestByProgram(t *testing.T) {
	t.Parallel()
	w := setup(t)
	found := `{"type":"` + typ + `","centre":"` + w.centre.String() + `","title":"Sieć z programu","aim":"Próba","school_year":2026,"join":"open","capacity":2,"answers":{"temat":"x"}}`
	var problem struct {
		Status int
		Errors []struct{ Pointer, Detail string }
	}
	if s := w.call("POST", "/networks", w.admin, "", strings.Replace(found, `"temat":"x"`, "", 1), &problem); s != 422 || problem.Errors[0].Pointer != "#/answers/temat" {
		t.Errorf("missing answer: %d %+v", s, problem)
	}
	var made, again struct{ ID uuid.UUID }
	if s := w.call("POST", "/networks", w.admin, "klucz-zalozenia", found, &made); s != 201 {
		t.Fatalf("found: %d", s)
	}
	if s := w.call("POST", "/networks", w.admin, "klucz-zalozenia", found, &again); s != 201 || again.ID != made.ID {
		t.Errorf("the same key again: %d, %s", s, again.ID)
	}
	path := "/networks/" + made.ID.String()
	if s := w.call("POST", path+"/open", w.admin, "", "", nil); s != 204 {
		t.Fatalf("open: %d", s)
	}
	w.module.OnGuard = func(*effect.GuardAsk) (*effect.GuardAnswer, error) {
		return &effect.GuardAnswer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityWarning, Code: "same_complex", Text: "Z tego samego zespołu."}}}, nil
	}
	teacher := w.person("Nina N")
	if s := w.call("POST", path+"/join", teacher, "", `{}`, &problem); s != 422 || problem.Errors[0].Pointer != "#/reason/same_complex" {
		t.Errorf("warning: %d %+v", s, problem)
	}
	var state struct{ State string }
	if s := w.call("POST", path+"/join", teacher, "", `{"reasons":[{"code":"same_complex","reason":"Uczy w dwóch szkołach"}]}`, &state); s != 200 || state.State != "active" {
		t.Errorf("join: %d %+v", s, state)
	}
	var list struct {
		Items []struct{ Name, State string }
	}
	if s := w.call("GET", path+"/members", teacher, "", "", &list); s != 200 || len(list.Items) != 2 || list.Items[0].State != "" {
		t.Errorf("members: %d %+v", s, list)
	}
	if s := w.call("GET", path+"/requests", teacher, "", "", nil); s != 404 {
		t.Errorf("requests for a participant: %d", s)
	}
	w.module.SetDown(true)
	if s := w.call("GET", path+"/views/home", teacher, "", "", &problem); s != 503 {
		t.Errorf("view of a module that is down: %d", s)
	}
	var n struct {
		Title string
		Me    struct{ State string }
		May   struct{ View, Edit bool }
	}
	if s := w.call("GET", path, teacher, "", "", &n); s != 200 || n.Title != "Sieć z programu" || n.Me.State != "active" || !n.May.View || n.May.Edit {
		t.Errorf("network: %d %+v", s, n)
	}
}
