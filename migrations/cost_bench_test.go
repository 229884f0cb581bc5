package migrations_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/dbtest"
)

// What the triggers cost a writer, on a server that writes to disk as in earnest. Both sides of each ratio are measured in
// turn, in one run: absolute times say more of the machine.

var durable = map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "60"}

const (
	// bare is the least that could announce an order: one row trigger, nothing else.
	bare = `
		alter table orders disable trigger user; alter table order_items disable trigger user; alter table order_item_modifiers disable trigger user;
		alter table orders enable always trigger "~orders_complete_insert"; alter table orders enable always trigger "~orders_complete_update";
		alter table order_items enable always trigger "~order_items_complete_insert"; alter table order_items enable always trigger "~order_items_complete_update";
		alter table order_item_modifiers enable always trigger "~order_item_modifiers_complete_insert"; alter table order_item_modifiers enable always trigger "~order_item_modifiers_complete_update";
		alter table orders enable trigger bare`
	ours = `
		alter table orders enable trigger user; alter table order_items enable trigger user;
		alter table order_item_modifiers enable trigger user; alter table orders disable trigger bare`
	// none announces nothing.
	none = `
		alter table orders disable trigger user; alter table order_items disable trigger user; alter table order_item_modifiers disable trigger user;
		alter table orders enable always trigger "~orders_complete_insert"; alter table orders enable always trigger "~orders_complete_update";
		alter table order_items enable always trigger "~order_items_complete_insert"; alter table order_items enable always trigger "~order_items_complete_update";
		alter table order_item_modifiers enable always trigger "~order_item_modifiers_complete_insert"; alter table order_item_modifiers enable always trigger "~order_item_modifiers_complete_update"`
	silent = `
		alter table orders disable trigger kitchen_watch_insert; alter table orders disable trigger kitchen_watch_update;
		alter table orders disable trigger kitchen_watch_delete; alter table orders disable trigger bare`
)

func costs(b *testing.B) (*pgxpool.Pool, func(sql string, args ...any)) {
	b.Helper()
	pool := dbtest.Pool(b, dbtest.Cluster(b, durable).URL()+"&pool_max_conns=32")
	exec := func(sql string, args ...any) {
		b.Helper()
		if _, err := pool.Exec(context.Background(), sql, args...); err != nil {
			b.Fatalf("%s: %v", sql, err)
		}
	}
	exec(`
		create function bare() returns trigger language plpgsql as $$
		begin perform pg_notify('kitchen_' || NEW.restaurant_id, NEW.id::text); return null; end $$;
		create trigger bare after insert or update on orders for each row execute function bare();
		insert into restaurants (name) select 'r' || n from generate_series(1, 200) n;
		insert into menu_items (restaurant_id, name) select id, 'Soup' from restaurants;
		insert into modifier_options (restaurant_id, name) select id, 'No onion' from restaurants`)
	return pool, exec
}

func median(d []float64) float64 { slices.Sort(d); return d[len(d)/2] }

