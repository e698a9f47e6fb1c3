package room_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule/room"
)

var (
	now     = time.Date(2026, 11, 26, 14, 50, 0, 0, time.UTC)
	meeting = room.Meeting{ID: uuid.MustParse("0192a000-0000-7000-8000-000000000001"), Title: "Ocenianie & więcej", Start: now.Add(10 * time.Minute), End: now.Add(2 * time.Hour)}
	anna    = room.Guest{ID: uuid.MustParse("0192a000-0000-7000-8000-0000000000aa"), Name: "Anna Żuk"}
	ewa     = room.Guest{ID: uuid.MustParse("0192a000-0000-7000-8000-0000000000bb"), Name: "Ewa Lis", Moderator: true}
	key     = []byte("0123456789abcdef0123456789abcdef")
)

func TestSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		s    room.Settings
		want string
	}{
		"none":             {room.Settings{}, ""},
		"Jitsi":            {room.Settings{JitsiURL: "https://meet.example"}, ""},
		"here":             {room.Settings{JitsiURL: "http://localhost:8000"}, ""},
		"Jitsi, half":      {room.Settings{JitsiURL: "https://meet.example", JitsiAppID: "sieci"}, "room.jitsi_half"},
		"plain http":       {room.Settings{JitsiURL: "http://meet.example"}, "room.address"},
		"no address":       {room.Settings{BBBURL: "bbb", BBBSecret: "x"}, "room.address"},
		"with a password":  {room.Settings{JitsiURL: "https://a:b@meet.example"}, "room.address"},
		"BBB, no secret":   {room.Settings{BBBURL: "https://bbb.example/bigbluebutton"}, "room.bbb_secret"},
		"both":             {room.Settings{BBBURL: "https://b.example", BBBSecret: "x", JitsiURL: "https://j.example"}, "room.both"},
		"BigBlueButton it": {room.Settings{BBBURL: "https://b.example/bigbluebutton", BBBSecret: "x"}, ""},
	} {
		err := c.s.Check()
		if c.want == "" && err != nil || c.want != "" && (!fault.Is(err, fault.Invalid) || fault.As(err).Key != c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestPastedLink(t *testing.T) {
	t.Parallel()
	r, err := room.New(room.Settings{})
	if err != nil || r.Own() {
		t.Fatal(r, err)
	}
	m := meeting
	m.Link = "https://teams.example/l/1?x=2"
	if got, err := r.Link(t.Context(), m, anna); err != nil || got != m.Link {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"", "javascript:alert(1)", "/spotkania", "mailto:a@b.pl"} {
		m.Link = bad
		if _, err := r.Link(t.Context(), m, anna); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestWhenARoomIsOpen(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Time]bool{
		meeting.Start.Add(-16 * time.Minute): false, meeting.Start.Add(-15 * time.Minute): true, meeting.Start: true,
		meeting.End: true, meeting.End.Add(29 * time.Minute): true, meeting.End.Add(30 * time.Minute): false,
	} {
		if meeting.OpenAt(at) != want {
			t.Errorf("%v: open is %v", at, !want)
		}
	}
}

// ticket checks a JWT as the server would and returns its claims.
func ticket(t *testing.T, link, secret string) map[string]any {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(u.Query().Get("jwt"), ".")
	if len(parts) != 3 {
		t.Fatalf("no ticket in %s", link)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if sig, err := base64.RawURLEncoding.DecodeString(parts[2]); err != nil || !hmac.Equal(sig, mac.Sum(nil)) {
		t.Fatalf("the signature is not of HS256 with the secret")
	}
	var head, body map[string]any
	for i, into := range []*map[string]any{&head, &body} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			t.Fatal(err)
		}
	}
	if head["alg"] != "HS256" || head["typ"] != "JWT" {
		t.Errorf("header %v", head)
	}
	if u.Path != "/"+body["room"].(string) {
		t.Errorf("the ticket is for %v, the address is %s", body["room"], u.Path)
	}
	return body
}

func TestJitsiTickets(t *testing.T) {
	t.Parallel()
	r, err := room.New(room.Settings{JitsiURL: "https://meet.example", JitsiAppID: "sieci", JitsiSecret: "tajne", Key: key, Now: func() time.Time { return now }})
	if err != nil || !r.Own() {
		t.Fatal(err)
	}
	first, err := r.Link(t.Context(), meeting, anna)
	if err != nil {
		t.Fatal(err)
	}
	c := ticket(t, first, "tajne")
	if c["iss"] != "sieci" || c["aud"] != "sieci" || c["sub"] != "meet.example" || c["moderator"] != false || int64(c["exp"].(float64)) != now.Add(5*time.Minute).Unix() {
		t.Errorf("claims %v", c)
	}
	second, err := r.Link(t.Context(), meeting, ewa)
	if err != nil {
		t.Fatal(err)
	}
	lead := ticket(t, second, "tajne")
	user := lead["context"].(map[string]any)["user"].(map[string]any)
	if lead["moderator"] != true || user["moderator"] != true || user["affiliation"] != "owner" || user["name"] != "Ewa Lis" || lead["room"] != c["room"] {
		t.Errorf("claims of who leads %v", lead)
	}
	if strings.Contains(first, anna.ID.String()) || strings.Contains(first, meeting.ID.String()) {
		t.Error("our ids leave the platform")
	}
	other := meeting
	other.ID = uuid.New()
	if l, _ := r.Link(t.Context(), other, anna); ticket(t, l, "tajne")["room"] == c["room"] {
		t.Error("two meetings share a room")
	}
	if fragment := first[strings.Index(first, "#"):]; !strings.Contains(fragment, url.PathEscape(`"Anna Żuk"`)) && !strings.Contains(fragment, url.QueryEscape(`"Anna`)) {
		t.Errorf("the name is not in %s", fragment)
	}
}

func TestOpenJitsi(t *testing.T) {
	t.Parallel()
	r, err := room.New(room.Settings{JitsiURL: "https://meet.example/nauka", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	link, err := r.Link(t.Context(), meeting, anna)
	if err != nil || strings.Contains(link, "jwt=") || !strings.HasPrefix(link, "https://meet.example/nauka/sieci-") {
		t.Errorf("%q, %v", link, err)
	}
}

const bbbSecret = "8cd8ef52e8e101574e400365b55e11a6"

// bbb stands for a BigBlueButton server: it believes a call only with the right
// checksum and lets people join rooms that were created.
type bbb struct {
	mu      sync.Mutex
	rooms   map[string]url.Values
	refused int
}

func (b *bbb) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/bigbluebutton/api/")
	query, sum, _ := strings.Cut(r.URL.RawQuery, "&checksum=")
	want := sha256.Sum256([]byte(name + query + bbbSecret))
	q := r.URL.Query()
	fail := func(key string) {
		b.refused++
		_, _ = w.Write([]byte("<response><returncode>FAILED</returncode><messageKey>" + key + "</messageKey></response>"))
	}
	switch {
	case sum != hex.EncodeToString(want[:]):
		fail("checksumError")
	case name == "create":
		b.rooms[q.Get("meetingID")] = q
		_, _ = w.Write([]byte("<response><returncode>SUCCESS</returncode></response>"))
	case name == "join" && b.rooms[q.Get("meetingID")] == nil:
		fail("notFound")
	case name == "join":
		_, _ = w.Write([]byte(q.Get("role") + " " + q.Get("fullName")))
	default:
		fail("unknown")
	}
}

func open(t *testing.T, address, secret string) room.Room {
	t.Helper()
	r, err := room.New(room.Settings{BBBURL: address + "/bigbluebutton", BBBSecret: secret, Key: key, Base: "https://sieci.example"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBigBlueButton(t *testing.T) {
	t.Parallel()
	server := &bbb{rooms: map[string]url.Values{}}
	at := httptest.NewServer(server)
	t.Cleanup(at.Close)
	r := open(t, at.URL, bbbSecret)
	for g, want := range map[room.Guest]string{anna: "VIEWER Anna Żuk", ewa: "MODERATOR Ewa Lis"} {
		link, err := r.Link(t.Context(), meeting, g)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		var b [200]byte
		n, _ := answer.Body.Read(b[:])
		_ = answer.Body.Close()
		if got := string(b[:n]); got != want {
			t.Errorf("joined as %q, want %q", got, want)
		}
	}
	if len(server.rooms) != 1 || server.refused != 0 {
		t.Errorf("rooms %v, refused %d", server.rooms, server.refused)
	}
	for id, q := range server.rooms {
		if q.Get("name") != meeting.Title || q.Get("duration") != "155" || q.Get("logoutURL") != "https://sieci.example/spotkania/"+meeting.ID.String() || q.Get("record") != "false" {
			t.Errorf("room %s: %v", id, q)
		}
	}
}

func TestBigBlueButtonThatRefuses(t *testing.T) {
	t.Parallel()
	at := httptest.NewServer(&bbb{rooms: map[string]url.Values{}})
	t.Cleanup(at.Close)
	_, err := open(t, at.URL, "inny sekret").Link(t.Context(), meeting, anna)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "checksumError") {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), "checksum=") {
		t.Errorf("the signature is in the error: %v", err)
	}
}

func TestBigBlueButtonThatIsDown(t *testing.T) {
	t.Parallel()
	silent := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-silent:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(silent) })
	moved := httptest.NewServer(http.RedirectHandler("https://elsewhere.example/", http.StatusFound))
	t.Cleanup(moved.Close)
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>not XML")) }))
	t.Cleanup(odd.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, at := range map[string]string{"slow": slow.URL, "moved": moved.URL, "odd": odd.URL, "gone": gone.URL} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err := open(t, at, bbbSecret).Link(ctx, meeting, anna)
		cancel()
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "checksum=") {
			t.Errorf("%s: the signature is in the error: %v", name, err)
		}
	}
}
