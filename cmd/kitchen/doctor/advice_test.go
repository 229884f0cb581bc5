package doctor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/db/dbtest"
	"kitchen/db/local"
	"kitchen/migrations"
)

// A server without TLS refuses a client that demands it. Both ways that the doctor advises are carried out.
func TestDoctorsAdviceForRefusedTLSMends(t *testing.T) {
	t.Parallel()
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	_ = free.Close()
	parent, err := os.MkdirTemp("", "kitchen-test-") // t.TempDir is closed to the server's user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	if err := os.Chmod(parent, 0o711); err != nil { //nolint:gosec // to be passed through
		t.Fatal(err)
	}
	s, err := local.Start(t.Context(), local.Config{DataDir: filepath.Join(parent, "data"), TCPPort: port})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	url := fmt.Sprintf("postgres://postgres@127.0.0.1:%d/kitchen?sslmode=", port)
	mend := diagnose(t, database.Config{URL: url + "require"}).expect(t, "database", "wrong", "refused TLS")
	for _, way := range []string{"ssl = on, with a certificate", "sslmode=disable in DATABASE_URL"} {
		if !strings.Contains(mend, way) {
			t.Fatalf("the advice is not the one that is carried out here: %s", mend)
		}
	}
	diagnose(t, database.Config{URL: url + "disable"}).expect(t, "database", "ok")

	dir := filepath.Join(s.DataDir(), "postgres")
	certificate, key := filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key") // where PostgreSQL looks for them
	writeCertificate(t, certificate, key)
	owner, err := os.Stat(filepath.Join(dir, "PG_VERSION"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{certificate, key} {
		who := owner.Sys().(*syscall.Stat_t)
		if err := os.Chown(path, int(who.Uid), int(who.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	admin := dbtest.Conn(t, s.DatabaseURL("postgres"))
	do(t, admin, `alter system set ssl = on`)
	do(t, admin, `select pg_reload_conf()`)
	until(t, "TLS", func() bool {
		return strings.Contains(diagnose(t, database.Config{URL: url + "require"}).text, "connected to kitchen")
	})
}

func writeCertificate(t *testing.T, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: certificate}, keyFile: {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDoctorsAdviceForASettingOfTheWholeServerMends(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	p := c.newDatabase(t)
	node := database.Config{URL: p.node()}
	c.do(t, `set kitchen.notify = on`) // so that this session knows the name
	c.do(t, `alter system set kitchen.notify = off`)
	c.do(t, `select pg_reload_conf()`)
	until(t, "the setting", func() bool { return strings.Contains(diagnose(t, node).text, "the whole server") })
	statements, elsewhere, _ := strings.Cut(diagnose(t, node).expect(t, "kitchen.notify", "wrong", "half a minute late"), "; or ")
	if !strings.Contains(elsewhere, "postgresql.conf") {
		t.Errorf("the advice names no other place: %s", elsewhere)
	}
	p.carryOut(t, statements)
	until(t, "the doctor's content", func() bool { return diagnose(t, node).code == 0 })

	// In the server's own file, alter system changes nothing.
	conf := filepath.Join(c.DataDir(), "postgres", "postgresql.conf")
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c.do(t, `select pg_reload_conf()`)
	}
	write(string(text) + "\nkitchen.notify = off\n")
	until(t, "the setting", func() bool { return diagnose(t, node).code == 2 })
	diagnose(t, node).expect(t, "kitchen.notify", "wrong", "take it out of postgresql.conf")
	write(string(text))
	until(t, "the doctor's content", func() bool { return diagnose(t, node).code == 0 })
}

// Migrations that are listed, tables that are gone, and a migration that is pending: kitchen migrate up cannot mend it, and says so.
func TestDoctorsAdviceForTablesThatAreGoneMends(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	p := c.newDatabase(t)
	p.do(t, `drop table order_item_modifiers, order_items, orders cascade; delete from kitchen.goose_db_version where version_id > 6`)
	up := func() error {
		return database.Migrate(t.Context(), database.Config{URL: p.url}, "up", false, io.Discard)
	}
	if err := up(); err == nil || !strings.Contains(err.Error(), "orders, order_items, order_item_modifiers") || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("migrate up says %v", err)
	}
	for _, url := range []string{p.node(), p.url} {
		mend := diagnose(t, database.Config{URL: url}).expect(t, "migrations", "wrong", "cannot be as it is", "whose tables are not there", "from a backup")
		_, anew, _ := strings.Cut(mend, "begin anew: ")
		anew, _, is := strings.Cut(anew, "; then kitchen migrate up")
		if !is {
			t.Fatalf("the advice is not the one that is carried out here: %s", mend)
		}
		if url == p.url {
			p.carryOut(t, anew)
		}
	}
	if err := up(); err != nil {
		t.Fatal(err)
	}
	p.do(t, migrations.ServeRole)
	diagnose(t, database.Config{URL: p.node()}).healthy(t)
}
