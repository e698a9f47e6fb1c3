package runner_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"ore.edu.pl/sieci/core/plugin/runner"
	"ore.edu.pl/sieci/plugins/sdk"
)

// BenchmarkStart starts a module in its sandbox, from verified bytes, and the
// same module by bare go-plugin, in turns, so that both meet the same machine.
// "ratio" is ours to bare.
func BenchmarkStart(b *testing.B) {
	raw, err := built()
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "module")
	if err := os.WriteFile(path, raw, 0o755); err != nil {
		b.Fatal(err)
	}
	c, _ := setup(b, "")
	var ours, bare time.Duration
	n := 0
	for b.Loop() {
		t0 := time.Now()
		p, err := runner.Start(b.Context(), c)
		ours += time.Since(t0)
		if err != nil {
			b.Fatal(err)
		}
		p.Stop()
		t1 := time.Now()
		x := plugin.NewClient(&plugin.ClientConfig{HandshakeConfig: sdk.Handshake, Plugins: plugin.PluginSet{sdk.PluginName: &sdk.Plugin{}},
			Cmd: exec.Command(path), AutoMTLS: true, AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, Logger: hclog.NewNullLogger()})
		_, err = x.Client()
		bare += time.Since(t1)
		if err != nil {
			b.Fatal(err)
		}
		x.Kill()
		n++
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(n), "sandboxed-ms")
	b.ReportMetric(float64(bare.Milliseconds())/float64(n), "bare-ms")
	b.ReportMetric(float64(ours)/float64(bare), "ratio")
}
