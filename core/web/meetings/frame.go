package meetings

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

func text(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }

func plural(ctx context.Context, key string, n int) string { return i18n.N(ctx, key, n) }

// listPath is the list of a network's meetings.
func listPath(network uuid.UUID) string { return kit.NetworkPath + network.String() + Tab }

// head names a page about one meeting, with the way back to it.
func head(c *kit.Ctx, d *schedule.Detail, title string) *ui.Page {
	p := c.InNetwork(d.Network, d.NetworkTitle, title, d.At, Tab)
	if title != d.Title {
		p.Crumb(d.Title, schedule.PathOf(d.ID))
	}
	return p
}

// get reads the meeting of the address.
func (p *pages) get(c *kit.Ctx) (*schedule.Detail, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	return p.Meetings.Get(c.Context(), c.Actor(), id)
}

// managed is get for a page that changes the meeting: not found for others.
func (p *pages) managed(c *kit.Ctx) (*schedule.Detail, error) {
	d, err := p.get(c)
	if err == nil && !d.May.Manage {
		err = fault.ErrNotFound
	}
	return d, err
}

// withQuery is the address of a page with another query; empty values are left out.
func withQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// span says when a meeting is: "czwartek, 26 listopada 2026 r., 13:00–15:15".
func span(ctx context.Context, starts, ends time.Time) string {
	l := i18n.FromContext(ctx)
	s, e := starts.In(clock.Warsaw), ends.In(clock.Warsaw)
	if s.Format(time.DateOnly) == e.Format(time.DateOnly) {
		return show.Weekday(l, starts) + ", " + show.DateTime(l, starts) + "–" + show.Time(l, ends)
	}
	return show.Weekday(l, starts) + ", " + show.DateTime(l, starts) + " – " + show.Weekday(l, ends) + ", " + show.DateTime(l, ends)
}

func at(ctx context.Context, t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return show.DateTime(i18n.FromContext(ctx), *t)
}

func hoursText(ctx context.Context, minutes int) string {
	return show.TeachingHours(i18n.FromContext(ctx), minutes)
}

func stateTag(ctx context.Context, s schedule.State) (string, ui.Tone) {
	tone := map[schedule.State]ui.Tone{schedule.Draft: ui.Warn, schedule.Announced: ui.Good, schedule.Held: ui.Info, schedule.Cancelled: ui.Bad}[s]
	if tone == "" {
		tone = ui.Neutral
	}
	return text(ctx, "meetings.state."+string(s)), tone
}

// ways says how one may take part: "na miejscu lub online".
func ways(ctx context.Context, onSite, online bool) string {
	switch {
	case onSite && online:
		return text(ctx, "meetings.ways.both")
	case onSite:
		return text(ctx, "meetings.ways.onsite")
	case online:
		return text(ctx, "meetings.ways.online")
	}
	return text(ctx, "meetings.ways.none")
}

// answered says what the reader answered, with the caution after a move.
func answered(ctx context.Context, w schedule.Way, stale bool) string {
	if w == "" {
		return text(ctx, "meetings.answer.missing")
	}
	s := text(ctx, "meetings.answer."+string(w))
	if stale {
		s += " " + text(ctx, "meetings.answer.stale")
	}
	return s
}

// number reads a whole number; -1 for anything else, 0 for nothing.
func number(s string) int {
	s = strings.ReplaceAll(strings.TrimSpace(s), " ", "")
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func idOf(s string) uuid.UUID {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil
	}
	return id
}

// lines are the paragraphs of a plain text.
func lines(s string) []string {
	return slices.DeleteFunc(strings.Split(s, "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
}

// on is a day, "2026-12-08", for people.
func on(ctx context.Context, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return show.Date(i18n.FromContext(ctx), t)
}
