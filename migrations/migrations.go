// Package migrations holds the schema as numbered goose files, embedded.
// A room owns a range of numbers: 001xx leaves, 002xx access, registry and
// identity, 003xx job, notify and file, 004xx effect, record and programme,
// 005xx network, 006xx task, 007xx plugin.
package migrations

import "embed"

// Files are the migrations.
//
//go:embed *.sql
var Files embed.FS
