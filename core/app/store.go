package app

import (
	"context"

	"ore.edu.pl/sieci/core/db"
)

func readOffset(ctx context.Context, q db.Q) (us int64, err error) {
	err = q.Get(ctx, &us, `SELECT offset_us FROM clock_setting`)
	return us, err
}

func writeOffset(ctx context.Context, q db.Q, us int64) error {
	_, err := q.Exec(ctx, `UPDATE clock_setting SET offset_us = $1, changed_at = now()`, us)
	return err
}
