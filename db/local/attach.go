package local

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strconv"
	"time"
)

// ErrNotRunning says that no program runs a private server on a data directory.
var ErrNotRunning = errors.New("no private database runs here")

// Attach returns the URL of the private server that another running program has started on dataDir, so that a second command can use
// it. It does not wait: it returns [ErrNotRunning] also while that program is still starting its server.
func Attach(dataDir string) (url string, err error) {
	dir, err := trueName(dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %s does not exist", ErrNotRunning, dataDir)
	}
	if err != nil {
		return "", fmt.Errorf("data directory: %w", err)
	}
	// It does not try to take the lock, because holding it even for a moment would stop a program that is just starting.
	if pid := lockHolder(dir); pid == 0 || !alive(pid) {
		return "", fmt.Errorf("%w: nobody holds %s", ErrNotRunning, dir)
	}
	f, err := readPostmasterFile(filepath.Join(dir, clusterName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%w: there is none in %s", ErrNotRunning, dir)
	case err != nil:
		return "", fmt.Errorf("look for the private database: %w", err)
	case !f.ready:
		return "", fmt.Errorf("%w: the one in %s is starting or stopping", ErrNotRunning, dir)
	}
	socket := filepath.Join(f.socketDir, ".s.PGSQL."+strconv.Itoa(f.port))
	conn, err := net.DialTimeout("unix", socket, 5*time.Second)
	if errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("look for the private database: %w", err)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotRunning, err)
	}
	_ = conn.Close()
	return socketURL(database, f.socketDir, f.port), nil
}
