package dbtest

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	s, err := startEmpty(t, binDir, settings)
	if err != nil {
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
	defer seed.close()
	dir, err := newClusterDir(t, run)
	if err != nil {
		return nil, err
	}
	if err := prepare(dir); err != nil {
		return nil, err
	}
	if err := copyCluster(filepath.Join(dir, "postgres"), filepath.Join(seed.dir, "postgres")); err != nil {
		return nil, err
	}
	return startIn(t, local.Config{DataDir: dir}, settings)
}

// startEmpty makes a cluster with initdb and migrates it: a seed is of one version of PostgreSQL.
func startEmpty(t testing.TB, binDir string, settings map[string]string) (*local.Server, error) {
	run, err := openRunDir(t.Context())
	if err != nil {
		return nil, err
	}
	dir, err := newClusterDir(t, run)
	if err != nil {
		return nil, err
	}
	s, err := startIn(t, local.Config{DataDir: dir, BinDir: binDir}, settings)
	if err != nil {
		return nil, err
	}
	return s, migrate(t.Context(), s.URL())
}

// newClusterDir makes an empty data directory, which is removed at the end of the test.
func newClusterDir(t testing.TB, run string) (string, error) {
	dir, err := makeTemp(filepath.Join(run, "clusters"))
	if err != nil {
		return "", err
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("dbtest: remove a cluster: %v", err)
		}
	})
	return dir, nil
}

// startIn starts a server, which is stopped at the end of the test.
func startIn(t testing.TB, cfg local.Config, settings map[string]string) (*local.Server, error) {
	cfg.Settings = fastSettings()
	maps.Copy(cfg.Settings, settings)
	s, err := local.Start(t.Context(), cfg)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("dbtest: %v", err)
		}
		if t.Failed() {
			t.Logf("the end of the log of %s:\n%s", cfg.DataDir, tail(s.LogFile()))
		}
	})
	return s, nil
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

func tail(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
