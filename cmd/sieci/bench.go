package main

// The story of a module in the making. Its folder is looked at twice a second;
// what was saved is built once the folder has been quiet for a moment. A build
// gets a version of its own ("1.0.0-dev.3"), for the catalogue takes no two
// bundles of one version, and then goes the way of every module: packed, signed,
// handed in, run dry, enabled. The running version serves until the new one is
// up, and goes on when anything on that way fails; what went wrong is printed.

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

const (
	// watchEvery is how often the folder is looked at; a change is built when two
	// looks in a row saw the same.
	watchEvery = 400 * time.Millisecond
	// maxWatched is how many files are looked at.
	maxWatched = 10_000
	// maxWords is how much of a compiler's output is printed, in bytes.
	maxWords = 32 << 10
	// upWithin is how long a new version may take to answer: a start's deadline
	// and a repeat.
	upWithin = 15 * time.Second
)

// bench builds the module of a folder and puts it into a running platform. One
// goroutine uses it.
type bench struct {
	Program
	a   *app.App
	dir string
	// stage is where manifest and program of a build lie.
	stage string
	key   ed25519.PrivateKey
	// builds counts what was packed; running is the version that serves, or "".
	builds  int
	running string
}

// work builds now and after every change, until ctx ends.
func (b *bench) work(ctx context.Context) error {
	built := ""
	for last := ""; ; {
		now, err := fingerprint(b.dir)
		switch {
		case err != nil:
			return err
		case now != built && (now == last || built == ""):
			built = now
			b.turn(ctx)
		}
		last = now
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}

// fingerprint tells two states of the folder apart by names, sizes and times of
// what a module is made of: hidden files, keys, bundles and built programs are not.
func fingerprint(dir string) (string, error) {
	h, n := sha256.New(), 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name := filepath.Base(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != dir:
			return nil // gone between two looks
		case err != nil:
			return err
		case path != dir && strings.HasPrefix(name, "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		switch ext := filepath.Ext(name); {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case !info.Mode().IsRegular(), info.Mode()&0o111 != 0, ext == ".key", ext == ".pub", ext == bundle.Ending:
			return nil
		}
		if n++; n > maxWatched {
			return fault.New(fault.Invalid, "cli.plugin.dev_large", "Dir", dir, "Max", maxWatched)
		}
		fmt.Fprintln(h, path, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	return string(h.Sum(nil)), err
}

// turn builds and enables, and says how that went.
func (b *bench) turn(ctx context.Context) {
	began := time.Now()
	id, version, err := b.deliver(ctx)
	at := began.Format(time.TimeOnly)
	if err == nil {
		b.running = version
		b.print(b.Out, i18n.T(ctx, "cli.plugin.dev_up", "At", at, "ID", id, "Version", version, "Seconds", fmt.Sprintf("%.1f", time.Since(began).Seconds())))
		return
	}
	if ctx.Err() != nil {
		return
	}
	var words *compilerError
	if errors.As(err, &words) {
		b.print(b.Err, words.text)
	} else {
		b.complain(ctx, err)
	}
	if b.running != "" {
		b.print(b.Err, i18n.T(ctx, "cli.plugin.dev_stays", "At", at, "Version", b.running))
		return
	}
	b.print(b.Err, i18n.T(ctx, "cli.plugin.dev_waits", "At", at))
}

// compilerError is what the compiler said.
type compilerError struct{ text string }

// Error implements error.
func (e *compilerError) Error() string { return e.text }

// deliver takes the folder as it is now all the way to an enabled version.
func (b *bench) deliver(ctx context.Context) (id, version string, err error) {
	if err := b.stageManifest(); err != nil {
		return "", "", err
	}
	if err := b.compile(ctx); err != nil {
		return "", "", err
	}
	var plain, signed bytes.Buffer
	s := bundle.Source{Dir: b.stage, Texts: filepath.Join(b.dir, "texts"), Binaries: map[string]string{"linux/" + runtime.GOARCH: b.program()}}
	if _, err := s.Write(&plain); err != nil {
		return "", "", err
	}
	m, err := bundle.Sign(&signed, &plain, b.key)
	if err != nil {
		return "", "", err
	}
	ctx = access.With(ctx, operator())
	kept, err := b.a.Modules.AddBundle(ctx, bytes.NewReader(signed.Bytes()))
	if err != nil {
		return "", "", err
	}
	if err := b.enableBuild(ctx, kept, m); err != nil {
		// What never ran would fill the catalogue; what did stays.
		if gone := b.a.Modules.DiscardBundle(ctx, kept); gone != nil && !fault.Is(gone, fault.Conflict) {
			err = errors.Join(err, gone)
		}
		return "", "", err
	}
	return m.ID, m.Version, nil
}

// enableBuild enables a version with everything that it asks for, and waits for
// it to answer.
func (b *bench) enableBuild(ctx context.Context, kept uuid.UUID, m *bundle.Manifest) error {
	r, err := b.a.Modules.Report(ctx, kept)
	if err != nil {
		return err
	}
	if r.Problem != "" {
		b.print(b.Err, r.Problem)
	}
	if r.Refused != nil {
		return r.Refused
	}
	if err := b.a.Modules.EnableOn(ctx, m.ID, m.Version, plugin.Terms{Withheld: []string{}}); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, upWithin)
	defer cancel()
	if err := b.a.Modules.Await(wait, m.ID); err != nil {
		return fault.Wrap(err, fault.Unavailable, "cli.plugin.dev_down", "Version", m.Version)
	}
	for _, x := range b.a.Modules.Enabled() {
		if i := x.Info(); i.ID == m.ID && i.Version == m.Version {
			return nil
		}
	}
	return fault.New(fault.Unavailable, "cli.plugin.dev_down", "Version", m.Version)
}

func (b *bench) program() string  { return filepath.Join(b.stage, "module") }
func (b *bench) manifest() string { return filepath.Join(b.stage, "manifest.json") }

// stageManifest writes the manifest with the version of the next build.
func (b *bench) stageManifest() error {
	path := filepath.Join(b.dir, "manifest.json")
	info, err := os.Stat(path)
	if err != nil || info.Size() > bundle.MaxManifest {
		return fault.Wrap(err, fault.Invalid, "plugin.bundle.no_manifest", "Dir", b.dir)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "plugin.bundle.no_manifest", "Dir", b.dir)
	}
	var all map[string]json.RawMessage
	var version string
	err = json.Unmarshal(raw, &all)
	if err == nil {
		err = json.Unmarshal(all["version"], &version)
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "plugin.bundle.manifest", "Detail", err.Error())
	}
	b.builds++
	if all["version"], err = json.Marshal(buildVersion(version, b.builds)); err != nil {
		return err
	}
	if raw, err = json.Marshal(all); err != nil {
		return err
	}
	return os.WriteFile(b.manifest(), raw, 0o600)
}

// buildVersion is above those of earlier builds of the same version, and below
// that version itself.
func buildVersion(version string, n int) string {
	sign := "-"
	if strings.Contains(version, "-") {
		sign = "."
	}
	return fmt.Sprintf("%s%sdev.%d", version, sign, n)
}

// compile builds the program. It reads the build's manifest in the place of the
// author's, where the program has that inside (see sdk.Identity).
func (b *bench) compile(ctx context.Context) error {
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(b.dir, "manifest.json"): b.manifest()}})
	if err != nil {
		return err
	}
	path := filepath.Join(b.stage, "overlay.json")
	if err := os.WriteFile(path, overlay, 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-overlay", path, "-o", b.program(), ".")
	cmd.Dir, cmd.Env = b.dir, b.goEnv()
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if errors.As(err, &failed) && ctx.Err() == nil {
		return &compilerError{strings.TrimSpace(string(out[:min(len(out), maxWords)]))}
	}
	return err
}
