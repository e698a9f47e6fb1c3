package plugin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// Permissions of the catalogue, held on the platform.
const (
	PermList   access.Permission = "module:list"
	PermEnable access.Permission = "module:enable"
)

// Terms are under which a version is enabled.
type Terms struct {
	// Withheld are names of capabilities not to be granted; the manifest must call
	// them optional. Nil leaves optional ones as they stand: those granted stay so,
	// new ones wait, and at first all are granted.
	Withheld []string
	// Manifest is the SHA-256 of the manifest that was read, in hexadecimal: another
	// one under the same version is refused as Conflict. "" takes what is there.
	Manifest string
	// Where networks of its types may be founded; nil leaves what stands (at
	// first: everywhere).
	Where *Where
}

// Enable switches a version on, for all nodes, from a bundle that was handed in
// or lies on this node: its process is started once and asked to describe itself;
// the description, the capabilities asked for and the role map are stored, and
// the contexts declare what they keep of it, in one transaction. Enabling a
// version again takes over a bundle in the folder that was built anew.
// Capabilities that the manifest calls optional are not granted when their names
// are among withheld; without any name they stay as they stand. Needs
// module:enable.
//
// Errors: NotFound for a missing permission or bundle; Invalid for withholding
// what the plugin cannot do without, and with a sentence for a bundle that may
// not be enabled (see [Report.Refused]); [Refusal], which is Invalid too, for a
// plugin that cannot be started or breaks the contract.
func (h *Host) Enable(ctx context.Context, id, version string, withheld ...string) error {
	return h.EnableOn(ctx, id, version, Terms{Withheld: withheld})
}

// EnableOn is [Host.Enable] on given terms; Invalid on "centre" for a wrong place.
func (h *Host) EnableOn(ctx context.Context, id, version string, t Terms) error {
	actor := access.From(ctx)
	if err := h.c.Access.Require(actor, PermEnable, access.Place{}); err != nil {
		return err
	}
	b, kept, err := h.find(ctx, id, version)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(b.Raw); t.Manifest != "" && t.Manifest != hex.EncodeToString(sum[:]) {
		return fault.New(fault.Conflict, "plugin.changed", "Version", version)
	}
	if err := h.permits(b.Manifest.Runtime); err != nil {
		return err
	}
	row := versionRow{Manifest: b.Raw}
	if kept != nil {
		row.Bundle = uuid.NullUUID{UUID: kept.row.ID, Valid: true}
	} else if err := judgeRoles(b.Manifest.Roles, h.c.Access.Roles(), false); err != nil {
		return err
	}
	if err := b.Manifest.Withhold(t.Withheld); err != nil {
		return fault.Wrap(err, fault.Invalid, "plugin.needed")
	}
	if err := h.install(ctx, b, row, kept, t, "module:enable"); err != nil {
		return err
	}
	return h.arrive(ctx, id)
}

// install examines a bundle and makes it what every node is to run; kept is nil
// for one in a folder. The account of it names the actor of ctx.
func (h *Host) install(ctx context.Context, b *bundle.Bundle, row versionRow, kept *kept, t Terms, action string) error {
	d, raw, err := h.examine(ctx, b)
	if err == nil {
		err = coherent(&b.Manifest, d, row.Bundle.Valid)
	}
	if err == nil {
		err = h.carries(ctx, d)
	}
	if err != nil {
		return refused(err)
	}
	sum := sha256.Sum256(b.Raw)
	row.Sum, row.Description = sum[:], raw
	return h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockModule(ctx, tx, b.Manifest.ID); err != nil {
			return err
		}
		owner, err := h.judgeNow(ctx, tx, &b.Manifest, d, kept)
		if err != nil {
			return err
		}
		if err := h.switchOn(ctx, tx, &b.Manifest, owner, row, t); err != nil {
			return err
		}
		for _, declare := range h.c.Declare {
			if err := declare(ctx, tx, d); err != nil {
				return err
			}
		}
		tx.AfterCommit(h.Kick)
		return h.note(ctx, tx, access.From(ctx), action, b.Manifest.ID, sum[:])
	})
}

