package migrations_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// complete_changed_order says in a setting what watch_changed_orders announces. Statements within statements share that setting, and still
// each order whose version rises is announced once, with that version.
func TestEachOrderIsAnnouncedHoweverStatementsNest(t *testing.T) {
	t.Parallel()
	const next = `
		create function next_one(number int) returns text language plpgsql as $f$
		begin update orders set notes = notes || 'x' where order_number = number + 10; return 'next'; end $f$;`
	const trigger = next + `
		create function touch_next() returns trigger language plpgsql as $f$
		begin if pg_trigger_depth() = 1 then perform next_one(NEW.order_number); end if; return NEW; end $f$;
		create trigger `
	for _, c := range []struct{ name, sql string }{
		{"one order", `update orders set status = 'ready' where order_number = 1`},
		{"two orders", `update orders set status = 'ready' where order_number in (1, 2)`},
		{"one, then another", `update orders set status = 'ready' where order_number = 1; update orders set notes = 'x' where order_number = 2`},
		{"two, then another", `update orders set priority = 2 where order_number in (1, 2); update orders set notes = 'x' where order_number = 3`},
		{"two of one statement with CTEs", `with a as (update orders set status = 'ready' where order_number = 1)
			update orders set notes = 'x' where order_number = 2`},
		{"a function that changes another", next + `update orders set customer_name = next_one(order_number) where order_number = 1`},
		{"a function that changes another, of each of two", next + `update orders set customer_name = next_one(order_number) where order_number in (1, 2)`},
		{"a function that changes nothing", next + `update orders set customer_name = next_one(order_number + 80) where order_number in (1, 2)`},
		{"a function that changes others, and nothing else", next + `update orders set price = length(next_one(order_number)) where order_number in (1, 2)`},
		{"another program's trigger before", trigger + `a before update on orders for each row execute function touch_next(); update orders set status = 'ready' where order_number = 1`},
		{"another program's trigger before, of two", trigger + `a before update on orders for each row execute function touch_next(); update orders set status = 'ready' where order_number in (1, 2)`},
		{"another program's trigger after", trigger + `a after update on orders for each row execute function touch_next(); update orders set status = 'ready' where order_number = 1`},
		{"another program's trigger after, of two", trigger + `z after update on orders for each row execute function touch_next(); update orders set status = 'ready' where order_number in (1, 2)`},
		{"a savepoint that is rolled back", `savepoint s; update orders set status = 'ready' where order_number = 1; rollback to s; update orders set notes = 'x' where order_number = 2`},
		{"a savepoint with two that is rolled back", `savepoint s; update orders set priority = 2 where order_number in (1, 2); rollback to s; update orders set notes = 'x' where order_number = 2`},
		{"a statement that fails", `do $d$ begin update orders set notes = 'x', priority = 1 / (order_number - 2) where order_number in (1, 2); exception when division_by_zero then null; end $d$;
			update orders set status = 'ready' where order_number = 3`},
		{"an order that is there already", `insert into orders (restaurant_id, external_id) values ($A, '1') on conflict (restaurant_id, external_id) do update set notes = 'x'`},
		{"a move, then another", `update orders set restaurant_id = $B where order_number = 1; update orders set status = 'ready' where order_number = 2`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			if err := h.do(`alter table orders add price int;;
				insert into orders (restaurant_id, order_number, external_id) select $A, n, n::text from generate_series(1, 20) n;;
				create table was as select * from kitchen.order_versions`); err != nil {
				t.Fatal(err)
			}
			h.received()
			if err := h.do(`begin; ` + c.sql + `; commit`); err != nil {
				t.Fatal(err)
			}
			type change struct {
				ID      string `json:"order_id"`
				Version int64  `json:"version"`
			}
			var rose []change
			if err := json.Unmarshal([]byte(h.one(`
				select coalesce(json_agg(json_build_object('order_id', v.order_id, 'version', v.version) order by v.order_id::text), '[]')::text
				  from kitchen.order_versions v join was using (order_id) where v.version > was.version`)), &rose); err != nil {
				t.Fatal(err)
			}
			if len(rose) == 0 {
				t.Fatal("no version rose")
			}
			received := map[change]bool{}
			for _, payload := range h.payloads() {
				var p change
				if err := json.Unmarshal([]byte(payload), &p); err != nil {
					t.Fatal(err)
				}
				received[p] = true
			}
			for _, r := range rose {
				if !received[r] {
					t.Errorf("order %s has version %d, and nobody said so: received %v", r.ID, r.Version, received)
				}
			}
			for p := range received {
				if !slices.Contains(rose, p) {
					t.Errorf("received %v, and only %v changed", p, rose)
				}
			}
			if got := h.one(`select coalesce(string_agg(message, ', '), '') from kitchen.trigger_errors`); got != "" {
				t.Error(got)
			}
		})
	}
}
