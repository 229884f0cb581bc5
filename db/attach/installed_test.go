package attach_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/attach"
)

func TestInstalledSaysWhatNoLongerFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, want string }{
		{"nothing has changed", ``, "ok mapping: triggers on 9 tables fit the views"},
		{"a host's column that nobody reads", `alter table orders_order add paid boolean`, "ok mapping"},
		{"a column more in a view", `create or replace view kitchen.restaurants as select id, name, timezone, is_active from restaurants_restaurant`, "the trigger function of restaurants_restaurant watches other columns"},
		{"a table made again", `drop table orders_orderitemmodifier cascade; create table orders_orderitemmodifier (id bigint primary key, quantity integer, modifier_option_id bigint, order_item_id bigint)`, "the view kitchen.modifiers is missing"},
		{"a table renamed", `alter table tables_table rename to desks`, "tables_table"},
		{"a trigger disabled", `alter table orders_order disable trigger kitchen_watch_update`, `alter table "public"."orders_order" enable always trigger kitchen_watch_update`},
		{"a trigger dropped", `drop trigger kitchen_watch_delete on orders_orderitem`, `"public"."orders_orderitem" has no trigger for delete`},
		{"what was caught", `insert into kitchen.trigger_errors (source, sqlstate, message) values ('public.orders_order', '22012', 'division by zero')`, "division by zero (SQLSTATE 22012)"},
		{"a right that was taken", `insert into kitchen.trigger_errors (source, sqlstate, message) values ('public.orders_order', '42501', 'query would be affected by row-level security policy')`, "bypassrls"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := attachedDjango(t)
			h.exec(c.sql)
			report, err := attach.Installed(t.Context(), h.conn)
			if err != nil || !strings.Contains(text(report), c.want) {
				t.Errorf("%v, want %q:\n%s", err, c.want, text(report))
			}
		})
	}
	h := fixture(t, "django")
	if report, err := attach.Installed(t.Context(), h.conn); err != nil || len(report) != 0 {
		t.Errorf("without a mapping: %v, %v", report, err)
	}
}

func TestChangeStatusComparesTheVersion(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	if v := h.one(`select kitchen.change_status(1, 1, 'preparing', 0)::text`); v != "1" {
		t.Errorf("version %s, want 1", v)
	}
	refused := func(what, want, sql string) {
		t.Helper()
		var pg *pgconn.PgError
		if err := h.try(sql); !errors.As(err, &pg) || pg.Code != want {
			t.Errorf("%s: %v, want SQLSTATE %s", what, err, want)
		}
	}
	refused("of an old version", "40001", `select kitchen.change_status(1, 1, 'ready', 0)`)
	refused("of another restaurant", "P0002", `select kitchen.change_status(2, 1, 'ready', 1)`)
	if s := h.one(`select status || ' ' || version from kitchen.orders o, kitchen.order_versions v where o.id = 1 and v.order_id = 1`); s != "preparing 1" {
		t.Errorf("%s, want preparing 1: nothing is set", s)
	}

	// Somebody else's change commits while we wait for its lock.
	other := h.connect()
	for _, sql := range []string{`begin`, `update orders_order set notes = 'x' where id = 1`} {
		if _, err := other.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	answer := make(chan error)
	go func() { answer <- h.try(`select kitchen.change_status(1, 1, 'ready', 1)`) }()
	for waiting := false; !waiting; {
		if err := other.QueryRow(t.Context(), `select exists (select from pg_locks where not granted and locktype = 'transactionid')`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := other.Exec(t.Context(), `commit`); err != nil {
		t.Fatal(err)
	}
	var pg *pgconn.PgError
	if err := <-answer; !errors.As(err, &pg) || pg.Code != "40001" {
		t.Errorf("against somebody who was faster: %v, want SQLSTATE 40001", err)
	}
}
