package identity

import (
	"context"
	"math"
	"net/netip"
	"time"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Throttling. An attempt is counted before the password is looked at, so that
// a hundred at once are a hundred. Counters are kept per account and address
// together and per address alone; none is per account alone, so nobody can shut
// an owner out from elsewhere. A shut address still lets in whoever signed in
// from it before: a pupil in the computer room does not lock out the teachers
// behind the same router. A success takes back its own attempt, so newcomers
// who know their passwords never shut the room that they sit in.

// limit is how many attempts are let through in a window before a block.
type limit struct {
	name     string
	attempts int
	window   time.Duration
	block    time.Duration
}

var (
	// Five guesses, then a quarter of an hour: 480 a day, against a password
	// that is not among the common ones.
	limitAccount = limit{"signin.account", 5, 15 * time.Minute, 15 * time.Minute}
	// Mistyped passwords of a school behind one address.
	limitAddress = limit{"signin.address", 60, 15 * time.Minute, 15 * time.Minute}
	// Letters to one mailbox, whoever asks for them.
	limitMailbox = limit{"mail.box", 3, time.Hour, time.Hour}
	// Registrations and resets asked for from one address: a training room.
	limitMailer = limit{"mail.address", 60, time.Hour, time.Hour}
	// Guesses of the current password by whoever holds a session.
	limitChange = limit{"password.change", 5, 15 * time.Minute, 15 * time.Minute}
)

// attempt counts one and returns until when it is blocked; zero when let through.
func (s *Service) attempt(ctx context.Context, l limit, parts ...string) (time.Time, error) {
	return countAttempt(ctx, s.DB, s.throttleKey(l, parts...), l, s.Now())
}

// forgive takes back the counter after a success.
func (s *Service) forgive(ctx context.Context, q db.Q, l limit, parts ...string) error {
	return dropAttempts(ctx, q, s.throttleKey(l, parts...))
}

// takeBack uncounts one attempt after a success and leaves the failures of
// others counted: somebody with an account cannot wipe guesses out with it.
func (s *Service) takeBack(ctx context.Context, q db.Q, l limit, parts ...string) error {
	return uncountAttempt(ctx, q, s.throttleKey(l, parts...))
}

func (s *Service) throttleKey(l limit, parts ...string) string {
	return l.name + ":" + s.digest(append([]string{l.name}, parts...)...)
}

func (s *Service) tooMany(until time.Time) error {
	minutes := int(math.Ceil(until.Sub(s.Now()).Minutes()))
	return fault.New(fault.TooMany, "identity.too_many", "N", max(minutes, 1))
}

// neighbourhood is the part of an address that one attacker commands: an IPv4
// address, or the /64 of an IPv6 one.
func neighbourhood(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return "unknown"
	}
	return p.String()
}
