package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"ore.edu.pl/sieci/core/fault"
)

// owner is the user whom the cluster's files belong to and as whom postgres
// runs: ourselves, or "postgres" when we are root (postgres refuses root).
type owner struct {
	uid, gid uint32
	name     string
	// drop says that we are root and postgres must become the owner.
	drop bool
	// clients are the names that may connect.
	clients []string
}

// rootsUser runs postgres when root runs Sieci: the distribution's package
// makes it, and nothing that modules or visitors reach runs under it.
const rootsUser = "postgres"

func whoOwns() (owner, error) {
	if os.Geteuid() != 0 {
		u, err := user.Current()
		if err != nil {
			return owner{}, fault.Wrap(err, fault.Unavailable, "app.postgres.nameless", "Uid", strconv.Itoa(os.Geteuid()))
		}
		return owner{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid()), name: u.Username, clients: []string{u.Username}}, nil
	}
	u, err := user.Lookup(rootsUser)
	if err != nil {
		return owner{}, fault.Wrap(err, fault.Unavailable, "app.postgres.no_user", "User", rootsUser)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return owner{}, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return owner{}, err
	}
	return owner{uid: uint32(uid), gid: uint32(gid), name: rootsUser, drop: true, clients: []string{"root", rootsUser}}, nil
}

// credential is what the child of a root process becomes; nil keeps ours.
func (o owner) credential() *syscall.Credential {
	if !o.drop {
		return nil
	}
	return &syscall.Credential{Uid: o.uid, Gid: o.gid}
}

// prepareDir makes dir, the owner's and closed to others.
func (o owner) prepareDir(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o711); err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", dir)
	}
	if err := o.own(dir); err != nil {
		return err
	}
	if !o.drop {
		return nil
	}
	// postgres must be able to walk to its folder; better a sentence now than
	// initdb's "Permission denied".
	for p := filepath.Dir(dir); ; p = filepath.Dir(p) {
		st, err := os.Stat(p)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", p)
		}
		if s := st.Sys().(*syscall.Stat_t); st.Mode().Perm()&0o001 == 0 && s.Uid != o.uid {
			return fault.New(fault.Unavailable, "app.postgres.walled", "Dir", p, "User", o.name)
		}
		if p == filepath.Dir(p) {
			return nil
		}
	}
}

// own makes a folder that is the owner's alone, or refuses one that is not:
// in a folder shared by all (/tmp) somebody may have been there first.
func (o owner) own(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		if o.drop {
			err = os.Lchown(dir, int(o.uid), int(o.gid))
		}
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", dir)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", dir)
	}
	st, err := os.Lstat(dir)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", dir)
	}
	s := st.Sys().(*syscall.Stat_t)
	if o.drop && s.Uid == 0 && st.IsDir() && st.Mode().Perm() == 0o700 && empty(dir) {
		// Root, who opens the same folder just now, has made it and is about to
		// give it away: an empty folder that is root's alone is no one else's.
		if err := os.Lchown(dir, int(o.uid), int(o.gid)); err != nil {
			return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", dir)
		}
		return nil
	}
	if !st.IsDir() || s.Uid != o.uid || st.Mode().Perm() != 0o700 {
		return fault.New(fault.Unavailable, "app.postgres.foreign", "Dir", dir, "User", o.name)
	}
	return nil
}

func empty(dir string) bool {
	list, err := os.ReadDir(dir)
	return err == nil && len(list) == 0
}

// longestSocket is what fits into sockaddr_un with its closing zero.
const longestSocket = 107

// socketDir is where the socket lies: in the cluster's folder or, where that
// path is too long for a socket, in a runtime folder named after it, which
// every process finds in the same way.
func (o owner) socketDir(dir string) (string, error) {
	inside := filepath.Join(dir, "run")
	if len(socketFile(inside)) <= longestSocket {
		return inside, o.own(inside)
	}
	sum := sha256.Sum256([]byte(dir))
	name := fmt.Sprintf("sieci-%d-%s", o.uid, hex.EncodeToString(sum[:8]))
	base := os.Getenv("XDG_RUNTIME_DIR")
	if o.drop || base == "" || len(socketFile(filepath.Join(base, name))) > longestSocket {
		base = "/tmp" // not $TMPDIR: it may differ between the server and a command
	}
	outside := filepath.Join(base, name)
	return outside, o.own(outside)
}

func socketFile(dir string) string { return filepath.Join(dir, fmt.Sprintf(".s.PGSQL.%d", port)) }
