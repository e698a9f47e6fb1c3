package trail

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

type fieldNames = pq.StringArray

// scopeKinds lead the index by which events of one place are found.
var scopeKinds = []access.ScopeKind{access.Centre, access.Institution, access.Programme, access.Network, access.Group, access.LocalGovernment}

// matching is what w asks for as conditions on audit_event e, behind the
// arguments that the statement has already.
func matching(w *Query, args []any) (string, []any) {
	var where strings.Builder
	add := func(clause string, arg any) {
		args = append(args, arg)
		where.WriteString(strings.ReplaceAll(clause, "?", "$"+strconv.Itoa(len(args))))
	}
	if w.Actor != uuid.Nil {
		add(" AND e.actor_id = ?", w.Actor)
	}
	if w.Scope != uuid.Nil {
		add(" AND e.scope_kind = ANY(?)", pq.Array(scopeKinds))
		add(" AND e.scope_id = ?", w.Scope)
	}
	if w.ObjectKind != "" {
		add(" AND e.object_kind = ?", w.ObjectKind)
	}
	if w.Object != "" {
		add(" AND e.object_id = ?", w.Object)
	}
	if n := len(w.Action); n > 0 && (w.Action[n-1] == ':' || w.Action[n-1] == '.') {
		add(" AND starts_with(e.action, ?)", w.Action)
	} else if n > 0 {
		add(" AND e.action = ?", w.Action)
	}
	if !w.From.IsZero() {
		from, _ := day(w.From)
		add(" AND e.at >= ?", from.UTC())
	}
	if !w.To.IsZero() {
		_, to := day(w.To)
		add(" AND e.at < ?", to.UTC())
	}
	return where.String(), args
}

// list reads a page. Each filter that is given alone decides which index is
// used: actor, scope or object lead with the id behind them; a span of days goes
// by the events' time, which grows with the id.
func list(ctx context.Context, q db.Q, w Query, before int64, limit int) (out []Entry, err error) {
	where, args := matching(&w, []any{before, limit})
	err = q.Select(ctx, &out, `SELECT e.id, e.at, e.actor_id, COALESCE(p.name, '') AS name, e.actor_system, e.action, e.object_kind, e.object_id,
			e.scope_kind, e.scope_id, e.fields, e.request_id, COALESCE(k.link, 0) AS link
		FROM audit_event e LEFT JOIN person p ON p.id = e.actor_id LEFT JOIN audit_link k ON k.event_id = e.id
		WHERE e.id < $1`+where+` ORDER BY e.id DESC LIMIT $2`, args...)
	for i := range out {
		out[i].At = out[i].At.Truncate(time.Microsecond)
	}
	return out, err
}

// top is where an export that begins at c ends above: at the newest event.
func top(ctx context.Context, q db.Q, c cursor) (cursor, error) {
	err := q.Get(ctx, &c.top, `SELECT COALESCE(max(e.id), 0) FROM audit_event e`)
	c.before = min(c.before, c.top+1)
	return c, err
}

// count is how many events of the export that c belongs to come before the part
// at c, and how many there are in all.
func count(ctx context.Context, q db.Q, w Query, c cursor) (newer, all int64, err error) {
	where, args := matching(&w, []any{c.before, c.top})
	var n struct {
		Newer int64 `db:"newer"`
		All   int64 `db:"total"`
	}
	err = q.Get(ctx, &n, `SELECT count(*) FILTER (WHERE e.id >= $1) AS newer, count(*) AS total FROM audit_event e WHERE e.id <= $2`+where, args...)
	return n.Newer, n.All, err
}
