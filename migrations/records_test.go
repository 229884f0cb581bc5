package migrations_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// A writer that sends everything again on the next day moves the order to that day, where its old number may be taken.
func TestRetryOnTheNextDayGetsANumberOfThatDay(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		insert into orders (restaurant_id, external_id, created_at) values ($A, 'x', now() - interval '1 day');;
		insert into orders (restaurant_id) values ($A);;
		insert into orders (restaurant_id, external_id) values ($A, 'x') on conflict (restaurant_id, external_id)
		  do update set order_number = excluded.order_number, created_at = excluded.created_at`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`select count(distinct (business_day, order_number)) || ' of ' || count(*) from orders`); got != "2 of 2" {
		t.Errorf("different numbers: %s", got)
	}
}

func TestNamesThatNobodySeesAreNone(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into orders (id, restaurant_id) values ($A, $A);; insert into order_items (id, order_id, name) values ($A, $A, 'Soup')`); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"\u00a0", "\u200b", "\u3000\ufeff", " \u2060\n", "\u2009\u202f", "\u00ad"} {
		if err := h.do(`insert into order_items (order_id, name) values ($A, '` + name + `')`); err == nil {
			t.Errorf("a line is called %q", name)
		}
		if err := h.do(`insert into order_item_modifiers (order_item_id, name) values ($A, '` + name + `')`); err == nil {
			t.Errorf("a modifier is called %q", name)
		}
		if err := h.do(`update order_items set name = '` + name + `'`); err == nil {
			t.Errorf("a line was renamed to %q", name)
		}
	}
	for _, name := range []string{"汤", "🍕", "é", "\u200bx"} {
		if err := h.do(`insert into order_items (order_id, name) values ($A, '` + name + `')`); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Of an order that was deleted and comes again under its id, displays know a version already.
func TestVersionsInHintsRiseWhenAnOrderComesAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into orders (id, restaurant_id) values ($A, $A);; delete from orders;; insert into orders (id, restaurant_id) values ($A, $A)`); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"version":1`, `"version":2`, `"version":3`} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		n, err := h.ear.WaitForNotification(ctx)
		cancel()
		if err != nil || !strings.Contains(n.Payload, want) {
			t.Fatalf("%v, %v: want %s", n, err, want)
		}
	}
}

func TestTimesOfLeavingAreSeenAndSensible(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into orders (restaurant_id) values ($A);; update orders set status = 'completed'`); err != nil {
		t.Fatal(err)
	}
	h.received()
	if err := h.do(`update orders set completed_at = completed_at - interval '5 minutes', preparing_at = now()`); err != nil {
		t.Fatal(err)
	}
	if got := h.received(); len(got) != 1 || got[0] != "A order_updated" {
		t.Errorf("received %q", got)
	}
	for _, column := range []string{"completed_at", "cancelled_at"} {
		if err := h.do(`update orders set ` + column + ` = 'infinity'`); err == nil || !strings.Contains(err.Error(), "orders_times_sensible") {
			t.Errorf("%s: %v", column, err)
		}
	}
}

// The version of an order does not fall as long as there is the order.
func TestTidyingLowersNoVersion(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		insert into kitchen.settings (restaurant_id, recall_window) values ($A, '7 days');;
		insert into orders (id, restaurant_id) values ($A, $A);; update orders set status = 'completed', completed_at = now() - interval '3 days';;
		insert into orders (id, restaurant_id) values ($B, $B);; update orders set status = 'completed', completed_at = now() - interval '3 days' where id = $B;;
		update kitchen.order_changes set changed_at = changed_at - interval '2 days';; select kitchen.tidy_order_changes(100)`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`select string_agg(o.status || coalesce(v.version, 0), ' ' order by v.version) from orders o left join kitchen.order_versions v on v.order_id = o.id`); got != "completed2 completed2" {
		t.Errorf("versions: %s", got)
	}
}

// Deletions and moves of what a ticket names go through, and the ticket stays as it was.
func TestTicketsAreRecords(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		insert into orders (restaurant_id, table_id, created_by) values ($A, $TABLE, $USER);;
		insert into order_items (order_id, menu_item_id, quantity) select id, $ITEM, 1.5 from orders;;
		insert into order_item_modifiers (order_item_id, modifier_option_id) select id, $OPTION from order_items`); err != nil {
		t.Fatal(err)
	}
	ticket := func() string {
		return h.one(`select concat_ws(' ', o.table_label, o.created_by_name, i.name, i.quantity, m.name, v.version)
			from kitchen.orders o join kitchen.order_versions v on v.order_id = o.id join kitchen.lines i on i.order_id = o.id join kitchen.modifiers m on m.line_id = i.id`)
	}
	before := ticket()
	if before != "T1 ana Soup 1.5 No onion 3" {
		t.Errorf("the ticket is %q", before)
	}
	for _, sql := range []string{
		`update users set restaurant_id = $B where id = $USER`, `delete from users where id = $USER`, `delete from tables where id = $TABLE`,
		`delete from menu_items where id = $ITEM`, `delete from modifier_options where id = $OPTION`,
		`update orders set status = status, table_id = table_id, created_by = created_by`, // an ORM that writes back what it has read
	} {
		if err := h.do(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
		if after := ticket(); after != before {
			t.Errorf("after %s the ticket is %q, and was %q", sql, after, before)
		}
	}
	for _, name := range []string{"", "  ", "\t"} {
		if err := h.do(`insert into order_items (order_id, name) select id, '` + name + `' from orders`); err == nil {
			t.Errorf("a line is called %q", name)
		}
	}
	if err := h.do(`delete from restaurants where id = $A`); err != nil {
		t.Error(err)
	}
}