// BenchmarkCopyOf100000Orders reports how much longer a COPY for 200 restaurants takes with the notification triggers than
// without. Goal: at most 1.15.
func BenchmarkCopyOf100000Orders(b *testing.B) {
	pool, exec := costs(b)
	var rows bytes.Buffer
	ids, err := pool.Query(b.Context(), `select r.id::text from generate_series(1, 500), restaurants r`)
	if err != nil {
		b.Fatal(err)
	}
	for n := 1; ids.Next(); n++ {
		var id string
		if err := ids.Scan(&id); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(&rows, "%s\t%d\n", id, n/200+1)
	}
	ids.Close()
	load := func(triggers string) float64 {
		exec(triggers)
		exec(`truncate orders cascade`)
		exec(`checkpoint`)
		conn, err := pool.Acquire(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Release()
		began := time.Now()
		if _, err := conn.Conn().PgConn().CopyFrom(b.Context(), bytes.NewReader(rows.Bytes()), `copy orders (restaurant_id, order_number) from stdin`); err != nil {
			b.Fatal(err)
		}
		return time.Since(began).Seconds()
	}
	load(ours)
	var with, ratio []float64
	for b.Loop() {
		for range 3 {
			without := load(silent)
			with = append(with, load(ours))
			ratio = append(ratio, with[len(with)-1]/without)
		}
	}
	b.ReportMetric(median(with), "s/copy")
	b.ReportMetric(median(ratio), "times-without")
}

// BenchmarkWriteTax reports how many orders alone, orders with three lines and three modifiers in one transaction, and status
// updates 1, 8 and 32 writers commit a second, and how many times as long that takes as with a bare row trigger, and as with
// none. Goal, for eight writers: at most 1.1 times the bare one.
func BenchmarkWriteTax(b *testing.B) {
	pool, exec := costs(b)
	statements := map[string]string{
		"insert": `insert into orders (restaurant_id) select id from restaurants offset $1 limit 1`,
		"orders": `
			with r as (select id from restaurants offset $1 limit 1),
			     o as (insert into orders (restaurant_id) select id from r returning id, restaurant_id),
			     i as (insert into order_items (restaurant_id, order_id, menu_item_id, position)
			           select o.restaurant_id, o.id, m.id, n from o join menu_items m on m.restaurant_id = o.restaurant_id, generate_series(1, 3) n
			           returning id, restaurant_id)
			insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id)
			select i.restaurant_id, i.id, m.id from i join modifier_options m on m.restaurant_id = i.restaurant_id`,
		"status": `
			update orders set status = case status when 'ready' then 'preparing' else 'ready' end
			 where id = (select id from orders where restaurant_id = (select id from restaurants offset $1 limit 1) limit 1)`,
	}
	const commits = 480 // a round
	run := func(triggers, sql string, writers int) float64 {
		exec(triggers)
		var all sync.WaitGroup
		began := time.Now()
		for w := range writers {
			all.Go(func() {
				for i := range commits / writers {
					if _, err := pool.Exec(b.Context(), sql, (w*commits/writers+i)%200); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		return commits / time.Since(began).Seconds()
	}
	for _, writers := range []int{1, 8, 32} {
		for name, sql := range statements {
			run(ours, statements["orders"], writers) // something to update, and warm
			b.Run(fmt.Sprintf("%s/%d writers", name, writers), func(b *testing.B) {
				var rate, toBare, toNone []float64
				for b.Loop() {
					for range 5 {
						without, least := run(none, sql, writers), run(bare, sql, writers)
						now := run(ours, sql, writers)
						rate, toBare, toNone = append(rate, now), append(toBare, least/now), append(toNone, without/now)
					}
				}
				b.ReportMetric(median(rate), "commits/s")
				b.ReportMetric(median(toBare), "times-bare")
				b.ReportMetric(median(toNone), "times-none")
			})
		}
	}
}

// BenchmarkStations reports how many times as long a writer takes where only other restaurants have stations, and at a restaurant that
// has three, as in a database where nobody has any. In memory, where nothing hides what the processor does. Goal: nothing measurable
// in the first.
func BenchmarkStations(b *testing.B) {
	pool := dbtest.Pool(b, dbtest.New(b))
	exec := func(sql string, args ...any) {
		b.Helper()
		if _, err := pool.Exec(context.Background(), sql, args...); err != nil {
			b.Fatalf("%s: %v", sql, err)
		}
	}
	exec(`insert into restaurants (name) select 'r' || n from generate_series(1, 50) n; insert into menu_items (restaurant_id, name, category) select id, 'Soup', 'soups' from restaurants`)
	const (
		order = `
			with r as (select id from restaurants where name = 'r' || $1::int),
			     o as (insert into orders (restaurant_id) select id from r returning id, restaurant_id)
			insert into order_items (restaurant_id, order_id, menu_item_id, position)
			select o.restaurant_id, o.id, m.id, n from o join menu_items m on m.restaurant_id = o.restaurant_id, generate_series(1, 3) n`
		status = `
			update orders set status = case status when 'ready' then 'preparing' else 'ready' end
			 where id = (select id from orders where restaurant_id = (select id from restaurants where name = 'r' || $1::int) limit 1)`
		line = `
			update order_items set quantity = quantity % 9 + 1
			 where id = (select id from order_items where order_id = (select id from orders where restaurant_id = (select id from restaurants where name = 'r' || $1::int) limit 1) limit 1)`
	)
	run := func(stations, sql string) float64 {
		exec(`delete from kitchen.stations; ` + stations)
		began := time.Now()
		for i := range 300 {
			exec(sql, i%40+1)
		}
		return time.Since(began).Seconds()
	}
	for _, have := range []struct{ name, sql string }{
		{"others", `insert into kitchen.stations (restaurant_id, name) select id, 'Grill' from restaurants where name > 'r40'`},
		{"this one", `insert into kitchen.stations (restaurant_id, name) select id, s from restaurants, unnest(array['Grill', 'Fryer', 'Bar']) s on conflict do nothing;
			insert into kitchen.routes (restaurant_id, station_id, category) select restaurant_id, id, 'soups' from kitchen.stations where name = 'Grill'`},
	} {
		for name, sql := range map[string]string{"orders": order, "status": status, "lines": line} {
			run("", order)
			b.Run(name+"/"+have.name, func(b *testing.B) {
				var ratio []float64
				for b.Loop() {
					for range 7 {
						without := run("", sql)
						ratio = append(ratio, run(have.sql, sql)/without)
					}
				}
				b.ReportMetric(median(ratio), "times-without")
			})
		}
	}
}
