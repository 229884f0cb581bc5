package attach

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// Check proves a mapping against a database, in a transaction that is rolled back. It makes triggers there for a moment: writers
// of the host's tables wait meanwhile, for some seconds.
func Check(ctx context.Context, conn *pgx.Conn, m *Mapping) (report Report, err error) {
	err = patiently(ctx, conn, func() error {
		report = nil
		return RolledBack(ctx, conn, func(tx pgx.Tx) error { return check(ctx, tx, m, &report) })
	})
	var r *RefusedError
	if errors.As(err, &r) {
		means := r.Means
		if r.Place != "" {
			means = r.Place + ": " + means
		}
		report = append(report, Finding{"mapping", Wrong, means, r.Mend})
		err = nil
	}
	return report, err
}

func check(ctx context.Context, tx pgx.Tx, m *Mapping, report *Report) error {
	if err := prepare(ctx, tx); err != nil {
		return err
	}
	d, err := m.read(ctx, tx)
	if err != nil {
		return err
	}
	report.add("views", OK, "", "all views are there, with the columns that a kitchen needs; keys: restaurant %s, order %s, line %s, user %s",
		d.keys.Restaurant, d.keys.Order, d.keys.Line, d.keys.User)
	for _, s := range d.sources {
		report.add("watched", OK, "", "%s, of which these columns wake a kitchen: %s", s.label(), strings.Join(namesIn(s.columns(s.wakes())), ", "))
	}
	if err := checkFunctions(ctx, tx, report); err != nil {
		return err
	}
	if d.setStatus != "" {
		if err := errors.Join(checkPath(ctx, tx, report), checkOwners(ctx, tx, d.sources, report)); err != nil {
			return err
		}
	}
	readable, err := checkRows(ctx, tx, m, d, report)
	if err != nil || !readable {
		return err
	}
	if err := errors.Join(checkUnique(ctx, tx, m, report), checkRules(ctx, tx, m, d, report)); err != nil {
		return err
	}
	if err := checkPlans(ctx, tx, d, report); err != nil {
		return err
	}
	if report.Worst() == Wrong {
		return nil // changes are not tried while the views themselves are wrong
	}
	return prove(ctx, tx, m, d, holdAtMost, report)
}

