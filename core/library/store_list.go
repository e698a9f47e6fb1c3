package library

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

// resourceRow is everything of a resource, its lists as JSON.
type resourceRow struct {
	head
	CentreName    string         `db:"centre_name"`
	StateReason   string         `db:"state_reason"`
	DecidedAt     *time.Time     `db:"decided_at"`
	CreatedAt     time.Time      `db:"created_at"`
	ChangedAt     time.Time      `db:"changed_at"`
	CreatedByName string         `db:"created_by_name"`
	Kind          string         `db:"kind"`
	Description   string         `db:"description"`
	Licence       string         `db:"licence"`
	LicenceText   string         `db:"licence_text"`
	Authors       pq.StringArray `db:"authors"`
	Accessibility string         `db:"accessibility"`
	Product       bool           `db:"product"`
	Useful        int            `db:"useful"`
	Mine          bool           `db:"mine"`
	VersionList   []byte         `db:"version_list"`
	UseList       []byte         `db:"use_list"`

	useCentres []uuid.UUID
	useOpen    []bool
	useBy      []uuid.UUID
}

func (r *resourceRow) decidedAt() time.Time {
	if r.DecidedAt == nil {
		return time.Time{}
	}
	return *r.DecidedAt
}

// filesOf is the JSON of the files of version v.
const filesOf = `coalesce((SELECT json_agg(json_build_object('id', f.id, 'name', f.name, 'media_type', f.media_type, 'size', f.size, 'alt', x.alt, 'pages', coalesce(x.pages, 0)) ORDER BY x.no)
	FROM resource_file x JOIN file f ON f.id = x.file_id WHERE x.version_id = v.id), '[]')`

func readResource(ctx context.Context, q db.Q, id, reader uuid.UUID) (*resourceRow, error) {
	var r resourceRow
	err := q.Get(ctx, &r, `SELECT `+headColumns+`, i.name AS centre_name, r.state_reason, r.decided_at, r.created_at, r.changed_at, p.name AS created_by_name,
			r.kind, r.description, r.licence, r.licence_text, r.authors, r.accessibility, r.product, r.useful,
			EXISTS (SELECT 1 FROM resource_useful m WHERE m.resource_id = r.id AND m.person_id = $2) AS mine,
			coalesce((SELECT json_agg(l) FROM (SELECT v.id, v.no, v.note, v.link, w.name AS by, v.created_at, `+filesOf+` AS files
				FROM resource_version v JOIN person w ON w.id = v.created_by WHERE v.resource_id = r.id ORDER BY v.no DESC LIMIT 50) l), '[]') AS version_list,
			coalesce((SELECT json_agg(l) FROM (SELECT u.network_id, m.title AS network, u.place_kind AS kind, u.place_id, u.title, u.note, u.used_at,
					m.centre_id AS centre, m.status = 'open' AS open, u.used_by AS by
				FROM resource_use u JOIN network m ON m.id = u.network_id WHERE u.resource_id = r.id AND m.status <> 'draft'
				ORDER BY u.used_at DESC, u.place_id LIMIT 50) l), '[]') AS use_list
		FROM resource r JOIN institution i ON i.id = r.centre_id JOIN person p ON p.id = r.created_by LEFT JOIN network n ON n.id = r.network_id
		WHERE r.id = $1`, id, reader)
	return &r, db.NotFound(err)
}

func (r *resourceRow) resource() (*Resource, error) {
	out := &Resource{
		ID: r.ID, Network: r.Network.UUID, NetworkTitle: r.NetworkTitle, Centre: r.Centre, CentreName: r.CentreName, State: r.State, StateReason: r.StateReason,
		Audience: r.Audience, Asked: r.Asked, Decision: r.Decision, DecidedAt: r.decidedAt(), Reason: r.Reason, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt,
		CreatedBy: r.CreatedBy, CreatedByName: r.CreatedByName, Useful: r.Useful, Mine: r.Mine, Version: r.Version,
		Details: Details{Title: r.Title, Kind: r.Kind, Description: r.Description, Licence: r.Licence, LicenceText: r.LicenceText, Authors: r.Authors,
			Accessibility: r.Accessibility, Tags: r.Tags, Product: r.Product},
	}
	if err := json.Unmarshal(r.VersionList, &out.Versions); err != nil {
		return nil, err
	}
	var uses []struct {
		Use
		Centre uuid.UUID `json:"centre"`
		Open   bool      `json:"open"`
		By     uuid.UUID `json:"by"`
	}
	if err := json.Unmarshal(r.UseList, &uses); err != nil {
		return nil, err
	}
	out.Uses = make([]Use, len(uses))
	for i, u := range uses {
		out.Uses[i] = u.Use
		r.useCentres, r.useOpen, r.useBy = append(r.useCentres, u.Centre), append(r.useOpen, u.Open), append(r.useBy, u.By)
	}
	return out, nil
}

