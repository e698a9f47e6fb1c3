package account_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/people"
)

// bearer makes an API token of a person, which may do what people confirm.
func (w *world) bearer(t *testing.T, email string) string { return w.token(t, email, true) }

func (w *world) token(t *testing.T, email string, acts bool) string {
	t.Helper()
	in, err := w.identity.SignIn(t.Context(), identity.SignInInput{Email: email, Password: password, Address: "192.0.2.1"})
	must(t, err)
	a, _, err := w.identity.Session(t.Context(), in.Cookie)
	must(t, err)
	secret, _, err := w.identity.CreateToken(t.Context(), a, identity.TokenInput{Label: "test", Days: 1, Acts: acts})
	must(t, err)
	return secret
}

func (w *world) call(t *testing.T, token, method, path, body string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.URL+"/api/v1"+path, strings.NewReader(body))
	must(t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		if !strings.HasPrefix(body, "{") {
			r.Header.Set("Content-Type", "text/csv")
		}
	}
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	out := map[string]any{}
	if res.StatusCode != http.StatusNoContent {
		must(t, json.NewDecoder(res.Body).Decode(&out))
	}
	return res.StatusCode, out
}

func items(t *testing.T, body map[string]any) []any {
	t.Helper()
	list, ok := body["items"].([]any)
	if !ok {
		t.Fatalf("no items in %v", body)
	}
	return list
}

func TestAPIOfPeopleAndRoles(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.give(t, w.person(t, "ore@example.org", "Adam Or"), access.OREAdmin, access.Platform, uuid.Nil)
	teacher := w.person(t, "n@example.org", "Ola Dąb")
	ore, plain := w.bearer(t, "ore@example.org"), w.bearer(t, "n@example.org")
	// A token that was not made for acts that people confirm.
	weak := w.token(t, "ore@example.org", false)

	for _, c := range []struct {
		token, method, path, body string
		want                      int
	}{
		{"", "GET", "/people", "", 401},
		{"sieci_nic", "GET", "/people", "", 401},
		{plain, "GET", "/people", "", 404},
		{plain, "POST", "/people/" + teacher.String() + "/block", "", 404},
		{plain, "GET", "/account", "", 200},
		{plain, "POST", "/account/tokens", `{"label":"x","days":5}`, 403},
		{ore, "GET", "/people/waiting", "", 200},
		{ore, "GET", "/people/" + uuid.NewString(), "", 404},
		{ore, "POST", "/roles", `{"person":"` + teacher.String() + `","role":"coordinator","scopeKind":"centre"}`, 422},
		{ore, "POST", "/roles", `{"person":"` + teacher.String() + `","role":"inspector","scopeKind":"platform"}`, 204},
		{ore, "POST", "/people", `{"email":"zły","name":"Jan Kos","institution":"` + w.school(t, 100231).String() + `"}`, 422},
		{ore, "POST", "/people", `{"email":"nowy@example.org","name":"Jan Kos","institution":"` + w.school(t, 100231).String() + `"}`, 201},
		{ore, "POST", "/people/imports?file=osoby.csv", "name,email,rspo\nJan Kos,nowy@example.org,100231\n", 201},
		{weak, "POST", "/people/imports", "name,email,rspo\nJan Kos,nowy@example.org,100231\n", 403},
		{weak, "POST", "/people/" + teacher.String() + "/block", "", 403},
		{weak, "GET", "/people", "", 200},
		{plain, "POST", "/people/imports", "name,email,rspo\nJan Kos,nowy@example.org,100231\n", 404},
	} {
		got, body := w.call(t, c.token, c.method, c.path, c.body)
		if got != c.want {
			t.Errorf("%s %s: %d, want %d: %v", c.method, c.path, got, c.want, body)
		}
		if raw, err := json.Marshal(body); err != nil || got >= 400 && strings.Contains(string(raw), "zły") {
			t.Errorf("the problem echoes input: %s", raw)
		}
	}
	// Rejected rows say why; nobody is made before the confirmation.
	_, list0 := w.call(t, ore, "POST", "/people/imports", "name,email,rspo\nEwa Łoś,ewa@example.org,100231\nJan Kos,zły,100231\n")
	id := "/people/imports/" + list0["id"].(string)
	// settled is the list once no job is at work at it.
	settled := func() map[string]any {
		for at := time.Now(); time.Since(at) < time.Minute; {
			if _, i := w.call(t, ore, "GET", id, ""); i["phase"] == nil && i["state"] != "reading" && i["state"] != "writing" && i["state"] != "undoing" {
				return i
			}
		}
		t.Fatal("the list is still at work")
		return nil
	}
	list0 = settled()
	if list0["state"] != "ready" || list0["new"] != 1.0 || list0["rejected"] != 1.0 {
		t.Errorf("%v", list0)
	}
	_, rejected := w.call(t, ore, "GET", id+"/rows?outcome=rejected", "")
	if rows := items(t, rejected); len(rows) != 1 || rows[0].(map[string]any)["line"] != 3.0 {
		t.Errorf("%v", rejected)
	}
	if got, _ := w.call(t, plain, "GET", id, ""); got != 404 {
		t.Errorf("somebody else's list: %d", got)
	}
	if got, body := w.call(t, ore, "POST", id+"/confirmation", `{}`); got != 200 {
		t.Errorf("%d %v", got, body)
	}
	if done := settled(); done["state"] != "done" || done["new"] != 1.0 || done["mail"] != false {
		t.Errorf("%v", done)
	}
	if got, body := w.call(t, ore, "POST", id+"/undo", ""); got != 200 {
		t.Errorf("%d %v", got, body)
	}
	if undone := settled(); undone["state"] != "undone" || undone["kept"] != nil {
		t.Errorf("%v", undone)
	}
	_, body := w.call(t, ore, "GET", "/people?q=dab&state=active", "")
	if list := items(t, body); len(list) != 1 || list[0].(map[string]any)["name"] != "Ola Dąb" {
		t.Errorf("%v", body)
	}
	_, body = w.call(t, ore, "GET", "/roles?person="+teacher.String(), "")
	list := items(t, body)
	if len(list) != 1 || list[0].(map[string]any)["role"] != "inspector" || list[0].(map[string]any)["revocable"] != true {
		t.Fatalf("%v", body)
	}
	if got, body := w.call(t, ore, "DELETE", "/roles/"+list[0].(map[string]any)["id"].(string), ""); got != 204 {
		t.Errorf("%d %v", got, body)
	}
	if _, body = w.call(t, ore, "GET", "/roles?person="+teacher.String(), ""); len(items(t, body)) != 0 {
		t.Errorf("%v", body)
	}
}

