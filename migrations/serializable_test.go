package migrations_test

import "testing"

// SERIALIZABLE writers of different orders never fail because of each other: what the triggers record of one is read for no other.
// (Where a write changes a page of an index that another has read, PostgreSQL fails one of them without any trigger, too: those are not here.)
func TestSerializableWritersDoNotMeetInTheTriggers(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into orders (id, restaurant_id) values ($A, $A), ($B, $B);; insert into order_items (order_id, name) values ($A, 'x'), ($B, 'y')`); err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]string{
		"orders":      `insert into orders (restaurant_id, order_number) values ($1, 20231)`,
		"numbered":    `insert into orders (restaurant_id) values ($1)`,
		"notes":       `update orders set notes = notes || 'x' where id = $1`,
		"many orders": `insert into orders (restaurant_id, order_number) select $1::uuid, 20000 + n from generate_series(1, 60) n`,
		"lines":       `update order_items set notes = notes || 'x' where order_id = $1`,
	} {
		one, two := h.session(), h.session()
		for _, s := range []session{one, two} {
			s.exec(`set enable_seqscan = off`) // a sequential scan of the writer's own would read all orders
			s.exec(`begin isolation level serializable`)
		}
		one.exec(write, h.a)
		two.exec(write, h.b)
		one.exec(write, h.a)
		two.exec(write, h.b)
		one.exec(`commit`)
		if _, err := two.conn.Exec(t.Context(), `commit`); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
