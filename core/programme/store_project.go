package programme

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

var _ = db.Constraint("programme_partner_once", fault.Invalid, "name", "programme.partner_twice")

// holdProgramme reads a programme and holds it, so that changes of what belongs
// to it come one after the other.
func holdProgramme(ctx context.Context, tx *db.Tx, id uuid.UUID) (*Programme, error) {
	var r programmeRow
	if err := tx.Get(ctx, &r, `SELECT `+programmeColumns+` FROM programme p WHERE p.id = $1 FOR UPDATE OF p`, id); err != nil {
		return nil, db.NotFound(err)
	}
	p := r.programme()
	return &p, nil
}

// projectOf is the zero project when none was saved.
func projectOf(ctx context.Context, q db.Q, programme uuid.UUID) (Project, error) {
	var rows []struct {
		Value   int64          `db:"value_grosze"`
		Own     int64          `db:"own_grosze"`
		Badges  pq.StringArray `db:"badges"`
		Public  bool           `db:"public"`
		Version int64          `db:"version"`
	}
	err := q.Select(ctx, &rows, `SELECT value_grosze, own_grosze, badges, public, version FROM programme_project WHERE programme_id = $1 LIMIT 1`, programme)
	if err != nil || len(rows) == 0 {
		return Project{Badges: []string{}}, err
	}
	r := &rows[0]
	return Project{Value: r.Value, Own: r.Own, Badges: append([]string{}, r.Badges...), Public: r.Public, Version: r.Version}, nil
}

// saveProject changes 0 rows when another version is there.
func saveProject(ctx context.Context, tx *db.Tx, programme uuid.UUID, p *Project, by uuid.UUID, at time.Time) (int64, error) {
	if p.Version == 0 {
		return tx.Exec(ctx, `INSERT INTO programme_project (programme_id, value_grosze, own_grosze, badges, public, changed_by, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (programme_id) DO NOTHING`, programme, p.Value, p.Own, pq.Array(p.Badges), p.Public, nullID(by), at)
	}
	return tx.Exec(ctx, `UPDATE programme_project SET value_grosze = $3, own_grosze = $4, badges = $5, public = $6, changed_by = $7, changed_at = $8, version = version + 1
		WHERE programme_id = $1 AND version = $2`, programme, p.Version, p.Value, p.Own, pq.Array(p.Badges), p.Public, nullID(by), at)
}

func partnersOf(ctx context.Context, q db.Q, programme uuid.UUID) ([]Partner, error) {
	out := []Partner{}
	err := q.Select(ctx, &out, `SELECT id, name, country, share_grosze FROM programme_partner WHERE programme_id = $1 ORDER BY id LIMIT 100`, programme)
	return out, err
}

func insertPartner(ctx context.Context, tx *db.Tx, programme uuid.UUID, p *Partner) error {
	_, err := tx.Exec(ctx, `INSERT INTO programme_partner (id, programme_id, name, country, share_grosze) VALUES ($1, $2, $3, $4, $5)`,
		p.ID, programme, p.Name, p.Country, p.Share)
	return err
}

func deletePartner(ctx context.Context, tx *db.Tx, programme, partner uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM programme_partner WHERE id = $1 AND programme_id = $2`, partner, programme)
}

func rulesOf(ctx context.Context, q db.Q, programme uuid.UUID) ([]Rule, error) {
	out := []Rule{}
	err := q.Select(ctx, &out, `SELECT id, valid_from, networks_least, meetings_least, meetings_most FROM programme_rule
		WHERE programme_id = $1 ORDER BY valid_from DESC LIMIT 100`, programme)
	return out, err
}

// saveRule puts a rule in the place of one of the same day.
func saveRule(ctx context.Context, tx *db.Tx, programme uuid.UUID, r *Rule, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO programme_rule (id, programme_id, valid_from, networks_least, meetings_least, meetings_most, set_by, set_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (programme_id, valid_from) DO UPDATE SET id = excluded.id, networks_least = excluded.networks_least,
			meetings_least = excluded.meetings_least, meetings_most = excluded.meetings_most, set_by = excluded.set_by, set_at = excluded.set_at`,
		r.ID, programme, r.From.Format(time.DateOnly), r.Networks, r.MeetingsLeast, r.MeetingsMost, nullID(by), at)
	return err
}

func listRuled(ctx context.Context, q db.Q, r access.Reach, day time.Time, title string, id uuid.UUID, limit int) ([]Ruled, error) {
	var out []Ruled
	err := q.Select(ctx, &out, `SELECT p.id AS programme_id, p.code, p.title, r.id, r.valid_from, r.networks_least, r.meetings_least, r.meetings_most
		FROM programme p CROSS JOIN LATERAL (SELECT x.id, x.valid_from, x.networks_least, x.meetings_least, x.meetings_most FROM programme_rule x
			WHERE x.programme_id = p.id AND x.valid_from <= $1 ORDER BY x.valid_from DESC LIMIT 1) r
		WHERE p.closed_at IS NULL AND (p.title, p.id) > ($2, $3)
		  AND ($5 OR p.centre_id IS NULL OR p.centre_id = ANY ($6) OR p.id = ANY ($7)) ORDER BY p.title, p.id LIMIT $4`,
		day, title, id, limit, r.All, pq.Array(r.Centres), pq.Array(r.Programmes))
	return out, err
}
