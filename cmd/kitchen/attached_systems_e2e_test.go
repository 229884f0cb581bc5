package main

import (
	"fmt"
	"strings"
	"testing"

	"kitchen/db/order"
)

// written is what a system does with an order 900, and what a display of its restaurant is sent for it: nothing, where shown is empty.
type written struct{ sql, shown string }

// systems is how each system of a template writes an order of its own, in its own words, until it is placed, and then changes it; what its
// tables say once a display has moved it on; and how the system itself ends another one.
var systems = map[string]struct {
	restaurant, elsewhere string
	writes                []written
	word                  string    // the host's word for the status of order 900
	words                 [3]string // of preparing, ready and completed
	ends                  written   // order 1
	beside                written   // order 2, of the restaurant elsewhere
}{
	"django": {
		restaurant: "1", elsewhere: "2",
		writes: []written{
			{`with o as (insert into orders_order (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id, table_id, created_by_id)
			    values (900, 57, 'dine_in', 'confirmed', 1, 'Zoë', 'no salt', 0, now(), now(), 1, 1, 1) returning id),
			  i as (insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) select 901, 2, 1, '', 1, id from o returning id)
			  insert into orders_orderitemmodifier (quantity, modifier_option_id, order_item_id) select 1, 1, id from i`,
				"order_created #57 pending dine_in, table T1, for Zoë, no salt: 2 x Margherita + no basil"},
			{`update orders_orderitem set quantity = 3 where id = 901`, "order_updated #57 pending dine_in, table T1, for Zoë, no salt: 3 x Margherita + no basil"},
			{`update orders_order set total = 9, updated_at = now() where id = 900; insert into payments_payment (amount, order_id) values (9, 900)`, ""},
		},
		word: `select status from orders_order where id = 900`, words: [3]string{"preparing", "ready", "served"},
		ends:   written{`update orders_order set status = 'cancelled' where id = 1`, "order_status_changed cancelled"},
		beside: written{`update orders_order set notes = 'x' where id = 2`, "order_updated #1 preparing takeaway, for Nikos, x: 1 x Souvlaki + no onion"},
	},
	"spree": {
		restaurant: "1", elsewhere: "2",
		writes: []written{
			{`insert into spree_orders (id, number, store_id) values (900, 'R900', 1); insert into spree_line_items (id, order_id, variant_id, quantity, price) values (901, 900, 1, 2, 3)`, ""},
			{`update spree_orders set status = 'placed', fulfillment_status = 'unfulfilled', completed_at = now(), email = 'zoe@example.org', customer_note = 'no salt' where id = 900`,
				"order_created #900 pending takeaway, for zoe@example.org, no salt: 2 x Pizza + Large"},
			{`insert into spree_line_items (id, order_id, variant_id, quantity, price) values (902, 900, 2, 1, 4)`,
				"order_updated #900 pending takeaway, for zoe@example.org, no salt: 2 x Pizza + Large; 1 x Tea + Hot"},
			{`update spree_orders set payment_status = 'paid', payment_total = 10, updated_at = now() where id = 900`, ""},
		},
		word: `select status from kitchen.progress where order_id = 900`, words: [3]string{"preparing", "ready", "completed"},
		ends:   written{`update spree_orders set fulfillment_status = 'fulfilled' where id = 1`, "order_status_changed completed"},
		beside: written{`update spree_line_items set quantity = 7 where order_id = 2`, "order_updated #100000002 pending takeaway, for b@example.org: 7 x Tea + Hot"},
	},
	"openfoodnetwork": {
		restaurant: "1", elsewhere: "2",
		writes: []written{
			{`insert into spree_orders (id, number, state, distributor_id) values (900, 'R900', 'cart', 1); insert into spree_line_items (id, order_id, variant_id, quantity, price, product_name, variant_name) values (901, 900, 1, 2, 3, 'Soup', 'large (1kg)')`, ""},
			{`update spree_orders set state = 'complete', shipment_state = 'pending', completed_at = now(), email = 'zoe@example.org', special_instructions = 'no salt' where id = 900`,
				"order_created #900 pending takeaway, for zoe@example.org, no salt: 2 x Soup, large (1kg)"},
			{`insert into spree_line_items (id, order_id, variant_id, quantity, price) values (902, 900, 2, 1, 4)`,
				"order_updated #900 pending takeaway, for zoe@example.org, no salt: 2 x Soup, large (1kg); 1 x Bread"},
			{`update spree_orders set payment_state = 'paid', payment_total = 10, updated_at = now() where id = 900`, ""},
		},
		word: `select status from kitchen.progress where order_id = 900`, words: [3]string{"preparing", "ready", "completed"},
		ends:   written{`update spree_orders set state = 'canceled' where id = 1`, "order_status_changed cancelled"},
		beside: written{`update spree_line_items set quantity = 7 where order_id = 2`, "order_updated #123456702 pending takeaway, for ben@example.org: 7 x Bread"},
	},
	"coopcycle": {
		restaurant: "1", elsewhere: "2",
		writes: []written{
			{`insert into sylius_order (id, state, customer_id, takeaway) values (900, 'cart', 1, true); insert into sylius_order_vendor values (900, 1, 0, 0);
			  insert into sylius_order_item (id, order_id, variant_id, quantity, unit_price) values (901, 900, 1, 2, 1); insert into sylius_adjustment (order_item_id, type, label, amount) values (901, 'menu_item_modifier', 'Œuf', 1)`, ""},
			{`update sylius_order set state = 'new', number = 'A900', notes = 'no salt', checkout_completed_at = now() where id = 900`, "order_created #900 pending takeaway, for Ana, no salt: 2 x Galette + Œuf"},
			{`update sylius_order_item set quantity = 3 where id = 901`, "order_updated #900 pending takeaway, for Ana, no salt: 3 x Galette + Œuf"},
			{`update sylius_order set total = 900, items_total = 900 where id = 900; insert into sylius_adjustment (order_item_id, type, label, amount) values (901, 'tax', 'TVA', 1)`, ""},
		},
		word: `select state from sylius_order where id = 900`, words: [3]string{"started", "ready", "fulfilled"},
		ends:   written{`update sylius_order set state = 'refused', updated_at = now() where id = 1`, "order_status_changed cancelled"},
		beside: written{`update sylius_order set notes = 'x' where id = 2`, "order_updated #2 preparing delivery, x: 1 x Ramen + Nori"},
	},
	"odoo-pos": {
		restaurant: "1", elsewhere: "2",
		writes: []written{
			{`insert into pos_order (id, pos_reference, tracking_number, state, config_id, table_id, user_id, date_order, general_customer_note, internal_note) values (900, '001-900', '900', 'draft', 1, 1, 1, now(), 'no salt', '[{"text":"window seat","colorIndex":1}]');
			  insert into pos_order_line (id, order_id, product_id, full_product_name, qty, note) values (901, 900, 11, 'Burger', 2, '[{"text":"rare","colorIndex":0},{"text":"a \"lot\" of it","colorIndex":2}]')`, ""},
			{`insert into pos_prep_order (id, pos_order_id) values (900, 900); insert into pos_prep_line (id, prep_order_id, pos_order_line_id, quantity, product_id) values (901, 900, 901, 2, 11)`,
				"order_created #900 pending dine_in, table 4, no salt, window seat: 2 x Burger (rare, a \"lot\" of it)"},
			{`update pos_prep_line set cancelled = 1 where id = 901`, "order_updated #900 pending dine_in, table 4, no salt, window seat: 1 x Burger (rare, a \"lot\" of it)"},
			{`update pos_order set amount_paid = 18, amount_total = 18, write_date = now() where id = 900; update pos_order_line set price_unit = 9 where id = 901`, ""},
			{`update pos_order set state = 'paid' where id = 900`, "order_updated #900 pending dine_in, table 4, no salt, window seat: 1 x Burger (rare, a \"lot\" of it)"},
		},
		word: `select status from kitchen.progress where order_id = 900`, words: [3]string{"preparing", "ready", "completed"},
		ends:   written{`update pos_order set state = 'cancel' where id = 1`, "order_status_changed cancelled"},
		beside: written{`update pos_order_line set note = 'cold' where id = 2`, "order_updated #201 pending dine_in, table 5: 1 x Beer (cold)"},
	},
	"oscar": {
		restaurant: "1", elsewhere: "2",
		writes: []written{
			{`insert into order_order (id, number, status, guest_email, date_placed, user_id) values (900, '900', 'Pending', '', now(), 1);
			  insert into order_line (id, title, quantity, order_id, partner_id) values (901, 'Cake', 2, 900, 1); insert into order_lineattribute (type, value, line_id) values ('Milk', '"oat"', 901)`,
				"order_created #900 pending takeaway, for Ada: 2 x Cake + Milk: oat"},
			{`update order_line set quantity = 3 where id = 901`, "order_updated #900 pending takeaway, for Ada: 3 x Cake + Milk: oat"},
			{`update order_order set total_incl_tax = 9 where id = 900; update order_line set line_price_incl_tax = 9, status = 'paid' where id = 901`, ""},
		},
		word: `select status from kitchen.progress where order_id = 900`, words: [3]string{"preparing", "ready", "completed"},
		ends:   written{`update order_order set status = 'Complete' where id = 1`, "order_status_changed completed"},
		beside: written{`update order_line set quantity = 7 where id = 2`, "order_updated #100002 pending takeaway, for bob: 7 x Tea + Milk: oat"},
	},
	"vendure": {
		restaurant: "2", elsewhere: "3",
		writes: []written{
			{`insert into "order" (id, code, state, "customerId") values (900, 'ABC', 'AddingItems', 1); insert into order_channels_channel values (900, 1), (900, 2); insert into order_line (id, quantity, "productVariantId", "orderId") values (901, 2, 1, 900)`, ""},
			{`update "order" set state = 'PaymentSettled', active = false, "orderPlacedAt" = now() where id = 900`, "order_created #493 pending takeaway, for Ana, ABC: 2 x Soup"},
			{`update order_line set quantity = 3 where id = 901`, "order_updated #493 pending takeaway, for Ana, ABC: 3 x Soup"},
			{`update "order" set "subTotal" = 9, "updatedAt" = now() where id = 900; update order_line set "listPrice" = 9 where id = 901`, ""},
		},
		word: `select status from kitchen.progress where order_id = 900`, words: [3]string{"preparing", "ready", "completed"},
		ends:   written{`update "order" set state = 'Shipped' where id = 1`, "order_status_changed completed"},
		beside: written{`update order_line set quantity = 7 where id = 2`, "order_updated #5964 pending takeaway, for Ben, BBBB: 7 x Tea"},
	},
}

