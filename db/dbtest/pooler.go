package dbtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pooler is a PgBouncer in transaction mode before a database server. It is for tests that are run on demand: `make test` does not need
// PgBouncer.
type Pooler struct {
	URL string // of the database, through it
	// Servers is how many connections to the server its clients share.
	Servers int

	stop func()
}

// StartPooler starts PgBouncer before the database of an address with a Unix socket, as the user who runs the server. It is
// stopped at the end of the test, or before.
func StartPooler(t testing.TB, address string) *Pooler {
	t.Helper()
	p, err := startPooler(t, address)
	if err != nil {
		t.Fatalf("dbtest: pooler: %v", err)
	}
	return p
}

// Stop ends it and its connections, and waits for that. It may be called again.
func (p *Pooler) Stop() { p.stop() }

func startPooler(t testing.TB, address string) (*Pooler, error) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil { // not on the PATH of everybody
			return nil, errors.New("PgBouncer is missing: `.ci/install pgbouncer`, sudo apt-get install pgbouncer, or brew install pgbouncer")
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	host, port, user := q.Get("host"), q.Get("port"), q.Get("user")
	info, err := os.Stat(filepath.Join(host, ".s.PGSQL."+port))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pooler")
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	const servers = 3
	users, settings := filepath.Join(dir, "users"), filepath.Join(dir, "settings")
	if err := os.WriteFile(users, fmt.Appendf(nil, "%q \"\"\n", user), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(settings, fmt.Appendf(nil, `[databases]
* = host=%s port=%s
[pgbouncer]
pool_mode = transaction
default_pool_size = %d
max_client_conn = 200
listen_addr =
unix_socket_dir = %s
listen_port = 5432
auth_type = trust
auth_file = %s
`, host, port, servers, dir, users), 0o600); err != nil {
		return nil, err
	}
	var logged bytes.Buffer
	cmd := exec.Command(program, settings) //nolint:gosec // a test's
	cmd.Stderr = &logged
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 { // as root, it would not run
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
		for _, path := range []string{dir, users, settings} {
			if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
				return nil, err
			}
		}
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	p := &Pooler{Servers: servers, stop: func() { _ = cmd.Process.Signal(syscall.SIGTERM); <-ended }}
	t.Cleanup(p.stop)
	q.Set("host", dir)
	q.Set("port", "5432")
	u.RawQuery = q.Encode()
	p.URL = u.String()
	var conn *pgx.Conn
	Poll(20*time.Second, func() bool {
		if conn, err = pgx.Connect(t.Context(), p.URL); err == nil {
			return true
		}
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
	if err != nil {
		return nil, fmt.Errorf("PgBouncer does not answer: %w: %s", err, logged.String())
	}
	return p, conn.Close(context.Background())
}
