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
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/registry"
)

// credential is what signing in and mailed links need of a person.
type credential struct {
	ID    uuid.UUID `db:"id"`
	Email string    `db:"email"`
	Name  string    `db:"name"`
	Hash  string    `db:"password_hash"`
	State State     `db:"state"`
	// Vouched: an administrator named the institution or gave a role, so that
	// taking up the invitation needs no confirmation.
	Vouched bool `db:"vouched"`
	// Two: signing in takes a second step.
	Two bool `db:"two"`
}

const credentialColumns = `p.id, p.email, p.name, p.password_hash, p.state,
	p.institution_id IS NOT NULL OR EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = p.id) AS vouched,
	` + secondSQL + ` AS two`

// credentials are those of the account of an address; the address of a merged
// account leads to the one that took its place.
func credentials(ctx context.Context, q db.Q, email string) (credential, error) {
	var c credential
	err := q.Get(ctx, &c, `SELECT `+credentialColumns+` FROM person p WHERE p.id = (SELECT coalesce(e.merged_into, e.id) FROM person e WHERE e.email = $1)`, email)
	return c, err
}

func credentialsByID(ctx context.Context, q db.Q, id uuid.UUID) (credential, error) {
	var c credential
	err := q.Get(ctx, &c, `SELECT `+credentialColumns+` FROM person p WHERE p.id = $1`, id)
	return c, err
}

// lockByEmail is credentials with the row locked, for acts that decide by it.
func lockByEmail(ctx context.Context, tx *db.Tx, email string) (credential, error) {
	var c credential
	err := tx.Get(ctx, &c, `SELECT `+credentialColumns+` FROM person p WHERE p.email = $1 FOR UPDATE`, email)
	return c, err
}

// nameOf is a person's name; "" for nobody and for whom was erased.
func nameOf(ctx context.Context, q db.Q, id uuid.UUID) (string, error) {
	if id == uuid.Nil {
		return "", nil
	}
	var name string
	err := q.Get(ctx, &name, `SELECT name FROM person WHERE id = $1 AND state <> 'erased'`, id)
	if db.IsNoRows(err) {
		return "", nil
	}
	return name, err
}

// personRow is what is written when an account begins.
type personRow struct {
	ID          uuid.UUID
	Email       string
	Name        string
	Hash        string
	State       State
	Institution uuid.NullUUID
	Function    string
	Lang        i18n.Lang
}

// insertPerson reports false when the address has an account already.
func insertPerson(ctx context.Context, tx *db.Tx, p personRow, confirmed *time.Time, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO person (id, email, name, sort_name, name_folded, password_hash, state, institution_id, function, lang,
			email_confirmed_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (email) DO NOTHING`,
		p.ID, p.Email, p.Name, SortName(p.Name), folded(p.Name, p.Email), p.Hash, p.State, p.Institution, p.Function, p.Lang, confirmed, now)
	return n == 1, err
}

// restart writes a new registration over an account that was refused.
func restart(ctx context.Context, tx *db.Tx, p personRow, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person SET name = $2, sort_name = $3, name_folded = $4, password_hash = $5, state = $6, institution_id = $7,
			function = $8, lang = $9, email_confirmed_at = $10, version = version + 1 WHERE id = $1`,
		p.ID, p.Name, SortName(p.Name), folded(p.Name, p.Email), p.Hash, p.State, p.Institution, p.Function, p.Lang, now)
	return err
}

// takeUp makes an invited account active, with the name its owner gave.
func takeUp(ctx context.Context, tx *db.Tx, id uuid.UUID, name, email, hash string, now time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE person SET name = $2, sort_name = CASE WHEN name = $2 THEN sort_name ELSE $3 END, name_folded = $4, password_hash = $5,
			state = 'active', email_confirmed_at = $6, confirmed_at = $6, version = version + 1
		WHERE id = $1 AND state = 'invited'`, id, name, SortName(name), folded(name, email), hash, now)
}

// setInstitution writes where the person works; 0 where they do already.
func setInstitution(ctx context.Context, tx *db.Tx, id, institution uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `UPDATE person SET institution_id = $2, version = version + 1 WHERE id = $1 AND institution_id IS DISTINCT FROM $2`, id, institution)
}

func setPassword(ctx context.Context, tx *db.Tx, id uuid.UUID, hash string) error {
	_, err := tx.Exec(ctx, `UPDATE person SET password_hash = $2 WHERE id = $1`, id, hash)
	return err
}

// decide moves a waiting account on; 0 when it no longer waits.
func decide(ctx context.Context, tx *db.Tx, id uuid.UUID, to State, by uuid.UUID, now time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE person SET state = $2, confirmed_by = $3, confirmed_at = $4, version = version + 1
		WHERE id = $1 AND state = 'pending'`, id, to, uuid.NullUUID{UUID: by, Valid: by != uuid.Nil}, now)
}

