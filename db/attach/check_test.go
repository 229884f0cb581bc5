package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

func (h *host) check(m *attach.Mapping) attach.Report {
	h.Helper()
	report, err := attach.Check(h.Context(), h.conn, m)
	if err != nil {
		h.Fatal(err)
	}
	return report
}

func text(r attach.Report) string {
	var b strings.Builder
	for _, f := range r {
		b.WriteString(f.Level.String() + " " + f.Check + ": " + f.Means + " -> " + f.Mend + "\n")
	}
	return b.String()
}

func TestCheckProvesTheDjangoMapping(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	report := h.check(mapping(t, "django"))
	if report.Worst() == attach.Wrong {
		t.Errorf("a good mapping is refused:\n%s", text(report))
	}
	for _, want := range []string{`"served" is completed: 1 orders`, "orders_orderitemmodifier: (select", "moves an order on", "the lines of an order: by index"} {
		if !strings.Contains(text(report), want) {
			t.Errorf("the report does not say %q:\n%s", want, text(report))
		}
	}
	if n := h.one(`select count(*)::text from pg_namespace where nspname = 'kitchen'`); n != "0" {
		t.Error("the check has left a schema kitchen behind")
	}
}

// In the morning no order is open: one that is over is called back, as a display does, so that what ends well at noon ends well then.
func TestCheckCallsAnOrderBackWhereNoneIsOpen(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	h.exec(`update orders_order set status = 'served', completed_at = now()`)
	m := mapping(t, "django")
	if said := text(h.check(m)); !strings.Contains(said, "ok set_status: kitchen.set_status calls an order back and moves it on") {
		t.Errorf("the report says:\n%s", said)
	}
	h.exec(`create function never() returns trigger language plpgsql as $$ begin raise exception 'what is served stays served'; end $$;
		create trigger never before update on orders_order for each row when (OLD.status = 'served' and NEW.status <> 'served') execute function never()`)
	if said := text(h.check(m)); !strings.Contains(said, "warning set_status: ") || !strings.Contains(said, "what is served stays served") {
		t.Errorf("the report says:\n%s", said)
	}
	h.exec(`drop trigger never on orders_order; truncate orders_order cascade`)
	if said := text(h.check(m)); !strings.Contains(said, "warning set_status: there is no order") || strings.Contains(said, "moves it on") { // what could not be tried is not called good
		t.Errorf("the report says:\n%s", said)
	}
}

