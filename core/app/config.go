package app

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	online "ore.edu.pl/sieci/core/schedule/room"
)

// GCPercent is how much the server's memory may grow before it is cleared of what
// pages left behind, in per cent of what is in use, unless GOGC says otherwise.
// Twice Go's default: some 100 MB more at most, a tenth less work for each page.
const GCPercent = 200

// Config is every setting of the platform, read from the environment. The tag
// koanf, in capitals behind "SIECI_", is the variable's name; the catalogue says
// what it is for under "app.setting." and the tag. The README's table is made of
// these, and compared by a test.
type Config struct {
	DatabaseURL    string   `koanf:"database_url" default:""`
	Data           string   `koanf:"data" default:""`
	Addr           string   `koanf:"addr" default:"127.0.0.1:8080"`
	BaseURL        string   `koanf:"base_url" default:"http://localhost:8080"`
	AllowInsecure  bool     `koanf:"allow_insecure" default:"false"`
	TrustedProxies []string `koanf:"trusted_proxies" default:""`
	SMTPURL        string   `koanf:"smtp_url" default:""`
	MailFrom       string   `koanf:"mail_from" default:"sieci@localhost"`
	MetricsAddr    string   `koanf:"metrics_addr" default:""`
	Plugins        string   `koanf:"plugins" default:""`
	PluginTier     string   `koanf:"plugin_tier" default:"basic"`
	PluginRuntimes []string `koanf:"plugin_runtimes" default:""`
	Secret         string   `koanf:"secret" default:""`
	Dev            bool     `koanf:"dev" default:"false"`
	Site           string   `koanf:"site" default:""`
	JitsiURL       string   `koanf:"jitsi_url" default:""`
	JitsiAppID     string   `koanf:"jitsi_app_id" default:""`
	JitsiSecret    string   `koanf:"jitsi_secret" default:""`
	BBBURL         string   `koanf:"bbb_url" default:""`
	BBBSecret      string   `koanf:"bbb_secret" default:""`
	AuditHeads     string   `koanf:"audit_heads" default:""`
	AuditYears     int      `koanf:"audit_years" default:"5"`
	SecondFactor   []string `koanf:"second_factor" default:"ore_admin,inspector,centre_admin,institution_admin,coordinator,expert,evaluator"`
	OIDC           string   `koanf:"oidc" default:""`
}

// minAuditYears is how long accounts of changes are kept at least (KRI 2024).
const minAuditYears = 2

// prefix of the variables.
const prefix = "SIECI_"

// reserved begin with the prefix and are no settings: tests, and what the
// program tells its own children.
var reserved = []string{"test_", "axe", "plugin_"}

// Read takes the settings from environ ("NAME=value" lines) and validates
// them; what is wrong comes as a fault with a sentence.
func Read(environ []string) (Config, error) {
	values := map[string]any{}
	for _, s := range Settings(i18n.Polish) {
		values[s.key()] = s.Default
	}
	for _, line := range environ {
		name, value, ok := strings.Cut(line, "=")
		key := strings.ToLower(strings.TrimPrefix(name, prefix))
		if !ok || !strings.HasPrefix(name, prefix) || value == "" {
			continue
		}
		if _, known := values[key]; !known {
			if slices.ContainsFunc(reserved, func(r string) bool { return strings.HasPrefix(key, r) }) {
				continue
			}
			// A mistyped setting that is silently ignored is found too late.
			return Config{}, fault.New(fault.Invalid, "app.config.unknown", "Name", name)
		}
		values[key] = value
	}
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(values, ""), nil); err != nil {
		return Config{}, fmt.Errorf("read settings: %w", err)
	}
	for _, name := range []string{"allow_insecure", "dev"} {
		if _, err := strconv.ParseBool(k.String(name)); err != nil {
			return Config{}, fault.New(fault.Invalid, "app.config.bool", "Name", prefix+strings.ToUpper(name))
		}
	}
	if _, err := strconv.Atoi(k.String("audit_years")); err != nil {
		return Config{}, fault.New(fault.Invalid, "app.config.audit_years", "Min", minAuditYears)
	}
	var c Config
	if err := k.Unmarshal("", &c); err != nil {
		return Config{}, fmt.Errorf("read settings: %w", err)
	}
	return c.validate()
}

