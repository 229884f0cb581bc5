-- After the schema that Spree's migrations of August 2026, 6.0, make: bigint keys, datetimes without a zone. Only the tables and columns that matter here.
create table spree_stores (id bigserial primary key, name varchar, url varchar, code varchar, preferences text, updated_at timestamp(6) default now());
create table spree_admin_users (id bigserial primary key, email varchar not null, first_name varchar, last_name varchar, sign_in_count integer default 0, deleted_at timestamp(6));
create table spree_roles (id bigserial primary key, name varchar, resource_type varchar not null, resource_id bigint not null, unique (resource_type, resource_id, name));
create table spree_role_users (id bigserial primary key, role_id bigint, user_id bigint, user_type varchar default 'Spree::AdminUser' not null, unique (user_type, user_id, role_id));
create index on spree_role_users (user_id);
create index on spree_role_users (role_id);
create table spree_products (id bigserial primary key, name varchar default '' not null, slug varchar, status varchar default 'draft' not null, deleted_at timestamp(6));
create table spree_variants (id bigserial primary key, sku varchar default '' not null, product_id bigint references spree_products, deleted_at timestamp(6), position integer);
create index on spree_variants (product_id);
create table spree_option_values (id bigserial primary key, position integer, name varchar, presentation varchar, option_type_id bigint);
create table spree_option_value_variants (id bigserial primary key, variant_id bigint references spree_variants, option_value_id bigint references spree_option_values);
create index on spree_option_value_variants (variant_id);
create index on spree_option_value_variants (option_value_id);
create table spree_orders (
  id bigserial primary key, number varchar(32), total numeric(10,2) default 0.0 not null, status varchar default 'draft' not null, fulfillment_status varchar, payment_status varchar,
  customer_id bigint, cart_id bigint unique, completed_at timestamp(6), payment_total numeric(10,2) default 0.0, email varchar, customer_note text,
  created_at timestamp(6) not null default now(), updated_at timestamp(6) not null default now(), currency varchar, token varchar, store_id bigint references spree_stores);
create index on spree_orders (store_id);
create unique index on spree_orders (number);
create table spree_line_items (
  id bigserial primary key, variant_id bigint references spree_variants, order_id bigint references spree_orders, quantity integer not null, price numeric(10,2) not null,
  created_at timestamp(6) not null default now(), updated_at timestamp(6) not null default now(), metadata jsonb, cart_id bigint);
create index on spree_line_items (order_id);
create index on spree_line_items (variant_id);
insert into spree_stores (id, name) values (1, 'North'), (2, 'South');
insert into spree_admin_users (id, email, first_name) values (1, 'n@example.org', 'Nina'), (2, 's@example.org', null);
insert into spree_roles (id, name, resource_type, resource_id) values (1, 'admin', 'Spree::Store', 1), (2, 'admin', 'Spree::Store', 2), (3, 'seller', 'Spree::Seller', 1);
insert into spree_role_users (role_id, user_id) values (1, 1), (2, 2), (3, 2);
insert into spree_products (id, name) values (1, 'Pizza'), (2, 'Tea');
insert into spree_variants (id, product_id) values (1, 1), (2, 2);
insert into spree_option_values (id, name, presentation) values (1, 'large', 'Large'), (2, 'hot', 'Hot');
insert into spree_option_value_variants (variant_id, option_value_id) values (1, 1), (2, 2);
insert into spree_orders (id, number, status, fulfillment_status, completed_at, email, store_id) values
  (1, 'R100000001', 'placed', 'unfulfilled', now(), 'a@example.org', 1), (2, 'R100000002', 'placed', 'partial', now(), 'b@example.org', 2),
  (3, 'R100000003', 'placed', 'delivered', now() - interval '1 day', 'c@example.org', 1), (4, 'R100000004', 'canceled', null, now() - interval '1 day', 'd@example.org', 2),
  (5, 'R100000005', 'draft', null, null, null, 1);
insert into spree_line_items (id, order_id, variant_id, quantity, price) values (1, 1, 1, 2, 3), (2, 2, 2, 1, 4), (3, 3, 2, 1, 4), (4, 5, 1, 1, 3);
select setval(pg_get_serial_sequence(t, 'id'), 1000) from unnest(array['spree_orders', 'spree_line_items']) t;
