package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// hasRole reports whether the person holds any role on the network at the time.
func hasRole(ctx context.Context, q db.Q, network, person uuid.UUID, at time.Time) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM role_grant WHERE person_id = $2 AND scope_kind = 'network' AND scope_id = $1 AND role <> 'evaluator'
		AND valid_from <= $3 AND (valid_to IS NULL OR valid_to > $3))`, network, person, at)
	return ok, err
}

type handoverRow struct {
	ID   uuid.UUID `db:"id"`
	From uuid.UUID `db:"from_id"`
	// To is the member who was asked; uuid.Nil where Email was.
	To       uuid.UUID `db:"to_id"`
	Email    string    `db:"to_email"`
	StandIn  bool      `db:"stand_in"`
	Note     string    `db:"note"`
	FromName string    `db:"from_name"`
	ToName   string    `db:"to_name"`
}

func insertHandover(ctx context.Context, tx *db.Tx, network, from, to uuid.UUID, note string, at time.Time) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO handover (id, network_id, from_id, to_id, note, created_at) VALUES ($1, $2, $3, $4, $5, $6)`, id, network, from, to, note, at)
	return id, err
}

// insertLeadOffer proposes to an address; standIn when from leads until then.
func insertLeadOffer(ctx context.Context, tx *db.Tx, network, from uuid.UUID, email string, standIn bool, at time.Time) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO handover (id, network_id, from_id, to_email, stand_in, created_at) VALUES ($1, $2, $3, $4, $5, $6)`, id, network, from, email, standIn, at)
	return id, err
}

const handoverSQL = `SELECT h.id, h.from_id, coalesce(h.to_id, '00000000-0000-0000-0000-000000000000') AS to_id, h.to_email, h.stand_in, h.note,
		f.name AS from_name, coalesce(t.name, h.to_email) AS to_name
	FROM handover h JOIN person f ON f.id = h.from_id LEFT JOIN person t ON t.id = h.to_id
	WHERE h.network_id = $1 AND h.state = 'proposed'`

// ownAddress are the addresses of person o: their own, and those of accounts
// merged into theirs.
const ownAddress = `person e JOIN person o ON o.id = coalesce(e.merged_into, e.id) AND o.state = 'active'`

// openHandover is the one open proposal; NotFound when there is none. Whoever
// answers it holds the network's seat lock.
func openHandover(ctx context.Context, q db.Q, network uuid.UUID) (handoverRow, error) {
	var h handoverRow
	err := q.Get(ctx, &h, handoverSQL, network)
	return h, db.NotFound(err)
}

// openLeadOffer is the open proposal to an address of the person.
func openLeadOffer(ctx context.Context, q db.Q, network, person uuid.UUID) (handoverRow, error) {
	var h handoverRow
	err := q.Get(ctx, &h, handoverSQL+` AND h.to_email <> '' AND EXISTS (SELECT 1 FROM `+ownAddress+` WHERE e.email = h.to_email AND o.id = $2)`, network, person)
	return h, db.NotFound(err)
}

// leadOffers are the networks whose lead is offered to an address of the person,
// the newest first.
func leadOffers(ctx context.Context, q db.Q, person uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT h.network_id FROM `+ownAddress+` JOIN handover h ON h.to_email = e.email AND h.state = 'proposed'
		WHERE o.id = $1 ORDER BY h.id DESC LIMIT 20`, person)
	return ids, err
}

// memberAt is the active member of the network with the address; uuid.Nil for none.
func memberAt(ctx context.Context, q db.Q, network uuid.UUID, email string) (uuid.UUID, error) {
	var id uuid.UUID
	err := q.Get(ctx, &id, `SELECT o.id FROM `+ownAddress+` JOIN membership m ON m.person_id = o.id AND m.network_id = $1 AND m.state = 'active'
		WHERE e.email = $2`, network, email)
	if db.IsNoRows(err) {
		return uuid.Nil, nil
	}
	return id, err
}

func closeHandover(ctx context.Context, tx *db.Tx, id uuid.UUID, state string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE handover SET state = $2, decided_at = $3, version = version + 1 WHERE id = $1 AND state = 'proposed'`, id, state, at)
	return err
}

// withdrawHandovers ends a proposal that concerns a person who goes.
func withdrawHandovers(ctx context.Context, tx *db.Tx, network, person uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE handover SET state = 'withdrawn', decided_at = $3, version = version + 1
		WHERE network_id = $1 AND state = 'proposed' AND $2 IN (from_id, to_id)`, network, person, at)
	return err
}

