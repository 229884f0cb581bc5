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

// waitLimit is how long a test waits for something. Nothing takes nearly as long, except on a busy machine.
const waitLimit = 30 * time.Second

// scratchServer is a server for one test, because much of what the doctor checks belongs to the whole server. Parallel subtests may
// share one.
type scratchServer struct {
	*local.Server

	mu        sync.Mutex
	admin     *pgx.Conn // to the database "postgres"; guarded by mu
	databases int       // guarded by mu
}

func newServer(t *testing.T, settings map[string]string) *scratchServer {
	t.Helper()
	c := &scratchServer{Server: dbtest.Cluster(t, settings)}
	c.admin = dbtest.Conn(t, c.DatabaseURL("postgres"))
	c.do(t, `create role stranger login`)
	return c
}

// scratchDatabase is a migrated database, with its owner's connection and a role for `kitchen serve`.
type scratchDatabase struct {
	url   string // of the owner
	role  string
	owner *pgx.Conn
}

func (c *scratchServer) newDatabase(t *testing.T) *scratchDatabase {
	t.Helper()
	c.mu.Lock()
	c.databases++
	name := fmt.Sprintf("scratch%d", c.databases)
	c.mu.Unlock()
	p := &scratchDatabase{url: c.DatabaseURL(name), role: "node_of_" + name}
	c.do(t, "create database "+name+" template kitchen")
	p.owner = dbtest.Conn(t, p.url)
	p.do(t, "set kitchen.role = '"+p.role+"'")
	p.do(t, migrations.ServeRole) // the rights that the doctor advises
	return p
}

// node is the database's URL for `kitchen serve`.
func (p *scratchDatabase) node() string { return p.as(p.role) }

// named replaces node_of_scratch in a text by the name of the database's role.
func (p *scratchDatabase) named(text string) string {
	return strings.ReplaceAll(text, "node_of_scratch", p.role)
}

// as is the database's URL for any role.
func (p *scratchDatabase) as(role string) string {
	return strings.Replace(p.url, "user=postgres", "user="+role, 1)
}

func (c *scratchServer) do(t *testing.T, sql string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	do(t, c.admin, sql)
}

func (p *scratchDatabase) do(t *testing.T, sql string) { t.Helper(); do(t, p.owner, sql) }

func do(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// until polls, because nothing signals what the doctor checks.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	if !dbtest.Poll(waitLimit, ok) {
		t.Fatalf("not in time: %s", what)
	}
}
