package db

import (
	"context"
	"errors"
	"fmt"
)

// RightsFacts is what the role of a connection may do with the tables.
type RightsFacts struct {
	Superuser bool
	Owner     bool     // of orders, or may become it: can disable triggers and drop tables
	Missing   []string // statements that would give it what it lacks
	Insert    bool     // it may insert orders, which a node need not
}

// Rights asks what the role may do, of what a node needs: to read what displays show, to move an order on, to notify.
func (e *Examination) Rights(ctx context.Context) (f RightsFacts, err error) {
	err = e.pool.QueryRow(ctx, `
		select r.rolsuper,
		       exists (select from pg_catalog.pg_class c
		                where c.oid = to_regclass('public.orders') and pg_has_role(c.relowner, 'usage')),
		       coalesce(has_table_privilege(to_regclass('public.orders'), 'insert'), false),
		       array(
		         select 'grant usage on schema public, kitchen to ' || me.name
		          where not has_schema_privilege('public', 'usage') or not has_schema_privilege('kitchen', 'usage')
		         union all
		         select 'grant select on ' || string_agg('kitchen.' || t.name, ', ' order by t.at) || ' to ' || me.name
		           from unnest(array['restaurants', 'users', 'orders', 'lines', 'modifiers', 'order_changes', 'settings'])
		                with ordinality as t(name, at)
		          where not has_table_privilege(to_regclass('kitchen.' || t.name), 'select')
		         having count(*) > 0
		         union all
		         select 'grant select (id), update (status) on orders to ' || me.name
		          where not has_column_privilege(to_regclass('public.orders'), 'status', 'update')
		             or not has_column_privilege(to_regclass('public.orders'), 'id', 'select')
		         union all
		         select 'grant execute on function ' || p.oid::regprocedure || ' to ' || me.name
		           from pg_catalog.pg_proc p
		          where p.pronamespace = to_regnamespace('kitchen') and p.proname in ('set_status', 'change_status', 'tidy_order_changes')
		            and not has_function_privilege(p.oid, 'execute')
		         union all
		         select 'grant execute on function pg_notify(text, text) to ' || me.name
		          where not has_function_privilege('pg_catalog.pg_notify(text, text)', 'execute'))
		  from pg_catalog.pg_roles r, (select quote_ident(current_user) as name) me
		 where r.rolname = current_user`).Scan(&f.Superuser, &f.Owner, &f.Insert, &f.Missing)
	if err != nil {
		return f, fmt.Errorf("ask for this role's rights: %w", err)
	}
	return f, nil
}

// TryReads makes every read that a node makes, of a restaurant that does not exist. What row-level security would cut
// short fails.
func (e *Examination) TryReads(ctx context.Context) error {
	const nobody = "00000000-0000-0000-0000-000000000000"
	none := []RestaurantID{nobody}
	if _, err := e.Queues(ctx, none); err != nil {
		return err
	}
	if _, err := e.Fingerprints(ctx, none); err != nil {
		return err
	}
	if _, err := e.Recent(ctx, nobody); err != nil {
		return err
	}
	if _, err := e.User(ctx, nobody); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}
