package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/fault"
)

// Source is what a bundle file is packed from.
type Source struct {
	// Dir holds manifest.json; binaries that the manifest names lie beside it.
	Dir string
	// Binaries are paths by platform ("linux/amd64"), in place of the manifest's.
	Binaries map[string]string
	// Texts is a folder with pl.json and other languages; "" = Dir/texts.
	Texts string
}

// Manifest completes the manifest of a source with its files' sizes and digests
// and says where each lies. The same sources give the same bytes.
func (s Source) Manifest() (raw []byte, paths map[string]string, err error) {
	raw, err = readFile(filepath.Join(s.Dir, manifestName), MaxManifest)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Invalid, "plugin.bundle.no_manifest", "Dir", s.Dir)
	}
	m, err := decodeManifest(raw)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Invalid, "plugin.bundle.manifest", "Detail", short(err))
	}
	paths = map[string]string{}
	if err := s.binaries(m, paths); err != nil {
		return nil, nil, err
	}
	if err := s.texts(m, paths); err != nil {
		return nil, nil, err
	}
	out, err := m.encode()
	return out, paths, err
}

func (s Source) binaries(m *Manifest, paths map[string]string) error {
	if len(s.Binaries) > 0 {
		_, local, _ := strings.Cut(m.ID, ".")
		m.Binaries = nil
		for platform, path := range s.Binaries {
			goos, arch, ok := strings.Cut(platform, "/")
			if !ok {
				return refuse("platform", "Name", platform)
			}
			name := local + "-" + goos + "-" + arch
			m.Binaries = append(m.Binaries, Binary{OS: goos, Arch: arch, File: name})
			paths[name] = path
		}
	} else {
		for _, x := range m.Binaries {
			if !filePattern.MatchString(x.File) {
				return refuse("manifest", "Detail", printable(x.File))
			}
			paths[x.File] = filepath.Join(s.Dir, x.File)
		}
	}
	if len(m.Binaries) == 0 {
		return refuse("no_binary")
	}
	slices.SortFunc(m.Binaries, func(a, b Binary) int { return strings.Compare(a.OS+"/"+a.Arch, b.OS+"/"+b.Arch) })
	for i := range m.Binaries {
		x := &m.Binaries[i]
		var err error
		if x.SHA256, x.Size, err = digest(paths[x.File]); err != nil {
			return err
		}
	}
	return nil
}

func (s Source) texts(m *Manifest, paths map[string]string) error {
	dir := s.Texts
	if dir == "" {
		dir = filepath.Join(s.Dir, "texts")
	}
	m.Texts = nil
	files, err := filepath.Glob(filepath.Join(dir, "??.json")) // sorted
	if err != nil {
		return err
	}
	for _, path := range files {
		name := filepath.Base(path)
		sum, size, err := digest(path)
		if err != nil {
			return err
		}
		m.Texts = append(m.Texts, TextFile{Lang: strings.TrimSuffix(name, ".json"), File: name, SHA256: sum, Size: size})
		paths[name] = path
	}
	return nil
}

// digest is the SHA-256 and the size of a regular file that fits into a bundle.
func digest(path string) (string, int64, error) {
	f, err := openIn(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return "", 0, fault.Wrap(err, fault.Invalid, "plugin.bundle.open", "File", path)
	}
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, MaxFile+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return "", 0, err
	}
	if n > MaxFile {
		return "", 0, refuse("large", "Max", MaxFile>>20)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// Write packs the source into a bundle file without a signature.
func (s Source) Write(out io.Writer) (*Manifest, error) {
	raw, paths, err := s.Manifest()
	if err != nil {
		return nil, err
	}
	err = WriteArchive(out, raw, nil, func(f File) (io.ReadCloser, error) { return os.Open(paths[f.Name]) })
	if err != nil {
		return nil, err
	}
	return ParseManifest(raw)
}
