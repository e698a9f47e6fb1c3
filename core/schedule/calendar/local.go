package calendar

import (
	"time"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
)

// Which of two equal clock times is meant in the night when clocks go back.
const (
	First  = form.FoldSummer // the first: still summer time
	Second = form.FoldWinter // the second: already winter time
)

// What may be wrong with a local date and time, as keys of the Invalid fault
// that [Local] returns.
const (
	WrongDate = "calendar.local.date"
	WrongTime = "calendar.local.time"
	// Skipped: the hour does not exist, clocks go forward that night.
	Skipped = "calendar.local.skipped"
	// Doubled: the hour exists twice and fold does not say which is meant; ask
	// with the two instants of [Both].
	Doubled = "calendar.local.doubled"
)

// Local is the instant of a date and a clock time in Warsaw, both as people
// type them ("28.03.2027" or "2027-03-28", "9:30"). fold is "", [First] or
// [Second] and counts only in the doubled hour. Errors are Invalid faults with
// one of the keys above.
func Local(day, hour, fold string) (time.Time, error) {
	d, ok := form.ParseDate(day)
	if !ok {
		return time.Time{}, fault.New(fault.Invalid, WrongDate)
	}
	h, m, ok := form.ParseTime(hour)
	if !ok {
		return time.Time{}, fault.New(fault.Invalid, WrongTime)
	}
	return At(d, h, m, fold)
}

// At is Local for a day and numbers.
func At(day time.Time, hour, minute int, fold string) (time.Time, error) {
	t, problem := form.Local(day, hour, minute, fold)
	switch problem {
	case "":
		return t.UTC(), nil
	case "form.datetime_gap":
		return time.Time{}, fault.New(fault.Invalid, Skipped)
	}
	return time.Time{}, fault.New(fault.Invalid, Doubled)
}

// Both are the two instants of a doubled clock time, the summer one first; ok
// is false when the time is not doubled.
func Both(day time.Time, hour, minute int) (first, second time.Time, ok bool) {
	if _, problem := form.Local(day, hour, minute, ""); problem != "form.datetime_twice" {
		return time.Time{}, time.Time{}, false
	}
	first, _ = form.Local(day, hour, minute, First)
	second, _ = form.Local(day, hour, minute, Second)
	return first.UTC(), second.UTC(), true
}

// Fold says which of two equal clock times the instant t is: [First] or
// [Second] in the doubled hour, else "". Forms use it to show what is stored.
func Fold(t time.Time) string {
	d := Day(t)
	w := t.In(clock.Warsaw)
	first, second, ok := Both(d, w.Hour(), w.Minute())
	switch t = t.Truncate(time.Minute); {
	case ok && t.Equal(first):
		return First
	case ok && t.Equal(second):
		return Second
	}
	return ""
}
