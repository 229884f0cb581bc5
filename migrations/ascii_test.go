package migrations_test

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// What the server is sent of a migration can be stored in every encoding. Comments between statements stay here.
func TestStatementsHoldNoLetterThatAnEncodingLacks(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.sql", "roles/*.sql", "../db/attach/sql/*.sql"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	comment, foreign := regexp.MustCompile(`^\s*--`), regexp.MustCompile(`[^\x00-\x7f]`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for n := 1; lines.Scan(); n++ {
			if line := lines.Bytes(); foreign.Match(line) && !comment.Match(line) {
				t.Errorf("%s:%d: %s", file, n, line)
			}
		}
	}
}
