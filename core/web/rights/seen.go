package rights

import (
	"context"
	"strings"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/i18n"
)

// SeenLines say who sees one kind of data: the role, where and why there, and
// how many people that are or, where the person may know them, their names.
func SeenLines(ctx context.Context, s *access.SeenBy) []string {
	if s.Everybody != "" {
		return []string{i18n.T(ctx, "rights.seen."+s.Everybody)}
	}
	out := make([]string, 0, max(1, len(s.Watchers)))
	for i := range s.Watchers {
		w := &s.Watchers[i]
		out = append(out, watcher(ctx, w)+": "+people(ctx, w))
	}
	if len(out) == 0 {
		out = append(out, i18n.T(ctx, "rights.seen.nobody"))
	}
	return out
}

// watcher is the role with its place and why that place counts.
func watcher(ctx context.Context, w *access.Watcher) string {
	role := RoleName(ctx, w.Role)
	if w.Kind == access.Platform {
		return i18n.T(ctx, "rights.seen.platform", "Role", role)
	}
	name := w.ScopeName
	if w.Kind == access.Institution || w.Kind == access.Centre {
		name = w.Label(ctx, name)
	}
	return i18n.T(ctx, "rights.seen.role", "Role", role, "Where", name, "Why", i18n.T(ctx, "rights.seen.tie."+string(w.Ties[0])+"."+string(w.Kind)))
}

func people(ctx context.Context, w *access.Watcher) string {
	if len(w.Names) == 0 {
		return i18n.N(ctx, "rights.seen.people", w.People)
	}
	text := strings.Join(w.Names, ", ")
	if more := w.People - len(w.Names); more > 0 {
		text += " " + i18n.N(ctx, "rights.seen.more", more)
	}
	return text
}
