package rights

import (
	"context"
	"strings"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/i18n"
)

// SeenLines say who sees one kind of data.
func SeenLines(ctx context.Context, s *access.SeenBy) []string {
	if s.Everybody != "" {
		return []string{i18n.T(ctx, "rights.seen."+s.Everybody)}
	}
	var out []string
	for i := range s.Watchers {
		w := &s.Watchers[i]
		where := w.ScopeName
		if where == "" {
			where = i18n.T(ctx, "access.scope."+string(w.Kind))
		}
		line := i18n.T(ctx, "rights.seen.role", "Role", RoleName(ctx, w.Role), "Where", where)
		if len(w.Names) > 0 {
			line += ": " + strings.Join(w.Names, ", ")
			if more := w.People - len(w.Names); more > 0 {
				line += " " + i18n.N(ctx, "rights.seen.more", more)
			}
		} else {
			line += ": " + i18n.N(ctx, "rights.seen.people", w.People)
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		out = append(out, i18n.T(ctx, "rights.seen.nobody"))
	}
	return out
}
