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
	files := []string{"client/client.test.js", "client/token.test.js", "client/shown.test.js"} // client/server.test.js is run by cmd/kitchen, which has a server
	pages, err := filepath.Glob("page/*.test.js")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.Concat(files, pages)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, node, append([]string{"--test"}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
