package tasks

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
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

const listPath = "/zadania"

func pathOf(id uuid.UUID) string { return listPath + "/" + id.String() }

func text(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }

// scopes are the addresses under which scopes of each kind lie.
var scopes = map[string]effect.ScopeKind{"/sieci": effect.Network, "/grupy": effect.Group, "/programy": effect.Programme}

// scopePath is the page of a scope, "" for kinds without one.
func scopePath(s effect.Scope) string {
	for base, kind := range scopes {
		if kind == s.Kind {
			return base + "/" + s.ID.String()
		}
	}
	return ""
}

// withQuery is the address of a page with a query; empty values are left out.
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

// dayEnd reads a day of the date control as its last minute in Warsaw.
func dayEnd(day string) (time.Time, error) {
	if day == "" {
		return time.Time{}, nil
	}
	t, ok := form.ParseDate(day)
	if !ok {
		return time.Time{}, fault.InvalidFields(fault.Field{Path: "termin", Key: "tasks.date"})
	}
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, -1, 0, 0, clock.Warsaw).UTC(), nil
}

func at(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return show.DateTime(i18n.FromContext(ctx), t)
}

// stateTag is the state in at most three words; "late" wins while it is somebody's turn.
func stateTag(ctx context.Context, t *task.Task, now time.Time) (string, ui.Tone) {
	if t.Late(now) {
		return text(ctx, "tasks.state.late"), ui.Bad
	}
	if t.Each && t.State == task.Open { // its parts have states of their own
		return text(ctx, "tasks.state.each"), ui.Info
	}
	tone := map[task.State]ui.Tone{
		task.Returned: ui.Warn, task.Submitted: ui.Info, task.Escalated: ui.Bad, task.Accepted: ui.Good, task.Cancelled: ui.Neutral,
	}[t.State]
	if tone == "" {
		tone = ui.Neutral
	}
	return text(ctx, "tasks.state."+string(t.State)), tone
}

// rows are tasks as a task list.
func (p *pages) rows(ctx context.Context, list []task.Task, who bool) []ui.TaskRow {
	now := p.Clock.Now()
	out := make([]ui.TaskRow, len(list))
	for i := range list {
		t := &list[i]
		status, tone := stateTag(ctx, t, now)
		var hint []string
		if who && t.AssigneeName != "" {
			hint = append(hint, t.AssigneeName)
		} else if t.ScopeTitle != "" {
			hint = append(hint, t.ScopeTitle)
		}
		if !t.Due.IsZero() && (t.State == task.Open || t.State == task.Returned) {
			hint = append(hint, text(ctx, "tasks.due", "Due", at(ctx, t.Due)))
		}
		out[i] = ui.TaskRow{Title: t.Title, Href: pathOf(t.ID), Hint: strings.Join(hint, " · "), Status: status, Tone: tone, Done: t.State == task.Accepted}
	}
	return out
}

// lines are the paragraphs of a plain text.
func lines(s string) []string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// whiches are the tabs of a list with the parameter "ktore".
var whiches = []struct {
	param string
	which task.Which
}{{"", task.Turn}, {"czekajace", task.Waiting}, {"zakonczone", task.Ended}}

func which(c *kit.Ctx) (task.Which, string) {
	for _, w := range whiches {
		if c.Query("ktore") == w.param {
			return w.which, w.param
		}
	}
	return task.Turn, ""
}

func tabs(c *kit.Ctx, path string) (string, []ui.Link) {
	var out []ui.Link
	for _, w := range whiches {
		out = append(out, ui.Link{Text: c.T("tasks.tab." + string(w.which)), Href: withQuery(path, "ktore", w.param)})
	}
	_, param := which(c)
	return withQuery(path, "ktore", param), out
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
		switch {
		case names[x.Path] != "":
			x.Path = names[x.Path]
		case strings.HasPrefix(x.Path, "remarks["):
			x.Path = remarkName(strings.TrimSuffix(strings.TrimPrefix(x.Path, "remarks["), "]"))
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

// reasonLabel tells the fields for reasons apart when there are several.
func reasonLabel(ctx context.Context, i, n int) string {
	if n == 1 {
		return text(ctx, "tasks.reason")
	}
	return text(ctx, "tasks.reason_n", "N", i+1, "Of", n)
}

func remarkName(path string) string { return "uwaga." + path }
func quoteName(path string) string  { return "cytat." + path }
