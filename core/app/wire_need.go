package app

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/needs"
	"ore.edu.pl/sieci/core/web/networks"
	"ore.edu.pl/sieci/core/web/ui"
)

// wireNeeds builds what schools need, with the library's vocabulary of topics.
func (a *App) wireNeeds() {
	var topics []need.Topic
	for _, t := range library.BuiltIn().Terms(library.Topics) {
		topics = append(topics, need.Topic{Code: t.Code, Polish: t.Polish, English: t.English})
	}
	a.Needs = need.New(need.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Topics: topics})
}

func (a *App) needRoutes() []kit.Route {
	return needs.Routes(needs.Deps{Needs: a.Needs, Registry: a.Registry, Clock: a.Clock,
		Centres: func(ctx context.Context, who *access.Actor) ([]ui.Option, error) {
			list, err := a.Networks.Centres(ctx, who)
			out := make([]ui.Option, len(list))
			for i, x := range list {
				out[i] = ui.Option{Value: x.ID.String(), Text: x.Name}
			}
			return out, err
		},
		Found: func(centre, plan uuid.UUID) string {
			types := slices.DeleteFunc(a.Networks.Types(), func(t network.TypeOption) bool { return !t.Info.At(centre) })
			path := "/sieci/zaloz?placowka=" + centre.String() + "&potrzeby=" + plan.String()
			if len(types) == 1 {
				path += "&rodzaj=" + types[0].Type
			}
			return path
		}})
}

// plans tells the founding page what a plan says.
type plans struct{ n *need.Service }

var _ networks.Plans = plans{}

// Plan implements [networks.Plans].
func (p plans) Plan(c *kit.Ctx, id uuid.UUID) (networks.Plan, error) {
	x, err := p.n.Plan(c.Context(), c.Actor(), id)
	if err != nil {
		return networks.Plan{}, err
	}
	topic := x.Topic
	if t, ok := p.n.Topic(x.Topic); ok {
		topic = t.Name(i18n.FromContext(c.Context()))
	}
	return networks.Plan{Centre: x.Centre, Title: needs.Upper(topic), Aim: c.N("need.aim", len(x.Schools), "Topic", topic), SchoolYear: x.SchoolYear, Schools: x.Schools}, nil
}
