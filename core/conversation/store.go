package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/place"
)

var _ = db.Constraint("conversation_report_once", fault.Conflict, "", "conversation.reported_already")

const statusOpen = "open"

// stand is how a person stands in a network.
type stand struct {
	Title       string `db:"title"`
	Status      string `db:"status"`
	Member      bool   `db:"member"`
	Coordinator bool   `db:"coordinator"`
	Centre      bool   `db:"centre"`
}

func (p *stand) inside() bool { return p.Status != "draft" && (p.Member || p.Centre) }

// memberOf, leads and ofCentre tell how person %s stands in network n at $now.
const (
	memberOf = `EXISTS (SELECT 1 FROM membership m WHERE m.network_id = n.id AND m.person_id = %s AND m.state = 'active')`
	holds    = `EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = %s AND g.scope_kind = '%s' AND g.scope_id = %s AND g.role = '%s'
		AND g.valid_from <= %s AND (g.valid_to IS NULL OR g.valid_to > %s))`
)

func leads(person, now string) string {
	return fmt.Sprintf(holds, person, access.Network, "n.id", access.Coordinator, now, now)
}

func ofCentre(person, now string) string {
	return fmt.Sprintf(holds, person, access.Centre, "n.centre_id", access.CentreAdmin, now, now)
}

var standingSQL = `SELECT n.title, n.status, ` + fmt.Sprintf(memberOf, "$2") + ` AS member, ` + leads("$2", "$3") + ` AS coordinator, ` + ofCentre("$2", "$3") + ` AS centre
	FROM network n WHERE n.id = $1`

func standing(ctx context.Context, q db.Q, network, person uuid.UUID, now time.Time) (stand, error) {
	var p stand
	err := q.Get(ctx, &p, standingSQL, network, person, now)
	return p, db.NotFound(err)
}

// reachableSQL is whom somebody may write to: $4 a member writes to members, $5
// the coordinator also to the centre, $6 the centre to the coordinator. It begins
// with these few, not with everybody.
var reachableSQL = ` FROM (SELECT m.person_id AS id FROM membership m WHERE $4 AND m.network_id = $1 AND m.state = 'active'
		UNION SELECT g.person_id FROM network n JOIN role_grant g ON g.scope_kind = 'centre' AND g.scope_id = n.centre_id AND g.role = 'centre_admin'
			AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3) WHERE $5 AND n.id = $1
		UNION SELECT g.person_id FROM role_grant g WHERE $6 AND g.scope_kind = 'network' AND g.scope_id = $1 AND g.role = 'coordinator'
			AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)) r
	JOIN person p ON p.id = r.id AND p.state = 'active' LEFT JOIN institution i ON i.id = p.institution_id ` + place.Joins + `
	WHERE p.id <> $2`

var (
	findSQL  = `SELECT p.id, p.name, coalesce(i.name, '') AS school, ` + place.Columns + `, false AS gone` + reachableSQL + ` AND (translate(lower(p.name), 'ąćęłńóśźż', 'acelnoszz') LIKE $7 OR p.id = ANY ($9)) ORDER BY p.sort_name, p.id LIMIT $8`
	countSQL = `SELECT count(*)` + reachableSQL + ` AND p.id = ANY ($7)`
)

// reachable finds by the name alone: the folded column of core/identity holds
// addresses too, which nobody must be able to guess at. Those in also are found
// whatever they are called.
func reachable(ctx context.Context, q db.Q, network uuid.UUID, p *stand, person uuid.UUID, text string, also []uuid.UUID, now time.Time, limit int) ([]Person, error) {
	pattern := "%"
	for _, w := range fold.Words(text) { // letters and digits only: nothing to escape
		pattern += w + "%"
	}
	var out []Person
	err := q.Select(ctx, &out, findSQL, network, person, now, p.Member, p.Coordinator, p.Centre, pattern, limit, db.Array(also))
	return out, err
}

// networksOf lists the open networks in which a person takes part.
func networksOf(ctx context.Context, q db.Q, person uuid.UUID, limit int) ([]Network, error) {
	var out []Network
	err := q.Select(ctx, &out, `SELECT n.id, n.title FROM membership m JOIN network n ON n.id = m.network_id
		WHERE m.person_id = $1 AND m.state = 'active' AND n.status = 'open' ORDER BY n.title, n.id LIMIT $2`, person, limit)
	return out, err
}

