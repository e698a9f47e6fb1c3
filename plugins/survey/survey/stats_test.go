package survey

import (
	"math"
	"slices"
	"testing"
)

func close(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance || math.IsNaN(got) {
		t.Errorf("%s: %.9f, want %.9f", what, got, want)
	}
}

// The published values of Newcombe (1998) for Wilson's interval, and a census.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		x, n      int
		low, high float64
	}{{81, 263, .255289, .366210}, {15, 148, .062386, .160487}} {
		low, high, ok := wilson(x.x, x.n, 0)
		if !ok {
			t.Fatal("no interval")
		}
		close(t, "low", low, x.low, 5e-7)
		close(t, "high", high, x.high, 5e-7)
	}
	if _, _, ok := wilson(3, 20, 20); ok {
		t.Error("a census has an interval")
	}
	if _, _, ok := wilson(0, 0, 20); ok {
		t.Error("nobody has an interval")
	}
	// With 18 of 20 the interval is that of 18·19/2 = 171 from a large population.
	low, high, _ := wilson(12, 18, 20)
	wantLow, wantHigh, _ := wilson(114, 171, 0)
	close(t, "corrected low", low, wantLow, 1e-12)
	close(t, "corrected high", high, wantHigh, 1e-12)
	for n := 1; n <= 30; n++ {
		for x := 0; x <= n; x++ {
			low, high, ok := wilson(x, n, 31)
			if p := float64(x) / float64(n); !ok || low < 0 || high > 1 || low > p+1e-12 || high < p-1e-12 {
				t.Fatalf("%d of %d: %v–%v", x, n, low, high)
			}
		}
	}
}

func tallies(values ...float64) []tally {
	slices.Sort(values)
	var out []tally
	for _, v := range values {
		if len(out) > 0 && out[len(out)-1].value == v {
			out[len(out)-1].n++
			continue
		}
		out = append(out, tally{v, 1})
	}
	return out
}

// The column "rating" of the data set attitude of R: median 65.5, IQR 13 (R 4.2.2).
func TestQuantiles(t *testing.T) {
	t.Parallel()
	rating := tallies(43, 63, 71, 61, 81, 43, 58, 71, 72, 67, 64, 67, 69, 68, 77, 81, 74, 65, 65, 50, 50, 64, 53, 40, 63, 66, 78, 48, 85, 82)
	close(t, "median", quantile(rating, 0.5), 65.5, 0)
	close(t, "IQR", quantile(rating, 0.75)-quantile(rating, 0.25), 13, 1e-12)
	close(t, "minimum", quantile(rating, 0), 40, 0)
	close(t, "maximum", quantile(rating, 1), 85, 0)
	one := tallies(4)
	close(t, "median of one", quantile(one, 0.5), 4, 0)
	close(t, "quartile of one", quantile(one, 0.25), 4, 0)
	close(t, "median of ties", quantile(tallies(2, 2, 2, 2), 0.5), 2, 0)
	close(t, "between", quantile(tallies(1, 2, 3, 4), 0.25), 1.75, 1e-12)
	if !math.IsNaN(quantile(nil, 0.5)) {
		t.Error("nothing has a median")
	}
}
