package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A checklist that names tests which are gone shows nothing.
func TestSecurityChecklistNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../ws/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]string{"cmd": ".", "doctor": "doctor", "node": "node", "terminal": "terminal", "ws": "../../ws", "credential": "../../ws/credential", "tcp": "../../ws/tcp", "origin": "../../ws/origin", "limit": "../../ws/limit", "closing": "../../ws/closing", "protocol": "../../ws/protocol", "board": "../../ws/board", "db": "../../db", "order": "../../db/order", "notifier": "../../notifier", "alarm": "../../notifier/alarm", "migrations": "../../migrations"}
	named := regexp.MustCompile("`(\\w+)\\.((?:Test|Fuzz)\\w+)`")
	exists := map[string]bool{}
	for name, folder := range folders {
		files, err := filepath.Glob(folder + "/*_test.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no tests in %s: %v", folder, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(text, -1) {
				exists[name+"."+string(found[1])] = true
			}
		}
	}
	for _, found := range named.FindAllStringSubmatch(string(page), -1) {
		if name := found[1] + "." + found[2]; !exists[name] {
			t.Errorf("the page names %s, which does not exist", name)
		}
	}
	// Each line is there once, with a test.
	lines := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)^\| (S\d+) \|(.*)$`).FindAllStringSubmatch(string(page), -1) {
		if lines[found[1]] != "" {
			t.Errorf("%s is there twice", found[1])
		}
		lines[found[1]] = found[2]
		if !named.MatchString(found[2]) {
			t.Errorf("%s names no test", found[1])
		}
	}
	for i := range 42 {
		if line := "S" + strconv.Itoa(i+1); lines[line] == "" {
			t.Errorf("%s is missing", line)
		}
	}
}

// goFiles parses what is not a test, in some folders and below.
func goFiles(t *testing.T, folders ...string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	for _, folder := range folders {
		err := filepath.WalkDir("../../"+folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			files["kitchen/"+filepath.ToSlash(strings.TrimPrefix(path, "../../"))] = file
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// A node believes no address in a header, because any client could send one.
func TestNothingRestsOnForwardedHeaders(t *testing.T) {
	t.Parallel()
	for name, file := range goFiles(t, "cmd/kitchen", "ws") {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if n.Kind == token.STRING && strings.Contains(strings.ToLower(n.Value), "forwarded") {
					t.Errorf("%s reads %s: say which proxies are believed, and test it", name, n.Value)
				}
			case *ast.SelectorExpr:
				// Guesses of codes are limited by address. Behind a proxy all clients have one, so more is refused, and no header is believed.
				if n.Sel.Name == "RemoteAddr" && name != "kitchen/ws/pairing/server.go" {
					t.Errorf("%s uses RemoteAddr: behind a proxy that is the proxy's", name)
				}
			}
			return true
		})
	}
}

// A statement that is put together at run time may hold what somebody has sent. Not looked at: what measures, tries things out and
// examines; and db/attach, which writes SQL for tables whose names it reads from the catalog and quotes, for the owner of those tables.
func TestStatementsAreConstants(t *testing.T) {
	t.Parallel()
	found := 0
	for name, file := range goFiles(t, "db", "notifier") {
		if strings.Contains(name, "/doctor_") || under("kitchen/db/attach", "kitchen/db/examine", "kitchen/db/load", "kitchen/db/rush", "kitchen/db/dbtest", "kitchen/db/local")(filepath.Dir(name)) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if of, ok := call.Fun.(*ast.SelectorExpr); ok && strings.HasSuffix(of.Sel.Name, "printf") || ok && strings.HasPrefix(of.Sel.Name, "Append") {
				for _, argument := range call.Args {
					if literal, ok := argument.(*ast.BasicLit); ok && regexp.MustCompile(`(?i)^.\s*(select|insert|update|delete|listen|notify|set)\s`).MatchString(literal.Value) {
						t.Errorf("%s: a statement is formatted: %s", name, literal.Value)
					}
				}
			}
			of, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || len(call.Args) < 1 {
				return true
			}
			at := map[string]int{"Query": 1, "QueryRow": 1, "Exec": 1, "Queue": 0}
			i, is := at[of.Sel.Name]
			if !is || len(call.Args) <= i {
				return true
			}
			found++
			if variable, ok := mixed(call.Args[i]); ok && !strings.HasSuffix(name, "/listen.go") { // which quotes: see pgx.Identifier
				t.Errorf("%s: a statement holds %s", name, variable)
			}
			return true
		})
	}
	if found < 10 {
		t.Errorf("only %d statements were looked at", found)
	}
}

// mixed finds what is put into the middle of a statement's text.
func mixed(e ast.Expr) (string, bool) {
	sum, ok := e.(*ast.BinaryExpr)
	if !ok {
		return "", false
	}
	for _, side := range []ast.Expr{sum.X, sum.Y} {
		switch side := side.(type) {
		case *ast.BasicLit:
		case *ast.Ident:
			if side.Obj != nil && side.Obj.Kind != ast.Con {
				return side.Name, true
			}
		default:
			if name, ok := mixed(side); ok {
				return name, true
			}
			if _, ok := side.(*ast.BinaryExpr); !ok {
				return "an expression", true
			}
		}
	}
	return "", false
}

func TestReadmeSaysWhoMayListen(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?s)Any role that can connect to the database can LISTEN to and forge any channel.*another database`).Match(readme) {
		t.Error("the README does not say that any role can listen and forge, and what to do about it")
	}
}

// Each of these had a hole that mattered here, up to the version before.
func TestLibrariesAreNotOlderThanTheirFixes(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for library, least := range map[string][3]int{
		"github.com/golang-jwt/jwt/v5": {5, 3, 0}, "github.com/gorilla/websocket": {1, 5, 3}, "github.com/jackc/pgx/v5": {5, 10, 0},
	} {
		found := regexp.MustCompile(regexp.QuoteMeta(library) + ` v(\d+)\.(\d+)\.(\d+)`).FindSubmatch(mod)
		if found == nil {
			t.Errorf("%s is not in go.mod", library)
			continue
		}
		var is [3]int
		for i := range is {
			is[i], _ = strconv.Atoi(string(found[i+1]))
		}
		if slices.Compare(is[:], least[:]) < 0 {
			t.Errorf("%s is %v, older than %v", library, is, least)
		}
	}
}
