package migrations_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // goose takes a database/sql driver
	"github.com/pressly/goose/v3"

	"kitchen/migrations"
)

// Down undoes everything, one migration at a time, and up again keeps every promise.
func TestDownLeavesNothingAndUpKeepsEveryPromise(t *testing.T) {
	t.Parallel()
	h := open(t)
	conn, err := sql.Open("pgx", h.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// As the goose program: from the files.
	provider, err := goose.NewProvider(goose.DialectPostgres, conn, os.DirFS("."), goose.WithTableName("kitchen.goose_db_version"))
	if err != nil {
		t.Fatal(err)
	}
	catalog := func() string {
		var all string
		if err := conn.QueryRowContext(t.Context(), `
			select coalesce(string_agg(name, E'\n' order by name), '') from (
			  select 'relation ' || c.relname || ' ' || c.relkind::text as name from pg_class c
			   where c.relnamespace in ('public'::regnamespace, 'kitchen'::regnamespace) and c.relname not like 'goose%'
			  union all select 'function ' || p.oid::regprocedure || ' ' || md5(p.prosrc || p.prosecdef || coalesce(p.proconfig::text, '') || coalesce(p.proacl::text, ''))
			    from pg_proc p where p.pronamespace in ('public'::regnamespace, 'kitchen'::regnamespace)
			  union all select 'type ' || t.typname from pg_type t where t.typnamespace = 'kitchen'::regnamespace and t.typtype = 'd'
			  union all select 'trigger ' || t.tgname from pg_trigger t where not t.tgisinternal) x`).Scan(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	full := catalog()
	files, _ := fs.Glob(migrations.FS, "*.sql")
	for range files { // each pair
		before := catalog()
		if _, err := provider.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := provider.UpByOne(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := catalog(); after != before {
			t.Errorf("down and up changed the schema from\n%s\nto\n%s", before, after)
		}
		if _, err := provider.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if left := catalog(); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := catalog(); again != full {
		t.Errorf("the second up made\n%s\ninstead of\n%s", again, full)
	}
	again := &house{T: t, url: h.url}
	again.fill()
	again.listen()
	again.keep(t)
}

func TestWritersOfTheSameOrdersLinesNeverDeadlock(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into orders (restaurant_id) select $A from generate_series(1, 20)`); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for i := range 6 {
		writers.Go(func() {
			for range 20 {
				order := map[bool]string{true: "asc", false: "desc"}[i%2 == 0]
				if _, err := h.pool.Exec(t.Context(), `insert into order_items (order_id, name) select id, 'x' from orders order by id `+order); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if got := h.one(`select min(version) || ' ' || max(version) from kitchen.order_versions`); got != "121 121" {
		t.Errorf("versions %s, want 121: one for each of 120 statements", got)
	}
}

// A COPY of many orders costs a handful of notifications, and time that grows with the rows and not faster.
func TestBulkLoadIsAnnouncedOncePerRestaurant(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		update orders set notes = notes;; insert into orders (restaurant_id) values ($A);; update orders set notes = 'plans made for one row';;
		insert into order_items (order_id, name) select id, 'x' from orders;;
		insert into orders (restaurant_id) select case n % 2 when 0 then $A::uuid else $B::uuid end from generate_series(1, 20000) n;;
		insert into order_items (order_id, name) select id, 'x' from orders;;
		update orders set priority = 1;; update order_items set quantity = 2;; delete from orders where restaurant_id = $B`); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, what := range h.received() {
		counts[what]++
	}
	if fmt.Sprint(counts) != "map[A order_created:1 A order_updated:2 A queue_changed:4 B queue_changed:5]" {
		t.Errorf("received %v", counts)
	}
}
