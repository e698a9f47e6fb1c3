//go:build race

package runner

// The launcher is the host's own program, and under the race detector that takes
// more memory by itself than a module may: what the process took at most, which
// counts both, says nothing of the module then.
const launcherIsLarge = true
