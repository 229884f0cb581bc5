-- Says whether announcements are to be kept back: a session asks for it before a bulk load, and a NOTIFY that finds the
-- server's queue full would make the writer's commit fail.
create function kitchen.is_silent() returns boolean
language sql
volatile -- as what it calls: it is inlined then, and planning it took 60 microseconds a transaction
return coalesce(lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0'), false)
    or pg_catalog.pg_notification_queue_usage() >= 0.75;

-- Ends a payload: who wrote, as far as the writer says. application_name holds ASCII alone.
create function kitchen.writer() returns text
language sql
stable
return concat(',"by":' || to_json(nullif(left(current_setting('application_name'), 40), '')), '}');

-- Announces an order whose first row of this transaction was just recorded in kitchen.order_changes: as new, changed, or moved.
-- +goose StatementBegin
create function kitchen.announce_order(id kitchen.order_key, restaurant kitchen.restaurant_key, op text) returns void
language plpgsql
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  writer  text;
  version bigint;
  known   bigint;
  stayed  boolean;
  old     record;
begin
  if kitchen.is_silent() then
    return;
  end if;
  writer := kitchen.writer();
  select sum(c.version), count(*), bool_and(c.restaurant_id = restaurant and not c.gone) into version, known, stayed
    from kitchen.order_changes c where c.order_id = id;
  if known = 1 and op <> 'INSERT' then -- new to us: placed just now, or over for long
    perform 1 from kitchen.orders o where o.id = id and not o.open;
    known := case when found then 2 else 1 end;
  elsif known > 1 and not stayed then
    select c.restaurant_id, c.gone into old from kitchen.order_changes c
     where c.order_id = id and not (c.xact = pg_current_xact_id()::text::bigint and c.changed_at = now()) order by c.seq desc limit 1;
    if old.gone or old.restaurant_id <> restaurant then
      known := 1;
    end if;
    if old.restaurant_id <> restaurant and not old.gone then
      perform {{.Notify}}('kitchen_' || old.restaurant_id,
        '{"type":"order_deleted","order_id":' || {{.JSON "id"}} || ',"version":' || version || writer);
    end if;
  end if;
  perform {{.Notify}}('kitchen_' || restaurant,
    case when known > 1 then '{"type":"order_updated","order_id":' else '{"type":"order_created","order_id":' end
    || {{.JSON "id"}} || ',"version":' || version || writer);
end
$$;
-- +goose StatementEnd

-- Records orders whose restaurants before and after are known, and announces them: what a SERIALIZABLE transaction does. What it reads,
-- and others write beside it, PostgreSQL may fail it for, in an index a page at a time: so nothing is read here of orders that others
-- may write, and payloads say version 0 where it is not known. The nodes read the true one.
-- +goose StatementBegin
create function kitchen.record_orders(ids kitchen.order_key[], was_in kitchen.restaurant_key[], now_in kitchen.restaurant_key[], op text) returns void
language plpgsql
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  writer constant text := kitchen.writer();
  silent constant boolean := kitchen.is_silent();
  done   bigint;
begin
  with change as materialized (
    select distinct on (k.id) k.id, was_in[k.n] as old_restaurant, now_in[k.n] as new_restaurant
      from unnest(ids) with ordinality k (id, n)
     where coalesce(was_in[k.n], now_in[k.n]) is not null
     order by k.id, k.n
  ), recorded as (
    insert into kitchen.order_changes as c (order_id, restaurant_id, gone, xact)
    select h.id, coalesce(h.new_restaurant, h.old_restaurant), h.new_restaurant is null, pg_current_xact_id()::text::bigint from change h
    on conflict (order_id, xact, changed_at) do update
      set restaurant_id = excluded.restaurant_id, gone = excluded.gone, seq = excluded.seq
      where c.restaurant_id <> excluded.restaurant_id or c.gone <> excluded.gone
    returning c.order_id
  ), hint as (
    select h.old_restaurant as restaurant_id, 'order_deleted' as type, h.id, 0 as version
      from recorded r join change h on h.id = r.order_id where h.old_restaurant is distinct from h.new_restaurant and h.old_restaurant is not null
    union all
    select h.new_restaurant, case when h.old_restaurant = h.new_restaurant then 'order_updated' else 'order_created' end, h.id,
           case when op = 'INSERT' then 1 else 0 end
      from recorded r join change h on h.id = r.order_id where h.new_restaurant is not null
  ), counted as (
    select h.*, count(*) over (partition by h.restaurant_id) as many from hint h where not silent
  )
  select count({{.Notify}}('kitchen_' || c.restaurant_id,
           case when c.many > 50 then '{"type":"queue_changed"' || writer
                else '{"type":"' || c.type || '","order_id":' || {{.JSON "c.id"}} || ',"version":' || c.version || writer end))
    into done
    from counted c;
  -- An order that is announced needs no announcement for its lines, and nothing is read for them. A rollback takes it back.
  perform set_config('kitchen.announced', (
    select string_agg(t.id, ',')
      from (select t.id from unnest(string_to_array(current_setting('kitchen.announced', true), ',')) t (id) where t.id <> all (ids::text[])
            union select k.id::text from unnest(ids) with ordinality k (id, n) where now_in[k.n] is not null limit 100) t), true);
end
$$;
-- +goose StatementEnd

-- Records that orders may have changed, and announces those that this transaction has not announced yet: what the triggers do not
-- do themselves in one query. The functions that call it run with the owner's rights and a pinned search_path; it reads views, and
-- writes no row of the host. op is INSERT, UPDATE or DELETE of a table that kitchen.orders reads; LINE, or NEW LINE, where only
-- lines changed.
--
-- The row of order_changes that an insert may conflict with is this transaction's own: no writer waits for another here. It is
-- written again only where the order has moved or gone since.
--
-- The setting kitchen.announced is the order that this transaction has announced last, so that nothing more needs to be read for its other
-- lines; * where order_changes is to be asked: it has announced many, or there are stations; a list in a SERIALIZABLE transaction, see above.
-- It falls back with a savepoint, as rows do.
-- +goose StatementBegin
create function kitchen.touch_orders(ids kitchen.order_key[], op text) returns void
language plpgsql
set plan_cache_mode = force_generic_plan -- it may be asked for null, and would be planned anew for each row
as $$
#variable_conflict use_variable
declare
  this_xact  constant bigint := pg_current_xact_id()::text::bigint;
  silent     constant boolean := kitchen.is_silent();
  writer     text;
  id         kitchen.order_key;
  restaurant kitchen.restaurant_key;
  version    bigint;
  old        record;
  now_in     record;
begin
  if current_setting('transaction_isolation') = 'serializable' then
    if op in ('LINE', 'NEW LINE') then
      ids := array(select k.id from unnest(ids) k (id) where k.id::text <> all (string_to_array(coalesce(current_setting('kitchen.announced', true), ''), ',')));
    end if;
    -- Of an order of a line, the restaurant is all that is to be known. Of any other, kitchen.order_changes is read only where the view
    -- has it no more.
    perform kitchen.record_orders(array_agg(k.id)::kitchen.order_key[],
              array_agg(case when o.restaurant_id is null then past.restaurant_id when op <> 'INSERT' then o.restaurant_id end)::kitchen.restaurant_key[],
              array_agg(o.restaurant_id)::kitchen.restaurant_key[], op)
       from unnest(ids) k (id)
       left join lateral (select o.restaurant_id from kitchen.orders o where o.id = k.id limit 1) o on true
       left join lateral (select c.restaurant_id, c.gone from kitchen.order_changes c
                           where o.restaurant_id is null and op in ('UPDATE', 'DELETE') and c.order_id = k.id
                           order by c.seq desc limit 1) past on not past.gone;
    return;
  end if;
  if not silent then
    writer := kitchen.writer();
  end if;

  if ids[1] = all (ids) then
    id := ids[1];
    if op = 'NEW LINE' then
      perform 1 from kitchen.order_changes c where c.order_id = id and c.xact = this_xact and c.changed_at = now();
      if found then
        perform set_config('kitchen.announced', case when exists (select from kitchen.stations) then '*' else id::text end, true);
        return; -- an order and its lines in one transaction: it is announced, and read after the commit
      end if;
    end if;

    insert into kitchen.order_changes (order_id, restaurant_id, xact)
    select o.id, o.restaurant_id, this_xact from kitchen.orders o where o.id = id and o.restaurant_id is not null
    on conflict do nothing
    returning order_changes.restaurant_id into restaurant;
    if found then
      perform kitchen.announce_order(id, restaurant, op);
      return;
    end if;

    -- This transaction has touched it before, or no view has it.
    select c.restaurant_id, c.gone, sum(c.version) over () as version, c.xact = this_xact and c.changed_at = now() as mine
      into old
      from kitchen.order_changes c where c.order_id = id order by c.seq desc limit 1;
    if op in ('LINE', 'NEW LINE') and old.mine then
      perform set_config('kitchen.announced', case when exists (select from kitchen.stations) then '*' else id::text end, true);
      return;
    end if;
    select o.restaurant_id, o.open into now_in from kitchen.orders o where o.id = id;
    if now_in.restaurant_id is null and (old.gone is null or old.gone) then
      return; -- no order for a kitchen: a cart, say
    end if;
    insert into kitchen.order_changes as c (order_id, restaurant_id, gone, xact)
    values (id, coalesce(now_in.restaurant_id, old.restaurant_id), now_in.restaurant_id is null, this_xact)
    on conflict (order_id, xact, changed_at) do update
      set restaurant_id = excluded.restaurant_id, gone = excluded.gone, seq = excluded.seq
      where c.restaurant_id <> excluded.restaurant_id or c.gone <> excluded.gone;
    if not found or silent then
      return;
    end if;
    version := coalesce(old.version + (not old.mine)::int, 1);
    if now_in.restaurant_id is null or old.restaurant_id <> now_in.restaurant_id and not old.gone then
      perform {{.Notify}}('kitchen_' || old.restaurant_id,
        '{"type":"order_deleted","order_id":' || {{.JSON "id"}} || ',"version":' || version || writer);
    end if;
    if now_in.restaurant_id is not null then
      perform {{.Notify}}('kitchen_' || now_in.restaurant_id,
        case when old.restaurant_id = now_in.restaurant_id and not old.gone
             then '{"type":"order_updated","order_id":' else '{"type":"order_created","order_id":' end
        || {{.JSON "id"}} || ',"version":' || version || writer);
    end if;
    return;
  end if;

  -- The same for many at once.
  perform set_config('kitchen.announced', '*', true);
  with seen as materialized (
    select distinct on (o.id) o.id, o.restaurant_id, o.open from kitchen.orders o
     where o.id = any (ids) and o.restaurant_id is not null -- a join may give an order twice for a moment
     order by o.id, o.restaurant_id
  ), known as materialized (
    select distinct on (c.order_id) c.order_id, c.restaurant_id, c.gone, sum(c.version) over (partition by c.order_id) as version,
           c.xact = this_xact and c.changed_at = now() as mine
      from kitchen.order_changes c
     where c.order_id = any (ids)
     order by c.order_id, c.seq desc
  ), change as materialized (
    select coalesce(s.id, k.order_id)::kitchen.order_key as order_id, s.restaurant_id as new_restaurant, k.restaurant_id as old_restaurant,
           s.open, k.gone, coalesce(k.version + (not k.mine)::int, 1) as version
      from seen s full join known k on k.order_id = s.id
     where s.id is not null or not k.gone
  ), recorded as (
    insert into kitchen.order_changes as c (order_id, restaurant_id, gone, xact)
    select h.order_id, coalesce(h.new_restaurant, h.old_restaurant), h.new_restaurant is null, this_xact from change h
    on conflict (order_id, xact, changed_at) do update
      set restaurant_id = excluded.restaurant_id, gone = excluded.gone, seq = excluded.seq
      where c.restaurant_id <> excluded.restaurant_id or c.gone <> excluded.gone
    returning c.order_id
  ), hint as (
    select h.old_restaurant as restaurant_id, 'order_deleted' as type, h.order_id, h.version
      from recorded r join change h on h.order_id = r.order_id
     where h.new_restaurant is null or h.old_restaurant <> h.new_restaurant and not h.gone
    union all
    select h.new_restaurant,
           case when h.old_restaurant = h.new_restaurant and not h.gone or h.gone is null and op <> 'INSERT' and not h.open
                then 'order_updated' else 'order_created' end,
           h.order_id, h.version
      from recorded r join change h on h.order_id = r.order_id
     where h.new_restaurant is not null
  ), counted as (
    select h.*, count(*) over (partition by h.restaurant_id) as many from hint h where not silent
  )
  select count({{.Notify}}('kitchen_' || c.restaurant_id,
           case when c.many > 50 then '{"type":"queue_changed"' || writer
                else '{"type":"' || c.type || '","order_id":' || {{.JSON "c.order_id"}} || ',"version":' || c.version || writer end))
    into old
    from counted c;
end
$$;
-- +goose StatementEnd

-- Announces that something which many orders share has changed: names, settings.
-- +goose StatementBegin
create function kitchen.touch_queues(ids kitchen.restaurant_key[]) returns void
language plpgsql
as $$
begin
  if kitchen.is_silent() then
    return;
  end if;
  perform {{.Notify}}('kitchen_' || r, '{"type":"queue_changed"' || kitchen.writer()) from unnest(ids) r;
end
$$;
-- +goose StatementEnd

-- Announces that the rights of users may have changed. It takes no notice of kitchen.notify, which is for bulk loads: nobody's
-- access must be taken away in silence by mistake. '*' stands for everybody.
-- +goose StatementBegin
create function kitchen.touch_users(ids text[]) returns void
language plpgsql
as $$
begin
  if ids = '{}' or pg_notification_queue_usage() >= 0.75 then
    return;
  end if;
  if cardinality(ids) <= 50 and '*' <> all (ids) then
    perform {{.Notify}}('kitchen_users', '{"type":"user_changed","user_id":' || to_json(u) || '}') from unnest(ids) u;
  else
    perform {{.Notify}}('kitchen_users', '{"type":"users_changed"}');
  end if;
end
$$;
-- +goose StatementEnd

-- Notes what a trigger caught: in the server's log and in kitchen.trigger_errors, once a minute. Never an error of its own.
-- Restaurants that are known to have the orders re-read them, and then say for themselves what is wrong. A lock that could not
-- be had keeps the rest of the transaction silent, so that it waits for us once at most, and is noted where that takes no waiting; one
-- that only keeps a status from following its lines is another station's or till's, and nothing to note.
-- +goose StatementBegin
create function kitchen.note_error(source text, code text, said text, ids kitchen.order_key[]) returns void
language plpgsql
as $$
#variable_conflict use_variable
begin
  if code = '55P03' then
    perform set_config('kitchen.blocked', pg_current_xact_id()::text, true);
  end if;
  if code <> '55P03' or source not like 'kitchen.%' then
    begin
      if code = '55P03' then
        lock table kitchen.trigger_errors in row exclusive mode nowait;
      end if;
      insert into kitchen.trigger_errors (source, sqlstate, message)
      select source, code, left(said, 500)
       where not exists (select from kitchen.trigger_errors e
                          where e.source = source and e.sqlstate = code and e.at > clock_timestamp() - interval '1 minute');
      if found then
        raise log 'kitchen: a change of % was not announced: % (SQLSTATE %)', source, said, code;
      end if;
    exception when others then
      null; -- restaurants look all the same
    end;
  end if;
  if not kitchen.is_silent() and code <> '55P03' then
    perform {{.Notify}}('kitchen_' || r.restaurant_id, '{"type":"queue_changed"}')
       from (select distinct c.restaurant_id from kitchen.order_changes c where c.order_id = any (ids) limit 50) r;
  end if;
exception when others then
  null;
end
$$;
-- +goose StatementEnd

-- Before TRUNCATE, while the restaurants are still there: all restaurants have to look. The argument says what the table is behind.
-- +goose StatementBegin
create function kitchen.watch_truncate() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set lock_timeout = '50ms'
as $$
begin
  if TG_ARGV[0] <> 'users' then
    perform kitchen.touch_queues(array(select r.id from kitchen.restaurants r));
  end if;
  if TG_ARGV[0] <> 'orders' then
    perform kitchen.touch_users('{*}');
  end if;
  return null;
exception when others then
  perform kitchen.note_error(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, SQLSTATE, SQLERRM, null);
  return null;
end
$$;
-- +goose StatementEnd

-- After TRUNCATE, what the kitchen has kept of orders and lines that are gone: nothing else would find it, and a host that restarts its
-- sequences uses their keys again.
-- +goose StatementBegin
create function kitchen.forget_truncated() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set lock_timeout = '50ms'
as $$
#variable_conflict use_column
declare
  before constant text := coalesce(current_setting('kitchen.own_change', true), '');
begin
  perform set_config('kitchen.own_change', 'on', true); -- no order is announced that is gone
  delete from kitchen.line_changes c
   where not exists (select from kitchen.orders o where o.id = c.order_id)
      or c.line_id is not null and not exists (select from kitchen.lines l where l.id = c.line_id and l.order_id = c.order_id);
  delete from kitchen.order_changes c where not exists (select from kitchen.orders o where o.id = c.order_id);
  perform set_config('kitchen.own_change', before, true);
  return null;
exception when others then
  perform kitchen.note_error(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, SQLSTATE, SQLERRM, null);
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function kitchen.watch_settings() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if TG_OP = 'TRUNCATE' then
    perform kitchen.touch_queues(array(select s.restaurant_id from kitchen.settings s)); -- before it
  elsif TG_OP = 'DELETE' then
    perform kitchen.touch_queues(array[OLD.restaurant_id]);
  elsif TG_OP = 'INSERT' then
    perform kitchen.touch_queues(array[NEW.restaurant_id]);
  elsif NEW is distinct from OLD then
    perform kitchen.touch_queues(array(select OLD.restaurant_id union select NEW.restaurant_id));
  end if;
  return null;
exception when others then
  perform kitchen.note_error('kitchen.settings', SQLSTATE, SQLERRM, null);
  return null;
end
$$;
-- +goose StatementEnd
create trigger settings_watch after insert or update or delete on kitchen.settings
  for each row execute function kitchen.watch_settings();
alter table kitchen.settings enable always trigger settings_watch;
create trigger settings_watch_truncate before truncate on kitchen.settings
  for each statement execute function kitchen.watch_settings();
alter table kitchen.settings enable always trigger settings_watch_truncate;

-- Puts the rows of an order together, so that there is one for each order that was ever announced, and forgets those that have been
-- deleted for a day: at most so many orders a call. The program calls it every so often, and again while it returns as many. Writers only
-- insert here, so it disturbs none. It goes on where it ended, so that what it takes does not grow with the orders of the past; once a
-- day it begins three days back, because a transaction may have taken longer than it waits.
-- +goose StatementBegin
create function kitchen.tidy_order_changes(most int) returns int
language plpgsql
security definer -- the program's own role may change nothing here
set search_path = pg_catalog, pg_temp
set enable_bitmapscan = on -- as the BRIN index needs it
set jit = off
as $$
#variable_conflict use_variable
declare
  cutoff constant timestamptz := now() - interval '10 minutes'; -- those who wrote until then have ended, nearly all
  began   timestamptz;
  since   timestamptz;
  upto    timestamptz;
  step    interval; -- so that there are few steps, each along the index of times, and none takes long
  ids     kitchen.order_key[];
  n       int;
  done    int := 0;
begin
  if not pg_try_advisory_xact_lock(hashtext('kitchen.tidy_order_changes')) then
    return 0;
  end if;
  select case when t.swept_on = current_date then t.upto else least(t.upto, now() - interval '3 days') end into began from kitchen.tidied t;
  began := coalesce(began, now() - interval '3 days');
  since := began;
  step := greatest((cutoff - since) / 8, interval '10 seconds');
  while since < cutoff and done < most and clock_timestamp() < now() + interval '1 second' loop
    upto := least(cutoff, since + step);
    ids := array(select c.order_id from kitchen.order_changes c
                  where c.changed_at > since and c.changed_at <= upto and c.version = 1 -- else it is of several already
                    and exists (select from kitchen.order_changes o
                                 where o.order_id = c.order_id and o.changed_at <= cutoff and (o.xact, o.changed_at) <> (c.xact, c.changed_at))
                  limit most - done);
    with taken as (
      delete from kitchen.order_changes c where c.order_id = any (ids) and c.changed_at <= cutoff returning c.*
    )
    insert into kitchen.order_changes (order_id, restaurant_id, version, changed_at, xact, gone, seq)
    select distinct on (t.order_id) t.order_id, t.restaurant_id, sum(t.version) over (partition by t.order_id),
           max(t.changed_at) over (partition by t.order_id), t.xact, t.gone, t.seq
      from taken t order by t.order_id, t.seq desc;
    get diagnostics n = row_count;
    since := case when cardinality(ids) < most - done then upto else since end;
    done := done + n;
  end loop;
  -- Those that were gone a day before the times just gone through.
  ids := array(select g.order_id from kitchen.order_changes g
                where g.gone and g.changed_at > began - interval '1 day' and g.changed_at <= since - interval '1 day'
                  and not exists (select from kitchen.orders o where o.id = g.order_id)
                limit most);
  delete from kitchen.order_changes c where c.order_id = any (ids);
  if cardinality(ids) = most then
    since := began; -- there may be more
  end if;
  insert into kitchen.tidied as t (upto, swept_on) values (since, current_date)
  on conflict (one) do update set upto = excluded.upto, swept_on = excluded.swept_on
  where (t.upto, t.swept_on) is distinct from (excluded.upto, excluded.swept_on);
  if since < cutoff then
    done := greatest(done, most); -- there may be more
  end if;
  delete from kitchen.trigger_errors e where e.at < now() - interval '7 days';
{{- if .Own}}
  delete from kitchen.last_names l where not exists (select from public.restaurants r where r.id = l.restaurant_id);
  delete from kitchen.spare_numbers n where n.business_day < current_date - 3;
{{- end}}
  return done;
end
$$;
-- +goose StatementEnd
