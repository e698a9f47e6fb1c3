package record

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
)

// Declare keeps the record kinds of a module that is being enabled, in the
// transaction of enabling: their definitions, form revisions and columns. It
// may be repeated. Kinds that the module no longer declares stay readable.
// Invalid when a kind breaks the contract or changes a published form revision.
func (s *Service) Declare(ctx context.Context, tx *db.Tx, d *effect.Description) error {
	if err := lockKinds(ctx, tx, d.Module); err != nil {
		return err
	}
	for i := range d.RecordKinds {
		if err := s.declare(ctx, tx, d.Module, &d.RecordKinds[i]); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() { s.kinds.forget(d.Module) })
	return nil
}

func (s *Service) declare(ctx context.Context, tx *db.Tx, module string, k *effect.RecordKind) error {
	f, err := checkKind(k)
	if err != nil {
		return err
	}
	old := map[string]slot{}
	stored, err := findKind(ctx, tx, module, k.Name)
	switch {
	case db.IsNoRows(err):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(stored.Slots, &old); err != nil {
			return fmt.Errorf("record kind %s:%s: slots: %w", module, k.Name, err)
		}
	}
	next, emptied, err := assign(old, k.IndexFields)
	if err != nil {
		return err
	}
	definition, err := json.Marshal(k)
	if err != nil {
		return err
	}
	columns, err := json.Marshal(next)
	if err != nil {
		return err
	}
	for _, c := range emptied {
		if _, err := tx.Exec(ctx, wipe[c], module, k.Name); err != nil {
			return err
		}
	}
	if err := putKind(ctx, tx, kindRow{Module: module, Name: k.Name, Definition: definition, Slots: columns}, s.clock.Now()); err != nil {
		return err
	}
	document := f.Canonical()
	sum := sha256.Sum256(document)
	had, err := putForm(ctx, tx, module, k.Name, k.Form.Revision, sum[:], string(document))
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(had, sum[:]) != 1 {
		return fault.New(fault.Invalid, "record.form_changed", "Kind", k.Name, "Rev", k.Form.Revision)
	}
	return nil
}

// checkKind holds a kind against the contract.
func checkKind(k *effect.RecordKind) (*form.Form, error) {
	bad := func(why string) error {
		return fault.Wrap(fmt.Errorf("kind %q: %s", k.Name, why), fault.Invalid, "record.bad_kind", "Kind", k.Name)
	}
	if !effect.ValidName(k.Name) || len(k.Scopes) == 0 || len(k.IndexFields) > maxFields || len(k.UniqueKeys) > 3 || len(k.Columns) > 8 {
		return nil, bad("name, scopes or counts")
	}
	names := map[string]bool{}
	for _, f := range k.IndexFields {
		if !effect.ValidName(f.Name) || names[f.Name] || columnsFor(f.Type) == nil {
			return nil, bad("index field " + f.Name)
		}
		names[f.Name] = true
	}
	for _, key := range k.UniqueKeys {
		if len(key) == 0 {
			return nil, bad("empty unique key")
		}
		for _, f := range key {
			if !names[f] {
				return nil, bad("unique key of " + f)
			}
		}
	}
	f, err := form.Decode(k.Form.JSON)
	if err != nil {
		return nil, err
	}
	for _, c := range k.Columns {
		if f.ItemAt(c) == nil {
			return nil, bad("column " + c)
		}
	}
	return f, nil
}

// kindCache remembers kinds for a short while: the columns of a kind change
// only when another version of its module is enabled.
type kindCache struct {
	mu   sync.Mutex
	list map[string]cachedKind
}

type cachedKind struct {
	kind *kind
	at   time.Time
}

// kindMemory is how long another node's enabling may go unnoticed; a field that
// the remembered kind lacks is looked up at once.
const kindMemory = 20 * time.Second

func (c *kindCache) get(key string) *kind {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.list[key]; ok && time.Since(k.at) < kindMemory {
		return k.kind
	}
	return nil
}

func (c *kindCache) put(key string, k *kind) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list == nil {
		c.list = map[string]cachedKind{}
	}
	c.list[key] = cachedKind{k, time.Now()}
}

func (c *kindCache) forget(module string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, k := range c.list {
		if k.kind.module == module {
			delete(c.list, key)
		}
	}
}

// kind finds a kind; names are fields that it must have, so that a remembered
// kind of before an upgrade is not taken for the new one.
func (s *Service) kind(ctx context.Context, q db.Q, module, name string, names ...string) (*kind, error) {
	key := effect.Qualify(module, name)
	if k := s.kinds.get(key); k != nil && k.has(names) {
		return k, nil
	}
	r, err := findKind(ctx, q, module, name)
	if err != nil {
		return nil, db.NotFound(err)
	}
	k, err := r.kind()
	if err != nil {
		return nil, err
	}
	s.kinds.put(key, k)
	return k, nil
}

func (r *kindRow) kind() (*kind, error) {
	k := &kind{module: r.Module, slots: map[string]slot{}}
	if err := json.Unmarshal(r.Definition, &k.RecordKind); err != nil {
		return nil, fmt.Errorf("record kind %s:%s: %w", r.Module, r.Name, err)
	}
	if err := json.Unmarshal(r.Slots, &k.slots); err != nil {
		return nil, fmt.Errorf("record kind %s:%s: %w", r.Module, r.Name, err)
	}
	return k, nil
}

func (k *kind) has(names []string) bool {
	for _, n := range names {
		if n == "" || n[0] == '@' {
			continue
		}
		if _, ok := k.field(n); !ok {
			return false
		}
	}
	return true
}

// form finds a revision of a kind's form. Revisions never change, so they are
// kept in memory for good; there are as many as modules have published.
func (s *Service) form(ctx context.Context, q db.Q, module, kind string, rev int) (*form.Form, error) {
	key := formKey{module, kind, rev}
	if f, ok := s.forms.Load(key); ok {
		return f.(*form.Form), nil
	}
	document, err := findForm(ctx, q, module, kind, rev)
	if err != nil {
		return nil, db.NotFound(err)
	}
	return s.learnedForm(module, kind, rev, document)
}

type formKey struct {
	module, kind string
	rev          int
}
