package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A socket's path, its final zero included, has 108 bytes on Linux (unix(7)) and 104 on macOS and the BSDs.
const maxSocketPath = 103

// makeSocketDir makes the directory of the socket, which its owner and root alone can open. It is in the data
// directory, or, where that path is too long or one that connection strings cannot carry, under the system's
// temporary directory with a name that follows from the data directory.
func makeSocketDir(ctx context.Context, dataDir string, port int, binDir string, a account) (string, error) {
	sum := sha256.Sum256([]byte(dataDir))
	name := "kitchen-" + hex.EncodeToString(sum[:6])
	places := []string{filepath.Join(dataDir, "socket")}
	if tmp, err := trueName(os.TempDir()); err == nil {
		places = append(places, filepath.Join(tmp, name))
	}
	places = append(places, filepath.Join("/tmp", name))
	i := slices.IndexFunc(places, func(dir string) bool { return socketFits(dir, port) })
	if i < 0 {
		return "", fmt.Errorf("no directory for the socket: the path of %s is too long", dataDir)
	}
	dir := places[i]
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make the socket's directory: %w", err)
	}
	// All users can write to the temporary directory: one that made a directory of this name could replace the socket with its own.
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("make the socket's directory: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || (st.Uid != a.uid && int(st.Uid) != os.Geteuid()) {
		return "", fmt.Errorf("the socket's directory %s belongs to somebody else: remove it, or choose a data directory "+
			"with a shorter path with --data-dir", dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the socket's directory: %w", err)
	}
	if err := a.own(dir); err != nil {
		return "", err
	}
	return dir, a.mayEnter(ctx, binDir, dir)
}

// A comma separates several hosts in a connection string; quotes are for the server's setting.
func socketFits(dir string, port int) bool {
	return len(dir)+len("/.s.PGSQL.")+len(strconv.Itoa(port)) <= maxSocketPath && !strings.ContainsAny(dir, `,"`)
}

// emptySocketDir removes what a killed server left: its socket, and the lock file beside it, whose process id may belong to another
// process by now.
func emptySocketDir(dir string) error {
	if err := removePrefixed(dir, ".s.PGSQL."); err != nil {
		return fmt.Errorf("empty the socket's directory: %w", err)
	}
	return nil
}