// Numbers with letters in them are kept by every till: the mend is one that they pass.
func TestCheckSaysHowANumberIsMadeOfText(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	h.exec(`alter table orders_order alter order_number type text using 'A-' || order_number`)
	m := mapping(t, "django")
	var mend string
	for _, f := range h.check(m) {
		if f.Level == attach.Wrong {
			_, mend, _ = strings.Cut(f.Mend, ": ")
		}
	}
	found, _ := attach.FindTemplate("django")
	again := parse(t, "django.sql", strings.Replace(found.Text, "o.order_number, o.order_type", strings.Replace(mend, "t.order_number", "o.order_number", 1)+", o.order_type", 1))
	if report := h.check(again); report.Worst() == attach.Wrong {
		t.Errorf("%q is refused:\n%s", mend, text(report))
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	h.exec(`update accounts_user set restaurant_id = 2 where id = 1; insert into menu_menuitem (id, name, price, is_available, restaurant_id) values (50, 'Soup', 1, true, 1)`)
	for _, c := range []struct{ name, old, new, want string }{
		{"an unwatched table", `('menu_category',            null, 'restaurant_id'),`, ``, "django.sql:49: menu_category is read by kitchen.lines"},
		{"a status outside the five", `when 'served'    then 'completed'`, `when 'served' then 'eaten'`, `django.sql:14: the host's "served" of 1 orders becomes "eaten"`},
		{"a word that is not mapped", `when 'served'    then 'completed'`, ``, `django.sql:14: the host's "served" of 1 orders becomes null`},
		{"a missing column", `'' as allergy_note,`, ``, "django.sql:14: kitchen.orders has no column allergy_note"},
		{"a wrong type", `null::timestamptz as promised_at`, `null as promised_at`, "django.sql:14: kitchen.orders.promised_at is text, and must be timestamp with time zone"},
		{"a missing view", `create view kitchen.modifiers as`, `create view kitchen.modifier as`, "the view kitchen.modifiers is missing"},
		{"an unknown column of the host", `o.customer_name, o.notes`, `o.customer, o.notes`, "django.sql:30: column o.customer does not exist"},
		{"SQL that does not parse", `left join menu_category c on`, `left joint menu_category c on`, "django.sql:41: syntax error"},
		{"an order of two restaurants", `left join accounts_user u on u.id = o.created_by_id;`, `cross join restaurants_restaurant u2 left join accounts_user u on u.id = o.created_by_id;`, "django.sql:14: order 1 has 2 rows"},
		{"another order", `('orders_orderitem',         'order_id', null)`, `('orders_orderitem', 'menu_item_id', null)`, "django.sql:51: the rule of orders_orderitem names the wrong order"},
		{"another restaurant", `('menu_menuitem',            null, 'restaurant_id')`, `('menu_menuitem', null, '1')`, "django.sql:57: "},
		{"a rule that does not parse", `'(select i.order_id from orders_orderitem i where i.id = order_item_id)'`, `'(select i.order from orders_orderitem i)'`, "django.sql:52: the rule of orders_orderitemmodifier"},
		{"a table that is not there", `('menu_menuitem', `, `('menu_item', `, "django.sql:57: kitchen.watch names the table menu_item, which is not there"},
		{"a status that stays", `set status = case $2 when 'completed' then 'served' else $2 end`, `set status = 'ready'`, "kitchen.set_status"},
		{"a status by another name", `create function kitchen.set_status(id bigint, status text)`, `create function kitchen.set_status(id bigint, status text, who text)`, "declare it as kitchen.set_status(id bigint, status text)"},
		{"a view somewhere else", `create view kitchen.lines`, `create view helper as select 1 as x; create view kitchen.lines`, "django.sql:36: it makes or changes the relation helper, outside the schema kitchen"},
		{"a column of the host", `create view kitchen.lines`, `alter table orders_order add seen boolean; create view kitchen.lines`, "django.sql:36: it makes or changes the relation orders_order"},
		{"a function of the host", `create view kitchen.lines`, `create function helper() returns int language sql as 'select 1'; create view kitchen.lines`, "django.sql:36: it makes or changes the function helper()"},
		{"rights on the host's", `create view kitchen.lines`, `grant select on orders_order to public; create view kitchen.lines`, "django.sql:36: it makes or changes the owner, rights or settings of orders_order"},
		{"row-level security of the host", `create view kitchen.lines`, `alter table orders_order enable row level security; create view kitchen.lines`, "django.sql:36: it makes or changes the owner, rights or settings of orders_order"},
		{"a policy of the host", `create view kitchen.lines`, `create policy p on orders_order using (true); create view kitchen.lines`, "django.sql:36: it makes or changes a policy of orders_order"},
		{"a comment on the host's", `create view kitchen.lines`, `comment on table orders_order is 'x'; create view kitchen.lines`, "django.sql:36: it makes or changes a comment on orders_order"},
		{"a command of psql in a line", `create view kitchen.lines`, "select 1 \\gset \n; create view kitchen.lines", "leave out commands of psql"},
		{"rows of the host", `create view kitchen.lines`, `update orders_order set notes = 'x'; create view kitchen.lines`, "django.sql:36: it makes or changes the rows of orders_order"},
		{"a division by zero", `o.order_number, o.order_type`, `1 / (o.priority - o.priority) as order_number, o.order_type`, "guard the expression against such a value"},
		{"its own transaction", `create view kitchen.lines`, `commit; create view kitchen.lines`, "django.sql:36: \"commit\" does not belong"},
		{"a setting", `create view kitchen.lines`, `set local statement_timeout = 1; create view kitchen.lines`, "django.sql:36: \"set\" does not belong"},
		{"a schema that goes", `create view kitchen.lines`, `drop schema kitchen cascade; create view kitchen.lines`, "django.sql:36: it takes the schema kitchen away"},
		{"a schema by another name", `create view kitchen.lines`, `alter schema kitchen rename to cuisine; create view kitchen.lines`, "django.sql:36: it takes the schema kitchen away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.T = t
			found, err := attach.FindTemplate("django")
			if err != nil || !strings.Contains(found.Text, c.old) {
				t.Fatalf("%v, %q", err, c.old)
			}
			m, err := attach.Parse("django.sql", []byte(strings.Replace(found.Text, c.old, c.new, 1)))
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				return
			}
			report := h.check(m)
			if report.Worst() != attach.Wrong || !strings.Contains(text(report), c.want) {
				t.Errorf("want a refusal with %q:\n%s", c.want, text(report))
			}
		})
	}
}

