package programme

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

var (
	_ = db.Constraint("programme_code_once", fault.Invalid, "code", "programme.code_taken")
	_ = db.Constraint("programme_centre_id_fkey", fault.Invalid, "centre", "programme.unknown_institution")
	_ = db.Constraint("network_group_institution_id_fkey", fault.Invalid, "institution", "programme.unknown_institution")
	_ = db.Constraint("group_member_person_id_fkey", fault.Invalid, "person", "programme.person_not_active")
)

type programmeRow struct {
	ID       uuid.UUID     `db:"id"`
	Code     string        `db:"code"`
	Title    string        `db:"title"`
	Module   string        `db:"module"`
	Type     string        `db:"type"`
	Centre   uuid.NullUUID `db:"centre_id"`
	Stage    string        `db:"stage"`
	Starts   sql.NullTime  `db:"starts_on"`
	Ends     sql.NullTime  `db:"ends_on"`
	ClosedAt sql.NullTime  `db:"closed_at"`
	Open     bool          `db:"open_to_networks"`
	Groups   int           `db:"groups"`
	Networks int           `db:"networks"`
	Members  int           `db:"members"`
	Version  int64         `db:"version"`
}

const programmeColumns = `p.id, p.code, p.title, p.module, p.type, p.centre_id, p.stage, p.starts_on, p.ends_on, p.closed_at, p.open_to_networks, p.version`

// programmeCounts are of what lies directly below.
const programmeCounts = `, (SELECT count(*) FROM network_group g WHERE g.programme_id = p.id) AS groups,
	(SELECT count(*) FROM network n WHERE n.programme_id = p.id) AS networks`

func (r *programmeRow) programme() Programme {
	p := Programme{
		ID: r.ID, Code: r.Code, Title: r.Title, Centre: r.Centre.UUID, Stage: r.Stage, Starts: r.Starts.Time, Ends: r.Ends.Time,
		Closed: r.ClosedAt.Valid, Open: r.Open, Groups: r.Groups, Networks: r.Networks, Version: r.Version,
	}
	if r.Module != "" {
		p.Type = effect.Qualify(r.Module, r.Type)
	}
	return p
}

func findProgramme(ctx context.Context, q db.Q, id uuid.UUID) (*Programme, error) {
	var r programmeRow
	if err := q.Get(ctx, &r, `SELECT `+programmeColumns+programmeCounts+` FROM programme p WHERE p.id = $1`, id); err != nil {
		return nil, db.NotFound(err)
	}
	p := r.programme()
	return &p, nil
}

func listProgrammes(ctx context.Context, q db.Q, r *access.Reach, title string, id uuid.UUID, limit int) ([]Programme, error) {
	var rows []programmeRow
	err := q.Select(ctx, &rows, `SELECT `+programmeColumns+programmeCounts+` FROM programme p
		WHERE ($1 OR p.id = ANY($2) OR p.centre_id = ANY($3)) AND (p.title, p.id) > ($4, $5)
		ORDER BY p.title, p.id LIMIT $6`, r.All, pq.Array(r.Programmes), pq.Array(r.Centres), title, id, limit)
	out := make([]Programme, len(rows))
	for i := range rows {
		out[i] = rows[i].programme()
	}
	return out, err
}

// listProgrammesAt is listProgrammes as of a moment.
func listProgrammesAt(ctx context.Context, q db.Q, r *access.Reach, at time.Time, title string, id uuid.UUID, limit int) ([]Programme, error) {
	var rows []programmeRow
	err := q.Select(ctx, &rows, `SELECT p.id, p.code, p.title, p.module, p.type, p.centre_id, p.stage, p.starts_on, p.ends_on,
			CASE WHEN p.closed_at <= $7 THEN p.closed_at END AS closed_at, p.open_to_networks, p.version,
			(SELECT count(*) FROM network_group g WHERE g.programme_id = p.id AND g.created_at <= $7) AS groups,
			(SELECT count(*) FROM programme_network y WHERE y.programme_id = p.id AND y.joined_at <= $7 AND (y.left_at IS NULL OR y.left_at > $7)) AS networks
		FROM programme p WHERE p.created_at <= $7 AND ($1 OR p.id = ANY($2) OR p.centre_id = ANY($3)) AND (p.title, p.id) > ($4, $5)
		ORDER BY p.title, p.id LIMIT $6`, r.All, pq.Array(r.Programmes), pq.Array(r.Centres), title, id, limit, at)
	out := make([]Programme, len(rows))
	for i := range rows {
		out[i] = rows[i].programme()
	}
	return out, err
}

