package country

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/search"
)

// findable are the documents of the search as its rooms would write them: a test
// lets them be written anew and compares.
func (m *maker) findable(ctx context.Context) (int, error) {
	active := len(m.persons) - m.pending
	posts := len(m.threads) * postsEach
	terms, polish := library.BuiltIn(), i18n.With(ctx, i18n.Polish)
	kinds := []struct {
		kind search.Kind
		n    int
		doc  func(i int) search.Doc
	}{
		{search.Networks, len(m.nets), func(i int) search.Doc {
			x := &m.nets[i]
			return search.Doc{ID: x.id, Audience: search.Public, Path: "/sieci/" + x.id.String(), Title: x.title, Keywords: m.centres[x.centre].Name, Body: aim, At: x.founded}
		}},
		{search.Resources, len(m.shared), func(i int) search.Doc {
			r := &m.shared[i]
			x := &m.nets[r.net]
			return search.Doc{ID: r.id, Network: x.id, Centre: m.centres[x.centre].ID, Audience: search.Audience(r.audience), Path: "/zasoby/" + r.id.String(), Title: r.title,
				Keywords: terms.Name(library.Kinds, r.kind, "pl") + ". " + r.tag, At: r.at}
		}},
		{search.Posts, posts, func(i int) search.Doc {
			t := &m.threads[i/postsEach]
			p, id := &t.posts[i%postsEach], m.nets[i/postsEach/threadsEach].id
			return search.Doc{ID: p.id, Network: id, Audience: search.Inside, Path: board.PostPath(id, p.id), Title: t.title, Keywords: p.author.name(), Body: p.text, At: p.at}
		}},
		{search.People, active, func(i int) search.Doc {
			p := &m.persons[i]
			at := m.placeOf(p)
			return search.Doc{ID: p.id, Audience: search.Shared, Path: "/osoby/" + p.id.String(), Title: p.name(), Body: at.Label(polish, at.Name) + ". " + function, At: m.now.AddDate(-1, 0, 0)}
		}},
	}
	done := 0
	for _, k := range kinds {
		var last uuid.UUID
		err := m.copy(ctx, "search_doc", search.Columns, k.n, func(i int) []any {
			d := k.doc(i)
			last = d.ID
			return m.app.Search.Row(k.kind, &d)
		})
		if err != nil {
			return done, err
		}
		err = m.copy(ctx, "search_progress", "kind, revision, after_id, done, docs, changed_at", 1, func(int) []any {
			return []any{string(k.kind), m.app.Search.Revision(), last, true, k.n, m.now}
		})
		if err != nil {
			return done, err
		}
		done += k.n
	}
	return done, nil
}
