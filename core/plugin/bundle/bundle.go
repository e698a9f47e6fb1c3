// Package bundle is what a plugin is delivered as: one file with the manifest, a
// signature over it, and the binaries and texts that the manifest names (see
// [Archive]); or, beside the platform itself and while developing, a folder with
// manifest.json and the binaries. What it reads was written by others: everything
// is bounded, checked, and never executed from here. It owns no table.
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
	"unicode"

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
	// MaxFile is the size of a bundle file, in bytes, all in all.
	MaxFile = 100 << 20
	// maxFiles is how many files one holds.
	maxFiles = 500
	// maxLanguages are files of texts, maxText the size of each in bytes.
	maxLanguages, maxText = 20, 1 << 20
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
	Contract Range `json:"contract"`
	// Core is the lowest version of the platform that it needs; "" = any.
	Core string `json:"core,omitempty"`
	// Runtime is the interpreter that the machine must have and permit ("python3");
	// the binaries are then programs in its language. "" for programs of their own.
	Runtime  string   `json:"runtime,omitempty"`
	Binaries []Binary `json:"binaries"`
	// Texts are its texts, a file a language; a bundle file has them in Polish.
	Texts []TextFile `json:"texts,omitempty"`
	// TaskTypes and JobKinds are the names of what it brings beside types of
	// networks and programmes; what it describes must be among them.
	TaskTypes []string `json:"task_types,omitempty"`
	JobKinds  []string `json:"job_kinds,omitempty"`
	// Capabilities are what it asks for, with the reason that the admin reads.
	Capabilities []Capability `json:"capabilities,omitempty"`
	// Roles is the default role map.
	Roles []Role `json:"roles,omitempty"`
}

// Runtimes are the interpreters that a manifest may name.
var Runtimes = []string{"python3"}

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
	// Size in bytes; required in a bundle file.
	Size int64 `json:"size,omitempty"`
}

