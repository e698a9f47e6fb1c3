// Package sandbox holds modules in: it starts a module's process through the
// launcher (package launch) with as many layers as the machine permits, says
// which were seen to be in force, refuses below a tier, and watches memory. It
// owns no table.
//
// What holds where:
//
//   - as root: all namespaces, a uid of its own, seccomp, Landlock: tier full;
//   - as an ordinary user on a kernel that lets users make namespaces (Debian's
//     does): the same, the uid being the host's but worth nothing outside;
//   - in a container or a service that may make none: seccomp and limits, and
//     foreign files are kept out by the own uid (as root) or Landlock: tier basic;
//   - without even Landlock, as an ordinary user: tier none, because the process
//     could then read what the host can.
//
// Networks, other programs, signals and connections to sockets are refused by
// seccomp in every tier; namespaces and Landlock refuse them once more. The
// memory ceiling is the host's: it reads the resident size ten times a second,
// because a Go program reserves far more addresses than it uses and no limit of
// the kernel counts what is used; between two looks RLIMIT_AS is the backstop.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"

	"ore.edu.pl/sieci/core/plugin/sandbox/launch"
)

// Tier names how far a process is held in; see the constants.
type Tier = launch.Tier

// The tiers; launch says what each takes.
const (
	None  = launch.None
	Basic = launch.Basic
	Full  = launch.Full
)

// Python is the runtime of modules in Python. What it weakens: the process may
// read the programs' libraries of the machine (/usr/lib), and the interpreter
// runs whatever text the module makes while it runs, where the bytes of a Go
// program were all hashed before its start. Everything else holds as it does for
// others.
const Python = launch.Python

// PythonPath is where the machine's interpreter lies.
const PythonPath = launch.PythonPath

// ErrTier means that the machine cannot hold the module in as far as required.
var ErrTier = errors.New("the sandbox is weaker than required")

// ErrProgram means that the system does not take the binary for a program.
var ErrProgram = errors.New("the binary is no program for this system")

// want are errors of a machine that lacks something, whatever it is to execute.
var want = []syscall.Errno{syscall.ENOMEM, syscall.EAGAIN, syscall.EMFILE, syscall.ENFILE, syscall.EIO}

// State is what was seen of a process's sandbox.
type State struct {
	layers launch.Layer
	// LandlockABI is the version of Landlock in force, 0 for none.
	LandlockABI int
}

// Tier is the highest of which all layers are in force.
func (s State) Tier() Tier { return s.layers.Tier() }

// Layers are the names of those in force; the catalogue of texts knows each.
func (s State) Layers() []string { return s.layers.Names() }

// Config of one launch.
type Config struct {
	// ID becomes the process's name.
	ID string
	// Dir is the process's own folder, absolute, for its socket.
	Dir string
	// UID to take as root; 0 or an ordinary host: the host's own.
	UID int
	// Ceiling of memory, in bytes.
	Ceiling int64
	// Require is the tier below which the module is not begun.
	Require Tier
	// Runtime is the interpreter that the module needs: "" or [Python]. The binary
	// is then a copy of the machine's interpreter, and Script the module's bytes.
	Runtime string
	Script  *os.File
}

// addresses is what a Go program reserves before it uses anything, in bytes; a
// backstop below that ends it at its start. Twice the ceiling comes on top, so
// that what ends there was above the ceiling for certain.
const addresses = 1280 << 20

// answer bounds the time from a start to the report: the host may be starved.
const answer = 10 * time.Second

// Launch is a process that is about to become a module.
type Launch struct {
	c      Config
	report *os.File // read here
	told   *os.File // written by the launcher
	cmd    *exec.Cmd
}

// Prepare makes cmd, whose environment and outputs are set, the launcher of the
// binary; the caller starts it and calls [Launch.Started]. On the first call it
// finds out which namespaces the machine permits, which takes a start or two.
func Prepare(ctx context.Context, cmd *exec.Cmd, binary *os.File, c Config) (*Launch, error) {
	p, err := permitted(ctx, c)
	if err != nil {
		return nil, err
	}
	return prepare(cmd, binary, c, p, false)
}

func prepare(cmd *exec.Cmd, binary *os.File, c Config, p plan, probe bool) (*Launch, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	uid := os.Getuid()
	if uid != 0 || c.UID == 0 {
		c.UID = uid
	}
	s := launch.Spec{ID: c.ID, Dir: c.Dir, UID: c.UID, AddressSpace: uint64(addresses + 2*c.Ceiling), Require: c.Require,
		Root: p.root, Probe: probe, Host: launch.OwnNamespaces(), HostUID: uid, Runtime: c.Runtime}
	// This program's own inode, even when its file was replaced since.
	cmd.Path, cmd.Args, cmd.Dir = "/proc/self/exe", s.Args(), "/"
	cmd.ExtraFiles = []*os.File{binary, w}
	if c.Runtime != "" {
		cmd.ExtraFiles = append(cmd.ExtraFiles, c.Script)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Cloneflags: p.flags}
	if p.flags&syscall.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		cmd.SysProcAttr.AmbientCaps = []uintptr{capSysAdmin} // to make its root; given up before the module begins
	}
	return &Launch{c: c, report: r, told: w, cmd: cmd}, nil
}

