package guess

import (
	"context"
	"kitchen/db/attach/sqltext"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// table is what the catalog says of a table of the host.
type table struct {
	Schema, Name string
	Columns      []string
	Types        []string
	Key          string // the primary key's column, or what looks like one
	refs         []ref
	namesakes    []*table // others of which the name ends alike, as order_item and cart_item do
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

// reserved are the words that PostgreSQL does not take for a name without quotes.
var reserved = strings.Fields(`all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
	concurrently constraint create cross current_date current_time current_timestamp current_user default deferrable desc distinct do else end except
	false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
	localtime natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some
	symmetric table tablesample then to trailing true union unique user using variadic verbose when where window with`)

// quoteIf quotes a name where it needs it.
func quoteIf(name string) string {
	if sqltext.IsPlain(name) && !slices.Contains(reserved, name) {
		return name
	}
	return sqltext.Quote(name)
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

// columnLike is the first column, by the order of the words, that has one of them in its name and is of a type that fits.
func (t *table) columnLike(fits func(typ string) bool, words ...string) string {
	if t == nil {
		return ""
	}
	for _, w := range words {
		for i, c := range t.Columns {
			if strings.Contains(flat(c), flat(w)) && fits(t.Types[i]) {
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

func isTime(typ string) bool   { return strings.HasPrefix(typ, "timestamp") }
func isNumber(typ string) bool { return sqltext.Number.Fits(typ) }

// nameOf is the column with the words that a person reads: of a line, a dish, an option.
func (t *table) nameOf() string {
	if c := t.column("name", "title", "item_name", "product_name", "full_product_name", "label"); c != "" && sqltext.Word.Fits(t.typeOf(c)) {
		return c
	}
	if t == nil {
		return ""
	}
	for i, c := range t.Columns {
		if strings.Contains(flat(c), "name") && !has(c, "group", "first", "last", "user", "customer", "attendee", "guest", "variant", "file", "host", "category") && sqltext.Word.Fits(t.Types[i]) {
			return c
		}
	}
	return t.columnLike(sqltext.Word.Fits, "title", "label", "description", "value")
}

func flat(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }

func has(name string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(flat(name), w) })
}

// declared is the foreign key to a table, or nil.
func (t *table) declared(to *table) *ref {
	if t == nil || to == nil {
		return nil
	}
	for i := range t.refs {
		if t.refs[i].to == to {
			return &t.refs[i]
		}
	}
	return nil
}

// refTo is the foreign key to a table, or a column that has the name of one; nil where there is none.
func (t *table) refTo(to *table) *ref {
	if r := t.declared(to); r != nil || t == nil || to == nil || t == to || to.Key == "" {
		return r
	}
	names := []string{strings.TrimSuffix(flat(to.Name), "s") + "id"}
	if flat(to.Key) != "id" {
		names = append(names, to.Key) // as order_id of ti_orders
	}
	if len(to.namesakes) == 0 {
		names = append(names, singular(to.Name)+"_id", singular(to.Name))
	}
	if c := t.column(names...); c != "" && c != t.Key && !slices.ContainsFunc(t.refs, func(r ref) bool { return r.col == c }) && alike(t.typeOf(c), to.typeOf(to.Key)) {
		return &ref{c, to, to.Key}
	}
	return nil
}

// alike reports whether values of two types can be compared.
func alike(a, b string) bool {
	_, ok := sqltext.Widest(a, b)
	return ok || sqltext.Int.Fits(a) && sqltext.Int.Fits(b) || sqltext.Word.Fits(a) && sqltext.Word.Fits(b)
}

// singular takes an app's name and a plural off: orders_order, orders and order are order.
func singular(name string) string {
	name = strings.ToLower(name[strings.LastIndex(name, "_")+1:])
	if stem, plural := strings.CutSuffix(name, "ies"); plural {
		return stem + "y"
	}
	return strings.TrimSuffix(name, "s")
}

func readTables(ctx context.Context, tx pgx.Tx) ([]*table, error) {
	rows, err := tx.Query(ctx, `
		select n.nspname::text, c.relname::text, array_agg(a.attname::text order by a.attnum), array_agg(format_type(a.atttypid, null) order by a.attnum),
		       coalesce((select min(k.attname::text) from pg_catalog.pg_index i join pg_catalog.pg_attribute k on k.attrelid = c.oid and k.attnum = i.indkey[0]
		                  where i.indrelid = c.oid and i.indisprimary and i.indnkeyatts = 1), '')
		  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		 where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema', 'kitchen') and n.nspname not like 'pg\_%'
		 group by n.nspname, c.oid, c.relname order by n.nspname, c.relname`)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*table, error) {
		t := &table{}
		err := row.Scan(&t.Schema, &t.Name, &t.Columns, &t.Types, &t.Key)
		if t.Key == "" {
			t.Key = t.column("id", t.Columns[0])
		}
		return t, err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		for _, other := range all {
			if other != t && singular(other.Name) == singular(t.Name) {
				t.namesakes = append(t.namesakes, other)
			}
		}
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
		i := slices.IndexFunc(all, func(t *table) bool { return t.Schema == schema && t.Name == name })
		if i < 0 {
			return nil
		}
		return all[i]
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
