package work

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"ore.edu.pl/sieci/core/clock"
)

var fiveFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// leastGap is the contract's: no job of a module by cron more often than hourly.
const leastGap = time.Hour

// parseCron reads five fields and refuses what would run more often than hourly.
func parseCron(text string) (cron.Schedule, error) {
	if strings.Contains(text, "=") || strings.HasPrefix(strings.TrimSpace(text), "@") {
		return nil, fmt.Errorf("cron %q: five fields, no zone and no names of periods", text)
	}
	s, err := fiveFields.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("cron %q: %w", text, err)
	}
	// Any 30 hours show the shortest gap within a day; days only make it longer.
	at := next(s, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	for end := at.Add(30 * time.Hour); !at.IsZero() && at.Before(end); {
		then := next(s, at)
		if !then.IsZero() && then.Sub(at) < leastGap {
			return nil, fmt.Errorf("cron %q: more often than hourly", text)
		}
		at = then
	}
	return s, nil
}

// next is the first tick after t, Warsaw time; zero when there is none in years.
func next(s cron.Schedule, t time.Time) time.Time {
	n := s.Next(t.In(clock.Warsaw))
	if n.IsZero() {
		return n
	}
	return n.UTC()
}
