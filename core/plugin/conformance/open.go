package conformance

import (
	"bytes"
	"errors"
	"io"
	"os"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// Bundle is a bundle that was read whole and verified.
type Bundle struct {
	*bundle.Bundle
	// Key is the id of the key that signed it; empty for an unsigned one. Whose
	// key that is, only a platform knows.
	Key string
	// Langs are the languages of its texts; none for a folder.
	Langs []string
}

// Open opens a bundle file, or a folder as it lies beside the platform, and
// verifies it: sizes, digests, texts, and the signature where there is one.
// Errors: Invalid with one sentence.
func Open(path string) (*Bundle, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "plugin.bundle.open", "File", path)
	}
	if st.IsDir() {
		b, err := bundle.Read(path)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "plugin.bundle.manifest", "Detail", printable(err.Error()))
		}
		return &Bundle{Bundle: b}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "plugin.bundle.open", "File", path)
	}
	defer f.Close()
	return read(f)
}

// read reads a bundle file and keeps the program for this machine, at most
// [bundle.MaxFile].
func read(r io.Reader) (*Bundle, error) {
	a, err := bundle.OpenArchive(r)
	if err != nil {
		return nil, err
	}
	programs := map[string][]byte{}
	if err := a.Each(func(f bundle.File, r io.Reader) error {
		if f.Lang != "" {
			return nil
		}
		raw, err := io.ReadAll(r)
		programs[f.Name] = raw
		return err
	}); err != nil {
		return nil, err
	}
	out := &Bundle{}
	if a.Signature != nil {
		if !a.SignedBy(a.Signature.Key) {
			return nil, fault.New(fault.Invalid, "plugin.bundle.forged")
		}
		out.Key = bundle.KeyID(a.Signature.Key)
	}
	for _, t := range a.Manifest.Texts {
		out.Langs = append(out.Langs, t.Lang)
	}
	out.Bundle, err = bundle.Stored(a.Raw, func(x bundle.Binary) (io.ReadCloser, error) {
		raw, ok := programs[x.File]
		if !ok {
			return nil, errors.New(x.File + " is not in the bundle")
		}
		return io.NopCloser(bytes.NewReader(raw)), nil
	})
	return out, err
}
