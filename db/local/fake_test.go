package local

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// fakeBinaries returns a directory with an initdb and a postgres that are shell scripts: of a version, doing what the
// scripts say. They leave their process id in the file "running" of the directory.
func fakeBinaries(t *testing.T, version, initdb, postgres string) string {
	t.Helper()
	dir := newDir(t)
	for name, script := range map[string]string{"initdb": initdb, "postgres": postgres} {
		text := "#!/bin/sh\n" +
			"if [ \"$1\" = --version ]; then echo '" + name + " (PostgreSQL) " + version + "'; exit; fi\n" +
			"echo $$ > " + filepath.Join(dir, "running") + "\n" + script + "\n"
		writeProgram(t, filepath.Join(dir, name), []byte(text))
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// writeProgram writes a file that everybody can run. Nobody forks meanwhile: a child would hold the file open for writing
// until it becomes another program, and a file that is open for writing cannot be run.
func writeProgram(t *testing.T, path string, content []byte) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, content, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o755); err != nil { // whatever the umask is
		t.Fatal(err)
	}
}

// Scripts for fakeBinaries.
const (
	// Half a cluster, and never done.
	hangingInit = `for a in "$@"; do case $a in --pgdata=*) mkdir "${a#--pgdata=}/base"; echo 15 > "${a#--pgdata=}/PG_VERSION";; esac; done
exec sleep 600`
	hanging = "exec sleep 600"
)

// waitRunning waits until one of the fake programs runs and returns its process id.
func waitRunning(t *testing.T, binDir string) (pid int) {
	t.Helper()
	eventually(t, "a program of "+binDir+" runs", func() bool {
		b, err := os.ReadFile(filepath.Join(binDir, "running"))
		if err != nil {
			return false
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(b)))
		return err == nil
	})
	return pid
}
