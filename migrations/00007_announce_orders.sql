-- Announces what a kitchen sees of orders, once an order and transaction, on the channel of its restaurant: NOTIFY
-- "kitchen_<restaurant id>". Statement-level triggers with transition tables, which a status does not look at: complete_changed_order (00004)
-- says what one order has changed in.
--
-- What raises the version of an order is, where the order's own row is written, a count in that row, which its BEFORE triggers keep
-- (complete_new_order and complete_changed_order), so that what changes most costs no second row. All else is recorded in
-- kitchen.order_changes: changed lines and modifiers, a move to another restaurant or id, a deletion, what other programs' triggers
-- change after ours, and all that a SERIALIZABLE transaction does. Whoever has done one of the two sees that the other need not be done:
-- a row of orders says which transaction counted in it last, and the setting kitchen.recorded says that this transaction may have
-- rows in kitchen.order_changes. Of a statement that changes an order's status and its lines, kitchen.with_lines says the second.
--
-- Most statements write one row, so that each function begins with the shortest way for one. What it costs is each query that is begun
-- (some 10 µs), each setting of the function (1 to 2 µs) and each expression (1 µs), once a transaction. Queries without a
-- variable in them are planned once a session; enable_seqscan is off so that these plans are good for tables that were empty then,
-- and jit because of thousands of rows each version looks dear enough to compile for: that took 0.5 s a statement.
-- For one order, small queries one after the other are cheaper than one that does all: the sum of versions in the RETURNING of the
-- INSERT took three times what it takes by itself, and ON CONFLICT 15 µs. What is called for its effect is assigned: PERFORM is a query.
--
-- A SERIALIZABLE transaction reads nothing of kitchen.order_changes, nor of orders that its writer has not read, where what others record
-- beside it could make it fail. Its notifications say version 0, and 1 of a new order; nodes read the true one.
--
-- The functions run with their owner's rights, because a writer needs none on anything of the kitchen's. They write no row that the
-- writer did not name, and so fire nobody else's triggers. A writer neither waits nor fails because of them: what goes wrong is
-- noted, and the periodic check of the nodes repairs it.

-- +goose Up

