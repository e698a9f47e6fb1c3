// Package ways are the ways out of a sandbox that we know. Each is tried; how it
// ended is noted.
package ways

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Foreign names what lies open to everybody on the machine and must be out of
// the process's reach all the same.
type Foreign struct{ File, Socket string }

// Result is how a way ended: 0 means that it was open. What a module needs has
// names that begin with "ok_", and with "own_" what it needs until it serves.
type Result struct {
	Way   string
	Errno syscall.Errno
}

// attempt collects results.
type attempt struct {
	foreign Foreign
	out     []Result
}

// Try tries every way from which the process comes back.
func Try(f Foreign) []Result {
	a := &attempt{foreign: f}
	a.files()
	a.networks()
	a.programs()
	a.signals(os.Getppid())
	a.doors()
	return a.out
}

// Guess tries another program by the one call that permits the first; a process
// that comes back from it is not held in.
func Guess() {
	_, _, _ = syscall.RawSyscall6(unix.SYS_EXECVEAT, ^uintptr(0), text("/bin/true"), 0, 0, unix.AT_EMPTY_PATH, 0)
}

func (a *attempt) say(name string, err error) {
	n := syscall.Errno(0)
	if err != nil && !errors.As(err, &n) {
		n = syscall.EINVAL
	}
	a.out = append(a.out, Result{name, n})
}

// call makes a system call.
func (a *attempt) call(name string, nr uintptr, args ...uintptr) {
	var x [6]uintptr
	copy(x[:], args)
	if _, _, e := syscall.RawSyscall6(nr, x[0], x[1], x[2], x[3], x[4], x[5]); e != 0 {
		a.say(name, e)
		return
	}
	a.say(name, nil)
}

func text(s string) uintptr {
	b := append([]byte(s), 0)
	return uintptr(unsafe.Pointer(&b[0]))
}

func (a *attempt) files() {
	open := func(name, path string, mode int) {
		fd, err := unix.Open(path, mode|unix.O_CLOEXEC, 0o600)
		if err == nil {
			_ = unix.Close(fd)
		}
		a.say(name, err)
	}
	open("read_foreign", a.foreign.File, unix.O_RDONLY)
	open("write_foreign", a.foreign.File, unix.O_WRONLY)
	open("read_environ", "/proc/1/environ", unix.O_RDONLY)
	open("write_tmp", "/tmp/prisoner", unix.O_CREAT|unix.O_WRONLY)
	dir, _ := os.Getwd()
	own := dir + "/own"
	fd, err := unix.Open(own, unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	a.say("own_create", err)
	_, err = unix.Write(fd, []byte("x"))
	a.say("write_byte", err)
	a.say("grow", unix.Ftruncate(fd, 1))
	open("empty", own, unix.O_RDWR|unix.O_TRUNC)
	a.say("chmod", unix.Chmod(own, 0o777))
	a.say("fchmod", unix.Fchmod(fd, 0o777))
	a.say("symlink", unix.Symlink("/etc/passwd", dir+"/link"))
	a.say("link", unix.Link(own, dir+"/hard"))
	a.say("fifo", unix.Mknod(dir+"/fifo", unix.S_IFIFO|0o600, 0))
	a.say("own_remove", unix.Unlink(own))
}

func (a *attempt) networks() {
	sock := func(name string, family, typ, proto int) {
		fd, err := unix.Socket(family, typ, proto)
		if err == nil {
			_ = unix.Close(fd)
		}
		a.say(name, err)
	}
	sock("tcp", unix.AF_INET, unix.SOCK_STREAM, 0)
	sock("tcp6", unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	sock("udp", unix.AF_INET, unix.SOCK_DGRAM, 0)
	sock("mptcp", unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
	sock("netlink", unix.AF_NETLINK, unix.SOCK_RAW, 0)
	sock("vsock", unix.AF_VSOCK, unix.SOCK_STREAM, 0)
	sock("packet", unix.AF_PACKET, unix.SOCK_RAW, 0)
	sock("alg", unix.AF_ALG, unix.SOCK_SEQPACKET, 0)
	sock("unix_datagram", unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	sock("high_bits", unix.AF_INET|1<<20, unix.SOCK_STREAM, 0)
	_, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	a.say("socketpair", err)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	a.say("ok_unix", err)
	a.say("connect_foreign", unix.Connect(fd, &unix.SockaddrUnix{Name: a.foreign.Socket}))
	a.say("connect_abstract", unix.Connect(fd, &unix.SockaddrUnix{Name: "@" + a.foreign.Socket}))
	dir, _ := os.Getwd()
	a.say("own_bind", unix.Bind(fd, &unix.SockaddrUnix{Name: dir + "/s"}))
	a.say("own_listen", unix.Listen(fd, 1))
}

func (a *attempt) programs() {
	var argv [1]uintptr
	a.call("exec", unix.SYS_EXECVE, text("/bin/true"), uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&argv[0])))
	a.call("exec_self", unix.SYS_EXECVE, text("/proc/self/exe"), uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&argv[0])))
	fork := func(name string, nr uintptr, flags uintptr) {
		pid, _, e := syscall.RawSyscall6(nr, flags, 0, 0, 0, 0, 0)
		if e == 0 && pid == 0 {
			syscall.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
		}
		if e == 0 {
			a.say(name, nil)
			return
		}
		a.say(name, e)
	}
	legacyFork(fork)
	fork("clone", unix.SYS_CLONE, uintptr(unix.SIGCHLD))
	fork("clone_user", unix.SYS_CLONE, uintptr(unix.SIGCHLD)|unix.CLONE_NEWUSER)
	fork("clone3", unix.SYS_CLONE3, 0)
	a.call("memfd", unix.SYS_MEMFD_CREATE, text("x"), 0)
	a.call("setsid", unix.SYS_SETSID)
	a.call("setpgid", unix.SYS_SETPGID, 0, 0)
	a.call("setuid_root", unix.SYS_SETRESUID, 0, 0, 0)
	a.say("raise_limit", unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 4096, Max: 4096}))
	_, err := unix.FcntlInt(1, unix.F_DUPFD, 100)
	a.say("descriptor_above_limit", err)
}

