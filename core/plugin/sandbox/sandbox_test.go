package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"ore.edu.pl/sieci/core/plugin/sandbox/launch"
)

// ordinary tells a child of the test that it is to do as an ordinary user what
// root did; it holds the prisoner's path.
const ordinary = "SIECI_TEST_PRISONER"

var built = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(ordinary); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "sieci-prisoner")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "prisoner")
	cmd := exec.Command("go", "build", "-o", out, "./testdata/prisoner")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the prisoner: %s", msg)
	}
	return out, os.Chmod(dir, 0o755)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := built(); err == nil && os.Getenv(ordinary) == "" {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// cell is a place for one prisoner.
type cell struct {
	t    *testing.T
	c    Config
	plan plan
	env  []string
}

func newCell(t *testing.T, p plan) *cell {
	t.Helper()
	base, err := os.MkdirTemp("", "sb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	// What is foreign to it lies open to everybody, so that only the sandbox can
	// be what refuses.
	dir, file, socket := filepath.Join(base, "own"), filepath.Join(base, "foreign"), filepath.Join(base, "foreign.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for _, err := range []error{os.Mkdir(dir, 0o700), os.Chmod(base, 0o755), os.WriteFile(file, []byte("secret"), 0o666), os.Chmod(file, 0o666), os.Chmod(socket, 0o777)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c := &cell{t: t, plan: p, c: Config{ID: "test.prisoner", Dir: dir, Ceiling: 64 << 20, Require: None},
		env: []string{"FOREIGN_FILE=" + file, "FOREIGN_SOCKET=" + socket}}
	if os.Getuid() == 0 {
		c.c.UID = 60901
		if err := os.Chown(dir, c.c.UID, c.c.UID); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// outcome is how a prisoner fared.
type outcome struct {
	state State
	err   error // of the start
	out   string
	ended error
}

func (o *outcome) tried() map[string]syscall.Errno {
	ways := map[string]syscall.Errno{}
	for _, line := range strings.Split(o.out, "\n") {
		name, value, _ := strings.Cut(line, " ")
		if n, err := strconv.Atoi(value); err == nil {
			ways[name] = syscall.Errno(n)
		}
	}
	return ways
}

// hold runs the prisoner to its end.
func (c *cell) hold(env ...string) outcome {
	c.t.Helper()
	path, err := built()
	if err != nil {
		c.t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	// As the host does: a file with a name would be out of reach by the time.
	fd, err := unix.MemfdCreate("prisoner", unix.MFD_CLOEXEC)
	if err != nil {
		c.t.Fatal(err)
	}
	binary := os.NewFile(uintptr(fd), "prisoner")
	defer binary.Close()
	if _, err := binary.Write(raw); err != nil {
		c.t.Fatal(err)
	}
	cmd := &exec.Cmd{Env: append(c.env, env...)}
	r, w, err := os.Pipe()
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Close()
	cmd.Stdout, cmd.Stderr = w, w
	hold, letGo, err := os.Pipe()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd.Stdin = hold
	l, err := prepare(cmd, binary, c.c, c.plan, false)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		l.Discard()
		return outcome{err: err}
	}
	_ = w.Close()
	var o outcome
	var watch *Watch
	_ = hold.Close()
	o.state, watch, o.err = l.Started()
	_ = letGo.Close()
	if watch != nil {
		defer watch.Close()
	}
	raw, err = io.ReadAll(r)
	if err != nil {
		c.t.Fatal(err)
	}
	o.out, o.ended = string(raw), cmd.Wait()
	return o
}

// Every way out is refused, with all layers in force and with the fewest; what
// a module needs is permitted.
func TestWaysOut(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 && os.Getenv(ordinary) == "" {
		t.Log("run as an ordinary user: root's case is not tried")
	}
	all := plans(os.Getuid() == 0)
	for i, name := range []string{"everything", "no mounts", "no namespaces"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newCell(t, all[i]).hold()
			if o.err != nil && i < 2 {
				t.Skipf("this machine does not permit it: %v", o.err)
			}
			if o.err != nil || o.ended != nil {
				t.Fatalf("%v, %v\n%s", o.err, o.ended, o.out)
			}
			t.Logf("tier %s: %v, Landlock %d", o.state.Tier(), o.state.Layers(), o.state.LandlockABI)
			if want := []Tier{Full, Basic, Basic}[i]; o.state.Tier() != want {
				if want == Basic && !slices.Contains(o.state.Layers(), "user") && !slices.Contains(o.state.Layers(), "landlock") {
					t.Skip("this kernel has no Landlock: an ordinary user's module is not kept from files without a root of its own")
				}
				t.Errorf("tier %s, want %s", o.state.Tier(), want)
			}
			o.check(t)
		})
	}
}

// withoutFiles are ways that only an own root or Landlock bars.
var withoutFiles = []string{"read_foreign", "write_foreign", "write_tmp"}

func (o *outcome) check(t *testing.T) {
	t.Helper()
	tried := o.tried()
	if _, whole := tried["end"]; !whole || len(tried) < 60 {
		t.Fatalf("%d ways tried\n%s", len(tried), o.out)
	}
	files := o.state.layers&(launch.Files|launch.Landlock) != 0
	for way, e := range tried {
		switch {
		case way == "end" || !files && slices.Contains(withoutFiles, way):
		case (strings.HasPrefix(way, "ok_") || strings.HasPrefix(way, "own_")) != (e == 0):
			t.Errorf("%s: %v", way, e)
		}
	}
	if _, env, _ := strings.Cut(o.out, "env "); !strings.HasPrefix(env, "FOREIGN_FILE=") || strings.Count(env[:strings.Index(env, "\n")], "=") != 2 {
		t.Errorf("environment: %.300s", o.out)
	}
}

// A guess at the address of the one permitted program ends the process.
func TestGuessedProgram(t *testing.T) {
	t.Parallel()
	o := newCell(t, plan{}).hold("PRISONER=execveat")
	var exit *exec.ExitError
	if !errors.As(o.ended, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != unix.SIGSYS {
		t.Errorf("ended by %v\n%s", o.ended, o.out)
	}
}

// Below the tier required, nothing of the module runs.
func TestTooWeakIsNotBegun(t *testing.T) {
	t.Parallel()
	c := newCell(t, plan{})
	c.c.Require = Full
	o := c.hold()
	if !errors.Is(o.err, ErrTier) || o.out != "" || !strings.Contains(o.err.Error(), `tier "basic"`) {
		t.Errorf("%v, wrote %q", o.err, o.out)
	}
	c.c.Require = "ful"
	if o := c.hold(); !errors.Is(o.err, ErrTier) || o.out != "" {
		t.Errorf("an unknown tier: %v, wrote %q", o.err, o.out)
	}
}

// What cannot be executed is an error of the start.
func TestNoProgram(t *testing.T) {
	t.Parallel()
	c := newCell(t, plan{})
	binary, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	cmd := &exec.Cmd{}
	l, err := prepare(cmd, binary, c.c, c.plan, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Started(); !errors.Is(err, ErrProgram) {
		t.Errorf("got %v", err)
	}
	_ = cmd.Wait()
}

// The same as an ordinary user.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("the other tests run as an ordinary user already")
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.MkdirTemp("", "sb")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(home)
	const nobody = 65534
	if err := os.Chown(home, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^(TestWaysOut|TestGuessedProgram|TestTooWeakIsNotBegun)$", "-test.v")
	cmd.Dir, cmd.Env = home, []string{ordinary + "=" + path, "TMPDIR=" + home, "HOME=" + home}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	cmd.WaitDelay = time.Minute
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(out), "--- PASS: TestWaysOut/no_namespaces") {
		t.Error("not tried")
	}
}
