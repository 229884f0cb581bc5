package migrations_test

import (
	"strings"
	"testing"
)

// A program that knows the tables only from the catalog writes every column back, and puts rows of a copy back where they were: it is
// refused nothing, and what it did not change is announced to nobody.
func TestWholeRowsMayBeWrittenBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.order("meat", "fried")
	if err := h.do(`insert into order_item_modifiers (order_item_id, name) select id, 'rare' from order_items limit 1;; update orders set status = 'preparing'`); err != nil {
		t.Fatal(err)
	}
	h.received()
	version := h.one(`select version::text from kitchen.order_versions where order_id = $1`, id)
	for _, table := range []string{"orders", "order_items", "order_item_modifiers"} {
		columns := h.one(`select string_agg(quote_ident(column_name), ', ') from information_schema.columns where table_schema = 'public' and table_name = $1`, table)
		if err := h.do(`update ` + table + ` t set (` + columns + `) = (select ` + columns + ` from ` + table + ` same where same.id = t.id)`); err != nil {
			t.Errorf("every column of %s: %v", table, err)
		}
	}
	if received := strings.Join(h.received(), ", "); received != "" {
		t.Errorf("whole rows written back as they were: received %s", received)
	}
	if after := h.one(`select version::text from kitchen.order_versions where order_id = $1`, id); after != version {
		t.Errorf("version %s after whole rows were written back, before %s", after, version)
	}

	if err := h.do(`
		begin; create temp table kept_orders on commit drop as select * from orders; create temp table kept_items on commit drop as select * from order_items;
		delete from orders; insert into orders select * from kept_orders; insert into order_items select * from kept_items; commit`); err != nil {
		t.Fatal("rows of a copy put back:", err)
	}
	if lines := h.one(`select count(*)::text from kitchen.lines l join kitchen.orders o on o.id = l.order_id where o.open`); lines != "2" {
		t.Errorf("%s lines of open orders after their rows were put back, want 2", lines)
	}
}
