package plugin

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// Config of a [Host]; DB, Audit, Access, Clock and Bundles are required.
type Config struct {
	DB     *db.DB
	Audit  *audit.Log
	Access *access.Authorizer
	Clock  clock.Clock
	// Bundles is the folder with one folder per plugin.
	Bundles string
	// Development is the key of this machine under which bundles of every namespace
	// are taken: while developing only. Nil otherwise.
	Development ed25519.PublicKey
	// Sockets holds the private folders of processes; it is made when missing.
	// At most 69 bytes long. Empty = a fresh folder below the system's temporary
	// one, removed at the end.
	Sockets string
	// UID that all plugins run as when the host is root; 0 = one for each, of
	// which the database's is none.
	UID int
	// Tier is how far plugins that do not come with the platform must be held in
	// to be begun; default [sandbox.Basic].
	Tier sandbox.Tier
	// Runtimes are the interpreters in which plugins may be written
	// ([sandbox.Python]); none by default.
	Runtimes []string
	// Node names this process among others on the same database; default host
	// name and process id.
	Node string
	// Poll is how often the desired state is read; default 2 s.
	Poll time.Duration
	// Declare is called in the transaction of enabling, in order: record keeps
	// the kinds, work plans the jobs.
	Declare []func(ctx context.Context, tx *db.Tx, d *effect.Description) error
	// Stored says what stored answers the description of a version that is handed in
	// or enabled would lose, in a text for administrators and authors; "" for none.
	// Nil asks nobody.
	Stored func(ctx context.Context, q db.Q, d *effect.Description) (string, error)
	// Crashes of a plugin within an hour that are too many; default 3.
	Crashes int
	// Tell is called in the transaction in which a plugin is put into quarantine
	// or gives way to its previous version. Nil tells nobody.
	Tell func(ctx context.Context, tx *db.Tx, t Trouble) error
	Log  *slog.Logger
	// Supervise changes a supervisor's times; for tests. Nil otherwise.
	Supervise func(*supervisor.Config)
}

// Host is the catalogue and the processes of this node. Safe for concurrent use.
type Host struct {
	c     Config
	units atomic.Pointer[map[string]*unit]
	kick  chan struct{} // capacity 1: hints coalesce
	dirty atomic.Bool
	uids  ownUIDs
	// diaries are by module: what its processes here say, and how quick they are.
	diaries sync.Map // string → *diary
	// adding bounds how many bundles are read and run dry at a time.
	adding chan struct{}
	// crashes wait to be written down.
	crashes struct {
		sync.Mutex
		list []crash
	}

	mu      sync.Mutex     // one reconciliation, start or stop at a time
	ending  sync.WaitGroup // processes that finish their last calls
	running bool
	cancel  context.CancelFunc
	done    chan struct{}
	sockets string
	lastPut time.Time
}

var _ effect.Modules = (*Host)(nil)

// New makes a host and starts nothing. It panics on an incomplete configuration.
func New(c Config) *Host {
	if c.DB == nil || c.Audit == nil || c.Access == nil || c.Clock == nil || c.Bundles == "" {
		panic("plugin: incomplete configuration")
	}
	c.Poll = cmp.Or(c.Poll, 2*time.Second)
	c.Tier = cmp.Or(c.Tier, sandbox.Basic)
	c.Crashes = cmp.Or(c.Crashes, defaultCrashes)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Node == "" {
		name, err := os.Hostname()
		if err != nil {
			name = "node"
		}
		c.Node = fmt.Sprintf("%s:%d", name, os.Getpid())
	}
	h := &Host{c: c, kick: make(chan struct{}, 1), adding: make(chan struct{}, 2)}
	h.units.Store(&map[string]*unit{})
	return h
}

// Load reads the catalogue, so that descriptions and role maps are there; calls
// are Unavailable until [Host.Start]. A command that needs no module calls only this.
func (h *Host) Load(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.reconcile(ctx)
}

// Start loads the catalogue and begins to run what is enabled, until [Host.Stop].
// It does not wait for processes; see [Host.Await].
func (h *Host) Start(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running {
		return nil
	}
	if err := h.makeSockets(); err != nil {
		return err
	}
	h.running = true
	err := h.takeOver(ctx)
	if err == nil {
		err = h.reconcile(ctx)
	}
	if errors.Is(err, errModule) { // it is missing; the others are not
		h.c.Log.Error("a module is not in the desired state", "err", err)
		err = nil
	}
	if err != nil {
		h.running = false
		h.endAll()
		return errors.Join(err, h.removeSockets())
	}
	loop, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h.cancel, h.done = cancel, make(chan struct{})
	go h.run(loop, h.done)
	return nil
}

