package plugin

// What a module's processes on this node say and how long its calls take, until
// the node writes it down for administrators and for those who make the module.

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

const (
	// heldLines wait at most until they are written down; of more, the oldest are
	// lost, and the log says how many.
	heldLines = 300
	// keptLines of a module are in the table.
	keptLines = 1000
	// timedCalls are those of which the usual time is told.
	timedCalls = 512
	// logPage is how many lines a page has.
	logPage = 100
)

// LogLine is a line that a module's process wrote, escaped and with personal data
// masked.
type LogLine struct {
	ID      int64     `db:"id"`
	Node    string    `db:"node"`
	Version string    `db:"version"`
	At      time.Time `db:"at"` // real time
	Line    string    `db:"line"`
}

// diary is of one module on this node. Safe for concurrent use.
type diary struct {
	mu    sync.Mutex
	lines []LogLine
	lost  int
	calls int64
	took  []time.Duration // of the last calls, in no order; next is overwritten next
	next  int
}

// say keeps a line of a process.
func (d *diary) say(version, line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.lines) == heldLines {
		d.lines = slices.Delete(d.lines, 0, 1)
		d.lost++
	}
	d.lines = append(d.lines, LogLine{Version: version, At: time.Now(), Line: cut(mask(line))})
}

// read returns what waits to be written down, and forgets it.
func (d *diary) read() []LogLine {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.lines
	if d.lost > 0 && len(out) > 0 {
		out = slices.Insert(out, 0, LogLine{Version: out[0].Version, At: out[0].At, Line: fmt.Sprintf("[lines lost: %d]", d.lost)})
	}
	d.lines, d.lost = nil, 0
	return out
}

// back takes lines back that could not be written down.
func (d *diary) back(lines []LogLine) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(lines, d.lines...)
	if over := len(d.lines) - heldLines; over > 0 {
		d.lines, d.lost = slices.Delete(d.lines, 0, over), d.lost+over
	}
}

// call counts a call and how long it took.
func (d *diary) call(took time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	if len(d.took) < timedCalls {
		d.took = append(d.took, took)
		return
	}
	d.took[d.next] = took
	d.next = (d.next + 1) % timedCalls
}

// times are how many calls there were, and of the last ones the time below which
// half of them, and nineteen of twenty, ended.
func (d *diary) times() (calls int64, median, slowest time.Duration) {
	d.mu.Lock()
	list := slices.Clone(d.took)
	calls = d.calls
	d.mu.Unlock()
	if len(list) == 0 {
		return calls, 0, 0
	}
	slices.Sort(list)
	return calls, list[len(list)/2], list[len(list)*19/20]
}

// diaryOf is the module's, made at its first use.
func (h *Host) diaryOf(module string) *diary {
	d, ok := h.diaries.Load(module)
	if !ok {
		d, _ = h.diaries.LoadOrStore(module, &diary{})
	}
	return d.(*diary)
}

// writeLogs writes down what the processes said since the last time.
func (h *Host) writeLogs(ctx context.Context) error {
	for id := range *h.units.Load() {
		d := h.diaryOf(id)
		lines := d.read()
		if len(lines) == 0 {
			continue
		}
		if err := putLog(ctx, h.c.DB, id, h.c.Node, lines); err != nil {
			d.back(lines)
			return fmt.Errorf("log of module %s: %w", id, err)
		}
	}
	return nil
}

// Log reads what a module's processes on all nodes wrote lately, newest first:
// the page before the line whose id is given, or the newest for 0; next is where
// the following one begins, 0 at the end. Personal data are masked. A centre's
// administrators read that of their own modules. Needs module:list somewhere;
// NotFound for a module out of reach.
func (h *Host) Log(ctx context.Context, module string, before int64) (lines []LogLine, next int64, err error) {
	reach := h.c.Access.Reach(access.From(ctx), PermList)
	if !reach.All && len(reach.Centres) == 0 {
		return nil, 0, h.c.Access.Require(access.From(ctx), PermList, access.Place{})
	}
	var known bool
	err = db.Together(ctx, h.c.DB,
		func(ctx context.Context, q db.Q) (err error) {
			known, err = moduleWithin(ctx, q, module, reach.All, reach.Centres)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			lines, err = readLog(ctx, q, module, before, logPage+1)
			return err
		})
	if err != nil {
		return nil, 0, err
	}
	if !known {
		return nil, 0, fault.ErrNotFound
	}
	if len(lines) > logPage {
		lines = lines[:logPage]
		next = lines[logPage-1].ID
	}
	return lines, next, nil
}
