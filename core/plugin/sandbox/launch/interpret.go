package launch

import "golang.org/x/sys/unix"

// Python is the runtime of modules written in Python: Debian's own interpreter
// with what python3-grpcio brings.
const Python = "python3"

// ScriptFD is the sealed memory file with the module's own bytes, for a runtime:
// the binary is then the machine's interpreter.
const ScriptFD = 5

// PythonPath is where the machine's interpreter lies; its name in the process.
const PythonPath = "/usr/bin/python3"

// libraries are what an interpreter reads beside the module: what the machine's
// packages installed for everybody. Those that a machine lacks are left out.
var libraries = []string{"/usr/lib", "/usr/lib64"}

// links stand in the own root folder for those of the machine.
var links = map[string]string{"/lib": "usr/lib", "/lib64": "usr/lib64"}

// bootstrap reads the module from its descriptor: nothing but the sealed bytes
// is its program, and no path leads to them.
const bootstrap = `import os
os.lseek(5, 0, 0)
with os.fdopen(5, 'rb') as f:
    source = f.read()
exec(compile(source, 'module', 'exec'))
`

// argv is the command line of the module: its id, or its interpreter's.
func (s *Spec) argv() []string {
	if s.Runtime == Python {
		// Isolated: no variables, no folder of the user, nothing written.
		return []string{PythonPath, "-I", "-B", "-c", bootstrap}
	}
	return []string{s.ID}
}

// readable are the folders beside its own that the module may read.
func (s *Spec) readable() (out []string) {
	if s.Runtime == "" {
		return nil
	}
	for _, path := range libraries {
		var st unix.Stat_t
		if unix.Lstat(path, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR {
			out = append(out, path)
		}
	}
	return out
}
