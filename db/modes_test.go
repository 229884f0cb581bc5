package db_test

import (
	"reflect"
	"testing"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// An address may say how the driver asks, because of a pooler, say: then numbers and times come as text, and not in binary.
func TestQueueIsReadAlikeHoweverTheDriverAsks(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	f := fixture{T: t, pool: dbtest.Pool(t, url)}
	r := f.restaurant()
	f.exec(`insert into tables (restaurant_id, label) values ($1, 'T1')`, r)
	f.exec(`insert into orders (restaurant_id, table_id, priority, promised_at, customer_name)
		select restaurant_id, id, -3, '2026-11-23 12:34:56.789+05', 'Zoë "the\best"' from tables`)
	f.exec(`insert into orders (restaurant_id, status) values ($1, 'ready')`, r)
	f.exec(`insert into order_items (order_id, name, quantity) select id, 'Soup ' || n, n from orders, generate_series(1, 3) n`)
	f.exec(`insert into order_item_modifiers (order_item_id, name) select id, 'hot' from order_items where quantity < 3`)
	f.exec(`update orders set status = 'completed' where status = 'ready'`)
	f.exec(`update orders set status = 'ready' where status = 'completed'`) // recalled

	var want *db.Queue
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		d, err := db.Open(t.Context(), url+"&default_query_exec_mode="+mode)
		if err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		defer d.Close()
		queues, err := d.Queues(t.Context(), []order.RestaurantID{r})
		if err != nil || queues[r] == nil {
			t.Errorf("%s: %v", mode, err)
			continue
		}
		got := queues[r]
		if want == nil {
			want = got
		}
		if len(got.Orders) != 2 || len(got.Orders[0].Items) != 3 || got.Orders[0].PromisedAt == nil || !got.Orders[1].Recalled || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v", mode, got, want)
		}
		prints, err := d.Fingerprints(t.Context(), []order.RestaurantID{r})
		if err != nil || len(prints) != 1 || prints[0] != got.Fingerprint() {
			t.Errorf("%s: fingerprint %+v, %v, want %+v", mode, prints, err, got.Fingerprint())
		}
		if orders, err := d.Orders(t.Context(), []db.OrderKey{{Restaurant: r, Order: got.Orders[0].ID}, {Restaurant: r, Order: got.Orders[1].ID}}); err != nil || len(orders) != 2 {
			t.Errorf("%s: %d orders, %v", mode, len(orders), err)
		}
		if one, err := d.Orders(t.Context(), []db.OrderKey{{Restaurant: r, Order: got.Orders[0].ID}}); err != nil || len(one) != 1 || !reflect.DeepEqual(one[0], got.Orders[0]) {
			t.Errorf("%s: %+v, %v", mode, one, err)
		}
		if err := d.Notify(t.Context(), "anything", "x"); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		if _, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: got.Orders[0].ID, Status: got.Orders[0].Status}); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		if _, err := d.Recent(t.Context(), r); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
}
