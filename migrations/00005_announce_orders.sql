-- Tells the displays of a restaurant, on the channel kitchen_<restaurant id>, that orders have changed. A notification is
-- a hint: type, id, version, never an order's contents. These are "the notification triggers"; without them everything
-- else works, and displays follow at their next periodic check.

-- +goose Up

-- Whether this transaction should better not notify. A session may ask for silence, for a bulk load: set kitchen.notify =
-- off. And with the server's notification queue nearly full, a NOTIFY could make the writer's commit fail.
-- +goose StatementBegin
create function is_silent() returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0'), false)
      or pg_notification_queue_usage() >= 0.75;
end
$$;
-- +goose StatementEnd

-- One trigger for each event, because PostgreSQL allows transition tables with no more than one. The trigger of INSERT and
-- that of DELETE are alike: nothing for no rows (ON CONFLICT DO NOTHING fires them, too); one queue_changed for a crowded
-- restaurant, of which this statement touches more than 50 orders; and one hint for each other order.
-- +goose StatementBegin
create function announce_orders() returns trigger
language plpgsql
security definer -- a writer needs no right to execute pg_notify and is_silent, which a careful DBA takes from everybody
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  crowded uuid[];
begin
  if public.is_silent() then
    return null;
  end if;
  perform pg_notify('kitchen_' || w.restaurant_id,
                    '{"type":"' || TG_ARGV[0] || '","order_id":"' || w.id || '","version":' || w.version || '}')
     from written w where (select count(*) from (select from written limit 51) few) <= 50;
  if found then
    return null;
  end if;
  crowded := array(select w.restaurant_id from written w group by w.restaurant_id having count(*) > 50);
  perform pg_notify('kitchen_' || c, '{"type":"queue_changed"}') from unnest(crowded) c;
  perform pg_notify('kitchen_' || w.restaurant_id,
                    '{"type":"' || TG_ARGV[0] || '","order_id":"' || w.id || '","version":' || w.version || '}')
     from written w where w.restaurant_id <> all (crowded);
  return null;
end
$$;
-- +goose StatementEnd

-- Where id and restaurant are the same, two rows are one order. A row without its other half is an order that moved to
-- another restaurant, or was given another id: to the kitchens, one that went and one that came.
-- +goose StatementBegin
create function announce_updated_orders() returns trigger
language plpgsql
security definer -- as announce_orders
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  few     bigint;
  crowded uuid[] := '{}';
begin
  select count(*) into few from (select from new_rows limit 51) r;
  if few = 0 or public.is_silent() then
    return null;
  end if;
  if few > 50 then
    crowded := array(
      select c.restaurant_id
        from (select coalesce(n.restaurant_id, o.restaurant_id) as restaurant_id
                from old_rows o full join new_rows n on n.id = o.id and n.restaurant_id = o.restaurant_id
               where (o.version = n.version) is not true) c
       group by c.restaurant_id having count(*) > 50);
    perform pg_notify('kitchen_' || c, '{"type":"queue_changed"}') from unnest(crowded) c;
  end if;
  perform pg_notify(
            'kitchen_' || coalesce(n.restaurant_id, o.restaurant_id),
            case
              when n.id is null then
                format('{"type":"order_deleted","order_id":"%s","version":%s}', o.id, o.version)
              when o.id is null then
                format('{"type":"order_created","order_id":"%s","version":%s}', n.id, n.version)
              when n.status <> o.status
                   and (n.order_number, n.order_type, n.priority, n.table_id, n.created_by, n.customer_name, n.notes,
                        n.allergy_note, n.promised_at, n.created_at)
                       is not distinct from
                       (o.order_number, o.order_type, o.priority, o.table_id, o.created_by, o.customer_name, o.notes,
                        o.allergy_note, o.promised_at, o.created_at) then
                format('{"type":"order_status_changed","order_id":"%s","status":"%s","version":%s}',
                       n.id, n.status, n.version)
              else
                format('{"type":"order_updated","order_id":"%s","version":%s}', n.id, n.version)
            end)
     from old_rows o full join new_rows n on n.id = o.id and n.restaurant_id = o.restaurant_id
    where (o.version = n.version) is not true
      and coalesce(n.restaurant_id, o.restaurant_id) <> all (crowded);
  return null;
end
$$;
-- +goose StatementEnd

-- Before and not after, while it can still be seen whose orders go. Of lines and modifiers, too: TRUNCATE of these leaves
-- the versions of their orders as they were, and a kitchen that re-reads finds other content under the same version.
-- +goose StatementBegin
create function announce_truncate() returns trigger
language plpgsql
security definer -- who may truncate orders need not be able to read restaurants
set search_path = pg_catalog, pg_temp
as $$
begin
  if not public.is_silent() then
    perform pg_notify('kitchen_' || r.id, '{"type":"queue_changed"}')
       from public.restaurants r where exists (select from public.orders o where o.restaurant_id = r.id);
  end if;
  return null;
end
$$;
-- +goose StatementEnd

revoke execute on function announce_orders(), announce_updated_orders(), announce_truncate() from public;

create trigger orders_announce_insert after insert on orders
  referencing new table as written for each statement execute function announce_orders('order_created');
create trigger orders_announce_update after update on orders
  referencing old table as old_rows new table as new_rows for each statement execute function announce_updated_orders();
create trigger orders_announce_delete after delete on orders
  referencing old table as written for each statement execute function announce_orders('order_deleted');
create trigger orders_announce_truncate before truncate on orders
  for each statement execute function announce_truncate();
create trigger order_items_announce_truncate before truncate on order_items
  for each statement execute function announce_truncate();
create trigger order_item_modifiers_announce_truncate before truncate on order_item_modifiers
  for each statement execute function announce_truncate();

-- ALWAYS: they fire for logical replication and in sessions with session_replication_role = replica, too.
alter table orders enable always trigger orders_announce_insert;
alter table orders enable always trigger orders_announce_update;
alter table orders enable always trigger orders_announce_delete;
alter table orders enable always trigger orders_announce_truncate;
alter table order_items enable always trigger order_items_announce_truncate;
alter table order_item_modifiers enable always trigger order_item_modifiers_announce_truncate;

-- +goose Down
drop trigger order_item_modifiers_announce_truncate on order_item_modifiers;
drop trigger order_items_announce_truncate on order_items;
drop trigger orders_announce_truncate on orders;
drop trigger orders_announce_delete on orders;
drop trigger orders_announce_update on orders;
drop trigger orders_announce_insert on orders;
drop function announce_truncate();
drop function announce_updated_orders();
drop function announce_orders();
drop function is_silent();
