package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// attachedTriggers is [DB.CheckTriggers] on another program's tables, where kitchen attach has listed what it installed. It returns nil
// where the tables are the project's own. A table counts by the views that read it: if only kitchen.users does, orders are still
// announced, and deactivated users are found without a trigger. A renamed column is found before a change of it is lost.
func (db *DB) attachedTriggers(ctx context.Context) ([]TriggerFault, error) {
	var attached, gone bool
	if err := db.pool.QueryRow(ctx, `select to_regclass('kitchen.watched') is not null, to_regclass('kitchen.orders') is null`).Scan(&attached, &gone); err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	if gone {
		return []TriggerFault{{"the schema kitchen is gone: no mapping is attached, and this program's own tables are not migrated", true}}, nil
	}
	if !attached {
		return nil, nil
	}
	rows, err := db.pool.Query(ctx, `
		with recursive reads (root, oid) as ( -- what the mapping's views read, through views of the host, down to partitions
		  select c.relname::text, c.oid from pg_catalog.pg_class c
		   where c.relnamespace = to_regnamespace('kitchen') and c.relname in ('restaurants', 'users', 'orders', 'lines', 'modifiers')
		  union
		  select r.root, below.oid
		    from reads r cross join lateral (
		      select d.refobjid from pg_catalog.pg_rewrite w
		        join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
		             and d.refclassid = 'pg_catalog.pg_class'::regclass
		       where w.ev_class = r.oid
		      union
		      select i.inhrelid from pg_catalog.pg_inherits i where i.inhparent = r.oid) below (oid)
		)
		select w.table_name || '.' || w.trigger_name || case when t.oid is null then ' is missing' when t.tgenabled = 'D' then ' is disabled'
		                                                     when t.tgenabled = 'R' then ' is disabled, but for replicas'
		                                                     else ' is not enabled always' end,
		       t.tgenabled is distinct from 'O'
		       and (select array_agg(r.root) from reads r where r.oid = c.oid) is distinct from array['users']
		  from kitchen.watched w
		  left join pg_catalog.pg_namespace n on n.nspname = w.table_schema
		  left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
		  left join pg_catalog.pg_trigger t on t.tgrelid = c.oid and t.tgname = w.trigger_name
		 where t.oid is null or t.tgenabled <> 'A'
		union all
		select distinct w.table_name || ' has no column ' || k.name || ' any more', (select array_agg(r.root) from reads r where r.oid = c.oid) is distinct from array['users']
		  from kitchen.watched w cross join lateral unnest(w.columns) k (name)
		  join pg_catalog.pg_namespace n on n.nspname = w.table_schema
		  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
		 where not exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = k.name and not a.attisdropped)`)
	if err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	wrong, err := pgx.CollectRows(rows, pgx.RowToStructByPos[TriggerFault])
	if err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	return append([]TriggerFault{}, wrong...), nil
}
