package db_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

var pastOrders = flag.Int("past", 100_000, "orders of the past that the plans of all queries are looked at over")

// Whatever lies behind it, a node reads a queue of 20 orders along indexes, and the same few pages: each statement that it
// sends is explained as it was sent, by the plan that a connection keeps, and so is each that stands in the sources.
func TestEveryQueryGoesByIndexOverManyPastOrders(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	f := fixture{T: t, pool: dbtest.Pool(t, url)}
	// Triggers and foreign keys would take minutes; what they would write is written here.
	conn := dbtest.Conn(t, url)
	indexes := f.list(`select pg_get_indexdef(i.oid) from unnest(array['orders_queue', 'orders_left', 'orders_number']::regclass[]) i (oid)`)
	if _, err := conn.PgConn().Exec(t.Context(), fmt.Sprintf(`
		insert into restaurants (name) select 'r' || n from generate_series(1, 20) n;
		insert into users (restaurant_id, username) select id, 'u' || name || '-' || n from restaurants, generate_series(1, 20) n;
		insert into tables (restaurant_id, label) select id, n from restaurants, generate_series(1, 20) n;
		alter table orders disable trigger all; alter table order_items disable trigger all;
		drop index orders_queue, orders_left, orders_number; -- made at once they are made sooner
		insert into orders (restaurant_id, order_number, status, created_at, completed_at, business_day)
		select r.id, n, 'completed', at, at, at::date from restaurants r, generate_series(1, %d / 20) n,
		       lateral (select now() - interval '2 hours' - n * interval '3 minutes') a (at);
		insert into order_items (restaurant_id, order_id, name, position) select restaurant_id, id, 'Soup', 1 from orders where order_number <= 1000;
		%s;
		alter table orders enable trigger all; alter table order_items enable trigger all;
		alter table orders enable always trigger "~orders_complete_insert"; alter table orders enable always trigger kitchen_watch_insert;
		insert into orders (restaurant_id) select id from restaurants, generate_series(1, 20);
		insert into orders (restaurant_id, status) select id, 'completed' from restaurants, generate_series(1, 5);
		insert into order_items (order_id, name) select o.id, 'Tea' from orders o, generate_series(1, 3) where o.status = 'pending';
		insert into order_item_modifiers (order_item_id, name) select id, 'hot' from order_items where name = 'Tea';
		insert into kitchen.stations (restaurant_id, name) select id, 'Grill' from restaurants;
		insert into kitchen.routes (restaurant_id, station_id) select restaurant_id, id from kitchen.stations;
		insert into restaurants (name) values ('full');
		insert into orders (restaurant_id) select id from restaurants, generate_series(1, 501) where name = 'full';
		analyze`, *pastOrders, strings.Join(indexes, ";"))).ReadAll(); err != nil {
		t.Fatal(err)
	}

	received := &said{statements: map[string][]any{}}
	d, err := db.OpenTraced(t.Context(), url, received)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	r := order.RestaurantID(f.id(`select id::text from restaurants where name = 'r7'`))
	full := order.RestaurantID(f.id(`select id::text from restaurants where name = 'full'`))
	open := order.OrderID(f.id(`select id::text from orders where restaurant_id = $1 and status = 'pending' limit 1`, r))
	cooked := order.OrderID(f.id(`select id::text from orders where restaurant_id = $1 and status = 'pending' offset 1 limit 1`, r))
	user := order.UserID(f.id(`select id::text from users where restaurant_id = $1 limit 1`, r))
	// Of one and of many restaurants, with stations and without: by the second time they are known to have them. Those of a full queue are
	// counted.
	other, third := order.RestaurantID(f.id(`select id::text from restaurants where name = 'r8'`)), order.RestaurantID(f.id(`select id::text from restaurants where name = 'r9'`))
	for _, ids := range [][]order.RestaurantID{{r, third}, {full}, {other}, {r, other}, {r}} {
		if queues, err := d.Queues(t.Context(), ids); err != nil || len(queues) != len(ids) {
			t.Fatal(queues, err)
		}
	}
	for name, call := range map[string]func() error{
		"orders": func() error {
			bare := db.OrderKey{Restaurant: full, Order: order.OrderID(f.id(`select id::text from orders where restaurant_id = $1 limit 1`, full))}
			for _, keys := range [][]db.OrderKey{{bare}, {bare, bare}} { // of a restaurant without stations
				if _, err := d.Orders(t.Context(), keys); err != nil {
					return err
				}
			}
			_, err := d.Orders(t.Context(), []db.OrderKey{{Restaurant: r, Order: open}})
			if _, e := d.Orders(t.Context(), []db.OrderKey{{Restaurant: r, Order: open}, {Restaurant: r, Order: open}}); e != nil {
				return e
			}
			return err
		},
		"recent":       func() error { _, err := d.Recent(t.Context(), r); return err },
		"fingerprints": func() error { _, err := d.Fingerprints(t.Context(), []order.RestaurantID{r}); return err },
		"status": func() error {
			_, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: open, Status: order.Ready, Force: true})
			return err
		},
		"lines": func() error {
			grill, from := f.id(`select id::text from kitchen.stations where restaurant_id = $1`, r), order.Pending
			line := f.id(`select id::text from order_items where order_id = $1 limit 1`, cooked)
			if _, err := d.UpdateLines(t.Context(), order.LinesUpdate{Restaurant: r, Order: cooked, Status: order.Preparing, Station: &grill, Lines: []string{line}, From: &from}); err != nil {
				return err
			}
			var waits *order.NotReadyError
			if _, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: cooked, Status: order.Ready}); !errors.As(err, &waits) {
				return fmt.Errorf("ready with lines to cook: %w", err)
			}
			if _, err := d.Fire(t.Context(), r, cooked, 1); err != nil {
				return err
			}
			return d.SetDerivedStatus(t.Context(), r, cooked)
		},
		"user":    func() error { _, err := d.User(t.Context(), user); return err },
		"users":   func() error { _, err := d.Users(t.Context(), []order.UserID{user}); return err },
		"by name": func() error { _, err := d.UserByName(t.Context(), "ur7-1"); return err },
		"find":    func() error { _, err := d.FindOrder(t.Context(), open); return err },
	} {
		if err := call(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}

	for _, sql := range statements(t) {
		if _, ok := received.statements[sql]; !ok {
			t.Errorf("a statement in the sources was not sent, and so not explained: call it in this test:\n%s", sql)
		}
	}
	explained := 0
	for sql, args := range received.statements {
		if !strings.Contains(sql, "kitchen.") && !strings.Contains(sql, "public.") || strings.Contains(sql, "pg_attribute") || strings.Contains(sql, "pg_trigger") {
			continue
		}
		explained++
		reads := !slices.ContainsFunc([]string{"change_status", "set_lines", "fire_course", "set_derived_status"}, func(f string) bool { return strings.Contains(sql, f) })
		plan, pages := explain(t, conn, sql, args, reads)
		for _, table := range []string{"orders", "order_items", "order_item_modifiers", "users"} {
			if strings.Contains(plan, "Seq Scan on "+table+" ") {
				t.Errorf("reads all of %s:\n%s\n%s", table, sql, plan)
			}
		}
		// 25 orders with 3 lines and 3 modifiers, 3 to 5 pages each by index; the tables have thousands.
		if pages > 2500 {
			t.Errorf("touches %d pages:\n%s\n%s", pages, sql, plan)
		}
	}
	if explained < 10 {
		t.Errorf("%d statements explained, want at least 10", explained)
	}

	// And so do the triggers, whose plans no EXPLAIN shows, but whose scans are counted.
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // nothing is kept
	scans := func() (n int64) {
		t.Helper()
		if err := tx.QueryRow(t.Context(), `select coalesce(sum(seq_scan), 0) from pg_stat_xact_user_tables
			where relname in ('orders', 'order_items', 'order_item_modifiers')`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before, id := scans(), string(r)
	for _, sql := range []string{
		`insert into orders (restaurant_id) values ($1::uuid) returning id::text`,
		`insert into order_items (order_id, name) values ($1::uuid, 'Soup') returning id::text`,
		`insert into order_item_modifiers (order_item_id, name) values ($1::uuid, 'hot') returning id::text`,
		`update order_item_modifiers set quantity = 2 where id = $1::uuid returning order_item_id::text`,
		`update order_items set quantity = 2 where id = $1::uuid returning order_id::text`,
		`update orders set status = 'ready' where id = $1::uuid returning id::text`,
		`delete from orders where id = $1::uuid returning restaurant_id::text`,
	} {
		// Each names the row that the one before it has returned.
		if err := tx.QueryRow(t.Context(), sql, id).Scan(&id); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if n := scans(); n != before {
			t.Errorf("%s: the triggers read a whole table", sql)
			before = n
		}
	}
}
