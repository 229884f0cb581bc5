package dbtest

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/local"
)

// Client returns the path of a client program, such as psql: the one beside the server's programs, or, where a package of
// PostgreSQL has the server alone, the one in PATH.
func Client(t testing.TB, program string) string {
	t.Helper()
	dir, major, err := local.Installed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, program)
	if _, err := exec.LookPath(path); err == nil {
		return path
	}
	if path, err = exec.LookPath(program); err != nil {
		t.Fatalf("dbtest: %s is neither in %s nor in PATH: install the client programs of PostgreSQL %d", program, dir, major)
	}
	return path
}

// Dumper returns the path of a pg_dump that is not older than the tests' server, and so can dump it. It is empty where there is none: a
// package of PostgreSQL may hold only the server, beside client programs of another release.
func Dumper(t testing.TB) string {
	t.Helper()
	_, major, err := local.Installed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := Client(t, "pg_dump")
	said, err := exec.CommandContext(t.Context(), path, "--version").Output()
	if err != nil {
		t.Fatalf("dbtest: ask %s for its version: %v", path, err)
	}
	if versionOf(string(said)) < major {
		return ""
	}
	return path
}

// versionOf is the major version that a client program prints, as in "pg_dump (PostgreSQL) 15.18 (Debian …)".
func versionOf(printed string) (major int) {
	_, number, _ := strings.Cut(printed, "(PostgreSQL) ")
	_, _ = fmt.Sscanf(number, "%d", &major)
	return major
}

// Conn connects to a database. The connection is closed at the end of the test.
func Conn(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the test's own context has ended
	return conn
}
