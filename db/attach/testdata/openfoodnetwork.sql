-- After db/schema.rb of Open Food Network, August 2026: strings are varchar, datetimes have no zone. Only the tables and columns that matter here.
create table enterprises (id serial primary key, name varchar(255), description text, created_at timestamp not null default now());
create table spree_users (id serial primary key, encrypted_password varchar(255), email varchar(255), last_request_at timestamp, disabled_at timestamp);
create table enterprise_roles (id serial primary key, user_id integer not null references spree_users, enterprise_id integer not null references enterprises, unique (user_id, enterprise_id));
create index on enterprise_roles (user_id);
create index on enterprise_roles (enterprise_id);
create table spree_products (id serial primary key, name varchar(255) default '' not null, description text, deleted_at timestamp);
create table spree_variants (id serial primary key, sku varchar(255) default '' not null, product_id integer references spree_products, display_name varchar(255));
create index on spree_variants (product_id);
create table spree_orders (
  id serial primary key, number varchar(15), total numeric(10,2) default 0.0 not null, state varchar(255), user_id integer, created_at timestamp not null default now(),
  updated_at timestamp not null default now(), completed_at timestamp, payment_total numeric(10,2) default 0.0, shipment_state varchar(255), payment_state varchar(255),
  email varchar(255), special_instructions text, distributor_id integer references enterprises, order_cycle_id integer, customer_id integer, created_by_id integer);
create index on spree_orders (distributor_id);
create index on spree_orders (number);
create table spree_line_items (
  id serial primary key, order_id integer not null references spree_orders, variant_id integer not null references spree_variants, quantity integer not null,
  price numeric(10,2) not null, created_at timestamp not null default now(), max_quantity integer, unit_presentation varchar, product_name varchar, variant_name varchar);
create index on spree_line_items (order_id);
create index on spree_line_items (variant_id);
insert into enterprises (id, name) values (1, 'Farm'), (2, 'Hub');
insert into spree_users (id, email) values (1, 'farm@example.org'), (2, 'hub@example.org');
insert into enterprise_roles (user_id, enterprise_id) values (1, 1), (2, 2), (2, 1);
insert into spree_products (id, name) values (1, 'Soup'), (2, 'Bread');
insert into spree_variants (id, product_id, display_name) values (1, 1, 'large'), (2, 2, null);
insert into spree_orders (id, number, state, completed_at, shipment_state, email, distributor_id) values
  (1, 'R123456701', 'complete', now(), 'pending', 'ana@example.org', 1), (2, 'R123456702', 'complete', now(), 'ready', 'ben@example.org', 2),
  (3, 'R123456703', 'complete', now() - interval '1 day', 'shipped', 'c@example.org', 2), (4, 'R123456704', 'canceled', now() - interval '1 day', 'canceled', 'd@example.org', 1),
  (5, 'R123456705', 'cart', null, null, null, 1);
insert into spree_line_items (id, order_id, variant_id, quantity, price, product_name, variant_name) values
  (1, 1, 1, 2, 3, 'Soup', 'large (1kg)'), (2, 2, 2, 1, 4, null, null), (3, 3, 2, 1, 4, null, null), (4, 5, 1, 1, 3, 'Soup', 'large (1kg)');
select setval(pg_get_serial_sequence(t, 'id'), 1000) from unnest(array['spree_orders', 'spree_line_items']) t;
