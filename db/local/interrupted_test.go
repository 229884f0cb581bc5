package local

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCancelledStartLeavesNoProcess(t *testing.T) {
	t.Parallel()
	for name, bin := range map[string]func(*testing.T) string{
		"in initdb":       func(t *testing.T) string { return fakeBinaries(t, "15.1", hangingInit, hanging) },
		"before it is up": func(t *testing.T) string { return fakeBinaries(t, "15.1", "", hanging) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(newDir(t), "data")
			binDir := bin(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			changedMind := errors.New("changed my mind")
			failed := make(chan error)
			go func() {
				_, err := Start(ctx, Config{DataDir: dir, BinDir: binDir})
				failed <- err
			}()
			if name == "before it is up" {
				eventually(t, "postgres runs", func() bool { return exists(filepath.Join(dir, "postgres.log")) })
			}
			pid := waitRunning(t, binDir)
			cancel(changedMind)
			if err := <-failed; !errors.Is(err, changedMind) {
				t.Errorf("Start says: %v", err)
			}
			if alive(pid) {
				t.Errorf("process %d is still there", pid)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, initPrefix+"*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestStartCancelledAtAnyMomentCanBeRepeated(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	for after := time.Duration(0); ; after += 15 * time.Millisecond {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		s, err := Start(ctx, Config{DataDir: dir, Settings: quick()})
		cancel()
		if err == nil {
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
			return
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("cancelled after %v: %v", after, err)
		}
		if f, err := readPostmasterFile(filepath.Join(dir, clusterName)); err == nil && alive(f.pid) {
			t.Fatalf("cancelled after %v: process %d is still there", after, f.pid)
		}
	}
}

func TestInterruptedInitIsStartedOver(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), "data")
	binDir := fakeBinaries(t, "15.1", hangingInit, hanging)
	p := startProgram(t, dir, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, binDirEnv+"="+binDir) })
	initdb := waitRunning(t, binDir)
	eventually(t, "half a cluster", func() bool {
		half, _ := filepath.Glob(filepath.Join(dir, initPrefix+"*", "PG_VERSION"))
		return len(half) == 1
	})
	p.kill()
	diesWithItsParent(t, initdb)
	if left, _ := filepath.Glob(filepath.Join(dir, initPrefix+"*")); len(left) == 0 {
		t.Error("nothing was left behind: this test tests nothing")
	}
	s := start(t, Config{DataDir: dir})
	ask(t, s.URL(), "select 1")
	if left, _ := filepath.Glob(filepath.Join(dir, initPrefix+"*")); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
}

func TestFailedInitQuotesInitdb(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), "data")
	binDir := fakeBinaries(t, "15.1", "echo the disk is full >&2; exit 1", hanging)
	_, err := Start(t.Context(), Config{DataDir: dir, BinDir: binDir})
	if err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("Start says: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, initPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDirectoryThatIsNoClusterIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	own := filepath.Join(dir, clusterName, "holiday.jpg")
	if err := os.Mkdir(filepath.Dir(own), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "holds no PostgreSQL database") {
		t.Errorf("Start says: %v", err)
	}
	if !exists(own) {
		t.Error("it is gone")
	}
}
