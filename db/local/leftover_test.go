package local

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSecondProgramIsRefused(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	p := startProgram(t, dir, nil).waitReady(t)

	_, err := Start(t.Context(), Config{DataDir: dir})
	var inUse *InUseError
	if !errors.As(err, &inUse) || inUse.PID != p.cmd.Process.Pid || inUse.DataDir != dir {
		t.Fatalf("the second program is told: %v", err)
	}
	for _, part := range []string{dir, fmt.Sprint(p.cmd.Process.Pid), "DATABASE_URL", "--data-dir"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
	ask(t, p.url, "select 1") // the first is unharmed

	p.quit(t)
	start(t, Config{DataDir: dir})
}

func TestAttachFindsTheServerOfAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	for what, where := range map[string]string{"stopped": dir, "absent": filepath.Join(dir, "nowhere")} {
		if url, err := Attach(where); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: %q, %v", what, url, err)
		}
	}
	p := startProgram(t, dir, nil).waitReady(t)
	url, err := Attach(dir)
	if err != nil || url != p.url {
		t.Fatalf("running: %q, %v, want %q", url, err, p.url)
	}
	ask(t, url, "select 1")
	p.quit(t)
	if url, err := Attach(dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("stopped again: %q, %v", url, err)
	}
}

func TestServerThatOutlivedItsProgramIsStoppedFirst(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	// Detached, a server outlives its program on every system.
	p := startProgram(t, dir, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, detachedEnv+"=1") }).waitReady(t)
	p.quit(t)
	ask(t, p.url, "create table memory as select 'kept' as what")
	if _, err := Attach(dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("nobody holds it, but Attach says: %v", err)
	}
	s := start(t, Config{DataDir: dir})
	if runs, _ := postmasterOf(s.clusterDir(), p.server); runs {
		t.Error("the old server still runs")
	}
	if got := ask(t, s.URL(), "select what from memory"); got != "kept" {
		t.Errorf("found %q", got)
	}
}

func TestServerThatSomebodyElseStartedIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	s := start(t, Config{DataDir: dir})
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	// As pg_ctl would start it.
	cmd := command(s.account, dir, filepath.Join(s.binDir, "postgres"), "-D", s.clusterDir(), "-c", "listen_addresses=",
		"-c", "unix_socket_directories="+s.socketDir)
	byHand, err := startProcess(cmd, false)
	if err != nil {
		t.Fatal(err)
	}
	defer byHand.kill()
	eventually(t, "the server is up", func() bool {
		f, err := readPostmasterFile(s.clusterDir())
		return err == nil && f.ready
	})
	_, err = Start(t.Context(), Config{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d", cmd.Process.Pid)) {
		t.Errorf("Start says: %v", err)
	}
	ask(t, s.URL(), "select 1")
	if !byHand.end(syscall.SIGINT, 20*time.Second) {
		t.Error("it does not end")
	}
}

func TestStaleFilesAreNoObstacle(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	s := start(t, Config{DataDir: dir})
	pidFile, socket := postmasterPath(s.clusterDir()), filepath.Join(s.socketDir, ".s.PGSQL.5432")
	lock, err := os.ReadFile(socket + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	pids, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	// A process of the server's own user that took over the number, as happens after a reboot and in containers:
	// PostgreSQL itself would take it for the postmaster and refuse to start.
	other, err := startProcess(command(s.account, "/", "/bin/sleep", "600"), false)
	if err != nil {
		t.Fatal(err)
	}
	defer other.kill()
	old, now := []byte(fmt.Sprintln(s.PID())), []byte(fmt.Sprintln(other.cmd.Process.Pid))
	for path, content := range map[string][]byte{pidFile: pids, socket + ".lock": lock} {
		if !bytes.HasPrefix(content, old) {
			t.Fatalf("%s does not begin with the process id %d: %q", path, s.PID(), content)
		}
		if err := os.WriteFile(path, bytes.Replace(content, old, now, 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()

	again := start(t, Config{DataDir: dir})
	ask(t, again.URL(), "select 1")
	if !alive(other.cmd.Process.Pid) {
		t.Error("the innocent process was ended")
	}
}

func TestCtrlCDoesNotReachTheServer(t *testing.T) {
	t.Parallel()
	p := startProgram(t, newCluster(t), nil).waitReady(t)
	conn := connect(t, p.url) // SIGINT would cut it
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	pgid, err := syscall.Getpgid(p.server)
	if err != nil {
		t.Fatal(err)
	}
	if pgid == p.cmd.Process.Pid {
		t.Error("the server is in the program's process group")
	}
	if err := conn.Ping(t.Context()); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	p.quit(t)
}
