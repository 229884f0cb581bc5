-- What the role of `kitchen serve` may do: read what displays show, move an order on, set stations up, and nothing else. Run it as the owner
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
  role   text := coalesce(nullif(current_setting('kitchen.role', true), ''), 'kitchen_node');
  tables constant text := 'public.restaurants, public.users, public.tables, public.menu_items, public.modifier_options, public.orders, public.order_items, public.order_item_modifiers';
begin
  if not exists (select from pg_catalog.pg_roles r where r.rolname = role) then
    execute format('create role %I login', role);
  end if;
  if (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = role)
     or (select pg_has_role(role, c.relowner, 'member') from pg_catalog.pg_class c where c.oid = 'public.orders'::regclass) then
    raise exception 'role % is a superuser or owns the tables, and no grant can bound it', role
      using hint = 'Give kitchen serve a role of its own: set kitchen.role = ''kitchen_node''.';
  end if;

  -- A clean slate: also of columns, and of what an earlier form of this file gave. Other programs' tables are theirs.
  execute format('revoke all on %s from %I', tables, role);
  execute format('revoke all on all tables in schema kitchen from %I', role);
  execute format('revoke all on all sequences in schema kitchen from %I', role);
  execute format('revoke all on sequence public.order_items_position_seq, public.order_item_modifiers_position_seq from %I', role);
  execute format('revoke all on all functions in schema kitchen from %I', role);
  execute format('revoke create on schema public, kitchen from %I', role);

  execute format('grant usage on schema public, kitchen to %I', role);

  -- What a display shows, and who may open one. The views read with the rights of their owner: the tables behind them, where
  -- other programs may keep prices and passwords, stay closed.
  execute format('grant select on kitchen.restaurants, kitchen.users, kitchen.orders, kitchen.order_rows, kitchen.lines, kitchen.modifiers, '
                 || 'kitchen.order_changes, kitchen.order_versions, kitchen.settings, kitchen.trigger_errors, '
                 || 'kitchen.stations, kitchen.routes, kitchen.line_changes, kitchen.line_states, kitchen.line_modifiers, kitchen.screens, '
                 || 'kitchen.sightings, kitchen.unseen, kitchen.alarms to %I', role);

  -- A cook's tap. It runs with this role's own rights, and so do the triggers that other programs have on orders.
  execute format('grant select (id), update (status) on orders to %I', role);
  execute format('grant execute on function kitchen.set_status(kitchen.order_key, text), '
                 || 'kitchen.change_status(kitchen.restaurant_key, kitchen.order_key, text, bigint), kitchen.tidy_order_changes(int) to %I', role);

  -- What it does at a station, and what a course that is fired changes.
  execute format('grant insert on kitchen.line_changes to %I', role);
  execute format('grant select (id, order_id, course, held), update (held) on order_items to %I', role);
  execute format('grant execute on function kitchen.route_line(kitchen.restaurant_key, text, text, text), '
                 || 'kitchen.line_stations(kitchen.restaurant_key, kitchen.order_key, text, kitchen.line_key, text, text, numeric, text), '
                 || 'kitchen.waiting(kitchen.order_key), kitchen.derived_status(kitchen.order_key[]), kitchen.set_derived_status(kitchen.order_key[]), '
                 || 'kitchen.set_lines(kitchen.order_key, uuid, text, kitchen.line_key[], text, kitchen.restaurant_key, text), '
                 || 'kitchen.fire(kitchen.order_key, int), kitchen.fire_course(kitchen.restaurant_key, kitchen.order_key, int), '
                 || 'kitchen.tidy_line_changes(int) to %I', role);

  -- How many displays of this node show what, for the other nodes.
  execute format('grant insert, update, delete on kitchen.screens to %I', role);

  -- Screens that pair with a restaurant, and which of them are used.
  execute format('grant select on kitchen.devices, kitchen.pairings to %I', role);
  execute format('grant execute on function kitchen.pair(text, kitchen.restaurant_key, text, text, kitchen.user_key, text[]), '
                 || 'kitchen.ask_to_pair(uuid, bytea, bytea, text, interval), kitchen.see_devices(uuid[]) to %I', role);

  -- What displays have seen, and the alarm about what nobody has. The functions write with the rights of their owner.
  execute format('grant execute on function kitchen.note_sightings(kitchen.restaurant_key[], kitchen.order_key[], bigint[], text[], '
                 || 'double precision[], bigint[], text), kitchen.check_unseen(text, interval), kitchen.tidy_sightings(int) to %I', role);
  execute format('grant select, delete on kitchen.alarm_posts to %I', role);

  -- The page on which owners and managers set stations up. Whether somebody is one, a node asks kitchen.users.
  execute format('grant insert (restaurant_id, name, kind, position), update (name, kind, position), delete on kitchen.stations to %I', role);
  execute format('grant insert (restaurant_id, station_id, menu_item_id, category, order_type), delete on kitchen.routes to %I', role);
  execute format('grant select (id, restaurant_id, name, category) on menu_items to %I', role);

  -- For `kitchen token`, which finds users by their username.
  execute format('grant select (id, restaurant_id, username, name, role, is_active) on users to %I', role);

  -- For `kitchen doctor`: which migrations have run.
  if to_regclass('kitchen.goose_db_version') is not null then
    execute format('grant select on kitchen.goose_db_version to %I', role);
  end if;

  -- What everybody may do, this role may do, too. PostgreSQL 14 lets everybody make tables in public.
  if exists (select from pg_catalog.pg_namespace n, aclexplode(n.nspacl) a
              where n.nspname = 'public' and a.grantee = 0 and a.privilege_type = 'CREATE') then
    raise notice 'every role may make tables in the schema public; unless other programs need that: revoke create on schema public from public';
  end if;
end
$$;
