package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kitchen/db/local"
)

// Cluster starts a server of the test's own, with the database "kitchen" migrated, for a test that breaks it. The settings
// are the server's, beside or instead of those that spare the disk (fsync=off). It is stopped and removed at the end of
// the test; where the test has failed, the end of the server's log is logged.
func Cluster(t testing.TB, settings map[string]string) *local.Server {
	t.Helper()
	s, err := startCluster(t, settings, func(string) error { return nil })
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return s
}

// ClusterOnDisk is [Cluster] with all of its files on a file system of its own of so many megabytes (an empty cluster has
// 50), which a test may fill. It needs Linux, and root.
func ClusterOnDisk(t testing.TB, megabytes int, settings map[string]string) *local.Server {
	t.Helper()
	s, err := startCluster(t, settings, func(dir string) error { return mount(t, dir, megabytes) })
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return s
}

// ClusterOf is [Cluster] with the server binaries of a folder, for tests of another version of PostgreSQL.
func ClusterOf(t testing.TB, binDir string, settings map[string]string) *local.Server {
	t.Helper()
	run, err := openRunDir(t.Context())
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	dir, err := makeTemp(filepath.Join(run, "clusters"))
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	all := fastSettings()
	maps.Copy(all, settings)
	s, err := local.Start(t.Context(), local.Config{DataDir: dir, BinDir: binDir, Settings: all})
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("dbtest: %v", err)
		}
	})
	if err := migrate(t.Context(), s.URL()); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return s
}

func startCluster(t testing.TB, settings map[string]string, prepare func(dir string) error) (*local.Server, error) {
	run, err := openRunDir(t.Context())
	if err != nil {
		return nil, err
	}
	seed, err := openSeed(t.Context(), run)
	if err != nil {
		return nil, err
	}
	dir, err := makeTemp(filepath.Join(run, "clusters"))
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("dbtest: remove a cluster: %v", err)
		}
	})
	if err := prepare(dir); err != nil {
		return nil, err
	}
	if err := copyCluster(filepath.Join(dir, "postgres"), filepath.Join(seed, "postgres")); err != nil {
		return nil, err
	}
	all := fastSettings()
	maps.Copy(all, settings)
	s, err := local.Start(t.Context(), local.Config{DataDir: dir, Settings: all})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("dbtest: %v", err)
		}
		if t.Failed() {
			t.Logf("the end of the server's log:\n%s", tail(s.LogFile()))
		}
	})
	return s, nil
}

// openSeed returns the directory of a stopped cluster with a migrated database, which is made once: copying it takes a
// tenth of the time of initdb and the migrations.
func openSeed(ctx context.Context, run string) (string, error) {
	hash, err := migrationsHash(0, "")
	if err != nil {
		return "", fmt.Errorf("test cluster: %w", err)
	}
	seeds := filepath.Join(run, "seeds")
	if err := makeDir(seeds); err != nil {
		return "", err
	}
	gate, err := lock(filepath.Join(run, "seeding"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer gate.Close()
	if err := removeOld(filepath.Join(run, "clusters"), time.Hour); err != nil { // those of tests that were killed
		return "", err
	}
	dir := filepath.Join(seeds, hash)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := removeOld(seeds, keepFor); err != nil { // those of other migrations
		return "", err
	}
	building, err := makeTemp(seeds)
	if err != nil {
		return "", err
	}
	if err := makeSeed(ctx, building); err != nil {
		return "", errors.Join(err, os.RemoveAll(building))
	}
	if err := os.Rename(building, dir); err != nil {
		return "", fmt.Errorf("test cluster: %w", err)
	}
	return dir, nil
}

func makeSeed(ctx context.Context, dir string) error {
	s, err := local.Start(ctx, local.Config{DataDir: dir, Settings: fastSettings()})
	if err != nil {
		return err
	}
	return errors.Join(migrate(ctx, s.URL()), s.Stop())
}

// copyCluster copies a stopped cluster. Its owner is then this process's user; for root, local.Start hands it on.
func copyCluster(to, from string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return fmt.Errorf("copy a cluster: %w", err)
	}
	if err := os.Chmod(to, 0o700); err != nil {
		return fmt.Errorf("copy a cluster: %w", err)
	}
	return nil
}

func makeDir(dir string) error {
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // the server's user passes through
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return fmt.Errorf("test cluster: %w", err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		return fmt.Errorf("test cluster: %w", err)
	}
	return nil
}

func makeTemp(parent string) (string, error) {
	if err := makeDir(parent); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(parent, "")
	if err != nil {
		return "", fmt.Errorf("test cluster: %w", err)
	}
	return dir, makeDir(dir)
}

// removeOld removes what is in dir, older than the age given, and not the data directory of a running program.
func removeOld(dir string, age time.Duration) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove old clusters: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := e.Info(); err != nil || time.Since(info.ModTime()) < age || held(path) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove old clusters: %w", err)
		}
	}
	return nil
}

// held reports whether a program holds the lock of a data directory.
func held(dataDir string) bool {
	f, err := os.Open(filepath.Join(dataDir, "postgres.lock"))
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
}

func tail(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
