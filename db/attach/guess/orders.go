package guess

import (
	"cmp"
	"fmt"
	"kitchen/db/attach/sqltext"
	"slices"
	"strings"
)

// flags are columns of yes and no, or of a time, that say more than the status does, and what they say.
var flags = []struct{ status, columns string }{
	{"cancelled", "voided cancelled canceled is_cancelled is_canceled is_voided"},
	{"completed", "settled closed completed served delivered is_completed is_closed is_served is_done"},
}

// plain is a column, or what stands for one that the host does not have.
func plain(alias string, t *table, otherwise, what, col string) string {
	if col == "" {
		return otherwise + " as " + what
	}
	return as(alias, col, what)
}

// textual is a column as text.
func textual(alias string, t *table, otherwise, what, col string) string {
	if typ := t.typeOf(col); col != "" && !sqltext.Word.Fits(typ) {
		return fmt.Sprintf("%s.%s::text as %s", alias, quoteIf(col), what)
	}
	return plain(alias, t, otherwise, what, col)
}

func blank(alias string, t *table, what string, names ...string) string {
	col := t.column(names...)
	if col == "" {
		return "'' as " + what
	}
	return fmt.Sprintf("coalesce(%s.%s::text, '') as %s", alias, quoteIf(col), what)
}

// moment is a time column as a timestamptz.
func moment(alias string, t *table, what string, words ...string) string {
	col := t.columnLike(isTime, words...)
	switch {
	case col == "":
		return "null::timestamptz as " + what
	case t.typeOf(col) == "timestamp without time zone":
		return fmt.Sprintf("%s.%s at time zone 'UTC' as %s", alias, quoteIf(col), what)
	}
	return as(alias, col, what)
}

// flagged are the conditions of the orders' table that make an order cancelled or completed, whatever its status.
func (g *guess) flagged() (whens, not []string) {
	for _, f := range flags {
		for _, c := range strings.Fields(f.columns) {
			if c = g.orders.column(c); c != "" && g.orders.typeOf(c) == "boolean" {
				whens = append(whens, fmt.Sprintf("when o.%s then '%s'", quoteIf(c), f.status))
				not = append(not, "o."+quoteIf(c)+" is not true")
			}
		}
	}
	return whens, not
}

// writeStatus prints the columns status and open.
func (g *guess) writeStatus() {
	whens, open := g.flagged()
	if g.status == "" {
		status, isOpen := "'pending'", "true"
		if len(whens) > 0 {
			status, isOpen = "case "+strings.Join(whens, " ")+" else 'pending' end", strings.Join(open, " and ")
		}
		g.p("       %s as status, -- GUESS: no column looks like a status\n       %s as open,", status, isOpen)
		return
	}
	col := "o." + quoteIf(g.status)
	head, is := "case "+col, func(w string) string { return w }
	if len(whens) > 0 || g.nulls {
		head, is = "case", func(w string) string { return col + " = " + w }
	}
	g.p("       %s", head)
	for _, w := range whens {
		g.p("         %s -- GUESS", w)
	}
	if g.nulls {
		g.p("         when %s is null then 'pending' -- GUESS: some orders have no status", col)
	}
	var words []string
	for _, w := range g.words {
		name := ""
		if w.Name != "" {
			name = " -- " + w.Name
		}
		switch w.Means {
		case "cart":
		case "":
			g.p("         when %s then null%s -- GUESS: what does it mean? One of pending, preparing, ready, completed, cancelled, or no order: add it to the where clause", is(w.SQL), name)
		default:
			if w.Means != "completed" && w.Means != "cancelled" {
				words = append(words, w.SQL)
			}
			g.p("         when %s then '%s'%s", is(w.SQL), w.Means, name)
		}
	}
	if len(g.words) == 0 {
		g.p("         when %s then 'pending' -- GUESS: there are no orders yet, whose words could be read", is(g.noWord()))
		words = append(words, g.noWord())
	}
	g.p("       end as status, -- GUESS: words that no order has today are missing")
	said := ""
	if len(words) == 0 {
		said, words = " -- GUESS: name here those that are pending, preparing or ready", []string{g.noWord()}
	}
	in := fmt.Sprintf("%s in (%s)", col, strings.Join(words, ", "))
	if g.nulls {
		in = fmt.Sprintf("(%s is null or %s)", col, in)
	}
	g.p("       %s as open,%s", strings.Join(append([]string{in}, open...), " and "), said)
}

// noWord is a value of the status column's type.
func (g *guess) noWord() string {
	switch t := g.orders.typeOf(g.status); {
	case sqltext.Int.Fits(t):
		return "0"
	case t == "boolean":
		return "false"
	case t == "uuid":
		return "'00000000-0000-0000-0000-000000000000'"
	}
	return "'pending'"
}

