package migrations_test

import (
	"slices"
	"strings"
	"testing"
)

// promises is the table of what the triggers promise. Each starts from one order of A, with a line and a modifier, pending,
// in version 1, and none of B.
var promises = []struct {
	name, sql string
	want      []string
	version   string // of the order that was there; empty where it is gone or does not matter
	since     int    // the first PostgreSQL that knows this
}{
	{name: "insert, in one transaction", want: []string{"B order_created"}, version: "1", sql: `
		begin; insert into orders (id, restaurant_id) values ('00000000-0000-4000-8000-000000000002', $B);
		insert into order_items (order_id, name) values ('00000000-0000-4000-8000-000000000002', 'Soup'), ('00000000-0000-4000-8000-000000000002', 'Tea');
		insert into order_item_modifiers (order_item_id, name) select id, 'hot' from order_items where name = 'Tea'; commit`},
	{name: "insert, in one statement", want: []string{"A order_created"}, sql: `
		with o as (insert into orders (restaurant_id) values ($A) returning id),
		     i as (insert into order_items (restaurant_id, order_id, menu_item_id) select $A, id, $ITEM from o returning id)
		insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id) select $A, id, $OPTION from i`},
	{name: "insert, in savepoints", want: []string{"B order_created"}, sql: `
		begin; savepoint s; insert into orders (id, restaurant_id) values ('00000000-0000-4000-8000-000000000002', $B); release s;
		savepoint t; insert into order_items (order_id, name) values ('00000000-0000-4000-8000-000000000002', 'Soup'); release t;
		do $$ begin insert into order_items (order_id, name) values ('00000000-0000-4000-8000-000000000002', 'Tea'); exception when others then raise; end $$; commit`},
	{name: "insert, then its lines in another transaction", want: []string{"B order_created", "B order_updated"}, sql: `
		insert into orders (id, restaurant_id) values ('00000000-0000-4000-8000-000000000002', $B);;
		insert into order_items (order_id, name) values ('00000000-0000-4000-8000-000000000002', 'Soup')`},
	{name: "status", want: []string{"A order_status_changed ready"}, version: "2", sql: `update orders set status = 'ready'`},
	{name: "status and notes", want: []string{"A order_updated"}, version: "2", sql: `update orders set status = 'ready', notes = 'x'`},
	{name: "notes", want: []string{"A order_updated"}, version: "2", sql: `update orders set notes = 'x'`},
	{name: "table and waiter", want: []string{"A order_updated"}, version: "2", sql: `update orders set table_id = $TABLE, created_by = $USER`},
	{name: "each column a kitchen sees", version: "9", want: slices.Repeat([]string{"A order_updated"}, 8), sql: `
		update orders set order_number = 77;; update orders set order_type = 'delivery';; update orders set priority = 2;;
		update orders set customer_name = 'Zoë';; update orders set allergy_note = 'nuts';; update orders set promised_at = now();;
		update orders set created_at = now() - interval '1 day';; update orders set notes = 'x'`},
	{name: "insert a line", want: []string{"A order_updated"}, version: "2", sql: `insert into order_items (order_id, menu_item_id) select id, $ITEM from orders`},
	{name: "update a line", want: []string{"A order_updated"}, version: "2", sql: `update order_items set quantity = 2`},
	{name: "delete a line", want: []string{"A order_updated"}, version: "2", sql: `delete from order_items`},
	{name: "insert a modifier", want: []string{"A order_updated"}, version: "2", sql: `insert into order_item_modifiers (order_item_id, modifier_option_id) select id, $OPTION from order_items`},
	{name: "update a modifier", want: []string{"A order_updated"}, version: "2", sql: `update order_item_modifiers set quantity = 2`},
	{name: "delete a modifier", want: []string{"A order_updated"}, version: "2", sql: `delete from order_item_modifiers`},
	{name: "order and lines in one transaction", want: []string{"A order_updated"}, version: "2", sql: `
		begin; update orders set notes = 'x'; update order_items set quantity = 2; delete from order_item_modifiers; commit`},
	{name: "a line moves to another order", want: []string{"A order_created", "A order_updated", "A order_updated"}, version: "2", sql: `
		insert into orders (id, restaurant_id) values ('00000000-0000-4000-8000-000000000002', $A);;
		update order_items set order_id = '00000000-0000-4000-8000-000000000002'`},
	{name: "delete an order", want: []string{"A order_deleted"}, sql: `delete from orders`},
	{name: "move an order", want: []string{"A order_deleted", "B order_created"}, version: "2", sql: `update orders set restaurant_id = $B`},
	{name: "move an order with table and waiter", want: []string{"A order_updated", "A order_deleted", "B order_created"}, version: "3", sql: `
		update orders set table_id = $TABLE, created_by = $USER;; update orders set restaurant_id = $B`},
	{name: "delete a restaurant", want: []string{"A order_deleted"}, sql: `delete from restaurants where id = $A`},
	{name: "update nothing", version: "1", sql: `
		update orders set status = status, notes = notes;; update order_items set quantity = quantity;; update order_item_modifiers set name = name`},
	{name: "update only updated_at", version: "1", sql: `update orders set updated_at = now() + interval '1 day'`},
	{name: "update a column of another program", version: "1", sql: `
		alter table orders add price numeric;; alter table order_items add price numeric;; update orders set price = 3;; update order_items set price = 3`},
	{name: "an ORM's update of the whole row", want: []string{"A order_status_changed preparing"}, version: "2", sql: `
		update orders set restaurant_id = $A, order_number = 1, order_type = 'dine_in', status = 'preparing', priority = 0, table_id = null,
		  created_by = null, customer_name = '', notes = null, allergy_note = '', promised_at = null, external_id = null, updated_at = now()`},
	{name: "rolled back", version: "1", sql: `begin; update orders set notes = 'x'; insert into orders (restaurant_id) values ($B); rollback`},
	{name: "rolled back to a savepoint", want: []string{"A order_updated"}, version: "2", sql: `
		begin; savepoint s; update orders set notes = 'x'; insert into orders (restaurant_id) values ($B); rollback to s;
		update order_items set quantity = 2; commit`},
	{name: "on conflict do nothing", version: "1", sql: `
		set kitchen.notify = off; insert into orders (restaurant_id, external_id) values ($B, 'x'); set kitchen.notify = on;;
		insert into orders (restaurant_id, external_id) values ($B, 'x') on conflict (restaurant_id, external_id) do nothing`},
	{name: "on conflict do update", want: []string{"B order_created", "B order_updated"}, sql: `
		insert into orders (restaurant_id, external_id) values ($B, 'x') on conflict (restaurant_id, external_id) do update set notes = 'y';;
		insert into orders (restaurant_id, external_id) values ($B, 'x') on conflict (restaurant_id, external_id) do update set notes = 'y'`},
	{name: "merge", since: 15, want: []string{"A order_status_changed ready", "B order_created"}, version: "2", sql: `
		merge into orders o using (select $A::uuid as r union all select $B::uuid) s on o.restaurant_id = s.r
		when matched then update set status = 'ready' when not matched then insert (restaurant_id) values (s.r)`},
	{name: "50 orders", want: slices.Repeat([]string{"B order_created"}, 50), sql: `insert into orders (restaurant_id) select $B from generate_series(1, 50)`},
	{name: "51 orders, and few of another", want: []string{"A order_created", "A order_created", "B queue_changed"}, sql: `
		insert into orders (restaurant_id) select case when n < 3 then $A::uuid else $B::uuid end from generate_series(1, 53) n`},
	{name: "update and delete many", want: []string{"B queue_changed", "B queue_changed", "B queue_changed"}, sql: `
		insert into orders (restaurant_id) select $B from generate_series(1, 60);; update orders set notes = 'x' where restaurant_id = $B;;
		delete from orders where restaurant_id = $B`},
	{name: "update many that do not change", want: []string{"B queue_changed"}, sql: `
		insert into orders (restaurant_id) select $B from generate_series(1, 60);; update orders set notes = notes`},
	{name: "lines of many orders", want: []string{"B queue_changed", "B queue_changed"}, sql: `
		insert into orders (restaurant_id) select $B from generate_series(1, 60);;
		insert into order_items (order_id, name) select id, 'x' from orders where restaurant_id = $B`},
	{name: "truncate", want: []string{"A queue_changed", "B order_created", "B queue_changed"}, sql: `
		insert into orders (restaurant_id) values ($B);; truncate orders cascade`},
	{name: "settings that change, move to another restaurant, and go", want: []string{"A queue_changed", "A queue_changed", "A queue_changed", "B queue_changed", "B queue_changed"}, version: "1", sql: `
		insert into kitchen.settings (restaurant_id) values ($A);; update kitchen.settings set warn_after = '6 minutes';; update kitchen.settings set restaurant_id = $B;;
		truncate kitchen.settings`},
	{name: "truncate the lines", want: []string{"A queue_changed"}, version: "1", sql: `truncate order_items cascade`},
	{name: "silenced", want: []string{"A order_updated"}, version: "4", sql: `
		set kitchen.notify = off; update orders set notes = 'x';; update order_items set quantity = 2;; reset kitchen.notify; update orders set notes = 'y'`},
	{name: "as a replica", want: []string{"A order_updated", "B order_created"}, version: "2", sql: `
		set session_replication_role = replica; update orders set notes = 'x'; insert into orders (restaurant_id) values ($B)`},
	{name: "status of several, with UPDATE FROM", want: []string{"A order_status_changed ready", "B order_status_changed preparing"}, version: "2", sql: `
		set kitchen.notify = off; insert into orders (restaurant_id) values ($B);; reset kitchen.notify;;
		update orders o set status = v.status from (values ($A::uuid, 'ready'), ($B, 'preparing')) v (restaurant_id, status) where o.restaurant_id = v.restaurant_id`},
	{name: "order and line in one statement", want: []string{"A order_updated"}, version: "2", sql: `
		with i as (update order_items set quantity = 9 returning order_id) update orders o set status = 'ready' from i where o.id = i.order_id`},
	{name: "lines one by one, in one transaction", want: []string{"A order_updated"}, version: "2", sql: `
		begin; insert into order_items (order_id, name) select id, 'x' from orders; insert into order_items (order_id, name) select id, 'y' from orders;
		delete from order_items where name = 'x'; commit`},
	{name: "touched again after a rollback to a savepoint", want: []string{"A order_updated"}, version: "2", sql: `
		begin; savepoint s; insert into order_items (order_id, name) select id, 'x' from orders; rollback to s;
		insert into order_items (order_id, name) select id, 'x' from orders; commit`},
	{name: "made and deleted in one transaction", want: []string{"B order_created", "B order_deleted"}, sql: `
		begin; insert into orders (restaurant_id) values ($B); delete from orders where restaurant_id = $B; commit`},
	{name: "given another id, lines and all", want: []string{"A order_created", "A order_deleted"}, sql: `update orders set id = gen_random_uuid()`},
	{name: "move many", want: []string{"A queue_changed", "B queue_changed", "A queue_changed"}, sql: `
		insert into orders (restaurant_id) select $A from generate_series(1, 60);; update orders set restaurant_id = $B`},
	{name: "50 of each of two restaurants", want: append(slices.Repeat([]string{"A order_created"}, 50), slices.Repeat([]string{"B order_created"}, 50)...), sql: `
		insert into orders (restaurant_id) select case when n % 2 = 0 then $A::uuid else $B::uuid end from generate_series(1, 100) n`},
	{name: "60 orders with lines in one statement", want: []string{"B queue_changed"}, sql: `
		with o as (insert into orders (restaurant_id) select $B from generate_series(1, 60) returning id)
		insert into order_items (restaurant_id, order_id, name) select $B, id, 'x' from o`},
	{name: "60 written, of which 2 change", want: []string{"B order_updated", "B order_updated", "B queue_changed"}, sql: `
		insert into orders (restaurant_id, order_number) select $B, n from generate_series(1, 60) n;; update orders set notes = case when order_number in (7, 8) then 'x' else notes end where restaurant_id = $B`},
	{name: "truncate everything", want: []string{"A queue_changed"}, sql: `truncate restaurants cascade;; insert into restaurants (id, name) values ($A, 'A'), ($B, 'B')`},
	{name: "lines as a replica", want: []string{"A order_updated"}, version: "2", sql: `
		set session_replication_role = replica; insert into order_items (restaurant_id, order_id, name, position) select $A, id, 'x', 9 from orders`},
	{name: "merge that deletes and does nothing", since: 15, want: []string{"A order_deleted"}, sql: `
		merge into orders o using (select $A::uuid as r) s on o.restaurant_id = s.r when matched and o.status = 'ready' then do nothing when matched then delete`},
	{name: "nulls for what the database sets", want: []string{"A order_updated"}, version: "2", sql: `
		update orders set order_number = null, order_type = null, status = null, priority = null, created_at = null, updated_at = null,
		  business_day = null, notes = null, customer_name = null, allergy_note = null;;
		update orders set notes = 'x', order_number = null`},
	{name: "a status, and null for when it was written", want: []string{"A order_status_changed preparing"}, version: "2", sql: `
		update orders set status = 'preparing', updated_at = null`},
	{name: "a lie about the day", want: []string{"A order_updated"}, version: "2", sql: `
		update orders set business_day = '2000-01-01';; update orders set notes = 'x'`},
	{name: "only the place of a line", want: []string{"A order_updated"}, version: "2", sql: `update order_items set position = 5`},
	{name: "copy", want: []string{"B order_created", "B order_created"}, sql: `COPY`},
}

