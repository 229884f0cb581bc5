package dbtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Script returns a file of SQL, with the files that it includes as psql would (\ir FILE, from where the file itself is).
func Script(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if included, is := strings.CutPrefix(line, `\ir `); is {
			line = Script(t, filepath.Join(filepath.Dir(path), strings.TrimSpace(included))) + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}
