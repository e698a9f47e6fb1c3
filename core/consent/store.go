package consent

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/place"
)

type networkRow struct {
	ID        uuid.UUID     `db:"id"`
	Title     string        `db:"title"`
	Centre    uuid.UUID     `db:"centre_id"`
	Programme uuid.NullUUID `db:"programme_id"`
	Status    string        `db:"status"`
}

func (r *networkRow) place() access.Place {
	return access.Place{Network: r.ID, Centre: r.Centre, Programme: r.Programme.UUID}
}

func (r *networkRow) network() Network {
	return Network{ID: r.ID, Title: r.Title, Place: r.place(), Going: r.Status == "open"}
}

func networkOf(ctx context.Context, q db.Q, id uuid.UUID) (networkRow, error) {
	var r networkRow
	err := q.Get(ctx, &r, `SELECT id, title, centre_id, programme_id, status FROM network WHERE id = $1`, id)
	return r, db.NotFound(err)
}

// lockNetwork keeps the network from closing until the transaction ends.
func lockNetwork(ctx context.Context, tx *db.Tx, id uuid.UUID) (networkRow, error) {
	var r networkRow
	err := tx.Get(ctx, &r, `SELECT id, title, centre_id, programme_id, status FROM network WHERE id = $1 FOR SHARE`, id)
	return r, db.NotFound(err)
}

// lockPerson makes one person's decisions come one after another.
func lockPerson(ctx context.Context, tx *db.Tx, person uuid.UUID) error {
	_, err := tx.Exec(ctx, `SELECT 1 FROM person WHERE id = $1 FOR UPDATE`, person)
	return err
}

func nameOf(ctx context.Context, q db.Q, person uuid.UUID) (string, error) {
	var name string
	err := q.Get(ctx, &name, `SELECT name FROM person WHERE id = $1`, person)
	return name, db.NotFound(err)
}

// signature is a person's newest in a network; nil without any.
func signature(ctx context.Context, q db.Q, network, person uuid.UUID) (*Signature, error) {
	var s Signature
	err := q.Get(ctx, &s, `SELECT version, signed_at FROM contract_signature WHERE network_id = $1 AND person_id = $2 ORDER BY signed_at DESC, version DESC LIMIT 1`, network, person)
	if db.IsNoRows(err) {
		return nil, nil
	}
	return &s, err
}

// decision is a person's newest about photos in a network; nil without any.
func decision(ctx context.Context, q db.Q, network, person uuid.UUID) (*Decision, error) {
	var d Decision
	err := q.Get(ctx, &d, `SELECT granted, wording, decided_at FROM image_consent WHERE network_id = $1 AND person_id = $2 ORDER BY id DESC LIMIT 1`, network, person)
	if db.IsNoRows(err) {
		return nil, nil
	}
	return &d, err
}

// insertSignature is false when these words were signed already.
func insertSignature(ctx context.Context, tx *db.Tx, network, person uuid.UUID, c *Contract, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO contract_signature (record_id, version, person_id, network_id, signed_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		c.Record, c.Version, person, network, now)
	return n == 1, err
}

func insertDecision(ctx context.Context, tx *db.Tx, network, person uuid.UUID, yes bool, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO image_consent (id, network_id, person_id, granted, wording, decided_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		uuid.Must(uuid.NewV7()), network, person, yes, Wording, now)
	return err
}

type personRow struct {
	ID       uuid.UUID `db:"id"`
	Name     string    `db:"name"`
	SortName string    `db:"sort_name"`
	School   string    `db:"school"`
	place.Where
	Version  *int64     `db:"version"`
	SignedAt *time.Time `db:"signed_at"`
	Granted  *bool      `db:"granted"`
	Wording  *string    `db:"wording"`
	At       *time.Time `db:"decided_at"`
}

func (r *personRow) person() Person {
	p := Person{ID: r.ID, Name: r.Name, School: r.School, Where: r.Where}
	if r.Version != nil && r.SignedAt != nil {
		p.Signed = &Signature{*r.Version, *r.SignedAt}
	}
	if r.Granted != nil && r.Wording != nil && r.At != nil {
		p.Image = &Decision{*r.Granted, *r.Wording, *r.At}
	}
	return p
}

// people are active members after a name and id, with their newest signature and
// decision.
func people(ctx context.Context, q db.Q, network uuid.UUID, after string, id uuid.UUID, limit int) ([]personRow, error) {
	var rows []personRow
	err := q.Select(ctx, &rows, `SELECT p.id, p.name, p.sort_name, coalesce(i.name, '') AS school, `+place.Columns+`, s.version, s.signed_at, d.granted, d.wording, d.decided_at
		FROM membership m JOIN person p ON p.id = m.person_id LEFT JOIN institution i ON i.id = p.institution_id `+place.Joins+`
		LEFT JOIN LATERAL (SELECT version, signed_at FROM contract_signature WHERE network_id = $1 AND person_id = p.id ORDER BY signed_at DESC, version DESC LIMIT 1) s ON true
		LEFT JOIN LATERAL (SELECT granted, wording, decided_at FROM image_consent WHERE network_id = $1 AND person_id = p.id ORDER BY id DESC LIMIT 1) d ON true
		WHERE m.network_id = $1 AND m.state = 'active' AND (p.sort_name, p.id) > ($2, $3) ORDER BY p.sort_name, p.id LIMIT $4`, network, after, id, limit)
	return rows, err
}

func own(ctx context.Context, q db.Q, person uuid.UUID) ([]Own, error) {
	var rows []Own
	err := q.Select(ctx, &rows, `SELECT x.network_id, x.title, x.granted, x.wording, x.decided_at FROM (SELECT DISTINCT ON (c.network_id) c.network_id, n.title, c.granted, c.wording, c.decided_at
			FROM image_consent c JOIN network n ON n.id = c.network_id WHERE c.person_id = $1 ORDER BY c.network_id, c.id DESC) x
		ORDER BY x.decided_at DESC, x.network_id LIMIT 200`, person)
	return rows, err
}

// todoSQL are open networks of a person whose contract they have not signed as
// it is now.
const todoSQL = `SELECT n.id AS network_id, n.title
	FROM membership m JOIN network n ON n.id = m.network_id
	JOIN LATERAL (SELECT r.id, r.version FROM record r WHERE r.scope_id = n.id AND r.module = n.module AND r.kind = 'contract' AND r.scope_kind = 'network' AND r.closed_at IS NULL
		ORDER BY r.created_at DESC, r.id DESC LIMIT 1) c ON true
	WHERE m.person_id = $1 AND m.state = 'active' AND n.status = 'open'
		AND NOT EXISTS (SELECT 1 FROM contract_signature s WHERE s.record_id = c.id AND s.version = c.version AND s.person_id = $1)
	ORDER BY n.id LIMIT $4`

// cursor names the last row of a page.
func cursor(r *personRow) string {
	return base64.RawURLEncoding.EncodeToString(append(r.ID[:], r.SortName...))
}

func readCursor(s string) (string, uuid.UUID, error) {
	if s == "" {
		return "", uuid.Nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) < 16 || strings.ContainsRune(string(raw[16:]), 0) {
		return "", uuid.Nil, fault.InvalidFields(fault.Field{Path: "cursor", Key: "network.cursor"})
	}
	return strings.ToValidUTF8(string(raw[16:]), ""), uuid.UUID(raw[:16]), nil
}