// validate completes the defaults and finds what cannot work; sentences never
// repeat a value that may hold a password.
func (c Config) validate() (Config, error) {
	var err error
	if c.Data, err = dataDir(c.Data); err != nil {
		return c, err
	}
	if c.Plugins, err = besideProgram(c.Plugins, "plugins"); err != nil {
		return c, err
	}
	for name, addr := range map[string]string{"SIECI_ADDR": c.Addr, "SIECI_METRICS_ADDR": c.MetricsAddr} {
		if _, _, err := net.SplitHostPort(addr); err != nil && addr != "" {
			return c, fault.New(fault.Invalid, "app.config.addr", "Name", name, "Value", addr)
		}
	}
	if err := c.checkBase(); err != nil {
		return c, err
	}
	c.TrustedProxies = clean(c.TrustedProxies)
	for _, p := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			return c, fault.New(fault.Invalid, "app.config.proxy", "Value", p)
		}
	}
	if c.SMTPURL != "" {
		if _, err := notify.SMTP(c.SMTPURL); err != nil {
			return c, fault.Wrap(err, fault.Invalid, "app.config.smtp")
		}
	}
	if _, err := mail.ParseAddress(c.MailFrom); err != nil {
		return c, fault.New(fault.Invalid, "app.config.mail", "Value", c.MailFrom)
	}
	if !sandbox.Tier(c.PluginTier).Valid() {
		return c, fault.New(fault.Invalid, "app.config.plugin_tier", "Value", c.PluginTier)
	}
	c.PluginRuntimes = clean(c.PluginRuntimes)
	for _, r := range c.PluginRuntimes {
		if !slices.Contains(bundle.Runtimes, r) {
			return c, fault.New(fault.Invalid, "app.config.plugin_runtimes", "Value", r)
		}
	}
	if c.AuditYears < minAuditYears {
		return c, fault.New(fault.Invalid, "app.config.audit_years", "Min", minAuditYears)
	}
	c.SecondFactor = clean(c.SecondFactor)
	for _, r := range c.SecondFactor {
		if r != noRoles && !slices.Contains(secondFactorRoles, access.Role(r)) {
			return c, fault.New(fault.Invalid, "app.config.second_factor", "Value", r)
		}
	}
	if c.Secret != "" && len(c.Secret) < minSecret {
		return c, fault.New(fault.Invalid, "app.config.secret", "Min", minSecret)
	}
	return c, c.rooms(nil).Check()
}

// secondFactorRoles may be made to set up a second step at signing in.
var secondFactorRoles = []access.Role{access.OREAdmin, access.Inspector, access.CentreAdmin, access.Lead, access.Principal, access.InstitutionAdmin,
	access.Founder, access.Coordinator, access.Expert, access.Moderator, access.Head, access.Guardian,
	access.SupportOrganiser, access.Official, access.Evaluator}

// noRoles as the only role demands a second step of nobody.
const noRoles = "none"

// secondFactor are the roles that demand a second step. On the machine itself
// and in development nobody is made to, so that a demonstration's accounts are
// signed in to with their password.
func (c Config) secondFactor() []access.Role {
	if c.Dev || c.Loopback() {
		return nil
	}
	var out []access.Role
	for _, r := range c.SecondFactor {
		if r != noRoles {
			out = append(out, access.Role(r))
		}
	}
	return out
}

// rooms is the kind of online room; key makes names that cannot be guessed.
func (c Config) rooms(key []byte) online.Settings {
	return online.Settings{JitsiURL: c.JitsiURL, JitsiAppID: c.JitsiAppID, JitsiSecret: c.JitsiSecret,
		BBBURL: c.BBBURL, BBBSecret: c.BBBSecret, Base: c.BaseURL, Key: key}
}

// checkBase refuses plain http where others could read along, and development
// pages where others could open them: unsent mails hold links that let in.
func (c *Config) checkBase() error {
	u, err := url.Parse(c.BaseURL)
	if err == nil && u.Port() != "" {
		if n, bad := strconv.Atoi(u.Port()); bad != nil || n < 1 || n > 65535 {
			return fault.New(fault.Invalid, "app.config.base", "Value", c.BaseURL)
		}
	}
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fault.New(fault.Invalid, "app.config.base", "Value", c.BaseURL)
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) && !c.AllowInsecure {
		return fault.New(fault.Invalid, "app.config.insecure", "Value", c.BaseURL)
	}
	if c.Dev && !isLoopback(u.Hostname()) && !c.AllowInsecure {
		return fault.New(fault.Invalid, "app.config.dev", "Value", c.BaseURL)
	}
	c.BaseURL = u.Scheme + "://" + strings.ToLower(u.Host)
	return nil
}

// Loopback reports whether the platform is reached from its own machine only;
// valid after [Read].
func (c Config) Loopback() bool {
	u, err := url.Parse(c.BaseURL)
	return err == nil && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Proxies are the trusted networks; valid after [Read].
func (c Config) Proxies() []netip.Prefix {
	out := make([]netip.Prefix, len(c.TrustedProxies))
	for i, p := range c.TrustedProxies {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// dataDir is the folder for everything that must survive a restart.
func dataDir(given string) (string, error) {
	switch {
	case given != "":
	case os.Geteuid() == 0:
		given = "/var/lib/sieci"
	case os.Getenv("XDG_DATA_HOME") != "":
		given = filepath.Join(os.Getenv("XDG_DATA_HOME"), "sieci")
	default:
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fault.Wrap(err, fault.Invalid, "app.config.home")
		}
		given = filepath.Join(home, ".local", "share", "sieci")
	}
	return filepath.Abs(given)
}

func besideProgram(given, name string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find own program: %w", err)
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return "", fmt.Errorf("find own program: %w", err)
	}
	return filepath.Join(filepath.Dir(self), name), nil
}

// clean splits what came as one comma list and drops empty parts.
func clean(in []string) []string {
	var out []string
	for _, s := range in {
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// Setting is one line of the table of settings.
type Setting struct{ Name, Default, Doc string }

func (s Setting) key() string { return strings.ToLower(strings.TrimPrefix(s.Name, prefix)) }

// Settings lists all settings in a language, for the README and for the help
// of the program.
func Settings(l i18n.Lang) []Setting {
	t := reflect.TypeFor[Config]()
	out := make([]Setting, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("koanf")
		out = append(out, Setting{prefix + strings.ToUpper(tag), f.Tag.Get("default"), i18n.Text(l, "app.setting."+tag)})
	}
	return out
}
