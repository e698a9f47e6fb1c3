package launch

import (
	"strings"

	"golang.org/x/sys/unix"
)

// ownRoot makes a root folder in which there is nothing but dir, under its own
// name, so that the host finds the socket where the module says it is. The
// process must be in a mount namespace of its own, with the right to mount.
//
// The new root is a small memory file system laid over dir; dir itself is
// fetched before and put back inside it; then the two roots change places and
// the old one is let go.
func ownRoot(dir string) error {
	const quiet = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	tree, err := unix.OpenTree(unix.AT_FDCWD, dir, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(tree)
	if err := unix.Mount("module", dir, "tmpfs", quiet, "size=64k,nr_inodes=64,mode=0755"); err != nil {
		return err
	}
	inside := dir
	for _, part := range strings.Split(strings.Trim(dir, "/"), "/") {
		inside += "/" + part
		if err := unix.Mkdir(inside, 0o755); err != nil {
			return err
		}
	}
	if err := unix.MoveMount(tree, "", unix.AT_FDCWD, inside, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return err
	}
	if err := unix.Mount("", inside, "", unix.MS_REMOUNT|unix.MS_BIND|quiet, ""); err != nil {
		return err
	}
	if err := unix.Chdir(dir); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return err
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return err
	}
	if err := unix.Chdir("/"); err != nil {
		return err
	}
	return unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|quiet, "")
}
