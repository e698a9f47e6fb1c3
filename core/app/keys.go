package app

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ore.edu.pl/sieci/core/fault"
)

// minSecret of SIECI_SECRET in characters: 32 random ones hold at least 128 bits.
const minSecret = 32

// Keys derives the installation's keys from one secret, a key per purpose, so
// that none tells anything about another (HKDF, RFC 5869).
type Keys struct{ secret []byte }

// Key is the 32-byte key for a purpose ("audit", "throttle"). The purpose is
// part of the key: never reword one.
func (k Keys) Key(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, k.secret, nil, "sieci "+purpose, 32)
	if err != nil {
		panic(err) // only for a length that no hash gives
	}
	return key
}

// loadKeys takes the given secret, or the one in the data folder, made at the
// first start. Losing it makes old audit digests uncheckable and authenticator
// applications useless: their owners set up new ones.
func loadKeys(data, given string) (Keys, error) {
	if given != "" {
		return Keys{[]byte(given)}, nil
	}
	path := filepath.Join(data, "keys", "secret")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Keys{}, fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", filepath.Dir(path))
	}
	secret, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if secret, err = makeSecret(path); errors.Is(err, fs.ErrExist) {
			secret, err = os.ReadFile(path) // another process was first
		}
	}
	if err != nil {
		return Keys{}, fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", filepath.Dir(path))
	}
	if len(secret) < minSecret {
		return Keys{}, fault.New(fault.Unavailable, "app.secret_file", "File", path)
	}
	return Keys{secret}, nil
}

// makeSecret writes a whole file or none: linking fails when there is one.
func makeSecret(path string) ([]byte, error) {
	secret := []byte(rand.Text() + rand.Text())
	f, err := os.CreateTemp(filepath.Dir(path), "new-") // 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(secret)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("write secret: %w", err)
	}
	return secret, os.Link(f.Name(), path)
}
