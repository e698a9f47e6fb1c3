package plugin

import "ore.edu.pl/sieci/core/effect"

// Claims lets tests ask without two modules of one title.
func (h *Host) Claims(d *effect.Description) error { return h.claims(d) }

// CompareVersions is for its test.
var CompareVersions = compareVersions
