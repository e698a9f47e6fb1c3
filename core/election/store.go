package election

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

var _ = db.Constraint("election_one_open", fault.Conflict, "", "election.open_already")

type electionRow struct {
	ID           uuid.UUID     `db:"id"`
	Network      uuid.UUID     `db:"network_id"`
	NetworkTitle string        `db:"network_title"`
	Centre       uuid.UUID     `db:"centre_id"`
	Programme    uuid.NullUUID `db:"programme_id"`
	Status       string        `db:"status"`
	State        State         `db:"state"`
	OpenedBy     uuid.UUID     `db:"opened_by"`
	OpenedByName string        `db:"opened_by_name"`
	Note         string        `db:"note"`
	Quorum       int           `db:"quorum"`
	StandUntil   time.Time     `db:"stand_until"`
	VoteUntil    time.Time     `db:"vote_until"`
	Ballot       uuid.NullUUID `db:"ballot_id"`
	Eligible     *int          `db:"eligible"`
	Votes        *int          `db:"votes"`
	Winner       uuid.NullUUID `db:"winner_id"`
	WinnerName   string        `db:"winner_name"`
	Reason       string        `db:"reason"`
	EndedAt      *time.Time    `db:"ended_at"`
}

const electionSQL = `SELECT e.id, e.network_id, n.title AS network_title, n.centre_id, n.programme_id, n.status, e.state, e.opened_by, o.name AS opened_by_name,
	e.note, e.quorum, e.stand_until, e.vote_until, e.ballot_id, e.eligible, e.votes, e.winner_id, coalesce(w.name, '') AS winner_name, e.reason, e.ended_at
	FROM election e JOIN network n ON n.id = e.network_id JOIN person o ON o.id = e.opened_by LEFT JOIN person w ON w.id = e.winner_id `

func byID(ctx context.Context, q db.Q, id uuid.UUID) (*electionRow, error) {
	var r electionRow
	err := q.Get(ctx, &r, electionSQL+`WHERE e.id = $1`, id)
	return &r, db.NotFound(err)
}

// latest is the network's newest election; nil when there was none.
func latest(ctx context.Context, q db.Q, network uuid.UUID) (*electionRow, error) {
	var r electionRow
	err := q.Get(ctx, &r, electionSQL+`WHERE e.network_id = $1 ORDER BY e.id DESC LIMIT 1`, network)
	if db.IsNoRows(err) {
		return nil, nil
	}
	return &r, err
}

// lock holds the election until the transaction ends.
func lock(ctx context.Context, tx *db.Tx, id uuid.UUID) (*electionRow, error) {
	if _, err := tx.Exec(ctx, `SELECT 1 FROM election WHERE id = $1 FOR UPDATE`, id); err != nil {
		return nil, err
	}
	return byID(ctx, tx, id)
}

type networkRow struct {
	ID        uuid.UUID     `db:"id"`
	Title     string        `db:"title"`
	Centre    uuid.UUID     `db:"centre_id"`
	Programme uuid.NullUUID `db:"programme_id"`
	Status    string        `db:"status"`
}

func networkOf(ctx context.Context, q db.Q, id uuid.UUID) (*networkRow, error) {
	var r networkRow
	err := q.Get(ctx, &r, `SELECT id, title, centre_id, programme_id, status FROM network WHERE id = $1`, id)
	return &r, db.NotFound(err)
}

func insertElection(ctx context.Context, tx *db.Tx, id, network, by uuid.UUID, in Input, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO election (id, network_id, opened_by, note, quorum, stand_until, vote_until, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, network, by, in.Note, in.Quorum, in.StandUntil, in.VoteUntil, now)
	return err
}

func candidates(ctx context.Context, q db.Q, id uuid.UUID) ([]Candidate, error) {
	var out []Candidate
	err := q.Select(ctx, &out, `SELECT c.person_id, p.name, c.statement, c.votes FROM election_candidate c JOIN person p ON p.id = c.person_id
		WHERE c.election_id = $1 ORDER BY c.votes DESC NULLS LAST, p.sort_name, p.id LIMIT 100`, id)
	return out, err
}

func items(ctx context.Context, q db.Q, id uuid.UUID) ([]Item, error) {
	var out []Item
	err := q.Select(ctx, &out, `SELECT i.id, i.key, i.text, coalesce(p.name, '') AS done_by, i.done_at
		FROM handover_item i LEFT JOIN person p ON p.id = i.done_by WHERE i.election_id = $1 ORDER BY i.position LIMIT 100`, id)
	return out, err
}

func putCandidate(ctx context.Context, tx *db.Tx, id, person uuid.UUID, statement string, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO election_candidate (election_id, person_id, statement, stood_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (election_id, person_id) DO UPDATE SET statement = excluded.statement`, id, person, statement, now)
	return err
}

func dropCandidate(ctx context.Context, tx *db.Tx, id, person uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM election_candidate WHERE election_id = $1 AND person_id = $2`, id, person)
	return n == 1, err
}

