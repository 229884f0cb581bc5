package board_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestLogicOfClientAndPage runs what `npm test` runs; nothing needs to be installed for it but node itself.
func TestLogicOfClientAndPage(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("no node on this machine, 18 or later; on Debian or Ubuntu: apt-get install -y nodejs")
	}
	files, err := filepath.Glob("[cp]*/*.test.js") // of client and page
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return f == "client/server.test.js" }) // which cmd/kitchen runs, with a server
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, node, append([]string{"--test"}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
