package room

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// Jitsi makes rooms on a Jitsi Meet server. With an application id and secret a
// link carries a ticket: a JWT (HS256) for this room and person alone. Without,
// the server is open and only the name of the room, which cannot be guessed,
// keeps others out.
type Jitsi struct {
	base   *url.URL
	app    string
	secret []byte
	key    []byte
	now    func() time.Time
}

var _ Room = (*Jitsi)(nil)

// ticketLife is how long a ticket lets in: it is made at the moment of entering.
const ticketLife = 5 * time.Minute

// Own implements [Room].
func (j *Jitsi) Own() bool { return true }

// Link implements [Room]; it calls nobody.
func (j *Jitsi) Link(_ context.Context, m Meeting, g Guest) (string, error) {
	name := hidden(j.key, "room", m.ID)
	u := j.base.JoinPath(name)
	// Parts behind # never reach a server or its log.
	fragment := url.Values{}
	fragment.Set("config.subject", quoted(m.Title))
	fragment.Set("userInfo.displayName", quoted(g.Name))
	if len(j.secret) > 0 {
		ticket, err := j.ticket(name, g)
		if err != nil {
			return "", err
		}
		u.RawQuery = url.Values{"jwt": {ticket}}.Encode()
	}
	return u.String() + "#" + strings.ReplaceAll(fragment.Encode(), "+", "%20"), nil
}

// claims are those that Jitsi's token authentication reads (prosody's
// mod_auth_token): aud and iss the application, sub the domain, room its name.
type claims struct {
	Audience string `json:"aud"`
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Room     string `json:"room"`
	NotUntil int64  `json:"nbf"`
	Expires  int64  `json:"exp"`
	// Moderator is read by the usual plug-in for moderators; the one in user by
	// newer servers.
	Moderator bool  `json:"moderator"`
	Context   scene `json:"context"`
}

type scene struct {
	User user `json:"user"`
}

type user struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Moderator   bool   `json:"moderator"`
	Affiliation string `json:"affiliation"`
}

func (j *Jitsi) ticket(room string, g Guest) (string, error) {
	now := j.now()
	affiliation := "member"
	if g.Moderator {
		affiliation = "owner"
	}
	body, err := json.Marshal(claims{
		Audience: j.app, Issuer: j.app, Subject: j.base.Hostname(), Room: room,
		NotUntil: now.Add(-time.Minute).Unix(), Expires: now.Add(ticketLife).Unix(), Moderator: g.Moderator,
		Context: scene{user{ID: hidden(j.key, "person", g.ID), Name: g.Name, Moderator: g.Moderator, Affiliation: affiliation}},
	})
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + enc.EncodeToString(body)
	mac := hmac.New(sha256.New, j.secret)
	mac.Write([]byte(signed))
	return signed + "." + enc.EncodeToString(mac.Sum(nil)), nil
}

// quoted is a value as Jitsi reads it from the fragment: JSON.
func quoted(s string) string {
	raw, _ := json.Marshal(s) // a string always has a JSON form
	return string(raw)
}
