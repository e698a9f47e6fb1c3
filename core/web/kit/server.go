package kit

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/assets"
)

// Paths of other rooms that the frame links to when they exist.
const (
	SignInPath   = "/logowanie"
	SignOutPath  = "/wyloguj"
	RegisterPath = "/rejestracja"
	LanguagePath = "/jezyk"
	// ConfirmPath?dalej= asks people to confirm who they are.
	ConfirmPath = "/konto/potwierdz"
	// SecondFactorPath is where people set up a second step at signing in.
	SecondFactorPath = "/konto/drugi-skladnik"
	// WhyPath?adres= explains why somebody can or cannot open a page.
	WhyPath = "/konto/uprawnienia/dlaczego"
)

// Server is the HTTP handler of web and API. Build it with [New], fill it with
// [Server.Add] before serving; safe for concurrent use afterwards.
type Server struct {
	cfg     Config
	site    site
	echo    *echo.Echo
	table   map[address]Route
	order   []Route
	foreign map[address]foreign // routes registered by the API
	metrics *metrics
	cross   *http.CrossOriginProtection
	// apiError answers errors under /api; set by core/api.
	apiError func(w http.ResponseWriter, r *http.Request, err error)
	// frames is made at the first page.
	frames func() map[i18n.Lang]frame
}

// foreign is what the middleware must know of a route that is not a page.
type foreign struct {
	limit    int64
	unlinked bool
}

// New builds the server with its middleware, assets and the language switch.
func New(cfg Config) (*Server, error) {
	if err := cfg.defaults(); err != nil {
		return nil, err
	}
	st, err := newSite(cfg.BaseURL, cfg.AllowPlainHTTP)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, site: st, echo: echo.New(), table: map[address]Route{}, foreign: map[address]foreign{}}
	s.frames = sync.OnceValue(s.makeFrames)
	s.metrics, err = newMetrics(cfg.Registerer)
	if err != nil {
		return nil, fmt.Errorf("web metrics: %w", err)
	}
	s.cross = http.NewCrossOriginProtection()
	if err := s.cross.AddTrustedOrigin(st.origin); err != nil {
		return nil, fmt.Errorf("base address %q: %w", cfg.BaseURL, err)
	}
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.IPExtractor = extractor(cfg.TrustedProxies)
	// Outermost first; see the package comment.
	e.Use(s.observe, s.recoverPanic, s.headers, s.limit, s.deadline, s.identify, s.protect)
	s.Add(
		Get(assets.Pattern, Public, s.asset),
		PostPage(LanguagePath, Public, "the language of a browser; the API takes Accept-Language", s.switchLanguage),
	)
	return s, nil
}

// address is a method and a pattern of the router.
type address struct{ method, pattern string }

// Add puts rows into the table. It panics on a wrong or doubled row.
func (s *Server) Add(rows ...Route) {
	for _, r := range rows {
		r.check()
		id := address{r.Method, r.Path}
		if _, twice := s.table[id]; twice {
			panic("web route: " + r.Method + " " + r.Path + " twice")
		}
		s.table[id] = r
		s.order = append(s.order, r)
		s.echo.Add(r.Method, r.Path, s.serve(r))
	}
}

// Table is every row, in the order added.
func (s *Server) Table() []Route { return slices.Clone(s.order) }

// Echo is for core/api, which registers its operations on the same instance.
func (s *Server) Echo() *echo.Echo { return s.echo }

// Foreign declares a route that core/api put on [Server.Echo] itself, with the
// ceiling of its body in bytes.
// unlinked as in [Route].
func (s *Server) Foreign(method, pattern string, limit int64, unlinked bool) {
	s.foreign[address{method, pattern}] = foreign{limit, unlinked}
}

// unlinked reports whether the route of a request is not to be linked with a person.
func (s *Server) unlinked(e echo.Context) bool {
	id := address{e.Request().Method, e.Path()}
	return s.table[id].Unlinked || s.foreign[id].unlinked
}

// OnAPIError sets who answers errors under /api.
func (s *Server) OnAPIError(f func(w http.ResponseWriter, r *http.Request, err error)) {
	s.apiError = f
}

// Stray lists routes of the Echo instance that stand in no table, as
// "METHOD pattern"; a test holds it empty.
func (s *Server) Stray() []string {
	var out []string
	for _, r := range s.echo.Routes() {
		id := address{r.Method, r.Path}
		_, page := s.table[id]
		_, other := s.foreign[id]
		if !page && !other {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	slices.Sort(out)
	return out
}

// ServeHTTP implements [http.Handler]. HEAD is served as GET; net/http drops the body.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		r = r.Clone(r.Context())
		r.Method = http.MethodGet
	}
	s.echo.ServeHTTP(w, r)
}

// has reports whether a page exists.
func (s *Server) has(method, path string) bool {
	_, ok := s.table[address{method, path}]
	return ok
}

// serve wraps a row: coarse permission, form, idempotency key, handler.
func (s *Server) serve(r Route) echo.HandlerFunc {
	return func(e echo.Context) error {
		c := &Ctx{e: e, s: s, route: &r}
		if !s.cfg.Authorizer.Anywhere(c.Actor(), r.Perm) {
			if !c.Actor().SignedIn() {
				return s.askSignIn(c)
			}
			return fault.ErrNotFound
		}
		if c.Actor().Confined && !r.Unconfined && r.Perm != Public {
			return s.confine(c)
		}
		if r.Method == http.MethodPost {
			if err := c.readForm(); err != nil {
				return err
			}
			defer c.dropFiles()
		}
		if r.Fresh && !c.Actor().Recent {
			return s.askConfirm(c)
		}
		return r.Handler(c)
	}
}

// May reports whether actor may do p at some place: for links and buttons.
func (s *Server) may(actor *access.Actor, p access.Permission) bool {
	return s.cfg.Authorizer.Anywhere(actor, p)
}

// extractor believes X-Forwarded-For only of the configured proxies (Echo's
// default believes everybody, which opens throttling to forgery).
func extractor(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	opts := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		opts = append(opts, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(opts...)
}

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }
