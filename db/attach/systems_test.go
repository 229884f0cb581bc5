package attach_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kitchen/db/attach"
	"kitchen/db/dbtest"
)

type step struct {
	name, sql string
	want      []string
}

// systems is each template on the real table definitions of its system, with what must be announced: a new order with lines in one
// transaction, a cart that is placed, lines, moves, deletion, and what no kitchen sees.
var systems = map[string][]step{
	"openfoodnetwork": {
		{"a cart and its lines", `insert into spree_orders (id, number, state, distributor_id) values (9, 'R9', 'cart', 1); insert into spree_line_items (id, order_id, variant_id, quantity, price) values (90, 9, 1, 1, 1)`, nil},
		{"is placed", `update spree_orders set state = 'complete', completed_at = now(), shipment_state = 'pending' where id = 9`, []string{"1 order_created 9"}},
		{"a line", `update spree_line_items set quantity = 3 where id = 90`, []string{"1 order_updated 9"}},
		{"payments", `update spree_orders set payment_total = 3, payment_state = 'paid', updated_at = now(); update spree_users set last_request_at = now()`, nil},
		{"shipped", `update spree_orders set shipment_state = 'shipped' where id = 9`, []string{"1 order_updated 9"}},
		{"moved", `update spree_orders set distributor_id = 2 where id = 9`, []string{"1 order_deleted 9", "2 order_created 9"}},
		{"a product's name", `update spree_products set name = 'Broth' where id = 1`, []string{"1 queue_changed", "2 queue_changed"}},
		{"deleted", `delete from spree_line_items where order_id = 9;; delete from spree_orders where id = 9`, []string{"2 order_deleted 9", "2 order_updated 9"}},
		{"a display moves it on", `select kitchen.set_status(1, 'preparing')`, []string{"1 order_updated 1"}},
		{"who manages", `delete from enterprise_roles where user_id = 2 and enterprise_id = 1`, []string{"users user_changed 2"}},
	},
	"spree": {
		{"placed at once", `begin; insert into spree_orders (id, number, status, fulfillment_status, completed_at, store_id) values (9, 'R9', 'placed', 'unfulfilled', now(), 2); insert into spree_line_items (id, order_id, variant_id, quantity, price) values (90, 9, 1, 1, 1), (91, 9, 2, 1, 1); commit`, []string{"2 order_created 9"}},
		{"a draft is placed", `update spree_orders set status = 'placed', completed_at = now() where id = 5`, []string{"1 order_created 5"}},
		{"a full save", `update spree_orders set number = number, status = status, fulfillment_status = fulfillment_status, email = email, updated_at = now(), total = 9`, nil},
		{"fulfilled", `update spree_orders set fulfillment_status = 'fulfilled' where id = 9`, []string{"2 order_updated 9"}},
		{"an option's name", `update spree_option_values set presentation = 'XL' where id = 1`, []string{"1 queue_changed", "2 queue_changed"}},
		{"canceled", `update spree_orders set status = 'canceled' where id = 5`, []string{"1 order_updated 5"}},
		{"who manages", `delete from spree_role_users where user_id = 2 and role_id = 2`, []string{"users users_changed"}},
		{"a store's name", `update spree_stores set name = 'Nord' where id = 1`, []string{"1 queue_changed"}},
	},
	"coopcycle": {
		{"a cart", `insert into sylius_order (id, state, number) values (9, 'cart', 'A9'); insert into sylius_order_vendor values (9, 2, 0, 0); insert into sylius_order_item (id, order_id, variant_id, quantity, unit_price) values (90, 9, 2, 1, 1)`, nil},
		{"is ordered", `update sylius_order set state = 'new' where id = 9`, []string{"2 order_created 9"}},
		{"accepted, with its timeline", `begin; update sylius_order set state = 'accepted' where id = 9; insert into sylius_order_timeline (order_id, pickup_expected_at, preparation_expected_at, preparation_time) values (9, now(), now(), '5'); commit`, []string{"2 order_updated 9"}},
		{"later", `update sylius_order_timeline set pickup_expected_at = pickup_expected_at + interval '5 minutes' where order_id = 9`, []string{"2 order_updated 9"}},
		{"another vendor", `update sylius_order_vendor set restaurant_id = 1 where order_id = 9`, []string{"1 order_created 9", "2 order_deleted 9"}},
		{"a modifier", `insert into sylius_adjustment (order_item_id, type, label, amount) values (90, 'menu_item_modifier', 'Œuf', 1)`, []string{"1 order_updated 9"}},
		{"a customer's name", `update sylius_customer set first_name = 'Anna' where id = 1`, []string{"1 order_updated 1"}},
		{"deleted with its lines", `delete from sylius_order_timeline where order_id = 9; delete from sylius_order_vendor where order_id = 9; delete from sylius_order where id = 9`, []string{"1 order_deleted 9", "1 order_updated 9"}},
		{"money", `update sylius_order set total = 9, items_total = 9, updated_at = null where id = 1; update sylius_order_vendor set transfer_amount = 3 where order_id = 1`, nil},
		{"who may", `delete from api_user_restaurant where api_user_id = 2`, []string{"users user_changed 2"}},
	},
	"odoo-pos": {
		{"still typed", `insert into pos_order (id, pos_reference, state, config_id, date_order) values (9, '9', 'draft', 1, now()); insert into pos_order_line (id, order_id, product_id, full_product_name, qty) values (90, 9, 11, 'Fries', 1)`, nil},
		{"sent", `begin; insert into pos_prep_order (id, pos_order_id) values (9, 9); insert into pos_prep_line (id, prep_order_id, pos_order_line_id, quantity) values (90, 9, 90, 1); commit`, []string{"1 order_created 9"}},
		{"a second batch", `begin; insert into pos_prep_order (id, pos_order_id) values (10, 9); insert into pos_prep_line (id, prep_order_id, pos_order_line_id, quantity) values (91, 10, 90, 1); commit`, []string{"1 order_updated 9"}},
		{"one is cancelled", `update pos_prep_line set cancelled = 1 where id = 91`, []string{"1 order_updated 9"}},
		{"paid, which is not ready", `update pos_order set amount_paid = amount_total, write_date = now() where id = 9`, nil},
		{"a display moves it on", `select kitchen.set_status(9, 'ready')`, []string{"1 order_updated 9"}},
		{"a table's number", `update restaurant_table set table_number = 44 where id = 1`, []string{"1 queue_changed"}},
		{"deleted with its lines", `delete from pos_order where id = 9`, []string{"1 order_deleted 9"}},
	},
	"oscar": {
		{"placed", `begin; insert into order_order (id, number, status, guest_email, date_placed) values (9, '9', 'Pending', 'x', now()); insert into order_line (id, title, quantity, order_id, partner_id) values (90, 'Cake', 1, 9, 2); commit`, []string{"2 order_created 9"}},
		{"another partner's line", `insert into order_line (id, title, quantity, order_id, partner_id) values (91, 'Cake', 1, 9, 1)`, []string{"2 order_updated 9"}},
		{"and the first goes", `delete from order_line where id = 90`, []string{"1 order_created 9", "2 order_deleted 9"}},
		{"status", `update order_order set status = 'Cancelled' where id = 9`, []string{"1 order_updated 9"}},
		{"a line's status, which nobody sees", `update order_line set status = 'x', line_price_incl_tax = 2; update auth_user set last_login = now()`, nil},
		{"a customer's name", `update auth_user set first_name = 'Ida' where id = 1`, []string{"1 order_updated 1"}},
	},
	"vendure": {
		{"a cart is paid", `update "order" set state = 'PaymentSettled', active = false, "orderPlacedAt" = now() where id = 4`, []string{"2 order_created 4"}},
		{"a line", `update order_line set quantity = 5 where id = 4`, []string{"2 order_updated 4"}},
		{"a line that is removed", `update order_line set quantity = 0 where id = 4`, []string{"2 order_updated 4"}},
		{"another channel", `update order_channels_channel set "channelId" = 3 where "orderId" = 4 and "channelId" = 2`, []string{"2 order_deleted 4", "3 order_created 4"}},
		{"a translation", `update product_variant_translation set name = 'Broth' where "baseId" = 1 and "languageCode" = 'en'`, []string{"2 queue_changed"}},
		{"a customer's name", `update customer set "firstName" = 'Anna' where id = 1`, []string{"2 order_updated 1", "2 order_updated 5", "3 order_updated 4"}},
		{"deleted with its lines", `delete from "order" where id = 4`, []string{"3 order_deleted 4"}},
		{"a role", `delete from user_roles_role where "userId" = 2`, []string{"users user_changed 2"}},
	},
}

