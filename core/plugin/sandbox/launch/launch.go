// Package launch is what runs between the host and a module: the host's own
// program, started anew under the name [Name], narrows itself layer by layer and
// becomes the module. It owns nothing and is used by package sandbox alone.
//
// It acts in its init, for two reasons. Any program that can start a module,
// each test's too, can then also be the launcher, and none can forget to say so
// and run its tests or its server as a module. And it happens before the rest of
// the program is initialised: with no imports but the system's, this package
// comes among the first, after 3 ms where all of the platform takes 180.
//
// The order is that of what each step still needs: the root folder while there
// is a right to mount; limits; then the uid and with it all rights; the bond to
// the host's life, which a change of uid undoes; no_new_privs, without which
// the kernel takes neither of the next two from an ordinary process; Landlock;
// seccomp, which forbids the steps themselves; and the module. Whatever is
// reported was looked at after it was done.
package launch

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Name is argv[0] of a process that is to become a module.
const Name = "sieci-module-launcher"

// Descriptors that the launcher inherits beside the usual three.
const (
	BinaryFD = 3 // the sealed memory file to execute
	ReportFD = 4 // a pipe for one [Report]; it closes when the module begins
)

// Spec says what to become and within what. It travels in the arguments: what
// the module inherits of the environment is not the launcher's.
type Spec struct {
	// ID becomes the module's argv[0].
	ID string
	// Dir is the folder of its socket: absolute, clean, its own.
	Dir string
	// UID and GID to take; the host's own when it is not root.
	UID int
	// AddressSpace is the backstop of memory, in bytes.
	AddressSpace uint64
	// Require is the tier below which the module is not begun.
	Require Tier
	// Root tells it to make a root folder of its own: it was given a mount
	// namespace and the right.
	Root bool
	// Probe ends it, with its report, where the module would begin.
	Probe bool
	// Host are the namespaces of the host, to be compared with its own.
	Host Namespaces
	// HostUID is the host's uid.
	HostUID int
	// Runtime is the interpreter that the module needs: "" or [Python].
	Runtime string
}

// Namespaces are the inode numbers of a process's namespaces.
type Namespaces struct{ Network, Processes, User uint64 }

// OwnNamespaces are those of this process; zero where they cannot be read.
func OwnNamespaces() Namespaces {
	return Namespaces{inode("net"), inode("pid"), inode("user")}
}

func inode(ns string) uint64 {
	var s unix.Stat_t
	if err := unix.Stat("/proc/self/ns/"+ns, &s); err != nil {
		return 0
	}
	return s.Ino
}

// Args is the command line for the spec.
func (s *Spec) Args() []string {
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	return []string{Name, s.ID, s.Dir, strconv.Itoa(s.UID), n(s.AddressSpace), string(s.Require), strconv.FormatBool(s.Root),
		strconv.FormatBool(s.Probe), n(s.Host.Network), n(s.Host.Processes), n(s.Host.User), strconv.Itoa(s.HostUID), s.Runtime}
}

func parse(args []string) (s Spec, ok bool) {
	if len(args) != 13 {
		return s, false
	}
	n := func(i int) uint64 {
		v, err := strconv.ParseUint(args[i], 10, 64)
		ok = ok && err == nil
		return v
	}
	ok = true
	return Spec{ID: args[1], Dir: args[2], UID: int(n(3)), AddressSpace: n(4), Require: Tier(args[5]), Root: args[6] == "true",
		Probe: args[7] == "true", Host: Namespaces{n(8), n(9), n(10)}, HostUID: int(n(11)), Runtime: args[12]}, ok
}

// Report is what the launcher says before it becomes the module, or instead.
type Report struct {
	// Layers are those in force.
	Layers Layer
	// LandlockABI is the version of Landlock in force, 0 for none.
	LandlockABI int
	// Refused means that the layers are below the tier required.
	Refused bool
	// Failed is the step at which it gave up, "" for none, and Errno why.
	Failed string
	Errno  syscall.Errno
}

func (r *Report) line() string {
	return strings.Join([]string{strconv.Itoa(int(r.Layers)), strconv.Itoa(r.LandlockABI), strconv.FormatBool(r.Refused),
		strconv.Itoa(int(r.Errno)), r.Failed}, " ") + "\n"
}

