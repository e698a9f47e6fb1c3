package diary

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// voivodeshipOf is the TERYT code of an institution's voivodeship, "" when its
// place is not known.
func voivodeshipOf(ctx context.Context, q db.Q, institution uuid.UUID) (string, error) {
	var code string
	err := q.Get(ctx, &code, `SELECT coalesce(left(coalesce(powiat_code, gmina_code), 2), '') FROM institution WHERE id = $1`, institution)
	if db.IsNoRows(err) {
		return "", nil
	}
	return code, err
}
