package migrations_test

import "testing"

// The triggers compare exactly the columns that the views read. A column that a view gains and its trigger does not know would
// reach displays at the periodic check only, and one that only the trigger knows would wake kitchens for nothing.
func TestTriggersCompareWhatTheViewsRead(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, c := range []struct{ view, table, function string }{
		{"kitchen.order_rows", "public.orders", "kitchen.watch_changed_orders"}, // one of the ways is complete_changed_order's
		{"kitchen.lines", "public.order_items", "kitchen.watch_changed_lines"},
		{"kitchen.modifiers", "public.order_item_modifiers", "kitchen.watch_changed_modifiers"},
	} {
		// The id pairs the rows, and the restaurant tells a line that only follows its order; neither is a comparison of content. What an
		// order's row says of its changes is no content either, and whether it is open follows from its status.
		got := h.one(`
			with read as (
			  select distinct a.attname::text as name
			    from pg_depend d join pg_rewrite r on r.oid = d.objid join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
			   where d.classid = 'pg_rewrite'::regclass and r.ev_class = $1::text::regclass and d.refobjid = $2::text::regclass and d.refobjsubid > 0 and a.attname not like 'kitchen\_%'
			), compared as (
			  select m[1] as alias, m[2] as name, count(*) as times
			    from pg_proc p, regexp_matches(
			         p.prosrc || case $3::text when 'kitchen.watch_changed_orders' then
			           (select replace(replace(substring(c.prosrc from 'what := ''moved'';(.*?)return NEW'), 'NEW.', 'n.'), 'OLD.', 'o.')
			              from pg_proc c where c.oid = 'complete_changed_order'::regproc) else '' end, '\m([on])\.(\w+)', 'g') m where p.oid = $3::text::regproc and m[2] not like 'kitchen\_%' group by 1, 2
			), sides as (
			  select r.name, count(distinct c.alias) as sides, min(c.times) >= 2 as twice from read r left join compared c on c.name = r.name group by r.name
			)
			select coalesce(string_agg(x.what, ', ' order by x.what), '')
			  from (select s.name || ' is read and not compared on both ways' as what from sides s
			         where s.name not in ('id', 'restaurant_id') and not (s.sides = 2 and s.twice)
			        union all
			        select distinct c.name || ' is compared and not read' from compared c
			         where c.name not in ('id', 'restaurant_id') and c.name not in (select r.name from read r)
			        union all
			        select 'the view reads nothing' where not exists (select from read)) x`, c.view, c.table, c.function)
		if got != "" {
			t.Errorf("%s and %s: %s", c.view, c.function, got)
		}
	}
}
