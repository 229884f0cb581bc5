package guess

import (
	"context"
	"fmt"
	"kitchen/db/attach/sqltext"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// document is a JSON array of lines in a column of the orders' table, with the names that its objects give to things.
type document struct{ column, name, quantity, notes, options string }

// readDocument looks for lines in JSON where no table has any.
func (g *guess) readDocument(ctx context.Context, tx pgx.Tx) error {
	isJSON := func(typ string) bool { return typ == "json" || typ == "jsonb" }
	col := g.orders.columnLike(isJSON, "items", "lines", "products", "dishes", "cart", "details")
	if g.lines != nil || col == "" {
		return nil
	}
	g.document.column = col
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select distinct k.key, jsonb_typeof(k.value) = 'array' from (select %[1]s::jsonb as d from %[2]s where %[1]s is not null limit 1000) o
		 cross join lateral jsonb_array_elements(case jsonb_typeof(o.d) when 'array' then o.d end) i (line)
		 cross join lateral jsonb_each(case jsonb_typeof(i.line) when 'object' then i.line end) k order by 1`, sqltext.Quote(col), g.orders.sql()))
	if err != nil {
		return err
	}
	names := &table{}
	var arrays []string
	var key string
	var array bool
	if _, err := pgx.ForEachRow(rows, []any{&key, &array}, func() error {
		if array {
			arrays = append(arrays, key)
		} else {
			names.Columns, names.Types = append(names.Columns, key), append(names.Types, "text")
		}
		return nil
	}); err != nil {
		return err
	}
	g.document.name = orElse(names.nameOf(), orElse(names.column("item", "product", "dish"), "name"))
	g.document.quantity = orElse(names.column("quantity", "qty", "count", "amount"), "quantity")
	g.document.notes = orElse(names.column("notes", "note", "comment", "special_instructions"), "notes")
	for _, a := range arrays {
		if has(a, "option", "modifier", "extra", "topping", "addon", "choice") {
			g.document.options = a
			break
		}
	}
	return nil
}

// number is SQL of an order's key as part of a line's, which is of at most 40 characters.
func (g *guess) number() string {
	key := "o." + quoteIf(g.orders.Key)
	if g.orders.typeOf(g.orders.Key) == "uuid" {
		return "replace(" + key + "::text, '-', '')"
	}
	return key + "::text"
}

func (d document) array() string {
	return fmt.Sprintf("jsonb_array_elements(case jsonb_typeof(o.%[1]s::jsonb) when 'array' then o.%[1]s::jsonb end) with ordinality i (line, n)", quoteIf(d.column))
}

// note is SQL of a line's notes, and its options: as rows of kitchen.modifiers these could not be found by an index.
func (d document) note() string {
	note := fmt.Sprintf("coalesce(i.line ->> %s, '')", sqltext.Literal(d.notes))
	if d.options == "" {
		return note
	}
	return fmt.Sprintf(`concat_ws('; ', nullif(i.line ->> %s, ''),
         (select string_agg(coalesce(x ->> 'name', x #>> '{}'), '; ') from jsonb_array_elements(case jsonb_typeof(i.line -> %[2]s) when 'array' then i.line -> %[2]s end) x))`,
		sqltext.Literal(d.notes), sqltext.Literal(d.options))
}

func (g *guess) writeLines() {
	l, o := g.lines, g.orders
	g.p("\ncreate view kitchen.lines as")
	switch d := g.document; {
	case l == nil && d.column != "":
		g.p("select %s || '-' || i.n as id, %s, null as menu_item_id, null as category, -- GUESS: lines are what stands in %s", g.number(), as("o", o.Key, "order_id"), d.column)
		g.p("       coalesce(i.line ->> %s, i.line #>> '{}') as name,", sqltext.Literal(d.name))
		g.p("       case when i.line ->> %[1]s ~ '^[0-9]{1,6}(\\.[0-9]{1,3})?$' then (i.line ->> %[1]s)::numeric else 1 end as quantity,", sqltext.Literal(d.quantity))
		g.p("       %s as notes, i.n::integer as position, 1 as course, false as held", d.note())
		g.p("  from %s o\n cross join lateral %s;", o.sql(), d.array())
		return
	case l == nil:
		g.p("select %s, %s, null as menu_item_id, null as category, 'Order' as name, 1 as quantity, '' as notes, 0 as position, 1 as course, false as held", as("o", o.Key, "id"), as("o", o.Key, "order_id"))
		g.p("  from %s o; -- GUESS: no table looks like one of lines", o.sql())
		return
	}
	own := l.nameOf()
	item, name, category, joins := "null as menu_item_id", textual("i", l, "'?'", "name", own), "null as category", ""
	m, of := l.refTo(g.items), "i"
	if v := l.refTo(g.variants); m == nil && v != nil && g.items != nil {
		item = as("i", v.col, "menu_item_id")
		joins += fmt.Sprintf("\n  left join %s v on v.%s = i.%s", g.variants.sql(), quoteIf(v.toCol), quoteIf(v.col))
		m, of = g.variants.refTo(g.items), "v"
	} else if m != nil {
		item = as("i", m.col, "menu_item_id")
	}
	if m != nil {
		joins += fmt.Sprintf("\n  left join %s m on m.%s = %s.%s", g.items.sql(), quoteIf(m.toCol), of, quoteIf(m.col))
		if own == "" || !has(own, "name", "title") {
			name = textual("m", g.items, "'?'", "name", g.items.nameOf())
		}
		if c := g.items.refTo(g.categories); c != nil {
			category = "c." + quoteIf(g.categories.nameOf()) + "::text as category"
			joins += fmt.Sprintf("\n  left join %s c on c.%s = m.%s", g.categories.sql(), quoteIf(c.toCol), quoteIf(c.col))
		} else {
			category = textual("m", g.items, "null", "category", g.items.column("category", "category_name"))
		}
	} else {
		category = textual("i", l, "null", "category", l.column("category", "category_name"))
	}
	g.p("select %s, %s, %s, %s, %s,", as("i", l.Key, "id"), as("i", l.refTo(o).col, "order_id"), item, category, name)
	g.p("       %s, %s, %s, 1 as course, false as held", plain("i", l, "1", "quantity", l.columnLike(isNumber, "quantity", "qty", "count")),
		blank("i", l, "notes", "notes", "note", "comment", "comments", "special_instructions", "instructions", "remark"), g.position(l))
	where := kept("i", l)
	if c := l.column("canceled", "cancelled", "is_canceled", "is_cancelled", "voided"); l.typeOf(c) == "boolean" {
		where = append(where, "i."+quoteIf(c)+" is not true")
	}
	if c := l.columnLike(sqltext.Word.Fits, "item_type"); c != "" {
		where = append(where, "true -- GUESS: "+c+" may say that a row is no dish, such as a fee")
	}
	g.end("  from %s i%s%s", l.sql(), joins, conditions(where))
}

// position is where a line stands in its order.
func (g *guess) position(l *table) string {
	if c := l.column("position", "sequence", "line_no", "sort_order", "item_order"); c != "" && sqltext.Int.Fits(l.typeOf(c)) {
		return as("i", c, "position")
	}
	if sqltext.Int.Fits(l.typeOf(l.Key)) {
		return as("i", l.Key, "position")
	}
	return "0 as position"
}

func (g *guess) writeModifiers() {
	x, l := g.modifiers, g.lines
	g.p("\ncreate view kitchen.modifiers as")
	if x == nil || l == nil {
		g.p("select l.id, l.id as line_id, null as modifier_option_id, '' as name, 1 as quantity, null as kind, 0 as position\n  from kitchen.lines l where false; -- GUESS: no table looks like one of modifiers")
		return
	}
	own := x.nameOf()
	option, name, joins := "null as modifier_option_id", textual("x", x, "'?'", "name", own), ""
	if m := x.refTo(g.options); m != nil {
		option = as("x", m.col, "modifier_option_id")
		if own == "" {
			joins = fmt.Sprintf("\n  left join %s p on p.%s = x.%s", g.options.sql(), quoteIf(m.toCol), quoteIf(m.col))
			name = textual("p", g.options, "'?'", "name", g.options.nameOf())
		}
	}
	if own != "" {
		g.options = nil // its names are not read
	}
	g.p("select %s, %s, %s, %s, %s, null as kind, 0 as position", as("x", x.Key, "id"), as("x", x.refTo(l).col, "line_id"), option, name,
		plain("x", x, "1", "quantity", x.columnLike(isNumber, "quantity", "qty", "count")))
	g.end("  from %s x%s%s", x.sql(), joins, conditions(kept("x", x)))
}

// writeWatch prints a rule for each table that the views read.
func (g *guess) writeWatch() {
	o := g.orders
	rule := func(t *table, order, restaurant string) string {
		cell := func(s string) string {
			if s == "" {
				return "null"
			}
			return sqltext.Literal(s)
		}
		return fmt.Sprintf("(%s, %s, %s)", sqltext.Literal(t.sql()), cell(order), cell(restaurant))
	}
	rows := []string{rule(o, quoteIf(o.Key), "")}
	if g.lines != nil {
		rows = append(rows, rule(g.lines, quoteIf(g.lines.refTo(o).col), ""))
	}
	if g.modifiers != nil && g.lines != nil {
		r := g.modifiers.refTo(g.lines)
		rows = append(rows, rule(g.modifiers, fmt.Sprintf("(select i.%s from %s i where i.%s = %s.%s)", quoteIf(g.lines.refTo(o).col), g.lines.sql(), quoteIf(r.toCol), quoteIf(g.modifiers.Name), quoteIf(r.col)), ""))
	}
	if g.between != nil {
		rows = append(rows, rule(g.between, quoteIf(g.between.refTo(o).col), ""))
	}
	if g.tenants != nil {
		rows = append(rows, rule(g.tenants, "", quoteIf(g.tenants.Key)))
	}
	seen := []*table{o, g.lines, g.modifiers, g.tenants, g.between}
	for _, t := range []*table{g.users, g.membership, g.places, g.variants, g.items, g.categories, g.options} {
		if t == nil || slices.Contains(seen, t) {
			continue
		}
		seen = append(seen, t)
		if t == g.items && has(t.Name, "order") { // each row is of one order, and not of a menu
			r := g.lines.refTo(t)
			rows = append(rows, rule(t, fmt.Sprintf("array(select i.%s from %s i where i.%s = %s.%s)", quoteIf(g.lines.refTo(o).col), g.lines.sql(), quoteIf(r.col), quoteIf(t.Name), quoteIf(r.toCol)), ""))
			continue
		}
		rows = append(rows, rule(t, "", g.sharedBy(t)))
	}
	g.p("\n-- For each table that the views read: the order of one of its rows, or, where many orders share it, the restaurant.")
	g.p("-- GUESS: array(select id from kitchen.restaurants) tells all of them; name the one, or those, that see the row.")
	g.p("create view kitchen.watch (source, order_id, restaurant_id) as values\n  %s;", strings.Join(rows, ",\n  "))
}

// sharedBy is the restaurant, or the restaurants, of a row that many orders share.
func (g *guess) sharedBy(t *table) string {
	if r := t.refTo(g.tenants); r != nil {
		return quoteIf(r.col)
	}
	if g.tenantOf() == "1" {
		return "1"
	}
	if t == g.users && g.membership != nil {
		m := g.membership
		return fmt.Sprintf("array(select m.%s from %s m where m.%s = %s.%s)", quoteIf(m.refTo(g.tenants).col), m.sql(), quoteIf(m.refTo(t).col), quoteIf(t.Name), quoteIf(m.refTo(t).toCol))
	}
	for _, r := range t.refs {
		if up := r.to.refTo(g.tenants); up != nil && t != g.users {
			return fmt.Sprintf("(select p.%s from %s p where p.%s = %s.%s)", quoteIf(up.col), r.to.sql(), quoteIf(r.toCol), quoteIf(t.Name), quoteIf(r.col))
		}
	}
	return "array(select id from kitchen.restaurants)"
}

// writeSetStatus proposes the function with the host's own words, for a reader to take its comments off.
func (g *guess) writeSetStatus() {
	g.p("\n-- Optional: a function that lets displays move orders on, in the host's own words. Without it they only show.")
	g.p("-- GUESS: mind what your program does beside it when a status changes: times, mails, stock.")
	g.p("-- create function kitchen.set_status(id %s, status text) returns void language sql as $$", g.orders.typeOf(g.orders.Key))
	g.p("--   update %s o set %s = case $2", g.orders.sql(), quoteIf(orElse(g.status, "status")))
	cast := ""
	if typ := g.orders.typeOf(g.status); !sqltext.Word.Fits(typ) && !sqltext.Int.Fits(typ) {
		cast = "::" + typ
	}
	for _, s := range fiveStatuses {
		host := "null -- GUESS: no word of the host is known to mean this"
		if i := slices.IndexFunc(g.words, func(w word) bool { return w.Means == s }); i >= 0 {
			host = g.words[i].SQL + cast
		}
		g.p("--     when '%s' then %s", s, host)
	}
	g.p("--     end where o.%s = $1\n-- $$;", quoteIf(g.orders.Key))
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
