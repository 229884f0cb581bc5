package attach

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// saveRows saves the kitchen's own rows while another mapping replaces the installed one, and restoreRows restores them. Otherwise versions would
// begin anew, and settings be lost. Only columns that both mappings have are kept, as text, because keys may have another type. Rights of
// other roles on the schema are kept, too, because without them a node could not read it.
func saveRows(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		do $$
		declare
		  t text;
		begin
		  for t in select c.relname from pg_catalog.pg_class c
		            where c.relnamespace = 'kitchen'::regnamespace and c.relkind = 'r' and c.relname not in ('alarm_posts', 'unseen_check', 'mapping', 'screens', 'trigger_errors', 'watched')
		              and c.relname not like 'goose%'
		  loop
		    execute format('create temporary table %I on commit drop as select to_jsonb(t) as row from kitchen.%I t', 'kitchen_stash_' || t, t);
		  end loop;
		  create temporary table kitchen_granted on commit drop as
		  select format('grant %s on %s to %s%s', a.privilege_type, o.what, quote_ident(r.rolname),
		                case when a.is_grantable then ' with grant option' else '' end) as sql
		    from (select 'schema kitchen' as what, n.nspacl as acl, n.nspowner as owner from pg_catalog.pg_namespace n where n.nspname = 'kitchen'
		          union all
		          select format('kitchen.%I', c.relname), c.relacl, c.relowner from pg_catalog.pg_class c
		           where c.relnamespace = 'kitchen'::regnamespace and c.relkind in ('r', 'v') and c.relname not like 'goose%'
		          union all
		          select format('function kitchen.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), p.proacl, p.proowner
		            from pg_catalog.pg_proc p where p.pronamespace = 'kitchen'::regnamespace) o
		   cross join lateral aclexplode(o.acl) a join pg_catalog.pg_roles r on r.oid = a.grantee and r.oid <> o.owner;
		end $$`)
	if err != nil {
		return fmt.Errorf("put the kitchen's own rows aside: %w", err)
	}
	return nil
}

func restoreRows(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		do $$
		declare
		  t text;
		begin
		  for t in select sql from kitchen_granted loop
		    begin
		      execute t;
		    exception when undefined_table or undefined_function or undefined_object or invalid_schema_name then
		      null; -- this mapping has no such thing
		    end;
		  end loop;
		  drop table kitchen_granted;
		  perform set_config('kitchen.own_change', 'on', true); -- states of lines are put back, and nobody changes them
		  delete from kitchen.order_changes;
		  for t in select c.relname from pg_catalog.pg_class c
		            where c.relnamespace = 'kitchen'::regnamespace and c.relkind = 'r'
		              and to_regclass('pg_temp.' || quote_ident('kitchen_stash_' || c.relname)) is not null
		            order by c.oid -- stations before the routes to them
		  loop
		    execute format('insert into kitchen.%1$I select r.* from %2$I s, jsonb_populate_record(null::kitchen.%1$I, s.row) r on conflict do nothing',
		                   t, 'kitchen_stash_' || t);
		    execute format('drop table %I', 'kitchen_stash_' || t);
		  end loop;
		  insert into kitchen.order_changes (order_id, restaurant_id, version, xact)
		  select o.id, o.restaurant_id, 0, 0 from kitchen.orders o
		   where o.open and not exists (select from kitchen.order_changes c where c.order_id = o.id);
		  perform setval(pg_get_serial_sequence('kitchen.order_changes', 'seq'), 1 + coalesce((select max(seq) from kitchen.order_changes), 0));
		  perform setval(pg_get_serial_sequence('kitchen.line_changes', 'seq'), 1 + coalesce((select max(seq) from kitchen.line_changes), 0));
		end $$`)
	if err != nil {
		return fmt.Errorf("put the kitchen's own rows back: %w", err)
	}
	return nil
}
