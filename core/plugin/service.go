package plugin

import (
	"bytes"
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
	"time"

	"github.com/google/uuid"
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
	// Owner is the centre whose keys sign it; uuid.Nil for ORE.
	Owner uuid.UUID
	// Everywhere, or the centres by name under which networks of its types may be
	// founded.
	Everywhere bool
	Places     []CentreOption
	// Available are the versions that could be enabled, newest last.
	Available []Available
	// Grants are the capabilities granted.
	Grants []effect.Capability
	// Configurable means that it asks administrators something; see
	// [Host.Configuration].
	Configurable bool
	// Nodes say how it runs; nodes not heard of for a minute are left out.
	Nodes []NodeStatus
}

// Available is a version that could be enabled.
type Available struct {
	Version string
	// Bundle is what was handed in; uuid.Nil for one in this node's folder.
	Bundle uuid.UUID
	// AddedAt is when, and Failed that its dry run failed.
	AddedAt time.Time
	Failed  bool
	// Capabilities with their reasons and the role map, to be read before enabling.
	Capabilities []bundle.Capability
	Roles        []bundle.Role
	// Manifest is the SHA-256 of its manifest, in hexadecimal.
	Manifest string
	// Current means that exactly these bytes are what is enabled; Lower that a
	// higher version was, so that these, being handed in, cannot be.
	Current, Lower bool
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
	// Calls answered since the node came up. Of the last few hundred, half ended
	// within Median and nineteen of twenty within Slowest.
	Calls           int64
	Median, Slowest time.Duration
	// Failure is the last call that failed by the module's own fault; nil for none.
	Failure *Failure
	// Next comes up beside it, to take its place; nil for none.
	Next *NextStatus
}

// NextStatus is what a node says of a version that is not up yet, while the one
// before serves.
type NextStatus struct{ Version, State, Cause, Reason string }

// List shows the catalogue: what was enabled, what was handed in and what lies
// on this node, by id, and bundles in the folder that cannot be read as sentences
// for administrators. A centre's administrators see what their keys signed. Needs
// module:list somewhere. Errors: NotFound, Unauthenticated.
func (h *Host) List(ctx context.Context) ([]Entry, []string, error) {
	actor := access.From(ctx)
	reach := h.c.Access.Reach(actor, PermList)
	if !reach.All && len(reach.Centres) == 0 {
		return nil, nil, h.c.Access.Require(actor, PermList, access.Place{})
	}
	var rows []catalogueRow
	var processes []processRow
	var bundles []bundleRow
	err := db.Together(ctx, h.c.DB,
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = readCatalogue(ctx, q, reach.All, reach.Centres)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			bundles, err = readBundles(ctx, q, reach.All, reach.Centres)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) { processes, err = readProcesses(ctx, q); return err })
	if err != nil {
		return nil, nil, err
	}
	l := listing{entries: map[string]*Entry{}, sums: map[string][]byte{}}
	for i := range rows {
		if err := l.enabled(&rows[i]); err != nil {
			return nil, nil, err
		}
	}
	for i := range bundles {
		if err := l.handedIn(&bundles[i]); err != nil {
			return nil, nil, err
		}
	}
	var unreadable []string
	if reach.All {
		unreadable = l.delivered(bundle.ReadAll(h.c.Bundles))
	}
	for i := range processes {
		l.process(&processes[i])
	}
	return l.sorted(), unreadable, nil
}

// SeesAll reports whether the actor sees the whole catalogue, not only what a
// centre's keys signed.
func (h *Host) SeesAll(a *access.Actor) bool { return h.c.Access.Can(a, PermList, access.Place{}) }

// listing puts the catalogue together.
type listing struct {
	entries map[string]*Entry
	sums    map[string][]byte // digest of the manifest that is to run
}

func (l *listing) entry(m *bundle.Manifest) *Entry {
	e := l.entries[m.ID]
	if e == nil {
		e = &Entry{ID: m.ID, Title: m.Title, Description: m.Description, Everywhere: true}
		l.entries[m.ID] = e
	}
	return e
}

