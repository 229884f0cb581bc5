package attach_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach"
)

// A small host: a table each, one restaurant, and an order may have none.
const tinyHost = `
	create table shop (id int primary key, name text);
	create table staff (id int primary key, shop int, first text, last text, job text, seen timestamptz);
	create table ticket (id int primary key, shop int, state text not null default 'new', note text not null default '');
	create index on ticket (shop);
	create table ticket_line (id int primary key, ticket int not null references ticket on delete cascade, dish text);
	create index on ticket_line (ticket);
	insert into shop values (1, 'North');
	insert into staff values (1, 1, 'Ann', 'A', 'kitchen');
	insert into ticket (id, shop) values (1, 1), (2, 1);
	insert into ticket_line values (1, 1, 'Soup'), (2, 2, 'Tea')`

const tinyMapping = `
create view kitchen.restaurants as select id, name, 'UTC' as timezone from shop;
create view kitchen.users as select id, shop as restaurant_id, concat_ws(' ', first, last) as name, job as role, true as is_active from staff;
create view kitchen.orders as
select id, shop as restaurant_id, state = 'new' as open, case state when 'new' then 'pending' else 'completed' end as status,
       id as order_number, 'takeaway' as order_type, 0 as priority, null as table_id, null as table_label, null as created_by,
       null as created_by_name, '' as customer_name, note as notes, '' as allergy_note, null::timestamptz as promised_at,
       timestamptz '2026-11-28 12:00Z' as created_at, null::timestamptz as left_at
  from ticket;
create view kitchen.lines as
select id, ticket as order_id, null as menu_item_id, null as category, dish as name, 1 as quantity, '' as notes, id as position, 1 as course, false as held
  from ticket_line;
create view kitchen.modifiers as
select 0 as id, 0 as line_id, null as modifier_option_id, '' as name, 1 as quantity, null as kind, 0 as position where false;
create view kitchen.watch (source, order_id, restaurant_id) as values
  ('shop', null, 'id'), ('staff', null, 'shop'), ('ticket', 'id', null), ('ticket_line', 'ticket', null);
`

func (h *host) wrong(report attach.Report) {
	h.Helper()
	if report.Worst() == attach.Wrong {
		h.Errorf("refused:\n%s", text(report))
	}
}

// Where the host lets an order be without a restaurant for a while, it is no kitchen's: it comes with its restaurant, and goes with it.
func TestAnOrderWithoutARestaurantIsNoKitchens(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost)
	m := parse(t, "small.sql", tinyMapping)
	h.wrong(h.check(m))
	h.up(m)
	for _, c := range []struct {
		name, sql string
		want      []string
	}{
		{"none at first", `insert into ticket (id) values (10)`, nil},
		{"its lines", `insert into ticket_line values (10, 10, 'Pie')`, nil},
		{"given one", `update ticket set shop = 1 where id = 10`, []string{"1 order_created 10"}},
		{"taken away", `update ticket set shop = null where id = 10`, []string{"1 order_deleted 10"}},
		{"a change meanwhile", `update ticket set note = 'x' where id = 10`, nil},
		{"a line meanwhile", `update ticket_line set dish = 'Pies' where id = 10`, nil},
		{"several at once", `insert into ticket (id, shop) values (11, 1), (12, null)`, []string{"1 order_created 11"}},
		{"several at once are taken", `update ticket set shop = null where id in (1, 2)`, []string{"1 order_deleted 1", "1 order_deleted 2"}},
		{"in a SERIALIZABLE transaction", `set default_transaction_isolation = serializable;; insert into ticket (id) values (13);; update ticket set shop = 1 where id = 13;;
			update ticket set shop = null where id = 13;; reset default_transaction_isolation`, []string{"1 order_created 13", "1 order_deleted 13"}},
		{"deleted", `delete from ticket where id = 12`, nil},
	} {
		h.exec(c.sql)
		h.expect(c.name, c.want...)
	}
	if e := h.one(`select coalesce(string_agg(source || ': ' || message, '; '), '') from kitchen.trigger_errors`); e != "" {
		t.Errorf("triggers failed: %s", e)
	}
	if n := h.one(`select count(*)::text from kitchen.unseen where restaurant_id is null`); n != "0" {
		t.Errorf("%s orders without a restaurant would raise an alarm", n)
	}
}

// What another program writes shows in a view, and never in a copy.
func TestOnlyViewsMakeAMapping(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost)
	for _, kind := range []string{"materialized view", "table"} {
		report := text(h.check(parse(t, "small.sql", strings.Replace(tinyMapping, "create view kitchen.lines", "create "+kind+" kitchen.lines", 1))))
		if !strings.Contains(report, "small.sql:10: kitchen.lines is not a view") {
			t.Errorf("a %s was taken for a view:\n%s", kind, report)
		}
	}
}

// A rule names columns plainly, or by the table's name: with its schema, too.
func TestARuleMayNameItsTableWithTheSchema(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost)
	m := parse(t, "small.sql", strings.Replace(tinyMapping, `('ticket_line', 'ticket', null)`, `('public.ticket_line', 'public.ticket_line.ticket', null)`, 1))
	h.wrong(h.check(m))
	h.up(m)
	h.exec(`update ticket_line set dish = 'Broth' where id = 1`)
	h.expect("a line", "1 order_updated 1")
}

