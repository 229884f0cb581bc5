-- Keystone: what a line has more of is a table of two keys; a list's table is a reserved word; a status may be missing.
create type "OrderStatusType" as enum ('pending','in_progress','ready','completed','cancelled');
create table "Restaurant" (id text primary key, name text not null default '', slug text not null default '');
create table "User" (id text primary key, name text not null default '', email text not null default '' unique, password text not null, "isAdmin" boolean not null default false, restaurant text references "Restaurant" on update cascade on delete set null);
create table "Product" (id text primary key, name text not null default '', price int, restaurant text references "Restaurant");
create table "CartItem" (id text primary key, quantity int not null default 1, product text references "Product", "user" text references "User");
create table "Order" (id text primary key, total int, charge text not null default '', status "OrderStatusType" default 'pending', "user" text references "User" on delete set null, restaurant text references "Restaurant" on delete set null, "createdAt" timestamp(3) default current_timestamp);
create table "OrderItem" (id text primary key, name text not null default '', description text not null default '', price int, quantity int, "order" text references "Order" on delete set null, photo text);
create table "_OrderItem_modifiers" ("A" text not null references "OrderItem" on delete cascade, "B" text not null references "Product" on delete cascade);
create unique index on "_OrderItem_modifiers"("A","B");
insert into "Restaurant" values('clr1','A','a'),('clr2','B','b'); insert into "User" values('clu1','Ann','a@x','x',true,'clr1'),('clu2','Bo','b@x','x',false,'clr2');
insert into "Product" values('clp1','Soup',1,'clr1'),('clp2','Cheese',1,'clr1');
insert into "Order"(id,status,"user",restaurant) values('clo1','pending','clu1','clr1'),('clo2','ready','clu2','clr2'),('clo3',null,null,null);
insert into "OrderItem"(id,name,quantity,"order") values('cli1','Soup',2,'clo1'),('cli2','Tea',1,'clo2'); insert into "_OrderItem_modifiers" values('cli1','clp2');
