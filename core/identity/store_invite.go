package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/place"
)

// inviteeRow is an invitation to an institution's staff.
type inviteeRow struct {
	ID          uuid.UUID  `db:"id"`
	Email       string     `db:"email"`
	Name        string     `db:"name"`
	Function    string     `db:"function"`
	Institution uuid.UUID  `db:"institution_id"`
	State       string     `db:"state"`
	At          time.Time  `db:"created_at"`
	Sent        *time.Time `db:"sent_at"`
	Ends        time.Time  `db:"ends_at"`
	Answered    *time.Time `db:"answered_at"`
	School      string     `db:"school"`
	place.Where
	Inviter uuid.NullUUID `db:"invited_by"`
	By      string        `db:"by_name"`
}

func (r *inviteeRow) label(ctx context.Context) string { return r.Where.Label(ctx, r.School) }

// invitee is the row as those see it who invited: a declined one waits.
func (r *inviteeRow) invitee(ctx context.Context, now time.Time) Invitee {
	v := Invitee{ID: r.ID, Email: r.Email, Name: r.Name, Function: r.Function, Institution: r.Institution, School: r.label(ctx), At: r.At, Sent: r.Sent, Until: r.Ends}
	switch {
	case r.State == "accepted":
		v.Status, v.Until = StatusAccepted, *r.Answered
	case r.State == "withdrawn":
		v.Status, v.Until = StatusWithdrawn, *r.Answered
	case !r.Ends.After(now):
		v.Status = StatusExpired
	case r.Sent == nil:
		v.Status = StatusUnsent
	default:
		v.Status = StatusWaiting
	}
	return v
}

const inviteeColumns = `p.id, p.email, p.name, p.function, p.institution_id, p.state, p.created_at, p.sent_at, p.ends_at, p.answered_at, p.invited_by,
	i.name AS school, ` + place.Columns + `, coalesce(b.name, '') AS by_name
	FROM person_invitation p JOIN institution i ON i.id = p.institution_id ` + place.Joins + ` LEFT JOIN person b ON b.id = p.invited_by`

// The version is that of what an invitation says, not of how it stands: nothing
// that a reader compares tells a declined one from one that waits.

// putInvitee writes an invitation, or renews the one that the address has there;
// it returns the id that it has.
func putInvitee(ctx context.Context, tx *db.Tx, id uuid.UUID, in Invite, by uuid.UUID, now, ends time.Time) (uuid.UUID, error) {
	err := tx.Get(ctx, &id, `INSERT INTO person_invitation (id, email, name, function, institution_id, invited_by, created_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (institution_id, email) WHERE state IN ('open', 'declined') DO UPDATE SET name = excluded.name, function = excluded.function,
			state = 'open', answered_at = NULL, person_id = NULL, ends_at = excluded.ends_at, version = person_invitation.version + 1
		RETURNING id`, id, in.Email, in.Name, in.Function, in.Institution, uuid.NullUUID{UUID: by, Valid: by != uuid.Nil}, now, ends)
	return id, err
}

// endExpired closes invitations of the addresses that have run out, so that new
// ones begin afresh.
func endExpired(ctx context.Context, tx *db.Tx, emails []string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person_invitation SET state = 'withdrawn', answered_at = ends_at
		WHERE email = ANY ($1) AND state IN ('open', 'declined') AND ends_at <= $2`, pq.Array(emails), now)
	return err
}

// reopenInvitee lets an invitation wait until then; 0 when it was accepted or withdrawn.
func reopenInvitee(ctx context.Context, tx *db.Tx, id uuid.UUID, ends time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE person_invitation SET state = 'open', answered_at = NULL, person_id = NULL, ends_at = $2
		WHERE id = $1 AND state IN ('open', 'declined')`, id, ends)
}

