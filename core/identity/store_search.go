package identity

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/place"
	"ore.edu.pl/sieci/core/search"
)

// profilePath + id is what others see of a person.
const profilePath = "/osoby/"

// SearchSource makes people who chose to show something of their profile findable
// for those who see it, the people of their networks: by name, institution, and
// what they show but the address.
func SearchSource() search.Source {
	return search.Source{Kind: search.People, Perm: PermProfile, Docs: searchDocs, Next: nextPeople}
}

// indexed are the fields of a person whose change the search must follow.
var indexed = []string{"name", "institution", "function", "about", "shown", "state"}

func isIndexed(fields []string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(indexed, f) })
}

func searchDocs(ctx context.Context, q db.Q, ids []uuid.UUID) ([]search.Doc, error) {
	var rows []struct {
		ID          uuid.UUID `db:"id"`
		Name        string    `db:"name"`
		Institution string    `db:"institution"`
		place.Where
		Function string         `db:"function"`
		About    string         `db:"about"`
		Shown    pq.StringArray `db:"shown"`
		At       time.Time      `db:"created_at"`
	}
	err := q.Select(ctx, &rows, `SELECT p.id, p.name, coalesce(i.name, '') AS institution, `+place.Columns+`, p.function, p.about, p.shown, p.created_at
		FROM person p LEFT JOIN institution i ON i.id = p.institution_id `+place.Joins+` WHERE p.id = ANY ($1) AND p.state = 'active' AND cardinality(p.shown) > 0 LIMIT 500`, pq.Array(ids))
	out := make([]search.Doc, len(rows))
	for i, r := range rows {
		words := []string{r.Label(i18n.With(ctx, i18n.Polish), r.Institution)} // the index is in Polish
		if slices.Contains(r.Shown, ShowFunction) {
			words = append(words, r.Function)
		}
		d := search.Doc{ID: r.ID, Audience: search.Shared, Path: profilePath + r.ID.String(), Title: r.Name, Body: strings.Trim(strings.Join(words, ". "), ". "), At: r.At}
		if slices.Contains(r.Shown, ShowAbout) {
			d.Body = strings.TrimPrefix(d.Body+". "+r.About, ". ")
		}
		out[i] = d
	}
	return out, err
}

func nextPeople(ctx context.Context, q db.Q, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT id FROM person WHERE id > $1 AND state = 'active' ORDER BY id LIMIT $2`, after, limit)
	return out, err
}
