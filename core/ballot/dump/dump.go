// Package dump is for tests: it looks at a whole database as somebody who stole
// it would, and asks whether the rows that hold certain marks tell in which order
// the marks were written. It owns no table.
package dump

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// Mark is one thing that was written, in the order of writing: any of its texts
// in a row means that the row belongs to it.
type Mark struct {
	// Texts are looked for as they are; their SHA-256 is looked for as well.
	Texts []string
	// Person must not stand in a row of the mark.
	Person uuid.UUID
}

// Finding is a feature of a table from which the order can be told, or a row
// that names the person.
type Finding struct {
	Table, Feature string
	// Z is how many standard deviations the order lies from what chance gives;
	// infinite for a name in a row.
	Z float64
}

// String is for messages of tests.
func (f Finding) String() string { return fmt.Sprintf("%s, %s: z = %.1f", f.Table, f.Feature, f.Z) }

// Report is what the thief learns.
type Report struct {
	// Rows counts rows with a mark by table.
	Rows     map[string]int
	Findings []Finding
	// Tested counts the features that were looked at.
	Tested int
}

// Limit is the z from which a feature tells more than chance: five standard
// deviations happen by chance once in 1.7 million features.
const Limit = 5

// permutations of the test; their seed is fixed, so a run can be repeated.
const permutations = 2000

// Look reads every table as a dump does (in the order of the rows on disk, with
// ctid and xmin) and tests every feature of the rows that hold a mark: position,
// transaction, and every column that is a number, a time, an id or bytes.
func Look(ctx context.Context, d *db.DB, marks []Mark) (*Report, error) {
	tables, err := tablesOf(ctx, d)
	if err != nil {
		return nil, err
	}
	find := finder(marks)
	out := &Report{Rows: map[string]int{}}
	for _, t := range tables {
		rows, err := rowsOf(ctx, d, t)
		if err != nil {
			return nil, err
		}
		features := map[string]map[int]float64{}
		note := func(name string, mark int, v float64) {
			if features[name] == nil {
				features[name] = map[int]float64{}
			}
			features[name][mark] = v
		}
		for i, r := range rows {
			mark, ok := find(r.Text)
			if !ok {
				continue
			}
			out.Rows[t]++
			if p := marks[mark].Person; p != uuid.Nil && strings.Contains(r.Text, p.String()) {
				out.Findings = append(out.Findings, Finding{t, "names the person", math.Inf(1)})
			}
			note("position", mark, float64(i))
			note("xmin", mark, float64(r.Xmin))
			for name, v := range r.values() {
				note(name, mark, v)
			}
		}
		for _, name := range slices.Sorted(keys(features)) {
			out.Tested++
			if z := order(features[name], len(marks)); z >= Limit {
				out.Findings = append(out.Findings, Finding{t, name, z})
			}
		}
	}
	return out, nil
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// finder tells which mark a row belongs to.
func finder(marks []Mark) func(string) (int, bool) {
	where := map[string]int{}
	var all []string
	for i, m := range marks {
		for _, s := range m.Texts {
			sum := sha256.Sum256([]byte(s))
			for _, w := range []string{s, hex.EncodeToString(sum[:])} {
				where[w] = i
				all = append(all, regexp.QuoteMeta(w))
			}
		}
	}
	// Longer texts first, so that one that begins another does not hide it.
	sort.Slice(all, func(i, j int) bool { return len(all[i]) > len(all[j]) })
	re := regexp.MustCompile(strings.Join(all, "|"))
	return func(text string) (int, bool) {
		s := re.FindString(text)
		i, ok := where[s]
		return i, ok && s != ""
	}
}

// order is the larger z of two statistics over the marks that have the feature:
// whether it grows (or falls) with the order of writing, and whether neighbours
// in that order are neighbours in the feature. 0 for a feature that is the same
// everywhere.
func order(feature map[int]float64, marks int) float64 {
	var values []float64
	for i := range marks {
		if v, ok := feature[i]; ok {
			values = append(values, v)
		}
	}
	r := ranks(values)
	if len(r) < 10 || r[0] == r[len(r)-1] && slices.Max(r) == slices.Min(r) {
		return 0
	}
	trend := func(r []float64) float64 {
		s := 0.0
		for i, x := range r {
			s += float64(i) * x
		}
		return s
	}
	near := func(r []float64) float64 {
		s := 0.0
		for i := 1; i < len(r); i++ {
			s += math.Abs(r[i] - r[i-1])
		}
		return s
	}
	rng := rand.New(rand.NewPCG(20261124, 200))
	return max(z(r, trend, rng), z(r, near, rng))
}

// z compares a statistic with its distribution over random orders.
func z(r []float64, statistic func([]float64) float64, rng *rand.Rand) float64 {
	seen := statistic(r)
	p := slices.Clone(r)
	sum, squares := 0.0, 0.0
	for range permutations {
		rng.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
		s := statistic(p)
		sum += s
		squares += s * s
	}
	mean := sum / permutations
	sd := math.Sqrt(max(squares/permutations-mean*mean, 0))
	if sd == 0 {
		return 0
	}
	return math.Abs(seen-mean) / sd
}

// ranks are those of the values, ties sharing the mean.
func ranks(v []float64) []float64 {
	at := make([]int, len(v))
	for i := range at {
		at[i] = i
	}
	sort.Slice(at, func(i, j int) bool { return v[at[i]] < v[at[j]] })
	out := make([]float64, len(v))
	for i := 0; i < len(at); {
		j := i
		for j < len(at) && v[at[j]] == v[at[i]] {
			j++
		}
		for k := i; k < j; k++ {
			out[at[k]] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

type row struct {
	Xmin int64
	Text string // as JSON
}

func tablesOf(ctx context.Context, d *db.DB) ([]string, error) {
	r, err := d.SQL().QueryContext(ctx, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []string
	for r.Next() {
		var s string
		if err := r.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, r.Err()
}

func rowsOf(ctx context.Context, d *db.DB, table string) ([]row, error) {
	r, err := d.SQL().QueryContext(ctx, `SELECT CAST(CAST(t.xmin AS text) AS bigint), CAST(row_to_json(t) AS text) FROM "`+table+`" t ORDER BY t.ctid`)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []row
	for r.Next() {
		var x row
		if err := r.Scan(&x.Xmin, &x.Text); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, r.Err()
}

// values are the columns of a row that have an order.
func (r row) values() map[string]float64 {
	out := map[string]float64{}
	var columns map[string]any
	d := json.NewDecoder(strings.NewReader(r.Text))
	d.UseNumber()
	if d.Decode(&columns) != nil {
		return out
	}
	for name, v := range columns {
		switch v := v.(type) {
		case json.Number:
			if f, err := v.Float64(); err == nil {
				out[name] = f
			}
		case string:
			number(name, v, out)
		}
	}
	return out
}

func number(name, s string, out map[string]float64) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		out[name+" as time"] = float64(t.UnixMicro())
		return
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		out[name] = f
		return
	}
	if id, err := uuid.Parse(s); err == nil {
		out[name+" as id"] = float64(binary.BigEndian.Uint64(id[:8]))
		return
	}
	if raw, err := hex.DecodeString(strings.TrimPrefix(s, `\x`)); err == nil && strings.HasPrefix(s, `\x`) && len(raw) >= 8 {
		out[name+" as bytes"] = float64(binary.BigEndian.Uint64(raw[:8]))
		out[name+" length"] = float64(len(raw))
		return
	}
}
