package guess

import (
	"fmt"
)

// dish returns SQL for the menu item, category and name of a line, and the joins that these need. A table is joined only where its names
// are read.
func (g *guess) dish(line string) (item, category, name, joins string) {
	l, own := g.lines, g.lines.nameOf()
	item, category, name = "null as menu_item_id", textOr(line, l, "null", "category", l.column("category", "category_name")), textOr(line, l, "'?'", "name", own)
	m, of, through := l.refTo(g.items), line, ""
	if v := l.refTo(g.variants); m == nil && v != nil && g.items != nil {
		item = named(v.id(line), "menu_item_id")
		through = fmt.Sprintf("\n  left join %s v on %s", g.variants.sql(), v.on("v", line))
		m, of = g.variants.refTo(g.items), "v"
	} else if m != nil {
		item = named(m.id(line), "menu_item_id")
	} else if pair := g.dishLink(); pair != nil {
		item = named(pair.refTo(g.items).id("d"), "menu_item_id")
		through = fmt.Sprintf("\n  left join %s d on %s", pair.sql(), pair.refTo(l).by("d", line))
		m, of = pair.refTo(g.items), "d"
	} else if c := l.column("menu_item_id", "product_id", "dish_id", "item_id"); c != "" {
		item = named(l.keyOf(line, []string{c}), "menu_item_id")
	}
	if m == nil {
		if g.nameless {
			name = fmt.Sprintf("coalesce(%s, '?') as name", words(line, l, own))
		}
		g.items, g.variants, g.categories = nil, nil, nil // nothing of them is read
		return item, category, name, ""
	}
	theirs := g.items.nameOf()
	reads := false
	switch {
	case own == "" || !has(own, "name", "title"):
		name, reads = textOr("m", g.items, "'?'", "name", theirs), true
	case g.nameless && theirs != "":
		name, reads = fmt.Sprintf("coalesce(%s, %s) as name", words(line, l, own), words("m", g.items, theirs)), true
	}
	if c := g.items.refTo(g.categories); c != nil {
		category, reads = "c."+quoteIf(g.categories.nameOf())+"::text as category", true
	} else if c := g.items.column("category", "category_name"); c != "" {
		category, reads = textOr("m", g.items, "null", "category", c), true
	}
	switch {
	case reads:
		joins = through + fmt.Sprintf("\n  left join %s m on %s", g.items.sql(), m.on("m", of))
	case of == "d":
		joins = through
	default:
		g.items, g.variants, g.categories = nil, nil, nil // nothing of them is read
		return item, category, name, ""
	}
	if c := g.items.refTo(g.categories); c != nil {
		joins += fmt.Sprintf("\n  left join %s c on %s", g.categories.sql(), c.on("c", "m"))
	}
	return item, category, name, joins
}

// dishLink is a table that pairs lines with dishes, for hosts whose lines do not refer to a dish.
func (g *guess) dishLink() *table {
	if g.items == nil || g.lines.refTo(g.items) != nil || g.variants != nil {
		return nil
	}
	if pair := g.joins(g.lines, g.items); pair != g.modifiers {
		return pair
	}
	return nil
}
