package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

// secondSQL tells whether the person p has a second step at signing in.
const secondSQL = `EXISTS (SELECT 1 FROM totp o WHERE o.person_id = p.id AND o.confirmed_at IS NOT NULL)`

// totpRow is somebody's authenticator application.
type totpRow struct {
	Secret    []byte     `db:"secret"`
	CreatedAt time.Time  `db:"created_at"`
	Confirmed *time.Time `db:"confirmed_at"`
}

func readTOTP(ctx context.Context, q db.Q, person uuid.UUID) (totpRow, error) {
	var r totpRow
	err := q.Get(ctx, &r, `SELECT secret, created_at, confirmed_at FROM totp WHERE person_id = $1`, person)
	return r, err
}

type secondRow struct {
	On    bool       `db:"on"`
	Since *time.Time `db:"since"`
	Codes int        `db:"codes"`
	// Passkeys is how many the person has.
	Passkeys int `db:"passkeys"`
}

func readSecond(ctx context.Context, q db.Q, person uuid.UUID) (secondRow, error) {
	var r secondRow
	err := q.Get(ctx, &r, `SELECT t.confirmed_at IS NOT NULL AS on, t.confirmed_at AS since,
			(SELECT count(*) FROM recovery_code c WHERE c.person_id = p.id AND c.used_at IS NULL) AS codes,
			(SELECT count(*) FROM passkey k WHERE k.person_id = p.id) AS passkeys
		FROM person p LEFT JOIN totp t ON t.person_id = p.id WHERE p.id = $1`, person)
	return r, err
}

// beginTOTP keeps a new key that is not in force yet; 0 when one is in force.
func beginTOTP(ctx context.Context, tx *db.Tx, person uuid.UUID, secret []byte, now time.Time) (int64, error) {
	return tx.Exec(ctx, `INSERT INTO totp AS t (person_id, secret, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (person_id) DO UPDATE SET secret = $2, created_at = $3, last_step = 0 WHERE t.confirmed_at IS NULL`, person, secret, now)
}

// confirmTOTP puts a key into force, once.
func confirmTOTP(ctx context.Context, tx *db.Tx, person uuid.UUID, secret []byte, step int64, now time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE totp SET confirmed_at = $4, last_step = $3 WHERE person_id = $1 AND secret = $2 AND confirmed_at IS NULL`,
		person, secret, step, now)
}

// takeStep takes a code's time step; 0 when it or a later one was taken before.
func takeStep(ctx context.Context, q db.Q, person uuid.UUID, step int64) (int64, error) {
	return q.Exec(ctx, `UPDATE totp SET last_step = $2 WHERE person_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2`, person, step)
}

// takeRecovery takes a recovery code; 0 when there is none such or it was used.
func takeRecovery(ctx context.Context, q db.Q, person uuid.UUID, digest string, now time.Time) (int64, error) {
	return q.Exec(ctx, `UPDATE recovery_code SET used_at = $3 WHERE person_id = $1 AND code_digest = $2 AND used_at IS NULL`, person, digest, now)
}

// replaceRecovery throws the old recovery codes away.
func replaceRecovery(ctx context.Context, tx *db.Tx, person uuid.UUID, digests []string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM recovery_code WHERE person_id = $1`, person); err != nil || len(digests) == 0 {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO recovery_code (person_id, code_digest) SELECT $1, d FROM unnest(CAST($2 AS text[])) AS d`, person, pq.Array(digests))
	return err
}

func dropTOTP(ctx context.Context, tx *db.Tx, person uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM totp WHERE person_id = $1 AND confirmed_at IS NOT NULL`, person)
}

// renewSession gives an open session another cookie and marks that its owner
// confirmed who they are; the end of the session stays.
func renewSession(ctx context.Context, tx *db.Tx, person, id uuid.UUID, hash []byte, now time.Time) (time.Time, error) {
	var ends time.Time
	err := tx.Get(ctx, &ends, `UPDATE session SET token_hash = $3, verified_at = $4
		WHERE id = $1 AND person_id = $2 AND ended_at IS NULL RETURNING ends_at`, id, person, hash, now)
	return ends, err
}

// The history of sign-ins.

func insertSignIn(ctx context.Context, q db.Q, id, person uuid.UUID, r SignInRecord) error {
	_, err := q.Exec(ctx, `INSERT INTO sign_in (id, person_id, at, how, success, address, agent) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, person, r.At, r.How, r.Success, r.Address, r.Agent)
	return err
}

const signInColumns = `at, how, success, address, agent`

func listSignIns(ctx context.Context, q db.Q, person uuid.UUID, most int) ([]SignInRecord, error) {
	var rows []SignInRecord
	err := q.Select(ctx, &rows, `SELECT `+signInColumns+` FROM sign_in WHERE person_id = $1 ORDER BY id DESC LIMIT $2`, person, most)
	return rows, err
}

// lastPart is signInBefore as a part of a page.
const (
	lastPart = "identity.last_sign_in"
	lastSQL  = `SELECT ` + signInColumns + ` FROM sign_in WHERE person_id = $1 AND success
		AND id < (SELECT l.id FROM sign_in l WHERE l.person_id = $1 AND l.success ORDER BY l.id DESC LIMIT 1) ORDER BY id DESC LIMIT 1`
)

func signInBefore(ctx context.Context, q db.Q, person uuid.UUID) (SignInRecord, error) {
	var r SignInRecord
	err := q.Get(ctx, &r, `SELECT `+signInColumns+` FROM sign_in WHERE person_id = $1 AND success
		AND id < (SELECT l.id FROM sign_in l WHERE l.person_id = $1 AND l.success ORDER BY l.id DESC LIMIT 1) ORDER BY id DESC LIMIT 1`, person)
	return r, err
}

// setEmail writes a confirmed address; 0 when the account is not active.
func setEmail(ctx context.Context, tx *db.Tx, person uuid.UUID, name, email string, now time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE person SET email = $2, name_folded = $3, email_confirmed_at = $4, version = version + 1
		WHERE id = $1 AND state = 'active'`, person, email, folded(name, email), now)
}

// strengthen marks a session as confirmed with a passkey.
func strengthen(ctx context.Context, tx *db.Tx, session uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE session SET strong = true WHERE id = $1`, session)
	return err
}

// weaken takes that mark from the sessions of somebody without any passkey.
func weaken(ctx context.Context, tx *db.Tx, person uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE session SET strong = false WHERE person_id = $1 AND strong AND NOT EXISTS (SELECT 1 FROM passkey k WHERE k.person_id = $1)`, person)
	return err
}
