package kit_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/kit"
)

// The time for the work does not run while the client sends: the body comes in
// two halves with two whole deadlines between them.
func TestSlowBodyIsNoSlowWork(t *testing.T) {
	t.Parallel()
	stuck := kit.PostPage("/wolno", kit.Public, "trial", func(c *kit.Ctx) error {
		<-c.Context().Done()
		return fault.Wrap(c.Context().Err(), fault.Internal, "fault.internal")
	})
	prompt := kit.PostPage("/praca", kit.Public, "trial", func(c *kit.Ctx) error {
		if err := c.Context().Err(); err != nil {
			return err
		}
		c.Response().Header().Set("X-Name", c.Form().Get("nazwa"))
		return c.Redirect("/", "")
	})
	s := start(t, func(c *kit.Config) { c.Timeout = 100 * time.Millisecond }, append(rows(), stuck, prompt)...)
	send := func(path string) *answer {
		body, client := io.Pipe()
		go func() {
			_, _ = io.WriteString(client, "nazwa=Powolny")
			for range 2 {
				if r := s.get("/blad/wolno"); r.StatusCode != 503 {
					t.Errorf("a request without a body: %d", r.StatusCode)
				}
			}
			_, _ = io.WriteString(client, "+list")
			_ = client.Close()
		}()
		return s.ask(http.MethodPost, path, body, as("anna"), header("Content-Type", "application/x-www-form-urlencoded"))
	}
	if r := send("/praca"); r.StatusCode != 303 || r.Header.Get("X-Name") != "Powolny list" {
		t.Errorf("sent slowly: %d, name %q", r.StatusCode, r.Header.Get("X-Name"))
	}
	if r := send("/wolno"); r.StatusCode != 503 {
		t.Errorf("work without end after a slow body: %d", r.StatusCode)
	}
}
