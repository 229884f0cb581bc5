package attach_test

import (
	"fmt"
	"slices"
	"testing"
)

// promises is the table of what the triggers promise, on Django's tables. Each starts from order 1 of restaurant 1, with a line and a
// modifier, and nothing of restaurant 2.
var promises = []struct {
	name, sql string
	want      []string
	version   string // of order 1; empty where it is gone or does not matter
	since     int    // the first PostgreSQL that knows this
}{
	{name: "insert, in one transaction", want: []string{"2 order_created 7"}, version: "1", sql: `
		begin; ` + order(7, 2) + `; ` + line(70, 7) + `; ` + line(71, 7) + `; ` + modifier(700, 70) + `; commit`},
	{name: "insert, in one statement", want: []string{"2 order_created 7"}, sql: `
		with o as (` + order(7, 2) + ` returning id), i as (insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) select 70, 1, 1, '', 1, id from o returning id)
		insert into orders_orderitemmodifier (quantity, modifier_option_id, order_item_id) select 1, 1, id from i`},
	{name: "insert, in savepoints", want: []string{"2 order_created 7"}, sql: `
		begin; savepoint s; ` + order(7, 2) + `; release s; savepoint t; ` + line(70, 7) + `; release t;
		do $$ begin insert into orders_orderitemmodifier (quantity, modifier_option_id, order_item_id) values (1, 1, 70); exception when others then raise; end $$; commit`},
	{name: "insert, then its lines in another transaction", want: []string{"2 order_created 7", "2 order_updated 7"}, sql: order(7, 2) + `;;` + line(70, 7)},
	{name: "status", want: []string{"1 order_updated 1"}, version: "2", sql: `update orders_order set status = 'ready'`},
	{name: "each column a kitchen sees", want: slices.Repeat([]string{"1 order_updated 1"}, 7), version: "8", sql: `
		update orders_order set order_number = 77;; update orders_order set order_type = 'delivery';; update orders_order set priority = 2;;
		update orders_order set customer_name = 'x';; update orders_order set notes = 'x';; update orders_order set table_id = null;; update orders_order set created_by_id = null`},
	{name: "insert a line", want: []string{"1 order_updated 1"}, version: "2", sql: line(70, 1)},
	{name: "update a line", want: []string{"1 order_updated 1"}, version: "2", sql: `update orders_orderitem set quantity = 9`},
	{name: "delete a line", want: []string{"1 order_updated 1"}, version: "2", sql: `begin; delete from orders_orderitemmodifier; delete from orders_orderitem; commit`},
	{name: "insert a modifier", want: []string{"1 order_updated 1"}, version: "2", sql: modifier(700, 10)},
	{name: "update a modifier", want: []string{"1 order_updated 1"}, version: "2", sql: `update orders_orderitemmodifier set quantity = 9`},
	{name: "delete a modifier", want: []string{"1 order_updated 1"}, version: "2", sql: `delete from orders_orderitemmodifier`},
	{name: "order and lines in one transaction", want: []string{"1 order_updated 1"}, version: "2", sql: `
		begin; update orders_order set notes = 'x'; update orders_orderitem set quantity = 2; delete from orders_orderitemmodifier; commit`},
	{name: "order and line in one statement", want: []string{"1 order_updated 1"}, version: "2", sql: `
		with i as (update orders_orderitem set quantity = 9 returning order_id) update orders_order o set status = 'ready' from i where o.id = i.order_id`},
	{name: "a line moves to another order", want: []string{"1 order_updated 1", "2 order_created 7", "2 order_updated 7"}, version: "2", sql: order(7, 2) + `;; update orders_orderitem set order_id = 7`},
	{name: "delete an order, as an ORM does", want: []string{"1 order_deleted 1", "1 order_updated 1"}, sql: `
		begin; delete from orders_orderitemmodifier; delete from orders_orderitem; delete from orders_order; commit`},
	{name: "delete an order, its lines cascaded", want: []string{"1 order_deleted 1"}, sql: `
		alter table orders_orderitem drop constraint orders_orderitem_order_id_fkey, add foreign key (order_id) references orders_order on delete cascade;
		alter table orders_orderitemmodifier drop constraint orders_orderitemmodifier_order_item_id_fkey, add foreign key (order_item_id) references orders_orderitem on delete cascade;;
		delete from orders_order`},
	{name: "move an order", want: []string{"1 order_deleted 1", "2 order_created 1"}, version: "2", sql: `update orders_order set restaurant_id = 2`},
	{name: "change, then move", want: []string{"1 order_deleted 1", "1 order_updated 1", "2 order_created 1"}, version: "2", sql: `
		begin; update orders_order set notes = 'x'; update orders_order set restaurant_id = 2; commit`},
	{name: "move there and back", want: []string{"1 order_created 1", "1 order_deleted 1", "2 order_created 1", "2 order_deleted 1"}, version: "3", sql: `
		update orders_order set restaurant_id = 2;; update orders_order set restaurant_id = 1`},
	{name: "update nothing", version: "1", sql: `
		update orders_order set status = status, notes = notes;; update orders_orderitem set quantity = quantity;; update orders_orderitemmodifier set quantity = quantity`},
	{name: "columns that no kitchen sees", version: "1", sql: `
		update orders_order set total = 99, updated_at = now();; update orders_orderitem set unit_price = 3;; update accounts_user set last_login = now();;
		update menu_menuitem set price = 4, is_available = false;; insert into payments_payment (amount, order_id) values (1, 1)`},
	{name: "an ORM's update of the whole row", want: []string{"1 order_updated 1"}, version: "2", sql: `
		update orders_order set order_number = 1, order_type = 'dine_in', status = 'preparing', priority = 0, customer_name = '', notes = '', total = 9,
		  updated_at = now(), completed_at = null, created_by_id = 1, restaurant_id = 1, table_id = 1`},
	{name: "rolled back", version: "1", sql: `begin; update orders_order set notes = 'x'; ` + order(7, 2) + `; rollback`},
	{name: "rolled back to a savepoint", want: []string{"1 order_updated 1"}, version: "2", sql: `
		begin; savepoint s; update orders_order set notes = 'x'; ` + order(7, 2) + `; rollback to s; update orders_orderitem set quantity = 2; commit`},
	{name: "touched again after a rollback to a savepoint", want: []string{"1 order_updated 1"}, version: "2", sql: `
		begin; savepoint s; update orders_orderitem set quantity = 2; rollback to s; update orders_orderitem set quantity = 3; commit`},
	{name: "made and deleted in one transaction", want: []string{"2 order_created 7", "2 order_deleted 7"}, sql: `begin; ` + order(7, 2) + `; delete from orders_order where id = 7; commit`},
	{name: "on conflict do nothing", version: "1", sql: order(1, 2) + ` on conflict (id) do nothing`},
	{name: "on conflict do update", want: []string{"1 order_updated 1"}, version: "2", sql: order(1, 2) + ` on conflict (id) do update set notes = 'y'`},
	{name: "merge", since: 15, want: []string{"1 order_updated 1", "2 order_created 7"}, version: "2", sql: `
		merge into orders_order o using (values (1), (7)) s (id) on o.id = s.id when matched then update set status = 'ready'
		when not matched then insert (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
		  values (s.id, 1, 'dine_in', 'pending', 0, '', '', 0, now(), now(), 2)`},
	{name: "merge that deletes", since: 15, want: []string{"2 order_created 7", "2 order_deleted 7"}, version: "1", sql: order(7, 2) + `;;
		merge into orders_order o using (values (7)) s (id) on o.id = s.id when matched and o.status = 'ready' then do nothing when matched then delete`},
	{name: "50 orders", want: func() (all []string) {
		for i := 100; i < 150; i++ {
			all = append(all, fmt.Sprintf("2 order_created %d", i))
		}
		return all
	}(), sql: many(100, 149, "2")},
	{name: "51 orders, and few of another", want: []string{"1 order_created 100", "1 order_created 101", "2 queue_changed"}, sql: many(100, 152, "case when n < 102 then 1 else 2 end")},
	{name: "update and delete many", want: slices.Repeat([]string{"2 queue_changed"}, 3), sql: many(100, 160, "2") + `;; update orders_order set notes = 'x' where restaurant_id = 2;; delete from orders_order where restaurant_id = 2`},
	{name: "60 written, of which 2 change", want: []string{"2 order_updated 107", "2 order_updated 108", "2 queue_changed"}, sql: many(100, 160, "2") + `;;
		update orders_order set notes = case when id in (107, 108) then 'x' else notes end where restaurant_id = 2`},
	{name: "lines of many orders", want: slices.Repeat([]string{"2 queue_changed"}, 2), sql: many(100, 160, "2") + `;;
		insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id) select 1, 1, '', 1, id from orders_order where restaurant_id = 2`},
	{name: "truncate", want: []string{"1 queue_changed", "2 queue_changed"}, sql: `truncate orders_order cascade`},
	{name: "truncate the lines", want: []string{"1 queue_changed", "2 queue_changed"}, version: "1", sql: `truncate orders_orderitem cascade`},
	{name: "silenced", want: []string{"1 order_updated 1"}, version: "4", sql: `
		set kitchen.notify = off; update orders_order set notes = 'x';; update orders_orderitem set quantity = 2;; reset kitchen.notify; update orders_order set notes = 'y'`},
	{name: "as a replica", want: []string{"1 order_updated 1", "2 order_created 7"}, version: "2", sql: `
		set session_replication_role = replica;; update orders_order set notes = 'x';; ` + order(7, 2) + `;; reset session_replication_role`},
	{name: "two statements of one line, one transaction", want: []string{"1 order_updated 1"}, version: "2", sql: `
		begin; ` + line(70, 1) + `; update orders_orderitem set quantity = 5 where id = 70; delete from orders_orderitem where id = 70; commit`},
	{name: "names that displays see", want: []string{"1 queue_changed", "1 queue_changed", "1 queue_changed", "1 queue_changed", "1 queue_changed"}, version: "1", sql: `
		update tables_table set number = 'T9' where id = 1;; update menu_menuitem set name = 'Marinara' where id = 1;; update menu_category set name = 'x' where id = 1;;
		update menu_modifieroption set name = 'x' where id = 1;; update restaurants_restaurant set timezone = 'Europe/Berlin' where id = 1`},
	{name: "a user's rights", want: []string{"users user_changed 1", "users user_changed 1", "users user_changed 1", "1 queue_changed", "2 queue_changed"}, version: "1", sql: `
		update accounts_user set is_active = false where id = 1;; update accounts_user set role = 'viewer' where id = 1;; update accounts_user set restaurant_id = 2 where id = 1`},
	{name: "a guest signs up and logs in", version: "1", sql: `
		insert into accounts_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined, role) values ('!', false, 'g', '', '', '', false, true, now(), 'customer')`},
	{name: "the settings of a restaurant", want: []string{"1 queue_changed", "1 queue_changed", "1 queue_changed"}, version: "1", sql: `
		insert into kitchen.settings (restaurant_id) values (1);; update kitchen.settings set warn_after = '6 minutes';; update kitchen.settings set warn_after = '6 minutes';;
		truncate kitchen.settings`},
}

