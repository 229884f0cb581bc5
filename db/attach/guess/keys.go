package guess

import (
	"slices"
	"strings"

	"kitchen/db/attach/sqltext"
)

// ref is a foreign key.
type ref struct {
	from, to     *table
	cols, toCols []string
}

// keyOf returns SQL for the key that some columns make, which has to be a uuid, an integer or a text: several columns become one text, and
// a numeric without decimals an integer.
func (t *table) keyOf(alias string, cols []string) string {
	if alias != "" {
		alias += "."
	}
	if len(cols) == 1 {
		col := alias + quoteIf(cols[0])
		switch typ := t.typeOf(cols[0]); {
		case typ == "numeric":
			return col + "::bigint"
		case isWord(typ) && !sqltext.Word.Fits(typ):
			return col + "::text"
		}
		return col
	}
	all := make([]string, len(cols))
	for i, c := range cols {
		all[i] = alias + quoteIf(c)
		if t.typeOf(c) == "date" { // its text depends on the settings of the writer's session
			all[i] = "(" + all[i] + " - date '2000-01-01')"
		}
	}
	return "(" + strings.Join(all, " || '-' || ") + ")"
}

// id returns SQL for a row's key.
func (t *table) id(alias string) string { return t.hash(t.keyOf(alias, t.keys)) }

// hash returns SQL that hashes a key whose characters a key may not have; other keys stay as they are.
func (t *table) hash(sql string) string {
	if t.hashed {
		return "md5(" + sql + ")"
	}
	return sql
}

// idType is the type of id.
func (t *table) idType() string {
	if len(t.keys) > 1 || t.hashed {
		return "text"
	}
	switch typ := t.typeOf(t.keys[0]); {
	case typ == "numeric":
		return "bigint"
	case isWord(typ):
		return "text"
	default:
		return typ
	}
}

// id returns SQL for the key that a row refers to.
func (r *ref) id(alias string) string { return r.to.hash(r.from.keyOf(alias, r.cols)) }

// on is the join condition for the table that is referred to.
func (r *ref) on(to, from string) string { return equal(to, r.toCols, from, r.cols) }

// by is the join condition for the table that refers.
func (r *ref) by(from, to string) string { return equal(from, r.cols, to, r.toCols) }

func equal(a string, of []string, b string, with []string) string {
	all := make([]string, len(of))
	for i := range of {
		all[i] = a + "." + quoteIf(of[i]) + " = " + b + "." + quoteIf(with[i])
	}
	return strings.Join(all, " and ")
}

// declared is the declared foreign key to a table, or nil. One to the table itself refers to a row's parent.
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

// refTo is the declared foreign key to a table, or else the columns whose names look like one; nil where there are none.
func (t *table) refTo(to *table) *ref {
	if r := t.declared(to); r != nil || t == nil || to == nil || t == to || len(to.keys) == 0 {
		return r
	}
	if len(to.keys) > 1 {
		for _, k := range to.keys {
			if c := t.column(k); c == "" || !comparableTypes(t.typeOf(c), to.typeOf(k)) {
				return nil
			}
		}
		return &ref{t, to, to.keys, to.keys}
	}
	key := to.keys[0]
	names := []string{strings.TrimSuffix(flat(to.Name), "s") + "id"}
	if k := flat(key); strings.HasSuffix(k, "id") && !slices.Contains([]string{"id", "uid", "guid", "uuid"}, k) {
		names = append(names, key) // as order_id of ti_orders
	}
	if t.column("parenttype") != "" && strings.HasPrefix(t.Name, to.Name+" ") {
		names = append(names, "parent") // as Frappe has its child tables
	}
	if len(to.namesakes) == 0 {
		names = append(names, singular(to.Name)+"_id", singular(to.Name))
	}
	if c := t.column(names...); c != "" && !slices.Equal(t.keys, []string{c}) && !t.refers(c) && comparableTypes(t.typeOf(c), to.typeOf(key)) {
		return &ref{t, to, []string{c}, to.keys}
	}
	return nil
}

// refers reports whether a column is part of a foreign key.
func (t *table) refers(col string) bool {
	return slices.ContainsFunc(t.refs, func(r ref) bool { return slices.Contains(r.cols, col) })
}

// parent is the reference of a row to another row of the same table, as where modifiers are lines that refer to their line.
func (t *table) parent() *ref {
	if r := t.declared(t); r != nil || t == nil || len(t.keys) != 1 {
		return r
	}
	names := []string{"parent_id", "parent_line_id", "parent_item_id", "parent", "parent_" + singular(t.Name) + "_id"}
	if c := t.column(names...); c != "" && !t.refers(c) && comparableTypes(t.typeOf(c), t.typeOf(t.keys[0])) {
		return &ref{t, t, []string{c}, t.keys}
	}
	return nil
}

// isLink reports whether a table has only references to other tables, and perhaps a position.
func (t *table) isLink() bool {
	for i, c := range t.Columns {
		if !t.refers(c) && !slices.Contains(t.keys, c) && t.Types[i] != "double precision" {
			return false
		}
	}
	return len(t.refs) > 1
}

// isWord reports whether a type holds words. A view casts those that it must not show as they are, such as citext.
func isWord(typ string) bool {
	return sqltext.Word.Fits(typ) || typ == "character" || typ == "citext" || typ == "name"
}

// comparableTypes reports whether values of two types can be compared.
func comparableTypes(a, b string) bool {
	_, ok := sqltext.Widest(a, b)
	return ok || sqltext.Int.Fits(a) && sqltext.Int.Fits(b) || isWord(a) && isWord(b)
}

// named returns an expression with the column name that the view gives it.
func named(sql, what string) string {
	if strings.HasSuffix(sql, "."+what) && !strings.ContainsAny(sql, " (:") {
		return sql
	}
	return sql + " as " + what
}

// as returns a column with the name that the view gives it.
func as(alias, col, what string) string { return named(alias+"."+quoteIf(col), what) }
