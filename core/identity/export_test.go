package identity

import (
	"context"

	"github.com/google/uuid"
)

// StepForTest does what is due for a list, as its job does.
func (s *Service) StepForTest(ctx context.Context, id uuid.UUID) error {
	return s.importStep(ctx, id, false)
}

// WriteForTest writes a confirmed list.
func (s *Service) WriteForTest(ctx context.Context, id uuid.UUID, seen func(done, total int)) error {
	return s.writeImport(ctx, id, seen)
}
