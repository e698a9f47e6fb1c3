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
// the old one is let go. The folders of readable come along, to be read alone.
func ownRoot(dir string, readable []string) error {
	const quiet = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	tree, err := unix.OpenTree(unix.AT_FDCWD, dir, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(tree)
	libraries := make([]int, len(readable))
	for i, path := range readable {
		if libraries[i], err = unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE); err != nil {
			return err
		}
		defer unix.Close(libraries[i])
	}
	if err := unix.Mount("module", dir, "tmpfs", quiet, "size=64k,nr_inodes=64,mode=0755"); err != nil {
		return err
	}
	if err := bring(dir, readable, libraries); err != nil {
		return err
	}
	inside, err := below(dir, dir)
	if err != nil {
		return err
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

// below makes the path inside root and returns where it then lies.
func below(root, path string) (string, error) {
	for _, part := range strings.Split(strings.Trim(path, "/"), "/") {
		root += "/" + part
		if err := unix.Mkdir(root, 0o755); err != nil && err != unix.EEXIST {
			return "", err
		}
	}
	return root, nil
}

// bring puts folders of the machine into the root, to be read and run from, never
// written.
func bring(root string, paths []string, trees []int) error {
	for i, path := range paths {
		at, err := below(root, path)
		if err != nil {
			return err
		}
		if err := unix.MoveMount(trees[i], "", unix.AT_FDCWD, at, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			return err
		}
		if err := unix.Mount("", at, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
			return err
		}
	}
	if len(paths) == 0 {
		return nil
	}
	for name, to := range links {
		if err := unix.Symlink(to, root+name); err != nil {
			return err
		}
	}
	return nil
}
