-- A change of an order's lines is a change of the order: its version rises, and the update announces it. Statement-level
-- triggers, one for each event, because PostgreSQL allows transition tables with no more than one.

-- +goose Up

-- To touch an order is to write this transaction into its written_by: the BEFORE trigger of orders makes a version of
-- that. Not touched are orders of which this very transaction has made a version already: they are announced, will be
-- read after commit, lines included, and one change is enough for a display. That is the usual case, an order and its
-- lines in one transaction, and one query finds it.
--
-- The orders are locked in order of id, so that two writers who change lines of the same orders wait for each other and
-- never deadlock. Arrays and not joins, so that a plan made for one row does for 100,000.
--
-- public stands in the search_path for the sake of other programs' triggers on orders, which run inside of this function
-- when it touches an order. Every function and operator here takes its argument types exactly as pg_catalog has them, so
-- that none of the same name in public can come before it.
-- +goose StatementBegin
create function touch_orders_of_items() returns trigger
language plpgsql
security definer -- a writer of lines needs no rights on orders
set search_path = pg_catalog, public, pg_temp -- see above
set enable_seqscan = off -- see complete_new_order
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  xact constant bigint := pg_current_xact_id()::text::bigint;
  ids  uuid[];
begin
  if TG_OP = 'UPDATE' then
    -- Of the rows that really changed, in what a kitchen sees; of a line that moved, both orders. A full join is never
    -- made with loops.
    ids := array(
      select c.order_id
        from old_rows o full join new_rows n on n.id = o.id
       cross join lateral (values (o.order_id), (n.order_id)) c (order_id)
       where (o.order_id, o.menu_item_id, o.name, o.quantity, o.notes, o.position)
             is distinct from (n.order_id, n.menu_item_id, n.name, n.quantity, n.notes, n.position));
    if ids = '{}' then
      return null;
    end if;
  else
    perform 1 from public.orders o
      where o.id = any (array(select w.order_id from written w)) and o.written_by <> xact;
    if not found then
      return null;
    end if;
    ids := array(select w.order_id from written w);
  end if;
  perform 1 from public.orders o where o.id = any (ids) and o.written_by <> xact order by o.id for no key update;
  if found then
    update public.orders o set written_by = xact where o.id = any (ids) and o.written_by <> xact;
  end if;
  return null;
end
$$;
-- +goose StatementEnd

-- The same for modifiers. Of a line that is gone, its own trigger has touched the order.
-- +goose StatementBegin
create function touch_orders_of_modifiers() returns trigger
language plpgsql
security definer -- a writer of modifiers needs no rights on order_items and orders
set search_path = pg_catalog, public, pg_temp -- see above
set enable_seqscan = off -- see complete_new_order
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  xact constant bigint := pg_current_xact_id()::text::bigint;
  ids  uuid[];
begin
  if TG_OP = 'UPDATE' then
    ids := array(
      select c.order_item_id
        from old_rows o full join new_rows n on n.id = o.id
       cross join lateral (values (o.order_item_id), (n.order_item_id)) c (order_item_id)
       where (o.order_item_id, o.modifier_option_id, o.name, o.quantity)
             is distinct from (n.order_item_id, n.modifier_option_id, n.name, n.quantity));
    if ids = '{}' then
      return null;
    end if;
  else
    perform 1 from public.orders o
      where o.id = any (array(select i.order_id from public.order_items i
                               where i.id = any (array(select w.order_item_id from written w))))
        and o.written_by <> xact;
    if not found then
      return null;
    end if;
    ids := array(select w.order_item_id from written w);
  end if;
  ids := array(select i.order_id from public.order_items i where i.id = any (ids));
  perform 1 from public.orders o where o.id = any (ids) and o.written_by <> xact order by o.id for no key update;
  if found then
    update public.orders o set written_by = xact where o.id = any (ids) and o.written_by <> xact;
  end if;
  return null;
end
$$;
-- +goose StatementEnd

revoke execute on function touch_orders_of_items(), touch_orders_of_modifiers() from public;

create trigger order_items_touch_insert after insert on order_items
  referencing new table as written for each statement execute function touch_orders_of_items();
create trigger order_items_touch_update after update on order_items
  referencing old table as old_rows new table as new_rows for each statement execute function touch_orders_of_items();
create trigger order_items_touch_delete after delete on order_items
  referencing old table as written for each statement execute function touch_orders_of_items();

create trigger order_item_modifiers_touch_insert after insert on order_item_modifiers
  referencing new table as written for each statement execute function touch_orders_of_modifiers();
create trigger order_item_modifiers_touch_update after update on order_item_modifiers
  referencing old table as old_rows new table as new_rows
  for each statement execute function touch_orders_of_modifiers();
create trigger order_item_modifiers_touch_delete after delete on order_item_modifiers
  referencing old table as written for each statement execute function touch_orders_of_modifiers();

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
