package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

// institutionsOnTables are the institutions of a day, $1.
const institutionsOnTables = ` FROM institution_on($1) i
	LEFT JOIN teryt_unit_on($1) p ON p.code = i.powiat_code
	LEFT JOIN teryt_unit_on($1) v ON v.code = left(i.powiat_code, 2)`

const detailColumns = institutionColumnsOn + `, i.regon, i.town_code, i.phone, i.public_status, i.pupil_category, i.opened_on,
	i.leading_bodies, i.vocations, i.valid_from, i.valid_to`

func institutionsOn(ctx context.Context, q db.Q, ids []uuid.UUID, day time.Time) ([]Institution, error) {
	var out []Institution
	err := q.Select(ctx, &out, `SELECT `+institutionColumnsOn+institutionsOnTables+` WHERE i.id = any($2) LIMIT 500`, day, pq.Array(ids))
	return out, err
}

func details(ctx context.Context, q db.Q, id uuid.UUID, day time.Time) (Details, error) {
	var out Details
	err := q.Get(ctx, &out, `SELECT `+detailColumns+institutionsOnTables+` WHERE i.id = $2`, day, id)
	return out, db.NotFound(err)
}

func history(ctx context.Context, q db.Q, id uuid.UUID) ([]Details, error) {
	var out []Details
	err := q.Select(ctx, &out, `SELECT `+detailColumns+` FROM (SELECT institution_id AS id, w.* FROM institution_version w
			WHERE institution_id = $1 AND (valid_to IS NULL OR valid_to > valid_from) ORDER BY no DESC LIMIT 50) i
		LEFT JOIN teryt_unit p ON p.code = i.powiat_code LEFT JOIN teryt_unit v ON v.code = left(i.powiat_code, 2) ORDER BY i.no DESC`, id)
	return out, err
}

func fileDays(ctx context.Context, q db.Q, register string, limit int) ([]FileDay, error) {
	var out []FileDay
	err := q.Select(ctx, &out, `SELECT id, day FROM (
			SELECT DISTINCT ON (day) id, day FROM (
				SELECT id, CAST(coalesce(confirmed_at, at) AT TIME ZONE 'Europe/Warsaw' AS date) AS day
				FROM registry_import WHERE kind = $1 AND state = 'done' AND epoch > 0) x
			ORDER BY day, id DESC) d ORDER BY day DESC LIMIT $2`, register, limit)
	return out, err
}

func holdVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []struct {
		ID      uuid.UUID `db:"id"`
		Version int64     `db:"version"`
	}
	err := tx.Select(ctx, &rows, `SELECT id, CAST(version AS bigint) AS version FROM institution WHERE id = ANY ($1) ORDER BY id LIMIT 10000 FOR SHARE`, pq.Array(ids))
	out := make(map[uuid.UUID]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, err
}

func unitHistory(ctx context.Context, q db.Q, code string) ([]Unit, error) {
	gmina := code
	if len(code) == 7 {
		gmina = code[:6]
	}
	var out []Unit
	err := q.Select(ctx, &out, `SELECT `+unitColumns+` FROM teryt_unit_version u
		LEFT JOIN teryt_unit p ON p.code = left(u.code, 4) LEFT JOIN teryt_unit v ON v.code = left(u.code, 2)
		WHERE (u.code = $1 OR length(u.code) = 7 AND left(u.code, 6) = $2 AND u.kind <> 'part') AND (u.valid_to IS NULL OR u.valid_to > u.valid_from)
		ORDER BY u.valid_from DESC, u.code LIMIT 50`, code, gmina)
	return out, err
}