func beginVoting(ctx context.Context, tx *db.Tx, id, ballot uuid.UUID, eligible int) error {
	_, err := tx.Exec(ctx, `UPDATE election SET state = 'voting', ballot_id = $2, eligible = $3 WHERE id = $1`, id, ballot, eligible)
	return err
}

func setVotes(ctx context.Context, tx *db.Tx, id uuid.UUID, people []uuid.UUID, votes []int64) error {
	_, err := tx.Exec(ctx, `UPDATE election_candidate c SET votes = x.n FROM unnest(CAST($2 AS uuid[]), CAST($3 AS int[])) AS x (p, n)
		WHERE c.election_id = $1 AND c.person_id = x.p`, id, pq.Array(people), pq.Array(votes))
	return err
}

func setElected(ctx context.Context, tx *db.Tx, id, winner uuid.UUID, votes int) error {
	_, err := tx.Exec(ctx, `UPDATE election SET state = 'elected', winner_id = $2, votes = $3 WHERE id = $1`, id, winner, votes)
	return err
}

func endElection(ctx context.Context, tx *db.Tx, id uuid.UUID, s State, reason string, by uuid.UUID, votes *int, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE election SET state = $2, reason = $3, decided_by = $4, votes = coalesce($5, votes), ended_at = $6,
		winner_id = CASE WHEN $2 IN ('confirmed', 'refused') THEN winner_id END WHERE id = $1`,
		id, string(s), reason, uuid.NullUUID{UUID: by, Valid: by != uuid.Nil}, votes, now)
	return err
}

func insertItems(ctx context.Context, tx *db.Tx, id uuid.UUID, keys []string) error {
	ids := make([]uuid.UUID, len(keys))
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7())
	}
	_, err := tx.Exec(ctx, `INSERT INTO handover_item (id, election_id, position, key)
		SELECT i, $1, n, k FROM unnest(CAST($2 AS uuid[]), CAST($3 AS text[])) WITH ORDINALITY AS x (i, k, n)`, id, pq.Array(ids), pq.Array(keys))
	return err
}

// addItem appends an own text; false when the list is full.
func addItem(ctx context.Context, tx *db.Tx, id uuid.UUID, text string) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO handover_item (id, election_id, position, text)
		SELECT $2, $1, coalesce(max(position), 0) + 1, $3 FROM handover_item WHERE election_id = $1 HAVING count(*) < $4`, id, uuid.Must(uuid.NewV7()), text, MaxItems)
	return n == 1, err
}

func tickItem(ctx context.Context, tx *db.Tx, election, item, person uuid.UUID, done bool, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE handover_item SET done_by = CASE WHEN $4 THEN CAST($3 AS uuid) END, done_at = CASE WHEN $4 THEN CAST($5 AS timestamptz) END
		WHERE election_id = $1 AND id = $2`, election, item, person, done, now)
	return n == 1, err
}

// due are elections whose time to stand or to vote is over, and those of
// networks that ended meanwhile.
func due(ctx context.Context, q db.Q, now time.Time) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `(SELECT id FROM election WHERE state = 'standing' AND stand_until <= $1 LIMIT 100)
		UNION (SELECT id FROM election WHERE state = 'voting' AND vote_until <= $1 LIMIT 100)
		UNION (SELECT e.id FROM election e JOIN network n ON n.id = e.network_id
			WHERE e.state IN ('standing', 'voting', 'elected') AND n.status <> 'open' LIMIT 100)`, now)
	return out, err
}

// todoSQL are elections that wait for the person: to vote, to pass things on, to
// confirm the choice at a centre ($5: all centres, $6: these). What a closed
// network leaves undone waits for nobody.
const todoSQL = `SELECT e.id, e.network_id, n.title, e.vote_until AS until, 'vote' AS what
	FROM election e JOIN network n ON n.id = e.network_id JOIN ballot_voter v ON v.ballot_id = e.ballot_id AND v.person_id = $1 AND NOT v.issued
	WHERE e.state = 'voting' AND e.vote_until > $3
	UNION ALL
	SELECT e.id, e.network_id, n.title, CAST(NULL AS timestamptz), 'pass'
	FROM election e JOIN network n ON n.id = e.network_id
	WHERE e.state = 'confirmed' AND n.status = 'open' AND e.opened_by = $1 AND EXISTS (SELECT 1 FROM handover_item i WHERE i.election_id = e.id AND i.done_at IS NULL)
	UNION ALL
	SELECT e.id, e.network_id, n.title, CAST(NULL AS timestamptz), 'confirm'
	FROM election e JOIN network n ON n.id = e.network_id
	WHERE e.state = 'elected' AND n.status = 'open' AND ($5::boolean OR n.centre_id = ANY($6::uuid[]))
	LIMIT $4`
