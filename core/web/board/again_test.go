package board_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var formKey = regexp.MustCompile(`name="idem" value="([^"]+)"`)

// A form that published once and comes again with other words (somebody went
// back to it and changed a word) is not published twice without asking: nothing
// typed is lost, and sending the fresh form means it.
func TestFormSentAgainWithOtherWords(t *testing.T) {
	t.Parallel()
	w := setup(t)
	path := w.base + "/forum/nowy"
	key := func(page string) string {
		t.Helper()
		found := formKey.FindAllStringSubmatch(page, -1)
		if len(found) == 0 {
			t.Fatalf("no key in %.2000s", page)
		}
		return found[len(found)-1][1]
	}
	send := func(key, words string) (int, string) {
		t.Helper()
		body := url.Values{"idem": {key}, "title": {"Jak oceniać?"}, "body": {words}, "wersja": {"0"}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+path, strings.NewReader(body.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: w.anna.String()})
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		page, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Location") + string(page)
	}
	threads := func() int {
		t.Helper()
		list, err := w.s.Threads(t.Context(), w.Actor(w.anna), w.network, false, "")
		if err != nil {
			t.Fatal(err)
		}
		return len(list.Items)
	}
	first := key(w.get(path, w.anna))
	status, to := send(first, "Pierwsza wersja")
	if again, same := send(first, "Pierwsza wersja"); status != http.StatusSeeOther || again != status || same != to {
		t.Fatalf("sent twice: %d to %s, %d to %s", status, to, again, same)
	}
	status, page := send(first, "Druga wersja")
	if status != http.StatusConflict || !strings.Contains(page, "już coś wysłano") || !strings.Contains(page, "Druga wersja") || !strings.Contains(page, `value="Jak oceniać?"`) {
		t.Errorf("with other words: %d %s", status, page)
	}
	if n := threads(); n != 1 {
		t.Errorf("%d threads, want 1", n)
	}
	if status, _ := send(key(page), "Druga wersja"); status != http.StatusSeeOther || threads() != 2 {
		t.Errorf("sent once more: %d, %d threads", status, threads())
	}
}
