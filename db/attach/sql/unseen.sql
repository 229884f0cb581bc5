-- Pending orders that no hand has touched: since when they are in the kitchen, and when a screen first painted them. One that is promised
-- for later comes when work at it begins. Nodes write kitchen.screens again within 15 s: what is older is of a node that is gone.
--
-- A node reads it every few seconds. So what most orders need comes first, one by one along an index (offset 0 keeps the planner
-- from reading all sightings instead), and since and reason are looked up only where somebody asks for them.
create view kitchen.untouched (order_id, restaurant_id, order_number, since, painted_at, reason) as
select o.id::kitchen.order_key, o.restaurant_id::kitchen.restaurant_key, o.order_number::bigint,
       greatest(coalesce(o.came_at, (select min(c.changed_at) from kitchen.order_changes c where c.order_id = o.id and c.restaurant_id = o.restaurant_id),
                         case when isfinite(o.created_at) then o.created_at end, now()), b.begins), -- another program may say infinity
       p.painted_at,
       case when p.painted_at is not null then 'not_touched'
            when exists (select from kitchen.screens d where d.restaurant_id = o.restaurant_id and d.seen_at > now() - interval '15 seconds') then 'not_painted'
            else 'no_display' end
  from kitchen.order_rows o
  left join kitchen.settings s on s.restaurant_id = o.restaurant_id
 cross join lateral (select case when o.priority > 0 then null else o.promised_at - coalesce(s.start_before, interval '1 hour') end as begins) b
 cross join lateral (select min(g.seen_at) as painted_at
                       from kitchen.sightings g where g.order_id = o.id and g.restaurant_id = o.restaurant_id and g.how = 'painted') p
 where o.open and {{if .Own}}o.status = 'pending'{{else}}(o.status::text in ('preparing', 'ready', 'completed', 'cancelled')) is not true -- pending, or a word that the mapping does not know{{end}}
   and case when b.begins > now() then false
            else not exists (select from kitchen.sightings g
                              where g.order_id = o.id and g.restaurant_id = o.restaurant_id and g.how = 'touched' offset 0) end;

-- The same for tills and DBAs: pending orders that no screen has painted or no hand has touched.
create view kitchen.unseen (order_id, restaurant_id, order_number, age, reason) as
select u.order_id, u.restaurant_id, u.order_number, now() - u.since, u.reason from kitchen.untouched u;

-- Notes what displays of a node have seen, each so many seconds ago. An order counts in its own restaurant alone, and with a version
-- that it has. Rows go in by their key, so that two nodes that note the same never wait for each other in a circle.
-- +goose StatementBegin
create function kitchen.note_sightings(restaurants kitchen.restaurant_key[], orders kitchen.order_key[], versions bigint[], hows text[],
  ages double precision[], displays bigint[], node text) returns int
language plpgsql
security definer -- the program's own role may write nothing else here
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  noted int;
begin
  insert into kitchen.sightings (order_id, restaurant_id, version, how, seen_at, node, display)
  select distinct on (o.id, s.how, s.version)
         o.id, o.restaurant_id, s.version, s.how, now() - least(greatest(s.age, 0), 3600) * interval '1 second', node, s.display
    from unnest(restaurants, orders, versions, hows, ages, displays) as s (restaurant, id, version, how, age, display)
   cross join lateral (select o.id, o.restaurant_id, o.changes from kitchen.order_rows o
                        where o.id = s.id and (o.restaurant_id = s.restaurant) is true offset 0) o
   where s.version between 0 and o.changes + coalesce((select sum(c.version) from kitchen.order_changes c where c.order_id = o.id), 0)
   order by o.id, s.how, s.version, s.age desc
  on conflict do nothing;
  get diagnostics noted = row_count;
  return noted;
end
$$;
-- +goose StatementEnd

-- Checks once for orders that nobody has seen, unless another node does: then it returns null. Else it returns the alarms that begin and
-- end now, which are also announced on the channel kitchen_alarms. A node calls it every so often, and says when it will check next;
-- where it does not, another one takes over.
--
-- After a time in which nobody checked there is a grace period of 10 s, so that displays come back: until then nothing ends, and orders from before that raise
-- nothing. A screen that has just come has a few seconds to paint. Who has not touched an order had the time since it was painted. An
-- order that has waited for 12 hours is forgotten, and must not keep the alarm for others from being raised.
--
-- It reads the open orders of all restaurants, unlike the statements for which the program's connections are set up: so it may take a
-- bitmap of an index, hash the settings, and sort.
-- +goose StatementBegin
create function kitchen.check_unseen(who text, pause interval) returns text[]
language plpgsql
security definer -- the program's own role may write nothing else here
set search_path = pg_catalog, pg_temp
set enable_bitmapscan = on
set enable_hashjoin = on
set enable_sort = on
set jit = off
as $$
#variable_conflict use_column
declare
  began    timestamptz; -- since when nodes have checked without a gap
  in_grace boolean;
  raise_it boolean;
  said     text;
  all_said text[] := '{}';
  x        record;
