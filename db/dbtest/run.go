package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest/testdir"
	"kitchen/db/local"
)

// runDir is the directory that the test processes of one user share, and this process's locks in it. It holds:
//
//	server/    the server's data directory
//	seeds/     clusters to copy, for Cluster
//	clusters/  the copies
//	url        the address of the server that was started last
//	boot       the boot of the machine that the server's files are from
//	kept       exists while a database of a failed test wants the server to run on; names the run
//	gate       locked by the process that starts or stops the server
//	users      locked, shared, by each process that uses it
//
// The kernel drops a lock whenever its holder ends. The server of a killed test process is used by the next process, and stopped by its
// last user.
type runDir struct {
	path  string
	url   string
	users *os.File
	own   *local.Server // where this process started the server
	alone time.Time     // when this process joined, where it was the only one; else zero
}

// fastSettings turn off flushing to the disk: the data need not survive a power failure, only a crash of the server. They also bound
// what a faulty test can write, because the directory may be in memory.
func fastSettings() map[string]string {
	return map[string]string{
		"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
		"temp_file_limit": "1GB", "min_wal_size": "32MB", "max_wal_size": "256MB",
	}
}

// openRunDir makes the directory, if it is missing, and makes sure that it is this user's: its parent is everybody's.
func openRunDir(ctx context.Context) (path string, err error) {
	_, major, err := local.Installed(ctx)
	if err != nil {
		return "", err
	}
	path = filepath.Join(testdir.Parent(), fmt.Sprintf("kitchen-test-%d-pg%d", os.Geteuid(), major))
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // the server's user passes through
	}
	if err := os.Mkdir(path, mode); err == nil {
		err = os.Chmod(path, mode)
		if err != nil {
			return "", fmt.Errorf("directory of the test server: %w", err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("directory of the test server: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return "", fmt.Errorf("directory of the test server: %w", err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(st.Uid) != os.Geteuid() {
		return "", fmt.Errorf("directory of the test server: %s belongs to somebody else: remove it, or set TMPDIR", path)
	}
	return path, nil
}

// joinRun starts the server, unless another process has, and registers this process as one of its users.
func joinRun(ctx context.Context) (_ *runDir, err error) {
	path, err := openRunDir(ctx)
	if err != nil {
		return nil, err
	}
	gate, err := lock(filepath.Join(path, "gate"), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer gate.Close()
	r := &runDir{path: path}
	if r.users, err = lock(filepath.Join(path, "users"), syscall.LOCK_SH); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r.users.Close()
		}
	}()
	if r.isAlone() {
		r.alone = time.Now()
		if err := r.forget(); err != nil {
			return nil, err
		}
	}
	url, err := os.ReadFile(filepath.Join(path, "url"))
	if err == nil && r.answers(ctx, string(url)) {
		r.url = string(url)
		return r, nil
	}
	if err := r.start(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// start starts the server. Files that a crash of the machine may have torn, and files that no server starts on, are made
// anew: nothing in them is worth more than the time of a test run.
func (r *runDir) start(ctx context.Context) error {
	dir := filepath.Join(r.path, "server")
	if boot, err := os.ReadFile(filepath.Join(r.path, "boot")); err != nil || string(boot) != bootID() {
		if err := r.clear(ctx); err != nil {
			return err
		}
	}
	settings := fastSettings()
	settings["max_connections"] = "200"
	settings["shared_buffers"] = "128MB"
	settings["timezone"] = "UTC"
	cfg := local.Config{DataDir: dir, Settings: settings, Detached: true}
	var err error
	if r.own, err = local.Start(ctx, cfg); err != nil && ctx.Err() == nil {
		if clearErr := r.clear(ctx); clearErr != nil {
			return errors.Join(err, clearErr)
		}
		r.own, err = local.Start(ctx, cfg)
	}
	if err != nil {
		return fmt.Errorf("test server: %w", err)
	}
	r.url = r.own.DatabaseURL("postgres")
	for name, content := range map[string]string{"url": r.url, "boot": bootID()} {
		if err := os.WriteFile(filepath.Join(r.path, name), []byte(content), 0o600); err != nil {
			return fmt.Errorf("test server: %w", errors.Join(err, r.own.Stop()))
		}
	}
	return nil
}

func (r *runDir) clear(ctx context.Context) error {
	err := local.StopDetached(ctx, filepath.Join(r.path, "server"))
	for _, name := range []string{"boot", "url", "server", "seeds", "clusters"} {
		err = errors.Join(err, os.RemoveAll(filepath.Join(r.path, name)))
	}
	if err != nil {
		return fmt.Errorf("test server: clear %s: %w", r.path, err)
	}
	return nil
}

// answers reports whether the server at url is the one of this directory and works.
func (r *runDir) answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	var dir string
	if err := conn.QueryRow(ctx, "show data_directory").Scan(&dir); err != nil {
		return false
	}
	want, err := os.Stat(filepath.Join(r.path, "server", "postgres"))
	if err != nil {
		return false
	}
	got, err := os.Stat(dir)
	return err == nil && os.SameFile(want, got)
}

// isAlone reports whether no other process uses the server. The caller holds the lock "gate", so that none can begin to.
func (r *runDir) isAlone() bool {
	if syscall.Flock(int(r.users.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		// A conversion that fails loses the lock that was there (flock(2)).
		_ = syscall.Flock(int(r.users.Fd()), syscall.LOCK_SH)
		return false
	}
	_ = syscall.Flock(int(r.users.Fd()), syscall.LOCK_SH)
	return true
}

// keep lets the server run on when the last process leaves.
func (r *runDir) keep() error {
	if err := os.WriteFile(filepath.Join(r.path, "kept"), []byte(goTest()), 0o600); err != nil {
		return fmt.Errorf("test server: %w", err)
	}
	return nil
}

// forget ends what an earlier run has kept, but not what another package of this run has.
func (r *runDir) forget() error {
	kept := filepath.Join(r.path, "kept")
	if b, err := os.ReadFile(kept); err == nil && string(b) == goTest() {
		return nil
	}
	if err := os.Remove(kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("test server: %w", err)
	}
	return nil
}

// goTest identifies a run: all its test processes are children of the same go command.
func goTest() string { return strconv.Itoa(os.Getppid()) }

// leave ends this process's use of the server, and stops the server if no other process uses it and nothing is kept.
func (r *runDir) leave() error {
	gate, err := lock(filepath.Join(r.path, "gate"), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer gate.Close()
	defer r.users.Close()
	if !r.isAlone() {
		return nil
	}
	if _, err := os.Stat(filepath.Join(r.path, "kept")); err == nil {
		return nil
	}
	if r.own != nil {
		err = r.own.Stop()
	}
	// Where ours has died since, another process has started another.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return errors.Join(err, local.StopDetached(ctx, filepath.Join(r.path, "server")))
}
