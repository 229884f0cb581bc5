package doctor

import (
	"strings"
	"testing"

	"kitchen/cmd/kitchen/database"
)

// Each fault is found by the named check, with its mark. Where the advice is statements or a command, it mends the fault.
func TestDoctorFindsWhatIsWrongWithADatabase(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	sound := c.newDatabase(t)
	d := diagnose(t, database.Config{URL: sound.node()})
	d.healthy(t)
	for _, check := range []string{"database", "version", "primary", "pooler", "migrations", "triggers", "rights", "index",
		"two-phase commit", "clock", "listeners", "encoding", "numbers", "time zones", "announcements", "writes", "queue", "round trip", "key", "open files"} {
		d.expect(t, check, "ok")
	}
	d.expect(t, "new order", "not tried", "may not insert orders")
	d.expect(t, "cook's tap", "ok", "no open order")
	var left int
	if err := sound.owner.QueryRow(t.Context(), `select count(*) from orders`).Scan(&left); err != nil || left != 0 {
		t.Errorf("the doctor left %d orders behind (%v)", left, err)
	}

	const slow = "show up half a minute late"
	for name, fault := range map[string]struct {
		cause  string
		check  string
		mark   string
		words  []string
		mends  bool // the statements or the command of the advice mend it
		server bool // it affects other databases of the server: not in parallel with the others
	}{
		"trigger disabled": {`alter table orders disable trigger kitchen_watch_insert`,
			"triggers", "wrong", []string{"orders.kitchen_watch_insert is disabled", slow}, true, false},
		"trigger not always": {`alter table order_items enable trigger kitchen_watch_update`,
			"triggers", "wrong", []string{"order_items.kitchen_watch_update is not enabled always"}, true, false},
		"all triggers disabled": {`alter table orders disable trigger user`,
			"triggers", "wrong", []string{`orders."~orders_complete_update" is disabled`, "orders.kitchen_watch_truncate is disabled"}, true, false},
		"trigger missing": {`drop trigger kitchen_watch_update on orders`,
			"triggers", "wrong", []string{"orders.kitchen_watch_update is missing", "kitchen migrate repair"}, true, false},
		"trigger of something else": {`drop trigger "~order_items_complete_insert" on order_items;
			create trigger "~order_items_complete_insert" before insert on order_items for each row execute function suppress_redundant_updates_trigger();
			alter table order_items enable always trigger "~order_items_complete_insert"; alter table kitchen.settings disable trigger kitchen_watch_update`,
			"triggers", "wrong", []string{`order_items."~order_items_complete_insert" is another one`, "kitchen.settings.kitchen_watch_update is disabled"}, true, false},
		"settings' trigger disabled": {`alter table kitchen.settings disable trigger kitchen_watch_update`,
			"triggers", "wrong", []string{"alter table kitchen.settings enable always trigger kitchen_watch_update"}, true, false},
		"numbering missing": {`drop function kitchen.next_order_number(uuid, date)`,
			"triggers", "wrong", []string{"function kitchen.next_order_number is missing"}, true, false},
		"numbering replaced": {`create or replace function kitchen.next_order_number(restaurant uuid, day date) returns integer language sql as 'select 1'`,
			"triggers", "wrong", []string{"function kitchen.next_order_number is another one"}, true, false},
		"expression replaced": {`create or replace function kitchen.is_silent() returns boolean language sql stable return coalesce(lower(current_setting('kitchen.notify', true)) in ('off', 'false'), false)`,
			"triggers", "wrong", []string{"function kitchen.is_silent is another one"}, true, false},
		"expression replaced by a text": {`create or replace function kitchen.writer() returns text language sql stable as 'select null::text'`,
			"triggers", "wrong", []string{"function kitchen.writer is another one"}, true, false},
		"time zones unchecked": {`drop trigger restaurants_check_timezone on restaurants; alter table restaurants disable trigger restaurants_check_changed_timezone`,
			"triggers", "wrong", []string{"restaurants.restaurants_check_timezone is missing", "restaurants.restaurants_check_changed_timezone is disabled"}, true, false},
		"settings in silence": {`drop trigger kitchen_watch_insert on kitchen.settings`,
			"triggers", "wrong", []string{"kitchen.settings.kitchen_watch_insert is missing"}, true, false},
		"no right to read": {`revoke select on kitchen.restaurants, kitchen.lines from node_of_scratch`,
			"rights", "wrong", []string{"lacks rights", "grant select on kitchen.restaurants, kitchen.lines to node_of_scratch"}, true, false},
		"no right to update": {`revoke update (status) on orders from node_of_scratch`,
			"rights", "wrong", []string{"grant select (id), update (status) on orders"}, true, false},
		"owner": {`alter table orders owner to node_of_scratch`,
			"rights", "warning", []string{"owns the tables", "kitchen migrate role | psql"}, false, false},
		"function replaced": {`create or replace function kitchen.watch_new_orders() returns trigger language plpgsql as 'begin return null; end'`,
			"triggers", "wrong", []string{"function kitchen.watch_new_orders is another one"}, true, false},
		"no right to users": {`revoke select on kitchen.users from node_of_scratch`,
			"rights", "wrong", []string{"grant select on kitchen.users to node_of_scratch"}, true, false},
		"migration pending": {`delete from kitchen.goose_db_version where version_id = 6`,
			"migrations", "wrong", []string{"00006_create_stations", "kitchen migrate up"}, false, false},
		"migration unknown": {`insert into kitchen.goose_db_version (version_id, is_applied) values (99999, true)`,
			"migrations", "warning", []string{"99999", "newer"}, false, false},
		"list of migrations gone": {`drop table kitchen.goose_db_version`,
			"migrations", "warning", []string{"goose_db_version"}, false, false},
		"list of migrations hidden": {`revoke select on kitchen.goose_db_version from node_of_scratch`,
			"migrations", "warning", []string{"may not see"}, true, false},
		"not migrated": {`drop table order_item_modifiers cascade`,
			"migrations", "wrong", []string{"modifiers.kind", "kitchen migrate up"}, false, false},
		"index missing": {`drop index orders_queue`,
			"index", "warning", []string{"is missing"}, true, false},
		"index invalid": {`update pg_index set indisvalid = false where indexrelid = 'orders_queue'::regclass`,
			"index", "warning", []string{"not valid"}, true, false},
		"index of something else": {`drop index orders_queue; create index orders_queue on orders (notes)`,
			"index", "warning", []string{"does not read open orders by it"}, true, false},
		"schema closed": {`revoke usage on schema kitchen from node_of_scratch`,
			"migrations", "wrong", []string{"may not look into the schema kitchen", "grant usage on schema kitchen to node_of_scratch"}, true, false},
		"schema of the tables closed": {`revoke usage on schema public from public, node_of_scratch`,
			"rights", "wrong", []string{"lacks rights", "grant usage on schema public, kitchen to node_of_scratch"}, true, false},
		"notifications off": {`alter role node_of_scratch set kitchen.notify = off`,
			"kitchen.notify", "wrong", []string{"role node_of_scratch", "half a minute late"}, true, true},
		"notifications off in the database": {`do $$ begin execute format('alter role node_of_scratch in database %I set kitchen.notify = off', current_database()); end $$`,
			"kitchen.notify", "wrong", []string{"reset kitchen.notify", "in database"}, true, false},
		"notifications off for all": {`do $$ begin execute format('alter database %I set kitchen.notify = off', current_database()); end $$`,
			"kitchen.notify", "wrong", []string{"alter database", "reset kitchen.notify"}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			if !fault.server {
				t.Parallel()
			}
			p := c.newDatabase(t)
			p.do(t, p.named(fault.cause))
			at := database.Config{URL: p.node()}
			words := make([]string, len(fault.words))
			for i, w := range fault.words {
				words[i] = p.named(w)
			}
			mend := diagnose(t, at).expect(t, fault.check, fault.mark, words...)
			if !fault.mends {
				return
			}
			p.carryOut(t, mend)
			diagnose(t, at).healthy(t)
		})
	}
}

