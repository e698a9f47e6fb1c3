package plugin

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// maxWhere bounds the centres that a module is enabled for by name; beyond that
// it is enabled everywhere.
const maxWhere = 200

// Where says under which centres networks and programmes of a module's types may
// be founded, by people and by the module itself. Those that stand go on.
type Where struct {
	Everywhere bool
	// Centres count when not everywhere; at least one.
	Centres []uuid.UUID
}

// check judges the places; those among now, which stood before, may have been
// closed since.
func (w *Where) check(ctx context.Context, q db.Q, now []uuid.UUID) error {
	if w.Everywhere {
		w.Centres = nil
		return nil
	}
	if len(w.Centres) == 0 {
		return fault.InvalidFields(fault.Field{Path: "centre", Key: "plugin.centre_missing"})
	}
	if len(w.Centres) > maxWhere {
		return fault.InvalidFields(fault.Field{Path: "centre", Key: "plugin.centre_many", Args: fault.Args{"Max": maxWhere}})
	}
	fresh := slices.DeleteFunc(slices.Clone(w.Centres), func(c uuid.UUID) bool { return slices.Contains(now, c) })
	n, err := notCentres(ctx, q, fresh)
	if err == nil && n > 0 {
		err = fault.InvalidFields(fault.Field{Path: "centre", Key: "plugin.no_centre"})
	}
	return err
}

// SetWhere changes for which centres a module is enabled. Needs module:enable.
// Errors: NotFound; Invalid on "centre".
func (h *Host) SetWhere(ctx context.Context, id string, w Where) error {
	return h.place(ctx, id, func([]uuid.UUID) Where { return w })
}

// Widen adds a centre to those for which a module is enabled; like [Host.SetWhere].
func (h *Host) Widen(ctx context.Context, id string, centre uuid.UUID) error {
	return h.place(ctx, id, func(list []uuid.UUID) Where { return Where{Centres: append(list, centre)} })
}

// Narrow is the opposite of [Host.Widen]; the last centre cannot be taken away.
func (h *Host) Narrow(ctx context.Context, id string, centre uuid.UUID) error {
	return h.place(ctx, id, func(list []uuid.UUID) Where {
		return Where{Centres: slices.DeleteFunc(list, func(c uuid.UUID) bool { return c == centre })}
	})
}

func (h *Host) place(ctx context.Context, id string, f func(now []uuid.UUID) Where) error {
	actor := access.From(ctx)
	if err := h.c.Access.Require(actor, PermEnable, access.Place{}); err != nil {
		return err
	}
	err := h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		at := h.c.Clock.Now()
		// Holds the module: two administrators act one after the other.
		ok, err := revise(ctx, tx, id, actor.Person, at)
		if err != nil {
			return err
		}
		if !ok {
			return fault.ErrNotFound
		}
		rows, err := readWhere(ctx, tx, id)
		if err != nil {
			return err
		}
		now := make([]uuid.UUID, len(rows))
		for i, r := range rows {
			now[i] = r.Centre
		}
		w := f(slices.Clone(now))
		if err := w.check(ctx, tx, now); err != nil {
			return err
		}
		if err := replaceWhere(ctx, tx, id, w, actor.Person, at); err != nil {
			return err
		}
		tx.AfterCommit(h.Kick)
		return h.noteAt(ctx, tx, uuid.Nil, audit.Event{Action: "module:place", ObjectKind: "module", ObjectID: id, Fields: []string{"everywhere", "centres"}, Value: digestOf(w.Centres)})
	})
	if err != nil {
		return err
	}
	return h.Load(ctx)
}

func digestOf(ids []uuid.UUID) (out []byte) {
	for _, id := range ids {
		out = append(out, id[:]...)
	}
	return out
}

// Centres lists the centres that may run networks, by name, at most 1,000: for
// who may enable modules. Errors: NotFound, Unauthenticated.
func (h *Host) Centres(ctx context.Context) ([]CentreOption, error) {
	if err := h.c.Access.Require(access.From(ctx), PermEnable, access.Place{}); err != nil {
		return nil, err
	}
	return readCentres(ctx, h.c.DB)
}
