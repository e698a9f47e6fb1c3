package notices_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/api/noticeapi"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/board/boardtest"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/notices"
	"ore.edu.pl/sieci/core/web/ui"
	"ore.edu.pl/sieci/core/web/webtest"
)

func TestMain(m *testing.M) { webtest.Main(m) }

// post keeps the letters that go out.
type post chan *gomail.Msg

func (p post) Send(_ context.Context, m *gomail.Msg) error {
	p <- m
	return nil
}

// world has two people of a network; it is also the ports of the notifications.
type world struct {
	*boardtest.World
	server    *httptest.Server
	s         *notify.Service
	rows      []kit.Route
	api       *apikit.API
	post      post
	network   uuid.UUID
	anna, ben uuid.UUID
}

// Session signs in whoever the cookie names.
func (w *world) Session(ctx context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	id, err := uuid.Parse(cookie)
	if err != nil {
		return nil, "", nil
	}
	g, err := access.RolesOf(ctx, w.DB, id, w.Clock.Now())
	return &access.Actor{Person: id, Name: "Ktoś", Grants: g}, "", err
}

func (w *world) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := w.Session(ctx, bearer)
	return a, err
}

func (w *world) MailReceiver(_ context.Context, id uuid.UUID) (notify.Receiver, bool, error) {
	return notify.Receiver{Address: id.String() + "@example.org", Lang: i18n.Polish}, true, nil
}

func (w *world) Titles(context.Context, []uuid.UUID) (map[uuid.UUID]string, error) {
	return map[uuid.UUID]string{w.network: "Ocenianie kształtujące"}, nil
}

func (w *world) Of(context.Context, *access.Actor) ([]notify.NamedNetwork, error) {
	return []notify.NamedNetwork{{ID: w.network, Title: "Ocenianie kształtujące"}}, nil
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{World: boardtest.New(t), post: make(post, 100)}
	jobs, err := job.New(job.Config{DB: w.DB, Access: w.Auth, Poll: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	w.s = notify.New(notify.Config{DB: w.DB, Access: w.Auth, Clock: w.Clock, Jobs: jobs, People: w, Sender: w.post, Audit: audit.New(make([]byte, 32), w.Clock), Networks: w,
		Secret: []byte("sixteen bytes or more"), BaseURL: "https://sieci.example"})
	if err := jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := jobs.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	regions := func(context.Context) ([]ui.Option, error) {
		return []ui.Option{{Value: "30", Text: "wielkopolskie"}}, nil
	}
	w.rows = notices.Routes(notices.Deps{Notify: w.s, Regions: regions})
	other := []kit.Route{
		kit.Get("/wejdz/:id", kit.Public, func(c *kit.Ctx) error {
			http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("id"), Path: "/", Secure: true})
			return c.Redirect(notices.Path, "")
		}),
		kit.Get("/konto", notify.Self, func(c *kit.Ctx) error { return c.Redirect(notices.Path, "") }),
	}
	server, err := web.New(kit.Config{BaseURL: "http://localhost", Authorizer: w.Auth, Authenticator: w, Log: slog.New(slog.DiscardHandler)}, w.rows, other)
	if err != nil {
		t.Fatal(err)
	}
	w.api = apikit.New(server, w.Auth)
	noticeapi.Register(w.api, w.s)
	w.server = httptest.NewServer(server)
	t.Cleanup(w.server.Close)
	w.network = w.Network("Ocenianie kształtujące")
	w.anna = w.Member("Anna Nowak", access.Participant, w.network)
	w.ben = w.Member("Ben Bęben", access.Participant, w.network)
	return w
}

func (w *world) as(person uuid.UUID, opts ...webtest.Option) *webtest.Page {
	w.T.Helper()
	return webtest.Open(w.T, w.server.URL, opts...).Go("/wejdz/" + person.String())
}

func (w *world) tell(to uuid.UUID, title string) {
	w.T.Helper()
	m := notify.Message{To: []uuid.UUID{to}, Network: w.network, Link: notices.Path,
		Wording: map[i18n.Lang]notify.Wording{i18n.Polish: {Title: title, Text: "Treść <b>pierwsza</b>."}}}
	if err := w.DB.Tx(w.T.Context(), func(ctx context.Context, tx *db.Tx) error { return w.s.Send(ctx, tx, m) }); err != nil {
		w.T.Fatal(err)
	}
}

// stop is the address in the next letter that ends such letters.
func (w *world) stop() string {
	w.T.Helper()
	select {
	case m := <-w.post:
		h := m.GetGenHeader("List-Unsubscribe")
		if len(h) != 1 || !strings.HasPrefix(h[0], "<https://sieci.example/") {
			w.T.Fatalf("header %q", h)
		}
		return strings.TrimSuffix(strings.TrimPrefix(h[0], "<https://sieci.example"), ">")
	case <-time.After(20 * time.Second):
		w.T.Fatal("no letter in 20 s")
		return ""
	}
}

func TestPagesHaveOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if m := apikit.Mismatches(w.rows, w.api.Ops()); len(m) > 0 {
		t.Error(strings.Join(m, "\n"))
	}
}