func countReachable(ctx context.Context, q db.Q, network uuid.UUID, p *stand, people []uuid.UUID, now time.Time) (int, error) {
	var n int
	err := q.Get(ctx, &n, countSQL, network, uuid.Nil, now, p.Member, p.Coordinator, p.Centre, db.Array(people))
	return n, err
}

// head is a conversation as one who takes part in it sees it.
type head struct {
	ID           uuid.UUID `db:"id"`
	Network      uuid.UUID `db:"network_id"`
	NetworkTitle string    `db:"network_title"`
	Status       string    `db:"status"`
	Centre       uuid.UUID `db:"centre_id"`
	Title        string    `db:"title"`
	LastSeq      int       `db:"last_seq"`
	LastAt       time.Time `db:"last_at"`
	Read         int       `db:"read_seq"`
	Inside       bool      `db:"inside"`
	Others       int       `db:"others"`
	People       []byte    `db:"people"`
}

func (h *head) conversation() (Conversation, error) {
	c := Conversation{ID: h.ID, Network: h.Network, NetworkTitle: h.NetworkTitle, Title: h.Title, Messages: h.LastSeq, Unread: max(h.LastSeq-h.Read, 0),
		LastAt: h.LastAt, Open: h.writable() == nil}
	err := json.Unmarshal(h.People, &c.People)
	return c, err
}

// headColumns need person $1 and now $2.
var headColumns = `c.id, c.network_id, n.title AS network_title, n.status, n.centre_id, c.title, c.last_seq, c.last_at, me.read_seq,
	(` + fmt.Sprintf(memberOf, "$1") + ` OR ` + ofCentre("$1", "$2") + `) AS inside,
	(SELECT count(*) FROM conversation_member x WHERE x.conversation_id = c.id AND x.person_id <> $1 AND x.left_at IS NULL) AS others,
	coalesce((SELECT json_agg(json_build_object('id', p.id, 'name', p.name, 'left', x.left_at IS NOT NULL) ORDER BY p.sort_name, p.id)
		FROM conversation_member x JOIN person p ON p.id = x.person_id WHERE x.conversation_id = c.id AND x.person_id <> $1), '[]') AS people`

// mine is the only way into a conversation: through one's own row in it.
const mine = ` FROM conversation_member me JOIN conversation c ON c.id = me.conversation_id JOIN network n ON n.id = c.network_id
	WHERE me.person_id = $1 AND me.left_at IS NULL`

var (
	headSQL = `SELECT ` + headColumns + mine + ` AND c.id = $3`
	listSQL = `SELECT ` + headColumns + mine + ` AND (me.last_at, me.conversation_id) < ($3, $4) ORDER BY me.last_at DESC, me.conversation_id DESC LIMIT $5`
)

func readHead(ctx context.Context, q db.Q, id, person uuid.UUID, now time.Time) (head, error) {
	var h head
	err := q.Get(ctx, &h, headSQL, person, now, id)
	return h, db.NotFound(err)
}

// cursor is the place in the list after which a page begins.
type cursor struct {
	At time.Time
	ID uuid.UUID
}

var farAway = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

func cursorOf(h *head) string { return fmt.Sprintf("%d.%s", h.LastAt.UnixMicro(), h.ID) }

func readCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{farAway, uuid.Max}, nil
	}
	var at int64
	left, right, _ := strings.Cut(s, ".")
	id, err := uuid.Parse(right)
	if err == nil {
		_, err = fmt.Sscanf(left, "%d", &at)
	}
	if err != nil || at < 0 || at > farAway.UnixMicro() {
		return cursor{}, fault.InvalidFields(fault.Field{Path: "cursor", Key: "conversation.cursor"})
	}
	return cursor{time.UnixMicro(at).UTC(), id}, nil
}

func list(ctx context.Context, q db.Q, person uuid.UUID, now time.Time, after cursor, limit int) ([]head, error) {
	var out []head
	err := q.Select(ctx, &out, listSQL, person, now, after.At, after.ID, limit)
	return out, err
}

