-- Sequelize: an order is of one dish.
create table "Restaurants" (id serial primary key, name varchar(255), address varchar(255));
create table "Users" (id serial primary key, name varchar(255), email varchar(255), "isAdmin" boolean default false);
create table "Menus" (id serial primary key, name varchar(255), price int, "RestaurantId" int references "Restaurants");
create table "Orders" (id serial primary key, "RestaurantId" int references "Restaurants" on delete cascade, "MenuId" int references "Menus" on delete cascade, "UserId" int references "Users", amount int, description varchar(255), "createdAt" timestamptz not null default now(), "updatedAt" timestamptz not null default now());
insert into "Restaurants"(name) values('A'),('B'); insert into "Users"(name,email,"isAdmin") values('Ann','a@x',true),('Guest','g@x',false);
insert into "Menus"(name,"RestaurantId") values('Soup',1),('Tea',2);
insert into "Orders"("RestaurantId","MenuId","UserId",amount) values(1,1,2,2),(2,2,2,1);
