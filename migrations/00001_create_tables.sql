-- +goose Up

-- The functions of the triggers name their tables with the schema, public, because they run with a search_path of their own.
-- +goose StatementBegin
do $$
begin
  if current_schema() is distinct from 'public' then
    raise exception 'these tables belong in the schema public, and new tables would go to %',
      coalesce(current_schema(), 'none') using hint = 'Run the migrations with search_path set to public.';
  end if;
end
$$;
-- +goose StatementEnd

create schema if not exists kitchen;

-- What a value may be is said by its type. A check of the table would be read anew, from its stored form, by each INSERT and UPDATE
-- (ExecRelCheck in PostgreSQL's execMain.c), which took a tenth of an order's time; that of a type is read once a session, and only a
-- statement that writes the column pays for it.
create domain kitchen.order_type as text
  constraint orders_type_known check (value in ('dine_in', 'takeaway', 'delivery'));
create domain kitchen.order_status as text
  constraint orders_status_known check (value in ('pending', 'preparing', 'ready', 'completed', 'cancelled'));
create domain kitchen.order_number as integer constraint orders_number_positive check (value > 0);
-- Times that RFC 3339 can write, and so a display can read: not infinity, not the year 10000.
create domain kitchen.order_time as timestamptz
  constraint orders_times_sensible check (value >= '0001-01-02 00:00+00' and value <= '9999-12-30 00:00+00');
create domain kitchen.quantity as numeric
  constraint quantity_sensible check (value > 0 and value < 1000000 and scale(trim_scale(value)) <= 3);
create domain kitchen.modifier_kind as text
  constraint modifier_kind_known check (value in ('add', 'remove', 'allergy', 'note'));

-- The tenant. Every other table names it.
create table restaurants (
  id         uuid primary key default gen_random_uuid(),
  name       text not null,
  timezone   text not null default 'UTC',
  day_starts time not null default '04:00',          -- a business day runs from here to here, in timezone
  created_at timestamptz not null default now()
);

create table users (
  id            uuid primary key default gen_random_uuid(),
  restaurant_id uuid not null references restaurants on delete cascade,
  username      text not null,
  name          text not null default '',
  role          text not null default 'kitchen',
  is_active     boolean not null default true,
  created_at    timestamptz not null default now(),
  constraint users_username_key unique (username),
  constraint users_role_known check (role in ('owner', 'manager', 'cashier', 'kitchen', 'viewer', 'screen'))
);
create index users_restaurant on users (restaurant_id, id);

create table tables (
  id            uuid primary key default gen_random_uuid(),
  restaurant_id uuid not null references restaurants on delete cascade,
  label         text not null
);
create index tables_restaurant on tables (restaurant_id, id);

create table menu_items (
  id            uuid primary key default gen_random_uuid(),
  restaurant_id uuid not null references restaurants on delete cascade,
  name          text not null,
  kitchen_name  text,                                -- what the kitchen calls it; its name where null
  category      text,                                -- what a kitchen with several stations sorts by
  is_available  boolean not null default true
);
create index menu_items_restaurant on menu_items (restaurant_id, id);

create table modifier_options (
  id            uuid primary key default gen_random_uuid(),
  restaurant_id uuid not null references restaurants on delete cascade,
  name          text not null,
  kind          kitchen.modifier_kind                -- null where nobody says
);
create index modifier_options_restaurant on modifier_options (restaurant_id, id);

-- A ticket is a record. It keeps its own copies of names, and points at the menu, tables and users without foreign keys: what
-- it points at may be renamed, moved and deleted, and the ticket stays as it was.
create table orders (
  id              uuid primary key default gen_random_uuid(),
  restaurant_id   uuid not null references restaurants on delete cascade,
  order_number    kitchen.order_number not null,     -- left out: counts from 1 each business day
  order_type      kitchen.order_type not null default 'dine_in',
  status          kitchen.order_status not null default 'pending',
  priority        integer not null default 0,
  table_id        uuid,
  table_label     text,                              -- copied from the table
  created_by      uuid,
  created_by_name text,                              -- copied from the user
  customer_name   text not null default '',
  notes           text not null default '',
  allergy_note    text not null default '',
  promised_at     kitchen.order_time,
  external_id     text,                              -- the writer's own key, for writers that retry; '' becomes null
  created_at      kitchen.order_time not null default now(),
  updated_at      timestamptz not null default now(), -- the writers' own
  preparing_at    timestamptz,                       -- when the order last became this
  ready_at        timestamptz,
  completed_at    kitchen.order_time,
  cancelled_at    kitchen.order_time,
  business_day    date not null default current_date, -- set by the database
  -- The kitchen's own, set by the database; what a writer gives for them is left aside. How often the order has changed for a kitchen, when
  -- last, and in which transaction: see kitchen.order_changes. And since when it is in its restaurant.
  kitchen_changes    bigint not null default 0,
  kitchen_changed_at timestamptz,
  kitchen_xact       bigint,
  kitchen_came_at    timestamptz,
  constraint orders_restaurant_id_id_key unique (restaurant_id, id),
  constraint orders_restaurant_id_external_id_key unique (restaurant_id, external_id)
)
-- An order leaves old entries in the index of the queue with each status, which every reader passes until they are vacuumed away. The
-- server's default, a fifth of the table, is a million of them where there are many orders of the past.
with (autovacuum_vacuum_scale_factor = 0.02);

-- A kitchen's queue: the open orders of one restaurant, oldest first.
create index orders_queue on orders (restaurant_id, created_at) where status in ('pending', 'preparing', 'ready');

-- What left the queue lately: the recall list.
create index orders_left on orders (restaurant_id, greatest(completed_at, cancelled_at)) where status not in ('pending', 'preparing', 'ready');

-- Today's number 57; and the next number of the day.
create index orders_number on orders (restaurant_id, business_day, order_number);

-- A line that names no position comes after those that are there. Positions order lines and mean nothing else, so they come from a
-- sequence; looking for the last line of an order cost each line a query, and made SERIALIZABLE writers fail. The sequence is that of an
-- identity column, which a writer needs no right on.
create table order_items (
  id            uuid primary key default gen_random_uuid(),
  restaurant_id uuid not null,
  order_id      uuid not null,
  menu_item_id  uuid,                                -- null for a line that is not on the menu
  category      text,                                -- copied from the menu
  name          text not null,                       -- copied from the menu
  quantity      kitchen.quantity not null default 1,
  notes         text not null default '',
  position      bigint generated by default as identity,
  course        integer,
  held          boolean not null default false,      -- not to be cooked yet
  constraint order_items_restaurant_id_id_key unique (restaurant_id, id),
  constraint order_items_order_fkey foreign key (restaurant_id, order_id) references orders (restaurant_id, id)
    on delete cascade on update cascade
);

-- The lines of an order, in their order. restaurant_id, so that the foreign key's own queries find this index better than
-- that of (restaurant_id, id) even before the first ANALYZE: deleting 10,000 orders would read the restaurant 10,000 times.
create index order_items_order on order_items (order_id, restaurant_id, position);

create table order_item_modifiers (
  id                 uuid primary key default gen_random_uuid(),
  restaurant_id      uuid not null,
  order_item_id      uuid not null,
  modifier_option_id uuid,                           -- null for one that is not on the menu
  name               text not null,                  -- copied from the option, as is its kind
  kind               kitchen.modifier_kind,
  quantity           kitchen.quantity not null default 1,
  position           bigint generated by default as identity,
  constraint order_item_modifiers_item_fkey foreign key (restaurant_id, order_item_id)
    references order_items (restaurant_id, id) on delete cascade on update cascade
);

create index order_item_modifiers_item on order_item_modifiers (order_item_id);

-- A time zone means the same to this server and to browsers only by a name of the IANA database, spelled exactly: AT TIME ZONE
-- also takes 'Europe/Rom3', which it reads as three hours behind something, and 'GMT+5', which is west where people mean east.
-- Reading pg_timezone_names takes 0.1 s, so a name that another restaurant has is not looked up again. A name that the server
-- has lost since, with an upgrade of its system, refuses nothing: nobody looks at it again.
-- +goose StatementBegin
create function check_timezone() returns trigger
language plpgsql
security definer -- a writer may not see the other restaurants
set search_path = pg_catalog, pg_temp
as $$
begin
  if NEW.timezone = 'UTC' or exists (select from public.restaurants r where r.timezone = NEW.timezone) then
    perform now() at time zone NEW.timezone; -- an error where the server has lost it
    return NEW;
  end if;
  if NEW.timezone ~ '^(posix/|right/)' or NEW.timezone in ('posixrules', 'localtime', 'Factory')
     or not exists (select from pg_timezone_names z where z.name = NEW.timezone)
  then
    raise check_violation using
      message = format('time zone "%s" not recognized', NEW.timezone),
      hint = 'Give a name of the IANA time zone database that this server knows, spelled exactly, like Europe/Rome or UTC: select name from pg_timezone_names.',
      table = 'restaurants', column = 'timezone', constraint = 'restaurants_timezone_known';
  end if;
  return NEW;
end
$$;
-- +goose StatementEnd

revoke execute on function check_timezone() from public;

create trigger restaurants_check_timezone before insert on restaurants
  for each row when (NEW.timezone <> 'UTC') execute function check_timezone();
create trigger restaurants_check_changed_timezone before update of timezone on restaurants
  for each row when (NEW.timezone is distinct from OLD.timezone) execute function check_timezone();

-- +goose Down
drop table order_item_modifiers;
drop table order_items;
drop table orders;
drop table modifier_options;
drop table menu_items;
drop table tables;
drop table users;
drop table restaurants;
drop function check_timezone();
drop domain kitchen.modifier_kind;
drop domain kitchen.quantity;
drop domain kitchen.order_time;
drop domain kitchen.order_number;
drop domain kitchen.order_status;
drop domain kitchen.order_type;
