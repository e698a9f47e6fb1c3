package plugin

// What becomes of a module whose processes keep ending by its own fault.
//
// A supervisor starts a new process after each end, with growing pauses, and
// says so here; the node's reconciler writes each such crash down, in a
// transaction that holds the module's row. The third within an hour, on whatever
// nodes and across their restarts, ends that: a version that took another's
// place less than five minutes ago, or never came so far, gives way to it again,
// with the rights that that one had; any other is put into quarantine. Administrators are told in the
// same transaction. In quarantine the module stays enabled, its networks show
// that the function is unavailable, and no node runs it until an administrator
// tries again.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// defaultCrashes within an hour are too many.
const defaultCrashes = 3

// keptCrashes bounds what waits to be written down while the database is away;
// more would decide nothing.
const keptCrashes = 100

// bySystem is who acts in the account of changes when a module is put into
// quarantine or gives way.
const bySystem = "plugin"

// crash is one end of a process by the module's own fault.
type crash struct {
	module, version string
	cause           supervisor.Cause
	reason          string
}

// Trouble is what administrators are told of.
type Trouble struct {
	// Module is the id, Title its name, Version the one that kept crashing.
	Module  string
	Title   effect.Text
	Version string
	// Previous is the version that runs again; "" for a quarantine.
	Previous string
}

// crashed takes a crash from a supervisor; it does not block.
func (h *Host) crashed(c crash) {
	h.crashes.Lock()
	if len(h.crashes.list) < keptCrashes {
		h.crashes.list = append(h.crashes.list, c)
	}
	h.crashes.Unlock()
	h.Kick()
}

// settle writes down what crashed since the last time; what could not be
// written waits for the next.
func (h *Host) settle(ctx context.Context) error {
	h.crashes.Lock()
	list := h.crashes.list
	h.crashes.list = nil
	h.crashes.Unlock()
	for i := range list {
		if err := h.judge(ctx, &list[i]); err != nil {
			h.crashes.Lock()
			h.crashes.list = append(list[i:], h.crashes.list...)
			h.crashes.Unlock()
			return err
		}
	}
	return nil
}

// judge counts one crash and does what follows from it.
func (h *Host) judge(ctx context.Context, c *crash) error {
	return h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		version, err := lockVersion(ctx, tx, c.module)
		if err != nil || version != c.version { // of a version on its way out
			return err
		}
		n, err := putCrash(ctx, tx, h.c.Node, c)
		if err != nil || n < h.c.Crashes {
			return err
		}
		previous, grants, err := takeUpgrade(ctx, tx, c.module, version)
		if err != nil {
			return err
		}
		if previous != "" {
			went, err := h.goBack(ctx, tx, c, previous, grants)
			if err != nil || went {
				return err
			}
		}
		fresh, err := putHold(ctx, tx, c)
		if err != nil || !fresh {
			return err
		}
		h.c.Log.Error("module is put into quarantine", "module", c.module, "version", c.version, "crashes", n, "err", c.reason)
		return h.announce(ctx, tx, "module:quarantine", Trouble{Module: c.module, Version: version})
	})
}

// goBack makes the previous version the one to run, as it was: with the grants
// that it had and the role map of its own manifest. It reports false when that
// one may run no more.
func (h *Host) goBack(ctx context.Context, tx *db.Tx, c *crash, previous string, had []grantRow) (bool, error) {
	row, err := readVersion(ctx, tx, c.module, previous)
	if err != nil {
		return false, err
	}
	if ok, err := h.mayReturn(ctx, tx, c.module, previous, &row); err != nil || !ok {
		return false, err
	}
	var m bundle.Manifest
	var d effect.Description
	if err := json.Unmarshal(row.Manifest, &m); err != nil {
		return false, err
	}
	if err := json.Unmarshal(row.Description, &d); err != nil {
		return false, err
	}
	at := h.c.Clock.Now()
	grants, rules := rights(&m)
	grants = slices.DeleteFunc(grants, func(g grantRow) bool { return !slices.Contains(had, g) })
	if err := setVersion(ctx, tx, c.module, previous, at); err != nil {
		return false, err
	}
	if err := noteGaveWay(ctx, tx, c.module, c.version); err != nil {
		return false, err
	}
	if err := replaceRights(ctx, tx, c.module, grants, rules, uuid.Nil, at); err != nil {
		return false, err
	}
	for _, declare := range h.c.Declare {
		if err := declare(ctx, tx, &d); err != nil {
			return false, err
		}
	}
	h.c.Log.Error("module goes back to its previous version", "module", c.module, "version", c.version, "previous", previous, "err", c.reason)
	return true, h.announce(ctx, tx, "module:rollback", Trouble{Module: c.module, Version: c.version, Previous: previous})
}

// mayReturn reports whether a version that ran before may run again: its key was
// not revoked since (one that merely expired speaks for what it signed), and its
// bytes are still there.
func (h *Host) mayReturn(ctx context.Context, tx *db.Tx, module, version string, row *versionRow) (bool, error) {
	if row.Bundle.Valid {
		k, err := keyOfBundle(ctx, tx, row.Bundle.UUID)
		return err == nil && (k == nil || k.RevokedAt == nil), err
	}
	list, _ := bundle.ReadAll(h.c.Bundles)
	return slices.ContainsFunc(list, func(b *bundle.Bundle) bool {
		sum := sha256.Sum256(b.Raw)
		return b.Manifest.ID == module && b.Manifest.Version == version && bytes.Equal(sum[:], row.Sum)
	}), nil
}

// announce accounts for the act and tells administrators.
func (h *Host) announce(ctx context.Context, tx *db.Tx, action string, t Trouble) error {
	row, err := readVersion(ctx, tx, t.Module, t.Version)
	if err != nil {
		return err
	}
	var m bundle.Manifest
	if err := json.Unmarshal(row.Manifest, &m); err != nil {
		return err
	}
	t.Title = m.Title
	if err := h.c.Audit.Write(ctx, tx, audit.Event{System: bySystem, Action: action, ObjectKind: "module", ObjectID: t.Module, Fields: []string{"version"}}); err != nil {
		return err
	}
	tx.AfterCommit(h.Kick)
	if h.c.Tell == nil {
		return nil
	}
	return h.c.Tell(ctx, tx, t)
}

// Retry takes a module out of quarantine and forgets its crashes: every node
// starts it again. Needs module:enable. Errors: NotFound, also for a module that
// is not in quarantine.
func (h *Host) Retry(ctx context.Context, id string) error {
	actor := access.From(ctx)
	if err := h.c.Access.Require(actor, PermEnable, access.Place{}); err != nil {
		return err
	}
	if err := h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		held, err := forgetLife(ctx, tx, id)
		if err != nil {
			return err
		}
		if !held {
			return fault.ErrNotFound
		}
		tx.AfterCommit(h.Kick)
		return h.c.Audit.Write(ctx, tx, audit.Event{Actor: actor.Person, System: actor.System, Action: "module:retry", ObjectKind: "module", ObjectID: id})
	}); err != nil {
		return err
	}
	// The page that follows already shows that it starts.
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.reconcile(ctx); err != nil {
		return err
	}
	h.dirty.Store(true)
	return h.report(ctx)
}
