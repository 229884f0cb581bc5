package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// The name of the cluster's directory in the data directory.
const clusterName = "postgres"

func (s *Server) clusterDir() string { return filepath.Join(s.dataDir, clusterName) }

// DefaultDataDir is where a program keeps its data unless another directory is given: /var/lib/kitchen for root,
// ~/Library/Application Support/kitchen on macOS, else $XDG_DATA_HOME/kitchen or ~/.local/share/kitchen (XDG Base
// Directory Specification). It is empty where none of these is known, and Start then asks for one.
func DefaultDataDir(getenv func(string) string, euid int) string {
	return defaultDataDir(getenv, euid, runtime.GOOS)
}

func defaultDataDir(getenv func(string) string, euid int, goos string) string {
	home := getenv("HOME")
	switch xdg := getenv("XDG_DATA_HOME"); {
	case euid == 0:
		return "/var/lib/kitchen"
	case goos == "darwin" && home != "":
		return filepath.Join(home, "Library", "Application Support", "kitchen")
	case goos != "darwin" && filepath.IsAbs(xdg): // the specification ignores relative ones
		return filepath.Join(xdg, "kitchen")
	case goos != "darwin" && home != "":
		return filepath.Join(home, ".local", "share", "kitchen")
	default:
		return ""
	}
}

// keepOwner gives a file that root made in the data directory to the directory's owner. This may be an ordinary user who once ran the
// program with sudo, and now runs it without.
func keepOwner(f *os.File, dataDir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	owner, _, err := ownerOf(dataDir)
	if err != nil {
		return err
	}
	return f.Chown(int(owner.uid), int(owner.gid))
}

// openDataDir makes the data directory if it is missing, and returns its absolute name without symbolic links: the lock, the socket's
// name and the search for a leftover postmaster need the same name each time.
func openDataDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no directory for the private database: set --data-dir")
	}
	if err := makeDirs(filepath.Clean(dir)); err != nil {
		return "", fmt.Errorf("data directory: %w: choose another with --data-dir", err)
	}
	dir, err := trueName(dir)
	if err != nil {
		return "", fmt.Errorf("data directory: %w", err)
	}
	return dir, nil
}

// trueName returns the absolute name of a directory, without symbolic links.
func trueName(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// makeDirs makes dir and its missing parents, for their owner only. The server's user may pass through those that root makes, but not
// list them.
func makeDirs(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a directory", dir)
		}
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makeDirs(filepath.Dir(dir)); err != nil {
		return err
	}
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.Mkdir(dir, mode); err != nil {
		if errors.Is(err, fs.ErrExist) { // another program made it meanwhile
			return nil
		}
		return err
	}
	return os.Chmod(dir, mode) // whatever the umask is
}
