// Package needs holds the pages of what schools need: a school's own reports,
// a territory's needs in clusters, and the first of the three steps from a
// cluster to a network.
package needs

import (
	"context"
	"net/url"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Addresses of this room.
const (
	OwnPath   = "/potrzeby"
	BoardPath = "/zarzadzanie/potrzeby"
)

// Deps are what the pages need.
type Deps struct {
	Needs    *need.Service
	Registry *registry.Service
	Clock    clock.Clock
	// Centres lists where the actor may found networks, value an id.
	Centres func(ctx context.Context, a *access.Actor) ([]ui.Option, error)
	// Found is the page on which a network of a plan is founded.
	Found func(centre, plan uuid.UUID) string
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get(OwnPath, need.PermReport, p.own),
		kit.Get(OwnPath+"/nowa", need.PermReport, p.reportForm),
		kit.Post(OwnPath+"/nowa", need.PermReport, "reportNeed", p.report),
		kit.Get(OwnPath+"/:id/edytuj", need.PermReport, p.changeForm),
		kit.Post(OwnPath+"/:id/edytuj", need.PermReport, "changeNeed", p.change),
		kit.Get(OwnPath+"/:id/wycofaj", need.PermReport, p.withdrawForm),
		kit.Post(OwnPath+"/:id/wycofaj", need.PermReport, "withdrawNeed", p.withdraw),

		kit.Get(BoardPath, need.PermBoard, p.board),
		kit.Get(BoardPath+"/:temat", need.PermList, p.cluster),
		kit.Post(BoardPath+"/:temat", need.PermList, "planNetworkFromNeeds", p.plan),
	}
}

// withQuery is path with the non-empty ones of the pairs.
func withQuery(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}
