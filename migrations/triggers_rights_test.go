package migrations_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // goose takes a database/sql driver
)

func TestWriterNeedsNoOtherRights(t *testing.T) {
	t.Parallel()
	h := open(t)
	role := "writer_" + strings.ReplaceAll(h.a, "-", "")
	if err := h.do(`
		create role ` + role + `; grant insert (restaurant_id, notes) on orders to ` + role + `;
		grant insert (order_id, name, menu_item_id), select (id) on order_items to ` + role + `; grant insert (order_item_id, name) on order_item_modifiers to ` + role + `;
		grant update (status), select (id, status) on orders to ` + role + `; revoke execute on function pg_notify(text, text) from public;
		grant create on database ` + h.one(`select current_database()`) + ` to ` + role); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = h.pool.Exec(context.Background(), `grant execute on function pg_notify(text, text) to public; drop owned by `+role+` cascade; drop role `+role)
	})
	h.received()
	// A hostile search_path: functions of these names must not be run by ours.
	if err := h.do(`
		set role ` + role + `; create schema evil_` + role + `; set search_path = evil_` + role + `, public;
		create function pg_notify(text, text) returns void language plpgsql as $$ begin raise 'hijacked'; end $$;
		create function now() returns timestamptz language plpgsql as $$ begin raise 'hijacked'; end $$;
		create function format(text, uuid, bigint) returns text language plpgsql as $$ begin raise 'hijacked'; end $$;
		insert into public.orders (restaurant_id) values ($A);;
		update public.orders set status = 'ready';;
		insert into public.order_items (order_id, menu_item_id) select id, $ITEM from public.orders;;
		insert into public.order_item_modifiers (order_item_id, name) select id, 'x' from public.order_items`); err != nil {
		t.Fatal(err)
	}
	want := []string{"A order_created", "A order_status_changed ready", "A order_updated", "A order_updated"}
	if got := h.received(); !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

// Another program's triggers on our tables are run by their writers alone, with the writers' own settings and rights: nothing of
// ours writes a row that the writer did not name.
func TestOtherProgramsTriggersFindTheirTables(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		create schema extension; create function extension.tag(text) returns text language sql as $$ select $1 || '!' $$;
		create table audit (what text, who text); create role auditor_` + strings.ReplaceAll(h.a, "-", "") + `;
		create function audit() returns trigger language plpgsql as $$
		begin insert into audit values (tag(TG_TABLE_NAME || ' ' || TG_OP), current_user); return coalesce(NEW, OLD); end $$;
		create trigger audit after insert or update or delete on orders for each row execute function audit();
		create trigger audit after insert or update or delete on order_items for each row execute function audit();
		create trigger audit after insert or update or delete on restaurants for each row execute function audit();
		grant all on all tables in schema public to auditor_` + strings.ReplaceAll(h.a, "-", "") + `;
		grant usage on schema extension to auditor_` + strings.ReplaceAll(h.a, "-", "") + `;
		set role auditor_` + strings.ReplaceAll(h.a, "-", "") + `; set search_path = public, extension;
		insert into orders (restaurant_id) values ($B);; insert into order_items (order_id, name) select id, 'x' from orders where restaurant_id = $B;;
		update order_items set quantity = 2 where name = 'x';; delete from order_items where name = 'x'`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = h.pool.Exec(context.Background(), `drop owned by auditor_`+strings.ReplaceAll(h.a, "-", "")+`; drop role auditor_`+strings.ReplaceAll(h.a, "-", ""))
	})
	got := h.one(`select string_agg(what || ' ' || (who like 'auditor%'), ', ') from audit`)
	if want := "orders INSERT! true, order_items INSERT! true, order_items UPDATE! true, order_items DELETE! true"; got != want {
		t.Errorf("other programs' triggers noted\n%s, want\n%s", got, want)
	}
	// A cascade runs as the tables' owner: PostgreSQL's way.
	if err := h.do(`set search_path = public, extension; delete from restaurants where id = $B`); err != nil {
		t.Error(err)
	}
}

func TestFunctionsPinTheirSearchPath(t *testing.T) {
	t.Parallel()
	h := open(t)
	if loose := h.one(`
		select coalesce(string_agg(p.proname, ', '), '') from pg_proc p
		 where p.pronamespace = 'public'::regnamespace
		   and not coalesce(p.proconfig && array['search_path=pg_catalog, pg_temp', 'search_path=pg_catalog, public, pg_temp'], false)`); loose != "" {
		t.Errorf("without a pinned search_path: %s", loose)
	}
	if sleepy := h.one(`
		select coalesce(string_agg(t.tgname, ', '), '') from pg_trigger t
		 where not t.tgisinternal and t.tgenabled <> 'A' and t.tgrelid in ('users'::regclass, 'orders'::regclass, 'order_items'::regclass, 'order_item_modifiers'::regclass)`); sleepy != "" {
		t.Errorf("not enabled always: %s", sleepy)
	}
}
