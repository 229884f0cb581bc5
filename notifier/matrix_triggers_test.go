package notifier_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kitchen/db/dbtest"
)

// triggerRows are changes that triggers do not see, or see in bulk, and triggers that are not as they should be.
func triggerRows() []row {
	return []row{
		{fault: "F24", name: "eight_kilobytes_of_notes", inject: func(s *scene) {
			for _, t := range s.tenants {
				for _, text := range []string{strings.Repeat("n", 8000), `{"a":"` + strings.Repeat("j", 20_000) + `"}`,
					strings.Repeat("🍕", 3000), `\u0000 and "quotes" & <tags> \`, "line\nbreak\ttab\u2028", "\x7f\u202e"} {
					s.exec(`insert into orders (restaurant_id, notes, customer_name, allergy_note) values ($1, $2, $2, $2)`,
						string(t.ID), t.Canary+text)
				}
			}
		}},
		{fault: "F25", name: "TRUNCATE", harms: true, inject: func(s *scene) {
			s.exec(`truncate orders cascade`)
			s.write(20, 2*time.Second)
			s.exec(`truncate order_items cascade`)
		}},
		{fault: "F25b", name: "replica_role", inject: func(s *scene) {
			replica := func(sql string) {
				s.exec(`set session_replication_role = replica; ` + sql + `; reset session_replication_role`)
			}
			for range 5 {
				replica(`update orders set priority = priority + 1`)
				s.write(5, time.Second)
				replica(fmt.Sprintf(`insert into orders (restaurant_id, notes) values ('%s', '%s')`, s.tenants[0].ID, s.tenants[0].Canary))
			}
			replica(`delete from orders where priority = 5`)
		}, harms: true},
		{fault: "F25c", name: "COPY", inject: func(s *scene) {
			conn, err := s.pool.Acquire(s.Context())
			if err != nil {
				s.Fatal(err)
			}
			defer conn.Release()
			for _, n := range []int{1, 50, 51, int(s.lasts(120, 2000))} {
				t := s.tenants[n%len(s.tenants)]
				rows := strings.Repeat(string(t.ID)+"\t"+t.Canary+"\n", n)
				if _, err := conn.Conn().PgConn().CopyFrom(s.Context(), strings.NewReader(rows), `copy orders (restaurant_id, notes) from stdin`); err != nil {
					s.Fatal(err)
				}
			}
		}},
		{fault: "F25d", name: "triggers_disabled_for_a_while", sweep: true, unheard: true, harms: true, inject: func(s *scene) {
			s.exec(`begin; alter table orders disable trigger all; alter table order_items disable trigger all;
				update orders set notes = notes || ' silently'; delete from orders where order_number % 7 = 0;
				alter table orders enable trigger all; alter table order_items enable trigger all;
				` + enableAlways(s) + ` commit`)
		}},
		{fault: "F25e", name: "silent_bulk_load", sweep: true, inject: func(s *scene) {
			for _, t := range s.tenants {
				s.exec(fmt.Sprintf(`set kitchen.notify = off; insert into orders (restaurant_id, notes) select '%s', '%s' from generate_series(1, 60);
					update orders set priority = 3 where restaurant_id = '%s' and order_number %% 3 = 0; reset kitchen.notify`, t.ID, t.Canary, t.ID))
			}
		}},
		{fault: "F25f", name: "a_restaurant_is_deleted_silently", sweep: true, harms: true, inject: func(s *scene) {
			s.exec(fmt.Sprintf(`begin; lock table orders in share row exclusive mode; set local kitchen.notify = off;
				delete from restaurants where id = '%s'; commit`, s.tenants[1].ID))
		}},
		{fault: "F25g", name: "logical_replication_applies_changes", sweep: true, onDemand: true, unheard: true,
			settings: map[string]string{"wal_level": "logical"}, inject: func(s *scene) {
				// The displays' database subscribes to another one, where somebody else writes.
				source := dbtest.Cluster(s, map[string]string{"wal_level": "logical"})
				remote := dbtest.Pool(s, source.URL())
				ctx := context.Background()
				id := s.query(`select id::text from restaurants limit 1`)
				if _, err := remote.Exec(ctx, `insert into restaurants (id, name) values ($1, 'Source')`, id); err != nil {
					s.Fatal(err)
				}
				if _, err := remote.Exec(ctx, `create publication kitchen for table orders, order_items`); err != nil {
					s.Fatal(err)
				}
				s.exec(fmt.Sprintf(`create subscription kitchen connection '%s' publication kitchen with (copy_data = false)`, source.URL()))
				s.Cleanup(func() { s.exec(`drop subscription kitchen`) })
				for i := range 20 {
					if _, err := remote.Exec(ctx, `insert into orders (restaurant_id, order_number, notes) values ($1, $2, 'replicated')`, id, 5000+i); err != nil {
						s.Fatal(err)
					}
				}
				for deadline := time.Now().Add(waitLimit); s.query(`select count(*)::text from orders where notes = 'replicated'`) != "20"; s.pause(20 * time.Millisecond) {
					if time.Now().After(deadline) {
						s.Fatal("nothing is replicated")
					}
				}
			}},
		{fault: "F26", name: "triggers_are_dropped", sweep: true, harms: true, inject: func(s *scene) {
			definition := s.query(`select pg_get_triggerdef(oid) from pg_trigger where tgname = 'kitchen_watch_update' and tgrelid = 'orders'::regclass`)
			s.exec(`drop trigger kitchen_watch_update on orders`)
			s.noticed("orders.kitchen_watch_update is missing")
			s.write(20, 5*time.Second)
			s.exec(definition + `; alter table orders enable always trigger kitchen_watch_update`)
			s.heal()
		}},
		{fault: "F26b", name: "triggers_are_disabled", sweep: true, harms: true, inject: func(s *scene) {
			s.exec(`alter table orders disable trigger kitchen_watch_insert`)
			s.noticed("orders.kitchen_watch_insert is disabled")
			s.write(20, 5*time.Second)
			s.exec(`alter table orders enable always trigger kitchen_watch_insert`)
			s.heal()
		}},
		{fault: "F26c", name: "a_trigger's_function_is_replaced", sweep: true, harms: true, inject: func(s *scene) {
			definition := s.query(`select pg_get_functiondef('kitchen.watch_changed_orders'::regproc)`)
			s.exec(`create or replace function kitchen.watch_changed_orders() returns trigger language plpgsql as 'begin return null; end'`)
			s.noticed("function kitchen.watch_changed_orders")
			s.write(20, 5*time.Second)
			s.exec(definition)
			s.heal()
		}},
		{fault: "F26d", name: "a_trigger_calls_another_function", sweep: true, harms: true, inject: func(s *scene) {
			definition := s.query(`select pg_get_triggerdef(oid) from pg_trigger where tgname = 'kitchen_watch_delete' and tgrelid = 'orders'::regclass`)
			s.exec(`create function idle() returns trigger language plpgsql as 'begin return null; end';
				drop trigger kitchen_watch_delete on orders;
				create trigger kitchen_watch_delete after delete on orders for each statement execute function idle();
				alter table orders enable always trigger kitchen_watch_delete`)
			s.noticed("orders.kitchen_watch_delete")
			s.write(20, 5*time.Second)
			s.exec(`drop trigger kitchen_watch_delete on orders; ` + definition + `; alter table orders enable always trigger kitchen_watch_delete`)
			s.heal()
		}},
		{fault: "F26e", name: "the_database_is_silent_by_a_setting", sweep: true, harms: true, inject: func(s *scene) {
			s.exec(`do $$ begin execute format('alter database %I set kitchen.notify = off', current_database()); end $$`)
			s.noticed("kitchen.notify")
			s.exec(`do $$ begin execute format('alter database %I reset kitchen.notify', current_database()); end $$`)
			s.heal()
		}},
		{fault: "F27", name: "orders_move_to_another_restaurant", inject: func(s *scene) {
			for _, n := range []int{1, 50, 80} { // as hints, and as queue_changed
				home := s.tenants[0]
				key := fmt.Sprintf("move %d", n)
				s.exec(`insert into orders (restaurant_id, external_id, notes) select $1, $2 || ' ' || i, $3 from generate_series(1, $4::int) i`,
					string(home.ID), key, home.Canary, n)
				for i := range 4 {
					to := s.tenants[(i+1)%2]
					s.exec(`update orders set restaurant_id = $1, notes = $2 where external_id like $3 || ' %'`, string(to.ID), to.Canary, key)
					s.write(3, 100*time.Millisecond)
				}
			}
		}},
		{fault: "F28", name: "bulk_changes", harms: true, inject: func(s *scene) {
			n := int(s.lasts(120, 10_000))
			t := s.tenants[0]
			s.exec(`insert into orders (restaurant_id, notes) select $1, $2 from generate_series(1, $3::int)`, string(t.ID), t.Canary, n)
			s.exec(`update orders set priority = 1 where restaurant_id = $1`, string(t.ID))
			id := s.query(`select min(id::text) from orders where restaurant_id = $1`, string(t.ID))
			for range n / 10 {
				s.exec(`update orders set priority = priority + 1 where id = $1`, id)
			}
			s.exec(`delete from orders where restaurant_id = $1 and priority = 1 and order_number % 10 <> 0`, string(t.ID))
		}},
		{fault: "F30", name: "what_is_rolled_back", inject: func(s *scene) {
			t := s.tenants[0]
			id := s.query(`insert into orders (restaurant_id, notes) values ($1, $2) returning id::text`, string(t.ID), t.Canary)
			for _, sql := range []string{
				`begin; update orders set notes = 'never' where id = '%[1]s'; rollback`,
				`begin; update orders set priority = 1 where id = '%[1]s'; savepoint a; update orders set notes = 'never' where id = '%[1]s'; rollback to a; commit`,
				`do $$ begin begin update orders set notes = 'never' where id = '%[1]s'; raise exception 'x'; exception when others then null; end; end $$`,
				`begin; savepoint a; insert into order_items (order_id, name) values ('%[1]s', 'line'); release a; commit`,
				`begin; insert into orders (restaurant_id, notes) values ('%[2]s', 'never'); rollback`,
				`insert into orders (restaurant_id, external_id, notes) values ('%[2]s', 'e', '%[3]s') on conflict do nothing`,
				`insert into orders (restaurant_id, external_id, notes) values ('%[2]s', 'e', 'never') on conflict do nothing`,
				`insert into orders (restaurant_id, external_id, notes) values ('%[2]s', 'e', 'never') on conflict (restaurant_id, external_id) do update set notes = '%[3]s 2'`,
			} {
				s.exec(fmt.Sprintf(sql, id, t.ID, t.Canary))
			}
			s.exec(`create table late (order_id uuid primary key references orders deferrable initially deferred)`)
			if _, err := s.pool.Exec(s.Context(), fmt.Sprintf(`begin; update orders set notes = 'never' where id = '%s'; insert into late values (gen_random_uuid()); commit`, id)); err == nil {
				s.Error("a deferred constraint did not fail")
			}
			s.exec(`begin; lock table orders in access exclusive mode; drop table late; commit`) // in the writers' order
			s.query(`select count(*)::text from orders where notes = 'never'`)
		}},
	}
}

// enableAlways is how the migrations leave the triggers.
func enableAlways(s *scene) string {
	return s.query(`
		select string_agg(format('alter table %s enable always trigger %I;', tgrelid::regclass, tgname), ' ')
		  from pg_trigger where not tgisinternal and tgenabled = 'A'`)
}

// noticed waits until every node says this in its log and of itself, and its displays are sent that they are not live.
func (s *scene) noticed(what string) {
	s.Helper()
	began := time.Now()
	for _, node := range s.nodes {
		node.logged.awaitFor(s.T, what, 32*time.Second) // a periodic check, and two seconds
		if trouble := node.n.Trouble(); node.n.Live() || !slices.ContainsFunc(trouble, func(t string) bool { return strings.Contains(t, what) }) {
			s.Errorf("live %t, and of itself the node says %q", node.n.Live(), trouble)
		}
	}
	s.all(false)
	s.remark = fmt.Sprintf("noticed after %.1f s", time.Since(began).Seconds())
}
