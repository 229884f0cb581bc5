package migrations_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
)

// What a kitchen sees of an order's own row is counted in that row, so that it costs a writer no second one; and by whoever is first in a
// transaction, so that it counts once. A column that kitchen.orders gains belongs in this list.
func TestAnOrdersOwnRowCountsItsChanges(t *testing.T) {
	t.Parallel()
	h := open(t)
	changed := map[string]string{
		"status": `'preparing'`, "order_number": `4711`, "order_type": `'delivery'`, "priority": `3`, "table_id": `$TABLE`, "table_label": `'T9'`,
		"created_by": `$USER`, "created_by_name": `'Bo'`, "customer_name": `'Ana'`, "notes": `'well done'`, "allergy_note": `'nuts'`,
		"promised_at": `now() + interval '1 hour'`, "created_at": `created_at - interval '1 second'`, "completed_at": `now() + interval '2 minutes'`, "cancelled_at": `now() + interval '1 minute'`,
	}
	rows, err := h.pool.Query(t.Context(), `
		select distinct a.attname::text
		  from pg_depend d join pg_rewrite r on r.oid = d.objid join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
		 where d.classid = 'pg_rewrite'::regclass and r.ev_class = 'kitchen.order_rows'::regclass and d.refobjid = 'public.orders'::regclass
		   and a.attname not in ('id', 'restaurant_id') and a.attname not like 'kitchen\_%' order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	read, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(read) != len(changed) {
		t.Errorf("the view reads %q, and the test knows of %d", read, len(changed))
	}
	id := h.one(`insert into orders (restaurant_id) values ($1) returning id::text`, h.a)
	h.received()
	version := 1
	for _, column := range read {
		for _, c := range []struct {
			name, sql string
			received  []string
		}{
			{"changed", `update orders set ` + column + ` = ` + changed[column], []string{"A order_updated"}},
			{"written back as it is", `update orders set ` + column + ` = ` + column, nil},
		} {
			if c.received != nil {
				version++
			}
			if column == "status" && c.received != nil {
				c.received = []string{"A order_status_changed preparing"}
			}
			if err := h.do(c.sql); err != nil {
				t.Fatalf("%s %s: %v", column, c.name, err)
			}
			if got := h.received(); !slices.Equal(got, c.received) {
				t.Errorf("%s %s: received %q, want %q", column, c.name, got, c.received)
			}
			want := fmt.Sprintf("%d counted, 0 recorded", version)
			if got := h.one(`select kitchen_changes || ' counted, ' || (select count(*) from kitchen.order_changes) || ' recorded' from orders where id = $1`, id); got != want {
				t.Errorf("%s %s: %s, want %s", column, c.name, got, want)
			}
		}
	}
}

// Nobody else writes what a row says of its changes: programs that write back all that they have read, or copy rows, would lower a version.
func TestWritersCannotSetWhatTheRowCounts(t *testing.T) {
	t.Parallel()
	h := open(t)
	const lies = `kitchen_changes = 77, kitchen_changed_at = '2000-01-01', kitchen_xact = 7, kitchen_came_at = '2000-01-01'`
	const counted = `select kitchen_changes || ' ' || (kitchen_changed_at > '2001-01-01' and kitchen_came_at > '2001-01-01' and kitchen_xact > 7)
		|| ' ' || (select version from kitchen.order_versions v where v.order_id = o.id) from orders o where id = $1`
	id := h.one(`insert into orders (restaurant_id, kitchen_changes, kitchen_changed_at, kitchen_xact, kitchen_came_at)
		values ($1, 77, '2000-01-01', 7, '2000-01-01') returning id::text`, h.a)
	for _, c := range []struct{ name, sql, want string }{
		{"insert", `select`, "1 true 1"},
		{"update", `update orders set ` + lies, "1 true 1"},
		{"update with a change", `update orders set notes = 'x', ` + lies, "2 true 2"},
		{"upsert", `insert into orders (id, restaurant_id, notes) values ('` + id + `', $A, 'y') on conflict (id) do update set notes = excluded.notes,
			kitchen_changes = excluded.kitchen_changes, kitchen_xact = excluded.kitchen_xact`, "3 true 3"},
		{"null", `update orders set kitchen_changes = null, kitchen_changed_at = null, kitchen_xact = null, kitchen_came_at = null`, "3 true 3"},
	} {
		if err := h.do(c.sql); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := h.one(counted, id); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// The row counts, and kitchen.order_changes records; whichever comes first in a transaction, the other does nothing.
func TestRowAndRecordsCountATransactionOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	const row, line = `update orders set notes = notes || 'x'`, `update order_items set quantity = quantity + 1`
	const move, back = `update orders set restaurant_id = $B`, `update orders set restaurant_id = $A`
	for _, c := range []struct {
		name, sql string
		received  []string
	}{
		{"row, then line", row + `; ` + line, []string{"A order_updated"}},
		{"line, then row", line + `; ` + row, []string{"A order_updated"}},
		{"line, row, line, row", line + `; ` + row + `; ` + line + `; ` + row, []string{"A order_updated"}},
		{"line of a savepoint that is rolled back, then row", `savepoint s; ` + line + `; rollback to s; ` + row, []string{"A order_updated"}},
		{"row of a savepoint that is rolled back, then line", `savepoint s; ` + row + `; rollback to s; ` + line, []string{"A order_updated"}},
		{"row, then line of a savepoint that is rolled back, then row", row + `; savepoint s; ` + line + `; rollback to s; ` + row, []string{"A order_updated"}},
		{"status and line in one statement", `with o as (update orders set status = 'ready'), l as (update order_items set quantity = quantity + 1) select`, []string{"A order_updated"}},
		{"row, then move", row + `; ` + move, []string{"A order_deleted", "A order_updated", "B order_created"}},
		{"move, then row", back + `; ` + row, []string{"A order_created", "B order_deleted"}},
		{"other programs' trigger alone", `create function late() returns trigger language plpgsql as $$ begin NEW.notes := NEW.notes || 'late'; return NEW; end $$;
			create trigger zz_late before update on orders for each row execute function late();
			update orders set price = 2`, []string{"A order_updated"}},
	} {
		for _, isolation := range []string{"read committed", "repeatable read", "serializable"} {
			if err := h.do(`set kitchen.notify = off; truncate orders cascade; drop trigger if exists zz_late on orders; drop function if exists late();
				alter table orders drop column if exists price; alter table orders add price int;
				with o as (insert into orders (restaurant_id) values ($A) returning id, restaurant_id)
				insert into order_items (order_id, restaurant_id, name) select id, restaurant_id, 'Soup' from o`); err != nil {
				t.Fatal(err)
			}
			if c.name == "move, then row" {
				if err := h.do(`set kitchen.notify = off; ` + move); err != nil {
					t.Fatal(err)
				}
			}
			before := h.one(`select version::text from kitchen.order_versions`)
			if err := h.do(`begin isolation level ` + isolation + `; ` + c.sql + `; commit`); err != nil {
				t.Fatalf("%s, %s: %v", c.name, isolation, err)
			}
			if isolation == "serializable" { // with version 0
				if got := h.payloads(); len(got) != len(c.received) {
					t.Errorf("%s, %s: received %q, want %q", c.name, isolation, got, c.received)
				}
			} else {
				got := h.received()
				slices.Sort(got)
				if !slices.Equal(got, c.received) {
					t.Errorf("%s, %s: received %q, want %q", c.name, isolation, got, c.received)
				}
			}
			if rose := h.one(`select (version - $1::bigint)::text from kitchen.order_versions`, before); rose != "1" {
				t.Errorf("%s, %s: the version rose by %s", c.name, isolation, rose)
			}
		}
	}
	if got := h.one(`select coalesce(string_agg(message, ', '), '') from kitchen.trigger_errors`); got != "" {
		t.Error(got)
	}
}
