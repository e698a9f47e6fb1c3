package evaluation

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// breakdown is a frame of groups with their total.
func breakdown(sizes ...int) []Frame {
	f := Frame{Name: "groups", Dimensions: []string{"question", "group"}}
	sum := 0
	for i, n := range sizes {
		f.Cells = append(f.Cells, Cell{Name: fmt.Sprintf("g%d", i), At: []string{"q", fmt.Sprintf("g%02d", i)}, N: n, Value: float64(n), Unit: UnitCount})
		sum += n
	}
	f.Cells = append(f.Cells, Cell{Name: "all", At: []string{"q", Total}, N: sum, Value: float64(sum), Unit: UnitCount})
	return []Frame{f}
}

func withheld(f *Frame) []string {
	var out []string
	for _, c := range f.Cells {
		if c.Withheld != "" {
			out = append(out, c.Name)
		}
	}
	return out
}

func TestSmallCellsAndTheirComplement(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		sizes []int
		want  []string
	}{
		{[]int{12, 4, 9}, []string{"g1", "g2"}}, // else 25 − 12 − 9
		{[]int{12, 5, 9}, nil},
		{[]int{20, 1, 1, 9}, []string{"g1", "g2", "g3"}}, // two of one are two people: 31 − 20 − 9
		{[]int{20, 4, 4, 9}, []string{"g1", "g2"}},
		{[]int{20, 0, 9}, []string{"g1"}}, // nobody there, nothing to tell
		{[]int{3, 1}, []string{"g0", "g1", "all"}},
		{[]int{30, 4}, []string{"g0", "g1"}},
	} {
		f := breakdown(x.sizes...)
		Disclose(f, Threshold)
		if got := withheld(&f[0]); !slices.Equal(got, x.want) {
			t.Errorf("%v: withheld %v, want %v", x.sizes, got, x.want)
		}
		for _, c := range f[0].Cells {
			if c.Withheld != "" && (c.N != 0 || c.Value != 0) {
				t.Errorf("%v: the withheld cell %s still holds %d, %v", x.sizes, c.Name, c.N, c.Value)
			}
		}
	}
}

// The attack: whoever has everything that is published writes down all sums that
// must hold and solves them. No small group may come out, neither exactly nor,
// for two withheld ones together, as a handful of people.
func TestPublishedNumbersDoNotSolveForSmallCells(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	careless := 0
	for round := range 5000 {
		sizes := make([]int, 2+rng.IntN(6))
		for i := range sizes {
			sizes[i] = rng.IntN(14)
		}
		truth := breakdown(sizes...)
		f := breakdown(sizes...)
		Disclose(f, Threshold)
		if bad := solve(&truth[0], &f[0]); bad != "" {
			t.Fatalf("round %d, groups %v, withheld %v: %s", round, sizes, withheld(&f[0]), bad)
		}
		// Without the complement the same attack succeeds now and then.
		naive := breakdown(sizes...)
		for i := range naive[0].Cells {
			if c := &naive[0].Cells[i]; c.N < Threshold {
				c.Withheld = TooFew
			}
		}
		if solve(&truth[0], &naive[0]) != "" {
			careless++
		}
	}
	if careless == 0 {
		t.Error("the attack never succeeds, even on careless tables: it proves nothing")
	}
}

// solve eliminates (Gauss, exact) over the withheld cells, with the sums that the
// reader knows, and says which small cell is determined; it also says when the
// withheld ones together are fewer people than the threshold.
func solve(truth, shown *Frame) string {
	var unknown []int
	for i := range shown.Cells {
		if shown.Cells[i].Withheld != "" {
			unknown = append(unknown, i)
		}
	}
	total := len(shown.Cells) - 1
	if len(unknown) == 0 || slices.Contains(unknown, total) {
		return "" // no equation has a known side
	}
	row := make([]*big.Rat, len(unknown)+1)
	right := new(big.Rat).SetInt64(int64(shown.Cells[total].N))
	for i := range shown.Cells[:total] {
		if shown.Cells[i].Withheld == "" {
			right.Sub(right, new(big.Rat).SetInt64(int64(shown.Cells[i].N)))
		}
	}
	for i := range unknown {
		row[i] = big.NewRat(1, 1)
	}
	row[len(unknown)] = right
	for i, pivot := range reduced([][]*big.Rat{row}, len(unknown)) {
		if n := truth.Cells[unknown[i]].N; pivot && n > 0 && n < Threshold {
			return fmt.Sprintf("%s is %d", truth.Cells[unknown[i]].Name, n)
		}
	}
	if people, _ := right.Float64(); people > 0 && people < Threshold {
		return fmt.Sprintf("the withheld groups together are %v people", people)
	}
	return ""
}

