package db_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// BenchmarkReadOneOrder is what a change costs to read: an order of three lines and three modifiers. Not in a tight loop,
// which would flatter the processor's caches: changes come one by one.
func BenchmarkReadOneOrder(b *testing.B) {
	url := dbtest.New(b)
	pool := dbtest.Pool(b, url)
	var restaurant, id string
	err := pool.QueryRow(b.Context(), `
		with r as (insert into restaurants (name) values ('Bistro') returning id),
		     o as (insert into orders (restaurant_id) select id from r returning id, restaurant_id),
		     i as (insert into order_items (restaurant_id, order_id, name)
		           select o.restaurant_id, o.id, 'Soup ' || n from o, generate_series(1, 3) n returning id, restaurant_id),
		     m as (insert into order_item_modifiers (restaurant_id, order_item_id, name) select restaurant_id, id, 'hot' from i)
		select restaurant_id::text, id::text from o`).Scan(&restaurant, &id)
	if err != nil {
		b.Fatal(err)
	}
	d, err := db.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	keys := []db.OrderKey{{Restaurant: order.RestaurantID(restaurant), Order: order.OrderID(id)}}
	var took time.Duration
	pause := time.NewTicker(2 * time.Millisecond)
	defer pause.Stop()
	for b.Loop() {
		<-pause.C
		began := time.Now()
		orders, err := d.Orders(b.Context(), keys)
		if err != nil || len(orders) != 1 || len(orders[0].Items) != 3 {
			b.Fatal(orders, err)
		}
		took += time.Since(began)
	}
	b.ReportMetric(float64(took.Microseconds())/float64(b.N), "µs/read")
}

// tableReads is what a queue was read with before there were views: the same columns, of the tables themselves. Versions stood in
// the row of an order then, and cost a reader nothing.
const tableReads = `
	select o.id::text, o.restaurant_id::text, o.order_number, o.order_type, o.status, o.priority,
	       t.id::text, t.label, u.id::text, coalesce(nullif(u.name, ''), u.username),
	       o.customer_name, o.notes, o.allergy_note, o.promised_at,
	       o.status in ('pending', 'preparing', 'ready') and (o.completed_at is not null or o.cancelled_at is not null),
	       1::bigint, o.created_at, o.updated_at, hashtextextended(concat_ws('/', o.id, t.label, u.name, u.username), o.xmin::text::bigint),
	       i.id::text, i.menu_item_id::text, i.name, i.quantity, i.notes, coalesce(i.position, 2147483647), uuid_hash_extended(i.id, i.xmin::text::bigint),
	       m.id::text, m.modifier_option_id::text, m.name, m.quantity, uuid_hash_extended(m.id, m.xmin::text::bigint),
	       (i.order_id <> o.id or m.order_item_id <> i.id or t.restaurant_id <> o.restaurant_id or t.id <> o.table_id
	        or u.restaurant_id <> o.restaurant_id or u.id <> o.created_by) is true
	  from unnest($1::text[]::uuid[]) as r(id) cross join lateral (
	       select o.xmin, o.* from public.orders o
	        where o.restaurant_id = r.id and o.status in ('pending', 'preparing', 'ready')
	        order by o.created_at) o
	  left join lateral (select t.restaurant_id, t.id, t.label
	                       from public.tables t where t.restaurant_id = o.restaurant_id and t.id = o.table_id offset 0) t on true
	  left join lateral (select u.restaurant_id, u.id, u.name, u.username
	                       from public.users u where u.restaurant_id = o.restaurant_id and u.id = o.created_by offset 0) u on true
	  left join lateral (select i.xmin, i.order_id, i.id, i.menu_item_id, i.name, i.quantity, i.notes, i.position
	                       from public.order_items i where i.order_id = o.id offset 0) i on true
	  left join lateral (select m.xmin, m.order_item_id, m.id, m.modifier_option_id, m.name, m.quantity
	                       from public.order_item_modifiers m where m.order_item_id = i.id offset 0) m on true`

// BenchmarkReadQueueThroughViews reads a queue of 25 orders with three lines and three modifiers each, by turns with the statement
// that the program sends and with one over the tables themselves, and reports both and their ratio. Goal: at most 1.1.
func BenchmarkReadQueueThroughViews(b *testing.B) {
	b.Run("lines written with their orders", func(b *testing.B) { readQueueThroughViews(b, false) })
	b.Run("lines written later", func(b *testing.B) { readQueueThroughViews(b, true) }) // so that changes have to be added up
}

func readQueueThroughViews(b *testing.B, later bool) {
	url := dbtest.New(b)
	pool := dbtest.Pool(b, url)
	exec := func(script string) {
		b.Helper()
		transactions := []string{script}
		if later {
			transactions = strings.Split(script, ";")
		}
		for _, sql := range append(transactions, "vacuum analyze") {
			if _, err := pool.Exec(b.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
				b.Fatal(err)
			}
		}
	}
	exec(`insert into restaurants (name) select 'r' || n from generate_series(1, 200) n;
		insert into users (restaurant_id, username) select id, 'u' || name || n from restaurants, generate_series(1, 5) n;
		insert into tables (restaurant_id, label) select id, 'T' || n from restaurants, generate_series(1, 18) n;
		insert into orders (restaurant_id, status, table_id, created_by)
		select r.id, case when n <= 25 then 'pending' else 'completed' end, (select id from tables t where t.restaurant_id = r.id offset n % 18 limit 1),
		       (select id from users u where u.restaurant_id = r.id offset n % 5 limit 1)
		  from restaurants r, generate_series(1, 60) n;
		insert into order_items (order_id, name) select o.id, 'Soup' from orders o, generate_series(1, 3);
		insert into order_item_modifiers (order_item_id, name) select id, 'hot' from order_items`)
	received := &said{statements: map[string][]any{}}
	d, err := db.OpenTraced(b.Context(), url, received)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	var restaurant string
	if err := pool.QueryRow(b.Context(), `select id::text from restaurants where name = 'r7'`).Scan(&restaurant); err != nil {
		b.Fatal(err)
	}
	if q, err := d.Queues(b.Context(), []order.RestaurantID{order.RestaurantID(restaurant)}); err != nil || len(q[order.RestaurantID(restaurant)].Orders) != 25 {
		b.Fatal(q, err)
	}
	var views string
	var args []any
	for sql, with := range received.statements {
		if readsOrders(sql) {
			views, args = sql, with
		}
	}
	conn := dbtest.Conn(b, url)
	if _, err := conn.Exec(b.Context(), db.ReadSettings, pgx.QueryExecModeSimpleProtocol, false); err != nil { // as the program reads
		b.Fatal(err)
	}
	read := func(sql string, args ...any) time.Duration {
		began := time.Now()
		rows, err := conn.Query(b.Context(), sql, args...)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if rows.Err() != nil || n != 75 {
			b.Fatal(n, rows.Err())
		}
		return time.Since(began)
	}
	var of, without []time.Duration
	for b.Loop() {
		for i := range 200 { // by turns, because the second one finds warm caches
			if i%2 == 0 {
				of = append(of, read(views, args...))
				without = append(without, read(tableReads, []string{restaurant}))
			} else {
				without = append(without, read(tableReads, []string{restaurant}))
				of = append(of, read(views, args...))
			}
		}
	}
	slices.Sort(of)
	slices.Sort(without)
	middle := len(of) / 2
	b.ReportMetric(float64(of[middle].Microseconds()), "µs/views")
	b.ReportMetric(float64(without[middle].Microseconds()), "µs/tables")
	b.ReportMetric(float64(of[middle])/float64(without[middle]), "of-tables")
}
