package ballot

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

var _ = db.Constraint("ballot_paper_size", fault.TooLarge, "", "fault.too_large")

const stateOpen = "open"

type ballotRow struct {
	ID       uuid.UUID `db:"id"`
	Slug     string    `db:"slug"`
	State    string    `db:"state"`
	Secret   []byte    `db:"secret"`
	Eligible int       `db:"eligible"`
}

func insertBallot(ctx context.Context, tx *db.Tx, id uuid.UUID, slug string, secret []byte, eligible int) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO ballot (id, slug, secret, eligible) VALUES ($1, $2, $3, $4) ON CONFLICT (slug) DO NOTHING`, id, slug, secret, eligible)
	return n == 1, err
}

func insertVoters(ctx context.Context, tx *db.Tx, ballot uuid.UUID, people []uuid.UUID) error {
	_, err := tx.Exec(ctx, `INSERT INTO ballot_voter (ballot_id, person_id) SELECT $1, x FROM unnest(CAST($2 AS uuid[])) x`, ballot, db.Array(people))
	return err
}

// holdBallot keeps the ballot from being closed until the transaction ends.
func holdBallot(ctx context.Context, tx *db.Tx, id uuid.UUID) (ballotRow, error) {
	var r ballotRow
	err := tx.Get(ctx, &r, `SELECT id, slug, state, secret, eligible FROM ballot WHERE id = $1 FOR SHARE`, id)
	return r, db.NotFound(err)
}

func holdSlug(ctx context.Context, tx *db.Tx, slug string) (ballotRow, error) {
	var r ballotRow
	err := tx.Get(ctx, &r, `SELECT id, slug, state, secret, eligible FROM ballot WHERE slug = $1 FOR SHARE`, slug)
	return r, db.NotFound(err)
}

// lockBallot waits for those who answer now, and holds back those who come.
func lockBallot(ctx context.Context, tx *db.Tx, id uuid.UUID) (ballotRow, error) {
	var r ballotRow
	err := tx.Get(ctx, &r, `SELECT id, slug, state, secret, eligible FROM ballot WHERE id = $1 FOR UPDATE`, id)
	return r, db.NotFound(err)
}

func markIssued(ctx context.Context, tx *db.Tx, ballot, person uuid.UUID, receipt []byte) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE ballot_voter SET issued = true, receipt = $3 WHERE ballot_id = $1 AND person_id = $2 AND NOT issued`, ballot, person, receipt)
	return n == 1, err
}

func receiptOf(ctx context.Context, q db.Q, ballot, person uuid.UUID) ([]byte, error) {
	var had []byte
	err := q.Get(ctx, &had, `SELECT receipt FROM ballot_voter WHERE ballot_id = $1 AND person_id = $2`, ballot, person)
	return had, db.NotFound(err)
}

func forgetReceipts(ctx context.Context, q db.Q) error {
	_, err := q.Exec(ctx, `UPDATE ballot_voter SET receipt = NULL WHERE receipt IS NOT NULL`)
	return err
}

func findVoter(ctx context.Context, q db.Q, ballot, person uuid.UUID) (listed, issued bool, err error) {
	err = q.Get(ctx, &issued, `SELECT issued FROM ballot_voter WHERE ballot_id = $1 AND person_id = $2`, ballot, person)
	if db.IsNoRows(err) {
		return false, false, nil
	}
	return err == nil, issued, err
}

type paperRow struct {
	Ballot uuid.UUID `db:"id"`
	State  string    `db:"state"`
	Secret []byte    `db:"secret"`
	Draft  []byte    `db:"draft"`
	Sealed int       `db:"sealed"`
}

func findPaper(ctx context.Context, q db.Q, slug string, hash []byte) (paperRow, error) {
	var r paperRow
	err := q.Get(ctx, &r, `SELECT b.id, b.state, b.secret, p.draft, coalesce(octet_length(p.sealed), 0) AS sealed
		FROM ballot b LEFT JOIN ballot_paper p ON p.ballot_id = b.id AND p.hash = $2 WHERE b.slug = $1`, slug, hash)
	return r, db.NotFound(err)
}

func putDraft(ctx context.Context, tx *db.Tx, ballot uuid.UUID, hash, draft []byte) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO ballot_paper (hash, ballot_id, draft) VALUES ($1, $2, $3)
		ON CONFLICT (hash) DO UPDATE SET draft = excluded.draft WHERE ballot_paper.sealed IS NULL`, hash, ballot, draft)
	return n == 1, err
}

func putSealed(ctx context.Context, tx *db.Tx, ballot uuid.UUID, hash, sealed []byte) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO ballot_paper (hash, ballot_id, sealed) VALUES ($1, $2, $3)
		ON CONFLICT (hash) DO UPDATE SET draft = NULL, sealed = excluded.sealed WHERE ballot_paper.sealed IS NULL`, hash, ballot, sealed)
	return n == 1, err
}

type sealedRow struct {
	Hash   []byte `db:"hash"`
	Sealed []byte `db:"sealed"`
}

