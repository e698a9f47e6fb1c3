package cluster

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/fault"
)

// binaries are the programs of one installed PostgreSQL.
type binaries struct {
	dir   string
	major int
}

// oldest is the oldest major version that Sieci is tried with.
const oldest = 15

// places are where distributions put the server, which is seldom on the PATH.
var places = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/postgresql/*/bin"}

// findBinaries picks the version that made the data, or the newest for a new
// cluster.
func findBinaries(data string) (binaries, error) {
	all := installed()
	want, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if len(all) == 0 || all[len(all)-1].major < oldest {
			return binaries{}, fault.New(fault.Unavailable, "app.postgres.missing", "Oldest", strconv.Itoa(oldest))
		}
		return all[len(all)-1], nil
	}
	if err != nil {
		return binaries{}, fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", data)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(want)))
	if err != nil {
		return binaries{}, fault.Wrap(err, fault.Unavailable, "app.postgres.not_a_cluster", "Dir", data)
	}
	var have []string
	for _, b := range all {
		if b.major == major {
			return b, nil
		}
		have = append(have, strconv.Itoa(b.major))
	}
	return binaries{}, fault.New(fault.Unavailable, "app.postgres.version", "Dir", data, "Major", strconv.Itoa(major),
		"Have", cmp.Or(strings.Join(have, ", "), "–"))
}

// installed lists what is there, the oldest first, one per major version.
func installed() []binaries {
	var dirs []string
	if p, err := exec.LookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
	}
	for _, pattern := range places {
		found, _ := filepath.Glob(pattern) // fails only for a malformed pattern
		dirs = append(dirs, found...)
	}
	var out []binaries
	for _, d := range dirs {
		major, ok := majorOf(d)
		if ok && !slices.ContainsFunc(out, func(b binaries) bool { return b.major == major }) {
			out = append(out, binaries{d, major})
		}
	}
	slices.SortFunc(out, func(a, b binaries) int { return cmp.Compare(a.major, b.major) })
	return out
}

var versionLine = regexp.MustCompile(`PostgreSQL\) (\d+)`)

func majorOf(dir string) (int, bool) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, false
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return 0, false
	}
	major, err := strconv.Atoi(string(m[1]))
	return major, err == nil
}