func (g *guess) writeOrders() {
	o := g.orders
	g.p("\ncreate view kitchen.orders as\nselect %s, %s as restaurant_id,", as("o", o.Key, "id"), g.tenantOf())
	g.writeStatus()
	number := o.column("order_number", "number", "order_no", "daily_number", "ticket_number", "display_id", "increment_id", "reference", "code")
	switch t := o.typeOf(number); {
	case number == "" && sqltext.Int.Fits(o.typeOf(o.Key)):
		g.p("       (o.%s %% 10000)::integer as order_number, -- GUESS: no column looks like a number that is called out", quoteIf(o.Key))
	case number == "":
		g.p("       0 as order_number, -- GUESS: no column looks like a number that is called out")
	case t == "bigint":
		g.p("       o.%s::integer as order_number,", quoteIf(number))
	case sqltext.Int.Fits(t):
		g.p("       %s,", as("o", number, "order_number"))
	default:
		g.p("       ('0' || right(regexp_replace(o.%s::text, '\\D', '', 'g'), 9))::integer as order_number, -- GUESS: its digits", quoteIf(number))
	}
	priority := o.column("priority")
	if !sqltext.Int.Fits(o.typeOf(priority)) {
		priority = ""
	}
	g.p("       %s, %s,", g.orderType(), plain("o", o, "0", "priority", priority))
	joins := ""
	if r := o.refTo(g.places); r != nil {
		label := cmp.Or(g.places.column("label", "number", "name", "table_number", "table_name"), r.toCol)
		g.p("       o.%s as table_id, t.%s::text as table_label,", quoteIf(r.col), quoteIf(label))
		joins += fmt.Sprintf("\n  left join %s t on t.%s = o.%s", g.places.sql(), quoteIf(r.toCol), quoteIf(r.col))
	} else {
		g.p("       null as table_id, %s,", textual("o", o, "null", "table_label", o.column("table_number", "table_no", "table_name", "table")))
	}
	if r := g.takenBy(); r != nil {
		g.p("       o.%s as created_by, %s, -- GUESS: whoever took the order, and not the guest", quoteIf(r.col), g.userName("w", "created_by_name"))
		joins += fmt.Sprintf("\n  left join %s w on w.%s = o.%s", g.users.sql(), quoteIf(r.toCol), quoteIf(r.col))
	} else {
		g.p("       null as created_by, null as created_by_name,")
	}
	g.p("       %s, %s, %s,", blank("o", o, "customer_name", "customer_name", "customer", "guest_name", "client_name", "first_name", "customer_first_name", "user_email", "email"),
		blank("o", o, "notes", "notes", "note", "special_instructions", "instructions", "comment", "comments", "customer_note", "remark"), blank("o", o, "allergy_note", "allergy_note", "allergies"))
	promised := moment("o", o, "promised_at", "promised", "due_at", "pickup_at", "scheduled", "ready_by")
	if created := moment("o", o, "created_at", "placed", "ordered_at", "created", "create", "order_date", "date_order", "date"); strings.HasPrefix(created, "null") {
		g.p("       %s, now() as created_at, -- GUESS: no column says when; the check will not let it be", promised)
	} else {
		g.p("       %s, %s,", promised, created)
	}
	g.p("       %s", moment("o", o, "left_at", "completed", "closed", "closing", "finished", "served", "delivered_at"))
	if g.between != nil {
		r := g.between.refTo(o)
		joins += fmt.Sprintf("\n  join %s b on b.%s = o.%s -- GUESS: each order has one row there", g.between.sql(), quoteIf(r.col), quoteIf(r.toCol))
	}
	g.end("  from %s o%s%s", o.sql(), joins, conditions(g.isOrder()))
}

// orderType is how the guest gets the order, where a column of words says it.
func (g *guess) orderType() string {
	col := g.orders.column("order_type", "service_type", "fulfillment_type", "delivery_type", "ticket_type", "type", "channel")
	if t := g.orders.typeOf(col); sqltext.Int.Fits(t) || t == "boolean" {
		return "'dine_in' as order_type /* GUESS: " + col + " has numbers: map them to dine_in, takeaway, delivery */"
	}
	return textual("o", g.orders, "'dine_in'", "order_type", col)
}

// takenBy is the reference to whoever took the order. A plain user of an order is the guest, where users are guests as well.
func (g *guess) takenBy() *ref {
	if g.users == nil {
		return nil
	}
	for _, r := range g.orders.refs {
		if r.to == g.users && has(r.col, "waiter", "server", "staff", "employee", "cashier", "created", "owner", "opened", "taken", "seller") {
			return &r
		}
	}
	return nil
}

// isOrder is what the where clause leaves out: carts, what was deleted, what has no restaurant.
func (g *guess) isOrder() (where []string) {
	var carts []string
	for _, w := range g.words {
		if w.Means == "cart" {
			carts = append(carts, w.SQL)
		}
	}
	if len(carts) > 0 {
		col := "o." + quoteIf(g.status)
		not := fmt.Sprintf("%s not in (%s)", col, strings.Join(carts, ", "))
		if g.nulls {
			not = fmt.Sprintf("(%s is null or %s)", col, not)
		}
		where = append(where, not+" -- GUESS: these are no orders yet")
	}
	where = append(where, kept("o", g.orders)...)
	if tenant := g.tenantOf(); tenant != "1" && !slices.Contains(where, tenant+" is not null") {
		where = append(where, tenant+" is not null")
	}
	return where
}

// kept leaves out rows that the host has marked as deleted.
func kept(alias string, t *table) []string {
	if c := t.column("deleted_at"); c != "" {
		return []string{alias + "." + quoteIf(c) + " is null"}
	}
	if c := t.column("is_deleted", "deleted"); c != "" && t.typeOf(c) == "boolean" {
		return []string{alias + "." + quoteIf(c) + " is not true"}
	}
	return nil
}
