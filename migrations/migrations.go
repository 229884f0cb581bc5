// Package migrations holds the database's schema and triggers as goose SQL files, for the goose program and, embedded,
// for this one. It owns SQL that changes the schema and nothing else, and imports nothing of this module.
package migrations

import "embed"

// FS holds the migrations, at its root, as goose expects them.
//
//go:embed *.sql
var FS embed.FS
