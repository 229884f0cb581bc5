package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
	"kitchen/db/attach/guess"
	"kitchen/db/dbtest"
)

// What is guessed is a mapping that the check lets pass on tables with plain names, and says where it guessed.
func TestGuessIsAMappingForPlainTables(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"django": dbtest.Script(t, "testdata/django.sql"),
		"text keys, camel case, enum": `
			create type "OrderStatus" as enum ('PENDING_APPROVAL', 'PENDING', 'PREPARING', 'READY', 'SERVED', 'PAID', 'CANCELLED');
			create table branches (id text primary key, name text not null);
			create table users (id text primary key, email text not null, role text not null, "branchId" text not null references branches);
			create table products (id text primary key, name text not null, "branchId" text not null references branches);
			create table orders (id text primary key, "orderNumber" text not null, status "OrderStatus" not null, notes text, "branchId" text not null references branches, "createdAt" timestamp(3) not null default now());
			create index on orders ("branchId", status);
			create table order_items (id text primary key, quantity int not null, "orderId" text not null references orders, "productId" text not null references products);
			create index on order_items ("orderId");
			insert into branches values ('b1', 'North'), ('b2', 'South'); insert into users values ('u1', 'a@example.org', 'KITCHEN', 'b1'); insert into products values ('p1', 'Soup', 'b1'), ('p2', 'Tea', 'b2');
			insert into orders values ('o1', 'A-1', 'PENDING', null, 'b1'), ('o2', 'A-2', 'READY', 'x', 'b2'); insert into order_items values ('i1', 1, 'o1', 'p1'), ('i2', 2, 'o2', 'p2')`,
		"one restaurant, no users": `
			create table "order" (id serial primary key, state text not null, created_at timestamptz not null default now());
			create table order_line (id serial primary key, order_id int references "order", qty int, title text);
			create index on order_line (order_id);
			insert into "order" (state) values ('new'), ('cooking'), ('done'), ('cart'); insert into order_line (order_id, qty, title) values (1, 1, 'Soup'), (2, 2, 'Tea')`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := bare(t, sql)
			guessed, err := guess.Mapping(t.Context(), h.conn)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(guessed, "GUESS") {
				t.Error("it does not say where it guessed")
			}
			report := h.check(parse(t, "guessed.sql", guessed))
			if report.Worst() == attach.Wrong {
				t.Errorf("%s\n%s", text(report), guessed)
			}
		})
	}
}

func TestGuessSaysThatThereAreNoOrders(t *testing.T) {
	t.Parallel()
	h := bare(t, `create table plants (id serial primary key, name text)`)
	if _, err := guess.Mapping(t.Context(), h.conn); err == nil || !strings.Contains(err.Error(), "no table") {
		t.Errorf("a database without orders is guessed with %v, want an error that says so", err)
	}
}