func TestCheckNamesTheMissingIndex(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	h.exec(`drop index orders_orderitem_order_id_idx; drop index orders_order_restaurant_id_idx`)
	report := text(h.check(mapping(t, "django")))
	for _, want := range []string{
		`create index concurrently on "public"."orders_orderitem" ("order_id")`,
		`create index concurrently on "public"."orders_order" ("restaurant_id") where `,
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report does not name %s:\n%s", want, report)
		}
	}
	for _, f := range h.check(mapping(t, "django")) {
		if sql, ok := strings.CutPrefix(f.Mend, "create index concurrently"); ok {
			h.exec("create index" + sql)
		}
	}
	if again := text(h.check(mapping(t, "django"))); strings.Contains(again, "create index") {
		t.Errorf("the indexes that it named do not do:\n%s", again)
	}
}

// Where there is but one restaurant, no condition names it: an index of the open orders alone serves the queue.
func TestAnIndexServesTheOnlyRestaurant(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost+"; alter table ticket add paid boolean default true, add taken timestamptz, add gone boolean default false")
	m := parse(t, "tiny.sql", strings.NewReplacer("state = 'new' as open", "taken is null and not gone as open", "null::timestamptz as left_at", "taken as left_at", "from ticket;", "from ticket where paid;",
		"select id, name, 'UTC' as timezone from shop", "select 1 as id, 'Only' as name, 'UTC' as timezone",
		"id, shop as restaurant_id, state", "id, 1 as restaurant_id, state", "('shop', null, 'id'), ", "").Replace(tinyMapping))
	for range 2 { // the second index is for what the first report did not get to
		for _, f := range h.check(m) {
			if sql, ok := strings.CutPrefix(f.Mend, "create index concurrently"); ok {
				h.exec("create index" + sql)
			}
		}
	}
	if report := text(h.check(m)); strings.Contains(report, "warning plans") {
		t.Errorf("the indexes that the check named do not do:\n%s", report)
	}
}

// The owner of a table may put triggers on it, which would run with the rights of the role that attaches.
func TestCheckNamesWhoOwnsTheTables(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	if report := text(h.check(mapping(t, "django"))); strings.Contains(report, "owner:") {
		t.Errorf("the tables are ours:\n%s", report)
	}
	role := h.as(`alter table orders_orderitem owner to $ROLE`).Config().User
	defer h.exec(`alter table orders_orderitem owner to current_user`)
	if report, want := text(h.check(mapping(t, "django"))), "warning owner: "+role+" owns orders_orderitem"; !strings.Contains(report, want) || !strings.Contains(report, "attach as the role "+role) {
		t.Errorf("the report does not say %q:\n%s", want, report)
	}
}

// A role that may make operators where kitchen.set_status finds its tables could have them run with the rights of the role that attaches.
func TestCheckNamesWhoMayCreateFunctionsOnThePath(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	h.exec(`revoke create on schema public from public`)
	if report := text(h.check(mapping(t, "django"))); strings.Contains(report, "path:") {
		t.Errorf("nobody may create anything:\n%s", report)
	}
	clerk := h.as(`grant create on schema public to $ROLE`)
	role := clerk.Config().User
	for _, want := range []string{"warning path: " + role + " may create functions in the schema public", `revoke create on schema "public" from "` + role + `"`} {
		if report := text(h.check(mapping(t, "django"))); !strings.Contains(report, want) {
			t.Errorf("the report does not say %q:\n%s", want, report)
		}
	}
	h.exec(`grant create on schema public to public`)
	if report := text(h.check(mapping(t, "django"))); !strings.Contains(report, `everybody may create functions`) || !strings.Contains(report, `from public`) {
		t.Errorf("everybody may:\n%s", report)
	}
}
