package plugin

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// Permissions of the catalogue, held on the platform.
const (
	PermList   access.Permission = "module:list"
	PermEnable access.Permission = "module:enable"
)

// Entry is a module as administrators see it.
type Entry struct {
	ID          string
	Title       effect.Text
	Description effect.Text
	// Enabled and Version are the desired state; Version is empty for a module
	// that was never enabled.
	Enabled bool
	Version string
	// Available are the bundles on this node, newest last.
	Available []Available
	// Grants are the capabilities granted.
	Grants []effect.Capability
	// Nodes say how it runs; nodes not heard of for a minute are left out.
	Nodes []NodeStatus
}

// Available is a version that could be enabled.
type Available struct {
	Version string
	// Capabilities with their reasons and the role map, to be read before enabling.
	Capabilities []bundle.Capability
	Roles        []bundle.Role
	// Current means that exactly these bytes are what is enabled.
	Current bool
}

// NodeStatus is what one node says of its process.
type NodeStatus struct {
	Node, Version, State string
	// Cause is the kind of what Reason says in technical words: why the process
	// is not ready.
	Cause, Reason string
	PID, Starts   int
	Since         time.Time
	// Tier is how far the process is held in, Layers are the names of what was
	// seen to do so; empty while there is no process. Landlock is its version.
	Tier     sandbox.Tier
	Layers   []string
	Landlock int
	// Memory is what the process takes, in bytes.
	Memory int64
	// Failure is the last call that failed by the module's own fault; nil for none.
	Failure *Failure
}

