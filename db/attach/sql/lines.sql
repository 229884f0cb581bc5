-- The stations to which a line goes: those of the most specific routes that match it. An item comes before a category, a category
-- before neither, and with an order type before without. One row for each; a null where no route matches; none where
-- nothing is cooked. Of a restaurant that has stations: it is computed at each reading, so that a changed route reaches open orders.
-- The planner puts it into the query that calls it.
-- +goose StatementBegin
create function kitchen.route_line(restaurant kitchen.restaurant_key, item text, category text, order_type text)
returns table (station_id uuid)
language sql
stable
begin atomic
  select distinct b.station_id
    from (select a.station_id, a.place, rank() over (order by a.place desc) as rank
            from (select r.station_id,
                         case when r.menu_item_id is not null then 4 when r.category is not null then 2 else 0 end
                         + (r.order_type is not null)::int as place
                    from kitchen.routes r
                   where r.restaurant_id = route_line.restaurant
                     and (r.menu_item_id is null or r.menu_item_id::text = route_line.item)
                     and (r.category is null or r.category = route_line.category)
                     and (r.order_type is null or r.order_type = route_line.order_type)
                  union all
                  select null::uuid as station_id, -1 as place) a) b
   where b.rank = 1 and (b.station_id is not null or b.place = -1);
end;
-- +goose StatementEnd

-- The modifiers of each line that has any, as one number: which options and how many, whatever their order. Of an option of the menu the
-- name and the kind are left out, so that renaming it changes no line.
create view kitchen.line_modifiers (line_id, hash) as
select m.line_id, sum(hashtextextended(concat_ws(e'\x1f', trim_scale(m.quantity::numeric)::text, coalesce(m.modifier_option_id::text, concat_ws(e'\x1f', m.name::text, m.kind::text))), 0))
  from kitchen.modifiers m
 group by m.line_id;

-- Where a line stands at each of its stations. One that was ready, and of which more is ordered since, or with other notes or modifiers,
-- is pending again, and changed. One that is to be made again says why.
-- +goose StatementBegin
create function kitchen.line_stations(restaurant kitchen.restaurant_key, order_id kitchen.order_key, order_type text,
                                      line_id kitchen.line_key, item text, category text, quantity numeric, notes text)
returns table (station_id uuid, status text, changed boolean, reason text)
language sql
stable
begin atomic
  select s.station_id, case when s.changed then 'pending' else s.status end, s.changed, s.reason
    from (select r.station_id, coalesce(c.status, 'pending') as status, coalesce(c.reason, '') as reason,
                 case when c.status = 'ready' -- of others the modifiers are not read
                      then coalesce(line_stations.quantity, 1) > c.quantity or coalesce(line_stations.notes, '') <> c.notes
                           or coalesce((select h.hash from kitchen.line_modifiers h where h.line_id = line_stations.line_id), 0) <> c.modifiers
                      else false end as changed
            from kitchen.route_line(line_stations.restaurant, line_stations.item, line_stations.category, line_stations.order_type) r
            left join lateral (
                 select c.status, c.quantity, c.notes, c.modifiers, c.reason
                   from kitchen.line_changes c
                  where c.order_id = line_stations.order_id and c.line_id = line_stations.line_id
                    and (c.everywhere or c.station_id is not distinct from r.station_id)
                  order by c.seq desc limit 1) c on true) s;
end;
-- +goose StatementEnd

-- Where lines stand at their stations, for those who want to look: the ones of which something was said. Others are pending.
create view kitchen.line_states (order_id, line_id, station_id, status, changed_at, by, reason) as
select k.order_id, k.line_id, s.station_id, s.status, c.changed_at, c.by, s.reason
  from (select distinct c.order_id, c.line_id from kitchen.line_changes c where c.line_id is not null) k
  join kitchen.orders o on o.id = k.order_id
 cross join lateral (select l.* from kitchen.lines l where l.order_id = o.id and l.id = k.line_id offset 0) l
 cross join lateral kitchen.line_stations(o.restaurant_id, k.order_id, o.order_type::text, k.line_id, l.menu_item_id::text, l.category::text,
                                          l.quantity::numeric, l.notes::text) s
 cross join lateral (select c.changed_at, c.by
                       from kitchen.line_changes c
                      where c.order_id = k.order_id and c.line_id = k.line_id
                        and (c.everywhere or c.station_id is not distinct from s.station_id)
                      order by c.seq desc limit 1) c;

