package schedule

import (
	"strings"
	"time"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// When is the time of a meeting as people type it, in Warsaw. Folds are "",
// [calendar.First] or [calendar.Second] and count only in the doubled hour.
type When struct {
	Day, Start, End string
	// LastDay is the day of the end when it is another one; "" for the same.
	LastDay            string
	StartFold, EndFold string
}

// Fields of a [When] in faults.
const (
	FieldDay       = "day"
	FieldLastDay   = "last_day"
	FieldStart     = "start"
	FieldEnd       = "end"
	FieldStartFold = "start_fold"
	FieldEndFold   = "end_fold"
)

// Resolve turns what was typed into instants. What is wrong comes as one Invalid
// fault with a sentence for each field: an hour that does not exist beside the
// hour; an hour that exists twice at start_fold or end_fold, which the form then
// asks.
func (w When) Resolve() (starts, ends time.Time, err error) {
	var bad fault.Fields
	last := w.LastDay
	if strings.TrimSpace(last) == "" {
		last = w.Day
	}
	starts = resolve(&bad, w.Day, w.Start, w.StartFold, FieldDay, FieldStart, FieldStartFold)
	lastField := FieldLastDay
	if last == w.Day {
		lastField = ""
	}
	ends = resolve(&bad, last, w.End, w.EndFold, lastField, FieldEnd, FieldEndFold)
	if err := bad.Err(); err != nil {
		return time.Time{}, time.Time{}, err
	}
	return starts, ends, nil
}

// resolve reads one clock time; a day that is wrong is told at dayField ("" when
// another call tells it).
func resolve(bad *fault.Fields, day, hour, fold, dayField, hourField, foldField string) time.Time {
	t, err := calendar.Local(day, hour, fold)
	if err == nil {
		return t
	}
	at, key := hourField, fault.As(err).Key
	switch key {
	case calendar.WrongDate:
		// What is wrong with the hour is told as well, by a plain day.
		resolve(bad, "2026-12-08", hour, "", "", hourField, "")
		at = dayField
	case calendar.Doubled:
		at = foldField
	}
	if at != "" {
		bad.Add(at, key)
	}
	return time.Time{}
}

// WhenOf is the reverse of Resolve, for showing what is stored in a form.
func WhenOf(starts, ends time.Time) When {
	s, e := starts.In(clock.Warsaw), ends.In(clock.Warsaw)
	w := When{Day: s.Format(time.DateOnly), Start: s.Format("15:04"), End: e.Format("15:04"), StartFold: calendar.Fold(starts), EndFold: calendar.Fold(ends)}
	if d := e.Format(time.DateOnly); d != w.Day {
		w.LastDay = d
	}
	return w
}
