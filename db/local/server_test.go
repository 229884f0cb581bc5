package local

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFirstStartMakesADatabaseThatOnlyItsOwnerReaches(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), "made", "by", "start")
	s := start(t, Config{DataDir: dir, Settings: map[string]string{}}) // with fsync, as for users
	for sql, want := range map[string]string{
		"select current_database()": "kitchen",
		"select current_user":       "postgres",
		"show listen_addresses":     "",
		"show fsync":                "on",
		"show server_encoding":      "UTF8",
		"select datcollate from pg_database where datname = 'kitchen'": "C",
		"show max_connections": "100",
		"select count(*) from pg_hba_file_rules where type = 'host'":                               "4",
		"select count(*) from pg_hba_file_rules where auth_method <> 'reject' and type <> 'local'": "0",
	} {
		if got := ask(t, s.URL(), sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	for _, path := range []string{s.socketDir, s.clusterDir()} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid == 0 || (os.Geteuid() != 0 && int(st.Uid) != os.Geteuid()) {
			t.Errorf("%s belongs to user %d", path, st.Uid)
		}
	}
	if s.DataDir() != dir || s.LogFile() != filepath.Join(dir, "postgres.log") {
		t.Errorf("data directory %s, log %s", s.DataDir(), s.LogFile())
	}
}

func TestSecondStartKeepsData(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	first := start(t, Config{DataDir: dir})
	ask(t, first.URL(), "create table memory as select 'kept' as what")
	for range 2 { // safe twice
		if err := first.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if alive(first.PID()) {
		t.Error("the postmaster is still there after Stop")
	}
	for _, path := range []string{filepath.Join(first.socketDir, ".s.PGSQL.5432"), postmasterPath(first.clusterDir())} {
		if exists(path) {
			t.Errorf("%s is still there after Stop", path)
		}
	}
	second := start(t, Config{DataDir: dir})
	if second.URL() != first.URL() {
		t.Errorf("the address changed from %s to %s", first.URL(), second.URL())
	}
	if got := ask(t, second.URL(), "select what from memory"); got != "kept" {
		t.Errorf("found %q", got)
	}
}

func TestRestartKeepsAddressAndData(t *testing.T) {
	t.Parallel()
	s := start(t, Config{DataDir: newCluster(t)})
	ask(t, s.URL(), "create table memory as select 'kept' as what")
	for _, mode := range []Mode{Fast, Immediate, Killed} {
		idle := connect(t, s.URL()) // its backend must not hold the restart up
		pid, exited := s.PID(), s.Exited()
		if err := s.Restart(t.Context(), mode); err != nil {
			t.Fatal(err)
		}
		<-exited
		if s.PID() == pid {
			t.Errorf("mode %d: still process %d", mode, pid)
		}
		if idle.Ping(t.Context()) == nil {
			t.Errorf("mode %d: a connection survived", mode)
		}
		if got := ask(t, s.URL(), "select what from memory"); got != "kept" {
			t.Errorf("mode %d: found %q", mode, got)
		}
	}
}

func TestKilledServerStaysDownUntilRestarted(t *testing.T) {
	t.Parallel()
	s := start(t, Config{DataDir: newCluster(t)})
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.Exited()
	if alive(s.PID()) {
		t.Error("the postmaster is still there")
	}
	var inUse *InUseError
	if _, err := Start(t.Context(), Config{DataDir: s.DataDir()}); !errors.As(err, &inUse) {
		t.Errorf("while it is down, another start says: %v", err)
	}
	if err := s.Restart(t.Context(), Fast); err != nil {
		t.Fatal(err)
	}
	ask(t, s.URL(), "select 1")
}

func TestStopAfterTheServerDiedIsNoError(t *testing.T) {
	t.Parallel()
	s := start(t, Config{DataDir: newCluster(t)})
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.Exited()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestFailedStartQuotesTheServersLog(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	_, err := Start(t.Context(), Config{DataDir: dir, Settings: map[string]string{"shared_buffers": "a lot"}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{`invalid value for parameter "shared_buffers"`, filepath.Join(dir, "postgres.log")} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
	start(t, Config{DataDir: dir}) // it let go of the directory
}

func TestLogStartsAfreshWhenItIsLarge(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	log := filepath.Join(dir, "postgres.log")
	if err := os.WriteFile(log, make([]byte, maxLogSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, Config{DataDir: dir})
	if info, err := os.Stat(log); err != nil || info.Size() == 0 || info.Size() > maxLogSize {
		t.Errorf("the log: %v, %v", info, err)
	}
	if info, err := os.Stat(log + ".old"); err != nil || info.Size() != maxLogSize+1 {
		t.Errorf("the log before: %v, %v", info, err)
	}
}

func TestTCPIsForTestsThatAskForIt(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	s := start(t, Config{DataDir: filepath.Join(newDir(t), "data"), TCPPort: port})
	tcp := "postgres://postgres@127.0.0.1:" + strconv.Itoa(port) + "/kitchen"
	for _, url := range []string{tcp, s.URL()} {
		if got := ask(t, url, "show port"); got != strconv.Itoa(port) {
			t.Errorf("%s: port %s", url, got)
		}
	}
}

func TestServerOutlivesItsProgramOnlyWhereDetached(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	p := startProgram(t, dir, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, detachedEnv+"=1") }).waitReady(t)
	began := time.Now()
	p.quit(t) // would wait for the server, if that had inherited the program's standard output
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the program's output was open for %v", took)
	}
	ask(t, p.url, "select 1")
	if err := StopDetached(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if runs, _ := postmasterOf(filepath.Join(dir, clusterName), p.server); runs {
		t.Error("it still runs")
	}
	if err := StopDetached(t.Context(), dir); err != nil {
		t.Errorf("none to stop: %v", err)
	}
	if err := StopDetached(t.Context(), filepath.Join(dir, "nowhere")); err != nil {
		t.Errorf("nothing there: %v", err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