-- Who still cooks for an order, and how many lines. None is left where all that is to be cooked is ready.
-- +goose StatementBegin
create function kitchen.waiting(id kitchen.order_key) returns table (station_id uuid, name text, lines bigint)
language sql
stable
begin atomic
  select w.station_id, t.name, w.lines
    from (select s.station_id, count(*) as lines
            from kitchen.orders o
           cross join lateral (select l.* from kitchen.lines l where l.order_id = o.id and l.held is not true offset 0) l
           cross join lateral kitchen.line_stations(o.restaurant_id, o.id, o.order_type::text, l.id, l.menu_item_id::text, l.category::text,
                                                    l.quantity::numeric, l.notes::text) s
           where o.id = waiting.id and s.status <> 'ready'
             and exists (select from kitchen.stations a where a.restaurant_id = o.restaurant_id)
           group by s.station_id) w
    left join kitchen.stations t on t.id = w.station_id
   order by t.position, t.name;
end;
-- +goose StatementEnd

-- The status that follows for orders from their lines; null where it is the one that they have. An order of which a line is begun is
-- preparing, one whose last line is ready is ready (where the restaurant has settings.ready_when = 'stations'), and a
-- ready one with a line to cook is preparing again. Orders that nobody has begun are left alone, and so are those without anything to cook.
--
-- Its operators are bound here and now: see kitchen.set_derived_status.
-- +goose StatementBegin
create function kitchen.derived_status(ids kitchen.order_key[]) returns table (id kitchen.order_key, status text)
language sql
stable
begin atomic
  select o.id,
         case when o.status = 'ready' and n.waiting > 0 then 'preparing'
              when o.status in ('pending', 'preparing') and n.cooked > 0 and n.waiting = 0
                   and coalesce((select s.ready_when from kitchen.settings s where s.restaurant_id = o.restaurant_id), 'stations') = 'stations' then 'ready'
              when o.status = 'pending' and n.begun then 'preparing'
         end as status
    from unnest(derived_status.ids) k (id)
   cross join lateral (select o.id, o.restaurant_id, o.order_type, o.status from kitchen.orders o where o.id = k.id and o.open offset 0) o
   cross join lateral (
         select count(*) as cooked, count(*) filter (where s.status <> 'ready') as waiting, bool_or(s.status <> 'pending') as begun
           from (select l.* from kitchen.lines l where l.order_id = o.id and l.held is not true offset 0) l
          cross join lateral kitchen.line_stations(o.restaurant_id, o.id, o.order_type::text, l.id, l.menu_item_id::text, l.category::text,
                                                   l.quantity::numeric, l.notes::text) s) n
   where exists (select from kitchen.stations a where a.restaurant_id = o.restaurant_id)
     and (o.status = 'ready' or exists (select from kitchen.line_changes c where c.order_id = o.id))
   order by o.id;
end;
-- +goose StatementEnd

-- Gives orders the status that follows from their lines, and returns how many it gave one. A node calls it for what it reads, so that
-- what two transactions did at once, or with a lock in the way, comes right. While kitchen.own_change is on, triggers let what is written
-- be: it is the kitchen's own, and announced otherwise.
--
-- For a writer's statement it runs with the rights of the owner and a search_path for the triggers of other programs: it looks up no
-- operator, so that nobody who may make one in a schema of that path has it run as the owner.
-- +goose StatementBegin
create function kitchen.set_derived_status(ids kitchen.order_key[]) returns int
language plpgsql
as $$
declare
  before constant text := coalesce(pg_catalog.current_setting('kitchen.own_change', true), '');
  done  int := 0;
  x     record;
begin
{{- if .Moves}}
  for x in select n.id, n.status from kitchen.derived_status(ids) n where n.status is not null loop
    perform pg_catalog.set_config('kitchen.own_change', 'on', true);
    perform kitchen.set_status(x.id, x.status);
    insert into kitchen.line_changes (order_id, status) values (x.id, x.status);
    perform pg_catalog.set_config('kitchen.own_change', before, true);
    done := done operator(pg_catalog.+) 1;
  end loop;
{{- end}}
  return done;
