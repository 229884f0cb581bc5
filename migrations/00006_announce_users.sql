-- Tells the nodes, on the channel kitchen_users, that a user has changed in what an open display depends on: whether it is
-- active, its restaurant, its role, and whether it is there at all. A node looks the user up again, and closes its displays
-- or changes what they may do, within a second instead of at its next periodic check. A new user has no displays yet, and
-- a name is nobody's right to anything: neither is told.

-- +goose Up

-- Unlike announce_orders, this takes no notice of kitchen.notify, which is for bulk loads: it must not be possible to take
-- somebody's access away in silence by mistake. Only with the server's notification queue nearly full it keeps still,
-- because a NOTIFY could then make the writer's commit fail; the periodic check repairs that.
-- +goose StatementBegin
create function announce_users() returns trigger
language plpgsql
security definer -- a writer needs no right to execute pg_notify, which a careful DBA takes from everybody
set search_path = pg_catalog, pg_temp
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
end
$$;
-- +goose StatementEnd

revoke execute on function announce_users() from public;

create trigger users_announce_update after update on users
  referencing old table as old_rows new table as new_rows for each statement execute function announce_users();
create trigger users_announce_delete after delete on users
  referencing old table as old_rows for each statement execute function announce_users();
create trigger users_announce_truncate after truncate on users
  for each statement execute function announce_users();

-- ALWAYS: they fire in sessions with session_replication_role = replica, too. Logical replication fires row triggers only, and
-- what it changes is found by the periodic check.
alter table users enable always trigger users_announce_update;
alter table users enable always trigger users_announce_delete;
alter table users enable always trigger users_announce_truncate;

-- +goose Down
drop trigger users_announce_truncate on users;
drop trigger users_announce_delete on users;
drop trigger users_announce_update on users;
drop function announce_users();
