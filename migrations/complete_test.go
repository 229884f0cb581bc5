package migrations_test

import (
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // goose takes a database/sql driver
)

func TestBadInputSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := open(t)
	const nobody = "'00000000-0000-4000-8000-000000000009'"
	for sql, want := range map[string]string{
		`insert into orders (restaurant_id) values (` + nobody + `)`:                                                                                              "does not exist",
		`insert into orders (notes) values ('x')`:                                                                                                                 "restaurant_id",
		`insert into orders (restaurant_id, status) values ($A, 'burnt')`:                                                                                         "orders_status_known",
		`insert into orders (restaurant_id, table_id) values ($B, $TABLE)`:                                                                                        "orders_table_fkey",
		`insert into orders (restaurant_id, created_by) values ($B, $USER)`:                                                                                       "orders_created_by_fkey",
		`insert into orders (restaurant_id, promised_at) values ($A, 'infinity')`:                                                                                 "orders_times_sensible",
		`insert into orders (restaurant_id, created_at) values ($A, '10000-01-01')`:                                                                               "orders_times_sensible",
		`insert into order_items (order_id, name) values (` + nobody + `, 'x')`:                                                                                   "does not exist",
		`insert into orders (restaurant_id) values ($A);; insert into order_items (order_id) select id from orders`:                                               "menu_item_id or a name",
		`insert into orders (restaurant_id) values ($B);; insert into order_items (order_id, menu_item_id) select id, $ITEM from orders where restaurant_id = $B`: "does not exist in restaurant",
		`insert into restaurants (name, timezone) values ('x', 'Mars/Olympus')`:                                                                                   "not recognized",
		`insert into kitchen.settings (restaurant_id, late_after) values ($A, '1000 years')`:                                                                      "settings_times_sensible",
	} {
		if err := h.do(sql); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", sql, err, want)
		}
	}
}

func TestWhatAWriterLeavesOutIsCompleted(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		update menu_items set kitchen_name = 'SOUP';;
		insert into orders (restaurant_id, order_number, order_type, status, priority, customer_name, notes, allergy_note, created_at, updated_at)
		  values ($A, null, null, null, null, null, null, null, null, null);;
		insert into order_items (order_id, menu_item_id) select id, $ITEM from orders;;
		insert into order_items (order_id, name, quantity, notes) select id, 'Tea', null, null from orders;;
		insert into order_item_modifiers (order_item_id, modifier_option_id) select id, $OPTION from order_items where name = 'Tea';;
		update menu_items set name = 'Other', kitchen_name = 'OTHER';; update modifier_options set name = 'Other'`); err != nil {
		t.Fatal(err)
	}
	got := h.one(`
		select concat_ws(' ', o.order_number, o.order_type, o.status, o.priority, '[' || o.customer_name || o.notes || o.allergy_note || ']', (select v.version from kitchen.order_versions v where v.order_id = o.id),
		       (select string_agg(i.quantity || ' ' || i.name || coalesce(' ' || m.name, ''), ', ' order by i.position)
		          from order_items i left join order_item_modifiers m on m.order_item_id = i.id where i.restaurant_id = o.restaurant_id))
		  from orders o`)
	if want := "1 dine_in pending 0 [] 4 1 SOUP, 1 Tea No onion"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := h.one(`update orders set status = 'ready' returning (ready_at = now())::text || (preparing_at is null)`); got != "truetrue" {
		t.Errorf("the time at which it became ready: %s", got)
	}
}

// An ORM that writes back whole rows may have none of what the database gave.
func TestNullsInALineLeaveItAsItIs(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		insert into orders (restaurant_id) values ($A);;
		insert into order_items (order_id, name, position) select id, 'Tea', null from orders;;
		insert into order_items (order_id, name, position) select id, 'Cake', null from orders;;
		insert into order_item_modifiers (order_item_id, name, kind, position) select id, 'hot', 'add', null from order_items where name = 'Tea'`); err != nil {
		t.Fatal(err)
	}
	const look = `select string_agg(concat_ws(' ', i.id, i.name, i.quantity, i.position, i.held, m.id, m.name, m.kind, m.quantity, m.position), ', ' order by i.position)
	                from order_items i left join order_item_modifiers m on m.order_item_id = i.id`
	was := h.one(look)
	if tea, cake := strings.Index(was, "Tea"), strings.Index(was, "Cake"); tea < 0 || cake < tea {
		t.Errorf("lines are not in the order in which they were written: %s", was)
	}
	if err := h.do(`
		update order_items set id = null, restaurant_id = null, name = null, quantity = null, notes = null, position = null, held = null;;
		update order_item_modifiers set id = null, restaurant_id = null, name = null, quantity = null, position = null`); err != nil {
		t.Fatal(err)
	}
	if is := h.one(look); is != was {
		t.Errorf("got %s, want %s", is, was)
	}
}
