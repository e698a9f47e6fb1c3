package bundle

// The story of a bundle file. It is a plain tar, without compression, so that
// nothing in it can grow: first manifest.json, then signature.json (a bundle
// that was not signed yet lacks it), then exactly the files that the manifest
// names, in the order of their names. Names have no folders. It is read from
// front to back once, as it arrives: by the time the first byte of a binary is
// seen, its size and digest are known and were signed. Whatever differs from
// that ends the reading with a sentence: a link, a device, a folder, a name
// twice, a name that nobody listed, a digest that differs, something behind the
// end. Written files have no owner, mode or time of their own, so the same
// sources give the same bytes.

import (
	"archive/tar"
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"ore.edu.pl/sieci/core/fault"
)

const (
	manifestName  = "manifest.json"
	signatureName = "signature.json"
	// maxSignature is the size of signature.json, in bytes.
	maxSignature = 4096
	// Ending of the name of a bundle file.
	Ending = ".sieci"
)

// refuse is a bundle that cannot be taken, as a sentence for whoever brought it.
func refuse(code string, args ...any) *fault.Error {
	return fault.New(fault.Invalid, "plugin.bundle."+code, args...)
}

// File is one file of a bundle beside manifest and signature.
type File struct {
	Name, SHA256 string
	Size         int64
	// Lang is set for texts.
	Lang string
}

// Files lists what the bundle file holds, in its order.
func (m *Manifest) Files() []File {
	out := make([]File, 0, len(m.Binaries)+len(m.Texts))
	for _, x := range m.Binaries {
		out = append(out, File{Name: x.File, SHA256: x.SHA256, Size: x.Size})
	}
	for _, x := range m.Texts {
		out = append(out, File{Name: x.File, SHA256: x.SHA256, Size: x.Size, Lang: x.Lang})
	}
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// checkWhole is what a bundle file needs beyond a folder.
func (m *Manifest) checkWhole() error {
	files := m.Files()
	var total int64
	for i, f := range files {
		if f.Size < 1 {
			return refuse("manifest", "Detail", f.Name+": size")
		}
		if i > 0 && files[i-1].Name == f.Name || f.Name == manifestName || f.Name == signatureName {
			return refuse("twice", "Name", f.Name)
		}
		total += f.Size
	}
	switch {
	case len(files)+2 > maxFiles:
		return refuse("many", "Max", maxFiles)
	case total > MaxFile:
		return refuse("large", "Max", MaxFile>>20)
	case !slices.ContainsFunc(m.Texts, func(x TextFile) bool { return x.Lang == "pl" }):
		return refuse("no_polish")
	}
	return nil
}

// Archive is a bundle file that is being read.
type Archive struct {
	Manifest Manifest
	// Raw is the manifest's bytes, which the signature covers.
	Raw []byte
	// Signature is nil when the file was not signed. It is the file's word:
	// [Archive.SignedBy] checks it.
	Signature *Signature

	in   *limited
	tar  *tar.Reader
	next *tar.Header // read ahead while looking for the signature
}

// limited ends the reading at the ceiling of the whole file.
type limited struct {
	r    io.Reader
	left int64
	over bool
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		// One byte more tells a file of just the size from a larger one.
		var one [1]byte
		n, err := l.r.Read(one[:])
		l.over = l.over || n > 0
		if n > 0 {
			err = errors.New("larger than a bundle file may be")
		}
		return 0, err
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// OpenArchive reads manifest and signature of a bundle file and checks that they
// make sense; the files follow by [Archive.Each]. Errors are fault.Invalid with
// a sentence.
func OpenArchive(r io.Reader) (*Archive, error) {
	a := &Archive{in: &limited{r: r, left: MaxFile}}
	a.tar = tar.NewReader(a.in)
	raw, err := a.small(manifestName, MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := ParseManifest(raw)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "plugin.bundle.manifest", "Detail", short(err))
	}
	if err := m.checkWhole(); err != nil {
		return nil, err
	}
	a.Manifest, a.Raw = *m, raw
	h, err := a.header()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if h == nil || h.Name != signatureName {
		a.next = h
		return a, nil
	}
	if raw, err = a.body(h, maxSignature); err != nil {
		return nil, err
	}
	a.Signature, err = parseSignature(raw)
	return a, err
}

// SignedBy reports whether the key signed exactly these bytes.
func (a *Archive) SignedBy(key ed25519.PublicKey) bool {
	return a.Signature != nil && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, a.Raw, a.Signature.Bytes)
}