func TestEveryTemplateOnTheTablesOfItsSystem(t *testing.T) {
	t.Parallel()
	for _, found := range attach.Templates() {
		t.Run(found.Name, func(t *testing.T) {
			t.Parallel()
			h := fixture(t, found.Name)
			m := mapping(t, found.Name)
			report := h.check(m)
			for _, f := range report {
				if f.Level == attach.Wrong || strings.HasPrefix(f.Means, "none of") || strings.Contains(f.Means, "no row") {
					t.Errorf("%s: %s", f.Check, f.Means)
				}
			}
			before := h.dump()
			h.up(m)
			for _, s := range systems[found.Name] {
				h.exec(s.sql)
				h.expect(s.name, s.want...)
			}
			if len(systems[found.Name]) == 0 && found.Name != "django" { // which has the whole table of promises
				t.Error("nothing is promised for this template")
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

// The tables of a system can be loaded as they are, for a look at them.
func TestFixturesLoadInPsql(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("testdata/guess/*.sql")
	if err != nil || len(more) == 0 {
		t.Fatal(more, err)
	}
	for _, file := range append(files, more...) {
		if strings.HasSuffix(file, "-mapping.sql") {
			continue // views over the tables of another file, for kitchen attach
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			out, err := exec.CommandContext(t.Context(), dbtest.Client(t, "psql"), "--dbname", dbtest.Empty(t), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", file).CombinedOutput()
			if err != nil {
				t.Errorf("psql: %v: %s", err, out)
			}
		})
	}
}
