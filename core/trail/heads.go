package trail

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/fault"
)

// Heads is the file of chain heads, best kept where whoever can write to the
// database cannot: a line for each sealing, "number hash time". Safe for
// concurrent use within a process.
type Heads struct {
	path string
	mu   sync.Mutex
	// top is the newest link known to be in the file; 0 until it was looked at.
	top int64
}

// OpenHeads names the file; it is made at the first sealing.
func OpenHeads(path string) *Heads { return &Heads{path: path} }

const (
	// headsFull is the size at which old lines are thinned to one a day.
	headsFull = 4 << 20
	// headsFine is how long every line stays.
	headsFine = 7 * 24 * time.Hour
)

// Append adds a head and returns when it is on the disk. Unavailable when the
// file cannot be written.
func (h *Heads) Append(head audit.Head) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.append(head); err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", filepath.Dir(h.path))
	}
	h.top = max(h.top, head.Link)
	return nil
}

// Ensure is Append for a head that was perhaps written before: a server that
// ends between the sealing and the file leaves the line to the next run.
func (h *Heads) Ensure(head audit.Head) error {
	h.mu.Lock()
	known := head.Link <= h.top
	h.mu.Unlock()
	if known {
		return nil
	}
	all, err := h.Read()
	if err != nil {
		return err
	}
	if n := len(all); n > 0 && all[n-1].Link >= head.Link {
		h.mu.Lock()
		h.top = max(h.top, all[n-1].Link)
		h.mu.Unlock()
		return nil
	}
	return h.Append(head)
}

func (h *Heads) append(head audit.Head) error {
	if st, err := os.Stat(h.path); err == nil && st.Size() > headsFull {
		if err := h.thin(time.Now()); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(h.path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := cutTorn(f); err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.WriteString(line(head))
	return errors.Join(err, f.Sync(), f.Close())
}

// cutTorn takes away a last line that a crash left without its end: the next
// one would be written into it.
func cutTorn(f *os.File) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return err
	}
	tail := make([]byte, min(size, 4096)) // a line has some 90 bytes
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return err
	}
	if whole := bytes.LastIndexByte(tail, '\n') + 1; whole < len(tail) {
		return f.Truncate(size - int64(len(tail)-whole))
	}
	return nil
}

func line(h audit.Head) string {
	return fmt.Sprintf("%d %s %s\n", h.Link, hex.EncodeToString(h.Hash[:]), h.At.UTC().Format(time.RFC3339))
}

// Read returns the heads, the oldest first; none when there is no file yet.
// Invalid when a line is not one, but for the last, which a crash may have cut.
func (h *Heads) Read() ([]audit.Head, error) {
	raw, err := os.ReadFile(h.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", filepath.Dir(h.path))
	}
	var out []audit.Head
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for n := 1; lines.Scan(); n++ {
		head, ok := parse(lines.Text())
		if !ok {
			if lines.Scan() || bytes.HasSuffix(raw, []byte("\n")) {
				return nil, fault.New(fault.Invalid, "trail.heads", "File", h.path, "Line", n)
			}
			break
		}
		out = append(out, head)
	}
	slices.SortStableFunc(out, func(a, b audit.Head) int { return int(a.Link - b.Link) })
	return out, lines.Err()
}

func parse(s string) (h audit.Head, ok bool) {
	part := strings.Fields(s)
	if len(part) != 3 || len(part[1]) != 2*len(h.Hash) {
		return h, false
	}
	link, err := strconv.ParseInt(part[0], 10, 64)
	if err != nil || link <= 0 {
		return h, false
	}
	if _, err := hex.Decode(h.Hash[:], []byte(part[1])); err != nil {
		return h, false
	}
	h.Link = link
	h.At, err = time.Parse(time.RFC3339, part[2])
	return h, err == nil
}

// thin keeps the last line of each day that is over for long, and all others.
func (h *Heads) thin(now time.Time) error {
	all, err := h.Read()
	if err != nil {
		return err
	}
	var out strings.Builder
	for i, x := range all {
		last := i == len(all)-1 || all[i+1].At.UTC().YearDay() != x.At.UTC().YearDay()
		if last || now.Sub(x.At) < headsFine {
			out.WriteString(line(x))
		}
	}
	side := h.path + ".new"
	f, err := os.OpenFile(side, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(out.String())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(side, h.path)
}
