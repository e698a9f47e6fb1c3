package plugin

// How a node comes to the desired state. Every few seconds, and at once after a
// change made here, it reads which modules there are. For one that changed it
// puts the role map in force, swaps what is known of the module, and sees to the
// process: a new version is brought fully up beside the old one, calls move
// over, and only then the old one ends, after its calls; when the new one does
// not come up, it goes on trying while the old one serves no more of what is no
// longer wanted. What fails for one module does not hold up the others.

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/runner"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// swapWait is how long an upgrade waits for the new process before it takes
// over anyway: the start timeout of a process.
const swapWait = 10 * time.Second

// reconcile makes it so; the caller holds h.mu.
func (h *Host) reconcile(ctx context.Context) error {
	heads, err := readHeads(ctx, h.c.DB)
	if err != nil {
		return fmt.Errorf("read modules: %w", err)
	}
	holds, err := readHolds(ctx, h.c.DB)
	if err != nil {
		return fmt.Errorf("read modules in quarantine: %w", err)
	}
	next := maps.Clone(*h.units.Load())
	var errs []error
	for _, head := range heads {
		u, known := next[head.ID]
		if !known {
			u = &unit{dirty: &h.dirty}
		}
		if !known || u.head != head {
			if err := h.refresh(ctx, u, head); err != nil {
				errs = append(errs, fmt.Errorf("module %s: %w", head.ID, err))
				continue
			}
			next[head.ID] = u
		}
		u.hold.Store(nil)
		if i := slices.IndexFunc(holds, func(r holdRow) bool { return r.Module == head.ID }); i >= 0 {
			u.hold.Store(&holds[i])
		}
		h.see(ctx, u)
	}
	h.units.Store(&next)
	return errors.Join(errs...)
}

// refresh reads a module anew and puts its role map in force.
func (h *Host) refresh(ctx context.Context, u *unit, head headRow) error {
	row, err := readVersion(ctx, h.c.DB, head.ID, head.Version)
	if err != nil {
		return err
	}
	grants, err := readGrants(ctx, h.c.DB, head.ID)
	if err != nil {
		return err
	}
	rules, err := readRules(ctx, h.c.DB, head.ID)
	if err != nil {
		return err
	}
	var only map[uuid.UUID]bool
	if !head.Everywhere {
		places, err := readWhere(ctx, h.c.DB, head.ID)
		if err != nil {
			return err
		}
		only = make(map[uuid.UUID]bool, len(places))
		for _, p := range places {
			only[p.Centre] = true
		}
	}
	info := &effect.Info{ID: head.ID, Version: head.Version, Enabled: head.Enabled, Description: &effect.Description{}, Grants: effect.Grants{}, Only: only}
	if err := json.Unmarshal(row.Description, info.Description); err != nil {
		return fmt.Errorf("stored description: %w", err)
	}
	for _, g := range grants {
		info.Grants[effect.Capability{Name: g.Capability, Scope: effect.ScopeKind(g.ScopeKind)}] = true
	}
	if err := h.c.Access.SetModule(head.ID, policies(head.ID, rules)); err != nil {
		return err
	}
	u.head, u.row = head, row
	u.info.Store(info)
	return nil
}

func policies(id string, rules []ruleRow) []access.Rule {
	out := make([]access.Rule, 0, len(rules))
	for _, r := range rules {
		out = append(out, access.Rule{Role: access.Role(r.Role), Object: access.ModuleObject(id) + "/" + r.Part, Action: r.Name})
	}
	return out
}

// see brings the module's process in line.
func (h *Host) see(ctx context.Context, u *unit) {
	key := ""
	if h.running && u.head.Enabled && u.hold.Load() == nil {
		key = u.head.Version + " " + hex.EncodeToString(u.row.Sum)
	}
	if key == u.key {
		return
	}
	old := u.sup.Load()
	u.key = key
	h.dirty.Store(true)
	if key == "" {
		u.sup.Store(nil)
		if old != nil {
			old.Stop(errors.New("disabled or in quarantine"))
		}
		return
	}
	s := h.supervise(u.head, u.row)
	s.Start()
	if old != nil {
		wait, cancel := context.WithTimeout(ctx, swapWait)
		if err := s.Await(wait, supervisor.Ready, supervisor.Degraded, supervisor.Down); err != nil {
			h.c.Log.Warn("new version is not up in time", "module", u.head.ID, "version", u.head.Version, "err", err)
		}
		cancel()
	}
	u.sup.Store(s)
	if old != nil {
		old.Stop(errors.New("replaced"))
	}
}

func (h *Host) supervise(head headRow, row versionRow) *supervisor.Supervisor {
	c := supervisor.Config{
		ID: head.ID, Log: h.c.Log,
		Start: func(ctx context.Context) (*runner.Process, error) {
			b, err := h.locate(ctx, head, row)
			if err != nil {
				return nil, err
			}
			return h.start(ctx, b, h.sockets)
		},
		Check: func(ctx context.Context, v *facade.V1) error {
			d, err := describe(ctx, v)
			if err == nil && !bytes.Equal(d, row.Description) {
				err = errors.New("it describes itself otherwise than when it was enabled")
			}
			return supervisor.Because(causeDescription, err)
		},
		Crashed: func(cause supervisor.Cause, reason string) {
			h.crashed(crash{head.ID, head.Version, cause, cut(reason)})
		},
		Changed: func(supervisor.Status) {
			h.dirty.Store(true)
			h.Kick()
		},
	}
	if h.c.Supervise != nil {
		h.c.Supervise(&c)
	}
	return supervisor.New(c)
}

