package dbtest

import (
	"os/exec"
	"path/filepath"
	"testing"

	"kitchen/db/local"
)

// Client returns the path of a client program, such as pg_dump: the one beside the server's programs, or, where a package of
// PostgreSQL has the server alone, the one in PATH.
func Client(t testing.TB, program string) string {
	t.Helper()
	dir, _, err := local.Installed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, program)
	if _, err := exec.LookPath(path); err != nil {
		if path, err = exec.LookPath(program); err != nil {
			t.Fatalf("dbtest: %s is neither in %s nor in PATH: install the client programs of PostgreSQL", program, dir)
		}
	}
	return path
}
