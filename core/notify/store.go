package notify

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/clock"
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

// toldRow is one entry of the list that was written.
type toldRow struct {
	ID      uuid.UUID `db:"id"`
	Person  uuid.UUID `db:"person_id"`
	Mailing string    `db:"mailing"`
}

// How a notification leaves the platform, as in the CHECK of notification.
const (
	noMailing = "none"    // only in the list
	inDigest  = "waiting" // waits for the digest
	ownLetter = "letter"  // has a letter of its own, or was in a digest
)

// insertNotifications writes the entries and decides by each person's settings
// how they leave. Nobody is told twice what has a once; those are not returned.
func insertNotifications(ctx context.Context, tx *db.Tx, to []uuid.UUID, t stored, m *Message, now time.Time, today freeDay) ([]toldRow, error) {
	ids, err := newIDs(len(to))
	if err != nil {
		return nil, err
	}
	var rows []toldRow
	err = tx.Select(ctx, &rows, `
		INSERT INTO notification (id, person_id, key, args, wording, link, once, created_at, network_id, mailing)
		SELECT i, p, $3, CAST($4 AS jsonb), CAST($5 AS jsonb), $6, $7, $8, $9,
			CASE WHEN $10 THEN 'letter'
			WHEN n.frequency = 'none' OR s.digest = 'none' AND n.frequency IS DISTINCT FROM 'immediate' THEN 'none'
			WHEN n.frequency = 'immediate' AND NOT (`+quietSQL("p", "$11", "$12", "$13")+`) THEN 'letter'
			ELSE 'waiting' END
		FROM unnest(CAST($1 AS uuid[]), CAST($2 AS uuid[])) AS x (i, p)
		LEFT JOIN notify_setting s ON s.person_id = p
		LEFT JOIN notify_network n ON n.person_id = p AND n.network_id = $9
		ON CONFLICT (person_id, once) WHERE once <> '' DO NOTHING
		RETURNING id, person_id, mailing`,
		pq.Array(ids), pq.Array(to), t.Key, string(t.Args), nullJSON(t.Wording), t.Link, m.Once, now,
		uuid.NullUUID{UUID: m.Network, Valid: m.Network != uuid.Nil}, m.Mail, now.In(clock.Warsaw).Hour(), today.all, pq.Array(today.regions))
	return rows, err
}

// quietSQL is true when a person (with row s of notify_setting, which may be
// missing) is not to be written to: by the hour, or because the day is free
// for everybody or in their voivodeship.
func quietSQL(person, hour, free, regions string) string {
	return `CAST(` + hour + ` AS int) >= coalesce(s.quiet_from, 20) OR CAST(` + hour + ` AS int) < coalesce(s.quiet_to, 7)
				OR coalesce(s.free_days, true) AND (CAST(` + free + ` AS boolean)
					OR cardinality(CAST(` + regions + ` AS text[])) > 0 AND ` + regionSQL(person) + ` = any(CAST(` + regions + ` AS text[])))`
}

// regionSQL is the voivodeship whose winter break a person rests in: the one
// that they chose ("" for none), until then that of their school.
func regionSQL(person string) string {
	return `coalesce(s.region, (SELECT left(coalesce(i.powiat_code, i.gmina_code), 2) FROM person q JOIN institution i ON i.id = q.institution_id WHERE q.id = ` + person + `), '')`
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
	_, err := q.Exec(ctx, `UPDATE notification SET read_at = $3, mailing = CASE WHEN mailing = 'waiting' THEN 'none' ELSE mailing END
		WHERE person_id = $1 AND id = any(CAST($2 AS uuid[])) AND read_at IS NULL`, person, pq.Array(ids), now)
	return err
}

func markAllRead(ctx context.Context, q db.Q, person, upTo uuid.UUID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE notification SET read_at = $3, mailing = CASE WHEN mailing = 'waiting' THEN 'none' ELSE mailing END
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
	Network   uuid.NullUUID `db:"network_id"`
	stored
}

func insertLetters(ctx context.Context, tx *db.Tx, rows []letterRow, t stored, once string) ([]uuid.UUID, error) {
	ids, err := newIDs(len(rows))
	if err != nil {
		return nil, err
	}
	people, networks := make([]uuid.NullUUID, len(rows)), make([]uuid.NullUUID, len(rows))
	addresses, langs := make([]string, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		people[i], addresses[i], langs[i], networks[i] = r.Person, r.Address, r.Lang, r.Network
	}
	var out []uuid.UUID
	err = tx.Select(ctx, &out, `
		INSERT INTO mail_outbox (id, person_id, address, lang, key, args, wording, link, once, network_id)
		SELECT i, p, a, l, $5, CAST($6 AS jsonb), CAST($7 AS jsonb), $8, CASE WHEN p IS NULL THEN '' ELSE $9 END, n
		FROM unnest(CAST($1 AS uuid[]), CAST($2 AS uuid[]), CAST($3 AS text[]), CAST($4 AS text[]), CAST($10 AS uuid[])) AS x (i, p, a, l, n)
		ON CONFLICT (person_id, once) WHERE once <> '' DO NOTHING
		RETURNING id`,
		pq.Array(ids), pq.Array(people), pq.Array(addresses), pq.Array(langs),
		t.Key, string(t.Args), nullJSON(t.Wording), t.Link, once, pq.Array(networks))
	return out, err
}

func getLetter(ctx context.Context, q db.Q, id uuid.UUID) (letterRow, error) {
	var r letterRow
	err := q.Get(ctx, &r, `SELECT id, person_id, address, lang, state, created_at, network_id, key, args, wording, link
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
	for _, table := range []string{"notification", "notify_setting", "notify_network"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE person_id = $1`, person); err != nil {
			return err
		}
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
