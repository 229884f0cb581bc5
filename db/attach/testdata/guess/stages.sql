-- Times in place of a status, keys of char(26), lines without a quantity.
create table restaurants (id char(26) primary key, name text);
create table "group" (id char(26) primary key, name text);
create table "user" (id char(26) primary key, name text, "group" char(26) references "group", restaurant_id char(26) references restaurants);
create table "order" (id char(26) primary key, restaurant_id char(26) references restaurants, "number" int, placed_at timestamptz, accepted_at timestamptz, started_at timestamptz, ready_at timestamptz, finished_at timestamptz, cancelled_at timestamptz, deleted_at timestamptz, note text);
create table dish (id char(26) primary key, name text, restaurant_id char(26) references restaurants);
create table order_dish (order_id char(26) not null references "order", dish_id char(26) not null references dish, n serial primary key, grams int, comment text);
insert into restaurants values('01ARZ3NDEKTSV4RRFFQ69G5FAV','A'),('01ARZ3NDEKTSV4RRFFQ69G5FAW','B'); insert into "group" values('01ARZ3NDEKTSV4RRFFQ69G5FA1','Kitchen'); insert into "user" values('01ARZ3NDEKTSV4RRFFQ69G5FU1','ann','01ARZ3NDEKTSV4RRFFQ69G5FA1','01ARZ3NDEKTSV4RRFFQ69G5FAV');
insert into dish values('01ARZ3NDEKTSV4RRFFQ69G5FD1','Steak','01ARZ3NDEKTSV4RRFFQ69G5FAV');
insert into "order" values('01ARZ3NDEKTSV4RRFFQ69G5FO1','01ARZ3NDEKTSV4RRFFQ69G5FAV',1,now(),null,null,null,null,null,null,null),('01ARZ3NDEKTSV4RRFFQ69G5FO2','01ARZ3NDEKTSV4RRFFQ69G5FAV',2,now(),now(),now(),null,null,null,null,null),('01ARZ3NDEKTSV4RRFFQ69G5FO3','01ARZ3NDEKTSV4RRFFQ69G5FAW',1,now(),now(),now(),now(),now(),null,null,null),('01ARZ3NDEKTSV4RRFFQ69G5FO4','01ARZ3NDEKTSV4RRFFQ69G5FAW',2,null,null,null,null,null,null,null,null);
insert into order_dish(order_id,dish_id,grams) values('01ARZ3NDEKTSV4RRFFQ69G5FO1','01ARZ3NDEKTSV4RRFFQ69G5FD1',350),('01ARZ3NDEKTSV4RRFFQ69G5FO2','01ARZ3NDEKTSV4RRFFQ69G5FD1',350);
