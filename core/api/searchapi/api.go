// Package searchapi is the API of the search.
package searchapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/search"
)

type findIn struct {
	Text    string `query:"q" required:"true" maxLength:"1200" doc:"Words, \"phrases\", -words that must not be there, beginnings*. In any inflected form, with or without Polish letters."`
	Kind    string `query:"kind" enum:"network,resource,post,person" doc:"Pages through one kind; without it the first five of each."`
	Network string `query:"network" format:"uuid" doc:"Only within this network."`
	Page    int    `query:"page" minimum:"1" maximum:"10" default:"1" doc:"Of 20 results, with kind."`
}

type findOut struct{ Body *search.Found }

// Register adds the operation.
func Register(a *kit.API, x *search.Index) {
	kit.Register(a, kit.Op{ID: "search", Method: "GET", Path: "/search", Perm: search.PermSearch, Summary: "Search networks, resources, posts and people that the caller may see."},
		func(ctx context.Context, in *findIn) (*findOut, error) {
			ask := search.Ask{Text: in.Text, Kind: search.Kind(in.Kind), Page: in.Page}
			if in.Network != "" {
				id, err := uuid.Parse(in.Network)
				if err != nil {
					return nil, err
				}
				ask.Network = id
			}
			f, err := x.Find(ctx, access.From(ctx), ask)
			return &findOut{f}, err
		})
}
