package app

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/registry"
)

// refPerson is the kind of reference to somebody in the scope.
const refPerson = "osoba"

// references joins the rooms that know what answers to a module's form may
// point to: the register of schools and local governments, the people of the
// scope, and the records of the module itself.
type references struct{ a *App }

var _ effect.References = references{}

// For implements [effect.References].
func (r references) For(module string, scope effect.Scope) form.Picker {
	return &referenced{a: r.a, module: module, scope: scope}
}

// referenced serves one set of answers.
type referenced struct {
	a      *App
	module string
	scope  effect.Scope
	inside *network.Brief // read once
}

// Label implements [form.Picker].
func (r *referenced) Label(ctx context.Context, kind, id string) (string, error) {
	switch kind {
	case registry.RefSchool, registry.RefLocalGovernment:
		return registry.Picker{S: r.a.Registry}.Label(ctx, kind, id)
	}
	of, err := uuid.Parse(id)
	if err != nil {
		return "", fault.ErrNotFound
	}
	if kind == refPerson {
		return r.person(ctx, of)
	}
	rec, err := r.a.Records.Show(ctx, access.From(ctx), of)
	if err != nil {
		return "", err
	}
	if rec.Module != r.module || rec.Kind != kind {
		return "", fault.ErrNotFound
	}
	return rec.Title, nil
}

// person is a member of the scope, also one who left: a plan names who led.
func (r *referenced) person(ctx context.Context, id uuid.UUID) (string, error) {
	var names map[uuid.UUID]string
	var err error
	switch r.scope.Kind {
	case effect.Network:
		if r.inside == nil {
			b, err := r.a.Networks.Brief(ctx, access.From(ctx), r.scope.ID)
			if err != nil {
				return "", err
			}
			r.inside = &b
		}
		names, err = r.a.Networks.Names(ctx, access.From(ctx), *r.inside, []uuid.UUID{id})
	case effect.Group, effect.Programme:
		names, err = r.a.Programmes.Names(ctx, access.From(ctx), []uuid.UUID{id})
	}
	if name := names[id]; err != nil || name != "" {
		return name, err
	}
	return "", fault.ErrNotFound
}