end
$$;
-- +goose StatementEnd
{{if .Moves}}
-- What a display's update_lines does, for tills as well: sets the lines of an order at a station (null for what has none) to pending,
-- preparing or ready, and the order's own status with them. Without lines, all of the station that are not held. "seen" is the
-- status that the cook saw: where a line is neither there nor at the new one, nothing is done. Stations at one order take turns,
-- and never conflict. It runs with the rights and the search_path of its caller, like set_status. Errors: no_data_found,
-- serialization_failure (a line is not where the cook saw it), object_not_in_prerequisite_state (the order or a line is not to be
-- cooked now), and of what makes no sense.
-- +goose StatementBegin
create function kitchen.set_lines(id kitchen.order_key, station uuid, status text, lines kitchen.line_key[] default null,
                                  seen text default null, restaurant kitchen.restaurant_key default null, reason text default null,
                                  out order_status text, out version bigint)
language plpgsql
set jit = off
as $$
#variable_conflict use_column
declare
  was         constant text := current_setting('lock_timeout');
  bound       constant text := '200ms'; -- two of it are much shorter than deadlock_timeout, also where a busy server ends them late
  found_order record;
  target      record;
begin
  if set_lines.status is null or set_lines.status not in ('pending', 'preparing', 'ready') then
    raise invalid_parameter_value using
      message = format('a line is pending, preparing or ready, not %s', coalesce(quote_literal(set_lines.status), 'null'));
  end if;
  if set_lines.reason <> '' and set_lines.status <> 'pending' then
    raise invalid_parameter_value using message = 'a reason says why a line is to be made again: it is pending then';
  elsif length(set_lines.reason) > 100 then
    raise invalid_parameter_value using message = 'a reason has at most 100 characters';
  end if;
  select o.restaurant_id, o.order_type::text as order_type, o.status, o.open into found_order
    from kitchen.orders o
   where o.id = set_lines.id and (set_lines.restaurant is null or o.restaurant_id = set_lines.restaurant) is true;
  if not found then
    raise no_data_found using message = 'the order is not there';
  end if;
  if not found_order.open then
    raise object_not_in_prerequisite_state using message = format('the order is %s: nothing is cooked for it any more', found_order.status);
  end if;
  if station is not null then
    select s.name, s.kind into target from kitchen.stations s where s.id = station and s.restaurant_id = found_order.restaurant_id;
    if not found then
      raise invalid_parameter_value using
        message = format('station %s is none of this restaurant', station), hint = 'Name a station of kitchen.stations, or null for what has none.';
    elsif target.kind = 'expo' then
      raise invalid_parameter_value using message = format('station "%s" is a pass: nothing is cooked there', target.name);
    end if;
  end if;

  -- Who waits for another for longer than this may be waited for by it: transactions that take several orders, each in an order of its
  -- own. Then it goes on, and a node gives the order the status of its lines when it reads them.
  begin
    perform set_config('lock_timeout', bound, true);
    perform pg_advisory_xact_lock(hashtextextended('kitchen.set_lines ' || set_lines.id::text, 0));
    perform set_config('lock_timeout', was, true);
  exception when lock_not_available then
    null;
  end;

  -- From here on each statement sees what others at this order have committed.
  with line as materialized (
    select l.id, l.held is true as held, coalesce(l.quantity::numeric, 1) as quantity, coalesce(l.notes::text, '') as notes, s.status,
           coalesce((select h.hash from kitchen.line_modifiers h where h.line_id = l.id), 0) as modifiers
      from (select l.* from kitchen.lines l where l.order_id = set_lines.id offset 0) l
     cross join lateral kitchen.line_stations(found_order.restaurant_id, set_lines.id, found_order.order_type, l.id, l.menu_item_id::text,
                                              l.category::text, l.quantity::numeric, l.notes::text) s
     where s.station_id is not distinct from station
       and case when set_lines.lines is null then l.held is not true else l.id = any (set_lines.lines) end
  )
  select count(*) as count, bool_or(l.held) as held, bool_or(l.status not in (seen, set_lines.status)) as moved,
         (select g.id::text from unnest(set_lines.lines) g (id) where not exists (select from line l where l.id = g.id) limit 1) as missing,
         array_agg(l.id) filter (where l.status <> set_lines.status) as ids, array_agg(l.quantity) filter (where l.status <> set_lines.status) as quantities,
         array_agg(l.notes) filter (where l.status <> set_lines.status) as notes,
         array_agg(l.modifiers) filter (where l.status <> set_lines.status) as modifiers
    into target
    from line l;
  if target.missing is not null or target.count = 0 then
    raise no_data_found using
      message = case when target.missing is null then 'the order has nothing to cook at this station'
                     else format('line %s of the order is not cooked at this station', target.missing) end,
      constraint = 'kitchen_set_lines';
  elsif target.moved then
    raise serialization_failure using message = 'somebody else has moved these lines', constraint = 'kitchen_set_lines';
  elsif target.held then
    raise object_not_in_prerequisite_state using message = 'a held line is not cooked yet', hint = 'Fire its course first.';
  end if;
  if target.ids is not null then
    insert into kitchen.line_changes (order_id, line_id, station_id, status, quantity, notes, modifiers, reason)
    select set_lines.id, t.id, station, set_lines.status, t.quantity, t.notes, t.modifiers, coalesce(set_lines.reason, '')
      from unnest(target.ids, target.quantities, target.notes, target.modifiers) t (id, quantity, notes, modifiers);
    begin
      perform set_config('lock_timeout', bound, true);
      for again in 1..3 loop -- set_status waits for whoever holds the order, and may find it changed then
        exit when kitchen.set_derived_status(array[set_lines.id]) = 0;
      end loop;
      perform set_config('lock_timeout', was, true);
    exception when lock_not_available then
      null;
    end;
  end if;
  select o.status::text, o.changes + coalesce((select sum(c.version) from kitchen.order_changes c where c.order_id = o.id), 0) into order_status, version
    from kitchen.order_rows o where o.id = set_lines.id;
  if not found then -- somebody has deleted it meanwhile
    raise no_data_found using message = 'the order is not there';
  end if;
