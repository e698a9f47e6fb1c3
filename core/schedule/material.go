package schedule

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
)

// FileKind is the kind of object that materials of meetings are attached to.
const FileKind = "meeting"

// MaxFiles bounds the materials of a meeting.
const MaxFiles = 30

// fileGuard lets whoever sees the meeting download its materials.
func (s *Service) fileGuard(ctx context.Context, a *access.Actor, f file.File) error {
	_, err := s.enter(ctx, a, f.ObjectID.UUID, PermView)
	return err
}

// AddFiles attaches uploads of the actor to a meeting as its materials, also
// after it was closed. Needs meeting:manage. Errors: NotFound; Invalid without a
// file; Conflict above [MaxFiles], for a cancelled meeting and in a network that
// is over.
func (s *Service) AddFiles(ctx context.Context, a *access.Actor, id uuid.UUID, files []uuid.UUID) error {
	if len(files) == 0 {
		return fault.InvalidFields(fault.Field{Path: "file", Key: "schedule.file_missing"})
	}
	return s.changeFiles(ctx, a, id, "meeting.file:add", files, func(ctx context.Context, tx *db.Tx, there []file.File) error {
		if len(there)+len(files) > MaxFiles {
			return conflict("schedule.files_many", "Max", MaxFiles)
		}
		return s.files.Attach(ctx, tx, a, files, file.Object{Kind: FileKind, ID: id})
	})
}

// DropFile takes a material off. Needs meeting:manage. NotFound when it is gone.
func (s *Service) DropFile(ctx context.Context, a *access.Actor, id, drop uuid.UUID) error {
	return s.changeFiles(ctx, a, id, "meeting.file:drop", drop, func(ctx context.Context, tx *db.Tx, there []file.File) error {
		var keep []uuid.UUID
		for _, f := range there {
			if f.ID != drop {
				keep = append(keep, f.ID)
			}
		}
		if len(keep) == len(there) {
			return fault.ErrNotFound
		}
		return s.files.Detach(ctx, tx, FileKind, id, keep)
	})
}

func (s *Service) changeFiles(ctx context.Context, a *access.Actor, id uuid.UUID, action string, in any, change func(ctx context.Context, tx *db.Tx, there []file.File) error) error {
	if _, err := s.enter(ctx, a, id, PermManage); err != nil {
		return err
	}
	return s.once(ctx, a, action, []any{id, in}, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if m.State == Cancelled {
			return errClosed
		}
		there, err := s.files.Of(ctx, tx, FileKind, id)
		if err != nil {
			return err
		}
		if err := change(ctx, tx, there[id]); err != nil {
			return err
		}
		return s.note(ctx, tx, a, m, action)
	})
}
