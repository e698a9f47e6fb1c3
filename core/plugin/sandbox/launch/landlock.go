package launch

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// landlockABI is the version of Landlock in the kernel, 0 for none.
func landlockABI() int {
	n, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0
	}
	return int(n)
}

// ofABI says what a version of Landlock can restrict, and how much of the
// attribute it knows: Debian 12 has version 2, which knows nothing of truncating
// (the mode of files and limits stand in), networks and scopes (seccomp does).
func ofABI(abi int) (attr unix.LandlockRulesetAttr, size uintptr) {
	attr.Handled_access_fs, size = 1<<13-1, 8
	if abi >= 2 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		attr.Handled_access_net, size = unix.LANDLOCK_ACCESS_NET_BIND_TCP|unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, 16
	}
	if abi >= 5 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= 6 {
		attr.Scoped, size = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET|unix.LANDLOCK_SCOPE_SIGNAL, 24
	}
	return attr, size
}

// restrict leaves this thread, and what it becomes, only the making and removing
// of files and sockets in dir, and the reading of the folders of readable. It
// reports whether that was seen to hold: the root folder could be listed before
// and cannot afterwards.
func restrict(dir string, readable []string, abi int) (bool, error) {
	if abi == 0 {
		return false, nil
	}
	attr, size := ofABI(abi)
	rules, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if e != 0 {
		return false, e
	}
	defer unix.Close(int(rules))
	if err := permit(rules, dir, unix.LANDLOCK_ACCESS_FS_READ_FILE|unix.LANDLOCK_ACCESS_FS_WRITE_FILE|unix.LANDLOCK_ACCESS_FS_MAKE_REG|
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK|unix.LANDLOCK_ACCESS_FS_REMOVE_FILE); err != nil {
		return false, err
	}
	for _, path := range readable {
		// To execute is to be the loader of the one program; seccomp permits no other.
		if err := permit(rules, path, unix.LANDLOCK_ACCESS_FS_READ_FILE|unix.LANDLOCK_ACCESS_FS_READ_DIR|unix.LANDLOCK_ACCESS_FS_EXECUTE); err != nil {
			return false, err
		}
	}
	before := canList("/")
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0, 0); e != 0 {
		return false, e
	}
	return before && !canList("/"), nil
}

// permit adds to the rules what may be done below a folder.
func permit(rules uintptr, path string, access uint64) error {
	d, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(d)
	below := unix.LandlockPathBeneathAttr{Parent_fd: int32(d), Allowed_access: access}
	if _, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, rules, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&below)), 0, 0, 0); e != 0 {
		return e
	}
	return nil
}

func canList(path string) bool {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	_ = unix.Close(fd)
	return true
}