end
$$;
-- +goose StatementEnd
{{end}}
-- The lines follow what a writer says of the whole order: all that are not held are where it is. A pass that takes its own
-- "ready" back has cooked nothing anew.
-- +goose StatementBegin
create function kitchen.follow_order(id kitchen.order_key, was text, became text) returns void
language plpgsql
as $$
#variable_conflict use_column
declare
  before constant text := coalesce(current_setting('kitchen.own_change', true), '');
  state constant text := case became when 'completed' then 'ready' else became end;
begin
  perform set_config('kitchen.own_change', 'on', true); -- the order is announced, and so are its lines with it
  insert into kitchen.line_changes (order_id, everywhere, status) values (follow_order.id, true, became);
  insert into kitchen.line_changes (order_id, line_id, everywhere, status, quantity, notes, modifiers)
  select o.id, l.id, true, state, coalesce(l.quantity::numeric, 1), coalesce(l.notes::text, ''),
         coalesce((select h.hash from kitchen.line_modifiers h where h.line_id = l.id), 0)
    from kitchen.orders o
   cross join lateral (select l.* from kitchen.lines l where l.order_id = o.id and l.held is not true offset 0) l
   where o.id = follow_order.id and became <> 'cancelled'
     and not (became = 'preparing' and was in ('ready', 'completed')
              and exists (select from kitchen.settings s where s.restaurant_id = o.restaurant_id and s.ready_when = 'expo'))
     and exists (select from kitchen.line_stations(o.restaurant_id, o.id, o.order_type::text, l.id, l.menu_item_id::text, l.category::text,
                                                   l.quantity::numeric, l.notes::text) s where s.status <> state);
  perform set_config('kitchen.own_change', before, true);
end
$$;
-- +goose StatementEnd

-- set_derived_status, for the triggers of a writer.
-- +goose StatementBegin
create function kitchen.set_derived_status_for_writer(ids kitchen.order_key[]) returns void
language plpgsql
{{- if .Own}}
set search_path = pg_catalog, public, pg_temp -- triggers that other programs have on orders find their tables
{{- else}}
set search_path from current -- kitchen.set_status and the host's triggers find their tables
{{- end}}
as $$
begin
  perform kitchen.set_derived_status(ids);
end
$$;
-- +goose StatementEnd

-- What changed lines mean for their orders, of restaurants that have stations. Lines that come in the transaction in which a
-- writer has set the order's status have it, too: an import of orders that are over. A line that is gone takes its states along.
-- Writers' triggers call it. It waits for a lock 50 ms at most; what it cannot do then, a node does when it reads the order.
-- +goose StatementBegin
create function kitchen.sync_line_states(ids kitchen.order_key[], some_gone boolean) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off
set lock_timeout = '50ms'
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off -- compiling a plan with a scan takes seconds
as $$
#variable_conflict use_column
declare
  before     constant text := coalesce(current_setting('kitchen.own_change', true), '');
  this_xact constant bigint := pg_current_xact_id()::text::bigint;
