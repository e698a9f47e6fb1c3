package room

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ore.edu.pl/sieci/core/fault"
)

// BigBlueButton makes rooms on a BigBlueButton server by its API: create, which
// does nothing when the room is there, and join. Every call is signed with the
// SHA-256 of its name, query and the shared secret (servers since 2.5; 3.0
// refuses SHA-1).
type BigBlueButton struct {
	base   *url.URL
	secret string
	key    []byte
	back   string
	client *http.Client
}

var _ Room = (*BigBlueButton)(nil)

// maxAnswer bounds the answer of a server, in bytes; a real one has about 1 KB.
const maxAnswer = 64 << 10

func newBBB(base *url.URL, s *Settings) *BigBlueButton {
	return &BigBlueButton{base: base, secret: s.BBBSecret, key: s.Key, back: s.Base, client: &http.Client{
		Timeout: Deadline,
		// A redirected call would carry its signature elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Own implements [Room].
func (b *BigBlueButton) Own() bool { return true }

// Link implements [Room]: it makes sure that the room is there and signs the
// address to join. Unavailable when the server does not answer in time or
// refuses.
func (b *BigBlueButton) Link(ctx context.Context, m Meeting, g Guest) (string, error) {
	if err := b.create(ctx, m); err != nil {
		return "", err
	}
	role := "VIEWER"
	if g.Moderator {
		role = "MODERATOR"
	}
	return b.call("join", url.Values{
		"fullName": {g.Name}, "meetingID": {hidden(b.key, "room", m.ID)}, "role": {role}, "userID": {hidden(b.key, "person", g.ID)}, "redirect": {"true"},
	}), nil
}

func (b *BigBlueButton) create(ctx context.Context, m Meeting) error {
	minutes := int((m.End.Sub(m.Start) + Before + After) / time.Minute)
	q := url.Values{
		"name": {m.Title}, "meetingID": {hidden(b.key, "room", m.ID)}, "record": {"false"}, "allowStartStopRecording": {"false"},
		"duration": {strconv.Itoa(minutes)}, "logoutURL": {b.back + "/spotkania/" + m.ID.String()},
	}
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.call("create", q), nil)
	if err != nil {
		return fmt.Errorf("call of the room server: %w", err)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		return down(bare(err))
	}
	defer answer.Body.Close()
	var said struct {
		Code string `xml:"returncode"`
		Key  string `xml:"messageKey"`
	}
	if answer.StatusCode != http.StatusOK {
		return down(fmt.Errorf("status %d", answer.StatusCode))
	}
	if err := xml.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&said); err != nil {
		return down(err)
	}
	if said.Code != "SUCCESS" {
		return down(fmt.Errorf("refused: %s", said.Key))
	}
	return nil
}

// bare drops the address, which holds a signature, from an error of the client.
func bare(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}

func down(cause error) error {
	return fault.Wrap(fmt.Errorf("room server: %w", cause), fault.Unavailable, "room.down")
}

// call is the signed address of a call.
func (b *BigBlueButton) call(name string, q url.Values) string {
	query := q.Encode()
	sum := sha256.Sum256([]byte(name + query + b.secret))
	u := b.base.JoinPath("api", name)
	u.RawQuery = query + "&checksum=" + hex.EncodeToString(sum[:])
	return u.String()
}