-- Whether announcements are to be kept back: a session asks for it before a bulk load, and a NOTIFY that finds the server's queue
-- full would make the writer's commit fail.
create function kitchen.is_silent() returns boolean
language sql
volatile -- as what it calls: it is inlined then, and planning it took 60 microseconds a transaction
return coalesce(lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0'), false)
    or pg_catalog.pg_notification_queue_usage() >= 0.75;

-- Ends a payload: who wrote, as far as the writer says. application_name holds printable ASCII alone, up to 252 characters of it
-- since PostgreSQL 16; 40 of them, as JSON 80 at most, keep a payload under 300 bytes.
create function kitchen.writer() returns text
language sql
stable
return concat(',"by":' || to_json(nullif(left(current_setting('application_name'), 40), '')), '}');

-- What a statement did to an order: moved, content or status. "changes" is the count in its row, and "recorded" what is to be recorded
-- beside it: null where the row has counted this change, and -1 where it has counted an earlier one of this transaction.
create type kitchen.order_change as (
  id uuid, old_restaurant uuid, new_restaurant uuid, status text, what text, changes bigint, recorded bigint
);

-- Notes what a trigger caught so that its writer goes on, once a minute. A lock that could not be had keeps the rest of the
-- transaction silent, so that it waits once at most.
-- +goose StatementBegin
create function kitchen.note_error(source text, code text, said text) returns void
language plpgsql
as $$
#variable_conflict use_variable
begin
  if code = '55P03' then
    perform set_config('kitchen.blocked', 'on', true);
    return;
  end if;
  insert into kitchen.trigger_errors (source, sqlstate, message)
  select source, code, left(said, 500)
   where not exists (select from kitchen.trigger_errors e
                      where e.source = source and e.sqlstate = code and e.at > clock_timestamp() - interval '1 minute');
  if found then
    raise log 'kitchen: a change of % was not announced: % (SQLSTATE %)', source, said, code;
  end if;
exception when others then
  null;
end
$$;
-- +goose StatementEnd

-- Whether this transaction has recorded a change of an order beside its row.
-- +goose StatementBegin
create function kitchen.has_recorded(id uuid) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
set enable_seqscan = off
as $$
begin
  return exists (select from kitchen.order_changes c
                  where c.order_id = has_recorded.id and c.xact = txid_current() and c.changed_at = now());
exception when others then
  return false; -- it is called by a trigger whose writer must not fail: the order is announced twice
end
$$;
-- +goose StatementEnd

-- Records that an order has changed beside its row, once a transaction, and returns its version; null where this transaction has
-- counted or recorded it before.
-- +goose StatementBegin
create function kitchen.record_change(id uuid, restaurant uuid) returns bigint
language plpgsql
as $$
#variable_conflict use_variable
declare
  this_xact constant bigint := txid_current();
  version   bigint; -- in the order's own row
  beside    bigint; -- in kitchen.order_changes
  done      boolean; -- counted or recorded
  ignored   text;
begin
  if current_setting('transaction_isolation') = 'serializable' then
    insert into kitchen.order_changes (order_id, restaurant_id, xact) values (id, restaurant, this_xact) on conflict do nothing;
    return case when found then 0 end;
  end if;
  select sum(c.version), bool_or(c.xact = this_xact and c.changed_at = now()) into beside, done
    from kitchen.order_changes c where c.order_id = id;
  if done is not true then
    select o.kitchen_changes, o.kitchen_changed_at = now() and o.kitchen_xact = this_xact into version, done from public.orders o where o.id = id;
  end if;
  if done then
    ignored := set_config('kitchen.with_lines', id::text, true);
    return null;
  end if;
  insert into kitchen.order_changes (order_id, restaurant_id, xact) values (id, restaurant, this_xact);
  ignored := set_config('kitchen.recorded', 'on', true);
  return coalesce(version, 0) + coalesce(beside, 0) + 1;
end
$$;
-- +goose StatementEnd

-- New orders.
-- +goose StatementBegin
create function kitchen.watch_new_orders() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_variable
declare
  id         uuid;
  restaurant uuid;
  status     text;
  version    bigint;
  many       boolean;
  follows    boolean; -- its lines follow its status: the restaurant has stations
  silent     boolean;
  writer     text;
  ignored    text;
begin
  if current_setting('kitchen.blocked', true) <> '' then
    return null; -- a lock could not be had before
  end if;
  select n.id, n.restaurant_id, n.status, n.kitchen_changes, more.more into id, restaurant, status, version, many
    from new_rows n left join (select true as more from new_rows offset 1 limit 1) more on true;
  if not found then
    return null; -- it was there: on conflict do nothing
  end if;
  if many is null then
    if version = 0 then
      version := kitchen.record_change(id, restaurant);
    else -- the id may have been another order's, which is gone
      perform from kitchen.order_changes c where c.order_id = id limit 1;
      if found then
        version := version + (select sum(c.version) from kitchen.order_changes c where c.order_id = id);
      end if;
    end if;
  end if;
  if many is null and version is not null then
    if not kitchen.is_silent() then
      ignored := pg_notify(concat('kitchen_', restaurant), concat('{"type":"order_created","order_id":"', id, '","version":', greatest(version, 1), kitchen.writer()))::text;
    end if;
    if kitchen.any_stations() then
      follows := exists (select from kitchen.stations s where s.restaurant_id = restaurant);
    end if;
    if follows then
      ignored := set_config('kitchen.announced', '', true);
      if status <> 'pending' then -- nothing follows for others, and nothing is read of them
        perform kitchen.follow_status(array[id]::kitchen.order_key[], array[null::text]);
      end if;
    else
      ignored := set_config('kitchen.announced', concat_ws(' ', id, restaurant), true);
    end if;
    return null;
  end if;

  silent := kitchen.is_silent();
  writer := kitchen.writer();
  with recorded as (
    insert into kitchen.order_changes as c (order_id, restaurant_id, xact)
    select n.id, n.restaurant_id, txid_current() from new_rows n where n.kitchen_changes = 0
    on conflict (order_id, xact, changed_at) do update
      set restaurant_id = excluded.restaurant_id, gone = false, seq = excluded.seq
      where c.restaurant_id <> excluded.restaurant_id or c.gone
    returning c.order_id, c.restaurant_id
  ), new_order as materialized (
    select r.order_id, r.restaurant_id, 0 as changes from recorded r
    union all
    select n.id, n.restaurant_id, n.kitchen_changes from new_rows n where n.kitchen_changes > 0
  ), busy as materialized (
    select r.restaurant_id, count(*) > 50 as crowded from new_order r group by r.restaurant_id
  )
  select count(pg_notify('kitchen_' || b.restaurant_id,
                         case when b.crowded then '{"type":"queue_changed"' || writer
                              else '{"type":"order_created","order_id":"' || r.order_id || '","version":' ||
                                   case when current_setting('transaction_isolation') = 'serializable' then 1
                 when r.changes > 0 then r.changes + (select coalesce(sum(v.version), 0) from kitchen.order_changes v where v.order_id = r.order_id)
                 else (select coalesce(sum(v.version) filter (where v.xact <> txid_current() or v.changed_at <> now()), 0)::bigint + 1
                                      from kitchen.order_changes v where v.order_id = r.order_id) end
                                   || writer end))
    into ignored
    from busy b left join new_order r on r.restaurant_id = b.restaurant_id and not b.crowded
   where not silent;
  if exists (select from kitchen.stations) then
    perform kitchen.follow_status(array_agg(n.id)::kitchen.order_key[], array_agg(null::text)) from new_rows n
       where n.status <> 'pending' having count(*) > 0;
  end if;
  return null;
exception when others then
  perform kitchen.note_error('public.orders', SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

-- Records and announces what a statement did to several orders.
-- +goose StatementBegin
create function kitchen.announce_changes(changes kitchen.order_change[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_variable
declare
  silent  boolean;
  writer  text;
  ignored text;
begin
  ignored := set_config('kitchen.recorded', 'on', true);
  silent := kitchen.is_silent();
  writer := kitchen.writer();
  with recorded as (
    insert into kitchen.order_changes as c (order_id, restaurant_id, gone, xact, version)
    select h.id, coalesce(h.new_restaurant, h.old_restaurant), h.new_restaurant is null, txid_current(), h.recorded
      from unnest(changes) h where h.recorded >= 0
    on conflict (order_id, xact, changed_at) do update
      set restaurant_id = excluded.restaurant_id, gone = excluded.gone, seq = excluded.seq,
          version = case when excluded.gone then c.version + excluded.version - least(c.version, 1) else c.version end
      where c.restaurant_id <> excluded.restaurant_id or c.gone <> excluded.gone
    returning c.order_id, c.version
  ), change as materialized (
    select h.*, r.version from recorded r join unnest(changes) h on h.id = r.order_id
    union all
    select h.*, null from unnest(changes) h where h.recorded is null
  ), hint as materialized (
    select h.old_restaurant as restaurant, 'deleted' as what, h.id, h.status, h.changes, h.version
      from change h
     where h.what = 'moved' and h.old_restaurant is not null
    union all
    select h.new_restaurant, h.what, h.id, h.status, h.changes, h.version
      from change h
     where h.new_restaurant is not null
  ), crowded as materialized (
    select h.restaurant from hint h group by h.restaurant having count(*) > 50
  )
  select count(pg_notify('kitchen_' || h.restaurant, h.payload)) into ignored
    from (select c.restaurant, '{"type":"queue_changed"' || writer as payload from crowded c
          union all
          select h.restaurant,
                 case h.what when 'moved' then '{"type":"order_created","order_id":"' || h.id
                             when 'status' then '{"type":"order_status_changed","order_id":"' || h.id || '","status":"' || h.status
                             when 'deleted' then '{"type":"order_deleted","order_id":"' || h.id
                             else '{"type":"order_updated","order_id":"' || h.id end
                 || '","version":' ||
                    case when current_setting('transaction_isolation') = 'serializable' then 0
                         when h.version is null then h.changes + (select coalesce(sum(v.version), 0) from kitchen.order_changes v where v.order_id = h.id)
                    else h.changes + h.version
                         + (select coalesce(sum(v.version) filter (where v.xact <> txid_current() or v.changed_at <> now()), 0)
                              from kitchen.order_changes v where v.order_id = h.id) end
                    || writer
            from hint h where not exists (select from crowded c where c.restaurant = h.restaurant)) h
   where not silent;
end
$$;
-- +goose StatementEnd

-- Changed orders: what a kitchen sees counts, and nothing else. Prices, payments and other programs' columns do not.
-- +goose StatementBegin
create function kitchen.watch_changed_orders() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
set enable_seqscan = off
as $$
#variable_conflict use_variable
declare
  changed constant text := current_setting('kitchen.changed', true); -- see complete_changed_order
  part    text[];
  id      uuid;
  version bigint;
  changes kitchen.order_change[];
  ignored text;
begin
  if changed <> '' is not true or current_setting('kitchen.blocked', true) <> '' then
    return null; -- nothing that a kitchen sees; or a lock could not be had before
  end if;
  if changed <> 'many' then
    ignored := set_config('kitchen.changed', '', true);
    part := string_to_array(changed, ' ');
    version := part[3];
    if version > 0 and not kitchen.is_silent() then
      id := part[1];
      perform from kitchen.order_changes c where c.order_id = id limit 1; -- most have none, and a sum takes twice as long
      if found then
        version := version + (select sum(c.version) from kitchen.order_changes c where c.order_id = id);
      end if;
      ignored := pg_notify(concat('kitchen_', part[2]), concat(
        case when part[4] = 'status' and strpos(current_setting('kitchen.with_lines', true), part[1]) > 0 is not true
             then concat('{"type":"order_status_changed","order_id":"', part[1], '","status":"', part[5])
             else concat('{"type":"order_updated","order_id":"', part[1]) end,
        '","version":', version, kitchen.writer()))::text;
    end if;
    if part[6] <> '' and kitchen.any_stations() then
      if exists (select from kitchen.stations s where s.restaurant_id = part[2]::uuid) then
        perform kitchen.follow_status(array_agg(n.id)::kitchen.order_key[], array_agg(o.status)) -- of rows: anybody may set a setting
           from old_rows o join new_rows n on n.id = o.id where (n.status, n.order_type) is distinct from (o.status, o.order_type);
      end if;
    end if;
    return null;
  end if;

  -- An order without a new half was given another id: one is gone, and one is new.
  changes := array(
    select row(coalesce(n.id, o.id), o.restaurant_id, n.restaurant_id, n.status, c.what, coalesce(n.kitchen_changes, 0),
               case when n.kitchen_changes > o.kitchen_changes then null -- counted in its row
                    when c.what = 'moved' or (o.kitchen_changed_at = now() and o.kitchen_xact = txid_current()) is not true
                    then coalesce(o.kitchen_changes, 0) - coalesce(n.kitchen_changes, 0)
                         + case when o.kitchen_changed_at = now() and o.kitchen_xact = txid_current() then 0 else 1 end
                    else -1 end)::kitchen.order_change
      from old_rows o full join new_rows n on n.id = o.id
     cross join lateral (select case
       when (n.id, n.restaurant_id) is distinct from (o.id, o.restaurant_id) then 'moved'
       when (n.order_number, n.order_type, n.priority, n.table_id, n.table_label, n.created_by, n.created_by_name, n.customer_name,
             n.notes, n.allergy_note, n.promised_at, n.created_at)
            is distinct from
            (o.order_number, o.order_type, o.priority, o.table_id, o.table_label, o.created_by, o.created_by_name, o.customer_name,
             o.notes, o.allergy_note, o.promised_at, o.created_at) then 'content'
       when n.status is distinct from o.status then case when strpos(current_setting('kitchen.with_lines', true), n.id::text) > 0 then 'content' else 'status' end
       -- When it left the queue, which makes it recalled, or a place in the list of those that may be.
       when greatest(n.completed_at, n.cancelled_at) is distinct from greatest(o.completed_at, o.cancelled_at) then 'content'
       end as what) c
     where c.what is not null);
  if changes = '{}' then
    return null;
  end if;
  perform kitchen.announce_changes(changes);
  if exists (select from kitchen.stations) then
    perform kitchen.follow_status(array_agg(n.id)::kitchen.order_key[], array_agg(o.status))
       from old_rows o join new_rows n on n.id = o.id where (n.status, n.order_type) is distinct from (o.status, o.order_type);
  end if;
  return null;
exception when others then
  perform kitchen.note_error('public.orders', SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function kitchen.watch_deleted_orders() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
set enable_seqscan = off
set jit = off
as $$
declare
  silent  boolean;
  writer  text;
  ignored bigint;
begin
  if current_setting('kitchen.blocked', true) <> '' then
    return null; -- a lock could not be had before
  end if;
  silent := kitchen.is_silent(); -- not above, where nothing would catch an error
  writer := kitchen.writer();
  with recorded as (
    insert into kitchen.order_changes as c (order_id, restaurant_id, gone, xact, version)
    select o.id, o.restaurant_id, true, txid_current(),
           o.kitchen_changes + case when o.kitchen_changed_at = now() and o.kitchen_xact = txid_current() then 0 else 1 end
      from old_rows o
    on conflict (order_id, xact, changed_at) do update
      set restaurant_id = excluded.restaurant_id, gone = true, seq = excluded.seq, version = c.version + excluded.version - least(c.version, 1)
      where not c.gone
    returning c.order_id, c.restaurant_id, c.version
  ), busy as materialized (
    select r.restaurant_id, count(*) > 50 as crowded from recorded r group by r.restaurant_id
  )
  select count(pg_notify('kitchen_' || b.restaurant_id,
                         case when b.crowded then '{"type":"queue_changed"' || writer
                              else '{"type":"order_deleted","order_id":"' || r.order_id || '","version":' ||
                                   case when current_setting('transaction_isolation') = 'serializable' then 0
                    else r.version + (select coalesce(sum(v.version) filter (where v.xact <> txid_current() or v.changed_at <> now()), 0)
                                     from kitchen.order_changes v where v.order_id = r.order_id) end
                                   || writer end))
    into ignored
    from busy b left join recorded r on r.restaurant_id = b.restaurant_id and not b.crowded
   where not silent;
  return null;
exception when others then
  perform kitchen.note_error('public.orders', SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

-- Lines and modifiers. Nothing is said of an order that this very transaction has announced already: it is read after the commit,
-- lines included. That is the usual case, an order and its lines in one transaction, and these two functions find it. They wait for no lock, so that
-- they need neither the settings nor the subtransaction of what they call otherwise.
-- +goose StatementBegin
create function kitchen.watch_written_lines() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  announced   text := case TG_OP when 'INSERT' then current_setting('kitchen.announced', true) end; -- see 00005
  line        record;
  orders      uuid[];
  restaurants uuid[];
begin
  if announced <> '' then
    for line in select w.id, w.order_id from written w loop
      if not starts_with(announced, line.order_id::text) then
        announced := ''; -- the line may have been deleted from there
        exit;
      end if;
      announced := case when octet_length(announced) < 1500 then concat_ws(' ', announced, line.id) else announced end;
    end loop;
    announced := set_config('kitchen.announced', announced, true);
    if announced <> '' then
      return null;
    end if;
  end if;
  select array_agg(distinct w.order_id), array_agg(distinct w.restaurant_id) into orders, restaurants from written w;
  if orders <> '{}' then
    perform kitchen.announce_lines(orders, restaurants, TG_OP = 'DELETE');
  end if;
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function kitchen.watch_written_modifiers() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if TG_OP = 'DELETE' or current_setting('kitchen.unannounced_modifiers', true) is not distinct from 'on' then
    perform kitchen.announce_modifiers(array(select distinct w.order_item_id from written w));
  end if;
  return null;
end
$$;
-- +goose StatementEnd

-- Announces that lines were written to orders, or are gone from them.
-- +goose StatementBegin
create function kitchen.announce_lines(orders uuid[], restaurants uuid[], gone boolean) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_variable
declare
  version bigint;
  differs boolean;
  follows boolean; -- the orders follow: there are stations
  ignored text;
begin
  if current_setting('kitchen.blocked', true) <> '' then
    return; -- a lock could not be had before
  end if;
  if kitchen.any_stations() then
    follows := exists (select from kitchen.stations s where s.restaurant_id = any (restaurants));
  end if;
  if cardinality(orders) = 1 and not gone then
    version := kitchen.record_change(orders[1], restaurants[1]);
    if version is not null and not kitchen.is_silent() then
      ignored := pg_notify('kitchen_' || restaurants[1], '{"type":"order_updated","order_id":"' || orders[1] || '","version":' || version || kitchen.writer())::text;
    end if;
  else -- an order that is gone with its lines announces itself
    differs := exists (select from unnest(orders) w (id)
                        where current_setting('transaction_isolation') = 'serializable'
                           or not exists (select from public.orders o where o.id = w.id and o.kitchen_changed_at = now() and o.kitchen_xact = txid_current() offset 0)
                              and not exists (select from kitchen.order_changes c
                                               where c.order_id = w.id and c.xact = txid_current() and c.changed_at = now() offset 0));
    if differs then
      perform kitchen.touch_orders(orders);
    else
      ignored := set_config('kitchen.with_lines', array_to_string(orders[1:50], ' '), true);
    end if;
  end if;
  if follows then
    perform kitchen.follow_lines(orders::kitchen.order_key[], gone);
  end if;
exception when others then
  perform kitchen.note_error('public.order_items', SQLSTATE, SQLERRM);
end
$$;
-- +goose StatementEnd

-- Of the lines that really changed, in what a kitchen sees; of a line that moved, both orders. A line that only follows its order to another
-- restaurant is announced with the order.
-- +goose StatementBegin
create function kitchen.watch_changed_lines() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_variable
declare
  id         uuid; -- of the order
  restaurant uuid;
  version    bigint;
  ids        uuid[];
  differs    boolean;
  ignored    text;
begin
  if current_setting('kitchen.blocked', true) <> '' then
    return null; -- a lock could not be had before
  end if;
  -- One line, which is nearly always all there is.
  select n.order_id, n.restaurant_id,
         (o.order_id, o.menu_item_id, o.category, o.name, o.quantity, o.notes, o.position, o.course, o.held)
         is distinct from (n.order_id, n.menu_item_id, n.category, n.name, n.quantity, n.notes, n.position, n.course, n.held)
    into id, restaurant, differs
    from old_rows o, new_rows n
   where o.id = n.id and o.order_id = n.order_id and not exists (select from new_rows offset 1);
  if differs is false then
    return null;
  end if;
  if id is not null then
    version := kitchen.record_change(id, restaurant);
    if version is not null and not kitchen.is_silent() then
      ignored := pg_notify('kitchen_' || restaurant, '{"type":"order_updated","order_id":"' || id || '","version":' || version || kitchen.writer())::text;
    end if;
    if kitchen.any_stations() then
      if exists (select from kitchen.stations s where s.restaurant_id = restaurant) then
        perform kitchen.follow_lines(array[id]::kitchen.order_key[], false);
      end if;
    end if;
    return null;
  end if;

  ids := array(
    select distinct c.order_id
      from old_rows o full join new_rows n on n.id = o.id
     cross join lateral (values (o.order_id), (n.order_id)) c (order_id)
     where (o.order_id, o.menu_item_id, o.category, o.name, o.quantity, o.notes, o.position, o.course, o.held)
           is distinct from (n.order_id, n.menu_item_id, n.category, n.name, n.quantity, n.notes, n.position, n.course, n.held)
       and (o.order_id is distinct from n.order_id or o.restaurant_id = n.restaurant_id)
       and c.order_id is not null);
  if ids <> '{}' then
    perform kitchen.touch_orders(ids);
    if exists (select from kitchen.stations) then
      perform kitchen.follow_lines(ids::kitchen.order_key[], false);
    end if;
  end if;
  return null;
exception when others then
  perform kitchen.note_error('public.order_items', SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

-- The same for modifiers.
-- +goose StatementBegin
create function kitchen.watch_changed_modifiers() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  lines   uuid[];
  differs boolean;
begin
  select array[n.order_item_id], (o.order_item_id, o.modifier_option_id, o.name, o.kind, o.quantity, o.position)
                                 is distinct from (n.order_item_id, n.modifier_option_id, n.name, n.kind, n.quantity, n.position)
    into lines, differs
    from old_rows o, new_rows n
   where o.id = n.id and o.order_item_id = n.order_item_id and not exists (select from new_rows offset 1);
  if differs is null then
    lines := array(
      select distinct c.order_item_id
        from old_rows o full join new_rows n on n.id = o.id
       cross join lateral (values (o.order_item_id), (n.order_item_id)) c (order_item_id)
       where (o.order_item_id, o.modifier_option_id, o.name, o.kind, o.quantity, o.position)
             is distinct from (n.order_item_id, n.modifier_option_id, n.name, n.kind, n.quantity, n.position)
         and (o.order_item_id is distinct from n.order_item_id or o.restaurant_id = n.restaurant_id)
         and c.order_item_id is not null);
  elsif not differs then
    return null;
  end if;
  perform kitchen.announce_modifiers(lines);
  return null;
exception when others then
  perform kitchen.note_error('public.order_item_modifiers', SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

-- Announces the orders of lines whose modifiers have changed. Of a line that is gone, its own trigger has announced the order.
-- +goose StatementBegin
create function kitchen.announce_modifiers(lines uuid[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error that is noted, rather than a line that a policy hides from the owner
set lock_timeout = '50ms'
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_variable
declare
  ids uuid[]; -- of the orders
begin
  if lines = '{}' or current_setting('kitchen.blocked', true) <> '' then
    return; -- nothing has changed, or a lock could not be had before
  end if;
  ids := array(select distinct i.order_id from public.order_items i
                where i.id = any (lines)
                  and (current_setting('transaction_isolation') = 'serializable'
                       or not exists (select from public.orders o where o.id = i.order_id and o.kitchen_changed_at = now() and o.kitchen_xact = txid_current() offset 0)
                          and not exists (select from kitchen.order_changes c
                                           where c.order_id = i.order_id and c.xact = txid_current() and c.changed_at = now() offset 0)));
  if ids <> '{}' then
    perform kitchen.touch_orders(ids);
  end if;
  if kitchen.any_stations() then
    -- What was ready with other modifiers is to be cooked again, and the order with it.
    ids := array(select distinct i.order_id from public.order_items i
                  where i.id = any (lines)
                    and exists (select from kitchen.line_changes c where c.order_id = i.order_id and c.line_id = i.id and c.status = 'ready'));
    if ids <> '{}' then
      perform kitchen.follow_lines(ids::kitchen.order_key[], false);
    end if;
  end if;
exception when others then
  perform kitchen.note_error('public.order_item_modifiers', SQLSTATE, SQLERRM);
end
$$;
-- +goose StatementEnd

-- Records and announces that orders have changed in their lines. An order that is gone announces itself.
-- +goose StatementBegin
create function kitchen.touch_orders(ids uuid[]) returns void
language plpgsql
set row_security = off
set jit = off
as $$
#variable_conflict use_variable
declare
  silent     boolean;
  writer     text;
  restaurant uuid;
  version    bigint;
  ignored    text;
begin
  if cardinality(ids) = 1 then
    select o.restaurant_id into restaurant from public.orders o where o.id = ids[1];
    if found then
      version := kitchen.record_change(ids[1], restaurant);
      if version is not null and not kitchen.is_silent() then
        ignored := pg_notify('kitchen_' || restaurant, '{"type":"order_updated","order_id":"' || ids[1] || '","version":' || version || kitchen.writer())::text;
      end if;
    end if;
    return;
  end if;

  silent := kitchen.is_silent();
  writer := kitchen.writer();
  ignored := set_config('kitchen.recorded', 'on', true);
  with recorded as (
    insert into kitchen.order_changes as c (order_id, restaurant_id, xact)
    select o.id, o.restaurant_id, txid_current() from public.orders o
     where o.id = any (ids) and (o.kitchen_changed_at = now() and o.kitchen_xact = txid_current()) is not true
    on conflict (order_id, xact, changed_at) do nothing
    returning c.order_id, c.restaurant_id
  ), busy as materialized (
    select r.restaurant_id, count(*) > 50 as crowded from recorded r group by r.restaurant_id
  )
  select count(pg_notify('kitchen_' || b.restaurant_id,
                         case when b.crowded then '{"type":"queue_changed"' || writer
                              else '{"type":"order_updated","order_id":"' || r.order_id || '","version":' ||
                                   case when current_setting('transaction_isolation') = 'serializable' then 0
                    else (select coalesce(sum(v.version) filter (where v.xact <> txid_current() or v.changed_at <> now()), 0)::bigint + 1
                                      from kitchen.order_changes v where v.order_id = r.order_id)
                         + coalesce((select o.kitchen_changes from public.orders o where o.id = r.order_id), 0) end
                                   || writer end))
    into ignored
    from busy b left join recorded r on r.restaurant_id = b.restaurant_id and not b.crowded
   where not silent;
end
$$;
-- +goose StatementEnd

-- Before TRUNCATE, while the orders are still there to tell whose they are.
-- +goose StatementBegin
create function kitchen.watch_truncate() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set lock_timeout = '50ms'
as $$
declare
  before constant text := coalesce(current_setting('kitchen.own_change', true), '');
begin
  if not kitchen.is_silent() then
    perform pg_notify('kitchen_' || r.id, '{"type":"queue_changed"' || kitchen.writer())
       from public.restaurants r where exists (select from public.orders o where o.restaurant_id = r.id);
  end if;
  -- What the kitchen has kept of rows that are gone: nothing else would find it, and keys may be used again.
  perform set_config('kitchen.own_change', 'on', true); -- no order is announced that is gone
  if TG_TABLE_NAME = 'orders' then
    delete from kitchen.line_changes;
    delete from kitchen.order_changes;
  elsif TG_TABLE_NAME = 'order_items' then
    delete from kitchen.line_changes c where c.line_id is not null;
  end if;
  perform set_config('kitchen.own_change', before, true);
  return null;
exception when others then
  perform kitchen.note_error(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, SQLSTATE, SQLERRM);
  return null;
end
$$;
-- +goose StatementEnd

revoke execute on function kitchen.is_silent(), kitchen.writer(),
  kitchen.note_error(text, text, text), kitchen.has_recorded(uuid), kitchen.record_change(uuid, uuid), kitchen.touch_orders(uuid[]), kitchen.announce_changes(kitchen.order_change[]), kitchen.watch_new_orders(),
  kitchen.watch_changed_orders(), kitchen.watch_deleted_orders(), kitchen.watch_written_lines(), kitchen.watch_written_modifiers(),
  kitchen.watch_changed_lines(), kitchen.watch_changed_modifiers(), kitchen.announce_lines(uuid[], uuid[], boolean), kitchen.announce_modifiers(uuid[]),
  kitchen.watch_truncate() from public;

create trigger kitchen_watch_insert after insert on orders
  referencing new table as new_rows for each statement execute function kitchen.watch_new_orders();
create trigger kitchen_watch_update after update on orders
  referencing old table as old_rows new table as new_rows for each statement execute function kitchen.watch_changed_orders();
create trigger kitchen_watch_delete after delete on orders
  referencing old table as old_rows for each statement execute function kitchen.watch_deleted_orders();
create trigger kitchen_watch_truncate before truncate on orders
  for each statement execute function kitchen.watch_truncate();

create trigger kitchen_watch_insert after insert on order_items
  referencing new table as written for each statement execute function kitchen.watch_written_lines();
create trigger kitchen_watch_update after update on order_items
  referencing old table as old_rows new table as new_rows for each statement execute function kitchen.watch_changed_lines();
create trigger kitchen_watch_delete after delete on order_items
  referencing old table as written for each statement execute function kitchen.watch_written_lines();
create trigger kitchen_watch_truncate before truncate on order_items
  for each statement execute function kitchen.watch_truncate();

create trigger kitchen_watch_insert after insert on order_item_modifiers
  referencing new table as written for each statement execute function kitchen.watch_written_modifiers();
create trigger kitchen_watch_update after update on order_item_modifiers
  referencing old table as old_rows new table as new_rows for each statement execute function kitchen.watch_changed_modifiers();
create trigger kitchen_watch_delete after delete on order_item_modifiers
  referencing old table as written for each statement execute function kitchen.watch_written_modifiers();
create trigger kitchen_watch_truncate before truncate on order_item_modifiers
  for each statement execute function kitchen.watch_truncate();

-- ALWAYS: they fire in sessions with session_replication_role = replica, too. Logical replication fires row triggers only, and
-- what it changes is found by the periodic check.
alter table orders enable always trigger kitchen_watch_insert;
alter table orders enable always trigger kitchen_watch_update;
alter table orders enable always trigger kitchen_watch_delete;
alter table orders enable always trigger kitchen_watch_truncate;
alter table order_items enable always trigger kitchen_watch_insert;
alter table order_items enable always trigger kitchen_watch_update;
alter table order_items enable always trigger kitchen_watch_delete;
alter table order_items enable always trigger kitchen_watch_truncate;
alter table order_item_modifiers enable always trigger kitchen_watch_insert;
alter table order_item_modifiers enable always trigger kitchen_watch_update;
alter table order_item_modifiers enable always trigger kitchen_watch_delete;
alter table order_item_modifiers enable always trigger kitchen_watch_truncate;

-- +goose Down
drop trigger kitchen_watch_insert on orders;
drop trigger kitchen_watch_update on orders;
drop trigger kitchen_watch_delete on orders;
drop trigger kitchen_watch_truncate on orders;
drop trigger kitchen_watch_insert on order_items;
drop trigger kitchen_watch_update on order_items;
drop trigger kitchen_watch_delete on order_items;
drop trigger kitchen_watch_truncate on order_items;
drop trigger kitchen_watch_insert on order_item_modifiers;
drop trigger kitchen_watch_update on order_item_modifiers;
drop trigger kitchen_watch_delete on order_item_modifiers;
drop trigger kitchen_watch_truncate on order_item_modifiers;
drop function kitchen.watch_truncate();
drop function kitchen.announce_modifiers(uuid[]);
drop function kitchen.watch_changed_modifiers();
drop function kitchen.watch_changed_lines();
drop function kitchen.announce_lines(uuid[], uuid[], boolean);
drop function kitchen.watch_written_modifiers();
drop function kitchen.watch_written_lines();
drop function kitchen.touch_orders(uuid[]);
drop function kitchen.watch_deleted_orders();
drop function kitchen.watch_changed_orders();
drop function kitchen.announce_changes(kitchen.order_change[]);
drop function kitchen.watch_new_orders();
drop function kitchen.record_change(uuid, uuid);
drop function kitchen.note_error(text, text, text);
drop function kitchen.has_recorded(uuid);
drop type kitchen.order_change;
drop function kitchen.writer();
drop function kitchen.is_silent();
