package search

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/gather"
)

func deleteDocs(ctx context.Context, tx *db.Tx, k Kind, ids []uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM search_doc WHERE kind = $1 AND id = ANY ($2)`, k, pq.Array(ids))
	return err
}

func upsertDocs(ctx context.Context, tx *db.Tx, k Kind, docs []Doc, vectors []string, revision string) error {
	n := len(docs)
	ids, networks, centres := make([]uuid.UUID, n), make([]*string, n), make([]*string, n)
	audiences, paths, titles, keywords, bodies, at := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range docs {
		d := &docs[i]
		ids[i], networks[i], centres[i] = d.ID, textID(d.Network), textID(d.Centre)
		audiences[i], paths[i], titles[i], keywords[i], bodies[i] = string(d.Audience), d.Path, d.Title, d.Keywords, d.Body
		at[i] = d.At.UTC().Format(time.RFC3339Nano)
	}
	_, err := tx.Exec(ctx, `INSERT INTO search_doc (kind, id, network_id, centre_id, audience, path, title, keywords, body, at, words, revision)
		SELECT $1, d.id, CAST(d.network AS uuid), CAST(d.centre AS uuid), d.audience, d.path, d.title, d.keywords, d.body, CAST(d.at AS timestamptz), CAST(d.words AS tsvector), $12
		FROM unnest(CAST($2 AS uuid[]), CAST($3 AS text[]), CAST($4 AS text[]), CAST($5 AS text[]), CAST($6 AS text[]), CAST($7 AS text[]), CAST($8 AS text[]),
			CAST($9 AS text[]), CAST($10 AS text[]), CAST($11 AS text[])) AS d (id, network, centre, audience, path, title, keywords, body, at, words)
		ORDER BY d.id
		ON CONFLICT (kind, id) DO UPDATE SET network_id = excluded.network_id, centre_id = excluded.centre_id, audience = excluded.audience, path = excluded.path,
			title = excluded.title, keywords = excluded.keywords, body = excluded.body, at = excluded.at, words = excluded.words, revision = excluded.revision`,
		k, pq.Array(ids), pq.Array(networks), pq.Array(centres), pq.Array(audiences), pq.Array(paths), pq.Array(titles), pq.Array(keywords), pq.Array(bodies), pq.Array(at), pq.Array(vectors), revision)
	return err
}

func textID(id uuid.UUID) *string {
	if id == uuid.Nil {
		return nil
	}
	s := id.String()
	return &s
}

type foundRow struct {
	ID        uuid.UUID  `json:"id"`
	Path      string     `json:"path"`
	Title     string     `json:"title"`
	Body      string     `json:"body"`
	At        time.Time  `json:"at"`
	Network   *uuid.UUID `json:"network_id"`
	NetworkOf string     `json:"network"`
}

// The statements of a kind. Parameters: $1 the person, $2 the network or NULL, $3 now,
// $4 how many; $5 the query, $6 the kind, $7 whether somebody is signed in, $8 to
// $11 the reach of the kind's permission (all, centres, programmes, networks),
// $12 how many to pass over, $13 the part of the query for the inverted index.
const (
	// reached are the networks whose inside the actor sees.
	reached = `SELECT n.id FROM network n WHERE n.id = ANY (CAST($11 AS uuid[])) OR n.centre_id = ANY (CAST($9 AS uuid[])) OR n.programme_id = ANY (CAST($10 AS uuid[]))`
	// shared are the people who hold a role on a network on which the actor holds one.
	shared = `SELECT o.person_id FROM role_grant m JOIN role_grant o ON o.scope_kind = 'network' AND o.scope_id = m.scope_id
		WHERE m.person_id = $1 AND m.scope_kind = 'network' AND m.role <> 'evaluator' AND o.role <> 'evaluator' AND m.valid_from <= $3 AND (m.valid_to IS NULL OR m.valid_to > $3) AND o.valid_from <= $3 AND (o.valid_to IS NULL OR o.valid_to > $3)`
	visible = `(d.audience = 'public' OR d.audience = 'platform' AND $7 OR d.audience = 'shared' AND d.id = ANY (ARRAY(` + shared + `)) OR d.audience <> 'shared' AND CAST($8 AS boolean) OR d.network_id IN (` + reached + `) OR d.network_id IS NULL AND d.centre_id = ANY (CAST($9 AS uuid[])))`

	shown = `SELECT f.id, f.path, f.title, f.body, f.at, f.network_id, coalesce(n.title, '') AS network FROM (`
	named = `) f LEFT JOIN network n ON n.id = f.network_id ORDER BY f.place`

	// ranked looks the words up in the inverted index and ranks what they find.
	ranked = shown + `SELECT d.*, row_number() OVER (ORDER BY ts_rank(d.words, CAST($5 AS tsquery)) DESC, d.at DESC, d.id DESC) AS place
		FROM search_doc d WHERE d.words @@ CAST($13 AS tsquery) AND ts_match_vq(d.words, CAST($5 AS tsquery)) AND d.kind = $6 AND ($2 IS NULL OR d.network_id = $2) AND ` + visible + `
		ORDER BY place OFFSET CAST($12 AS int) LIMIT $4` + named

	// The walks read documents from the newest on and stop when the page is full,
	// or after 30,000 (maxWalk). ts_match_vq is the operator @@ under the name that
	// no index answers to.
	match  = `ts_match_vq(d.words, CAST($5 AS tsquery))`
	newest = ` ORDER BY d.at DESC, d.id DESC LIMIT `
	enough = `CAST($12 AS int) + $4`
	placed = shown + `SELECT w.*, row_number() OVER (ORDER BY w.at DESC, w.id DESC) AS place FROM (`
	paged  = `) w ORDER BY place OFFSET CAST($12 AS int) LIMIT $4` + named
	// typed gives types to the parameters that a walk does not use.
	typed = ` AND (CAST($7 AS boolean) IS NULL OR CAST($8 AS boolean) IS NULL OR CAST($9 AS uuid[]) IS NULL OR CAST($10 AS uuid[]) IS NULL OR CAST($11 AS uuid[]) IS NULL OR CAST($13 AS text) <> '')`

	walkedAll = placed + `SELECT d.* FROM (SELECT d.* FROM search_doc d WHERE d.kind = $6` + newest + `30000) d
		WHERE (d.audience <> 'shared' OR d.id = ANY (ARRAY(` + shared + `))) AND ` + match + typed + newest + enough + paged

	walkedNetwork = placed + `SELECT d.* FROM (SELECT d.* FROM search_doc d WHERE d.kind = $6 AND d.network_id = $2` + newest + `30000) d
		WHERE ` + match + ` AND ` + visible + typed + newest + enough + paged

	// walkedReach walks what is open, and each network that the actor sees inside.
	walkedReach = placed + `(SELECT d.* FROM (SELECT d.* FROM search_doc d WHERE d.kind = $6 AND d.audience <> 'network'` + newest + `30000) d
			WHERE (d.audience = 'public' OR $7 AND d.audience = 'platform' OR d.audience = 'shared' AND d.id = ANY (ARRAY(` + shared + `))) AND ` + match + typed + newest + enough + `)
		UNION ALL SELECT l.* FROM (` + reached + `) r CROSS JOIN LATERAL (SELECT d.* FROM
			(SELECT d.* FROM search_doc d WHERE d.network_id = r.id AND d.kind = $6 AND d.audience = 'network'` + newest + ` greatest(1000, 30000 / (SELECT greatest(count(*), 1) FROM (` + reached + `) c))) d
			WHERE ` + match + newest + enough + `) l` + paged
)

// maxWalk is how many texts a walk reads at most, as the statements say.
const maxWalk = 30_000

// findPart is the statement that fits the question and what is known of its words.
func findPart(c *counts, q *Query, k Kind, a *access.Actor, reach *access.Reach, inNetwork bool, offset int) gather.Part {
	sql, p := ranked, q.plan(c.of)
	if c.walks(p) {
		switch {
		case inNetwork:
			sql = walkedNetwork
		case reach.All && a.SignedIn():
			sql = walkedAll
		default:
			sql = walkedReach
		}
	}
	return gather.Part{Key: string(k), SQL: sql, Args: []any{q.ts(), string(k), a.SignedIn(), reach.All,
		pq.Array(reach.Centres), pq.Array(reach.Programmes), pq.Array(reach.Networks), offset, p.narrow}}
}

func readCounts(ctx context.Context, q db.Q, revision string, kinds int) (*counts, error) {
	var r struct {
		Rows   float64         `db:"rows"`
		Elems  pq.StringArray  `db:"elems"`
		Shares pq.Float64Array `db:"shares"`
		Done   int             `db:"done"`
	}
	err := q.Get(ctx, &r, `SELECT c.reltuples AS rows, coalesce(CAST(CAST(s.most_common_elems AS text) AS text[]), '{}') AS elems,
			coalesce(CAST(s.most_common_elem_freqs AS float8[]), '{}') AS shares, (SELECT count(*) FROM search_progress p WHERE p.done AND p.revision = $1) AS done
		FROM pg_class c LEFT JOIN pg_stats s ON s.schemaname = 'public' AND s.tablename = 'search_doc' AND s.attname = 'words'
		WHERE c.oid = CAST('search_doc' AS regclass)`, revision)
	if err != nil {
		return nil, err
	}
	out := &counts{rows: max(r.Rows, 0), share: make(map[string]float64, len(r.Elems)), unfinished: r.Done < kinds}
	// Behind the shares stand their minimum and maximum.
	for i, e := range r.Elems {
		if i < len(r.Shares) {
			out.share[e] = r.Shares[i]
			if out.least == 0 || r.Shares[i] < out.least {
				out.least = r.Shares[i]
			}
		}
	}
	return out, nil
}

// progress is how far a kind has been prepared.
type progress struct {
	Kind     Kind      `db:"kind"`
	Revision string    `db:"revision"`
	After    uuid.UUID `db:"after_id"`
	Done     bool      `db:"done"`
	Docs     int64     `db:"docs"`
}

// lockProgress reads how far a kind is and keeps other nodes from going on with
// it; begun anew for another revision.
func lockProgress(ctx context.Context, tx *db.Tx, k Kind, revision string, now time.Time) (progress, error) {
	_, err := tx.Exec(ctx, `INSERT INTO search_progress (kind, revision, after_id, done, changed_at) VALUES ($1, $2, $3, false, $4) ON CONFLICT DO NOTHING`, k, revision, uuid.Nil, now)
	if err != nil {
		return progress{}, err
	}
	var p progress
	err = tx.Get(ctx, &p, `SELECT kind, revision, after_id, done, docs FROM search_progress WHERE kind = $1 FOR UPDATE`, k)
	if err == nil && p.Revision != revision {
		p = progress{Kind: k, Revision: revision}
	}
	return p, err
}

func saveProgress(ctx context.Context, tx *db.Tx, p progress, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE search_progress SET revision = $2, after_id = $3, done = $4, docs = $5, changed_at = $6 WHERE kind = $1`, p.Kind, p.Revision, p.After, p.Done, p.Docs, now)
	return err
}

func listProgress(ctx context.Context, q db.Q) ([]progress, error) {
	var out []progress
	err := q.Select(ctx, &out, `SELECT kind, revision, after_id, done, docs FROM search_progress ORDER BY kind LIMIT 100`)
	return out, err
}

func analyse(ctx context.Context, q db.Q) error {
	_, err := q.Exec(ctx, `ANALYZE search_doc`)
	return err
}
