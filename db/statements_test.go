package db_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every statement of this package that names a table of orders binds it to restaurants that were asked for, by a parameter
// or through a join with a table that is bound: found in the sources, so that a new statement is looked at, too.
func TestEveryStatementNamesItsRestaurant(t *testing.T) {
	t.Parallel()
	bound := regexp.MustCompile(`(o\.|s\.)?restaurant_id = (\$\d|any\(\$\d|(k\.restaurant_|r\.)id\b)`)
	for _, sql := range statements(t) {
		if !bound.MatchString(sql) {
			t.Errorf("this statement does not say whose orders it means:\n%s", sql)
		}
	}
	// The one read of all restaurants stays what it is for.
	callers, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	kitchen, err := filepath.Glob("../cmd/kitchen/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(callers, kitchen...) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), ".FindOrder(") && filepath.Base(name) != "trace.go" && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s calls FindOrder, which reads the orders of all restaurants", name)
		}
	}
}

// statements are those of this package that name a table of orders, read from its sources.
func statements(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	// Statements are put together of constants: each is looked at with those in their places.
	parts := map[string]ast.Expr{}
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "doctor") {
			continue // the doctor reads nothing of a restaurant's but counts, and what it rolls back
		}
		if name == "find.go" {
			continue // for an operator at a terminal; see that only `kitchen trace` calls it, below
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				for i, v := range spec.Values {
					parts[spec.Names[i].Name] = v
				}
			}
			return true
		})
	}
	lookUp := regexp.MustCompile(`to_regclass\('[^']*'\)`) // which asks whether there is such a table, and reads nothing of it
	var all []string
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, arg := range call.Args {
				sql := lookUp.ReplaceAllString(text(arg, parts), "")
				if !readsOrders(sql) && !strings.Contains(sql, "kitchen.lines") {
					continue
				}
				all = append(all, sql)
			}
			return true
		})
	}
	if len(all) < 6 {
		t.Errorf("%d statements found, want at least 6: queues, orders one by one and many, recent, fingerprints, status", len(all))
	}
	return all
}

// text is a string expression of Go, with names of constants resolved.
func text(e ast.Expr, names map[string]ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			return ""
		}
		return s
	case *ast.BinaryExpr:
		return text(e.X, names) + text(e.Y, names)
	case *ast.Ident:
		return text(names[e.Name], names)
	}
	return ""
}
