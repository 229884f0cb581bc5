package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const mostFiles = 30

// A package is something that one can hold in the head.
func TestPackagesAreSmall(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t, "./...") {
		if len(p.GoFiles) > mostFiles {
			t.Errorf("%s has %d source files, and may have %d: find the second noun, and give it a package", p.ImportPath, len(p.GoFiles), mostFiles)
		}
	}
}

// The work stands in packages that a test can call; package main has flags, and calls into them.
func TestMainIsFlagsAndCalls(t *testing.T) {
	t.Parallel()
	never := []string{"net/http", "net/http/pprof", "crypto/tls", "database/sql", "github.com/gorilla/websocket", "charm.land/bubbletea/v2",
		"github.com/pressly/goose/v3", "github.com/jackc/pgx/v5/pgxpool", "github.com/prometheus/client_golang/prometheus", "sync"}
	mains := 0
	for _, p := range listPackages(t, "./...") {
		for _, file := range p.GoFiles {
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			if parsed.Name.Name != "main" {
				continue
			}
			mains++
			if strings.HasPrefix(file, "cmd_") {
				if lines := set.Position(parsed.End()).Line; lines > 160 {
					t.Errorf("%s/%s has %d lines: a command is its flags and a call", p.ImportPath, file, lines)
				}
			}
			for _, i := range parsed.Imports {
				if path, _ := strconv.Unquote(i.Path.Value); slices.Contains(never, path) {
					t.Errorf("%s/%s imports %s: what works with it belongs in a package below", p.ImportPath, file, path)
				}
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n.(type) {
				case *ast.GoStmt, *ast.SelectStmt:
					t.Errorf("%s runs something beside itself: package main is flags and calls", set.Position(n.Pos()))
				}
				return true
			})
		}
	}
	if mains == 0 {
		t.Error("no package main was found")
	}
}
