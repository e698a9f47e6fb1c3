package plugin

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
)

// configRow is what was set for a module; its columns are NULL for nothing.
type configRow struct {
	Form      []byte        `db:"config_form"`
	Revision  sql.NullInt64 `db:"config_revision"`
	Answers   []byte        `db:"config_answers"`
	Version   sql.NullInt64 `db:"config_version"`
	ChangedAt sql.NullTime  `db:"config_changed_at"`
	ChangedBy string        `db:"config_changed_by"`
}

func (r *configRow) config() config {
	if !r.Version.Valid {
		return config{}
	}
	return config{r.Form, effect.Document{JSON: r.Answers, Revision: int(r.Revision.Int64)}}
}

// configuredRow is a module as its version is to run, with what was set for it.
type configuredRow struct {
	Owner       uuid.NullUUID   `db:"owner"`
	Manifest    json.RawMessage `db:"manifest"`
	Description json.RawMessage `db:"description"`
	configRow
}

const configColumns = `c.form AS config_form, c.revision AS config_revision, c.answers AS config_answers, c.version AS config_version, c.changed_at AS config_changed_at,
	coalesce((SELECT p.name FROM person p WHERE p.id = c.changed_by), '') AS config_changed_by`

// readConfigured is nil for a module that was never enabled.
func readConfigured(ctx context.Context, q db.Q, module string) (*configuredRow, error) {
	var r configuredRow
	err := q.Get(ctx, &r, `SELECT m.centre_id AS owner, v.manifest, v.description, `+configColumns+`
		FROM module m JOIN module_version v ON v.module = m.id AND v.version = m.version LEFT JOIN module_config c ON c.module = m.id WHERE m.id = $1`, module)
	if db.IsNoRows(err) {
		return nil, nil
	}
	return &r, err
}

func putConfig(ctx context.Context, tx *db.Tx, module string, form effect.Document, answers []byte, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO module_config (module, form, revision, answers, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (module) DO UPDATE SET form = excluded.form, revision = excluded.revision, answers = excluded.answers,
			version = module_config.version + 1, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
		module, string(form.JSON), form.Revision, string(answers), nullID(by), at)
	return err
}
