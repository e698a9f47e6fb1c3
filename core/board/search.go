package board

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/search"
)

// follow brings the search up to date after an act: acts on one post that leave
// its thread alone touch that post, those that may hide, retitle or share the
// thread all of its posts.
func (s *Service) follow(ctx context.Context, tx *db.Tx, action, kind string, object uuid.UUID, fields []string) error {
	if s.search == nil {
		return nil
	}
	var ids []uuid.UUID
	var err error
	switch action {
	case "board:reply", "board:add":
		ids = []uuid.UUID{object}
	case "board:edit":
		if ids = []uuid.UUID{object}; slices.Contains(fields, "title") {
			ids, err = postsWith(ctx, tx, uuid.Nil, object)
		}
	case "board:start", "board:share", "board:hide", "board:lift", "board:judge", "board:delete":
		if kind == "board_thread" {
			ids, err = postsWith(ctx, tx, object, uuid.Nil)
		} else {
			ids, err = postsWith(ctx, tx, uuid.Nil, object)
		}
	}
	if err != nil {
		return err
	}
	return s.search.Changed(ctx, tx, search.Posts, ids...)
}
