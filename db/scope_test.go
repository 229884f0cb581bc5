package db_test

import (
	"errors"
	"strings"
	"testing"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// A statement that forgets the restaurant, or joins lines, tables or users of others, reaches nobody's screen.
func TestWrongStatementReachesNoOtherRestaurant(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	restaurant := func(name string) (id string) {
		err := pool.QueryRow(t.Context(), `
			with r as (insert into restaurants (name) values ($1) returning id),
			     t as (insert into tables (restaurant_id, label) select id, $1 || ' 1' from r returning id),
			     u as (insert into users (restaurant_id, username) select id, $1 from r returning id),
			     o as (insert into orders (restaurant_id, table_id, created_by, notes)
			           select r.id, t.id, u.id, $1 from r, t, u returning id, restaurant_id),
			     i as (insert into order_items (restaurant_id, order_id, name)
			           select restaurant_id, id, $1 || ' soup' from o returning id, restaurant_id),
			     m as (insert into order_item_modifiers (restaurant_id, order_item_id, name) select restaurant_id, id, $1 || ' hot' from i)
			select id::text from r`, name).Scan(&id)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	mine := restaurant("mine")
	restaurant("foreign")

	right := ` from (select o.*, 1::bigint as stamp from kitchen.order_rows o) o` + db.ItsRows + ` where o.restaurant_id = '` + mine + `'`
	orders, err := db.ReadWrongly(t.Context(), d, order.RestaurantID(mine), right)
	if err != nil || len(orders) != 1 || orders[0].Notes != "mine" || len(orders[0].Items) != 1 {
		t.Fatalf("the right statement: %+v, %v", orders, err)
	}
	wrong := map[string]string{"no restaurant": right[:strings.LastIndex(right, " where ")]}
	for what, joined := range map[string]string{
		"lines": "i.order_id = o.id", "modifiers": "m.line_id = i.id",
	} {
		wrong[what+" of anybody"] = strings.Replace(right, joined, "true", 1)
	}
	for what, sql := range wrong {
		if sql == right {
			t.Errorf("%s: the statement is the right one", what)
		}
		if orders, err := db.ReadWrongly(t.Context(), d, order.RestaurantID(mine), sql); !errors.Is(err, db.ErrForeign) || orders != nil {
			t.Errorf("%s: %d orders, %v", what, len(orders), err)
		}
	}
}
