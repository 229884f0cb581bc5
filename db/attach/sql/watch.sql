-- {{.Table}}: {{.Why}}.
{{- with .One}}
create type kitchen.{{.Seen}} as ({{.SeenColumns}}); -- what kitchens see of a row: two records without a type take longer to compare
{{- end}}
-- +goose StatementBegin
create function kitchen.{{.Function}}() returns trigger
language plpgsql
security definer -- a writer needs no rights on anything of the kitchen's
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than an order that a policy hides
set lock_timeout = '50ms' -- a writer does not wait for a kitchen
{{- if not .One}}
set plan_cache_mode = force_generic_plan
{{- end}}
set jit = off -- where an index is missing, compiling such a plan would take a writer half a second
set enable_seqscan = off -- the plan of the first row is kept: look-ups are by key, however small the tables were then
set enable_bitmapscan = off -- of a few rows, it is slower
as $$
#variable_conflict use_column
declare
  watched_orders kitchen.order_key[];
{{- if .One}}
  watched_order  {{.Keys.Order}};
  restaurant     {{.Keys.Restaurant}};
  version        bigint;
  stayed         boolean;
  mine           boolean;
  single         boolean;
  many           boolean;
  ignored        text;
  differs        boolean;
  error_code     text;
  error_text     text;
{{- end}}
{{- if .Queues}}
  watched_queues kitchen.restaurant_key[];
{{- end}}
{{- if .Users}}
  watched_users  text[];
{{- end}}
begin
{{- if .One}}
  loop
  begin
{{- end}}

{{- with .One}}
  -- One row, as it is nearly always: the shortest way, and with the fewest expressions, which each cost as much as a row that is read. It
  -- finds nothing where no kitchen sees the order, and more rows are an error. It reads what others write, and so is not for
  -- SERIALIZABLE: see kitchen.record_orders.
  <<one_row>>
  begin
    exit one_row when many or current_setting('transaction_isolation') = 'serializable'
      or current_setting('kitchen.blocked', true) = pg_current_xact_id_if_assigned()::text;
    if TG_OP = 'UPDATE' then
      {{template "compare" .}}
    elsif TG_OP = 'INSERT' then
{{- if not $.OfOrders}}
      {{template "announced" (.Of .AllInserted)}}
{{- end}}
      {{template "look up" (.Of .Inserted)}}
{{- if not $.OfOrders}}
    else
      {{template "announced" (.Of .AllDeleted)}}
      {{template "look up" (.Of .Deleted)}}
{{- else}}
    else
      exit one_row;
{{- end}}
    end if;
{{- if not .Over}}
    {{template "restaurant" .}}
{{- end}}
    {{template "last change"}}
    exit one_row when mine or restaurant is null or watched_order is null{{if .SameOrder}} or TG_OP = 'UPDATE' and stayed is not true{{end}};
    -- Each counts on from the last. Every eighth adds up all that there are, because transactions that overlapped have counted alike.
    if version is null and stayed is not null then
      version := 1 + (select sum(p.version::int) from kitchen.order_changes p where p.order_id = watched_order);
    end if;
    insert into kitchen.order_changes (order_id, restaurant_id, xact, made)
    values (watched_order, restaurant, pg_current_xact_id()::text::bigint, coalesce(version, 1));
    if {{if .SameOrder}}(TG_OP = 'UPDATE' or stayed is null){{else if $.OfOrders}}(TG_OP = 'INSERT' and stayed is null or TG_OP <> 'INSERT' and stayed){{else}}stayed{{end}} and not kitchen.is_silent() then
      ignored := {{.Notify}}('kitchen_' || restaurant,
        format('{"type":"order_%s","order_id":%s,"version":%s%s', {{if $.OfOrders}}case TG_OP when 'INSERT' then 'created' else 'updated' end{{else}}'updated'{{end}},
               {{.JSON "watched_order"}}, coalesce(version, 1), kitchen.writer()))::text;
    else -- gone or elsewhere before, or not as one would expect
      perform kitchen.announce_order(watched_order, restaurant, {{if $.OfOrders}}TG_OP{{else}}'LINE'{{end}});
    end if;
{{- if $.Follow}}
    if kitchen.any_stations() then
      perform kitchen.follow_orders(array[watched_order]::kitchen.order_key[], TG_OP = 'DELETE');
    elsif TG_OP <> 'UPDATE' then
{{- else}}
    if TG_OP <> 'UPDATE' then
{{- end}}
      ignored := set_config('kitchen.announced', watched_order::text, true); -- of one in many statements, see kitchen.touch_orders
    end if;
    return null;
  end;

