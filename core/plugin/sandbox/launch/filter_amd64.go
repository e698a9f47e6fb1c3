package launch

import "golang.org/x/sys/unix"

// auditArch is AUDIT_ARCH_X86_64.
const auditArch = 0xC000003E

// refuseForeignABI kills what calls by the numbers of x32, which would pass by
// all that follows.
func refuseForeignABI(f *filter) {
	f.add(unix.BPF_JMP|unix.BPF_JGE|unix.BPF_K, 0x40000000, 0, 1)
	f.ret(killProcess)
}

// opening are the calls that open by a path, and which argument has the flags.
var opening = []struct{ nr, flags uint32 }{{unix.SYS_OPENAT, 2}, {unix.SYS_OPEN, 1}}

// refusedHere are older names of refused calls, and doors to the machine's ports.
var refusedHere = []uint32{
	unix.SYS_FORK, unix.SYS_VFORK, unix.SYS_CREAT, unix.SYS_SYMLINK, unix.SYS_LINK, unix.SYS_MKNOD, unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT,
	unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_USELIB,
}
