package guess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kitchen/db/attach/sqltext"
)

func (g *guess) writeLines() {
	l, o := g.lines, g.orders
	g.p("\ncreate view kitchen.lines as")
	switch d := g.document; {
	case l == nil && d.column != "":
		g.p("select %s || '-' || i.n as id, %s, null as menu_item_id, null as category, -- GUESS: lines are what stands in %s", g.number(), named(o.id("o"), "order_id"), d.column)
		g.p("       coalesce(i.line ->> %s, i.line #>> '{}') as name,", sqltext.Literal(d.name))
		g.p("       case when i.line ->> %[1]s ~ '^[0-9]{1,6}(\\.[0-9]{1,3})?$' then (i.line ->> %[1]s)::numeric else 1 end as quantity,", sqltext.Literal(d.quantity))
		g.p("       %s as notes, i.n::integer as position, 1 as course, false as held", d.note())
		g.p("  from %s o\n cross join lateral %s;", o.sql(), d.array())
		return
	case l == nil && g.items != nil:
		m := o.refTo(g.items)
		g.p("select %s, %s, %s, null as category, %s, -- GUESS: an order is of one dish", named(o.id("o"), "id"), named(o.id("o"), "order_id"), named(m.id("o"), "menu_item_id"),
			textOr("m", g.items, "'?'", "name", g.items.nameOf()))
		g.p("       %s, '' as notes, 0 as position, 1 as course, false as held", columnOr("o", "1", "quantity", o.quantity()))
		g.p("  from %s o\n  left join %s m on %s;", o.sql(), g.items.sql(), m.on("m", "o"))
		return
	case l == nil:
		g.p("select %s, %s, null as menu_item_id, null as category, 'Order' as name, 1 as quantity, '' as notes, 0 as position, 1 as course, false as held", named(o.id("o"), "id"), named(o.id("o"), "order_id"))
		g.p("  from %s o; -- GUESS: no table looks like one of lines", o.sql())
		return
	}
	item, category, name, joins := g.dish("i")
	if g.link != nil {
		joins = fmt.Sprintf("\n  join %s k on %s", g.link.sql(), g.link.refTo(l).by("k", "i")) + joins
	}
	note := l.keyNote()
	if name == "'?' as name" {
		note = " -- GUESS: no column looks like the name of a dish"
	}
	g.p("select %s, %s, %s, %s, %s,%s", named(l.id("i"), "id"), named(g.orderOf("i"), "order_id"), item, category, name, note)
	g.p("       %s, %s, %s, %s, false as held", g.quantityOf("i"), g.lineNotes(), g.position(l), course(l))
	where := notDeleted("i", l)
	if c := l.column("canceled", "cancelled", "is_canceled", "is_cancelled", "voided"); l.typeOf(c) == "boolean" {
		where = append(where, "i."+quoteIf(c)+" is not true")
	}
	if r := g.nested(); r != nil {
		where = append(where, "i."+quoteIf(r.cols[0])+" is null -- GUESS: the others are modifiers of a line")
	}
	if c := cmp.Or(l.columnLike(isWord, "item_type"), l.column("type", "line_type", "kind")); c != "" && isWord(l.typeOf(c)) {
		where = append(where, "true -- GUESS: "+c+" may say that a row is no dish, such as a fee")
	}
	g.end("  from %s i%s%s", l.sql(), joins, conditions(where))
}

// course returns SQL for the course of a line.
func course(l *table) string {
	c := l.column("course", "course_no", "course_number")
	if t := l.typeOf(c); t != "smallint" && t != "integer" {
		return "1 as course"
	}
	return "coalesce(i." + quoteIf(c) + ", 1)::integer as course"
}

// orderOf returns SQL for the order of a line with that alias; where a table joins the two, its alias is k.
func (g *guess) orderOf(line string) string {
	if g.link != nil {
		return g.link.refTo(g.orders).id("k")
	}
	return g.lines.refTo(g.orders).id(line)
}

// nested is the reference of lines to their parent line, where modifiers are such lines and have no table of their own.
func (g *guess) nested() *ref {
	if g.modifiers != nil || g.lines == nil || g.link != nil {
		return nil
	}
	r := g.lines.parent()
	if of := g.lines.refTo(g.orders); r != nil && of != nil && slices.Equal(r.cols, of.cols) {
		return nil // that names the order
	}
	return r
}