// withdrawInvitee is 0 when the invitation was accepted or withdrawn.
func withdrawInvitee(ctx context.Context, tx *db.Tx, id uuid.UUID, now time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE person_invitation SET state = 'withdrawn', answered_at = $2
		WHERE id = $1 AND state IN ('open', 'declined')`, id, now)
}

// answerInvitee ends an open invitation; no row (db.IsNoRows) when it is not open.
func answerInvitee(ctx context.Context, tx *db.Tx, id uuid.UUID, state string, person uuid.UUID, now time.Time) error {
	return tx.Get(ctx, &id, `UPDATE person_invitation SET state = $2, person_id = $3, answered_at = $4
		WHERE id = $1 AND state = 'open' RETURNING id`, id, state, person, now)
}

func inviteeOf(ctx context.Context, q db.Q, id uuid.UUID) (inviteeRow, error) {
	var r inviteeRow
	err := q.Get(ctx, &r, `SELECT `+inviteeColumns+` WHERE p.id = $1`, id)
	return r, db.NotFound(err)
}

// openInvitee is an invitation that can be taken up.
func openInvitee(ctx context.Context, q db.Q, id uuid.UUID, now time.Time) (inviteeRow, error) {
	var r inviteeRow
	err := q.Get(ctx, &r, `SELECT `+inviteeColumns+` WHERE p.id = $1 AND p.state = 'open' AND p.ends_at > $2`, id, now)
	return r, err
}

// inviteeAt is the invitation of an address to an institution, when its letter
// went out and it can be taken up.
func inviteeAt(ctx context.Context, tx *db.Tx, email string, institution uuid.UUID, now time.Time) (inviteeRow, error) {
	var r inviteeRow
	err := tx.Get(ctx, &r, `SELECT `+inviteeColumns+` WHERE p.email = $1 AND p.institution_id = $2 AND p.state = 'open' AND p.sent_at IS NOT NULL AND p.ends_at > $3
		FOR UPDATE OF p`, email, institution, now)
	return r, err
}

// lastInvitee is the invitation that was sent to an address last and can be taken up.
func lastInvitee(ctx context.Context, q db.Q, email string, now time.Time) (uuid.UUID, error) {
	var id uuid.UUID
	err := q.Get(ctx, &id, `SELECT id FROM person_invitation WHERE email = $1 AND state = 'open' AND sent_at IS NOT NULL AND ends_at > $2 ORDER BY sent_at DESC LIMIT 1`, email, now)
	return id, err
}

// listInvitees reads the page before the id given, newest first.
func listInvitees(ctx context.Context, q db.Q, r access.Reach, list, before uuid.UUID, limit int, day time.Time) ([]inviteeRow, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	reach, in := inReach(&r, day, 3)
	args := append([]any{before, limit}, in...)
	if list != uuid.Nil {
		args = append(args, list)
		reach += fmt.Sprintf(" AND p.import_id = $%d", len(args))
	}
	var rows []inviteeRow
	err := q.Select(ctx, &rows, `SELECT `+inviteeColumns+` WHERE `+reach+` AND p.id < $1 ORDER BY p.id DESC LIMIT $2`, args...)
	return rows, err
}

// sendRow is an invitation whose letter goes out, with the account in use that
// its address leads to.
type sendRow struct {
	inviteeRow
	Account uuid.NullUUID `db:"account_id"`
}

func inviteesToSend(ctx context.Context, tx *db.Tx, ids []uuid.UUID) ([]sendRow, error) {
	var rows []sendRow
	err := tx.Select(ctx, &rows, `SELECT (SELECT o.id FROM person e JOIN person o ON o.id = coalesce(e.merged_into, e.id) AND o.state = 'active' WHERE e.email = p.email) AS account_id,
		`+inviteeColumns+` WHERE p.id = ANY ($1) ORDER BY p.id LIMIT $2`, pq.Array(ids), len(ids))
	return rows, err
}

// markSent notes the letters of invitations.
func markSent(ctx context.Context, tx *db.Tx, ids []uuid.UUID, now, ends time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person_invitation SET sent_at = $2, ends_at = $3 WHERE id = ANY ($1)`, pq.Array(ids), now, ends)
	return err
}

func closeInvitationLinks(ctx context.Context, tx *db.Tx, ids []uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE mail_link SET used_at = $2 WHERE invitation_id = ANY ($1) AND used_at IS NULL`, pq.Array(ids), now)
	return err
}

func insertInvitationLink(ctx context.Context, tx *db.Tx, hash []byte, id uuid.UUID, email string, now, ends time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO mail_link (token_hash, purpose, email, invitation_id, created_at, ends_at) VALUES ($1, 'invitation', $2, $3, $4, $5)`,
		hash, email, id, now, ends)
	return err
}

// ownOffers are open invitations to the address of person $1, and to those of
// accounts merged into theirs.
const ownOffers = `JOIN person e ON e.email = p.email AND (e.id = $1 OR e.merged_into = $1) WHERE p.state = 'open' AND p.sent_at IS NOT NULL`

type offerRow struct {
	inviteeRow
	Here bool `db:"here"`
}

func offersTo(ctx context.Context, q db.Q, person uuid.UUID, now time.Time, limit int) ([]offerRow, error) {
	var rows []offerRow
	err := q.Select(ctx, &rows, `SELECT EXISTS (SELECT 1 FROM person me WHERE me.id = $1 AND me.institution_id = p.institution_id) AS here, `+inviteeColumns+`
		`+ownOffers+` AND p.ends_at > $2 ORDER BY p.id DESC LIMIT $3`, person, now, limit)
	return rows, err
}

// lockOffer is one of them; NotFound for another's or one that is over.
func lockOffer(ctx context.Context, tx *db.Tx, id, person uuid.UUID, now time.Time) (inviteeRow, error) {
	var r inviteeRow
	err := tx.Get(ctx, &r, `SELECT `+inviteeColumns+` `+ownOffers+` AND p.ends_at > $2 AND p.id = $3 FOR UPDATE OF p`, person, now, id)
	return r, db.NotFound(err)
}

const offersKey = "identity.offers"

// offersPart counts the open invitations of person $1.
func offersPart(now time.Time) gather.Part {
	return gather.Part{Key: offersKey, Args: []any{now}, SQL: `SELECT count(*) AS n FROM (SELECT 1 FROM person_invitation p ` + ownOffers + ` AND p.ends_at > $5 LIMIT 50) o`}
}

// sweepInvitees forgets invitations that ended so long ago.
func sweepInvitees(ctx context.Context, q db.Q, before time.Time) error {
	_, err := q.Exec(ctx, `DELETE FROM person_invitation WHERE id IN (SELECT id FROM person_invitation WHERE ends_at < $1 ORDER BY ends_at LIMIT 10000)`, before)
	return err
}
