package kit

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/i18n"
)

// Authenticator tells who a request comes from; core/identity implements it.
// Safe for concurrent use.
type Authenticator interface {
	// Session returns the person of a session cookie with the roles in force
	// and the language they chose ("" for none). An unknown, expired or revoked
	// cookie is (nil, "", nil): a guest. Errors are for a database that fails.
	Session(ctx context.Context, cookie string) (*access.Actor, i18n.Lang, error)
	// Token is Session for an API token; an unknown token is (nil, nil).
	Token(ctx context.Context, bearer string) (*access.Actor, error)
}

// LanguageKeeper is an optional interface of an [Authenticator]: it stores the
// language that a signed-in person switched to.
type LanguageKeeper interface {
	SetLanguage(ctx context.Context, actor *access.Actor, l i18n.Lang) error
}

// NavEntry is one possible item of the main navigation: shown when its page
// exists and the actor holds one of the permissions.
type NavEntry struct {
	Key   string // catalogue key
	Path  string
	AnyOf []access.Permission
}

// Config is what the server needs. Zero values get defaults in [New].
type Config struct {
	// BaseURL is the address that people type, "https://sieci.example"; required.
	BaseURL string
	// AllowPlainHTTP permits http on an address that is not loopback. Sessions
	// then travel readable: only for trials on a closed network.
	AllowPlainHTTP bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	Authorizer     *access.Authorizer // required
	Authenticator  Authenticator      // required
	// DB is where [Ctx.Together] reads; nil reads one thing after another.
	DB db.Q
	// Registerer receives the metrics; nil registers none.
	Registerer prometheus.Registerer
	Log        *slog.Logger  // default slog.Default()
	Timeout    time.Duration // of the work on a request once its body is read; default 15 s
	Nav        []NavEntry    // default [DefaultNav]
	// NetworkTabs are the pages of a network, in the order of its tabs.
	NetworkTabs []NetworkTab
	// Publisher stands in the footer; default ORE, from the catalogue.
	Publisher string
	// Development marks pages as not real.
	Development bool
}

// DefaultNav is the main navigation (at most five, and one for administrators).
var DefaultNav = []NavEntry{
	{"web.nav.mine", "/moje", []access.Permission{SignedIn}},
	{"web.nav.networks", "/sieci", []access.Permission{"network:list"}},
	{"web.nav.calendar", "/kalendarz", []access.Permission{"calendar:self"}},
	{"web.nav.resources", "/zasoby", []access.Permission{"resource:list"}},
	{"web.nav.account", "/konto", []access.Permission{SignedIn}},
	{"web.nav.manage", "/zarzadzanie", []access.Permission{"person:list", "module:list", "role:list", "audit:list"}},
}

// site is the base address and what follows from it.
type site struct {
	origin string // "https://sieci.example"
	https  bool
	// hostCookie: the browser treats the address as trustworthy, so cookies may
	// carry Secure and the __Host- prefix.
	hostCookie bool
}

func newSite(base string, allowPlain bool) (site, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return site{}, fmt.Errorf("base address %q: want http:// or https:// and a host", base)
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil {
		return site{}, fmt.Errorf("base address %q: want no path, query or user", base)
	}
	s := site{origin: u.Scheme + "://" + u.Host, https: u.Scheme == "https"}
	s.hostCookie = s.https || loopback(u.Hostname())
	if !s.hostCookie && !allowPlain {
		return site{}, fmt.Errorf("base address %q: plain http would send passwords and sessions readable; use https, or allow plain http explicitly", base)
	}
	return s, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *Config) defaults() error {
	c.Log = cmp.Or(c.Log, slog.Default())
	c.Timeout = cmp.Or(c.Timeout, 15*time.Second)
	if c.Nav == nil {
		c.Nav = DefaultNav
	}
	if c.Authorizer == nil || c.Authenticator == nil {
		return fmt.Errorf("web: no authorizer or authenticator")
	}
	return nil
}
