package launch

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Verdicts of a filter (linux/seccomp.h).
const (
	allow       = 0x7fff0000
	killProcess = 0x80000000
	errnoBits   = 0x00050000
)

// Places in what a filter looks at: struct seccomp_data.
const (
	atNumber = 0
	atArch   = 4
	atArgs   = 16
)

// fiosetown is FIOSETOWN of linux/sockios.h, which x/sys does not name.
const fiosetown = 0x8901

// filter is a seccomp program in the making. It is a list of what is refused:
// what a Go runtime calls differs between its versions, and a list of what is
// allowed would break modules built by others. What it refuses is chosen by
// effect, not by name: everything with which a process can reach out of itself.
type filter []unix.SockFilter

func (f *filter) add(code uint16, k uint32, jt, jf uint8) {
	*f = append(*f, unix.SockFilter{Code: code, K: k, Jt: jt, Jf: jf})
}

func (f *filter) load(at uint32)     { f.add(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, at, 0, 0) }
func (f *filter) ret(v uint32)       { f.add(unix.BPF_RET|unix.BPF_K, v, 0, 0) }
func (f *filter) and(mask uint32)    { f.add(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, mask, 0, 0) }
func (f *filter) skipIf(v uint32)    { f.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, v, 1, 0) }
func (f *filter) skipIfSet(b uint32) { f.add(unix.BPF_JMP|unix.BPF_JSET|unix.BPF_K, b, 1, 0) }

// low and high are where the halves of an argument lie, on little-endian machines.
func low(arg uint32) uint32  { return atArgs + 8*arg }
func high(arg uint32) uint32 { return low(arg) + 4 }

// when runs the block for one system call; the block must return in all its paths.
func (f *filter) when(nr uint32, block func(b *filter)) {
	var b filter
	block(&b)
	f.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, nr, 0, uint8(len(b)))
	*f = append(*f, b...)
}

// refuse answers the calls with an error.
func (f *filter) refuse(errno uint32, nrs ...uint32) {
	for _, nr := range nrs {
		f.when(nr, func(b *filter) { b.ret(errnoBits | errno) })
	}
}

// only permits a call when the argument is one of the values.
func (f *filter) only(errno, nr, arg uint32, values ...uint32) {
	f.when(nr, func(b *filter) {
		b.load(low(arg))
		for i, v := range values {
			// to the verdict "allow", behind the other values and the refusal
			b.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, v, uint8(len(values)-i), 0)
		}
		b.ret(errnoBits | errno)
		b.ret(allow)
	})
}

// not refuses a call when the argument is one of the values.
func (f *filter) not(errno, nr, arg uint32, values ...uint32) {
	f.when(nr, func(b *filter) {
		b.load(low(arg))
		for i, v := range values {
			b.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, v, uint8(len(values)-i), 0)
		}
		b.ret(allow)
		b.ret(errnoBits | errno)
	})
}

// program is the filter of a module's process. self is the process's own id as
// it sees it. gate is the only address from which the one program that it is to
// become may be named; see [open].
//
// Three refusals carry more than their name says. connect: a module is only
// ever connected to, so no socket on the machine is in its reach, the
// database's neither, whatever the files permit. Links and changed modes: the
// host looks at the socket that the module names before it connects to it, and
// a link put there in between would lead it elsewhere. execveat: the address is
// a guess at 2^38, and the first wrong guess is the last.
func program(self int, gate uintptr) filter {
	var f filter
	f.load(atArch)
	f.skipIf(auditArch)
	f.ret(killProcess)
	f.load(atNumber)
	refuseForeignABI(&f)
	pid := uint32(self)

	f.when(unix.SYS_EXECVEAT, func(b *filter) {
		for _, c := range [][2]uint32{
			{low(1), uint32(uint64(gate))}, {high(1), uint32(uint64(gate) >> 32)}, {low(4), unix.AT_EMPTY_PATH}, {high(4), 0},
		} {
			b.load(c[0])
			b.skipIf(c[1])
			b.ret(killProcess)
		}
		b.ret(allow)
	})
	f.when(unix.SYS_CLONE, func(b *filter) { // threads, no processes
		b.load(low(0))
		b.skipIfSet(unix.CLONE_THREAD)
		b.ret(errnoBits | uint32(unix.EPERM))
		b.ret(allow)
	})
	// Opening a file empties it, too; openat2's flags lie behind a pointer.
	for _, o := range opening {
		f.when(o.nr, func(b *filter) {
			b.load(low(o.flags))
			b.skipIfSet(unix.O_TRUNC)
			b.ret(allow)
			b.ret(errnoBits | uint32(unix.EACCES))
		})
	}
	f.refuse(uint32(unix.ENOSYS), unix.SYS_OPENAT2)
	// Its flags lie behind a pointer; without it Go and libc take clone.
	f.refuse(uint32(unix.ENOSYS), unix.SYS_CLONE3)
	f.when(unix.SYS_SOCKET, func(b *filter) { // to be connected to, nothing else
		b.load(low(0))
		b.skipIf(unix.AF_UNIX)
		b.ret(errnoBits | uint32(unix.EACCES))
		b.load(low(1))
		b.and(0xf)
		b.skipIf(unix.SOCK_STREAM)
		b.ret(errnoBits | uint32(unix.EACCES))
		b.ret(allow)
	})
	f.refuse(uint32(unix.EACCES), unix.SYS_CONNECT, unix.SYS_SOCKETPAIR)
	eperm := uint32(unix.EPERM)
	for _, nr := range []uint32{unix.SYS_KILL, unix.SYS_TGKILL} {
		f.only(eperm, nr, 0, pid)
	}
	f.only(eperm, unix.SYS_PRLIMIT64, 0, 0, pid)
	// The signal at the host's death, and signals by way of a descriptor's owner.
	f.not(eperm, unix.SYS_PRCTL, 0, unix.PR_SET_PDEATHSIG)
	f.not(eperm, unix.SYS_FCNTL, 1, unix.F_SETOWN, unix.F_SETOWN_EX, unix.F_SETSIG)
	f.not(eperm, unix.SYS_IOCTL, 1, fiosetown, unix.SIOCSPGRP, unix.TIOCSTI)
	f.refuse(eperm, refused...)
	f.refuse(eperm, refusedHere...)
	f.ret(allow)
	return f
}

