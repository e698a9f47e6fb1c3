package identity

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

// lockPeople locks two accounts in one order.
func lockPeople(ctx context.Context, tx *db.Tx, a, b uuid.UUID) error {
	var ids []uuid.UUID
	return tx.Select(ctx, &ids, `SELECT id FROM person WHERE id IN ($1, $2) ORDER BY id LIMIT 2 FOR UPDATE`, a, b)
}

// standsForElection reports whether one of two people stands in an open election.
func standsForElection(ctx context.Context, q db.Q, a, b uuid.UUID) (bool, error) {
	var yes bool
	err := q.Get(ctx, &yes, `SELECT EXISTS (SELECT 1 FROM election_candidate c JOIN election e ON e.id = c.election_id
		WHERE c.person_id IN ($1, $2) AND e.ended_at IS NULL)`, a, b)
	return yes, err
}

// The statements of a reference. $1 is the closed account, $2 the surviving one;
// the row is x, the survivor's y. Names come from the program, never from outside.

func (r *Reference) table() string { return pq.QuoteIdentifier(r.Table) }

func (r *Reference) column() string { return pq.QuoteIdentifier(r.Column) }

// of is the condition that a row names the person of a parameter.
func (r *Reference) of(row, person string) string {
	out := row + "." + r.column() + " = " + person
	if r.Where != "" {
		out += " AND (" + strings.ReplaceAll(r.Where, "x.", row+".") + ")"
	}
	return out
}

// twin is the condition that the survivor stands where row x does.
func (r *Reference) twin() string {
	out := r.of("y", "$2")
	for _, k := range r.Key {
		out += " AND y." + pq.QuoteIdentifier(k) + " = x." + pq.QuoteIdentifier(k)
	}
	return out
}

func (r *Reference) twinned() string {
	return "EXISTS (SELECT 1 FROM " + r.table() + " y WHERE " + r.twin() + ")"
}

func moveReference(ctx context.Context, tx *db.Tx, r Reference, from, to uuid.UUID) error {
	var err error
	switch r.Rule {
	case Move:
		_, err = tx.Exec(ctx, `UPDATE `+r.table()+` x SET `+r.column()+` = $2 WHERE `+r.of("x", "$1"), from, to)
	case Shed:
		_, err = tx.Exec(ctx, `DELETE FROM `+r.table()+` x WHERE `+r.of("x", "$1"), from)
	case Once:
		for _, k := range r.Keep {
			c := pq.QuoteIdentifier(k)
			if _, err := tx.Exec(ctx, `UPDATE `+r.table()+` y SET `+c+` = least(y.`+c+`, x.`+c+`) FROM `+r.table()+` x WHERE `+r.of("x", "$1")+` AND `+r.twin(), from, to); err != nil {
				return err
			}
		}
		settled := ""
		if r.Settled != "" {
			settled = ` AND NOT (` + r.Settled + `)`
		}
		if _, err := tx.Exec(ctx, `DELETE FROM `+r.table()+` x WHERE `+r.of("x", "$1")+` AND `+r.twinned()+settled, from, to); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE `+r.table()+` x SET `+r.column()+` = $2 WHERE `+r.of("x", "$1")+` AND NOT `+r.twinned(), from, to)
	}
	return err
}

// countReference counts what would move and what both have.
func countReference(ctx context.Context, q db.Q, r Reference, from, to uuid.UUID) (moves, twice int, err error) {
	var n struct {
		Moves int `db:"moves"`
		Twice int `db:"twice"`
	}
	twin := "CAST($2 AS uuid) IS NULL" // counts what moves only
	if r.Rule == Once || r.Rule == Own {
		twin = r.twinned()
	}
	err = q.Get(ctx, &n, `SELECT count(*) FILTER (WHERE NOT `+twin+`) AS moves, count(*) FILTER (WHERE `+twin+`) AS twice FROM `+r.table()+` x WHERE `+r.of("x", "$1"), from, to)
	return n.Moves, n.Twice, err
}

// moveLinks gives the surviving account the links to identity providers that it
// has none of its own to: who signs in there comes into the account that stayed.
// The others go with the closed account.
func moveLinks(ctx context.Context, tx *db.Tx, from, to uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE provider_link x SET person_id = $2 WHERE x.person_id = $1
		AND NOT EXISTS (SELECT 1 FROM provider_link y WHERE y.person_id = $2 AND (y.issuer = x.issuer OR y.provider = x.provider))`, from, to)
	return err
}

// closeMerged closes an account for good; the search drops it with its state.
func closeMerged(ctx context.Context, tx *db.Tx, from, to uuid.UUID) error {
	if _, err := tx.Exec(ctx, `UPDATE person SET merged_into = $2 WHERE merged_into = $1`, from, to); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE person SET state = 'merged', merged_into = $2, password_hash = '', about = '', shown = '{}', version = version + 1 WHERE id = $1`, from, to)
	return err
}
