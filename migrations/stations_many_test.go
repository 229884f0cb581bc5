package migrations_test

import "testing"

// Statements that write several orders are followed as those that write one are.
func TestLinesFollowManyOrdersAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	first, second := h.order("meat"), h.order("meat")
	if err := h.do(`update orders set status = 'ready'`); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{first, second} {
		if got := h.lines(id); got != "meat Grill:ready" {
			t.Errorf("orders that are ready have lines at %q", got)
		}
	}
	// An import of orders that somebody has begun, or that are over: their lines are, too.
	if err := h.do(`begin;
		insert into orders (id, restaurant_id, status) select i, $A, 'ready' from unnest(array['0c0ffee0-0000-4000-8000-0000000000a1', '0c0ffee0-0000-4000-8000-0000000000a2']::uuid[]) i;
		insert into order_items (order_id, name, category) select id, 'meat', 'meat' from orders where id::text like '0c0ffee0%';
		commit`); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"0c0ffee0-0000-4000-8000-0000000000a1", "0c0ffee0-0000-4000-8000-0000000000a2"} {
		if status, lines := h.status(id), h.lines(id); status != "ready" || lines != "meat Grill:ready" {
			t.Errorf("an imported order is %s, with lines at %q", status, lines)
		}
	}
}
