-- Open Food Network: enterprises as restaurants, spree_orders once they are complete.

-- What a kitchen makes of an order: Open Food Network has no words for it. Nothing is written into the host's tables.
create table kitchen.progress (
  order_id integer primary key,
  status   text not null,
  left_at  timestamptz
);

create view kitchen.restaurants as
select e.id, e.name, 'UTC' as timezone -- or your own: 'Europe/London'
  from enterprises e;

-- Who manages an enterprise may use its kitchen.
create view kitchen.users as
select u.id, r.enterprise_id as restaurant_id, coalesce(u.email, '') as name, 'manager' as role, u.disabled_at is null as is_active
  from spree_users u
  join enterprise_roles r on r.user_id = u.id;

create view kitchen.orders as
select o.id, o.distributor_id as restaurant_id,
       o.state in ('complete', 'resumed') and o.shipment_state is distinct from 'shipped'
         and coalesce(p.status, 'pending') in ('pending', 'preparing', 'ready') as open,
       case when o.state in ('canceled', 'awaiting_return', 'returned') then 'cancelled'
            when o.shipment_state = 'shipped' then 'completed'
            else coalesce(p.status, 'pending') end as status,
       ('0' || right(regexp_replace(o.number, '\D', '', 'g'), 9))::integer as order_number,
       'takeaway' as order_type, 0 as priority, null as table_id, null as table_label, o.created_by_id as created_by, null as created_by_name,
       coalesce(o.email, '') as customer_name, coalesce(o.special_instructions, '') as notes, '' as allergy_note,
       null::timestamptz as promised_at, o.completed_at at time zone 'UTC' as created_at, p.left_at
  from spree_orders o
  left join kitchen.progress p on p.order_id = o.id
 where o.completed_at is not null and o.distributor_id is not null; -- the rest are carts

create view kitchen.lines as
select i.id, i.order_id, i.variant_id as menu_item_id, null as category,
       concat_ws(', ', coalesce(nullif(i.product_name, ''), p.name), coalesce(nullif(i.variant_name, ''), nullif(v.display_name, ''))) as name, -- as it was sold,
       i.quantity, '' as notes, i.id as position, 1 as course, false as held
  from spree_line_items i
  left join spree_variants v on v.id = i.variant_id
  left join spree_products p on p.id = v.product_id;

create view kitchen.modifiers as
select 0 as id, i.id as line_id, null as modifier_option_id, '' as name, 1 as quantity, null as kind, 0 as position
  from spree_line_items i where false;

-- A product may be in the orders of many enterprises: those that sold it in the last days are told.
create view kitchen.watch (source, order_id, restaurant_id) as values
  ('kitchen.progress', 'order_id', null),
  ('spree_orders', 'id', null),
  ('spree_line_items', 'order_id', null),
  ('enterprises', null, 'id'),
  ('spree_users', null, 'array(select r.enterprise_id from enterprise_roles r where r.user_id = spree_users.id)'),
  ('enterprise_roles', null, 'enterprise_id'),
  ('spree_variants', null, 'array(select o.distributor_id from spree_line_items i join spree_orders o on o.id = i.order_id
      where i.variant_id = spree_variants.id and o.completed_at > (now() - interval ''2 days'')::timestamp)'),
  ('spree_products', null, 'array(select o.distributor_id from spree_variants v join spree_line_items i on i.variant_id = v.id join spree_orders o on o.id = i.order_id
      where v.product_id = spree_products.id and o.completed_at > (now() - interval ''2 days'')::timestamp)');

-- Lets displays move orders on. A node with a role of its own needs for it:
--   grant insert, update on kitchen.progress to kitchen_node;
create function kitchen.set_status(id integer, status text) returns void language sql as $$
  insert into kitchen.progress as p (order_id, status, left_at) values ($1, $2, case when $2 in ('completed', 'cancelled') then now() end)
  on conflict (order_id) do update set status = excluded.status, left_at = coalesce(excluded.left_at, p.left_at) -- kept by one that comes back
$$;
