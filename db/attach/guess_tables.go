package attach

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// table is what the catalog says of a table of the host.
type table struct {
	Schema, Name string
	Columns      []string
	Types        []string
	Rows         float64
	refs         []ref
}

// ref is a foreign key of one column.
type ref struct {
	col   string
	to    *table
	toCol string
}

func (t *table) sql() string {
	name := quoteIf(t.Name)
	if t.Schema != "public" {
		name = quoteIf(t.Schema) + "." + name
	}
	return name
}

// quoteIf quotes a name where it needs it, reserved words included.
func quoteIf(name string) string {
	if plainName.MatchString(name) && !slices.Contains([]string{"order", "user", "table", "group", "select", "end", "check", "column", "default", "references", "to", "all", "primary"}, name) {
		return name
	}
	return quote(name)
}

// column is the first of the columns with one of these names, underscores and capitals aside, or nothing.
func (t *table) column(names ...string) string {
	if t == nil {
		return ""
	}
	for _, n := range names {
		for _, c := range t.Columns {
			if flat(c) == flat(n) {
				return c
			}
		}
	}
	return ""
}

func (t *table) typeOf(col string) string {
	if i := slices.Index(t.Columns, col); i >= 0 {
		return t.Types[i]
	}
	return ""
}

func flat(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }

// refTo is the foreign key to a table, or one without a constraint by the name of its column; nil where there is none.
func (t *table) refTo(to *table) *ref {
	if t == nil || to == nil {
		return nil
	}
	for i := range t.refs {
		if t.refs[i].to == to {
			return &t.refs[i]
		}
	}
	if c := t.column(singular(to.Name)+"_id", singular(to.Name)); c != "" && to.column("id") != "" {
		return &ref{c, to, to.column("id")}
	}
	return nil
}

// singular takes an app's name and a plural off: orders_order, orders and order are order.
func singular(name string) string {
	if i := strings.LastIndex(name, "_"); i >= 0 {
		name = name[i+1:]
	}
	return strings.TrimSuffix(strings.ToLower(name), "s")
}

func readTables(ctx context.Context, tx pgx.Tx) ([]*table, error) {
	rows, err := tx.Query(ctx, `
		select n.nspname::text, c.relname::text, array_agg(a.attname::text order by a.attnum), array_agg(format_type(a.atttypid, null) order by a.attnum), c.reltuples::float8
		  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		 where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema', 'kitchen') and n.nspname not like 'pg\_%'
		 group by n.nspname, c.relname, c.reltuples order by n.nspname, c.relname`)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*table, error) {
		t := &table{}
		return t, row.Scan(&t.Schema, &t.Name, &t.Columns, &t.Types, &t.Rows)
	})
	if err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, `
		select n.nspname::text, c.relname::text, a.attname::text, m.nspname::text, r.relname::text, b.attname::text
		  from pg_catalog.pg_constraint f join pg_catalog.pg_class c on c.oid = f.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		  join pg_catalog.pg_class r on r.oid = f.confrelid join pg_catalog.pg_namespace m on m.oid = r.relnamespace
		  join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1] join pg_catalog.pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[1]
		 where f.contype = 'f' and cardinality(f.conkey) = 1 order by 1, 2, a.attnum`)
	if err != nil {
		return nil, err
	}
	find := func(schema, name string) *table {
		for _, t := range all {
			if t.Schema == schema && t.Name == name {
				return t
			}
		}
		return nil
	}
	var from, to [3]string
	_, err = pgx.ForEachRow(rows, []any{&from[0], &from[1], &from[2], &to[0], &to[1], &to[2]}, func() error {
		if t, target := find(from[0], from[1]), find(to[0], to[1]); t != nil && target != nil {
			t.refs = append(t.refs, ref{from[2], target, to[2]})
		}
		return nil
	})
	return all, err
}
