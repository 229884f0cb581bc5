package attach

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

type viewColumn struct {
	name string
	kind sqltext.Kind
}

// views is the contract of a mapping: the views, and the kinds of their columns.
var views = []struct {
	name    string
	columns []viewColumn
}{
	{"restaurants", []viewColumn{{"id", sqltext.Key}, {"name", sqltext.Word}, {"timezone", sqltext.Word}}},
	{"users", []viewColumn{{"id", sqltext.Key}, {"restaurant_id", sqltext.Key}, {"name", sqltext.Word}, {"role", sqltext.Word}, {"is_active", sqltext.YesNo}}},
	{"orders", []viewColumn{
		{"id", sqltext.Key}, {"restaurant_id", sqltext.Key}, {"open", sqltext.YesNo}, {"status", sqltext.Word}, {"order_number", sqltext.Int}, {"order_type", sqltext.Word},
		{"priority", sqltext.Int}, {"table_id", sqltext.Key}, {"table_label", sqltext.Word}, {"created_by", sqltext.Key}, {"created_by_name", sqltext.Word},
		{"customer_name", sqltext.Word}, {"notes", sqltext.Word}, {"allergy_note", sqltext.Word}, {"promised_at", sqltext.Time}, {"created_at", sqltext.Time}, {"left_at", sqltext.Time},
	}},
	{"lines", []viewColumn{
		{"id", sqltext.Key}, {"order_id", sqltext.Key}, {"menu_item_id", sqltext.Key}, {"category", sqltext.Word}, {"name", sqltext.Word}, {"quantity", sqltext.Number},
		{"notes", sqltext.Word}, {"position", sqltext.Int}, {"course", sqltext.Int}, {"held", sqltext.YesNo},
	}},
	{"modifiers", []viewColumn{
		{"id", sqltext.Key}, {"line_id", sqltext.Key}, {"modifier_option_id", sqltext.Key}, {"name", sqltext.Word}, {"quantity", sqltext.Number}, {"kind", sqltext.Word}, {"position", sqltext.Int},
	}},
	{"watch", []viewColumn{{"source", sqltext.Word}, {"order_id", sqltext.Word}, {"restaurant_id", sqltext.Word}}},
}

func mendType(c viewColumn, typ string) string {
	switch {
	case c.kind == sqltext.Time && typ == "timestamp without time zone":
		return fmt.Sprintf("say which zone the host means: (t.%s at time zone 'UTC') as %s", c.name, c.name)
	case c.kind == sqltext.Time && typ == "text":
		return "where the host has no such time: null::timestamptz as " + c.name
	case c.kind == sqltext.Key, c.kind == sqltext.Word:
		return fmt.Sprintf("cast it: (…)::text as %s", c.name)
	case c.kind == sqltext.YesNo:
		return fmt.Sprintf("write a condition: (…) is true as %s", c.name)
	}
	if typ == "text" || typ == "character varying" { // such as A-17, which a plain cast refuses
		return fmt.Sprintf(`give its digits: ('0' || right(regexp_replace(t.%s, '\D', '', 'g'), 9))::integer as %[1]s`, c.name)
	}
	return fmt.Sprintf("cast it: (…)::integer as %s", c.name)
}

// readColumns checks that the views have the columns of the contract, and reads the key types.
func (d *model) readColumns(ctx context.Context, tx pgx.Tx, m *Mapping) error {
	rows, err := tx.Query(ctx, `
		select c.relname::text, c.relkind::text, a.attname::text, `+baseType("a.atttypid")+`
		  from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		 where c.relnamespace = 'kitchen'::regnamespace and c.relkind in ('v', 'm', 'r', 'p', 'f')`)
	if err != nil {
		return fmt.Errorf("read the views: %w", err)
	}
	have, kinds := map[string]map[string]string{}, map[string]string{}
	var view, kind, col, typ string
	if _, err := pgx.ForEachRow(rows, []any{&view, &kind, &col, &typ}, func() error {
		if have[view] == nil {
			have[view] = map[string]string{}
		}
		have[view][col], kinds[view] = typ, kind
		return nil
	}); err != nil {
		return fmt.Errorf("read the views: %w", err)
	}
	for _, v := range views {
		if have[v.name] == nil {
			return &RefusedError{m.Name, "the view kitchen." + v.name + " is missing", "a mapping has all of: " + viewNames()}
		}
		if kinds[v.name] != "v" && v.name != "watch" { // which nobody reads after the triggers are made
			return &RefusedError{m.placeOf(v.name), "kitchen." + v.name + " is not a view: what the host writes would not show in it",
				"write create view kitchen." + v.name + " as select …; a table of the mapping's own has a name of its own, and a rule in kitchen.watch"}
		}
		for _, c := range v.columns {
			typ, there := have[v.name][c.name]
			if !there {
				return &RefusedError{m.placeOf(v.name), fmt.Sprintf("kitchen.%s has no column %s", v.name, c.name),
					"where the host has no such thing, give a constant: " + constant(c) + " as " + c.name}
			}
			if !c.kind.Fits(typ) {
				return &RefusedError{m.placeOf(v.name), fmt.Sprintf("kitchen.%s.%s is %s, and must be %s", v.name, c.name, typ, c.kind),
					mendType(c, typ)}
			}
		}
	}
	types := map[string]string{}
	for _, k := range keyOf {
		typ := have[k.view][k.column]
		before, there := types[k.key]
		wider, alike := sqltext.Widest(before, typ)
		if there && !alike && k.column == "created_by" && typ == "text" {
			continue // null, where the host does not know who took the order
		}
		if there && !alike {
			return &RefusedError{m.placeOf(k.view), fmt.Sprintf("kitchen.%s.%s is %s, but the %s's key elsewhere is %s", k.view, k.column, typ, k.key, before),
				"give one key one type, by a cast in one of the views"}
		}
		types[k.key] = wider
	}
	d.keys = keys{types["restaurant"], types["order"], types["line"], types["user"]}
	return nil
}

// baseType returns SQL for the name of a type without its length; for a domain, also one over another domain, of the type beneath.
func baseType(oid string) string {
	return `(with recursive b (oid, below) as (
		  select y.oid, y.typbasetype from pg_catalog.pg_type y where y.oid = ` + oid + `
		  union all select y.oid, y.typbasetype from b join pg_catalog.pg_type y on y.oid = b.below
		) select format_type(b.oid, null) from b where b.below = 0)`
}

func constant(c viewColumn) string {
	switch c.kind {
	case sqltext.Time:
		return "null::timestamptz"
	case sqltext.YesNo:
		return "false"
	case sqltext.Int, sqltext.Number:
		return "0"
	case sqltext.Key:
		return "null"
	}
	return "''"
}

func viewNames() string {
	names := make([]string, len(views))
	for i, v := range views {
		names[i] = "kitchen." + v.name
	}
	return strings.Join(names, ", ")
}
