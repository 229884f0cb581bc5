package guess

import (
	"slices"
	"strings"
	"unicode"

	"kitchen/db/attach/sqltext"
)

// table is a table of the host, as the catalog describes it.
type table struct {
	Schema, Name  string
	Columns       []string
	Types, kinds  []string // without domains; kinds as pg_type has them
	keys          []string // the columns of the primary key, or of what looks like one
	keyless       bool     // nothing tells its rows apart
	hashed        bool     // its keys are of other characters than a key may have
	shortened     bool     // the partitions' column was taken out of keys
	droppedKeys   []string // other columns, such as a version, that were taken out of keys
	partitionedBy []string
	refs          []ref
	namesakes     []*table // others of which the name ends alike, as order_item and cart_item do
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

// isStatus reports whether a column's type may be that of a status: words, an enum, a number, the key of another table.
func (t *table) isStatus(col string) bool {
	i := slices.Index(t.Columns, col)
	return i >= 0 && (isWord(t.Types[i]) || t.kinds[i] == "e" || sqltext.Int.Fits(t.Types[i]) || t.refers(col))
}

func isTime(typ string) bool   { return strings.HasPrefix(typ, "timestamp") }
func isNumber(typ string) bool { return sqltext.Number.Fits(typ) }

// nameOf is the column with the name that people read: of a line, a dish, an option.
func (t *table) nameOf() string {
	if c := t.column("name", "title", "item_name", "product_name", "full_product_name", "label", "nombre", "nome", "nom", "dish", "dish_name", "product", "food", "what", "plato", "bezeichnung"); c != "" && isWord(t.typeOf(c)) && !t.isKeyBeside(c) {
		return c
	}
	if t == nil {
		return ""
	}
	for i, c := range t.Columns {
		if strings.Contains(flat(c), "name") && !t.isKeyBeside(c) && !has(c, "group", "first", "last", "user", "customer", "attendee", "guest", "variant", "file", "host", "category") && isWord(t.Types[i]) {
			return c
		}
	}
	return t.columnLike(isWord, "title", "label", "description", "value")
}

// isKeyBeside reports whether a column called name is a key, and another column has the name that people read, as Frappe has item_name
// beside name.
func (t *table) isKeyBeside(col string) bool {
	return slices.Equal(t.keys, []string{col}) && t.columnLike(isWord, flat(singular(t.Name))+"name", "fullname") != ""
}

func flat(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "", " ", "", "-", "").Replace(s))
}

func has(name string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(flat(name), w) })
}

// singular removes an app's name and a plural: orders_order, orders and order all become order.
func singular(name string) string {
	if len(name) > 3 && strings.HasPrefix(name, "tab") && unicode.IsUpper(rune(name[3])) {
		name = name[3:] // as Frappe has it
	}
	name = strings.ToLower(name[strings.LastIndexAny(name, "_ ")+1:])
	if stem, plural := strings.CutSuffix(name, "ies"); plural {
		return stem + "y"
	}
	return strings.TrimSuffix(name, "s")
}
