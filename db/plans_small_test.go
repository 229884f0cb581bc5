package db_test

import (
	"strings"
	"testing"

	"kitchen/db"
	"kitchen/db/order"
)

// A connection keeps the plan that it made while a table was small, until it is analysed: by then there may be ten thousand open
// orders, and an index that begins with the restaurant would lead to all of them for each.
func TestOrdersAreLookedUpByIDFromTheFirstOn(t *testing.T) {
	t.Parallel()
	f, conn, received := overheard(t)
	d := f.db
	r := f.restaurant()
	key := db.OrderKey{Restaurant: r, Order: f.order(r)}
	for _, keys := range [][]db.OrderKey{{key}, {key, key}} {
		if _, err := d.Orders(t.Context(), keys); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: key.Order, Status: order.Ready}); err != nil {
		t.Fatal(err)
	}
	explained := 0
	for sql, args := range received.statements {
		if !readsOrders(sql) {
			continue
		}
		explained++
		if plan, _ := explain(t, conn, sql, args, true); !strings.Contains(plan, "Index Scan on orders  using orders_pkey") {
			t.Errorf("%s\n%s", sql, plan)
		}
	}
	if explained != 3 {
		t.Errorf("%d statements explained, want 3", explained)
	}
}

// A night's clean-up deletes all orders, autovacuum's ANALYZE notes that there are none, and the morning brings many at once: until
// the next ANALYZE the planner believes in tables with no rows, and each way of joining them looks as cheap as any other.
func TestReadsAreCheapWhereTheTablesAreBelievedEmpty(t *testing.T) {
	t.Parallel()
	f, conn, received := overheard(t)
	d := f.db
	f.exec(`insert into restaurants (name) select 'r' || n from generate_series(1, 50) n`)
	fill := func() {
		f.exec(`insert into users (restaurant_id, username) select id, name from restaurants`)
		f.exec(`insert into tables (restaurant_id, label) select id, name from restaurants`)
		f.exec(`insert into orders (restaurant_id, table_id, created_by, status)
			select t.restaurant_id, t.id, u.id, case when n < 6 then 'completed' else 'ready' end
			  from tables t join users u using (restaurant_id), generate_series(1, 15) n`)
		f.exec(`insert into order_items (order_id, name) select id, 'Soup' from orders, generate_series(1, 3)`)
		f.exec(`insert into order_item_modifiers (order_item_id, name) select id, 'hot' from order_items`)
	}
	fill()
	f.exec(`delete from orders`)
	f.exec(`delete from users`)
	f.exec(`delete from tables`)
	f.exec(`analyze`)
	fill()

	ids := []order.RestaurantID{}
	for id := range strings.FieldsSeq(f.id(`select string_agg(id::text, ' ') from restaurants`)) {
		ids = append(ids, order.RestaurantID(id))
	}
	keys := []db.OrderKey{}
	for pair := range strings.FieldsSeq(f.id(`select string_agg(restaurant_id || '/' || id, ' ') from orders where status = 'ready'`)) {
		restaurant, id, _ := strings.Cut(pair, "/")
		keys = append(keys, db.OrderKey{Restaurant: order.RestaurantID(restaurant), Order: order.OrderID(id)})
	}
	for name, read := range map[string]func() (int, error){
		"queues":       func() (int, error) { all, err := d.Queues(t.Context(), ids); return len(all), err },
		"fingerprints": func() (int, error) { all, err := d.Fingerprints(t.Context(), ids); return len(all), err },
		"orders":       func() (int, error) { all, err := d.Orders(t.Context(), keys); return len(all) / 10, err },
		"recent":       func() (int, error) { all, err := d.Recent(t.Context(), ids[0]); return len(all) * 10, err },
	} {
		if n, err := read(); n != 50 || err != nil {
			t.Fatalf("%s: %d, %v", name, n, err)
		}
	}
	for sql, args := range received.statements {
		if !readsOrders(sql) {
			continue
		}
		// 500 orders with three lines and three modifiers each, some pages for each by index. Read all for each, they are millions.
		if plan, pages := explain(t, conn, sql, args, true); pages > 60_000 {
			t.Errorf("touches %d pages:\n%s\n%s", pages, sql, plan)
		}
	}
}
