package registry

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// apply writes what an import staged, with its history and its account; one
// that changes nothing is done without beginning an epoch.
func (s *Service) apply(ctx context.Context, tx *db.Tx, i *Import, person uuid.UUID, system string) error {
	if err := lockRegisters(ctx, tx.SQL()); err != nil {
		return err
	}
	now, err := epoch(ctx, tx)
	if err != nil {
		return err
	}
	if now != i.base {
		return fault.New(fault.Conflict, "registry.import_stale")
	}
	i.epoch = 0
	if i.Changes() > 0 {
		i.epoch = now + 1
		if err := applyStaged(ctx, tx, i, s.today()); err != nil {
			return err
		}
	}
	if err := setDone(ctx, tx, i.ID, i.epoch, s.clock.Now()); err != nil {
		return err
	}
	return s.audit.Write(ctx, tx, audit.Event{Actor: person, System: system, Action: "registry:import", ObjectKind: i.Register, ObjectID: i.ID.String()})
}
