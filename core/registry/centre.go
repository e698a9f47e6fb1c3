package registry

import (
	"context"
	"slices"
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
	Territory []Unit `json:"territory"`
}

// Centre reads a centre with its territory. Needs centre:manage at the centre;
// fault.NotFound otherwise, and for institutions that are no centre.
func (s *Service) Centre(ctx context.Context, a *access.Actor, id uuid.UUID) (CentreDetail, error) {
	if err := s.auth.Require(a, PermManage, access.Place{Centre: id}); err != nil {
		return CentreDetail{}, err
	}
	i, err := centreRow(ctx, s.db, id)
	if err != nil {
		return CentreDetail{}, err
	}
	t, err := territory(ctx, s.db, id)
	return CentreDetail{i, t}, err
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

// Territory lists the powiats in which a centre acts, by code. No permission:
// the act of foundation is public.
func (s *Service) Territory(ctx context.Context, q db.Q, centre uuid.UUID) ([]Unit, error) {
	return territory(ctx, s.q(q), centre)
}

// SetTerritory replaces the powiats (four-digit TERC codes) in which a centre
// acts. Needs [PermEdit]: a centre does not widen its own reach. fault.NotFound when there is no such centre, fault.Invalid for unknown codes.
func (s *Service) SetTerritory(ctx context.Context, a *access.Actor, centre uuid.UUID, powiats []string) error {
	if err := s.auth.Require(a, PermEdit, access.Place{}); err != nil {
		return err
	}
	powiats = slices.Clone(powiats)
	slices.Sort(powiats)
	powiats = slices.Compact(powiats)
	var f fault.Fields
	checkTerritory(&f, Centre, powiats)
	if err := f.Err(); err != nil {
		return err
	}
	type input struct {
		Centre  uuid.UUID
		Powiats []string
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "registry:territory", input{centre, powiats}, func() (bool, error) {
			if err := lockCentre(ctx, tx, centre); err != nil {
				return false, err
			}
			if err := setTerritory(ctx, tx, centre, powiats); err != nil {
				return false, err
			}
			return true, s.audit.Write(ctx, tx, audit.Event{
				Actor: a.Person, System: a.System, Action: "centre:territory", ObjectKind: "institution",
				ObjectID: centre.String(), ScopeKind: string(access.Centre), ScopeID: centre, Fields: []string{"territory"},
			})
		})
		return err
	})
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
