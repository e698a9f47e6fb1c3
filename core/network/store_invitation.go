package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/place"
)

type invitationRow struct {
	ID      uuid.UUID     `db:"id"`
	Network uuid.UUID     `db:"network_id"`
	School  uuid.NullUUID `db:"institution_id"`
	Email   string        `db:"email"`
	Person  uuid.NullUUID `db:"person_id"`
	Role    access.Role   `db:"role"`
	Message string        `db:"message"`
	Reasons []byte        `db:"acknowledged"`
	By      uuid.NullUUID `db:"invited_by"`
	At      time.Time     `db:"created_at"`
	Ends    time.Time     `db:"ends_at"`
}

// insertInvitation adds an invitation; false when the same one is in force. One
// that ran out is renewed.
func insertInvitation(ctx context.Context, tx *db.Tx, r *invitationRow) (bool, error) {
	id := r.ID
	if id == uuid.Nil {
		var err error
		if id, err = uuid.NewV7(); err != nil {
			return false, err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE network_invitation SET withdrawn_at = $5
		WHERE network_id = $1 AND withdrawn_at IS NULL AND ends_at <= $5
			AND (institution_id = $2 OR person_id = $3 OR email <> '' AND email = $4)`, r.Network, r.School, r.Person, r.Email, r.At)
	if err != nil {
		return false, err
	}
	reasons := string(r.Reasons)
	if reasons == "" || reasons == "null" {
		reasons = "[]"
	}
	n, err := tx.Exec(ctx, `INSERT INTO network_invitation (id, network_id, institution_id, email, person_id, role, message, acknowledged, invited_by, created_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS jsonb), $9, $10, $11) ON CONFLICT DO NOTHING`,
		id, r.Network, r.School, r.Email, r.Person, r.Role, r.Message, reasons, r.By, r.At, r.Ends)
	return n == 1, err
}

// countInvitations counts what a person sent since then by hand: the members of
// last year's network, invited into its successor, are not counted.
func countInvitations(ctx context.Context, q db.Q, by uuid.UUID, since time.Time) (int, error) {
	var n int
	err := q.Get(ctx, &n, `SELECT count(*) FROM (SELECT 1 FROM network_invitation v JOIN network n ON n.id = v.network_id
		WHERE v.invited_by = $1 AND v.created_at > $2 AND NOT (v.person_id IS NOT NULL AND n.predecessor_id IS NOT NULL AND v.created_at = n.created_at)
		LIMIT 1000) s`, by, since)
	return n, err
}

// prolongInvitation lets an invitation hold at least until then.
func prolongInvitation(ctx context.Context, tx *db.Tx, id uuid.UUID, until time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE network_invitation SET ends_at = greatest(ends_at, $2) WHERE id = $1`, id, until)
	return err
}

// inviteMembersOf invites everybody who is active in one network into another.
func inviteMembersOf(ctx context.Context, tx *db.Tx, old, network, by uuid.UUID, at, ends time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO network_invitation (id, network_id, person_id, role, invited_by, created_at, ends_at)
		SELECT gen_random_uuid(), $2, m.person_id, CASE WHEN m.seat THEN 'participant' ELSE 'expert' END, $3, $4, $5
		FROM membership m JOIN person p ON p.id = m.person_id
		WHERE m.network_id = $1 AND m.state = 'active' AND p.state = 'active'
			AND NOT EXISTS (SELECT 1 FROM membership o WHERE o.network_id = $2 AND o.person_id = m.person_id)
		ON CONFLICT DO NOTHING`, old, network, nilID(by), at, ends)
	return err
}

// unsentInvitations marks invitations as sent and returns them, some at a time.
func unsentInvitations(ctx context.Context, tx *db.Tx, network uuid.UUID, at time.Time) ([]invitationRow, error) {
	var out []invitationRow
	err := tx.Select(ctx, &out, `UPDATE network_invitation SET sent_at = $2
		WHERE id IN (SELECT id FROM network_invitation WHERE network_id = $1 AND sent_at IS NULL AND withdrawn_at IS NULL AND ends_at > $2 ORDER BY id LIMIT 200)
		RETURNING id, network_id, institution_id, email, person_id, role, message, acknowledged, invited_by, created_at, ends_at`, network, at)
	return out, err
}

// teachersOf lists the active accounts of a school, or of a complex with its schools.
func teachersOf(ctx context.Context, q db.Q, school uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT p.id FROM person p WHERE p.state = 'active' AND p.institution_id IN
			(SELECT i.id FROM institution i WHERE i.id = $1 OR i.complex_id = $1)
		ORDER BY p.id LIMIT $2`, school, maxTold)
	return ids, err
}

func withdrawInvitation(ctx context.Context, tx *db.Tx, network, id uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE network_invitation SET withdrawn_at = $3 WHERE id = $2 AND network_id = $1 AND withdrawn_at IS NULL`, network, id, at)
	return n == 1, err
}

// invitationLine is an invitation as those who manage it see it.
type invitationLine struct {
	ID     uuid.UUID `db:"id"`
	School *string   `db:"school"`
	place.Where
	Email     string     `db:"email"`
	Person    *string    `db:"person"`
	Role      string     `db:"role"`
	At        time.Time  `db:"created_at"`
	Ends      time.Time  `db:"ends_at"`
	Sent      *time.Time `db:"sent_at"`
	Withdrawn *time.Time `db:"withdrawn_at"`
	Answers   int        `db:"answers"`
	Declined  int        `db:"declined"`
}

// listInvitations reads a page, newest first, with how many answered.
func listInvitations(ctx context.Context, q db.Q, network, before uuid.UUID, limit int) ([]invitationLine, error) {
	var out []invitationLine
	err := q.Select(ctx, &out, `SELECT v.id, i.name AS school, `+place.Columns+`, v.email, p.name AS person, v.role, v.created_at, v.ends_at, v.sent_at, v.withdrawn_at,
			a.answers, a.declined
		FROM network_invitation v LEFT JOIN institution i ON i.id = v.institution_id `+place.Joins+` LEFT JOIN person p ON p.id = v.person_id
		CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE m.state <> 'declined') AS answers, count(*) FILTER (WHERE m.state = 'declined') AS declined FROM (
			SELECT m.id, m.state FROM membership m WHERE m.network_id = v.network_id AND m.person_id = v.person_id
			UNION SELECT m.id, m.state FROM membership m WHERE m.network_id = v.network_id AND m.institution_id = v.institution_id
			UNION SELECT m.id, m.state FROM membership m WHERE m.network_id = v.network_id AND m.complex_id = v.institution_id
			UNION SELECT m.id, m.state FROM person o JOIN membership m ON m.person_id = o.id AND m.network_id = v.network_id
				WHERE v.email <> '' AND o.email = v.email) m) a
		WHERE v.network_id = $1 AND v.id < $2 ORDER BY v.id DESC LIMIT $3`, network, before, limit)
	return out, err
}
