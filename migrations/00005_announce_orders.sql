-- Tells the displays of a restaurant, on the channel kitchen_<restaurant id>, that orders have changed. A notification is
-- a hint: type, id, version, never an order's contents. These are "the notification triggers"; without them everything
-- else works, and displays follow at their next periodic check.
--
-- Three things are common to all of them. They are silent where the session asks for it, for a bulk load, by set
-- kitchen.notify = off; and where the server's notification queue is nearly full, because a NOTIFY that finds no room makes
-- the writer's commit fail. They are security definer, because a writer may lack the right to execute pg_notify. And one
-- query does for up to 50 rows, which is nearly always; the rest of a function is for bulk.

-- +goose Up

-- For the orders that came or went as a whole: the event's name is the trigger's argument. A statement without rows, such
-- as ON CONFLICT DO NOTHING, fires it, too.
-- +goose StatementBegin
create function announce_orders() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  crowded uuid[]; -- restaurants of which this statement has touched more than 50 orders
begin
  if lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0')
     or pg_notification_queue_usage() >= 0.75 then
    return null;
  end if;

  perform pg_notify('kitchen_' || w.restaurant_id,
                    '{"type":"' || TG_ARGV[0] || '","order_id":"' || w.id || '","version":' || w.version || '}')
     from written w
    where not exists (select from written offset 50);
  if found then
    return null;
  end if;

  crowded := array(select w.restaurant_id from written w group by w.restaurant_id having count(*) > 50);
  perform pg_notify('kitchen_' || c.restaurant_id, '{"type":"queue_changed"}') from unnest(crowded) c (restaurant_id);
  perform pg_notify('kitchen_' || w.restaurant_id,
                    '{"type":"' || TG_ARGV[0] || '","order_id":"' || w.id || '","version":' || w.version || '}')
     from written w
    where w.restaurant_id not in (select unnest(crowded)); -- hashed, unlike <> all (crowded)
  return null;
end
$$;
-- +goose StatementEnd

-- What changed is in last_change. An order that moved to another restaurant, or was given another id, is to the kitchens
-- one that went and one that came; the one that went is an old row without a new one.
-- +goose StatementBegin
create function announce_updated_orders() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  moved   boolean;
  crowded uuid[];
begin
  if lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0')
     or pg_notification_queue_usage() >= 0.75 then
    return null;
  end if;

  perform pg_notify('kitchen_' || n.restaurant_id,
                    case n.last_change
                      when 'status' then '{"type":"order_status_changed","order_id":"' || n.id
                                         || '","status":"' || n.status || '","version":' || n.version || '}'
                      else '{"type":"order_updated","order_id":"' || n.id || '","version":' || n.version || '}'
                    end)
     from new_rows n
    where n.last_change <> 'none'
      and not exists (select from new_rows offset 50)
      and not exists (select from new_rows m where m.last_change = 'moved');
  if found then
    return null;
  end if;

  select bool_or(n.last_change = 'moved') into moved from new_rows n where n.last_change <> 'none';
  if moved is null then
    return null; -- no row, or nothing changed: an ORM that writes back what it has read
  end if;
  crowded := array(
    select c.restaurant_id
      from (select n.restaurant_id from new_rows n where n.last_change <> 'none'
            union all
            select o.restaurant_id
              from old_rows o full join new_rows n on n.id = o.id and n.restaurant_id = o.restaurant_id
             where moved and n.id is null) c
     group by c.restaurant_id having count(*) > 50);
  perform pg_notify('kitchen_' || c.restaurant_id, '{"type":"queue_changed"}') from unnest(crowded) c (restaurant_id);
  perform pg_notify('kitchen_' || o.restaurant_id,
                    '{"type":"order_deleted","order_id":"' || o.id || '","version":' || o.version || '}')
     from old_rows o full join new_rows n on n.id = o.id and n.restaurant_id = o.restaurant_id
    where moved and n.id is null and o.restaurant_id not in (select unnest(crowded));
  perform pg_notify('kitchen_' || n.restaurant_id,
                    case n.last_change
                      when 'moved' then '{"type":"order_created","order_id":"' || n.id
                                        || '","version":' || n.version || '}'
                      when 'status' then '{"type":"order_status_changed","order_id":"' || n.id
                                         || '","status":"' || n.status || '","version":' || n.version || '}'
                      else '{"type":"order_updated","order_id":"' || n.id || '","version":' || n.version || '}'
                    end)
     from new_rows n
    where n.last_change <> 'none' and n.restaurant_id not in (select unnest(crowded));
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
  if lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0')
     or pg_notification_queue_usage() >= 0.75 then
    return null;
  end if;
  perform pg_notify('kitchen_' || r.id, '{"type":"queue_changed"}')
     from public.restaurants r where exists (select from public.orders o where o.restaurant_id = r.id);
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

-- ALWAYS: they fire in sessions with session_replication_role = replica, too. Logical replication fires row triggers only, and
-- what it changes is found by the periodic check.
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
