package notify

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
)

// dueForDigest finds people, in the order of their ids, who may be written to
// now and have an entry older than their last cut: seven in the morning (or the
// end of their quiet hours) of today, or of this week's Monday.
func dueForDigest(ctx context.Context, tx *db.Tx, after uuid.UUID, now time.Time, today freeDay, limit int) ([]uuid.UUID, error) {
	local := now.In(clock.Warsaw)
	monday := local.AddDate(0, 0, -(int(local.Weekday())+6)%7)
	var out []uuid.UUID
	err := tx.Select(ctx, &out, `
		SELECT p.person_id FROM (SELECT DISTINCT person_id FROM notification WHERE mailing = 'waiting' AND person_id > $1) p
		LEFT JOIN notify_setting s ON s.person_id = p.person_id
		WHERE coalesce(s.digest, 'daily') <> 'none' AND NOT (`+quietSQL("p.person_id", "$2", "$3", "$4")+`)
		AND CAST($2 AS int) >= greatest(7, coalesce(s.quiet_to, 7))
		AND EXISTS (SELECT 1 FROM notification n WHERE n.person_id = p.person_id AND n.mailing = 'waiting'
			AND n.created_at < (CASE WHEN s.digest = 'weekly' THEN CAST($6 AS date) ELSE CAST($5 AS date) END
				+ make_interval(hours => greatest(7, coalesce(s.quiet_to, 7)))) AT TIME ZONE 'Europe/Warsaw')
		ORDER BY p.person_id LIMIT $7`,
		after, local.Hour(), today.all, pq.Array(today.regions), local.Format(time.DateOnly), monday.Format(time.DateOnly), limit)
	return out, err
}

// digestLetter is a letter just written and whose it is.
type digestLetter struct {
	ID     uuid.UUID `db:"id"`
	Person uuid.UUID `db:"person_id"`
}

// insertDigests writes one letter for each person who had none today.
func insertDigests(ctx context.Context, tx *db.Tx, people []uuid.UUID, once string) ([]digestLetter, error) {
	ids, err := newIDs(len(people))
	if err != nil {
		return nil, err
	}
	var out []digestLetter
	err = tx.Select(ctx, &out, `
		INSERT INTO mail_outbox (id, person_id, key, once)
		SELECT i, p, $3, $4 FROM unnest(CAST($1 AS uuid[]), CAST($2 AS uuid[])) AS x (i, p)
		ON CONFLICT (person_id, once) WHERE once <> '' DO NOTHING
		RETURNING id, person_id`, pq.Array(ids), pq.Array(people), digestKey, once)
	return out, err
}

// takeIntoDigest moves what waits into the person's letter.
func takeIntoDigest(ctx context.Context, tx *db.Tx, letters []digestLetter) error {
	ids, people := make([]uuid.UUID, len(letters)), make([]uuid.UUID, len(letters))
	for i, l := range letters {
		ids[i], people[i] = l.ID, l.Person
	}
	_, err := tx.Exec(ctx, `
		UPDATE notification n SET mailing = 'letter', letter_id = x.letter
		FROM unnest(CAST($1 AS uuid[]), CAST($2 AS uuid[])) AS x (letter, person)
		WHERE n.person_id = x.person AND n.mailing = 'waiting'`, pq.Array(ids), pq.Array(people))
	return err
}

type digestRow struct {
	Network uuid.NullUUID `db:"network_id"`
	stored
}

// digestEntries are the unread entries of a letter, network by network, the oldest first.
func digestEntries(ctx context.Context, q db.Q, letter uuid.UUID, limit int) ([]digestRow, error) {
	var rows []digestRow
	err := q.Select(ctx, &rows, `
		SELECT network_id, key, args, wording, link FROM notification
		WHERE letter_id = $1 AND read_at IS NULL
		ORDER BY network_id NULLS LAST, id LIMIT $2`, letter, limit)
	return rows, err
}

func countDigest(ctx context.Context, q db.Q, letter uuid.UUID) (int, error) {
	var n int
	err := q.Get(ctx, &n, `SELECT count(*) FROM notification WHERE letter_id = $1 AND read_at IS NULL`, letter)
	return n, err
}