// The name of a user is one of the names that displays see, also where no order says who took it; a login is not.
func TestNamesOfUsersAreAnnounced(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost)
	m := parse(t, "small.sql", tinyMapping)
	h.up(m)
	h.exec(`update staff set last = 'B' where id = 1`)
	h.expect("a name", "1 queue_changed", "users user_changed 1")
	h.exec(`update staff set seen = now()`)
	h.expect("a login")
	h.exec(`update staff set job = 'manager' where id = 1`)
	h.expect("a role", "users user_changed 1")
	h.exec(`insert into staff values (2, 1, 'Bo', 'C', 'kitchen')`)
	h.expect("a new user")

	report := text(h.check(parse(t, "small.sql", strings.Replace(tinyMapping, `('staff', null, 'shop')`, `('staff', null, 'id + 6')`, 1))))
	if !strings.Contains(report, "changes name ") {
		t.Errorf("a rule that tells another restaurant of a user's name passed:\n%s", report)
	}
}

// Two who attach at the same time do it one after the other: the second finds it done.
func TestTwoUpsAtOnce(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost)
	m := parse(t, "small.sql", tinyMapping)
	var both sync.WaitGroup
	for _, conn := range []*pgx.Conn{h.connect(), h.connect(), h.connect()} {
		both.Go(func() {
			if _, err := attach.Check(h.Context(), conn, m); err != nil {
				t.Errorf("a check beside others: %v", err)
			}
			if _, err := attach.Up(h.Context(), conn, m); err != nil {
				t.Errorf("an up beside others: %v", err)
			}
		})
	}
	both.Wait()
}

// A word may be an enum of the host, a char(n) or a citext: what reads it gets text.
func TestWordsMayBeEnums(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost+`; create type stage as enum ('pending', 'completed'); create type job as enum ('kitchen', 'owner');
		alter table ticket add stage stage not null default 'pending', add kind char(12) not null default 'takeaway'; alter table staff alter job type job using job::job`)
	m := parse(t, "tiny.sql", strings.NewReplacer("state = 'new' as open, case state when 'new' then 'pending' else 'completed' end as status", "stage = 'pending' as open, stage as status",
		"'takeaway' as order_type", "kind as order_type").Replace(tinyMapping))
	h.wrong(h.check(m))
	before := h.dump()
	h.up(m)
	for _, c := range []struct {
		name, sql string
		want      []string
	}{
		{"a new order", `insert into ticket (id, shop) values (10, 1)`, []string{"1 order_created 10"}},
		{"its status", `update ticket set stage = 'completed' where id = 10`, []string{"1 order_updated 10"}},
		{"a role", `update staff set job = 'owner'`, []string{"users user_changed 1"}},
	} {
		h.exec(c.sql)
		h.expect(c.name, c.want...)
	}
	if is := h.one(`select o.status || ' ' || o.order_type || ' ' || u.role from kitchen.orders o, kitchen.users u where o.id = 10 and o.status <> 'ready'`); is != "completed takeaway owner" {
		t.Errorf("the views have %q", is)
	}
	installed, err := attach.Installed(t.Context(), h.conn)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range installed {
		if f.Level != attach.OK {
			t.Errorf("%s: %s", f.Check, f.Means)
		}
	}
	h.down()
	if after := h.dump(); after != before {
		t.Error("down left something")
	}
}

// A function of the mapping finds the host's tables as in the session that attaches, also where kitchen.orders reads a view of the host.
func TestSetStatusFindsTheHostsTables(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost+"; create view tickets as select * from ticket")
	h.wrong(h.check(parse(t, "tiny.sql", strings.NewReplacer("from ticket;", "from tickets;",
		"state = 'new' as open, case state when 'new' then 'pending' else 'completed' end as status",
		"state in ('new', 'preparing', 'ready') as open, case state when 'new' then 'pending' else state end as status").Replace(tinyMapping)+`
create function kitchen.set_status(id int, status text) returns void language sql as $$
  update ticket set state = case $2 when 'pending' then 'new' else $2 end where id = $1 $$;`)))
}

// A host may leave open what a line is, and how much of it: a display shows one of something, and so does --as.
func TestTheQueueOfAUserHasLinesThatSayLittle(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost+"; alter table ticket_line add quantity numeric; update ticket_line set dish = null")
	var out strings.Builder
	if err := attach.PrintQueue(t.Context(), h.conn, parse(t, "tiny.sql", strings.Replace(tinyMapping, "1 as quantity, '' as notes", "quantity, null as notes", 1)), "1", &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "#1 pending takeaway (order 1)\n      1 x ?\n") {
		t.Errorf("the queue is\n%s", out.String())
	}
}

// What no display could show as it is is named.
func TestCheckNamesQuantitiesAndTimesThatAreNone(t *testing.T) {
	t.Parallel()
	h := bare(t, tinyHost+"; alter table ticket_line add quantity float; alter table ticket add at timestamptz default now()")
	m := parse(t, "tiny.sql", strings.NewReplacer("1 as quantity, '' as notes", "quantity, '' as notes", "timestamptz '2026-11-28 12:00Z' as created_at", "at as created_at").Replace(tinyMapping))
	h.wrong(h.check(m))
	for odd, want := range map[string]string{
		"update ticket_line set quantity = 'NaN' where id = 1": "line 1 has the quantity NaN",
		"update ticket_line set quantity = 1e30 where id = 1":  "line 1 has the quantity 1e+30",
		"update ticket set at = '-infinity' where id = 2":      "order 2 has no created_at",
	} {
		h.exec("update ticket_line set quantity = 1; update ticket set at = now();; " + odd)
		if report := text(h.check(m)); !strings.Contains(report, want) {
			t.Errorf("%s: want %q in\n%s", odd, want, report)
		}
	}
}