{{end}}
  if current_setting('kitchen.blocked', true) = pg_current_xact_id_if_assigned()::text then
    return null; -- a lock could not be had before: the periodic check repairs it
  end if;
{{- template "watched" .}}
{{- if .Users}}
  if watched_users <> '{}' then
    perform kitchen.touch_users(watched_users);
  end if;
{{- end}}
{{- if .Orders}}
  if watched_orders <> '{}' then
{{- if .Over}}
    if current_setting('transaction_isolation') = 'serializable' then
      {{template "record" .}}
    else
      perform kitchen.touch_orders(watched_orders, TG_OP);
    end if;
{{- else}}
    perform kitchen.touch_orders(watched_orders, {{if .OfOrders}}TG_OP{{else}}case TG_OP when 'INSERT' then 'NEW LINE' else 'LINE' end{{end}});
{{- end}}
{{- if .Follow}}
    if kitchen.any_stations() then
      perform kitchen.follow_orders(watched_orders, TG_OP = 'DELETE');
    end if;
{{- end}}
  end if;
{{- end}}
{{- if .Queues}}
  if watched_queues <> '{}' then
    perform kitchen.touch_queues(watched_queues);
  end if;
{{- end}}
  return null;
exception when others then
{{- if .One}}
  get stacked diagnostics error_code = returned_sqlstate, error_text = message_text;
  if error_code = '21000' and many is null then
    many := true; -- more than one row
    continue;
  end if;
  if error_code <> '55P03' then -- it has waited for a lock, and does so once
    begin -- whose orders they are, for those who are known to have them
      {{- template "watched" .}}
    exception when others then
      null;
    end;
  end if;
  perform kitchen.note_error(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, error_code, error_text, watched_orders);
{{- else}}
  perform kitchen.note_error(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, SQLSTATE, SQLERRM, watched_orders);
{{- end}}
  return null;
{{- if .One}}
  end;
  end loop;
{{- end}}
end
$$;
-- +goose StatementEnd
revoke execute on function kitchen.{{.Function}}() from public;
{{range .Targets}}
create trigger kitchen_watch_insert after insert on {{.}}
  referencing new table as new_rows for each statement execute function kitchen.{{$.Function}}();
create trigger kitchen_watch_update after update on {{.}}
  referencing old table as old_rows new table as new_rows for each statement execute function kitchen.{{$.Function}}();
create trigger kitchen_watch_delete after delete on {{.}}
  referencing old table as old_rows for each statement execute function kitchen.{{$.Function}}();
create trigger kitchen_watch_truncate before truncate on {{.}}
  for each statement execute function kitchen.watch_truncate('{{$.Behind}}');
alter table {{.}} enable always trigger kitchen_watch_insert;
alter table {{.}} enable always trigger kitchen_watch_update;
alter table {{.}} enable always trigger kitchen_watch_delete;
alter table {{.}} enable always trigger kitchen_watch_truncate;
{{- if $.Holds}}
create trigger kitchen_forget_truncated after truncate on {{.}}
  for each statement execute function kitchen.forget_truncated();
alter table {{.}} enable always trigger kitchen_forget_truncated;
{{- end}}
insert into kitchen.watched
select n.nspname, c.relname, t.tgname, p.proname, {{$.Columns}}
  from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_proc p on p.oid = t.tgfoid
 where t.tgrelid = {{call $.Literal .}}::regclass and t.tgname like 'kitchen\_watch\_%';
{{end}}
