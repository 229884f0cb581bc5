-- Odoo POS, from 19: what was sent to the kitchen (pos_prep_order) of the orders of each point of sale, which is the restaurant.

-- What a kitchen makes of an order: Odoo without its Enterprise screens has no words for it. Nothing is written into the host's tables.
create table kitchen.progress (
  order_id integer primary key,
  status   text not null,
  left_at  timestamptz
);

-- What stands in an internal note, which Odoo keeps as JSON: [{"text": "rare", "colorIndex": 0}].
create function kitchen.note_text(note text) returns text language sql immutable as $$
  select case when note like '[%' then (select string_agg(replace(n[1], '\"', '"'), ', ') from regexp_matches(note, '"text": ?"((?:[^"\\]|\\.)*)"', 'g') n) else nullif(note, '') end
$$;

create view kitchen.restaurants as
select c.id, c.name, 'UTC' as timezone -- or your own: 'Europe/Brussels'
  from pos_config c;

-- Every internal user of a company may use the kitchens of its points of sale.
create view kitchen.users as
select u.id, c.id as restaurant_id, u.login as name, 'kitchen' as role, coalesce(u.active, false) as is_active
  from res_users u
  join pos_config c on c.company_id = u.company_id
 where not coalesce(u.share, false);

-- Draft means that it is still typed at the till, and paid is not ready: an order is the kitchen's when lines of it were sent, and
-- over when a display says so.
create view kitchen.orders as
select o.id, o.config_id as restaurant_id,
       o.state <> 'cancel' and coalesce(p.status, 'pending') in ('pending', 'preparing', 'ready') as open,
       case when o.state = 'cancel' then 'cancelled' else coalesce(p.status, 'pending') end as status,
       ('0' || right(regexp_replace(coalesce(o.tracking_number, o.pos_reference, ''), '\D', '', 'g'), 9))::integer as order_number,
       case when o.table_id is not null then 'dine_in' else 'takeaway' end as order_type, 0 as priority,
       o.table_id, t.table_number::text as table_label, o.user_id as created_by, u.login as created_by_name,
       coalesce(o.floating_order_name, '') as customer_name, concat_ws(', ', nullif(o.general_customer_note, ''), kitchen.note_text(o.internal_note)) as notes, '' as allergy_note,
       o.preset_time at time zone 'UTC' as promised_at, o.date_order at time zone 'UTC' as created_at, p.left_at
  from pos_order o
  left join kitchen.progress p on p.order_id = o.id
  left join restaurant_table t on t.id = o.table_id
  left join res_users u on u.id = o.user_id
 where o.config_id is not null and exists (select from pos_prep_order s where s.pos_order_id = o.id);

-- A line of what was sent, less what was cancelled since.
create view kitchen.lines as
select l.id, s.pos_order_id as order_id, l.product_id as menu_item_id, null as category, i.full_product_name as name,
       l.quantity - coalesce(l.cancelled, 0) as quantity, concat_ws(', ', kitchen.note_text(i.note), nullif(i.customer_note, '')) as notes,
       l.id as position, 1 as course, false as held
  from pos_prep_line l
  join pos_prep_order s on s.id = l.prep_order_id
  left join pos_order_line i on i.id = l.pos_order_line_id
 where l.quantity > coalesce(l.cancelled, 0);

create view kitchen.modifiers as
select 0 as id, l.id as line_id, null as modifier_option_id, '' as name, 1 as quantity, null as kind, 0 as position
  from pos_prep_line l where false;

create view kitchen.watch (source, order_id, restaurant_id) as values
  ('kitchen.progress', 'order_id', null),
  ('pos_order', 'id', null),
  ('pos_prep_order', 'pos_order_id', null),
  ('pos_prep_line', '(select s.pos_order_id from pos_prep_order s where s.id = prep_order_id)', null),
  ('pos_order_line', 'order_id', null),
  ('pos_config', null, 'id'),
  ('restaurant_table', null, 'array(select o.config_id from pos_order o where o.table_id = restaurant_table.id and o.state = ''draft'')'),
  ('res_users', null, 'array(select c.id from pos_config c where c.company_id = res_users.company_id)');

-- Lets displays move orders on. A node with a role of its own needs for it:
--   grant insert, update on kitchen.progress to kitchen_node;
create function kitchen.set_status(id integer, status text) returns void language sql as $$
  insert into kitchen.progress as p (order_id, status, left_at) values ($1, $2, case when $2 in ('completed', 'cancelled') then now() end)
  on conflict (order_id) do update set status = excluded.status, left_at = coalesce(excluded.left_at, p.left_at) -- kept by one that comes back
$$;
