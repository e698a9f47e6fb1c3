package account_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/identity"
)

// visit is a program without a token that keeps the cookie it gets.
func (w *world) visit(t *testing.T, method, path, body, cookie string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.URL+"/api/v1"+path, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func (w *world) expect(t *testing.T, want int, method, path, body, cookie string) *http.Response {
	t.Helper()
	res := w.visit(t, method, path, body, cookie)
	if res.StatusCode != want {
		t.Fatalf("%s %s: %d, want %d", method, path, res.StatusCode, want)
	}
	return res
}

func cookieOf(t *testing.T, res *http.Response) string {
	t.Helper()
	for _, c := range res.Cookies() {
		if strings.HasSuffix(c.Name, "sieci") && c.Value != "" {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge <= 0 {
				t.Errorf("cookie %+v", c)
			}
			return c.Name + "=" + c.Value
		}
	}
	t.Fatal("no session cookie")
	return ""
}

// From nothing to a signed-in person and out again, over the API alone.
func TestVisitorOverAPI(t *testing.T) {
	t.Parallel()
	w := setup(t)
	const mail, first, second = "nowa@example.org", "cztery koty na dachu", "pięć psów w ogrodzie"
	in := func(p string) string { return `{"email":"` + mail + `","password":"` + p + `"}` }

	for body, pointer := range map[string]string{
		`{"email":"zły adres","name":"Ewa Lis","password":"` + first + `","institution":"` + w.school(t, 100231).String() + `"}`: "email",
		`{"email":"` + mail + `","name":"Ewa Lis","password":"krótkie","institution":"` + w.school(t, 100231).String() + `"}`:    "password",
		`{"email":"` + mail + `","name":"Ewa Lis","password":"` + first + `","institution":"` + uuid.NewString() + `"}`:          "institution",
	} {
		code, problem := w.call(t, "", "POST", "/registrations", body)
		raw := strings.ToLower(strings.Join(strings.Fields(toJSON(t, problem)), " "))
		if code != 422 || !strings.Contains(raw, pointer) || strings.Contains(raw, "zły adres") || strings.Contains(raw, "krótkie\"") {
			t.Errorf("%s: %d %s", pointer, code, raw)
		}
	}
	w.expect(t, 202, "POST", "/registrations", `{"email":"`+mail+`","name":"Ewa Lis","password":"`+first+`","institution":"`+w.school(t, 100231).String()+`"}`, "")
	token := strings.TrimPrefix(w.link(t, mail), identity.ConfirmPath)
	w.expect(t, 404, "POST", "/registrations/confirm", `{"token":"nic"}`, "")
	if code, body := w.call(t, "", "POST", "/registrations/confirm", `{"token":"`+token+`"}`); code != 200 || body["state"] != "pending" {
		t.Fatalf("%d %v", code, body)
	}
	w.expect(t, 422, "POST", "/session", in(first), "") // waits for the school

	_, err := w.d.Exec(t.Context(), `UPDATE person SET state = 'active' WHERE email = $1`, mail)
	must(t, err)
	w.expect(t, 422, "POST", "/session", in("zupełnie inne hasło"), "")
	cookie := cookieOf(t, w.expect(t, 204, "POST", "/session", in(first), ""))
	w.expect(t, 200, "GET", "/account", "", cookie)

	w.expect(t, 202, "POST", "/password-resets", `{"email":"`+mail+`"}`, "")
	w.expect(t, 202, "POST", "/password-resets", `{"email":"nikt@example.org"}`, "") // tells nothing
	token = strings.TrimPrefix(w.link(t, mail), identity.ResetPath)
	w.expect(t, 422, "POST", "/password-resets/complete", `{"token":"`+token+`","password":"krótkie"}`, "")
	w.expect(t, 204, "POST", "/password-resets/complete", `{"token":"`+token+`","password":"`+second+`"}`, "")
	w.expect(t, 404, "POST", "/password-resets/complete", `{"token":"`+token+`","password":"`+second+`"}`, "")
	w.expect(t, 401, "GET", "/account", "", cookie) // the reset ended it

	cookie = cookieOf(t, w.expect(t, 204, "POST", "/session", in(second), ""))
	w.expect(t, 204, "DELETE", "/session", "", cookie)
	w.expect(t, 401, "GET", "/account", "", cookie)
	w.expect(t, 204, "DELETE", "/session", "", "") // twice is harmless
}

// Guessing over the API meets the same throttle as on the page.
func TestGuessingOverAPI(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "ola@example.org", "Ola Dąb")
	for range 5 {
		w.expect(t, 422, "POST", "/session", `{"email":"ola@example.org","password":"zgaduję hasło"}`, "")
	}
	w.expect(t, 429, "POST", "/session", `{"email":"ola@example.org","password":"`+password+`"}`, "")
}

// An administrator's invitation is taken up and its owner is signed in.
func TestInvitationOverAPI(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ore := w.person(t, "ore@example.org", "Adam Or")
	w.give(t, ore, "ore_admin", "platform", uuid.Nil)
	code, _ := w.call(t, w.bearer(t, "ore@example.org"), "POST", "/people", `{"email":"jan@example.org","name":"Jan Kos","institution":"`+w.school(t, 100231).String()+`"}`)
	if code != 201 {
		t.Fatal(code)
	}
	token := strings.TrimPrefix(w.link(t, "jan@example.org"), identity.InvitationPath)
	w.expect(t, 422, "POST", "/invitations/accept", `{"token":"`+token+`","name":"","password":"`+password+`"}`, "")
	cookie := cookieOf(t, w.expect(t, 200, "POST", "/invitations/accept", `{"token":"`+token+`","name":"Jan Kos","password":"`+password+`"}`, ""))
	w.expect(t, 200, "GET", "/account", "", cookie)
	w.expect(t, 404, "POST", "/invitations/accept", `{"token":"`+token+`","name":"Jan Kos","password":"`+password+`"}`, "")
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	must(t, err)
	return string(raw)
}
