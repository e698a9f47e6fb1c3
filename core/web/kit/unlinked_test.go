package kit_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/web/kit"
)

// A page whose address is the key knows nobody, whatever cookie comes along,
// leaves no line in the log, and is not kept or told by anything.
func TestUnlinkedPageKnowsNobody(t *testing.T) {
	t.Parallel()
	var signedIn bool
	handler := func(c *kit.Ctx) error {
		signedIn = signedIn || c.Actor().SignedIn()
		c.Page("Ankieta")
		return c.Render(http.StatusOK, templ.Raw("<p>tajne</p>"))
	}
	s := start(t, nil, kit.Get("/u/:kod", kit.Public, handler).Apart(), kit.PostPage("/u/:kod", kit.Public, "a trial", handler).Apart(),
		kit.Get("/zwykla", kit.Public, handler))
	for _, a := range []*answer{
		s.get("/u/KLUCZYK", as("anna")), s.get("/u/KLUCZYK", as("awaria")),
		s.post("/u/KLUCZYK", url.Values{"a": {"b"}}, as("anna"), header("Origin", "null")),
	} {
		if a.StatusCode != http.StatusOK || a.Header.Get("Referrer-Policy") != "no-referrer" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d, %v", a.StatusCode, a.Header)
		}
		if strings.Contains(a.text, "Anna") || strings.Contains(a.text, "KLUCZYK") || strings.Contains(a.text, "/jezyk") {
			t.Error("the frame of the page names somebody, or carries its address on")
		}
	}
	if signedIn {
		t.Error("the session was read")
	}
	if log := s.log.String(); strings.Contains(log, "/u/") {
		t.Errorf("logged: %s", log)
	}
	if a := s.get("/zwykla", as("anna")); a.StatusCode != http.StatusOK || !signedIn || !strings.Contains(s.log.String(), "/zwykla") {
		t.Error("an ordinary page beside it is not as before")
	}
}
