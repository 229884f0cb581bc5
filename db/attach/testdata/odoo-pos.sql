-- After Odoo's models, 19: serial int4, datetimes without a zone in UTC, floats with digits as numeric. Only the tables and columns that matter here.
create table res_users (id serial primary key, login varchar not null unique, active boolean, company_id int not null, share boolean, write_date timestamp);
create table pos_config (id serial primary key, name varchar not null, active boolean, company_id int not null, uuid varchar);
create table restaurant_table (id serial primary key, table_number int not null, floor_id int, seats int, active boolean);
create table pos_order (
  id serial primary key, name varchar not null default '/', uuid varchar, pos_reference varchar, tracking_number varchar, floating_order_name varchar, general_customer_note text, internal_note text, preset_id int, preset_time timestamp, state varchar,
  session_id int not null default 1, config_id int references pos_config, company_id int not null default 1, user_id int references res_users, table_id int references restaurant_table,
  date_order timestamp, amount_total numeric not null default 0, amount_paid numeric not null default 0, write_date timestamp);
create index on pos_order (config_id);
create index on pos_order (table_id);
create table pos_order_line (
  id serial primary key, uuid varchar unique, order_id int not null references pos_order on delete cascade, product_id int not null, full_product_name varchar, qty numeric,
  price_unit numeric, note varchar, customer_note varchar, combo_parent_id int references pos_order_line, write_date timestamp);
create index on pos_order_line (order_id);
create table pos_prep_order (id serial primary key, pos_order_id int references pos_order on delete cascade, uuid varchar, create_date timestamp);
create index on pos_prep_order (pos_order_id) where pos_order_id is not null;
create table pos_prep_line (
  id serial primary key, prep_order_id int references pos_prep_order on delete cascade, pos_order_line_id int references pos_order_line on delete set null, quantity double precision not null,
  cancelled double precision, product_id int, uuid varchar);
create index on pos_prep_line (prep_order_id) where prep_order_id is not null;
insert into res_users (id, login, active, company_id, share) values (1, 'mitchell', true, 1, false), (2, 'marc', true, 2, false);
insert into pos_config (id, name, company_id) values (1, 'Restaurant', 1), (2, 'Bar', 2);
insert into restaurant_table (id, table_number) values (1, 4), (2, 5);
insert into pos_order (id, pos_reference, tracking_number, state, config_id, user_id, table_id, date_order) values
  (1, '001-0001', '101', 'draft', 1, 1, 1, now()), (2, '002-0001', '201', 'draft', 2, 2, 2, now()), (3, '001-0002', '102', 'draft', 1, 1, 2, now()), (4, '002-0002', '202', 'cancel', 2, 2, null, now());
insert into pos_order_line (id, order_id, product_id, full_product_name, qty, price_unit, note) values
  (1, 1, 11, 'Burger', 2, 9, '[{"text":"rare","colorIndex":0},{"text":"no \"mayo\"","colorIndex":3}]'), (2, 2, 12, 'Beer', 1, 4, null), (3, 3, 11, 'Burger', 1, 9, null), (4, 4, 12, 'Beer', 1, 4, null);
insert into pos_prep_order (id, pos_order_id) values (1, 1), (2, 2), (3, 4);
insert into pos_prep_line (id, prep_order_id, pos_order_line_id, quantity, cancelled, product_id) values (1, 1, 1, 2, 0, 11), (2, 2, 2, 1, null, 12), (3, 3, 4, 1, 1, 12);
select setval(pg_get_serial_sequence(t, 'id'), 1000) from unnest(array['pos_order', 'pos_order_line', 'pos_prep_order', 'pos_prep_line']) t;
