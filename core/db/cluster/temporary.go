package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Temporary makes and starts a throwaway cluster in a folder of its own, which
// [Cluster.Close] removes. Folders that killed processes left behind are swept.
func Temporary(ctx context.Context) (*Cluster, error) {
	pattern := fmt.Sprintf("sieci-test-%d-", os.Geteuid())
	sweep(filepath.Join("/tmp", pattern+"*"))
	// /tmp: the path of a socket must be short.
	dir, err := os.MkdirTemp("/tmp", pattern)
	if err != nil {
		return nil, err
	}
	// The user who runs the cluster must be able to walk through.
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, err
	}
	k, err := Open(ctx, Config{Dir: filepath.Join(dir, "pg"), Throwaway: true})
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	k.remove = dir
	return k, nil
}

// sweepAfter keeps away from a folder that another process is just making.
const sweepAfter = 10 * time.Minute

func sweep(pattern string) {
	found, _ := filepath.Glob(pattern) // fails only for a malformed pattern
	for _, dir := range found {
		st, err := os.Stat(dir)
		if err != nil || time.Since(st.ModTime()) < sweepAfter {
			continue
		}
		l, err := tryExclusive(filepath.Join(dir, "pg", "users"))
		if err != nil {
			continue // in use
		}
		_ = os.RemoveAll(dir)
		l.release()
	}
}
