package account_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	virtual "github.com/descope/virtualwebauthn"
	"ore.edu.pl/sieci/core/web/account"
	"ore.edu.pl/sieci/core/web/kit"
)

// browser sends JSON with the session's cookie, as the script of the pages does.
type browser struct {
	w      *world
	cookie string
}

func (b *browser) call(t *testing.T, method, path string, body any) (int, map[string]any) {
	t.Helper()
	raw, err := json.Marshal(body)
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), method, b.w.URL+"/api/v1"+path, strings.NewReader(string(raw)))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	if b.cookie != "" {
		r.Header.Set("Cookie", b.cookie)
	}
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if strings.HasSuffix(c.Name, "sieci") {
			b.cookie = c.Name + "=" + c.Value
		}
	}
	out := map[string]any{}
	if res.StatusCode != http.StatusNoContent {
		must(t, json.NewDecoder(res.Body).Decode(&out))
	}
	return res.StatusCode, out
}

// want is call that expects a status.
func (b *browser) want(t *testing.T, status int, method, path string, body any) map[string]any {
	t.Helper()
	got, out := b.call(t, method, path, body)
	if got != status {
		t.Fatalf("%s %s: %d, want %d: %v", method, path, got, status, out)
	}
	return out
}

type object map[string]any

func TestPasskey(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org", "Jan Kos")
	rp := virtual.RelyingParty{ID: "sieci.example", Name: "Sieci", Origin: base}
	device := virtual.NewAuthenticatorWithOptions(virtual.AuthenticatorOptions{UserHandle: id[:]})
	key := virtual.NewCredential(virtual.KeyTypeEC2)

	b := &browser{w: w}
	b.want(t, 401, "POST", "/account/passkeys/options", nil)
	b.want(t, 204, "POST", "/session", object{"email": "a@example.org", "password": password})
	w.age(t)
	if out := b.want(t, 403, "POST", "/account/passkeys/options", nil); out["type"] != "urn:sieci:problem:confirm-identity" {
		t.Errorf("%v", out)
	}
	old := b.cookie
	b.want(t, 204, "POST", "/session/confirmation", object{"password": password})
	if b.cookie == old {
		t.Error("the cookie stays the same when the session comes to stand for more")
	}
	made := func(rp virtual.RelyingParty) string {
		o, err := virtual.ParseAttestationOptions(b.want(t, 200, "POST", "/account/passkeys/options", nil)["options"].(string))
		must(t, err)
		return virtual.CreateAttestationResponse(rp, device, key, *o)
	}
	b.want(t, 422, "POST", "/account/passkeys", object{"name": "Nokia", "answer": "{}"})
	b.want(t, 422, "POST", "/account/passkeys", object{"name": "Nokia", "answer": made(virtual.RelyingParty{ID: "zly.example", Name: "Sieci", Origin: "https://zly.example"})})
	answer := made(rp)
	b.want(t, 422, "POST", "/account/passkeys", object{"name": " ", "answer": answer})
	b.want(t, 204, "POST", "/account/passkeys", object{"name": "Nokia", "answer": answer})
	b.want(t, 422, "POST", "/account/passkeys", object{"name": "Nokia", "answer": answer}) // its challenge is spent
	device.AddCredential(key)

	// Signing in: neither password nor code; an answer opens one session.
	signIn := func(rp virtual.RelyingParty, device virtual.Authenticator, key virtual.Credential) string {
		o, err := virtual.ParseAssertionOptions((&browser{w: w}).want(t, 200, "POST", "/session/passkey/options", nil)["options"].(string))
		must(t, err)
		return virtual.CreateAssertionResponse(rp, device, key, *o)
	}
	answer = signIn(rp, device, key)
	c := &browser{w: w}
	c.want(t, 204, "POST", "/session/passkey", object{"answer": answer})
	if me := c.want(t, 200, "GET", "/account", nil); me["email"] != "a@example.org" {
		t.Errorf("%v", me)
	}
	(&browser{w: w}).want(t, 422, "POST", "/session/passkey", object{"answer": answer})
	stranger := virtual.NewCredential(virtual.KeyTypeEC2)
	unverified := virtual.NewAuthenticatorWithOptions(virtual.AuthenticatorOptions{UserHandle: id[:], UserNotVerified: true})
	for what, bad := range map[string]string{
		"another key":             signIn(rp, device, stranger),
		"another site":            signIn(virtual.RelyingParty{ID: "sieci.example", Name: "Sieci", Origin: "https://zly.example"}, device, key),
		"nobody unlocked the key": signIn(rp, unverified, key),
	} {
		d := &browser{w: w}
		if got, out := d.call(t, "POST", "/session/passkey", object{"answer": bad}); got != 422 || d.cookie != "" {
			t.Errorf("%s: %d %v", what, got, out)
		}
	}
	// Whoever only knows the owner's id, which is public, leaves no line in their
	// history; the two who had the key do.
	history := items(t, c.want(t, 200, "GET", "/account/sign-ins", nil))
	if first, third := history[0].(map[string]any), history[2].(map[string]any); first["how"] != "passkey" || first["success"] != false || third["how"] != "passkey" || third["success"] != true {
		t.Errorf("%v", history)
	}

	// It confirms who acts, too, once, and for its owner alone.
	prove := func(b *browser) string {
		o, err := virtual.ParseAssertionOptions(b.want(t, 200, "POST", "/session/confirmation/passkey/options", nil)["options"].(string))
		must(t, err)
		return virtual.CreateAssertionResponse(rp, device, key, *o)
	}
	w.age(t)
	b.want(t, 403, "POST", "/account/passkeys/options", nil)
	answer = prove(b)
	w.person(t, "inna@example.org", "Ola Dąb")
	other := &browser{w: w}
	other.want(t, 204, "POST", "/session", object{"email": "inna@example.org", "password": password})
	other.want(t, 409, "POST", "/session/confirmation/passkey/options", nil)
	other.want(t, 422, "POST", "/session/confirmation/passkey", object{"answer": answer})
	b.want(t, 422, "POST", "/session/confirmation/passkey", object{"answer": signIn(rp, device, key)}) // a challenge of another kind
	b.want(t, 204, "POST", "/session/confirmation/passkey", object{"answer": answer})
	b.want(t, 200, "POST", "/account/passkeys/options", nil)
	b.want(t, 422, "POST", "/session/confirmation/passkey", object{"answer": answer})

	// Pages of it, without a script.
	p := w.open(t, "a@example.org")
	p.Click("Klucze dostępu").ExpectText("Nokia").Click("Nokia").Fill("Nazwa klucza", "").Click("Zapisz").ExpectStatus(422)
	p.Fill("Nazwa klucza", "laptop").Click("Zapisz").ExpectText("laptop").ExpectNoText("Nokia")
	p.Click("Dodaj klucz dostępu").ExpectText("Klucze dostępu wymagają przeglądarki z włączonym JavaScriptem")
	w.age(t)
	p.Go(account.PasskeysPath).Click("Dodaj klucz dostępu").ExpectHeading("Potwierdź, że to Ty").Fill("Hasło", password).Click("Potwierdź").ExpectHeading("Dodaj klucz dostępu")
	p.Go(account.PasskeysPath).Click("laptop").Click("Usuń klucz").ExpectText("Usunięto klucz dostępu.", "Nie masz jeszcze kluczy dostępu.")
	(&browser{w: w}).want(t, 422, "POST", "/session/passkey", object{"answer": signIn(rp, device, key)})
	p.Click("Wyloguj się").Go(kit.SignInPath).ExpectText("Logowanie kluczem dostępu")
}