// ParseReport reads what came out of the pipe until it closed. The last line
// counts: one that speaks of failure may follow one that does not.
func ParseReport(raw string) (Report, bool) {
	lines := strings.Split(strings.TrimSuffix(raw, "\n"), "\n")
	part := strings.SplitN(lines[len(lines)-1], " ", 5)
	if len(part) != 5 {
		return Report{}, false
	}
	layers, err1 := strconv.ParseUint(part[0], 10, 16)
	abi, err2 := strconv.Atoi(part[1])
	errno, err3 := strconv.ParseUint(part[3], 10, 16)
	return Report{Layers: Layer(layers), LandlockABI: abi, Refused: part[2] == "true", Errno: syscall.Errno(errno), Failed: part[4]},
		err1 == nil && err2 == nil && err3 == nil
}

func init() {
	if len(os.Args) == 0 || os.Args[0] != Name {
		return
	}
	runtime.LockOSThread() // what follows holds for one thread, the one that executes
	l := launcher{}
	s, ok := parse(os.Args)
	if !ok {
		l.give("arguments", syscall.EINVAL)
	}
	l.Spec = s
	l.run()
}

type launcher struct {
	Spec
	report Report
}

// give gives up.
func (l *launcher) give(step string, err error) {
	l.report.Failed = step
	if e, ok := err.(syscall.Errno); ok {
		l.report.Errno = e
	}
	l.say()
	os.Exit(126)
}

func (l *launcher) say() { _, _ = unix.Write(ReportFD, []byte(l.report.line())) }

func (l *launcher) must(step string, err error) {
	if err != nil {
		l.give(step, err)
	}
}

func (l *launcher) run() {
	// The module inherits its three descriptors and nothing else.
	if unix.CloseRange(BinaryFD, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC) != nil { // before Linux 5.11
		unix.CloseOnExec(BinaryFD)
		unix.CloseOnExec(ReportFD)
	}
	if l.Runtime != "" { // but for its own bytes, which an interpreter reads
		_, err := unix.FcntlInt(ScriptFD, unix.F_SETFD, 0)
		l.must("script", err)
		l.report.Layers |= Interpreter
	}
	l.namespaces()
	l.must("limits", l.limits())
	l.must("user", l.user())
	l.must("bond", l.bond())
	l.must("no_new_privs", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	l.must("folder", unix.Chdir(l.Dir))
	l.landlock()
	path, err := open()
	l.must("gate", err)
	argv, err := syscall.SlicePtrFromStrings(l.argv())
	l.must("arguments", err)
	env, err := syscall.SlicePtrFromStrings(os.Environ())
	l.must("environment", err)
	gates := program(unix.Getpid(), path)
	l.look()
	if gates.install() == nil && filtered() {
		l.report.Layers |= Seccomp
	}
	if got := l.report.Layers | Memory; !got.Tier().Meets(l.Require) { // memory is the host's to watch
		l.report.Refused = true
		l.say()
		os.Exit(126)
	}
	l.say()
	if l.Probe {
		os.Exit(0)
	}
	// Last, and nothing is allocated after it: this program may have reserved more
	// addresses itself than the module may have.
	limit, failed := &unix.Rlimit{Cur: l.AddressSpace, Max: l.AddressSpace}, l.failure("execute")
	_, _, e := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_AS, uintptr(unsafe.Pointer(limit)), 0, 0, 0)
	if e == 0 {
		_, _, e = unix.RawSyscall6(unix.SYS_EXECVEAT, BinaryFD, path, uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&env[0])), unix.AT_EMPTY_PATH, 0)
	}
	failed.write(e)
	runtime.KeepAlive(argv)
	runtime.KeepAlive(env)
	unix.RawSyscall(unix.SYS_EXIT_GROUP, 126, 0, 0)
}

// failure is the line of a report of failure, ready but for its error's number.
type failure struct {
	line []byte
	at   int // of three digits
}

