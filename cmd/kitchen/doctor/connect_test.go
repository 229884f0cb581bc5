package doctor

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kitchen/cmd/kitchen/database"
)

func TestDoctorSaysWhyItCannotConnect(t *testing.T) {
	t.Parallel()
	hba := filepath.Join(t.TempDir(), "hba")
	c := newServer(t, nil)
	rules := "local all postgres trust\nlocal all stranger reject\nlocal all all scram-sha-256\n"
	if err := os.WriteFile(hba, []byte(rules), 0o644); err != nil { //nolint:gosec // the server's user reads it
		t.Fatal(err)
	}
	text, err := os.ReadFile(hba)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.DataDir(), "postgres", "pg_hba.conf"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	c.do(t, `select pg_reload_conf()`)
	p := c.newDatabase(t)
	p.do(t, `alter role `+p.role+` password 'right'`)
	plain := noTLS(t)
	for name, fault := range map[string]struct {
		url   string
		words []string
	}{
		"nobody there":   {"postgres://kitchen:hunter2@127.0.0.1:1/kitchen", []string{"cannot be reached", "host and port"}},
		"no such host":   {"postgres://kitchen:hunter2@no-such-host.invalid/kitchen", []string{"host and port"}},
		"unreadable":     {"::::hunter2", []string{"cannot be read", "correct DATABASE_URL"}},
		"no number":      {p.url + "&pool_max_conns=many", []string{"correct DATABASE_URL"}},
		"refused TLS":    {"postgres://postgres:hunter2@" + plain + "/kitchen?sslmode=require", []string{"TLS", "ssl = on"}},
		"setting":        {p.url + "&enable_hashjoin=perhaps", []string{"enable_hashjoin", "take the setting"}},
		"no setting":     {p.url + "&enable_cashjoin=on", []string{"enable_cashjoin", "take the setting"}},
		"wrong password": {p.node() + "&password=hunter2", []string{"password authentication failed", "correct the password"}},
		"not let in":     {p.as("stranger"), []string{"pg_hba.conf"}},
		"no such role":   {p.as("nobody") + "&password=hunter2", []string{"password authentication failed"}},
		"no database":    {c.DatabaseURL("nowhere"), []string{"there is no such database", "create database"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := diagnose(t, database.Config{URL: fault.url})
			d.expect(t, "database", "wrong", fault.words...)
			if d.code != 2 || strings.Contains(d.text, "hunter2") {
				t.Errorf("exit code %d, want 2, and no password:\n%s", d.code, d.text)
			}
			d.expect(t, "key", "ok") // what can be looked at is
		})
	}
	d := diagnose(t, database.Config{URL: p.url, ListenURL: p.node() + "&password=hunter2"})
	d.expect(t, "listener", "wrong", "KITCHEN_LISTEN_DATABASE_URL", "password authentication failed")
	if strings.Contains(d.text, "hunter2") {
		t.Errorf("a password is printed:\n%s", d.text)
	}
}

// noTLS is the address of a server that answers the request for TLS as PostgreSQL does that has none.
func noTLS(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadFull(conn, make([]byte, 8)) // SSLRequest
			_, _ = conn.Write([]byte("N"))
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}
