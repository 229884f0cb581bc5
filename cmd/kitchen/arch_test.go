package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rule says what packages may not import, and why.
type rule struct {
	of      func(pkg string) bool
	never   func(imported string) bool
	because string
}

func under(dirs ...string) func(string) bool {
	return func(pkg string) bool {
		return slices.ContainsFunc(dirs, func(dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") })
	}
}

func not(f func(string) bool) func(string) bool { return func(s string) bool { return !f(s) } }

func both(f, g func(string) bool) func(string) bool {
	return func(s string) bool { return f(s) && g(s) }
}

func rules() []rule {
	ours := under("kitchen")
	return []rule{
		{both(under("kitchen/db"), not(under("kitchen/db/dbtest"))), both(ours, not(under("kitchen/db"))),
			"db is a leaf: who reads orders must not depend on who shows them, and a program may use it alone"},
		{under("kitchen/db/order"), under("kitchen", "github.com/jackc", "database/sql"),
			"order is a leaf that everybody may know: it does no I/O and knows no driver"},
		{under("kitchen/migrations"), ours,
			"migrations is a leaf: the schema is for every writer, and goose alone can apply it"},
		{under("kitchen/notifier"), both(ours, not(func(p string) bool {
			return under("kitchen/notifier")(p) || p == "kitchen/db" || p == "kitchen/db/order"
		})),
			"notifier knows db, db/order and nothing else: a message bus will stand between it and ws, on different machines"},
		{under("kitchen/notifier/listen"), both(ours, not(func(p string) bool { return p == "kitchen/db" || p == "kitchen/notifier/pause" })),
			"listen knows channels, and neither restaurants nor orders: what a channel is about is its handler's business"},
		{under("kitchen/notifier/pause"), ours,
			"pause is a leaf: it only waits"},
		{both(under("kitchen/notifier"), not(under("kitchen/notifier/listen"))), func(p string) bool { return p == "github.com/jackc/pgx/v5" || p == "github.com/jackc/pgxlisten" },
			"only listen has the connection that listens"},
		{under("kitchen/ws"), both(ours, not(under("kitchen/ws", "kitchen/db/order"))),
			"ws knows neither db nor notifier: what it needs of them comes through its Feed and Store, in the words of db/order"},
		{under("kitchen/ws"), under("github.com/jackc", "database/sql", "github.com/pressly"),
			"ws knows neither SQL nor pgx: displays must keep working on another source of events"},
		{under("kitchen/ws/closing"), ours,
			"closing is a leaf: every room of ws may say with it why a display is closed"},
		{under("kitchen/ws/credential"), both(ours, not(under("kitchen/ws/credential", "kitchen/ws/closing", "kitchen/db/order"))),
			"credential knows no sockets: what a token is worth does not depend on who shows it"},
		{under("kitchen/ws/credential"), under("github.com/gorilla"),
			"credential knows no sockets: what a token is worth does not depend on who shows it"},
		{under("kitchen/ws/tcp"), both(ours, not(under("kitchen/ws/tcp"))),
			"tcp is a leaf: it writes bytes, and knows neither displays nor frames"},
		{under("kitchen/ws/tcp"), under("github.com/gorilla"),
			"tcp is a leaf: it writes bytes, and knows neither displays nor frames"},
		{under("kitchen/ws/origin"), ours,
			"origin is a leaf: which pages may connect depends on nothing of ours"},
		{under("kitchen/ws/limit", "kitchen/ws/protocol"), both(ours, not(under("kitchen/ws/closing", "kitchen/db/order"))),
			"limit and protocol say why a display is closed, and know neither sockets nor credentials"},
		{under("kitchen/ws/limit", "kitchen/ws/protocol"), under("github.com/gorilla"),
			"limit and protocol say why a display is closed, and know neither sockets nor credentials"},
		{not(under("kitchen/ws/credential/idptest")), under("kitchen/ws/credential/idptest"),
			"idptest is for tests alone: it publishes keys that anybody may know"},
		{not(under("kitchen/cmd", "kitchen/db", "kitchen/notifier")), under("github.com/jackc"),
			"db is the only place with SQL; the notifier has pgx for LISTEN, and cmd to migrate"},
		{not(under("kitchen/cmd")), under("kitchen/cmd"),
			"cmd puts the others together; none of them may know how"},
		{not(under("kitchen/db/dbtest")), under("kitchen/db/dbtest"),
			"dbtest is for tests alone: it starts servers and drops databases"},
	}
}

// The arrows of the house run one way.
func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	packages := listPackages(t, "./...")
	if len(packages) < 8 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, p := range packages {
		for _, r := range rules() {
			if !r.of(p.ImportPath) {
				continue
			}
			for _, imported := range p.Imports {
				if r.never(imported) {
					t.Errorf("%s imports %s, and may not: %s", p.ImportPath, imported, r.because)
				}
			}
		}
	}
}

// What a package reaches through others counts, too.
func TestSocketsReachNoDatabase(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t, "./ws/...") {
		for _, dep := range p.Deps {
			if dep == "database/sql" || under("github.com/jackc", "kitchen/db", "kitchen/notifier")(dep) && dep != "kitchen/db/order" {
				t.Errorf("%s depends on %s: ws knows neither SQL nor who reads the database", p.ImportPath, dep)
			}
		}
	}
}

