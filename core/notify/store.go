package notify

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

func storedText(m *Message) (stored, error) {
	t := stored{Key: m.Key, Link: m.Link}
	var err error
	if t.Args, err = encodeArgs(m.Args); err != nil {
		return t, err
	}
	if m.Key == "" {
		t.Wording, err = json.Marshal(m.Wording)
	}
	return t, err
}

type notificationRow struct {
	ID        uuid.UUID  `db:"id"`
	CreatedAt time.Time  `db:"created_at"`
	ReadAt    *time.Time `db:"read_at"`
	stored
}

func insertNotifications(ctx context.Context, tx *db.Tx, to []uuid.UUID, t stored, once string, now time.Time) error {
	ids, err := newIDs(len(to))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO notification (id, person_id, key, args, wording, link, once, created_at)
		SELECT i, p, $3, CAST($4 AS jsonb), CAST($5 AS jsonb), $6, $7, $8
		FROM unnest(CAST($1 AS uuid[]), CAST($2 AS uuid[])) AS x (i, p)
		ON CONFLICT (person_id, once) WHERE once <> '' DO NOTHING`,
		pq.Array(ids), pq.Array(to), t.Key, string(t.Args), nullJSON(t.Wording), t.Link, once, now)
	return err
}

func listNotifications(ctx context.Context, q db.Q, person, before uuid.UUID, limit int) ([]notificationRow, error) {
	var rows []notificationRow
	err := q.Select(ctx, &rows, `
		SELECT id, created_at, read_at, key, args, wording, link
		FROM notification WHERE person_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, person, before, limit)
	return rows, err
}

// unread counts what person $1 has not read, up to 100.
const (
	unreadPart = "notify.unread"
	unread     = `SELECT count(*) AS n FROM (SELECT 1 FROM notification WHERE person_id = $1 AND read_at IS NULL LIMIT 100) x`
)

func markRead(ctx context.Context, q db.Q, person uuid.UUID, ids []uuid.UUID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE notification SET read_at = $3
		WHERE person_id = $1 AND id = any(CAST($2 AS uuid[])) AND read_at IS NULL`, person, pq.Array(ids), now)
	return err
}

func markAllRead(ctx context.Context, q db.Q, person, upTo uuid.UUID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE notification SET read_at = $3
		WHERE person_id = $1 AND id <= $2 AND read_at IS NULL`, person, upTo, now)
	return err
}

// Letter states, as in the CHECK of mail_outbox.
const (
	waiting = "waiting"
	sent    = "sent"
	refused = "refused"  // the mail server said no for good
	dropped = "dropped"  // the receiver must not be written to any more
	givenUp = "given_up" // every attempt failed
)

type letterRow struct {
	ID        uuid.UUID     `db:"id"`
	Person    uuid.NullUUID `db:"person_id"`
	Address   string        `db:"address"`
	Lang      string        `db:"lang"`
	State     string        `db:"state"`
	CreatedAt time.Time     `db:"created_at"`
	stored
}

func insertLetters(ctx context.Context, tx *db.Tx, rows []letterRow, t stored, once string) ([]uuid.UUID, error) {
	ids, err := newIDs(len(rows))
	if err != nil {
		return nil, err
	}
	people := make([]uuid.NullUUID, len(rows))
	addresses, langs := make([]string, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		people[i], addresses[i], langs[i] = r.Person, r.Address, r.Lang
	}
	var out []uuid.UUID
	err = tx.Select(ctx, &out, `
		INSERT INTO mail_outbox (id, person_id, address, lang, key, args, wording, link, once)
		SELECT i, p, a, l, $5, CAST($6 AS jsonb), CAST($7 AS jsonb), $8, CASE WHEN p IS NULL THEN '' ELSE $9 END
		FROM unnest(CAST($1 AS uuid[]), CAST($2 AS uuid[]), CAST($3 AS text[]), CAST($4 AS text[])) AS x (i, p, a, l)
		ON CONFLICT (person_id, once) WHERE once <> '' DO NOTHING
		RETURNING id`,
		pq.Array(ids), pq.Array(people), pq.Array(addresses), pq.Array(langs),
		t.Key, string(t.Args), nullJSON(t.Wording), t.Link, once)
	return out, err
}

func getLetter(ctx context.Context, q db.Q, id uuid.UUID) (letterRow, error) {
	var r letterRow
	err := q.Get(ctx, &r, `SELECT id, person_id, address, lang, state, created_at, key, args, wording, link
		FROM mail_outbox WHERE id = $1`, id)
	return r, err
}

// finishLetter wipes what the letter said: it may hold a single-use link.
func finishLetter(ctx context.Context, tx *db.Tx, id uuid.UUID, state string, code int) error {
	_, err := tx.Exec(ctx, `UPDATE mail_outbox
		SET state = $2, code = $3, done_at = now(), args = '{}', wording = NULL, link = '', address = ''
		WHERE id = $1 AND state = 'waiting'`, id, state, code)
	return err
}

func erase(ctx context.Context, tx *db.Tx, person uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM notification WHERE person_id = $1`, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM mail_outbox WHERE person_id = $1`, person)
	return err
}

// sweepSize is how many rows one statement of the sweep removes: a short lock.
const sweepSize = 5000

func sweepNotifications(ctx context.Context, q db.Q, before time.Time) (int64, error) {
	return q.Exec(ctx, `DELETE FROM notification WHERE id IN
		(SELECT id FROM notification WHERE created_at < $1 ORDER BY created_at LIMIT $2)`, before, sweepSize)
}

func sweepLetters(ctx context.Context, q db.Q, before time.Time) (int64, error) {
	return q.Exec(ctx, `DELETE FROM mail_outbox WHERE id IN
		(SELECT id FROM mail_outbox WHERE done_at < $1 ORDER BY done_at LIMIT $2)`, before, sweepSize)
}

func newIDs(n int) ([]uuid.UUID, error) {
	out := make([]uuid.UUID, n)
	for i := range out {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		out[i] = id
	}
	return out, nil
}

func nullJSON(b []byte) *string {
	if b == nil {
		return nil
	}
	s := string(b)
	return &s
}