func (a *attempt) signals(parent int) {
	if parent == 0 {
		parent = 1 << 20 // a namespace of its own: there is none to name
	}
	p := uintptr(parent)
	a.call("kill_parent", unix.SYS_KILL, p, 0)
	a.call("kill_all", unix.SYS_KILL, ^uintptr(0), 0)
	a.call("kill_group", unix.SYS_KILL, 0, 0)
	a.call("tgkill_parent", unix.SYS_TGKILL, p, p, 0)
	a.call("tkill_parent", unix.SYS_TKILL, p, 0)
	a.call("sigqueue", unix.SYS_RT_SIGQUEUEINFO, p, 10, 0)
	a.call("pidfd", unix.SYS_PIDFD_OPEN, p, 0)
	a.call("fcntl_owner", unix.SYS_FCNTL, 0, unix.F_SETOWN, p)
	a.call("fcntl_signal", unix.SYS_FCNTL, 0, unix.F_SETSIG, 9)
	a.call("forget_death", unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, 0)
	a.call("priority", unix.SYS_SETPRIORITY, 0, p, 19)
	a.call("limits_of_parent", unix.SYS_PRLIMIT64, p, unix.RLIMIT_NOFILE, 0, 0)
	a.call("ok_self", unix.SYS_KILL, uintptr(os.Getpid()), 0)
}

func (a *attempt) doors() {
	for name, nr := range map[string]uintptr{"ptrace": unix.SYS_PTRACE, "unshare": unix.SYS_UNSHARE, "setns": unix.SYS_SETNS, "mount": unix.SYS_MOUNT,
		"chroot": unix.SYS_CHROOT, "bpf": unix.SYS_BPF, "keyctl": unix.SYS_KEYCTL, "perf": unix.SYS_PERF_EVENT_OPEN,
		"io_uring": unix.SYS_IO_URING_SETUP, "userfaultfd": unix.SYS_USERFAULTFD, "vm_read": unix.SYS_PROCESS_VM_READV,
		"vm_write": unix.SYS_PROCESS_VM_WRITEV, "shm": unix.SYS_SHMGET, "module": unix.SYS_INIT_MODULE, "handle": unix.SYS_OPEN_BY_HANDLE_AT} {
		a.call(name, nr)
	}
}
