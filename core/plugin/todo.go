package plugin

import (
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
)

// AskNone asks, for whoever may enable modules, whether none is enabled: then
// there is nothing that a network could be founded of.
func (h *Host) AskNone(a *access.Actor) (gather.Part, bool) {
	return none, h.c.Access.Anywhere(a, PermEnable)
}

// ReadNone reads the answer of [Host.AskNone].
func (h *Host) ReadNone(f gather.Found) (bool, error) {
	rows, err := gather.Decode[struct{ N int }](f, nonePart)
	return len(rows) > 0, err
}
