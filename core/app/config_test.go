package app

import (
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

func TestReadDefaults(t *testing.T) {
	t.Parallel()
	c, err := Read([]string{"PATH=/bin", "SIECI_DATA=/srv/sieci", "SIECI_TEST_DATABASE_URL=x", "SIECI_SMTP_URL="})
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.BaseURL != "http://localhost:8080" || c.Data != "/srv/sieci" || c.Dev || c.MailFrom != "sieci@localhost" || len(c.TrustedProxies) != 0 {
		t.Fatalf("%+v", c)
	}
}

func TestReadSettings(t *testing.T) {
	t.Parallel()
	c, err := Read([]string{"SIECI_BASE_URL=https://sieci.example/", "SIECI_TRUSTED_PROXIES=10.0.0.0/8, 192.0.2.7/32",
		"SIECI_METRICS_ADDR=127.0.0.1:9090", "SIECI_SMTP_URL=smtps://u:p@poczta.example"})
	if err != nil {
		t.Fatal(err)
	}
	if c.BaseURL != "https://sieci.example" || c.MetricsAddr != "127.0.0.1:9090" || len(c.Proxies()) != 2 || c.Proxies()[1].String() != "192.0.2.7/32" {
		t.Fatalf("%+v", c)
	}
}

// Each wrong setting is a sentence that exists in both languages and repeats
// no password.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	for line, key := range map[string]string{
		"SIECI_ADRR=x":                             "app.config.unknown",
		"SIECI_DEV=maybe":                          "app.config.bool",
		"SIECI_ADDR=8080":                          "app.config.addr",
		"SIECI_METRICS_ADDR=x":                     "app.config.addr",
		"SIECI_BASE_URL=sieci.example":             "app.config.base",
		"SIECI_BASE_URL=https://sieci.example/sub": "app.config.base",
		"SIECI_BASE_URL=http://sieci.example":      "app.config.insecure",
		"SIECI_BASE_URL=http://192.0.2.1:8080":     "app.config.insecure",
		"SIECI_TRUSTED_PROXIES=10.0.0.1":           "app.config.proxy",
		"SIECI_SMTP_URL=ftp://u:hunter2@h":         "app.config.smtp",
		"SIECI_MAIL_FROM=nobody":                   "app.config.mail",
		"SIECI_PLUGIN_TIER=total":                  "app.config.plugin_tier",
		"SIECI_SECRET=hunter2":                     "app.config.secret",
	} {
		_, err := Read([]string{line})
		f := fault.As(err)
		if err == nil || f.Key != key {
			t.Errorf("%s: got %v, want %s", line, err, key)
			continue
		}
		for _, l := range i18n.Langs {
			s := i18n.TextMap(l, f.Key, f.Args)
			if !i18n.Has(l, f.Key) || strings.Contains(s, "hunter2") || strings.Contains(s, "<no value>") {
				t.Errorf("%s in %s: %s", line, l, s)
			}
		}
	}
	for _, line := range []string{"SIECI_BASE_URL=http://127.0.0.1:9", "SIECI_BASE_URL=http://[::1]:9", "SIECI_BASE_URL=http://sieci.localhost"} {
		if _, err := Read([]string{line}); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if _, err := Read([]string{"SIECI_BASE_URL=http://sieci.example", "SIECI_ALLOW_INSECURE=true"}); err != nil {
		t.Errorf("allowed: %v", err)
	}
}

// Development pages show every mail to everybody: beyond this machine they are
// asked for twice.
func TestDevelopmentPagesStayOnThisMachine(t *testing.T) {
	t.Parallel()
	_, err := Read([]string{"SIECI_DEV=true", "SIECI_BASE_URL=https://sieci.example"})
	if f := fault.As(err); err == nil || f.Key != "app.config.dev" {
		t.Errorf("on a public address: %v", err)
	} else if s := i18n.TextMap(i18n.Polish, f.Key, f.Args); !strings.Contains(s, "https://sieci.example") || !strings.Contains(s, "SIECI_ALLOW_INSECURE=true") {
		t.Errorf("the sentence: %s", s)
	}
	for _, also := range []string{"SIECI_ALLOW_INSECURE=true", "SIECI_BASE_URL=https://localhost:8443"} {
		if c, err := Read([]string{"SIECI_DEV=true", "SIECI_BASE_URL=https://sieci.example", also}); err != nil || !c.Dev {
			t.Errorf("with %s: %v", also, err)
		}
	}
}

func TestEverySettingIsExplained(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Langs {
		for _, s := range Settings(l) {
			if !i18n.Has(l, "app.setting."+s.key()) {
				t.Errorf("%s has no text in %s", s.Name, l)
			}
		}
	}
}

// One secret gives different keys for different purposes, the same on every
// node and at every start.
func TestKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := loadKeys(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := loadKeys(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := loadKeys(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	a := string(first.Key("audit"))
	if len(a) != 32 || a != string(again.Key("audit")) || a == string(first.Key("throttle")) || a == string(other.Key("audit")) {
		t.Fatal("keys")
	}
	given, err := loadKeys(t.TempDir(), strings.Repeat("x", minSecret))
	if err != nil || string(given.Key("audit")) == a {
		t.Fatal("a given secret was not used", err)
	}
}
