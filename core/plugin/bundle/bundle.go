// Package bundle reads what a plugin is delivered as: a folder with
// manifest.json and the binaries that it names. What it reads was written by
// others: everything is bounded, checked, and never executed from here. It owns
// no table.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/effect"
)

// Limits of a bundle.
const (
	// MaxManifest is the size of manifest.json, in bytes.
	MaxManifest = 1 << 20
	// maxBinaries is one for each platform we could think of.
	maxBinaries = 20
	// maxRoles and maxCapabilities bound lists that people read.
	maxRoles, maxCapabilities = 50, 200
	// maxBundles is how many folders are looked at.
	maxBundles = 200
)

// Manifest says what the plugin is and what it asks for.
type Manifest struct {
	// ID is "centre.name"; Version a semantic version.
	ID      string      `json:"id"`
	Version string      `json:"version"`
	Title   effect.Text `json:"title"`
	// Description says what the plugin is for.
	Description effect.Text `json:"description,omitempty"`
	// Contract is the range of contract revisions it works with.
	Contract Range    `json:"contract"`
	Binaries []Binary `json:"binaries"`
	// Capabilities are what it asks for, with the reason that the admin reads.
	Capabilities []Capability `json:"capabilities,omitempty"`
	// Roles is the default role map.
	Roles []Role `json:"roles,omitempty"`
}

// Range of contract revisions, both ends included.
type Range struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Binary is one executable, a file beside the manifest.
type Binary struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// Capability is a right that the plugin asks for on kinds of scope.
type Capability struct {
	Name   string             `json:"name"`
	Scopes []effect.ScopeKind `json:"scopes"`
	Reason effect.Text        `json:"reason"`
	// Optional means that the plugin does its work without it as well: an
	// administrator may withhold it.
	Optional bool `json:"optional,omitempty"`
}

// Withhold takes optional capabilities out of the manifest by their names; an
// error for one that is not optional, or not asked for.
func (m *Manifest) Withhold(names []string) error {
	for _, name := range names {
		n := len(m.Capabilities)
		m.Capabilities = slices.DeleteFunc(m.Capabilities, func(c Capability) bool { return c.Optional && c.Name == name })
		if len(m.Capabilities) == n {
			return fmt.Errorf("capability %q is not optional", name)
		}
	}
	return nil
}

// Role says what holders of a role may do through the plugin. The role "system"
// stands for the plugin's own timers, events and jobs.
type Role struct {
	Role     string   `json:"role"`
	Commands []string `json:"commands,omitempty"`
	Views    []string `json:"views,omitempty"`
	Effects  []string `json:"effects,omitempty"`
}

// Bundle is a folder that was read.
type Bundle struct {
	Manifest Manifest
	// Raw is the manifest's bytes, as a signature would cover them.
	Raw []byte
	dir string
}

var (
	idPattern      = regexp.MustCompile(`^[a-z][a-z0-9]{0,30}\.[a-z][a-z0-9_]{0,30}$`)
	versionPattern = regexp.MustCompile(`^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9A-Za-z.-]{1,30})?$`)
	filePattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)
	sumPattern     = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// Read reads the bundle in dir and checks all of its manifest; binaries are
// hashed only when they are started. Links are not followed.
func Read(dir string) (*Bundle, error) {
	raw, err := readFile(filepath.Join(dir, "manifest.json"), MaxManifest)
	if err != nil {
		return nil, fmt.Errorf("bundle %s: %w", dir, err)
	}
	b := &Bundle{Raw: raw, dir: dir}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b.Manifest); err != nil {
		return nil, fmt.Errorf("bundle %s: manifest.json: %w", dir, err)
	}
	if err := b.Manifest.check(); err != nil {
		return nil, fmt.Errorf("bundle %s: manifest.json: %w", dir, err)
	}
	return b, nil
}

// ReadAll reads every bundle below root, one folder each; what cannot be read
// comes back as errors beside those that could. A root that does not exist has none.
func ReadAll(root string) ([]*Bundle, []error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, []error{fmt.Errorf("bundles: %w", err)}
	}
	if len(entries) > maxBundles {
		return nil, []error{fmt.Errorf("bundles: %d folders in %s, at most %d", len(entries), root, maxBundles)}
	}
	var out []*Bundle
	var errs []error
	seen := map[string]bool{}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		b, err := Read(filepath.Join(root, e.Name()))
		if err == nil && seen[b.Manifest.ID+" "+b.Manifest.Version] {
			err = fmt.Errorf("bundle %s: %s %s is here twice", e.Name(), b.Manifest.ID, b.Manifest.Version)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		seen[b.Manifest.ID+" "+b.Manifest.Version] = true
		out = append(out, b)
	}
	return out, errs
}

// readFile reads a regular file of at most max bytes; never through a link.
func readFile(path string, max int64) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > max {
		return nil, fmt.Errorf("%s: no regular file of at most %d bytes", filepath.Base(path), max)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(raw)) > max {
		err = fmt.Errorf("%s: larger than %d bytes", filepath.Base(path), max)
	}
	return raw, err
}

