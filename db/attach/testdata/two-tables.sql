-- A house of its own make: two tables of orders with different keys, lines of both in one table, statuses by number and by word.
create table venues (id uuid primary key default gen_random_uuid(), title text not null, tz text);
create table dinein (id serial primary key, venue uuid not null references venues, state smallint not null, tbl int, created timestamptz default now());
create table online (ref varchar(20) primary key, venue uuid not null references venues, phase text not null, customer text, created timestamptz default now(), due timestamptz);
create table entries (kind char(1) not null, parent text not null, no int not null, what text, n numeric(6,2) default 1, extras text[], primary key (kind, parent, no));
create index on dinein (venue); create index on online (venue);
insert into venues (id,title) values ('00000000-0000-4000-8000-000000000001','A'),('00000000-0000-4000-8000-000000000002','B');
insert into dinein (venue,state,tbl) select v.id, n%3, n from venues v, generate_series(1,5) n;
insert into online (ref,venue,phase,customer) select 'W'||n||right(v.id::text,1), v.id, (array['in','made','out'])[1+n%3], 'Z' from venues v, generate_series(1,5) n;
insert into entries select 'd', id::text, 1, 'Soup', 1.5, '{hot}' from dinein; insert into entries select 'o', ref, 1, 'Tea', 1, '{}' from online;
