package attach_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// With the server's queue of notifications nearly full, a NOTIFY would make the writer's commit fail. A queue of 8 GB, which is what
// PostgreSQL 14 to 16 have, cannot be filled in a test: there, the functions as they are installed ask another gauge instead. That a
// really full queue fails no writer is tested where it can be made small, by make compat.
func TestTriggersFallSilentBeforeTheQueueIsFull(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	h.exec(`create table public.gauge (usage float8); insert into public.gauge values (0); grant select on public.gauge to public;
		create function public.usage() returns float8 language sql volatile as $$ select usage from public.gauge $$`)
	rows, err := h.conn.Query(t.Context(), `select pg_get_functiondef(p.oid) from pg_proc p where p.pronamespace = 'kitchen'::regnamespace and p.prosrc || coalesce(pg_get_function_sqlbody(p.oid), '') ~ 'queue_usage'`)
	if err != nil {
		t.Fatal(err)
	}
	asking, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(asking) < 2 {
		t.Fatalf("%d functions ask how full the queue is: %v", len(asking), err)
	}
	for _, definition := range asking {
		definition = strings.ReplaceAll(strings.ReplaceAll(definition, "pg_catalog.pg_notification_queue_usage()", "public.usage()"), "pg_notification_queue_usage()", "public.usage()")
		h.exec(definition)
	}

	writes := []string{
		orderRow(50, 1), line(60, 50), modifier(70, 60),
		`update orders_order set status = 'ready' where id = 50`, `delete from orders_orderitemmodifier where id = 70`,
		`update orders_order set restaurant_id = 2 where id = 50`,
		`update restaurants_restaurant set name = name || 'x' where id = 1`, `update tables_table set number = number || 'x'`,
		`update accounts_user set is_active = not is_active where id = 1`,
		`insert into kitchen.settings (restaurant_id, warn_after) values (1, '6 minutes') on conflict (restaurant_id) do update set warn_after = kitchen.settings.warn_after + interval '1 second'`,
		`delete from orders_orderitem where order_id = 50`, `delete from orders_order where id = 50`,
		`truncate orders_orderitemmodifier`,
	}
	for _, usage := range []string{"0.75", "0.99", "0.74"} {
		h.exec(`update public.gauge set usage = ` + usage)
		for _, sql := range writes {
			h.exec(sql)
			received := h.received()
			if silent := len(received) == 0; silent != (usage != "0.74") {
				t.Errorf("with %s of the queue full, %s announces %q", usage, sql, received)
			}
		}
		// What happened is recorded all the same: the periodic check and a recount find it.
		if v := h.one(`select coalesce(sum(version), 0)::text from kitchen.order_changes where order_id = 50`); v == "0" {
			t.Errorf("with %s of the queue full, no version was recorded", usage)
		}
	}
	if errors := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); errors != "" {
		t.Errorf("trigger errors: %s", errors)
	}
}
