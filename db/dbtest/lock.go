package dbtest

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// lock opens a file and waits for a lock on it, which lasts until the file is closed.
func lock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("test server: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("test server: lock %s: %w", path, err)
		}
	}
}

// bootID identifies a boot of the machine where the system has an id for it; elsewhere it is always the same.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}

// isLocked reports whether another process holds a lock on a file, shared or not. A missing file is not locked.
func isLocked(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}
