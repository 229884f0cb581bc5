package notifier_test

// Tables with text keys and names that need quotes: orders of a shop, with their lines and what is said of these.

const textTables = `
	create table shop (id text primary key, name text not null);
	create table "order" (id text primary key, shop_id text not null references shop, state text not null, note text not null default '', rank int not null default 0,
	  total numeric not null default 0, placed_at timestamptz not null default clock_timestamp(), closed_at timestamptz);
	create index on "order" (shop_id, placed_at) where state in ('placed', 'cooking', 'done');
	create table "orderLine" (id text primary key, "orderId" text not null references "order" on delete cascade, dish text not null, amount int not null default 1);
	create index on "orderLine" ("orderId");
	create table wish (id text primary key, line_id text not null references "orderLine" on delete cascade, said text not null);
	create index on wish (line_id);
	create sequence ids start 1000;
	create function new_id(kind text) returns text language sql as $$ select kind || '_' || to_hex(nextval('public.ids')) $$;
	insert into shop values ('shop_a', 'A'), ('shop_b', 'B');
	insert into "order" (id, shop_id, state) values ('order_a', 'shop_a', 'placed'), ('order_b', 'shop_b', 'cooking');
	insert into "orderLine" values ('line_a', 'order_a', 'Soup', 1), ('line_b', 'order_b', 'Tea', 1);
	insert into wish values ('wish_a', 'line_a', 'hot'), ('wish_b', 'line_b', 'iced')`

const textMapping = `
create view kitchen.restaurants as select s.id, s.name, 'UTC' as timezone from shop s;
create view kitchen.users as select 'all' as id, s.id as restaurant_id, 'All' as name, 'kitchen' as role, true as is_active from shop s;
create view kitchen.orders as
select o.id, o.shop_id as restaurant_id, o.state in ('placed', 'cooking', 'done') as open,
       case o.state when 'placed' then 'pending' when 'cooking' then 'preparing' when 'done' then 'ready' when 'served' then 'completed' when 'void' then 'cancelled' end as status,
       1 as order_number, 'dine_in' as order_type, o.rank as priority, null as table_id, null as table_label, null as created_by, null as created_by_name,
       '' as customer_name, o.note as notes, '' as allergy_note, null::timestamptz as promised_at, o.placed_at as created_at, o.closed_at as left_at
  from "order" o;
create view kitchen.lines as
select l.id, l."orderId" as order_id, null as menu_item_id, null as category, l.dish as name, l.amount as quantity, '' as notes, 0 as position, 1 as course, false as held
  from "orderLine" l;
create view kitchen.modifiers as
select w.id, w.line_id, null as modifier_option_id, w.said as name, 1 as quantity, null as kind, 0 as position from wish w;
create view kitchen.watch (source, order_id, restaurant_id) as values
  ('shop', null, 'id'), ('"order"', 'id', null), ('"orderLine"', '"orderId"', null), ('wish', '(select l."orderId" from "orderLine" l where l.id = line_id)', null);
`

const textNoted = `create trigger zz_note after insert or update of state on "order" for each row execute function note_order()`

const textTenant = `insert into shop (id, name) values (new_id('shop'), $1) returning id`

func textChanges() map[string]string {
	locked := func(order, body string) string {
		return `do $$ declare o text := ` + order + `; begin
			perform from "order" where id = o and shop_id = '<tenant>' for update; if found then ` + body + `; end if; end $$`
	}
	return map[string]string{
		"the order": `(select id from "order" where shop_id = '<tenant>' and state <> 'void' order by placed_at, id offset <nth order> limit 1)`,
		"the line":  `(select id from "orderLine" where "orderId" = <the order> order by id offset <nth line> limit 1)`,
		"insert":    `insert into "order" (id, shop_id, state, note) values (new_id('order'), '<tenant>', 'placed', '<text>')`,
		"insert_cte": `with o as (<insert> returning id), l as (insert into "orderLine" (id, "orderId", dish) select new_id('line'), id, '<text>' from o returning id)
			insert into wish select new_id('wish'), id, 'hot' from l`,
		"insert_tx": `do $$ declare o text; begin <insert> returning id into o; insert into "orderLine" (id, "orderId", dish) values (new_id('line'), o, '<text>'), (new_id('line'), o, 'two');
			update "order" set rank = <nth line> where id = o; end $$`,
		"status":          `update "order" set state = '<status>', closed_at = case when '<status>' in ('served', 'void') then now() end where id = <the order>`,
		"recall":          `update "order" set state = 'cooking' where id = (select id from "order" where shop_id = '<tenant>' and state in ('served', 'void') order by id limit 1)`,
		"notes":           locked(`<the order>`, `update "order" set note = '<text>' where id = o`),
		"no_change":       `update "order" set note = note, total = total + 1 where shop_id = '<tenant>'`,
		"line":            locked(`<the order>`, `insert into "orderLine" (id, "orderId", dish) values (new_id('line'), o, '<text>')`),
		"line_update":     `update "orderLine" set amount = amount % 9 + 1 where id = <the line>`,
		"line_delete":     `delete from "orderLine" where id = <the line>`,
		"line_move":       locked(`(select max(id) from "order" where shop_id = '<tenant>')`, `update "orderLine" set "orderId" = o where id = <the line>`),
		"modifier":        `insert into wish select new_id('wish'), id, 'no onion' from "orderLine" where id = <the line>`,
		"modifier_delete": `delete from wish where line_id = <the line>`,
		"delete":          `delete from "order" where id = <the order>`,
		"move": locked(`<the order>`, `delete from "orderLine" where "orderId" = o;
			update "order" set shop_id = '<other>', note = '<other canary>' where id = o`),
		"bulk_insert": `insert into "order" (id, shop_id, state, note) select new_id('order'), '<tenant>', 'placed', '<text>' from generate_series(1, <many>)`,
		"bulk_update": `update "order" set state = '<status>', rank = rank + 1 where shop_id = '<tenant>'`,
		"bulk_delete": `delete from "order" where shop_id = '<tenant>' and length(note) % 3 = <nth line>`,
		"rollback":    `begin; <insert>; update "order" set note = 'never' where shop_id = '<tenant>'; delete from "orderLine" where id = <the line>; rollback`,
		"savepoint":   `begin; update "order" set rank = <nth line> where id = <the order>; savepoint s; update "order" set note = 'never' where shop_id = '<tenant>'; rollback to s; <insert>; commit`,
		"exception":   `do $$ begin begin delete from "order" where shop_id = '<tenant>'; raise exception 'x'; exception when others then null; end; <insert>; end $$`,
		"conflict": `insert into "order" (id, shop_id, state, note) values ('<tenant>-<nth order>', '<tenant>', 'placed', '<text>')
			on conflict (id) do update set note = excluded.note where "order".shop_id = excluded.shop_id`,
		"menu": `update shop set name = name || '.' where id = '<tenant>'`,
	}
}
