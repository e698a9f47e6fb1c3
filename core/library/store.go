package library

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

var (
	_ = db.Constraint("resource_version_once", fault.Conflict, "", "library.stale")
	_ = db.Constraint("resource_file_pkey", fault.Invalid, "files", "file.gone")
)

// head is the part of a resource that decides acts.
type head struct {
	ID           uuid.UUID      `db:"id"`
	Network      uuid.NullUUID  `db:"network_id"`
	NetworkTitle string         `db:"network_title"`
	Status       string         `db:"status"`
	Programme    uuid.NullUUID  `db:"programme_id"`
	Centre       uuid.UUID      `db:"centre_id"`
	CreatedBy    uuid.UUID      `db:"created_by"`
	Title        string         `db:"title"`
	State        State          `db:"state"`
	Audience     Audience       `db:"audience"`
	Asked        Audience       `db:"asked_audience"`
	AskedBy      uuid.NullUUID  `db:"asked_by"`
	Decision     Decision       `db:"decision"`
	Reason       string         `db:"decision_reason"`
	Versions     int            `db:"versions"`
	Version      int            `db:"version"`
	Tags         pq.StringArray `db:"tags"`
}

const headColumns = `r.id, r.network_id, coalesce(n.title, '') AS network_title, coalesce(n.status, '') AS status, n.programme_id, r.centre_id, r.created_by,
	r.title, r.state, r.audience, r.asked_audience, r.asked_by, r.decision, r.decision_reason, r.versions, r.version, r.tags`

func (h *head) place() access.Place {
	return access.Place{Centre: h.Centre, Programme: h.Programme.UUID, Network: h.Network.UUID}
}

func readHead(ctx context.Context, q db.Q, id uuid.UUID) (head, error) {
	var h head
	err := q.Get(ctx, &h, `SELECT `+headColumns+` FROM resource r LEFT JOIN network n ON n.id = r.network_id WHERE r.id = $1`, id)
	return h, db.NotFound(err)
}

func headOfVersion(ctx context.Context, q db.Q, version uuid.UUID) (head, error) {
	var h head
	err := q.Get(ctx, &h, `SELECT `+headColumns+` FROM resource_version v JOIN resource r ON r.id = v.resource_id
		LEFT JOIN network n ON n.id = r.network_id WHERE v.id = $1`, version)
	return h, db.NotFound(err)
}

// lockResource keeps others from changing the resource until the transaction ends.
func lockResource(ctx context.Context, tx *db.Tx, id uuid.UUID) (head, error) {
	var h head
	err := tx.Get(ctx, &h, `SELECT `+headColumns+` FROM resource r LEFT JOIN network n ON n.id = r.network_id WHERE r.id = $1 FOR NO KEY UPDATE OF r`, id)
	return h, db.NotFound(err)
}

// home is where a resource is added: a network, or a centre when network is uuid.Nil.
func (s *Service) home(ctx context.Context, network, centre uuid.UUID) (head, error) {
	var h head
	if network != uuid.Nil {
		err := s.db.Get(ctx, &h, `SELECT n.id AS network_id, n.title AS network_title, n.status, n.programme_id, n.centre_id FROM network n WHERE n.id = $1`, network)
		return h, db.NotFound(err)
	}
	err := s.db.Get(ctx, &h, `SELECT id AS centre_id FROM institution WHERE id = $1 AND kind IN ('centre', 'ore', 'library', 'counselling') AND closed_on IS NULL`, centre)
	return h, db.NotFound(err)
}

func insertResource(ctx context.Context, tx *db.Tx, h *head, d *Details, folded string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO resource (id, network_id, centre_id, created_by, created_at, changed_at, kind, title, description, folded,
			licence, licence_text, authors, accessibility, tags, product, state, versions)
		VALUES ($1, $2, $3, $4, $5, $5, coalesce(nullif($6, ''), 'opracowanie'), $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1)`,
		h.ID, h.Network, h.Centre, h.CreatedBy, at, d.Kind, d.Title, d.Description, folded,
		d.Licence, d.LicenceText, pq.Array(d.Authors), d.Accessibility, pq.Array(d.Tags), d.Product, h.State)
	return err
}

// updateDetails writes a locked resource.
func updateDetails(ctx context.Context, tx *db.Tx, h *head, d *Details, folded string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE resource SET kind = coalesce(nullif($2, ''), kind), title = $3, description = $4, folded = $5, licence = $6, licence_text = $7,
			authors = $8, accessibility = $9, tags = $10, product = $11, state = $12, changed_at = $13, version = version + 1 WHERE id = $1`,
		h.ID, d.Kind, d.Title, d.Description, folded, d.Licence, d.LicenceText, pq.Array(d.Authors), d.Accessibility, pq.Array(d.Tags), d.Product, h.State, at)
	return err
}

func insertVersion(ctx context.Context, tx *db.Tx, id, resource uuid.UUID, no int, c *checked, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO resource_version (id, resource_id, no, note, link, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, resource, no, c.Note, c.Link, by, at)
	return err
}

// updateDraftVersion changes the only version of a draft and returns its id.
func updateDraftVersion(ctx context.Context, tx *db.Tx, resource uuid.UUID, c *checked, at time.Time) (uuid.UUID, error) {
	var id uuid.UUID
	err := tx.Get(ctx, &id, `UPDATE resource_version SET note = $2, link = $3, created_at = $4 WHERE resource_id = $1 AND no = 1 RETURNING id`, resource, c.Note, c.Link, at)
	return id, err
}

