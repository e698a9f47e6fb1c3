package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"regexp"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// Paths on the platform that letters lead to.
const (
	listPath = "/powiadomienia"
	// SettingsPath is where a person chooses what comes by mail.
	SettingsPath = "/konto/powiadomienia"
	// StopPath + token stops letters without signing in (RFC 8058).
	StopPath = "/wypisz/"
)

// Rhythm of the digest.
type Rhythm string

// Rhythms, as in the CHECK of notify_setting.
const (
	Daily  Rhythm = "daily"
	Weekly Rhythm = "weekly" // on Monday
	Never  Rhythm = "none"   // only the list on the platform
)

// Rhythms in the order in which a form offers them.
var Rhythms = []Rhythm{Daily, Weekly, Never}

// Frequency is how a person hears of one network.
type Frequency string

// Frequencies, as in the CHECK of notify_network.
const (
	InDigest  Frequency = "digest"
	Immediate Frequency = "immediate"
	Muted     Frequency = "none" // only the list on the platform
)

// Frequencies in the order in which a form offers them.
var Frequencies = []Frequency{InDigest, Immediate, Muted}

// Bounds of the quiet hours, of Europe/Warsaw: from an evening hour (24 is
// midnight) to a morning hour.
const (
	QuietFromMin, QuietFromMax = 16, 24
	QuietToMin, QuietToMax     = 0, 12
)

// Settings are how a person wants to be written to.
type Settings struct {
	Digest Rhythm
	// QuietFrom and QuietTo bound the hours without letters.
	QuietFrom, QuietTo int
	// FreeDays means no letters on weekends, public holidays and in the winter
	// break of Region (a TERYT voivodeship; "" for none); that of the person's
	// school until they have saved another choice.
	FreeDays bool
	Region   string
	// Version is what was read, 0 before the first saving.
	Version int
	// Networks are the person's own, each with its frequency.
	Networks []NetworkSetting
}

// NetworkSetting is how a person hears of one network.
type NetworkSetting struct {
	ID        uuid.UUID
	Title     string
	Frequency Frequency
}

var region = regexp.MustCompile(`^([0-9]{2})?$`)

func (in *Settings) check() error {
	var wrong fault.Fields
	if in.Digest != Daily && in.Digest != Weekly && in.Digest != Never {
		wrong.Add("digest", "notify.wrong.digest")
	}
	if in.QuietFrom < QuietFromMin || in.QuietFrom > QuietFromMax {
		wrong.Add("quiet_from", "notify.wrong.hour")
	}
	if in.QuietTo < QuietToMin || in.QuietTo > QuietToMax {
		wrong.Add("quiet_to", "notify.wrong.hour")
	}
	if !region.MatchString(in.Region) {
		wrong.Add("region", "notify.wrong.region")
	}
	for _, n := range in.Networks {
		if n.Frequency != InDigest && n.Frequency != Immediate && n.Frequency != Muted {
			wrong.Add("network."+n.ID.String(), "notify.wrong.frequency")
		}
	}
	return wrong.Err()
}

// Settings are the actor's own, with all their networks. Unauthenticated for guests.
func (s *Service) Settings(ctx context.Context, a *access.Actor) (Settings, error) {
	if err := s.own(a); err != nil {
		return Settings{}, err
	}
	names, err := s.c.Networks.Of(ctx, a)
	if err != nil {
		return Settings{}, err
	}
	return settingsOf(ctx, s.c.DB, a.Person, names)
}

// SaveSettings changes the actor's own; of networks only those in which they
// hold a role. Invalid with the fields digest, quiet_from, quiet_to, region and
// network.ID; Conflict when somebody saved since Version was read.
func (s *Service) SaveSettings(ctx context.Context, a *access.Actor, in Settings) error {
	if err := s.own(a); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	names, err := s.c.Networks.Of(ctx, a)
	if err != nil {
		return err
	}
	mine := map[uuid.UUID]bool{}
	for _, n := range names {
		mine[n.ID] = true
	}
	var kept []NetworkSetting
	for _, n := range in.Networks {
		if mine[n.ID] {
			kept = append(kept, n)
		}
	}
	in.Networks = kept
	return s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "notify:settings", in, func() (struct{}, error) {
			if err := saveSettings(ctx, tx, a.Person, &in); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, s.c.Audit.Write(ctx, tx, event(a.Person, "notification:settings"))
		})
		return err
	})
}

// Stopping is what a stop link stops: the digest, or letters about one network.
type Stopping struct {
	Person, Network uuid.UUID
	// Title is the network's name; "" for the digest.
	Title string
}

// stopToken signs what a letter's stop link stops: person, network (zero for
// the digest) and 16 bytes of HMAC-SHA-256. It never expires: letters lie long.
func (s *Service) stopToken(person, network uuid.UUID) string {
	b := append(append(make([]byte, 0, 48), person[:]...), network[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, s.seal(b)...))
}

func (s *Service) seal(b []byte) []byte {
	m := hmac.New(sha256.New, s.c.Secret)
	m.Write([]byte("notify.stop\x00"))
	m.Write(b)
	return m.Sum(nil)[:16]
}

// Stops reads the token of a stop link without changing anything; NotFound for
// one that we did not sign. Needs no session: who has the letter may stop it.
func (s *Service) Stops(ctx context.Context, token string) (Stopping, error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 48 || !hmac.Equal(b[32:], s.seal(b[:32])) {
		return Stopping{}, fault.ErrNotFound
	}
	out := Stopping{Person: uuid.UUID(b[:16]), Network: uuid.UUID(b[16:32])}
	if out.Network == uuid.Nil {
		return out, nil
	}
	titles, err := s.c.Networks.Titles(ctx, []uuid.UUID{out.Network})
	if err != nil {
		return Stopping{}, err
	}
	if out.Title = titles[out.Network]; out.Title == "" {
		return Stopping{}, fault.ErrNotFound
	}
	return out, nil
}

// Stop ends the letters that the token names (RFC 8058): the digest for good,
// or everything about one network but what must go out at once. Doing it twice
// is harmless.
func (s *Service) Stop(ctx context.Context, token string) (Stopping, error) {
	what, err := s.Stops(ctx, token)
	if err != nil {
		return Stopping{}, err
	}
	return what, s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := stop(ctx, tx, what.Person, what.Network); err != nil {
			return err
		}
		return s.c.Audit.Write(ctx, tx, event(what.Person, "notification:stop"))
	})
}

func event(person uuid.UUID, action string) audit.Event {
	return audit.Event{Actor: person, Action: action, ObjectKind: "person", ObjectID: person.String()}
}
