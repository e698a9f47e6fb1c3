package programmes

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// kinds are the addresses under which scopes lie.
var kinds = map[string]effect.ScopeKind{"/programy": effect.Programme, "/grupy": effect.Group, "/sieci": effect.Network}

func programmePath(id uuid.UUID) string { return "/programy/" + id.String() }
func groupPath(id uuid.UUID) string     { return "/grupy/" + id.String() }

func scopePath(s effect.Scope) string {
	for base, kind := range kinds {
		if kind == s.Kind {
			return base + "/" + s.ID.String()
		}
	}
	return "/"
}

// scopeOf is the scope that the address names.
func scopeOf(c *kit.Ctx) (effect.Scope, error) {
	id, err := c.UUID("id")
	base := "/" + strings.SplitN(strings.TrimPrefix(c.Request().URL.Path, "/"), "/", 2)[0]
	return effect.Scope{Kind: kinds[base], ID: id}, err
}

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

func paging(c *kit.Ctx, path, next string, keep ...string) ui.Pages {
	var out ui.Pages
	if next != "" {
		out.Next = withQuery(path, append(keep, "po", next)...)
	}
	if c.Query("po") != "" {
		out.First = withQuery(path, keep...)
	}
	return out
}

func day(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return show.Date(i18n.FromContext(ctx), t)
}

// period is the time of a programme in words.
func period(ctx context.Context, from, to time.Time) string {
	switch {
	case from.IsZero() && to.IsZero():
		return ""
	case to.IsZero():
		return i18n.T(ctx, "programme.page.from", "Date", day(ctx, from))
	case from.IsZero():
		return i18n.T(ctx, "programme.page.until", "Date", day(ctx, to))
	}
	return show.DateRange(i18n.FromContext(ctx), from, to)
}

// dateOf reads a date control; days are kept as midnight UTC.
func dateOf(c *kit.Ctx, name string) (time.Time, error) {
	raw := c.Form().Get(name)
	if raw == "" {
		return time.Time{}, nil
	}
	t, ok := form.ParseDate(raw)
	if !ok {
		return t, fault.InvalidFields(fault.Field{Path: name, Key: "programme.page.date"})
	}
	return t, nil
}

func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func at(ctx context.Context, t time.Time) string {
	return show.DateTime(i18n.FromContext(ctx), t.In(clock.Warsaw))
}

// renamed puts the service's field names to those of the page's controls.
func renamed(err error, names map[string]string) error {
	f := fault.As(err)
	if len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if to := names[x.Path]; to != "" {
			x.Path = to
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

// formView is a page of one form with plain controls.
type formView struct {
	ui.FormView
	Inputs   []ui.Input
	Warnings []warning
}

// dayParam is the day as of which a list is asked.
const dayParam = "dzien"

// askedDay is the day of the address; Invalid for what is no day, zero for none.
func askedDay(c *kit.Ctx) (time.Time, error) {
	if c.Query(dayParam) == "" {
		return time.Time{}, nil
	}
	t, ok := form.ParseDate(c.Query(dayParam))
	if !ok {
		return t, fault.InvalidFields(fault.Field{Path: "day", Key: "programme.page.date"})
	}
	return t, nil
}

func wrongDay(err error) bool {
	if err == nil {
		return false
	}
	f := fault.As(err).Fields
	return len(f) == 1 && f[0].Path == "day"
}

func dayInput(c *kit.Ctx) ui.Input {
	return ui.Input{Kind: ui.Date, Name: dayParam, Label: c.T("programme.page.day"), Hint: c.T("programme.page.day_hint"), Value: c.Query(dayParam), Optional: true, Size: "short"}
}