// reduced says which unknowns a system determines: those alone in a row of its
// reduced form.
func reduced(rows [][]*big.Rat, unknowns int) []bool {
	at := 0
	for col := 0; col < unknowns && at < len(rows); col++ {
		pivot := -1
		for r := at; r < len(rows); r++ {
			if rows[r][col].Sign() != 0 {
				pivot = r
				break
			}
		}
		if pivot < 0 {
			continue
		}
		rows[at], rows[pivot] = rows[pivot], rows[at]
		inverse := new(big.Rat).Inv(rows[at][col])
		for c := range rows[at] {
			rows[at][c].Mul(rows[at][c], inverse)
		}
		for r := range rows {
			if r == at || rows[r][col].Sign() == 0 {
				continue
			}
			factor := new(big.Rat).Set(rows[r][col])
			for c := range rows[r] {
				rows[r][c].Sub(rows[r][c], new(big.Rat).Mul(factor, rows[at][c]))
			}
		}
		at++
	}
	out := make([]bool, unknowns)
	for _, row := range rows {
		alone := -1
		for c := range unknowns {
			if row[c].Sign() != 0 {
				if alone >= 0 {
					alone = -2
					break
				}
				alone = c
			}
		}
		if alone >= 0 {
			out[alone] = true
		}
	}
	return out
}

// distribution is what a tool says of one question.
func distribution(counts ...int) []Frame {
	n := 0
	for _, c := range counts {
		n += c
	}
	answers := Frame{Name: "answers", Dimensions: []string{"question", "answer"}}
	shares := Frame{Name: "shares", Dimensions: []string{"question", "answer"}}
	for i, c := range counts {
		at := []string{"q", fmt.Sprint(i)}
		answers.Cells = append(answers.Cells, Cell{Name: fmt.Sprint("a", i), At: at, N: n, Value: float64(c), Unit: UnitCount})
		shares.Cells = append(shares.Cells, Cell{Name: fmt.Sprint("s", i), At: at, N: n, Value: 100 * float64(c) / float64(max(n, 1)), Unit: UnitPercent})
	}
	measures := Frame{Name: "measures", Dimensions: []string{"question", "measure"}, Cells: []Cell{
		{Name: "n", At: []string{"q", "n"}, N: n, Value: float64(n), Unit: UnitCount}, {Name: "median", At: []string{"q", "median"}, N: n, Value: 4, Unit: UnitPoints},
		{Name: "other", At: []string{"r", "median"}, N: n, Value: 4, Unit: UnitPoints}}}
	return []Frame{answers, shares, measures}
}

func cell(frames []Frame, name string) *Cell {
	for i := range frames {
		for j := range frames[i].Cells {
			if frames[i].Cells[j].Name == name {
				return &frames[i].Cells[j]
			}
		}
	}
	return nil
}

func TestUnanimity(t *testing.T) {
	t.Parallel()
	f := distribution(0, 0, 7)
	Disclose(f, Threshold)
	for name, want := range map[string]Reason{"s2": Most, "s0": Least, "a2": Uniform, "a0": Uniform, "median": Uniform, "n": "", "other": ""} {
		if got := cell(f, name).Withheld; got != want {
			t.Errorf("seven of seven, %s: %q, want %q", name, got, want)
		}
	}
	for _, counts := range [][]int{{0, 1, 6}, {0, 0, 10}, {0, 0, 12}} {
		f := distribution(counts...)
		if Disclose(f, Threshold); len(withheld(&f[0])) != 0 {
			t.Errorf("%v: withheld %v", counts, withheld(&f[0]))
		}
	}
	f = distribution(0, 0, 4)
	if Disclose(f, Threshold); len(withheld(&f[0])) != 3 || cell(f, "n").Withheld != TooFew {
		t.Errorf("four answers show %+v", f)
	}
}

func TestRounding(t *testing.T) {
	t.Parallel()
	f := distribution(1, 1, 10)
	Disclose(f, Threshold)
	if v := cell(f, "s2").Value; v != 83 {
		t.Errorf("of 12 answers %v%%", v)
	}
	f = distribution(5, 8, 20)
	Disclose(f, Threshold)
	if v := cell(f, "s2").Value; v != 60.6 {
		t.Errorf("of 33 answers %v%%", v)
	}
}
