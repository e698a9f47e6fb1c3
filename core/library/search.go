package library

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/markdown"
	"ore.edu.pl/sieci/core/search"
)

// SearchSource makes shared resources findable.
func SearchSource(terms *Taxonomies) search.Source {
	return search.Source{Kind: search.Resources, Perm: PermView, Next: nextShared,
		Docs: func(ctx context.Context, q db.Q, ids []uuid.UUID) ([]search.Doc, error) {
			rows, err := sharedOf(ctx, q, ids)
			out := make([]search.Doc, len(rows))
			for i := range rows {
				r := &rows[i]
				words := append([]string{terms.Name(Kinds, r.Kind, i18n.Polish)}, r.Authors...)
				for _, tag := range r.Tags {
					if t, ok := terms.Tag(tag); ok {
						words = append(words, t.Polish)
					}
				}
				out[i] = search.Doc{ID: r.ID, Network: r.Network.UUID, Centre: r.Centre, Audience: search.Audience(r.Audience), Path: pathOf(r.ID),
					Title: r.Title, Keywords: strings.Join(words, ". "), Body: markdown.Plain(r.Description), At: r.ChangedAt}
			}
			return out, err
		}}
}
