package demo

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/registry"
)

// wanted is what schools of Wierzbowo's territory report in November: a topic,
// how many of them, and what they say.
var wanted = []struct {
	topic   string
	schools int
	notes   []string
}{
	{"ocenianie", 23, []string{"Jak dawać informację zwrotną, która pomaga się uczyć.", "", "Kryteria sukcesu zrozumiałe dla uczniów.", "", "Ocena koleżeńska bez urażania.", ""}},
	{"edukacja-wlaczajaca", 6, []string{"Praca z uczniami z doświadczeniem migracji.", ""}},
	{"informatyka", 3, []string{"Bezpieczne korzystanie z narzędzi sztucznej inteligencji na lekcjach."}},
}

// needs are the reports that wait for a centre to found networks from them. The
// centre's administrator writes most of them down for the schools, a principal
// his own.
func needs() []scene {
	return []scene{{day(2026, 11, 16, 9, 40), "what schools need", func(ctx context.Context, m *maker) error {
		b, err := m.Needs.Board(ctx, core(), 2026, "")
		if err != nil {
			return err
		}
		schools, err := m.schoolsOf(ctx, "3013", "3026", "3063")
		if err != nil {
			return err
		}
		for _, w := range wanted {
			if i := slices.IndexFunc(b.Clusters, func(c need.Cluster) bool { return c.Topic == w.topic }); i >= 0 && b.Clusters[i].Schools >= min(w.schools, len(schools)) {
				continue
			}
			if err := m.report(ctx, schools[:min(w.schools, len(schools))], w.topic, w.notes); err != nil {
				return err
			}
		}
		return nil
	}}}
}

// schoolsOf lists schools and kindergartens of powiats, by name.
func (m *maker) schoolsOf(ctx context.Context, powiats ...string) ([]uuid.UUID, error) {
	var out []uuid.UUID
	for _, p := range powiats {
		for _, k := range []registry.Kind{registry.School, registry.Kindergarten} {
			list, _, err := m.Registry.Search(ctx, registry.SearchQuery{Voivodeship: p[:2], Powiat: p, Kind: k, Limit: 100})
			if err != nil {
				return nil, err
			}
			for i := range list {
				out = append(out, list[i].ID)
			}
		}
	}
	return out, nil
}

// report writes one topic down for schools that have not reported it yet.
func (m *maker) report(ctx context.Context, schools []uuid.UUID, topic string, notes []string) error {
	rows, _, err := m.Needs.Cluster(ctx, core(), topic, 2026, "", "", 100)
	if err != nil {
		return err
	}
	for i, s := range schools {
		if slices.ContainsFunc(rows, func(n need.Need) bool { return n.Institution == s }) {
			continue
		}
		if err := m.do(ctx, wierzbowo, func(ctx context.Context, a *access.Actor) error {
			_, err := m.Needs.Report(ctx, a, need.Input{Institution: s, Topic: topic, SchoolYear: 2026, People: 1 + i%4, Note: notes[i%len(notes)]})
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
