-- Takes everything of the schema kitchen away, and the triggers on the host's tables with it.
-- +goose StatementBegin
do $$
declare
  made boolean := true;
  x    record;
begin
  if to_regclass('kitchen.mapping') is not null then
    execute 'select made_schema from kitchen.mapping limit 1' into made;
  end if;
  for x in
    select t.tgname, t.tgrelid::regclass as on_table
      from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
      join pg_catalog.pg_class c on c.oid = t.tgrelid
     where p.pronamespace = to_regnamespace('kitchen') and not t.tgisinternal and c.relnamespace <> p.pronamespace
  loop
    execute format('drop trigger if exists %I on %s', x.tgname, x.on_table);
  end loop;
  for x in
    select * from (
    select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end as kind, c.relname as name, '' as args
      from pg_catalog.pg_class c
     where c.relnamespace = to_regnamespace('kitchen') and c.relkind in ('v', 'm', 'r', 'p', 'S'){{if .KeepGoose}} and c.relname not like 'goose\_db\_version%'{{end}}
    union all
    select case p.prokind when 'p' then 'procedure' else 'function' end, p.proname, '(' || pg_get_function_identity_arguments(p.oid) || ')'
      from pg_catalog.pg_proc p where p.pronamespace = to_regnamespace('kitchen')
    union all
    select 'type', t.typname, '' from pg_catalog.pg_type t
     where t.typnamespace = to_regnamespace('kitchen') and (t.typtype in ('d', 'e', 'r') or (select c.relkind from pg_catalog.pg_class c where c.oid = t.typrelid) = 'c')) all_of_it
     order by kind = 'sequence', kind, name -- those of tables go with them
  loop
    begin -- one of them may have taken another along
      execute format('drop %s if exists kitchen.%I%s cascade', x.kind, x.name, x.args);
    exception when undefined_object or undefined_function or undefined_table then
      null;
    end;
  end loop;
  if coalesce(made, true){{if .KeepGoose}} and to_regclass('kitchen.goose_db_version') is null{{end}} then
    drop schema if exists kitchen cascade;
  end if;
end
$$;
-- +goose StatementEnd