func setVersions(ctx context.Context, tx *db.Tx, id uuid.UUID, n int, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE resource SET versions = $2, changed_at = $3, version = version + 1 WHERE id = $1`, id, n, at)
	return err
}

func versionsOf(ctx context.Context, tx *db.Tx, resource uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := tx.Select(ctx, &ids, `SELECT id FROM resource_version WHERE resource_id = $1 ORDER BY no LIMIT 1000`, resource)
	return ids, err
}

func insertFile(ctx context.Context, tx *db.Tx, file, version uuid.UUID, no int, alt string, pages int) error {
	_, err := tx.Exec(ctx, `INSERT INTO resource_file (file_id, version_id, no, alt, pages) VALUES ($1, $2, $3, $4, nullif($5, 0))`, file, version, no, alt, pages)
	return err
}

func deleteFiles(ctx context.Context, tx *db.Tx, version uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM resource_file WHERE version_id = $1`, version)
	return err
}

func deleteDraft(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM resource_version WHERE resource_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM resource WHERE id = $1 AND state = 'draft'`, id)
	return err
}

func setRemoved(ctx context.Context, tx *db.Tx, id uuid.UUID, reason string, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE resource SET state = 'removed', state_reason = $2, changed_at = $4, version = version + 1,
			asked_audience = '', asked_by = NULL, asked_at = NULL, audience = 'network',
			decision = CASE WHEN audience <> 'network' THEN 'withdrawn' ELSE decision END,
			decision_reason = CASE WHEN audience <> 'network' THEN $2 ELSE decision_reason END,
			decided_by = CASE WHEN audience <> 'network' THEN $3 ELSE decided_by END,
			decided_at = CASE WHEN audience <> 'network' THEN CAST($4 AS timestamptz) ELSE decided_at END
		WHERE id = $1`, id, reason, by, at)
	return err
}

func setRestored(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE resource SET state = 'shared', state_reason = '', changed_at = $2, version = version + 1 WHERE id = $1`, id, at)
	return err
}

func setAsked(ctx context.Context, tx *db.Tx, id uuid.UUID, to Audience, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE resource SET asked_audience = $2, asked_by = $3, asked_at = $4, version = version + 1 WHERE id = $1`, id, to, by, at)
	return err
}

func setPublished(ctx context.Context, tx *db.Tx, id uuid.UUID, to Audience, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE resource SET audience = $2, asked_audience = '', asked_by = NULL, asked_at = NULL, decision = 'published', decision_reason = '',
			decided_by = $3, decided_at = $4, changed_at = $4, version = version + 1 WHERE id = $1`, id, to, by, at)
	return err
}

// setRefused leaves a narrower publication, if there is one, in force.
func setRefused(ctx context.Context, tx *db.Tx, id uuid.UUID, reason string, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE resource SET asked_audience = '', asked_by = NULL, asked_at = NULL, decision = 'refused', decision_reason = $2,
			decided_by = $3, decided_at = $4, version = version + 1 WHERE id = $1`, id, reason, by, at)
	return err
}

func setWithdrawn(ctx context.Context, tx *db.Tx, id uuid.UUID, reason string, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE resource SET audience = 'network', asked_audience = '', asked_by = NULL, asked_at = NULL, decision = 'withdrawn', decision_reason = $2,
			decided_by = $3, decided_at = $4, changed_at = $4, version = version + 1 WHERE id = $1`, id, reason, by, at)
	return err
}

type useRow struct {
	Resource, Network, Place uuid.UUID
	Kind, Title, Note        string
	By                       uuid.UUID
	At                       time.Time
}

// insertUse reports false when the resource stands there already.
func insertUse(ctx context.Context, tx *db.Tx, u useRow) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO resource_use (resource_id, network_id, place_kind, place_id, title, note, used_by, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`, u.Resource, u.Network, u.Kind, u.Place, u.Title, u.Note, u.By, u.At)
	return n == 1, err
}

// insertMentions passes over what does not exist or is not open to the network.
func insertMentions(ctx context.Context, tx *db.Tx, ids []uuid.UUID, u useRow) error {
	_, err := tx.Exec(ctx, `INSERT INTO resource_use (resource_id, network_id, place_kind, place_id, title, used_by, used_at)
		SELECT id, $2, $3, $4, $5, $6, $7 FROM resource WHERE id = ANY ($1) AND state = 'shared' AND (audience <> 'network' OR network_id = $2)
		ON CONFLICT DO NOTHING`, pq.Array(ids), u.Network, u.Kind, u.Place, u.Title, u.By, u.At)
	return err
}

// deleteUse takes a use away; by uuid.Nil = whoever put it there.
func deleteUse(ctx context.Context, tx *db.Tx, resource uuid.UUID, kind string, place, by uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM resource_use WHERE resource_id = $1 AND place_kind = $2 AND place_id = $3
		AND (CAST($4 AS uuid) = '00000000-0000-0000-0000-000000000000' OR used_by = $4)`, resource, kind, place, by)
	return n == 1, err
}

// setUseful writes the person's word and the count of the locked resource; it
// returns the count and whether the word is a new one.
func setUseful(ctx context.Context, tx *db.Tx, id, person uuid.UUID, useful bool, at time.Time) (count int, news bool, err error) {
	var n int64
	if useful {
		n, err = tx.Exec(ctx, `INSERT INTO resource_useful (resource_id, person_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, id, person, at)
	} else {
		n, err = tx.Exec(ctx, `DELETE FROM resource_useful WHERE resource_id = $1 AND person_id = $2`, id, person)
		n = -n
	}
	if err != nil {
		return 0, false, err
	}
	err = tx.Get(ctx, &count, `UPDATE resource SET useful = useful + $2 WHERE id = $1 RETURNING useful`, id, n)
	return count, n != 0, err
}
