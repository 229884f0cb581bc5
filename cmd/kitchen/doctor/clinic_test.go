package doctor

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/db/local"
	"kitchen/migrations"
)

// waitLimit bounds what a test waits for. Nothing takes nearly as long, except on a machine that does other things as well.
const waitLimit = 30 * time.Second

// clinic is a server of the test's own, because much of what the doctor looks at is the whole server's. Tests that run side by
// side may share one.
type clinic struct {
	*local.Server

	mu       sync.Mutex
	admin    *pgx.Conn // to the database "postgres"; guarded by mu
	patients int       // guarded by mu
}

func newClinic(t *testing.T, settings map[string]string) *clinic {
	t.Helper()
	c := &clinic{Server: dbtest.Cluster(t, settings)}
	c.admin = dial(t, c.DatabaseURL("postgres"))
	c.do(t, `create role stranger login`)
	return c
}

// patient is a migrated database with the connection of its owner, and a role for `kitchen serve`.
type patient struct {
	url   string // of the owner
	role  string
	owner *pgx.Conn
}

func (c *clinic) patient(t *testing.T) *patient {
	t.Helper()
	c.mu.Lock()
	c.patients++
	name := fmt.Sprintf("patient%d", c.patients)
	c.mu.Unlock()
	p := &patient{url: c.DatabaseURL(name), role: "node_of_" + name}
	c.do(t, "create database "+name+" template kitchen")
	p.owner = dial(t, p.url)
	p.do(t, "set kitchen.role = '"+p.role+"'")
	p.do(t, migrations.ServeRole) // what the doctor itself would have the role be given
	return p
}

// node is the address of a patient for `kitchen serve`.
func (p *patient) node() string { return p.as(p.role) }

// named puts the patient's role into a text that calls it node_of_patient.
func (p *patient) named(text string) string {
	return strings.ReplaceAll(text, "node_of_patient", p.role)
}

// as is the address of a patient for any role.
func (p *patient) as(role string) string {
	return strings.Replace(p.url, "user=postgres", "user="+role, 1)
}

func dial(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

func (c *clinic) do(t *testing.T, sql string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	do(t, c.admin, sql)
}

func (p *patient) do(t *testing.T, sql string) { t.Helper(); do(t, p.owner, sql) }

func do(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// until asks again and again: what the doctor looks at, nothing signals.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	late := time.After(waitLimit)
	for !ok() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("not in time: %s", what)
		}
	}
}
