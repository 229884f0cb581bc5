-- After CoopCycle's Doctrine mappings and migrations: serial int4, times without a zone. Only the tables and columns that matter here.
create table restaurant (id serial primary key, name varchar(255) default null, enabled boolean default false not null, created_at timestamp(0) not null default now());
create table api_user (id serial primary key, username varchar(180) not null, email varchar(180) not null, enabled boolean not null, last_login timestamp(0) default null);
create table api_user_restaurant (api_user_id int not null references api_user, restaurant_id int not null references restaurant, primary key (api_user_id, restaurant_id));
create table sylius_customer (id serial primary key, email varchar(255) not null, first_name varchar(255) default null, last_name varchar(255) default null);
create table sylius_product (id serial primary key, code varchar(255) not null, enabled boolean not null);
create table sylius_product_translation (id serial primary key, translatable_id int not null references sylius_product, name varchar(255) not null, locale varchar(255) not null, unique (translatable_id, locale));
create table sylius_product_variant (id serial primary key, product_id int not null references sylius_product, code varchar(255) not null, price int default null);
create index on sylius_product_variant (product_id);
create table restaurant_product (restaurant_id int not null references restaurant, product_id int not null references sylius_product unique, primary key (restaurant_id, product_id));
create table sylius_order (
  id serial primary key, customer_id int default null references sylius_customer, number varchar(255) default null, notes text default null, state varchar(255) not null,
  checkout_completed_at timestamp(0) default null, items_total int not null default 0, total int not null default 0, created_at timestamp(0) not null default now(),
  updated_at timestamp(0) default null, takeaway boolean default false not null, shipping_time_range tsrange default null);
create index on sylius_order (customer_id);
create table sylius_order_vendor (order_id int not null references sylius_order, restaurant_id int not null references restaurant, items_total int not null, transfer_amount int not null, primary key (order_id, restaurant_id));
create index idx_f26b2be28d9f6d38 on sylius_order_vendor (order_id);
create index idx_f26b2be2b1e7706e on sylius_order_vendor (restaurant_id);
create table sylius_order_timeline (
  id serial primary key, order_id int default null unique references sylius_order, dropoff_expected_at timestamp(0) default null, pickup_expected_at timestamp(0) not null,
  preparation_expected_at timestamp(0) not null, preparation_time varchar(255) not null, shipping_time varchar(255) default null);
create table sylius_order_item (id serial primary key, order_id int not null references sylius_order on delete cascade, variant_id int not null references sylius_product_variant, quantity int not null, unit_price int not null);
create index on sylius_order_item (order_id);
create table sylius_adjustment (
  id serial primary key, order_id int default null references sylius_order on delete cascade, order_item_id int default null references sylius_order_item on delete cascade,
  type varchar(255) not null, label varchar(255) default null, amount int not null);
create index on sylius_adjustment (order_item_id);
insert into restaurant (id, name) values (1, 'Crêperie'), (2, 'Ramen');
insert into api_user (id, username, email, enabled) values (1, 'yann', 'y@example.org', true), (2, 'yuki', 'k@example.org', true);
insert into api_user_restaurant values (1, 1), (2, 2);
insert into sylius_customer (id, email, first_name) values (1, 'a@example.org', 'Ana'), (2, 'b@example.org', null);
insert into sylius_product (id, code, enabled) values (1, 'a', true), (2, 'b', true);
insert into sylius_product_translation (translatable_id, name, locale) values (1, 'Galette', 'fr'), (2, 'Ramen', 'fr'), (2, 'Ramen!', 'en');
insert into sylius_product_variant (id, product_id, code) values (1, 1, 'a'), (2, 2, 'b');
insert into restaurant_product values (1, 1), (2, 2);
insert into sylius_order (id, customer_id, number, state, takeaway, updated_at) values
  (1, 1, 'AAA1', 'new', true, null), (2, 2, 'AAA2', 'started', false, null), (3, 2, 'AAA3', 'fulfilled', false, now()), (4, 1, null, 'cart', false, null), (5, 1, 'AAA5', 'refused', false, now());
insert into sylius_order_vendor values (1, 1, 0, 0), (2, 2, 0, 0), (3, 2, 0, 0), (4, 1, 0, 0), (5, 2, 0, 0), (5, 1, 0, 0);
insert into sylius_order_timeline (order_id, pickup_expected_at, preparation_expected_at, preparation_time) values (1, now(), now(), '10 minutes'), (2, now(), now(), '10 minutes');
insert into sylius_order_item (id, order_id, variant_id, quantity, unit_price) values (1, 1, 1, 2, 1), (2, 2, 2, 1, 1), (3, 3, 2, 1, 1), (4, 4, 1, 1, 1);
insert into sylius_adjustment (order_item_id, type, label, amount) values (1, 'menu_item_modifier', 'Œuf', 100), (2, 'menu_item_modifier', 'Nori', 50), (1, 'tax', 'TVA', 10);
select setval(pg_get_serial_sequence(t, 'id'), 1000) from unnest(array['sylius_order', 'sylius_order_item', 'sylius_adjustment', 'sylius_order_timeline']) t;
