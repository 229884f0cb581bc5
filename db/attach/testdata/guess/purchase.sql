-- An app whose orders are called otherwise, with the status in a table of events, a domain, an enum, arrays, and lines with a key of two columns.
create type order_state as enum ('placed', 'cooking', 'plated', 'served', 'void');
create domain qty_t as numeric(8, 3) check (value > 0);
create table venue (id uuid primary key default gen_random_uuid(), name text not null unique);
create table purchase (id uuid primary key default gen_random_uuid(), venue_id uuid not null references venue, seq int not null, guest text, created timestamp not null default now());
create table purchase_event (id bigserial primary key, purchase_id uuid not null references purchase on delete cascade, state order_state not null, at timestamp not null default clock_timestamp());
create index on purchase_event (purchase_id, id desc);
create table purchase_pos (purchase_id uuid references purchase on delete cascade, pos smallint, dish text not null, qty qty_t not null default 1, price money, extras text[], primary key (purchase_id, pos));
insert into venue (name) values ('North'), ('South');
insert into purchase (venue_id, seq, guest) select v.id, g, 'Ann' from venue v, generate_series(1, 4) g;
insert into purchase_event (purchase_id, state) select id, 'placed' from purchase;
insert into purchase_pos select id, p, 'Dish ' || p, 1.5, 3, '{hot,big}' from purchase, generate_series(1, 2) p;