func (m *Manifest) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !idPattern.MatchString(m.ID) {
		bad("id %q: want centre.name", m.ID)
	}
	if !versionPattern.MatchString(m.Version) {
		bad("version %q: want 1.2.3", m.Version)
	}
	if m.Title["pl"] == "" || tooLong(m.Title, 200) || tooLong(m.Description, 2000) {
		bad("title: missing in Polish, or texts too long")
	}
	if m.Contract.From < 1 || m.Contract.To < m.Contract.From {
		bad("contract: want a range of revisions")
	}
	if len(m.Binaries) == 0 || len(m.Binaries) > maxBinaries {
		bad("binaries: want 1 to %d", maxBinaries)
	}
	platforms := map[string]bool{}
	for _, x := range m.Binaries {
		if !filePattern.MatchString(x.File) || !sumPattern.MatchString(x.SHA256) || x.OS == "" || x.Arch == "" || platforms[x.OS+"/"+x.Arch] {
			bad("binary %q: want a plain file name, its SHA-256 and a platform of its own", x.File)
		}
		platforms[x.OS+"/"+x.Arch] = true
	}
	m.checkRights(bad)
	return errors.Join(errs...)
}

func tooLong(t effect.Text, max int) bool {
	for _, s := range t {
		if len(s) > 4*max {
			return true
		}
	}
	return len(t) > 20
}

// others are capabilities beside the kinds of effects (effect.Grants).
var others = []string{"record.personal", "evaluation.answers", "member.group", "member.organisation", "member.complex", "member.territory"}

// Known reports whether a capability of the name exists.
func Known(capability string) bool {
	for _, k := range effect.Kinds {
		if string(k) == capability {
			return true
		}
	}
	for _, k := range others {
		if k == capability {
			return true
		}
	}
	return false
}

func (m *Manifest) checkRights(bad func(string, ...any)) {
	if len(m.Capabilities) > maxCapabilities || len(m.Roles) > maxRoles {
		bad("too many capabilities or roles")
		return
	}
	seen := map[string]bool{}
	for _, c := range m.Capabilities {
		if !Known(c.Name) || seen[c.Name] || len(c.Scopes) == 0 || c.Reason["pl"] == "" || tooLong(c.Reason, 500) {
			bad("capability %q: unknown, twice, without scopes or without a reason in Polish", c.Name)
		}
		seen[c.Name] = true
		for _, s := range c.Scopes {
			if !s.Valid() {
				bad("capability %q: no scope %q", c.Name, s)
			}
		}
	}
	roles := map[string]bool{}
	for _, r := range m.Roles {
		if !effect.ValidName(r.Role) || roles[r.Role] {
			bad("role %q: bad name or twice", r.Role)
		}
		roles[r.Role] = true
		for _, n := range append(append([]string{}, r.Commands...), r.Views...) {
			if !effect.ValidName(n) {
				bad("role %s: %q is no command or view", r.Role, n)
			}
		}
		for _, k := range r.Effects {
			if !seen[k] {
				bad("role %s: effect %q is not among the capabilities", r.Role, k)
			}
		}
	}
}

// ErrPlatform means that the bundle has no binary for this machine.
var ErrPlatform = errors.New("the bundle has no binary for this platform")

// Binary is the binary for this machine.
func (b *Bundle) Binary() (Binary, error) {
	for _, x := range b.Manifest.Binaries {
		if x.OS == runtime.GOOS && x.Arch == runtime.GOARCH {
			return x, nil
		}
	}
	return Binary{}, fmt.Errorf("%s %s: %w", b.Manifest.ID, b.Manifest.Version, ErrPlatform)
}

// Open opens a binary of the bundle for reading. What comes out is to be
// hashed on its way to where it runs.
func (b *Bundle) Open(x Binary) (io.ReadCloser, error) {
	path := filepath.Join(b.dir, x.File)
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", x.File)
	}
	return os.Open(path)
}

// Pack makes a bundle in dir from a manifest without binaries and the built
// binary: it copies the binary under the module's short name, notes its SHA-256
// for the platform, and writes the manifest last, each file in one step, so
// that a bundle that can be read is whole.
func Pack(manifest []byte, binary, dir, goos, goarch string) (*Bundle, error) {
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(manifest))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	_, file, _ := strings.Cut(m.ID, ".")
	raw, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	m.Binaries = []Binary{{OS: goos, Arch: goarch, File: file, SHA256: hex.EncodeToString(sum[:])}}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := write(filepath.Join(dir, file), raw, 0o755); err != nil {
		return nil, err
	}
	out, err := json.MarshalIndent(&m, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := write(filepath.Join(dir, "manifest.json"), append(out, '\n'), 0o644); err != nil {
		return nil, err
	}
	return Read(dir)
}

func write(path string, raw []byte, mode os.FileMode) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, raw, mode); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
