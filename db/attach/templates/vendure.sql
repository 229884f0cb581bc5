-- Vendure: channels other than the default one are the restaurants, orders are the kitchen's once they are placed.

-- What a kitchen makes of an order: Vendure has no words for it. Nothing is written into the host's tables.
create table kitchen.progress (
  order_id integer primary key,
  status   text not null,
  left_at  timestamptz
);

create view kitchen.restaurants as
select c.id, c.code as name, 'UTC' as timezone -- or your own
  from channel c
 where c.code <> '__default_channel__';

create view kitchen.users as
select distinct u.id, rc."channelId" as restaurant_id, u.identifier as name, 'manager' as role, u."deletedAt" is null as is_active
  from "user" u
  join user_roles_role ur on ur."userId" = u.id
  join role_channels_channel rc on rc."roleId" = ur."roleId";

-- Every order is in the default channel as well. One of several goes to the first, because a display must never see another's.
create view kitchen.orders as
select o.id, oc."channelId" as restaurant_id,
       not o.active and o.state in ('PaymentAuthorized', 'PaymentSettled', 'PartiallyShipped', 'Modifying', 'ArrangingAdditionalPayment')
         and coalesce(p.status, 'pending') in ('pending', 'preparing', 'ready') as open,
       case when o.state = 'Cancelled' then 'cancelled'
            when o.state in ('Shipped', 'PartiallyDelivered', 'Delivered') then 'completed'
            when o.state in ('PaymentAuthorized', 'PaymentSettled', 'PartiallyShipped', 'Modifying', 'ArrangingAdditionalPayment')
            then coalesce(p.status, 'pending')
       end as status, -- states of your own: add them
       ('x' || left(md5(o.code), 7))::bit(28)::integer % 10000 as order_number, -- codes are random letters
       'takeaway' as order_type, 0 as priority, null as table_id, null as table_label, null as created_by, null as created_by_name,
       coalesce(c."firstName", '') as customer_name, o.code as notes, '' as allergy_note,
       null::timestamptz as promised_at, o."orderPlacedAt" at time zone 'UTC' as created_at, p.left_at
  from "order" o
  join order_channels_channel oc on oc."orderId" = o.id and oc."channelId" <> 1 -- the default channel
   and not exists (select from order_channels_channel x where x."orderId" = oc."orderId" and x."channelId" <> 1 and x."channelId" < oc."channelId")
  left join kitchen.progress p on p.order_id = o.id
  left join customer c on c.id = o."customerId"
 where o."orderPlacedAt" is not null; -- the rest are carts

create view kitchen.lines as
select l.id, l."orderId" as order_id, l."productVariantId" as menu_item_id, null as category, t.name, l.quantity, '' as notes, l.id as position, 1 as course, false as held
  from order_line l
  left join product_variant_translation t on t."baseId" = l."productVariantId" and t."languageCode" = 'en'
 where l.quantity > 0;

create view kitchen.modifiers as
select 0 as id, l.id as line_id, null as modifier_option_id, '' as name, 1 as quantity, null as kind, 0 as position
  from order_line l where false;

create view kitchen.watch (source, order_id, restaurant_id) as values
  ('kitchen.progress', 'order_id', null),
  ('"order"', 'id', null),
  ('order_channels_channel', '"orderId"', null),
  ('order_line', '"orderId"', null),
  ('customer', 'array(select o.id from "order" o where o."customerId" = customer.id and o."orderPlacedAt" > (now() - interval ''2 days'')::timestamp)', null),
  ('channel', null, 'id'),
  ('"user"', null, 'array(select rc."channelId" from user_roles_role ur join role_channels_channel rc on rc."roleId" = ur."roleId" where ur."userId" = "user".id)'),
  ('user_roles_role', null, 'array(select rc."channelId" from role_channels_channel rc where rc."roleId" = user_roles_role."roleId")'),
  ('role_channels_channel', null, '"channelId"'),
  ('product_variant_translation', null, 'array(select pc."channelId" from product_variant_channels_channel pc where pc."productVariantId" = "baseId" and pc."channelId" <> 1)');

-- Lets displays move orders on. A node with a role of its own needs for it:
--   grant insert, update on kitchen.progress to kitchen_node;
create function kitchen.set_status(id integer, status text) returns void language sql as $$
  insert into kitchen.progress as p (order_id, status, left_at) values ($1, $2, case when $2 in ('completed', 'cancelled') then now() end)
  on conflict (order_id) do update set status = excluded.status, left_at = coalesce(excluded.left_at, p.left_at) -- kept by one that comes back
$$;
