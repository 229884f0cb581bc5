package guess

import (
	"fmt"
	"slices"
	"strings"

	"kitchen/db/attach/sqltext"
)

// writeWatch prints a rule for each table that the views read.
func (g *guess) writeWatch() {
	o := g.orders
	var rows []string
	seen := []*table{nil}
	rule := func(t *table, order, restaurant string) {
		if slices.Contains(seen, t) {
			return
		}
		seen = append(seen, t)
		cell := func(s string) string {
			if s == "" {
				return "null"
			}
			return sqltext.Literal(s)
		}
		rows = append(rows, fmt.Sprintf("(%s, %s, %s)", sqltext.Literal(t.sql()), cell(order), cell(restaurant)))
	}
	rule(o, o.id(""), "")
	if l := g.lines; l != nil {
		of := g.orderOf("")
		if g.link != nil {
			of = fmt.Sprintf("array(select %s from %s k where %s)", of, g.link.sql(), g.link.refTo(l).by("k", quoteIf(l.Name)))
		}
		rule(l, of, "")
		if g.link != nil {
			rule(g.link, g.link.refTo(o).id(""), "")
		}
		if x := g.modifiers; x != nil {
			through := ""
			if g.link != nil {
				through = fmt.Sprintf(" join %s k on %s", g.link.sql(), g.link.refTo(l).by("k", "i"))
			}
			rule(x, fmt.Sprintf("(select %s from %s i%s where %s)", g.orderOf("i"), l.sql(), through, x.refTo(l).on("i", quoteIf(x.Name))), "")
		}
		if d := g.dishLink(); d != nil {
			through, order := fmt.Sprintf("select %s from %s i where %s", g.orderOf("i"), l.sql(), d.refTo(l).on("i", quoteIf(d.Name))), ""
			if g.link != nil {
				through = fmt.Sprintf("select %s from %s i join %s k on %s where %s", g.orderOf("i"), l.sql(), g.link.sql(), g.link.refTo(l).by("k", "i"), d.refTo(l).on("i", quoteIf(d.Name)))
			}
			order = "array(" + through + ")"
			rule(d, order, "")
		}
	}
	if g.history != nil {
		rule(g.history, g.history.refTo(o).id(""), "")
	}
	if g.timeRef != nil {
		rule(g.timeRef.to, g.timeRef.to.id(""), "")
	}
	if p := g.pairs; p.table != nil {
		rule(p.table, fmt.Sprintf("(select %s from %s i where %s)", g.orderOf("i"), g.lines.sql(), p.refTo(g.lines).on("i", quoteIf(p.Name))), "")
	}
	if g.between != nil {
		rule(g.between, g.between.refTo(o).id(""), "")
	}
	if g.tenants != nil {
		rule(g.tenants, "", g.tenants.id(""))
	}
	for _, t := range []*table{g.users, g.membership, g.grants, g.roleTable, g.diningTables, g.variants, g.items, g.categories, g.options} {
		if t == nil || slices.Contains(seen, t) {
			continue
		}
		if t == g.items && has(t.Name, "order") { // each row is of one order, and not of a menu
			r := g.lines.refTo(t)
			rule(t, fmt.Sprintf("array(select %s from %s i where %s)", g.orderOf("i"), g.lines.sql(), r.by("i", quoteIf(t.Name))), "")
			continue
		}
		rule(t, "", g.sharedBy(t))
	}
	g.p("\n-- For each table that the views read: the order of one of its rows, or, where many orders share it, the restaurant.")
	g.p("-- GUESS: array(select id from kitchen.restaurants) tells all of them; name the one, or those, that see the row.")
	g.p("create view kitchen.watch (source, order_id, restaurant_id) as values\n  %s;", strings.Join(rows, ",\n  "))
}

// sharedBy returns SQL for the restaurants of a row that many orders share.
func (g *guess) sharedBy(t *table) string {
	if r := t.refTo(g.tenants); r != nil {
		return r.id("")
	}
	if g.tenantOf() == "1" {
		return "1"
	}
	if m := g.membership; t == g.users && m != nil {
		return fmt.Sprintf("array(select %s from %s m where %s)", m.refTo(g.tenants).id("m"), m.sql(), m.refTo(t).by("m", quoteIf(t.Name)))
	}
	for _, r := range t.refs {
		if up := r.to.refTo(g.tenants); up != nil && r.to != t && t != g.users {
			return fmt.Sprintf("(select %s from %s p where %s)", up.id("p"), r.to.sql(), r.on("p", quoteIf(t.Name)))
		}
	}
	return "array(select id from kitchen.restaurants)"
}

// writeSetStatus prints kitchen.set_status with the host's words as a comment, which the reader uncomments.
func (g *guess) writeSetStatus() {
	o := g.orders
	g.p("\n-- Optional: a function that lets displays move orders on, in the host's own words. Without it they only show.")
	g.p("-- GUESS: mind what your program does beside it when a status changes: times, mails, stock.")
	var stages []stage
	if g.status == "" {
		stages = g.stagesOf()
	}
	lacking := false
	for _, s := range fiveStatuses {
		_, found := g.hostWord(s)
		lacking = lacking || !found
	}
	if lacking && len(stages) == 0 {
		g.p("-- GUESS: what the host has no word for can stand in a table of the mapping's own: kitchen attach template odoo-pos has kitchen.progress for it.")
	}
	g.p("-- create function kitchen.set_status(id %s, status text) returns void language sql as $$", o.idType())
	if len(stages) > 0 {
		g.p("--   update %s o", o.sql())
		g.writeStages(stages)
		g.p("--    where %s = $1\n-- $$;", o.id("o"))
		return
	}
	t, _ := g.statusTable()
	if g.history != nil {
		r := t.refTo(o)
		g.p("--   insert into %s (%s, %s) select %s, case $2", t.sql(), sqlNames(r.cols), quoteIf(g.status), "o."+strings.Join(quoted(r.toCols), ", o."))
	} else {
		g.p("--   update %s o set %s = case $2", o.sql(), quoteIf(orElse(g.status, "status")))
	}
	cast := ""
	if typ := t.typeOf(g.status); !isWord(typ) && !sqltext.Int.Fits(typ) || typ == "citext" {
		cast = "::" + typ
	}
	for _, s := range fiveStatuses {
		host := "null -- GUESS: no word of the host is known to mean this"
		if w, found := g.hostWord(s); found {
			host = w.SQL + cast
		}
		g.p("--     when '%s' then %s", s, host)
	}
	if g.history != nil {
		g.p("--     end from %s o where %s = $1\n-- $$;", o.sql(), o.id("o"))
		return
	}
	g.p("--     end where %s = $1\n-- $$;", o.id("o"))
}

func quoted(names []string) []string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = quoteIf(n)
	}
	return all
}

func sqlNames(names []string) string { return strings.Join(quoted(names), ", ") }

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
