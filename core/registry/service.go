package registry

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/job"
)

// Permissions of this room.
const (
	// PermSearch is everybody's: people pick their school before they have an account.
	PermSearch access.Permission = "registry:search"
	// PermImport reads official files into the register.
	PermImport access.Permission = "registry:import"
	// PermManage is for a centre's own page.
	PermManage access.Permission = "centre:manage"
)

var (
	_ = db.Constraint("institution_rspo_once", fault.Invalid, "rspo", "registry.rspo_taken")
	_ = db.Constraint("centre_territory_powiat_code_fkey", fault.Invalid, "territory", "registry.powiat_unknown")
	_ = db.Constraint("institution_powiat_code_fkey", fault.Invalid, "powiat", "registry.powiat_unknown")
)

// Service is the register. Safe for concurrent use.
type Service struct {
	db    *db.DB
	auth  *access.Authorizer
	audit *audit.Log
	clock clock.Clock
	jobs  *job.Client // nil: see [Service.Jobs]

	memory memory
}

// New returns the register on d.
func New(d *db.DB, auth *access.Authorizer, log *audit.Log, c clock.Clock) *Service {
	return &Service{db: d, auth: auth, audit: log, clock: c}
}

// Institution reads one institution, closed ones too; fault.NotFound when there
// is none. The register is public: no permission is needed. q is the caller's
// transaction, or nil.
func (s *Service) Institution(ctx context.Context, q db.Q, id uuid.UUID) (Institution, error) {
	return institution(ctx, s.q(q), id)
}

// Institutions reads those of ids that exist, by id. At most 500 ids.
func (s *Service) Institutions(ctx context.Context, q db.Q, ids []uuid.UUID) (map[uuid.UUID]Institution, error) {
	if len(ids) > 500 {
		return nil, fault.New(fault.Internal, "fault.internal")
	}
	rows, err := institutions(ctx, s.q(q), ids)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]Institution, len(rows))
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

// ByRSPO finds an institution by its number in the register; fault.NotFound
// when there is none.
func (s *Service) ByRSPO(ctx context.Context, q db.Q, rspo int) (Institution, error) {
	return byRSPO(ctx, s.q(q), rspo)
}

// ComplexOf is the uppermost parent of an institution, or itself: what the rule
// "from different schools" compares. fault.NotFound when there is no such institution.
func (s *Service) ComplexOf(ctx context.Context, q db.Q, id uuid.UUID) (uuid.UUID, error) {
	return complexOf(ctx, s.q(q), id)
}

// CentresOf lists the centres in whose territory an institution lies today, itself
// first when it is a centre.
func (s *Service) CentresOf(ctx context.Context, q db.Q, id uuid.UUID) ([]uuid.UUID, error) {
	return centresOf(ctx, s.q(q), id, s.today())
}

// Bounds of a page of search results.
const (
	defaultLimit = 20
	maxLimit     = 200
	// maxWords is the longest name of the register with room to spare.
	maxWords = 16
)

// Search finds institutions by words of name and town or by RSPO number, in
// the order of their names, and gives the cursor of the next page ("" at the
// end): today's state, or that of the day in the query. Without a permission:
// the register is public.
func (s *Service) Search(ctx context.Context, in SearchQuery) ([]Institution, string, error) {
	if in.Kind != "" && !in.Kind.known() {
		return nil, "", fault.InvalidFields(fault.Field{Path: "kind", Key: "registry.kind_unknown"})
	}
	after, err := s.cursorOn(ctx, in.After, in.On)
	if err != nil {
		return nil, "", err
	}
	limit := pageSize(in.Limit)
	rows, err := search(ctx, s.db, in, patternsOf(in.Text), after, s.today(), limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(rows) <= limit {
		return rows, "", nil
	}
	return rows[:limit], rows[limit-1].ID.String(), nil
}

// Unit reads one territorial unit by its TERC code, as it is today or was last
// when it has ended; fault.NotFound when there is none.
func (s *Service) Unit(ctx context.Context, q db.Q, code string) (Unit, error) {
	return unit(ctx, s.q(q), code, s.today())
}

// LocalGovernments finds local governments (gminas, powiats, voivodeships) by
// words of their name or by TERC code, and gives the cursor of the next page.
func (s *Service) LocalGovernments(ctx context.Context, text, after string, limit int) ([]Unit, string, error) {
	return s.LocalGovernmentsAsOf(ctx, s.today(), text, after, limit)
}

// LocalGovernmentsAsOf is LocalGovernments on a day.
func (s *Service) LocalGovernmentsAsOf(ctx context.Context, day time.Time, text, after string, limit int) ([]Unit, string, error) {
	limit = pageSize(limit)
	rows, err := localGovernments(ctx, s.db, patternsOf(text), after, day, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(rows) <= limit {
		return rows, "", nil
	}
	return rows[:limit], rows[limit-1].Code, nil
}

// today is the date in Poland, as midnight UTC: what date columns compare with.
func (s *Service) today() time.Time {
	y, m, d := s.clock.Now().In(clock.Warsaw).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (s *Service) q(q db.Q) db.Q {
	if q == nil {
		return s.db
	}
	return q
}

// words are the folded words of a search: the longest drive the trigram index,
// every other one is checked on what it found.
type words struct{ driving, rest []string }

// drivingWords is how many words the index intersects; more cost more reading
// than they save.
const drivingWords = 3

func patternsOf(text string) words {
	if len(text) > 1000 {
		text = text[:1000]
	}
	all := fold.Words(text)
	if len(all) > maxWords {
		all = all[:maxWords]
	}
	slices.Sort(all)
	all = slices.Compact(all)
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	w := words{rest: []string{}}
	for _, word := range all {
		// Shorter than a trigram: the index cannot help, and inside a word it
		// would match nearly everything.
		if len(word) < 3 {
			w.rest = append(w.rest, "% "+word+"%")
		} else if len(w.driving) < drivingWords {
			w.driving = append(w.driving, "%"+word+"%")
		} else {
			w.rest = append(w.rest, "%"+word+"%")
		}
	}
	return w
}

// cursor is the place in the order of names after which a page begins. To the
// outside it is the id of the last institution.
type cursor struct {
	Folded string    `db:"name_folded"`
	ID     uuid.UUID `db:"id"`
}

// cursorOn is the cursor of a list of a day, of today's for the zero day.
func (s *Service) cursorOn(ctx context.Context, after string, day time.Time) (cursor, error) {
	if after == "" {
		return cursor{}, nil
	}
	wrong := fault.InvalidFields(fault.Field{Path: "after", Key: "registry.cursor"})
	id, err := uuid.Parse(after)
	if err != nil {
		return cursor{}, wrong
	}
	var c cursor
	if day.IsZero() {
		c, err = placeOf(ctx, s.db, id)
	} else {
		c, err = placeOn(ctx, s.db, id, day)
	}
	if db.IsNoRows(err) {
		return cursor{}, wrong
	}
	return c, err
}

func pageSize(n int) int {
	if n <= 0 {
		return defaultLimit
	}
	return min(n, maxLimit)
}
