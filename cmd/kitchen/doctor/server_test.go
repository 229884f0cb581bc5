package doctor

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kitchen/cmd/kitchen/database"
	"kitchen/db/dbtest"
	"kitchen/db/local"
)

func TestDoctorKnowsAStandby(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	p := c.newDatabase(t)
	url := p.node()
	if err := c.Halt(local.Fast); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.DataDir(), "postgres", "standby.signal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Restart(t.Context(), local.Fast); err != nil {
		t.Fatal(err)
	}
	d := diagnose(t, database.Config{URL: url})
	d.expect(t, "primary", "wrong", "standby", "target_session_attrs=read-write")
	if d.code != 2 {
		t.Errorf("exit code %d", d.code)
	}
}

func TestDoctorKnowsAReadOnlyRole(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	p := c.newDatabase(t)
	c.do(t, `alter role `+p.role+` set default_transaction_read_only = on`)
	diagnose(t, database.Config{URL: p.node()}).expect(t, "primary", "wrong", "read-only", "default_transaction_read_only")
}

func TestDoctorWithoutADatabaseMakesNone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "none")
	d := diagnose(t, database.Config{DataDir: dir})
	d.expect(t, "database", "warning", "DATABASE_URL is not set", dir)
	if _, err := os.Stat(dir); err == nil {
		t.Error("the doctor made a data directory")
	}
}

// Where kitchen migrate up would refuse, it is not what the doctor sends people to.
func TestDoctorSendsNobodyToAMigrationThatRefuses(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	for name, of := range map[string]struct {
		cause, says string
		up          bool
	}{
		"empty": {`select`, "nothing of this program is in this database", true},
		"taken": {`create table orders (id int); create table users (id int)`, "tables of another program: users, orders", false},
	} {
		t.Run(name, func(t *testing.T) {
			c.do(t, "create database "+name+" template template0")
			at := database.Config{URL: c.DatabaseURL(name)}
			do(t, dbtest.Conn(t, at.URL), of.cause)
			d := diagnose(t, at)
			mend := d.expect(t, "migrations", "wrong", of.says)
			d.silent(t, "new order", "cook's tap") // there are no orders to try them with
			if strings.Contains(mend, "kitchen migrate up") != of.up {
				t.Errorf("the advice: %s", mend)
			}
			if err := database.Migrate(t.Context(), at, "up", false, io.Discard); (err == nil) != of.up {
				t.Errorf("migrated: %v", err)
			}
		})
	}
}
