package app

import (
	"cmp"
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/people"
	registrypages "ore.edu.pl/sieci/core/web/registry"
	"ore.edu.pl/sieci/core/web/rights"
)

// asker knows the things that addresses are about: each is found by the service
// that owns it, as the one who asks.
func (a *App) asker() *rights.Asker {
	one := func(title string, at access.Place) rights.Thing {
		return rights.Thing{Title: title, Places: []access.Place{at}}
	}
	return &rights.Asker{DB: a.DB, Roles: a.Roles, Table: func() []kit.Route { return a.Site.Table() }, Things: map[string]rights.Finder{
		"/sieci/:id": func(ctx context.Context, who *access.Actor, id uuid.UUID) (rights.Thing, error) {
			n, err := a.Networks.Get(ctx, who, id)
			if err != nil {
				return rights.Thing{}, err
			}
			return one(n.Title, n.Place()), nil
		},
		"/programy/:id": func(ctx context.Context, who *access.Actor, id uuid.UUID) (rights.Thing, error) {
			p, err := a.Programmes.Get(ctx, who, id)
			if err != nil {
				return rights.Thing{}, err
			}
			return one(p.Title, access.Place{Programme: p.ID, Centre: p.Centre}), nil
		},
		"/grupy/:id": func(ctx context.Context, who *access.Actor, id uuid.UUID) (rights.Thing, error) {
			g, err := a.Programmes.Group(ctx, who, id)
			if err != nil {
				return rights.Thing{}, err
			}
			return one(g.Name, g.Place()), nil
		},
		"/spotkania/:id": func(ctx context.Context, who *access.Actor, id uuid.UUID) (rights.Thing, error) {
			m, err := a.Meetings.Get(ctx, who, id)
			if err != nil {
				return rights.Thing{}, err
			}
			return one(cmp.Or(m.Title, m.KindTitle), m.At), nil
		},
		"/zasoby/:id": func(ctx context.Context, who *access.Actor, id uuid.UUID) (rights.Thing, error) {
			r, err := a.Library.Get(ctx, who, id)
			if err != nil {
				return rights.Thing{}, err
			}
			return one(r.Title, access.Place{Centre: r.Centre, Network: r.Network}), nil
		},
		"/zadania/:id": func(ctx context.Context, who *access.Actor, id uuid.UUID) (rights.Thing, error) {
			t, err := a.Tasks.Get(ctx, who, id)
			if err != nil {
				return rights.Thing{}, err
			}
			places, err := access.PlacesOf(ctx, a.DB, access.ScopeKind(t.Scope.Kind), t.Scope.ID, a.Clock.Now())
			return rights.Thing{Title: t.Title, Places: places}, err
		},
		"/ankiety/:id": func(ctx context.Context, who *access.Actor, id uuid.UUID) (rights.Thing, error) {
			r, err := a.Evaluations.Get(ctx, who, id)
			if err != nil {
				return rights.Thing{}, err
			}
			return one(r.Title, r.Place()), nil
		},
		registrypages.CentresPath + "/:id": func(ctx context.Context, who *access.Actor, id uuid.UUID) (rights.Thing, error) {
			c, err := a.Registry.Centre(ctx, who, id)
			if err != nil {
				return rights.Thing{}, err
			}
			return one(c.Name, access.Place{Centre: id}), nil
		},
		people.PeoplePath + "/:id": func(ctx context.Context, who *access.Actor, id uuid.UUID) (rights.Thing, error) {
			p, err := a.Identity.Person(ctx, who, id)
			if err != nil {
				return rights.Thing{}, err
			}
			t := rights.Thing{Title: p.Name}
			if !p.Institution.Valid {
				return t, nil
			}
			t.Places, err = access.PlacesOf(ctx, a.DB, access.Institution, p.Institution.UUID, a.Clock.Now())
			return t, err
		},
	}}
}
