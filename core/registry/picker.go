package registry

import (
	"context"

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
	found, err := p.S.Labels(ctx, kind, []string{id})
	if err != nil {
		return "", err
	}
	label, ok := found[id]
	if !ok {
		return "", fault.ErrNotFound
	}
	return label, nil
}
