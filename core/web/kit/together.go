package kit

import (
	"context"

	"ore.edu.pl/sieci/core/db"
)

// Together reads what does not depend on each other in as few round trips as
// the longest of the readers needs alone ([db.Together]). Each reader calls
// services with the context it is given, writes its own variables, and reads
// nothing of what the others write. It returns the first reader's error, so the
// one that decides whether the page may be seen comes first.
func (c *Ctx) Together(readers ...func(ctx context.Context) error) error {
	return c.s.Together(c.Context(), readers...)
}

// Together is [Ctx.Together] for the API.
func (s *Server) Together(ctx context.Context, readers ...func(ctx context.Context) error) error {
	if s.cfg.DB == nil {
		for _, read := range readers {
			if err := read(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	side := make([]func(context.Context, db.Q) error, len(readers))
	for i, read := range readers {
		side[i] = func(ctx context.Context, _ db.Q) error { return read(ctx) }
	}
	return db.Together(ctx, s.cfg.DB, side...)
}
