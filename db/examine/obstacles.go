package examine

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
)

// Obstacle is a reason why orders cannot be written or seen although the triggers are in place, and the statement that removes it.
type Obstacle struct{ Means, Mend string }

// Obstacles looks for reasons why writing an order would fail, or not be announced: rules that write something else instead, triggers that
// change a row after ours, and rights that the owners of our functions and views lack on the tables that these read and write. functions are names; which tables they use is read from their texts.
func (e *Examination) Obstacles(ctx context.Context, functions []string) ([]Obstacle, error) {
	rows, err := e.Pool().Query(ctx, `
		with recursive tables as (
		  select c.oid, c.oid::regclass::text as name, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as full_name, c.relkind,
		         c.relowner, c.relrowsecurity, c.relforcerowsecurity
		    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		   where c.relkind in ('r', 'p', 'v', 'S') and (n.nspname = 'kitchen' or n.nspname = 'public' and c.relname = any($1) or c.oid in (to_regclass('public.order_items_position_seq'), to_regclass('public.order_item_modifiers_position_seq')))
		), functions as materialized ( -- each text is put together once
		  select f as called, p.oid, p.oid::regprocedure::text as name, p.proowner, p.prosecdef, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) as source
		    from unnest($2::text[]) f join pg_catalog.pg_proc p on p.oid = to_regproc(f)
		), runs (role, oid, name, source) as ( -- which functions run with whose rights: what a function calls runs as its caller does
		  select f.proowner, f.oid, f.name, f.source from functions f where f.prosecdef
		  union
		  select r.role, f.oid, f.name, f.source
		    from runs r join functions f on not f.prosecdef and position(f.called || '(' in r.source) > 0
		), needs (role, who, relation, privilege) as (
		  select r.role, 'the function ' || r.name, t.oid, w.privilege
		    from runs r
		    -- One expression finds what a text touches: one for each pair of function and table takes 0.4 s to compile.
		    cross join lateral regexp_matches(r.source,
		      '\m(from|join|insert\s+into|update|delete\s+from)\s+((?:\w+|"(?:[^"]|"")+")\.(?:\w+|"(?:[^"]|"")+"))', 'gi') touched
		    join tables t on t.relkind <> 'S' and lower(t.full_name) = lower(touched[2])
		    join (values ('select', '(from|join)$'), ('insert', '^insert'), ('update', '^update'), ('delete', '^delete')) w (privilege, how)
		      on touched[1] ~* w.how
		  union
		  select t.relowner, 'the view ' || t.name, d.refobjid, 'select'
		    from tables t join pg_catalog.pg_rewrite v on v.ev_class = t.oid
		    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = v.oid
		                               and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> t.oid
		   where t.relkind = 'v'
		)
		select 'the rule ' || v.rulename || ' on ' || t.name || ' does something else instead of writing', format('drop rule %I on %s', v.rulename, t.name)
		  from tables t join pg_catalog.pg_rewrite v on v.ev_class = t.oid
		 where t.relkind <> 'v' and v.is_instead and v.ev_enabled <> 'D'
		union all
		-- Triggers run in the order of their names' bytes; ours, whose names begin with ~, come after those of ASCII names.
		select 'the trigger ' || g.tgname || ' on ' || t.name || ' runs after the kitchen''s, and what it changes may be announced to nobody',
		       format('alter trigger %I on %s rename to %I', g.tgname, t.name, 'a_' || g.tgname)
		  from tables t join pg_catalog.pg_trigger g on g.tgrelid = t.oid
		 where g.tgtype & 3 = 3 and g.tgtype & 20 <> 0 and g.tgenabled <> 'D' and not exists (select from functions f where f.oid = g.tgfoid) -- before a row is written
		   and g.tgname collate "C" > (select max(o.tgname collate "C") from pg_catalog.pg_trigger o join functions f on f.oid = o.tgfoid
		                                where o.tgrelid = t.oid and o.tgtype & 3 = 3)
		union all
		select min(n.who) || ' runs as ' || o.rolname || ', who may not ' || n.privilege || case n.privilege when 'select' then ' from ' else ' ' end || n.relation::regclass,
		       format('grant %s on %s to %I', n.privilege, n.relation::regclass, o.rolname)
		  from needs n join pg_catalog.pg_roles o on o.oid = n.role
		 where not has_table_privilege(o.oid, n.relation, n.privilege) and (n.privilege = 'delete' or not has_any_column_privilege(o.oid, n.relation, n.privilege))
		 group by o.rolname, n.privilege, n.relation
		union all
		select distinct 'row-level security hides rows of ' || t.name || ' from ' || o.rolname || ', whose functions and views need all',
		       case when pg_has_role(o.oid, t.relowner, 'usage') then 'alter table ' || t.name || ' no force row level security'
		            else format('alter role %I bypassrls', o.rolname) end
		  from needs n join tables t on t.oid = n.relation join pg_catalog.pg_roles o on o.oid = n.role
		 where t.relrowsecurity and not o.rolsuper and not o.rolbypassrls and (t.relforcerowsecurity or not pg_has_role(o.oid, t.relowner, 'usage'))
		union all
		select distinct o.rolname || ', as whom the triggers run, may not use the schema ' || s.name, format('grant usage on schema %I to %I', s.name, o.rolname)
		  from runs r join pg_catalog.pg_roles o on o.oid = r.role, (values ('public'), ('kitchen')) s (name)
		 where not has_schema_privilege(o.oid, to_regnamespace(s.name)::oid, 'usage')
		union all
		select distinct o.rolname || ', as whom the triggers run, may not call ' || p.oid::regprocedure,
		       format('grant execute on function %s to %I', p.oid::regprocedure, o.rolname)
		  from runs r join pg_catalog.pg_roles o on o.oid = r.role
		 cross join lateral (select r.oid union select to_regprocedure('pg_catalog.pg_notify(text, text)') where position('pg_notify(' in r.source) > 0) called (oid)
		  join pg_catalog.pg_proc p on p.oid = called.oid
		 where not p.prorettype = 'trigger'::regtype and not has_function_privilege(o.oid, p.oid, 'execute')
		union all
		select distinct o.rolname || ', as whom the triggers run, may not use the sequence ' || t.name, format('grant usage on sequence %s to %I', t.name, o.rolname)
		  from runs r join pg_catalog.pg_roles o on o.oid = r.role join tables t on t.relkind = 'S' and position(t.full_name in r.source) > 0
		 where not has_sequence_privilege(o.oid, t.oid, 'usage') and not has_sequence_privilege(o.oid, t.oid, 'update')`,
		db.Tables(), functions)
	if err != nil {
		return nil, fmt.Errorf("look for what keeps orders from being written: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Obstacle])
	if err != nil {
		return nil, fmt.Errorf("look for what keeps orders from being written: %w", err)
	}
	return all, nil
}
