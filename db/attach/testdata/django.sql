-- The tables of a Django app, and rows for them.
\ir ../../rush/django.sql
insert into restaurants_restaurant (id, name, timezone, is_active, created_at) values
  (1, 'Trattoria', 'Europe/Rome', true, now()), (2, 'Taverna', 'Europe/Athens', true, now());
insert into accounts_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined, role, restaurant_id) values
  (1, '!', false, 'marco', 'Marco', '', '', false, true, now(), 'kitchen', 1), (2, '!', false, 'eleni', '', '', '', false, true, now(), 'owner', 2),
  (3, '!', false, 'guest', '', '', '', false, true, now(), 'customer', null);
insert into tables_table (id, number, seats, restaurant_id) values (1, 'T1', 4, 1), (2, 'T2', 2, 2);
insert into menu_category (id, name, restaurant_id) values (1, 'Pizza', 1), (2, 'Grill', 2);
insert into menu_menuitem (id, name, price, is_available, category_id, restaurant_id) values (1, 'Margherita', 8, true, 1, 1), (2, 'Souvlaki', 7, true, 2, 2);
insert into menu_modifieroption (id, name, price, restaurant_id) values (1, 'no basil', 0, 1), (2, 'no onion', 0, 2);
insert into orders_order (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, created_by_id, restaurant_id, table_id) values
  (1, 1, 'dine_in', 'pending', 0, 'Zoë', '', 16, now(), now(), 1, 1, 1), (2, 1, 'takeaway', 'preparing', 0, 'Nikos', '', 7, now(), now(), 2, 2, null),
  (3, 2, 'dine_in', 'served', 0, '', '', 7, now() - interval '1 day', now(), null, 2, 2);
insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) values (1, 2, 8, 'well done', 1, 1), (2, 1, 7, '', 2, 2), (3, 1, 7, '', 2, 3);
insert into orders_orderitemmodifier (id, quantity, modifier_option_id, order_item_id) values (1, 1, 1, 1), (2, 1, 2, 2);
select setval(pg_get_serial_sequence(t, 'id'), 1000) from unnest(array['restaurants_restaurant', 'accounts_user', 'tables_table', 'menu_category', 'menu_menuitem',
  'menu_modifieroption', 'orders_order', 'orders_orderitem', 'orders_orderitemmodifier']) t;
