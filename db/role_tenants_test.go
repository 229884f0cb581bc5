package db_test

import (
	"fmt"
	"testing"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// tenants is two restaurants, each with an open order, a closed one and a user, and the database as the role of serve.
type tenants struct {
	fixture
	url         string // of the role
	mine, other order.RestaurantID
	open        map[order.RestaurantID]order.OrderID
	user        map[order.RestaurantID]order.UserID
}

func asServe(t *testing.T) tenants {
	t.Helper()
	owner := dbtest.New(t)
	f := fixture{T: t, pool: dbtest.Pool(t, owner)}
	s := tenants{fixture: f, url: dbtest.ServeRole(t, owner), open: map[order.RestaurantID]order.OrderID{}, user: map[order.RestaurantID]order.UserID{}}
	d, err := db.Open(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	s.db = d
	s.mine, s.other = f.restaurant(), f.restaurant()
	for i, r := range []order.RestaurantID{s.mine, s.other} {
		s.user[r] = order.UserID(f.id(`insert into users (restaurant_id, username) values ($1, $2) returning id::text`, r, fmt.Sprint("cook", i)))
		table := f.id(`insert into tables (restaurant_id, label) values ($1, 'T1') returning id::text`, r)
		s.open[r] = order.OrderID(f.id(`insert into orders (restaurant_id, table_id, created_by) values ($1, $2, $3) returning id::text`,
			r, table, s.user[r]))
		f.exec(`insert into order_items (order_id, name) values ($1, 'Soup')`, s.open[r])
		f.exec(`insert into order_item_modifiers (order_item_id, name) select id, 'hot' from order_items where order_id = $1`, s.open[r])
		f.exec(`insert into orders (restaurant_id, status) values ($1, 'completed')`, r)
	}
	return s
}
