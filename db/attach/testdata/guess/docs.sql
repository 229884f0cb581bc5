-- An app with a table of documents: lines in JSON, and times that say how far one is. Its other tables have lines, or a status, but not all.
create table shops (shop_id int primary key, title text not null);
create table suppliers (id int primary key, name text, status text);
create table deliveries (id int primary key, supplier_id int references suppliers, note text);
create table docs (id bigint generated always as identity primary key, shop_id int not null references shops, no int not null, guest text, opened_at timestamptz not null default now(),
  accepted_at timestamptz, cooked_at timestamptz, done_at timestamptz, cancelled_at timestamptz, items jsonb not null default '[]', items_count int generated always as (jsonb_array_length(items)) stored);
create index on docs (shop_id) where done_at is null and cancelled_at is null;
insert into shops values (1, 'One'), (2, 'Two');
insert into docs (shop_id, no, guest, items, accepted_at) select 1 + g % 2, g, 'Ann', '[{"name": "Soup", "qty": 2, "note": "hot"}]', case when g % 2 = 0 then now() end from generate_series(1, 6) g;
