package dbtest

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/migrations"
)

// roleOfNode begins the names of roles that [Role] makes.
const roleOfNode = "kitchen_node_"

// IsNodes reports whether an address is one that [Role] has returned.
func IsNodes(address string) bool { return strings.Contains(address, roleOfNode) }

// ServeRole is [Role] for our own tables, with the rights that migrations/roles/serve.sql gives to the role of `kitchen serve`.
func ServeRole(t testing.TB, address string) string {
	t.Helper()
	return Role(t, address, func(role string) string { return "set kitchen.role = '" + role + "'; " + migrations.ServeRole })
}

// Role makes a role that has only the rights that grants gives it, and returns the database's address for that role. address is that of
// the tables' owner, who may make roles. The role is dropped at the end of the test.
func Role(t testing.TB, address string, grants func(role string) string) string {
	t.Helper()
	role := roleOfNode + strings.TrimPrefix(databaseName(time.Now()), databasePrefix)
	do := func(ctx context.Context, sql string) {
		t.Helper()
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			t.Fatalf("dbtest: make a role: %v", err)
		}
		defer conn.Close(ctx)
		if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
			t.Fatalf("dbtest: the role of kitchen serve: %v", err)
		}
	}
	// A password, for servers whose pg_hba.conf asks for one; random, as the name is.
	password := strings.TrimPrefix(databaseName(time.Now()), databasePrefix)
	// Durable at once, for tests that crash the server, which otherwise does not flush (see fastSettings).
	do(t.Context(), "set synchronous_commit = on; create role "+ident(role)+" login password '"+password+"'; "+grants(role))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the test's own has ended
		defer cancel()
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			return // the server is gone, and the role with it
		}
		defer conn.Close(ctx)
		if _, err := conn.PgConn().Exec(ctx, "drop owned by "+ident(role)+"; drop role "+ident(role)).ReadAll(); err != nil {
			t.Errorf("dbtest: drop a role: %v", err)
		}
	})
	if !strings.Contains(address, "://") {
		return address + " user=" + role + " password=" + password // the last of several counts
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	u.User = url.UserPassword(role, password)
	q := u.Query()
	q.Del("user")
	q.Del("password")
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // libpq does not read a plus sign as a space
	return u.String()
}