func setState(ctx context.Context, tx *db.Tx, id uuid.UUID, from, to State) (int64, error) {
	return tx.Exec(ctx, `UPDATE person SET state = $3, version = version + 1 WHERE id = $1 AND state = $2`, id, from, to)
}

func setLanguage(ctx context.Context, q db.Q, id uuid.UUID, l i18n.Lang) error {
	_, err := q.Exec(ctx, `UPDATE person SET lang = $2 WHERE id = $1 AND lang <> $2`, id, l)
	return err
}

func updateProfile(ctx context.Context, tx *db.Tx, id uuid.UUID, email string, in ProfileInput) (int64, error) {
	return tx.Exec(ctx, `UPDATE person SET name = $3, sort_name = $4, name_folded = $5, function = $6, about = $7, shown = $8, version = version + 1
		WHERE id = $1 AND version = $2`, id, in.Version, in.Name, in.SortName, folded(in.Name, email), in.Function, in.About, pq.Array(in.Shown))
}

// accountRow is an [Account] as it is read.
type accountRow struct {
	ID              uuid.UUID      `db:"id"`
	Email           string         `db:"email"`
	Name            string         `db:"name"`
	SortName        string         `db:"sort_name"`
	State           State          `db:"state"`
	Institution     uuid.NullUUID  `db:"institution_id"`
	InstitutionName string         `db:"institution_name"`
	InstitutionTown string         `db:"institution_town"`
	Powiat          string         `db:"powiat"`
	PowiatKind      string         `db:"powiat_kind"`
	Voivodeship     string         `db:"voivodeship"`
	Function        string         `db:"function"`
	About           string         `db:"about"`
	Shown           pq.StringArray `db:"shown"`
	Lang            string         `db:"lang"`
	CreatedAt       time.Time      `db:"created_at"`
	Version         int            `db:"version"`
	Into            uuid.NullUUID  `db:"merged_into"`
}

func (r *accountRow) account() Account {
	return Account{ID: r.ID, Email: r.Email, Name: r.Name, SortName: r.SortName, State: r.State, Institution: r.Institution,
		InstitutionName: r.InstitutionName, School: registry.Institution{Name: r.InstitutionName, Town: r.InstitutionTown,
			Powiat: r.Powiat, PowiatKind: registry.UnitKind(r.PowiatKind), Voivodeship: r.Voivodeship}, Function: r.Function, About: r.About,
		Shown: r.Shown, Lang: i18n.Lang(r.Lang), CreatedAt: r.CreatedAt, Version: r.Version, MergedInto: r.Into}
}

const accountColumns = `p.id, p.email, p.name, p.sort_name, p.state, p.institution_id, coalesce(i.name, '') AS institution_name,
	coalesce(i.town, '') AS institution_town, coalesce(w.name, '') AS powiat, coalesce(w.kind, '') AS powiat_kind, coalesce(v.name, '') AS voivodeship,
	p.function, p.about, p.shown, p.lang, p.created_at, p.version, p.merged_into
	FROM person p LEFT JOIN institution i ON i.id = p.institution_id
	LEFT JOIN teryt_unit w ON w.code = i.powiat_code LEFT JOIN teryt_unit v ON v.code = left(i.powiat_code, 2)`

func account(ctx context.Context, q db.Q, id uuid.UUID) (Account, error) {
	var r accountRow
	if err := q.Get(ctx, &r, `SELECT `+accountColumns+` WHERE p.id = $1 AND p.state <> 'erased'`, id); err != nil {
		return Account{}, db.NotFound(err)
	}
	return r.account(), nil
}