func namesIn(columns []column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// checkFunctions warns of functions, also in views of the host, because pg_depend does not show which tables they read.
func checkFunctions(ctx context.Context, tx pgx.Tx, report *Report) error {
	rows, err := tx.Query(ctx, `
		with recursive v (oid) as (
		  select c.oid from pg_catalog.pg_class c where c.relnamespace = 'kitchen'::regnamespace and c.relkind = 'v'
		  union
		  select d.refobjid from v join pg_catalog.pg_rewrite w on w.ev_class = v.oid
		    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
		    join pg_catalog.pg_class c on c.oid = d.refobjid and c.relkind = 'v'
		)
		select distinct v.oid::regclass::text, p.oid::regprocedure::text
		  from v join pg_catalog.pg_rewrite w on w.ev_class = v.oid
		  join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_catalog.pg_proc'::regclass
		  join pg_catalog.pg_proc p on p.oid = d.refobjid and p.provolatile <> 'i'
		 where not exists (select from pg_catalog.pg_depend e where e.classid = 'pg_catalog.pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
		 order by 1, 2`)
	if err != nil {
		return fmt.Errorf("look for functions in the views: %w", err)
	}
	var view, function string
	_, err = pgx.ForEachRow(rows, []any{&view, &function}, func() error {
		report.add("watched", Warning, "write its query into the view, or declare it immutable if it reads no table",
			"%s calls %s: what tables that reads cannot be seen, and their changes wake nobody", view, function)
		return nil
	})
	return err
}

// checkUnique warns of an id without a unique index: two restaurants may give the same id later, though no two rows have it today. A uuid
// counts as unique, and so does the value of a sequence.
func checkUnique(ctx context.Context, tx pgx.Tx, m *Mapping, report *Report) error {
	for _, view := range []string{"orders", "lines"} {
		table, col, found, err := origin(ctx, tx, view, "id")
		if err != nil {
			return fmt.Errorf("find the column of kitchen.%s.id: %w", view, err)
		}
		if !found {
			continue
		}
		var name string
		err = tx.QueryRow(ctx, `
			select format('%s of %s', a.attname, $1::regclass) from pg_catalog.pg_attribute a
			 where a.attrelid = $1 and a.attname = $2 and a.atttypid <> 'uuid'::regtype and a.attidentity = ''
			   and not exists (select from pg_catalog.pg_attrdef f where f.adrelid = a.attrelid and f.adnum = a.attnum and pg_get_expr(f.adbin, f.adrelid) ~ 'nextval|uuid')
			   and not exists (select from pg_catalog.pg_index i where i.indrelid = a.attrelid and i.indisunique and i.indisvalid and i.indpred is null
			                    and (select array_agg(k.n) from unnest(i.indkey::int2[]) with ordinality k (n, o) where k.o <= i.indnkeyatts
			                            and not exists (select from pg_catalog.pg_partition_tree(i.indrelid) r join pg_catalog.pg_partitioned_table p on p.partrelid = r.relid
			                                             join pg_catalog.pg_attribute c on c.attrelid = i.indrelid and c.attnum = k.n
			                                             join pg_catalog.pg_attribute b on b.attrelid = p.partrelid and b.attname = c.attname and b.attnum = any (p.partattrs::int2[]))) = array[a.attnum])`,
			table, col).Scan(&name)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at the keys behind kitchen.%s: %w", view, err)
		}
		report.add("keys", Warning, "where it counts for each restaurant, put them together wherever it stands: restaurant_id || '-' || id; where it does not, a unique index says so",
			"%s: no unique index of the host says that %s is unique: two of kitchen.%s may have the same", m.placeOf(view), name, view)
	}
	return nil
}

// checkRules compares rules with the views, row by row, where a view's id is a column of the rule's own table.
func checkRules(ctx context.Context, tx pgx.Tx, m *Mapping, d *model, report *Report) error {
	good := map[string]bool{}
	for _, v := range []struct{ view, order string }{
		{"orders", "v.id"}, {"lines", "v.order_id"}, {"modifiers", "(select l.order_id from kitchen.lines l where l.id = v.line_id limit 1)"},
	} {
		table, key, found, err := origin(ctx, tx, v.view, "id")
		if err != nil {
			return fmt.Errorf("find the table of kitchen.%s: %w", v.view, err)
		}
		for _, s := range d.sources {
			if !found || s.oid != table {
				continue
			}
			for _, r := range s.rules {
				if !r.orders || r.array {
					continue
				}
				var n int64
				var row, gives, want *string
				err := tx.QueryRow(ctx, fmt.Sprintf(`
					select count(*) over (), v.id::text, w.k::text, %[1]s::text
					  from (select * from kitchen.%[2]s limit 10000) v
					  join lateral (select (%[3]s) as k from (select * from %[4]s t where t.%[5]s = v.id) as %[6]s) w on true
					 where w.k::text is distinct from %[1]s::text and %[1]s is not null limit 1`,
					v.order, v.view, r.sql, s.table(), sqltext.Quote(key), sqltext.Quote(s.name))).Scan(&n, &row, &gives, &want)
				if errors.Is(err, pgx.ErrNoRows) {
					if said := s.label() + ": " + r.text; !good[said] { // one table may be behind lines and modifiers
						good[said] = true
						report.add("watch", OK, "", "%s is the order of each of its rows", said)
					}
					continue
				}
				if err != nil {
					return refused(err, m.placeOfWatch(s.label()), "the rule of "+s.label())
				}
				report.add("watch", Wrong, "give the order that kitchen."+v.view+" gives",
					"%s: the rule of %s names the wrong order for %d rows: for %s it says %s, and kitchen.%s says %s",
					m.placeOfWatch(s.label()), s.label(), n, *row, sqltext.OrNull(gives), v.view, sqltext.OrNull(want))
			}
		}
	}
	return nil
}
