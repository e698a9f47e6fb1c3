package conformance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ore.edu.pl/sieci/plugins/sdk/conformance"
)

// Every first-party module stands the suite that authors run.
func TestFirstPartyModules(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"thematic", "vocational"} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), name)
			cmd := exec.Command("go", "build", "-o", out, "../../"+name)
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
			if msg, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("build %s: %v\n%s", name, err, msg)
			}
			conformance.Run(t, out)
		})
	}
}
