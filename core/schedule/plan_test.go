package schedule

import (
	"testing"
	"time"

	"ore.edu.pl/sieci/core/clock"
	"pgregory.net/rapid"
)

// Whatever day of whatever year a meeting is on, clock changes, leap days and
// new years between: the alarm is due at eight on the seventh day before, the
// reminders on the third and the last before seven, when the digest of that day
// goes out; in order and before the meeting.
func TestPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		starts := moment(t, "meeting")
		now := starts.Add(-time.Duration(rapid.IntRange(1, 400*24*60).Draw(t, "ahead")) * time.Minute)
		list := plan(starts, now)
		seen := map[string]bool{}
		for i, n := range list {
			if seen[n.Kind] || n.Due.Before(now) || !n.Due.Before(starts) || i > 0 && n.Due.Before(list[i-1].Due) {
				t.Fatalf("planned for %v at %v: %v", starts, now, list)
			}
			seen[n.Kind] = true
			days := map[string]int{noticeProgramme: 7, noticeDays3: 3, noticeDay1: 1}[n.Kind]
			due, day := n.Due.In(clock.Warsaw), starts.In(clock.Warsaw)
			if n.Due.Equal(now) {
				continue
			}
			if (n.Kind == noticeProgramme) != (due.Hour() == 8) || n.Kind != noticeProgramme && due.Hour() >= 7 || due.Minute() != 0 || between(due, day) != days {
				t.Fatalf("%s of %v is due at %v", n.Kind, day, due)
			}
		}
		if !seen[noticeProgramme] {
			t.Fatalf("no alarm for %v at %v", starts, now)
		}
	})
}

// However the clock goes on, in steps or jumps, on one server or several taking
// turns: the alarm is sent once, each reminder at most once, never two together
// and none after the beginning; with small steps all are sent.
func TestNoticesOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		starts := moment(t, "meeting")
		now := starts.AddDate(0, 0, -rapid.IntRange(8, 60).Draw(t, "days"))
		waiting := plan(starts, now)
		most := rapid.IntRange(1, 20*24*60).Draw(t, "longest step")
		sent := map[string]int{}
		for end := starts.Add(48 * time.Hour); now.Before(end); {
			now = now.Add(time.Duration(rapid.IntRange(1, most).Draw(t, "step")) * time.Minute)
			var due []string
			rest := waiting[:0:0]
			for _, n := range waiting {
				if n.Due.After(now) {
					rest = append(rest, n)
				} else {
					due = append(due, n.Kind)
				}
			}
			waiting = rest
			reminders := 0
			for k := range late(due, starts, now) {
				sent[k]++
				if k != noticeProgramme {
					reminders++
				}
			}
			if reminders > 1 || reminders > 0 && !now.Before(starts) {
				t.Fatalf("%d reminders at %v of a meeting at %v", reminders, now, starts)
			}
		}
		for k, n := range sent {
			if n != 1 {
				t.Fatalf("%s sent %d times", k, n)
			}
		}
		if most < 24*60 && len(sent) != 3 && starts.In(clock.Warsaw).Hour() > reminderHour {
			t.Fatalf("steps of at most %d minutes sent %v", most, sent)
		}
		if len(waiting) != 0 {
			t.Fatalf("left: %v", waiting)
		}
	})
}

func moment(t *rapid.T, name string) time.Time {
	day := time.Date(2026, 9, 1, 0, 0, 0, 0, clock.Warsaw).AddDate(0, 0, rapid.IntRange(0, 3650).Draw(t, name+" day"))
	return time.Date(day.Year(), day.Month(), day.Day(), rapid.IntRange(6, 21).Draw(t, name+" hour"), rapid.IntRange(0, 59).Draw(t, name+" minute"), 0, 0, clock.Warsaw).UTC()
}

// between is how many days of the calendar lie between two moments.
func between(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)).Hours() / 24)
}
