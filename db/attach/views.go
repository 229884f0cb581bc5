package attach

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// kind is what a column of a view must be.
type kind string

const (
	aKey    kind = "a key (uuid, integer, bigint or text)"
	aWord   kind = "text"
	aTime   kind = "timestamp with time zone"
	aYesNo  kind = "boolean"
	anInt   kind = "integer"
	aNumber kind = "a number"
)

type viewColumn struct {
	name string
	kind kind
}

// views is the contract of a mapping: the views, and what their columns must be.
var views = []struct {
	name    string
	columns []viewColumn
}{
	{"restaurants", []viewColumn{{"id", aKey}, {"name", aWord}, {"timezone", aWord}}},
	{"users", []viewColumn{{"id", aKey}, {"restaurant_id", aKey}, {"name", aWord}, {"role", aWord}, {"is_active", aYesNo}}},
	{"orders", []viewColumn{
		{"id", aKey}, {"restaurant_id", aKey}, {"open", aYesNo}, {"status", aWord}, {"order_number", anInt}, {"order_type", aWord},
		{"priority", anInt}, {"table_id", aKey}, {"table_label", aWord}, {"created_by", aKey}, {"created_by_name", aWord},
		{"customer_name", aWord}, {"notes", aWord}, {"allergy_note", aWord}, {"promised_at", aTime}, {"created_at", aTime}, {"left_at", aTime},
	}},
	{"lines", []viewColumn{
		{"id", aKey}, {"order_id", aKey}, {"menu_item_id", aKey}, {"category", aWord}, {"name", aWord}, {"quantity", aNumber},
		{"notes", aWord}, {"position", anInt}, {"course", anInt}, {"held", aYesNo},
	}},
	{"modifiers", []viewColumn{
		{"id", aKey}, {"line_id", aKey}, {"modifier_option_id", aKey}, {"name", aWord}, {"quantity", aNumber}, {"kind", aWord}, {"position", anInt},
	}},
	{"watch", []viewColumn{{"source", aWord}, {"order_id", aWord}, {"restaurant_id", aWord}}},
}

// fits reports whether a type, without its length, is of a kind.
func (k kind) fits(typ string) bool {
	integer := slices.Contains([]string{"smallint", "integer", "bigint"}, typ)
	words := typ == "text" || typ == "character varying"
	switch k {
	case aKey:
		return integer || words || typ == "uuid"
	case aWord:
		return words
	case aTime:
		return typ == "timestamp with time zone"
	case aYesNo:
		return typ == "boolean"
	case anInt:
		return integer
	default:
		return integer || slices.Contains([]string{"numeric", "real", "double precision"}, typ)
	}
}

func mendType(view string, c viewColumn, typ string) string {
	switch {
	case c.kind == aTime && typ == "timestamp without time zone":
		return fmt.Sprintf("say which zone the host means: (t.%s at time zone 'UTC') as %s", c.name, c.name)
	case c.kind == aTime && typ == "text":
		return "where the host has no such time: null::timestamptz as " + c.name
	case c.kind == aKey, c.kind == aWord:
		return fmt.Sprintf("cast it: (…)::text as %s", c.name)
	case c.kind == aYesNo:
		return fmt.Sprintf("write a condition: (…) is true as %s", c.name)
	}
	return fmt.Sprintf("cast it: (…)::integer as %s", c.name)
}

// readColumns checks that the views have the columns of the contract, and takes the key types from them.
func (d *model) readColumns(ctx context.Context, tx pgx.Tx, m *Mapping) error {
	rows, err := tx.Query(ctx, `
		select c.relname::text, a.attname::text, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null)
		  from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		  join pg_catalog.pg_type t on t.oid = a.atttypid
		 where c.relnamespace = 'kitchen'::regnamespace and c.relkind in ('v', 'm', 'r', 'p', 'f')`)
	if err != nil {
		return fmt.Errorf("read the views: %w", err)
	}
	have := map[string]map[string]string{}
	var view, col, typ string
	if _, err := pgx.ForEachRow(rows, []any{&view, &col, &typ}, func() error {
		if have[view] == nil {
			have[view] = map[string]string{}
		}
		have[view][col] = typ
		return nil
	}); err != nil {
		return fmt.Errorf("read the views: %w", err)
	}
	for _, v := range views {
		if have[v.name] == nil {
			return &RefusedError{m.Name, "the view kitchen." + v.name + " is missing", "a mapping has all of: " + viewNames()}
		}
		for _, c := range v.columns {
			typ, there := have[v.name][c.name]
			if !there {
				return &RefusedError{m.placeOf(v.name), fmt.Sprintf("kitchen.%s has no column %s", v.name, c.name),
					"where the host has no such thing, give a constant: " + constant(c) + " as " + c.name}
			}
			if !c.kind.fits(typ) {
				return &RefusedError{m.placeOf(v.name), fmt.Sprintf("kitchen.%s.%s is %s, and must be %s", v.name, c.name, typ, c.kind),
					mendType(v.name, c, typ)}
			}
		}
	}
	types := map[string]string{}
	for _, k := range keyOf {
		typ := have[k.view][k.column]
		before, there := types[k.key]
		wider, alike := widest(before, typ)
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

// widest is the type that holds the values of both, and whether there is one.
func widest(a, b string) (string, bool) {
	if b == "character varying" {
		b = "text"
	}
	if a == "" || a == b {
		return b, true
	}
	widths := []string{"smallint", "integer", "bigint"}
	i, j := slices.Index(widths, a), slices.Index(widths, b)
	if i < 0 || j < 0 {
		return a, false
	}
	return widths[max(i, j)], true
}

func constant(c viewColumn) string {
	switch c.kind {
	case aTime:
		return "null::timestamptz"
	case aYesNo:
		return "false"
	case anInt, aNumber:
		return "0"
	case aKey:
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
