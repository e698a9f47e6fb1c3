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
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Section is a part of /moje that a room fills (a person's networks).
type Section interface {
	// Ask is what to read for the actor; false when the room has nothing for them.
	Ask(a *access.Actor) (gather.Part, bool)
	// Show makes the section of the rows; nil when there is nothing to show. It
	// is called when Ask gave a part, and reads nothing else.
	Show(c *kit.Ctx, f gather.Found) (templ.Component, error)
}

// Deps is what the pages need.
type Deps struct {
	DB    db.Q
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
	a := d.ask(c.Actor())
	found, err := gather.All(c.Context(), d.DB, gather.Query{Person: c.Actor().Person, Now: v.Today, Limit: limit + 1}, a.parts...)
	if err != nil {
		d.Log.ErrorContext(c.Context(), "the start page was not read", slog.String("err", err.Error()))
		v.Partial, a = true, asked{}
	}
	items, failed := a.items(c.Context(), d.Log, found)
	v.Items, v.Partial = items, v.Partial || failed
	if len(v.Items) > limit {
		v.Items, v.More = v.Items[:limit], true
	}
	for _, s := range a.sections {
		part, err := s.Show(c, found)
		if err != nil {
			d.Log.ErrorContext(c.Context(), "section of the start page failed", slog.String("err", err.Error()))
			v.Partial = true
			continue
		}
		if part != nil {
			v.Sections = append(v.Sections, part)
		}
	}
	v.Networks, v.Help, v.Tasks = c.Link("/sieci"), c.Link("/pomoc"), c.Link("/zadania")
	c.Page(c.T("web.mine.title")).In("/moje")
	return c.Render(200, minePage(v))
}

// asked are the rooms that have something for one person, and what to read for them.
type asked struct {
	parts    []gather.Part
	todo     []kit.TodoSource
	sections []Section
}

func (d Deps) ask(actor *access.Actor) (a asked) {
	for _, s := range d.Todo {
		if p, ok := s.Ask(actor); ok {
			a.parts, a.todo = append(a.parts, p), append(a.todo, s)
		}
	}
	for _, s := range d.Sections {
		if p, ok := s.Ask(actor); ok {
			a.parts, a.sections = append(a.parts, p), append(a.sections, s)
		}
	}
	return a
}

// items merges the sources: dated items first, earliest first. A source that
// fails leaves its items out; the page says so instead of failing.
func (a asked) items(ctx context.Context, log *slog.Logger, found gather.Found) (items []kit.TodoItem, failed bool) {
	for _, s := range a.todo {
		list, err := s.Read(ctx, found)
		if err != nil {
			log.ErrorContext(ctx, "to-do source failed", slog.String("err", err.Error()))
			failed = true
			continue
		}
		items = append(items, list...)
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
	return items, failed
}

type startView struct{ Networks, Register, SignIn, Help string }

type mineView struct {
	Today                 time.Time
	Items                 []kit.TodoItem
	More, All             bool
	Partial               bool
	Sections              []templ.Component
	Networks, Help, Tasks string
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
