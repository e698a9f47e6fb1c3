package registry

// The register as of a day.
//
// Every territorial unit and institution has versions, each with the days
// between which it holds; a list or a report of a day reads the versions of
// that day and so gives the same numbers whatever is imported later. Two rules
// make it so:
//
//   - Units follow their own date: a gmina that GUS lists as urban-rural from
//     1 January is rural on 31 December, whenever the file was imported.
//   - Institutions follow the day on which the register learned of it: what a
//     file brings or changes holds from the day of its import, and nothing
//     earlier is rewritten. What came with the first file of the register, or
//     was there before versions were kept, counts from [Beginning].
//
// An institution also has days of its own, when it began and when it was
// closed; "active" weighs them on the day asked for.
//
// Other rooms join in SQL, in the statement that counts what is theirs:
//
//	SELECT u.name, count(*) FROM network n
//	JOIN institution_on($1) i ON i.id = n.centre_id
//	JOIN teryt_unit_on($1) u ON u.code = i.powiat_code
//	GROUP BY u.code, u.name
//
// Both are plain functions of a date that PostgreSQL puts into the statement as
// if they were written there, so that indexes and conditions work through them.
// institution_on gives each institution known on the day once, with the columns
// of institution, active, valid_from and valid_to; teryt_unit_on each unit that
// exists on the day, with code, kind, name, name_folded, descriptor,
// parent_code, valid_from and valid_to. The first two digits of a code are the
// voivodeship, the first four the powiat.

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Today is the day in Poland by the domain clock, as midnight UTC: what as-of
// methods take, and what the register's dates compare with.
func (s *Service) Today() time.Time { return s.today() }

// UnitsAsOf lists the units of the kinds given (all without one) that exist on
// a day, by name, each with its powiat and voivodeship of that day. All of
// them: about 4,500 with parts of gminas, 380 powiats, 2,479 gminas. Public: no
// permission. q is the caller's transaction, or nil.
func (s *Service) UnitsAsOf(ctx context.Context, q db.Q, day time.Time, kinds ...UnitKind) ([]Unit, error) {
	return units(ctx, s.q(q), "", kinds, day, maxUnits)
}

// maxUnits is the whole register with room to spare.
const maxUnits = 20_000

// UnitAsOf reads one unit as it is on a day, or was before it when it has ended
// (To is then not after the day); fault.NotFound when it did not exist yet.
func (s *Service) UnitAsOf(ctx context.Context, q db.Q, code string, day time.Time) (Unit, error) {
	return unit(ctx, s.q(q), code, day)
}

// InstitutionsAsOf reads those of ids that the register knew on a day, by id,
// as it described them then, closed ones too. At most 500 ids.
func (s *Service) InstitutionsAsOf(ctx context.Context, q db.Q, day time.Time, ids []uuid.UUID) (map[uuid.UUID]Institution, error) {
	if len(ids) > 500 {
		return nil, fault.New(fault.Internal, "fault.internal")
	}
	rows, err := institutionsOn(ctx, s.q(q), ids, day)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]Institution, len(rows))
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

// Details reads all that the register says of an institution on a day; the zero
// day is today. fault.NotFound when it did not know it then.
func (s *Service) Details(ctx context.Context, q db.Q, id uuid.UUID, day time.Time) (Details, error) {
	if day.IsZero() {
		day = s.today()
	}
	return details(ctx, s.q(q), id, day)
}

// History lists what the register said of an institution, the newest first, at
// most 50 versions; versions that lasted no day are left out.
func (s *Service) History(ctx context.Context, q db.Q, id uuid.UUID) ([]Details, error) {
	return history(ctx, s.q(q), id)
}

// FileDay is a day in Poland on which a file changed a register.
type FileDay struct {
	Import uuid.UUID `db:"id" json:"import"`
	Day    time.Time `db:"day" json:"day"` // as midnight UTC
}

// FileDays lists the days on which files changed a register and were not taken
// back, the newest first, each day once; at most limit, 500. Public: no permission.
func (s *Service) FileDays(ctx context.Context, q db.Q, register string, limit int) ([]FileDay, error) {
	return fileDays(ctx, s.q(q), register, min(max(limit, 1), 500))
}

// HoldVersions are the versions of institutions, held until the transaction
// ends; unknown ids are left out. At most 10,000.
func (s *Service) HoldVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	return holdVersions(ctx, tx, ids)
}

// UnitHistory lists what a unit was, and what the gmina was whose six digits it
// shares: a gmina that changes its kind changes its code. The newest first, at
// most 50.
func (s *Service) UnitHistory(ctx context.Context, q db.Q, code string) ([]Unit, error) {
	return unitHistory(ctx, s.q(q), code)
}
