package trails_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/api/trailapi"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/trail"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/trails"
	"ore.edu.pl/sieci/policies"
)

// inspector is whoever comes with a cookie, and has just confirmed who they are.
type inspector struct{ id uuid.UUID }

func (i inspector) Session(context.Context, string) (*access.Actor, i18n.Lang, error) {
	return &access.Actor{Person: i.id, Name: "Kontroler", Recent: true, Grants: []access.Grant{{Role: access.Inspector, Kind: access.Platform}}}, "", nil
}

func (i inspector) Token(ctx context.Context, _ string) (*access.Actor, error) {
	a, _, err := i.Session(ctx, "")
	return a, err
}

// An account that does not fit into one file is taken away in parts: each says
// which entries of how many it holds and where the next part is; the page at that
// address gives it. Programs get the same numbers.
func TestExportInParts(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	log := audit.New([]byte("0123456789abcdef0123456789abcdef"), clock.NewFixed(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)))
	s := trail.New(trail.Config{DB: d, Access: auth, Log: log, Heads: trail.OpenHeads(filepath.Join(t.TempDir(), "heads")), Keep: time.Hour, ExportMost: 20})
	site, err := web.New(kit.Config{DB: d, BaseURL: "http://localhost", Authorizer: auth, Authenticator: inspector{uuid.New()}}, trails.Routes(trails.Deps{Trail: s, BaseURL: "http://localhost"}))
	if err != nil {
		t.Fatal(err)
	}
	trailapi.Register(apikit.New(site, auth), s)
	if _, err := d.Exec(t.Context(), `INSERT INTO audit_event (at, domain_at, actor_system, action, object_kind, object_id)
		SELECT now(), now(), 'core', 'role:grant', 'person', n FROM generate_series(1, 45) n`); err != nil {
		t.Fatal(err)
	}
	send := func(method, path, kind, body string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+path, strings.NewReader(body))
		r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: "x"})
		r.Header.Set("Content-Type", kind)
		a := httptest.NewRecorder()
		site.ServeHTTP(a, r)
		if a.Code != http.StatusOK {
			t.Fatalf("%s: %d %.300s", path, a.Code, a.Body.String())
		}
		return a
	}
	at, seen := trails.Path+"?czynnosc=role%3Agrant", 0
	for part, want := range []struct{ button, name, says string }{
		{"Pobierz te wpisy", "dziennik-zmian-1-20-z-45.csv", "Wpisy 1–20 z 45, od najnowszych. Dalsza część: http://localhost/zarzadzanie/dziennik?"},
		{"Pobierz dalszą część", "dziennik-zmian-21-40-z-45.csv", "Wpisy 21–40 z 45, od najnowszych. Dalsza część: http://localhost/zarzadzanie/dziennik?"},
		{"Pobierz dalszą część", "dziennik-zmian-41-45-z-45.csv", "Wpisy 41–45 z 45, od najnowszych. To wszystkie albo ostatnia część."},
	} {
		page := send(http.MethodGet, at, "", "").Body.String()
		if !strings.Contains(page, want.button) || !strings.Contains(page, "najwyżej 20") {
			t.Errorf("part %d: the page does not offer %q or does not tell the bound", part+1, want.button)
		}
		form := url.Values{}
		for _, m := range regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			form.Set(m[1], m[2])
		}
		file := send(http.MethodPost, trails.Path, "application/x-www-form-urlencoded", form.Encode())
		if got := file.Header().Get("Content-Disposition"); !strings.Contains(got, want.name) {
			t.Errorf("part %d is called %s", part+1, got)
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body.String(), "\ufeff")))
		r.Comma = ';'
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		last := rows[len(rows)-1][0]
		if !strings.HasPrefix(last, want.says) {
			t.Errorf("part %d says %q", part+1, last)
		}
		seen += len(rows) - 2 // the head and what the file says of itself
		_, at, _ = strings.Cut(last, "http://localhost")
	}
	if seen != 45 {
		t.Errorf("%d entries in all parts", seen)
	}
	var out struct {
		Items           []json.RawMessage
		First, Last, Of int
		More            bool
		Next            string
	}
	after := ""
	for _, want := range []string{"1-20", "21-40", "41-45"} {
		out.Next = ""
		raw := send(http.MethodPost, "/api/v1/audit/export", "application/json", `{"action":"role:grant","after":"`+after+`"}`).Body.Bytes()
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
		if from, to, _ := strings.Cut(want, "-"); out.Of != 45 || out.More != (out.Next != "") || len(out.Items) != out.Last-out.First+1 || from+to != strconv.Itoa(out.First)+strconv.Itoa(out.Last) {
			t.Errorf("want %s of 45, got %d-%d of %d, more: %v, %d items", want, out.First, out.Last, out.Of, out.More, len(out.Items))
		}
		after = out.Next
	}
}
