package plugin

import (
	"context"
	"errors"

	"ore.edu.pl/sieci/core/effect"
)

// Claims lets tests ask without two modules of one title.
func (h *Host) Claims(ctx context.Context, d *effect.Description) error {
	return claims(ctx, h.c.DB, d)
}

// CompareVersions is for its test.
var CompareVersions = compareVersions

// UIDs gives modules their numbers.
type UIDs = ownUIDs

// Of is the number of a module.
func (o *ownUIDs) Of(module string) int { return o.of(module) }

// Parameters lints the form of what a view can be asked for.
func Parameters(d effect.Document) error {
	l := &linter{d: &effect.Description{}, names: map[string]bool{}}
	l.parameters("view", d)
	return errors.Join(l.errs...)
}
