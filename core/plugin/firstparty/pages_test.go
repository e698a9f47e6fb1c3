package firstparty_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/networks"
	"ore.edu.pl/sieci/core/web/webtest"
)

func TestMain(m *testing.M) { webtest.Main(m) }

// sessions signs in whoever the cookie names, with the roles of this moment.
type sessions struct{ w *world }

func (s sessions) Session(ctx context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	id, err := uuid.Parse(cookie)
	if err != nil {
		return nil, "", nil
	}
	g, err := access.RolesOf(ctx, s.w.db, id, s.w.clock.Now())
	return &access.Actor{Person: id, Name: "Ktoś", Grants: g}, "", err
}

func (s sessions) Token(context.Context, string) (*access.Actor, error) { return nil, nil }

// serve puts the pages of networks on a server and returns its address.
func (w *world) serve() string {
	w.t.Helper()
	reg := registry.New(w.db, w.auth, w.log, w.clock)
	server, err := web.New(kit.Config{BaseURL: "http://127.0.0.1", Authorizer: w.auth, Authenticator: sessions{w}},
		networks.Routes(networks.Deps{DB: w.db, Networks: w.net, Registry: reg, Drafts: draft.New(w.db), Clock: w.clock, Picker: registry.Picker{S: reg}}),
		[]kit.Route{kit.Get("/wejdz/:kto", kit.Public, func(c *kit.Ctx) error {
			http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("kto"), Path: "/", Secure: true})
			return c.Redirect("/sieci", "")
		})})
	if err != nil {
		w.t.Fatal(err)
	}
	s := httptest.NewServer(server)
	w.t.Cleanup(s.Close)
	return s.URL
}

// TestThematicPlanByHand: the coordinator changes the saved plan on its page,
// without a script; a change that somebody saved meanwhile is not lost silently.
func TestThematicPlanByHand(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.found()
	teacher := w.person(w.institution("school", uuid.Nil))
	w.exec(`UPDATE person SET name = 'Nina Nauczycielka' WHERE id = $1`, teacher.Person)
	if _, err := w.net.Join(t.Context(), teacher, id, network.Entry{}); err != nil {
		t.Fatal(err)
	}
	if err := w.act(lead, id, "plan", yearPlan); err != nil {
		t.Fatal(err)
	}
	path := "/sieci/" + id.String()
	p := webtest.Open(t, w.serve()).Go("/wejdz/" + lead.Person.String())
	p.Go(path+"/plan/plan").ExpectText("Rozpoznanie potrzeb i zasobów", "8 października 2026")
	p.Click("Zmień plan").ExpectHeading("Ułóż plan spotkań")
	if got := p.Value("Temat i zamierzenia", "Spotkanie 2"); got != "" {
		t.Errorf("topic of the second meeting: %q", got)
	}
	p.Fill("Temat i zamierzenia", "Kryteria sukcesu", "Spotkanie 2").Select("Kto prowadzi?", "Nina Nauczycielka", "Spotkanie 2")

	other := `{"rok":2026,"spotkania":[{"_row":"r1","rodzaj":"organizacyjne","miesiac":"m10"},{"_row":"r2","rodzaj":"robocze","miesiac":"m02"},{"_row":"r3","rodzaj":"podsumowujace","miesiac":"m06"}]}`
	if err := w.act(lead, id, "plan", other); err != nil {
		t.Fatal(err)
	}
	p.Click("Ułóż plan spotkań").ExpectStatus(409).ExpectText("Ktoś zmienił te dane w międzyczasie", "Kryteria sukcesu")
	p.Click("Zapisz wybrane wersje").ExpectStatus(200)
	p.Go(path+"/plan/plan").ExpectText("Kryteria sukcesu", "Nina Nauczycielka", "26 listopada 2026")
	p.Go(path + "/plan/progress").ExpectText("1 spotkanie prowadzi ktoś z sieci").Click("Uzgodnij z uczestnikami kontrakt i zapisz go.")
	p.ExpectHeading("Zapisz kontrakt sieci")
}

// TestThematicPagesAccessible checks the module's views and forms as people see them.
func TestThematicPagesAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.found()
	if err := w.act(lead, id, "plan", yearPlan); err != nil {
		t.Fatal(err)
	}
	url, path := w.serve(), "/sieci/"+id.String()
	for _, v := range webtest.Views {
		p := webtest.Open(t, url, v.Options...).Go("/wejdz/" + lead.Person.String())
		for _, page := range []string{"", "/plan/plan", "/plan/progress", "/czynnosc/plan", "/czynnosc/charter", "/czynnosc/contract", "/czynnosc/summary"} {
			p.Go(path + page).ExpectStatus(200).ExpectAccessible()
		}
	}
}

var _ effect.Module = (*module)(nil)