// visible is who sees a shared resource r of network n in a list: $1 the
// person, $2 whether somebody is signed in, $3 to $6 the reach of resource:view
// (all, centres, programmes, networks).
const visible = `(r.audience = 'public' OR $2 AND r.audience = 'platform' OR $3 OR r.network_id = ANY ($6) OR r.centre_id = ANY ($4)
	OR n.programme_id = ANY ($5) OR r.created_by = $1)`

const cardColumns = `r.id, r.title, r.kind, left(r.description, 300) AS description, r.licence, r.authors, r.tags, r.product, r.state, r.audience, r.asked_audience,
	r.network_id, coalesce(n.title, '') AS network_title, r.useful, r.versions, r.changed_at`

// A list's parameters: $1 to $6 as in visible, $7 to $13 narrow it, $14 and $15
// are where it begins, $16 how long it is, $17 is the text of $12 in any inflected
// form (core/search: what was shared only); asked gives types to those that a
// list does not use. The page is cut first, what belongs to each card is read
// afterwards.
const (
	listHead = `WITH asked AS (SELECT $1::uuid, $2::bool, $3::bool, $4::uuid[], $5::uuid[], $6::uuid[])
		SELECT c.*, i.name AS centre_name, v.link, ` + filesOf + ` AS files
		FROM (SELECT ` + cardColumns + `, r.centre_id FROM resource r LEFT JOIN network n ON n.id = r.network_id WHERE `
	narrowed = ` AND ($7 = '' OR r.kind = $7) AND ($8 = '' OR r.licence = $8) AND r.tags @> $9 AND (NOT $10 OR r.product) AND ($11 = '' OR r.audience = $11)
		AND (r.folded LIKE ALL ($12) OR r.id IN (SELECT d.id FROM search_doc d WHERE d.kind = 'resource' AND d.words @@ CAST(nullif($17, '') AS tsquery)))
		AND `
	// A network's few are found by their indexes; among all, one would walk past
	// everything newer first. So these are texts of their own.
	anywhere   = `CAST($13 AS uuid) = '00000000-0000-0000-0000-000000000000'`
	here       = `r.id IN (SELECT x.id FROM resource x WHERE x.network_id = CAST($13 AS uuid) UNION SELECT y.resource_id FROM resource_use y WHERE y.network_id = $13)`
	newest     = ` AND r.id < $15 AND $14 >= 0 ORDER BY r.id DESC LIMIT $16) c`
	mostUseful = ` AND (r.useful, r.id) < ($14, $15) ORDER BY r.useful DESC, r.id DESC LIMIT $16) c`
	listTail   = ` JOIN institution i ON i.id = c.centre_id JOIN resource_version v ON v.resource_id = c.id AND v.no = c.versions ORDER BY `

	ofAll     = `r.state = 'shared' AND ` + visible
	ofMine    = `r.state IN ('draft', 'shared') AND r.created_by = $1`
	ofWaiting = `r.state = 'shared' AND r.asked_audience <> '' AND ($3 OR r.centre_id = ANY ($4) OR n.programme_id = ANY ($5) OR r.network_id = ANY ($6))`

	byID     = `c.id DESC`
	byUseful = `c.useful DESC, c.id DESC`
)

type listKey struct {
	which Which
	order Order
	here  bool // of one network
}

// lists are the statements, each prepared once.
var lists = func() map[listKey]string {
	out := map[listKey]string{}
	for which, of := range map[Which]string{All: ofAll, Mine: ofMine, Waiting: ofWaiting} {
		for order, cut := range map[Order][2]string{Newest: {newest, byID}, MostUseful: {mostUseful, byUseful}} {
			out[listKey{which, order, false}] = listHead + of + narrowed + anywhere + cut[0] + listTail + cut[1]
			out[listKey{which, order, true}] = listHead + of + narrowed + here + cut[0] + listTail + cut[1]
		}
	}
	return out
}()

type cardRow struct {
	ID           uuid.UUID      `db:"id"`
	Title        string         `db:"title"`
	Kind         string         `db:"kind"`
	Description  string         `db:"description"`
	Licence      string         `db:"licence"`
	Authors      pq.StringArray `db:"authors"`
	Tags         pq.StringArray `db:"tags"`
	Product      bool           `db:"product"`
	State        State          `db:"state"`
	Audience     Audience       `db:"audience"`
	Asked        Audience       `db:"asked_audience"`
	Network      uuid.NullUUID  `db:"network_id"`
	NetworkTitle string         `db:"network_title"`
	Useful       int            `db:"useful"`
	Versions     int            `db:"versions"`
	ChangedAt    time.Time      `db:"changed_at"`
	Centre       uuid.UUID      `db:"centre_id"`
	CentreName   string         `db:"centre_name"`
	Link         string         `db:"link"`
	Files        []byte         `db:"files"`
}

