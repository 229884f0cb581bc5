package db_test

import (
	"testing"

	"kitchen/db/order"
)

// A cook's tap that is the victim of somebody's deadlock or serialisation failure is made again, and the cook hears nothing of it.
func TestTapThatIsAVictimIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"40P01", "40001"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			f := open(t)
			r := f.restaurant()
			f.exec(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill')`, string(r))
			id := f.order(r)
			f.exec(`insert into order_items (order_id, name, held, course) values ($1, 'Soup', false, 1), ($1, 'Cake', true, 2)`, string(id))
			// What other sessions do to a tap, here every other time: a sequence counts on though the transaction is rolled back.
			f.exec(`create sequence tries; create function fall() returns trigger language plpgsql as $$ begin
					if nextval('public.tries') % 2 = 1 then raise exception 'a victim' using errcode = '` + code + `'; end if;
					return NEW;
				end $$;
				create trigger fall before update on orders for each row execute function fall();
				create trigger fall before update on order_items for each row execute function fall()`)
			if done, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: id, Status: order.Preparing}); err != nil || done.Status != order.Preparing {
				t.Errorf("a tap: %+v, %v", done, err)
			}
			if done, err := f.db.UpdateLines(t.Context(), order.LinesUpdate{Restaurant: r, Order: id, Status: order.Ready}); err != nil || done.Status != order.Ready {
				t.Errorf("a tap at no station: %+v, %v", done, err)
			}
			if _, err := f.db.Fire(t.Context(), r, id, 2); err != nil {
				t.Errorf("a course: %v", err)
			}
			if enough := f.id(`select (last_value >= 4)::text from tries`); enough != "true" {
				t.Error("nothing was a victim")
			}
		})
	}
}

// A host may add columns of any name to our tables: none is taken for one of ours.
func TestColumnsThatAHostAddsAreNoneOfOurs(t *testing.T) {
	t.Parallel()
	f := open(t)
	for _, table := range []string{"restaurants", "users", "tables", "menu_items", "modifier_options", "orders", "order_items", "order_item_modifiers",
		"kitchen.settings", "kitchen.stations", "kitchen.routes"} {
		for _, column := range []string{"left_at", "open", "version", "restaurant", "silent", "writer", "told", "ids", "line_id", "order_id", "by", "xact",
			"changed_at", "gone", "seq", "table_label", "created_by_name", "held", "course", "status", "name", "id", "station", "lines", "day", "n", "kept", "mine"} {
			f.exec(`alter table ` + table + ` add column if not exists "` + column + `" timestamptz`)
		}
	}
	r := f.restaurant()
	f.exec(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill')`, string(r))
	id := f.order(r)
	f.exec(`with l as (insert into order_items (order_id, name) values ($1, 'Soup') returning id) insert into order_item_modifiers (order_item_id, name) select id, 'No onion' from l`, string(id))
	f.exec(`update order_items set notes = 'hot'; update orders set notes = 'soon', left_at = now()`)
	if q := f.queue(r); len(q.Orders) != 1 || len(q.Orders[0].Items) != 1 || len(q.Orders[0].Items[0].Modifiers) != 1 {
		t.Errorf("with columns that the host added, the queue is %+v", q)
	}
	if _, err := f.db.UpdateLines(t.Context(), order.LinesUpdate{Restaurant: r, Order: id, Status: order.Ready}); err != nil {
		t.Error(err)
	}
	if _, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: id, Status: order.Completed}); err != nil {
		t.Error(err)
	}
	if recent, err := f.db.Recent(t.Context(), r); err != nil || len(recent) != 1 {
		t.Errorf("%+v, %v", recent, err)
	}
	f.exec(`delete from order_items; delete from orders`)
	if caught := f.id(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
		t.Error(caught)
	}
}