begin
  if not pg_try_advisory_xact_lock(hashtext('kitchen.check_unseen')) then
    return null;
  end if;
  insert into kitchen.unseen_check as l (node, due_at, since) values (who, now() + pause, now())
  on conflict (one) do update
    set node = excluded.node, due_at = excluded.due_at,
        since = case when now() - l.due_at between interval '-10 minutes' and interval '5 seconds' then l.since else now() end
  where l.node = excluded.node or now() - l.due_at not between interval '-10 minutes' and interval '2 seconds'
  returning since into began;
  if not found then
    return null;
  end if;
  in_grace := now() < began + interval '10 seconds';
  delete from kitchen.alarm_posts p where p.made_at < now() - interval '10 minutes';

  for x in
    with late as (
      select u.restaurant_id, w.reason, u.order_id, u.order_number, w.age,
             not in_grace or w.reason = 'not_touched' or w.age <= now() - began as fair
        from kitchen.untouched u
        left join kitchen.settings s on s.restaurant_id = u.restaurant_id
       cross join lateral (select u.reason, now() - u.since as age offset 0) w -- once an order, and not for those painted lately
       where coalesce(u.painted_at <= now() - coalesce(s.alarm_not_touched_after, interval '90 seconds'), true)
         and w.age < interval '12 hours'
         and w.age >= case w.reason
               when 'no_display' then coalesce(s.alarm_no_display_after, interval '5 seconds')
               when 'not_painted' then coalesce(s.alarm_not_painted_after, interval '5 seconds')
               else coalesce(s.alarm_not_touched_after, interval '90 seconds')
             end
    ), causes as (
      select l.restaurant_id, l.reason, count(*)::int as orders, bool_or(l.fair) as fair, max(l.age) as age,
             (array_agg(l.order_id order by l.age desc, l.order_id))[1] as order_id,
             (array_agg(l.order_number order by l.age desc, l.order_id))[1] as order_number
        from late l
       group by l.restaurant_id, l.reason
    )
    select coalesce(c.restaurant_id, a.restaurant_id) as restaurant_id, coalesce(c.reason, a.reason) as reason,
           c.reason is not null as goes_on, c.fair, a.noticed_at, a.raised_at,
           coalesce(c.orders, a.orders) as orders, coalesce(c.order_id, a.oldest_order_id) as order_id,
           case when c.reason is null then a.oldest_order_number else c.order_number end as order_number,
           coalesce(now() - c.age, a.oldest_since) as since,
           -- a screen that comes to a restaurant that had none starts up before it paints
           exists (select from kitchen.alarms d where d.restaurant_id = c.restaurant_id and d.reason = 'no_display') as starts_up
      from causes c
      full join kitchen.alarms a on a.restaurant_id = c.restaurant_id and a.reason = c.reason
     where c.reason is null or a.raised_at is null
     order by coalesce(c.restaurant_id, a.restaurant_id)::text, coalesce(c.reason, a.reason)
  loop
    raise_it := x.goes_on and x.fair
      and (x.reason <> 'not_painted' or coalesce(x.noticed_at <= now() - interval '2 seconds', false));
    if not x.goes_on then
      continue when in_grace and x.raised_at is not null;
      delete from kitchen.alarms a where a.restaurant_id = x.restaurant_id and a.reason = x.reason;
      continue when x.raised_at is null;
    elsif x.noticed_at is null then
      insert into kitchen.alarms (restaurant_id, reason, noticed_at, raised_at, orders, oldest_order_id, oldest_order_number, oldest_since)
      values (x.restaurant_id, x.reason, now() + case when x.starts_up then interval '3 seconds' else interval '0' end,
              case when raise_it then now() end, x.orders, x.order_id, x.order_number, x.since);
      continue when not raise_it;
    else
      continue when not raise_it;
      update kitchen.alarms a
         set raised_at = now(), orders = x.orders, oldest_order_id = x.order_id, oldest_order_number = x.order_number, oldest_since = x.since
       where a.restaurant_id = x.restaurant_id and a.reason = x.reason;
    end if;
    select row_to_json(m)::text into said
      from (select case when x.goes_on then 'alarm' else 'alarm_over' end as type, x.restaurant_id::text as restaurant_id, x.reason as reason,
                   x.orders as orders, x.order_id::text as oldest_order_id, x.order_number as oldest_order_number,
                   floor(extract(epoch from now() - x.since))::bigint as age_s) m;
    if pg_notification_queue_usage() < 0.75 then -- else nodes read it a little later
      perform pg_notify('kitchen_alarms', said);
    end if;
    insert into kitchen.alarm_posts (alarm) values (said);
    all_said := all_said || said;
  end loop;
  return all_said;
end
$$;
-- +goose StatementEnd

-- Forgets sightings of orders that have left the queue, at most so many of them.
-- +goose StatementBegin
create function kitchen.tidy_sightings(most int) returns int
language plpgsql
security definer -- the program's own role may delete nothing here
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  done int;
begin
  if not pg_try_advisory_xact_lock(hashtext('kitchen.tidy_sightings')) then
    return 0;
  end if;
  delete from kitchen.sightings g
   where g.ctid = any (array(
     select s.ctid from kitchen.sightings s
      where s.seen_at < now() - interval '2 days' and not exists (select from kitchen.orders o where o.id = s.order_id and o.open)
      limit most));
  get diagnostics done = row_count;
  return done;
end
$$;
-- +goose StatementEnd
{{if .Own}}
revoke execute on function kitchen.note_sightings(kitchen.restaurant_key[], kitchen.order_key[], bigint[], text[], double precision[], bigint[], text),
  kitchen.check_unseen(text, interval), kitchen.tidy_sightings(int) from public;
{{- end}}