func listResources(ctx context.Context, q db.Q, f *Filter, a *access.Actor, reach access.Reach, after position, limit int) ([]cardRow, error) {
	query, ok := lists[listKey{f.Which, f.Order, f.Network != uuid.Nil}]
	if !ok {
		query = lists[listKey{All, Newest, f.Network != uuid.Nil}]
	}
	var out []cardRow
	err := q.Select(ctx, &out, query, nilID(a.Person), a.SignedIn(), reach.All, pq.Array(reach.Centres), pq.Array(reach.Programmes), pq.Array(reach.Networks),
		f.Kind, f.Licence, pq.Array(nonNil(f.Tags)), f.Product, f.Audience, pq.Array(nonNil(f.words)), f.Network, after.useful, after.id, limit, f.match)
	return out, err
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func cards(rows []cardRow) ([]Card, error) {
	out := make([]Card, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i] = Card{
			ID: r.ID, Title: r.Title, Kind: r.Kind, Description: r.Description, Licence: r.Licence, Authors: r.Authors, Tags: r.Tags, Product: r.Product, State: r.State,
			Audience: r.Audience, Asked: r.Asked, Network: r.Network.UUID, NetworkTitle: r.NetworkTitle, CentreName: r.CentreName, Useful: r.Useful, Versions: r.Versions,
			ChangedAt: r.ChangedAt, Link: r.Link,
		}
		if err := json.Unmarshal(r.Files, &out[i].Files); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// position is where in an order a page begins.
type position struct {
	useful int64
	id     uuid.UUID
}

func cursorOf(r *cardRow, o Order) string {
	raw := r.ID[:]
	if o == MostUseful {
		raw = binary.BigEndian.AppendUint32(append([]byte{}, raw...), uint32(r.Useful))
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func readCursor(s string, o Order) (position, error) {
	if s == "" {
		return position{math.MaxInt32, uuid.Max}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	want := 16
	if o == MostUseful {
		want = 20
	}
	if err != nil || len(raw) != want {
		return position{}, badCursor()
	}
	p := position{id: uuid.UUID(raw[:16])}
	if o == MostUseful {
		p.useful = int64(binary.BigEndian.Uint32(raw[16:]))
		if p.useful > math.MaxInt32 {
			return position{}, badCursor()
		}
	}
	return p, nil
}

func listPlaces(ctx context.Context, q db.Q, networks, centres []uuid.UUID, limit int) (Places, error) {
	var rows []struct {
		Option
		Centre bool `db:"centre"`
	}
	err := q.Select(ctx, &rows, `(SELECT id, title, false AS centre FROM network WHERE id = ANY ($1) AND status = 'open' ORDER BY title, id LIMIT $3)
		UNION ALL (SELECT id, name, true FROM institution WHERE id = ANY ($2) AND closed_on IS NULL ORDER BY name_folded, id LIMIT $3)`,
		pq.Array(networks), pq.Array(centres), limit)
	var out Places
	for _, r := range rows {
		if r.Centre {
			out.Centres = append(out.Centres, r.Option)
		} else {
			out.Networks = append(out.Networks, r.Option)
		}
	}
	return out, err
}

const (
	latestKey = "library.latest"
	latestSQL = `SELECT r.id, r.title, r.kind, r.product, count(*) OVER () AS n FROM resource r
		WHERE r.state = 'shared' AND r.id IN (SELECT x.id FROM resource x WHERE x.network_id = $2 UNION SELECT y.resource_id FROM resource_use y WHERE y.network_id = $2)
		ORDER BY r.id DESC LIMIT $4`

	todoKey = "library.todo"
	todoSQL = `SELECT r.id, r.title, coalesce(n.title, '') AS network FROM (SELECT x.id, x.title, x.network_id, x.asked_at FROM resource x
			WHERE x.asked_audience <> '' AND x.state = 'shared' AND ($5 OR x.centre_id = ANY ($6)) ORDER BY x.asked_at, x.id LIMIT $4) r
		LEFT JOIN network n ON n.id = r.network_id ORDER BY r.asked_at, r.id`
)

// sharedRow is a resource as the search sees it.
type sharedRow struct {
	ID          uuid.UUID      `db:"id"`
	Network     uuid.NullUUID  `db:"network_id"`
	Centre      uuid.UUID      `db:"centre_id"`
	Audience    Audience       `db:"audience"`
	Kind        string         `db:"kind"`
	Title       string         `db:"title"`
	Description string         `db:"description"`
	Authors     pq.StringArray `db:"authors"`
	Tags        pq.StringArray `db:"tags"`
	ChangedAt   time.Time      `db:"changed_at"`
}

func sharedOf(ctx context.Context, q db.Q, ids []uuid.UUID) ([]sharedRow, error) {
	var out []sharedRow
	err := q.Select(ctx, &out, `SELECT id, network_id, centre_id, audience, kind, title, description, authors, tags, changed_at
		FROM resource WHERE id = ANY ($1) AND state = 'shared' LIMIT 500`, pq.Array(ids))
	return out, err
}

func nextShared(ctx context.Context, q db.Q, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT id FROM resource WHERE id > $1 AND state = 'shared' ORDER BY id LIMIT $2`, after, limit)
	return out, err
}
