package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	goplugin "github.com/hashicorp/go-plugin/runner"
	"ore.edu.pl/sieci/core/plugin/sandbox"
)

// ErrMemory means that the process was killed because it took more memory than
// it may.
var ErrMemory = errors.New("it took more memory than it may")

// child is the process as go-plugin sees it.
type child struct {
	id     string
	cmd    *exec.Cmd
	launch *sandbox.Launch
	binary *os.File
	dir    string // the only folder in which a socket may lie
	stdout *os.File
	outW   *os.File
	errW   *os.File
	log    *logPipe

	pid    atomic.Int64 // 0 before the start and when the group is gone for good
	exited chan struct{}
	err    error // valid after exited
	once   sync.Once

	state sandbox.State                 // valid after Start
	watch atomic.Pointer[sandbox.Watch] // nil until the module has begun
	begun atomic.Bool                   // the launcher has become the module
	above atomic.Int64                  // memory for which it was killed, 0 for none

	ceiling int64
}

var _ goplugin.Runner = (*child)(nil)

// newChild prepares the process; c.Start starts it.
func newChild(ctx context.Context, cmd *exec.Cmd, binary *os.File, in sandbox.Config, log *logPipe) (*child, error) {
	if os.Getuid() == 0 && in.UID != 0 {
		if err := os.Chown(in.Dir, in.UID, in.UID); err != nil {
			return nil, fmt.Errorf("give the plugin its folder: %w", err)
		}
	}
	launch, err := sandbox.Prepare(ctx, cmd, binary, in)
	if err != nil {
		return nil, err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		launch.Discard()
		return nil, err
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		launch.Discard()
		return nil, errors.Join(err, outR.Close(), outW.Close())
	}
	log.from(errR)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, outW, errW
	return &child{id: in.ID, cmd: cmd, launch: launch, ceiling: in.Ceiling, binary: binary, dir: in.Dir, stdout: outR, outW: outW, errW: errW, log: log,
		exited: make(chan struct{})}, nil
}

// Start starts the process on a thread that lives as long as it: the kernel
// sends Pdeathsig when the starting thread ends, not when the process does. It
// returns when the launcher has become the module.
func (c *child) Start(context.Context) error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		closed := errors.Join(c.outW.Close(), c.errW.Close(), c.binary.Close())
		if err == nil && closed != nil {
			err = errors.Join(closed, c.cmd.Process.Kill())
		}
		if err != nil {
			c.launch.Discard()
			c.err = err
			started <- err
			close(c.exited)
			return
		}
		c.pid.Store(int64(c.cmd.Process.Pid))
		go func() { started <- c.hold() }()
		err = c.cmd.Wait()
		c.killGroup() // what it left behind must not hold its pipes
		c.pid.Store(0)
		if n := max(c.above.Load(), c.peak()); n > c.ceiling {
			err = fmt.Errorf("%w: %d MiB", ErrMemory, n>>20)
		}
		c.err = err
		close(c.exited)
	}()
	if err := <-started; err != nil {
		c.killGroup()
		return errors.Join(fmt.Errorf("start the plugin: %w", err), c.stdout.Close())
	}
	return nil
}

// peak is the most memory that the ended process took, in bytes: one that ran
// into the backstop between two looks died of memory as well.
func (c *child) peak() int64 {
	if launcherIsLarge {
		return 0
	}
	if u, ok := c.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}

// hold waits until the module has begun, in its sandbox, and watches it then.
func (c *child) hold() error {
	state, w, err := c.launch.Started()
	if err != nil {
		return err
	}
	c.state = state
	c.begun.Store(true)
	if w == nil {
		return nil
	}
	c.watch.Store(w)
	go func() {
		defer w.Close()
		w.Run(func(used int64) {
			c.above.Store(used)
			c.killGroup()
		})
	}()
	return nil
}

// Wait returns when the process has ended.
func (c *child) Wait(ctx context.Context) error {
	select {
	case <-c.exited:
		return c.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Kill kills the process and everything in its group.
func (c *child) Kill(context.Context) error {
	c.killGroup()
	return nil
}

func (c *child) killGroup() {
	if pid := c.pid.Load(); pid != 0 {
		// ESRCH: the group is gone, which is what was wanted.
		_ = syscall.Kill(-int(pid), syscall.SIGKILL)
	}
}

// shut takes its folder from the process, which serves by now: it makes no
// files there, of which it could make millions, and no other socket in place of
// the one that the host looked at. (Changed modes are refused to it.)
func (c *child) shut() error {
	if os.Getuid() == 0 {
		return errors.Join(os.Chown(c.dir, 0, 0), os.Chmod(c.dir, 0o711))
	}
	return os.Chmod(c.dir, 0o500)
}

// close removes what the process leaves: pipes and its folder.
func (c *child) close() {
	c.once.Do(func() {
		_ = c.stdout.Close()
		if w := c.watch.Load(); w != nil {
			w.Close()
		}
		_ = os.Chmod(c.dir, 0o700) // an ordinary user's own folder was shut to him, too
		_ = os.RemoveAll(c.dir)
	})
}

// Stdout is where go-plugin reads the handshake.
func (c *child) Stdout() io.ReadCloser { return c.stdout }

// Stderr is empty for go-plugin: the log is read, limited and escaped by us.
func (c *child) Stderr() io.ReadCloser { return io.NopCloser(nothing{}) }

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }

// Name is the module's id.
func (c *child) Name() string { return c.id }

// ID is the process id.
func (c *child) ID() string { return strconv.FormatInt(c.pid.Load(), 10) }

// Diagnose has nothing to add to the log.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost accepts only a socket inside the process's own folder: the
// handshake is the plugin's word, and dialling what it names would let it point
// the host at any socket on the machine.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	if network != "unix" {
		return "", "", fmt.Errorf("the plugin names a %q address; only unix sockets are dialled", network)
	}
	path := filepath.Clean(address)
	if filepath.Dir(path) != c.dir {
		return "", "", errors.New("the plugin names a socket outside its own folder")
	}
	info, err := os.Lstat(path)
	if err != nil {
		return "", "", errors.New("the plugin names a socket that does not exist")
	}
	if info.Mode().Type() != os.ModeSocket {
		return "", "", errors.New("the plugin names something that is not a socket")
	}
	return network, path, nil
}

// HostToPlugin is unused: nothing calls back.
func (c *child) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
