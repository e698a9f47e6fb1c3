package walk_test

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/plugin/supervisor"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

// client is a signed-in program: requests with a session's cookie.
type client struct {
	w      *world
	cookie string
	token  string // instead of the cookie
}

func (w *world) client(name string) *client {
	w.t.Helper()
	in, err := w.Identity.SignIn(w.t.Context(), identity.SignInInput{Email: address(name), Password: password, Address: "127.0.0.1", Agent: "walk"})
	if err != nil {
		w.t.Fatal(err)
	}
	return &client{w: w, cookie: in.Cookie}
}

// answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

func (c *client) get(path string) (answer, error) { return c.send(http.MethodGet, path, "") }

func (c *client) send(method, path, body string) (answer, error) {
	r, err := http.NewRequest(method, c.w.base+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if c.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: c.cookie})
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	stay := http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stay.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(b)}, err
}

// kill ends the module's process as a crash would.
func (w *world) kill() {
	if pid := w.Modules.Local()[thematic.ID].PID; pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may be gone already
	}
}

// bringDown kills the module's process until it is put into quarantine; up lets
// it try again and returns when it works.
func (w *world) bringDown() (up func()) {
	w.t.Helper()
	w.until("the module is put into quarantine", func() bool {
		w.kill()
		return w.Modules.Local()[thematic.ID].State == supervisor.Quarantined
	})
	return func() {
		if err := w.Modules.Retry(access.With(w.t.Context(), w.actor("Olga Ore")), thematic.ID); err != nil {
			w.t.Fatal(err)
		}
		w.await()
	}
}

// Killed in mid-page, the module answers by its next process or its pages say
// that it is away; nothing else notices.
func TestModuleKilled(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	w.person("Nina Nauczycielka", 100234)
	w.person("Późny Piotr", 100235)
	w.join("Nina Nauczycielka", id)
	n, at := w.client("Nina Nauczycielka"), "/sieci/"+id.String()
	const away, goals = "są chwilowo niedostępne", "Cele sieci"

	// One kill under a page that is being made.
	for range 2 {
		w.await()
		killed := make(chan struct{})
		go func() { defer close(killed); w.kill() }()
		a, err := n.get(at)
		<-killed
		if err != nil || a.status != 200 || strings.Contains(a.body, goals) == strings.Contains(a.body, away) {
			t.Errorf("a page under a kill: %v %d, with goals %v, with the sentence %v", err, a.status, strings.Contains(a.body, goals), strings.Contains(a.body, away))
		}
	}

	up := w.bringDown()
	for path, want := range map[string]string{
		at: away, at + "/uczestnicy": "Nina Nauczycielka", "/sieci": "Ocenianie kształtujące", "/moje": "Moje sprawy", "/konto": "Konto", at + "/plan": away, at + "/propozycje": "Propozycje",
	} {
		a, err := n.get(path)
		if err != nil || a.status >= 500 && want != away || !strings.Contains(a.body, want) {
			t.Errorf("%s while the module is away: %v %d, %q is missing\n%.600s", path, err, a.status, want, a.body)
		}
	}
	a, err := n.get("/api/v1/networks/" + id.String() + "/views/home")
	if err != nil || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("the view by the API: %v %d %v\n%s", err, a.status, a.header, a.body)
	}
	// Membership goes on, to be looked at by the module later.
	if got := w.join("Późny Piotr", id); got.State != network.Active {
		t.Errorf("joining while the module is away led to %q", got.State)
	}
	fresh := w.client("Późny Piotr")
	if a, err := fresh.get(at + "/uczestnicy"); err != nil || !strings.Contains(a.body, "Późny Piotr") {
		t.Errorf("the new member's page: %v %d", err, a.status)
	}
	up()
	if a, err := n.get(at); err != nil || !strings.Contains(a.body, goals) || strings.Contains(a.body, away) {
		t.Errorf("after the module came back: %v %d\n%.600s", err, a.status, a.body)
	}
}