// TextFile holds the texts of one language: a JSON object, key to text.
type TextFile struct {
	Lang   string `json:"lang"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
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

// Bundle is a bundle whose binaries can be opened: a folder that was read, or
// what the catalogue keeps.
type Bundle struct {
	Manifest Manifest
	// Raw is the manifest's bytes, as a signature covers them.
	Raw []byte
	// Kept means that somebody handed it in; otherwise it is a folder that was
	// delivered with the program.
	Kept bool
	open func(Binary) (io.ReadCloser, error)
}

// Stored makes a bundle of a manifest that was kept and of what opens its
// binaries. What they yield is hashed on its way to where it runs.
func Stored(raw []byte, open func(Binary) (io.ReadCloser, error)) (*Bundle, error) {
	m, err := ParseManifest(raw)
	if err != nil {
		return nil, err
	}
	return &Bundle{Manifest: *m, Raw: raw, Kept: true, open: open}, nil
}

// ParseManifest reads a manifest and checks all of it.
func ParseManifest(raw []byte) (*Manifest, error) {
	m, err := decodeManifest(raw)
	if err == nil {
		err = m.check()
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func decodeManifest(raw []byte) (*Manifest, error) {
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the manifest")
	}
	return &m, nil
}

var (
	idPattern      = regexp.MustCompile(`^[a-z][a-z0-9]{0,30}\.[a-z][a-z0-9_]{0,30}$`)
	versionPattern = regexp.MustCompile(`^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9A-Za-z.-]{1,30})?$`)
	filePattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)
	langPattern    = regexp.MustCompile(`^[a-z]{2}$`)
	sumPattern     = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// ValidID reports whether s can be a plugin's id: "centre.name", each half in
// lower-case letters without accents and digits, a letter first, at most 31 long.
// The second half may have underscores.
func ValidID(s string) bool { return idPattern.MatchString(s) }

// Read reads the bundle in dir and checks all of its manifest; binaries are
// hashed only when they are started. Links are not followed.
func Read(dir string) (*Bundle, error) {
	raw, err := readFile(filepath.Join(dir, manifestName), MaxManifest)
	if err != nil {
		return nil, fmt.Errorf("bundle %s: %w", dir, err)
	}
	b, err := Stored(raw, func(x Binary) (io.ReadCloser, error) { return openIn(dir, x.File) })
	if err != nil {
		return nil, fmt.Errorf("bundle %s: manifest.json: %w", dir, err)
	}
	b.Kept = false
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
	if m.Title["pl"] == "" || unfit(m.Title, 200) || unfit(m.Description, 2000) {
		bad("title: missing in Polish, or texts too long or with control characters")
	}
	if m.Contract.From < 1 || m.Contract.To < m.Contract.From {
		bad("contract: want a range of revisions")
	}
	if len(m.Binaries) == 0 || len(m.Binaries) > maxBinaries {
		bad("binaries: want 1 to %d", maxBinaries)
	}
	if m.Core != "" && !versionPattern.MatchString(m.Core) {
		bad("core %q: want 1.2.3", m.Core)
	}
	for _, list := range [][]string{m.TaskTypes, m.JobKinds} {
		if len(list) > maxRoles {
			bad("task types or job kinds: more than %d", maxRoles)
		}
		for _, n := range list {
			if !effect.ValidName(n) {
				bad("task types or job kinds: bad name %q", n)
			}
		}
	}
	if m.Runtime != "" && !slices.Contains(Runtimes, m.Runtime) {
		bad("runtime %q: want one of %v, or none", m.Runtime, Runtimes)
	}
	m.checkFiles(bad)
	m.checkRights(bad)
	return errors.Join(errs...)
}

// checkFiles checks what the manifest says of binaries and texts.
func (m *Manifest) checkFiles(bad func(string, ...any)) {
	platforms := map[string]bool{}
	for _, x := range m.Binaries {
		if !filePattern.MatchString(x.File) || !sumPattern.MatchString(x.SHA256) || x.OS == "" || x.Arch == "" || platforms[x.OS+"/"+x.Arch] {
			bad("binary %q: want a plain file name, its SHA-256 and a platform of its own", x.File)
		}
		if x.Size < 0 || x.Size > MaxFile {
			bad("binary %q: size", x.File)
		}
		platforms[x.OS+"/"+x.Arch] = true
	}
	if len(m.Texts) > maxLanguages {
		bad("texts: more than %d languages", maxLanguages)
		return
	}
	langs := map[string]bool{}
	for _, x := range m.Texts {
		if !langPattern.MatchString(x.Lang) || langs[x.Lang] || !filePattern.MatchString(x.File) || !sumPattern.MatchString(x.SHA256) || x.Size < 1 || x.Size > maxText {
			bad("texts %q: want a language of its own, a plain file name, its SHA-256 and its size", x.File)
		}
		langs[x.Lang] = true
	}
}

// unfit reports a text that is too long, or holds signs that steer a terminal or
// turn the direction of what stands beside them.
func unfit(t effect.Text, max int) bool {
	for _, s := range t {
		if len(s) > 4*max || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) }) {
			return true
		}
	}
	return len(t) > 20
}

// others are capabilities beside the kinds of effects (effect.Grants).
var others = []string{"record.personal", "evaluation.answers", effect.CapRegister, "member.group", "member.organisation", "member.complex", "member.territory"}

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
		if !Known(c.Name) || seen[c.Name] || len(c.Scopes) == 0 || c.Reason["pl"] == "" || unfit(c.Reason, 500) {
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
func (b *Bundle) Open(x Binary) (io.ReadCloser, error) { return b.open(x) }

// openIn opens a regular file; never through a link.
func openIn(dir, name string) (io.ReadCloser, error) {
	path := filepath.Join(dir, name)
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	return os.Open(path)
}

// Pack makes a bundle in dir from a manifest without binaries and the built
// binary: it copies the binary under the module's short name, notes its SHA-256
// for the platform, and writes the manifest last, each file in one step, so
// that a bundle that can be read is whole.
func Pack(manifest []byte, binary, dir, goos, goarch string) (*Bundle, error) {
	m, err := decodeManifest(manifest)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	_, file, _ := strings.Cut(m.ID, ".")
	raw, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	m.Binaries = []Binary{{OS: goos, Arch: goarch, File: file, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(raw))}}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := write(filepath.Join(dir, file), raw, 0o755); err != nil {
		return nil, err
	}
	out, err := m.encode()
	if err != nil {
		return nil, err
	}
	if err := write(filepath.Join(dir, manifestName), out, 0o644); err != nil {
		return nil, err
	}
	return Read(dir)
}

// encode writes the manifest the one way in which we write it.
func (m *Manifest) encode() ([]byte, error) {
	out, err := json.MarshalIndent(m, "", "  ")
	return append(out, '\n'), err
}

func write(path string, raw []byte, mode os.FileMode) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, raw, mode); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
