// Package room opens online rooms of meetings behind one port: a link that the
// coordinator pasted, Jitsi with signed tickets, or BigBlueButton. Which one an
// installation uses is a setting; secrets come from the environment.
//
// Nobody holds an address that opens a room for good: [Room.Link] makes a
// personal one when somebody enters, after the service of meetings checked that
// they take part. The package owns no table.
package room

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
)

// When a room may be entered: from a quarter of an hour before the beginning to
// half an hour after the end, for those who talk on.
const (
	Before = 15 * time.Minute
	After  = 30 * time.Minute
)

// Meeting is what a room knows of a meeting.
type Meeting struct {
	ID         uuid.UUID
	Title      string
	Start, End time.Time
	// Link is what the coordinator pasted; kinds of room with rooms of their own
	// ignore it.
	Link string
}

// OpenAt reports whether the room may be entered at the time.
func (m *Meeting) OpenAt(now time.Time) bool {
	return !now.Before(m.Start.Add(-Before)) && now.Before(m.End.Add(After))
}

// Guest is who enters. Moderators lead the meeting.
type Guest struct {
	ID        uuid.UUID
	Name      string
	Moderator bool
}

// Room makes personal addresses of rooms. Safe for concurrent use.
type Room interface {
	// Link is the address at which the guest enters now; it works for this
	// person and a short time only, where the kind of room can tell. It may ask
	// the server of the rooms, within ctx and [Deadline]. Unavailable when that
	// does not answer; NotFound when the meeting has no room.
	Link(ctx context.Context, m Meeting, g Guest) (string, error)
	// Own reports whether the room needs no link by hand.
	Own() bool
}

// Deadline of one call to a server of rooms.
const Deadline = 4 * time.Second

// Settings choose the kind of room; a kind without its address is not used, and
// none leaves the links that coordinators paste.
type Settings struct {
	JitsiURL, JitsiAppID, JitsiSecret string
	BBBURL, BBBSecret                 string
	// Base is the platform's address, where people return to.
	Base string
	// Key makes names of rooms that cannot be guessed; at least 32 bytes, the
	// same on every node.
	Key []byte
	// Now is real time, for tickets; default time.Now.
	Now func() time.Time
}

// Check is New for a look at the settings alone.
func (s Settings) Check() error {
	_, err := New(s)
	return err
}

// New makes the room of the settings. Invalid, with a sentence for who runs the
// platform, when they contradict each other or an address is wrong.
func New(s Settings) (Room, error) {
	if s.Now == nil {
		s.Now = time.Now
	}
	switch {
	case s.JitsiURL != "" && s.BBBURL != "":
		return nil, fault.New(fault.Invalid, "room.both")
	case s.JitsiURL != "":
		if (s.JitsiAppID == "") != (s.JitsiSecret == "") {
			return nil, fault.New(fault.Invalid, "room.jitsi_half")
		}
		u, err := address(s.JitsiURL)
		if err != nil {
			return nil, err
		}
		return &Jitsi{base: u, app: s.JitsiAppID, secret: []byte(s.JitsiSecret), key: s.Key, now: s.Now}, nil
	case s.BBBURL != "":
		if s.BBBSecret == "" {
			return nil, fault.New(fault.Invalid, "room.bbb_secret")
		}
		u, err := address(s.BBBURL)
		if err != nil {
			return nil, err
		}
		return newBBB(u, &s), nil
	}
	return Pasted{}, nil
}

// hidden is a name that tells two things of a kind apart, cannot be guessed and
// does not give our ids away.
func hidden(key []byte, kind string, id uuid.UUID) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(kind + ":" + id.String()))
	return "sieci-" + hex.EncodeToString(mac.Sum(nil)[:12])
}

// address reads the address of a server: https, or http on this machine.
func address(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())) {
		return nil, fault.New(fault.Invalid, "room.address", "Value", raw)
	}
	return u, nil
}

func local(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// Pasted leads to the link that the coordinator pasted.
type Pasted struct{}

var _ Room = Pasted{}

// Own implements [Room].
func (Pasted) Own() bool { return false }

// Link implements [Room].
func (Pasted) Link(_ context.Context, m Meeting, _ Guest) (string, error) {
	u, err := url.Parse(m.Link)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", fault.ErrNotFound
	}
	return u.String(), nil
}
