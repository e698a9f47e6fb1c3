package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	goplugin "github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/plugins/sdk"
)

// maxSocketPath is the kernel's limit of a unix socket's path, in bytes, less
// the closing zero.
const maxSocketPath = 107

// socketName is the longest name that go-plugin gives a socket in its folder
// ("plugin-dir" and "plugin" with up to ten digits each).
const socketName = len("/plugin-dir1234567890/plugin1234567890")

// Config says what to run and how.
type Config struct {
	// ID is the module's id, for logs.
	ID string
	// Open returns the binary's bytes; called once a start.
	Open func() (io.ReadCloser, error)
	// SHA256 is what the manifest says of them, in hexadecimal.
	SHA256 string
	// Dir holds the folders of sockets. It must exist, belong to the host, be
	// closed to others, and be short: at most 69 bytes.
	Dir string
	// UID is the user and group that the process runs as; 0 keeps the host's.
	// Never the database's.
	UID int
	// StartTimeout bounds the time to the handshake; default 10 s.
	StartTimeout time.Duration
	// StopGrace is how long the process may take to end by itself; default 3 s.
	StopGrace time.Duration
	// MemoryLimit is what the process may take, in bytes, before it is killed;
	// default 256 MiB. Go's runtime in it is told three quarters of it.
	MemoryLimit int64
	// Require is the tier of the sandbox below which the process is not begun;
	// default [sandbox.Basic].
	Require sandbox.Tier
	// Runtime is the interpreter that the plugin needs, [sandbox.Python]; "" for a
	// program of its own.
	Runtime string
	// Say, when set, is called with each line of the process that the log keeps,
	// escaped; from goroutines of its own. It must not block.
	Say func(line string)
	Log *slog.Logger
}

// ErrHost means that the process was not begun because the machine or the host
// failed: no memory, a full disk, bytes that cannot be read now. It says nothing
// of the plugin.
var ErrHost = errors.New("it could not be started here")

// Process is a running plugin. Safe for concurrent use.
type Process struct {
	// Client is what to call; every call needs a deadline of its own.
	*sdk.Client
	plugin *plugin.Client
	child  atomic.Pointer[child]
	grace  time.Duration
	stop   chan struct{}  // capacity 1: one stopper at a time
	said   io.WriteCloser // what the process writes once it serves
}

// Start starts the process and returns when it can be called, or an error and
// nothing left behind. It takes at most c.StartTimeout. Errors: [ErrDigest],
// [sandbox.ErrProgram], [sandbox.ErrTier], [ErrRuntime], [ErrHost]; all others are the plugin's own doing.
func Start(ctx context.Context, c Config) (*Process, error) {
	c.StartTimeout = cmp.Or(c.StartTimeout, 10*time.Second)
	c.StopGrace = cmp.Or(c.StopGrace, 3*time.Second)
	c.MemoryLimit = cmp.Or(c.MemoryLimit, 256<<20)
	c.Require = cmp.Or(c.Require, sandbox.Basic)
	if n := len(c.Dir) + socketName; n > maxSocketPath {
		return nil, fmt.Errorf("%w: folder for sockets %s: its path is %d bytes too long", ErrHost, c.Dir, n-maxSocketPath)
	}
	src, err := c.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: open the binary of %s: %w", ErrHost, c.ID, err)
	}
	binary, err := verified(c.ID, src, c.SHA256)
	if err := errors.Join(err, src.Close()); err != nil {
		return nil, fmt.Errorf("module %s: %w", c.ID, hostFault(err))
	}
	var script *os.File
	if c.Runtime != "" {
		script = binary
		defer script.Close()
		if binary, err = interpreter(c.Runtime); err != nil {
			return nil, fmt.Errorf("module %s: %w", c.ID, hostFault(err))
		}
	}
	pipe := newLogPipe(c.Log.With("module", c.ID), c.Say)
	p := &Process{grace: c.StopGrace, stop: make(chan struct{}, 1), said: pipe.writer()}
	p.plugin = plugin.NewClient(p.config(ctx, c, binary, script, pipe))
	ready := make(chan error, 1)
	go func() { ready <- p.connect() }()
	select {
	case err = <-ready:
	case <-ctx.Done():
		p.killNow()
		<-ready
		err = ctx.Err()
	}
	if err != nil {
		if ch := p.child.Load(); ch == nil || !ch.begun.Load() {
			err = hostFault(err)
		}
		p.Stop()
		_ = binary.Close() // closed already when the process was started
		return nil, fmt.Errorf("module %s: %w", c.ID, err)
	}
	return p, nil
}

