package migrations_test

import (
	"context"
	"regexp"
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
	h.heard()
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
	if got := h.heard(); !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
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

// Two functions that run with their owner's rights take the search_path as the writer's session has it, for what pinning it costs each row.
// So nothing that they name may be found through it. They are run, in each of their ways, with a schema before pg_catalog in which every
// operator, type and function of pg_catalog that could stand in their text is a trap.
func TestFunctionsWithoutASearchPathNameEverySchema(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		create schema trap;
		create function trap.say(what text) returns void language plpgsql as $$ begin raise exception 'trapped by %', what; end $$;
		set check_function_bodies = off; set client_min_messages = error;
		do $do$
		declare x record;
		begin
		  for x in select p.oid, p.proname, pg_get_function_result(p.oid) as result, pg_get_function_identity_arguments(p.oid) as args
		             from pg_proc p
		            where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and not p.proretset
		              and exists (select from pg_proc f where f.proname in ('complete_order_item', 'complete_order_item_modifier') and f.prosrc ~ ('\m' || p.proname || '\M'))
		  loop
		    begin
		      execute format('create function trap.%I(%s) returns %s language plpgsql as $$ begin perform trap.say(%L); end $$', x.proname, x.args, x.result, x.proname);
		    exception when others then null; -- what cannot be made cannot be a trap
		    end;
		  end loop;
		  for x in select o.oprname, format_type(o.oprleft, null) as l, format_type(o.oprright, null) as r, format_type(o.oprresult, null) as result
		             from pg_operator o
		            where o.oprnamespace = 'pg_catalog'::regnamespace and o.oprleft <> 0
		              and o.oprname in ('=', '<>', '<', '>', '<=', '>=', '||', '~', '!~')
		  loop
		    begin
		      execute format('create function trap.operator_%s(%s, %s) returns %s language plpgsql as $$ begin perform trap.say(%L); end $$', md5(x.oprname || x.l || x.r), x.l, x.r, x.result, x.oprname);
		      execute format('create operator trap.%s (leftarg = %s, rightarg = %s, function = trap.operator_%s)', x.oprname, x.l, x.r, md5(x.oprname || x.l || x.r));
		    exception when others then null;
		    end;
		  end loop;
		end $do$;
		create domain trap.text as pg_catalog.text check (false); create domain trap.uuid as pg_catalog.uuid check (false);
		create domain trap.int4 as pg_catalog.int4 check (false); create domain trap.bool as pg_catalog.bool check (false)`); err != nil {
		t.Fatal(err)
	}
	const order, line, modifier = `'0c0ffee0-0000-4000-8000-000000000001'`, `'0c0ffee0-0000-4000-8000-000000000002'`, `'0c0ffee0-0000-4000-8000-000000000003'`
	for _, writes := range []string{
		`begin; insert into public.orders (id, restaurant_id) values (` + order + `, $A);
		 insert into public.order_items (id, order_id, menu_item_id) values (` + line + `, ` + order + `, $ITEM);
		 insert into public.order_item_modifiers (id, order_item_id, modifier_option_id) values (` + modifier + `, ` + line + `, $OPTION); commit`,
		`begin; insert into public.orders (id, restaurant_id) values (default, $A);
		 insert into public.order_items (order_id, name) select id, 'x' from public.orders;
		 insert into public.order_item_modifiers (order_item_id, name) select id, 'y' from public.order_items; commit`,
		`insert into public.order_items (order_id, menu_item_id) values (` + order + `, $ITEM)`,
		`insert into public.order_item_modifiers (order_item_id, modifier_option_id) values (` + line + `, $OPTION)`,
		`update public.order_items set quantity = 2`,
		`update public.order_items set name = 'z', menu_item_id = null`,
		`update public.order_item_modifiers set quantity = 2`,
		`update public.order_item_modifiers set name = 'z', modifier_option_id = null`,
	} {
		if err := h.do(`set search_path = trap, pg_catalog;; ` + writes); err != nil {
			t.Errorf("%v", err)
		}
	}
	// What cannot be made a trap of, because it takes arguments of any type, is seen in the text.
	source := h.one(`select string_agg(p.prosrc, ' ') from pg_proc p where p.proname in ('complete_order_item', 'complete_order_item_modifier')`)
	for _, called := range regexp.MustCompile(`[\w.]+\(|::[\w.]+`).FindAllString(source, -1) {
		if !regexp.MustCompile(`^(::)?(pg_catalog|kitchen)\.|^(operator|coalesce)\($`).MatchString(called) {
			t.Errorf("named without its schema: %s", called)
		}
	}
	// The trap closes: what stands in a function without a schema falls into it.
	for careless, caught := range map[string]string{`$1 = $1`: "trapped by =", `starts_with($1, $1)`: "trapped by starts_with", `$1::text is null`: "text_check"} {
		err := h.do(`set search_path = trap, pg_catalog;;
			create or replace function trap.careless(pg_catalog.text) returns pg_catalog.bool language plpgsql as $$ begin return ` + careless + `; end $$;;
			select trap.careless('x')`)
		if err == nil || !strings.Contains(err.Error(), caught) {
			t.Errorf("%s: %v", careless, err)
		}
	}
}

func TestFunctionsPinTheirSearchPath(t *testing.T) {
	t.Parallel()
	h := open(t)
	if loose := h.one(`
		select coalesce(string_agg(p.proname, ', '), '') from pg_proc p
		 where p.pronamespace = 'public'::regnamespace
		   and p.proname not in ('complete_order_item', 'complete_order_item_modifier') -- which name every schema, see above
		   and not coalesce(p.proconfig && array['search_path=pg_catalog, pg_temp', 'search_path=pg_catalog, public, pg_temp'], false)`); loose != "" {
		t.Errorf("without a pinned search_path: %s", loose)
	}
	if sleepy := h.one(`
		select coalesce(string_agg(t.tgname, ', '), '') from pg_trigger t
		 where not t.tgisinternal and t.tgenabled <> 'A' and t.tgrelid in ('users'::regclass, 'orders'::regclass, 'order_items'::regclass, 'order_item_modifiers'::regclass)`); sleepy != "" {
		t.Errorf("not enabled always: %s", sleepy)
	}
}
