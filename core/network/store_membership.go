package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// candidate is everything that decides how a person comes into a network, read
// under the seat lock.
type candidate struct {
	Account     string        `db:"account"`
	Institution uuid.NullUUID `db:"institution_id"`
	Complex     uuid.NullUUID `db:"complex_id"`
	Membership  uuid.NullUUID `db:"membership_id"`
	State       State         `db:"state"`
	Seat        bool          `db:"seat"`
	Second      bool          `db:"second_of_school"`
	Until       *time.Time    `db:"offered_until"`
	QueuedAt    *time.Time    `db:"queued_at"`
	JoinedAt    *time.Time    `db:"joined_at"`
	Message     string        `db:"message"`
	Invitation  uuid.NullUUID `db:"invitation_id"`
	Role        string        `db:"invited_role"`
	Reasons     []byte        `db:"acknowledged"`
	// SchoolPresent: another one of the school complex is in, offered or waiting.
	SchoolPresent bool `db:"school_present"`
	FirstsWait    bool `db:"firsts_wait"`
	AnybodyWaits  bool `db:"anybody_waits"`
}

// invitationFor finds the invitation of person p (with institution i joined)
// into network $1 that is in force at $3.
const invitationFor = `LATERAL (SELECT v.id, v.role, v.acknowledged, v.message, v.ends_at FROM (
		SELECT id, role, acknowledged, message, ends_at, 1 AS rank FROM network_invitation
			WHERE person_id = p.id AND network_id = $1 AND withdrawn_at IS NULL
		UNION ALL SELECT id, role, acknowledged, message, ends_at, 2 FROM network_invitation
			WHERE email <> '' AND email = p.email AND network_id = $1 AND withdrawn_at IS NULL
		UNION ALL SELECT id, role, acknowledged, message, ends_at, 3 FROM network_invitation
			WHERE institution_id IN (p.institution_id, i.complex_id) AND network_id = $1 AND withdrawn_at IS NULL) v
	WHERE v.ends_at > $3 ORDER BY v.role = 'participant', v.rank, v.id LIMIT 1)`

func readCandidate(ctx context.Context, q db.Q, network, person uuid.UUID, now time.Time) (candidate, error) {
	var c candidate
	err := q.Get(ctx, &c, `SELECT p.state AS account, p.institution_id, i.complex_id, m.id AS membership_id, coalesce(m.state, '') AS state,
			coalesce(m.seat, true) AS seat, coalesce(m.second_of_school, false) AS second_of_school, m.offered_until, m.queued_at, m.joined_at,
			coalesce(m.message, '') AS message, v.id AS invitation_id, coalesce(v.role, '') AS invited_role, coalesce(v.acknowledged, '[]') AS acknowledged,
			EXISTS (SELECT 1 FROM membership o WHERE o.network_id = $1 AND o.complex_id = i.complex_id AND o.person_id <> p.id
				AND o.seat AND o.state IN ('waiting', 'offered', 'active')) AS school_present,
			EXISTS (SELECT 1 FROM membership w WHERE w.network_id = $1 AND w.state = 'waiting' AND NOT w.second_of_school AND w.person_id <> p.id) AS firsts_wait,
			EXISTS (SELECT 1 FROM membership w WHERE w.network_id = $1 AND w.state = 'waiting' AND w.person_id <> p.id) AS anybody_waits
		FROM person p LEFT JOIN institution i ON i.id = p.institution_id
		LEFT JOIN membership m ON m.network_id = $1 AND m.person_id = p.id
		LEFT JOIN `+invitationFor+` v ON true
		WHERE p.id = $2`, network, person, now)
	return c, db.NotFound(err)
}

// complexOfPerson is the school complex of a person's institution; nil when unknown.
func complexOfPerson(ctx context.Context, q db.Q, person uuid.UUID) (*uuid.UUID, error) {
	var c *uuid.UUID
	err := q.Get(ctx, &c, `SELECT i.complex_id FROM person p JOIN institution i ON i.id = p.institution_id WHERE p.id = $1`, person)
	if db.IsNoRows(err) {
		return nil, nil
	}
	return c, err
}

