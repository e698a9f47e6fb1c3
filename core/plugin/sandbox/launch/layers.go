package launch

// Layer is a set of ways in which a process is held in, each of which was seen
// to be in force.
type Layer uint16

// The layers, from the ones that every supported kernel has to those that
// depend on what the machine permits.
const (
	// Seccomp: the kernel refuses, by number and argument of the system call,
	// networks and connecting, new processes and programs, signals to others,
	// mounts, tracing, keys, BPF, links and changed modes.
	Seccomp Layer = 1 << iota
	// Privileges: no capabilities, and no program can give it any.
	Privileges
	// Limits: descriptors, threads, address space, no core, not a byte into a file.
	Limits
	// Memory: the host watches the resident size and kills above the ceiling.
	Memory
	// User: a uid of its own, neither the host's nor the database's.
	User
	// UserNamespace: the uid is the host's, but counts for nothing outside.
	UserNamespace
	// Network: a network namespace with nothing in it.
	Network
	// Processes: a pid namespace; it sees only itself.
	Processes
	// Files: its own root folder, in which there is only the folder of its socket.
	Files
	// Landlock: the kernel permits files only in the folder of its socket.
	Landlock
	// Interpreter holds nothing in: it says that the module runs in the machine's
	// Python, reads its libraries, and may make programs of texts while it runs.
	Interpreter
)

// names are what the layers are called in the database, the API and catalogue keys.
var names = [...]string{"seccomp", "privileges", "limits", "memory", "user", "user_namespace", "network", "processes", "files", "landlock", "python3"}

// Names lists the layers of the set, in the order above.
func (l Layer) Names() []string {
	out := make([]string, 0, len(names))
	for i, n := range names {
		if l&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// Has reports whether all of x are in force.
func (l Layer) Has(x Layer) bool { return l&x == x }

// Tier names how far a process is held in.
type Tier string

// The tiers, from weak to strong.
const (
	// None: less than Basic; for code that is trusted like the platform's own.
	None Tier = "none"
	// Basic: nothing leaves the process but its answers. System calls are
	// filtered, memory is bounded, and foreign files are out of reach by its own
	// uid, its own root or Landlock.
	Basic Tier = "basic"
	// Full: Basic twice over: network, processes and files are namespaces of
	// its own as well, and its uid counts for nothing outside.
	Full Tier = "full"
)

// Tier is the highest tier of which all layers are in force.
func (l Layer) Tier() Tier {
	switch {
	case !l.Has(Seccomp|Privileges|Limits|Memory) || l&(User|Files|Landlock) == 0:
		return None
	case !l.Has(Network|Processes|Files) || l&(User|UserNamespace) == 0:
		return Basic
	}
	return Full
}

// rank orders the tiers; an unknown one is above all, so that a mistyped wish
// is never met.
func (t Tier) rank() int {
	switch t {
	case None:
		return 0
	case Basic:
		return 1
	case Full:
		return 2
	}
	return 3
}

// Valid reports whether the tier is one of those above.
func (t Tier) Valid() bool { return t.rank() < 3 }

// Meets reports whether the tier is at least want.
func (t Tier) Meets(want Tier) bool { return t.rank() >= want.rank() }
