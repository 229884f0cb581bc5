package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postmasterFile is what a postmaster writes about itself into postmaster.pid (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*).
type postmasterFile struct {
	pid       int // negative: a server in single-user mode
	port      int
	socketDir string
	ready     bool
}

func postmasterPath(clusterDir string) string { return filepath.Join(clusterDir, "postmaster.pid") }

func readPostmasterFile(clusterDir string) (postmasterFile, error) {
	b, err := os.ReadFile(postmasterPath(clusterDir))
	if err != nil {
		return postmasterFile{}, err
	}
	line := append(strings.Split(string(b), "\n"), make([]string, 8)...) // short while it is being written
	var f postmasterFile
	f.pid, _ = strconv.Atoi(strings.TrimSpace(line[0]))
	f.port, _ = strconv.Atoi(strings.TrimSpace(line[3]))
	f.socketDir = line[4]
	f.ready = strings.TrimSpace(line[7]) == "ready"
	return f, nil
}

// mark is on the command line of every server of this package.
const mark = "cluster_name=kitchen"

// postmasterOf reports whether a process is a postmaster of this cluster, and whether this package started it. The process id alone does
// not show that: after a reboot, or in a container, another process soon has it.
func postmasterOf(clusterDir string, pid int) (runs, ours bool) {
	program, args, found := strings.Cut(commandLine(pid), " -D ")
	if base := filepath.Base(program); !found || (base != "postgres" && base != "postmaster") {
		return false, false
	}
	rest, found := strings.CutPrefix(args, clusterDir)
	if !found || (rest != "" && rest[0] != ' ') {
		return false, false
	}
	return true, strings.Contains(rest, mark)
}

// stopLeftover stops a postmaster that still runs after its program has ended. It removes a postmaster.pid that names another process,
// because PostgreSQL would take any process of its own user for a postmaster. That is safe: since version 12 it also refuses to start while
// a process of the cluster still holds its shared memory. The caller holds the data directory's lock.
func stopLeftover(ctx context.Context, clusterDir string, log *slog.Logger) error {
	f, err := readPostmasterFile(clusterDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a leftover server: %w", err)
	}
	if f.pid < 0 {
		return nil // PostgreSQL itself decides what to do
	}
	runs, ours := postmasterOf(clusterDir, f.pid)
	if runs && !ours {
		return fmt.Errorf("somebody else's PostgreSQL server (process %d) runs on %s: stop it, or choose another directory "+
			"with --data-dir", f.pid, clusterDir)
	}
	if runs {
		log.Warn("stopping a server that outlived its program", "pid", f.pid, "dir", clusterDir)
		if err := endPostmaster(ctx, clusterDir, f.pid); err != nil {
			return err
		}
		if filepath.Dir(f.socketDir) != filepath.Dir(clusterDir) {
			_ = os.Remove(f.socketDir) // in the system's temporary directory; only where it is empty
		}
	}
	if now, err := readPostmasterFile(clusterDir); err != nil || now.pid != f.pid {
		return nil // it removed the file itself
	}
	if err := os.Remove(postmasterPath(clusterDir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a stale postmaster.pid: %w", err)
	}
	return nil
}

// endPostmaster ends a postmaster that may not be a child of this process, so that it cannot be waited for.
func endPostmaster(ctx context.Context, clusterDir string, pid int) error {
	for _, step := range []struct {
		signal syscall.Signal
		within time.Duration
	}{{syscall.SIGINT, 30 * time.Second}, {syscall.SIGQUIT, 10 * time.Second}, {syscall.SIGKILL, 10 * time.Second}} {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the leftover server (process %d): %w", pid, err)
		}
		for deadline := time.Now().Add(step.within); time.Now().Before(deadline); {
			if runs, _ := postmasterOf(clusterDir, pid); !runs {
				return nil
			}
			if err := pause(ctx, 10*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("the leftover server (process %d) on %s does not end", pid, clusterDir)
}
