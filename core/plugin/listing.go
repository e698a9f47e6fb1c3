package plugin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// The catalogue as administrators read it: what is enabled, handed in or delivered,
// and what each node says of its process.

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
	// Names are the titles of its commands and views, of the version that was
	// enabled last; empty for a module that never was.
	Names map[string]effect.Text
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
	var d effect.Description
	if err := json.Unmarshal(r.Description, &d); err != nil {
		return err
	}
	e.Configurable, e.Names = !d.Configuration.IsZero(), names(&d)
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
