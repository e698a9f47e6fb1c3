package plugin_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// A plugin in Python is refused, with a sentence, until the setting permits it;
// then it serves and its page says that it is held in less; and when the setting
// is taken back it is not begun any more.
func TestPythonNeedsTheSetting(t *testing.T) {
	t.Parallel()
	const ticket = "ore.ticket"
	w := setup(t)
	program := filepath.Join(t.TempDir(), "ticket.py")
	if msg, err := exec.Command("sh", "../../plugins/python/build.sh", "../../plugins/python/ticket/ticket.py", program).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	raw, err := os.ReadFile("../../plugins/python/ticket/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bundle.Pack(raw, program, filepath.Join(w.bundles, ticket), runtime.GOOS, runtime.GOARCH); err != nil {
		t.Fatal(err)
	}
	again := func(runtimes ...string) {
		t.Helper()
		if err := w.h.Stop(); err != nil {
			t.Fatal(err)
		}
		w.runtimes = runtimes
		w.h = w.host()
		if err := w.h.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	err = w.h.Enable(w.admin(), ticket, "1.0.0")
	if f := fault.As(err); err == nil || f.Kind != fault.Invalid || f.Key != "plugin.add.runtime" {
		t.Fatalf("without the setting: %v", err)
	}
	if msg, err := exec.Command("/usr/bin/python3", "-I", "-c", "import grpc, google.protobuf").CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("python3-grpcio is not installed: %s", msg)
		}
		t.Skipf("a plugin in Python was not enabled: apt-get install python3-grpcio python3-protobuf: %s", msg)
	}
	again("python3")
	if err := w.h.Enable(w.admin(), ticket, "1.0.0"); err != nil {
		t.Fatal(err)
	}
	within, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := w.h.Await(within, ticket); err != nil {
		t.Fatal(err)
	}
	w.until(t, func() error {
		list, _, err := w.h.List(w.admin())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(e plugin.Entry) bool { return e.ID == ticket })
		if n := list[i].Nodes; len(n) != 1 || !slices.Contains(n[0].Layers, "python3") || !slices.Contains(n[0].Layers, "seccomp") || n[0].Memory < 1<<20 {
			return fmt.Errorf("administrators see %+v", n)
		}
		return nil
	})
	again()
	w.until(t, func() error {
		if st := w.h.Local()[ticket]; st.State != supervisor.Down || st.Cause != "runtime" {
			return fmt.Errorf("without the setting it is %s, %s: %s", st.State, st.Cause, st.Reason)
		}
		return nil
	})
}
