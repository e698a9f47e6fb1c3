package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// CentreDetail is a centre with the powiats in which it acts.
type CentreDetail struct {
	Institution
	// Territory is that of the day asked for; Tenures tell how it changed and will.
	Territory []Unit   `json:"territory"`
	Tenures   []Tenure `json:"tenures"`
}

// Tenure is a powiat in which a centre acted or will act for a time.
type Tenure struct {
	Unit
	// ActsFrom is the first day, nil from the beginning; ActsTo the day on which it
	// acts there no more, nil until further notice.
	ActsFrom *time.Time `json:"acts_from,omitempty" db:"acts_from"`
	ActsTo   *time.Time `json:"acts_to,omitempty" db:"acts_to"`
}

// Centre is [Service.CentreOn] today.
func (s *Service) Centre(ctx context.Context, a *access.Actor, id uuid.UUID) (CentreDetail, error) {
	return s.CentreOn(ctx, a, id, time.Time{})
}

// CentreOn reads a centre, as it is called now, with its territory on a day (zero:
// today). Needs centre:manage at the centre;
// fault.NotFound otherwise, and for institutions that are no centre.
func (s *Service) CentreOn(ctx context.Context, a *access.Actor, id uuid.UUID, day time.Time) (CentreDetail, error) {
	if err := s.auth.Require(a, PermManage, access.Place{Centre: id}); err != nil {
		return CentreDetail{}, err
	}
	if day.IsZero() {
		day = s.today()
	}
	var c CentreDetail
	err := db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) (err error) { c.Institution, err = centreRow(ctx, q, id); return err },
		func(ctx context.Context, q db.Q) (err error) {
			c.Territory, err = territory(ctx, q, id, day)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) { c.Tenures, err = tenures(ctx, q, id); return err })
	if err != nil {
		return CentreDetail{}, err
	}
	return c, nil
}

// Centres lists the centres that the actor may manage, by name, and the cursor
// of the next page. For people without such a centre the list is empty.
func (s *Service) Centres(ctx context.Context, a *access.Actor, after string, limit int) ([]Institution, string, error) {
	return s.CentresAsOf(ctx, a, time.Time{}, after, limit)
}

// CentresAsOf lists those of the centres that the actor may manage that were
// there on a day, as they were called then; the zero day is Centres.
func (s *Service) CentresAsOf(ctx context.Context, a *access.Actor, day time.Time, after string, limit int) ([]Institution, string, error) {
	c, err := s.cursorOn(ctx, after, day)
	if err != nil {
		return nil, "", err
	}
	limit = pageSize(limit)
	reach := s.auth.Reach(a, PermManage)
	rows, err := centres(ctx, s.db, reach.All, reach.Centres, c, day, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(rows) <= limit {
		return rows, "", nil
	}
	return rows[:limit], rows[limit-1].ID.String(), nil
}

// Territory lists the powiats in which a centre acts today, by code. No permission:
// the act of foundation is public.
func (s *Service) Territory(ctx context.Context, q db.Q, centre uuid.UUID) ([]Unit, error) {
	return territory(ctx, s.q(q), centre, s.today())
}

// TerritoryEdit is a centre's territory from a day on.
type TerritoryEdit struct {
	// Powiats are four-digit TERC codes.
	Powiats []string `json:"powiats"`
	// From is the first day (midnight UTC): at most two years ahead, zero for today.
	// The first territory of a centre may begin on any day, and holds from the
	// beginning when none is given.
	From time.Time `json:"from,omitzero"`
	// Reason of a correction: required when From has passed.
	Reason string `json:"reason,omitempty"`
}

// beginning is the day from which holds what was there before anybody gave a day.
var beginning = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)

// MaxTerritoryReason is the length of the reason of a correction, in characters.
const MaxTerritoryReason = 1000

// SetTerritory is [Service.SetTerritoryFrom] from today on.
func (s *Service) SetTerritory(ctx context.Context, a *access.Actor, centre uuid.UUID, powiats []string) error {
	return s.SetTerritoryFrom(ctx, a, centre, TerritoryEdit{Powiats: powiats})
}

// SetTerritoryFrom sets the powiats in which a centre acts from a day on, in the
// place of changes that were to begin on that day or later; earlier days keep
// theirs, and reports as of them too. Who may see what follows the territory of
// today. Needs [PermEdit]: a centre does not widen its own reach. NotFound when
// there is no such centre; Invalid "territory" for unknown codes, "from" for a day
// out of bounds, "reason" for a correction of the past without one.
func (s *Service) SetTerritoryFrom(ctx context.Context, a *access.Actor, centre uuid.UUID, in TerritoryEdit) error {
	if err := s.auth.Require(a, PermEdit, access.Place{}); err != nil {
		return err
	}
	in.tidy()
	type input struct {
		Centre uuid.UUID
		In     TerritoryEdit
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "registry:territory", input{centre, in}, func() (bool, error) {
			if err := lockCentre(ctx, tx, centre); err != nil {
				return false, err
			}
			had, err := hasTerritory(ctx, tx, centre)
			if err != nil {
				return false, err
			}
			from, err := s.checkTerritoryEdit(&in, had)
			if err != nil {
				return false, err
			}
			if err := setTerritory(ctx, tx, centre, in.Powiats, from); err != nil {
				return false, err
			}
			return true, s.audit.Write(ctx, tx, audit.Event{
				Actor: a.Person, System: a.System, Action: "centre:territory", ObjectKind: "institution",
				ObjectID: centre.String(), ScopeKind: string(access.Centre), ScopeID: centre, Fields: in.fields(),
				Value: []byte(from.Format(time.DateOnly) + " " + strings.Join(in.Powiats, ",") + " " + in.Reason),
			})
		})
		return err
	})
}

func (in *TerritoryEdit) tidy() {
	in.Powiats = slices.Clone(in.Powiats)
	slices.Sort(in.Powiats)
	in.Powiats, in.Reason = slices.Compact(in.Powiats), strings.TrimSpace(in.Reason)
}

func (in *TerritoryEdit) fields() []string {
	if in.Reason != "" {
		return []string{"territory", "territory_from", "reason"}
	}
	return []string{"territory", "territory_from"}
}

// checkTerritoryEdit returns the first day, which the edit may leave open; had
// tells whether the centre ever had a territory.
func (s *Service) checkTerritoryEdit(in *TerritoryEdit, had bool) (time.Time, error) {
	var f fault.Fields
	checkTerritory(&f, Centre, in.Powiats)
	from, today := in.From, s.today()
	switch {
	case from.IsZero() && had:
		from = today
	case from.IsZero():
		from = beginning
	case from.Before(beginning) || from.After(today.AddDate(2, 0, 0)):
		f.Add("from", "registry.territory_day")
	case had && from.Before(today) && in.Reason == "":
		f.Add("reason", "registry.territory_reason")
	}
	if len([]rune(in.Reason)) > MaxTerritoryReason {
		f.Add("reason", "registry.name_long", "Max", MaxTerritoryReason)
	}
	return from, f.Err()
}

// maxTerritory is every powiat of the country, with room for new ones.
const maxTerritory = 500

func checkTerritory(f *fault.Fields, k Kind, powiats []string) {
	if k != Centre && len(powiats) > 0 {
		f.Add("territory", "registry.territory_centre_only")
		return
	}
	if len(powiats) > maxTerritory {
		f.Add("territory", "registry.powiat_unknown")
		return
	}
	for _, p := range powiats {
		if !digits(p, 4) {
			f.Add("territory", "registry.powiat_unknown")
			return
		}
	}
}