// membershipRow is a membership as it is to be.
type membershipRow struct {
	Network, Person      uuid.UUID
	State                State
	Institution, Complex uuid.NullUUID
	Seat, Second         bool
	QueuedAt, Until      *time.Time
	JoinedAt, EndedAt    *time.Time
	Message, Note        string
	At                   time.Time
}

// putMembership writes the one row of a person in a network and returns its id.
func putMembership(ctx context.Context, tx *db.Tx, m *membershipRow) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	err = tx.Get(ctx, &id, `INSERT INTO membership (id, network_id, person_id, state, institution_id, complex_id, seat, second_of_school,
			queued_at, offered_until, joined_at, ended_at, message, note, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (network_id, person_id) DO UPDATE SET state = excluded.state, institution_id = excluded.institution_id,
			complex_id = excluded.complex_id, seat = excluded.seat, second_of_school = excluded.second_of_school,
			queued_at = excluded.queued_at, offered_until = excluded.offered_until, joined_at = excluded.joined_at, ended_at = excluded.ended_at,
			message = excluded.message, note = excluded.note, changed_at = excluded.changed_at, version = membership.version + 1
		RETURNING id`,
		id, m.Network, m.Person, m.State, m.Institution, m.Complex, m.Seat, m.Second,
		m.QueuedAt, m.Until, m.JoinedAt, m.EndedAt, m.Message, m.Note, m.At)
	return id, err
}

// endMembership ends a way in or a membership.
func endMembership(ctx context.Context, tx *db.Tx, id uuid.UUID, to State, note string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE membership SET state = $2, offered_until = NULL, note = $3, ended_at = $4, changed_at = $4, version = version + 1
		WHERE id = $1`, id, to, note, at)
	return err
}

// member is a membership row as acts read it.
type member struct {
	ID      uuid.UUID     `db:"id"`
	Person  uuid.UUID     `db:"person_id"`
	State   State         `db:"state"`
	Seat    bool          `db:"seat"`
	Second  bool          `db:"second_of_school"`
	Complex uuid.NullUUID `db:"complex_id"`
	Until   *time.Time    `db:"offered_until"`
	Message string        `db:"message"`
	Name    string        `db:"name"`
	// Account is the state of the person's account.
	Account string `db:"account"`
}

const memberColumns = `m.id, m.person_id, m.state, m.seat, m.second_of_school, m.complex_id, m.offered_until, m.message,
	(SELECT p.name FROM person p WHERE p.id = m.person_id) AS name, (SELECT p.state FROM person p WHERE p.id = m.person_id) AS account`

func memberOf(ctx context.Context, q db.Q, network, person uuid.UUID) (member, error) {
	var m member
	err := q.Get(ctx, &m, `SELECT `+memberColumns+` FROM membership m WHERE m.network_id = $1 AND m.person_id = $2`, network, person)
	return m, db.NotFound(err)
}

func memberByID(ctx context.Context, q db.Q, network, id uuid.UUID) (member, error) {
	var m member
	err := q.Get(ctx, &m, `SELECT `+memberColumns+` FROM membership m WHERE m.id = $2 AND m.network_id = $1`, network, id)
	return m, db.NotFound(err)
}

// nextInLine lists who would get the next n seats.
func nextInLine(ctx context.Context, tx *db.Tx, network uuid.UUID, seconds bool, n int) ([]member, error) {
	var out []member
	err := tx.Select(ctx, &out, `SELECT `+memberColumns+` FROM membership m
		WHERE m.network_id = $1 AND m.state = 'waiting' AND (NOT m.second_of_school OR $2)
		ORDER BY m.second_of_school, m.queued_at, m.id LIMIT $3`, network, seconds, n)
	return out, err
}

func offer(ctx context.Context, tx *db.Tx, id uuid.UUID, until, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE membership SET state = 'offered', offered_until = $2, changed_at = $3, version = version + 1 WHERE id = $1`, id, until, at)
	return err
}

