// Package home is the start page, which tells a guest what the platform is,
// and /moje, which tells a signed-in person what to do next.
package home

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Section is a part of /moje that a room fills (a person's networks); nil when
// it has nothing for this person.
type Section func(c *kit.Ctx) (templ.Component, error)

// Deps is what the pages need.
type Deps struct {
	Clock clock.Clock // domain time, for "today" and "overdue"
	Log   *slog.Logger
	// Todo are the rooms that ask people for something.
	Todo []kit.TodoSource
	// Sections follow the to-do list, in this order.
	Sections []Section
}

// firstTodo is how many items /moje shows at first; allTodo bounds the full list.
const (
	firstTodo = 10
	allTodo   = 200
)

// Routes are the pages of this room.
func Routes(d Deps) []kit.Route {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return []kit.Route{
		kit.Get("/", kit.Public, d.start),
		kit.Get("/moje", kit.SignedIn, d.mine),
	}
}

func (d Deps) start(c *kit.Ctx) error {
	if c.Actor().SignedIn() {
		return c.Redirect("/moje", "")
	}
	c.Page(c.T("web.start.title")).AsWide()
	return c.Render(200, startPage(startView{
		Networks: c.Link("/sieci"), Register: c.Link(kit.RegisterPath), SignIn: c.Link(kit.SignInPath), Help: c.Link("/pomoc"),
	}))
}

func (d Deps) mine(c *kit.Ctx) error {
	limit := firstTodo
	if c.Query("wszystko") == "1" {
		limit = allTodo
	}
	v := mineView{Today: d.Clock.Now(), All: limit == allTodo}
	v.Items, v.Partial = d.collect(c.Context(), c.Actor(), limit+1)
	if len(v.Items) > limit {
		v.Items, v.More = v.Items[:limit], true
	}
	for _, s := range d.Sections {
		part, err := s(c)
		if err != nil {
			d.Log.ErrorContext(c.Context(), "section of the start page failed", slog.String("err", err.Error()))
			v.Partial = true
			continue
		}
		if part != nil {
			v.Sections = append(v.Sections, part)
		}
	}
	v.Networks, v.Help = c.Link("/sieci"), c.Link("/pomoc")
	c.Page(c.T("web.mine.title")).In("/moje")
	return c.Render(200, minePage(v))
}

// collect merges the sources: dated items first, earliest first. A source that
// fails leaves its items out; the page says so instead of failing.
func (d Deps) collect(ctx context.Context, actor *access.Actor, limit int) (items []kit.TodoItem, partial bool) {
	for _, s := range d.Todo {
		found, err := s.Todo(ctx, actor, limit)
		if err != nil {
			d.Log.ErrorContext(ctx, "to-do source failed", slog.String("err", err.Error()))
			partial = true
			continue
		}
		items = append(items, found...)
	}
	slices.SortStableFunc(items, func(a, b kit.TodoItem) int {
		switch {
		case a.Due.IsZero() && b.Due.IsZero():
			return 0
		case a.Due.IsZero():
			return 1
		case b.Due.IsZero():
			return -1
		}
		return a.Due.Compare(b.Due)
	})
	if len(items) > limit {
		items = items[:limit]
	}
	return items, partial
}

type startView struct{ Networks, Register, SignIn, Help string }

type mineView struct {
	Today          time.Time
	Items          []kit.TodoItem
	More, All      bool
	Partial        bool
	Sections       []templ.Component
	Networks, Help string
}

// due is the word for an item's date: overdue, today, tomorrow, or the date.
func (v mineView) due(ctx context.Context, t time.Time) (text string, tone ui.Tone) {
	today, day := dayOf(v.Today), dayOf(t)
	switch {
	case t.Before(v.Today):
		return i18n.T(ctx, "web.mine.overdue"), ui.Bad
	case day.Equal(today):
		return i18n.T(ctx, "web.mine.today"), ui.Warn
	case day.Equal(today.AddDate(0, 0, 1)):
		return i18n.T(ctx, "web.mine.tomorrow"), ui.Warn
	}
	return "", ui.Neutral
}

func dayOf(t time.Time) time.Time {
	y, m, d := t.In(clock.Warsaw).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.Warsaw)
}

func when(ctx context.Context, t time.Time) string {
	return show.DateTime(i18n.FromContext(ctx), t.In(clock.Warsaw))
}
