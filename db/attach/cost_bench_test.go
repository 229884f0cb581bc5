package attach_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach"
	"kitchen/db/dbtest"
)

// BenchmarkWritersOfAnAttachedHost reports how many transactions a second writers commit on Django's tables with the generated
// triggers, and how many times as many as with the least that could announce an order: one row trigger with pg_notify on orders,
// and one on lines. Goal: at least 0.8. On a server that writes to disk as in earnest; both sides by turns, in one run.
func BenchmarkWritersOfAnAttachedHost(b *testing.B) {
	cluster := dbtest.Cluster(b, map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "60"})
	pool := dbtest.Pool(b, cluster.URL()+"&pool_max_conns=16")
	exec := func(sql string) {
		b.Helper()
		if _, err := pool.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			b.Fatalf("%.200s: %v", sql, err)
		}
	}
	exec(`drop schema public cascade; create schema public; drop schema if exists kitchen cascade`)
	exec(dbtest.Script(b, "testdata/django.sql"))
	exec(`insert into restaurants_restaurant (name, timezone, is_active, created_at) select 'r' || n, 'UTC', true, now() from generate_series(1, 200) n;
		insert into menu_menuitem (name, price, is_available, restaurant_id) select 'Soup', 1, true, id from restaurants_restaurant;
		insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
		select n, 'dine_in', 'served', 0, '', '', 1, now() - interval '1 day', now(), r.id from restaurants_restaurant r, generate_series(1, 100) n where r.id > 1000;
		create function bare() returns trigger language plpgsql as $$ begin perform pg_notify('kitchen_' || NEW.restaurant_id, NEW.id::text); return null; end $$;
		create function bare_line() returns trigger language plpgsql as $$ begin
		  perform pg_notify('kitchen_' || o.restaurant_id, o.id::text) from orders_order o where o.id = NEW.order_id; return null; end $$;
		create trigger bare after insert or update on orders_order for each row execute function bare();
		create trigger bare after insert or update on orders_orderitem for each row execute function bare_line();
		analyze`)
	found, err := attach.FindTemplate("django")
	if err != nil {
		b.Fatal(err)
	}
	m, err := attach.Parse("django.sql", []byte(found.Text))
	if err != nil {
		b.Fatal(err)
	}
	conn, err := pgx.Connect(b.Context(), cluster.URL())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := attach.Up(b.Context(), conn, m); err != nil {
		b.Fatal(err)
	}
	sides := map[bool]string{}
	for _, ours := range []bool{true, false} {
		for _, t := range []string{"orders_order", "orders_orderitem", "orders_orderitemmodifier"} {
			for _, e := range []string{"insert", "update", "delete"} {
				sides[ours] += fmt.Sprintf("alter table %s %s trigger kitchen_watch_%s;", t, map[bool]string{true: "enable always", false: "disable"}[ours], e)
			}
		}
		for _, t := range []string{"orders_order", "orders_orderitem"} {
			sides[ours] += fmt.Sprintf("alter table %s %s trigger bare;", t, map[bool]string{true: "disable", false: "enable"}[ours])
		}
	}
	statements := []struct{ name, sql string }{
		{"order", `insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
			values (1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1001 + $1)`},
		{"order with three lines", `with o as (insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
			  values (1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1001 + $1) returning id)
			insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id) select 1, 1, '', 1, o.id from o, generate_series(1, 3)`},
		{"status", `update orders_order set status = case status when 'ready' then 'preparing' else 'ready' end
			 where id = (select id from orders_order where restaurant_id = 1001 + $1 order by id desc limit 1)`},
		{"line", `update orders_orderitem set quantity = quantity + 1 where id = (select id from orders_orderitem order by id desc offset $1 limit 1)`},
		{"payment", `update orders_order set total = total + 1 where id = (select id from orders_order where restaurant_id = 1001 + $1 order by id desc limit 1)`},
	}
	const commits = 480
	run := func(ours bool, sql string, writers int) float64 {
		exec(sides[ours])
		var all sync.WaitGroup
		began := time.Now()
		for w := range writers {
			all.Go(func() {
				for i := range commits / writers {
					if _, err := pool.Exec(b.Context(), sql, (w*commits/writers+i)%199); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		return commits / time.Since(began).Seconds()
	}
	for _, writers := range []int{1, 8} {
		run(true, statements[1].sql, writers)
		for _, s := range statements {
			b.Run(fmt.Sprintf("%s/%d writers", s.name, writers), func(b *testing.B) {
				var rate, ratio []float64
				for b.Loop() {
					for range 5 {
						bare, ours := run(false, s.sql, writers), run(true, s.sql, writers)
						rate, ratio = append(rate, ours), append(ratio, ours/bare)
					}
				}
				slices.Sort(rate)
				slices.Sort(ratio)
				b.ReportMetric(rate[len(rate)/2], "commits/s")
				b.ReportMetric(ratio[len(ratio)/2], "of-bare")
			})
		}
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
