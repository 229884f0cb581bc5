-- Lines with a course, which are not deleted but marked as removed.
create table venues (id serial primary key, name text not null);
create table staff (id serial primary key, name text not null, role text not null, venue_id int not null references venues);
create table dishes (id serial primary key, name text not null, venue_id int not null references venues);
create table orders (id serial primary key, venue_id int not null references venues, status text not null, created_at timestamptz not null default now());
create index on orders (venue_id, status);
create table order_lines (id serial primary key, order_id int not null references orders, dish_id int not null references dishes, quantity int not null, course smallint, removed_at timestamptz);
create index on order_lines (order_id);
insert into venues (name) values ('North'), ('South');
insert into staff (name, role, venue_id) values ('Ana', 'cook', 1);
insert into dishes (name, venue_id) values ('Soup', 1), ('Fish', 1), ('Tea', 2);
insert into orders (venue_id, status) values (1, 'pending'), (2, 'ready');
insert into order_lines (order_id, dish_id, quantity, course, removed_at) values (1, 1, 1, 1, null), (1, 2, 2, 2, null), (1, 2, 1, null, now()), (2, 3, 1, null, null);