func (l *launcher) failure(step string) failure {
	r := l.report
	r.Failed, r.Errno = step, 999
	line := r.line()
	return failure{[]byte(line), strings.LastIndex(line, " 999 ") + 1}
}

// write allocates nothing.
func (f failure) write(e syscall.Errno) {
	n := int(e)
	f.line[f.at], f.line[f.at+1], f.line[f.at+2] = byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10)
	unix.RawSyscall(unix.SYS_WRITE, ReportFD, uintptr(unsafe.Pointer(&f.line[0])), uintptr(len(f.line)))
}

// namespaces looks at the ones it was started in and makes its root.
func (l *launcher) namespaces() {
	own := OwnNamespaces()
	differs := func(a, b uint64, layer Layer) {
		if a != 0 && b != 0 && a != b {
			l.report.Layers |= layer
		}
	}
	differs(own.Network, l.Host.Network, Network)
	differs(own.Processes, l.Host.Processes, Processes)
	differs(own.User, l.Host.User, UserNamespace)
	if !l.Root {
		return
	}
	l.must("root", ownRoot(l.Dir, l.readable()))
	var s unix.Stat_t
	if unix.Stat("/proc/self", &s) == unix.ENOENT && unix.Stat("/etc", &s) == unix.ENOENT {
		l.report.Layers |= Files
	}
}

// Limits of a module's process.
const (
	maxDescriptors = 64  // it has a listener, one connection, its outputs
	maxThreads     = 256 // of its uid; a Go program under load has some twenty
)

func set(what int, v uint64) error {
	return unix.Setrlimit(what, &unix.Rlimit{Cur: v, Max: v})
}

// limits bound what costs the machine something. Not a byte into a file: what a
// module keeps it answers, and its only folder lies on the host's disk.
func (l *launcher) limits() error {
	for what, v := range map[int]uint64{unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_NOFILE: maxDescriptors, unix.RLIMIT_MSGQUEUE: 0} {
		if err := set(what, v); err != nil {
			return err
		}
	}
	// Counted by uid: with the host's own it would count the host.
	if l.UID != l.HostUID || l.report.Layers.Has(UserNamespace) {
		return set(unix.RLIMIT_NPROC, maxThreads)
	}
	return nil
}

// user takes the uid and lets go of every right.
func (l *launcher) user() error {
	if unix.Getuid() == 0 && l.UID != 0 {
		for c := uintptr(0); unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0) == nil; c++ {
		}
		if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0); e != 0 {
			return e
		}
		id := uintptr(l.UID)
		if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, id, id, id); e != 0 {
			return e
		}
		if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, id, id, id); e != 0 {
			return e
		}
	}
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) // refused where there is none
	var none [2]unix.CapUserData
	return unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0])
}

// bond makes the kernel kill this process when the host dies, and ends it when
// the host has died already: then nobody reads the report.
func (l *launcher) bond() error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	p := []unix.PollFd{{Fd: ReportFD}}
	if _, err := unix.Poll(p, 0); err != nil || p[0].Revents&unix.POLLERR != 0 {
		return unix.EPIPE
	}
	return nil
}

func (l *launcher) landlock() {
	abi := landlockABI()
	ok, err := restrict(l.Dir, l.readable(), abi)
	if err == nil && ok {
		l.report.Layers |= Landlock
		l.report.LandlockABI = abi
	}
}

// look finds out what the steps have come to.
func (l *launcher) look() {
	var r, e, s int
	if r, e, s = unix.Getresuid(); r == l.UID && e == l.UID && s == l.UID && l.UID != l.HostUID && l.UID != 0 {
		l.report.Layers |= User
	}
	var caps [2]unix.CapUserData
	nnp, _, errno := unix.RawSyscall6(unix.SYS_PRCTL, unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0)
	if unix.Capget(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &caps[0]) == nil &&
		caps == [2]unix.CapUserData{} && errno == 0 && nnp == 1 {
		l.report.Layers |= Privileges
	}
	var files, descriptors unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_FSIZE, &files) == nil && unix.Getrlimit(unix.RLIMIT_NOFILE, &descriptors) == nil &&
		files.Max == 0 && descriptors.Max == maxDescriptors {
		l.report.Layers |= Limits
	}
}
