package migrations_test

import (
	"testing"
)

// The view of states has one row for each station of a line, whoever set it, for the line as it is now.
func TestStatesOfLinesAreTheirTrueOnes(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat", "fried", "bottle")
	for i, c := range []struct{ sql, want string }{
		{`select 1`, ""},
		{`select kitchen.set_lines(o.id, s.id, 'preparing') from orders o, kitchen.stations s where s.name = 'Grill'`, "meat Grill preparing"},
		{`update orders set status = 'ready'`, "bottle ready, fried Fryer ready, meat Grill ready"},
		{`select kitchen.set_lines(o.id, s.id, 'pending') from orders o, kitchen.stations s where s.name = 'Fryer'`,
			"bottle ready, fried Fryer pending, meat Grill ready"},
		{`update order_items set quantity = 2 where name = 'meat'`, "bottle ready, fried Fryer pending, meat Grill pending"},
		{`delete from kitchen.stations where name = 'Grill'`, "bottle ready, fried Fryer pending, meat pending"},
	} {
		if err := h.do(c.sql); err != nil {
			t.Fatal(err)
		}
		got := h.one(`
			select coalesce(string_agg(concat_ws(' ', i.name, s.name, l.status), ', ' order by i.name, s.name), '')
			  from kitchen.line_states l join order_items i on i.id = l.line_id left join kitchen.stations s on s.id = l.station_id
			 where l.order_id = $1 and l.changed_at is not null and l.by is not null`, id)
		if got != c.want {
			t.Errorf("step %d, %s: %q, want %q", i, c.sql, got, c.want)
		}
	}
}

// A line that is deleted takes its states along, and so does an order.
func TestStatesGoWithTheirLines(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat", "fried")
	for _, station := range []string{"Grill", "Fryer"} {
		if err := h.bump(id, station, "ready"); err != nil {
			t.Fatal(err)
		}
	}
	if n := h.one(`select count(*)::text from kitchen.line_states`); n != "2" {
		t.Errorf("%s states, want 2", n)
	}
	if err := h.do(`delete from order_items where name = 'meat'`); err != nil {
		t.Fatal(err)
	}
	if n := h.one(`select count(*)::text from kitchen.line_states`); n != "1" {
		t.Errorf("%s states after a line was deleted, want 1", n)
	}
	if err := h.do(`delete from orders`); err != nil {
		t.Fatal(err)
	}
	if n := h.one(`select count(*)::text from kitchen.line_changes`); n != "0" {
		t.Errorf("%s rows after the order was deleted, want none", n)
	}
}
