// Package clock gives the time of the domain. Deadlines, offers, stages and
// timers of the platform read it, so that tests fix it and a demonstration can
// move it. Sessions, tokens and TLS keep real time and never use this package.
package clock

import (
	"sync/atomic"
	"time"
	_ "time/tzdata" // the zone must be known on machines without a zone database
)

// Warsaw is the zone in which the platform's people live (requirement 44).
var Warsaw = mustZone("Europe/Warsaw")

func mustZone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}

// Clock tells the domain time. Implementations are safe for concurrent use.
type Clock interface {
	// Now is the domain time in UTC, to the microsecond (PostgreSQL's precision).
	Now() time.Time
}

// Shifted is real time plus an offset. The offset is set by whoever owns its
// storage (core/app reads it from the database); the zero value is real time.
type Shifted struct{ offset atomic.Int64 }

var _ Clock = (*Shifted)(nil)

// Now is real time plus the offset.
func (s *Shifted) Now() time.Time {
	return time.Now().Add(time.Duration(s.offset.Load())).UTC().Truncate(time.Microsecond)
}

// Offset is how far the domain is ahead of real time.
func (s *Shifted) Offset() time.Duration { return time.Duration(s.offset.Load()) }

// SetOffset moves the domain; negative offsets are allowed.
func (s *Shifted) SetOffset(d time.Duration) { s.offset.Store(int64(d)) }

// Fixed stands still until moved. For tests.
type Fixed struct{ at atomic.Int64 }

var _ Clock = (*Fixed)(nil)

// NewFixed returns a clock that stands at t.
func NewFixed(t time.Time) *Fixed {
	f := &Fixed{}
	f.Set(t)
	return f
}

// Now is where the clock stands.
func (f *Fixed) Now() time.Time { return time.UnixMicro(f.at.Load()).UTC() }

// Set puts the clock at t.
func (f *Fixed) Set(t time.Time) { f.at.Store(t.UnixMicro()) }

// Advance moves the clock by d.
func (f *Fixed) Advance(d time.Duration) { f.at.Add(d.Microseconds()) }

// SchoolYear is the year in which the Polish school year holding t began:
// it runs from 1 September to 31 August (Prawo oświatowe art. 94), Warsaw time.
func SchoolYear(t time.Time) int {
	t = t.In(Warsaw)
	if t.Month() >= time.September {
		return t.Year()
	}
	return t.Year() - 1
}
