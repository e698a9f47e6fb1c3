package ways

import "golang.org/x/sys/unix"

// legacyFork tries the calls that only older machines have.
func legacyFork(fork func(name string, nr, flags uintptr)) {
	fork("fork", unix.SYS_FORK, 0)
}
