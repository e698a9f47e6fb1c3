package thematic

import "ore.edu.pl/sieci/plugins/sdk"

// settings are what an administrator may set for all thematic networks; the
// defaults are those of ORE's description of the networks.
type settings struct {
	// Usual is the number of participants above which one more needs a reason.
	Usual int `json:"wielkosc"`
	// Complex is how many people of one school complex pass without a reason: with
	// a fourth, a network of about twenty stops being one of different schools.
	Complex int `json:"zespol"`
}

func settingsOf(s sdk.Snapshot) (settings, error) {
	out := settings{Usual: usualSize, Complex: sameComplex}
	_, err := s.Configure(&out)
	return out, err
}