const messageColumns = `m.seq, m.author_id, o.name AS author, m.author_id = $2 AS mine, CASE WHEN m.hidden_at IS NULL THEN m.body ELSE '' END AS body, m.created_at,
	m.hidden_at IS NOT NULL AS hidden, EXISTS (SELECT 1 FROM conversation_report r WHERE r.conversation_id = m.conversation_id AND r.seq = m.seq AND r.reporter_id = $2) AS reported
	FROM conversation_message m JOIN person o ON o.id = m.author_id `

// messages reads those after number after; who calls has looked that the
// person takes part.
func messages(ctx context.Context, q db.Q, id, person uuid.UUID, after, limit int) ([]Message, error) {
	var out []Message
	err := q.Select(ctx, &out, `SELECT `+messageColumns+`WHERE m.conversation_id = $1 AND m.seq > $3 ORDER BY m.seq LIMIT $4`, id, person, after, limit)
	return out, err
}

func message(ctx context.Context, q db.Q, id uuid.UUID, seq int, person uuid.UUID) (Message, error) {
	var m Message
	err := q.Get(ctx, &m, `SELECT `+messageColumns+`WHERE m.conversation_id = $1 AND m.seq = $3`, id, person, seq)
	return m, db.NotFound(err)
}

// between finds the untitled conversation of exactly two people in a network.
func between(ctx context.Context, tx *db.Tx, network, one, two uuid.UUID) (uuid.UUID, error) {
	var id uuid.UUID
	err := tx.Get(ctx, &id, `SELECT c.id FROM conversation_member a JOIN conversation_member b ON b.conversation_id = a.conversation_id JOIN conversation c ON c.id = a.conversation_id
		WHERE a.person_id = $2 AND b.person_id = $3 AND a.left_at IS NULL AND b.left_at IS NULL AND c.network_id = $1 AND c.title = ''
			AND (SELECT count(*) FROM conversation_member x WHERE x.conversation_id = c.id) = 2
		ORDER BY c.last_at DESC LIMIT 1`, network, one, two)
	if db.IsNoRows(err) {
		return uuid.Nil, nil
	}
	return id, err
}

func insert(ctx context.Context, tx *db.Tx, id uuid.UUID, in *Begin, by uuid.UUID, at time.Time) error {
	if _, err := tx.Exec(ctx, `INSERT INTO conversation (id, network_id, title, created_by, created_at, last_at) VALUES ($1, $2, $3, $4, $5, $5)`,
		id, in.Network, in.Title, by, at); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO conversation_member (conversation_id, person_id, joined_at, last_at) SELECT $1, x, $3, $3 FROM unnest(CAST($2 AS uuid[])) x`,
		id, db.Array(append([]uuid.UUID{by}, in.People...)), at)
	return err
}

// next gives the next number of a conversation; 0 when its network is over.
func next(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) (int, error) {
	var seq int
	err := tx.Get(ctx, &seq, `UPDATE conversation c SET last_seq = c.last_seq + 1, last_at = greatest(c.last_at, $2)
		FROM network n WHERE c.id = $1 AND n.id = c.network_id AND n.status = 'open' RETURNING c.last_seq`, id, at)
	if db.IsNoRows(err) {
		return 0, nil
	}
	return seq, err
}

func insertMessage(ctx context.Context, tx *db.Tx, id uuid.UUID, seq int, author uuid.UUID, body string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO conversation_message (conversation_id, seq, author_id, body, created_at) VALUES ($1, $2, $3, $4, $5)`, id, seq, author, body, at)
	return err
}

// touch moves the conversation up everybody's list and returns whom to tell:
// those who have read what they were told of last. The author has read all.
func touch(ctx context.Context, tx *db.Tx, id, author uuid.UUID, seq int, at time.Time) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := tx.Select(ctx, &out, `WITH was AS (SELECT person_id, left_at IS NULL AND person_id <> $2 AND told_seq <= read_seq AS due
			FROM conversation_member WHERE conversation_id = $1 ORDER BY person_id FOR UPDATE),
		now AS (UPDATE conversation_member m SET last_at = greatest(m.last_at, $4), told_seq = CASE WHEN w.due THEN $3 ELSE m.told_seq END,
				read_seq = CASE WHEN m.person_id = $2 THEN $3 ELSE m.read_seq END
			FROM was w WHERE m.conversation_id = $1 AND m.person_id = w.person_id)
		SELECT person_id FROM was WHERE due`, id, author, seq, at)
	return out, err
}

