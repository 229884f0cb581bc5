-- Spree 6. Before 6 carts stand among the orders, status is state, fulfillment_status is shipment_state, customer_note is special_instructions,
-- and the store of a role stands in spree_role_users.

-- What a kitchen makes of an order: Spree has no words for it. Nothing is written into the host's tables.
create table kitchen.progress (
  order_id bigint primary key,
  status   text not null,
  left_at  timestamptz
);

create view kitchen.restaurants as
select s.id, s.name, 'UTC' as timezone -- or your own: 'America/New_York'
  from spree_stores s;

-- Who has a role in a store may use its kitchen.
create view kitchen.users as
select distinct u.id, r.resource_id as restaurant_id, coalesce(nullif(u.first_name, ''), u.email) as name, 'manager' as role, u.deleted_at is null as is_active
  from spree_admin_users u
  join spree_role_users m on m.user_id = u.id and m.user_type = 'Spree::AdminUser'
  join spree_roles r on r.id = m.role_id and r.resource_type = 'Spree::Store';

create view kitchen.orders as
select o.id, o.store_id as restaurant_id,
       o.status = 'placed' and coalesce(o.fulfillment_status, '') not in ('fulfilled', 'delivered', 'shipped')
         and coalesce(p.status, 'pending') in ('pending', 'preparing', 'ready') as open,
       case when o.status = 'canceled' then 'cancelled'
            when o.fulfillment_status in ('fulfilled', 'delivered', 'shipped') then 'completed'
            else coalesce(p.status, 'pending') end as status,
       ('0' || right(regexp_replace(o.number, '\D', '', 'g'), 9))::integer as order_number,
       'takeaway' as order_type, 0 as priority, null as table_id, null as table_label, null as created_by, null as created_by_name,
       coalesce(o.email, '') as customer_name, coalesce(o.customer_note, '') as notes, '' as allergy_note,
       null::timestamptz as promised_at, o.completed_at at time zone 'UTC' as created_at, p.left_at
  from spree_orders o
  left join kitchen.progress p on p.order_id = o.id
 where o.completed_at is not null and o.store_id is not null; -- the rest are carts and drafts

create view kitchen.lines as
select i.id, i.order_id, i.variant_id as menu_item_id, null as category, p.name, i.quantity, '' as notes, i.id as position, 1 as course, false as held
  from spree_line_items i
  left join spree_variants v on v.id = i.variant_id
  left join spree_products p on p.id = v.product_id;

-- The options of a variant: Large.
create view kitchen.modifiers as
select i.id || '-' || a.id as id, i.id as line_id, a.option_value_id as modifier_option_id, w.presentation as name, 1 as quantity, null as kind, a.id as position
  from spree_line_items i
  join spree_option_value_variants a on a.variant_id = i.variant_id
  left join spree_option_values w on w.id = a.option_value_id;

create view kitchen.watch (source, order_id, restaurant_id) as values
  ('kitchen.progress', 'order_id', null),
  ('spree_orders', 'id', null),
  ('spree_line_items', 'order_id', null),
  ('spree_stores', null, 'id'),
  ('spree_admin_users', null, 'array(select r.resource_id from spree_role_users m join spree_roles r on r.id = m.role_id where m.user_id = spree_admin_users.id and r.resource_type = ''Spree::Store'')'),
  ('spree_role_users', null, '(select r.resource_id from spree_roles r where r.id = role_id and r.resource_type = ''Spree::Store'')'),
  ('spree_roles', null, 'case when resource_type = ''Spree::Store'' then resource_id end'),
  ('spree_variants', null, 'array(select o.store_id from spree_line_items i join spree_orders o on o.id = i.order_id
      where i.variant_id = spree_variants.id and o.completed_at > (now() - interval ''2 days'')::timestamp)'),
  ('spree_products', null, 'array(select o.store_id from spree_variants v join spree_line_items i on i.variant_id = v.id join spree_orders o on o.id = i.order_id
      where v.product_id = spree_products.id and o.completed_at > (now() - interval ''2 days'')::timestamp)'),
  ('spree_option_value_variants', null, 'array(select o.store_id from spree_line_items i join spree_orders o on o.id = i.order_id
      where i.variant_id = spree_option_value_variants.variant_id and o.completed_at > (now() - interval ''2 days'')::timestamp)'),
  ('spree_option_values', null, 'array(select o.store_id from spree_option_value_variants a join spree_line_items i on i.variant_id = a.variant_id
      join spree_orders o on o.id = i.order_id where a.option_value_id = spree_option_values.id and o.completed_at > (now() - interval ''2 days'')::timestamp)');

-- Lets displays move orders on. A node with a role of its own needs for it:
--   grant insert, update on kitchen.progress to kitchen_node;
create function kitchen.set_status(id bigint, status text) returns void language sql as $$
  insert into kitchen.progress as p (order_id, status, left_at) values ($1, $2, case when $2 in ('completed', 'cancelled') then now() end)
  on conflict (order_id) do update set status = excluded.status, left_at = coalesce(excluded.left_at, p.left_at) -- kept by one that comes back
$$;
