package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

var _ = db.Constraint("person_institution_id_fkey", fault.Invalid, "institution", "identity.institution_unknown")

// Sessions and tokens.

// who is what one query tells about the bearer of a cookie or token.
type who struct {
	ID         uuid.UUID `db:"id"`
	Person     uuid.UUID `db:"person_id"`
	CreatedAt  time.Time `db:"created_at"`
	SeenAt     time.Time `db:"seen_at"`
	VerifiedAt time.Time `db:"verified_at"`
	Two        bool      `db:"two"`
	// Strong: the session was opened or confirmed with a passkey; of a token,
	// that its owner has one.
	Strong bool `db:"strong"`
	// Acts is a token's, see [TokenInput].
	Acts        bool          `db:"acts"`
	Name        string        `db:"name"`
	Lang        string        `db:"lang"`
	Institution uuid.NullUUID `db:"institution_id"`
	Grants      string        `db:"grants"` // as [access.ParseGrants] reads them
}

// sessionByHash reads session, person and roles in one round trip. domain is
// the time by which roles are in force, now the real one.
func sessionByHash(ctx context.Context, q db.Q, hash []byte, domain, now time.Time) (who, error) {
	var w who
	err := q.Get(ctx, &w, `SELECT s.id, s.person_id, s.created_at, s.seen_at, s.verified_at, `+secondSQL+` AS two, s.strong, p.name, p.lang, p.institution_id, `+access.GrantsSQL+` AS grants
		FROM session s JOIN person p ON p.id = s.person_id
		WHERE s.token_hash = $2 AND s.ended_at IS NULL AND s.ends_at > $3 AND p.state = 'active'`, domain, hash, now)
	return w, err
}

func tokenByHash(ctx context.Context, q db.Q, hash []byte, domain, now time.Time) (who, error) {
	var w who
	err := q.Get(ctx, &w, `SELECT t.id, t.person_id, t.created_at, coalesce(t.used_at, t.created_at - interval '1 day') AS seen_at,
			t.created_at AS verified_at, `+secondSQL+` AS two,
			EXISTS (SELECT 1 FROM passkey k WHERE k.person_id = p.id) AS strong, t.acts, p.name, p.lang, p.institution_id, `+access.GrantsSQL+` AS grants
		FROM api_token t JOIN person p ON p.id = t.person_id
		WHERE t.token_hash = $2 AND t.revoked_at IS NULL AND t.ends_at > $3 AND p.state = 'active'`, domain, hash, now)
	return w, err
}

// The conditions on seen_at keep a burst of requests from writing a burst.

func touchSession(ctx context.Context, q db.Q, id uuid.UUID, now, before time.Time) error {
	_, err := q.Exec(ctx, `UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at <= $3`, id, now, before)
	return err
}

func touchToken(ctx context.Context, q db.Q, id uuid.UUID, now, before time.Time) error {
	_, err := q.Exec(ctx, `UPDATE api_token SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at <= $3)`, id, now, before)
	return err
}

func insertSession(ctx context.Context, q db.Q, id uuid.UUID, hash []byte, person uuid.UUID, now, ends time.Time, agent, address string, strong bool) error {
	_, err := q.Exec(ctx, `INSERT INTO session (id, token_hash, person_id, created_at, seen_at, verified_at, ends_at, agent, address, strong)
		VALUES ($1, $2, $3, $4, $4, $4, $5, $6, $7, $8)`, id, hash, person, now, ends, agent, address, strong)
	return err
}

// endSessions ends one session of the person, or all but one (both uuid.Nil:
// all); it returns how many were open.
func endSessions(ctx context.Context, q db.Q, person, only, except uuid.UUID, now time.Time) (int64, error) {
	return q.Exec(ctx, `UPDATE session SET ended_at = $4 WHERE person_id = $1 AND ended_at IS NULL
		AND ($2 OR id = $3) AND id <> $5`, person, only == uuid.Nil, only, now, except)
}

func listSessions(ctx context.Context, q db.Q, person uuid.UUID, now time.Time) ([]SessionInfo, error) {
	var rows []SessionInfo
	err := q.Select(ctx, &rows, `SELECT id, created_at, seen_at, agent, address FROM session
		WHERE person_id = $1 AND ended_at IS NULL AND ends_at > $2 ORDER BY seen_at DESC, id LIMIT 100`, person, now)
	return rows, err
}

