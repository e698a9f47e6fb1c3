package plugin

// How a node comes to the desired state. Every few seconds, and at once after a
// change made here, it reads which modules there are. What changed without
// another process (rights, where it may be used) is in force at once. A new
// version comes fully up beside the one that runs, however long that takes and
// however often it fails: all the while calls, rights and descriptions are those
// of the old one. When it answers and describes itself as it should, calls move
// over, and the old one ends after those that it has. Nothing here waits for a
// process, so what fails for one module does not hold up the others.

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// errModule means that something failed for one module alone.
var errModule = errors.New("module")

// reconcile makes it so; the caller holds h.mu. Errors about single modules, which
// hold up no other, are [errModule].
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
			u = &unit{dirty: &h.dirty, diary: h.diaryOf(head.ID)}
		}
		if u.want == nil || u.want.head != head {
			w, err := h.read(ctx, head)
			if err != nil {
				errs = append(errs, fmt.Errorf("%w %s: %w", errModule, head.ID, err))
				continue
			}
			u.want = w
		}
		u.hold.Store(nil)
		if i := slices.IndexFunc(holds, func(r holdRow) bool { return r.Module == head.ID }); i >= 0 {
			u.hold.Store(&holds[i])
		}
		if err := h.see(ctx, u); err != nil {
			errs = append(errs, fmt.Errorf("%w %s: %w", errModule, head.ID, err))
		}
		if u.info.Load() != nil {
			next[head.ID] = u
		}
	}
	h.units.Store(&next)
	return errors.Join(errs...)
}

// desired is a module as it is to be.
type desired struct {
	head  headRow
	row   versionRow
	info  *effect.Info
	rules []access.Rule
}

// read reads what is desired of a module.
func (h *Host) read(ctx context.Context, head headRow) (*desired, error) {
	row, err := readVersion(ctx, h.c.DB, head.ID, head.Version)
	if err != nil {
		return nil, err
	}
	grants, err := readGrants(ctx, h.c.DB, head.ID)
	if err != nil {
		return nil, err
	}
	rules, err := readRules(ctx, h.c.DB, head.ID)
	if err != nil {
		return nil, err
	}
	var only map[uuid.UUID]bool
	if !head.Everywhere {
		places, err := readWhere(ctx, h.c.DB, head.ID)
		if err != nil {
			return nil, err
		}
		only = make(map[uuid.UUID]bool, len(places))
		for _, p := range places {
			only[p.Centre] = true
		}
	}
	info := &effect.Info{ID: head.ID, Version: head.Version, Enabled: head.Enabled, Description: &effect.Description{}, Grants: effect.Grants{}, Only: only}
	if err := json.Unmarshal(row.Description, info.Description); err != nil {
		return nil, fmt.Errorf("stored description: %w", err)
	}
	set, err := readConfigured(ctx, h.c.DB, head.ID)
	if err != nil {
		return nil, err
	}
	if set != nil {
		if info.Configuration, _, err = set.config().fit(info.Description.Configuration); err != nil {
			return nil, err
		}
	}
	for _, g := range grants {
		info.Grants[effect.Capability{Name: g.Capability, Scope: effect.ScopeKind(g.ScopeKind)}] = true
	}
	return &desired{head, row, info, policies(head.ID, rules)}, nil
}

func policies(id string, rules []ruleRow) []access.Rule {
	out := make([]access.Rule, 0, len(rules))
	for _, r := range rules {
		out = append(out, access.Rule{Role: access.Role(r.Role), Object: access.ModuleObject(id) + "/" + r.Part, Action: r.Name})
	}
	return out
}

// process names the process that a module's state takes; "" for none.
func (h *Host) process(u *unit) string {
	if !h.running || !u.want.head.Enabled || u.hold.Load() != nil {
		return ""
	}
	return u.want.head.Version + " " + hex.EncodeToString(u.want.row.Sum)
}

// see takes the next step towards what is desired of the module.
func (h *Host) see(ctx context.Context, u *unit) error {
	key := h.process(u)
	if u.next != nil && u.next.key != key { // no longer wanted
		h.end(u.next.sup, "another version is wanted")
		u.next = nil
	}
	old := u.sup.Load()
	switch {
	case key == u.key:
		if err := h.publish(u); err != nil {
			return err
		}
	case key == "":
		if err := h.publish(u); err != nil {
			return err
		}
		u.key = ""
		u.sup.Store(nil)
		h.dirty.Store(true)
		h.end(old, "disabled or in quarantine")
	case old == nil:
		if err := h.publish(u); err != nil {
			return err
		}
		s := h.supervise(u.want.head, u.want.row)
		s.Start()
		u.key, u.noted = key, false
		u.sup.Store(s)
		h.dirty.Store(true)
	case u.next == nil:
		u.next = &successor{key, h.supervise(u.want.head, u.want.row)}
		u.next.sup.Start()
		h.dirty.Store(true)
	case up(u.next.sup):
		if err := h.publish(u); err != nil {
			return err
		}
		u.sup.Store(u.next.sup)
		u.key, u.next, u.noted = key, nil, false
		h.dirty.Store(true)
		h.end(old, "replaced")
	}
	return h.noteUp(ctx, u)
}

// noteUp notes once that what serves is up: a new version is young from then on.
func (h *Host) noteUp(ctx context.Context, u *unit) error {
	if s := u.sup.Load(); s == nil || u.noted || !up(s) {
		return nil
	}
	err := noteUp(ctx, h.c.DB, u.Info().ID, u.Info().Version)
	u.noted = err == nil
	return err
}

// successor comes up beside the process that it is to replace.
type successor struct {
	key string
	sup *supervisor.Supervisor
}

func up(s *supervisor.Supervisor) bool {
	st := s.Status().State
	return st == supervisor.Ready || st == supervisor.Degraded
}

// publish puts what is desired in force: description, rights, role map, places.
func (h *Host) publish(u *unit) error {
	if u.info.Load() == u.want.info {
		return nil
	}
	if err := h.c.Access.SetModule(u.want.head.ID, u.want.rules); err != nil {
		return err
	}
	u.info.Store(u.want.info)
	return nil
}

// end lets a process finish its calls; [Host.Stop] waits for it.
func (h *Host) end(s *supervisor.Supervisor, why string) {
	if s == nil {
		return
	}
	h.ending.Go(func() {
		s.Stop(errors.New(why))
		h.Kick()
	})
}

// swapWait is how long a page that follows an administrator's act waits for the
// new process: the start timeout of one.
const swapWait = 10 * time.Second

// arrive reconciles and waits, if the module gets a new version, until calls went
// over to it or it failed to come up: the page that follows then shows which.
func (h *Host) arrive(ctx context.Context, id string) error {
	if err := h.Load(ctx); err != nil {
		return err
	}
	h.mu.Lock()
	u := (*h.units.Load())[id]
	if u == nil || u.next == nil {
		h.mu.Unlock()
		return nil
	}
	s := u.next.sup
	h.mu.Unlock()
	wait, cancel := context.WithTimeout(ctx, swapWait)
	defer cancel()
	if err := s.Await(wait, supervisor.Ready, supervisor.Degraded, supervisor.Down, supervisor.Stopped); err != nil {
		return nil // how it goes on is on the module's page
	}
	return h.Load(ctx)
}
