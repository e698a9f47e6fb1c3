package firstparty_test

import (
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/runner"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

// TestThematicProcess packs the real binary and starts it as the host does.
func TestThematicProcess(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "thematic")
	cmd := exec.Command("go", "build", "-trimpath", "-o", binary, "ore.edu.pl/sieci/plugins/thematic")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	raw, err := os.ReadFile("../../../plugins/thematic/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Pack(raw, binary, t.TempDir(), runtime.GOOS, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.Binary()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "sp") // socket paths are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	c := runner.Config{
		ID: b.Manifest.ID, SHA256: x.SHA256, Dir: dir, StartTimeout: 10 * time.Second, StopGrace: time.Second,
		Open: func() (io.ReadCloser, error) { return b.Open(x) }, Log: slog.New(slog.DiscardHandler),
	}
	if os.Getuid() == 0 {
		c.UID = 65534
		if err := os.Chmod(dir, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	p, err := runner.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	d, err := facade.NewV1(thematic.ID, p.Client).Describe(t.Context(), "test")
	if err != nil || d.Module != thematic.ID || len(d.NetworkTypes) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
}
