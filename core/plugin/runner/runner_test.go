package runner_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"ore.edu.pl/sieci/core/plugin/runner"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// built is the module of bad habits.
var built = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "sieci-runner")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "module")
	cmd := exec.Command("go", "build", "-o", out, "ore.edu.pl/sieci/plugins/misbehave")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the module: %s", msg)
	}
	return os.ReadFile(out)
})

// setup is the module with a habit at its start or end; its name begins with
// "test.".
func setup(t testing.TB, mode string) (runner.Config, *bytes.Buffer) {
	t.Helper()
	b, err := built()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	dir, err := os.MkdirTemp("", "sr")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		left, err := os.ReadDir(dir)
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v %v", left, err)
		}
		_ = os.RemoveAll(dir)
	})
	var log bytes.Buffer
	c := runner.Config{
		ID: "test." + cmp.Or(mode, "misbehave"), SHA256: hex.EncodeToString(sum[:]), Dir: dir, StartTimeout: 10 * time.Second, StopGrace: 300 * time.Millisecond,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil },
		Log:  slog.New(slog.NewTextHandler(&log, nil)),
	}
	if os.Getuid() == 0 {
		c.UID = 65534
	}
	return c, &log
}

func start(t *testing.T, mode string) *runner.Process {
	t.Helper()
	c, _ := setup(t, mode)
	p, err := runner.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func ask(t *testing.T, p *runner.Process, name string) (*v1.DecideResponse, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	return p.Module.Decide(ctx, &v1.DecideRequest{Input: &v1.DecideRequest_Command{Command: &v1.Command{Name: name}}})
}

func TestEnvironmentIsNotTheHosts(t *testing.T) {
	t.Setenv("SIECI_SECRET_OF_HOST", "1")
	p := start(t, "")
	h, err := p.Module.Health(t.Context(), &v1.HealthRequest{})
	if err != nil {
		t.Fatal(err)
	}
	inCertificate := false
	for _, kv := range strings.Split(h.GetReason(), "\n") {
		name, _, _ := strings.Cut(kv, "=")
		inCertificate = inCertificate && !strings.Contains(kv, "END CERTIFICATE") || strings.Contains(kv, "BEGIN CERTIFICATE")
		if inCertificate || name == "" || strings.HasPrefix(name, "PLUGIN_") || strings.Contains(kv, "END CERTIFICATE") {
			continue // go-plugin's own variables
		}
		switch name {
		case "SIECI_PLUGIN", "LANG", "TZ", "GOMEMLIMIT", "GOMAXPROCS":
		default:
			t.Errorf("the plugin sees %s", name)
		}
	}
	if os.Getuid() == 0 {
		a, err := ask(t, p, "pid")
		if err != nil || a.GetDiagnostics()[0].GetText() != "65534" {
			t.Errorf("uid: %v %v", a, err)
		}
	}
}

func TestAnotherBinaryIsRefused(t *testing.T) {
	t.Parallel()
	c, _ := setup(t, "")
	c.SHA256 = strings.Repeat("0", 64)
	if _, err := runner.Start(t.Context(), c); !errors.Is(err, runner.ErrDigest) {
		t.Fatalf("got %v", err)
	}
}

func TestHandshakeThatPointsElsewhere(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		"elsewhere": "outside its own folder", "tcp": "only unix sockets", "exit": "Failed to read any lines", "link": "does not exist",
		"other_version": "incompatible API version", "other_protocol": "incompatible core API version", "chatter": "Unrecognized remote plugin message",
	} {
		c, _ := setup(t, mode)
		c.StartTimeout = 3 * time.Second
		if _, err := runner.Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

func TestStartHasADeadline(t *testing.T) {
	t.Parallel()
	c, _ := setup(t, "silent")
	c.StartTimeout = 700 * time.Millisecond
	began := time.Now()
	if _, err := runner.Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), "timeout") || time.Since(began) < c.StartTimeout {
		t.Fatalf("after %v: %v", time.Since(began), err)
	}
}

func TestPanicEndsOneCall(t *testing.T) {
	t.Parallel()
	p := start(t, "")
	if _, err := ask(t, p, "panic"); status.Code(err) != codes.Internal {
		t.Fatalf("panic: %v", err)
	}
	if _, err := ask(t, p, "fine"); err != nil {
		t.Fatalf("the process did not survive: %v", err)
	}
}

func TestLargeAnswerIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, "")
	if _, err := ask(t, p, "large"); status.Code(err) != codes.ResourceExhausted {
		t.Fatalf("got %v", err)
	}
}

func TestStoppedProcessIsKilled(t *testing.T) {
	t.Parallel()
	p := start(t, "stubborn")
	pid := p.PID()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p.Stop()
	<-p.Done()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Fatalf("process %d is still there: %v", pid, err)
	}
	p.Stop() // twice is harmless
}

// What was asked to end and stays is killed after its grace.
func TestStubbornProcessIsKilled(t *testing.T) {
	t.Parallel()
	p := start(t, "stubborn")
	began := time.Now()
	p.Stop()
	<-p.Done()
	if took := time.Since(began); took < 200*time.Millisecond || took > 10*time.Second {
		t.Errorf("ended after %v", took)
	}
}

// Memory is bounded at the start as well as in a call.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	c, _ := setup(t, "greedy")
	if _, err := runner.Start(t.Context(), c); err == nil {
		t.Error("one that takes a gigabyte before it serves was started")
	}
	p := start(t, "")
	if n := p.Memory(); n < 1<<20 || n > 100<<20 {
		t.Errorf("%d bytes at rest", n)
	}
	if _, err := ask(t, p, "memory"); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
	<-p.Done()
	if !errors.Is(p.Err(), runner.ErrMemory) || p.Memory() != 0 {
		t.Errorf("ended by %v, %d bytes", p.Err(), p.Memory())
	}
}

func TestKilledProcessIsNoticed(t *testing.T) {
	t.Parallel()
	p := start(t, "")
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("not noticed")
	}
	if p.Err() == nil {
		t.Error("a killed process ended without an error")
	}
}

func TestLogIsLimitedAndEscaped(t *testing.T) {
	t.Parallel()
	c, log := setup(t, "flood")
	p, err := runner.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	p.Stop()
	p.DrainLog()
	got := log.String()
	if !strings.Contains(got, `first\\x1b[31m line\\u202e`) {
		t.Errorf("first line: %.200s", got)
	}
	if n := strings.Count(got, "noise"); n > 400 {
		t.Errorf("%d lines of noise", n)
	}
	if strings.Contains(got, "\r") || strings.Count(got, "level=ERROR") != strings.Count(got, `level=ERROR msg=\"the core stops`) {
		t.Errorf("a line passes for the host's own: %.400s", got)
	}
	if !strings.Contains(got, "dropped") {
		t.Error("nothing says that lines were dropped")
	}
}
