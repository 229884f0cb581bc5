-- A Rails app: numbers for a status and a role, time zones by Rails' own names.
create table shops (id bigserial primary key, name varchar not null, time_zone varchar, created_at timestamp(6) not null default now(), updated_at timestamp(6) not null default now());
create table users (id bigserial primary key, email varchar not null, encrypted_password varchar not null default '', role int not null default 0, shop_id bigint references shops, created_at timestamp(6) not null default now(), updated_at timestamp(6) not null default now());
create table customers (id bigserial primary key, name varchar, phone varchar not null);
create table categories (id bigserial primary key, name varchar, shop_id bigint not null references shops);
create table products (id bigserial primary key, name varchar, price int, category_id bigint references categories);
create table modifier_groups (id bigserial primary key, name varchar, product_id bigint not null references products);
create table modifiers (id bigserial primary key, name varchar, base_price int, modifier_group_id bigint not null references modifier_groups);
create table orders (id bigserial primary key, shop_id bigint not null references shops, customer_id bigint references customers, number varchar, status int not null default 0, order_type int not null default 0, table_no varchar, comment text, total_price int not null default 0, scheduled_at timestamp(6), completed_at timestamp(6), created_at timestamp(6) not null default now(), updated_at timestamp(6) not null default now());
create index on orders (shop_id);
create table order_items (id bigserial primary key, order_id bigint not null references orders, product_id bigint references products, product_name varchar not null, unit_price int not null default 0, quantity int not null default 1, comment text, created_at timestamp(6) not null default now());
create index on order_items (order_id);
create table order_item_modifiers (id bigserial primary key, order_item_id bigint not null references order_items, modifier_id bigint references modifiers, group_name varchar not null, modifier_name varchar not null, unit_price int not null default 0, quantity int not null default 1);
create index on order_item_modifiers (order_item_id);
create table ar_internal_metadata (key varchar primary key, value varchar); create table schema_migrations (version varchar primary key);
insert into shops (name,time_zone) values ('North','Eastern Time (US & Canada)'),('South',null); insert into users (email,role,shop_id) values ('a@x',0,1),('b@x',2,2); insert into categories(name,shop_id) values ('Mains',1),('Mains',2); insert into products(name,category_id) values ('Soup',1),('Soup',2); insert into modifier_groups(name,product_id) values ('Spice',1); insert into modifiers(name,modifier_group_id) values ('Hot',1);
insert into orders (shop_id,number,status,order_type,table_no) select 1+n%2,'A-'||n,n%5,n%2,'7' from generate_series(1,25) n; insert into order_items(order_id,product_id,product_name) select id,shop_id,'Soup' from orders; insert into order_item_modifiers(order_item_id,modifier_id,group_name,modifier_name) select id,1,'Spice','Hot' from order_items;