// hostFault marks what went wrong before the plugin was begun, unless it is the
// plugin's bytes or the machine's sandbox.
func hostFault(err error) error {
	if errors.Is(err, ErrDigest) || errors.Is(err, errBinary) || errors.Is(err, sandbox.ErrProgram) || errors.Is(err, sandbox.ErrTier) || errors.Is(err, ErrRuntime) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrHost, err)
}

func (p *Process) config(ctx context.Context, c Config, binary, script *os.File, pipe *logPipe) *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig:  sdk.Handshake,
		Plugins:          plugin.PluginSet{sdk.PluginName: &sdk.Plugin{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		StartTimeout:     c.StartTimeout,
		Logger:           hclog.NewNullLogger(),
		SyncStdout:       p.said,
		SyncStderr:       p.said,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: c.Dir},
		GRPCDialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(sdk.MaxMessage), grpc.MaxCallSendMsgSize(sdk.MaxMessage))},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, dir string) (goplugin.Runner, error) {
			cmd.Env = append(cmd.Env, "LANG=C.UTF-8", "TZ=Europe/Warsaw", "GOMAXPROCS=2",
				"GOMEMLIMIT="+strconv.FormatInt(c.MemoryLimit/4*3, 10))
			ch, err := newChild(ctx, cmd, binary, sandbox.Config{ID: c.ID, Dir: dir, UID: c.UID, Ceiling: c.MemoryLimit, Require: c.Require, Runtime: c.Runtime, Script: script}, pipe)
			if err != nil {
				return nil, errors.Join(err, os.RemoveAll(dir))
			}
			p.child.Store(ch)
			return ch, nil
		},
	}
}

func (p *Process) connect() error {
	protocol, err := p.plugin.Client()
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense(sdk.PluginName)
	if err != nil {
		return err
	}
	p.Client = raw.(*sdk.Client)
	return p.child.Load().shut()
}

// PID is the process id; 0 when it has ended.
func (p *Process) PID() int { return int(p.child.Load().pid.Load()) }

// Done is closed when the process has ended, for whatever reason.
func (p *Process) Done() <-chan struct{} { return p.child.Load().exited }

// Err is how the process ended; valid after Done.
func (p *Process) Err() error { return p.child.Load().err }

// Sandbox is what was seen to hold the process in when it began.
func (p *Process) Sandbox() sandbox.State { return p.child.Load().state }

// Memory is what the process takes, in bytes; 0 when it has ended.
func (p *Process) Memory() int64 {
	c := p.child.Load()
	if w := c.watch.Load(); w != nil && c.pid.Load() != 0 {
		return w.Used()
	}
	return 0
}

// DrainLog returns when everything that the ended process wrote has been logged.
func (p *Process) DrainLog() { p.child.Load().log.done.Wait() }

func (p *Process) killNow() {
	if c := p.child.Load(); c != nil {
		c.killGroup()
	}
}

// Kill ends a process that does not answer: its group is killed at once. Like
// [Process.Stop] it returns when the process is gone.
func (p *Process) Kill() {
	p.killNow()
	p.Stop()
}

// Stop ends the process: it may take the grace to end by itself, then its
// group is killed. It returns when the process is gone and its folder removed;
// calling it again is harmless.
func (p *Process) Stop() {
	p.stop <- struct{}{}
	defer func() { <-p.stop }()
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		// Kill asks by a call without a deadline: it ends with the process.
		p.plugin.Kill()
	}()
	timer := time.NewTimer(p.grace)
	defer timer.Stop()
	select {
	case <-killed:
	case <-timer.C:
		p.killNow()
		<-killed
	}
	if c := p.child.Load(); c != nil {
		c.killGroup()
		c.close()
	}
	_ = p.said.Close()
}
