package migrations_test

import "testing"

// SERIALIZABLE writers of different orders never fail because of each other: what the triggers record of one is read for no other.
// (Where a write changes a page of an index that another has read, PostgreSQL fails one of them without any trigger, too: those are not
// here. Updates come first, while the page has room: on a full one they write to the indexes.)
func TestSerializableWritersDoNotMeetInTheTriggers(t *testing.T) {
	t.Parallel()
	for _, stations := range []string{"", `;; insert into kitchen.stations (restaurant_id, name) values ($A, 'Grill'), ($B, 'Bar')`} {
		h := open(t)
		if err := h.do(`insert into orders (id, restaurant_id) values ($A, $A), ($B, $B);; insert into order_items (order_id, name) values ($A, 'x'), ($B, 'y')` + stations); err != nil {
			t.Fatal(err)
		}
		for _, w := range []struct{ name, write string }{
			{"notes", `update orders set notes = notes || 'x' where id = $1`},
			{"lines", `update order_items set notes = notes || 'x' where order_id = $1`},
			{"orders", `insert into orders (restaurant_id, order_number) values ($1, 20231)`},
			{"numbered", `insert into orders (restaurant_id) values ($1)`},
			{"many orders", `insert into orders (restaurant_id, order_number) select $1::uuid, 20000 + n from generate_series(1, 60) n`},
		} {
			if w.name == "lines" && stations != "" {
				continue // the order and all of its lines are read, and may change with them
			}
			one, two := h.session(), h.session()
			for _, s := range []session{one, two} {
				s.exec(`set enable_seqscan = off`) // a sequential scan of the writer's own would read all orders
				s.exec(`begin isolation level serializable`)
			}
			one.exec(w.write, h.a)
			two.exec(w.write, h.b)
			one.exec(w.write, h.a)
			two.exec(w.write, h.b)
			one.exec(`commit`)
			if _, err := two.conn.Exec(t.Context(), `commit`); err != nil {
				t.Errorf("%s%s: %v", w.name, stations, err)
			}
		}
	}
}
