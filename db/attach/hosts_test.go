package attach_test

// own is the name of our own tables among the hosts.
const own = "our own"

// hosts is every template on its system's tables, and our own tables.
func hosts() []tables {
	const number = "%d"
	return []tables{{
		name: own, key: "'00000000-0000-4000-8000-%012d'", a: "'aaaaaaaa-0000-4000-8000-000000000000'", b: "'bbbbbbbb-0000-4000-8000-000000000000'", promises: 56,
		fill: `insert into restaurants (id, name) values ('aaaaaaaa-0000-4000-8000-000000000000', 'A'), ('bbbbbbbb-0000-4000-8000-000000000000', 'B');
			insert into users (id, restaurant_id, username) values ('00000000-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', 'ana');
			insert into tables (id, restaurant_id, label) values ('00000000-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', 'T1')`,
		of:   []part{{"orders", "id = $1"}, {"order_items", "order_id = $1"}, {"order_item_modifiers", "order_item_id in (select id from order_items where order_id = $1)"}},
		line: "order_items", status: [2]string{"status", "'ready'"}, note: "notes", keys: []string{"id", "restaurant_id"},
		seen: map[string]string{"status": "'ready'", "order_number": "4711", "order_type": "'delivery'", "priority": "3", "table_id": "'00000000-0000-4000-8000-000000000001'", "table_label": "'T9'",
			"created_by": "'00000000-0000-4000-8000-000000000001'", "created_by_name": "'Bo'", "customer_name": "'Ana'", "notes": "'x'", "allergy_note": "'nuts'", "promised_at": "now()",
			"created_at": "created_at - interval '1 second'", "completed_at": "now()", "cancelled_at": "now()"},
		say: map[string]string{
			"order":    `insert into orders (id, restaurant_id) values ($1, $2)`,
			"orders":   `insert into orders (id, restaurant_id) select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, (case when n < #3 then $A else $B end)::uuid from generate_series(#1, #2) n`,
			"line":     `insert into order_items (id, order_id, name) values ($1, $2, 'Soup')`,
			"lines":    `insert into order_items (id, order_id, name) select id, id, 'Soup' from (select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid as id from generate_series(#1, #2) n) n`,
			"more":     `update order_items set quantity = quantity + 1 where id = $1`,
			"give":     `update order_items set order_id = $2 where id = $1`,
			"remove":   `delete from order_items where id = $1`,
			"modifier": `insert into order_item_modifiers (id, order_item_id, name) values ($1, $2, 'hot')`,
			"change":   `update order_item_modifiers set quantity = quantity + 1 where id = $1`,
			"spare":    `delete from order_item_modifiers where id = $1`,
			"move":     `update orders set restaurant_id = $2 where id = $1`,
			"unseen":   `alter table orders add if not exists price numeric;; update orders set price = 3, updated_at = now(), external_id = 'x';; update menu_items set is_available = not is_available;; update users set created_at = now()`,
			"rename":   `update restaurants set name = name || 'x' where id = $1`,
			"ban":      `update users set is_active = not is_active where id = $1`,
		},
	}, {
		name: "django", key: number, a: "1", b: "2", promises: 56,
		of:   []part{{"orders_order", "id = $1"}, {"orders_orderitem", "order_id = $1"}, {"orders_orderitemmodifier", "order_item_id in (select id from orders_orderitem where order_id = $1)"}},
		line: "orders_orderitem", status: [2]string{"status", "'ready'"}, note: "notes", keys: []string{"id", "restaurant_id"},
		seen: map[string]string{"status": "'ready'", "order_number": "77", "order_type": "'delivery'", "priority": "2", "customer_name": "'x'", "notes": "'x'", "table_id": "1", "created_by_id": "1",
			"created_at": "now() - interval '1 day'", "completed_at": "now()"},
		say: map[string]string{
			"order":    order0 + ` values ($1, 1, 'dine_in', 'pending', 0, '', '', 0, now(), now(), $2)`,
			"orders":   order0 + ` select n, 1, 'dine_in', 'pending', 0, '', '', 0, now(), now(), case when n < #3 then $A else $B end from generate_series(#1, #2) n`,
			"line":     `insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) values ($1, 1, 1, '', 1, $2)`,
			"lines":    `insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) select n, 1, 1, '', 1, n from generate_series(#1, #2) n`,
			"more":     `update orders_orderitem set quantity = quantity + 1 where id = $1`,
			"give":     `update orders_orderitem set order_id = $2 where id = $1`,
			"remove":   `delete from orders_orderitem where id = $1`,
			"modifier": `insert into orders_orderitemmodifier (id, quantity, modifier_option_id, order_item_id) values ($1, 1, 1, $2)`,
			"change":   `update orders_orderitemmodifier set quantity = quantity + 1 where id = $1`,
			"spare":    `delete from orders_orderitemmodifier where id = $1`,
			"move":     `update orders_order set restaurant_id = $2 where id = $1`,
			"unseen": `update orders_order set total = total + 9, updated_at = now();; update orders_orderitem set unit_price = unit_price + 3;; update accounts_user set last_login = now();;
				update menu_menuitem set price = price + 4, is_available = not is_available;; insert into payments_payment (amount, order_id) values (1, $1);; delete from payments_payment;;
				insert into accounts_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined, role) values ('!', false, 'g', '', '', '', false, true, now(), 'customer')`,
			"rename": `update restaurants_restaurant set name = name || 'x' where id = $1`,
			"ban":    `update accounts_user set is_active = not is_active where id = $1`,
		},
	}, {
		name: "spree", key: number, a: "1", b: "2", promises: 52,
		of:   []part{{"spree_orders", "id = $1"}, {"spree_line_items", "order_id = $1"}},
		line: "spree_line_items", status: [2]string{"status", "'canceled'"}, note: "customer_note", keys: []string{"id", "store_id"},
		seen: map[string]string{"status": "'canceled'", "fulfillment_status": "'fulfilled'", "number": "'R777'", "email": "'x'", "customer_note": "'x'", "completed_at": "now() - interval '1 hour'"},
		say: map[string]string{
			"order":  `insert into spree_orders (id, number, status, fulfillment_status, completed_at, email, store_id) values ($1, 'R' || $1, 'placed', 'unfulfilled', now(), 'a@example.org', $2)`,
			"orders": `insert into spree_orders (id, number, status, fulfillment_status, completed_at, store_id) select n, 'R' || n, 'placed', 'unfulfilled', now(), case when n < #3 then $A else $B end from generate_series(#1, #2) n`,
			"line":   `insert into spree_line_items (id, order_id, variant_id, quantity, price) values ($1, $2, 1, 1, 1)`,
			"lines":  `insert into spree_line_items (id, order_id, variant_id, quantity, price) select n, n, 1, 1, 1 from generate_series(#1, #2) n`,
			"more":   `update spree_line_items set quantity = quantity + 1 where id = $1`,
			"give":   `update spree_line_items set order_id = $2 where id = $1`,
			"remove": `delete from spree_line_items where id = $1`,
			"move":   `update spree_orders set store_id = $2 where id = $1`,
			"unseen": `update spree_orders set total = total + 9, payment_total = 3, payment_status = 'paid', updated_at = now();; update spree_line_items set price = price + 1, updated_at = now();;
				update spree_admin_users set sign_in_count = sign_in_count + 1;; insert into spree_orders (id, number, store_id) values (8, 'R8', $A);; insert into spree_line_items (id, order_id, variant_id, quantity, price) values (80, 8, 1, 1, 1)`,
			"rename": `update spree_stores set name = name || 'x' where id = $1`,
			"ban":    `update spree_admin_users set deleted_at = case when deleted_at is null then now() end where id = $1`,
		},
		cannot: noModifiers("what a Spree line is made with are the options of its variant, which many orders share"),
	}, {
		name: "openfoodnetwork", key: number, a: "1", b: "2", promises: 52,
		of:   []part{{"spree_orders", "id = $1"}, {"spree_line_items", "order_id = $1"}},
		line: "spree_line_items", status: [2]string{"state", "'canceled'"}, note: "special_instructions", keys: []string{"id", "distributor_id"},
		seen: map[string]string{"state": "'canceled'", "shipment_state": "'shipped'", "number": "'R777'", "email": "'x'", "special_instructions": "'x'", "created_by_id": "2", "completed_at": "now() - interval '1 hour'"},
		say: map[string]string{
			"order":  `insert into spree_orders (id, number, state, completed_at, shipment_state, email, distributor_id) values ($1, 'R' || $1, 'complete', now(), 'pending', 'a@example.org', $2)`,
			"orders": `insert into spree_orders (id, number, state, completed_at, shipment_state, distributor_id) select n, 'R' || n, 'complete', now(), 'pending', case when n < #3 then $A else $B end from generate_series(#1, #2) n`,
			"line":   `insert into spree_line_items (id, order_id, variant_id, quantity, price) values ($1, $2, 1, 1, 1)`,
			"lines":  `insert into spree_line_items (id, order_id, variant_id, quantity, price) select n, n, 1, 1, 1 from generate_series(#1, #2) n`,
			"more":   `update spree_line_items set quantity = quantity + 1 where id = $1`,
			"give":   `update spree_line_items set order_id = $2 where id = $1`,
			"remove": `delete from spree_line_items where id = $1`,
			"move":   `update spree_orders set distributor_id = $2 where id = $1`,
			"unseen": `update spree_orders set total = total + 9, payment_total = 3, payment_state = 'paid', updated_at = now();; update spree_line_items set price = price + 1, max_quantity = 7;;
				update spree_users set last_request_at = now();; insert into spree_orders (id, number, state, distributor_id) values (8, 'R8', 'cart', $A);; insert into spree_line_items (id, order_id, variant_id, quantity, price) values (80, 8, 1, 1, 1)`,
			"rename": `update enterprises set name = name || 'x' where id = $1`,
			"ban":    `update spree_users set disabled_at = case when disabled_at is null then now() end where id = $1`,
		},
		cannot: noModifiers("Open Food Network sells products as they are"),
	}, {
		name: "coopcycle", key: number, a: "1", b: "2", promises: 56,
		of: []part{{"sylius_order", "id = $1"}, {"sylius_order_vendor", "order_id = $1"}, {"sylius_order_timeline", "order_id = $1"}, {"sylius_order_item", "order_id = $1"},
			{"sylius_adjustment", "order_item_id in (select id from sylius_order_item where order_id = $1)"}},
		line: "sylius_order_item", status: [2]string{"state", "'ready'"}, note: "notes", keys: []string{"id"},
		seen: map[string]string{"state": "'ready'", "number": "'A777'", "notes": "'x'", "takeaway": "true", "checkout_completed_at": "now()", "created_at": "now() - interval '1 hour'", "updated_at": "now()", "customer_id": "1"},
		say: map[string]string{
			"order": `insert into sylius_order (id, state, number) values ($1, 'new', 'A' || $1); insert into sylius_order_vendor values ($1, $2, 0, 0);
				insert into sylius_order_timeline (order_id, pickup_expected_at, preparation_expected_at, preparation_time) values ($1, now(), now(), '5')`,
			"orders": `with o as (insert into sylius_order (id, state, number) select n, 'new', 'A' || n from generate_series(#1, #2) n returning id)
				insert into sylius_order_vendor select id, case when id < #3 then $A else $B end, 0, 0 from o`,
			"line":     `insert into sylius_order_item (id, order_id, variant_id, quantity, unit_price) values ($1, $2, 1, 1, 1)`,
			"lines":    `insert into sylius_order_item (id, order_id, variant_id, quantity, unit_price) select n, n, 1, 1, 1 from generate_series(#1, #2) n`,
			"more":     `update sylius_order_item set quantity = quantity + 1 where id = $1`,
			"give":     `update sylius_order_item set order_id = $2 where id = $1`,
			"remove":   `delete from sylius_order_item where id = $1`,
			"modifier": `insert into sylius_adjustment (id, order_item_id, type, label, amount) values ($1, $2, 'menu_item_modifier', 'Œuf', 1)`,
			"change":   `update sylius_adjustment set label = label || 'x' where id = $1`,
			"spare":    `delete from sylius_adjustment where id = $1`,
			"move":     `update sylius_order_vendor set restaurant_id = $2 where order_id = $1`,
			"unseen": `update sylius_order set total = total + 9, items_total = 9, shipping_time_range = '[2030-01-01,2030-01-02)';; update sylius_order_vendor set transfer_amount = 3;; update sylius_order_item set unit_price = 5;;
				update api_user set last_login = now();; insert into sylius_adjustment (order_item_id, type, amount) values (10, 'tax', 1)`,
			"rename": `update restaurant set name = name || 'x' where id = $1`,
			"ban":    `update api_user set enabled = not enabled where id = $1`,
		},
	}, {
		name: "odoo-pos", key: number, a: "1", b: "2", promises: 52,
		of:   []part{{"pos_order", "id = $1"}, {"pos_order_line", "order_id = $1"}, {"pos_prep_order", "pos_order_id = $1"}, {"pos_prep_line", "prep_order_id in (select id from pos_prep_order where pos_order_id = $1)"}},
		line: "pos_prep_line", status: [2]string{"state", "'cancel'"}, note: "general_customer_note", keys: []string{"id", "config_id"},
		seen: map[string]string{"state": "'cancel'", "tracking_number": "'777'", "pos_reference": "'778'", "table_id": "1", "user_id": "1", "floating_order_name": "'x'", "general_customer_note": "'x'", "internal_note": "'[{\"text\":\"x\"}]'", "preset_time": "now()", "date_order": "now() - interval '1 hour'"},
		say: map[string]string{
			"order": `insert into pos_order (id, pos_reference, state, config_id, date_order) values ($1, $1, 'draft', $2, now()); insert into pos_prep_order (id, pos_order_id) values ($1, $1)`,
			"orders": `with o as (insert into pos_order (id, pos_reference, state, config_id, date_order) select n, n, 'draft', case when n < #3 then $A else $B end, now() from generate_series(#1, #2) n returning id)
				insert into pos_prep_order (id, pos_order_id) select id, id from o`,
			"line": `insert into pos_order_line (id, order_id, product_id, full_product_name, qty) values ($1, $2, 11, 'Fries', 1);
				insert into pos_prep_line (id, prep_order_id, pos_order_line_id, quantity) values ($1, $2, $1, 1)`,
			"lines":  `insert into pos_prep_line (id, prep_order_id, quantity) select n, n, 1 from generate_series(#1, #2) n`,
			"more":   `update pos_prep_line set quantity = quantity + 1 where id = $1`,
			"give":   `update pos_prep_line set prep_order_id = $2 where id = $1`,
			"remove": `delete from pos_prep_line where id = $1`,
			"move":   `update pos_order set config_id = $2 where id = $1`,
			"unseen": `update pos_order set amount_total = amount_total + 9, amount_paid = amount_total, write_date = now();; update pos_order_line set price_unit = coalesce(price_unit, 0) + 1, write_date = now();;
				update res_users set write_date = now();; insert into pos_order (id, state, config_id) values (8, 'draft', $A);; insert into pos_order_line (id, order_id, product_id) values (80, 8, 11)`,
			"rename": `update pos_config set name = name || 'x' where id = $1`,
			"ban":    `update res_users set active = not active where id = $1`,
		},
		cannot: noModifiers("Odoo writes the attributes of a line into its name"),
	}, {
		name: "oscar", key: number, a: "1", b: "2", promises: 56,
		of:   []part{{"order_order", "id = $1"}, {"order_line", "order_id = $1"}, {"order_lineattribute", "line_id in (select id from order_line where order_id = $1)"}},
		line: "order_line", status: [2]string{"status", "'Cancelled'"}, note: "guest_email", keys: []string{"id"},
		seen: map[string]string{"status": "'Cancelled'", "number": "'777'", "guest_email": "'x'", "date_placed": "now() - interval '1 hour'", "user_id": "1"},
		say: map[string]string{
			"order": `insert into order_order (id, number, status, guest_email, date_placed) values ($1, $1, 'Pending', '', now()); insert into order_line (id, title, quantity, order_id, partner_id) values (-$1, 'Soup', 1, $1, $2)`,
			"orders": `with o as (insert into order_order (id, number, status, guest_email, date_placed) select n, n, 'Pending', '', now() from generate_series(#1, #2) n returning id)
				insert into order_line (id, title, quantity, order_id, partner_id) select -id, 'Soup', 1, id, case when id < #3 then $A else $B end from o`,
			"line":     `insert into order_line (id, title, quantity, order_id, partner_id) values ($1, 'Cake', 1, $2, null)`,
			"lines":    `insert into order_line (id, title, quantity, order_id) select n, 'Cake', 1, n from generate_series(#1, #2) n`,
			"more":     `update order_line set quantity = quantity + 1 where id = $1`,
			"give":     `update order_line set order_id = $2 where id = $1`,
			"remove":   `delete from order_line where id = $1`,
			"modifier": `insert into order_lineattribute (id, type, value, line_id) values ($1, 'Milk', '"oat"', $2)`,
			"change":   `update order_lineattribute set value = '"soy"' where id = $1`,
			"spare":    `delete from order_lineattribute where id = $1`,
			"move":     `update order_line set partner_id = $2 where order_id = $1 and id < 0`,
			"unseen":   `update order_order set total_incl_tax = total_incl_tax + 9, currency = 'EUR';; update order_line set status = status || 'x', line_price_incl_tax = 2;; update auth_user set last_login = now()`,
			"rename":   `update partner_partner set name = name || 'x' where id = $1`,
			"ban":      `update auth_user set is_active = not is_active where id = $1`,
		},
	}, {
		name: "vendure", key: number, a: "2", b: "3", promises: 52,
		of:   []part{{`"order"`, "id = $1"}, {"order_channels_channel", `"orderId" = $1`}, {"order_line", `"orderId" = $1`}},
		line: "order_line", status: [2]string{"state", "'Shipped'"}, note: "code", keys: []string{"id"},
		seen: map[string]string{"state": "'Shipped'", "active": "true", "code": "'x'", "orderPlacedAt": "now() - interval '1 hour'", "customerId": "1"},
		say: map[string]string{
			"order": `insert into "order" (id, code, state, active, "orderPlacedAt") values ($1, $1, 'PaymentSettled', false, now()); insert into order_channels_channel values ($1, 1), ($1, $2)`,
			"orders": `with o as (insert into "order" (id, code, state, active, "orderPlacedAt") select n, n, 'PaymentSettled', false, now() from generate_series(#1, #2) n returning id)
				insert into order_channels_channel select id, case when id < #3 then $A else $B end from o`,
			"line":   `insert into order_line (id, quantity, "productVariantId", "orderId") values ($1, 1, 1, $2)`,
			"lines":  `insert into order_line (id, quantity, "productVariantId", "orderId") select n, 1, 1, n from generate_series(#1, #2) n`,
			"more":   `update order_line set quantity = quantity + 1 where id = $1`,
			"give":   `update order_line set "orderId" = $2 where id = $1`,
			"remove": `delete from order_line where id = $1`,
			"move":   `update order_channels_channel set "channelId" = $2 where "orderId" = $1 and "channelId" <> 1`,
			"unseen": `update "order" set "subTotal" = "subTotal" + 9, "updatedAt" = now();; update order_line set "listPrice" = "listPrice" + 1;; update "user" set "lastLogin" = now();;
				insert into "order" (id, code, state) values (8, 'H', 'AddingItems');; insert into order_line (quantity, "orderId") values (1, 8)`,
			"rename": `update channel set code = code || 'x' where id = $1`,
			"ban":    `update "user" set "deletedAt" = case when "deletedAt" is null then now() end where id = $1`,
		},
		cannot: noModifiers("Vendure's lines have no modifiers but custom fields, which each shop names itself"),
	}}
}

const order0 = `insert into orders_order (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)`

func noModifiers(why string) map[string]string {
	return map[string]string{"modifier": why, "change": why, "spare": why}
}
