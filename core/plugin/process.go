package plugin

// A module's process: where its bytes are, how they are started and supervised.

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/runner"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

func (h *Host) supervise(head headRow, row versionRow) *supervisor.Supervisor {
	c := supervisor.Config{
		ID: head.ID, Log: h.c.Log,
		Start: func(ctx context.Context) (*runner.Process, error) {
			b, err := h.locate(ctx, head, row)
			if err != nil {
				return nil, err
			}
			return h.start(ctx, b, h.sockets, func(line string) { h.diaryOf(head.ID).say(head.Version, line) })
		},
		Check: func(ctx context.Context, v *facade.V1) error {
			d, err := describe(ctx, v)
			if err == nil && !bytes.Equal(d, row.Description) {
				err = errors.New("it describes itself otherwise than when it was enabled")
			}
			return supervisor.Because(causeDescription, err)
		},
		Crashed: func(cause supervisor.Cause, reason string) {
			if !slices.Contains(notItsOwn, cause) {
				h.crashed(crash{head.ID, head.Version, cause, cut(mask(reason))})
			}
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
		b, err := h.stored(ctx, row.Manifest, row.Bundle.UUID)
		return b, supervisor.Because(causeOther, err)
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

// start starts a process of the bundle with its socket below dir; say, unless nil,
// gets what it writes.
func (h *Host) start(ctx context.Context, b *bundle.Bundle, dir string, say func(line string)) (*runner.Process, error) {
	x, err := b.Binary()
	if err != nil {
		return nil, supervisor.Because(causePlatform, err)
	}
	if err := h.permits(b.Manifest.Runtime); err != nil {
		return nil, supervisor.Because(causeRuntime, err)
	}
	c := runner.Config{
		ID: b.Manifest.ID, SHA256: x.SHA256, Dir: dir, Log: h.c.Log, Require: h.tier(b), Say: say, Runtime: b.Manifest.Runtime,
		Open: func() (io.ReadCloser, error) { return b.Open(x) },
	}
	if os.Getuid() == 0 {
		c.UID = cmp.Or(h.c.UID, h.uids.of(b.Manifest.ID))
	}
	proc, err := runner.Start(ctx, c)
	switch {
	case errors.Is(err, runner.ErrDigest):
		err = supervisor.Because(causeBinary, err)
	case errors.Is(err, runner.ErrRuntime):
		err = supervisor.Because(causeRuntime, err)
	case errors.Is(err, sandbox.ErrTier):
		err = supervisor.Because(causeSandbox, err)
	case errors.Is(err, runner.ErrHost):
		err = supervisor.Because(causeHost, err)
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
// distributions nor systemd give to anybody.
const firstUID, maxUIDs = 60720, 400

// ownUIDs gives each module a number of its own, which it keeps while this
// program runs and, but for rare neighbours, beyond. Safe for concurrent use.
type ownUIDs struct {
	mu    sync.Mutex
	taken map[int]string
}

func (o *ownUIDs) of(module string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.taken == nil {
		o.taken = map[int]string{}
	}
	f := fnv.New32a()
	_, _ = f.Write([]byte(module))
	n := int(f.Sum32() % maxUIDs)
	for range maxUIDs { // twice as many as there are modules in a catalogue
		if who, ok := o.taken[n]; !ok || who == module {
			break
		}
		n = (n + 1) % maxUIDs
	}
	o.taken[n] = module
	return firstUID + n
}
