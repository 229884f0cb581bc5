package attach

import (
	"fmt"
	"slices"
	"strings"
)

// meanings are words that hosts use for a status, and which of the five they most often mean; without an entry nobody can know.
var meanings = map[string][]string{
	"pending":   {"pending", "new", "placed", "open", "accepted", "confirmed", "received", "created", "submitted", "queued", "paid", "pendingapproval", "processing"},
	"preparing": {"preparing", "cooking", "started", "inprogress", "inpreparation", "inkitchen", "beingprocessed"},
	"ready":     {"ready", "prepared", "readyforpickup", "cooked"},
	"completed": {"completed", "complete", "done", "served", "delivered", "fulfilled", "closed", "finished", "pickedup", "shipped"},
	"cancelled": {"cancelled", "canceled", "cancel", "void", "voided", "refused", "rejected", "refunded", "failed"},
}

// carts are words for what is no order yet.
var carts = []string{"cart", "draft", "basket", "building", "checkout", "addingitems", "incomplete", "awaitingpayment", "pendingpayment"}

func meaning(word string) string {
	plain := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(word))
	for _, status := range []string{"pending", "preparing", "ready", "completed", "cancelled"} {
		if slices.Contains(meanings[status], plain) {
			return status
		}
	}
	if slices.Contains(carts, plain) {
		return "cart"
	}
	return ""
}

// choice is an expression, and the comment that says that it was guessed.
func choice(alias, col, otherwise, what string) string {
	if col == "" {
		return otherwise + " as " + what
	}
	if col == what {
		return alias + "." + quoteIf(col)
	}
	return alias + "." + quoteIf(col) + " as " + what
}

func (g *guess) plain(alias string, t *table, otherwise, what string, names ...string) string {
	return choice(alias, t.column(names...), otherwise, what)
}

// moment is a time column as a timestamptz.
func (g *guess) moment(alias string, t *table, what string, names ...string) string {
	col := t.column(names...)
	switch {
	case col == "":
		return "null::timestamptz as " + what
	case t.typeOf(col) == "timestamp without time zone":
		return fmt.Sprintf("%s.%s at time zone 'UTC' as %s", alias, quoteIf(col), what)
	}
	return choice(alias, col, "", what)
}

// write prints the mapping.
func (g *guess) write() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	o := g.orders
	p("-- Guessed from this database's tables. Read every line that says GUESS, mend it, and let kitchen attach check prove it.\n")

	tenant, tenantCol := g.tenants, ""
	if r := o.refTo(tenant); r != nil {
		tenantCol = "o." + quoteIf(r.col)
	}
	if tenant == nil {
		if c := o.column("restaurant_id", "branch_id", "store_id", "shop_id", "location_id", "vendor_id", "tenant_id"); c != "" {
			tenantCol = "o." + quoteIf(c)
		} else {
			tenantCol = "1"
		}
	}
	p("create view kitchen.restaurants as")
	if tenant != nil {
		p("select r.%s as id, %s, %s -- GUESS: a restaurant is a row of %s", quoteIf(tenant.column("id", o.refTo(tenant).toCol)), g.plain("r", tenant, "r."+quoteIf(o.refTo(tenant).toCol)+"::text", "name", "name", "title", "label", "code"),
			g.plain("r", tenant, "'UTC'", "timezone", "timezone", "time_zone", "tz"), tenant.sql())
		p("  from %s r;", tenant.sql())
	} else if tenantCol == "1" {
		p("select 1 as id, 'The restaurant' as name, 'UTC' as timezone; -- GUESS: no table looks like one of restaurants, so there is one")
	} else {
		p("select distinct %s as id, %s::text as name, 'UTC' as timezone -- GUESS: there is no table of restaurants", tenantCol, tenantCol)
		p("  from %s o where %s is not null;", o.sql(), tenantCol)
	}

	u := g.users
	p("\n-- One row for each restaurant in which a user may do something. Roles are owner, manager, cashier, kitchen, viewer, screen.")
	p("create view kitchen.users as")
	if u == nil {
		p("select r.id, r.id as restaurant_id, 'Kitchen'::text as name, 'kitchen'::text as role, true as is_active -- GUESS: no table looks like one of users")
		p("  from kitchen.restaurants r;")
	} else {
		from, of := u.sql()+" u", ""
		switch {
		case u.refTo(tenant) != nil:
			of = "u." + quoteIf(u.refTo(tenant).col)
		case g.membership != nil:
			m := g.membership
			of = "m." + quoteIf(m.refTo(tenant).col)
			from += fmt.Sprintf("\n  join %s m on m.%s = u.%s", m.sql(), quoteIf(m.refTo(u).col), quoteIf(m.refTo(u).toCol))
		case tenantCol == "1":
			of = "1"
		default:
			of = "r.id"
			from += "\n cross join kitchen.restaurants r -- GUESS: nothing says who works where, so all may use all: change it"
		}
		role := u.column("role", "user_role", "type")
		p("select u.%s as id, %s as restaurant_id, %s,", quoteIf(u.column("id", u.Columns[0])), of, g.plain("u", u, "'User'", "name", "name", "full_name", "display_name", "first_name", "username", "login", "email"))
		if role != "" {
			p("       lower(u.%s::text) as role, -- GUESS: these are the six roles; map others", quoteIf(role))
		} else {
			p("       'kitchen' as role, -- GUESS")
		}
		p("       %s", activity(u))
		p("  from %s\n where %s is not null;", from, of)
	}

	g.writeOrders(p, tenantCol)
	g.writeLines(p)
	g.writeWatch(p, tenantCol)
	return b.String()
}

