-- Tells with each change who made it: the writer's application_name, as "by", for people to read on a board, in kitchen watch
-- and in a trace. Whoever can write can set it to anything, so it proves nothing. Left out where the writer gave none.
--
-- PostgreSQL keeps printable ASCII of it: before 16, with ? for each other byte, since then with \x and two digits, which may
-- make 252 characters of the 63 bytes of a name. 40 of them are told, which as JSON are 80 at most: a payload stays under 300
-- bytes.
--
-- The functions are those of 00005, but for the writer: it is read once a statement, after what keeps a statement silent, and
-- ends each payload.

-- +goose Up

-- +goose StatementBegin
create or replace function announce_orders() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  writer  text;
  crowded uuid[]; -- restaurants of which this statement has touched more than 50 orders
begin
  if lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0')
     or pg_notification_queue_usage() >= 0.75 then
    return null;
  end if;
  writer := coalesce(',"by":' || to_json(nullif(left(current_setting('application_name'), 40), '')) || '}', '}');

  perform pg_notify('kitchen_' || w.restaurant_id,
                    '{"type":"' || TG_ARGV[0] || '","order_id":"' || w.id || '","version":' || w.version || writer)
     from written w
    where not exists (select from written offset 50);
  if found then
    return null;
  end if;

  crowded := array(select w.restaurant_id from written w group by w.restaurant_id having count(*) > 50);
  perform pg_notify('kitchen_' || c.restaurant_id, '{"type":"queue_changed"' || writer) from unnest(crowded) c (restaurant_id);
  perform pg_notify('kitchen_' || w.restaurant_id,
                    '{"type":"' || TG_ARGV[0] || '","order_id":"' || w.id || '","version":' || w.version || writer)
     from written w
    where w.restaurant_id not in (select unnest(crowded)); -- hashed, unlike <> all (crowded)
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function announce_updated_orders() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  writer  text;
  moved   boolean;
  crowded uuid[];
begin
  if lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0')
     or pg_notification_queue_usage() >= 0.75 then
    return null;
  end if;
  writer := coalesce(',"by":' || to_json(nullif(left(current_setting('application_name'), 40), '')) || '}', '}');

  perform pg_notify('kitchen_' || n.restaurant_id,
                    case n.last_change
                      when 'status' then '{"type":"order_status_changed","order_id":"' || n.id
                                         || '","status":"' || n.status || '","version":' || n.version || writer
                      else '{"type":"order_updated","order_id":"' || n.id || '","version":' || n.version || writer
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
  perform pg_notify('kitchen_' || c.restaurant_id, '{"type":"queue_changed"' || writer) from unnest(crowded) c (restaurant_id);
  perform pg_notify('kitchen_' || o.restaurant_id,
                    '{"type":"order_deleted","order_id":"' || o.id || '","version":' || o.version || writer)
     from old_rows o full join new_rows n on n.id = o.id and n.restaurant_id = o.restaurant_id
    where moved and n.id is null and o.restaurant_id not in (select unnest(crowded));
  perform pg_notify('kitchen_' || n.restaurant_id,
                    case n.last_change
                      when 'moved' then '{"type":"order_created","order_id":"' || n.id
                                        || '","version":' || n.version || writer
                      when 'status' then '{"type":"order_status_changed","order_id":"' || n.id
                                         || '","status":"' || n.status || '","version":' || n.version || writer
                      else '{"type":"order_updated","order_id":"' || n.id || '","version":' || n.version || writer
                    end)
     from new_rows n
    where n.last_change <> 'none' and n.restaurant_id not in (select unnest(crowded));
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function announce_truncate() returns trigger
language plpgsql
security definer -- who may truncate orders need not be able to read restaurants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  writer text;
begin
  if lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0')
     or pg_notification_queue_usage() >= 0.75 then
    return null;
  end if;
  writer := coalesce(',"by":' || to_json(nullif(left(current_setting('application_name'), 40), '')) || '}', '}');
  perform pg_notify('kitchen_' || r.id, '{"type":"queue_changed"' || writer)
     from public.restaurants r where exists (select from public.orders o where o.restaurant_id = r.id);
  return null;
end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function announce_orders() returns trigger
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

-- +goose StatementBegin
create or replace function announce_updated_orders() returns trigger
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

-- +goose StatementBegin
create or replace function announce_truncate() returns trigger
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
