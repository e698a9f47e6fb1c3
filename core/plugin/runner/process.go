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
)

// child is the process as go-plugin sees it.
type child struct {
	cmd    *exec.Cmd
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
}

var _ goplugin.Runner = (*child)(nil)

// newChild prepares the process; c.Start starts it.
func newChild(cmd *exec.Cmd, binary *os.File, dir string, uid int, log *logPipe) (*child, error) {
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, outR.Close(), outW.Close())
	}
	log.from(errR)
	// The memory file is the child's descriptor 3, and that is what it executes.
	cmd.Path, cmd.Args, cmd.Dir = "/proc/self/fd/3", []string{filepath.Base(binary.Name())}, dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, outW, errW
	cmd.ExtraFiles = []*os.File{binary}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}
		if err := os.Chown(dir, uid, uid); err != nil {
			return nil, errors.Join(fmt.Errorf("give the plugin its folder: %w", err), outR.Close(), outW.Close(), errR.Close(), errW.Close())
		}
	}
	return &child{cmd: cmd, binary: binary, dir: dir, stdout: outR, outW: outW, errW: errW, log: log, exited: make(chan struct{})}, nil
}

// Start starts the process on a thread that lives as long as it: the kernel
// sends Pdeathsig when the starting thread ends, not when the process does.
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
		if err == nil {
			c.pid.Store(int64(c.cmd.Process.Pid))
		}
		started <- err
		if err != nil {
			c.err = err
			close(c.exited)
			return
		}
		c.err = c.cmd.Wait()
		c.killGroup() // what it left behind must not hold its pipes
		c.pid.Store(0)
		close(c.exited)
	}()
	if err := <-started; err != nil {
		return errors.Join(fmt.Errorf("start the plugin: %w", err), c.stdout.Close())
	}
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

// close removes what the process leaves: pipes and its folder.
func (c *child) close() {
	c.once.Do(func() {
		_ = c.stdout.Close()
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
func (c *child) Name() string { return c.cmd.Args[0] }

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
