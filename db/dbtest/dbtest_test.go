package dbtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { Main(m) }

func TestDatabaseIsMigratedAndTheTestsOwn(t *testing.T) {
	t.Parallel()
	one, two := Pool(t, New(t)), Pool(t, New(t))
	if _, err := one.Exec(t.Context(), "insert into restaurants (name) values ('Only here')"); err != nil {
		t.Fatal(err)
	}
	for pool, want := range map[interface {
		QueryRow(context.Context, string, ...any) pgx.Row
	}]int{one: 1, two: 0} {
		var n int
		if err := pool.QueryRow(t.Context(), "select count(*) from restaurants").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != want {
			t.Errorf("%d restaurants, want %d", n, want)
		}
	}
	// The triggers are there, too: an order is numbered.
	var number int
	err := one.QueryRow(t.Context(), "insert into orders (restaurant_id) select id from restaurants returning order_number").Scan(&number)
	if err != nil || number != 1 {
		t.Errorf("order number %d, %v", number, err)
	}
}

func TestEmptyDatabaseHasNothingOfOurs(t *testing.T) {
	t.Parallel()
	var n int
	err := Pool(t, Empty(t)).QueryRow(t.Context(), `
		select (select count(*) from pg_class where relnamespace = 'public'::regnamespace) + (select count(*) from pg_namespace where nspname = 'kitchen')`).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d tables and schemas, %v", n, err)
	}
}

func TestDatabaseIsDroppedWhenItsTestHasPassed(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("passes", func(t *testing.T) {
		url = New(t)
		pool := Pool(t, url) // still connected when the test ends
		if err := pool.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	conn, err := pgx.Connect(t.Context(), url)
	if err == nil {
		conn.Close(t.Context())
		t.Fatal("it is still there")
	}
	if !strings.Contains(err.Error(), "3D000") { // invalid_catalog_name
		t.Error(err)
	}
}

func TestNewAsksForMain(t *testing.T) {
	t.Parallel()
	var h hold
	if _, err := h.acquire(t.Context()); err == nil || !strings.Contains(err.Error(), "dbtest.Main") {
		t.Errorf("without Main: %v", err)
	}
}

func TestOtherDatabaseOfAnAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"postgres://u:p@h:1/postgres?sslmode=disable": "postgres://u:p@h:1/x?sslmode=disable",
		"postgresql:///?host=/a%20b&port=1":           "postgresql:///x?host=/a%20b&port=1",
		"postgres://h/?dbname=y&host=/a%20b":          "postgres://h/x?host=%2Fa%20b",
		"host=h user=u dbname=y":                      "host=h user=u dbname=y dbname=x",
	} {
		got, err := databaseURL(address, "x")
		if err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", address, got, err, want)
		}
		if cfg, err := pgx.ParseConfig(got); err != nil || cfg.Database != "x" {
			t.Errorf("%s: %v, %v", got, cfg, err)
		}
	}
}

func TestNameOfADatabaseSaysWhenItWasMade(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 29, 1, 59, 59, 0, time.UTC)
	name := databaseName(now)
	if name == databaseName(now) {
		t.Errorf("%s twice", name)
	}
	if at := madeAt(name, keptComment); !at.Equal(now) {
		t.Errorf("%s: %v", name, at)
	}
	if at := madeAt("kitchen_template_0123", now.Format(time.RFC3339)); !at.Equal(now) {
		t.Errorf("a template: %v", at)
	}
	for _, name := range []string{"kitchen_test_", "kitchen_test_mine", "kitchen_template_0123"} {
		if at := madeAt(name, "some comment"); !at.IsZero() {
			t.Errorf("%s: %v", name, at)
		}
	}
}

func TestClusterIsMigratedAndTheTestsOwn(t *testing.T) {
	t.Parallel()
	s := Cluster(t, map[string]string{"max_connections": "17"})
	if got := ask(t, s.URL(), "select count(*)::text from orders"); got != "0" {
		t.Errorf("%s orders", got)
	}
	if got := ask(t, s.URL(), "show max_connections"); got != "17" {
		t.Errorf("max_connections is %s", got)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), s.URL()); err == nil {
		t.Error("it answers after Kill")
	}
	if got := ask(t, Pool(t, New(t)).Config().ConnString(), "select 'alive'"); got != "alive" {
		t.Error("the shared server went down with it")
	}
}

// ask runs SQL on a connection of its own and returns the first value of the last statement.
func ask(t *testing.T, url, sql string) (answer string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if rows := results[len(results)-1].Rows; len(rows) > 0 {
		answer = string(rows[0][0])
	}
	return answer
}

// BenchmarkNew is what a test pays for its database: to make it, and to drop it.
func BenchmarkNew(b *testing.B) {
	New(b) // the server and the template
	s, err := shared.acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		name := databaseName(time.Now())
		if _, err := s.create(b.Context(), name, "template "+ident(s.template)); err != nil {
			b.Fatal(err)
		}
		if err := s.drop(b.Context(), name); err != nil {
			b.Fatal(err)
		}
	}
}