func knowsAddress(ctx context.Context, q db.Q, email, address string) (bool, error) {
	var known bool
	err := q.Get(ctx, &known, `SELECT EXISTS (SELECT 1 FROM session s JOIN person p ON p.id = s.person_id
		WHERE p.email = $1 AND s.address = $2)`, email, address)
	return known, err
}

func insertToken(ctx context.Context, q db.Q, id uuid.UUID, hash []byte, person uuid.UUID, in TokenInput, now, ends time.Time) error {
	_, err := q.Exec(ctx, `INSERT INTO api_token (id, token_hash, person_id, label, created_at, ends_at, acts) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, hash, person, in.Label, now, ends, in.Acts)
	return err
}

func listTokens(ctx context.Context, q db.Q, person uuid.UUID, now time.Time) ([]TokenInfo, error) {
	var rows []TokenInfo
	err := q.Select(ctx, &rows, `SELECT id, label, created_at, used_at, ends_at, acts FROM api_token
		WHERE person_id = $1 AND revoked_at IS NULL AND ends_at > $2 ORDER BY id DESC LIMIT 100`, person, now)
	return rows, err
}

func countTokens(ctx context.Context, q db.Q, person uuid.UUID, now time.Time) (int, error) {
	var n int
	err := q.Get(ctx, &n, `SELECT count(*) FROM api_token WHERE person_id = $1 AND revoked_at IS NULL AND ends_at > $2`, person, now)
	return n, err
}

// revokeTokens revokes one token of the person, or all (only = uuid.Nil).
func revokeTokens(ctx context.Context, q db.Q, person, only uuid.UUID, now time.Time) (int64, error) {
	return q.Exec(ctx, `UPDATE api_token SET revoked_at = $4 WHERE person_id = $1 AND revoked_at IS NULL AND ($2 OR id = $3)`,
		person, only == uuid.Nil, only, now)
}

// Attempts.

// countAttempt adds one to the counter and returns the end of the block when
// there is one. One statement, so that attempts at once are all counted.
func countAttempt(ctx context.Context, q db.Q, key string, l limit, now time.Time) (time.Time, error) {
	var until *time.Time
	err := q.Get(ctx, &until, `INSERT INTO throttle AS t (key, failures, first_at) VALUES ($1, 1, CAST($2 AS timestamptz))
		ON CONFLICT (key) DO UPDATE SET
			failures = CASE WHEN t.blocked_until > CAST($2 AS timestamptz) THEN t.failures
				WHEN t.blocked_until IS NOT NULL OR t.first_at <= CAST($3 AS timestamptz) THEN 1 ELSE t.failures + 1 END,
			first_at = CASE WHEN t.blocked_until > CAST($2 AS timestamptz) THEN t.first_at
				WHEN t.blocked_until IS NOT NULL OR t.first_at <= CAST($3 AS timestamptz) THEN CAST($2 AS timestamptz) ELSE t.first_at END,
			blocked_until = CASE WHEN t.blocked_until > CAST($2 AS timestamptz) THEN t.blocked_until
				WHEN t.blocked_until IS NOT NULL OR t.first_at <= CAST($3 AS timestamptz) THEN NULL
				WHEN t.failures >= $4 THEN CAST($5 AS timestamptz) END
		RETURNING blocked_until`, key, now, now.Add(-l.window), l.attempts, now.Add(l.block))
	if err != nil || until == nil {
		return time.Time{}, err
	}
	return *until, nil
}

// uncountAttempt takes one from a counter that has not come to a block.
func uncountAttempt(ctx context.Context, q db.Q, key string) error {
	_, err := q.Exec(ctx, `UPDATE throttle SET failures = failures - 1 WHERE key = $1 AND blocked_until IS NULL AND failures > 0`, key)
	return err
}

func dropAttempts(ctx context.Context, q db.Q, key string) error {
	_, err := q.Exec(ctx, `DELETE FROM throttle WHERE key = $1`, key)
	return err
}

// Mailed links.

type linkRow struct {
	Person uuid.NullUUID `db:"person_id"`
	Email  string        `db:"email"`
	Data   []byte        `db:"data"`
	// Invitation is what a link of an invited member of staff belongs to.
	Invitation uuid.NullUUID `db:"invitation_id"`
}

func insertLink(ctx context.Context, q db.Q, hash []byte, purpose string, person uuid.NullUUID, email string, data []byte, now, ends time.Time) error {
	_, err := q.Exec(ctx, `INSERT INTO mail_link (token_hash, purpose, person_id, email, data, created_at, ends_at)
		VALUES ($1, $2, $3, $4, CAST($5 AS jsonb), $6, $7)`, hash, purpose, person, email, string(data), now, ends)
	return err
}

func readLink(ctx context.Context, q db.Q, hash []byte, purpose string, now time.Time) (linkRow, error) {
	var l linkRow
	err := q.Get(ctx, &l, `SELECT person_id, email, data, invitation_id FROM mail_link
		WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND ends_at > $3`, hash, purpose, now)
	return l, err
}

// useLink takes the link; of several at once exactly one gets it.
func useLink(ctx context.Context, tx *db.Tx, hash []byte, purpose string, now time.Time) (linkRow, error) {
	var l linkRow
	err := tx.Get(ctx, &l, `UPDATE mail_link SET used_at = $3
		WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND ends_at > $3 RETURNING person_id, email, data, invitation_id`, hash, purpose, now)
	return l, err
}

// closeLinks spends what other links of a purpose the person has.
func closeLinks(ctx context.Context, tx *db.Tx, person uuid.UUID, purpose string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE mail_link SET used_at = $3 WHERE person_id = $1 AND purpose = $2 AND used_at IS NULL`, person, purpose, now)
	return err
}

