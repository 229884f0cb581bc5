-- After Vendure's entities, as TypeORM makes them: camelCase columns, reserved names, join tables. Only the tables and columns that matter here.
create table channel ("createdAt" timestamp(6) not null default now(), code varchar not null unique, token varchar not null unique, id serial primary key);
create table "user" ("createdAt" timestamp(6) not null default now(), "deletedAt" timestamp(6), identifier varchar not null, "lastLogin" timestamp(6), id serial primary key);
create table role (id serial primary key, code varchar not null);
create table user_roles_role ("userId" integer not null references "user" on delete cascade, "roleId" integer not null references role on delete cascade, primary key ("userId", "roleId"));
create table role_channels_channel ("roleId" integer not null references role on delete cascade, "channelId" integer not null references channel on delete cascade, primary key ("roleId", "channelId"));
create table customer (id serial primary key, "firstName" varchar not null, "lastName" varchar not null, "emailAddress" varchar not null);
create table product_variant (id serial primary key, sku varchar not null, enabled boolean not null default true);
create table product_variant_channels_channel (
  "productVariantId" integer not null references product_variant on delete cascade, "channelId" integer not null references channel on delete cascade, primary key ("productVariantId", "channelId"));
create table product_variant_translation (id serial primary key, "languageCode" varchar not null, name varchar not null, "baseId" integer references product_variant on delete cascade);
create index on product_variant_translation ("baseId");
create table "order" (
  "createdAt" timestamp(6) not null default now(), "updatedAt" timestamp(6) not null default now(), code varchar not null unique, state varchar not null, active boolean not null default true,
  "orderPlacedAt" timestamp(6), "shippingAddress" text not null default '{}', "currencyCode" varchar not null default 'EUR', id serial primary key, "subTotal" integer not null default 0,
  "customerId" integer references customer);
create index on "order" ("customerId");
create table order_channels_channel ("orderId" integer not null references "order" on delete cascade, "channelId" integer not null references channel on delete cascade, primary key ("orderId", "channelId"));
create index on order_channels_channel ("channelId");
create table order_line (
  "createdAt" timestamp(6) not null default now(), quantity integer not null, "listPrice" integer not null default 0, adjustments text not null default '[]', id serial primary key,
  "productVariantId" integer references product_variant, "orderId" integer references "order" on delete cascade);
create index on order_line ("orderId");
insert into channel (id, code, token) values (1, '__default_channel__', 'd'), (2, 'north', 'n'), (3, 'south', 's');
insert into role (id, code) values (1, 'n'), (2, 's');
insert into "user" (id, identifier) values (1, 'nina'), (2, 'sam');
insert into user_roles_role values (1, 1), (2, 2);
insert into role_channels_channel values (1, 2), (2, 3);
insert into customer (id, "firstName", "lastName", "emailAddress") values (1, 'Ana', '', 'a@example.org'), (2, 'Ben', '', 'b@example.org');
insert into product_variant (id, sku) values (1, 'a'), (2, 'b');
insert into product_variant_channels_channel values (1, 1), (1, 2), (2, 1), (2, 3);
insert into product_variant_translation ("languageCode", name, "baseId") values ('en', 'Soup', 1), ('en', 'Tea', 2), ('de', 'Tee', 2);
insert into "order" (id, code, state, active, "orderPlacedAt", "customerId") values
  (1, 'AAAA', 'PaymentSettled', false, now(), 1), (2, 'BBBB', 'PaymentAuthorized', false, now(), 2), (3, 'CCCC', 'Delivered', false, now() - interval '1 day', 2),
  (4, 'DDDD', 'AddingItems', true, null, 1), (5, 'EEEE', 'Cancelled', false, now(), 1);
insert into order_channels_channel values (1, 1), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3), (4, 1), (4, 2), (5, 1), (5, 2);
insert into order_line (id, quantity, "productVariantId", "orderId") values (1, 2, 1, 1), (2, 1, 2, 2), (3, 1, 2, 3), (4, 1, 1, 4), (5, 1, 1, 5);
select setval(pg_get_serial_sequence('"order"', 'id'), 1000), setval(pg_get_serial_sequence('order_line', 'id'), 1000);
