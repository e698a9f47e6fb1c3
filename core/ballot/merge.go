package ballot

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// Merge makes the rights to answer open ballots of one account those of another,
// in the caller's transaction. Answers are not touched: nobody can tell whose
// they are. Who has taken a code with either account takes no second one; where
// both took one, both count as given out, as they were.
func Merge(ctx context.Context, tx *db.Tx, from, to uuid.UUID, _ time.Time) error {
	return mergeVoter(ctx, tx, from, to)
}