begin
  perform set_config('kitchen.own_change', 'on', true);
  insert into kitchen.line_changes (order_id, line_id, everywhere, status, quantity, notes, modifiers)
  select m.order_id, l.id, true, case m.status when 'completed' then 'ready' else m.status end, coalesce(l.quantity::numeric, 1),
         coalesce(l.notes::text, ''), coalesce((select h.hash from kitchen.line_modifiers h where h.line_id = l.id), 0)
    from unnest(ids) k (id)
   cross join lateral (select c.order_id, c.status from kitchen.line_changes c
                        where c.order_id = k.id and c.line_id is null and c.everywhere and c.xact = this_xact
                        order by c.seq desc limit 1) m
   cross join lateral (select l.* from kitchen.lines l where l.order_id = m.order_id and l.held is not true offset 0) l
   where m.status not in ('pending', 'cancelled')
     and not exists (select from kitchen.line_changes c where c.order_id = m.order_id and c.line_id = l.id);
  if some_gone then
    delete from kitchen.line_changes c
     where c.order_id = any (ids)
       and case when c.line_id is null then not exists (select from kitchen.orders o where o.id = c.order_id)
                else not exists (select from kitchen.lines l where l.id = c.line_id and l.order_id = c.order_id) end;
  end if;
  perform set_config('kitchen.own_change', before, true);
  perform kitchen.set_derived_status_for_writer(ids);
end
$$;
-- +goose StatementEnd

-- Lines that were begun, and the pass, see changed routes and stations at once. What is ready stays ready. An order that somebody holds,
-- or whose status the triggers of others refuse, keeps no other ready order from staying ready, and nothing from being announced.
-- +goose StatementBegin
create function kitchen.reroute(restaurants kitchen.restaurant_key[]) returns void
language plpgsql
as $$
#variable_conflict use_column
begin
  perform kitchen.follow_order(o.id, 'ready', 'ready') from kitchen.orders o
    where o.restaurant_id = any (restaurants) and o.open and o.status = 'ready'
      and exists (select from kitchen.waiting(o.id) w);
  begin
    perform kitchen.sync_line_states(array(
      select o.id from kitchen.orders o where o.restaurant_id = any (restaurants) and o.open and o.status <> 'ready'), false);
  exception when lock_not_available then
    null; -- a node sets the derived status when it reads the order
  when others then
    perform kitchen.note_error('kitchen.routes', SQLSTATE, SQLERRM{{if not .Own}}, null{{end}});
  end;
exception when others then
  perform kitchen.note_error('kitchen.routes', SQLSTATE, SQLERRM{{if not .Own}}, null{{end}});
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function kitchen.watch_stations() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
as $$
declare
  restaurants kitchen.restaurant_key[];
begin
  if TG_OP = 'TRUNCATE' then
    restaurants := array(select distinct s.restaurant_id from kitchen.stations s);
  else
    restaurants := array(select distinct r.restaurant_id from rows r);
  end if;
  perform kitchen.touch_queues(restaurants{{if .Own}}::uuid[]{{end}});
  if TG_OP <> 'TRUNCATE' then
    perform kitchen.reroute(restaurants);
  end if;
  return null;
exception when others then
  perform kitchen.note_error('kitchen.' || TG_TABLE_NAME, SQLSTATE, SQLERRM{{if not .Own}}, null{{end}});
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function kitchen.watch_line_changes() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set lock_timeout = '50ms'
as $$
begin
  if current_setting('kitchen.own_change', true) = 'on' then
    return null; -- something else announces the order
  end if;
{{- if .Own}}
  perform kitchen.touch_orders(array(select distinct r.order_id from rows r join kitchen.orders o on o.id = r.order_id)::uuid[]);
{{- else}}
  perform kitchen.touch_orders(array(select distinct r.order_id from rows r join kitchen.orders o on o.id = r.order_id), 'LINE');
{{- end}}
  return null;
exception when others then
  perform kitchen.note_error('kitchen.line_changes', SQLSTATE, SQLERRM{{if not .Own}}, null{{end}});
  return null;
end
$$;
-- +goose StatementEnd
{{range .StationTables}}
create trigger kitchen_watch_insert after insert on kitchen.{{.Table}}
  referencing new table as rows for each statement execute function kitchen.{{.Function}}();