// Where the role may insert orders, the doctor tries the triggers on an order that it rolls back.
func TestDoctorTriesTheTriggersWhereItMay(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	p := c.newDatabase(t)
	d := diagnose(t, database.Config{URL: p.url})
	d.expect(t, "rights", "warning", "superuser")
	d.expect(t, "new order", "ok", "rolled back", "not announced")
	if d.code != 1 {
		t.Errorf("exit code %d for warnings alone", d.code)
	}
	// A restaurant and its order stay as they are.
	p.do(t, `insert into restaurants (id, name) values ('0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10', 'Vesuvio');
	         insert into orders (restaurant_id) values ('0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10')`)
	diagnose(t, database.Config{URL: p.url}).expect(t, "new order", "ok", "rolled back")
	var orders, numbers string
	if err := p.owner.QueryRow(t.Context(), `select string_agg(order_number::text, ','), count(*)::text from orders`).
		Scan(&numbers, &orders); err != nil || orders != "1" {
		t.Errorf("%s orders, with the numbers %s (%v)", orders, numbers, err)
	}

	p.do(t, `create or replace function kitchen.watch_new_orders() returns trigger language plpgsql as $$
	         begin return null; end $$`)
	diagnose(t, database.Config{URL: p.url}).expect(t, "new order", "wrong", "was not announced", "kitchen.watch_new_orders")
	p.do(t, `create or replace function complete_new_order() returns trigger language plpgsql as $$
	         begin raise exception 'closed today'; end $$`)
	diagnose(t, database.Config{URL: p.url}).expect(t, "new order", "wrong", "closed today")
}