// judgeNow judges once more, in the transaction that enables, what others may
// have changed meanwhile: the key, the owner and version that the module has, and
// the types of other modules. It returns the owner. The caller holds the module.
func (h *Host) judgeNow(ctx context.Context, tx *db.Tx, m *bundle.Manifest, d *effect.Description, kept *kept) (uuid.UUID, error) {
	if err := claims(ctx, tx, d); supervisor.CauseOf(err) != "" {
		return uuid.Nil, refused(err)
	} else if err != nil {
		return uuid.Nil, err
	}
	if kept == nil {
		return uuid.Nil, nil // a folder holds one version; going back with the platform is its administrator's right
	}
	key, err := heldKey(ctx, tx, kept.row.ID)
	if err != nil {
		return uuid.Nil, err
	}
	if key != nil {
		if err := key.judge(m.ID, h.c.Clock.Now()); err != nil {
			return uuid.Nil, err
		}
	}
	o, err := readOwner(ctx, tx, m.ID)
	if err != nil {
		return uuid.Nil, err
	}
	return key.centre(), o.follow(m, key.centre())
}

// switchOn writes the desired state: version, rights, and where it may be used
// when that is said.
func (h *Host) switchOn(ctx context.Context, tx *db.Tx, m *bundle.Manifest, owner uuid.UUID, row versionRow, t Terms) error {
	by, at := access.From(ctx).Person, h.c.Clock.Now()
	was, err := readOwner(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	grants, rules := rights(m)
	if was != nil && t.Withheld == nil {
		had, err := readGrants(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		grants = slices.DeleteFunc(grants, func(g grantRow) bool { return waits(m, had, g) })
	}
	if err := putUpgrade(ctx, tx, m.ID, m.Version); err != nil {
		return err
	}
	if _, err := forgetLife(ctx, tx, m.ID); err != nil {
		return err
	}
	mine, err := setDesired(ctx, tx, m.ID, m.Version, owner, by, at)
	if err == nil && !mine {
		err = fault.New(fault.Invalid, "plugin.add.owner", "ID", m.ID)
	}
	if err != nil {
		return err
	}
	if err := putVersion(ctx, tx, m.ID, m.Version, row, at); err != nil {
		return err
	}
	if err := replaceRights(ctx, tx, m.ID, grants, rules, by, at); err != nil || t.Where == nil {
		return err
	}
	if err := t.Where.check(ctx, tx, nil); err != nil {
		return err
	}
	return replaceWhere(ctx, tx, m.ID, *t.Where, by, at)
}

// waits reports whether g belongs to a capability that the module can do without
// and of which it has nothing so far.
func waits(m *bundle.Manifest, had []grantRow, g grantRow) bool {
	i := slices.IndexFunc(m.Capabilities, func(c bundle.Capability) bool { return c.Name == g.Capability })
	return i >= 0 && m.Capabilities[i].Optional && !slices.ContainsFunc(had, func(h grantRow) bool { return h.Capability == g.Capability })
}

// find finds the bundle of a version: one that was handed in and may be enabled,
// with what it is judged by, or one in this node's folder.
func (h *Host) find(ctx context.Context, id, version string) (*bundle.Bundle, *kept, error) {
	row, err := bundleOf(ctx, h.c.DB, id, version)
	if err != nil {
		return nil, nil, err
	}
	if row == nil {
		list, _ := bundle.ReadAll(h.c.Bundles)
		for _, b := range list {
			if b.Manifest.ID == id && b.Manifest.Version == version {
				return b, nil, nil
			}
		}
		return nil, nil, fault.ErrNotFound
	}
	k, err := h.readKept(ctx, row.ID)
	if err != nil || k == nil {
		return nil, nil, cmp.Or(err, error(fault.ErrNotFound))
	}
	k.row.Cause = "" // trouble of the dry run is found again, as it is now
	if err := h.mayEnable(k); err != nil {
		return nil, nil, err
	}
	b, err := h.stored(ctx, k.row.Manifest, k.row.ID)
	return b, k, err
}

// examine starts the bundle's process once, apart from the running one.
func (h *Host) examine(ctx context.Context, b *bundle.Bundle) (d *effect.Description, raw []byte, err error) {
	// Its socket lies apart: a command at the terminal runs no other process.
	dir, err := os.MkdirTemp("", "sieci-x")
	if err == nil {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("folder for sockets: %w", err)
	}
	p, err := h.start(ctx, b, dir, nil)
	if err != nil {
		return nil, nil, err
	}
	defer p.Stop()
	if d, err = facade.NewV1(b.Manifest.ID, p.Client).Describe(ctx, coreVersion); err != nil {
		return nil, nil, supervisor.Because(causeDescription, err)
	}
	raw, err = json.Marshal(d)
	return d, raw, err
}

// Refusal is why a plugin was not enabled. It unwraps to a fault.Invalid whose
// fields are the technical text, a line each.
type Refusal struct {
	// Cause is the kind of it, Text what is wrong in technical words.
	Cause supervisor.Cause
	Text  string
	fault error
}

// Error is for logs.
func (r *Refusal) Error() string { return r.fault.Error() }

// Unwrap returns the fault that web and API translate.
func (r *Refusal) Unwrap() error { return r.fault }

func refused(err error) error {
	e := fault.Wrap(err, fault.Invalid, "plugin.refused")
	text := cut(err.Error())
	for _, line := range strings.Split(text, "\n") {
		e.Fields = append(e.Fields, fault.Field{Path: "version", Text: line})
	}
	return &Refusal{Cause: cmp.Or(supervisor.CauseOf(err), supervisor.CauseStart), Text: text, fault: e}
}

// rights are the capabilities and the role map that a manifest asks for.
func rights(m *bundle.Manifest) (grants []grantRow, rules []ruleRow) {
	for _, c := range m.Capabilities {
		for _, s := range c.Scopes {
			if !slices.Contains(grants, grantRow{c.Name, string(s)}) {
				grants = append(grants, grantRow{c.Name, string(s)})
			}
		}
	}
	for _, r := range m.Roles {
		role := r.Role
		if role == "system" {
			role = string(effect.SystemRole(m.ID))
		}
		for part, names := range map[string][]string{"command": r.Commands, "view": r.Views, "effect": r.Effects} {
			for _, n := range names {
				rules = append(rules, ruleRow{role, part, n})
			}
		}
	}
	return grants, rules
}

// Disable switches a module off on all nodes; its records stay readable and
// its grants are kept for when it is enabled again. Needs module:enable.
// Errors: NotFound.
func (h *Host) Disable(ctx context.Context, id string) error {
	actor := access.From(ctx)
	if err := h.c.Access.Require(actor, PermEnable, access.Place{}); err != nil {
		return err
	}
	if err := h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := setDisabled(ctx, tx, id, actor.Person, h.c.Clock.Now())
		if err != nil {
			return err
		}
		if !ok {
			return fault.ErrNotFound
		}
		tx.AfterCommit(h.Kick)
		return h.note(ctx, tx, actor, "module:disable", id, nil)
	}); err != nil {
		return err
	}
	return h.Load(ctx)
}

func (h *Host) note(ctx context.Context, tx *db.Tx, actor *access.Actor, action, id string, value []byte) error {
	return h.c.Audit.Write(ctx, tx, audit.Event{
		Actor: actor.Person, System: actor.System, Action: action, ObjectKind: "module", ObjectID: id,
		Fields: []string{"enabled", "version", "grants", "roles"}, Value: value,
	})
}
