-- Announces what many orders share: names of restaurants, tables and users, and settings. And, on the channel kitchen_users, that
-- a user has changed in what an open display depends on: whether it is active, its restaurant, its role, and whether it is there at
-- all. A node looks the user up again, and closes its displays or changes what they may do, within a second.

-- +goose Up

-- +goose StatementBegin
create function kitchen.touch_queues(ids uuid[]) returns void
language plpgsql
as $$
begin
  if not kitchen.is_silent() then
    perform pg_notify('kitchen_' || r.id, '{"type":"queue_changed"' || kitchen.writer()) from unnest(ids) r (id);
  end if;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function kitchen.watch_restaurants() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
begin
  perform kitchen.touch_queues(array(
    select n.id from old_rows o join new_rows n on n.id = o.id where (n.name, n.timezone) is distinct from (o.name, o.timezone)));
  return null;
exception when others then
  perform kitchen.note_error('public.restaurants', SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function kitchen.watch_tables() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
begin
  perform kitchen.touch_queues(array(
    select distinct r.id
      from old_rows o full join new_rows n on n.id = o.id
     cross join lateral (values (o.restaurant_id), (n.restaurant_id)) r (id)
     where (n.restaurant_id, n.label) is distinct from (o.restaurant_id, o.label) and r.id is not null));
  return null;
exception when others then
  perform kitchen.note_error('public.tables', SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

-- Keeps the name of a table or user that leaves its restaurant, for its tickets; before TRUNCATE, all.
-- +goose StatementBegin
create function kitchen.keep_names() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set lock_timeout = '50ms'
as $$
begin
  if TG_OP = 'TRUNCATE' then
    insert into kitchen.last_names (source, id, restaurant_id, name)
    select 'tables', t.id, t.restaurant_id, t.label from public.tables t where TG_TABLE_NAME = 'tables'
    union all
    select 'users', u.id, u.restaurant_id, coalesce(nullif(u.name, ''), u.username) from public.users u where TG_TABLE_NAME = 'users'
    on conflict (id, restaurant_id, source) do update set name = excluded.name;
  else
    insert into kitchen.last_names (source, id, restaurant_id, name)
    select TG_TABLE_NAME, OLD.id, OLD.restaurant_id,
           case TG_TABLE_NAME when 'tables' then o ->> 'label' else coalesce(nullif(o ->> 'name', ''), o ->> 'username') end
      from to_jsonb(OLD) o
     where exists (select from public.restaurants r where r.id = OLD.restaurant_id) -- else its tickets are gone, too
    on conflict (id, restaurant_id, source) do update set name = excluded.name;
  end if;
  return null;
exception when others then
  perform kitchen.note_error(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function kitchen.watch_settings() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
begin
  if TG_OP = 'UPDATE' then
    perform kitchen.touch_queues(array(select d.restaurant_id from ((table old_rows except table rows) union all (table rows except table old_rows)) d));
  elsif TG_OP = 'TRUNCATE' then
    perform kitchen.touch_queues(array(select s.restaurant_id from kitchen.settings s)); -- before it
  else
    perform kitchen.touch_queues(array(select r.restaurant_id from rows r));
  end if;
  return null;
exception when others then
  perform kitchen.note_error('kitchen.settings', SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

-- Who may see what takes no notice of kitchen.notify, which is for bulk loads: it must not be possible to take somebody's access away
-- in silence by mistake. Only with the server's notification queue nearly full it keeps still, because a NOTIFY could then make
-- the writer's commit fail; the periodic check repairs that.
-- +goose StatementBegin
create function kitchen.watch_users() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set enable_nestloop = off -- the plan of the join, made for one user, is kept when 100,000 come
as $$
#variable_conflict use_variable
declare
  ids uuid[]; -- of up to 51 users that changed
begin
  if TG_OP = 'UPDATE' then
    -- A user without a new half was given another id: to the nodes, one that is gone, and different from nulls.
    ids := array(
      select o.id from old_rows o left join new_rows n on n.id = o.id
       where (o.restaurant_id, o.role, o.is_active) is distinct from (n.restaurant_id, n.role, n.is_active)
       limit 51);
    perform kitchen.touch_queues(array(
      select distinct n.restaurant_id from old_rows o join new_rows n on n.id = o.id
       where coalesce(nullif(n.name, ''), n.username) is distinct from coalesce(nullif(o.name, ''), o.username)));
  elsif TG_OP = 'DELETE' then
    ids := array(select o.id from old_rows o limit 51);
  end if;
  if ids = '{}' or pg_notification_queue_usage() >= 0.75 then
    return null;
  end if;
  if cardinality(ids) <= 50 then
    perform pg_notify('kitchen_users', '{"type":"user_changed","user_id":"' || i || '"}') from unnest(ids) i;
  else -- many, or TRUNCATE
    perform pg_notify('kitchen_users', '{"type":"users_changed"}');
  end if;
  return null;
exception when others then
  perform kitchen.note_error('public.users', SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

revoke execute on function kitchen.touch_queues(uuid[]), kitchen.watch_restaurants(), kitchen.watch_tables(), kitchen.watch_settings(),
  kitchen.watch_users(), kitchen.keep_names() from public;

create trigger kitchen_watch_update after update on restaurants
  referencing old table as old_rows new table as new_rows for each statement execute function kitchen.watch_restaurants();
create trigger kitchen_watch_update after update on tables
  referencing old table as old_rows new table as new_rows for each statement execute function kitchen.watch_tables();
create trigger kitchen_watch_insert after insert on kitchen.settings
  referencing new table as rows for each statement execute function kitchen.watch_settings();
create trigger kitchen_watch_update after update on kitchen.settings
  referencing old table as old_rows new table as rows for each statement execute function kitchen.watch_settings();
create trigger kitchen_watch_delete after delete on kitchen.settings
  referencing old table as rows for each statement execute function kitchen.watch_settings();
create trigger kitchen_watch_truncate before truncate on kitchen.settings
  for each statement execute function kitchen.watch_settings();
create trigger kitchen_watch_update after update on users
  referencing old table as old_rows new table as new_rows for each statement execute function kitchen.watch_users();
create trigger kitchen_watch_delete after delete on users
  referencing old table as old_rows for each statement execute function kitchen.watch_users();
create trigger kitchen_watch_truncate after truncate on users
  for each statement execute function kitchen.watch_users();

create trigger kitchen_keep_deleted after delete on tables for each row execute function kitchen.keep_names();
create trigger kitchen_keep_moved after update on tables
  for each row when ((OLD.id, OLD.restaurant_id) is distinct from (NEW.id, NEW.restaurant_id)) execute function kitchen.keep_names();
create trigger kitchen_keep_truncated before truncate on tables for each statement execute function kitchen.keep_names();
create trigger kitchen_keep_deleted after delete on users for each row execute function kitchen.keep_names();
create trigger kitchen_keep_moved after update on users
  for each row when ((OLD.id, OLD.restaurant_id) is distinct from (NEW.id, NEW.restaurant_id)) execute function kitchen.keep_names();
create trigger kitchen_keep_truncated before truncate on users for each statement execute function kitchen.keep_names();

alter table restaurants enable always trigger kitchen_watch_update;
alter table tables enable always trigger kitchen_watch_update;
alter table kitchen.settings enable always trigger kitchen_watch_insert;
alter table kitchen.settings enable always trigger kitchen_watch_update;
alter table kitchen.settings enable always trigger kitchen_watch_delete;
alter table kitchen.settings enable always trigger kitchen_watch_truncate;
alter table users enable always trigger kitchen_watch_update;
alter table users enable always trigger kitchen_watch_delete;
alter table users enable always trigger kitchen_watch_truncate;
alter table tables enable always trigger kitchen_keep_deleted;
alter table tables enable always trigger kitchen_keep_moved;
alter table tables enable always trigger kitchen_keep_truncated;
alter table users enable always trigger kitchen_keep_deleted;
alter table users enable always trigger kitchen_keep_moved;
alter table users enable always trigger kitchen_keep_truncated;

-- +goose Down
drop trigger kitchen_keep_truncated on users;
drop trigger kitchen_keep_moved on users;
drop trigger kitchen_keep_deleted on users;
drop trigger kitchen_keep_truncated on tables;
drop trigger kitchen_keep_moved on tables;
drop trigger kitchen_keep_deleted on tables;
drop trigger kitchen_watch_truncate on users;
drop trigger kitchen_watch_delete on users;
drop trigger kitchen_watch_update on users;
drop trigger kitchen_watch_truncate on kitchen.settings;
drop trigger kitchen_watch_delete on kitchen.settings;
drop trigger kitchen_watch_update on kitchen.settings;
drop trigger kitchen_watch_insert on kitchen.settings;
drop trigger kitchen_watch_update on tables;
drop trigger kitchen_watch_update on restaurants;
drop function kitchen.watch_users();
drop function kitchen.watch_settings();
drop function kitchen.keep_names();
drop function kitchen.watch_tables();
drop function kitchen.watch_restaurants();
drop function kitchen.touch_queues(uuid[]);
