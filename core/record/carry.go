package record

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
)

// looked is how many of a kind's records are looked at, the newest first.
const looked = 1000

// Losing is a kind of record of which a new revision of its form would lose
// stored answers.
type Losing struct {
	Kind string
	// Records of those looked at, at most 1,000, lose something.
	Looked, Records int
	// Paths are the questions, at most 10, as "upgrade" names them.
	Paths []string
}

// Losses are the kinds of which stored answers would be lost.
type Losses []Losing

// String is for administrators and authors; it names questions, never answers.
// "" for none.
func (l Losses) String() string {
	lines := make([]string, len(l))
	for i, k := range l {
		lines[i] = fmt.Sprintf("record kind %s: %d of %d stored records would lose answers to %s; say in \"upgrade\" what becomes of them",
			k.Kind, k.Records, k.Looked, strings.Join(k.Paths, ", "))
	}
	return strings.Join(lines, "\n")
}

// Carry finds what could not be carried over, of what is stored of a module's
// records, to the forms of a description: by the names of the questions and by
// what the description says became of them. The caller has authorised it.
func (s *Service) Carry(ctx context.Context, q db.Q, d *effect.Description) (Losses, error) {
	var out Losses
	for i := range d.RecordKinds {
		l, err := s.losing(ctx, q, d.Module, &d.RecordKinds[i])
		if err != nil {
			return nil, err
		}
		if l.Records > 0 {
			out = append(out, l)
		}
	}
	return out, nil
}

func (s *Service) losing(ctx context.Context, q db.Q, module string, k *effect.RecordKind) (Losing, error) {
	out := Losing{Kind: k.Name}
	to, err := form.Decode(k.Form.JSON)
	if err != nil {
		return out, fmt.Errorf("record kind %s: form: %w", k.Name, err)
	}
	rows, err := readOlder(ctx, q, module, k.Name, k.Form.Revision, looked)
	if err != nil {
		return out, err
	}
	out.Looked = len(rows)
	for i := range rows {
		from, err := s.form(ctx, q, module, k.Name, rows[i].Revision)
		if err != nil {
			return out, err
		}
		a, wrong := form.DecodeAnswers(from, rows[i].Data)
		if len(wrong) > 0 {
			return out, fmt.Errorf("stored record of kind %s: %w", k.Name, wrong.Err())
		}
		_, lost := form.Upgrade(k.Upgrade).Apply(from, to, a)
		lost = slices.DeleteFunc(lost, func(path string) bool {
			next, said := k.Upgrade[plain(path)]
			return said && next == ""
		})
		if len(lost) == 0 {
			continue
		}
		out.Records++
		for _, path := range lost {
			if p := plain(path); len(out.Paths) < 10 && !slices.Contains(out.Paths, p) {
				out.Paths = append(out.Paths, p)
			}
		}
	}
	return out, nil
}

// plain is a path as a description names it: what follows the last row's id.
func plain(path string) string {
	if i := strings.LastIndex(path, "]."); i >= 0 {
		return path[i+2:]
	}
	return path
}
