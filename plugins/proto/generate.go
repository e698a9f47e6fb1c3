// Package proto holds the wire contract between core and modules, version 1
// (sieci/plugin/v1), with its generated Go beside it. CHANGELOG.md tells what
// changed, SOURCES.md what the core's own rows, events and acts look like.
package proto

//go:generate sh generate.sh
