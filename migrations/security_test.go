package migrations_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// owned gives everything to a role that is no superuser, as it is in earnest, and returns a connection of a writer's role.
func (h *house) owned() *pgx.Conn {
	h.Helper()
	unique := strings.ToLower(fmt.Sprintf("%p", h.T))[4:]
	owner, writer := "owner_"+unique, "writer_"+unique
	if err := h.do(`create role ` + owner + `; create role ` + writer + ` login;
		do $$ declare x record; begin
		  for x in select c.oid::regclass as name from pg_class c where c.relnamespace in ('public'::regnamespace, 'kitchen'::regnamespace)
		            and c.relkind in ('r', 'v', 'S') and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i') loop
		    execute format('alter table %s owner to ` + owner + `', x.name);
		  end loop;
		  for x in select p.oid::regprocedure as name from pg_proc p where p.pronamespace in ('public'::regnamespace, 'kitchen'::regnamespace) loop
		    execute format('alter function %s owner to ` + owner + `', x.name);
		  end loop;
		end $$;
		grant usage on schema kitchen, public to ` + owner + `, ` + writer + `;
		grant select, insert, update, delete on restaurants, orders, order_items, order_item_modifiers, tables, users to ` + writer); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() {
		ctx := context.WithoutCancel(h.Context())
		_, _ = h.pool.Exec(ctx, `reassign owned by `+owner+` to current_user; drop owned by `+owner+`, `+writer+`; drop role `+owner+`, `+writer)
	})
	cfg, err := pgx.ParseConfig(h.url)
	if err != nil {
		h.Fatal(err)
	}
	cfg.User = writer
	conn, err := pgx.ConnectConfig(h.Context(), cfg)
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// A policy for the writers' role hides rows from the owner, in whose name the functions run, where row-level security is forced.
// Then a write is refused and says why, or does what it does without: never two orders of one number, never a silent change.
func TestForcedRowLevelSecurityIsLoudOrRight(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"restaurants", "orders", "order_items", "order_item_modifiers", "tables", "users"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			writer := h.owned()
			id := h.one(`insert into orders (restaurant_id) values ($1) returning id::text`, h.a)
			line := h.one(`insert into order_items (order_id, name) values ($1, 'Soup') returning id::text`, id)
			option := h.one(`insert into order_item_modifiers (order_item_id, name) values ($1, 'hot') returning id::text`, line)
			h.received()
			if err := h.do(`alter table ` + table + ` enable row level security; alter table ` + table + ` force row level security;
				create policy writers on ` + table + ` to ` + writer.Config().User + ` using (true) with check (true)`); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				sql  string
				args []any
			}{
				{`insert into orders (restaurant_id) values ($1)`, []any{h.a}},
				{`insert into orders (restaurant_id, table_id, created_by) values ($1, $2, $3)`, []any{h.a, h.table, h.user}},
				{`update orders set notes = 'x' where id = $1`, []any{id}},
				{`update orders set status = 'ready' where id = $1`, []any{id}},
				{`insert into order_items (order_id, name) values ($1, 'Tea')`, []any{id}},
				{`insert into order_items (restaurant_id, order_id, name, position) values ($2, $1, 'Tea', 7)`, []any{id, h.a}},
				{`update order_items set notes = 'x' where id = $1`, []any{line}},
				{`update order_item_modifiers set quantity = 2 where id = $1`, []any{option}},
				{`delete from order_item_modifiers where id = $1`, []any{option}},
				{`delete from order_items where id = $1`, []any{line}},
				{`update tables set label = 'T9' where id = $1`, []any{h.table}},
				{`delete from orders where id = $1`, []any{id}},
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				_, err := writer.Exec(ctx, c.sql, c.args...)
				cancel()
				received := h.received()
				switch {
				case err != nil && !strings.Contains(err.Error(), "row-level security"):
					t.Errorf("%s: %v", c.sql, err)
				case err == nil && len(received) == 0 && h.one(`select count(*)::text from kitchen.trigger_errors`) == "0":
					t.Errorf("%s: silent", c.sql)
				}
			}
			numbers := strings.Fields(h.one(`select coalesce(string_agg(order_number::text, ' '), '') from orders where restaurant_id = $1`, h.a))
			slices.Sort(numbers)
			if len(slices.Compact(slices.Clone(numbers))) != len(numbers) {
				t.Errorf("numbers %q", numbers)
			}
		})
	}
}
