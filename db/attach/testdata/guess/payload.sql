-- A Payload app: rows of arrays with _parent_id and _order, text keys, roles of memberships in a table of their own.
create type enum_orders_status as enum ('processing','preparing','ready','completed','cancelled','refunded'); create type enum_users_roles as enum ('super-admin','user'); create type enum_users_tenants_roles as enum ('tenant-admin','tenant-viewer','chef');
create table tenants (id serial primary key, name varchar not null, slug varchar not null, domain varchar, updated_at timestamptz(3) not null default now(), created_at timestamptz(3) not null default now());
create table users (id serial primary key, username varchar, email varchar not null, hash varchar, created_at timestamptz(3) default now());
create table users_roles ("order" int not null, parent_id int not null references users on delete cascade, value enum_users_roles, id serial primary key);
create table users_tenants (_order int not null, _parent_id int not null references users on delete cascade, id varchar primary key, tenant_id int not null references tenants);
create table users_tenants_roles ("order" int not null, parent_id varchar not null references users_tenants on delete cascade, value enum_users_tenants_roles, id serial primary key);
create table products (id serial primary key, title varchar not null, tenant_id int references tenants);
create table orders (id serial primary key, tenant_id int references tenants, customer_id int references users, status enum_orders_status default 'processing', customer_email varchar, amount numeric, updated_at timestamptz(3) not null default now(), created_at timestamptz(3) not null default now());
create table orders_items (_order int not null, _parent_id int not null references orders on delete cascade, id varchar primary key, product_id int references products, quantity numeric not null default 1, note varchar);
create table orders_items_extras (_order int not null, _parent_id varchar not null references orders_items on delete cascade, id varchar primary key, label varchar);
create table orders_rels (id serial primary key, "order" int, parent_id int not null references orders on delete cascade, path varchar not null, transactions_id int);
create index on orders_items (_parent_id); create index on orders(tenant_id);
insert into tenants (name,slug) values ('North','n'),('South','s'); insert into users (username,email) values ('ann','a@x'),('bob','b@x'); insert into users_tenants values (1,1,'6720a',1),(1,2,'6720b',2); insert into users_tenants_roles ("order",parent_id,value) values (1,'6720a','chef'),(1,'6720b','tenant-admin'); insert into products (title,tenant_id) values ('Soup',1),('Tea',2);
insert into orders (tenant_id,status) select 1+n%2,(enum_range(null::enum_orders_status))[1+n%6] from generate_series(1,12) n; insert into orders_items select 1,n,'it'||n,1+n%2,1 from generate_series(1,12) n; insert into orders_items_extras select 1,'it'||n,'ex'||n,'No onion' from generate_series(1,12) n;