// Everybody reads what they were told themselves, page by page; what is new is
// marked as read by a button, not by looking.
func TestList(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.as(w.anna).ExpectHeading("Powiadomienia").ExpectText("Nie ma jeszcze powiadomień").ExpectNoText("Oznacz wszystkie")
	w.tell(w.ben, "Tylko dla Bena")
	for i := range 31 {
		w.tell(w.anna, "Wiadomość numer "+string(rune('A'+i%26))+string(rune('A'+i/26)))
	}
	p.Reload().ExpectText("Wiadomość numer EB", "Treść <b>pierwsza</b>.", "Nowe").ExpectNoText("Tylko dla Bena", "Wiadomość numer AA")
	p.Reload().ExpectText("Nowe")
	p.Click("Następna strona").ExpectText("Wiadomość numer AA").ExpectNoText("Wiadomość numer EB", "Oznacz wszystkie")
	p.Go(notices.Path)
	w.tell(w.anna, "Przyszła w międzyczasie")
	p.Click("Oznacz wszystkie jako przeczytane").ExpectText("Powiadomienia oznaczono jako przeczytane", "Przyszła w międzyczasie")
	if n := strings.Count(p.Text(), "Nowe"); n != 1 {
		t.Errorf("%d new ones, want the one that came meanwhile", n)
	}
	p.Go(notices.Path + "?po=zle").ExpectStatus(http.StatusUnprocessableEntity)
	webtest.Open(t, w.server.URL).Go(notices.Path).ExpectStatus(http.StatusUnauthorized)
}

// Choices are kept; a second window and a forged choice change nothing.
func TestSettings(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, second := w.as(w.anna).Click("Ustawienia powiadomień"), w.as(w.anna).Go(notify.SettingsPath)
	p.Choose("W poniedziałek o 7:00").Select("Cisza od godziny", "18:00").Select("do godziny", "9:00").Unchoose("Bez listów w soboty, niedziele, święta i ferie zimowe")
	p.Select("Ferie zimowe w województwie", "wielkopolskie").Select("Ocenianie kształtujące", "Tylko w serwisie").Click("Zapisz ustawienia").ExpectText("Zapisano ustawienia powiadomień")
	want := notify.Settings{Digest: notify.Weekly, QuietFrom: 18, QuietTo: 9, Region: "30", Version: 1}
	check := func(when string) {
		t.Helper()
		got, err := w.s.Settings(t.Context(), w.Actor(w.anna))
		if err != nil || len(got.Networks) != 1 || got.Networks[0].Frequency != notify.Muted {
			t.Fatalf("%s: %+v, %v", when, got, err)
		}
		if got.Networks = nil; got.Digest != want.Digest || got.QuietFrom != want.QuietFrom || got.QuietTo != want.QuietTo || got.FreeDays || got.Region != want.Region {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
	}
	check("saved")
	second.Choose("Nie wysyłaj skrótu").Click("Zapisz ustawienia").ExpectStatus(http.StatusConflict).ExpectText("zmieniono w międzyczasie")
	if !second.Chosen("Nie wysyłaj skrótu") {
		t.Error("the choice of the second window is lost")
	}
	check("a second window")
	if other, err := w.s.Settings(t.Context(), w.Actor(w.ben)); err != nil || other.Digest != notify.Daily {
		t.Errorf("another person's: %+v, %v", other, err)
	}
}

// Looking at a stop link stops nothing, for mail scanners open links; its button
// and the request of a mail program (RFC 8058: no cookie, no origin, one field)
// do. Who has the link needs no session; a link that was not signed is unknown.
func TestStopInOneClick(t *testing.T) {
	t.Parallel()
	w := setup(t)
	digest := func() notify.Rhythm {
		t.Helper()
		got, err := w.s.Settings(t.Context(), w.Actor(w.anna))
		if err != nil {
			t.Fatal(err)
		}
		return got.Digest
	}
	w.tell(w.anna, "Wątek")
	w.Clock.Advance(24 * time.Hour)
	if n, err := w.s.Digest(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d digests, %v", n, err)
	}
	path := w.stop()
	guest := webtest.Open(t, w.server.URL).Go(path).ExpectHeading("Rezygnacja z wiadomości e-mail").ExpectText("Skrót powiadomień nie będzie już przychodził")
	if digest() != notify.Daily {
		t.Error("looking at the page stopped the digest")
	}
	send := func(path string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+path, strings.NewReader(url.Values{"List-Unsubscribe": {"One-Click"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := http.DefaultTransport.RoundTrip(r) // what a mail program does: redirects are not followed
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	if got := send(path[:len(path)-4] + "AAAA"); got != http.StatusNotFound || digest() != notify.Daily {
		t.Errorf("a forged link: %d, digest %s", got, digest())
	}
	for range 2 {
		if got := send(path); got != http.StatusOK || digest() != notify.Never {
			t.Errorf("one click: %d, digest %s", got, digest())
		}
	}
	guest.Click("Nie przysyłaj więcej").ExpectText("Skrót powiadomień nie będzie już przychodził", "Zmień ustawienia powiadomień")
	guest.Go(path[:len(path)-4] + "AAAA").ExpectStatus(http.StatusNotFound)
	w.as(w.anna).Go(notify.SettingsPath)
	if digest() != notify.Never {
		t.Error("the digest came back")
	}
}

func TestAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for range 3 {
		w.tell(w.anna, strings.Repeat("bardzodługiewyrazy", 8))
	}
	w.Clock.Advance(24 * time.Hour)
	if _, err := w.s.Digest(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop := w.stop()
	for name, opts := range map[string][]webtest.Option{"320": {webtest.Size(320, 800)}, "dark": {webtest.Size(1280, 900), webtest.Dark()}} {
		t.Run(name, func(t *testing.T) {
			p := w.as(w.anna, append(opts, webtest.WithScripts())...)
			for _, s := range []string{notices.Path, notify.SettingsPath, stop} {
				p.Go(s).ExpectAccessible()
			}
		})
	}
}
