package local

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"kitchen/db/dbtest/testdir"
)

// seed is a cluster that was made once, to be copied: initdb takes a second.
var seed seedCluster

type seedCluster struct {
	once sync.Once
	dir  string
	err  error
}

func (c *seedCluster) make() {
	if c.dir, c.err = os.MkdirTemp(testdir.Parent(), "kitchen-local-seed-"); c.err != nil {
		return
	}
	if c.err = os.Chmod(c.dir, 0o755); c.err != nil {
		return
	}
	s, err := Start(context.Background(), Config{DataDir: c.dir, Settings: quick()})
	if err != nil {
		c.err = err
		return
	}
	c.err = s.Stop()
}

func (c *seedCluster) remove() error {
	if c.dir == "" {
		return nil
	}
	return os.RemoveAll(c.dir)
}

// newCluster returns a data directory with a cluster that was stopped.
func newCluster(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(newDir(t), "data")
	copySeed(t, dir)
	return dir
}

func copySeed(t *testing.T, dir string) {
	t.Helper()
	if seed.once.Do(seed.make); seed.err != nil {
		t.Fatal(seed.err)
	}
	if err := makeDirs(dir); err != nil {
		t.Fatal(err)
	}
	cluster := filepath.Join(dir, clusterName)
	if err := os.CopyFS(cluster, os.DirFS(filepath.Join(seed.dir, clusterName))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(cluster, 0o700); err != nil {
		t.Fatal(err)
	}
}