// Stop ends all processes and returns when they are gone; again it does nothing.
func (h *Host) Stop() error {
	h.mu.Lock()
	if !h.running {
		h.mu.Unlock()
		return nil
	}
	h.running = false
	cancel, done := h.cancel, h.done
	h.mu.Unlock()
	cancel()
	<-done
	h.mu.Lock()
	defer h.mu.Unlock()
	h.endAll()
	ctx, end := context.WithTimeout(context.Background(), 2*time.Second)
	defer end()
	return errors.Join(h.writeLogs(ctx), forgetProcesses(ctx, h.c.DB, h.c.Node), h.removeSockets())
}

// endAll ends all processes and returns when they are gone.
func (h *Host) endAll() {
	for _, u := range *h.units.Load() {
		h.end(u.sup.Swap(nil), "the core stops")
		if u.next != nil {
			h.end(u.next.sup, "the core stops")
		}
		u.key, u.next = "", nil
	}
	h.ending.Wait()
}

// Kick makes the node look at the desired state at once.
func (h *Host) Kick() {
	select {
	case h.kick <- struct{}{}:
	default:
	}
}

func (h *Host) run(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	tick := time.NewTicker(h.c.Poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.kick:
		case <-tick.C:
		}
		h.mu.Lock()
		err := h.settle(ctx)
		if err == nil {
			err = h.reconcile(ctx)
		}
		if err == nil {
			err = h.report(ctx)
		}
		if err == nil {
			err = h.writeLogs(ctx)
		}
		h.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			h.c.Log.Error("modules were not brought to the desired state", "err", err)
		}
	}
}

// Module implements [effect.Modules].
func (h *Host) Module(typ string) (effect.Module, error) {
	id, local, ok := effect.Split(typ)
	if !ok {
		return nil, fault.ErrNotFound
	}
	u, ok := (*h.units.Load())[id]
	if !ok || !hasType(u.Info().Description, local) {
		return nil, fault.ErrNotFound
	}
	return u, nil
}

func hasType(d *effect.Description, local string) bool {
	if _, ok := d.Behaviour(local); ok {
		return true
	}
	return slices.ContainsFunc(d.ToolTypes, func(t effect.ToolType) bool { return t.Name == local })
}

// ByID implements [effect.Modules].
func (h *Host) ByID(id string) (effect.Module, error) {
	if u, ok := (*h.units.Load())[id]; ok {
		return u, nil
	}
	return nil, fault.ErrNotFound
}

// Enabled implements [effect.Modules]; sorted by id.
func (h *Host) Enabled() []effect.Module {
	var out []effect.Module
	for _, u := range *h.units.Load() {
		if u.Info().Enabled {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b effect.Module) int { return strings.Compare(a.Info().ID, b.Info().ID) })
	return out
}

// Await returns when the module's process on this node can be called.
func (h *Host) Await(ctx context.Context, id string) error {
	u, ok := (*h.units.Load())[id]
	if !ok {
		return fault.ErrNotFound
	}
	s := u.sup.Load()
	if s == nil {
		return supervisor.ErrDown
	}
	return s.Await(ctx, supervisor.Ready, supervisor.Degraded)
}

// Local is the state of each enabled module on this node, for readiness pages
// and metrics; it asks nobody.
func (h *Host) Local() map[string]supervisor.Status {
	out := map[string]supervisor.Status{}
	for id, u := range *h.units.Load() {
		if s := u.sup.Load(); s != nil {
			out[id] = s.Status()
		} else if hold := u.hold.Load(); hold != nil {
			out[id] = hold.status()
		}
	}
	return out
}

// makeSockets makes the folder for sockets: others may pass through it (the
// plugin's uid must), nobody else may list or write it.
func (h *Host) makeSockets() (err error) {
	if h.sockets = h.c.Sockets; h.sockets == "" {
		h.sockets, err = os.MkdirTemp("", "sieci-m")
	} else {
		err = os.MkdirAll(h.sockets, 0o711)
	}
	if err == nil {
		err = os.Chmod(h.sockets, 0o711)
	}
	if err != nil {
		return fmt.Errorf("folder for sockets: %w", err)
	}
	return nil
}

func (h *Host) removeSockets() error {
	if h.c.Sockets != "" {
		return nil
	}
	return os.RemoveAll(h.sockets)
}