// Where a program's settings come from must be seen in one file; and SQL that is anywhere but in db is not found by who
// changes the schema.
func TestOnlyCmdReadsTheEnvironmentAndOnlyDBHoldsSQL(t *testing.T) {
	t.Parallel()
	sql := regexp.MustCompile(`(?is)^[\x60"]\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s)`)
	for _, p := range listPackages(t, "./...") {
		for _, file := range p.GoFiles {
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SelectorExpr:
					from, ok := n.X.(*ast.Ident)
					if ok && (from.Name == "os" || from.Name == "syscall") && regexp.MustCompile("^(Getenv|LookupEnv|Environ|ExpandEnv)$").MatchString(n.Sel.Name) &&
						!under("kitchen/cmd", "kitchen/db/dbtest")(p.ImportPath) {
						t.Errorf("%s/%s uses %s.%s, and may not: only cmd reads the environment", p.ImportPath, file, from.Name, n.Sel.Name)
					}
				case *ast.BasicLit:
					if n.Kind == token.STRING && sql.MatchString(n.Value) && !under("kitchen/db")(p.ImportPath) {
						t.Errorf("%s/%s holds SQL, and may not: db is the only Go with SQL in it: %.60s", p.ImportPath, file, n.Value)
					}
				}
				return true
			})
		}
	}
}

// Each connection needs an encoding and standard strings of its own, because a database may have other defaults: what connects past
// package db stores names as other characters.
func TestOnlyDBConnects(t *testing.T) {
	t.Parallel()
	connects := regexp.MustCompile(`^(pgx|pgconn|pgxpool|sql|stdlib)\.(Connect\w*|ParseConfig\w*|New|NewWithConfig|Open|OpenDBFromPool|GetDefaultDriver)$`)
	found := 0
	for _, p := range listPackages(t, "./...") {
		for _, file := range p.GoFiles {
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				from, ok := s.X.(*ast.Ident)
				switch {
				case !ok || !connects.MatchString(from.Name+"."+s.Sel.Name):
				case p.ImportPath == "kitchen/db", p.ImportPath == "kitchen/db/pool": // which is given db's own configuration
					found++
				case !under("kitchen/db/dbtest", "kitchen/db/local")(p.ImportPath): // whose servers are ours, and so are their defaults
					t.Errorf("%s uses %s.%s, and may not: db.Connect and db.ConnConfig set what a connection needs", set.Position(s.Pos()), from.Name, s.Sel.Name)
				}
				return true
			})
		}
	}
	if found == 0 {
		t.Error("package db connects by none of the names that this test looks for")
	}
}

type goPackage struct {
	Dir        string
	ImportPath string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func listPackages(t *testing.T, pattern string) (packages []goPackage) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=Dir,ImportPath,GoFiles,Imports,Deps", pattern) //nolint:gosec // constants
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v; the go command must be in PATH", err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