const capSysAdmin = 21

// Discard lets go of a launch that was never started.
func (l *Launch) Discard() { _, _ = l.told.Close(), l.report.Close() }

// Started is called once the process was started: it returns when the module
// has begun, with the layers seen to be in force; the watch is nil when it has
// ended already. Errors: [ErrTier]. The caller then ends the process.
func (l *Launch) Started() (State, *Watch, error) {
	defer l.report.Close()
	if err := l.told.Close(); err != nil {
		return State{}, nil, err
	}
	// Before it runs, so that its memory is watched from its first page.
	w, ended := NewWatch(l.cmd.Process.Pid, l.c.Ceiling)
	s, err := l.read()
	switch {
	case err != nil:
	case errors.Is(ended, os.ErrNotExist):
		return s, nil, nil // why it ended is in its log
	case ended != nil:
		err = ended
	default:
		err = w.confirm(&s, l.c)
	}
	if err != nil && ended == nil {
		w.Close()
		w = nil
	}
	return s, w, err
}

// read takes the launcher's report; the pipe closes when the module begins.
func (l *Launch) read() (State, error) {
	if err := l.report.SetReadDeadline(time.Now().Add(answer)); err != nil {
		return State{}, err
	}
	raw, err := io.ReadAll(io.LimitReader(l.report, 4096))
	if err != nil {
		return State{}, fmt.Errorf("the launcher does not report: %w", err)
	}
	r, ok := launch.ParseReport(string(raw))
	s := State{r.Layers, r.LandlockABI}
	switch {
	case !ok:
		return s, errors.New("the launcher ended without a report")
	case r.Failed == "execute" && !slices.Contains(want, r.Errno):
		return s, fmt.Errorf("%w: %w", ErrProgram, r.Errno)
	case r.Failed != "":
		return s, fmt.Errorf("the launcher failed at %q: %w", r.Failed, r.Errno)
	case r.Refused:
		return s, tooWeak(State{r.Layers | launch.Memory, r.LandlockABI}, l.c.Require)
	}
	return s, nil
}

func tooWeak(s State, want Tier) error {
	return fmt.Errorf("%w: this machine holds a module in to tier %q (%v), %q is required", ErrTier, s.Tier(), s.Layers(), want)
}

// plan is which namespaces a launch asks for.
type plan struct {
	flags uintptr
	root  bool
}

// plans are those to be tried, best first. Some machines let a process make
// namespaces but not mount in them; some permit none.
func plans(root bool) []plan {
	const some = syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS
	user := uintptr(0)
	if !root {
		user = syscall.CLONE_NEWUSER
	}
	return []plan{{some | syscall.CLONE_NEWNS | user, true}, {some | user, false}, {}}
}

// again is how long less than everything is believed to be all there is: what
// failed may have failed for want of memory.
const again = time.Minute

var found struct {
	sync.Mutex
	plan plan
	at   time.Time
	best bool
}

// permitted is the best plan that this machine permits.
func permitted(ctx context.Context, c Config) (plan, error) {
	found.Lock()
	defer found.Unlock()
	if !found.at.IsZero() && (found.best || time.Since(found.at) < again) {
		return found.plan, nil
	}
	var errs []error
	for i, p := range plans(os.Getuid() == 0) {
		_, err := probe(ctx, c, p)
		if err == nil {
			found.plan, found.at, found.best = p, time.Now(), i == 0
			return p, nil
		}
		if ctx.Err() != nil {
			return plan{}, ctx.Err()
		}
		errs = append(errs, err)
	}
	return plan{}, fmt.Errorf("no launch succeeds: %w", errors.Join(errs...))
}

// probe launches nothing, to see whether the plan works.
func probe(ctx context.Context, c Config, p plan) (State, error) {
	c.Require, c.Runtime = None, ""
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		return State{}, err
	}
	defer nothing.Close()
	cmd := exec.CommandContext(ctx, "")
	cmd.Err = nil // no name to look up
	l, err := prepare(cmd, nothing, c, p, true)
	if err != nil {
		return State{}, err
	}
	defer l.report.Close()
	err = cmd.Start()
	_ = l.told.Close()
	if err != nil {
		return State{}, err
	}
	s, err := l.read()
	return s, errors.Join(err, cmd.Wait())
}
