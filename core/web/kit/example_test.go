package kit_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
	"ore.edu.pl/sieci/policies"
)

// wishes is a service as contexts have them.
type wishes struct{}

func (wishes) add(_ context.Context, text string) error {
	var wrong fault.Fields
	if text == "" {
		wrong.Add("zyczenie", "web.not_given")
	}
	return wrong.Err()
}

// wishPages is a room of pages: handlers bind, call one service method, render.
type wishPages struct{ service wishes }

// wishRoutes are the rows of the room.
func wishRoutes(s wishes) []kit.Route {
	p := wishPages{s}
	return []kit.Route{
		kit.Get("/zyczenia/nowe", kit.SignedIn, p.form),
		kit.Post("/zyczenia/nowe", kit.SignedIn, "addWish", p.add),
	}
}

func (p wishPages) form(c *kit.Ctx) error {
	return c.Render(http.StatusOK, p.page(c, ui.Problems{}))
}

func (p wishPages) add(c *kit.Ctx) error {
	if err := p.service.add(c.Context(), c.Form().Get("zyczenie")); err != nil {
		return c.Retry(err, func(wrong ui.Problems) templ.Component { return p.page(c, wrong) })
	}
	return c.Redirect("/moje", "web.flash.clock_moved")
}

// page would be a templ component of the room; it keeps what was typed.
func (p wishPages) page(c *kit.Ctx, wrong ui.Problems) templ.Component {
	c.Page("Nowe życzenie").In("/moje").Crumb(c.T("web.mine.title"), "/moje")
	field := ui.Field(ui.Input{Name: "zyczenie", Label: "Życzenie", Value: c.Form().Get("zyczenie")}, wrong)
	return ui.With(ui.FormPage(ui.FormView{Title: "Nowe życzenie", Action: "/zyczenia/nowe", Problems: wrong, Submit: "Dodaj",
		Cancel: ui.Link{Text: "Anuluj", Href: "/moje"}}), field)
}

func Example() {
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		panic(err)
	}
	s, err := kit.New(kit.Config{BaseURL: "http://localhost:8080", Authorizer: auth, Authenticator: people{},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		panic(err)
	}
	s.Add(wishRoutes(wishes{})...)
	for _, wish := range []string{"", "więcej światła"} {
		r := httptest.NewRequest(http.MethodPost, "/zyczenia/nowe", strings.NewReader(url.Values{"zyczenie": {wish}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: "anna"})
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		fmt.Printf("%d to %q\n", w.Code, w.Header().Get("Location"))
	}
	// Output:
	// 422 to ""
	// 303 to "/moje"
}