// refused are calls that no module needs, by what they are for.
var refused = []uint32{
	// other programs, processes and their memory
	unix.SYS_EXECVE, unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV,
	unix.SYS_PROCESS_MADVISE, unix.SYS_PROCESS_MRELEASE, unix.SYS_KCMP, unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_GETFD, unix.SYS_MIGRATE_PAGES,
	unix.SYS_MOVE_PAGES, unix.SYS_SETSID, unix.SYS_SETPGID,
	// signals and priorities of others
	unix.SYS_TKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_SETPRIORITY,
	unix.SYS_IOPRIO_SET, unix.SYS_SCHED_SETSCHEDULER, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETATTR, unix.SYS_SCHED_SETAFFINITY,
	// namespaces, mounts, roots
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_MOVE_MOUNT,
	unix.SYS_OPEN_TREE, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
	unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME,
	// links, modes, owners, lengths, attributes (access lists are attributes), times,
	// devices, handles instead of paths
	unix.SYS_SYMLINKAT, unix.SYS_LINKAT, unix.SYS_MKNODAT, unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWN,
	unix.SYS_FCHOWNAT, unix.SYS_TRUNCATE, unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_SETXATTRAT,
	unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR, unix.SYS_REMOVEXATTRAT, unix.SYS_UTIMENSAT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_FANOTIFY_INIT, unix.SYS_QUOTACTL, unix.SYS_ACCT,
	// wide or young doors into the kernel
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_USERFAULTFD, unix.SYS_VMSPLICE, unix.SYS_PERSONALITY, unix.SYS_SYSLOG, unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_SETTIMEOFDAY,
	unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,
	// keys, and memory and queues that outlive the process
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMCTL, unix.SYS_SEMGET,
	unix.SYS_MSGGET, unix.SYS_MQ_OPEN,
}

// gates is where the address of the empty path is drawn from: above everything
// that programs are linked to, below the end of the smallest address space (39
// bits on some arm64 machines).
const gatesFrom, gatesTo = 1 << 32, 1 << 38

// open makes the gate: an address, drawn at random, at which an empty string
// lies. The filter permits execveat only with that address as its path, so that
// the launcher can become the module and the module cannot become anything: the
// address is gone with the launcher's memory, and a wrong one kills. (A filter
// sees a path's address, never the path.)
func open() (uintptr, error) {
	const page = 1 << 16 // the largest page of the machines we know
	for range 100 {
		var r [8]byte
		if _, err := unix.Getrandom(r[:], 0); err != nil {
			return 0, err
		}
		n := *(*uint64)(unsafe.Pointer(&r))
		at := uintptr(gatesFrom + n%(gatesTo-gatesFrom))
		got, _, e := unix.Syscall6(unix.SYS_MMAP, at&^(page-1), page, unix.PROT_READ,
			unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE, ^uintptr(0), 0)
		if e == unix.EEXIST {
			continue
		}
		if e != 0 {
			return 0, e
		}
		if got != at&^(page-1) { // a kernel before 4.17 takes the address for a hint
			return 0, unix.ENOSYS
		}
		return at, nil
	}
	return 0, unix.EEXIST
}

// install puts the filter in force for this thread, and for what it becomes.
func (f filter) install() error {
	p := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	_, _, e := unix.Syscall(unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&p)))
	runtime.KeepAlive(f)
	if e != 0 {
		return e
	}
	return nil
}

// filtered reports whether the kernel filters this thread, and does what it was
// told: asked for a network and for another program, it must refuse.
func filtered() bool {
	mode, _, e := unix.Syscall(unix.SYS_PRCTL, unix.PR_GET_SECCOMP, 0, 0)
	if e != 0 || mode != unix.SECCOMP_MODE_FILTER {
		return false
	}
	if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0); err != unix.EACCES {
		if err == nil {
			_ = unix.Close(fd)
		}
		return false
	}
	_, _, e = unix.RawSyscall(unix.SYS_EXECVE, 0, 0, 0)
	return e == unix.EPERM
}
