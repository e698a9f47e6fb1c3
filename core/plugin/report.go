package plugin

// What a node says of its processes, for administrators and other nodes.

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// seenEvery is how often a node repeats what it says, so that others see that
// it lives.
const seenEvery = 20 * time.Second

// report writes what this node's processes are; the caller holds h.mu.
func (h *Host) report(ctx context.Context) error {
	if !h.dirty.Swap(false) && time.Since(h.lastPut) < seenEvery {
		return nil
	}
	h.lastPut = time.Now()
	for id, u := range *h.units.Load() {
		row := processRow{Node: h.c.Node, Module: id, Version: u.Info().Version, State: string(supervisor.Stopped), Since: time.Now(), Layers: []string{}}
		if s := u.sup.Load(); s != nil {
			st := s.Status()
			row.State, row.Cause, row.Reason, row.PID, row.Starts, row.Since = string(st.State), string(st.Cause), cut(mask(st.Reason)), st.PID, st.Starts, st.Since
			if row.Layers = st.Sandbox.Layers(); st.PID != 0 {
				row.Tier, row.Landlock, row.Memory = string(st.Sandbox.Tier()), st.Sandbox.LandlockABI, s.Memory()
			}
		}
		if hold := u.hold.Load(); hold != nil && u.want.head.Enabled {
			st := hold.status()
			row.State, row.Cause, row.Reason, row.Since = string(st.State), string(st.Cause), cut(mask(st.Reason)), st.Since
		}
		if u.next != nil {
			st := u.next.sup.Status()
			row.NextVersion, row.NextState, row.NextCause, row.NextReason = u.want.head.Version, string(st.State), string(st.Cause), cut(mask(st.Reason))
		}
		if f := u.failure.Load(); f != nil {
			row.FailedAt, row.FailureCause, row.FailureCall, row.Failure = sql.NullTime{Time: f.At, Valid: true}, string(f.Cause), f.Call, cut(mask(f.Text))
		}
		calls, median, slowest := h.diaryOf(id).times()
		row.Calls, row.TookMedian, row.TookSlowest = calls, median.Microseconds(), slowest.Microseconds()
		if err := putProcess(ctx, h.c.DB, &row); err != nil {
			h.dirty.Store(true)
			return fmt.Errorf("report of module %s: %w", id, err)
		}
	}
	return nil
}

// cut bounds what a reason takes in the table and on a page.
func cut(s string) string {
	if r := []rune(s); len(r) > 1000 {
		return string(r[:1000]) + "…"
	}
	return s
}
