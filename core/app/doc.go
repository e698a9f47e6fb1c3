// Package app is the composition root: it reads the configuration, opens
// database, files, jobs and mail, builds every service and the server, starts
// them in order and stops them in the reverse one. It is the only package that
// may import all others, and it holds no rule of the domain.
//
// It owns clock_setting, the offset of the domain clock.
//
// What is where: config.go the settings, keys.go the secrets, base.go what
// every command needs (database, clock, audit, jobs, files, mail), wire.go the
// services and pages on it, app.go the server's life.
package app
