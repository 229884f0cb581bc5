// Package dbtest gives each test a migrated database of its own, in milliseconds: a copy of a template, on a server that
// all test processes of a run share.
//
// The server comes from TEST_DATABASE_URL (any role that may create databases). Without it, the first test process that needs one
// starts one, in memory (/dev/shm) or in the system's temporary directory, and the last that leaves stops it. Its cluster and template
// stay there for the next run. The database of a failed test is kept, so that it can be opened with psql: the server then runs until the
// end of the next run. A run a day later drops the database, or one after twenty more failures.
//
// Nothing but tests may import this package. A package that uses it calls [Main] from its TestMain.
package dbtest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"
)

// Main is called by TestMain, and does not return: it runs the tests, fails the package if a goroutine was left behind, releases the
// server, and exits. A package that must leave goroutines behind names them in ignore.
func Main(m interface{ Run() int }, ignore ...goleak.Option) {
	shared.main.Store(true)
	code := m.Run()
	if err := shared.release(); err != nil {
		fmt.Fprintln(os.Stderr, "dbtest:", err)
		code = max(code, 1)
	}
	if code == 0 {
		// A server that this process started outlives it, and somebody has to wait for it until then.
		ignore = append(ignore, goleak.IgnoreAnyFunction("kitchen/db/local.(*process).outlive"))
		if err := goleak.Find(ignore...); err != nil {
			fmt.Fprintln(os.Stderr, "dbtest: goroutines left behind by the tests:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// AtOnce lets so many parallel tests of the package run at once, unless -parallel says otherwise: for tests that wait more than they
// compute. TestMain calls it before [Main].
func AtOnce(tests int) {
	if !flag.Parsed() {
		flag.Parse()
	}
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = flag.Set("test.parallel", strconv.Itoa(tests)) // cannot fail: it is a number
	}
}

// New returns the URL of a fresh migrated database. It is dropped when the test has passed; when it has failed, it is
// kept, and the psql command that opens it is logged.
func New(t testing.TB) string {
	t.Helper()
	return create(t, func(s *server) string { return "template " + ident(s.template) })
}

const empty = "template template0 encoding 'UTF8'"

// Empty is [New] without our tables, for another program's.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, func(*server) string { return empty })
}

func create(t testing.TB, from func(*server) string) string {
	t.Helper()
	s, err := shared.acquire(t.Context())
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	name := databaseName(time.Now())
	url, err := s.create(t.Context(), name, from(s))
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the test's own has ended
		defer cancel()
		if t.Failed() {
			if err := s.keep(ctx, name); err != nil {
				t.Errorf("dbtest: %v", err)
			}
			t.Logf("the database of this test is kept for a day: psql '%s'", url)
			return
		}
		if err := s.drop(ctx, name); err != nil {
			t.Errorf("dbtest: %v", err)
		}
	})
	return url
}

// Pool returns a pool of connections to a database. It is closed at the end of the test, before the database of an earlier
// New is dropped; a connection that the test has not given back by then fails it.
func Pool(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatalf("dbtest: open a pool: %v", err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			pool.Close()
		}()
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Errorf("dbtest: %d connections of the pool are still in use 10 s after the test", pool.Stat().AcquiredConns())
		}
	})
	return pool
}

// ident quotes a name for SQL.
func ident(name string) string { return pgx.Identifier{name}.Sanitize() }
