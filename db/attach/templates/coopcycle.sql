-- CoopCycle: sylius_order with its vendor, states of its own state machine, times without a zone.

-- When an order had left that a display has called back: CoopCycle has no word for that. Nothing is written into the host's tables for it.
create table kitchen.recalls (
  order_id integer primary key,
  left_at  timestamptz not null
);

create view kitchen.restaurants as
select r.id, r.name, 'Europe/Paris' as timezone -- the zone that the instance keeps its times in, here and below
  from restaurant r;

create view kitchen.users as
select u.id, m.restaurant_id, u.username as name, 'owner' as role, u.enabled as is_active
  from api_user u
  join api_user_restaurant m on m.api_user_id = u.id;

-- An order of a hub has several vendors, and goes to the kitchen of the first: a display must never see another's.
create view kitchen.orders as
select o.id, v.restaurant_id,
       o.state in ('new', 'accepted', 'started', 'ready') as open,
       case o.state
         when 'new'       then 'pending'
         when 'accepted'  then 'pending'
         when 'started'   then 'preparing'
         when 'ready'     then 'ready'
         when 'fulfilled' then 'completed'
         when 'cancelled' then 'cancelled'
         when 'refused'   then 'cancelled'
       end as status,
       ('0' || right(regexp_replace(coalesce(o.number, ''), '\D', '', 'g'), 9))::integer as order_number,
       case when o.takeaway then 'takeaway' else 'delivery' end as order_type, 0 as priority,
       null as table_id, null as table_label, null as created_by, null as created_by_name,
       coalesce(c.first_name, '') as customer_name, coalesce(o.notes, '') as notes, '' as allergy_note,
       t.pickup_expected_at at time zone 'Europe/Paris' as promised_at,
       coalesce(o.checkout_completed_at, o.created_at) at time zone 'Europe/Paris' as created_at,
       coalesce(case when o.state in ('fulfilled', 'cancelled', 'refused') then o.updated_at at time zone 'Europe/Paris' end, b.left_at) as left_at
  from sylius_order o
  join sylius_order_vendor v on v.order_id = o.id
   and not exists (select from sylius_order_vendor w where w.order_id = v.order_id and w.restaurant_id < v.restaurant_id)
  left join kitchen.recalls b on b.order_id = o.id
  left join sylius_customer c on c.id = o.customer_id
  left join sylius_order_timeline t on t.order_id = o.id
 where o.state <> 'cart';

create view kitchen.lines as
select i.id, i.order_id, i.variant_id as menu_item_id, null as category, n.name, i.quantity, '' as notes, i.id as position, 1 as course, false as held
  from sylius_order_item i
  left join sylius_product_variant v on v.id = i.variant_id
  left join sylius_product_translation n on n.translatable_id = v.product_id and n.locale = 'fr'; -- the instance's locale

create view kitchen.modifiers as
select a.id, a.order_item_id as line_id, null as modifier_option_id, a.label as name, 1 as quantity, null as kind, a.id as position
  from sylius_adjustment a
 where a.order_item_id is not null and a.type in ('menu_item_modifier', 'reusable_packaging');

create view kitchen.watch (source, order_id, restaurant_id) as values
  ('kitchen.recalls', 'order_id', null),
  ('sylius_order', 'id', null),
  ('sylius_order_vendor', 'order_id', null),
  ('sylius_order_timeline', 'order_id', null),
  ('sylius_order_item', 'order_id', null),
  ('sylius_adjustment', 'case when type in (''menu_item_modifier'', ''reusable_packaging'') then (select i.order_id from sylius_order_item i where i.id = order_item_id) end', null), -- not its taxes
  ('sylius_customer', 'array(select o.id from sylius_order o where o.customer_id = sylius_customer.id and o.state in (''new'', ''accepted'', ''started'', ''ready''))', null),
  ('restaurant', null, 'id'),
  ('api_user', null, 'array(select m.restaurant_id from api_user_restaurant m where m.api_user_id = api_user.id)'),
  ('api_user_restaurant', null, 'restaurant_id'),
  ('sylius_product_variant', null, '(select r.restaurant_id from restaurant_product r where r.product_id = sylius_product_variant.product_id)'),
  ('sylius_product_translation', null, '(select r.restaurant_id from restaurant_product r where r.product_id = translatable_id)');

-- CoopCycle's own program does more than this when an order moves on: it tells the customer and the courier. Without this function
-- displays only show, and the restaurant's own screen moves orders on. A node with a role of its own needs for it:
--   grant usage on schema public to kitchen_node;
--   grant select (id, state, updated_at), update (state, updated_at) on sylius_order to kitchen_node;
--   grant insert, update on kitchen.recalls to kitchen_node;
create function kitchen.set_status(id integer, status text) returns void language sql as $$
  insert into kitchen.recalls as b (order_id, left_at)
  select o.id, o.updated_at at time zone 'Europe/Paris' from sylius_order o
   where o.id = $1 and o.state::text in ('fulfilled', 'cancelled', 'refused') and o.updated_at is not null and $2 in ('pending', 'preparing', 'ready')
  on conflict (order_id) do update set left_at = excluded.left_at;
  update sylius_order o
     set state = case $2 when 'pending' then 'accepted' when 'preparing' then 'started' when 'ready' then 'ready' when 'completed' then 'fulfilled' else 'cancelled' end,
         updated_at = now() at time zone 'Europe/Paris'
   where o.id = $1
$$;
