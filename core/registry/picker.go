package registry

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
)

// Kinds of form references that this room answers for.
const (
	RefSchool          = "szkola" // an institution, by its id
	RefLocalGovernment = "jst"    // a unit of TERC, by its code
)

// Picker names institutions and local governments in forms. The register is
// public, so it sees the same for everybody. Other kinds are fault.NotFound:
// the composition root asks each room's picker for its own.
type Picker struct{ S *Service }

var _ form.Picker = Picker{}

// Label implements [form.Picker].
func (p Picker) Label(ctx context.Context, kind, id string) (string, error) {
	switch kind {
	case RefSchool:
		u, err := uuid.Parse(id)
		if err != nil {
			return "", fault.ErrNotFound
		}
		i, err := p.S.Institution(ctx, nil, u)
		if err != nil {
			return "", err
		}
		return i.Label(ctx), nil
	case RefLocalGovernment:
		u, err := p.S.Unit(ctx, nil, id)
		if err != nil {
			return "", err
		}
		if u.Kind == Part {
			return "", fault.ErrNotFound
		}
		return u.Label(ctx), nil
	}
	return "", fault.ErrNotFound
}
