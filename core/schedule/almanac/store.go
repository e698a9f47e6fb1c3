package almanac

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

type breakRow struct {
	Voivodeship string    `db:"voivodeship"`
	From        time.Time `db:"starts_on"`
	To          time.Time `db:"ends_on"`
	Source      string    `db:"source"`
	SavedBy     string    `db:"saved_by"`
	SavedAt     time.Time `db:"saved_at"`
	Version     int       `db:"version"`
}

func (r *breakRow) winter() calendar.Winter {
	return calendar.Winter{Voivodeship: r.Voivodeship, Source: r.Source, Span: calendar.Span{From: calendar.Day(r.From), To: calendar.Day(r.To)}}
}

// maxBreaks bounds the reading of all: 16 voivodeships in a hundred years.
const maxBreaks = 16 * 100

func allBreaks(ctx context.Context, q db.Q) ([]breakRow, error) {
	var rows []breakRow
	err := q.Select(ctx, &rows, `SELECT voivodeship, starts_on, ends_on, source FROM school_break ORDER BY year, voivodeship LIMIT $1`, maxBreaks)
	return rows, err
}

func breaksOf(ctx context.Context, q db.Q, year int) ([]breakRow, error) {
	var rows []breakRow
	err := q.Select(ctx, &rows, `SELECT b.voivodeship, b.starts_on, b.ends_on, b.source, coalesce(p.name, '') AS saved_by, b.saved_at, b.version
		FROM school_break b LEFT JOIN person p ON p.id = b.saved_by WHERE b.year = $1 ORDER BY b.voivodeship LIMIT 16`, year)
	return rows, err
}

// version is made of what every change changes.
func version(rows []breakRow) string {
	sum, last := 0, time.Time{}
	for i := range rows {
		sum += rows[i].Version
		if rows[i].SavedAt.After(last) {
			last = rows[i].SavedAt
		}
	}
	return fmt.Sprintf("%d.%d.%d", len(rows), sum, last.UnixMicro())
}

func compare(ctx context.Context, tx *db.Tx, year int, seen string) error {
	if seen == "" {
		return nil
	}
	rows, err := breaksOf(ctx, tx, year)
	if err == nil && version(rows) != seen {
		err = ErrStale
	}
	return err
}

// lockBreaks lets one change of winter breaks run at a time: they are a few a year.
func lockBreaks(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `LOCK TABLE school_break IN SHARE ROW EXCLUSIVE MODE`)
	return err
}

func putBreak(ctx context.Context, tx *db.Tx, w calendar.Winter, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO school_break (voivodeship, year, starts_on, ends_on, source, saved_by, saved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (voivodeship, year) DO UPDATE SET starts_on = $3, ends_on = $4, source = $5, saved_by = $6, saved_at = $7, version = school_break.version + 1`,
		w.Voivodeship, w.Year(), w.From, w.To, w.Source, uuid.NullUUID{UUID: by, Valid: by != uuid.Nil}, at)
	return err
}

func dropBreak(ctx context.Context, tx *db.Tx, voivodeship string, year int) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM school_break WHERE voivodeship = $1 AND year = $2`, voivodeship, year)
}