func sealedPapers(ctx context.Context, tx *db.Tx, ballot uuid.UUID) ([]sealedRow, error) {
	var rows []sealedRow
	err := tx.Select(ctx, &rows, `SELECT hash, sealed FROM ballot_paper WHERE ballot_id = $1 AND sealed IS NOT NULL ORDER BY hash LIMIT 1000000`, ballot)
	return rows, err
}

// answersAtOnce is how many answers one statement writes.
const answersAtOnce = 500

func insertAnswers(ctx context.Context, tx *db.Tx, ballot uuid.UUID, answers []string) error {
	for len(answers) > 0 {
		n := min(len(answers), answersAtOnce)
		ids := make([]uuid.UUID, n)
		for i := range ids {
			ids[i] = uuid.New() // version 4: no time in it
		}
		if _, err := tx.Exec(ctx, `INSERT INTO ballot_answer (id, ballot_id, payload)
			SELECT x.id, $1, x.payload FROM unnest(CAST($2 AS uuid[]), CAST($3 AS text[])) AS x (id, payload)`, ballot, db.Array(ids), db.Array(answers[:n])); err != nil {
			return err
		}
		answers = answers[n:]
	}
	return nil
}

// endBallot counts, forgets who was listed and what lay under codes, and
// destroys the key.
func endBallot(ctx context.Context, tx *db.Tx, ballot uuid.UUID, answers int) (issued int, err error) {
	if err = tx.Get(ctx, &issued, `SELECT count(*) FROM ballot_voter WHERE ballot_id = $1 AND issued`, ballot); err != nil {
		return 0, err
	}
	if _, err = tx.Exec(ctx, `DELETE FROM ballot_voter WHERE ballot_id = $1`, ballot); err != nil {
		return 0, err
	}
	if _, err = tx.Exec(ctx, `DELETE FROM ballot_paper WHERE ballot_id = $1`, ballot); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `UPDATE ballot SET state = 'closed', secret = NULL, issued = $2, answers = $3 WHERE id = $1`, ballot, issued, answers)
	return issued, err
}

func countsOf(ctx context.Context, q db.Q, ballots []uuid.UUID) (map[uuid.UUID]Counts, error) {
	var rows []struct {
		ID       uuid.UUID `db:"id"`
		Eligible int       `db:"eligible"`
		Issued   int       `db:"issued"`
		Answers  int       `db:"answers"`
	}
	err := q.Select(ctx, &rows, `SELECT b.id, b.eligible,
			coalesce(b.issued, (SELECT count(*) FROM ballot_voter v WHERE v.ballot_id = b.id AND v.issued)) AS issued,
			coalesce(b.answers, (SELECT count(*) FROM ballot_paper p WHERE p.ballot_id = b.id AND p.sealed IS NOT NULL)) AS answers
		FROM ballot b WHERE b.id = ANY($1) LIMIT 1000`, db.Array(ballots))
	out := make(map[uuid.UUID]Counts, len(rows))
	for _, r := range rows {
		out[r.ID] = Counts{r.Eligible, r.Issued, r.Answers}
	}
	return out, err
}

func waiting(ctx context.Context, q db.Q, ballot, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT person_id FROM ballot_voter WHERE ballot_id = $1 AND NOT issued AND person_id > $2 ORDER BY person_id LIMIT $3`, ballot, after, limit)
	return ids, err
}

func listAnswers(ctx context.Context, q db.Q, ballot, after uuid.UUID, limit int) ([]Answer, error) {
	var rows []Answer
	err := q.Select(ctx, &rows, `SELECT id, payload FROM ballot_answer WHERE ballot_id = $1 AND id > $2 ORDER BY id LIMIT $3`, ballot, after, limit)
	return rows, err
}

// vacuum takes dead rows off the pages of the tables; it runs in no transaction.
func vacuum(ctx context.Context, d *db.DB) error {
	for _, table := range []string{"ballot_paper", "ballot_voter", "ballot"} {
		if _, err := d.SQL().ExecContext(ctx, "VACUUM "+table); err != nil {
			return fmt.Errorf("ballot: vacuum %s: %w", table, err)
		}
	}
	return nil
}

// mergeVoter joins two voters: the row with a code stays, a second right goes.
func mergeVoter(ctx context.Context, tx *db.Tx, from, to uuid.UUID) error {
	for _, q := range []string{
		`DELETE FROM ballot_voter y USING ballot_voter x WHERE x.ballot_id = y.ballot_id AND x.person_id = $1 AND y.person_id = $2 AND x.issued AND NOT y.issued`,
		`DELETE FROM ballot_voter x USING ballot_voter y WHERE x.ballot_id = y.ballot_id AND x.person_id = $1 AND y.person_id = $2 AND NOT x.issued`,
		`UPDATE ballot_voter x SET person_id = $2 WHERE x.person_id = $1
			AND NOT EXISTS (SELECT 1 FROM ballot_voter y WHERE y.ballot_id = x.ballot_id AND y.person_id = $2)`,
	} {
		if _, err := tx.Exec(ctx, q, from, to); err != nil {
			return err
		}
	}
	return nil
}
