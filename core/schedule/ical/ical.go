// Package ical writes meetings as iCalendar (RFC 5545): one VCALENDAR with the
// zone Europe/Warsaw and an event a meeting. emersion/go-ical builds and checks
// the components and escapes texts; what it lacks is added here: folding by
// octets, the VTIMEZONE and a safe form for the hour that comes twice.
//
// Subscribed calendars are read again and again, so equal meetings give equal
// bytes: stamps are those of the meeting's last change, never of the request.
//
// The package owns no table and does no I/O.
package ical

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// ContentType of what [Write] makes.
const ContentType = "text/calendar; charset=utf-8"

// Event is one meeting as one person's calendar shows it: place and link are
// those of the way in which that person comes.
type Event struct {
	ID uuid.UUID
	// Sequence grows with every change that calendars must take over.
	Sequence int
	// Start and End are instants; End lies after Start.
	Start, End time.Time
	// Updated is the last change of anything that the event shows.
	Updated   time.Time
	Cancelled bool
	Summary   string
	// Network names the network that meets.
	Network     string
	Description string
	Location    string
	// URL is an absolute address: the meeting's page or its room; "" for none.
	URL string
}

// Calendar is what [Write] writes.
type Calendar struct {
	// Host makes ids unique in the world: the host of the platform's address.
	Host string
	// Name is shown by clients that subscribe; "" for a single meeting to import.
	Name   string
	Events []Event
}

// refresh is how often clients are asked to read the feed again.
const refresh = "PT1H"

// Write encodes the calendar: CRLF, lines of at most 75 octets, UTF-8.
func Write(c Calendar) ([]byte, error) {
	cal := ical.NewCalendar()
	raw(cal.Props, ical.PropVersion, "2.0")
	text(cal.Props, ical.PropProductID, "-//Ośrodek Rozwoju Edukacji//Sieci//PL")
	raw(cal.Props, ical.PropCalendarScale, "GREGORIAN")
	if c.Name != "" {
		raw(cal.Props, ical.PropMethod, "PUBLISH")
		text(cal.Props, ical.PropName, c.Name)
		text(cal.Props, "X-WR-CALNAME", c.Name)
		raw(cal.Props, "X-WR-TIMEZONE", clock.Warsaw.String())
		every := ical.NewProp(ical.PropRefreshInterval)
		every.Params.Set(ical.ParamValue, string(ical.ValueDuration)) // RFC 7986 wants it said
		every.Value = refresh
		cal.Props.Set(every)
		raw(cal.Props, "X-PUBLISHED-TTL", refresh)
	}
	cal.Children = append(cal.Children, warsaw())
	for i := range c.Events {
		cal.Children = append(cal.Children, event(&c.Events[i], c.Host))
	}
	var b bytes.Buffer
	if err := ical.NewEncoder(&b).Encode(cal); err != nil {
		return nil, fmt.Errorf("write calendar: %w", err)
	}
	return fold(b.Bytes()), nil
}

// UID is the id of a meeting in calendars; it never changes.
func UID(id uuid.UUID, host string) string { return "spotkanie-" + id.String() + "@" + host }

func event(e *Event, host string) *ical.Component {
	v := ical.NewComponent(ical.CompEvent)
	text(v.Props, ical.PropUID, UID(e.ID, host))
	raw(v.Props, ical.PropSequence, strconv.Itoa(e.Sequence))
	for _, name := range []string{ical.PropDateTimeStamp, ical.PropLastModified} {
		raw(v.Props, name, e.Updated.UTC().Format(utcForm))
	}
	moment(v.Props, ical.PropDateTimeStart, e.Start)
	moment(v.Props, ical.PropDateTimeEnd, e.End)
	text(v.Props, ical.PropSummary, e.Summary)
	optional(v.Props, ical.PropCategories, e.Network)
	optional(v.Props, ical.PropDescription, e.Description)
	optional(v.Props, ical.PropLocation, e.Location)
	if link := address(e.URL); link != "" {
		raw(v.Props, ical.PropURL, link)
	}
	status := "CONFIRMED"
	if e.Cancelled {
		status = "CANCELLED"
	}
	raw(v.Props, ical.PropStatus, status)
	return v
}

// Forms of a DATE-TIME.
const (
	utcForm   = "20060102T150405Z"
	localForm = "20060102T150405"
)

// moment writes an instant as the clock time in Warsaw, so that a calendar
// shows "9:00" wherever its owner travels by the zone of the meeting. A clock
// time that comes twice could mean two instants: it is written in UTC.
func moment(p ical.Props, name string, t time.Time) {
	prop := ical.NewProp(name)
	if calendar.Fold(t) != "" {
		prop.Value = t.UTC().Format(utcForm)
	} else {
		prop.Params.Set(ical.ParamTimezoneID, clock.Warsaw.String())
		prop.Value = t.In(clock.Warsaw).Format(localForm)
	}
	p.Set(prop)
}

// raw sets a value that needs no escaping; it must not hold a line end.
func raw(p ical.Props, name, value string) {
	prop := ical.NewProp(name)
	prop.Value = value
	p.Set(prop)
}

func optional(p ical.Props, name, value string) {
	if tidy(value) != "" {
		text(p, name, value)
	}
}

func text(p ical.Props, name, value string) {
	prop := ical.NewProp(name)
	prop.SetText(tidy(value))
	prop.Params.Del(ical.ParamValue) // said for names that the library does not know; text is the default there too
	p.Set(prop)
}

// address is a web address in ASCII, or "".
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return ""
	}
	s = u.String()
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return ""
		}
	}
	return s
}

// tidy keeps what iCalendar allows in a text: no control characters but the
// line feed, which the library writes as \n, and the tab.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// warsaw is the zone by its rules since 1996. Meetings are never older.
func warsaw() *ical.Component {
	z := ical.NewComponent(ical.CompTimezone)
	raw(z.Props, ical.PropTimezoneID, clock.Warsaw.String())
	season := func(kind, name, begins, from, to, month string) {
		s := ical.NewComponent(kind)
		raw(s.Props, ical.PropDateTimeStart, begins)
		raw(s.Props, ical.PropTimezoneName, name)
		raw(s.Props, ical.PropTimezoneOffsetFrom, from)
		raw(s.Props, ical.PropTimezoneOffsetTo, to)
		raw(s.Props, ical.PropRecurrenceRule, "FREQ=YEARLY;BYMONTH="+month+";BYDAY=-1SU")
		z.Children = append(z.Children, s)
	}
	season(ical.CompTimezoneDaylight, "CEST", "19960331T020000", "+0100", "+0200", "3")
	season(ical.CompTimezoneStandard, "CET", "19961027T030000", "+0200", "+0100", "10")
	return z
}

// maxLine is the length of a line in octets without its end (RFC 5545, 3.1).
const maxLine = 75

// fold cuts long lines between characters; what follows a cut begins with a
// space, which readers drop.
func fold(in []byte) []byte {
	out := make([]byte, 0, len(in)+len(in)/maxLine*3+3)
	for line := range bytes.Lines(in) {
		line = bytes.TrimSuffix(line, []byte("\r\n"))
		room := maxLine
		for len(line) > room {
			cut := room
			for cut > 0 && !utf8.RuneStart(line[cut]) {
				cut--
			}
			out = append(append(out, line[:cut]...), "\r\n "...)
			line, room = line[cut:], maxLine-1
		}
		out = append(append(out, line...), "\r\n"...)
	}
	return out
}
