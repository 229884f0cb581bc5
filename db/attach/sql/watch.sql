-- {{.Table}}: {{.Why}}.
-- +goose StatementBegin
create function kitchen.{{.Function}}() returns trigger
language plpgsql
security definer -- a writer needs no rights on anything of the kitchen's
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than an order that a policy hides
set lock_timeout = '50ms' -- a writer does not wait for a kitchen
set plan_cache_mode = force_generic_plan
set jit = off -- where an index is missing, compiling such a plan would take a writer half a second
set enable_seqscan = off -- the plan of the first row is kept: look-ups are by key, however small the tables were then
as $$
#variable_conflict use_column
declare
  watched_orders kitchen.order_key[];
{{- if .Queues}}
  watched_queues kitchen.restaurant_key[];
{{- end}}
{{- if .Users}}
  watched_users  text[];
{{- end}}
begin
  if current_setting('kitchen.blocked', true) <> '' and current_setting('kitchen.blocked', true) = pg_current_xact_id()::text then
    return null; -- a lock could not be had before: the periodic check repairs it
  end if;
  if TG_OP = 'UPDATE' then
{{- if .Users}}
    watched_users := {{.Users.Changed}};
{{- end}}
{{- if .Orders}}
    watched_orders := {{.Orders.Changed}};
{{- end}}
{{- if .Queues}}
    watched_queues := {{.Queues.Changed}};
{{- end}}
  elsif TG_OP = 'INSERT' then
{{- if .Users}}
    watched_users := {{.Users.Inserted}};
{{- end}}
{{- if .Orders}}
    watched_orders := {{.Orders.Inserted}};
{{- end}}
{{- if .Queues}}
    watched_queues := {{.Queues.Inserted}};
{{- end}}
  else
{{- if .Users}}
    watched_users := {{.Users.Deleted}};
{{- end}}
{{- if .Orders}}
    watched_orders := {{.Orders.Deleted}};
{{- end}}
{{- if .Queues}}
    watched_queues := {{.Queues.Deleted}};
{{- end}}
  end if;
{{- if .Users}}
  if watched_users <> '{}' then
    perform kitchen.touch_users(watched_users);
  end if;
{{- end}}
{{- if .Orders}}
  if watched_orders <> '{}' then
    perform kitchen.touch_orders(watched_orders, {{if .OfOrders}}TG_OP{{else}}case TG_OP when 'INSERT' then 'NEW LINE' else 'LINE' end{{end}});
{{- if .Follow}}
    perform kitchen.follow_orders(watched_orders, TG_OP = 'DELETE');
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
  perform kitchen.note_error(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, SQLSTATE, SQLERRM, watched_orders);
  return null;
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
insert into kitchen.watched
select n.nspname, c.relname, t.tgname, p.proname
  from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_proc p on p.oid = t.tgfoid
 where t.tgrelid = {{call $.Literal .}}::regclass and t.tgname like 'kitchen\_watch\_%';
{{end}}
