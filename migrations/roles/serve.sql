-- What the role of `kitchen serve` may do: read what displays show, move an order on, and nothing else. Run it as the owner
-- of the tables, after the migrations and again after each later one; it may run any number of times, and takes away what
-- the role may do to these tables beyond it.
--
--   psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f migrations/roles/serve.sql
--   psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -c "set kitchen.role = 'another_name'" -f migrations/roles/serve.sql
--
-- A role that is not there yet is made without a password: \password kitchen_node in psql gives it one. LISTEN, NOTIFY,
-- pg_notification_queue_usage() and the catalogs that tell whether the triggers stand are everybody's, and need no grant.

do $$
declare
  role text := coalesce(nullif(current_setting('kitchen.role', true), ''), 'kitchen_node');
begin
  if not exists (select from pg_catalog.pg_roles r where r.rolname = role) then
    execute format('create role %I login', role);
  end if;
  if (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = role)
     or (select pg_has_role(role, c.relowner, 'member') from pg_catalog.pg_class c where c.oid = 'public.orders'::regclass) then
    raise exception 'role % is a superuser or owns the tables, and no grant can bound it', role
      using hint = 'Give kitchen serve a role of its own: set kitchen.role = ''kitchen_node''.';
  end if;

  -- A clean slate: also of columns, of sequences, and of what an earlier form of this file gave.
  execute format('revoke all on all tables in schema public from %I', role);
  execute format('revoke all on all sequences in schema public from %I', role);
  execute format('revoke create on schema public from %I', role);

  execute format('grant usage on schema public to %I', role);

  -- What a display shows. Whole tables, because a kitchen compares the system column xmin to see what changed behind the
  -- triggers' back. Not the menu: names stand in the lines.
  execute format('grant select on orders, order_items, order_item_modifiers, tables, restaurants to %I', role);

  -- Who may open a display. Only these columns: other programs keep passwords here.
  execute format('grant select (id, restaurant_id, username, name, role, is_active) on users to %I', role);

  -- A cook's tap. Version, times and the rest are set by the triggers, which run with the rights of their owner.
  execute format('grant update (status) on orders to %I', role);

  -- For `kitchen doctor`: which migrations have run.
  if to_regclass('public.goose_db_version') is not null then
    execute format('grant select on goose_db_version to %I', role);
  end if;

  -- What everybody may do, this role may do, too. PostgreSQL 14 lets everybody make tables in public.
  if exists (select from pg_catalog.pg_namespace n, aclexplode(n.nspacl) a
              where n.nspname = 'public' and a.grantee = 0 and a.privilege_type = 'CREATE') then
    raise notice 'every role may make tables in the schema public; unless other programs need that: revoke create on schema public from public';
  end if;
end
$$;