func insertProgramme(ctx context.Context, tx *db.Tx, p *Programme, at time.Time) error {
	module, local, _ := effect.Split(p.Type)
	_, err := tx.Exec(ctx, `INSERT INTO programme (id, code, title, module, type, centre_id, stage, starts_on, ends_on, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, p.ID, p.Code, p.Title, module, local, nullID(p.Centre), p.Stage, nullDay(p.Starts), nullDay(p.Ends), at)
	return err
}

func updateProgramme(ctx context.Context, tx *db.Tx, id uuid.UUID, in Change) (int64, error) {
	return tx.Exec(ctx, `UPDATE programme SET title = $3, centre_id = $4, starts_on = $5, ends_on = $6, version = version + 1
		WHERE id = $1 AND version = $2`, id, in.Version, in.Title, nullID(in.Centre), nullDay(in.Starts), nullDay(in.Ends))
}

func setOpen(ctx context.Context, tx *db.Tx, id uuid.UUID, open bool) error {
	_, err := tx.Exec(ctx, `UPDATE programme SET open_to_networks = $2 WHERE id = $1`, id, open)
	return err
}

// setStage moves a programme; 0 rows when it is not in from.
func setStage(ctx context.Context, tx *db.Tx, id uuid.UUID, from, to string, closed bool, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE programme SET stage = $3, version = version + 1,
			closed_at = CASE WHEN $4 THEN coalesce(closed_at, $5) END
		WHERE id = $1 AND stage = $2`, id, from, to, closed, at)
}

type indicatorRow struct {
	ID        uuid.UUID `db:"id"`
	Programme uuid.UUID `db:"programme_id"`
	Code      string    `db:"code"`
	Title     []byte    `db:"title"`
	Unit      []byte    `db:"unit"`
	Target    int64     `db:"target"`
	Achieved  int64     `db:"achieved"`
	Version   int64     `db:"version"`
}

const indicatorColumns = `i.id, i.programme_id, i.code, i.title, i.unit, i.target, i.version,
	(SELECT coalesce(sum(a.amount), 0) FROM indicator_achievement a WHERE a.indicator_id = i.id) AS achieved`

func (r *indicatorRow) indicator() (Indicator, error) {
	i := Indicator{ID: r.ID, Code: r.Code, Target: r.Target, Achieved: r.Achieved, Version: r.Version}
	if err := json.Unmarshal(r.Title, &i.Title); err != nil {
		return i, err
	}
	return i, json.Unmarshal(r.Unit, &i.Unit)
}

func listIndicators(ctx context.Context, q db.Q, programme uuid.UUID) ([]Indicator, error) {
	var rows []indicatorRow
	if err := q.Select(ctx, &rows, `SELECT `+indicatorColumns+` FROM indicator i WHERE i.programme_id = $1 ORDER BY i.code LIMIT 100`, programme); err != nil {
		return nil, err
	}
	out := make([]Indicator, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].indicator(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func insertIndicator(ctx context.Context, tx *db.Tx, programme uuid.UUID, i effect.Indicator) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO indicator (id, programme_id, code, title, unit, target)
		VALUES ($1, $2, $3, CAST($4 AS jsonb), CAST($5 AS jsonb), $6)`, id, programme, i.Name, jsonText(i.Title), jsonText(i.Unit), i.UsualTarget)
	return err
}

func updateTarget(ctx context.Context, tx *db.Tx, programme uuid.UUID, code string, target, version int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE indicator SET target = $3, version = version + 1
		WHERE programme_id = $1 AND code = $2 AND version = $4`, programme, code, target, version)
}

// lockIndicator finds an indicator and holds it, so that two achievements that
// arrive at once are counted one after the other.
func lockIndicator(ctx context.Context, tx *db.Tx, programme uuid.UUID, code string) (indicatorRow, error) {
	var r indicatorRow
	err := tx.Get(ctx, &r, `SELECT `+indicatorColumns+` FROM indicator i
		WHERE i.programme_id = $1 AND i.code = $2 FOR UPDATE OF i`, programme, code)
	return r, db.NotFound(err)
}

// insertAchievement returns false when the evidence, or the group, has counted.
func insertAchievement(ctx context.Context, tx *db.Tx, id, indicator uuid.UUID, e *effect.IndicatorAchieve, by uuid.UUID, at time.Time) (bool, error) {
	scope := e.Scope
	if e.Group != uuid.Nil {
		scope = effect.Scope{Kind: effect.Group, ID: e.Group}
	}
	n, err := tx.Exec(ctx, `INSERT INTO indicator_achievement (id, indicator_id, amount, scope_kind, scope_id, evidence_id, achieved_by, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`, id, indicator, e.Amount, scope.Kind, scope.ID, e.Evidence, nullID(by), at)
	return n == 1, err
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

func nullDay(t time.Time) sql.NullString {
	return sql.NullString{String: t.Format(time.DateOnly), Valid: !t.IsZero()}
}

func nullTime(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: !t.IsZero()} }