func markRead(ctx context.Context, q db.Q, id, person uuid.UUID, seq int) error {
	_, err := q.Exec(ctx, `UPDATE conversation_member SET read_seq = $3 WHERE conversation_id = $1 AND person_id = $2 AND read_seq < $3`, id, person, seq)
	return err
}

func leave(ctx context.Context, tx *db.Tx, id, person uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE conversation_member SET left_at = $3 WHERE conversation_id = $1 AND person_id = $2 AND left_at IS NULL`, id, person, at)
	return err
}

// insertReport copies the message: what is judged is what was disclosed.
func insertReport(ctx context.Context, tx *db.Tx, report, id uuid.UUID, seq int, network, reporter uuid.UUID, reason string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO conversation_report (id, conversation_id, seq, network_id, reporter_id, author_id, body, reason, created_at)
		SELECT $1, m.conversation_id, m.seq, $4, $5, m.author_id, m.body, $6, $7 FROM conversation_message m WHERE m.conversation_id = $2 AND m.seq = $3`,
		report, id, seq, network, reporter, reason, at)
	return err
}

const selectReport = `SELECT r.id, r.network_id, n.title, n.centre_id, n.programme_id, p.name AS reporter, o.name AS author, r.body, m.created_at AS written_at, r.reason, r.created_at,
		r.outcome, r.answer, r.author_id, r.reporter_id, r.conversation_id, r.seq
	FROM conversation_report r JOIN network n ON n.id = r.network_id JOIN person p ON p.id = r.reporter_id JOIN person o ON o.id = r.author_id
	JOIN conversation_message m ON m.conversation_id = r.conversation_id AND m.seq = r.seq `

func openReports(ctx context.Context, q db.Q, all bool, centres []uuid.UUID) ([]Disclosed, error) {
	var out []Disclosed
	err := q.Select(ctx, &out, selectReport+`WHERE r.outcome = '' AND ($1 OR n.centre_id = ANY ($2)) ORDER BY r.id LIMIT 50`, all, db.Array(centres))
	return out, err
}

func readReport(ctx context.Context, q db.Q, id uuid.UUID) (Disclosed, error) {
	var d Disclosed
	err := q.Get(ctx, &d, selectReport+`WHERE r.id = $1`, id)
	return d, db.NotFound(err)
}

func judge(ctx context.Context, tx *db.Tx, id uuid.UUID, outcome, answer string, by uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE conversation_report SET outcome = $2, answer = $3, handled_by = $4, handled_at = $5 WHERE id = $1 AND outcome = ''`, id, outcome, answer, by, at)
	return n == 1, err
}

func hideMessage(ctx context.Context, tx *db.Tx, id uuid.UUID, seq int, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE conversation_message SET hidden_at = $3 WHERE conversation_id = $1 AND seq = $2 AND hidden_at IS NULL`, id, seq, at)
	return err
}

// todoRows is a part of core/gather: how many conversations hold something new
// for $1, and disclosed messages for those who judge everywhere ($5) or at
// centres $6.
const todoRows = `SELECT x.kind, x.id, x.title, x.n FROM (
		SELECT 'unread' AS kind, CAST(NULL AS uuid) AS id, '' AS title, count(*) AS n
		FROM conversation_member m JOIN conversation c ON c.id = m.conversation_id WHERE m.person_id = $1 AND m.left_at IS NULL AND c.last_seq > m.read_seq HAVING count(*) > 0
		UNION ALL
		SELECT 'report', r.id, n.title, 1 FROM conversation_report r JOIN network n ON n.id = r.network_id
		WHERE r.outcome = '' AND r.author_id <> $1 AND r.reporter_id <> $1 AND ($5 OR n.centre_id = ANY ($6))) x ORDER BY x.kind DESC, x.id LIMIT $4`
