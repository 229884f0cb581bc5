package db_test

import (
	"testing"
	"time"

	"kitchen/db"
	"kitchen/db/dbtest"
)

// What one check costs, with 1,000 restaurants that have a display and 20,000 open orders, a third of them pending and
// painted, and half of those touched, besides 100,000 orders of the past. A look comes after 100 times as long as it takes, and at least
// every 5 s: with up to 50 ms it takes 1 % of a core at most.
func BenchmarkCheckUnseen(b *testing.B) {
	url := dbtest.New(b)
	pool := dbtest.Pool(b, url)
	for _, sql := range []string{
		`insert into restaurants (name) select 'R' || i from generate_series(1, 1000) i`,
		`alter table orders disable trigger user;
		 insert into orders (restaurant_id, order_number, business_day, status, created_at, completed_at)
		 select r.id, i, current_date - i / 20, 'completed', now() - i * interval '1 hour', now() - i * interval '1 hour' from restaurants r, generate_series(1, 100) i;
		 insert into orders (restaurant_id, order_number, business_day, status)
		 select r.id, 1000 + i, current_date, case i % 3 when 0 then 'pending' when 1 then 'preparing' else 'ready' end from restaurants r, generate_series(1, 20) i;
		 insert into kitchen.order_changes (order_id, restaurant_id, xact) select o.id, o.restaurant_id, 1 from orders o;
		 insert into kitchen.sightings (order_id, restaurant_id, version, how, node, display) select o.id, o.restaurant_id, 1, 'painted', 'n', 1 from orders o;
		 insert into kitchen.sightings (order_id, restaurant_id, version, how, node, display)
		 select o.id, o.restaurant_id, 1, 'touched', 'n', 1 from orders o where o.status <> 'pending' or o.order_number % 2 = 0;
		 insert into kitchen.screens (node, restaurant_id, count) select 'n', r.id, 2 from restaurants r`,
		`vacuum analyze`,
	} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	d, err := db.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	for b.Loop() {
		if _, alarms, err := d.CheckUnseen(b.Context(), "here", time.Second); err != nil || len(alarms) > 0 {
			b.Fatal(len(alarms), err)
		}
	}
}