func (h *house) keep(t *testing.T) {
	t.Helper()
	const order = "00000000-0000-4000-8000-000000000001"
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			h.T = t
			if h.major < p.since {
				return // there is no such statement
			}
			if err := h.do(`
				set kitchen.notify = off; truncate orders, kitchen.order_changes, kitchen.order_numbers cascade; delete from restaurants where name = 'gone';
				insert into restaurants (id, name) values ($A, 'A') on conflict do nothing;
				insert into menu_items (id, restaurant_id, name) values ($ITEM, $A, 'Soup') on conflict do nothing;
				insert into modifier_options (id, restaurant_id, name) values ($OPTION, $A, 'No onion') on conflict do nothing;
				insert into tables (id, restaurant_id, label) values ($TABLE, $A, 'T1') on conflict do nothing;
				insert into users (id, restaurant_id, username) values ($USER, $A, 'ana') on conflict do nothing;
				alter table orders drop column if exists price; alter table order_items drop column if exists price;
				insert into orders (id, restaurant_id) values ('` + order + `', $A);
				insert into order_items (order_id, menu_item_id) values ('` + order + `', $ITEM);
				insert into order_item_modifiers (order_item_id, modifier_option_id) select id, $OPTION from order_items`); err != nil {
				t.Fatal(err)
			}
			if noise := h.received(); len(noise) > 0 {
				t.Fatalf("silence was broken: %v", noise)
			}
			var err error
			if p.sql == "COPY" {
				_, err = h.ear.PgConn().CopyFrom(t.Context(), strings.NewReader(h.b+"\n"+h.b+"\n"), `copy orders (restaurant_id) from stdin`)
			} else {
				err = h.do(p.sql)
			}
			if err != nil {
				t.Fatal(err)
			}
			got, want := h.received(), slices.Clone(p.want)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("received %q, want %q", got, want)
			}
			if p.version != "" {
				if v := h.one(`select version::text from kitchen.order_versions where order_id = $1`, order); v != p.version {
					t.Errorf("version %s, want %s", v, p.version)
				}
			}
		})
	}
}

func TestEveryWriterIsAnnouncedAsPromised(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.keep(t)
}