// coreVersion is told to modules for their logs.
const coreVersion = "sieci"

func describe(ctx context.Context, v *facade.V1) ([]byte, error) {
	d, err := v.Describe(ctx, coreVersion)
	if err != nil {
		return nil, err
	}
	return json.Marshal(d)
}

// locate finds the bundle whose manifest is the one that was enabled: in the
// catalogue, or in the folder of this node.
func (h *Host) locate(ctx context.Context, head headRow, row versionRow) (*bundle.Bundle, error) {
	if row.Bundle.Valid {
		return h.stored(ctx, row.Manifest, row.Bundle.UUID)
	}
	id, version, sum := head.ID, head.Version, row.Sum
	list, errs := bundle.ReadAll(h.c.Bundles)
	for _, b := range list {
		if b.Manifest.ID != id || b.Manifest.Version != version {
			continue
		}
		if have := sha256.Sum256(b.Raw); !bytes.Equal(have[:], sum) {
			return nil, supervisor.Because(causeOther, fmt.Errorf("the bundle of %s %s on this node is not the one that was enabled", id, version))
		}
		return b, nil
	}
	return nil, supervisor.Because(causeMissing, fmt.Errorf("no bundle of %s %s on this node: %w", id, version, errors.Join(errs...)))
}

// start starts a process of the bundle with its socket below dir.
func (h *Host) start(ctx context.Context, b *bundle.Bundle, dir string) (*runner.Process, error) {
	x, err := b.Binary()
	if err != nil {
		return nil, supervisor.Because(causePlatform, err)
	}
	c := runner.Config{
		ID: b.Manifest.ID, SHA256: x.SHA256, Dir: dir, Log: h.c.Log, Require: h.tier(b),
		Open: func() (io.ReadCloser, error) { return b.Open(x) },
	}
	if os.Getuid() == 0 {
		c.UID = cmp.Or(h.c.UID, ownUID(b.Manifest.ID))
	}
	proc, err := runner.Start(ctx, c)
	switch {
	case errors.Is(err, runner.ErrDigest):
		err = supervisor.Because(causeBinary, err)
	case errors.Is(err, sandbox.ErrTier):
		err = supervisor.Because(causeSandbox, err)
	}
	return proc, err
}

// tier is how far a module must be held in to be begun. What comes with the
// platform, in the program's own folder, gets the same sandbox and is begun in a
// weaker one, too: who distrusts it cannot trust the host either. What was handed
// in is not that, whatever it calls itself.
func (h *Host) tier(b *bundle.Bundle) sandbox.Tier {
	if !b.Kept && strings.HasPrefix(b.Manifest.ID, delivered) {
		return sandbox.None
	}
	return h.c.Tier
}

// Numbers that modules get when the host is root: from a range that neither
// distributions nor systemd give to anybody. A module keeps its number; that two
// share one only means that they share a limit of threads.
const firstUID, uids = 60720, 400

func ownUID(module string) int {
	f := fnv.New32a()
	_, _ = f.Write([]byte(module))
	return firstUID + int(f.Sum32()%uids)
}

// seenEvery is how often a node repeats what it says, so that others see that
// it lives.
const seenEvery = 20 * time.Second

// report writes what this node's processes are; the caller holds h.mu.
func (h *Host) report(ctx context.Context) error {
	if !h.dirty.Swap(false) && time.Since(h.lastPut) < seenEvery {
		return nil
	}
	h.lastPut = time.Now()
	for id, u := range *h.units.Load() {
		row := processRow{Node: h.c.Node, Module: id, Version: u.head.Version, State: string(supervisor.Stopped), Since: time.Now(), Layers: []string{}}
		if s := u.sup.Load(); s != nil {
			st := s.Status()
			row.State, row.Cause, row.Reason, row.PID, row.Starts, row.Since = string(st.State), string(st.Cause), cut(st.Reason), st.PID, st.Starts, st.Since
			if row.Layers = st.Sandbox.Layers(); st.PID != 0 {
				row.Tier, row.Landlock, row.Memory = string(st.Sandbox.Tier()), st.Sandbox.LandlockABI, s.Memory()
			}
		}
		if hold := u.hold.Load(); hold != nil && u.head.Enabled {
			st := hold.status()
			row.State, row.Cause, row.Reason, row.Since = string(st.State), string(st.Cause), cut(st.Reason), st.Since
		}
		if f := u.failure.Load(); f != nil {
			row.FailedAt, row.FailureCause, row.FailureCall, row.Failure = sql.NullTime{Time: f.At, Valid: true}, string(f.Cause), f.Call, cut(f.Text)
		}
		if err := putProcess(ctx, h.c.DB, &row); err != nil {
			h.dirty.Store(true)
			return fmt.Errorf("report of module %s: %w", id, err)
		}
	}
	return nil
}

// cut bounds what a reason takes in the table and on a page.
func cut(s string) string {
	if r := []rune(s); len(r) > 1000 {
		return string(r[:1000]) + "…"
	}
	return s
}
