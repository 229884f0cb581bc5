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

// mainMayImport is what flags, and calls into rooms, need. Whatever else package main wants belongs in a package below, which a
// test can call.
func mainMayImport() []string {
	return []string{"cmp", "context", "errors", "fmt", "io", "log/slog", "net", "net/url", "os", "os/signal", "slices", "strconv", "strings", "syscall",
		"time", "github.com/spf13/cobra", "github.com/spf13/pflag",
		"kitchen/db", "kitchen/db/attach", "kitchen/db/local", "kitchen/db/order", "kitchen/db/tenant", "kitchen/ws/credential"}
}

// The most lines of package main: of a file, of a command's file, and of a function that is not a list of flags.
const (
	mostLines         = 250
	mostCommandLines  = 120
	mostFunctionLines = 40
)

// The work is done in packages that a test can call; package main has flags, and calls them.
func TestMainIsFlagsAndCalls(t *testing.T) {
	t.Parallel()
	commands := 0
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
			most := mostLines
			if strings.HasPrefix(file, "cmd_") {
				commands++
				most = mostCommandLines
			}
			if lines := set.Position(parsed.FileEnd).Line; lines > most {
				t.Errorf("%s/%s has %d lines, and may have %d: a command is its flags and a call", p.ImportPath, file, lines, most)
			}
			for _, i := range parsed.Imports {
				path, _ := strconv.Unquote(i.Path.Value)
				if !slices.Contains(mainMayImport(), path) && !strings.HasPrefix(path, "kitchen/cmd/kitchen/") {
					t.Errorf("%s/%s imports %s: what works with it belongs in a package below", p.ImportPath, file, path)
				}
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt, *ast.SelectStmt:
					t.Errorf("%s runs something beside itself: package main is flags and calls", set.Position(n.Pos()))
				case *ast.FuncDecl:
					lines := set.Position(n.End()).Line - set.Position(n.Pos()).Line
					if lines > mostFunctionLines && !returnsFlags(n) {
						t.Errorf("%s: %s has %d lines, and may have %d: what it does belongs in a package below",
							set.Position(n.Pos()), n.Name.Name, lines, mostFunctionLines)
					}
				}
				return true
			})
		}
	}
	if commands < 10 {
		t.Errorf("only %d commands were found", commands)
	}
}

// returnsFlags says that a function does nothing but list settings or put commands together.
func returnsFlags(f *ast.FuncDecl) bool {
	if f.Type.Results == nil {
		return false
	}
	switch r := f.Type.Results.List[0].Type.(type) {
	case *ast.ArrayType:
		name, ok := r.Elt.(*ast.Ident)
		return ok && name.Name == "definition"
	case *ast.StarExpr:
		name, ok := r.X.(*ast.SelectorExpr)
		return ok && name.Sel.Name == "Command"
	}
	return false
}
