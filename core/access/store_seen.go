package access

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/place"
)

// known are the roles whose holders a person may know by name, where they are
// near (see [Watcher]). Of all others only the number is told.
var known = []string{string(Coordinator), string(Expert), string(Moderator), string(Guardian), string(Head), string(Principal), string(InstitutionAdmin)}

// maxWatchers bounds the lines about one person: a role at a place is one.
const maxWatchers = 400

// watchers counts who holds one of the roles over the person: on the platform,
// on their institution and the centres that look after it, and on the networks
// and groups that they are in, were in or asked for (at most 200, those of now
// first), with the centres and programmes of these. Each place is asked for by
// the index on the scope; the platform apart, because there the scope is NULL.
func watchers(ctx context.Context, q db.Q, person uuid.UUID, roles []string, at time.Time) ([]Watcher, error) {
	var rows []Watcher
	err := q.Select(ctx, &rows, `WITH mine AS (
			SELECT x.kind, x.id, min(x.tie) AS tie FROM (
				SELECT scope_kind AS kind, scope_id AS id, CASE WHEN valid_from <= $3 AND (valid_to IS NULL OR valid_to > $3) THEN 2 ELSE 4 END AS tie
				FROM role_grant WHERE person_id = $1 AND scope_kind IN ('network', 'group') AND role <> 'evaluator' AND valid_from <= $3
				UNION ALL SELECT 'network', network_id, CASE state WHEN 'active' THEN 2 WHEN 'left' THEN 4 WHEN 'removed' THEN 4 ELSE 3 END
				FROM membership WHERE person_id = $1 AND state IN ('active', 'requested', 'waiting', 'offered', 'left', 'removed')) x
			GROUP BY x.kind, x.id ORDER BY 3, x.id DESC LIMIT 200),
		own AS (SELECT i.id, i.powiat_code, i.kind FROM person p JOIN institution i ON i.id = p.institution_id WHERE p.id = $1),
		above AS (
			SELECT m.tie, n.id, n.centre_id, n.programme_id FROM mine m JOIN network n ON n.id = m.id WHERE m.kind = 'network'
			UNION ALL SELECT m.tie, g.network_id, coalesce(n.centre_id, r.centre_id), coalesce(g.programme_id, n.programme_id)
			FROM mine m JOIN network_group g ON g.id = m.id LEFT JOIN network n ON n.id = g.network_id LEFT JOIN programme r ON r.id = g.programme_id
			WHERE m.kind = 'group'),
		place AS (
			SELECT kind, id, tie FROM mine
			UNION SELECT 'institution', id, 1 FROM own
			UNION SELECT 'centre', t.centre_id, 1 FROM own JOIN centre_territory_at($3) t ON t.powiat_code = own.powiat_code
			UNION SELECT 'centre', id, 1 FROM own WHERE kind IN ('centre', 'ore', 'department')
			UNION SELECT 'network', id, tie FROM above WHERE id IS NOT NULL
			UNION SELECT 'centre', centre_id, tie FROM above WHERE centre_id IS NOT NULL
			UNION SELECT 'programme', programme_id, tie FROM above WHERE programme_id IS NOT NULL),
		near AS (SELECT kind, id, min(tie) AS first, array_agg(DISTINCT tie) AS ties FROM place GROUP BY kind, id),
		held AS (
			SELECT g.role, g.scope_kind, g.scope_id, g.person_id, near.first, near.ties
			FROM near JOIN role_grant g ON g.scope_kind = near.kind AND g.scope_id = near.id
			WHERE g.role = ANY ($2) AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)
			UNION ALL SELECT g.role, g.scope_kind, g.scope_id, g.person_id, 5, '{5}' FROM role_grant g
			WHERE g.scope_kind = 'platform' AND g.scope_id IS NULL AND g.role = ANY ($2) AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)),
		told AS (
			SELECT h.role, h.scope_kind, h.scope_id, h.first, h.ties, count(DISTINCT h.person_id) AS people,
				CASE WHEN h.role = ANY ($4) AND (h.first = 2 AND h.scope_kind IN ('network', 'group') OR h.first = 1 AND h.scope_kind = 'institution')
					THEN (array_agg(p.name ORDER BY p.sort_name, p.id))[1:3] ELSE '{}' END AS names
			FROM held h JOIN person p ON p.id = h.person_id AND p.state = 'active' WHERE h.person_id <> $1
			GROUP BY h.role, h.scope_kind, h.scope_id, h.first, h.ties)
		SELECT t.role, t.scope_kind, coalesce(i.name, pr.title, n.title, ng.name, '') AS scope_name, t.people, t.names,
			ARRAY(SELECT (ARRAY['own', 'now', 'asked', 'before', 'all'])[u] FROM unnest(t.ties) u ORDER BY u) AS ties, `+place.Columns+`
		FROM told t
		LEFT JOIN institution i ON t.scope_kind IN ('centre', 'institution') AND i.id = t.scope_id `+place.Joins+`
		LEFT JOIN programme pr ON t.scope_kind = 'programme' AND pr.id = t.scope_id
		LEFT JOIN network n ON t.scope_kind = 'network' AND n.id = t.scope_id
		LEFT JOIN network_group ng ON t.scope_kind = 'group' AND ng.id = t.scope_id
		ORDER BY t.first, array_position(ARRAY['institution', 'network', 'group', 'centre', 'programme', 'platform'], t.scope_kind), 3, t.scope_id, t.role
		LIMIT $5`,
		person, pq.Array(roles), at, pq.Array(known), maxWatchers)
	return rows, err
}
