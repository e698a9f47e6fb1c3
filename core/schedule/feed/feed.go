// Package feed serves people's meetings to their own calendars: an address with
// a secret that a calendar program reads again and again without signing in.
//
// The secret (130 bits) is shown once, when the address is made; the database
// keeps its SHA-256. Renewing gives a new address and the old one stops at
// once. A feed shows what its owner may see at this moment, by [Meetings].
//
// It owns calendar_feed; only this package writes it. Reading a feed writes
// nothing.
package feed

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/ical"
)

// PermSelf looks at one's own calendar and makes its address.
const PermSelf access.Permission = "calendar:self"

// What a feed holds: a year back, two ahead; how many at most, the meetings say.
const (
	yearsBack  = 1
	yearsAhead = 2
)

// Meetings knows what a person is invited to; *schedule.Service is one.
type Meetings interface {
	Get(ctx context.Context, a *access.Actor, id uuid.UUID) (*schedule.Detail, error)
	FeedEvents(ctx context.Context, person uuid.UUID, from, to time.Time) ([]schedule.FeedEvent, error)
}

var _ Meetings = (*schedule.Service)(nil)

// Config of a [Service]; every field is required.
type Config struct {
	DB       *db.DB
	Access   *access.Authorizer
	Audit    *audit.Log
	Clock    clock.Clock
	Meetings Meetings
	// BaseURL is the platform's address; its host makes ids of events unique.
	BaseURL string
}

// Service serves feeds. Safe for concurrent use.
type Service struct {
	Config
	host string
}

// New makes the service; it panics on an incomplete configuration.
func New(c Config) *Service {
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Hostname() == "" || c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Meetings == nil {
		panic("feed: incomplete configuration")
	}
	return &Service{Config: c, host: u.Hostname()}
}

// State says whether a person's feed has an address, and since when.
type State struct {
	Active bool
	Since  time.Time
}

// State reads the actor's own. Needs calendar:self.
func (s *Service) State(ctx context.Context, a *access.Actor) (State, error) {
	if err := s.own(a); err != nil {
		return State{}, err
	}
	return stateOf(ctx, s.DB, a.Person)
}

func (s *Service) own(a *access.Actor) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return s.Access.Require(a, PermSelf, access.Place{})
}

// Renew gives the actor's feed a new address, the first one or in place of the
// old, and returns it: it is never shown again. Needs calendar:self. A repeat of
// the same form is a Conflict, not another address.
func (s *Service) Renew(ctx context.Context, a *access.Actor) (address string, err error) {
	if err := s.own(a); err != nil {
		return "", err
	}
	token := rand.Text()
	fresh := false
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		fresh = false
		_, err := idem.Do(ctx, tx, a.Person, "calendar.feed:renew", nil, func() (struct{}, error) {
			fresh = true
			if err := putFeed(ctx, tx, a.Person, digest(token), s.Clock.Now()); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, s.note(ctx, tx, a, "calendar.feed:renew")
		})
		return err
	})
	if err == nil && !fresh {
		err = fault.New(fault.Conflict, "calendar.feed.shown")
	}
	if err != nil {
		return "", err
	}
	return s.BaseURL + Path(token), nil
}

// Path is the address of a feed on the platform.
func Path(token string) string { return "/kal/" + token + ".ics" }

// Revoke ends the actor's address. Needs calendar:self. No address is no error.
func (s *Service) Revoke(ctx context.Context, a *access.Actor) error {
	if err := s.own(a); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "calendar.feed:revoke", nil, func() (struct{}, error) {
			n, err := dropFeed(ctx, tx, a.Person)
			if err != nil || n == 0 {
				return struct{}{}, err
			}
			return struct{}{}, s.note(ctx, tx, a, "calendar.feed:revoke")
		})
		return err
	})
}

func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, action string) error {
	return s.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "person", ObjectID: a.Person.String()})
}

// Document is a calendar file; equal content has an equal Tag, for ETag.
type Document struct {
	Body []byte
	Tag  string
}

// Read is the feed behind a secret, with meetings from a year ago to two years
// ahead. NotFound for anything that is no secret in force; also when its owner's
// account is not active. Two round trips.
func (s *Service) Read(ctx context.Context, token string) (Document, error) {
	if len(token) < 20 || len(token) > 64 {
		return Document{}, fault.ErrNotFound
	}
	owner, err := findOwner(ctx, s.DB, digest(token))
	if err != nil {
		return Document{}, err
	}
	if l, ok := i18n.Parse(owner.Lang); ok {
		ctx = i18n.With(ctx, l)
	}
	now := s.Clock.Now()
	events, err := s.Meetings.FeedEvents(ctx, owner.ID, now.AddDate(-yearsBack, 0, 0), now.AddDate(yearsAhead, 0, 0))
	if err != nil {
		return Document{}, err
	}
	return document(ical.Calendar{Host: s.host, Name: i18n.T(ctx, "calendar.feed.name"), Events: s.events(ctx, events)})
}

// One is a single meeting as a file to import, as the feed of the actor has it.
// NotFound as for the meeting's page, and for meetings that the actor is not
// invited to or declined.
func (s *Service) One(ctx context.Context, a *access.Actor, meeting uuid.UUID) (Document, error) {
	d, err := s.Meetings.Get(ctx, a, meeting)
	if err != nil {
		return Document{}, err
	}
	found, err := s.Meetings.FeedEvents(ctx, a.Person, d.Starts, d.Ends)
	if err != nil {
		return Document{}, err
	}
	for _, e := range s.events(ctx, found) {
		if e.ID == meeting {
			return document(ical.Calendar{Host: s.host, Events: []ical.Event{e}})
		}
	}
	return Document{}, fault.ErrNotFound
}

// events puts meetings into the words of calendars.
func (s *Service) events(ctx context.Context, list []schedule.FeedEvent) []ical.Event {
	out := make([]ical.Event, 0, len(list))
	for i := range list {
		m := &list[i]
		raw, _, _ := strings.Cut(m.UID, "@")
		id, err := uuid.Parse(raw)
		if err != nil {
			continue
		}
		e := ical.Event{ID: id, Sequence: m.Sequence, Start: m.Starts, End: m.Ends, Updated: m.UpdatedAt, Cancelled: m.Cancelled, Summary: m.Title,
			Network: m.Network, Location: m.Place, URL: s.BaseURL + m.Path}
		e.Description = i18n.T(ctx, "calendar.feed.about", "Kind", m.KindTitle, "Network", m.Network)
		if m.Link != "" {
			e.Description += "\n" + i18n.T(ctx, "calendar.feed.link", "Link", m.Link)
			if e.Location == "" {
				e.Location = m.Link
			}
		}
		e.Description += "\n" + e.URL
		out = append(out, e)
	}
	return out
}

func document(c ical.Calendar) (Document, error) {
	body, err := ical.Write(c)
	if err != nil {
		return Document{}, err
	}
	sum := sha256.Sum256(body)
	return Document{Body: body, Tag: `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`}, nil
}

func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
