package app

import (
	"path/filepath"
	"time"

	"ore.edu.pl/sieci/core/trail"
)

// wireTrail builds what seals the account of changes and lets it be read.
func (a *App) wireTrail() {
	heads := a.Config.AuditHeads
	if heads == "" {
		heads = filepath.Join(a.Config.Data, "audit-heads")
	}
	a.Trail = trail.New(trail.Config{DB: a.DB, Access: a.Access, Log: a.Audit, Heads: trail.OpenHeads(heads), Jobs: a.Jobs,
		Keep: time.Duration(max(a.Config.AuditYears, minAuditYears)) * 366 * 24 * time.Hour})
}
