package plugin

// Keys. A bundle is taken only when a key known here signed it. A key speaks for
// one namespace, the first half of a plugin's id, between two days and until it
// is revoked; a namespace belongs to whoever got its first key, a centre or ORE,
// for ever. The private half never comes here.

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"regexp"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// Permissions over keys: a centre's administrators see their own.
const (
	PermKeys      access.Permission = "module.key:list"
	PermKeyManage access.Permission = "module.key:manage"
)

// maxKeyYears is how long a key is valid at most: long enough for a module's
// life between two authors, short enough to be looked at again.
const maxKeyYears = 5

// platformNamespace is that of the modules delivered with the platform: ORE's,
// whether one was enabled or not.
const platformNamespace = "ore"

// dayForm is a day inside a sentence.
const dayForm = "2.01.2006"

var namespacePattern = regexp.MustCompile(`^[a-z][a-z0-9]{0,30}$`)

// Key is a public key that may sign bundles.
type Key struct {
	// ID is the beginning of its digest (see [bundle.KeyID]).
	ID        string `json:"id"`
	Namespace string `json:"namespace"`
	// Centre owns it; uuid.Nil for ORE. CentreName is for people.
	Centre     uuid.UUID `json:"centre,omitzero"`
	CentreName string    `json:"centreName,omitempty"`
	// Name says whose or what for, in the words of whoever added it.
	Name string `json:"name"`
	// From and To are the first and the last day of validity.
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	AddedAt time.Time `json:"addedAt"`
	// RevokedAt is nil for a key in force; Reason says why it was revoked.
	RevokedAt *time.Time `json:"revokedAt,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	// Running are the enabled modules whose running version it signed.
	Running []string `json:"running"`

	public ed25519.PublicKey
}

// KeyState says whether a key may sign now.
type KeyState string

// The states of a key.
const (
	KeyGood    KeyState = "good"
	KeyEarly   KeyState = "early"
	KeyExpired KeyState = "expired"
	KeyRevoked KeyState = "revoked"
)

// State is the key's state at a time.
func (k *Key) State(now time.Time) KeyState {
	y, m, d := now.In(clock.Warsaw).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	switch {
	case k.RevokedAt != nil:
		return KeyRevoked
	case day.Before(k.From):
		return KeyEarly
	case day.After(k.To):
		return KeyExpired
	}
	return KeyGood
}

// refuse is the sentence for a key that may not sign now; nil for one that may.
func (k *Key) refuse(now time.Time) error {
	switch k.State(now) {
	case KeyRevoked:
		return fault.New(fault.Invalid, "plugin.add.revoked", "Key", k.ID, "Reason", k.Reason)
	case KeyExpired:
		return fault.New(fault.Invalid, "plugin.add.expired", "Key", k.ID, "Day", k.To.Format(dayForm))
	case KeyEarly:
		return fault.New(fault.Invalid, "plugin.add.early", "Key", k.ID, "Day", k.From.Format(dayForm))
	}
	return nil
}

// KeyInput is a key to be added.
type KeyInput struct {
	// Public is the .pub file's text (PEM).
	Public    string
	Namespace string
	// Centre is uuid.Nil for a key of ORE.
	Centre uuid.UUID
	Name   string
	// From and To are days, both included; at most five years apart.
	From, To time.Time
}

// AddKey makes a public key known. Needs module.key:manage. Errors: NotFound;
// Invalid with fields; Conflict for a key that is known already.
func (h *Host) AddKey(ctx context.Context, in KeyInput) (string, error) {
	actor := access.From(ctx)
	if err := h.c.Access.Require(actor, PermKeyManage, access.Place{}); err != nil {
		return "", err
	}
	public, err := in.check()
	if err != nil {
		return "", err
	}
	id := bundle.KeyID(public)
	err = h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		owned, owner, err := namespaceOwner(ctx, tx, in.Namespace)
		if err != nil {
			return err
		}
		if in.Namespace == platformNamespace {
			owned, owner = true, uuid.Nil
		}
		if owned && owner != in.Centre {
			return fault.InvalidFields(fault.Field{Path: "namespace", Key: "plugin.key.namespace_taken", Args: fault.Args{"Namespace": in.Namespace}})
		}
		if in.Centre != uuid.Nil {
			if n, err := notCentres(ctx, tx, []uuid.UUID{in.Centre}); err != nil || n > 0 {
				return cmp.Or(err, fault.InvalidFields(fault.Field{Path: "centre", Key: "plugin.no_centre"}))
			}
		}
		if err := insertKey(ctx, tx, &in, id, public, actor.Person, h.c.Clock.Now()); err != nil {
			return err
		}
		return h.noteAt(ctx, tx, in.Centre, audit.Event{Action: "module.key:add", ObjectKind: "module_key", ObjectID: id,
			Fields: []string{"public_key", "namespace", "centre", "valid_from", "valid_to"}, Value: public})
	})
	return id, err
}

func (in *KeyInput) check() (ed25519.PublicKey, error) {
	var wrong fault.Fields
	public, err := bundle.ParsePublic([]byte(in.Public))
	if err != nil {
		wrong.Add("public", fault.As(err).Key)
	}
	if !namespacePattern.MatchString(in.Namespace) {
		wrong.Add("namespace", "plugin.key.namespace")
	}
	if n := len([]rune(in.Name)); n < 1 || n > 200 {
		wrong.Add("name", "plugin.key.name")
	}
	switch {
	case in.From.IsZero():
		wrong.Add("from", "plugin.key.day")
	case in.To.IsZero():
		wrong.Add("to", "plugin.key.day")
	case in.To.Before(in.From) || in.To.After(in.From.AddDate(maxKeyYears, 0, 0)):
		wrong.Add("to", "plugin.key.days", "Max", maxKeyYears)
	}
	return public, wrong.Err()
}

var (
	_ = db.Constraint("module_key_once", fault.Conflict, "public", "plugin.key.known")
	_ = db.Constraint("module_key_pkey", fault.Conflict, "public", "plugin.key.known")
	_ = db.Constraint("module_key_centre_id_fkey", fault.Invalid, "centre", "plugin.no_centre")
	_ = db.Constraint("module_centre_centre_id_fkey", fault.Invalid, "centre", "plugin.no_centre")
)

// RevokeKey ends a key's validity at once: nothing that it signed is taken or
// enabled any more. What runs goes on until an administrator switches it off;
// [Key.Running] names it. Needs module.key:manage. Errors: NotFound; Invalid
// without a reason; Conflict for a key that was revoked before.
func (h *Host) RevokeKey(ctx context.Context, id, reason string) error {
	actor := access.From(ctx)
	if err := h.c.Access.Require(actor, PermKeyManage, access.Place{}); err != nil {
		return err
	}
	if n := len([]rune(reason)); n < 3 || n > 500 {
		return fault.InvalidFields(fault.Field{Path: "reason", Key: "plugin.key.reason"})
	}
	return h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		k, err := readKey(ctx, tx, id)
		if err != nil {
			return err
		}
		if k == nil {
			return fault.ErrNotFound
		}
		ok, err := revokeKey(ctx, tx, id, reason, actor.Person, h.c.Clock.Now())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "plugin.key.revoked_before")
		}
		return h.noteAt(ctx, tx, k.Centre, audit.Event{Action: "module.key:revoke", ObjectKind: "module_key", ObjectID: id, Fields: []string{"revoked"}})
	})
}

// Keys lists the keys that the actor may see, by namespace, newest first, at
// most 500. Needs module.key:list somewhere. Errors: NotFound, Unauthenticated.
func (h *Host) Keys(ctx context.Context) ([]Key, error) {
	actor := access.From(ctx)
	reach := h.c.Access.Reach(actor, PermKeys)
	if !reach.All && len(reach.Centres) == 0 {
		return nil, h.c.Access.Require(actor, PermKeys, access.Place{})
	}
	return readKeys(ctx, h.c.DB, reach.All, reach.Centres)
}

// Now is the catalogue's time, against which days of keys are judged.
func (h *Host) Now() time.Time { return h.c.Clock.Now() }

// noteAt writes an event by the context's actor about something of a centre.
func (h *Host) noteAt(ctx context.Context, tx *db.Tx, centre uuid.UUID, e audit.Event) error {
	actor := access.From(ctx)
	e.Actor, e.System = actor.Person, actor.System
	if centre != uuid.Nil {
		e.ScopeKind, e.ScopeID = string(access.Centre), centre
	}
	return h.c.Audit.Write(ctx, tx, e)
}
