-- django-oscar: the partner of the lines is the restaurant, statuses are those of the sandbox.

-- What a kitchen makes of an order: the sandbox has no words for it. Nothing is written into the host's tables.
create table kitchen.progress (
  order_id integer primary key,
  status   text not null,
  left_at  timestamptz
);

create view kitchen.restaurants as
select p.id, coalesce(nullif(p.name, ''), p.code) as name, 'UTC' as timezone -- or your own
  from partner_partner p;

create view kitchen.users as
select u.id, m.partner_id as restaurant_id, u.username as name, 'manager' as role, u.is_active
  from auth_user u
  join partner_partner_users m on m.user_id = u.id;

-- The seller stands on the line: an order of several goes to the kitchen of the first line, because a display must never see another's.
create view kitchen.orders as
select o.id, f.partner_id as restaurant_id,
       o.status in ('', 'Pending', 'Being processed') and coalesce(p.status, 'pending') in ('pending', 'preparing', 'ready') as open,
       case o.status
         when ''                then coalesce(p.status, 'pending')
         when 'Pending'         then coalesce(p.status, 'pending')
         when 'Being processed' then coalesce(p.status, 'pending')
         when 'Complete'        then 'completed'
         when 'Processed'       then 'completed'
         when 'Cancelled'       then 'cancelled'
       end as status,
       ('0' || right(regexp_replace(o.number, '\D', '', 'g'), 9))::integer as order_number,
       'takeaway' as order_type, 0 as priority, null as table_id, null as table_label, null as created_by, null as created_by_name,
       coalesce(nullif(u.first_name, ''), u.username, o.guest_email) as customer_name, '' as notes, '' as allergy_note,
       null::timestamptz as promised_at, o.date_placed as created_at, p.left_at
  from order_order o
  join order_line f on f.order_id = o.id and f.partner_id is not null
   and not exists (select from order_line g where g.order_id = f.order_id and g.partner_id is not null and g.id < f.id)
  left join kitchen.progress p on p.order_id = o.id
  left join auth_user u on u.id = o.user_id;

create view kitchen.lines as
select i.id, i.order_id, i.product_id as menu_item_id, null as category, i.title as name, i.quantity, '' as notes, i.id as position, 1 as course, false as held
  from order_line i;

create view kitchen.modifiers as
select a.id, a.line_id, a.option_id as modifier_option_id, a.type || ': ' || (to_jsonb(a.value) #>> '{}') as name, 1 as quantity, null as kind, a.id as position
  from order_lineattribute a;

create view kitchen.watch (source, order_id, restaurant_id) as values
  ('kitchen.progress', 'order_id', null),
  ('order_order', 'id', null),
  ('order_line', 'order_id', null),
  ('order_lineattribute', '(select i.order_id from order_line i where i.id = line_id)', null),
  ('partner_partner', null, 'id'),
  ('partner_partner_users', null, 'partner_id'),
  ('auth_user', 'array(select o.id from order_order o where o.user_id = auth_user.id and o.status in ('''', ''Pending'', ''Being processed''))', null);

-- Lets displays move orders on. A node with a role of its own needs for it:
--   grant insert, update on kitchen.progress to kitchen_node;
create function kitchen.set_status(id integer, status text) returns void language sql as $$
  insert into kitchen.progress as p (order_id, status, left_at) values ($1, $2, case when $2 in ('completed', 'cancelled') then now() end)
  on conflict (order_id) do update set status = excluded.status, left_at = coalesce(excluded.left_at, p.left_at) -- kept by one that comes back
$$;
