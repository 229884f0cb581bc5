-- A change of an order's lines is a change of the order: its version rises, and the update announces it. Statement-level
-- triggers, one for each event, because PostgreSQL allows transition tables with no more than one.

-- +goose Up

-- Makes a new version of each of these orders, except those that this very transaction has made a version of already:
-- they are announced, will be read after commit, lines included, and one change is enough for a display. kitchen.touching
-- is how the BEFORE trigger of orders knows a touch from a writer's update that changes nothing.
-- +goose StatementBegin
create function touch_orders(ids uuid[]) returns void
language plpgsql
security definer -- a writer of lines needs no rights on orders
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- by key, however small orders was when the plan was made
set kitchen.touching = 'on'
as $$
declare
  xact constant bigint := pg_current_xact_id()::text::bigint;
begin
  -- In order of id, so that two writers that change lines of the same orders wait for each other and never deadlock.
  perform 1 from public.orders o where o.id = any (ids) and o.written_by <> xact order by o.id for no key update;
  if found then
    update public.orders o set version = o.version + 1 where o.id = any (ids) and o.written_by <> xact;
  end if;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function touch_orders_of_items() returns trigger
language plpgsql
security definer -- to call touch_orders
set search_path = pg_catalog, pg_temp
as $$
declare
  ids uuid[];
begin
  -- Not plain joins for the update: a plan made for one row would join 100,000 with loops.
  case TG_OP
    when 'INSERT' then
      select array_agg(distinct n.order_id) into ids from new_rows n;
    when 'DELETE' then
      select array_agg(distinct o.order_id) into ids from old_rows o;
    else
      select array_agg(distinct c.order_id) into ids from (
        select d.order_id from (
          select o.id, o.order_id, o.menu_item_id, o.name, o.quantity, o.notes, o.position from old_rows o
          except all
          select n.id, n.order_id, n.menu_item_id, n.name, n.quantity, n.notes, n.position from new_rows n) d
        union all
        select d.order_id from (
          select n.id, n.order_id, n.menu_item_id, n.name, n.quantity, n.notes, n.position from new_rows n
          except all
          select o.id, o.order_id, o.menu_item_id, o.name, o.quantity, o.notes, o.position from old_rows o) d) c;
  end case;
  if ids is not null then
    perform public.touch_orders(ids);
  end if;
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function touch_orders_of_modifiers() returns trigger
language plpgsql
security definer -- to read order_items and to call touch_orders
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- by key, however small order_items was when the plan was made
as $$
declare
  items uuid[];
  ids   uuid[];
begin
  case TG_OP
    when 'INSERT' then
      select array_agg(distinct n.order_item_id) into items from new_rows n;
    when 'DELETE' then
      select array_agg(distinct o.order_item_id) into items from old_rows o;
    else
      select array_agg(distinct c.order_item_id) into items from (
        select d.order_item_id from (
          select o.id, o.order_item_id, o.modifier_option_id, o.name, o.quantity from old_rows o
          except all
          select n.id, n.order_item_id, n.modifier_option_id, n.name, n.quantity from new_rows n) d
        union all
        select d.order_item_id from (
          select n.id, n.order_item_id, n.modifier_option_id, n.name, n.quantity from new_rows n
          except all
          select o.id, o.order_item_id, o.modifier_option_id, o.name, o.quantity from old_rows o) d) c;
  end case;
  -- Of a line that is gone, its own trigger has touched the order.
  select array_agg(distinct i.order_id) into ids from public.order_items i where i.id = any (items);
  if ids is not null then
    perform public.touch_orders(ids);
  end if;
  return null;
end
$$;
-- +goose StatementEnd

revoke execute on function touch_orders(uuid[]), touch_orders_of_items(), touch_orders_of_modifiers() from public;

create trigger order_items_touch_insert after insert on order_items
  referencing new table as new_rows for each statement execute function touch_orders_of_items();
create trigger order_items_touch_update after update on order_items
  referencing old table as old_rows new table as new_rows for each statement execute function touch_orders_of_items();
create trigger order_items_touch_delete after delete on order_items
  referencing old table as old_rows for each statement execute function touch_orders_of_items();

create trigger order_item_modifiers_touch_insert after insert on order_item_modifiers
  referencing new table as new_rows for each statement execute function touch_orders_of_modifiers();
create trigger order_item_modifiers_touch_update after update on order_item_modifiers
  referencing old table as old_rows new table as new_rows
  for each statement execute function touch_orders_of_modifiers();
create trigger order_item_modifiers_touch_delete after delete on order_item_modifiers
  referencing old table as old_rows for each statement execute function touch_orders_of_modifiers();

alter table order_items enable always trigger order_items_touch_insert;
alter table order_items enable always trigger order_items_touch_update;
alter table order_items enable always trigger order_items_touch_delete;
alter table order_item_modifiers enable always trigger order_item_modifiers_touch_insert;
alter table order_item_modifiers enable always trigger order_item_modifiers_touch_update;
alter table order_item_modifiers enable always trigger order_item_modifiers_touch_delete;

-- +goose Down
drop trigger order_item_modifiers_touch_delete on order_item_modifiers;
drop trigger order_item_modifiers_touch_update on order_item_modifiers;
drop trigger order_item_modifiers_touch_insert on order_item_modifiers;
drop trigger order_items_touch_delete on order_items;
drop trigger order_items_touch_update on order_items;
drop trigger order_items_touch_insert on order_items;
drop function touch_orders_of_modifiers();
drop function touch_orders_of_items();
drop function touch_orders(uuid[]);