// inReach is the permission as a predicate on person p, its parameters numbered
// from first on: nothing where the reader sees everybody, else people of
// institutions and of centres in reach and of the institutions in their
// territory at a moment. Two texts, because no one plan serves both; and an array, which is
// made once whatever the plan.
func inReach(r *access.Reach, at time.Time, first int) (sql string, args []any) {
	if r.All {
		return "true", nil
	}
	centres, own, moment := fmt.Sprintf("CAST($%d AS uuid[])", first), fmt.Sprintf("CAST($%d AS uuid[])", first+1), fmt.Sprintf("$%d", first+2)
	return `p.institution_id = ANY (ARRAY(SELECT unnest(` + own + `) UNION SELECT unnest(` + centres + `)
		UNION SELECT x.id FROM centre_territory_at(` + moment + `) t JOIN institution x ON x.powiat_code = t.powiat_code WHERE t.centre_id = ANY (` + centres + `)))`,
		[]any{pq.Array(r.Centres), pq.Array(r.Institutions), at}
}

// listPeople reads behind the person after, in the order of names.
func listPeople(ctx context.Context, q db.Q, r access.Reach, f PeopleQuery, patterns []string, after uuid.UUID, at time.Time) ([]Account, error) {
	name := ""
	if after != uuid.Nil {
		// Read first: a plan for a known name begins the index there.
		if err := q.Get(ctx, &name, `SELECT sort_name FROM person WHERE id = $1`, after); db.IsNoRows(err) {
			return nil, nil // nobody follows somebody who is not there
		} else if err != nil {
			return nil, err
		}
	}
	var rows []accountRow
	reach, args := inReach(&r, at, 8)
	err := q.Select(ctx, &rows, `SELECT `+accountColumns+`
		WHERE `+reach+` AND p.state NOT IN ('erased', 'merged') AND ($1 = '' OR p.state = $1) AND ($2 OR p.institution_id = $3)
		  AND p.name_folded LIKE ALL ($4) AND (p.sort_name, p.id) > ($5, $6)
		ORDER BY p.sort_name, p.id LIMIT $7`,
		append([]any{f.State, f.Institution == uuid.Nil, f.Institution, pq.Array(patterns), name, after, f.Limit + 1}, args...)...)
	return accounts(rows), err
}

func listWaiting(ctx context.Context, q db.Q, r access.Reach, after uuid.UUID, limit int, at time.Time) ([]Account, error) {
	var rows []accountRow
	reach, args := inReach(&r, at, 3)
	err := q.Select(ctx, &rows, `SELECT `+accountColumns+`
		WHERE `+reach+` AND p.state = 'pending' AND p.id > $1 ORDER BY p.id LIMIT $2`, append([]any{after, limit}, args...)...)
	return accounts(rows), err
}

const waitingPart = "identity.waiting"

// waitingOf counts accounts within reach that wait to be confirmed, up to 100.
func waitingOf(r access.Reach, at time.Time) gather.Part {
	reach, args := inReach(&r, at, 5)
	return gather.Part{Key: waitingPart, Args: args, SQL: `SELECT count(*) AS n FROM (SELECT 1 FROM person p WHERE ` + reach + ` AND p.state = 'pending' LIMIT 100) w`}
}

func accounts(rows []accountRow) []Account {
	out := make([]Account, len(rows))
	for i := range rows {
		out[i] = rows[i].account()
	}
	return out
}

// shareNetwork reports whether both hold a role in force on the same network.
func shareNetwork(ctx context.Context, q db.Q, a, b uuid.UUID, at time.Time) (bool, error) {
	var yes bool
	err := q.Get(ctx, &yes, `SELECT EXISTS (SELECT 1 FROM role_grant x JOIN role_grant y ON y.scope_kind = 'network' AND y.scope_id = x.scope_id
		WHERE x.person_id = $1 AND y.person_id = $2 AND x.scope_kind = 'network' AND x.role <> 'evaluator' AND y.role <> 'evaluator'
		  AND x.valid_from <= $3 AND (x.valid_to IS NULL OR x.valid_to > $3)
		  AND y.valid_from <= $3 AND (y.valid_to IS NULL OR y.valid_to > $3))`, a, b, at)
	return yes, err
}

// lockAdmins lets one command at a time decide whether there is an administrator.
func lockAdmins(ctx context.Context, tx *db.Tx) error {
	const lockID = 7_402_211 // any number that only this function uses
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockID)
	return err
}

type receiverRow struct {
	Email string `db:"email"`
	Lang  string `db:"lang"`
}

func receiver(ctx context.Context, q db.Q, id uuid.UUID) (receiverRow, error) {
	var r receiverRow
	err := q.Get(ctx, &r, `SELECT email, lang FROM person WHERE id = $1 AND state IN ('active', 'pending', 'refused')`, id)
	return r, err
}
