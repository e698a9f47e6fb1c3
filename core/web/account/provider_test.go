package account_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oauth2-proxy/mockoidc"
	"github.com/pquerna/otp/totp"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/identity"
)

// idps is an identity provider in this process, and one that is down.
func (w *world) idps(t *testing.T) []identity.Provider {
	t.Helper()
	var err error
	w.idp, err = mockoidc.Run()
	must(t, err)
	t.Cleanup(func() { _ = w.idp.Shutdown() })
	c := w.idp.Config()
	return []identity.Provider{{ID: "probny", Name: "Próbny", Issuer: c.Issuer, ClientID: c.ClientID, Secret: c.ClientSecret},
		{ID: "cichy", Name: "Cichy", Issuer: "http://127.0.0.1:9", ClientID: "x", Secret: "x"}}
}

// traveller is a browser that keeps cookies and follows no redirect by itself.
type traveller struct {
	w       *world
	cookies map[string]string
}

func (b *traveller) get(t *testing.T, address string) (status int, location, body string) {
	t.Helper()
	address = strings.Replace(address, base, b.w.URL, 1)
	if strings.HasPrefix(address, "/") {
		address = b.w.URL + address
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	must(t, err)
	if strings.HasPrefix(address, b.w.URL) {
		for n, v := range b.cookies {
			r.AddCookie(&http.Cookie{Name: n, Value: v})
		}
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	raw, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, res.Header.Get("Location"), string(raw)
}

// travel goes to the provider as somebody and comes to the address of return.
func (b *traveller) travel(t *testing.T, begin, subject string) string {
	t.Helper()
	status, to, body := b.get(t, begin)
	if status != 303 || !strings.HasPrefix(to, b.w.idp.Issuer()) {
		t.Fatalf("%s: %d %s %s", begin, status, to, body)
	}
	if !strings.Contains(to, "code_challenge_method=S256") || !strings.Contains(to, "nonce=") {
		t.Errorf("no PKCE or nonce in %s", to)
	}
	b.w.idp.QueueUser(&mockoidc.MockUser{Subject: subject, Email: "a@example.org", EmailVerified: true})
	status, back, body := b.get(t, to)
	if status != 302 || !strings.HasPrefix(back, base+"/logowanie/dostawca/probny/powrot?") {
		t.Fatalf("the provider: %d %s %s", status, back, body)
	}
	return back
}

// signedIn opens a session by the service and puts it into the browser.
func (b *traveller) signedIn(t *testing.T, email string) {
	t.Helper()
	in, err := b.w.identity.SignIn(t.Context(), identity.SignInInput{Email: email, Password: password, Address: "192.0.2.1"})
	must(t, err)
	b.cookies["__Host-sieci"] = in.Cookie
}

func (b *traveller) email(t *testing.T) string {
	t.Helper()
	_, _, body := b.get(t, "/api/v1/account")
	_, after, _ := strings.Cut(body, `"email":"`)
	email, _, _ := strings.Cut(after, `"`)
	return email
}

func TestProvider(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org", "Jan Kos")
	w.person(t, "b@example.org", "Ola Dąb")
	fresh := func() *traveller { return &traveller{w, map[string]string{}} }
	const begin = "/logowanie/dostawca/probny?dalej=%2Fkonto"

	// Nobody is let in by an e-mail address that a provider tells.
	stranger := fresh()
	if status, _, body := stranger.get(t, stranger.travel(t, begin, "podmiot-1")); status != 422 || !strings.Contains(body, "nie jest połączone") || stranger.email(t) != "" {
		t.Errorf("an account that nobody linked: %d", status)
	}

	a := fresh()
	a.signedIn(t, "a@example.org")
	w.age(t)
	if status, to, _ := a.get(t, "/konto/dostawcy/probny/polacz"); status != 303 || !strings.HasPrefix(to, "/konto/potwierdz?") {
		t.Errorf("linking does not ask who it is: %d %s", status, to)
	}
	a.signedIn(t, "a@example.org")
	back := a.travel(t, "/konto/dostawcy/probny/polacz", "podmiot-1")
	other := fresh() // the answer meant for somebody else's browser
	other.signedIn(t, "b@example.org")
	if status, _, _ := other.get(t, back); status != 422 {
		t.Errorf("a journey of another browser: %d", status)
	}
	if status, to, _ := a.get(t, back); status != 303 || to != "/konto/dostawcy" {
		t.Fatalf("linking: %d %s", status, to)
	}
	if status, _, _ := a.get(t, back); status != 422 {
		t.Errorf("a journey twice: %d", status)
	}
	if status, _, _ := other.get(t, other.travel(t, "/konto/dostawcy/probny/polacz", "podmiot-1")); status != 409 {
		t.Errorf("one account at the provider for two people: %d", status)
	}

	in := fresh()
	if status, to, _ := in.get(t, in.travel(t, begin, "podmiot-1")); status != 303 || to != "/konto" || in.email(t) != "a@example.org" {
		t.Errorf("signing in: %d %s %s", status, to, in.email(t))
	}
	if status, _, _ := in.get(t, "/logowanie/dostawca/nikt"); status != 404 {
		t.Errorf("no such provider: %d", status)
	}
	if status, _, _ := fresh().get(t, "/logowanie/dostawca/cichy"); status != 503 {
		t.Errorf("a provider that is down: %d", status)
	}

	// Who has a second step takes it here, too.
	me, _, err := w.identity.Session(t.Context(), a.cookies["__Host-sieci"])
	must(t, err)
	set, err := w.identity.BeginSecondFactor(t.Context(), me)
	must(t, err)
	code, err := totp.GenerateCode(set.Secret, time.Now())
	must(t, err)
	_, _, err = w.identity.ConfirmSecondFactor(t.Context(), me, code)
	must(t, err)
	half := fresh()
	if status, _, body := half.get(t, half.travel(t, begin, "podmiot-1")); status != 200 || !strings.Contains(body, "Drugi krok logowania") || half.email(t) != "" {
		t.Errorf("the second step: %d", status)
	}

	// Taken away, it signs nobody in.
	me, _, err = w.identity.Session(t.Context(), other.cookies["__Host-sieci"])
	must(t, err)
	links, err := w.identity.ProviderLinks(t.Context(), &access.Actor{Person: me.Person, Session: me.Session})
	must(t, err)
	if len(links) != 0 {
		t.Errorf("%d links of somebody who has none", len(links))
	}
	p := w.open(t, "b@example.org")
	p.Click("Konta u dostawców tożsamości").ExpectText("Nie masz połączonych kont.", "Połącz: Próbny")
}