func sweep(ctx context.Context, q db.Q, now time.Time) error {
	for _, stmt := range []struct {
		query string
		until time.Time
	}{
		{`DELETE FROM session WHERE id IN (SELECT id FROM session WHERE ends_at < $1 ORDER BY ends_at LIMIT 10000)`, now.Add(-keepSessions)},
		{`DELETE FROM mail_link WHERE token_hash IN (SELECT token_hash FROM mail_link WHERE ends_at < $1 ORDER BY ends_at LIMIT 10000)`, now.Add(-7 * 24 * time.Hour)},
		{`DELETE FROM sign_in WHERE id IN (SELECT id FROM sign_in WHERE at < $1 ORDER BY at LIMIT 10000)`, now.Add(-keepSignIns)},
		{`DELETE FROM passkey_challenge WHERE challenge_hash IN (SELECT challenge_hash FROM passkey_challenge WHERE ends_at < $1 ORDER BY ends_at LIMIT 10000)`, now},
		{`DELETE FROM throttle WHERE key IN (SELECT key FROM throttle WHERE first_at < $1 ORDER BY first_at LIMIT 10000)`, now.Add(-24 * time.Hour)},
	} {
		if _, err := q.Exec(ctx, stmt.query, stmt.until); err != nil {
			return err
		}
	}
	return nil
}

// institutionOpen reports whether there is such an institution and it works.
func institutionOpen(ctx context.Context, q db.Q, id uuid.UUID) (bool, error) {
	var open bool
	err := q.Get(ctx, &open, `SELECT EXISTS (SELECT 1 FROM institution WHERE id = $1 AND closed_on IS NULL)`, id)
	return open, err
}

// confirmers are the people to tell of a new account: holders of one of the
// roles on the institution, or on a centre in whose territory it lies.
func confirmers(ctx context.Context, q db.Q, institution uuid.UUID, roles []string, at time.Time) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT DISTINCT g.person_id FROM role_grant g JOIN person p ON p.id = g.person_id AND p.state = 'active'
		WHERE g.role = ANY($2) AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)
		  AND (g.scope_kind = 'institution' AND g.scope_id = $1
			OR g.scope_kind = 'centre' AND g.scope_id IN (SELECT $1 UNION SELECT t.centre_id FROM institution i
				JOIN centre_territory_at($3) t ON t.powiat_code = i.powiat_code WHERE i.id = $1))
		ORDER BY g.person_id LIMIT 20`, institution, pq.Array(roles), at)
	return ids, err
}
