-- An app whose tables inherit the columns that all of them have, whose orders by phone are a table of their own below the others, and whose old
-- orders go to an archive.
create table base_doc (id serial primary key, created timestamptz not null default now(), deleted_at timestamptz);
create table cafes (name text not null, primary key (id)) inherits (base_doc);
create table orders (cafe_id int not null references cafes, status text not null default 'open', primary key (id)) inherits (base_doc);
create table phone_orders (phone text, primary key (id)) inherits (orders);
create table orders_2025 (primary key (id)) inherits (orders);
create table orders_archive (like orders including all);
create table order_items (order_id int not null, name text not null, quantity int not null default 1, primary key (id)) inherits (base_doc);
create index on order_items (order_id);
insert into cafes (name) values ('One'), ('Two');
insert into orders (cafe_id, status) select 1 + g % 2, case when g % 2 = 0 then 'open' else 'done' end from generate_series(1, 6) g;
insert into phone_orders (id, cafe_id, phone) values (1000, 1, '555');
insert into order_items (order_id, name) select id, 'Soup' from orders;
