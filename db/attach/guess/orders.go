package guess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kitchen/db/attach/sqltext"
)

// columnOr returns a column, or otherwise where the host does not have it.
func columnOr(alias, otherwise, what, col string) string {
	if col == "" {
		return otherwise + " as " + what
	}
	return as(alias, col, what)
}

// textOr is columnOr for a column that is shown as text.
func textOr(alias string, t *table, otherwise, what, col string) string {
	if typ := t.typeOf(col); col != "" && !sqltext.Word.Fits(typ) {
		return words(alias, t, col) + " as " + what
	}
	return columnOr(alias, otherwise, what, col)
}

func blank(alias string, t *table, what string, names ...string) string {
	col := t.column(names...)
	if col == "" {
		return "'' as " + what
	}
	return fmt.Sprintf("coalesce(%s, '') as %s", words(alias, t, col), what)
}

// words returns SQL for a column as people read it.
func words(alias string, t *table, col string) string {
	if strings.HasSuffix(t.typeOf(col), "[]") {
		return fmt.Sprintf("array_to_string(%s.%s, '; ')", alias, quoteIf(col))
	}
	return fmt.Sprintf("%s.%s::text", alias, quoteIf(col))
}

func (g *guess) writeOrders() {
	o := g.orders
	g.p("\ncreate view kitchen.orders as")
	if g.unnamed {
		g.p("-- GUESS: no table is called like one of orders; %s has lines, a status and a time", o.sql())
	}
	if n := len(o.namesakes); n > 0 {
		g.warnOfNamesakes()
	}
	g.p("select %s, %s,%s", named(o.id("o"), "id"), named(g.tenantOf(), "restaurant_id"), o.keyNote())
	g.writeStatus()
	number := o.column("order_number", "number", "order_no", "daily_number", "ticket_number", "display_id", "increment_id", "document_no", "ticket_no", "token_number", "queue_number", "daily_no", "numero", "reference", "code", "no", "nr", "num", "seq")
	if c := o.column("ticket_id"); number == "" && sqltext.Int.Fits(o.typeOf(c)) && !o.refers(c) && !slices.Contains(o.keys, c) {
		number = c
	}
	switch t := o.typeOf(number); {
	case number == "" && sqltext.Int.Fits(o.idType()):
		g.p("       (%s %% 10000)::integer as order_number, -- GUESS: no column looks like a number that is called out", o.id("o"))
	case number == "" && len(o.keys) == 1 && isWord(o.typeOf(o.keys[0])):
		g.p("       ('0' || right(regexp_replace(%s, '\\D', '', 'g'), 4))::integer as order_number, -- GUESS: the last digits of its key", o.id("o"))
	case number == "":
		g.p("       0 as order_number, -- GUESS: no column looks like a number that is called out")
	case t == "bigint", t == "numeric":
		g.p("       (o.%s %% 1000000000)::integer as order_number,", quoteIf(number))
	case sqltext.Int.Fits(t):
		g.p("       %s,", as("o", number, "order_number"))
	default:
		g.p("       ('0' || right(regexp_replace(o.%s::text, '\\D', '', 'g'), 9))::integer as order_number, -- GUESS: its digits", quoteIf(number))
	}
	priority := o.column("priority")
	if !sqltext.Int.Fits(o.typeOf(priority)) {
		priority = ""
	}
	g.p("       %s, %s,", g.orderType(), columnOr("o", "0", "priority", priority))
	joins := ""
	if r := o.refTo(g.diningTables); r != nil {
		label := cmp.Or(g.diningTables.column("label", "number", "name", "table_number", "table_name", "numero"), g.diningTables.nameOf(), r.toCols[0])
		g.p("       %s, t.%s::text as table_label,", named(r.id("o"), "table_id"), quoteIf(label))
		joins += fmt.Sprintf("\n  left join %s t on %s", g.diningTables.sql(), r.on("t", "o"))
	} else {
		g.p("       null as table_id, %s,", textOr("o", o, "null", "table_label", o.column("table_number", "table_no", "table_name", "table", "mesa", "seat", "table_label", "room")))
	}
	if r := g.takenBy(); r != nil {
		g.p("       %s as created_by, %s, -- GUESS: the user who took the order, and not the guest", r.id("o"), g.userName("w", "created_by_name"))
		joins += fmt.Sprintf("\n  left join %s w on %s", g.users.sql(), r.on("w", "o"))
	} else {
		g.p("       null as created_by, null as created_by_name,")
	}
	g.p("       %s, %s, %s,", g.guest(), blank("o", o, "notes", notes...), blank("o", o, "allergy_note", "allergy_note", "allergies", "allergens", "alergias"))
	g.p("       %s, %s", timestampLike("o", o, "promised_at", "promised", "due_at", "pickup_at", "scheduled", "ready_by"), g.createdAt())
	left := "null::timestamptz as left_at"
	if g.left != "" {
		left = named(timestamp("o", o, g.left), "left_at")
	}
	g.p("       %s", left)
	if g.between != nil {
		r := g.between.refTo(o)
		joins += fmt.Sprintf("\n  join %s b on %s -- GUESS: each order has one row there", g.between.sql(), r.by("b", "o"))
	}
	joins += g.latest()
	if g.timeRef != nil {
		joins += fmt.Sprintf("\n  join %s e on %s", g.timeRef.to.sql(), g.timeRef.on("e", "o"))
	}
	g.end("  from %s o%s%s", o.sql(), joins, conditions(g.isOrder()))
}

