//go:build !race

package runner

const launcherIsLarge = false
