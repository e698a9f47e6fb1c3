package plugin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"strings"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// delivered begins the ids of what comes with the platform, as folders beside the
// program.
const delivered = "ore."

// takeOver lets enabled modules that come with the platform follow it: after an
// upgrade the folder holds other bytes than those that were enabled, and nothing
// else could run. Rights that a module can do without stay as an administrator
// left them, new ones wait for one. What cannot be taken over stays as it is, and
// its page says why. Nodes do not take a module from each other: a folder with an
// older version than the enabled one belongs to a node that is behind the others,
// and other bytes of the same version count only while no other node runs it. A
// version that gave way because it kept crashing waits for an administrator.
func (h *Host) takeOver(ctx context.Context) error {
	heads, err := readHeads(ctx, h.c.DB)
	if err != nil {
		return err
	}
	list, _ := bundle.ReadAll(h.c.Bundles) // unreadable ones are told on the page
	ctx = access.With(ctx, &access.Actor{System: bySystem})
	for i := range heads {
		head := &heads[i]
		b := newestOf(list, head.ID)
		if !head.Enabled || !strings.HasPrefix(head.ID, delivered) || b == nil || compareVersions(b.Manifest.Version, head.Version) < 0 {
			continue
		}
		row, err := readVersion(ctx, h.c.DB, head.ID, head.Version)
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(b.Raw); row.Bundle.Valid || bytes.Equal(sum[:], row.Sum) {
			continue
		}
		wait, err := h.mustWait(ctx, head, b)
		if err != nil {
			return err
		}
		if wait {
			continue
		}
		err = judgeRoles(b.Manifest.Roles, h.c.Access.Roles(), false)
		if err == nil {
			err = h.install(ctx, b, versionRow{Manifest: b.Raw}, nil, Terms{}, "module:takeover")
		}
		if err != nil {
			h.c.Log.WarnContext(ctx, "a module that comes with the platform was not taken over", slog.String("module", head.ID),
				slog.String("version", b.Manifest.Version), slog.Any("err", err))
		}
	}
	return nil
}

// mustWait reports whether a delivered version is not to be taken over now.
func (h *Host) mustWait(ctx context.Context, head *headRow, b *bundle.Bundle) (bool, error) {
	if b.Manifest.Version == head.Version {
		return runsElsewhere(ctx, h.c.DB, head.ID, h.c.Node)
	}
	offered, err := readVersion(ctx, h.c.DB, head.ID, b.Manifest.Version)
	if db.IsNoRows(err) {
		return false, nil
	}
	sum := sha256.Sum256(b.Raw)
	return err == nil && offered.GaveWay.Valid && bytes.Equal(sum[:], offered.Sum), err
}

func newestOf(list []*bundle.Bundle, id string) (newest *bundle.Bundle) {
	for _, b := range list {
		if b.Manifest.ID == id && (newest == nil || compareVersions(b.Manifest.Version, newest.Manifest.Version) > 0) {
			newest = b
		}
	}
	return newest
}
