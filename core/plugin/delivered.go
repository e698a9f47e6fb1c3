package plugin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"slices"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// delivered begins the ids of what comes with the platform, as folders beside the
// program.
const delivered = "ore."

// takeOver lets enabled modules that come with the platform follow it: after an
// upgrade the folder holds other bytes than those that were enabled, and nothing
// else could run. Rights that a module can do without stay as an administrator
// left them, new ones wait for one. What cannot be taken over stays as it is, and
// its page says why. A folder with an older version than the enabled one belongs
// to a node that is behind the others: it changes nothing.
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
		grants, err := readGrants(ctx, h.c.DB, head.ID)
		if err != nil {
			return err
		}
		withholdUngranted(&b.Manifest, grants)
		err = h.judgeRoles(b.Manifest.Roles, uuid.Nil)
		if err == nil {
			err = h.install(ctx, b, versionRow{Manifest: b.Raw}, uuid.Nil, nil, "module:takeover")
		}
		if err != nil {
			h.c.Log.WarnContext(ctx, "a module that comes with the platform was not taken over", slog.String("module", head.ID),
				slog.String("version", b.Manifest.Version), slog.Any("err", err))
		}
	}
	return nil
}

func newestOf(list []*bundle.Bundle, id string) (newest *bundle.Bundle) {
	for _, b := range list {
		if b.Manifest.ID == id && (newest == nil || compareVersions(b.Manifest.Version, newest.Manifest.Version) > 0) {
			newest = b
		}
	}
	return newest
}

// withholdUngranted takes optional capabilities out of m that are not among grants.
func withholdUngranted(m *bundle.Manifest, grants []grantRow) {
	m.Capabilities = slices.DeleteFunc(m.Capabilities, func(c bundle.Capability) bool {
		return c.Optional && !slices.ContainsFunc(grants, func(g grantRow) bool { return g.Capability == c.Name })
	})
}