// Each hands every file to f, in order, and checks size and digest of each once
// f has read it; then that nothing is missing and nothing follows. Texts are
// checked as such. What f did with a file's bytes stands only when Each returns
// nil.
func (a *Archive) Each(f func(File, io.Reader) error) error {
	texts := map[string][]byte{}
	for _, want := range a.Manifest.Files() {
		h := a.next
		a.next = nil
		if h == nil {
			var err error
			if h, err = a.header(); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
		}
		switch {
		case h == nil:
			return refuse("missing", "Name", want.Name)
		case h.Name != want.Name:
			return a.astray(h.Name)
		case h.Size != want.Size:
			return refuse("tampered", "Name", want.Name)
		}
		sum := sha256.New()
		var kept bytes.Buffer
		r := io.TeeReader(a.tar, sum)
		if want.Lang != "" {
			r = io.TeeReader(r, &kept) // at most maxText
		}
		if err := f(want, r); err != nil {
			return a.broken(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			return a.broken(err)
		}
		if hex.EncodeToString(sum.Sum(nil)) != want.SHA256 {
			return refuse("tampered", "Name", want.Name)
		}
		if want.Lang != "" {
			texts[want.Lang] = kept.Bytes()
		}
	}
	if err := a.end(); err != nil {
		return err
	}
	return checkTexts(texts)
}

// astray says what is wrong with a file where another one was due.
func (a *Archive) astray(name string) error {
	for _, f := range a.Manifest.Files() {
		if f.Name == name {
			return refuse("order", "Name", name)
		}
	}
	if name == manifestName || name == signatureName {
		return refuse("twice", "Name", name)
	}
	return refuse("unlisted", "Name", printable(name))
}

// end checks that the file ends where its last entry does.
func (a *Archive) end() error {
	h := a.next
	if h == nil {
		var err error
		if h, err = a.header(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	if h != nil {
		return a.astray(h.Name)
	}
	var one [1]byte
	n, err := io.ReadFull(a.in, one[:])
	if n > 0 || a.in.over {
		return refuse("behind")
	}
	if !errors.Is(err, io.EOF) {
		return a.broken(err)
	}
	return nil
}

// header reads the next entry's header; nil and io.EOF at the end.
func (a *Archive) header() (*tar.Header, error) {
	h, err := a.tar.Next()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, a.broken(err)
	}
	if h.Typeflag != tar.TypeReg || h.Format != tar.FormatUSTAR || !filePattern.MatchString(h.Name) {
		return nil, refuse("special", "Name", printable(h.Name))
	}
	return h, nil
}

func (a *Archive) small(name string, most int64) ([]byte, error) {
	h, err := a.header()
	if errors.Is(err, io.EOF) {
		return nil, refuse("format")
	}
	if err != nil {
		return nil, err
	}
	if h.Name != name {
		return nil, refuse("first", "Name", printable(h.Name))
	}
	return a.body(h, most)
}

func (a *Archive) body(h *tar.Header, most int64) ([]byte, error) {
	if h.Size > most {
		return nil, refuse("part", "Name", h.Name, "Max", most>>10)
	}
	raw, err := io.ReadAll(a.tar)
	if err != nil {
		return nil, a.broken(err)
	}
	return raw, nil
}

// broken makes a sentence of what reading the tar ended with; a fault of the
// receiver stays what it is.
func (a *Archive) broken(err error) error {
	var known *fault.Error
	switch {
	case a.in.over:
		return refuse("large", "Max", MaxFile>>20)
	case errors.As(err, &known):
		return err
	case errors.Is(err, tar.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, tar.ErrFieldTooLong):
		return fault.Wrap(err, fault.Invalid, "plugin.bundle.format")
	}
	return err
}

// printable bounds a name that a stranger chose.
func printable(name string) string {
	out := []rune{}
	for _, r := range name {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			r = '?'
		}
		if out = append(out, r); len(out) == 100 {
			break
		}
	}
	return string(out)
}

func short(err error) string { return printable(err.Error()) }

// writer writes a bundle file.
type writer struct{ *tar.Writer }

// file writes one entry; all are alike but for name and size.
func (w writer) file(name string, size int64, r io.Reader) error {
	h := &tar.Header{Name: name, Size: size, Mode: 0o644, Typeflag: tar.TypeReg, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err := io.Copy(w.Writer, r)
	return err
}

// WriteArchive writes a bundle file of a manifest that lists its files with
// sizes and digests; open opens each in turn. sign may be nil.
func WriteArchive(out io.Writer, raw []byte, sign ed25519.PrivateKey, open func(File) (io.ReadCloser, error)) error {
	m, err := ParseManifest(raw)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "plugin.bundle.manifest", "Detail", short(err))
	}
	if err := m.checkWhole(); err != nil {
		return err
	}
	w := writer{tar.NewWriter(out)}
	if err := w.head(raw, sign); err != nil {
		return err
	}
	for _, f := range m.Files() {
		r, err := open(f)
		if err != nil {
			return err
		}
		if err := errors.Join(w.file(f.Name, f.Size, r), r.Close()); err != nil {
			return err
		}
	}
	return w.Close()
}

// head writes manifest and signature.
func (w writer) head(raw []byte, sign ed25519.PrivateKey) error {
	if err := w.file(manifestName, int64(len(raw)), bytes.NewReader(raw)); err != nil {
		return err
	}
	if sign == nil {
		return nil
	}
	s, err := json.Marshal(signatureOf(raw, sign))
	if err != nil {
		return err
	}
	return w.file(signatureName, int64(len(s)), bytes.NewReader(s))
}

// Sign copies a bundle file from r to out with a signature by the key, in place
// of one that it had; all of it is checked on the way.
func Sign(out io.Writer, r io.Reader, key ed25519.PrivateKey) (*Manifest, error) {
	a, err := OpenArchive(r)
	if err != nil {
		return nil, err
	}
	w := writer{tar.NewWriter(out)}
	if err := w.head(a.Raw, key); err != nil {
		return nil, err
	}
	if err := a.Each(func(f File, r io.Reader) error { return w.file(f.Name, f.Size, r) }); err != nil {
		return nil, err
	}
	return &a.Manifest, w.Close()
}