func withdrawAllHandovers(ctx context.Context, tx *db.Tx, network uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE handover SET state = 'withdrawn', decided_at = $2, version = version + 1
		WHERE network_id = $1 AND state = 'proposed'`, network, at)
	return err
}

func insertProposal(ctx context.Context, tx *db.Tx, network, author uuid.UUID, title, body string, at time.Time) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO proposal (id, network_id, author_id, title, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)`, id, network, author, title, body, at)
	return id, err
}

func listProposals(ctx context.Context, q db.Q, network, reader, before uuid.UUID, now time.Time, limit int) ([]Proposal, error) {
	var out []Proposal
	err := q.Select(ctx, &out, `SELECT r.id, r.title, r.body, p.name AS author, r.author_id = $2 AS mine, r.state, r.vote_until, r.created_at,
			coalesce(r.vote_until <= $4, false) AS over, v.yes, v.no, v.abstain, coalesce(v.mine, '') AS my_vote
		FROM (SELECT id, title, body, author_id, state, vote_until, created_at FROM proposal WHERE network_id = $1 AND id < $3 ORDER BY id DESC LIMIT $5) r
		JOIN person p ON p.id = r.author_id
		CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE choice = 'yes') AS yes, count(*) FILTER (WHERE choice = 'no') AS no,
				count(*) FILTER (WHERE choice = 'abstain') AS abstain, max(choice) FILTER (WHERE person_id = $2) AS mine
			FROM proposal_vote WHERE proposal_id = r.id) v
		ORDER BY r.id DESC`, network, reader, before, now, limit)
	return out, err
}

func setVoting(ctx context.Context, tx *db.Tx, network, id uuid.UUID, until time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE proposal SET state = 'voting', vote_until = $3, version = version + 1
		WHERE id = $2 AND network_id = $1 AND state = 'open'`, network, id, until)
	return n == 1, err
}

// castVote writes the vote while it is open. FOR SHARE holds the result back
// until this vote is committed, so none is lost at the deadline.
func castVote(ctx context.Context, tx *db.Tx, network, id, person uuid.UUID, c Choice, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO proposal_vote (proposal_id, person_id, choice, at)
		SELECT id, $3, $4, $5 FROM proposal WHERE id = $2 AND network_id = $1 AND state = 'voting' AND vote_until > $5 FOR SHARE
		ON CONFLICT (proposal_id, person_id) DO UPDATE SET choice = excluded.choice, at = excluded.at`, network, id, person, c, now)
	return n == 1, err
}

// withdrawProposal ends a proposal; author uuid.Nil = anybody's that is not in a vote.
func withdrawProposal(ctx context.Context, tx *db.Tx, network, id, author uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE proposal SET state = 'withdrawn', decided_at = $4, version = version + 1
		WHERE id = $2 AND network_id = $1 AND state = 'open' AND (CAST($3 AS uuid) = '00000000-0000-0000-0000-000000000000' OR author_id = $3)`, network, id, author, at)
	return n == 1, err
}

type decidedVote struct {
	ID           uuid.UUID `db:"id"`
	Network      uuid.UUID `db:"network_id"`
	Author       uuid.UUID `db:"author_id"`
	Title        string    `db:"title"`
	State        string    `db:"state"`
	NetworkTitle string    `db:"network_title"`
}

func closeVotes(ctx context.Context, tx *db.Tx, now time.Time, limit int) ([]decidedVote, error) {
	// Locked first, counted afterwards in a fresh snapshot: see castVote.
	var due []uuid.UUID
	err := tx.Select(ctx, &due, `SELECT id FROM proposal WHERE state = 'voting' AND vote_until <= $1 ORDER BY vote_until, id LIMIT $2 FOR UPDATE SKIP LOCKED`, now, limit)
	if err != nil {
		return nil, err
	}
	out := make([]decidedVote, 0, len(due))
	for _, id := range due {
		var d decidedVote
		err := tx.Get(ctx, &d, `UPDATE proposal r SET decided_at = $2, version = r.version + 1,
				state = CASE WHEN (SELECT count(*) FILTER (WHERE choice = 'yes') > count(*) FILTER (WHERE choice = 'no') FROM proposal_vote WHERE proposal_id = r.id)
					THEN 'adopted' ELSE 'rejected' END
			FROM network n WHERE r.id = $1 AND n.id = r.network_id
			RETURNING r.id, r.network_id, r.author_id, r.title, r.state, n.title AS network_title`, id, now)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// insertAgendaItem turns an adopted proposal into an item, once; its author leads it.
func insertAgendaItem(ctx context.Context, tx *db.Tx, network, proposal uuid.UUID, title string, leader uuid.UUID, at time.Time) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO agenda_item (id, network_id, proposal_id, title, leader_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (proposal_id) DO NOTHING`, id, network, proposal, title, leader, at)
	return err
}
