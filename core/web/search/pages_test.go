package search_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/search"
	"ore.edu.pl/sieci/core/search/lemma/lemmatest"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/kit"
	pages "ore.edu.pl/sieci/core/web/search"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/policies"
)

func TestMain(m *testing.M) { webtest.Main(m) }

// people signs in whoever the cookie names.
type people struct{}

func (people) Session(_ context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	id, err := uuid.Parse(cookie)
	if err != nil {
		return nil, "", nil
	}
	return &access.Actor{Person: id, Name: "Ktoś"}, "", nil
}

func (p people) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := p.Session(ctx, bearer)
	return a, err
}

func setup(t *testing.T) string {
	t.Helper()
	d := dbtest.New(t)
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	x := search.New(d, auth, lemmatest.Open(t))
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	docs := map[search.Kind]search.Doc{
		search.Resources: {ID: uuid.New(), Audience: search.Public, Path: "/zasoby", Title: "Karty przed szkoleniami", Body: "Opis <b>szkoleń</b>", At: at},
		search.People:    {ID: uuid.New(), Audience: search.Platform, Path: "/osoby", Title: "Ewa Żak", Body: "prowadzi szkolenia", At: at},
	}
	for k, perm := range map[search.Kind]access.Permission{search.Resources: "resource:view", search.People: "person:profile"} {
		x.Register(search.Source{Kind: k, Perm: perm,
			Docs: func(context.Context, db.Q, []uuid.UUID) ([]search.Doc, error) { return []search.Doc{docs[k]}, nil },
			Next: func(context.Context, db.Q, uuid.UUID, int) ([]uuid.UUID, error) { return []uuid.UUID{docs[k].ID}, nil }})
	}
	if done, err := x.Reindex(t.Context(), d, time.Now().Add(time.Minute)); err != nil || !done {
		t.Fatalf("%v, %v", done, err)
	}
	s, err := web.New(kit.Config{BaseURL: "http://127.0.0.1", Authorizer: auth, Authenticator: people{}}, pages.Routes(pages.Deps{Index: x}), []kit.Route{
		kit.Get("/wejdz", kit.Public, func(c *kit.Ctx) error {
			http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: uuid.NewString(), Path: "/", Secure: true})
			return c.Redirect("/dalej", "")
		}),
		kit.Get("/dalej", kit.Public, func(c *kit.Ctx) error { return c.Redirect("/szukaj", "") }),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

func TestSearchByHand(t *testing.T) {
	t.Parallel()
	url := setup(t)
	g := webtest.Open(t, url).Go("/szukaj").Fill("Czego szukasz?", "szkolenie").Click("Szukaj")
	g.ExpectText("Karty przed szkoleniami", "Opis <b>szkoleń</b>").ExpectNoText("Ewa Żak")
	g.Fill("Czego szukasz?", "-szkolenie").Click("Szukaj").ExpectStatus(422).ExpectText("Wpisz co najmniej jedno słowo")
	g.Fill("Czego szukasz?", "xqzptk").Click("Szukaj").ExpectText("Nic nie znaleziono")
	p := webtest.Open(t, url).Go("/wejdz").Fill("Czego szukasz?", "szkolenia").Click("Szukaj")
	p.ExpectText("Karty przed szkoleniami", "Ewa Żak").Click("Osoby").ExpectText("Ewa Żak").ExpectNoText("Karty")
}

func TestAccessible(t *testing.T) {
	t.Parallel()
	url := setup(t)
	for name, opts := range map[string][]webtest.Option{"320": {webtest.Size(320, 800)}, "dark": {webtest.Size(1280, 900), webtest.Dark()}} {
		t.Run(name, func(t *testing.T) {
			p := webtest.Open(t, url, append(opts, webtest.WithScripts())...).Go("/wejdz")
			for _, s := range []string{"/szukaj", "/szukaj?q=szkolenie", "/szukaj?q=xqzptk", "/szukaj?q=-x"} {
				p.Go(s).ExpectAccessible()
			}
		})
	}
}
