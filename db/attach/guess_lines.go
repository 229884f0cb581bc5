package attach

import (
	"fmt"
	"slices"
	"strings"
)

func (g *guess) writeLines(p func(string, ...any)) {
	l := g.lines
	p("\ncreate view kitchen.lines as")
	if l == nil {
		p("select o.%[1]s as id, o.%[1]s as order_id, null as menu_item_id, null as category, 'Order' as name, 1 as quantity, '' as notes, 0 as position, 1 as course, false as held", quoteIf(g.orders.column("id", g.orders.Columns[0])))
		p("  from %s o; -- GUESS: no table looks like one of lines", g.orders.sql())
	} else {
		r := l.refTo(g.orders)
		item, name, category, joins := "null as menu_item_id", textual("i", l, "'?'", "name", "name", "title", "item_name", "product_name", "full_product_name", "description"), "null as category", ""
		if m := l.refTo(g.items); m != nil {
			item = "i." + quoteIf(m.col) + " as menu_item_id"
			joins += fmt.Sprintf("\n  left join %s m on m.%s = i.%s", g.items.sql(), quoteIf(m.toCol), quoteIf(m.col))
			if l.column("name", "title", "item_name", "product_name") == "" {
				name = textual("m", g.items, "", "name", "name", "title", "label")
			}
			if c := g.items.refTo(g.categories); c != nil {
				category = "c." + quoteIf(g.categories.column("name", "title", "label")) + "::text as category"
				joins += fmt.Sprintf("\n  left join %s c on c.%s = m.%s", g.categories.sql(), quoteIf(c.toCol), quoteIf(c.col))
			} else {
				category = textual("m", g.items, "null", "category", "category")
			}
		}
		p("select i.%s as id, i.%s as order_id, %s, %s, %s,", quoteIf(l.column("id", l.Columns[0])), quoteIf(r.col), item, category, name)
		p("       %s, %s, %s, 1 as course, false as held", g.plain("i", l, "1", "quantity", "quantity", "qty", "count"), blank("i", l, "notes", "notes", "note", "comment", "special_instructions"),
			g.plain("i", l, "0", "position", "position", "sequence", "line_no"))
		p("  from %s i%s;", l.sql(), joins)
	}
	p("\ncreate view kitchen.modifiers as")
	x := g.modifiers
	if x == nil || l == nil {
		p("select l.id, l.id as line_id, null as modifier_option_id, '' as name, 1 as quantity, null as kind, 0 as position\n  from kitchen.lines l where false; -- GUESS: no table looks like one of modifiers")
		return
	}
	r := x.refTo(l)
	option, name, joins := "null as modifier_option_id", textual("x", x, "'?'", "name", "name", "label", "title", "value"), ""
	if m := x.refTo(g.options); m != nil {
		option = "x." + quoteIf(m.col) + " as modifier_option_id"
		joins = fmt.Sprintf("\n  left join %s p on p.%s = x.%s", g.options.sql(), quoteIf(m.toCol), quoteIf(m.col))
		if x.column("name", "label", "title") == "" {
			name = textual("p", g.options, "'?'", "name", "name", "title", "label")
		}
	}
	p("select x.%s as id, x.%s as line_id, %s, %s, %s, null as kind, 0 as position", quoteIf(x.column("id", x.Columns[0])), quoteIf(r.col), option, name, g.plain("x", x, "1", "quantity", "quantity", "qty"))
	p("  from %s x%s;", x.sql(), joins)
}

func (g *guess) writeWatch(p func(string, ...any), tenantCol string) {
	o := g.orders
	orderID := quoteIf(o.column("id", o.Columns[0]))
	rows := []string{fmt.Sprintf("(%s, %s, null)", literal(o.sql()), literal(orderID))}
	if g.lines != nil {
		rows = append(rows, fmt.Sprintf("(%s, %s, null)", literal(g.lines.sql()), literal(quoteIf(g.lines.refTo(o).col))))
	}
	if g.modifiers != nil && g.lines != nil {
		r := g.modifiers.refTo(g.lines)
		rows = append(rows, fmt.Sprintf("(%s, %s, null)", literal(g.modifiers.sql()),
			literal(fmt.Sprintf("(select i.%s from %s i where i.%s = %s.%s)", quoteIf(g.lines.refTo(o).col), g.lines.sql(), quoteIf(r.toCol), quoteIf(g.modifiers.Name), quoteIf(r.col)))))
	}
	if g.tenants != nil {
		rows = append(rows, fmt.Sprintf("(%s, null, %s)", literal(g.tenants.sql()), literal(quoteIf(o.refTo(g.tenants).toCol))))
	}
	seen := []*table{o, g.lines, g.modifiers, g.tenants}
	for _, t := range []*table{g.users, g.membership, g.places, g.items, g.categories, g.options} {
		if t == nil || slices.Contains(seen, t) {
			continue
		}
		seen = append(seen, t)
		rule := "array(select id from kitchen.restaurants)"
		switch {
		case t.refTo(g.tenants) != nil:
			rule = quoteIf(t.refTo(g.tenants).col)
		case tenantCol == "1":
			rule = "1"
		case t == g.users && g.membership != nil:
			m := g.membership
			rule = fmt.Sprintf("array(select m.%s from %s m where m.%s = %s.%s)", quoteIf(m.refTo(g.tenants).col), m.sql(), quoteIf(m.refTo(t).col), quoteIf(t.Name), quoteIf(m.refTo(t).toCol))
		}
		rows = append(rows, fmt.Sprintf("(%s, null, %s)", literal(t.sql()), literal(rule)))
	}
	p("\n-- For each table that the views read: the order of one of its rows, or, where many orders share it, the restaurant.")
	p("-- GUESS: array(select id from kitchen.restaurants) tells all of them; name the one, or those, that see the row.")
	p("create view kitchen.watch (source, order_id, restaurant_id) as values\n  %s;", strings.Join(rows, ",\n  "))
	p("\n-- Optional: a function that lets displays move orders on, in the host's own words. Without it they only show.")
	p("-- create function kitchen.set_status(id %s, status text) returns void language sql as $$", o.typeOf(o.column("id", o.Columns[0])))
	p("--   update %s o set %s = $2 where o.%s = $1", o.sql(), quoteIf(orElse(g.status, "status")), orderID)
	p("-- $$;")
}

func textual(alias string, t *table, otherwise, what string, names ...string) string {
	col := t.column(names...)
	if col == "" {
		return otherwise + " as " + what
	}
	if typ := t.typeOf(col); typ != "text" && typ != "character varying" {
		return fmt.Sprintf("%s.%s::text as %s", alias, quoteIf(col), what)
	}
	return choice(alias, col, "", what)
}

func blank(alias string, t *table, what string, names ...string) string {
	col := t.column(names...)
	if col == "" {
		return "'' as " + what
	}
	return fmt.Sprintf("coalesce(%s.%s::text, '') as %s", alias, quoteIf(col), what)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