// List shows the catalogue: what was enabled and what lies on this node, by id,
// and bundles that cannot be read as sentences for administrators. Needs
// module:list. Errors: NotFound, Unauthenticated.
func (h *Host) List(ctx context.Context) ([]Entry, []string, error) {
	if err := h.c.Access.Require(access.From(ctx), PermList, access.Place{}); err != nil {
		return nil, nil, err
	}
	var rows []catalogueRow
	var processes []processRow
	err := db.Together(ctx, h.c.DB,
		func(ctx context.Context, q db.Q) (err error) { rows, err = readCatalogue(ctx, q); return err },
		func(ctx context.Context, q db.Q) (err error) { processes, err = readProcesses(ctx, q); return err })
	if err != nil {
		return nil, nil, err
	}
	entries := map[string]*Entry{}
	sums := map[string][]byte{}
	for i := range rows {
		r := &rows[i]
		e := &Entry{ID: r.ID, Enabled: r.Enabled, Version: r.Version}
		entries[r.ID] = e
		var m bundle.Manifest
		if err := json.Unmarshal(r.Manifest, &m); err != nil {
			return nil, nil, err
		}
		e.Title, e.Description, sums[r.ID] = m.Title, m.Description, r.Sum
		var grants []grantRow
		if err := json.Unmarshal(r.Grants, &grants); err != nil {
			return nil, nil, err
		}
		for _, g := range grants {
			e.Grants = append(e.Grants, effect.Capability{Name: g.Capability, Scope: effect.ScopeKind(g.ScopeKind)})
		}
	}
	unreadable := h.addAvailable(entries, sums)
	for _, r := range processes {
		if e := entries[r.Module]; e != nil {
			n := NodeStatus{Node: r.Node, Version: r.Version, State: r.State, Cause: r.Cause, Reason: r.Reason, PID: r.PID, Starts: r.Starts, Since: r.Since,
				Tier: sandbox.Tier(r.Tier), Layers: r.Layers, Landlock: r.Landlock, Memory: r.Memory}
			if r.FailedAt.Valid {
				n.Failure = &Failure{Cause: supervisor.Cause(r.FailureCause), Call: r.FailureCall, Text: r.Failure, At: r.FailedAt.Time}
			}
			e.Nodes = append(e.Nodes, n)
		}
	}
	out := make([]Entry, 0, len(entries))
	for _, e := range entries {
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	return out, unreadable, nil
}

func (h *Host) addAvailable(entries map[string]*Entry, sums map[string][]byte) (unreadable []string) {
	bundles, errs := bundle.ReadAll(h.c.Bundles)
	for _, b := range bundles {
		e := entries[b.Manifest.ID]
		if e == nil {
			e = &Entry{ID: b.Manifest.ID, Title: b.Manifest.Title, Description: b.Manifest.Description}
			entries[b.Manifest.ID] = e
		}
		sum := sha256.Sum256(b.Raw)
		e.Available = append(e.Available, Available{
			Version: b.Manifest.Version, Capabilities: b.Manifest.Capabilities, Roles: b.Manifest.Roles,
			Current: e.Enabled && b.Manifest.Version == e.Version && bytes.Equal(sum[:], sums[e.ID]),
		})
	}
	for _, err := range errs {
		unreadable = append(unreadable, cut(err.Error()))
	}
	return unreadable
}

// Enable switches a version on, for all nodes, from the bundle on this one: its
// process is started once and asked to describe itself; the description, the
// capabilities asked for and the role map are stored, and the contexts declare
// what they keep of it, in one transaction. Enabling a version again takes over
// a bundle that was built anew. Capabilities that the manifest calls optional
// are not granted when their names are among withheld. Needs module:enable; the
// host must be started.
//
// Errors: NotFound for a missing permission or bundle; Invalid for withholding
// what the plugin cannot do without; [Refusal], which is Invalid too, for a
// plugin that cannot be started or breaks the contract.
func (h *Host) Enable(ctx context.Context, id, version string, withheld ...string) error {
	actor := access.From(ctx)
	if err := h.c.Access.Require(actor, PermEnable, access.Place{}); err != nil {
		return err
	}
	b, err := h.find(id, version)
	if err != nil {
		return err
	}
	if err := b.Manifest.Withhold(withheld); err != nil {
		return fault.Wrap(err, fault.Invalid, "plugin.needed")
	}
	d, raw, err := h.examine(ctx, b)
	if err != nil {
		return refused(err)
	}
	if err := lint(&b.Manifest, d); err != nil {
		return refused(supervisor.Because(causeManifest, err))
	}
	sum := sha256.Sum256(b.Raw)
	row := versionRow{Manifest: b.Raw, Sum: sum[:], Description: raw}
	grants, rules := rights(&b.Manifest)
	err = h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		at := h.c.Clock.Now()
		if err := putUpgrade(ctx, tx, id, version); err != nil {
			return err
		}
		if _, err := forgetLife(ctx, tx, id); err != nil {
			return err
		}
		if err := setDesired(ctx, tx, id, true, version, actor.Person, at); err != nil {
			return err
		}
		if err := putVersion(ctx, tx, id, version, row, at); err != nil {
			return err
		}
		if err := replaceRights(ctx, tx, id, grants, rules, actor.Person, at); err != nil {
			return err
		}
		for _, declare := range h.c.Declare {
			if err := declare(ctx, tx, d); err != nil {
				return err
			}
		}
		tx.AfterCommit(h.Kick)
		return h.note(ctx, tx, actor, "module:enable", id, sum[:])
	})
	if err != nil {
		return err
	}
	// The page that follows already shows the module.
	return h.Load(ctx)
}

// find finds the bundle of a version on this node; an empty version is the only one.
func (h *Host) find(id, version string) (*bundle.Bundle, error) {
	list, _ := bundle.ReadAll(h.c.Bundles)
	for _, b := range list {
		if b.Manifest.ID == id && b.Manifest.Version == version {
			return b, nil
		}
	}
	return nil, fault.ErrNotFound
}

// examine starts the bundle's process once, apart from the running one.
func (h *Host) examine(ctx context.Context, b *bundle.Bundle) (*effect.Description, []byte, error) {
	h.mu.Lock()
	running := h.running
	h.mu.Unlock()
	if !running {
		return nil, nil, supervisor.Because(causeHost, errors.New("the host of plugins is not started"))
	}
	p, err := h.start(ctx, b)
	if err != nil {
		return nil, nil, err
	}
	defer p.Stop()
	d, err := facade.NewV1(b.Manifest.ID, p.Client).Describe(ctx, coreVersion)
	if err != nil {
		return nil, nil, supervisor.Because(causeDescription, err)
	}
	raw, err := json.Marshal(d)
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
