package kit_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
	"ore.edu.pl/sieci/policies"
)

var (
	anna = &access.Actor{Person: uuid.MustParse("0193a000-0000-7000-8000-000000000001"), Name: "Anna Żółta"}
	olga = &access.Actor{Person: uuid.MustParse("0193a000-0000-7000-8000-000000000002"), Name: "Olga",
		Grants: []access.Grant{{Role: access.OREAdmin, Kind: access.Platform}}}
)

// people knows two cookies and breaks on a third.
type people struct{}

func (people) Session(_ context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	switch cookie {
	case "anna":
		return anna, "", nil
	case "olga":
		return olga, i18n.English, nil
	case "awaria":
		return nil, "", errors.New("the database is on holiday")
	}
	return nil, "", nil
}

func (people) Token(_ context.Context, bearer string) (*access.Actor, error) {
	if bearer == "klucz" {
		return anna, nil
	}
	return nil, nil
}

// server is a running kit.Server with what it logged and measured.
type server struct {
	*kit.Server
	t        *testing.T
	url      string
	log      *buffer
	registry *prometheus.Registry
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func start(t *testing.T, change func(*kit.Config), rows ...kit.Route) *server {
	t.Helper()
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, log: &buffer{}, registry: prometheus.NewRegistry()}
	cfg := kit.Config{
		BaseURL: "http://localhost:8080", Authorizer: auth, Authenticator: people{}, Registerer: s.registry,
		Log: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	if change != nil {
		change(&cfg)
	}
	if s.Server, err = kit.New(cfg); err != nil {
		t.Fatal(err)
	}
	s.Add(rows...)
	h := httptest.NewServer(s.Server)
	t.Cleanup(h.Close)
	s.url = h.URL
	return s
}

// ask sends a request; change may set headers.
func (s *server) ask(method, path string, body io.Reader, change ...func(*http.Request)) *answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range change {
		f(req)
	}
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: 20 * time.Second}
	res, err := c.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return &answer{res, strings.ReplaceAll(string(raw), "\u00a0", " ")}
}

func (s *server) get(path string, change ...func(*http.Request)) *answer {
	s.t.Helper()
	return s.ask(http.MethodGet, path, nil, change...)
}

func (s *server) post(path string, form url.Values, change ...func(*http.Request)) *answer {
	s.t.Helper()
	change = append([]func(*http.Request){header("Content-Type", "application/x-www-form-urlencoded")}, change...)
	return s.ask(http.MethodPost, path, strings.NewReader(form.Encode()), change...)
}

type answer struct {
	*http.Response
	text string
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func as(cookie string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: cookie}) }
}

func (a *answer) cookie(name string) *http.Cookie {
	for _, c := range a.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func page(text string) func(*kit.Ctx) error {
	return func(c *kit.Ctx) error {
		c.Page(text)
		return c.Render(http.StatusOK, ui.PageHeader(text, ""))
	}
}

func raw(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	})
}

// rows are pages that do what the tests look at.
func rows() []kit.Route {
	return []kit.Route{
		kit.Get("/", kit.Public, page("Początek")),
		kit.Get("/moje", kit.SignedIn, page("Moje sprawy")),
		kit.Get("/rejestr", "module:enable", page("Rejestr")),
		kit.Get("/sieci/:id", kit.Public, func(c *kit.Ctx) error {
			id, err := c.UUID("id")
			if err != nil {
				return err
			}
			return page(id.String())(c)
		}),
		kit.Get("/blad/:rodzaj", kit.Public, func(c *kit.Ctx) error {
			switch c.Param("rodzaj") {
			case "panika":
				panic("tajne szczegóły")
			case "wewnetrzny":
				return errors.New("tajne szczegóły")
			case "niedostepne":
				return fault.New(fault.Unavailable, "fault.unavailable")
			case "wyscig":
				return fault.New(fault.Conflict, "fault.conflict")
			case "zakaz":
				return fault.New(fault.Forbidden, "fault.forbidden")
			case "zaduzo":
				return fault.New(fault.TooMany, "fault.too_many")
			case "wolno":
				<-c.Context().Done()
				return c.Context().Err()
			}
			return fault.ErrNotFound
		}),
		kit.Get(kit.SignInPath, kit.Public, func(c *kit.Ctx) error {
			c.Page("Logowanie")
			return c.Render(http.StatusOK, ui.HiddenFields(c.Pending().Hidden()))
		}),
		kit.PostPage(kit.SignInPath, kit.Public, "sessions", func(c *kit.Ctx) error {
			c.SetSession("anna", time.Now().Add(time.Hour))
			return c.AfterSignIn()
		}),
		kit.PostPage(kit.SignOutPath, kit.SignedIn, "sessions", func(c *kit.Ctx) error {
			c.ClearSession()
			return c.Redirect("/", "")
		}),
		kit.Post("/zapis", kit.SignedIn, "save", func(c *kit.Ctx) error {
			if c.Form().Get("nazwa") == "" {
				return c.Retry(fault.InvalidFields(fault.Field{Path: "nazwa", Key: "fault.invalid"}), func(p ui.Problems) templ.Component {
					c.Page("Zapis")
					return ui.FormPage(ui.FormView{Title: "Zapis", Action: "/zapis", Problems: p, Submit: "Zapisz"})
				})
			}
			c.Response().Header().Set("X-Key", idem.Key(c.Context()))
			c.Response().Header().Set("X-Name", url.QueryEscape(c.Form().Get("nazwa")))
			return c.Redirect("/moje", "web.flash.clock_moved")
		}),
		kit.Post("/plik", kit.SignedIn, "upload", func(c *kit.Ctx) error {
			f := c.Form().File("plik")
			if f == nil {
				return fault.ErrNotFound
			}
			return page(f.Filename + " " + c.Form().Get("opis"))(c)
		}).WithUpload(),
		kit.Post("/haslo", kit.SignedIn, "changePassword", page("Hasło")).WithSecrets(),
		kit.Post("/dla-znanych", kit.Public, "save", func(*kit.Ctx) error { return fault.New(fault.Unauthenticated, "fault.unauthenticated") }),
		kit.Get("/adres", kit.Public, func(c *kit.Ctx) error { return c.Render(200, raw(c.IP())) }),
	}
}

func proxies(cfg *kit.Config) {
	cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}
