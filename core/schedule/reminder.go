package schedule

import (
	"time"

	"ore.edu.pl/sieci/core/clock"
)

// What is due before a meeting.
const (
	noticeProgramme = "programme" // the coordinator: send the programme (requirement 41: seven days before)
	noticeDays3     = "days3"     // everybody who comes or has not answered
	noticeDay1      = "day1"
)

// notice is something due before a meeting.
type notice struct {
	Kind string
	Due  time.Time
}

// When notices are due. The alarm is a letter of its own and comes after the
// quiet hours; reminders come in the digest, which goes out at seven, so they
// are written before: one written after it would be read a day late.
const (
	alarmHour    = 8
	reminderHour = 6
)

// ahead are the notices with how many days before the meeting, and at what hour,
// they are due; the earliest first.
var ahead = []struct {
	kind       string
	days, hour int
}{{noticeProgramme, 7, alarmHour}, {noticeDays3, 3, reminderHour}, {noticeDay1, 1, reminderHour}}

// plan lists what is due before a meeting that begins at starts and is announced
// (or moved) at now. Days are days of the calendar in Warsaw, whatever the
// clocks do in between. The alarm is due at once when its day has passed; a
// reminder whose day has passed is left out: the invitation has just said it.
func plan(starts, now time.Time) []notice {
	if !starts.After(now) {
		return nil
	}
	var out []notice
	s := starts.In(clock.Warsaw)
	for _, n := range ahead {
		due := time.Date(s.Year(), s.Month(), s.Day()-n.days, n.hour, 0, 0, 0, clock.Warsaw).UTC()
		if !due.After(now) {
			if n.kind != noticeProgramme {
				continue
			}
			due = now
		}
		out = append(out, notice{n.kind, due})
	}
	return out
}

// late picks, of notices that are due together, those to be sent: the alarm, and
// the latest reminder alone, as long as the meeting has not begun.
func late(kinds []string, starts, now time.Time) map[string]bool {
	out := map[string]bool{}
	if !starts.After(now) {
		return out
	}
	last := ""
	for _, n := range ahead {
		for _, k := range kinds {
			switch {
			case k != n.kind:
			case k == noticeProgramme:
				out[k] = true
			default:
				last = k
			}
		}
	}
	if last != "" {
		out[last] = true
	}
	return out
}
