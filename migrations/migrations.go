// Package migrations holds the database's schema and triggers as goose SQL files, for the goose program and, embedded,
// for this one. It owns SQL that changes the schema and nothing else, and imports nothing of this module.
package migrations

import "embed"

// FS holds the migrations, at its root, as goose expects them.
//
//go:embed *.sql
var FS embed.FS

// ServeRole is the SQL that gives the role of `kitchen serve` the rights that it needs, and takes all others. The setting
// kitchen.role names the role.
//
//go:embed roles/serve.sql
var ServeRole string