// notes are usual names of a column with notes for the kitchen.
var notes = []string{"notes", "note", "special_instructions", "special_request", "special_requests", "kitchen_note", "kitchen_notes", "instructions", "comment", "comments", "customer_note",
	"delivery_instructions", "shipping_note", "remark", "remarks", "observaciones", "observacao", "notas", "nota", "commentaire", "bemerkung", "description"}

// guest returns SQL for the guest's name.
func (g *guess) guest() string {
	o := g.orders
	col := o.column("customer_name", "customer", "guest_name", "client_name", "customer_full_name", "recipient_name", "contact_name", "first_name", "customer_first_name", "cliente", "nombre_cliente", "guest")
	if col == "" || !isWord(o.typeOf(col)) || o.refers(col) {
		col = o.columnLike(isWord, "customername", "guestname", "clientname")
	}
	if col == "" {
		col = o.column("user_email", "customer_email", "email")
	}
	if col == "" {
		return "'' as customer_name"
	}
	return blank("o", o, "customer_name", col)
}

// warnOfNamesakes warns of other tables with the same name, as where each tenant has a schema of its own.
func (g *guess) warnOfNamesakes() {
	for _, t := range g.orders.namesakes {
		if t.Name == g.orders.Name {
			g.p("-- GUESS: there is %s as well, and perhaps more. Where each restaurant has a schema of its own, write one select for each of them and union all", t.sql())
			g.p("-- between, with 'the schema' as restaurant_id and 'the schema-' || o.id as id, here and in the views of lines and modifiers.")
			return
		}
	}
}

// keyNote is a comment on the choice of a key where it is not obvious.
func (t *table) keyNote() string {
	switch {
	case t.shortened:
		return " -- GUESS: " + t.keys[0] + " alone tells the rows of " + t.sql() + " apart"
	case len(t.keys) > 1:
		return " -- GUESS: a key is one value of at most 40 characters"
	}
	return ""
}

// takenBy is the reference to the user who took the order. Where guests are users as well, a column called just user is the guest.
func (g *guess) takenBy() *ref {
	if g.users == nil {
		return nil
	}
	for _, r := range g.orders.refs {
		if r.to == g.users && has(r.cols[0], "waiter", "server", "staff", "employee", "cashier", "created", "owner", "opened", "taken", "person", "seller", "salesrep", "mesero", "garcom") {
			return &r
		}
	}
	return nil
}

// isOrder returns conditions that leave out carts, deleted orders and orders without a restaurant.
func (g *guess) isOrder() (where []string) {
	var carts []string
	for _, w := range g.words {
		if w.Means == "cart" {
			carts = append(carts, w.SQL)
		}
	}
	if len(carts) > 0 {
		_, alias := g.statusTable()
		col := alias + "." + quoteIf(g.status)
		not := fmt.Sprintf("%s not in (%s)", col, strings.Join(carts, ", "))
		if g.nulls {
			not = fmt.Sprintf("(%s is null or %s)", col, not)
		}
		where = append(where, not+" -- GUESS: these are no orders yet")
	}
	where = append(where, notDeleted("o", g.orders)...)
	if g.placed != "" {
		where = append(where, "o."+quoteIf(g.placed)+" is not null -- GUESS: what was not placed is no order yet")
	}
	for _, c := range g.orders.droppedKeys {
		where = append(where, "true -- GUESS: "+quoteIf(c)+" tells several rows of an order apart: say here which of them counts")
	}
	if tenant := g.tenantOf(); tenant != "1" && !slices.Contains(where, tenant+" is not null") {
		where = append(where, tenant+" is not null")
	}
	return where
}

// notDeleted returns conditions that leave out rows that the host has marked as deleted.
func notDeleted(alias string, t *table) []string {
	if c := t.column("deleted_at", "removed_at", "voided_at"); c != "" {
		return []string{alias + "." + quoteIf(c) + " is null"}
	}
	if c := t.column("is_deleted", "deleted", "is_removed", "removed"); c != "" && t.typeOf(c) == "boolean" {
		return []string{alias + "." + quoteIf(c) + " is not true"}
	}
	return nil
}
