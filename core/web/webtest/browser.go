package webtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// stepTimeout ends a step that hangs; pages answer within 15 s by design.
const stepTimeout = 90 * time.Second

// shared is the process's one browser.
var shared struct {
	once    sync.Once
	ctx     context.Context
	close   func()
	profile string
	err     error
}

// Main runs a package's tests, closes the browser and calls after; call it from
// TestMain. It does not return.
func Main(m *testing.M, after ...func()) {
	code := m.Run()
	for _, f := range after {
		f()
	}
	if shared.close != nil {
		shared.close()
	}
	if shared.profile != "" {
		_ = os.RemoveAll(shared.profile)
	}
	os.Exit(code)
}

func browser() (context.Context, error) {
	shared.once.Do(func() { shared.err = start() })
	return shared.ctx, shared.err
}

func start() error {
	path, err := find("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
	if err != nil {
		return err
	}
	if shared.profile, err = os.MkdirTemp("", "sieci-browser-"); err != nil {
		return err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(shared.profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("lang", "pl"),
		// Chromium draws its own toolbar as pages, in a process for each window, which
		// costs a headless browser more than the pages under test.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,PreloadTopChromeWebUI,InitialWebUI,WebUIReloadButton,WebUIBackForwardButton,WebUIHomeButton,WebUIToolbar,WebUILocationBar,WebUISplitTabsButton"),
		// A page that comes back out of this cache never loads, and Back would wait for ever.
		chromedp.Flag("disable-back-forward-cache", true),
	)
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // chromium refuses root with a sandbox
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stop := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil {
		stop()
		stopAlloc()
		return fmt.Errorf("start %s: %w", path, err)
	}
	shared.ctx = ctx
	shared.close = func() { stop(); stopAlloc() }
	return nil
}

func find(names ...string) (string, error) {
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p, nil
		}
	}
	return "", errors.New("no chromium on this machine: run make deps")
}

// Page is one tab with its own cookies. Not safe for concurrent use.
type Page struct {
	t      testing.TB
	ctx    context.Context
	base   string
	status int
}

// For makes t the test that further steps fail, for a tab that outlives the part
// of a walk which uses it.
func (p *Page) For(t testing.TB) *Page {
	p.t = t
	return p
}

// Option changes how a page is opened.
type Option func(*settings)

type settings struct {
	scripts       bool
	width, height int64
	dark          bool
	language      string
}

// Size sets the viewport in CSS pixels; default 1280 × 900.
func Size(width, height int64) Option {
	return func(s *settings) { s.width, s.height = width, height }
}

// Dark asks for the dark scheme.
func Dark() Option { return func(s *settings) { s.dark = true } }

// WithScripts leaves JavaScript on; the default is off. The platform's own
// scripts are blocked all the same, so that a page is what everybody gets.
func WithScripts() Option { return func(s *settings) { s.scripts = true } }

// Language sets Accept-Language; default "pl".
func Language(tag string) Option { return func(s *settings) { s.language = tag } }

// Open opens a tab on the server at base ("http://127.0.0.1:4711"). It closes
// with the test.
func Open(t testing.TB, base string, opts ...Option) *Page {
	t.Helper()
	s := settings{width: 1280, height: 900, language: "pl"}
	for _, o := range opts {
		o(&s)
	}
	root, err := browser()
	if err != nil {
		t.Fatalf("browser: %v", err)
	}
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, base: base}
	if err := chromedp.Do(ctx, prepare(s)); err != nil {
		t.Fatalf("open tab: %v", err)
	}
	return p
}

func prepare(s settings) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		scheme := "light"
		if s.dark {
			scheme = "dark"
		}
		blocked := []*network.BlockPattern{{URLPattern: "*://*:*/*.js", Block: true}}
		headers := network.Headers{"Accept-Language": s.language}
		_, err := cdp.Call(ctx, tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.width < 600})
		_, err2 := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		_, err3 := cdp.Call(ctx, tab, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: blocked})
		_, err4 := cdp.Call(ctx, tab, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers})
		_, err5 := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !s.scripts})
		return errors.Join(err, err2, err3, err4, err5)
	})
}

// root is the folder of go.mod.
func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the working folder")
		}
		dir = up
	}
}