func TestTodoCountsWhoWaits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	todo := people.Todo{Identity: w.identity}
	ore := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.OREAdmin, Kind: access.Platform}}}
	ctx := i18n.With(context.Background(), i18n.Polish)
	read := func(a *access.Actor) ([]kit.TodoItem, error) {
		p, ok := todo.Ask(a)
		if !ok {
			return nil, nil
		}
		f, err := gather.All(ctx, w.d, gather.Query{Person: a.Person, Limit: 10}, p)
		if err != nil {
			return nil, err
		}
		return todo.Read(ctx, f)
	}
	if got, err := read(ore); err != nil || len(got) != 0 {
		t.Errorf("nobody waits: %v, %v", got, err)
	}
	for _, email := range []string{"a@example.org", "b@example.org"} {
		must(t, w.identity.Register(t.Context(), identity.Registration{Email: email, Name: "Jan Kos", Password: password, Institution: w.school(t, 100231), Lang: i18n.Polish, Address: "192.0.2.1"}))
		link := w.link(t, email)
		if _, err := w.identity.ConfirmEmail(t.Context(), strings.TrimPrefix(link, identity.ConfirmPath)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := read(ore)
	if err != nil || len(got) != 1 || got[0].Text != "2 konta czekają na potwierdzenie" || got[0].Href != people.WaitingPath {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := read(&access.Actor{Person: uuid.New()}); err != nil || len(got) != 0 {
		t.Errorf("a bystander: %v, %v", got, err)
	}
}