create trigger kitchen_watch_update after update on kitchen.{{.Table}}
  referencing new table as rows for each statement execute function kitchen.{{.Function}}();
create trigger kitchen_watch_delete after delete on kitchen.{{.Table}}
  referencing old table as rows for each statement execute function kitchen.{{.Function}}();
alter table kitchen.{{.Table}} enable always trigger kitchen_watch_insert;
alter table kitchen.{{.Table}} enable always trigger kitchen_watch_update;
alter table kitchen.{{.Table}} enable always trigger kitchen_watch_delete;
{{- if ne .Table "line_changes"}}
create trigger kitchen_watch_truncate before truncate on kitchen.{{.Table}}
  for each statement execute function kitchen.{{.Function}}();
alter table kitchen.{{.Table}} enable always trigger kitchen_watch_truncate;
{{- end}}
{{end}}
-- Fires a course: its held lines are to be cooked from now on.
-- +goose StatementBegin
create function kitchen.fire_course(restaurant kitchen.restaurant_key, id kitchen.order_key, course int,
                                    out order_status text, out version bigint)
language plpgsql
set jit = off
as $$
#variable_conflict use_column
declare
  was         constant text := current_setting('lock_timeout');
  found_order record;
begin
  select o.status, o.open into found_order from kitchen.orders o where o.id = fire_course.id and (o.restaurant_id = restaurant) is true;
  if not found then
    raise no_data_found using message = 'the order is not there';
  elsif not found_order.open then
    raise object_not_in_prerequisite_state using message = format('the order is %s: nothing is cooked for it any more', found_order.status);
  end if;
  perform kitchen.fire(fire_course.id, fire_course.course);
  begin
    perform set_config('lock_timeout', '200ms', true); -- as in set_lines
    perform kitchen.set_derived_status(array[fire_course.id]);
    perform set_config('lock_timeout', was, true);
  exception when lock_not_available then
    null;
  end;
  select o.status::text, o.changes + coalesce((select sum(c.version) from kitchen.order_changes c where c.order_id = o.id), 0) into order_status, version
    from kitchen.order_rows o where o.id = fire_course.id;
  if not found then -- somebody has deleted it meanwhile
    raise no_data_found using message = 'the order is not there';
  end if;
end
$$;
-- +goose StatementEnd

-- Forgets the states of lines whose orders have left the queue for a day, of at most so many orders.
-- +goose StatementBegin
create function kitchen.tidy_line_changes(most int) returns int
language plpgsql
security definer -- the program's own role may delete nothing here
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  done int;
begin
  if not exists (select from kitchen.line_changes) or not pg_try_advisory_xact_lock(hashtext('kitchen.tidy_line_changes')) then
    return 0;
  end if;
  perform set_config('kitchen.own_change', 'on', true);
  with past as (
    select c.order_id from kitchen.line_changes c
     group by c.order_id
    having max(c.changed_at) < now() - interval '1 day'
       and not exists (select from kitchen.orders o where o.id = c.order_id and o.open)
     limit most
  ), forgotten as (
    delete from kitchen.line_changes c using past p where c.order_id = p.order_id returning c.order_id
  )
  select count(distinct f.order_id) into done from forgotten f;
  return done;
end
$$;
-- +goose StatementEnd
{{if .Own}}
revoke execute on function kitchen.route_line(kitchen.restaurant_key, text, text, text),
  kitchen.line_stations(kitchen.restaurant_key, kitchen.order_key, text, kitchen.line_key, text, text, numeric, text),
  kitchen.waiting(kitchen.order_key), kitchen.derived_status(kitchen.order_key[]), kitchen.set_derived_status(kitchen.order_key[]),
  kitchen.set_lines(kitchen.order_key, uuid, text, kitchen.line_key[], text, kitchen.restaurant_key, text),
  kitchen.follow_order(kitchen.order_key, text, text), kitchen.set_derived_status_for_writer(kitchen.order_key[]),
  kitchen.sync_line_states(kitchen.order_key[], boolean),
  kitchen.reroute(kitchen.restaurant_key[]), kitchen.watch_stations(), kitchen.watch_line_changes(),
  kitchen.fire_course(kitchen.restaurant_key, kitchen.order_key, int), kitchen.tidy_line_changes(int) from public;
{{- end}}
