package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A cluster is made under another name and then renamed, so that an unfinished one is never used.
const initPrefix = clusterName + ".init-"

// clusterVersion returns the major version of a cluster, 0 where there is none yet.
func clusterVersion(clusterDir string) (int, error) {
	b, err := os.ReadFile(filepath.Join(clusterDir, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(clusterDir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("look at the private database: %w", err)
		}
		if len(entries) > 0 {
			return 0, fmt.Errorf("%s is not empty and holds no PostgreSQL database: move it away, or choose another directory "+
				"with --data-dir", clusterDir)
		}
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at the private database: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("%s is damaged: %q is no version of PostgreSQL", filepath.Join(clusterDir, "PG_VERSION"), b)
	}
	return major, nil
}

// initCluster makes the cluster. It trusts every client on the socket, because only the owner and root can open it: its directory has
// mode 0700. It refuses all clients over TCP, in case somebody turns that on.
func (s *Server) initCluster(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp(s.dataDir, initPrefix)
	if err != nil {
		return fmt.Errorf("make the private database: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	if err := s.account.own(dir); err != nil {
		return err
	}
	host := "reject"
	if s.cfg.TCPPort != 0 {
		host = "trust"
	}
	args := []string{
		"--pgdata=" + dir, "--username=" + role, "--encoding=UTF8", "--locale=C",
		"--auth-local=trust", "--auth-host=" + host, "--no-instructions",
	}
	if s.cfg.Settings["fsync"] == "off" {
		args = append(args, "--no-sync")
	}
	if out, err := run(ctx, s.account, s.dataDir, filepath.Join(s.binDir, "initdb"), args...); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return fmt.Errorf("make the private database: initdb: %w%s", err, quoteTail(out))
	}
	if err := os.Rename(dir, s.clusterDir()); err != nil {
		return fmt.Errorf("make the private database: %w", err)
	}
	return syncDir(s.dataDir)
}

func removeInterruptedInits(dataDir string) error {
	if err := removePrefixed(dataDir, initPrefix); err != nil {
		return fmt.Errorf("clean up after an interrupted start: %w", err)
	}
	return nil
}

// removePrefixed removes what is in dir under names that begin with prefix.
func removePrefixed(dir, prefix string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// syncDir makes a rename in dir survive a power failure.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
