package app

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// DevelopmentKey is where the key lies that signs modules on the machine where
// they are made: a server with development pages takes what it signed, of every
// namespace. It is made there at the first start and is nobody else's.
func DevelopmentKey(data string) string { return filepath.Join(data, "keys", "plugin-dev.key") }

// developmentKey is its public half, nil for a server without development pages.
func developmentKey(c Config) (ed25519.PublicKey, error) {
	if !c.Dev {
		return nil, nil
	}
	path := DevelopmentKey(c.Data)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		raw, err = makeDevelopmentKey(path)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", filepath.Dir(path))
	}
	key, err := bundle.ParsePrivate(raw)
	if err != nil {
		return nil, err
	}
	return key.Public().(ed25519.PublicKey), nil
}

func makeDevelopmentKey(path string) ([]byte, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	raw, err := bundle.EncodePrivate(private)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path) // another process was first
	}
	if err != nil {
		return nil, err
	}
	_, err = f.Write(raw)
	return raw, errors.Join(err, f.Close())
}