// Systems that have no template: what is guessed from their tables, edited as its comments ask for, is proved, installed, told of changes and taken away again.
func TestGuessOnSystemsWithoutATemplate(t *testing.T) {
	t.Parallel()
	five := []string{"when 0 then null", "when 0 then 'pending'", "when 1 then null", "when 1 then 'preparing'", "when 2 then null", "when 2 then 'ready'",
		"when 3 then null", "when 3 then 'completed'", "when 4 then null", "when 4 then 'cancelled'", "o.status in (0) as open", "o.status in (0, 1, 2) as open", "when 'completed' then null", "when 'completed' then 3"}
	for _, c := range []struct {
		name  string
		says  []string // what the guess must get right by itself
		edits []string // old and new, by turns
		sql   string
		want  string
		rows  [2]string // a table with lines, and those of that order
	}{
		{"bagisto", []string{"from admins u", "o.increment_id", "i.qty_ordered as quantity", "o.customer_first_name"}, nil,
			`update order_items set name = 'Broth' where id = 1`, "1 order_updated 1", [2]string{`order_items`, `order_id = 1`}},
		{"composite", []string{`(o.store_id || '-' || o.order_no || '-' || (o.business_date - date '2000-01-01')) as id`, "when 'cook' then 'kitchen'"},
			append(five, "when 'pending' then null", "when 'pending' then 0"),
			`set datestyle = german; update order_line set qty = 2 where order_no = 1; reset datestyle`, "2 order_updated 2-1-9828", [2]string{`order_line`, `order_no = 1`}},
		{"django-json", []string{"join core_orderrestaurant b on b.order_id = o.id", "i.line ->> 'qty'", "when 'chef' then 'kitchen'", "not in ('cart')"}, nil,
			`update core_order set items = '[{"name":"Broth","qty":1}]' where id = 2`, "1 order_updated 2", [2]string{`core_order`, `id = 2`}},
		{"floreant", []string{"when o.voided then 'cancelled'", "o.owner_id as created_by"}, nil,
			`update ticket_item set item_name = 'Broth' where ticket_id = 2`, "1 order_updated 2", [2]string{`ticket_item`, `ticket_id = 2`}},
		{"idempiere", []string{"o.c_order_id::bigint as id", "a row of adempiere.ad_org", "case o.docstatus", "o.created at time zone 'UTC' as created_at", "u.isactive = 'Y'"},
			[]string{"when 'CL' then null", "when 'CL' then 'completed'", "when 'CO' then null", "when 'CO' then 'pending'", "when 'DR' then null", "when 'DR' then 'cancelled'", "when 'IP' then null", "when 'IP' then 'preparing'",
				"when 'VO' then null", "when 'VO' then 'cancelled'", "o.docstatus in ('pending')", "o.docstatus in ('CO', 'IP')", "when 'completed' then null", "when 'completed' then 'CL'"},
			`update adempiere.c_orderline set qtyordered = 2 where c_order_id = 101`, "12 order_updated 101", [2]string{`adempiere.c_orderline`, `c_order_id = 101`}},
		{"medusa", []string{"left join order_line_item m", "o.display_id as order_number", "i.deleted_at is null", "when 'archived' then 'completed'"}, nil,
			`update order_line_item set title = 'Huge' where id = 'ordli_01'`, "sc_01 order_updated order_01", [2]string{`order_item`, `order_id = 'order_01'`}},
		{"ofbiz", []string{"(i.order_id || '-' || i.order_item_seq_id) as id", "when 'ORDER_SENT' then 'pending' -- Sent", "o.order_date as created_at", "when 'pending' then 'ORDER_CREATED'"},
			[]string{"when 'ORDER_HOLD' then null", "when 'ORDER_HOLD' then 'pending'"},
			`update order_item set quantity = 2 where order_id = 'WSCO1' and order_item_seq_id = '00001'`, "9100 order_updated WSCO1", [2]string{`order_item`, `order_id = 'WSCO1'`}},
		{"payload", []string{"i._parent_id as order_id", "i._order as position", "then 'kitchen'", "d.parent_id = m.id"}, nil,
			`update orders_items_extras set label = 'No salt' where _parent_id = 'it1'`, "2 order_updated 1", [2]string{`orders_items`, `_parent_id = 1`}},
		{"pedidos", []string{"id alone tells the rows of pedidos apart", "order by h.created_at desc, h.id desc limit 1", "o.company_code as restaurant_id", "x.parent_id as line_id", "r.code as id", "when 'En preparación' then 'preparing'", "when 'cocinero' then 'kitchen'"}, nil,
			`insert into pedido_estados (pedido_id, estado, created_at) values (1, 'Entregado', '2026-11-28 13:00')`, "S order_updated 1", [2]string{`pedido_items`, `pedido_id = 1`}},
		{"phoenix", []string{"o.inserted_at at time zone 'UTC' as created_at", "array_to_string(i.modifiers, '; ')", "m.name::text as name", "array_to_string(o.comments, '; ')", "when 'Cook' then 'kitchen'"}, nil,
			`update order_items set modifiers = '{mild}' where order_id = md5('o1')::uuid`, "c81e728d-9d4c-2f63-6f06-7f89cc14862c order_updated ", [2]string{`order_items`, `order_id = md5('o1')::uuid`}},
		{"pretix", []string{"from pretixbase_orderposition i", "i.canceled is not true", "left join pretixbase_itemcategory c", "m.name"},
			[]string{"when 'c' then null", "when 'c' then 'cancelled'", "when 'e' then null", "when 'e' then 'cancelled'", "when 'n' then null", "when 'n' then 'pending'",
				"when 'p' then null", "when 'p' then 'preparing'", "o.status in ('pending') as open", "o.status in ('n', 'p') as open", "when 'completed' then null", "when 'completed' then 'c'"},
			`update pretixbase_orderposition set canceled = true where id = 2`, "1 order_updated 1", [2]string{`pretixbase_orderposition`, `order_id = 1`}},
		{"prisma", []string{`m."userId" = u.id`, "when 'CHEF' then 'kitchen'", `o."isDeleted" is not true`, `"Table" t`, `x."nameSnapshot" as name`}, nil,
			`update "OrderItem" set quantity = 3 where "orderId" = 'clo2'`, "clr1 order_updated clo2", [2]string{`"OrderItem"`, `"orderId" = 'clo2'`}},
		{"rails", []string{"names that PostgreSQL does not know", "i.product_name as name", "(select p.shop_id from categories p"}, five,
			`update order_item_modifiers set modifier_name = 'Mild' where id = 1`, "2 order_updated 1", [2]string{`order_items`, `order_id = 1`}},
		{"saleor", []string{"channel_channel", "u.is_staff", "when 'partially fulfilled' then 'preparing'", "not in ('draft', 'unconfirmed')"}, nil,
			`update order_orderline set quantity = 3 where order_id = (select id from order_order where number = 8)`, "1 order_updated ", [2]string{`order_orderline`, `order_id = (select id from order_order where number = 8)`}},
		{"solidus", []string{"left join spree_variants v", "left join spree_products m", "not in ('cart', 'payment')", "o.special_instructions"},
			[]string{"when 'complete' then 'completed'", "when 'complete' then case o.shipment_state when 'shipped' then 'completed' else 'pending' end",
				"o.state in ('pending') as open", "o.state = 'complete' and o.shipment_state is distinct from 'shipped' as open",
				"set state = case", "set shipment_state = case", "when 'completed' then 'complete'", "when 'completed' then 'shipped'"},
			`update spree_orders set shipment_state = 'shipped' where id = 1`, "1 order_updated 1", [2]string{`spree_line_items`, `order_id = 1`}},
		{"strapi", []string{"join order_items_order_links k on k.order_item_id = i.id", "d.dish_id as menu_item_id", "from up_users u", "up_users_restaurant_links m", "u.blocked is not true", "then 'kitchen'"}, nil,
			`update order_items set quantity = 2 where id = 1`, "2 order_updated 1", [2]string{`order_items_order_links`, `order_id = 1`}},
		{"tastyigniter", []string{"when 3 then 'preparing' -- Preparation", "r.location_id as id", "x.order_menu_id as line_id"}, nil,
			`update ti_order_menu_options set order_option_name = 'Mild' where order_id = 1`, "2 order_updated 1", [2]string{`ti_order_menus`, `order_id = 1`}},
		{"woocommerce", []string{"when 'wc-processing' then 'pending'", "i.order_item_name as name", "p.meta_key = '_qty'", "'dine_in' as order_type"}, []string{"when 'wc-on-hold' then null", "when 'wc-on-hold' then 'pending'", "in ('wc-pending',", "in ('wc-on-hold', 'wc-pending',"},
			`update wp_woocommerce_order_items set order_item_name = 'Broth' where order_id = 1 and order_item_type = 'line_item'`, "1 order_updated 1", [2]string{`wp_woocommerce_order_items`, `order_id = 1 and order_item_type = 'line_item'`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := fixture(t, "guess/"+c.name)
			before := h.dump()
			guessed, err := guess.Mapping(t.Context(), h.conn)
			if err != nil {
				t.Fatal(err)
			}
			for _, says := range c.says {
				if !strings.Contains(guessed, says) {
					t.Errorf("it does not say %q", says)
				}
			}
			for i := 0; i < len(c.edits); i += 2 {
				if !strings.Contains(guessed, c.edits[i]) {
					t.Errorf("there is no %q to edit", c.edits[i])
				}
				guessed = strings.Replace(guessed, c.edits[i], c.edits[i+1], 1)
			}
			m := parse(t, "guessed.sql", guessed)
			if report := h.check(m); report.Worst() == attach.Wrong {
				t.Fatalf("%s\n%s", text(report), guessed)
			}
			h.up(m)
			h.exec(c.sql)
			if received := h.received(); len(received) != 1 || !strings.HasPrefix(received[0], c.want) {
				t.Errorf("announced %q, want %q", received, c.want)
			}
			deleted, created := c.want, c.want
			if c.name == "django-json" { // whose lines are in the orders' own rows
				deleted, created = strings.Replace(c.want, "updated", "deleted", 1), strings.Replace(c.want, "updated", "created", 1)
			}
			h.copiesAndMerges(c.rows[0], c.rows[1], deleted, created)

			// The function that it proposes moves an order on, once its comments are off.
			_, function, _ := strings.Cut(guessed, "-- create function")
			h.exec("create function" + strings.ReplaceAll(function, "\n--", "\n"))
			h.exec(`select kitchen.set_status(id, 'completed') from kitchen.orders where open limit 1`)
			if received := h.received(); len(received) != 1 || !strings.Contains(received[0], "order_updated") {
				t.Errorf("set_status announced %q", received)
			}
			if errors := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); errors != "" {
				t.Errorf("trigger errors: %s", errors)
			}
			h.down()
			if h.dump() != before {
				t.Error("the schema differs after down")
			}
		})
	}
}

// A join table may give an order two restaurants for a moment: its writer is not disturbed, and the order is announced to one.
func TestAnOrderThatHasTwoRestaurantsForAMoment(t *testing.T) {
	t.Parallel()
	h := fixture(t, "guess/django-json")
	guessed, err := guess.Mapping(t.Context(), h.conn)
	if err != nil {
		t.Fatal(err)
	}
	h.up(parse(t, "guessed.sql", guessed))
	h.exec(`begin; insert into core_orderrestaurant (order_id, restaurant_id) values (2, 2), (8, 2); delete from core_orderrestaurant where order_id in (2, 8) and restaurant_id = 1; commit`)
	h.expect("two orders move by way of two restaurants", "1 order_deleted 2", "1 order_deleted 8", "1 order_updated 2", "1 order_updated 8", "2 order_created 2", "2 order_created 8")
	if errors := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); errors != "" {
		t.Errorf("trigger errors: %s", errors)
	}
}
