package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

// small is a host of three tables whose keys are of domains, and smallMapping all that a mapping of it must have.
const small = `
	create domain any_id as bigint; create domain order_id as any_id check (value > 0);
	create table shop (id int primary key, name text);
	create table ticket (id order_id primary key, shop_id int, status text, placed_at timestamptz not null default now());
	create table line (id any_id primary key, ticket_id order_id, dish text);
	create table staff (id int primary key, shop_id int, role text);
	create index on ticket (shop_id); create index on line (ticket_id);
	insert into shop values (1, 'North'), (2, 'South'); insert into ticket values (1, 1, 'new'), (2, 2, 'new'), (3, null, 'new'); insert into line values (1, 1, 'Soup'), (2, 2, 'Tea'), (3, 3, 'Pie');
	insert into staff values (1, 1, 'cook'), (2, null, 'cook'), (3, 2, null)`

const smallMapping = `
create view kitchen.restaurants as select id, name, 'UTC' as timezone from shop;
create view kitchen.users as select id, shop_id as restaurant_id, 'x' as name, case role when 'cook' then 'kitchen' end as role, true as is_active from staff;
create view kitchen.orders as
select o.id, o.shop_id as restaurant_id, o.status = 'new' as open, case o.status when 'new' then 'pending' when 'done' then 'completed' end as status,
       1 as order_number, 'dine_in' as order_type, 0 as priority, null as table_id, null as table_label, null as created_by, null as created_by_name,
       '' as customer_name, '' as notes, '' as allergy_note, null::timestamptz as promised_at, o.placed_at as created_at, null::timestamptz as left_at
  from ticket o where o.shop_id is not null;
create view kitchen.lines as
select i.id, i.ticket_id as order_id, null as menu_item_id, null as category, i.dish as name, 1 as quantity, '' as notes, 0 as position, 1 as course, false as held from line i;
create view kitchen.modifiers as select l.id, l.id as line_id, null as modifier_option_id, '' as name, 1 as quantity, null as kind, 0 as position from kitchen.lines l where false;
create view kitchen.watch (source, order_id, restaurant_id) as values ('ticket', 'id', null), ('line', 'array[ticket_id]', null), ('shop', null, 'id'), ('staff', null, 'shop_id');
`

// Keys may be of domains over domains; an order may have no restaurant yet, a user none at all, and a status may be missing.
func TestAnOrderThatIsNoneYet(t *testing.T) {
	t.Parallel()
	h := bare(t, small)
	m := parse(t, "small.sql", smallMapping)
	if report := text(h.check(m)); strings.Contains(report, "wrong") {
		t.Errorf("keys of domains, and orders or users without a restaurant, are refused:\n%s", report)
	}
	h.up(m)
	for _, s := range []step{
		{"a draft without a restaurant gets a line", `insert into line values (9, 3, 'Cake')`, nil},
		{"and a restaurant", `update ticket set shop_id = 2 where id = 3`, []string{"2 order_created 3"}},
		{"and is a draft again", `update ticket set shop_id = null where id = 3`, []string{"2 order_deleted 3"}},
		{"an order without lines", `insert into ticket values (4, 1, 'new')`, []string{"1 order_created 4"}},
		{"its first line", `insert into line values (10, 4, 'Cake')`, []string{"1 order_updated 4"}},
	} {
		h.exec(s.sql)
		h.expect(s.name, s.want...)
	}
	if errors := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); errors != "" {
		t.Errorf("trigger errors: %s", errors)
	}
}

func TestCheckSaysWhatToDoAboutTheHostsTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, old, new, want, mend string }{
		{"an order without a restaurant", ``, ` where o.shop_id is not null`, ``, "order 3 has no restaurant", "restaurant_id is not null"},
		{"a time that open orders have as well", ``, `null::timestamptz as left_at`, `o.placed_at as left_at`, "2 of 2 open orders have a left_at", "name another column"},
		{"a rule for a view of the host", `alter table ticket rename to ticket_data; create view ticket as select * from ticket_data`, ``, ``,
			"kitchen.watch names ticket, which is a view", "name the tables behind it instead: ticket_data"},
		{"a table on another server", `drop table ticket; create foreign data wrapper elsewhere; create server other foreign data wrapper elsewhere;
			create foreign table ticket (id bigint, shop_id int, status text, placed_at timestamptz) server other`, ``, ``, "ticket is no table of this database", "attach in the database that has the table"},
		{"a table of partitions", `drop table ticket; create table ticket (id bigint, shop_id int, status text, placed_at timestamptz, primary key (id, placed_at)) partition by range (placed_at);
			create table ticket_now partition of ticket default; insert into ticket values (1, 1, 'new', now())`, ``, ``, "is read", `create index on "public"."ticket" (shop_id)`},
		{"an id that is unique for each restaurant", `delete from ticket where shop_id is null; alter table ticket drop constraint ticket_pkey; alter table ticket add primary key (shop_id, id)`, ``, ``,
			"no unique index of the host says that id of ticket is unique", "restaurant_id || '-' || id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := bare(t, small+"; "+c.sql)
			report := h.check(parse(t, "small.sql", strings.Replace(smallMapping, c.old, c.new, 1)))
			for _, f := range report {
				if f.Level != attach.OK && strings.Contains(f.Means, c.want) && strings.Contains(f.Mend, c.mend) {
					return
				}
			}
			t.Errorf("want %q, and what to do: %q\n%s", c.want, c.mend, text(report))
		})
	}
}
