package runner

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
	"ore.edu.pl/sieci/core/plugin/sandbox"
)

// MaxBinary is the ceiling of a plugin's binary, in bytes.
const MaxBinary = 100 << 20

// ErrDigest means that the bytes are not those of the manifest.
var ErrDigest = errors.New("the binary is not the one that the manifest names (SHA-256 differs)")

// errBinary means that the manifest cannot be true.
var errBinary = errors.New("manifest")

// verified copies r into a sealed memory file and returns it when its SHA-256
// is sum (hexadecimal). What was hashed is what will run: after the seals, not
// even this process can change it.
func verified(name string, r io.Reader, sum string) (*os.File, error) {
	want, err := hex.DecodeString(sum)
	if err != nil || len(want) != sha256.Size {
		return nil, fmt.Errorf("%w: %q is no SHA-256", errBinary, sum)
	}
	f, err := memoryFile(name)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, MaxBinary+1))
	switch {
	case err != nil:
		err = fmt.Errorf("read the binary: %w", err)
	case n > MaxBinary:
		err = fmt.Errorf("%w: the binary is larger than %d MiB", errBinary, MaxBinary>>20)
	case subtle.ConstantTimeCompare(h.Sum(nil), want) != 1:
		err = ErrDigest
	default:
		err = seal(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func memoryFile(name string) (*os.File, error) {
	fd, err := unix.MemfdCreate("sieci-"+name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("memory file for the binary: %w", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

func seal(f *os.File) error {
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE|unix.F_SEAL_SEAL); err != nil {
		return fmt.Errorf("seal the binary: %w", err)
	}
	return nil
}

// ErrRuntime means that this machine has no such interpreter.
var ErrRuntime = errors.New("this machine lacks the interpreter of the plugin")

// interpreter is a sealed copy of the machine's own interpreter: what its packages
// installed is trusted like the machine, so nobody's digest is asked for.
func interpreter(runtime string) (*os.File, error) {
	if runtime != sandbox.Python {
		return nil, fmt.Errorf("%w: %s", ErrRuntime, runtime)
	}
	src, err := os.Open(sandbox.PythonPath)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRuntime, err)
	}
	defer src.Close()
	f, err := memoryFile(runtime)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(f, src)
	if err == nil {
		err = seal(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