func activity(u *table) string {
	if c := u.column("is_active", "active", "enabled", "isActive"); c != "" && u.typeOf(c) == "boolean" {
		return choice("u", c, "", "is_active")
	}
	if c := u.column("deleted_at", "disabled_at", "deletedAt"); c != "" {
		return "u." + quoteIf(c) + " is null as is_active"
	}
	return "true as is_active -- GUESS"
}

func (g *guess) writeOrders(p func(string, ...any), tenantCol string) {
	o := g.orders
	id := quoteIf(o.column("id", o.Columns[0]))
	p("\ncreate view kitchen.orders as\nselect o.%s as id, %s as restaurant_id,", id, tenantCol)
	var open, notOrders []string
	p("       case o.%s::text", quoteIf(orElse(g.status, "status")))
	for _, w := range g.words {
		switch m := meaning(w); m {
		case "cart":
			notOrders = append(notOrders, literal(w))
		case "":
			p("         when %s then null -- GUESS: what does it mean? One of pending, preparing, ready, completed, cancelled, or no order: add it to the where clause", literal(w))
		default:
			if m != "completed" && m != "cancelled" {
				open = append(open, literal(w))
			}
			p("         when %s then '%s'", literal(w), m)
		}
	}
	p("       end as status, -- GUESS: words that no order has today are missing")
	cast := ""
	if t := o.typeOf(g.status); t != "text" && t != "character varying" {
		cast = "::text"
	}
	p("       o.%s%s in (%s) as open,", quoteIf(orElse(g.status, "status")), cast, orElse(strings.Join(open, ", "), "'pending', 'preparing', 'ready'"))
	number := o.column("order_number", "number", "daily_number", "ticket_number", "reference", "code")
	switch t := o.typeOf(number); {
	case number == "" || t == "":
		p("       0 as order_number, -- GUESS: no column looks like a number that is called out")
	case anInt.fits(t):
		p("       o.%s as order_number,", quoteIf(number))
	default:
		p("       ('0' || right(regexp_replace(o.%s::text, '\\D', '', 'g'), 9))::integer as order_number, -- GUESS: its digits", quoteIf(number))
	}
	p("       %s, %s,", textual("o", o, "'dine_in'", "order_type", "order_type", "type", "channel", "service_type"), g.plain("o", o, "0", "priority", "priority"))
	joins := ""
	if r := o.refTo(g.places); r != nil {
		label := orElse(g.places.column("label", "number", "name", "table_number"), r.toCol)
		p("       o.%s as table_id, t.%s::text as table_label,", quoteIf(r.col), quoteIf(label))
		joins += fmt.Sprintf("\n  left join %s t on t.%s = o.%s", g.places.sql(), quoteIf(r.toCol), quoteIf(r.col))
	} else {
		p("       null as table_id, %s,", textual("o", o, "null", "table_label", "table_number", "table_name", "table"))
	}
	if r := o.refTo(g.users); r != nil {
		name := orElse(g.users.column("name", "full_name", "first_name", "username", "login", "email"), r.toCol)
		p("       o.%s as created_by, w.%s::text as created_by_name, -- GUESS: whoever took the order, and not the guest", quoteIf(r.col), quoteIf(name))
		joins += fmt.Sprintf("\n  left join %s w on w.%s = o.%s", g.users.sql(), quoteIf(r.toCol), quoteIf(r.col))
	} else {
		p("       null as created_by, null as created_by_name,")
	}
	p("       %s, %s, %s,", blank("o", o, "customer_name", "customer_name", "customer", "guest_name", "email"),
		blank("o", o, "notes", "notes", "note", "special_instructions", "instructions", "comment"), blank("o", o, "allergy_note", "allergy_note", "allergies"))
	created := o.column("placed_at", "created_at", "created", "createdAt", "date_placed", "date_created", "date_order", "ordered_at")
	if created == "" {
		p("       %s, now() as created_at, -- GUESS: no column says when; the check will not let it be", g.moment("o", o, "promised_at", "promised_at", "due_at", "pickup_at"))
	} else {
		p("       %s, %s,", g.moment("o", o, "promised_at", "promised_at", "due_at", "pickup_at", "scheduled_for"), g.moment("o", o, "created_at", created))
	}
	p("       %s", g.moment("o", o, "left_at", "completed_at", "closed_at", "finished_at", "delivered_at", "completedAt"))
	p("  from %s o%s", o.sql(), joins)
	if len(notOrders) > 0 {
		p(" where o.%s%s not in (%s) -- GUESS: these are no orders yet", quoteIf(g.status), cast, strings.Join(notOrders, ", "))
		if tenantCol != "1" {
			p("   and %s is not null;", tenantCol)
		} else {
			p(";")
		}
	} else if tenantCol != "1" {
		p(" where %s is not null;", tenantCol)
	} else {
		p(";")
	}
}