func order(id, restaurant int) string {
	return fmt.Sprintf(`insert into orders_order (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
		values (%d, 1, 'dine_in', 'pending', 0, '', '', 0, now(), now(), %d)`, id, restaurant)
}

func many(from, to int, restaurant string) string {
	return fmt.Sprintf(`insert into orders_order (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
		select n, 1, 'dine_in', 'pending', 0, '', '', 0, now(), now(), %s from generate_series(%d, %d) n`, restaurant, from, to)
}

func line(id, order int) string {
	return fmt.Sprintf(`insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) values (%d, 1, 1, '', 1, %d)`, id, order)
}

func modifier(id, line int) string {
	return fmt.Sprintf(`insert into orders_orderitemmodifier (id, quantity, modifier_option_id, order_item_id) values (%d, 1, 1, %d)`, id, line)
}

func TestTriggersKeepTheirPromisesOnDjangosTables(t *testing.T) {
	h := fixture(t, "django")
	h.up(mapping(t, "django"))
	major := h.one(`select (current_setting('server_version_num')::int / 10000)::text`)
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			if fmt.Sprint(p.since) > major {
				return // there is no such statement
			}
			h.T = t
			h.exec(`set kitchen.notify = off; set session_replication_role = replica;
				delete from orders_orderitemmodifier; delete from orders_orderitem; delete from orders_order; delete from kitchen.settings;
				delete from accounts_user where id > 3; update accounts_user set first_name = 'Marco', role = 'kitchen', is_active = true, restaurant_id = 1 where id = 1;
				update restaurants_restaurant set timezone = 'Europe/Rome' where id = 1; delete from kitchen.order_changes; reset session_replication_role;;
				set kitchen.notify = off; ` + order(1, 1) + `; update orders_order set table_id = 1, created_by_id = 1; ` + line(10, 1) + `; ` + modifier(100, 10) + `; reset kitchen.notify`)
			h.heard()
			h.exec(p.sql)
			h.expect(p.name, p.want...)
			if p.version != "" {
				if version := h.one(`select coalesce((select version::text from kitchen.order_versions where order_id = 1), '0')`); version != p.version {
					t.Errorf("version %s, want %s", version, p.version)
				}
			}
			if errors := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); errors != "" {
				t.Errorf("trigger errors: %s", errors)
			}
		})
	}
}
