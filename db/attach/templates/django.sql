-- Django with djangorestframework: apps restaurants, accounts, menu, tables and orders, users with integer keys as simplejwt
-- puts them into tokens. Adjust names of tables, columns and statuses to your models.

create view kitchen.restaurants as
select r.id, r.name, r.timezone
  from restaurants_restaurant r;

-- One row for each restaurant in which a user may do something. Roles are owner, manager, cashier, kitchen, viewer, screen.
create view kitchen.users as
select u.id, u.restaurant_id, coalesce(nullif(u.first_name, ''), u.username) as name, u.role, u.is_active
  from accounts_user u
 where u.restaurant_id is not null;

create view kitchen.orders as
select o.id, o.restaurant_id,
       o.status in ('pending', 'confirmed', 'preparing', 'ready') as open,
       case o.status
         when 'pending'   then 'pending'
         when 'confirmed' then 'pending'
         when 'preparing' then 'preparing'
         when 'ready'     then 'ready'
         when 'served'    then 'completed'
         when 'delivered' then 'completed'
         when 'completed' then 'completed'
         when 'cancelled' then 'cancelled'
       end as status, -- a word that is missing here is refused by the check
       o.order_number, o.order_type, o.priority,
       o.table_id, t.number as table_label,
       o.created_by_id as created_by, coalesce(nullif(u.first_name, ''), u.username) as created_by_name,
       o.customer_name, o.notes, '' as allergy_note,
       null::timestamptz as promised_at, o.created_at, o.completed_at as left_at
  from orders_order o
  left join tables_table t on t.id = o.table_id
  left join accounts_user u on u.id = o.created_by_id;

create view kitchen.lines as
select i.id, i.order_id, i.menu_item_id, c.name as category, m.name, i.quantity, i.notes,
       i.id as position, 1 as course, false as held
  from orders_orderitem i
  left join menu_menuitem m on m.id = i.menu_item_id
  left join menu_category c on c.id = m.category_id;

create view kitchen.modifiers as
select x.id, x.order_item_id as line_id, x.modifier_option_id, p.name, x.quantity, null as kind, x.id as position
  from orders_orderitemmodifier x
  left join menu_modifieroption p on p.id = x.modifier_option_id;

-- For each table that the views read: the order of one of its rows, or, where many orders share it, the restaurant.
create view kitchen.watch (source, order_id, restaurant_id) as values
  ('orders_order',             'id', null),
  ('orders_orderitem',         'order_id', null),
  ('orders_orderitemmodifier', '(select i.order_id from orders_orderitem i where i.id = order_item_id)', null),
  ('restaurants_restaurant',   null, 'id'),
  ('accounts_user',            null, 'restaurant_id'),
  ('tables_table',             null, 'restaurant_id'),
  ('menu_category',            null, 'restaurant_id'),
  ('menu_menuitem',            null, 'restaurant_id'),
  ('menu_modifieroption',      null, 'restaurant_id');

-- Optional: lets displays move orders on. Without it they only show. A node with a role of its own needs for it:
--   grant usage on schema public to kitchen_node;
--   grant select (id, completed_at), update (status, completed_at, updated_at) on orders_order to kitchen_node;
create function kitchen.set_status(id bigint, status text) returns void language sql as $$
  update orders_order o
     set status = case $2 when 'completed' then 'served' else $2 end,
         completed_at = case when $2 in ('completed', 'cancelled') then now() else o.completed_at end,
         updated_at = now()
   where o.id = $1
$$;
