package db_test

import (
	"testing"
	"time"

	"kitchen/db"
	"kitchen/db/dbtest"
)

// BenchmarkReadOneOrder is what a change costs to read: an order of three lines and three modifiers. Not in a tight loop,
// which would flatter the processor's caches: changes come one by one.
func BenchmarkReadOneOrder(b *testing.B) {
	url := dbtest.New(b)
	pool := dbtest.Pool(b, url)
	var restaurant, order string
	err := pool.QueryRow(b.Context(), `
		with r as (insert into restaurants (name) values ('Bistro') returning id),
		     o as (insert into orders (restaurant_id) select id from r returning id, restaurant_id),
		     i as (insert into order_items (restaurant_id, order_id, name)
		           select o.restaurant_id, o.id, 'Soup ' || n from o, generate_series(1, 3) n returning id, restaurant_id),
		     m as (insert into order_item_modifiers (restaurant_id, order_item_id, name) select restaurant_id, id, 'hot' from i)
		select restaurant_id::text, id::text from o`).Scan(&restaurant, &order)
	if err != nil {
		b.Fatal(err)
	}
	d, err := db.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	keys := []db.OrderKey{{Restaurant: db.RestaurantID(restaurant), Order: db.OrderID(order)}}
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
