package examine

import (
	"context"
	"errors"
	"fmt"

	"kitchen/db/order"
)

// RightsFacts is what a connection's role may do with the tables.
type RightsFacts struct {
	Superuser bool
	Owner     bool     // it owns a watched table, or may become the owner, and so can disable triggers and drop tables
	Missing   []string // statements that would give it what it lacks
	Insert    bool     // it may insert orders into the project's own tables, which a node need not
}

// Rights finds out which of the rights that a node needs the role has: to read what displays show, to move an order on, to notify.
func (e *Examination) Rights(ctx context.Context) (f RightsFacts, err error) {
	err = e.Pool().QueryRow(ctx, `
		select r.rolsuper,
		       exists (select from pg_catalog.pg_class c
		                where pg_has_role(c.relowner, 'usage')
		                  and (c.oid = ours.orders and not m.attached
		                       or c.oid in (select t.tgrelid from pg_catalog.pg_trigger t where t.tgname like 'kitchen\_watch\_%'))),
		       not m.attached and coalesce(has_table_privilege(ours.orders, 'insert'), false),
		       array(
		         select 'grant usage on schema public, kitchen to ' || me.name
		          where not has_schema_privilege(to_regnamespace('public')::oid, 'usage') or not has_schema_privilege('kitchen', 'usage')
		         union all
		         select 'grant select on ' || string_agg('kitchen.' || t.name, ', ' order by t.at) || ' to ' || me.name
		           from pg_catalog.pg_class c, unnest(array['restaurants', 'users', 'orders', 'order_rows', 'lines', 'modifiers', 'order_changes', 'settings',
		                             'order_versions', 'trigger_errors', 'watched', 'stations', 'routes', 'line_changes', 'line_modifiers', 'screens', 'devices', 'pairings', 'sightings', 'alarms'])
		                with ordinality as t(name, at)
		          where c.relnamespace = to_regnamespace('kitchen') and c.relname = t.name and not has_table_privilege(c.oid, 'select')
		         having count(*) > 0
		         union all
		         select 'grant select (id), update (status) on orders to ' || me.name
		          where not m.attached
		            and (not has_column_privilege(ours.orders, 'status', 'update')
		                 or not has_column_privilege(ours.orders, 'id', 'select'))
		         union all
		         select 'grant insert on kitchen.line_changes to ' || me.name
		           from pg_catalog.pg_class c
		          where c.relnamespace = to_regnamespace('kitchen') and c.relname = 'line_changes' and not has_table_privilege(c.oid, 'insert')
		         union all
		         select 'grant insert, update, delete on kitchen.screens to ' || me.name
		           from pg_catalog.pg_class c
		          where c.relnamespace = to_regnamespace('kitchen') and c.relname = 'screens'
		            and not (has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))
		         union all
		         select 'grant select, delete on kitchen.alarm_posts to ' || me.name
		           from pg_catalog.pg_class c
		          where c.relnamespace = to_regnamespace('kitchen') and c.relname = 'alarm_posts'
		            and not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'delete'))
		         union all
		         select 'grant select (id, order_id, course, held), update (held) on order_items to ' || me.name
		          where not m.attached and not has_column_privilege(ours.order_items, 'held', 'update')
		         union all
		         select 'grant execute on function ' || p.oid::regprocedure || ' to ' || me.name
		           from pg_catalog.pg_proc p
		          where p.pronamespace = to_regnamespace('kitchen') and p.proname in ('set_status', 'change_status', 'tidy_order_changes', 'route_line', 'line_stations', 'waiting',
		                 'derived_status', 'set_derived_status', 'set_lines', 'fire', 'fire_course', 'tidy_line_changes', 'pair', 'ask_to_pair', 'see_devices', 'note_sightings', 'check_unseen', 'tidy_sightings')
		            and not has_function_privilege(p.oid, 'execute')
		         union all
		         select 'grant execute on function pg_notify(text, text) to ' || me.name
		          where not has_function_privilege('pg_catalog.pg_notify(text, text)', 'execute'))
		  from pg_catalog.pg_roles r, (select quote_ident(current_user) as name) me,
		       (select exists (select from pg_catalog.pg_class where relname = 'mapping' and relnamespace = to_regnamespace('kitchen')) as attached) m,
       (select max(c.oid) filter (where c.relname = 'orders') as orders, max(c.oid) filter (where c.relname = 'order_items') as order_items
          from pg_catalog.pg_class c where c.relnamespace = to_regnamespace('public')) ours -- to_regclass fails without usage of the schema
		 where r.rolname = current_user`).Scan(&f.Superuser, &f.Owner, &f.Insert, &f.Missing)
	if err != nil {
		return f, fmt.Errorf("ask for this role's rights: %w", err)
	}
	return f, nil
}

// TryReads makes every read of a node, for a restaurant that does not exist. Reads from which row-level security would remove rows fail.
func (e *Examination) TryReads(ctx context.Context) error {
	var nobody, stranger string // unused ids of the keys' types, because ids of other types are not looked up
	err := e.Pool().QueryRow(ctx, `
		select (array_agg(k.id) filter (where t.typname = 'restaurant_key'))[1], (array_agg(k.id) filter (where t.typname = 'user_key'))[1]
		  from pg_catalog.pg_type t,
		       lateral (select case t.typbasetype when 'uuid'::regtype then '00000000-0000-0000-0000-000000000000'
		                                          when 'text'::regtype then '-' when 'varchar'::regtype then '-' else '-1' end as id) k
		 where t.typnamespace = to_regnamespace('kitchen') and t.typtype = 'd'`).Scan(&nobody, &stranger)
	if err != nil {
		return fmt.Errorf("ask for the types of keys: %w", err)
	}
	none := []order.RestaurantID{order.RestaurantID(nobody)}
	if _, err := e.Queues(ctx, none); err != nil {
		return err
	}
	if _, err := e.Fingerprints(ctx, none); err != nil {
		return err
	}
	if _, err := e.Recent(ctx, none[0]); err != nil {
		return err
	}
	if _, err := e.User(ctx, order.UserID(stranger)); err != nil && !errors.Is(err, order.ErrNotFound) {
		return err
	}
	return nil
}