// promote makes the next waiting person of a school a first when no first of
// that school is left.
func promote(ctx context.Context, tx *db.Tx, network uuid.UUID, school uuid.NullUUID) error {
	if !school.Valid {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE membership SET second_of_school = false, version = version + 1
		WHERE id = (SELECT w.id FROM membership w WHERE w.network_id = $1 AND w.complex_id = $2 AND w.state = 'waiting' AND w.second_of_school
				ORDER BY w.queued_at, w.id LIMIT 1)
		AND NOT EXISTS (SELECT 1 FROM membership o WHERE o.network_id = $1 AND o.complex_id = $2 AND o.seat
			AND (o.state IN ('offered', 'active') OR o.state = 'waiting' AND NOT o.second_of_school))`, network, school)
	return err
}

// forgetSeconds puts everybody waiting into one line, when the rule is lifted.
func forgetSeconds(ctx context.Context, tx *db.Tx, network uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE membership SET second_of_school = false, version = version + 1
		WHERE network_id = $1 AND state = 'waiting' AND second_of_school`, network)
	return err
}

// lapsed lists offers of a network whose time is over.
func lapsed(ctx context.Context, tx *db.Tx, network uuid.UUID, now time.Time) ([]member, error) {
	var out []member
	err := tx.Select(ctx, &out, `SELECT `+memberColumns+` FROM membership m
		WHERE m.network_id = $1 AND m.state = 'offered' AND m.offered_until <= $2 ORDER BY m.offered_until, m.id LIMIT 500`, network, now)
	return out, err
}

// dueNetworks lists networks with offers that lapsed, or with free seats that
// somebody in line may have (the priority of firsts ended).
func dueNetworks(ctx context.Context, q db.Q, now time.Time, limit int) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT network_id FROM membership WHERE state = 'offered' AND offered_until <= $1
		UNION
		SELECT w.network_id FROM membership w JOIN network_seat s ON s.network_id = w.network_id JOIN network n ON n.id = w.network_id
		WHERE w.state = 'waiting' AND n.status = 'open' AND s.taken < coalesce(s.capacity, 5000)
			AND (NOT w.second_of_school OR NOT n.one_per_school OR n.priority_until <= $1)
		LIMIT $2`, now, limit)
	return ids, err
}

// heldFor reads the state of a person's account and the networks that keep a
// place for them or have them in line.
func heldFor(ctx context.Context, q db.Q, person uuid.UUID) (account string, networks []uuid.UUID, err error) {
	var rows []struct {
		Account string        `db:"state"`
		Network uuid.NullUUID `db:"network_id"`
	}
	err = q.Select(ctx, &rows, `SELECT p.state, m.network_id FROM person p
		LEFT JOIN membership m ON m.person_id = p.id AND (m.state = 'offered' OR m.state = 'waiting' AND p.state <> 'active')
		WHERE p.id = $1 ORDER BY m.network_id LIMIT 200`, person)
	for _, r := range rows {
		account = r.Account
		if r.Network.Valid {
			networks = append(networks, r.Network.UUID)
		}
	}
	return account, networks, err
}

// moveSeat swaps the seat of two members when the coordinator's role moves:
// the one who leads needs none, the one who led takes the one that became free.
func moveSeat(ctx context.Context, tx *db.Tx, network, from, to uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE membership m SET seat = CASE WHEN m.person_id = $3 THEN false ELSE coalesce((SELECT o.seat FROM membership o
			WHERE o.network_id = $1 AND o.person_id = $3), false) END, changed_at = $4, version = m.version + 1
		WHERE m.network_id = $1 AND m.person_id IN ($2, $3)`, network, from, to, at)
	return err
}