func (l *listing) enabled(r *catalogueRow) error {
	var m bundle.Manifest
	if err := json.Unmarshal(r.Manifest, &m); err != nil {
		return err
	}
	m.ID = r.ID
	e := l.entry(&m)
	e.Enabled, e.Version, e.Owner, e.Everywhere = r.Enabled, r.Version, r.Owner.UUID, r.Everywhere
	l.sums[r.ID] = r.Sum
	var asks struct {
		Form effect.Document `json:"configuration"`
	}
	if err := json.Unmarshal(r.Description, &asks); err != nil {
		return err
	}
	e.Configurable = !asks.Form.IsZero()
	var grants []grantRow
	if err := json.Unmarshal(r.Grants, &grants); err != nil {
		return err
	}
	for _, g := range grants {
		e.Grants = append(e.Grants, effect.Capability{Name: g.Capability, Scope: effect.ScopeKind(g.ScopeKind)})
	}
	var places []whereRow
	if err := json.Unmarshal(r.Places, &places); err != nil {
		return err
	}
	for _, p := range places {
		e.Places = append(e.Places, CentreOption{p.Centre, p.Name})
	}
	return nil
}

func (l *listing) handedIn(r *bundleRow) error {
	var m bundle.Manifest
	if err := json.Unmarshal(r.Manifest, &m); err != nil {
		return err
	}
	e := l.entry(&m)
	if e.Version == "" {
		e.Owner = r.Owner.UUID
	}
	a := l.available(e, &m, r.Sum)
	a.Bundle, a.AddedAt, a.Failed = r.ID, r.AddedAt, r.Cause != "" || len(r.Description) == 0
	a.Lower = e.Version != "" && compareVersions(m.Version, e.Version) < 0
	e.Available = append(e.Available, a)
	return nil
}

func (l *listing) available(e *Entry, m *bundle.Manifest, sum []byte) Available {
	return Available{Version: m.Version, Capabilities: m.Capabilities, Roles: m.Roles, Manifest: hex.EncodeToString(sum),
		Current: e.Enabled && m.Version == e.Version && bytes.Equal(sum, l.sums[e.ID])}
}

// delivered adds what lies in the folder; what cannot be read comes back as text.
func (l *listing) delivered(bundles []*bundle.Bundle, errs []error) (unreadable []string) {
	for _, b := range bundles {
		e := l.entry(&b.Manifest)
		sum := sha256.Sum256(b.Raw)
		e.Available = append(e.Available, l.available(e, &b.Manifest, sum[:]))
	}
	for _, err := range errs {
		unreadable = append(unreadable, cut(err.Error()))
	}
	return unreadable
}

func (l *listing) process(r *processRow) {
	e := l.entries[r.Module]
	if e == nil {
		return
	}
	n := NodeStatus{Node: r.Node, Version: r.Version, State: r.State, Cause: r.Cause, Reason: r.Reason, PID: r.PID, Starts: r.Starts, Since: r.Since,
		Tier: sandbox.Tier(r.Tier), Layers: r.Layers, Landlock: r.Landlock, Memory: r.Memory,
		Calls: r.Calls, Median: time.Duration(r.TookMedian) * time.Microsecond, Slowest: time.Duration(r.TookSlowest) * time.Microsecond}
	if r.FailedAt.Valid {
		n.Failure = &Failure{Cause: supervisor.Cause(r.FailureCause), Call: r.FailureCall, Text: r.Failure, At: r.FailedAt.Time}
	}
	if r.NextVersion != "" {
		n.Next = &NextStatus{r.NextVersion, r.NextState, r.NextCause, r.NextReason}
	}
	e.Nodes = append(e.Nodes, n)
}

func (l *listing) sorted() []Entry {
	out := make([]Entry, 0, len(l.entries))
	for _, e := range l.entries {
		slices.SortStableFunc(e.Available, func(a, b Available) int { return compareVersions(a.Version, b.Version) })
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	return out
}

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