// quantity is the column with the quantity.
func (t *table) quantity() string {
	if t == nil {
		return ""
	}
	for _, w := range []string{"quantity", "qty", "units", "count", "cantidad", "quantidade", "quantite", "menge", "anzahl", "amount"} {
		for i, c := range t.Columns {
			if strings.Contains(flat(c), w) && isNumber(t.Types[i]) && !t.refers(c) && !has(c, "discount", "account", "country", "refund", "cancel", "deliver", "ship", "return", "free") && (w != "amount" || sqltext.Int.Fits(t.Types[i])) {
				return c
			}
		}
	}
	return ""
}

// lineNotes returns SQL for a line's notes, with its variant and with columns that hold lists: what a guest asked for must not be lost.
func (g *guess) lineNotes() string {
	l := g.lines
	var parts []string
	if c := l.column("variant_name", "variant_title", "variant", "size", "size_name"); c != "" && isWord(l.typeOf(c)) {
		parts = append(parts, fmt.Sprintf("nullif(i.%s, '')", quoteIf(c)))
	}
	for i, c := range l.Columns {
		if !has(c, "modifier", "option", "extra", "topping", "addon", "custom", "choice", "ingredient", "removed", "instruction", "allerg") || has(c, "customer") {
			continue
		}
		switch typ := l.Types[i]; {
		case typ == "jsonb" || typ == "json":
			parts = append(parts, fmt.Sprintf(`(select string_agg(coalesce(x ->> 'name', x ->> 'label', x ->> 'title', x ->> 'option_text', x #>> '{}'), '; ')
          from jsonb_array_elements(case jsonb_typeof(i.%[1]s::jsonb) when 'array' then i.%[1]s::jsonb end) x)`, quoteIf(c)))
		case strings.HasSuffix(typ, "[]"):
			parts = append(parts, "nullif("+words("i", l, c)+", '')")
		}
	}
	own := blank("i", l, "notes", notes...)
	if len(parts) == 0 {
		return own
	}
	if expression := strings.TrimSuffix(own, " as notes"); expression != "''" {
		parts = append(parts, "nullif("+expression+", '')")
	}
	return "concat_ws('; ', " + strings.Join(parts, ", ") + ") as notes"
}

// position returns SQL for the position of a line in its order.
func (g *guess) position(l *table) string {
	if c := l.column("position", "sequence", "line_no", "line_number", "line", "sort_order", "item_order", "_order", "seq", "display_order"); c != "" && sqltext.Int.Fits(l.typeOf(c)) {
		return as("i", c, "position")
	}
	if c := l.column("line"); l.typeOf(c) == "numeric" {
		return "i." + quoteIf(c) + "::integer as position"
	}
	if len(l.keys) == 1 && sqltext.Int.Fits(l.typeOf(l.keys[0])) {
		return as("i", l.keys[0], "position")
	}
	return "0 as position"
}

func (g *guess) writeModifiers() {
	x, l := g.modifiers, g.lines
	g.p("\ncreate view kitchen.modifiers as")
	if r := g.nested(); r != nil {
		item, _, name, joins := g.dish("x")
		g.p("select %s, %s, %s, %s, %s, null as kind, 0 as position", named(l.id("x"), "id"), named(r.id("x"), "line_id"),
			strings.Replace(item, "as menu_item_id", "as modifier_option_id", 1), name, columnOr("x", "1", "quantity", l.quantity()))
		g.end("  from %s x -- GUESS: lines below a line are its modifiers, one level deep\n  join %s l on %s and %s%s%s", l.sql(), l.sql(), r.on("l", "x"),
			equal("l", l.refTo(g.orders).cols, "x", l.refTo(g.orders).cols), joins, conditions(notDeleted("x", l)))
		return
	}
	if x == nil && g.pairs.table != nil {
		g.writePairs()
		return
	}
	if x == nil || l == nil {
		g.p("select l.id, l.id as line_id, null as modifier_option_id, '' as name, 1 as quantity, null as kind, 0 as position\n  from kitchen.lines l where false; -- GUESS: no table looks like one of modifiers")
		return
	}
	own := x.nameOf()
	option, name, joins := "null as modifier_option_id", textOr("x", x, "'?'", "name", own), ""
	if m := x.refTo(g.options); m != nil {
		option = named(m.id("x"), "modifier_option_id")
		if own == "" {
			joins = fmt.Sprintf("\n  left join %s p on %s", g.options.sql(), m.on("p", "x"))
			name = textOr("p", g.options, "'?'", "name", g.options.nameOf())
		}
	}
	if own != "" {
		g.options = nil // its names are not read
	}
	g.p("select %s, %s, %s, %s, %s, null as kind, 0 as position", named(x.id("x"), "id"), named(x.refTo(l).id("x"), "line_id"), option, name, columnOr("x", "1", "quantity", x.quantity()))
	g.end("  from %s x%s%s", x.sql(), joins, conditions(notDeleted("x", x)))
}
