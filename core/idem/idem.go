// Package idem makes a repeated submission harmless: a form or an API call
// carries a key, and the change made under it happens once. The key is claimed
// by an INSERT in the transaction of the change, so a second submit of the same
// key waits for the first to end; when the first committed, the second gets the
// stored result instead of changing anything; when it rolled back, the second
// goes ahead.
//
// The web and the API put the key into the context ([With]); a service wraps
// the change with [Do], inside its transaction:
//
//	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
//		id, err = idem.Do(ctx, tx, actor.Person, "network:found", in, func() (uuid.UUID, error) {
//			return s.found(ctx, tx, in)
//		})
//		return err
//	})
//
// Without a key in the context Do just runs the change: a service works the
// same from the command line and from jobs.
//
// It owns the table idempotency_key; only this package writes it.
package idem

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Keep is how long keys are remembered; afterwards a repeat counts as new.
const Keep = 48 * time.Hour

// The length of a key, as the table checks it.
const (
	MinKey = 8
	MaxKey = 64
)

type (
	ctxKey     struct{}
	formKey    struct{}
	perFormKey struct{}
)

// NewKey returns a random key (130 bits) for a form that is being rendered.
func NewKey() string { return rand.Text() }

// Valid reports whether key may be used: 8 to 64 printable ASCII characters
// without spaces.
func Valid(key string) bool {
	if len(key) < MinKey || len(key) > MaxKey {
		return false
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return true
}

// With returns a context whose changes are made under key; an empty or unfit
// key leaves ctx as it is.
func With(ctx context.Context, key string) context.Context {
	if !Valid(key) {
		return ctx
	}
	return context.WithValue(ctx, ctxKey{}, key)
}

// WithForm is [With] for a form of a page: form is the key that was printed with
// it, content a digest of what was sent, so that a form corrected after "back"
// is a new submission, not a repeat. See [OncePerForm].
func WithForm(ctx context.Context, form, content string) context.Context {
	ctx = With(ctx, form+"."+content)
	if Key(ctx) == "" {
		return ctx
	}
	return context.WithValue(ctx, formKey{}, form+".")
}

// OncePerForm returns a context in which [Do] refuses (Conflict "idem.again") a
// form that led to the same act before with other content: somebody went back,
// changed a word and sent once more what others can read already. The page then
// shows what was typed in a fresh form, and sending that one means it. For acts
// that publish something new; a form that changes what is there may be corrected
// and sent any number of times. Two such forms sent in the same instant both act.
func OncePerForm(ctx context.Context) context.Context {
	return context.WithValue(ctx, perFormKey{}, true)
}

// onceOf is the beginning that keys of the same form share, where it counts.
func onceOf(ctx context.Context) string {
	if ctx.Value(perFormKey{}) == nil {
		return ""
	}
	form, _ := ctx.Value(formKey{}).(string)
	return form
}

// Key is the key under which ctx makes changes, or "".
func Key(ctx context.Context) string {
	key, _ := ctx.Value(ctxKey{}).(string)
	return key
}

// Do runs change once for the key in ctx and gives every repeat the result of
// the first. person is who acts (uuid.Nil for a guest: the key alone then
// tells submissions apart), operation the name of the act, input everything
// that was asked for: the same key with another operation or input is refused
// with a Conflict fault. Both input and the result must survive JSON. A key
// that should cover several operations of one request is not possible: one
// request, one Do.
//
// Lock order: the key is claimed before change locks anything, so call Do
// first in the transaction. change uses tx alone: repeats wait for it, each on
// a connection of the pool.
func Do[R any](ctx context.Context, tx *db.Tx, person uuid.UUID, operation string, input any, change func() (R, error)) (R, error) {
	var result R
	key := Key(ctx)
	if key == "" {
		return change()
	}
	print, err := fingerprint(operation, input)
	if err != nil {
		return result, err
	}
	var known []byte
	if reflect.TypeFor[R]().Size() == 0 { // nothing but that it was done
		if known, err = json.Marshal(result); err != nil {
			return result, fmt.Errorf("idem: result of %s: %w", operation, err)
		}
	}
	fresh, err := claim(ctx, tx, person, key, operation, print, known)
	if err != nil {
		return result, err
	}
	if !fresh {
		seen, err := recall(ctx, tx, person, key, operation, print, &result)
		if err == nil && !seen {
			err = fault.New(fault.Conflict, "fault.conflict") // swept between the two statements
			if onceOf(ctx) != "" {
				err = fault.New(fault.Conflict, "idem.again")
			}
		}
		return result, err
	}
	if result, err = change(); err != nil || known != nil {
		return result, err
	}
	return result, finish(tx, person, key, result)
}

// Seen looks whether the key in ctx was used already, without claiming it: a
// service asks before costly work that precedes its transaction (a module's
// decision). It does not replace [Do]: two submissions may pass Seen at once.
func Seen[R any](ctx context.Context, q db.Q, person uuid.UUID, operation string, input any) (result R, seen bool, err error) {
	key := Key(ctx)
	if key == "" {
		return result, false, nil
	}
	print, err := fingerprint(operation, input)
	if err != nil {
		return result, false, err
	}
	seen, err = recall(ctx, q, person, key, operation, print, &result)
	return result, seen, err
}

// Sweep forgets keys older than [Keep], at most 10,000 a call; it returns how
// many went.
func Sweep(ctx context.Context, q db.Q) (int64, error) {
	return sweep(ctx, q, time.Now().Add(-Keep))
}

func fingerprint(operation string, input any) ([]byte, error) {
	raw, err := json.Marshal(input) // maps are sorted: equal inputs give equal bytes
	if err != nil {
		return nil, fmt.Errorf("idem: input of %s: %w", operation, err)
	}
	h := sha256.New()
	h.Write([]byte(operation))
	h.Write([]byte{0})
	h.Write(raw)
	return h.Sum(nil), nil
}

func recall(ctx context.Context, q db.Q, person uuid.UUID, key, operation string, print []byte, result any) (bool, error) {
	row, err := find(ctx, q, person, key)
	if db.IsNoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if row.Operation != operation || subtle.ConstantTimeCompare(row.Fingerprint, print) != 1 {
		return false, fault.New(fault.Conflict, "idem.reused")
	}
	if err := json.Unmarshal(row.Result, result); err != nil {
		return false, fmt.Errorf("idem: result of %s: %w", operation, err)
	}
	return true, nil
}
