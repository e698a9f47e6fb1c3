package conformance_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/conformance"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/runner"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

var update = flag.Bool("update", false, "write the contract's messages for Python anew")

// The messages that modules in Python speak are those of plugins/proto.
func TestPythonMessages(t *testing.T) {
	t.Parallel()
	const path = "../../../plugins/python/sieci_proto.py"
	var out bytes.Buffer
	out.WriteString("# Generated from plugins/proto: go test ./core/plugin/conformance -run PythonMessages -update\n\nDESCRIPTORS = [\n")
	seen := map[string]bool{}
	var add func(protoreflect.FileDescriptor)
	add = func(f protoreflect.FileDescriptor) {
		if seen[f.Path()] || strings.HasPrefix(f.Path(), "google/") {
			return
		}
		seen[f.Path()] = true
		for i := range f.Imports().Len() { // those that it needs come first
			add(f.Imports().Get(i).FileDescriptor)
		}
		raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(protodesc.ToFileDescriptorProto(f))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "    # %s\n    %q,\n", f.Path(), base64.StdEncoding.EncodeToString(raw))
	}
	add(pluginv1.File_sieci_plugin_v1_module_proto)
	out.WriteString("]\n")
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(have, out.Bytes()) {
		t.Errorf("%s is not what plugins/proto says (%v): run with -update", path, err)
	}
}

// python says where Debian's libraries for modules in Python are missing; where
// everything must be there, that is a failure.
func python(t *testing.T) {
	t.Helper()
	if msg, err := exec.Command("/usr/bin/python3", "-I", "-c", "import grpc, google.protobuf").CombinedOutput(); err != nil {
		text := "modules in Python were not tried: apt-get install python3-grpcio python3-protobuf: " + string(bytes.TrimSpace(msg))
		if os.Getenv("CI") != "" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
}

// prisoner is a module in Python that tries to get out of its process and tells
// what came of it.
const prisoner = `
import json
import socket
from sieci_plugin import serve


def way(attempt):
    try:
        attempt()
    except OSError as e:
        return e.errno
    return 0


def health(_request):
    def tcp():
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)

    def connect():
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).connect("FOREIGN.sock")

    return {"ready": True, "reason": json.dumps({
        "ok_library": way(lambda: open("/usr/lib/os-release").close()), "read": way(lambda: open("FOREIGN").close()),
        "write": way(lambda: open("/usr/lib/written", "w").close()), "tcp": way(tcp), "connect": way(connect), "fork": way(os.fork),
        "exec": way(lambda: os.execv("/bin/true", ["true"])), "kill": way(lambda: os.kill(os.getppid() or 1 << 20, 0)),
        "memfd": way(lambda: os.memfd_create("x"))})}


serve({"Module/Describe": lambda _request: {}, "Module/Health": health})
`

// The interpreter is held in by the same layers: of what lies outside it gets to
// read the libraries of programs and nothing else.
func TestPythonIsHeldIn(t *testing.T) {
	t.Parallel()
	python(t)
	dir, err := os.MkdirTemp("", "sp") // paths of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	foreign := filepath.Join(dir, "foreign")
	module, program := filepath.Join(dir, "module.py"), filepath.Join(dir, "program.py")
	if err := errors.Join(os.WriteFile(foreign, []byte("x"), 0o600), os.WriteFile(module, []byte(strings.ReplaceAll(prisoner, "FOREIGN", foreign)), 0o600), os.Chmod(dir, 0o711)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", foreign+".sock")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if msg, err := exec.Command("sh", "../../../plugins/python/build.sh", module, program).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	raw, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	c := runner.Config{ID: "test.prisoner", Runtime: "python3", SHA256: hex.EncodeToString(sum[:]), Dir: dir, Log: slog.New(slog.DiscardHandler),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
	if os.Getuid() == 0 {
		c.UID = 65534
	}
	p, err := runner.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	_, reason, err := facade.NewV1(c.ID, p.Client).Health(t.Context())
	var ways map[string]int
	if err == nil {
		err = json.Unmarshal([]byte(reason), &ways)
	}
	if err != nil || len(ways) != 9 {
		t.Fatalf("%q: %v", reason, err)
	}
	for name, errno := range ways {
		if (errno == 0) != (name == "ok_library") {
			t.Errorf("%s: %v", name, syscall.Errno(errno))
		}
	}
	c.SHA256 = strings.Repeat("0", 64) // the script is hashed like any program
	if _, err := runner.Start(t.Context(), c); !errors.Is(err, runner.ErrDigest) {
		t.Errorf("other bytes: %v", err)
	}
}

// A small evaluation tool in Python stands the same suite, in the same sandbox.
func TestPythonTool(t *testing.T) {
	t.Parallel()
	python(t)
	dir := t.TempDir()
	program := filepath.Join(dir, "ticket.py")
	if msg, err := exec.Command("sh", "../../../plugins/python/build.sh", "../../../plugins/python/ticket/ticket.py", program).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	s := bundle.Source{Dir: "../../../plugins/python/ticket", Binaries: map[string]string{runtime.GOOS + "/" + runtime.GOARCH: program}}
	var file bytes.Buffer
	m, err := s.Write(&file)
	if err != nil || m.Runtime != "python3" {
		t.Fatalf("%+v, %v", m, err)
	}
	path := filepath.Join(dir, "ticket"+bundle.Ending)
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r := check(t, path, conformance.Config{Seed: 3})
	for _, c := range r.Cases {
		if c.Outcome == conformance.Fail || strings.HasPrefix(c.Name, "tool_") && c.Outcome != conformance.Pass {
			t.Errorf("%s: %s %v", c.Name, c.Outcome, c.Details)
		}
	}
	if r.Tier == "none" || r.Tier == "" {
		t.Errorf("held in to tier %q by %v", r.Tier, r.Layers)
	}
}