// An order of each system that has a template, written and changed in the system's own way, is followed to a display, and a display's taps
// back into the system's tables, by a node with the rights that the walk in db/attach/README.md and the template's comments grant.
func TestAnOrderOfEverySystemReachesItsDisplayAndATapItsTables(t *testing.T) {
	t.Parallel()
	list, errs, code := kitchen(t, nil, "attach", "template", "--list")
	if code != 0 || len(strings.Split(strings.TrimSpace(list), "\n")) != len(systems) {
		t.Fatalf("%d systems are followed, and the templates are %d\n%s%s", len(systems), code, list, errs)
	}
	for line := range strings.Lines(list) {
		name := strings.Fields(line)[0]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, known := systems[name]
			if !known {
				t.Fatal("no order of this system is followed")
			}
			a := attachTemplate(t, name)
			node, _, token := a.serve(t, "1")
			join := func(restaurant, token string) *frames {
				f := &frames{t: t, conn: connect(t, node.socket(order.RestaurantID(restaurant)), token).Conn, restaurant: order.RestaurantID(restaurant)}
				if m := f.next(); m["type"] != "initial_queue" || m["live"] != true || len(m["orders"].([]any)) == 0 {
					t.Fatalf("the first queue: %v", m)
				}
				return f
			}
			shown := func(f *frames, w written) {
				t.Helper()
				a.exec(t, w.sql)
				if w.shown == "" {
					return // whatever it sent would come before what is awaited next
				}
				if got := describe(f.next()); got != w.shown {
					t.Errorf("%s\nshows  %s\nnot    %s", w.sql, got, w.shown)
				}
			}
			screen, cook := join(s.restaurant, token), join(s.restaurant, token)
			other, errs, code := kitchen(t, onDatabase(a.url), "token", "2")
			if code != 0 {
				t.Fatal(errs)
			}
			elsewhere := join(s.elsewhere, strings.TrimSpace(other))

			for _, w := range s.writes {
				shown(screen, w)
			}
			for i, status := range []string{"preparing", "ready", "completed"} {
				if m := cook.ask(fields{"type": "update_status", "order_id": "900", "status": status, "request_id": status}); m["type"] != "ack" || m["status"] != status {
					t.Errorf("a tap is answered %v", m)
				}
				if got := describe(screen.next()); got != "order_status_changed "+status {
					t.Errorf("%s is shown as %s", status, got)
				}
				var word string
				if err := a.pool.QueryRow(t.Context(), s.word).Scan(&word); err != nil || word != s.words[i] {
					t.Errorf("%s is %q to the host, want %q (%v)", status, word, s.words[i], err)
				}
			}
			if m := cook.ask(fields{"type": "list_recent", "request_id": "r"}); m["type"] != "recent_orders" || len(m["orders"].([]any)) != 1 || m["orders"].([]any)[0].(fields)["id"] != "900" {
				t.Errorf("the orders that left: %v", m)
			}
			if m := cook.ask(fields{"type": "update_status", "order_id": "900", "status": "ready", "request_id": "again"}); m["type"] != "ack" {
				t.Errorf("a recall is answered %v", m)
			}
			if m := screen.next(); m["type"] != "order_updated" || m["order"].(fields)["recalled"] != true {
				t.Errorf("a recall is shown as %v", m)
			}
			shown(screen, s.ends)
			shown(elsewhere, s.beside)
		})
	}
}

// describe is an event about an order, as a line to be read.
func describe(m fields) string {
	o, whole := m["order"].(fields)
	if !whole {
		return fmt.Sprint(m["type"], " ", m["status"])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v #%.0f %v %v", m["type"], o["order_number"], o["status"], o["order_type"])
	if table, has := o["table"].(fields); has {
		fmt.Fprintf(&b, ", table %v", table["label"])
	}
	if o["customer_name"] != "" {
		fmt.Fprintf(&b, ", for %v", o["customer_name"])
	}
	if o["notes"] != "" {
		fmt.Fprintf(&b, ", %v", o["notes"])
	}
	for i, item := range o["items"].([]any) {
		line := item.(fields)
		fmt.Fprintf(&b, "%s%v x %v", map[bool]string{true: ": ", false: "; "}[i == 0], line["quantity"], line["menu_item"].(fields)["name"])
		if line["notes"] != "" {
			fmt.Fprintf(&b, " (%v)", line["notes"])
		}
		for _, modifier := range line["modifiers"].([]any) {
			fmt.Fprintf(&b, " + %v", modifier.(fields)["modifier_option"].(fields)["name"])
		}
	}
	return b.String()
}
