package guess

import (
	"cmp"
	"fmt"
	"kitchen/db/attach/sqltext"
	"strings"
)

// tenantOf is SQL of an order's restaurant; 1 where there is but one.
func (g *guess) tenantOf() string {
	switch r := g.orders.refTo(g.tenants); {
	case r != nil:
		return "o." + quoteIf(r.col)
	case g.between != nil:
		return "b." + quoteIf(g.between.refTo(g.tenants).col)
	}
	if c := g.orders.column("restaurant_id", "branch_id", "store_id", "shop_id", "location_id", "vendor_id", "tenant_id"); c != "" {
		return "o." + quoteIf(c)
	}
	return "1"
}

func (g *guess) writeRestaurants() {
	g.p("create view kitchen.restaurants as")
	tenant := g.tenantOf()
	switch t := g.tenants; {
	case t != nil:
		name := cmp.Or(t.column("name", "title", "label"), t.nameOf(), t.column("code", "slug"), t.Key)
		g.p("select %s, r.%s::text as name, %s -- GUESS: a restaurant is a row of %s", as("r", t.Key, "id"), quoteIf(name), cmp.Or(g.zone, "'UTC' as timezone"), t.sql())
		g.p("  from %s r;", t.sql())
	case tenant == "1":
		g.p("select 1 as id, 'The restaurant' as name, 'UTC' as timezone; -- GUESS: no order refers to a table of restaurants, so there is one")
	default:
		g.p("select distinct %[1]s as id, %[1]s::text as name, 'UTC' as timezone -- GUESS: there is no table of restaurants", tenant)
		g.p("  from %s o where %s is not null;", g.orders.sql(), tenant)
	}
}

// role is the table and column with the word for what a user may do: by restaurant before by user.
func (g *guess) role() (*table, string) {
	for _, t := range []*table{g.membership, g.users} {
		if c := t.column("role", "user_role", "position", "type", "job"); c != "" {
			return t, c
		}
	}
	return nil, ""
}

func (g *guess) writeUsers() {
	u, tenant := g.users, g.tenantOf()
	g.p("\n-- One row for each restaurant in which a user may do something. Roles are owner, manager, cashier, kitchen, viewer, screen.")
	g.p("create view kitchen.users as")
	if u == nil {
		g.p("select r.id, r.id as restaurant_id, 'Kitchen'::text as name, 'kitchen'::text as role, true as is_active -- GUESS: no table looks like one of users")
		g.p("  from kitchen.restaurants r;")
		return
	}
	from, of := u.sql()+" u", "r.id"
	var where []string
	if c := u.column("is_staff"); g.membership == nil && u.refTo(g.tenants) == nil && u.typeOf(c) == "boolean" {
		where = append(where, "u."+quoteIf(c)) // the others are guests
	}
	switch r := u.refTo(g.tenants); {
	case r != nil:
		of = "u." + quoteIf(r.col)
		where = append(where, of+" is not null")
	case g.membership != nil:
		m := g.membership
		of = "m." + quoteIf(m.refTo(g.tenants).col)
		from += fmt.Sprintf("\n  join %s m on m.%s = u.%s", m.sql(), quoteIf(m.refTo(u).col), quoteIf(m.refTo(u).toCol))
	case tenant == "1":
		of = "1"
	default:
		from += "\n cross join kitchen.restaurants r -- GUESS: nothing says who works where, so all may use all: change it"
	}
	g.p("select %s, %s as restaurant_id, %s,", as("u", u.Key, "id"), of, g.userName("u", "name"))
	t, col := g.role()
	alias := "u."
	if t == g.membership {
		alias = "m."
	}
	if col == "" || len(g.roles) == 0 {
		g.p("       'kitchen' as role, -- GUESS: nothing says what a user may do")
	} else {
		g.p("       case %s%s", alias, quoteIf(col))
		var nobody []string
		for _, w := range g.roles {
			switch w.Means {
			case "nobody":
				nobody = append(nobody, w.SQL)
			case "":
				g.p("         when %s then 'viewer' -- GUESS: what may this one do?", w.SQL)
			default:
				g.p("         when %s then '%s'", w.SQL, w.Means)
			}
		}
		g.p("         else 'viewer'\n       end as role, -- GUESS: a viewer may look, and move no order")
		if len(nobody) > 0 {
			where = append(where, fmt.Sprintf("%s%s not in (%s)", alias, quoteIf(col), strings.Join(nobody, ", ")))
		}
	}
	g.p("       %s", activity(u))
	g.end("  from %s%s", from, conditions(where))
}

// userName is SQL of a user's name.
func (g *guess) userName(alias, what string) string {
	var parts []string
	for _, c := range []string{"name", "full_name", "display_name", "first_name", "username", "user_login", "login", "email"} {
		if c = g.users.column(c); c != "" && sqltext.Word.Fits(g.users.typeOf(c)) && len(parts) < 2 {
			parts = append(parts, fmt.Sprintf("nullif(%s.%s, '')", alias, quoteIf(c)))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%s.%s::text as %s", alias, quoteIf(g.users.Key), what)
	}
	return fmt.Sprintf("coalesce(%s, %s.%s::text) as %s", strings.Join(parts, ", "), alias, quoteIf(g.users.Key), what)
}

func activity(u *table) string {
	if c := u.column("is_active", "active", "enabled"); c != "" && u.typeOf(c) == "boolean" {
		return "coalesce(u." + quoteIf(c) + ", false) as is_active"
	}
	if c := u.column("deleted_at", "disabled_at"); c != "" {
		return "u." + quoteIf(c) + " is null as is_active"
	}
	return "true as is_active -- GUESS"
}

// conditions is a where clause, or nothing.
func conditions(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return "\n where " + strings.Join(all, "\n   and ")
}

// end prints the last lines of a statement, with the semicolon before a comment.
func (g *guess) end(format string, args ...any) {
	sql := fmt.Sprintf(format, args...)
	last := sql[strings.LastIndex(sql, "\n")+1:]
	code, comment, _ := strings.Cut(last, " -- ")
	if comment != "" {
		comment = " -- " + comment
	}
	g.p("%s", strings.TrimSuffix(sql, last)+code+";"+comment)
}

// as is a column under the name that the view gives it.
func as(alias, col, what string) string {
	if col == what {
		return alias + "." + quoteIf(col)
	}
	return alias + "." + quoteIf(col) + " as " + what
}
