package survey

import "math"

// z95 is the 97.5 % quantile of the normal distribution.
const z95 = 1.959963984540054

// wilson is Wilson's 95 % interval of the share x of n, in parts of one. With a
// known population that is not much larger than n the sample counts for more
// (finite population correction); everybody gives no interval: ok is false.
func wilson(x, n, population int) (low, high float64, ok bool) {
	if n <= 0 || population > 0 && n >= population {
		return 0, 0, false
	}
	size := float64(n)
	if population > 0 {
		size *= float64(population-1) / float64(population-n)
	}
	p := float64(x) / float64(n)
	half := z95 * math.Sqrt(p*(1-p)/size+z95*z95/(4*size*size))
	middle, scale := p+z95*z95/(2*size), 1+z95*z95/size
	return math.Max((middle-half)/scale, 0), math.Min((middle+half)/scale, 1), true
}

// tally is how often a value occurs.
type tally struct {
	value float64
	n     int
}

// quantile is the p-quantile of type 7 (linear between order statistics) of
// values that ascend; NaN for none.
func quantile(list []tally, p float64) float64 {
	total := 0
	for _, t := range list {
		total += t.n
	}
	if total == 0 {
		return math.NaN()
	}
	at := p * float64(total-1)
	below := int(math.Floor(at))
	low := nth(list, below)
	if float64(below) == at {
		return low
	}
	return low + (at-float64(below))*(nth(list, below+1)-low)
}

// nth is the value with i values before it.
func nth(list []tally, i int) float64 {
	for _, t := range list {
		if i < t.n {
			return t.value
		}
		i -= t.n
	}
	return list[len(list)-1].value
}
