package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"ore.edu.pl/sieci/core/plugin/sandbox/launch"
)

// look is the pause between two looks at a process's memory: a program can
// touch some 200 MiB in it, which the backstop of addresses bounds.
const look = 100 * time.Millisecond

// Watch looks at one process through its file in /proc, which stays that
// process's when the number is given to another. Safe for concurrent use.
type Watch struct {
	status  *os.File
	ceiling int64

	mu     sync.Mutex
	closed bool
	stop   chan struct{}
}

// NewWatch opens the process's file; [Watch.Run] watches.
func NewWatch(pid int, ceiling int64) (*Watch, error) {
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return nil, fmt.Errorf("watch memory: %w", err)
	}
	return &Watch{status: f, ceiling: ceiling, stop: make(chan struct{})}, nil
}

// Used is what the process takes now, in bytes: resident and swapped out; 0 when
// it has ended.
func (w *Watch) Used() int64 {
	s, err := w.read()
	if err != nil {
		return 0
	}
	return s.memory
}

// Run looks until the watch is closed or the process ended, and calls over once,
// with what is used, when that is above the ceiling.
func (w *Watch) Run(over func(used int64)) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		s, err := w.read()
		if err != nil {
			return
		}
		if s.memory > w.ceiling {
			over(s.memory)
			return
		}
		select {
		case <-tick.C:
		case <-w.stop:
			return
		}
	}
}

// Close ends [Watch.Run]; again it does nothing.
func (w *Watch) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.stop)
		_ = w.status.Close()
	}
}

// seen is what the file says of a process.
type seen struct {
	memory              int64
	uids                []string
	filtered, noNew     bool
	capable, readMemory bool
}

var errEnded = errors.New("the process has ended")

func (w *Watch) read() (seen, error) {
	raw := make([]byte, 8192)
	n, err := w.status.ReadAt(raw, 0)
	if n == 0 { // a process that was waited for has no file left
		return seen{}, errors.Join(errEnded, err)
	}
	var s seen
	lines := bufio.NewScanner(bytes.NewReader(raw[:n]))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimSpace(value)
		switch name {
		case "State":
			if strings.HasPrefix(value, "Z") || strings.HasPrefix(value, "X") {
				return seen{}, errEnded
			}
		case "VmRSS", "VmSwap":
			kb, err := strconv.ParseInt(strings.TrimSuffix(value, " kB"), 10, 64)
			if err == nil {
				s.memory += kb << 10
				s.readMemory = true
			}
		case "Uid":
			s.uids = strings.Fields(value)
		case "Seccomp":
			s.filtered = value == "2"
		case "NoNewPrivs":
			s.noNew = value == "1"
		case "CapInh", "CapPrm", "CapEff", "CapAmb":
			s.capable = s.capable || strings.Trim(value, "0") != ""
		}
	}
	return s, lines.Err()
}

// confirm looks at the module from outside, now that it runs: what does not
// hold after all is taken from the state, and what remains must do.
func (w *Watch) confirm(s *State, c Config) error {
	got, err := w.read()
	if errors.Is(err, errEnded) {
		return nil // it says why in its log, not here
	}
	if err != nil {
		return err
	}
	if !got.filtered {
		s.layers &^= launch.Seccomp
	}
	if !got.noNew || got.capable {
		s.layers &^= launch.Privileges
	}
	if got.readMemory {
		s.layers |= launch.Memory
	}
	for _, uid := range got.uids {
		if uid == strconv.Itoa(os.Getuid()) {
			s.layers &^= launch.User
		}
	}
	if !s.Tier().Meets(c.Require) {
		return tooWeak(*s, c.Require)
	}
	return nil
}
