package migrations_test

import (
	"strings"
	"testing"
	"time"
)

// Somebody who locks a table of the kitchen's, with a TRUNCATE or a REINDEX left open, say, holds up no writer for long.
func TestLockedTablesOfTheKitchenHoldUpNobody(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into orders (id, restaurant_id) values ($A, $A), ($B, $B);; insert into order_items (order_id, name) values ($A, 'x'), ($B, 'y');;
		insert into kitchen.stations (restaurant_id, name) values ($B, 'Grill')`); err != nil {
		t.Fatal(err)
	}
	holder := h.session()
	for _, table := range strings.Fields(h.one(`select string_agg(c.oid::regclass::text, ' ' order by 1) from pg_class c where c.relkind = 'r' and c.relnamespace = 'kitchen'::regnamespace`)) {
		for _, writes := range []string{
			`insert into orders (restaurant_id, customer_name) values ($1, $2)`,
			`insert into orders (restaurant_id, order_number, customer_name) values ($1, 9500, $2)`,
			`insert into order_items (order_id, name) values ($1, $2)`,
			`update orders set status = case status when 'ready' then 'preparing' else 'ready' end, notes = $2 where id = $1`,
			`update orders set order_type = case order_type when 'dine_in' then 'delivery' else 'dine_in' end, notes = $2 where id = $1`,
			`update order_items set notes = $2, quantity = quantity + 1 where order_id = $1`,
			`delete from order_items where order_id = $1 and name = $2`,
			`delete from orders where restaurant_id = $1 and customer_name = $2`,
			`update tables set label = $2 where restaurant_id = $1`,
			`update users set name = $2 where restaurant_id = $1`,
		} {
			for _, restaurant := range []string{h.a, h.b} {
				writer := h.session()
				holder.exec(`begin`)
				holder.exec(`lock table ` + table)
				writer.exec(`set statement_timeout = '3s'`)
				if took := writer.took(writes, restaurant, "while "+table+" is locked"); took > 1500*time.Millisecond {
					t.Errorf("%s locked: %s took %s", table, writes, took)
				}
				holder.exec(`rollback`)
				_ = writer.conn.Close(t.Context())
			}
		}
	}
}

// Where no other number can be had, because the table of spare numbers is locked, too, there is one all the same.
func TestLockedSpareNumbers(t *testing.T) {
	t.Parallel()
	h := open(t)
	holder, writer := h.session(), h.session()
	holder.exec(`begin`)
	holder.exec(`lock table kitchen.spare_numbers`)
	writer.exec(`set statement_timeout = '5s'`)
	for _, level := range []string{"serializable", "repeatable read", "read committed"} {
		writer.exec(`set default_transaction_isolation = '` + level + `'`)
		if took := writer.took(`insert into orders (restaurant_id) values ($1)`, h.a); took > 1500*time.Millisecond {
			t.Errorf("%s: an order took %s", level, took)
		}
	}
	h.distinct()
}

// A till that holds an order keeps another writer's lines from moving its status, for a moment. What that writer does beside is announced.
func TestHeldOrderSilencesNothingElse(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	held := h.order("meat")
	if err := h.do(`update orders set status = 'ready'`); err != nil {
		t.Fatal(err)
	}
	till := h.session()
	till.exec(`begin`)
	till.exec(`update orders set updated_at = now() where id = $1`, held)
	h.received()
	if err := h.do(`begin; insert into order_items (order_id, name, category) select id, 'late', 'meat' from orders; insert into orders (id, restaurant_id) values ($B, $B); commit`); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(h.received(), ", "); got != "A order_updated, B order_created" {
		t.Errorf("received %q", got)
	}
	if got := h.one(`select count(*)::text from kitchen.order_versions where order_id = $1::uuid`, h.b); got != "1" {
		t.Errorf("versions of the new order: %s", got)
	}
	till.exec(`commit`)
	if got := h.one(`select kitchen.set_derived_status(array[$1]::kitchen.order_key[])::text`, held); got != "1" || h.status(held) != "preparing" {
		t.Errorf("a node set the derived status of %s orders, and the one that was held is %s", got, h.status(held))
	}
}

// A route that changes reaches open tickets at once, also while a till holds one of them.
func TestChangedRouteIsAnnouncedWhileAnOrderIsHeld(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	held := h.order("meat", "fried")
	if err := h.bump(held, "Grill", "ready"); err != nil {
		t.Fatal(err)
	}
	till := h.session()
	till.exec(`begin`)
	till.exec(`update orders set updated_at = now() where id = $1`, held)
	h.received()
	if err := h.do(`update kitchen.routes set station_id = null where category = 'fried'`); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(h.received(), ", "); got != "A queue_changed" {
		t.Errorf("received %q", got)
	}
	till.exec(`commit`)
}

// Who may make operators in the schema public has nothing of theirs run as the owner of the tables.
func TestNobodysOperatorsRunAsTheOwner(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat")
	line := h.one(`select id::text from order_items`)
	writer := h.owned()
	if err := h.do(`grant create on schema public to ` + writer.Config().User); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`create table public.ran (who text)`, `grant insert on public.ran to public`,
		`create function public.same(uuid, kitchen.order_key) returns boolean language plpgsql as $$ begin insert into public.ran values (current_user); return $1::text = $2::text; end $$`,
		`create operator public.= (leftarg = uuid, rightarg = kitchen.order_key, procedure = public.same)`,
		`create function public.same(uuid, kitchen.restaurant_key) returns boolean language plpgsql as $$ begin insert into public.ran values (current_user); return $1::text = $2::text; end $$`,
		`create operator public.= (leftarg = uuid, rightarg = kitchen.restaurant_key, procedure = public.same)`,
		`create function public.unnest(kitchen.order_key[]) returns setof kitchen.order_key language plpgsql as $$ begin insert into public.ran values (current_user); return query select * from pg_catalog.unnest($1); end $$`,
		`update orders set status = 'ready' where id = '` + id + `'`,
		`update order_items set quantity = 2 where id = '` + line + `'`,
		`update orders set order_type = 'delivery' where id = '` + id + `'`,
		`insert into order_items (order_id, name, category) values ('` + id + `', 'x', 'meat')`,
		`delete from order_items where id = '` + line + `'`,
		`insert into orders (restaurant_id) values ('` + h.a + `')`,
	} {
		if _, err := writer.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if got := h.one(`select coalesce(string_agg(distinct who, ', '), '') from ran`); got != "" {
		t.Errorf("a writer's functions ran as %s", got)
	}
	if got := h.one(`select coalesce(string_agg(message, '; '), '') from kitchen.trigger_errors`); got != "" {
		t.Errorf("trigger errors: %s", got)
	}
	if got := h.status(id); got != "preparing" {
		t.Errorf("the order is %s", got)
	}
}

// Whatever our functions call is taken away: the writer goes on.
func TestWritersGoOnWithoutWhatTheTriggersCall(t *testing.T) {
	t.Parallel()
	for _, gone := range []string{"kitchen.writer()", "kitchen.is_silent()", "kitchen.touch_orders(uuid[])"} {
		t.Run(gone, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			if err := h.do(`drop function ` + gone + `;; insert into orders (id, restaurant_id) values ($A, $A), ($B, $A);; insert into order_items (order_id, name) values ($A, 'x');;
				update orders set notes = 'x';; update orders set notes = 'y' where id = $A;; update tables set label = 'x';; delete from orders where id = $A;; delete from orders`); err != nil {
				t.Error(err)
			}
		})
	}
}
