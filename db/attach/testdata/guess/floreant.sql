-- Floreant POS: no word for a status but yes and no, and one restaurant.
create table restaurant (id int primary key, unique_id int, name varchar(120), address_line1 varchar(60), capacity int, tables int);
create table terminal (id int primary key, name varchar(60), terminal_key varchar(120), opening_balance float8, location varchar(320));
create table users (auto_id serial primary key, user_id int, user_pass varchar(16) not null, first_name varchar(30), last_name varchar(30), ssn varchar(30), cost_per_hour float8, clocked_in boolean, phone_no varchar(20), is_driver boolean, active boolean, n_user_type int);
create table menu_category (id serial primary key, name varchar(120) not null, visible boolean);
create table menu_group (id serial primary key, name varchar(120) not null, category_id int references menu_category);
create table menu_item (id serial primary key, name varchar(120) not null, price float8 not null, group_id int references menu_group);
create table ticket (id serial primary key, global_id varchar(16), create_date timestamp, closing_date timestamp, active_date timestamp, deliveery_date timestamp, creation_hour int, paid boolean, voided boolean, void_reason varchar(255), wasted boolean, refunded boolean, settled boolean, drawer_resetted boolean, sub_total float8, total_price float8, status varchar(30), bar_tab boolean, is_tax_exempt boolean, is_re_opened boolean, customer_id int, delivery_address varchar(120), ticket_type varchar(20), owner_id int references users, driver_id int references users, void_by_user int references users, terminal_id int references terminal);
create table ticket_item (id serial primary key, item_id int, item_count int, item_quantity float8, item_name varchar(120), group_name varchar(120), category_name varchar(120), item_price float8, has_modifiers boolean, print_to_kitchen boolean, status varchar(255), ticket_id int references ticket, item_order int);
create table ticket_item_modifier (id serial primary key, item_id int, item_count int, modifier_name varchar(120), modifier_price float8, modifier_type int, ticket_item_id int references ticket_item);
create table ticket_table_num (ticket_id int not null references ticket, table_id int);
create table kitchen_ticket (id serial primary key, ticket_id int, create_date timestamp, close_date timestamp, voided boolean, status varchar(30), server_name varchar(30), ticket_type varchar(20));
insert into terminal values (1,'Till 1'); insert into users (user_id,user_pass,first_name,active) values (1,'1','Admin',true);
insert into menu_category (name) values ('Mains'); insert into menu_group(name,category_id) values ('Soups',1); insert into menu_item (name,price,group_id) values ('Soup',5,1);
insert into ticket (create_date,paid,voided,settled,status,ticket_type,owner_id,terminal_id) select now(), n%3=0, n%7=0, n%3=0, case when n%4=0 then 'Delivered' end,'DINE IN',1,1 from generate_series(1,20) n;
insert into ticket_item (item_id,item_count,item_name,category_name,ticket_id) select 1,2,'Soup','Mains',id from ticket; insert into ticket_item_modifier (item_id,item_count,modifier_name,ticket_item_id) select 1,1,'Hot',id from ticket_item;
