package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

// oddMapping is over tables with what real ones have: names that need quotes, a schema of their own, text and composite keys, a host's view between,
// partitions, a table without a key, columns that have no equality.
const oddHost = `
	drop schema if exists "Till Data" cascade; create schema "Till Data";
	create table "Till Data"."Shop" ("Shop Id" varchar(36) primary key, "Name" text, extra json);
	create table "Till Data"."order" ("orderId" text not null, "Shop" varchar(36) not null, "state" text not null, extra json, day date not null default '2026-11-28', paid boolean,
	  primary key ("orderId", day)) partition by range (day);
	create table "Till Data"."order 2026" partition of "Till Data"."order" for values from ('2026-01-01') to ('2027-01-01');
	create table "Till Data"."order 2027" partition of "Till Data"."order" for values from ('2027-01-01') to ('2028-01-01');
	create index on "Till Data"."order" ("orderId");
	create table "Till Data"."select" ("order" text not null, no smallint not null, what point, dish text, primary key ("order", no));
	create table "Till Data".remark (line text, txt text, doc json);
	create view "Till Data".seen as select o."orderId", o."Shop", o."state", o.day from "Till Data"."order" o;
	insert into "Till Data"."Shop" values ('north', 'North', '{}'), ('south', 'South', '{}');
	insert into "Till Data"."order" ("orderId", "Shop", "state", extra) values ('a-1', 'north', 'new', '{}'), ('b-1', 'south', 'new', '{}');
	insert into "Till Data"."select" values ('a-1', 1, '(1,2)', 'Soup'), ('b-1', 1, '(1,2)', 'Tea');
	insert into "Till Data".remark values ('a-1-1', 'hot', '{"a":1}'), ('b-1-1', 'cold', '{"a":1}')`

const oddMapping = `
create view kitchen.restaurants as select "Shop Id" as id, "Name" as name, 'UTC' as timezone from "Till Data"."Shop";
create view kitchen.users as select 'all' as id, "Shop Id" as restaurant_id, 'All' as name, 'kitchen' as role, true as is_active from "Till Data"."Shop";
create view kitchen.orders as
select s."orderId" as id, s."Shop" as restaurant_id, s."state" = 'new' as open, case s."state" when 'new' then 'pending' else 'completed' end as status,
       1 as order_number, 'dine_in' as order_type, 0 as priority, null as table_id, null as table_label, null as created_by, null as created_by_name,
       '' as customer_name, '' as notes, '' as allergy_note, null::timestamptz as promised_at, s.day::timestamptz as created_at, null::timestamptz as left_at
  from "Till Data".seen s;
create view kitchen.lines as
select l."order" || '-' || l.no as id, l."order" as order_id, null as menu_item_id, null as category, l.dish as name, 1 as quantity, l.what::text as notes,
       l.no as position, 1 as course, false as held
  from "Till Data"."select" l;
create view kitchen.modifiers as
select r.line || '/' || r.txt as id, r.line as line_id, null as modifier_option_id, r.txt || (r.doc->>'a') as name, 1 as quantity, null as kind, 0 as position
  from "Till Data".remark r;
create view kitchen.watch (source, order_id, restaurant_id) as values
  ('"Till Data"."Shop"', null, '"Shop Id"'),
  ('"Till Data"."order"', '"order"."orderId"', null),
  ('"Till Data"."select"', '"order"', null),
  ('"Till Data".remark', 'array(select s."order" from "Till Data"."select" s where s."order" || ''-'' || s.no = line)', null);
create function kitchen.set_status(id kitchen.order_key, status text) returns void language sql as $$
  update "Till Data"."order" set "state" = case status when 'completed' then 'done' else 'new' end where "orderId" = id $$;
`

func TestTablesWithOddNamesKeysAndPartitions(t *testing.T) {
	t.Parallel()
	h := bare(t, oddHost)
	m := parse(t, "odd.sql", oddMapping)
	report := h.check(m)
	for _, f := range report {
		if f.Level == attach.Wrong && f.Check != "set_status" { // preparing and ready are no states of this till
			t.Errorf("%s: %s", f.Check, f.Means)
		}
	}
	before := h.dump()
	h.up(m)
	for _, c := range []struct {
		name, sql string
		want      []string
	}{
		{"a line", `update "Till Data"."select" set dish = 'Broth' where "order" = 'a-1'`, []string{"north order_updated a-1"}},
		{"a value without an equality", `update "Till Data"."select" set what = '(3,4)' where "order" = 'b-1'`, []string{"south order_updated b-1"}},
		{"a table without a key", `update "Till Data".remark set doc = '{"a":2}' where line = 'a-1-1'`, []string{"north order_updated a-1"}},
		{"that table, unchanged", `update "Till Data".remark set txt = txt, doc = doc`, nil},
		{"by the partition's own name", `update "Till Data"."order 2026" set "state" = 'done' where "orderId" = 'a-1'`, []string{"north order_updated a-1"}},
		{"into a partition", `insert into "Till Data"."order 2027" ("orderId", "Shop", "state", day) values ('c-1', 'south', 'new', '2027-02-03')`, []string{"south order_created c-1"}},
		{"from one partition to another", `update "Till Data"."order" set day = '2026-02-03' where "orderId" = 'c-1'`, []string{"south order_updated c-1"}},
		{"a column that no view reads", `update "Till Data"."order" set paid = true, extra = '{"x":1}'`, nil},
		{"a composite key that changes", `update "Till Data"."select" set no = 2 where "order" = 'b-1'`, []string{"south order_updated b-1"}},
		{"a move", `update "Till Data"."order" set "Shop" = 'north' where "orderId" = 'b-1'`, []string{"north order_created b-1", "south order_deleted b-1"}},
		{"a name", `update "Till Data"."Shop" set "Name" = 'Nord' where "Shop Id" = 'north'`, []string{"north queue_changed"}},
		{"an id that is no key", `insert into "Till Data"."order" ("orderId", "Shop", "state") values ('x"y', 'south', 'new')`, []string{`south order_created x"y`}},
	} {
		h.exec(c.sql)
		h.expect(c.name, c.want...)
	}
	if errors := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); errors != "" {
		t.Errorf("trigger errors: %s", errors)
	}
	h.down()
	if h.dump() != before {
		t.Error("the schema differs after down")
	}
}

func TestRefusesWhatCannotBeWatched(t *testing.T) {
	t.Parallel()
	h := bare(t, oddHost+`; create materialized view "Till Data".names as select * from "Till Data"."Shop"`)
	report := h.check(parse(t, "odd.sql", strings.Replace(oddMapping, `timezone from "Till Data"."Shop"`, `timezone from "Till Data".names`, 1)))
	if !strings.Contains(text(report), "names") || report.Worst() != attach.Wrong {
		t.Errorf("a materialized view:\n%s", text(report))
	}
}
