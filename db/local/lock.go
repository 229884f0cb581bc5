package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// InUseError says that another program holds the data directory.
type InUseError struct {
	DataDir string
	PID     int // of the program that holds it; 0 where that is not known
}

func (e *InUseError) Error() string {
	holder := "another program"
	if e.PID != 0 {
		holder = fmt.Sprintf("another program (process %d)", e.PID)
	}
	return fmt.Sprintf("the private database in %s is in use by %s: stop that one, or choose another directory with "+
		"--data-dir, or give the address of a database with DATABASE_URL", e.DataDir, holder)
}

// lockFile keeps a second program out of a data directory. The kernel drops a flock whenever its holder ends, so the lock is never
// stale. The file is never removed, because a lock on a removed file would keep nobody out.
type lockFile struct {
	file *os.File
}

func lockPath(dataDir string) string { return filepath.Join(dataDir, "postgres.lock") }

// lockDataDir takes the lock. It waits briefly for a program that is just ending, or is just stopping a detached server.
func lockDataDir(ctx context.Context, dataDir string) (*lockFile, error) {
	f, err := os.OpenFile(lockPath(dataDir), os.O_RDWR|os.O_CREATE, 0o644)
	if errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("lock the data directory: %w: it is another user's; choose one of your own with --data-dir", err)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	for tries := 20; ; tries-- {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		if tries == 0 {
			f.Close()
			return nil, &InUseError{DataDir: dataDir, PID: lockHolder(dataDir)}
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			f.Close()
			return nil, err
		}
	}
	l := &lockFile{file: f}
	if err := keepOwner(f, dataDir); err != nil {
		l.release()
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if err := l.write(strconv.Itoa(os.Getpid()) + "\n"); err != nil {
		l.release()
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return l, nil
}

func (l *lockFile) write(s string) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(s), 0)
	return err
}

func (l *lockFile) release() {
	_ = l.write("") // the process id is only for error messages
	_ = l.file.Close()
}

// lockHolder returns the process id in the lock file, 0 where there is none. That process may have ended.
func lockHolder(dataDir string) int {
	f, err := os.Open(lockPath(dataDir))
	if err != nil {
		return 0
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(b)))
	if err != nil || pid < 1 {
		return 0
	}
	return pid
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
