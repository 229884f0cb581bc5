-- Screens on walls: pairing, and the tokens of devices.

-- +goose Up
-- Screens on walls: devices that have a token of their own. Only its SHA-256 is kept.
create table kitchen.devices (
  id            uuid primary key,
  restaurant_id kitchen.restaurant_key not null references public.restaurants on delete cascade,
  name          text not null,
  role          text not null default 'kitchen',     -- kitchen: a board; screen: a pick-up screen
  stations      uuid[] not null default '{}',        -- what the board shows until somebody chooses on it; none: everything
  pass_hash     bytea not null,
  created_by    kitchen.user_key,                    -- who confirmed it; null where that was done in SQL or with kitchen pair
  created_at    timestamptz not null default now(),
  last_seen_at  timestamptz,                         -- a node writes it once a minute at most; null until the first time
  revoked_at    timestamptz,                         -- its token is worth nothing from then on
  constraint devices_role_known check (role in ('kitchen', 'screen')),
  constraint devices_name_short check (length(name) <= 60),
  constraint devices_name_not_blank check (name ~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]'),
  constraint devices_stations_on_board check (role = 'kitchen' or stations = '{}'),
  constraint devices_pass_hashed check (length(pass_hash) = 32)
);
create unique index devices_name_key on kitchen.devices (restaurant_id, lower(name)) where revoked_at is null;

-- Devices that show a code and wait until somebody confirms it. A code is used once, and for minutes.
create table kitchen.pairings (
  device_id  uuid primary key,
  code_hash  bytea not null unique,                  -- SHA-256
  pass_hash  bytea not null,
  asked_from text not null default '',               -- the network address, for whoever confirms
  asked_at   timestamptz not null default now(),
  expires_at timestamptz not null
);

-- Has a device wait until its code is confirmed, and forgets those that waited in vain. It returns until when it waits; null where
-- 1,000 wait already.
-- +goose StatementBegin
create function kitchen.ask_to_pair(device uuid, code bytea, pass bytea, asked_from text, life interval) returns timestamptz
language plpgsql
security definer -- a node's role may change nothing here
set search_path = pg_catalog, pg_temp
as $$
declare
  until timestamptz := clock_timestamp() + least(life, '1 hour');
begin
  delete from kitchen.pairings p where p.expires_at <= clock_timestamp();
  if (select count(*) from kitchen.pairings) >= 1000 then
    return null;
  end if;
  insert into kitchen.pairings (device_id, code_hash, pass_hash, asked_from, expires_at) values (device, code, pass, left(asked_from, 60), until);
  return until;
end
$$;
-- +goose StatementEnd

-- Writes down that devices are in use. Another node may have done so a moment ago.
create function kitchen.see_devices(ids uuid[]) returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update kitchen.devices d set last_seen_at = now()
   where d.id = any (ids) and (d.last_seen_at is null or d.last_seen_at < now() - interval '50 seconds')
$$;
revoke execute on function kitchen.ask_to_pair(uuid, bytea, bytea, text, interval), kitchen.see_devices(uuid[]) from public;

-- Confirms a code that a screen shows: the screen becomes a device of the restaurant. It returns the device's id. stations are names or
-- ids of the stations that the board shows first; none: everything.
-- +goose StatementBegin
create function kitchen.pair(code text, restaurant kitchen.restaurant_key, name text, role text default 'kitchen', confirmed_by kitchen.user_key default null,
  stations text[] default '{}')
returns uuid
language plpgsql
security definer -- a node's role may add no device otherwise
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
#variable_conflict use_variable
declare
  asked kitchen.pairings;
  unknown text;
begin
  if not exists (select from kitchen.restaurants r where r.id = restaurant) then
    raise foreign_key_violation using
      message = format('there is no restaurant %s', restaurant), hint = 'Find its id with: select id, name from kitchen.restaurants';
  end if;
  select s.station into unknown from unnest(stations) as s (station)
   where not exists (select from kitchen.stations t
                      where t.restaurant_id = restaurant and (lower(t.name) = lower(trim(s.station)) or t.id::text = lower(trim(s.station))));
  if found then
    raise foreign_key_violation using
      message = format('the restaurant has no station "%s"', unknown),
      hint = coalesce('It has ' || (select string_agg(t.name, ', ' order by t.position, t.name) from kitchen.stations t where t.restaurant_id = restaurant),
                      'It has no stations: kitchen station add');
  end if;
  -- As people write it down: in either case, in groups, with letters that look like digits.
  delete from kitchen.pairings p
   where p.code_hash = sha256(convert_to(translate(upper(regexp_replace(code, '[\s-]', '', 'g')), 'OIL', '011'), 'UTF8'))
     and p.expires_at > clock_timestamp()
  returning p.* into asked;
  if not found then
    raise no_data_found using
      message = 'no screen shows this code now', hint = 'A code lives for minutes and is used once: read the one that the screen shows now.';
  end if;
  if exists (select from kitchen.devices d where d.restaurant_id = restaurant and lower(d.name) = lower(trim(name)) and d.revoked_at is null) then
    raise unique_violation using
      message = format('the restaurant has a screen "%s" already', trim(name)),
      hint = 'Give another name, or revoke that screen first: kitchen screens revoke', constraint = 'devices_name_key';
  end if;
  insert into kitchen.devices (id, restaurant_id, name, role, stations, pass_hash, created_by)
  values (asked.device_id, restaurant, trim(name), role,
          array(select t.id from kitchen.stations t
                 where t.restaurant_id = restaurant
                   and exists (select from unnest(stations) as s (station) where lower(t.name) = lower(trim(s.station)) or t.id::text = lower(trim(s.station)))
                 order by t.position, t.name),
          asked.pass_hash, confirmed_by);
  return asked.device_id;
end
$$;
-- +goose StatementEnd
revoke execute on function kitchen.pair(text, kitchen.restaurant_key, text, text, kitchen.user_key, text[]) from public;

-- Has the nodes look a device up again whose pass is worth something else now. Like the rights of users it takes no notice of
-- kitchen.notify; with the notification queue nearly full the nodes find out by themselves.
-- +goose StatementBegin
create function kitchen.watch_devices() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_notification_queue_usage() < 0.75 then
    if TG_OP = 'TRUNCATE' then
      perform pg_notify('kitchen_users', '{"type":"users_changed"}');
    else
      perform pg_notify('kitchen_users', '{"type":"device_changed","device_id":"' || OLD.id || '"}');
    end if;
  end if;
  return null;
end
$$;
-- +goose StatementEnd
revoke execute on function kitchen.watch_devices() from public;

-- Not for last_seen_at, which is written all the time.
create trigger kitchen_watch_update after update of restaurant_id, role, revoked_at on kitchen.devices
  for each row execute function kitchen.watch_devices();
create trigger kitchen_watch_delete after delete on kitchen.devices for each row execute function kitchen.watch_devices();
create trigger kitchen_watch_truncate after truncate on kitchen.devices for each statement execute function kitchen.watch_devices();
alter table kitchen.devices enable always trigger kitchen_watch_update;
alter table kitchen.devices enable always trigger kitchen_watch_delete;
alter table kitchen.devices enable always trigger kitchen_watch_truncate;

-- +goose Down
drop function kitchen.pair(text, kitchen.restaurant_key, text, text, kitchen.user_key, text[]);
drop function kitchen.see_devices(uuid[]);
drop function kitchen.ask_to_pair(uuid, bytea, bytea, text, interval);
drop table kitchen.pairings;
drop table kitchen.devices;
drop function kitchen.watch_devices();
