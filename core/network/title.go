package network

import (
	"context"

	"github.com/google/uuid"
)

// Titles names networks; unknown ones are left out. No permission is asked: it
// is for rooms that write to people about networks which those already know.
// At most 1,000 ids.
func (s *Service) Titles(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := titlesOf(ctx, s.db, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Title
	}
	return out, nil
}