// An order that a trigger refuses is refused to every writer: wrong. A trial order that lacks what only the host's program fills
// proves nothing: not tried.
func TestDoctorDistinguishesARefusedOrderFromOneThatCannotBeTried(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	for name, fault := range map[string]struct{ cause, mark, says string }{
		"host's trigger": {`create function closed() returns trigger language plpgsql as $$ begin raise exception 'closed today'; end $$;
			create trigger closed before insert on orders for each row execute function closed()`, "wrong", "closed today"},
		"host's trigger without rights": {`create table audit (what text); create function note() returns trigger language plpgsql as $$
			begin insert into public.audit values ('new'); return NEW; end $$;
			create trigger note before insert on orders for each row execute function note();
			grant insert on orders to node_of_scratch`, "wrong", "permission denied for table audit"},
		"host's trigger on lines": {`create function closed() returns trigger language plpgsql as $$ begin raise exception 'no lines today'; end $$;
			create trigger closed before insert on order_items for each row execute function closed()`, "wrong", "no lines today"},
		"lines that vanish":  {`create rule quiet as on insert to order_item_modifiers do instead nothing`, "wrong", "the views do not show a new order with its line"},
		"host's column":      {`alter table orders add column till integer not null`, "not tried", "till"},
		"host's constraint":  {`alter table orders add constraint named check (customer_name <> '')`, "not tried", "named"},
		"rights of the role": {`truncate restaurants cascade; grant insert on orders to node_of_scratch`, "not tried", "make a restaurant"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := c.newDatabase(t)
			p.do(t, `insert into restaurants (name) values ('Vesuvio')`)
			p.do(t, p.named(fault.cause))
			at := database.Config{URL: p.url}
			if strings.Contains(fault.cause, "node_of_scratch") {
				at.URL = p.node()
				p.do(t, p.named(`grant select on restaurants, orders to node_of_scratch`))
			}
			diagnose(t, at).expect(t, "new order", fault.mark, fault.says)
			var text strings.Builder
			Print(&text, Examine(t.Context(), Config{Db: at}))
			if strings.Contains(text.String(), "it works") {
				t.Errorf("it is said to work:\n%s", text.String())
			}
		})
	}
}
